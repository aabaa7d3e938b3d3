//! A model of GitHub's license sync. It matches every account of the instances that it knows by the SAML
//! NameID, then by verified addresses, keeps the merges of accounts whose address did not change, and reports
//! the result. Suspended accounts, `ghost` and `scim-admin` do not reach it. It must not know how oneseat
//! counts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::naive::cloud::key;

/// A Cloud account.
#[derive(Clone, Debug)]
pub struct Person {
    pub login: String,
    pub name_id: Option<String>,
    pub verified: Vec<String>,
}

/// A Server account.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: u64,
    pub login: String,
    pub primary: Option<String>,
    pub suspended: bool,
}

/// Host and id.
pub type Place = (String, u64);

/// What GitHub knows since the last sync.
#[derive(Clone, Debug, Default)]
pub struct GitHub {
    pub people: Vec<Person>,
    /// Rows about neither a Cloud nor a Server account: invitations, subscribers.
    pub others: Vec<Value>,
    /// The address of each account that takes part.
    accounts: BTreeMap<Place, Option<String>>,
    /// The logins of the Cloud accounts that Server accounts are merged into.
    merged: BTreeMap<Place, String>,
}

impl GitHub {
    /// A sync of these instances.
    pub fn sync(&mut self, instances: &BTreeMap<String, Vec<Account>>) {
        let (before, merged_before) = (self.accounts.clone(), self.merged.clone());
        self.accounts.retain(|(host, _), _| !instances.contains_key(host));
        for (host, accounts) in instances {
            let no_person = ["ghost", "scim-admin"];
            for it in accounts.iter().filter(|it| !it.suspended && !no_person.contains(&&*it.login))
            {
                self.accounts.insert((host.clone(), it.id), it.primary.clone());
            }
        }
        let accounts = &self.accounts;
        let people: BTreeSet<&String> = self.people.iter().map(|it| &it.login).collect();
        self.merged.retain(|place, login| {
            let address = |all: &BTreeMap<Place, Option<String>>| all.get(place).and_then(as_key);
            address(accounts).is_some()
                && address(accounts) == address(&before)
                && people.contains(login)
        });
        self.rematch(&merged_before);
    }

    /// Merges an account by a value that no report shows.
    pub fn merge_by_something_else(&mut self, place: &Place, login: &str) {
        self.merged.insert(place.clone(), login.to_owned());
        self.rematch(&self.merged.clone());
    }

    /// The accounts with an address that are not merged.
    pub fn unmatched(&self) -> Vec<Place> {
        let with_address = self.accounts.iter().filter(|(_, address)| as_key(address).is_some());
        with_address
            .map(|(it, _)| it)
            .filter(|it| !self.merged.contains_key(*it))
            .cloned()
            .collect()
    }

    /// Whether an account of these instances would have taken over the address of another one that is merged
    /// into the same Cloud account. Then an earlier report cannot show whose address it was.
    pub fn swaps(&self, instances: &BTreeMap<String, Vec<Account>>) -> bool {
        let accounts =
            instances.iter().flat_map(|(host, all)| all.iter().map(move |it| (host, it)));
        accounts.into_iter().any(|(host, account)| {
            let place = (host.clone(), account.id);
            let Some(login) = self.merged.get(&place) else { return false };
            let e = as_key(&account.primary);
            let of_row =
                self.merged.iter().filter(|(other, its)| *its == login && **other != place);
            let mut of_row = of_row.map(|(other, _)| as_key(&self.accounts[other]));
            e != as_key(&self.accounts[&place]) && e.is_some() && of_row.any(|it| it == e)
        })
    }

    fn rematch(&mut self, before: &BTreeMap<Place, String>) {
        let mut matched: BTreeMap<Place, (u8, String)> = BTreeMap::new();
        let mut groups: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for (place, address) in &self.accounts {
            let Some(e) = as_key(address) else { continue };
            groups.entry(e.clone()).or_default().push(place.clone());
            let by_name_id =
                self.chosen(before.get(place), |it| as_key(&it.name_id).as_ref() == Some(&e));
            let has = |it: &Person| it.verified.iter().any(|it| key(it).as_ref() == Some(&e));
            let by_verified = self.chosen(before.get(place), has);
            let kept = self.merged.get(place).cloned();
            let found = by_name_id.map(|it| (0, it));
            let found = found.or(by_verified.map(|it| (1, it))).or(kept.map(|it| (2, it)));
            matched.extend(found.map(|found| (place.clone(), found)));
        }
        self.merged =
            matched.iter().map(|(place, (_, login))| (place.clone(), login.clone())).collect();
        for group in groups.values() {
            let best = group.iter().filter_map(|it| Some((matched.get(it)?.0, it))).min();
            let Some(login) = best.map(|(_, place)| matched[place].1.clone()) else { continue };
            for place in group {
                self.merged.entry(place.clone()).or_insert_with(|| login.clone());
            }
        }
    }

    /// Of several people, the one whom the account has been merged with, or else the first.
    fn chosen(
        &self,
        before: Option<&String>,
        is_meant: impl Fn(&Person) -> bool,
    ) -> Option<String> {
        let logins = self.people.iter().filter(|it| is_meant(it)).map(|it| it.login.clone());
        logins.min_by_key(|login| (before != Some(login), login.clone()))
    }

    /// The report: a row for each person, and one for each group of unmatched accounts.
    pub fn report(&self) -> String {
        let mut users = Vec::new();
        for person in &self.people {
            let places = self.merged.iter().filter(|(_, login)| **login == person.login);
            let mut user = self.row(&places.map(|(place, _)| place).collect::<Vec<_>>());
            user["github_com_login"] = json!(person.login);
            user["github_com_user"] = json!(true);
            user["github_com_saml_name_id"] = json!(person.name_id);
            user["github_com_verified_domain_emails"] = json!(person.verified);
            users.push(user);
        }
        let mut groups: BTreeMap<(Option<String>, Option<&Place>), Vec<&Place>> = BTreeMap::new();
        for (place, address) in self.accounts.iter().filter(|it| !self.merged.contains_key(it.0)) {
            let e = as_key(address);
            let alone = e.is_none().then_some(place);
            groups.entry((e, alone)).or_default().push(place);
        }
        users.extend(groups.values().map(|places| self.row(places)));
        users.extend(self.others.iter().cloned());
        json!({"total_seats_consumed": users.len(), "total_seats_purchased": 50, "users": users})
            .to_string()
    }

    fn row(&self, places: &[&Place]) -> Value {
        let ids: Vec<String> = places.iter().map(|(host, id)| format!("{host}:{id}")).collect();
        let emails: BTreeSet<&String> =
            places.iter().filter_map(|place| self.accounts[*place].as_ref()).collect();
        json!({
            "github_com_login": "",
            "github_com_user": false,
            "enterprise_server_user": !places.is_empty(),
            "enterprise_server_user_ids": ids,
            "enterprise_server_primary_emails": emails,
            "license_type": "Enterprise",
        })
    }
}

fn as_key(address: &Option<String>) -> Option<String> {
    address.as_deref().and_then(key)
}

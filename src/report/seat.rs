//! Describes a seat in words: its holder, and how it differs between two instants. The words come from the
//! stored records of the seat's accounts. A property that the file of only one of the instants can state is no
//! difference (architecture.md section 2).

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::email;
use crate::error::Result;
use crate::ledger::{Enterprise, Ledger};
use crate::model::{AccountIx, AddressKind, Record, SourceKind, account_of, compare_ids};
use crate::people::SeatOf;

/// Who has a seat: the login, id, host, name and address that are printed for it.
#[derive(Debug, Clone)]
pub struct SeatHolder {
    pub kind: &'static str,
    pub login: Option<String>,
    pub host: Option<String>,
    pub id: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub detail: String,
}

impl SeatHolder {
    /// The same holder with another detail, which says why the seat is listed.
    pub fn because(mut self, detail: String) -> SeatHolder {
        self.detail = detail;
        self
    }

    /// The order in which seats are listed: by kind, host, id, login, address, name and detail.
    pub fn compare(&self, other: &SeatHolder) -> Ordering {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let login = |told: &SeatHolder| told.login.as_deref().map(email::login_key);
        self.kind
            .cmp(other.kind)
            .then_with(|| self.host.cmp(&other.host))
            .then_with(|| compare_ids(&text(&self.id), &text(&other.id)))
            .then_with(|| login(self).cmp(&login(other)))
            .then_with(|| self.email.cmp(&other.email))
            .then_with(|| (&self.name, &self.detail).cmp(&(&other.name, &other.detail)))
    }
}

/// What the files state about a seat, collected from the records of its accounts. Two values are compared to
/// find what changed.
pub struct SeatDetails {
    told: SeatHolder,
    /// The display name of the person; `None` if the formats of the files cannot state one.
    name: Option<String>,
    organizations: Option<BTreeSet<String>>,
    /// The logins of the seat's Server accounts, by host and id.
    logins: BTreeMap<(String, String), String>,
    addresses: BTreeSet<(AddressKind, String)>,
    /// The kinds of address that the formats of the seat's files can state. Addresses of other kinds are
    /// unknown, and are not compared.
    sayable: BTreeSet<AddressKind>,
    kind: &'static str,
}

/// Reads what the files state about a seat from the records of its accounts.
///
/// # Errors
/// If the database cannot be read.
pub fn teller(
    ledger: &Ledger<'_>,
    enterprise: &Enterprise<'_>,
    seat: &SeatOf,
) -> Result<SeatDetails> {
    let mut teller = SeatDetails {
        told: SeatHolder {
            kind: if seat.row.is_some() { "cloud" } else { "server" },
            login: None,
            host: None,
            id: None,
            name: None,
            email: None,
            detail: String::new(),
        },
        name: None,
        organizations: None,
        logins: BTreeMap::new(),
        addresses: BTreeSet::new(),
        sayable: BTreeSet::from([AddressKind::Primary]),
        kind: match (seat.row, seat.accounts.is_empty()) {
            (Some(_), true) => "Cloud only",
            (Some(_), false) => "Cloud and Server",
            (None, _) => "Server only",
        },
    };
    if let Some(row) = seat.row {
        let state = enterprise.population.cloud[row].state;
        teller.take_cloud(&ledger.record(state)?.read()?);
    }
    // Accounts that only Cloud rows list have no record of their own but that of their row, so several of them
    // may share it. Each record is read only once.
    let mut states = HashSet::new();
    for account in &seat.accounts {
        let is_new = states.insert(enterprise.state_of(*account));
        teller.take_server(ledger, enterprise, *account, is_new)?;
    }
    teller.told.name = teller.name.clone().filter(|name| !name.is_empty());
    Ok(teller)
}

impl SeatDetails {
    /// Who has the seat, as it is printed.
    pub fn told(&self) -> SeatHolder {
        self.told.clone()
    }

    fn take_cloud(&mut self, record: &Record<'_>) {
        let account = account_of(SourceKind::Cloud, record);
        self.told.login = Some(account.login.to_string()).filter(|login| !login.is_empty());
        if record.get("github_com_name").is_some() {
            self.name = Some(account.name.as_deref().unwrap_or_default().to_owned());
        }
        for (field, kind) in [
            ("github_com_saml_name_id", AddressKind::NameId),
            ("github_com_verified_domain_emails", AddressKind::Verified),
            ("visual_studio_subscription_email", AddressKind::VisualStudio),
        ] {
            if record.get(field).is_some() {
                self.sayable.insert(kind);
            }
        }
        if record.get("github_com_member_roles").is_some() {
            let names = account.memberships.iter().map(|it| it.organization.to_string());
            self.organizations = Some(names.collect());
        }
        let mut shown: Vec<_> = account.addresses.iter().collect();
        shown.sort_by_key(|address| address.kind);
        self.told.email = shown.first().map(|address| address.text.trim().to_owned());
        let cloud = account.addresses.iter().filter(|it| it.kind != AddressKind::Server);
        self.addresses
            .extend(cloud.filter_map(|address| Some((address.kind, email::key(&address.text)?))));
    }

    fn take_server(
        &mut self,
        ledger: &Ledger<'_>,
        enterprise: &Enterprise<'_>,
        number: AccountIx,
        is_new: bool,
    ) -> Result<()> {
        let account = &enterprise.matching.accounts[number];
        for key in account.primary_keys() {
            self.addresses.insert((AddressKind::Primary, ledger.store.key_text(key)?));
        }
        let first_server = self.told.kind == "server" && self.told.host.is_none();
        if first_server {
            self.told.host = Some(enterprise.host_of(number).to_owned());
            self.told.id = Some(account.member.to_string()).filter(|id| !id.is_empty());
        }
        if !is_new && !first_server {
            return Ok(());
        }
        let state = enterprise.state_of(number);
        let stored = ledger.record(state)?;
        let record = stored.read()?;
        let kind = enterprise.kind_of(number);
        let own = kind.is_instance();
        let meaning = account_of(kind, &record);
        if own && !meaning.login.is_empty() {
            let host = enterprise.host_of(number).to_owned();
            self.logins.insert((host, account.member.to_string()), meaning.login.to_string());
        }
        if own && record.get("emails").is_some() {
            self.sayable.insert(AddressKind::Secondary);
        }
        if first_server {
            let shown = [AddressKind::Primary, AddressKind::Server];
            let mut shown = meaning.addresses.iter().filter(|it| shown.contains(&it.kind));
            self.told.email = shown.next().map(|address| address.text.trim().to_owned());
            if own {
                self.told.login = Some(meaning.login.to_string()).filter(|it| !it.is_empty());
                let sayable = ["name", "profile_name"].iter().any(|it| record.get(it).is_some());
                self.name = sayable.then(|| meaning.name.unwrap_or_default().into_owned());
            }
        }
        let secondary = meaning.addresses.iter().filter(|it| it.kind == AddressKind::Secondary);
        self.addresses.extend(secondary.filter_map(|it| Some((it.kind, email::key(&it.text)?))));
        Ok(())
    }

    /// The organizations of the seat's Cloud account; `None` if the format of the report cannot state them.
    pub fn organizations(&self) -> Option<&BTreeSet<String>> {
        self.organizations.as_ref()
    }

    /// What differs between this seat and the same seat at a later instant (`after`), in words: login, name,
    /// addresses, kind or organizations. `None` if nothing differs.
    pub fn difference(&self, after: &SeatDetails) -> Option<String> {
        let mut told = Vec::new();
        if let (Some(before), Some(after)) = (&self.told.login, &after.told.login)
            && self.told.kind == "cloud"
            && email::login_key(before) != email::login_key(after)
        {
            told.push(format!("login {before} → {after}"));
        }
        for ((host, id), before) in &self.logins {
            let Some(after) = after.logins.get(&(host.clone(), id.clone())) else { continue };
            if email::login_key(before) != email::login_key(after) {
                told.push(format!("login {before} → {after} on {host}"));
            }
        }
        if self.kind != after.kind {
            told.push(format!("{} → {}", self.kind, after.kind));
        }
        if let (Some(before), Some(after)) = (&self.name, &after.name)
            && before != after
        {
            told.push(format!("name {before} → {after}"));
        }
        let comparable = |it: &&(AddressKind, String)| {
            self.sayable.contains(&it.0) && after.sayable.contains(&it.0)
        };
        let gone = self.addresses.difference(&after.addresses).filter(comparable);
        told.extend(gone.map(|(kind, key)| format!("-{key} ({})", kind.name())));
        let new = after.addresses.difference(&self.addresses).filter(comparable);
        told.extend(new.map(|(kind, key)| format!("+{key} ({})", kind.name())));
        if let (Some(before), Some(after)) = (&self.organizations, &after.organizations) {
            told.extend(before.difference(after).map(|it| format!("-{it} (organization)")));
            told.extend(after.difference(before).map(|it| format!("+{it} (organization)")));
        }
        (!told.is_empty()).then(|| told.join("; "))
    }
}

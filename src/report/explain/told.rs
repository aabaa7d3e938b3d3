//! The details of an account for `explain`: its names and addresses, whether it counts, and which two values
//! were equal when it was matched (counting.md sections 3 and 4).

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde::Serialize;

use super::places::ExplainIndexes;
use crate::error::Result;
use crate::ledger::order_of_license_ends;
use crate::ledger::{Enterprise, Ledger};
use crate::model::{
    Account, AccountIx, AddressKind, BillingModel, CloudRow, DateOrder, Instant, LICENSE_FIELDS,
    Record, Roles, RowIx, RowKind, ServerIx, SourceKind, StateId, account_of, license_end_text,
    license_has_ended,
};
use crate::people::{AccountOrigin, MatchRule};

/// An account as `explain` prints it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AccountTold {
    pub kind: &'static str,
    pub source: String,
    pub login: Option<String>,
    pub id: Option<String>,
    pub name: Option<String>,
    pub emails: Vec<Email>,
    pub counted: bool,
    pub why: String,
    #[serde(rename = "match")]
    pub matched: Option<Match>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Email {
    pub email: String,
    pub kind: &'static str,
}

/// The rule that matched an account, and the two values that were equal.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Match {
    pub rule: &'static str,
    /// The address on the instance, or `HOST:ID` if a link matched the account. `None` if no address is known.
    pub server_value: Option<String>,
    pub cloud_value: String,
}

impl AccountTold {
    /// The account as the table shows it: its login and id, and its source on a second line.
    pub fn shown(&self) -> String {
        let name = match (&self.login, &self.id) {
            (Some(login), Some(id)) => format!("{login} ({id})"),
            (Some(name), None) | (None, Some(name)) => name.clone(),
            (None, None) => "no login".to_owned(),
        };
        format!("{name}\n{}", self.source)
    }

    /// The addresses of the account as the table shows them, each with its kind.
    pub fn addresses(&self) -> String {
        let told = self.emails.iter().map(|it| {
            let kind = match it.kind {
                "saml_name_id" => "SAML NameID".to_owned(),
                kind => kind.replace('_', " "),
            };
            format!("{} ({kind})", it.email)
        });
        told.collect::<Vec<_>>().join("\n")
    }

    /// Copies the login, the name and those addresses from `account` that are printed.
    fn take(&mut self, account: &Account<'_>) {
        let told = |kind| match kind {
            AddressKind::Server | AddressKind::Invitation => None,
            kind => Some(kind.name()),
        };
        self.login = Some(account.login.to_string()).filter(|login| !login.is_empty());
        self.name = account.name.as_ref().map(ToString::to_string).filter(|it| !it.is_empty());
        self.emails = account
            .addresses
            .iter()
            .filter_map(|it| Some(Email { email: it.text.trim().to_owned(), kind: told(it.kind)? }))
            .collect();
    }
}

/// The addresses of an account as the file wrote them, by their kind and key. Of several spellings of one
/// address, the first is kept.
type Received = HashMap<(&'static str, String), String>;

fn received(told: &AccountTold) -> Received {
    let mut received = Received::new();
    for it in &told.emails {
        if let Some(key) = crate::email::key(&it.email) {
            received.entry((it.kind, key)).or_insert_with(|| it.email.clone());
        }
    }
    received
}

/// Reads the details of the accounts of an enterprise that `explain` prints.
pub(super) struct AccountDetails<'a> {
    ledger: &'a Ledger<'a>,
    at: Instant,
    enterprise: &'a Enterprise<'a>,
    /// The details of the Cloud rows that were read so far. They are kept, because one row may be printed with
    /// thousands of Server accounts.
    rows: RefCell<HashMap<RowIx, Rc<AccountTold>>>,
    received: RefCell<HashMap<RowIx, Rc<Received>>>,
    places: &'a ExplainIndexes<'a>,
    order_of_ends: Cell<Option<DateOrder>>,
}

impl<'a> AccountDetails<'a> {
    pub fn new(
        ledger: &'a Ledger<'a>,
        at: Instant,
        enterprise: &'a Enterprise<'a>,
        places: &'a ExplainIndexes<'a>,
    ) -> AccountDetails<'a> {
        let (rows, received) = (RefCell::default(), RefCell::default());
        AccountDetails {
            ledger,
            at,
            enterprise,
            rows,
            received,
            places,
            order_of_ends: Cell::default(),
        }
    }

    fn with_record<T>(
        &self,
        state: StateId,
        take: impl FnOnce(&Record<'_>) -> Result<T>,
    ) -> Result<T> {
        take(&self.ledger.record(state)?.read()?)
    }

    /// The details of a Cloud row, read from its record once.
    pub fn row(&self, row: RowIx) -> Result<Rc<AccountTold>> {
        if let Some(told) = self.rows.borrow().get(&row) {
            return Ok(Rc::clone(told));
        }
        let told = Rc::new(self.row_now(row)?);
        self.rows.borrow_mut().insert(row, Rc::clone(&told));
        Ok(told)
    }

    fn row_now(&self, row: RowIx) -> Result<AccountTold> {
        let it = &self.enterprise.population.cloud[row];
        let mut told = AccountTold {
            kind: "cloud",
            source: self.enterprise.name.clone().unwrap_or_default(),
            login: None,
            id: None,
            name: None,
            emails: Vec::new(),
            counted: self.enterprise.population.takes_seat(it),
            why: self.why_row(it).to_owned(),
            matched: None,
        };
        self.with_record(it.state, |record| {
            let mut ended = false;
            told.take(&account_of(SourceKind::Cloud, record));
            if license_end_text(record).is_some() || record.get(LICENSE_FIELDS[0]).is_some() {
                ended = license_has_ended(record, self.order_of_ends()?, self.at);
            }
            if ended {
                told.why.push_str("; its row says that the license has ended");
            }
            Ok(())
        })?;
        Ok(told)
    }

    /// The addresses of a Cloud row, spelled as in the file.
    fn received_of_row(&self, row: RowIx) -> Result<Rc<Received>> {
        if let Some(received) = self.received.borrow().get(&row) {
            return Ok(Rc::clone(received));
        }
        let received = Rc::new(received(&*self.row(row)?));
        self.received.borrow_mut().insert(row, Rc::clone(&received));
        Ok(received)
    }

    /// Whether the dates on which licenses end have the day or the month first. It is found out once, from all
    /// rows.
    fn order_of_ends(&self) -> Result<DateOrder> {
        if let Some(order) = self.order_of_ends.get() {
            return Ok(order);
        }
        let order = match self.enterprise.cloud {
            Some(cloud) => order_of_license_ends(self.ledger, cloud)?,
            None => DateOrder::Iso,
        };
        self.order_of_ends.set(Some(order));
        Ok(order)
    }

    /// The sentence that tells why a Cloud row takes a seat, or takes none (counting.md section 3).
    fn why_row(&self, row: &CloudRow) -> &'static str {
        let volume = self.enterprise.population.billing == BillingModel::Volume;
        match (row.row, row.roles) {
            (RowKind::Cloud, Roles::Pending) if !volume => {
                "a Cloud account whose roles are all pending takes no license under this billing \
                 model"
            }
            (RowKind::Cloud, _) => "a Cloud account takes a license",
            (RowKind::Invited, _) if volume => {
                "an invitation by e-mail takes a license until it is accepted, canceled or expired: \
                 the report lists it"
            }
            (RowKind::Invited, _) => {
                "an invitation by e-mail takes no license under this billing model"
            }
            (RowKind::VisualStudioOnly, _) => {
                "a Visual Studio subscriber without an account takes no license"
            }
            _ => "a row about unmatched Server accounts: the accounts count, and not the row",
        }
    }

    /// The details of a Server account that the counting leaves out, with the reason.
    pub fn not_counted(&self, index: ServerIx) -> Result<AccountTold> {
        let mut told = self.own(index)?;
        told.counted = false;
        let account = &self.enterprise.population.server[index];
        told.why = self.with_record(account.state, |record| {
            let meaning = account_of(self.enterprise.kind_of_own(index), record);
            Ok(match meaning.suspended {
                Some(true) => "suspended: takes no license".to_owned(),
                _ => format!("{} is no person: takes no license", meaning.login),
            })
        })?;
        Ok(told)
    }

    /// The details of a Server account that is counted, by its index in `Matching::accounts`.
    pub fn account(&self, number: AccountIx) -> Result<AccountTold> {
        let matching = &self.enterprise.matching;
        let account = &matching.accounts[number];
        let mut told = match account.origin {
            AccountOrigin::Own(index) => self.own(index)?,
            AccountOrigin::Cloud(_) => self.listed(number)?,
        };
        told.matched = self.match_of(number)?;
        told.why = match (&told.matched, matching.attached[number]) {
            (Some(found), Some(row)) => {
                let cloud = self.row_name(row)?;
                let here = found.server_value.as_deref().unwrap_or_default();
                match matching.rule[number] {
                    Some(MatchRule::Manual) => {
                        format!("a link declares that GitHub has merged it into {cloud}")
                    }
                    Some(MatchRule::Reported) => {
                        format!("GitHub lists {} in the row of {cloud}", found.cloud_value)
                    }
                    Some(MatchRule::SamlNameId) => format!("{here} is the SAML NameID of {cloud}"),
                    _ => format!("{here} is a verified address of {cloud}"),
                }
            }
            (None, Some(row)) => format!(
                "one person with {}, which is matched with {}",
                self.carrier(number),
                self.row_name(row)?
            ),
            _ => "matches no Cloud account".to_owned(),
        };
        Ok(told)
    }

    fn row_name(&self, row: RowIx) -> Result<String> {
        let told = self.row(row)?;
        Ok(told.login.clone().unwrap_or_else(|| "a row without a login".to_owned()))
    }

    fn own(&self, index: ServerIx) -> Result<AccountTold> {
        let population = &self.enterprise.population;
        let account = &population.server[index];
        let mut told = self.server_account(
            population.instances[account.instance].host.to_string(),
            account.member.to_string(),
        );
        self.with_record(account.state, |record| {
            told.take(&account_of(self.enterprise.kind_of_own(index), record));
            Ok(())
        })?;
        let mut keys: HashSet<String> =
            told.emails.iter().filter_map(|it| crate::email::key(&it.email)).collect();
        for key in population.synced_addresses.get(&index).into_iter().flatten() {
            let email = self.ledger.store.key_text(*key)?;
            if keys.insert(email.clone()) {
                told.emails.push(Email { email, kind: AddressKind::Secondary.name() });
            }
        }
        Ok(told)
    }

    fn listed(&self, number: AccountIx) -> Result<AccountTold> {
        let account = &self.enterprise.matching.accounts[number];
        let host = self.enterprise.host_of(number).to_owned();
        let mut told = self.server_account(host, account.member.to_string());
        for key in &account.keys {
            let email = self.ledger.store.key_text(*key)?;
            told.emails.push(Email { email, kind: AddressKind::Primary.name() });
        }
        Ok(told)
    }

    fn server_account(&self, host: String, id: String) -> AccountTold {
        AccountTold {
            kind: "server",
            source: host,
            login: None,
            id: Some(id).filter(|id| !id.is_empty()),
            name: None,
            emails: Vec::new(),
            counted: true,
            why: String::new(),
            matched: None,
        }
    }

    /// The account whose match holds for a member of the group that matches no rule itself, written as
    /// `HOST:ID`.
    fn carrier(&self, number: AccountIx) -> String {
        let best = self.places.carrier(number);
        best.map_or_else(|| "another account".to_owned(), |best| self.place(best))
    }

    fn place(&self, number: AccountIx) -> String {
        let member = &self.enterprise.matching.accounts[number].member;
        format!("{}:{member}", self.enterprise.host_of(number))
    }

    /// The primary address of a Server account, spelled as in the file.
    fn address(&self, number: AccountIx) -> Result<Option<String>> {
        let account = &self.enterprise.matching.accounts[number];
        if let AccountOrigin::Own(index) = account.origin {
            let primary = AddressKind::Primary.name();
            let mut emails = self.own(index)?.emails.into_iter();
            return Ok(emails.find(|it| it.kind == primary).map(|it| it.email));
        }
        account.keys.first().map(|key| self.ledger.store.key_text(*key)).transpose()
    }

    /// The rule that matched the account itself, with the two values that were equal. `None` if no rule matched
    /// it, or only another account of its group.
    fn match_of(&self, number: AccountIx) -> Result<Option<Match>> {
        let matching = &self.enterprise.matching;
        let (Some(rule), Some(row)) = (matching.rule[number], matching.attached[number]) else {
            return Ok(None);
        };
        if !matching.own_match[number] {
            return Ok(None);
        }
        let account = &matching.accounts[number];
        let place = self.place(number);
        let met = match rule {
            MatchRule::Manual => Some((Some(place), self.row_name(row)?)),
            MatchRule::Reported => {
                let bare = self.places.is_listed_bare(row, number);
                let listed = if bare { account.member.to_string() } else { place };
                Some((self.address(number)?, listed))
            }
            MatchRule::SamlNameId | MatchRule::VerifiedEmail => {
                let kind = match rule {
                    MatchRule::SamlNameId => AddressKind::NameId,
                    _ => AddressKind::Verified,
                };
                match self.places.shared_key(row, kind, number) {
                    Some(key) => {
                        let text = self.ledger.store.key_text(key)?;
                        let here = match account.origin {
                            AccountOrigin::Own(index) => {
                                let received = received(&self.own(index)?);
                                let primary = (AddressKind::Primary.name(), text.clone());
                                received.get(&primary).unwrap_or(&text).clone()
                            }
                            AccountOrigin::Cloud(_) => text.clone(),
                        };
                        let of_row = self.received_of_row(row)?;
                        let there = of_row.get(&(kind.name(), text.clone())).unwrap_or(&text);
                        Some((Some(here), there.clone()))
                    }
                    None => None,
                }
            }
        };
        if let Some((server_value, cloud_value)) = met {
            return Ok(Some(Match { rule: rule.name(), server_value, cloud_value }));
        }
        Ok(None)
    }
}

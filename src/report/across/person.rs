//! A person with seats in several enterprises, as `oneseat across` prints it: the seats with their logins, the
//! evidence in words, and since when the person has had seats in two enterprises.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::code::EvidenceCode;
use crate::email;
use crate::error::Result;
use crate::ledger::{AcrossFound, Enterprise, Ledger, stored_record};
use crate::model::{
    AccountIx, AddressKind, Instant, KeyId, Record, SourceKind, StateId, StoredWords, account_of,
    compare_ids,
};
use crate::name::NameHash;
use crate::people::{
    AcrossEvidence, AcrossItem, AcrossIx, SeatOf, alike_keys, names_a_role, without_shortcode,
};
use crate::report::activity::activity;
use crate::report::seat_tables::kind_of;
use crate::table::{CellKind, Columns};

/// A person with seats in several enterprises.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AcrossPerson {
    pub confidence: &'static str,
    pub seats: Vec<SeatAcross>,
    pub evidence: Vec<EvidenceAcross>,
    /// The instant from which the person has had seats in two enterprises; `None` if it is not known.
    pub since: Option<Instant>,
}

impl AcrossPerson {
    pub const COLUMNS: Columns = &[
        ("confidence", CellKind::Text),
        ("seats", CellKind::List),
        ("evidence", CellKind::List),
        ("since", CellKind::Instant),
    ];
}

/// One seat of a person who has seats in several enterprises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct SeatAcross {
    pub enterprise: String,
    /// `cloud_only`, `cloud_and_server` or `server_only`.
    pub kind: &'static str,
    pub login: Option<String>,
    /// The id of the seat's first Server account; `None` if the seat has a Cloud account.
    pub id: Option<String>,
    /// The host of the seat's first Server account; `None` if the seat has a Cloud account.
    pub host: Option<String>,
    /// The instant of the first snapshot since which the seat has existed without a break; `None` if it is not
    /// known.
    pub since: Option<Instant>,
    /// The latest activity of any account of the seat; `None` if no file states any activity.
    pub last_active: Option<Instant>,
}

impl SeatAcross {
    /// The seat by its first account: `ENTERPRISE:LOGIN` for a Cloud account, or `HOST:ID` for a Server
    /// account.
    pub fn shown(&self) -> String {
        let account = self.id.as_deref().or(self.login.as_deref()).unwrap_or("?");
        match &self.host {
            Some(host) => format!("{host}:{account}"),
            None => format!("{}:{account}", self.enterprise),
        }
    }

    /// The order in which the seats of a person are listed. People are listed in the order of their first
    /// seats.
    fn order(&self, other: &SeatAcross) -> std::cmp::Ordering {
        let id = |it: &SeatAcross| it.id.clone().unwrap_or_default();
        let login = |it: &SeatAcross| it.login.as_deref().map(email::login_key);
        (&self.enterprise, &self.host)
            .cmp(&(&other.enterprise, &other.host))
            .then_with(|| compare_ids(&id(self), &id(other)))
            .then_with(|| login(self).cmp(&login(other)))
    }
}

/// Evidence that seats of two enterprises are one person's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct EvidenceAcross {
    pub code: EvidenceCode,
    pub detail: String,
}

/// The people with seats in several enterprises, with the names, logins and activity that the database has
/// about them.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn persons(
    ledger: &Ledger<'_>,
    at: Instant,
    found: &AcrossFound<'_>,
) -> Result<Vec<AcrossPerson>> {
    if found.items.is_empty() {
        return Ok(Vec::new());
    }
    let stated = stated(ledger, found)?;
    let begun = begun(ledger, at, found)?;
    let evidence = found.items.iter().flat_map(|item| &item.evidence);
    let keys = evidence.flat_map(|it| it.keys.into_iter().flatten());
    let mut persons: Vec<(&AcrossItem, AcrossPerson)> = ledger.store.with_words(keys, |words| {
        let teller = Teller { found, stated: &stated, begun: &begun, words };
        Ok(found.items.iter().map(|item| (item, teller.person(item))).collect())
    })?;
    persons.sort_by(|(a, one), (b, other)| {
        let firsts = one.seats.iter().zip(&other.seats).map(|(one, other)| one.order(other));
        let mut firsts = firsts.filter(|order| order.is_ne());
        a.confidence.cmp(&b.confidence).then(firsts.next().unwrap_or(std::cmp::Ordering::Equal))
    });
    Ok(persons.into_iter().map(|(_, person)| person).collect())
}

/// The login and the display name that the record of an account states.
#[derive(Default)]
struct Stated {
    login: Option<String>,
    name: Option<String>,
    last_active: Option<Instant>,
}

impl Stated {
    fn of(kind: SourceKind, record: &Record<'_>) -> Stated {
        let account = account_of(kind, record);
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Stated {
            login: text(&account.login),
            name: account.name.as_deref().and_then(text),
            last_active: activity(record).last_active.filter(|_| kind.is_instance()),
        }
    }
}

/// Reads the records of all accounts of the people who have seats in several enterprises. An account that only
/// a Cloud row lists has no record, so it is left out.
fn stated(ledger: &Ledger<'_>, found: &AcrossFound<'_>) -> Result<HashMap<StateId, Stated>> {
    let mut kinds: HashMap<StateId, SourceKind> = HashMap::new();
    for seat in found.items.iter().flat_map(|item| &item.seats) {
        let enterprise = found.enterprise_of(*seat);
        let (_, own) = found.seats.seat(*seat);
        let row = own.row.map(|row| enterprise.population.cloud[row].state);
        kinds.extend(row.map(|state| (state, SourceKind::Cloud)));
        for account in &own.accounts {
            let kind = enterprise.kind_of(*account);
            if kind.is_instance() {
                kinds.insert(enterprise.state_of(*account), kind);
            }
        }
    }
    let states: Vec<StateId> = kinds.keys().copied().collect();
    let mut stated = HashMap::with_capacity(states.len());
    ledger.store.records_of(&states, &mut |state, fields, content| {
        if let Some(kind) = kinds.get(&state) {
            stated.insert(state, Stated::of(*kind, &stored_record(fields, content)?));
        }
        Ok(())
    })?;
    Ok(stated)
}

/// For each seat of the people, the instant since which the seat has existed, as far as that is known.
fn begun(
    ledger: &Ledger<'_>,
    at: Instant,
    found: &AcrossFound<'_>,
) -> Result<HashMap<AcrossIx, Instant>> {
    let indices: Vec<AcrossIx> =
        found.items.iter().flat_map(|item| item.seats.iter().copied()).collect();
    let seats: Vec<(&Enterprise<'_>, &SeatOf)> =
        indices.iter().map(|it| (found.enterprise_of(*it), found.seats.seat(*it).1)).collect();
    let begun = ledger.begun(at, &seats)?;
    Ok(indices.into_iter().zip(begun).filter_map(|(it, begun)| Some((it, begun?))).collect())
}

/// An account of a seat, with the login and the display name by which it is compared with accounts of other
/// enterprises.
#[derive(Clone)]
struct AccountAcross<'a> {
    /// The account as a user writes it: `ENTERPRISE:LOGIN` or `HOST:ID`.
    shown: String,
    is_cloud: bool,
    /// What the record of the account states; `None` if it has no record of its own.
    stated: Option<&'a Stated>,
}

impl AccountAcross<'_> {
    /// The forms in which the login of the account is compared: as it stands and, for a Cloud account, also
    /// without the suffix of a managed user. A login that names a role, such as `admin`, is left out.
    fn logins(&self) -> Vec<String> {
        let login = self.stated.and_then(|it| it.login.as_deref()).map(email::login_key);
        let bare = login.as_deref().filter(|_| self.is_cloud).and_then(without_shortcode);
        let bare = bare.map(str::to_owned);
        login.into_iter().chain(bare).filter(|login| !names_a_role(login)).collect()
    }

    /// The hash of the account's display name, by which names are compared.
    fn names(&self) -> Vec<NameHash> {
        let name = self.stated.and_then(|it| it.name.as_deref());
        name.and_then(NameHash::of).into_iter().collect()
    }
}

/// Writes people with seats in several enterprises as they are printed, with the evidence in sentences.
struct Teller<'a> {
    found: &'a AcrossFound<'a>,
    stated: &'a HashMap<StateId, Stated>,
    begun: &'a HashMap<AcrossIx, Instant>,
    words: &'a dyn StoredWords,
}

impl Teller<'_> {
    fn person(&self, item: &AcrossItem) -> AcrossPerson {
        let shown: HashMap<AcrossIx, SeatAcross> =
            item.seats.iter().map(|seat| (*seat, self.seat(*seat))).collect();
        let mut evidence: Vec<EvidenceAcross> =
            item.evidence.iter().map(|it| self.why(it, &shown)).collect();
        evidence.sort();
        evidence.dedup();
        let mut seats: Vec<SeatAcross> = shown.into_values().collect();
        seats.sort_by(SeatAcross::order);
        let since = since(&seats);
        AcrossPerson { confidence: item.confidence.name(), seats, evidence, since }
    }

    fn seat(&self, index: AcrossIx) -> SeatAcross {
        let enterprise = self.found.enterprise_of(index);
        let (_, seat) = self.found.seats.seat(index);
        let stated = |state: StateId| self.stated.get(&state);
        let server = seat.accounts.iter().filter_map(|it| stated(enterprise.state_of(*it)));
        let last_active = server.filter_map(|it| it.last_active).max();
        let first = seat.accounts.first().copied().filter(|_| seat.row.is_none());
        let member = first.map(|it| enterprise.matching.accounts[it].member.to_string());
        SeatAcross {
            enterprise: enterprise.name.clone().unwrap_or_default(),
            kind: kind_of(seat),
            login: self.first_stated(index).and_then(|it| it.login.clone()),
            id: member.filter(|id| !id.is_empty()),
            host: first.map(|it| enterprise.host_of(it).to_owned()),
            since: self.begun.get(&index).copied(),
            last_active,
        }
    }

    /// What the record of the seat's Cloud account states. If the seat has no Cloud account, what the record of
    /// its first Server account states.
    fn first_stated(&self, index: AcrossIx) -> Option<&Stated> {
        let enterprise = self.found.enterprise_of(index);
        let (_, seat) = self.found.seats.seat(index);
        let state = match seat.row {
            Some(row) => enterprise.population.cloud[row].state,
            None => {
                let first = seat.accounts.first().copied()?;
                let is_own = enterprise.kind_of(first).is_instance();
                is_own.then(|| enterprise.state_of(first))?
            }
        };
        self.stated.get(&state)
    }

    fn why(&self, it: &AcrossEvidence, shown: &HashMap<AcrossIx, SeatAcross>) -> EvidenceAcross {
        let [one, other] =
            it.seats.map(|seat| shown.get(&seat).map_or_else(String::new, SeatAcross::shown));
        let text = |at: usize| it.keys[at].map_or("", |key| self.words.key_text(key));
        let role = |at: usize| it.keys[at].map_or("", |key| self.role(it.seats[at], key));
        // A seat is named by its first account. If the evidence is a login or a name, it may belong to another
        // account of the seat, and then the sentence must name that account.
        let holders = match it.code {
            EvidenceCode::SameLogin => self.alike(it.seats, |its| its.logins()),
            EvidenceCode::SameName => self.alike(it.seats, |its| its.names()),
            _ => [0, 1].map(|at| self.holder(it.seats[at], it.keys[at]?)),
        };
        let in_words = |seat: &str, holder: &Option<AccountAcross<'_>>| match holder {
            Some(holder) if holder.shown != seat => {
                format!("{} (of the seat of {seat})", holder.shown)
            }
            _ => seat.to_owned(),
        };
        let seats = [&one, &other];
        let [one, other] = [0, 1].map(|at| in_words(seats[at], &holders[at]));
        let detail = match it.code {
            EvidenceCode::Declared => {
                format!("a link declares the holders of {one} and {other} to be one person")
            }
            EvidenceCode::SameDirectoryEntry => {
                let directory = it.directory.and_then(|number| {
                    self.found.directories.iter().zip(0..).find(|(_, its)| *its == number)
                });
                let (name, taken_at) = directory.map_or_else(
                    || (String::new(), String::new()),
                    |((name, taken_at), _)| (name.clone(), taken_at.to_string()),
                );
                let by = |at: usize| match text(at) {
                    "" => "a mapped login".to_owned(),
                    address => address.to_owned(),
                };
                format!(
                    "one entry of the directory {name} of {taken_at} has {one} by {} and {other} \
                     by {}",
                    by(0),
                    by(1)
                )
            }
            EvidenceCode::SameLogin => {
                format!("{one} and {other} have the same login, apart from a managed-user suffix")
            }
            EvidenceCode::SameName => {
                let name = holders[0].as_ref().and_then(|it| it.stated?.name.clone());
                let name = name.map_or_else(String::new, |name| format!(": {name}"));
                format!("{one} and {other} have the same display name{name}")
            }
            _ if role(0) == role(1) => {
                format!("{} is {} of both {one} and {other}", text(0), role(0))
            }
            _ => format!("{} is {} of {one} and {} of {other}", text(0), role(0), role(1)),
        };
        EvidenceAcross { code: it.code, detail }
    }

    /// The accounts of a seat whose logins and names are compared with those of other seats: the Cloud account,
    /// or the Server accounts if the seat has no Cloud account.
    fn compared(&self, index: AcrossIx) -> Vec<AccountAcross<'_>> {
        let (_, seat) = self.found.seats.seat(index);
        match seat.row {
            Some(_) => {
                let shown = self.seat(index).shown();
                vec![AccountAcross { shown, is_cloud: true, stated: self.first_stated(index) }]
            }
            None => seat.accounts.iter().map(|it| self.on_server(index, *it)).collect(),
        }
    }

    fn on_server(&self, index: AcrossIx, number: AccountIx) -> AccountAcross<'_> {
        let enterprise = self.found.enterprise_of(index);
        let is_own = enterprise.kind_of(number).is_instance();
        let stated = self.stated.get(&enterprise.state_of(number)).filter(|_| is_own);
        let member = enterprise.matching.accounts[number].member.to_string();
        let login = || stated.and_then(|it| it.login.clone());
        let name = Some(member).filter(|id| !id.is_empty()).or_else(login);
        let name = name.unwrap_or_else(|| "?".to_owned());
        let shown = format!("{}:{name}", enterprise.host_of(number));
        AccountAcross { shown, is_cloud: false, stated }
    }

    /// The first account of each of two seats, so that the accounts have a login or a name in common.
    fn alike<T: PartialEq>(
        &self,
        seats: [AcrossIx; 2],
        texts: impl Fn(&AccountAcross<'_>) -> Vec<T>,
    ) -> [Option<AccountAcross<'_>>; 2] {
        let [ones, others] = seats.map(|seat| self.compared(seat));
        for one in &ones {
            let own = texts(one);
            let has = |other: &&AccountAcross<'_>| texts(other).iter().any(|it| own.contains(it));
            if let Some(other) = others.iter().find(has) {
                return [Some(one.clone()), Some(other.clone())];
            }
        }
        [None, None]
    }

    /// The Server account of a seat that has the address `key`; `None` if the address belongs to the seat's
    /// Cloud account.
    fn holder(&self, index: AcrossIx, key: KeyId) -> Option<AccountAcross<'_>> {
        let Enterprise { population, matching, .. } = self.found.enterprise_of(index);
        let (_, seat) = self.found.seats.seat(index);
        let row = seat.row.map(|row| population.addresses(&population.cloud[row].addresses));
        let mut on_cloud = row.unwrap_or_default().iter();
        if on_cloud.any(|it| it.kind != AddressKind::Server && it.key == key) {
            return None;
        }
        let mut accounts = seat.accounts.iter();
        let has = |number: &&AccountIx| {
            alike_keys(population, &matching.accounts[**number]).any(|its| its == key)
        };
        accounts.find(has).map(|number| self.on_server(index, *number))
    }

    /// What an address is to a seat, in words, such as "a verified address".
    fn role(&self, index: AcrossIx, key: KeyId) -> &'static str {
        let enterprise = self.found.enterprise_of(index);
        let (_, seat) = self.found.seats.seat(index);
        let population = &enterprise.population;
        let row = seat.row.map(|row| population.addresses(&population.cloud[row].addresses));
        let uses: BTreeMap<AddressKind, &'static str> = BTreeMap::from([
            (AddressKind::NameId, "the NameID"),
            (AddressKind::Verified, "a verified address"),
            (AddressKind::VisualStudio, "the Visual Studio address"),
        ]);
        let own = row.unwrap_or_default().iter().filter(|it| it.key == key);
        let first = own.filter_map(|it| uses.get(&it.kind)).copied().next();
        first.unwrap_or("an address on Server")
    }
}

/// The instant from which a person has had seats in two enterprises; `None` if the beginning of a seat is not
/// known.
fn since(seats: &[SeatAcross]) -> Option<Instant> {
    let mut firsts: BTreeMap<&str, Instant> = BTreeMap::new();
    for seat in seats {
        let begun = seat.since?;
        let first = firsts.entry(&seat.enterprise).or_insert(begun);
        *first = begun.min(*first);
    }
    let mut firsts: Vec<Instant> = firsts.into_values().collect();
    firsts.sort_unstable();
    firsts.get(1).copied()
}

//! The Server accounts of an enterprise, and their sources (counting.md sections 1 to 3): the instance's own
//! snapshot, else what Cloud knows about it, else the Cloud rows. It must not look at who is one person.

use super::cloud::{self, Row, RowKind};
use super::force::{Party, Question};
use super::words;
use super::{Imported, Kind};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The host of accounts whose instance cannot be named (section 2).
pub const UNKNOWN: &str = "unknown";

/// The id of a Server account. Accounts without one come first: by their login, or, if only a Cloud row knows
/// them, by their smallest address key, else by their content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    Login(String),
    Without(String),
    Number(u64),
}

/// A Server account, as one snapshot lists it.
pub type User = Map<String, Value>;

/// Section 2, "Identity of a Server account": host and id.
pub type AccountId = (String, Id);

/// A Server account at the instant asked for.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    /// Empty for an account known only through Cloud rows, as is the display name.
    pub login: String,
    pub name: String,
    pub takes_part: bool,
    /// The keys that act as e: the key of its primary address, or, for an account known only through Cloud
    /// rows, all keys of those rows.
    pub e: BTreeSet<String>,
    /// The key of its primary address if another account of the instance has it, too. Then it is no e.
    pub repeated: Option<String>,
    /// The keys of its other addresses.
    pub others: BTreeSet<String>,
    /// For an account known only through Cloud rows, the indexes of these rows.
    pub known_through: BTreeSet<usize>,
    /// The instant of its own snapshot, if it has one, and whether that is one as synced.
    pub taken_at: Option<i64>,
    pub as_synced: bool,
}

/// Section 2, "A bare id, or a Server-only row without ids, belongs to the only instance known in that
/// enterprise".
fn host_without_name(party: &Party) -> String {
    let mut hosts = party.hosts.iter();
    match (hosts.next(), hosts.next()) {
        (Some(only), None) => only.clone(),
        _ => UNKNOWN.to_owned(),
    }
}

/// The accounts that a row lists. A Server-only row without ids stands for one account, whose identity is the
/// smallest address key, or the row's content if it has no address.
pub fn listed_by(party: &Party, row: &Row) -> BTreeSet<AccountId> {
    let nameless = host_without_name(party);
    if row.kind == RowKind::ServerOnly && row.server_ids.is_empty() {
        let smallest = row.server_addresses.first().cloned();
        let identity = smallest.unwrap_or_else(|| format!("{:?}", row.identity));
        return BTreeSet::from([(nameless, Id::Without(identity))]);
    }
    row.server_ids
        .iter()
        .map(|(host, id)| (host.clone().unwrap_or_else(|| nameless.clone()), Id::Number(*id)))
        .collect()
}

/// All Server accounts of a party, whether or not they take part.
pub fn accounts(question: &Question, party: &Party) -> Vec<Account> {
    let mut accounts: BTreeMap<AccountId, Account> = BTreeMap::new();
    for host in &party.hosts {
        for account in accounts_of_instance(question, party, host) {
            accounts.insert(account.id.clone(), account);
        }
    }
    add_unknown(question, party, &mut accounts);
    let accounts: Vec<Account> = accounts.into_values().collect();
    if accounts.iter().any(|account| account.e.is_empty() && account.takes_part) {
        question.seen.saw("account: without e");
    }
    accounts
}

/// Section 1: the accounts of an instance come from its `server` snapshot in force; else from its
/// `server-as-synced` snapshot in force; else from the Cloud rows in force that list its ids.
fn accounts_of_instance(question: &Question, party: &Party, host: &str) -> Vec<Account> {
    let seen = question.seen;
    if question.retired(host) {
        seen.saw("instance: retired");
        return Vec::new();
    }
    let lists_host = |row: &Row| listed_by(party, row).iter().any(|(listed, _)| listed == host);
    let own = question.in_force(&Kind::Server { host: host.to_owned() });
    let as_synced = question.in_force(&Kind::ServerAsSynced { host: host.to_owned() });
    if let Some(snapshot) = own.or(as_synced) {
        seen.saw(if own.is_some() {
            "instance: accounts from its own snapshot"
        } else {
            "instance: accounts from its as-synced snapshot"
        });
        if party.rows.iter().any(lists_host) {
            seen.saw("instance: Cloud rows about it add no accounts");
        }
        return accounts_of_snapshot(question, host, snapshot);
    }
    let mut accounts: BTreeMap<AccountId, Account> = BTreeMap::new();
    for (place, row) in party.rows.iter().enumerate() {
        for id in listed_by(party, row) {
            if id.0 == host {
                seen.saw("instance: accounts from Cloud rows");
                add_through_row(party, &mut accounts, id, place);
            }
        }
    }
    accounts.into_values().collect()
}

/// Section 3: Server accounts take part unless suspended, or the login is `ghost` or `scim-admin`.
fn accounts_of_snapshot(question: &Question, host: &str, snapshot: &Imported) -> Vec<Account> {
    let mut accounts = Vec::new();
    for (id, user) in users(question, snapshot) {
        let flag = |name| user.get(name).and_then(|value| value.as_bool()).unwrap_or(false);
        let login = login(user).unwrap_or_default();
        if flag("suspended") {
            question.seen.saw("account: suspended");
        }
        if login == "ghost" {
            question.seen.saw("account: ghost");
        }
        if login == "scim-admin" {
            question.seen.saw("account: scim-admin");
        }
        let (primary, others) = addresses(user.get("emails"));
        note_absence(question, user);
        accounts.push(Account {
            id: (host.to_owned(), id),
            name: user.get("name").and_then(|name| name.as_str()).unwrap_or("").to_owned(),
            takes_part: !flag("suspended") && login != "ghost" && login != "scim-admin",
            login,
            e: primary,
            repeated: None,
            others,
            known_through: BTreeSet::new(),
            taken_at: Some(snapshot.taken_at),
            as_synced: matches!(snapshot.kind, Kind::ServerAsSynced { .. }),
        });
    }
    if accounts.is_empty() {
        question.seen.saw("instance: a snapshot without accounts");
    }
    without_repeated(question, accounts)
}

/// Section 4, "An instance gives an address to one account only": if two or more accounts of the snapshot
/// (suspended ones, too) have the same primary key, it is no e for these accounts.
fn without_repeated(question: &Question, accounts: Vec<Account>) -> Vec<Account> {
    let mut without = accounts.clone();
    for account in &mut without {
        let others = accounts.iter().filter(|other| other.id != account.id);
        let having: Vec<&Account> = others.filter(|other| other.e == account.e).collect();
        let Some(primary) = account.e.first().filter(|_| !having.is_empty()).cloned() else {
            continue;
        };
        question.seen.saw("address repeated: no e");
        if having.iter().all(|other| !other.takes_part) {
            question.seen.saw("address repeated: by accounts that take no part");
        }
        account.e.clear();
        account.repeated = Some(primary);
    }
    without
}

/// Section 2: "Logins compare without regard to letter case", and words of absence are no login.
fn login(user: &User) -> Option<String> {
    words::login(user.get("login").and_then(|login| login.as_str()).unwrap_or(""))
}

/// The id that a file states.
fn stated_id(user: &User) -> Option<u64> {
    user.get("id").and_then(|id| id.as_u64())
}

/// Section 2, "Identity of a Server account": the accounts of a snapshot in the order of its lines, each with
/// its id. If the file has none, the id is that of the account of the host with the same login, unless another
/// account of the file states it or an earlier line got it. Otherwise the login stands for it.
pub fn users<'a>(question: &Question, snapshot: &'a Imported) -> Vec<(Id, &'a User)> {
    let mut taken: BTreeSet<u64> =
        cloud::objects(&snapshot.content).filter_map(stated_id).collect();
    let mut users = Vec::new();
    for user in cloud::objects(&snapshot.content) {
        let id = match (stated_id(user), login(user)) {
            (Some(id), _) => Id::Number(id),
            (None, None) => continue,
            (None, Some(login)) => match id_elsewhere(question, snapshot, &login) {
                Some(id) if taken.insert(id) => Id::Number(id),
                Some(_) => {
                    question.seen.saw("without id: the id is another account's");
                    Id::Login(login)
                }
                None => {
                    question.seen.saw("without id: host and login");
                    Id::Login(login)
                }
            },
        };
        users.push((id, user));
    }
    users
}

/// The id of the account of the same host with this login in any snapshot that counts at some instant. If there
/// are several, the newest snapshot that is not later counts, else the oldest later one; of two of one instant, the
/// instance's own file before the one from Cloud.
fn id_elsewhere(question: &Question, snapshot: &Imported, wanted: &str) -> Option<u64> {
    let mut with_it: Vec<(i64, bool, u64)> = Vec::new();
    for other in &question.imported {
        let of_host = other.kind.holds_accounts() && other.kind.host() == snapshot.kind.host();
        if !of_host || other.voided || other.partial {
            continue;
        }
        for user in cloud::objects(&other.content) {
            if let (Some(id), Some(login)) = (stated_id(user), login(user))
                && login == wanted
            {
                let own = matches!(other.kind, Kind::Server { .. });
                with_it.push((other.taken_at, own, id));
            }
        }
    }
    let not_later = with_it.iter().filter(|(at, ..)| *at <= snapshot.taken_at).max();
    let later = with_it.iter().filter(|(at, ..)| *at > snapshot.taken_at);
    let later = later.min_by_key(|(at, own, _)| (*at, !own));
    if with_it.iter().any(|(.., id)| *id != with_it[0].2) {
        question.seen.saw("without id: several accounts had the login");
    }
    question.seen.saw(match (not_later, later) {
        (Some(_), _) => "without id: as an earlier file states it",
        (None, Some(_)) => "without id: as a later file states it",
        (None, None) => return None,
    });
    not_later.or(later).map(|(.., id)| *id)
}

/// Notes the words of absence.
fn note_absence(question: &Question, user: &User) {
    let emails = user.get("emails").into_iter().flat_map(cloud::objects);
    for email in emails {
        let text = email.get("email").and_then(|text| text.as_str()).unwrap_or("");
        if !text.trim().is_empty() && words::says_nothing(text) {
            question.seen.saw("word of absence: an address of a Server account");
        }
    }
    let login = user.get("login").and_then(|login| login.as_str()).unwrap_or("");
    if words::says_nothing(login) && !words::names_nobody(login) {
        question.seen.saw("word of absence: but a Server login");
    }
}

/// The keys of the primary address, and those of the other addresses.
pub fn addresses(emails: Option<&serde_json::Value>) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut primary, mut others) = (BTreeSet::new(), BTreeSet::new());
    for email in emails.into_iter().flat_map(cloud::objects) {
        let text = email.get("email").and_then(|text| text.as_str()).unwrap_or("");
        let is_primary = email.get("primary").and_then(|flag| flag.as_bool()).unwrap_or(false);
        let side = if is_primary { &mut primary } else { &mut others };
        side.extend(cloud::key(text));
    }
    (primary, others)
}

/// Section 4, "For accounts known only through Cloud rows, the row's Server addresses all act as e for each".
/// An account that several rows list is one account with the addresses of all.
fn add_through_row(
    party: &Party,
    accounts: &mut BTreeMap<AccountId, Account>,
    id: AccountId,
    place: usize,
) {
    let account = accounts.entry(id.clone()).or_insert(Account {
        id,
        login: String::new(),
        name: String::new(),
        takes_part: true,
        e: BTreeSet::new(),
        repeated: None,
        others: BTreeSet::new(),
        known_through: BTreeSet::new(),
        taken_at: None,
        as_synced: false,
    });
    account.e.extend(party.rows[place].server_addresses.iter().cloned());
    account.known_through.insert(place);
}

/// Section 2: on the host `unknown`, a row adds accounts only if none of its addresses is an address (primary
/// or not, suspended or not) of an account that is already there. The rows come in the order of their identity.
fn add_unknown(question: &Question, party: &Party, accounts: &mut BTreeMap<AccountId, Account>) {
    let mut places: Vec<usize> = (0..party.rows.len()).collect();
    places.sort_by_key(|place| party.rows[*place].identity.clone());
    for place in places {
        let row = &party.rows[place];
        let mut listed = listed_by(party, row);
        if row.server_ids.iter().any(|(host, _)| host.is_none()) {
            question.seen.saw(match party.hosts.len() {
                0 => "bare id: no instance known",
                1 => "bare id: the only instance known",
                _ => "bare id: several instances known",
            });
        }
        if row.kind == RowKind::ServerOnly && row.server_ids.is_empty() {
            question.seen.saw(match (party.hosts.len(), row.server_addresses.is_empty()) {
                (_, true) => "Server-only row without ids and addresses",
                (1, false) => "Server-only row without ids: the only instance known",
                (_, false) => "Server-only row without ids: none or several instances known",
            });
        }
        listed.retain(|(host, _)| host == UNKNOWN);
        if listed.is_empty() {
            continue;
        }
        let there = accounts.values().any(|account| {
            let shared = |key: &String| {
                let repeated = account.repeated.as_ref() == Some(key);
                repeated || account.e.contains(key) || account.others.contains(key)
            };
            row.server_addresses.iter().any(shared)
        });
        if there {
            question.seen.saw("unknown host: an address is already there, row adds none");
            continue;
        }
        question.seen.saw("unknown host: row adds its accounts");
        for id in listed {
            add_through_row(party, accounts, id, place);
        }
    }
}

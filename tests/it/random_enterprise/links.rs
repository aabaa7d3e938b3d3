//! Random declarations about two accounts. It may make only what the program accepts: the accounts were once
//! imported, or are listed in the newest report, and are not in force in different enterprises at the newest
//! snapshot.

use super::{DAY, FIRST_INSTANT, HOSTS, RandomEnterprise};
use crate::naive::cloud::{self, Identity};
use crate::naive::coverage::Seen;
use crate::naive::force::Question;
use crate::naive::links::{Declaration, Named, Says};
use crate::naive::server::{self, Id};
use crate::naive::{Imported, Kind};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::{BTreeMap, BTreeSet};

const SAYS: [Says; 9] = [
    Says::OnePerson,
    Says::OnePerson,
    Says::Matched,
    Says::Matched,
    Says::TwoPeople,
    Says::NotMatched,
    Says::NotMatched,
    Says::NotMatched,
    Says::Nothing,
];

/// The two accounts of a declaration, as far as they exist.
#[derive(Clone, Copy, Debug)]
enum Pair {
    CloudAndServer,
    TwoOfServer,
    TwoOfCloud,
    /// Two accounts with the same address, login or name.
    Same,
    /// The same, for an invitation and a Server account.
    Invited,
    /// Two Server accounts with the same address, login or name.
    SameOfServer,
    /// Two accounts with an address, login or name that begins alike.
    Alike,
    /// Two accounts that an entry of a directory has.
    OneEntry,
    /// Two Server accounts that an entry of a directory has.
    ServersInEntry,
    /// The pair of the previous declaration.
    Again,
    /// The Server account of the previous declaration with another Cloud account, and the same declaration.
    SameServer,
}

/// A declaration, drawn before the accounts are known.
#[derive(Clone, Debug)]
pub struct Drawn {
    pair: Pair,
    one: Index,
    other: Index,
    says: Says,
    from: Option<i64>,
}

/// A few declarations, or none.
pub fn drawn(links: bool, directories: bool) -> impl Strategy<Value = Vec<Drawn>> {
    let directories = u32::from(directories);
    let pair = prop_oneof![
        2 => Just(Pair::CloudAndServer),
        2 => Just(Pair::TwoOfServer),
        1 => Just(Pair::TwoOfCloud),
        12 => Just(Pair::Same),
        8 => Just(Pair::Invited),
        10 => Just(Pair::Alike),
        6 => Just(Pair::SameOfServer),
        8 * directories => Just(Pair::OneEntry),
        10 * directories => Just(Pair::ServersInEntry),
        1 => Just(Pair::Again),
        2 => Just(Pair::SameServer),
    ];
    let from = weighted(0.25, (0..3i64).prop_map(|day| FIRST_INSTANT + day * DAY));
    let drawn = (pair, any::<Index>(), any::<Index>(), select(&SAYS[..]), from)
        .prop_map(|(pair, one, other, says, from)| Drawn { pair, one, other, says, from });
    let most = if links { 20 } else { 0 };
    prop_oneof![1 => Just(Vec::new()), 4 => vec(drawn, most / 3..=most)]
}

/// The declarations that the program accepts, in their order.
pub fn acceptable(enterprise: &RandomEnterprise, drawn: Vec<Drawn>) -> Vec<Declaration> {
    let mut accepted: Vec<Declaration> = Vec::new();
    let Some(newest) = newest(enterprise).filter(|_| !drawn.is_empty()) else {
        return accepted;
    };
    let known = known(enterprise, newest);
    let (of_cloud, of_server): (Vec<&Named>, Vec<&Named>) =
        known.keys().partition(|named| matches!(named, Named::Cloud { .. }));
    let words = words(enterprise, &known);
    let same = pairs(&words, |a, b| a == b);
    // Names of Cloud accounts come first.
    let with_server = |[a, b]: &&[Named; 2]| is_invitation(a) && matches!(b, Named::Server { .. });
    let invited: Vec<[Named; 2]> = same.iter().filter(with_server).cloned().collect();
    let alike = pairs(&words, |a, b| a.chars().take(3).eq(b.chars().take(3)));
    let in_entries = in_entries(enterprise, &words);
    let of_servers = |pairs: &[[Named; 2]]| -> Vec<[Named; 2]> {
        let is_server = |it: &Named| matches!(it, Named::Server { .. });
        pairs.iter().filter(|pair| pair.iter().all(is_server)).cloned().collect()
    };
    let (same_of_server, servers_in_entries) = (of_servers(&same), of_servers(&in_entries));
    for Drawn { pair, one, other, says, from } in drawn {
        let cloud = |index: Index| (!of_cloud.is_empty()).then(|| (*index.get(&of_cloud)).clone());
        let server =
            |index: Index| (!of_server.is_empty()).then(|| (*index.get(&of_server)).clone());
        let one_of = |pairs: &[[Named; 2]]| match pairs {
            [] => (None, None),
            _ => {
                let [a, b] = one.get(pairs).clone();
                (Some(a), Some(b))
            }
        };
        let last = accepted.last().map(|link| link.pair.clone());
        let (a, b) = match pair {
            Pair::CloudAndServer => (cloud(one), server(other)),
            Pair::TwoOfServer => (server(one), server(other)),
            Pair::TwoOfCloud => (cloud(one), cloud(other)),
            Pair::Same => one_of(&same),
            Pair::Invited => one_of(&invited),
            Pair::SameOfServer => one_of(&same_of_server),
            Pair::ServersInEntry => one_of(&servers_in_entries),
            Pair::Alike => one_of(&alike),
            Pair::OneEntry => one_of(&in_entries),
            Pair::Again => last.map_or((None, None), |[a, b]| (Some(a), Some(b))),
            Pair::SameServer => (last.map(|[_, b]| b), cloud(other)),
        };
        let (Some(a), Some(b)) = (a, b) else { continue };
        let newest = accepted.iter().rfind(|link| link.is_about(&a, &b));
        let said = newest.map_or(Says::Nothing, |link| link.says);
        let of_server = [&a, &b].into_iter().filter(|it| matches!(it, Named::Server { .. }));
        let says = match (pair, accepted.last()) {
            (Pair::SameServer, Some(link)) => link.says,
            _ => says,
        };
        let says = match (of_server.count(), says) {
            (0, Says::OnePerson | Says::Matched) => Says::TwoPeople,
            // Two Server accounts are no match. Where one entry of a directory has both, they are one person
            // without a link, so only a denial changes anything.
            (2, Says::Matched) if matches!(pair, Pair::ServersInEntry) => Says::TwoPeople,
            (2, Says::Matched) => Says::OnePerson,
            // A link that does not exist cannot be removed.
            (_, Says::Nothing) if said == Says::Nothing => Says::TwoPeople,
            _ => says,
        };
        let apart =
            !known[&a].is_empty() && !known[&b].is_empty() && known[&a].is_disjoint(&known[&b]);
        if a != b && !apart {
            accepted.push(Declaration { pair: [a, b], says, from });
        }
    }
    accepted
}

/// The instant of the newest snapshot that holds accounts and counts.
fn newest(enterprise: &RandomEnterprise) -> Option<i64> {
    let imported = enterprise.snapshots.iter().map(|snapshot| &snapshot.imported);
    imported
        .filter(|snapshot| !snapshot.voided && !snapshot.partial && holds_accounts(&snapshot.kind))
        .map(|snapshot| snapshot.taken_at)
        .max()
}

fn holds_accounts(kind: &Kind) -> bool {
    kind.holds_accounts()
}

/// The accounts that can be named, each with the parties in which it is in force.
fn known(enterprise: &RandomEnterprise, newest: i64) -> BTreeMap<Named, BTreeSet<usize>> {
    let imported = enterprise.imported();
    let mut known: BTreeMap<Named, BTreeSet<usize>> = BTreeMap::new();
    for snapshot in &imported {
        known.extend(accounts_of(snapshot).into_iter().map(|named| (named, BTreeSet::new())));
    }
    let seen = Seen::default();
    let question = Question::new(&imported, &enterprise.settings, newest, &seen);
    for (place, party) in question.parties().iter().enumerate() {
        let rows = party
            .rows
            .iter()
            .filter_map(|row| named_row(party.enterprise.as_deref()?, &row.identity));
        let accounts = server::accounts(&question, party).into_iter();
        let accounts = accounts.filter_map(|account| match account.id {
            (host, Id::Number(id)) => Some(Named::Server { host, id }),
            (_, Id::Login(_) | Id::Without(_)) => None,
        });
        for named in rows.chain(accounts) {
            known.entry(named).or_default().insert(place);
        }
    }
    // The instance that an alias stands for depends on the day.
    known.retain(|named, _| match named {
        Named::Server { host, .. } => HOSTS.contains(&host.as_str()),
        Named::Cloud { .. } => true,
    });
    known
}

/// The addresses, logins and names that the accounts that can be named have at any time.
fn words(
    enterprise: &RandomEnterprise,
    known: &BTreeMap<Named, BTreeSet<usize>>,
) -> BTreeMap<Named, BTreeSet<String>> {
    let mut words: BTreeMap<Named, BTreeSet<String>> = BTreeMap::new();
    let mut add = |named: Named, more: BTreeSet<String>| {
        if known.contains_key(&named) {
            words.entry(named).or_default().extend(more);
        }
    };
    for snapshot in enterprise.imported() {
        match &snapshot.kind {
            Kind::Cloud { enterprise } => {
                for row in cloud::rows(&snapshot.content, &Seen::default()) {
                    for (host, id) in &row.server_ids {
                        if let Some(host) = host.clone() {
                            add(Named::Server { host, id: *id }, row.server_addresses.clone());
                        }
                    }
                    let own = [cloud::key(&row.login), name(&row.name), row.name_id];
                    let own = own.into_iter().chain([row.visual_studio_address]).flatten();
                    if let Some(named) = named_row(enterprise, &row.identity) {
                        add(named, own.chain(row.verified).collect());
                    }
                }
            }
            Kind::Server { host } | Kind::ServerAsSynced { host } => {
                for user in cloud::objects(&snapshot.content) {
                    let Some(id) = user.get("id").and_then(|id| id.as_u64()) else { continue };
                    let (primary, others) = server::addresses(user.get("emails"));
                    let text = |column| user.get(column).and_then(|it| it.as_str()).unwrap_or("");
                    let own = [cloud::key(text("login")), name(text("name"))];
                    let own = own.into_iter().flatten().chain(primary).chain(others);
                    add(Named::Server { host: host.clone(), id }, own.collect());
                }
            }
            Kind::ServerInfo { .. } | Kind::SyncStatus { .. } | Kind::Directory { .. } => {}
        }
    }
    words
}

/// The pairs with a word of one like a word of the other, but not two Cloud accounts, about which nothing can
/// be declared.
fn pairs(
    words: &BTreeMap<Named, BTreeSet<String>>,
    like: impl Fn(&str, &str) -> bool,
) -> Vec<[Named; 2]> {
    let is_account = |it: &Named| matches!(it, Named::Cloud { .. }) && !is_invitation(it);
    let mut pairs = Vec::new();
    for (a, of_a) in words {
        for (b, of_b) in words.iter().filter(|(b, _)| *b > a) {
            let are_like = of_a.iter().any(|one| of_b.iter().any(|other| like(one, other)));
            if are_like && !(is_account(a) && is_account(b)) {
                pairs.push([a.clone(), b.clone()]);
            }
        }
    }
    pairs
}

/// The pairs of accounts with an address or login of one entry of a directory.
fn in_entries(
    enterprise: &RandomEnterprise,
    words: &BTreeMap<Named, BTreeSet<String>>,
) -> Vec<[Named; 2]> {
    let mut pairs = BTreeSet::new();
    let imported = enterprise.imported();
    for snapshot in imported.iter().filter(|it| matches!(it.kind, Kind::Directory { .. })) {
        for person in cloud::objects(&snapshot.content) {
            let mut own: BTreeSet<String> = BTreeSet::new();
            for texts in [person.get("emails"), person.get("logins")] {
                let texts = texts.and_then(|it| it.as_array()).into_iter().flatten();
                own.extend(texts.filter_map(|it| cloud::key(it.as_str()?)));
            }
            let known = words.iter().filter(|(_, words)| !words.is_disjoint(&own));
            let known: Vec<&Named> = known.map(|(named, _)| named).collect();
            for (place, one) in known.iter().enumerate() {
                let others = known[place + 1..].iter();
                pairs.extend(others.map(|other| [(*one).clone(), (*other).clone()]));
            }
        }
    }
    pairs.into_iter().collect()
}

/// A display name, with "Last, First" turned round.
fn name(text: &str) -> Option<String> {
    let key = cloud::key(text)?;
    let mut words: Vec<&str> = key.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    Some(words.join(" "))
}

/// Only the login of an invitation is an address.
fn is_invitation(named: &Named) -> bool {
    matches!(named, Named::Cloud { login, .. } if login.contains('@'))
}

/// The accounts of a snapshot that have a name.
fn accounts_of(snapshot: &Imported) -> BTreeSet<Named> {
    match &snapshot.kind {
        Kind::Cloud { enterprise } => cloud::rows(&snapshot.content, &Seen::default())
            .iter()
            .filter_map(|row| named_row(enterprise, &row.identity))
            .collect(),
        Kind::Server { host } | Kind::ServerAsSynced { host } => cloud::objects(&snapshot.content)
            .filter_map(|user| user.get("id").and_then(|id| id.as_u64()))
            .map(|id| Named::Server { host: host.clone(), id })
            .collect(),
        Kind::ServerInfo { .. } | Kind::SyncStatus { .. } | Kind::Directory { .. } => {
            BTreeSet::new()
        }
    }
}

fn named_row(enterprise: &str, identity: &Identity) -> Option<Named> {
    match identity {
        Identity::Login(login) => {
            Some(Named::Cloud { enterprise: enterprise.to_owned(), login: login.clone() })
        }
        _ => None,
    }
}

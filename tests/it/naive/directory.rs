//! The evidence of employee directories, from the rules alone (directory.md section 2). Each directory is looked
//! at by itself. It must not know what follows from the evidence.

use super::certain::{Suspected, denied};
use super::cloud::{self, Row, RowKind, objects};
use super::force::Question;
use super::likeness;
use super::matching::Matching;
use super::words;
use super::{Imported, Kind};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What an account and an entry may have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    /// The key of an address.
    Address(String),
    CloudLogin(String),
    /// An instance, and a login on it.
    ServerLogin(String, String),
}

impl Trait {
    /// Role words are no evidence.
    fn is_role(&self) -> bool {
        match self {
            Trait::Address(key) => match key.rfind('@') {
                Some(at) => likeness::is_role(&key[..at]),
                None => likeness::is_role(key),
            },
            Trait::CloudLogin(login) | Trait::ServerLogin(_, login) => likeness::is_role(login),
        }
    }
}

/// A person of a directory.
pub struct Entry {
    traits: BTreeSet<Trait>,
    active: Option<bool>,
}

/// The entries of each directory in force.
pub fn directories(question: &Question) -> Vec<Vec<Entry>> {
    let kinds = question.imported.iter().map(|it| &it.kind);
    let names: BTreeSet<&Kind> = kinds.filter(|it| matches!(it, Kind::Directory { .. })).collect();
    let in_force = names.into_iter().filter_map(|kind| question.in_force(kind));
    let entries = in_force.map(|snapshot| {
        objects(&snapshot.content).map(|it| entry(question, snapshot, it)).collect()
    });
    entries.collect()
}

fn entry(question: &Question, snapshot: &Imported, person: &Map<String, Value>) -> Entry {
    let texts = |key: &str| -> Vec<String> {
        let list = person.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut traits = BTreeSet::new();
    // In a directory, a text without an @ is no address.
    let addresses = texts("emails").into_iter().filter(|it| it.contains('@'));
    traits.extend(addresses.filter_map(|it| cloud::key(&it)).map(Trait::Address));
    let logins = texts("logins").into_iter().filter_map(|it| words::login(&it));
    traits.extend(logins.map(Trait::CloudLogin));
    let by_host = person.get("server_logins").and_then(Value::as_object).into_iter().flatten();
    for (host, login) in by_host {
        let host = question.instance(host, snapshot.taken_at);
        if let Some(login) = login.as_str().and_then(words::login) {
            traits.insert(Trait::ServerLogin(host, login));
        }
    }
    Entry { traits, active: person.get("active").and_then(Value::as_bool) }
}

/// What an account of an unmatched group has: any of its addresses, but no address that another account of its
/// instance has too, and its login.
pub fn traits_of_account(matching: &Matching, suspected: &Suspected) -> BTreeSet<Trait> {
    let account = &matching.accounts[suspected.place];
    let mut traits: BTreeSet<Trait> = suspected.sound.iter().cloned().map(Trait::Address).collect();
    let login = words::login(&account.login);
    traits.extend(login.map(|login| Trait::ServerLogin(account.id.0.clone(), login)));
    traits
}

/// What a row that takes a seat has: NameID, verified and Visual Studio addresses and the login of a Cloud
/// account, or the address of an invitation.
pub fn traits_of_row(row: &Row) -> BTreeSet<Trait> {
    match row.kind {
        RowKind::CloudAccount => {
            let addresses =
                row.name_id.iter().chain(&row.verified).chain(&row.visual_studio_address);
            let mut traits: BTreeSet<Trait> = addresses.cloned().map(Trait::Address).collect();
            traits.extend(words::login(&row.login).map(Trait::CloudLogin));
            traits
        }
        RowKind::InvitedByEmail => cloud::key(&row.login).map(Trait::Address).into_iter().collect(),
        RowKind::ServerOnly | RowKind::VisualStudioOnly => BTreeSet::new(),
    }
}

/// The entries that two accounts have in common, each with its directory, as indexes.
pub fn common(
    matching: &Matching,
    one: &BTreeSet<Trait>,
    other: &BTreeSet<Trait>,
) -> Vec<(usize, usize)> {
    let seen = matching.question.seen;
    let mut found = Vec::new();
    for (place, entries) in matching.directories.iter().enumerate() {
        for (index, entry) in entries.iter().enumerate() {
            let known = |of: &BTreeSet<Trait>| -> Vec<Trait> {
                let own: Vec<Trait> = of.intersection(&entry.traits).cloned().collect();
                let single =
                    |it: &Trait| entries.iter().filter(|its| its.traits.contains(it)).count() == 1;
                own.into_iter()
                    .filter(|it| {
                        if it.is_role() {
                            seen.saw("directory: a role word");
                        } else if !single(it) {
                            seen.saw("directory: an address or login of two entries");
                        }
                        !it.is_role() && single(it)
                    })
                    .collect()
            };
            let (ones, others) = (known(one), known(other));
            if ones.is_empty() || others.is_empty() {
                continue;
            }
            seen.saw(match entry.active {
                Some(true) => "directory: an active entry",
                Some(false) => "directory: an inactive entry",
                None => "directory: an entry that does not say",
            });
            let all = |is: fn(&Trait) -> bool| ones.iter().all(is) || others.iter().all(is);
            if all(|it| matches!(it, Trait::CloudLogin(_))) {
                seen.saw("directory: by a login on Cloud alone");
            }
            if all(|it| matches!(it, Trait::ServerLogin(..))) {
                seen.saw("directory: by a login on an instance alone");
            }
            found.push((place, index));
        }
    }
    found
}

/// Whether an account of an unmatched group and a row that takes a seat are in one entry.
pub fn ties(matching: &Matching, suspected: &Suspected, place: usize) -> bool {
    let row = &matching.party.rows[place];
    let own = traits_of_account(matching, suspected);
    let tied = !common(matching, &own, &traits_of_row(row)).is_empty();
    if tied {
        matching.question.seen.saw(match row.kind {
            RowKind::InvitedByEmail => "directory: a Server group and an invitation",
            _ => "directory: a Server group and a Cloud account",
        });
    }
    tied
}

/// Whether two accounts of different unmatched groups are in one entry.
pub fn connects(matching: &Matching, one: &Suspected, other: &Suspected) -> bool {
    let [one, other] = [one, other].map(|it| traits_of_account(matching, it));
    let connected = !common(matching, &one, &other).is_empty();
    if connected {
        matching.question.seen.saw("directory: two Server groups");
    }
    connected
}

/// The Cloud seats beyond the first of an entry, each with the first Cloud accounts of its entries.
pub fn beyond_the_first(
    matching: &Matching,
    taking_seats: &[bool],
) -> Vec<(usize, BTreeSet<usize>)> {
    let seen = matching.question.seen;
    let rows = &matching.party.rows;
    let mut places: Vec<usize> = (0..rows.len()).filter(|place| taking_seats[*place]).collect();
    places.sort_by_key(|place| rows[*place].login.trim().to_lowercase());
    let (accounts, invitations): (Vec<usize>, Vec<usize>) =
        places.into_iter().partition(|place| matching.seats[*place]);
    let mut beyond = Vec::new();
    let seats = accounts.iter().chain(&invitations).copied();
    for (index, second) in seats.enumerate() {
        let mut firsts = BTreeSet::new();
        let mut entries = BTreeSet::new();
        // Of each entry, the first by login counts from which no link sets the seat apart.
        for first in accounts.iter().take(index) {
            let [one, other] = [*first, second].map(|place| traits_of_row(&rows[place]));
            let common = common(matching, &one, &other);
            if denied(matching.said_of_rows(*first, second), || {
                if !common.is_empty() {
                    seen.saw("denied: Cloud seats in one entry");
                }
            }) {
                continue;
            }
            for entry in common {
                if entries.insert(entry) {
                    firsts.insert(*first);
                }
            }
        }
        if !firsts.is_empty() {
            seen.saw(match matching.seats[second] {
                true => "directory: two Cloud accounts",
                false => "directory: a Cloud account and an invitation",
            });
            beyond.push((second, firsts));
        }
    }
    beyond
}

//! Movements of seats between two instants (counting.md section 6): obvious and quadratic. It must not know how
//! the seats came about, nor what has changed for those that stay under one name.

use super::cloud::{Identity, RowKind};
use super::count::takes_seat;
use super::coverage::Seen;
use super::follow::Accounts;
use super::force::{Party, Question};
use super::matching::Matching;
use super::server::{self, AccountId, Id};
use super::{Imported, Settings};
use std::collections::{BTreeMap, BTreeSet};

/// A seat: a Cloud seat with its attached accounts, or an unmatched group.
#[derive(Clone, Debug)]
pub struct Seat {
    /// `None` for an instance without an enterprise.
    pub enterprise: Option<String>,
    /// The identity of the Cloud row, and the key of its NameID.
    pub cloud: Option<(Identity, Option<String>)>,
    pub accounts: BTreeSet<AccountId>,
    /// What stays the same when an account is created again: host, login and e.
    pub signs: BTreeSet<(String, String, String)>,
}

impl Seat {
    /// The seat_id of interface.md section 4, in lower case: that of the Cloud account, or of the group's first
    /// account. `None` if only its content identifies an account.
    pub fn id(&self) -> Option<String> {
        let enterprise = self.enterprise.as_deref().unwrap_or("");
        if let Some((identity, _)) = &self.cloud {
            return match identity {
                Identity::Login(login) => Some(format!("cloud:{enterprise}:{login}")),
                _ => None,
            };
        }
        let (host, id) = self.accounts.first()?;
        let host = match host.as_str() {
            server::UNKNOWN => format!("{host}@{enterprise}"),
            host => host.to_owned(),
        };
        Some(match id {
            Id::Number(id) => format!("server:{host}:{id}"),
            Id::Login(login) => format!("server:{host}:login:{login}"),
            Id::Without(address) if address.contains('@') && !address.contains('(') => {
                format!("server:{host}:address:{address}")
            }
            Id::Without(_) => return None,
        })
    }

    /// Movements never cross enterprises. An instance that belongs to none may enter or leave an enterprise
    /// without one.
    fn may_meet(&self, other: &Seat) -> bool {
        let alone = self.enterprise.is_none() || other.enterprise.is_none();
        alone || self.enterprise == other.enterprise
    }
}

/// All seats at an instant.
pub fn seats(imported: &[Imported], settings: &Settings, at: i64) -> Vec<Seat> {
    let seen = Seen::default();
    let question = Question::new(imported, settings, at, &seen);
    question.parties().iter().flat_map(|party| seats_of(&question, party)).collect()
}

fn seats_of(question: &Question, party: &Party) -> Vec<Seat> {
    let accounts = server::accounts(question, party);
    let listed: Vec<BTreeSet<AccountId>> =
        party.rows.iter().map(|row| server::listed_by(party, row)).collect();
    let takes: Vec<bool> = party.rows.iter().map(|row| takes_seat(question, party, row)).collect();
    let is_account = |place: usize| party.rows[place].kind == RowKind::CloudAccount;
    let cloud_accounts: Vec<bool> =
        takes.iter().enumerate().map(|(place, takes)| *takes && is_account(place)).collect();
    let followed = party.enterprise.as_ref().map(|name| Accounts::of(question, name));
    let matching = Matching {
        question,
        party,
        accounts: &accounts,
        listed: &listed,
        seats: &cloud_accounts,
        followed: followed.as_ref(),
        // Nobody moves by evidence.
        directories: &[],
    };
    let seat = |cloud, places: &[usize]| {
        let mut seat = Seat {
            enterprise: party.enterprise.clone(),
            cloud,
            accounts: BTreeSet::new(),
            signs: BTreeSet::new(),
        };
        for account in places.iter().map(|place| &accounts[*place]) {
            seat.accounts.insert(account.id.clone());
            for e in account.e.iter().filter(|_| !account.login.is_empty()) {
                seat.signs.insert((account.id.0.clone(), account.login.clone(), e.clone()));
            }
        }
        seat
    };
    let mut attached: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut seats = Vec::new();
    for group in matching.groups(&mut BTreeSet::new()) {
        match group.attachments {
            None => seats.push(seat(None, &group.members)),
            Some(attachments) => {
                for (place, attachment) in group.members.iter().zip(attachments) {
                    attached.entry(attachment.row).or_default().push(*place);
                }
            }
        }
    }
    for place in (0..party.rows.len()).filter(|place| takes[*place]) {
        let row = &party.rows[place];
        // Only a Cloud account has a NameID that identifies it under another login.
        let name_id = row.name_id.clone().filter(|_| is_account(place));
        let places = attached.remove(&place).unwrap_or_default();
        seats.push(seat(Some((row.identity.clone(), name_id)), &places));
    }
    seats
}

/// The number of seats for each movement.
pub fn movements(before: &[Seat], after: &[Seat]) -> BTreeMap<&'static str, i64> {
    let mut moved = movements_seen(before, after, &Seen::default());
    moved.remove("changed");
    moved
}

/// The number of seats for each movement, and a note of the rules that took part. `changed` counts only the
/// seats that the second steps pair, under another login or id.
pub fn movements_seen(before: &[Seat], after: &[Seat], seen: &Seen) -> BTreeMap<&'static str, i64> {
    let (mut opening, mut closing) = (before.to_vec(), after.to_vec());
    let mut moved = BTreeMap::from([
        ("joined", 0),
        ("left", 0),
        ("matched", 0),
        ("unmatched", 0),
        ("changed", 0),
    ]);
    // First the Cloud seats with the same enterprise and row identity.
    while let Some((from, to)) = pairs(&opening, &closing).find(|(from, to)| {
        let identity = |seat: &Seat| seat.cloud.as_ref().map(|(identity, _)| identity.clone());
        let (from, to) = (&opening[*from], &closing[*to]);
        let same = identity(from).is_some() && identity(from) == identity(to);
        same && from.enterprise == to.enterprise
    }) {
        opening.remove(from);
        closing.remove(to);
    }
    // Then those with the same NameID, if exactly one seat on each side has it.
    let renamed: Vec<(usize, usize)> = pairs(&opening, &closing)
        .filter(|(from, to)| {
            let name_id =
                |seat: &Seat| seat.cloud.as_ref().and_then(|(_, name_id)| name_id.clone());
            let (from, to) = (&opening[*from], &closing[*to]);
            let having = |seats: &[Seat]| {
                let same =
                    |it: &&Seat| it.enterprise == from.enterprise && name_id(it) == name_id(from);
                seats.iter().filter(same).count()
            };
            let same = name_id(from).is_some() && name_id(from) == name_id(to);
            let within = from.enterprise == to.enterprise;
            if same && within && (having(&opening), having(&closing)) != (1, 1) {
                seen.saw("movement: a NameID on several accounts");
            }
            same && within && having(&opening) == 1 && having(&closing) == 1
        })
        .collect();
    if !renamed.is_empty() {
        seen.saw("movement: a renamed login");
    }
    *moved.entry("changed").or_default() += renamed.len() as i64;
    remove(&mut opening, renamed.iter().map(|(from, _)| *from));
    remove(&mut closing, renamed.iter().map(|(_, to)| *to));
    // The Server-only groups with a shared account, the smallest first.
    while let Some((_, from, to)) = server_only(&opening, &closing)
        .filter_map(|(from, to)| {
            let shared = opening[from].accounts.intersection(&closing[to].accounts).next()?;
            Some((shared.clone(), from, to))
        })
        .min()
    {
        if opening[from].enterprise != closing[to].enterprise {
            seen.saw("movement: an instance comes into an enterprise or out of it");
        }
        opening.remove(from);
        closing.remove(to);
    }
    // Then those with an account of the same host, login and e, if exactly one group on each side has it.
    let mut made_again: Vec<((String, String, String), usize, usize)> = Vec::new();
    for (from, to) in server_only(&opening, &closing) {
        for sign in opening[from].signs.intersection(&closing[to].signs) {
            let having = |seats: &[Seat]| {
                let has = |it: &&Seat| it.cloud.is_none() && it.signs.contains(sign);
                seats.iter().filter(has).count()
            };
            if having(&opening) == 1 && having(&closing) == 1 {
                made_again.push((sign.clone(), from, to));
            }
        }
    }
    made_again.sort();
    let (mut gone, mut come) = (BTreeSet::new(), BTreeSet::new());
    for (_, from, to) in made_again {
        if !gone.contains(&from) && !come.contains(&to) {
            seen.saw("movement: an account made again");
            gone.insert(from);
            come.insert(to);
        }
    }
    *moved.entry("changed").or_default() += gone.len() as i64;
    remove(&mut opening, gone.into_iter());
    remove(&mut closing, come.into_iter());
    for (unpaired, others, elsewhere, nowhere) in
        [(opening, after, "matched", "left"), (closing, before, "unmatched", "joined")]
    {
        for seat in unpaired {
            let of_any_seat = |account| {
                others.iter().any(|it| seat.may_meet(it) && it.accounts.contains(account))
            };
            let belongs = seat.cloud.is_none() && seat.accounts.iter().any(of_any_seat);
            let movement = if belongs { elsewhere } else { nowhere };
            seen.saw(match movement {
                "joined" => "movement: joined",
                "left" => "movement: left",
                "matched" => "movement: matched",
                _ => "movement: unmatched",
            });
            *moved.entry(movement).or_default() += 1;
        }
    }
    moved
}

/// Removes the seats at these indexes from a list.
fn remove(seats: &mut Vec<Seat>, places: impl Iterator<Item = usize>) {
    let places: BTreeSet<usize> = places.collect();
    let mut place = 0;
    seats.retain(|_| {
        place += 1;
        !places.contains(&(place - 1))
    });
}

/// The pairs of Server-only groups that may be one.
fn server_only(opening: &[Seat], closing: &[Seat]) -> impl Iterator<Item = (usize, usize)> {
    pairs(opening, closing).filter(|(from, to)| {
        let (from, to) = (&opening[*from], &closing[*to]);
        from.cloud.is_none() && to.cloud.is_none() && from.may_meet(to)
    })
}

fn pairs(opening: &[Seat], closing: &[Seat]) -> impl Iterator<Item = (usize, usize)> + use<> {
    let closing = closing.len();
    (0..opening.len()).flat_map(move |from| (0..closing).map(move |to| (from, to)))
}

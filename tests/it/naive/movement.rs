//! How seats moved between two instants (counting.md section 6): obvious and quadratic. It must not know how the
//! seats came about, nor what has changed of those that stay.

use super::cloud::Identity;
use super::count::takes_seat;
use super::coverage::Seen;
use super::force::{Party, Question};
use super::matching::Matching;
use super::server::{self, AccountId};
use super::{Imported, Settings};
use std::collections::{BTreeMap, BTreeSet};

/// An enterprise, or none, and something within it.
type Within<T> = (Option<String>, T);

/// A seat: a Cloud seat with what is attached to it, or an unmatched group.
#[derive(Clone, Debug)]
pub struct Seat {
    pub cloud: Option<Within<Identity>>,
    pub accounts: BTreeSet<Within<AccountId>>,
}

/// All seats at an instant.
pub fn seats(imported: &[Imported], settings: &Settings, at: i64) -> Vec<Seat> {
    let question = Question { imported, settings, at, seen: &Seen::default() };
    question.parties().iter().flat_map(|party| seats_of(&question, party)).collect()
}

fn seats_of(question: &Question, party: &Party) -> Vec<Seat> {
    let accounts = server::accounts(question, party);
    let listed: Vec<BTreeSet<AccountId>> =
        party.rows.iter().map(|row| server::listed_by(party, row)).collect();
    let takes: Vec<bool> = party.rows.iter().map(|row| takes_seat(question, party, row)).collect();
    let is_account = |place: usize| party.rows[place].kind == super::cloud::RowKind::CloudAccount;
    let cloud_accounts: Vec<bool> =
        takes.iter().enumerate().map(|(place, takes)| *takes && is_account(place)).collect();
    let matching =
        Matching { question, party, accounts: &accounts, listed: &listed, seats: &cloud_accounts };
    let within = |place: usize| (party.enterprise.clone(), accounts[place].id.clone());
    let mut attached: BTreeMap<usize, BTreeSet<Within<AccountId>>> = BTreeMap::new();
    let mut seats = Vec::new();
    for group in matching.groups(&mut BTreeSet::new()) {
        match group.attachments {
            None => {
                let accounts = group.members.iter().map(|place| within(*place)).collect();
                seats.push(Seat { cloud: None, accounts });
            }
            Some(attachments) => {
                for (place, attachment) in group.members.iter().zip(attachments) {
                    attached.entry(attachment.row).or_default().insert(within(*place));
                }
            }
        }
    }
    for place in (0..party.rows.len()).filter(|place| takes[*place]) {
        let cloud = Some((party.enterprise.clone(), party.rows[place].identity.clone()));
        seats.push(Seat { cloud, accounts: attached.remove(&place).unwrap_or_default() });
    }
    seats
}

/// How many seats moved in which way.
pub fn movements(before: &[Seat], after: &[Seat]) -> BTreeMap<&'static str, i64> {
    let (mut opening, mut closing) = (before.to_vec(), after.to_vec());
    // Cloud seats by enterprise and the identity of the row.
    while let Some((from, to)) = pairs(&opening, &closing).find(|(from, to)| {
        opening[*from].cloud.is_some() && opening[*from].cloud == closing[*to].cloud
    }) {
        opening.remove(from);
        closing.remove(to);
    }
    // Server-only groups by a shared account, the smallest first.
    while let Some((_, from, to)) = pairs(&opening, &closing)
        .filter(|(from, to)| opening[*from].cloud.is_none() && closing[*to].cloud.is_none())
        .filter_map(|(from, to)| {
            let shared = opening[from].accounts.intersection(&closing[to].accounts).next()?;
            Some((shared.clone(), from, to))
        })
        .min()
    {
        opening.remove(from);
        closing.remove(to);
    }
    let mut moved = BTreeMap::from([("joined", 0), ("left", 0), ("matched", 0), ("unmatched", 0)]);
    for (unpaired, others, elsewhere, nowhere) in
        [(opening, after, "matched", "left"), (closing, before, "unmatched", "joined")]
    {
        for seat in unpaired {
            let of_any_seat = |account| others.iter().any(|other| other.accounts.contains(account));
            let belongs = seat.cloud.is_none() && seat.accounts.iter().any(of_any_seat);
            *moved.entry(if belongs { elsewhere } else { nowhere }).or_default() += 1;
        }
    }
    moved
}

fn pairs(opening: &[Seat], closing: &[Seat]) -> impl Iterator<Item = (usize, usize)> + use<> {
    let closing = closing.len();
    (0..opening.len()).flat_map(move |from| (0..closing).map(move |to| (from, to)))
}

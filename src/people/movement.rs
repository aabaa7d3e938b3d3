//! How seats moved between two instants (counting.md section 6).
//!
//! Each side gives its seats with what makes them the same as before: a Cloud row's identity, and
//! the Server accounts that belong to the seat. Pairing and naming the movements is all that
//! happens here.

use foldhash::{HashMap, HashSet, HashSetExt};
use std::collections::BTreeSet;

/// What makes a Server account the same at two instants: enterprise, host, id (or what stands for
/// it).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountName {
    /// The enterprise; matching never crosses it.
    pub enterprise: Option<String>,
    /// The host.
    pub host: String,
    /// The id, or the account's identity where there is none.
    pub member: crate::model::Member,
}

/// A seat of one side.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Of a Cloud seat: its enterprise and the identity of its row.
    pub cloud: Option<(Option<String>, String)>,
    /// The Server accounts that belong to it.
    pub accounts: Vec<AccountName>,
}

/// What happened to a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Movement {
    /// A seat of a person who had none.
    Joined,
    /// The seat of a person who has none now.
    Left,
    /// A Server-only seat is gone because its accounts are part of other seats now.
    Matched,
    /// A Server-only seat is new although its accounts were part of other seats before.
    Unmatched,
    /// The same seat, of which something else is said.
    Changed,
}

impl Movement {
    /// Every movement, in the order of answers.
    pub const ALL: [Movement; 5] = [
        Movement::Joined,
        Movement::Left,
        Movement::Matched,
        Movement::Unmatched,
        Movement::Changed,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Movement::Joined => "joined",
            Movement::Left => "left",
            Movement::Matched => "matched",
            Movement::Unmatched => "unmatched",
            Movement::Changed => "changed",
        }
    }
}

/// How the seats of two sides belong together, as indices.
#[derive(Debug, Default)]
pub struct Moved {
    /// The same seat on both sides: opening, closing.
    pub pairs: Vec<(usize, usize)>,
    /// Opening seats that are gone.
    pub gone: Vec<(Movement, usize)>,
    /// Closing seats that are new.
    pub new: Vec<(Movement, usize)>,
}

/// Pairs the seats of two sides, each at most once, and names what is left over. Opening + joined
/// + unmatched - left - matched = closing, by construction.
pub fn movements(opening: &[Seat], closing: &[Seat]) -> Moved {
    let mut moved = Moved::default();
    let mut paired_opening = HashSet::new();
    let mut paired_closing = HashSet::new();
    let pairs = cloud_pairs(opening, closing).into_iter().chain(server_pairs(opening, closing));
    for (from, to) in pairs {
        if !paired_opening.contains(&from) && !paired_closing.contains(&to) {
            paired_opening.insert(from);
            paired_closing.insert(to);
            moved.pairs.push((from, to));
        }
    }
    let before = all_accounts(opening);
    let after = all_accounts(closing);
    for (index, seat) in opening.iter().enumerate() {
        if !paired_opening.contains(&index) {
            let stays = seat.cloud.is_none() && seat.accounts.iter().any(|it| after.contains(it));
            moved.gone.push((if stays { Movement::Matched } else { Movement::Left }, index));
        }
    }
    for (index, seat) in closing.iter().enumerate() {
        if !paired_closing.contains(&index) {
            let was = seat.cloud.is_none() && seat.accounts.iter().any(|it| before.contains(it));
            moved.new.push((if was { Movement::Unmatched } else { Movement::Joined }, index));
        }
    }
    moved
}

fn all_accounts(seats: &[Seat]) -> HashSet<&AccountName> {
    seats.iter().flat_map(|seat| &seat.accounts).collect()
}

/// Cloud seats by enterprise and identity.
fn cloud_pairs(opening: &[Seat], closing: &[Seat]) -> Vec<(usize, usize)> {
    let named =
        opening.iter().enumerate().filter_map(|(at, seat)| Some((seat.cloud.as_ref()?, at)));
    let before: HashMap<_, usize> = named.collect();
    let after = closing.iter().enumerate();
    after.filter_map(|(at, seat)| Some((*before.get(seat.cloud.as_ref()?)?, at))).collect()
}

/// Server-only groups by a shared account, the smallest first.
fn server_pairs(opening: &[Seat], closing: &[Seat]) -> Vec<(usize, usize)> {
    let before = by_account(opening);
    let after = by_account(closing);
    let shared: BTreeSet<&AccountName> =
        before.keys().copied().filter(|account| after.contains_key(*account)).collect();
    shared.into_iter().map(|account| (before[account], after[account])).collect()
}

fn by_account(seats: &[Seat]) -> HashMap<&AccountName, usize> {
    let server_only = seats.iter().enumerate().filter(|(_, seat)| seat.cloud.is_none());
    server_only.flat_map(|(at, seat)| seat.accounts.iter().map(move |it| (it, at))).collect()
}

//! Finds how seats moved between two instants (counting.md section 6).
//!
//! A side is one of the two instants. Each side lists its seats with the values by which a seat is recognized on
//! the other side: the identity and the NameID of a Cloud row, and the Server accounts that belong to the seat.
//! This file only pairs seats and names the movements.

use foldhash::{HashMap, HashMapExt, HashSet};
use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::{KeyId, Member};

/// The values by which a Server account is recognized at another instant: enterprise, host, and id or its
/// substitute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountName {
    /// The enterprise of the account. Matching never crosses enterprises.
    pub enterprise: Option<String>,
    /// The host of the account's instance.
    pub host: String,
    /// The id, or the account's identity if the account has no id.
    pub member: Member,
}

/// A seat at one of the two instants that are compared.
#[derive(Debug, Clone)]
pub struct Seat {
    /// For a Cloud seat, its enterprise and the identity of its row.
    pub cloud: Option<(Option<String>, String)>,
    /// For a Cloud seat, the key of its SAML NameID.
    pub name_id: Option<KeyId>,
    /// The Server accounts that belong to the seat.
    pub accounts: Vec<AccountName>,
}

/// What happened to a seat between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Movement {
    /// The person had no seat at the opening instant.
    Joined,
    /// The person has no seat at the closing instant.
    Left,
    /// A Server-only seat is gone, because an account of the seat is part of another seat at the closing instant.
    Matched,
    /// A Server-only seat is new, although an account of the seat was part of another seat at the opening instant.
    Unmatched,
    /// The seat exists at both instants, but its details differ.
    Changed,
}

impl Movement {
    /// All movements, in the order in which answers list them.
    pub const ALL: [Movement; 5] = [
        Movement::Joined,
        Movement::Left,
        Movement::Matched,
        Movement::Unmatched,
        Movement::Changed,
    ];

    /// The name of the movement in JSON.
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

/// The values by which a Server account is recognized that was created again under a new id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecreatedBy {
    /// The account, as an index of [`Seat::accounts`].
    pub account: usize,
    /// The login of the account, in the form in which logins are compared.
    pub login: String,
    /// The key of the account's primary address.
    pub key: KeyId,
}

/// Which of the two compared instants is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementSide {
    /// The earlier of the two instants.
    Opening,
    /// The later of the two instants.
    Closing,
}

/// The reason why a seat at one instant and a seat at the other are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameBy {
    /// The two seats have a Cloud row of the same identity, or share a Server account.
    Identity,
    /// The two seats have the same NameID, but different logins.
    NameId,
    /// An account of each of the two seats (indices of [`Seat::accounts`]) has the same login and the same
    /// address, but another id.
    MadeAgain(usize, usize),
}

/// A seat that exists at both of the compared instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The seat at the opening instant, as an index.
    pub opening: usize,
    /// The seat at the closing instant, as an index.
    pub closing: usize,
    /// The reason why the two seats count as one seat.
    pub by: SameBy,
}

/// The result of comparing the seats at two instants. A seat is an index into the list of its instant.
#[derive(Debug, Default)]
pub struct Moved {
    /// The seats that exist at both instants, in pairs.
    pub pairs: Vec<Pair>,
    /// The seats that exist only at the opening instant, each with its movement.
    pub gone: Vec<(Movement, usize)>,
    /// The seats that exist only at the closing instant, each with its movement.
    pub new: Vec<(Movement, usize)>,
}

/// Pairs the seats at two instants, each at most once, and names the movements of the unpaired seats. By
/// construction, opening + joined + unmatched - left - matched = closing.
///
/// `called` returns the values by which the accounts of a Server-only seat are recognized if they were created
/// again under a new id. It leaves out accounts that lack a login or an address. It is called for few seats:
/// those that are still unpaired after all other steps.
///
/// # Errors
/// The errors that `called` returns.
pub fn movements(
    opening: &[Seat],
    closing: &[Seat],
    called: impl FnMut(MovementSide, usize) -> Result<Vec<RecreatedBy>>,
) -> Result<Moved> {
    let mut pairing = Pairing::new(opening, closing);
    pairing.cloud_by_identity();
    pairing.cloud_by_name_id();
    pairing.server_by_account();
    pairing.server_made_again(called)?;
    Ok(pairing.moved())
}

/// The enterprise, host and id of a Server account, by which it is found at the other instant.
type Name<'s> = (Option<&'s str>, &'s str, &'s Member);

/// The values by which an account is recognized that was created again under a new id: enterprise, host, login
/// and address.
type Again<'s> = (Option<&'s str>, &'s str, String, KeyId);

struct Pairing<'s> {
    opening: &'s [Seat],
    closing: &'s [Seat],
    /// Hosts that belong to no enterprise at one of the two instants. Nobody joins or leaves because such a host
    /// enters or leaves an enterprise (counting.md section 1).
    free: HashSet<&'s str>,
    opening_paired: Vec<bool>,
    closing_paired: Vec<bool>,
    pairs: Vec<Pair>,
}

impl<'s> Pairing<'s> {
    fn new(opening: &'s [Seat], closing: &'s [Seat]) -> Pairing<'s> {
        let accounts = opening.iter().chain(closing).flat_map(|seat| &seat.accounts);
        let alone = accounts.filter(|account| account.enterprise.is_none());
        Pairing {
            opening,
            closing,
            free: alone.map(|account| account.host.as_str()).collect(),
            opening_paired: vec![false; opening.len()],
            closing_paired: vec![false; closing.len()],
            pairs: Vec::new(),
        }
    }

    fn name(&self, account: &'s AccountName) -> Name<'s> {
        let enterprise = account.enterprise.as_deref();
        let enterprise = enterprise.filter(|_| !self.free.contains(account.host.as_str()));
        (enterprise, &account.host, &account.member)
    }

    fn pair(&mut self, opening: usize, closing: usize, by: SameBy) {
        if !self.opening_paired[opening] && !self.closing_paired[closing] {
            self.opening_paired[opening] = true;
            self.closing_paired[closing] = true;
            self.pairs.push(Pair { opening, closing, by });
        }
    }

    /// The seats at one instant that are not paired yet, either Cloud seats or Server-only seats.
    fn unpaired(
        &self,
        side: MovementSide,
        is_cloud: bool,
    ) -> impl Iterator<Item = (usize, &'s Seat)> {
        let (seats, paired) = match side {
            MovementSide::Opening => (self.opening, &self.opening_paired),
            MovementSide::Closing => (self.closing, &self.closing_paired),
        };
        let seats = seats.iter().enumerate();
        seats.filter(move |(at, seat)| !paired[*at] && seat.cloud.is_some() == is_cloud)
    }

    /// Pairs Cloud seats by enterprise and identity.
    fn cloud_by_identity(&mut self) {
        let named = self.unpaired(MovementSide::Opening, true);
        let before: HashMap<_, usize> = named.map(|(at, seat)| (&seat.cloud, at)).collect();
        for (at, seat) in self.closing.iter().enumerate().filter(|(_, it)| it.cloud.is_some()) {
            if let Some(opening) = before.get(&seat.cloud) {
                self.pair(*opening, at, SameBy::Identity);
            }
        }
    }

    /// Pairs Cloud seats by a NameID that exactly one unpaired seat has at each instant. Their account changed
    /// its login.
    fn cloud_by_name_id(&mut self) {
        let of = |side| {
            let unpaired = self.unpaired(side, true);
            once(unpaired.filter_map(|(at, seat)| {
                let enterprise = seat.cloud.as_ref()?.0.as_deref();
                Some(((enterprise, seat.name_id?), at))
            }))
        };
        for (opening, closing) in both(of(MovementSide::Opening), of(MovementSide::Closing)) {
            self.pair(opening, closing, SameBy::NameId);
        }
    }

    /// Pairs Server-only groups by a shared account. The smallest shared account is used first.
    fn server_by_account(&mut self) {
        let mut before: HashMap<Name<'_>, usize> = HashMap::new();
        for (at, seat) in self.unpaired(MovementSide::Opening, false) {
            before.extend(seat.accounts.iter().map(|account| (self.name(account), at)));
        }
        let mut shared: BTreeMap<Name<'_>, (usize, usize)> = BTreeMap::new();
        for (at, seat) in self.unpaired(MovementSide::Closing, false) {
            for name in seat.accounts.iter().map(|account| self.name(account)) {
                if let Some(opening) = before.get(&name) {
                    shared.insert(name, (*opening, at));
                }
            }
        }
        for (opening, closing) in shared.into_values() {
            self.pair(opening, closing, SameBy::Identity);
        }
    }

    /// Pairs Server-only groups by an account with the same host, login and address, if exactly one unpaired
    /// group at each instant has such an account. The account was created again under a new id.
    fn server_made_again(
        &mut self,
        mut called: impl FnMut(MovementSide, usize) -> Result<Vec<RecreatedBy>>,
    ) -> Result<()> {
        let hosts = |side| -> HashSet<&str> {
            let accounts = self.unpaired(side, false).flat_map(|(_, seat)| &seat.accounts);
            accounts.map(|account| account.host.as_str()).collect()
        };
        let (before, after) = (hosts(MovementSide::Opening), hosts(MovementSide::Closing));
        let mut known = |side| -> Result<BTreeMap<Again<'s>, Option<(usize, usize)>>> {
            let mut known: Vec<(Again<'s>, (usize, usize))> = Vec::new();
            for (at, seat) in self.unpaired(side, false) {
                let may_be = |it: &AccountName| {
                    before.contains(it.host.as_str()) && after.contains(it.host.as_str())
                };
                if !seat.accounts.iter().any(may_be) {
                    continue;
                }
                for RecreatedBy { account, login, key } in called(side, at)? {
                    let (enterprise, host, _) = self.name(&seat.accounts[account]);
                    known.push(((enterprise, host, login, key), (at, account)));
                }
            }
            Ok(once_by(known, |(seat, _)| *seat))
        };
        let (opening, closing) = (known(MovementSide::Opening)?, known(MovementSide::Closing)?);
        for ((opening, account), (closing, other)) in both(opening, closing) {
            self.pair(opening, closing, SameBy::MadeAgain(account, other));
        }
        Ok(())
    }

    /// Names the movements of the unpaired seats.
    fn moved(self) -> Moved {
        let names = |seats: &'s [Seat]| -> HashSet<Name<'s>> {
            seats.iter().flat_map(|seat| &seat.accounts).map(|it| self.name(it)).collect()
        };
        let (before, after) = (names(self.opening), names(self.closing));
        let is_there = |seat: &'s Seat, there: &HashSet<Name<'s>>| {
            seat.cloud.is_none() && seat.accounts.iter().any(|it| there.contains(&self.name(it)))
        };
        let mut moved = Moved::default();
        for (index, seat) in self.opening.iter().enumerate() {
            if !self.opening_paired[index] {
                let stays = is_there(seat, &after);
                moved.gone.push((if stays { Movement::Matched } else { Movement::Left }, index));
            }
        }
        for (index, seat) in self.closing.iter().enumerate() {
            if !self.closing_paired[index] {
                let was = is_there(seat, &before);
                moved.new.push((if was { Movement::Unmatched } else { Movement::Joined }, index));
            }
        }
        moved.pairs = self.pairs;
        moved
    }
}

/// For each value by which seats are recognized (mark), the only seat that has it; `None` if several seats have
/// it.
fn once<M: Ord>(marked: impl Iterator<Item = (M, usize)>) -> BTreeMap<M, Option<usize>> {
    once_by(marked, |seat| *seat)
}

fn once_by<M: Ord, S>(
    marked: impl IntoIterator<Item = (M, S)>,
    seat: impl Fn(&S) -> usize,
) -> BTreeMap<M, Option<S>> {
    let mut once: BTreeMap<M, Option<S>> = BTreeMap::new();
    for (mark, it) in marked {
        match once.get_mut(&mark) {
            None => {
                once.insert(mark, Some(it));
            }
            Some(known) => {
                // A seat that has the same identifying value twice still counts as one seat.
                if known.as_ref().is_none_or(|known| seat(known) != seat(&it)) {
                    *known = None;
                }
            }
        }
    }
    once
}

/// The pairs of seats, one from each instant, if each is the only seat of its instant with a value. The pairs
/// are in the order of these values.
fn both<M: Ord, S>(
    opening: BTreeMap<M, Option<S>>,
    mut closing: BTreeMap<M, Option<S>>,
) -> Vec<(S, S)> {
    let alone = opening.into_iter().filter_map(|(mark, one)| {
        let other = closing.remove(&mark)??;
        Some((one?, other))
    });
    alone.collect()
}

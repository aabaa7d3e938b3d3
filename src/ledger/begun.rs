//! Finds the instants from which people have had their seats without a break (directory.md section 4). It goes back
//! from instant to instant through everything that may change an answer: snapshots, billing models, retirements, and
//! the enterprises of instances. So the result never contradicts the seats that another instant's answer has.

use std::collections::VecDeque;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::Ledger;
use super::links::UNKNOWN_HOST;
use super::moment::{Enterprise, Frame, Moment};
use super::sweep::{Focus, Focused, Histories, Setting, StateGroupIx};
use crate::error::Result;
use crate::model::{Instant, Member, StateId};
use crate::people::SeatOf;
use crate::store::Place;

/// The number of accounts, over all instants, after which a search that must look at everybody stops. The
/// beginning of a seat that was not found by then is unknown.
const LOOKED_AT: u64 = 2_000_000;

/// The number of settings (everything except accounts that decides a count) that a search remembers. Files
/// arrive from Cloud and from several instances in turn, so earlier settings occur again.
const SETTINGS: usize = 32;

/// A Server account, by its host and id.
type Account = (String, Member);

/// A seat for which the search looks for the instant since which it has been there.
struct Sought {
    enterprise: String,
    /// The identity of the seat's Cloud account; `None` for a Server-only seat.
    identity: Option<String>,
    accounts: Vec<Account>,
    /// The states (records) of the seat's accounts at the instant where the search begins.
    states: Vec<StateId>,
}

impl Ledger<'_> {
    /// For each of these seats of named enterprises, which all exist at the instant `at`, the beginning of the
    /// unbroken run of instants at which its enterprise has the seat: its Cloud account takes one, or one of its
    /// Server accounts has a seat without that Cloud account. `None` if the beginning was not found.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn begun(
        &self,
        at: Instant,
        seats: &[(&Enterprise<'_>, &SeatOf)],
    ) -> Result<Vec<Option<Instant>>> {
        let sought: Vec<Sought> = seats.iter().map(|(its, seat)| Sought::of(its, seat)).collect();
        let mut instants = self.change_instants();
        instants.retain(|it| *it <= at);
        let histories = match sought.is_empty() {
            true => None,
            false => Histories::read(self, &instants)?,
        };
        let mut search = Search { ledger: self, at, sought, begun: vec![None; seats.len()] };
        match histories {
            Some(histories) => search.by_change(&instants, &histories)?,
            None => search.by_everybody(&instants)?,
        }
        Ok(search.begun)
    }
}

impl Sought {
    fn of(enterprise: &Enterprise<'_>, seat: &SeatOf) -> Sought {
        let Enterprise { population, matching, .. } = enterprise;
        let accounts = seat.accounts.iter().map(|number| {
            let member = matching.accounts[*number].member.clone();
            (enterprise.host_of(*number).to_owned(), member)
        });
        let row = seat.row.map(|row| population.cloud[row].state);
        Sought {
            enterprise: enterprise.name.clone().unwrap_or_default(),
            identity: seat.row.map(|row| population.identity(row).to_owned()),
            accounts: accounts.collect(),
            states: row
                .into_iter()
                .chain(seat.accounts.iter().map(|it| enterprise.state_of(*it)))
                .collect(),
        }
    }
}

/// The accounts of an enterprise that have seats at an instant.
#[derive(Default)]
struct Seated {
    /// The identities of the Cloud accounts that take seats at the instant.
    rows: HashSet<String>,
    /// The Server accounts that have seats, and whether each is merged with a Cloud account.
    accounts: HashMap<Account, bool>,
}

impl Seated {
    fn of(enterprise: &Enterprise<'_>) -> Seated {
        let Enterprise { population, matching, .. } = enterprise;
        let rows = population.cloud.enumerated().filter(|(_, row)| population.takes_seat(row));
        let accounts = matching.accounts.enumerated().map(|(number, account)| {
            let place = (enterprise.host_of(number).to_owned(), account.member.clone());
            (place, matching.attached[number].is_some())
        });
        Seated {
            rows: rows.map(|(row, _)| population.identity(row).to_owned()).collect(),
            accounts: accounts.collect(),
        }
    }

    /// Is a Server account merged with a Cloud account? `None` if the enterprise has no seat for the Server
    /// account.
    fn is_merged(&self, account: &Account) -> Option<bool> {
        // A Cloud row may have listed the id of the account without a host.
        let bare = || self.accounts.get(&(UNKNOWN_HOST.to_owned(), account.1.clone()));
        self.accounts.get(account).or_else(bare).copied()
    }
}

/// A search back through history for the instants since which seats have been there.
struct Search<'l> {
    ledger: &'l Ledger<'l>,
    at: Instant,
    sought: Vec<Sought>,
    begun: Vec<Option<Instant>>,
}

impl Search<'_> {
    /// Searches by looking at everybody at each instant, which is slow. This is needed if files lack ids,
    /// because then the identity of an account depends on other accounts.
    fn by_everybody(&mut self, instants: &[Instant]) -> Result<()> {
        let mut open: Vec<usize> = (0..self.sought.len()).collect();
        let (mut earliest, mut looked_at) = (self.at, 0);
        for &instant in instants.iter().rev() {
            if open.is_empty() || looked_at > LOOKED_AT {
                return Ok(());
            }
            let moment = self.ledger.moment(instant, None)?;
            looked_at += moment.accounts();
            let gone = self.gone(&moment, open.iter().copied())?;
            self.end(&gone, &mut open, earliest);
            earliest = instant;
        }
        open.into_iter().for_each(|seat| self.begun[seat] = Some(earliest));
        Ok(())
    }

    /// Searches by looking, at each instant, only at the people for whom something has changed since an instant
    /// at which all seats still looked for were there.
    fn by_change(&mut self, instants: &[Instant], histories: &Histories) -> Result<()> {
        let groups = self.groups(histories)?;
        let mut of_group: HashMap<StateGroupIx, Vec<usize>> = HashMap::new();
        for (seat, own) in groups.iter().enumerate() {
            own.iter().for_each(|group| of_group.entry(*group).or_default().push(seat));
        }
        let mut open: Vec<usize> = (0..self.sought.len()).collect();
        let mut known: VecDeque<(Setting, HashMap<i64, Place>)> = VecDeque::new();
        let mut earliest = self.at;
        for &instant in instants.iter().rev() {
            if open.is_empty() {
                return Ok(());
            }
            let nobody = Focused { histories, focus: Focus::Nobody };
            let frame = self.ledger.frame(instant, None, &nobody)?;
            let scene = self.ledger.moment_in(&frame, None, &nobody)?;
            let setting = Setting::of(self.ledger, &scene)?;
            let in_force = scene.in_force.iter();
            let places: HashMap<i64, Place> = in_force.map(|it| (it.source_id, it.place)).collect();
            let looked_at = match known.iter().find(|(then, _)| then.is_like(&setting)) {
                Some((_, then)) => {
                    let changed = histories.changed_between(then, &places);
                    let near = changed.iter().filter_map(|group| of_group.get(group)).flatten();
                    let mut near: Vec<usize> = near.copied().collect();
                    near.sort_unstable();
                    near.dedup();
                    near.retain(|seat| open.binary_search(seat).is_ok());
                    near
                }
                None => open.clone(),
            };
            let own = looked_at.iter().flat_map(|seat| &groups[*seat]);
            let gone = self.gone_of(&frame, histories, own.copied().collect(), &looked_at)?;
            self.end(&gone, &mut open, earliest);
            known.truncate(SETTINGS - 1);
            known.push_front((setting, places));
            earliest = instant;
        }
        open.into_iter().for_each(|seat| self.begun[seat] = Some(earliest));
        Ok(())
    }

    /// For each seat, the groups (states that may affect each other) in which its accounts have ever been. All
    /// states of a Server account are in one group, but a Cloud account may have had states without a common
    /// address.
    fn groups(&self, histories: &Histories) -> Result<Vec<Vec<StateGroupIx>>> {
        let mut of_state: HashMap<StateId, Vec<usize>> = HashMap::new();
        let mut of_identity: HashMap<String, Vec<usize>> = HashMap::new();
        for (seat, it) in self.sought.iter().enumerate() {
            it.states.iter().for_each(|state| of_state.entry(*state).or_default().push(seat));
            let Some(identity) = &it.identity else { continue };
            for name in self.ledger.names(&it.enterprise, identity, self.at)? {
                of_identity.entry(name.identity).or_default().push(seat);
            }
        }
        let mut groups: Vec<Vec<StateGroupIx>> = vec![Vec::new(); self.sought.len()];
        histories.each_state(|state, group, identity| {
            let by_identity = identity.and_then(|identity| of_identity.get(identity));
            let seats = of_state.get(&state).into_iter().chain(by_identity).flatten();
            seats.for_each(|seat| groups[*seat].push(group));
        });
        for own in &mut groups {
            own.sort_unstable();
            own.dedup();
        }
        Ok(groups)
    }

    /// The seats among `seats` that do not exist at the instant of `frame`. Only the accounts in `groups` are
    /// looked at.
    fn gone_of(
        &self,
        frame: &Frame<'_>,
        histories: &Histories,
        mut groups: Vec<StateGroupIx>,
        seats: &[usize],
    ) -> Result<Vec<usize>> {
        if seats.is_empty() {
            return Ok(Vec::new());
        }
        groups.sort_unstable();
        groups.dedup();
        let focused = Focused { histories, focus: Focus::Groups(&groups) };
        let moment = self.ledger.moment_in(frame, None, &focused)?;
        self.gone(&moment, seats.iter().copied())
    }

    /// The seats among `seats` that do not exist at a moment (an instant with its people), in order.
    fn gone(&self, moment: &Moment<'_>, seats: impl Iterator<Item = usize>) -> Result<Vec<usize>> {
        let named = moment.enterprises.iter().filter_map(|it| Some((it.name.as_deref()?, it)));
        let seated: HashMap<&str, Seated> =
            named.map(|(name, enterprise)| (name, Seated::of(enterprise))).collect();
        let mut gone = Vec::new();
        for seat in seats {
            let it = &self.sought[seat];
            let is_there = match seated.get(it.enterprise.as_str()) {
                Some(seated) => self.is_there(it, seated, moment.at)?,
                None => false,
            };
            if !is_there {
                gone.push(seat);
            }
        }
        Ok(gone)
    }

    fn is_there(&self, it: &Sought, seated: &Seated, then: Instant) -> Result<bool> {
        let mut merged = it.accounts.iter().filter_map(|account| seated.is_merged(account));
        let Some(identity) = &it.identity else { return Ok(merged.next().is_some()) };
        if merged.any(|merged| !merged) {
            return Ok(true);
        }
        let identity = self.ledger.earlier_name(&it.enterprise, identity, self.at, then)?;
        Ok(identity.is_some_and(|identity| seated.rows.contains(&identity)))
    }

    /// Ends the search for the seats in `gone`, which are missing at the instant before `earlier`, so that they
    /// begin at `earliest`.
    fn end(&mut self, gone: &[usize], open: &mut Vec<usize>, earliest: Instant) {
        gone.iter().for_each(|seat| self.begun[*seat] = Some(earliest));
        open.retain(|seat| gone.binary_search(seat).is_err());
    }
}

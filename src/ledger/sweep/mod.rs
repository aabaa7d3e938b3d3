//! Counts the seats at many instants in one sweep. From one instant to the next, only the people whose records
//! changed are counted again: once as they were before the change, and once as they are after it.
//!
//! The count of people who share no address, account or link with other people does not depend on those others. So
//! the counts of separate groups of people add up (counting.md section 4 looks only at an account's addresses and
//! at the rows that list the account). `groups` finds groups that stay separate during the whole sweep. A group is
//! counted again at an instant at which one of its states begins or ends. Everything else that may affect a count
//! is in the `Setting`: sources that come and go, declarations, links, and which of two files is the older one
//! (rule c). Each instant is compared with the last instant of the same setting. If there is none, everybody is
//! counted.

mod groups;
mod history;
mod setting;

use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::Ledger;
use super::counting::{Counted, Scene, hosts, total};
use super::moment::{Frame, Moment};
use super::parts::{PartSource, WholeLedger};
use crate::error::Result;
use crate::model::{CloudPart, Instant, Member, ServerPart, SourceKind, StateId};
use crate::people::Count;
use crate::store::{Place, SnapshotFacts};

pub(crate) use groups::{HostNumbers, InstanceNumber};
pub(crate) use history::{CloudHistory, Focus, ServerHistory, StateGroupIx};
pub(crate) use setting::Setting;

/// The greatest number of instants that are counted one by one. For so few, reading the histories would take
/// longer.
const FEW: usize = 2;

/// Calls `each` for each of these instants, which must be in order, with the moment (its snapshots and people)
/// and the count. A count that is not stored yet is computed and stored. The moments may lack their accounts.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn sweep<'l>(
    ledger: &'l Ledger<'l>,
    instants: &[Instant],
    only: Option<&str>,
    mut each: impl FnMut(Moment<'l>, Count),
) -> Result<()> {
    let kept = ledger.counted(instants, only)?;
    if kept.iter().all(Option::is_some) {
        for counted in kept.into_iter().flatten() {
            each(ledger.moment_of(counted.at, only, &Scene(&counted.hosts))?, counted.count);
        }
        return Ok(());
    }
    let mut all = Vec::with_capacity(instants.len());
    let looked_at = count_all(ledger, instants, only, |moment, counted| {
        each(moment, counted.count.clone());
        all.push(counted);
    })?;
    let new = all.into_iter().zip(kept).filter(|(_, kept)| kept.is_none());
    let new: Vec<Counted> = new.map(|(counted, _)| counted).collect();
    ledger.keep(&new, only, looked_at);
    Ok(())
}

/// Counts everybody at each of these instants, which must be in order, without using stored counts. Returns the
/// number of accounts that were looked at.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn count_all<'l>(
    ledger: &'l Ledger<'l>,
    instants: &[Instant],
    only: Option<&str>,
    mut each: impl FnMut(Moment<'l>, Counted),
) -> Result<u64> {
    if instants.len() > FEW
        && let Some(histories) = Histories::read(ledger, instants)?
    {
        let looked_at = histories.len() as u64;
        let mut sweep = Sweep { ledger, only, histories, known: VecDeque::new() };
        for at in instants {
            let (moment, count) = sweep.next(*at)?;
            let parts = Focused { histories: &sweep.histories, focus: Focus::Nobody };
            let hosts = hosts(&moment, &parts)?;
            each(moment, Counted { at: *at, count, hosts, doubles: None });
        }
        return Ok(looked_at);
    }
    let mut looked_at = 0;
    for at in instants {
        let moment = ledger.moment(*at, only)?;
        looked_at += moment.accounts();
        let (count, hosts) = (total(&moment.enterprises), hosts(&moment, &WholeLedger(ledger))?);
        each(moment, Counted { at: *at, count, hosts, doubles: None });
    }
    Ok(looked_at)
}

/// The histories of all sources: which records were in force when, during a sweep.
pub(crate) struct Histories {
    /// The histories of the Cloud sources, by the number of the source.
    pub cloud: HashMap<i64, CloudHistory>,
    /// The histories of the instances, by the number of the source.
    pub server: HashMap<i64, ServerHistory>,
}

/// The number of settings (everything except accounts that decides a count) that a sweep remembers. Files arrive
/// from Cloud and from several instances in turn, so earlier settings occur again.
const SETTINGS: usize = 32;

/// A sweep in progress: it goes from instant to instant and counts who changed.
struct Sweep<'l, 'o> {
    ledger: &'l Ledger<'l>,
    only: Option<&'o str>,
    histories: Histories,
    /// For each setting (everything except accounts that decides a count), the last instant that was counted,
    /// newest first.
    known: VecDeque<CountedInstant<'l>>,
}

/// An instant that was counted, with the values for a comparison with a later instant.
struct CountedInstant<'l> {
    frame: Frame<'l>,
    count: Count,
    setting: Setting,
    /// For each source, by number, the point of its time line at which its snapshot in force was taken.
    places: HashMap<i64, Place>,
}

impl Histories {
    /// Reads the histories of all sources. `None` if a file states no ids for its accounts. The identities of
    /// such accounts depend on other snapshots (counting.md section 2), so people could not be counted in
    /// separate groups.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn read(ledger: &Ledger<'_>, instants: &[Instant]) -> Result<Option<Histories>> {
        let (Some(first), Some(last)) = (instants.first(), instants.last()) else {
            return Ok(None);
        };
        let (mut cloud, mut server) = (HashMap::new(), HashMap::new());
        for snapshots in ledger.taken_by(*last) {
            let kind = snapshots[0].source.kind;
            // The snapshot that is in force at the first instant may have been taken earlier.
            let carried = snapshots.iter().rfind(|it| it.taken_at <= *first && !it.partial);
            let from = carried.unwrap_or(&snapshots[0]).place;
            let (Some(newest), true) = (snapshots.last(), kind.holds_accounts()) else { continue };
            let mut sources: Vec<i64> = snapshots.iter().map(|it| it.source_id).collect();
            sources.sort_unstable();
            sources.dedup();
            for source in sources {
                if kind == SourceKind::Cloud {
                    let history = CloudHistory::read(ledger.store, source, from, newest.place)?;
                    cloud.insert(source, history);
                } else {
                    let history = ServerHistory::read(ledger.store, source, from, newest.place)?;
                    let accounts = &history.part.accounts;
                    if accounts.iter().any(|it| matches!(it.member, Member::Login(_))) {
                        return Ok(None);
                    }
                    server.insert(source, history);
                }
            }
        }
        groups::find(ledger, &mut cloud, &mut server)?;
        Ok(Some(Histories { cloud, server }))
    }

    /// The number of states (records) in the histories of all sources.
    fn len(&self) -> usize {
        let cloud = self.cloud.values().map(|history| history.states.len());
        cloud.chain(self.server.values().map(|history| history.states.len())).sum()
    }

    /// Adds to `changed` the groups of the states that are in force at only one of two points of the source's
    /// time line.
    fn changed(&self, source: i64, from: Place, to: Place, changed: &mut Vec<StateGroupIx>) {
        let cloud = self.cloud.get(&source).map(|history| &history.states);
        if let Some(states) = cloud.or(self.server.get(&source).map(|history| &history.states)) {
            changed.extend(states.changed(from, to));
        }
    }

    /// The groups of people that may differ between two instants, in order. An instant is described by the
    /// points of the time lines at which the snapshots in force were taken, by the number of the source.
    pub fn changed_between(
        &self,
        one: &HashMap<i64, Place>,
        other: &HashMap<i64, Place>,
    ) -> Vec<StateGroupIx> {
        let mut changed = Vec::new();
        for (source, place) in other {
            if let Some(before) = one.get(source).filter(|before| *before != place) {
                self.changed(*source, *before, *place, &mut changed);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// Calls `each` with every state (record), its group and, for a Cloud row, its identity.
    pub fn each_state(&self, mut each: impl FnMut(StateId, StateGroupIx, Option<&str>)) {
        for CloudHistory { states, part, .. } in self.cloud.values() {
            for (row, group) in part.rows.iter().zip(states.groups()) {
                each(row.state, *group, Some(part.identity(row)));
            }
        }
        for ServerHistory { states, part } in self.server.values() {
            for (account, group) in part.accounts.iter().zip(states.groups()) {
                each(account.state, *group, None);
            }
        }
    }
}

impl<'l> Sweep<'l, '_> {
    fn next(&mut self, at: Instant) -> Result<(Moment<'l>, Count)> {
        let nobody = Focused { histories: &self.histories, focus: Focus::Nobody };
        let frame = self.ledger.frame(at, self.only, &nobody)?;
        let scene = self.ledger.moment_in(&frame, self.only, &nobody)?;
        let setting = Setting::of(self.ledger, &scene)?;
        let in_force = scene.in_force.iter();
        let places: HashMap<i64, Place> =
            in_force.map(|snapshot| (snapshot.source_id, snapshot.place)).collect();
        let like = self.known.iter().position(|known| known.setting.is_like(&setting));
        let count = match like.and_then(|like| self.known.remove(like)) {
            Some(known) => {
                let changed = self.histories.changed_between(&known.places, &places);
                self.go_on(&known, &frame, &changed)?
            }
            None => self.count(&frame, Focus::Everybody)?,
        };
        self.known.truncate(SETTINGS - 1);
        self.known.push_front(CountedInstant { frame, count: count.clone(), setting, places });
        Ok((scene, count))
    }

    /// The count at an instant, from that of an earlier counted instant. Only the people in these groups may
    /// have changed.
    fn go_on(
        &self,
        known: &CountedInstant<'l>,
        frame: &Frame<'l>,
        changed: &[StateGroupIx],
    ) -> Result<Count> {
        if changed.is_empty() {
            return Ok(known.count.clone());
        }
        let before = self.count(&known.frame, Focus::Groups(changed))?;
        let after = self.count(frame, Focus::Groups(changed))?;
        Ok(known.count.with_part(&before, &after))
    }

    /// The count of the people in `focus` alone.
    fn count(&self, frame: &Frame<'l>, focus: Focus<'_>) -> Result<Count> {
        let parts = Focused { histories: &self.histories, focus };
        Ok(total(&self.ledger.moment_in(frame, self.only, &parts)?.enterprises))
    }
}

/// A source of accounts that provides only those of the people in `focus`.
pub(crate) struct Focused<'s> {
    pub histories: &'s Histories,
    pub focus: Focus<'s>,
}

impl PartSource for Focused<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        let history = self.histories.cloud.get(&cloud.source_id);
        Ok(history.map(|history| history.hosts_at(cloud.place)).unwrap_or_default())
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Arc<CloudPart>> {
        let history = self.histories.cloud.get(&cloud.source_id);
        let part = history.map(|history| history.part_at(cloud.place, self.focus));
        Ok(Arc::new(part.unwrap_or_default()))
    }

    fn server(&self, server: &SnapshotFacts) -> Result<Arc<ServerPart>> {
        let history = self.histories.server.get(&server.source_id);
        let part = history.map(|history| history.part_at(server.place, self.focus));
        Ok(Arc::new(part.unwrap_or_default()))
    }
}

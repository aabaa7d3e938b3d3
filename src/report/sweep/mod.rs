//! Consumption at many instants by one sweep: from one instant to the next only those people are
//! counted again of whom something is said otherwise, before and after.
//!
//! People who have nothing in common with others count alike whoever the others are, so numbers of
//! parts add up (counting.md section 4 looks at an account's addresses, and at the rows that list
//! it). A part that is closed over all of the time (`groups`) is counted again where one of its
//! states begins or ends, or, where a match rests on which of two files is older (rule c), when
//! that turns. Whatever else may matter — sources that come and go, settings, links — is the
//! `Setting`: where that changes, everybody is counted again.

mod groups;
mod history;
mod setting;

use std::collections::HashMap;
use std::rc::Rc;

use super::consumption::total;
use super::moment::{Ledger, Moment};
use super::parts::Parts;
use crate::error::Result;
use crate::model::{CloudPart, Instant, Member, ServerPart, SourceKind};
use crate::people::{Count, Origin};
use crate::store::{Place, SnapshotFacts};
use groups::Groups;
use history::{CloudHistory, ServerHistory};
use setting::{Ages, Setting};

/// Up to so many instants are resolved one by one: reading the history would cost more.
const FEW: usize = 2;

/// Hands out what is in force at each of these instants, which are in order, with the consumption
/// then. Of the accounts nothing is in the moments.
///
/// # Errors
/// If the database cannot be read; whatever `each` says.
pub(super) fn sweep<'l>(
    ledger: &'l Ledger<'l>,
    instants: &[Instant],
    only: Option<&str>,
    mut each: impl FnMut(Moment<'l>, Count),
) -> Result<()> {
    if instants.len() > FEW
        && let Some(histories) = Histories::read(ledger, instants)?
    {
        let mut sweep = Sweep { ledger, only, histories, last: None };
        for at in instants {
            let (moment, count) = sweep.next(*at)?;
            each(moment, count);
        }
        return Ok(());
    }
    for at in instants {
        let moment = ledger.moment(*at, only)?;
        let count = total(&moment.enterprises);
        each(moment, count);
    }
    Ok(())
}

/// All that the sources say over the time of a sweep.
struct Histories {
    cloud: HashMap<i64, CloudHistory>,
    server: HashMap<i64, ServerHistory>,
    groups: Groups,
}

/// Who is looked at.
#[derive(Clone, Copy)]
enum Focus<'f> {
    Nobody,
    /// The people of these groups, in order.
    Groups(&'f [u32]),
    Everybody,
}

/// A sweep under way.
struct Sweep<'l, 'o> {
    ledger: &'l Ledger<'l>,
    only: Option<&'o str>,
    histories: Histories,
    last: Option<Last>,
}

/// What was known at the instant before.
struct Last {
    at: Instant,
    count: Count,
    setting: Setting,
    ages: Ages,
    /// The place in force of each source.
    places: HashMap<i64, Place>,
    /// The groups in which a match rests on which file is older.
    by_age: Vec<u32>,
}

impl Histories {
    /// Reads the histories; `None` where a file gives accounts no ids: who they are then depends on
    /// what other snapshots know (counting.md section 2), and parts are not closed.
    fn read(ledger: &Ledger<'_>, instants: &[Instant]) -> Result<Option<Histories>> {
        let (Some(first), Some(last)) = (instants.first(), instants.last()) else {
            return Ok(None);
        };
        let (mut cloud, mut server) = (HashMap::new(), HashMap::new());
        for snapshots in ledger.taken_by(*last) {
            let kind = snapshots[0].source.kind;
            // What holds at the first instant was taken before it.
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
        let groups = Groups::new(ledger, &mut cloud, &mut server);
        Ok(Some(Histories { cloud, server, groups }))
    }

    /// The groups of which something is said at one of these places of a source and not at the
    /// other.
    fn changed(&self, source: i64, from: Place, to: Place, changed: &mut Vec<u32>) {
        let cloud = self.cloud.get(&source).map(|history| &history.states);
        if let Some(states) = cloud.or(self.server.get(&source).map(|history| &history.states)) {
            changed.extend(states.changed(from, to));
        }
    }
}

impl<'l> Sweep<'l, '_> {
    fn next(&mut self, at: Instant) -> Result<(Moment<'l>, Count)> {
        let scene = self.moment(at, Focus::Nobody)?;
        let setting = Setting::of(self.ledger, &scene);
        let ages = setting::ages(&scene);
        let in_force = scene.in_force.iter();
        let places: HashMap<i64, Place> =
            in_force.map(|snapshot| (snapshot.source_id, snapshot.place)).collect();
        let same = self.last.take().filter(|last| setting.is_like(&last.setting));
        let (count, by_age) = match same {
            Some(last) => {
                let changed = self.changed(&last, &places, &ages);
                self.go_on(&last, at, changed)?
            }
            None => self.count(at, Focus::Everybody)?,
        };
        self.last = Some(Last { at, count: count.clone(), setting, ages, places, by_age });
        Ok((scene, count))
    }

    /// The groups that may count otherwise than at the last instant, in order.
    fn changed(&self, last: &Last, places: &HashMap<i64, Place>, ages: &Ages) -> Vec<u32> {
        let mut changed = Vec::new();
        for (source, place) in places {
            if let Some(before) = last.places.get(source).filter(|before| *before != place) {
                self.histories.changed(*source, *before, *place, &mut changed);
            }
        }
        if *ages != last.ages {
            changed.extend(&last.by_age);
        }
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// The consumption, and the groups that rest on the age of files, where these groups may have
    /// changed.
    fn go_on(&self, last: &Last, at: Instant, changed: Vec<u32>) -> Result<(Count, Vec<u32>)> {
        if changed.is_empty() {
            return Ok((last.count.clone(), last.by_age.clone()));
        }
        let (before, _) = self.count(last.at, Focus::Groups(&changed))?;
        let (after, mut by_age) = self.count(at, Focus::Groups(&changed))?;
        let others = last.by_age.iter().filter(|group| changed.binary_search(group).is_err());
        by_age.extend(others);
        by_age.sort_unstable();
        Ok((last.count.with_part(&before, &after), by_age))
    }

    /// The consumption of these people, and their groups in which a match rests on the age of
    /// files, in order.
    fn count(&self, at: Instant, focus: Focus<'_>) -> Result<(Count, Vec<u32>)> {
        let moment = self.moment(at, focus)?;
        let mut by_age = Vec::new();
        for enterprise in &moment.enterprises {
            let (population, matching) = (&enterprise.population, &enterprise.matching);
            for &account in &matching.by_age {
                let state = match matching.accounts[account as usize].origin {
                    Origin::Own(index) => population.server[index as usize].state,
                    Origin::Cloud(row) => population.cloud[row as usize].state,
                };
                by_age.extend(self.histories.groups.of_state(state));
            }
        }
        by_age.sort_unstable();
        by_age.dedup();
        Ok((total(&moment.enterprises), by_age))
    }

    fn moment(&self, at: Instant, focus: Focus<'_>) -> Result<Moment<'l>> {
        self.ledger.moment_of(at, self.only, &Focused { histories: &self.histories, focus })
    }
}

/// Those of the accounts that are looked at.
struct Focused<'s> {
    histories: &'s Histories,
    focus: Focus<'s>,
}

impl Parts for Focused<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        let history = self.histories.cloud.get(&cloud.source_id);
        Ok(history.map(|history| history.hosts_at(cloud.place)).unwrap_or_default())
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Rc<CloudPart>> {
        let history = self.histories.cloud.get(&cloud.source_id);
        let part = history.map(|history| history.part_at(cloud.place, self.focus));
        Ok(Rc::new(part.unwrap_or_default()))
    }

    fn server(&self, server: &SnapshotFacts) -> Result<Rc<ServerPart>> {
        let history = self.histories.server.get(&server.source_id);
        let part = history.map(|history| history.part_at(server.place, self.focus));
        Ok(Rc::new(part.unwrap_or_default()))
    }
}

//! Finds out since when a finding has existed, by comparing the findings at the instants of the snapshots
//! (counting.md section 5).

use std::collections::BTreeSet;

use foldhash::HashMap;

use crate::error::Result;
use crate::ledger::Setting;
use crate::ledger::UNKNOWN_HOST;
use crate::ledger::{Enterprise, Ledger, Moment};
use crate::ledger::{Scenes, Seed, around};
use crate::model::{Account, AccountIx, Instant, Member, RowIx};
use crate::people::Finding;
use crate::store::Place;

/// The search for the beginning of a finding goes back through history, and stops after it has counted this
/// many accounts. The beginning is then unknown. With this limit, a history of some thousand people is searched
/// to its end, and no answer takes minutes.
pub(super) const LOOKED_AT: u64 = 2_000_000;

/// A Cloud row, by its enterprise and its identity. A Server account needs no enterprise, because its host and
/// id identify it, and before the first Cloud report it belongs to none.
type Row = (Option<String>, String);

/// What identifies a finding at another instant. Two findings are the same if they share a Server account (or
/// are about the same invitation or the same second Cloud account) and if their other seats also have an
/// account in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// The finding's Server accounts, by host and id.
    accounts: BTreeSet<(String, Member)>,
    /// The invitation that the finding is about, if the finding has no Server account.
    invitation: Option<Row>,
    /// The second Cloud account, if the finding is about two Cloud accounts.
    second: Option<Row>,
    /// The Cloud rows to which the finding's other seat may belong: the candidates, or the first of two Cloud
    /// accounts.
    rows: BTreeSet<Row>,
    /// The Server accounts of the finding's other seat.
    others: BTreeSet<(String, Member)>,
}

impl Mark {
    pub fn of(enterprise: &Enterprise<'_>, finding: &Finding) -> Mark {
        let Enterprise { population, matching, .. } = enterprise;
        let place = |number: &AccountIx| {
            let member = matching.accounts[*number].member.clone();
            (enterprise.host_of(*number).to_owned(), member)
        };
        let identity =
            |row: &RowIx| (enterprise.name.clone(), population.identity(*row).to_owned());
        let group = finding.group.map(|group| &matching.groups[group]);
        Mark {
            accounts: group.map_or(&[][..], |group| &group.accounts).iter().map(place).collect(),
            invitation: finding.invitation.as_ref().filter(|_| group.is_none()).map(identity),
            second: finding.second.as_ref().map(identity),
            rows: match finding.second {
                Some(_) => {
                    finding.evidence.iter().filter_map(|it| it.row.as_ref().map(identity)).collect()
                }
                None => finding.candidates.iter().map(identity).collect(),
            },
            others: finding.others.iter().map(place).collect(),
        }
    }

    /// Whether both marks identify the same finding, at the same or at different instants.
    pub fn is_same(&self, other: &Mark) -> bool {
        let about = match self.accounts.is_empty() {
            true => {
                let (own, its) = (self.on_cloud(), other.on_cloud());
                own.is_some() && own == its
            }
            false => !self.accounts.is_disjoint(&other.accounts),
        };
        about && (!self.rows.is_disjoint(&other.rows) || !self.others.is_disjoint(&other.others))
    }

    /// The invitation or the second Cloud account that the finding is about; `None` if it is about Server
    /// accounts.
    pub fn on_cloud(&self) -> Option<&Row> {
        self.invitation.as_ref().or(self.second.as_ref())
    }

    /// Whether the finding is about an invitation, without a Server account.
    pub fn is_of_invitation(&self) -> bool {
        self.invitation.is_some()
    }

    /// The Cloud accounts and invitations to which the finding's other seat may belong.
    pub fn rows(&self) -> &BTreeSet<Row> {
        &self.rows
    }

    /// The mark that the finding had at the instant `then`. Its Cloud accounts may have had other identities
    /// than at `at`, because logins change.
    pub fn called(&self, ledger: &Ledger<'_>, at: Instant, then: Instant) -> Result<Mark> {
        let called = |(enterprise, identity): &Row| -> Result<Option<Row>> {
            let name = enterprise.as_deref().unwrap_or_default();
            let identity = match then < at {
                true => ledger.earlier_name(name, identity, at, then)?,
                false => Some(ledger.later_name(name, identity, at, then)?),
            };
            Ok(identity.map(|identity| (enterprise.clone(), identity)))
        };
        let rows = self.rows.iter().filter_map(|row| called(row).transpose());
        let rows = rows.collect::<Result<BTreeSet<Row>>>()?;
        let second = self.second.as_ref().map(called).transpose()?.flatten();
        Ok(Mark { rows, second, ..self.clone() })
    }

    /// The accounts from which a search for the people of the finding starts: its Server accounts, its
    /// invitation or its second Cloud account.
    pub fn seeds(&self) -> Vec<Seed> {
        let accounts = self.accounts.iter().map(|(host, member)| match member {
            Member::Number(_) | Member::Text(_) => {
                Seed::Listed((host != UNKNOWN_HOST).then(|| host.clone()), member.to_string())
            }
            _ => Seed::Identity(Account::identity_of_member(member)),
        });
        let on_cloud = self.on_cloud().into_iter().map(|(_, it)| Seed::Identity(it.clone()));
        accounts.chain(on_cloud).collect()
    }

    /// The Server accounts of the finding's other seat.
    pub fn others(&self) -> &BTreeSet<(String, Member)> {
        &self.others
    }

    pub fn accounts(&self) -> &BTreeSet<(String, Member)> {
        &self.accounts
    }
}

/// The marks of several findings. They can be found by a Server account, an invitation or a second Cloud
/// account.
#[derive(Default)]
pub(super) struct Marks {
    all: Vec<Mark>,
    by_account: HashMap<(String, Member), Vec<usize>>,
    by_row: HashMap<Row, Vec<usize>>,
}

impl FromIterator<Mark> for Marks {
    fn from_iter<I: IntoIterator<Item = Mark>>(all: I) -> Marks {
        let mut marks = Marks::default();
        for (index, mark) in all.into_iter().enumerate() {
            for account in &mark.accounts {
                marks.by_account.entry(account.clone()).or_default().push(index);
            }
            if let Some(row) = mark.on_cloud() {
                marks.by_row.entry(row.clone()).or_default().push(index);
            }
            marks.all.push(mark);
        }
        marks
    }
}

impl Marks {
    /// Whether one of the marks identifies the same finding as `mark`.
    pub fn has(&self, mark: &Mark) -> bool {
        let accounts = mark.accounts.iter().filter_map(|account| self.by_account.get(account));
        let rows = mark.on_cloud().and_then(|it| self.by_row.get(it));
        let mut near = accounts.chain(rows).flatten();
        near.any(|index| mark.is_same(&self.all[*index]))
    }
}

/// For each finding, given by its mark: the instant of the first snapshot since which it has existed without a
/// break up to `at`. `None` if the search stops before it finds the beginning.
pub(super) fn since(
    ledger: &Ledger<'_>,
    at: Instant,
    only: Option<&str>,
    marks: &[Mark],
) -> Result<Vec<Option<Instant>>> {
    if marks.len() <= FEW {
        let mut since = Vec::new();
        for mark in marks {
            match since_near(ledger, at, only, mark)? {
                Some(instant) => since.push(instant),
                None => return since_of_all(ledger, at, only, marks),
            }
        }
        return Ok(since);
    }
    since_of_all(ledger, at, only, marks)
}

/// Does what `since` does, by counting everybody at each instant.
fn since_of_all(
    ledger: &Ledger<'_>,
    at: Instant,
    only: Option<&str>,
    marks: &[Mark],
) -> Result<Vec<Option<Instant>>> {
    let mut since: Vec<Option<Instant>> = vec![None; marks.len()];
    let mut open: Vec<usize> = (0..marks.len()).collect();
    let mut looked_at = 0;
    let mut instants = ledger.instants_of_evidence();
    instants.retain(|it| *it <= at);
    let mut earliest = at;
    for &instant in instants.iter().rev() {
        // The search ends when every beginning is found, or at the limit. Where no beginning was found, the
        // result stays `None`.
        if open.is_empty() || looked_at > LOOKED_AT {
            return Ok(since);
        }
        // The marks are those of the findings at the instant `at`, so every finding exists there.
        if instant == at {
            looked_at += Scenes::new(ledger).at(at, only)?.0.accounts();
            continue;
        }
        let (there, size) = marks_at(ledger, instant, only)?;
        looked_at += size;
        let mut still_open = Vec::new();
        for index in open {
            if there.has(&marks[index].called(ledger, at, instant)?) {
                still_open.push(index);
            } else {
                // The finding does not exist at this instant, so it began at the next one.
                since[index] = Some(earliest);
            }
        }
        open = still_open;
        earliest = instant;
    }
    for index in open {
        since[index] = Some(earliest);
    }
    Ok(since)
}

/// Does what `since` does, by following each finding separately where `since_near` can do that.
pub(super) fn since_of_each(
    ledger: &Ledger<'_>,
    at: Instant,
    only: Option<&str>,
    marks: Vec<Mark>,
) -> Result<Vec<Option<Instant>>> {
    let mut since = Vec::new();
    let (mut far, mut places) = (Vec::new(), Vec::new());
    for (place, mark) in marks.into_iter().enumerate() {
        let near = since_near(ledger, at, only, &mark)?;
        if near.is_none() {
            places.push(place);
            far.push(mark);
        }
        since.push(near.flatten());
    }
    if !far.is_empty() {
        for (place, instant) in places.into_iter().zip(since_of_all(ledger, at, only, &far)?) {
            since[place] = instant;
        }
    }
    Ok(since)
}

/// Does what `since` does, for one finding. It counts only the people who decide about the finding, and only at
/// instants at which something has changed for them. The outer `None` means that everybody must be counted.
fn since_near(
    ledger: &Ledger<'_>,
    at: Instant,
    only: Option<&str>,
    mark: &Mark,
) -> Result<Option<Option<Instant>>> {
    let seeds = mark.seeds();
    let mut scenes = Scenes::new(ledger);
    let mut seen: Vec<Seen> = Vec::new();
    let mut looked_at = 0;
    let mut earliest = at;
    for instant in ledger.instants_of_evidence().into_iter().rev().filter(|it| *it <= at) {
        let (scene, hosts) = scenes.at(instant, only)?;
        let setting = Setting::of(ledger, &scene)?;
        let directories = ledger.directories_in_force(instant);
        let directories: Vec<i64> = directories.into_iter().map(|it| it.id).collect();
        let same = |it: &&Seen| it.is_the_same(&scene, &setting, &directories);
        let still = match seen.iter().find(same) {
            Some(seen) => seen.has_it,
            None if looked_at > LOOKED_AT => return Ok(Some(None)),
            None => {
                let Some(around) = around(ledger, &scene, &hosts, only, &seeds)? else {
                    return Ok(None);
                };
                looked_at += around.looked_at + PRICE;
                let mark = mark.called(ledger, at, instant)?;
                let has_it = marks_of(ledger, &around.moment)?.0.has(&mark);
                seen.push(Seen { setting, directories, same: around.same, has_it });
                has_it
            }
        };
        if !still {
            break;
        }
        earliest = instant;
    }
    Ok(Some(Some(earliest)))
}

/// Whether a finding existed at an instant, and what must stay unchanged for the result to hold at other
/// instants too.
struct Seen {
    setting: Setting,
    /// The numbers of the snapshots of employee directories that were in force.
    directories: Vec<i64>,
    same: HashMap<i64, (Place, Place)>,
    has_it: bool,
}

impl Seen {
    fn is_the_same(&self, scene: &Moment<'_>, setting: &Setting, directories: &[i64]) -> bool {
        self.setting.is_like(setting)
            && self.directories == directories
            && scene.in_force.iter().all(|snapshot| {
                let same = self.same.get(&snapshot.source_id);
                same.is_some_and(|(from, to)| (*from..=*to).contains(&snapshot.place))
            })
    }
}

/// If there are more findings than this, everybody is counted at each instant; else each finding is followed
/// separately.
const FEW: usize = 20;

/// What following one finding costs, apart from the people counted, expressed as a number of counted accounts.
const PRICE: u64 = 1000;

/// The marks of all findings at an instant, and how many accounts were counted to find them.
pub(super) fn marks_at(
    ledger: &Ledger<'_>,
    at: Instant,
    only: Option<&str>,
) -> Result<(Marks, u64)> {
    marks_of(ledger, &ledger.moment(at, only)?)
}

fn marks_of(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<(Marks, u64)> {
    let mut marks = Vec::new();
    let mut size = 0;
    for enterprise in &moment.enterprises {
        size += (enterprise.population.cloud.len() + enterprise.population.server.len()) as u64;
        let findings = ledger.findings(moment.at, enterprise)?;
        marks.extend(findings.iter().map(|finding| Mark::of(enterprise, finding)));
    }
    Ok((marks.into_iter().collect(), size))
}

//! Finds the instants from which seats have been there without a break (directory.md section 4): the first snapshot
//! of the unbroken run in which their accounts are. It follows Cloud accounts whose login changes (counting.md
//! section 6). A whole history is read at once, so it does not matter how many seats are asked about.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use super::Ledger;
use super::moment::Enterprise;
use super::renamed::among;
use crate::error::Result;
use crate::model::{AddressKind, Instant, KeyId, Member, Population, SourceKind, Standing, part};
use crate::people::SeatOf;
use crate::store::{NameIdHolder, Place, SnapshotFacts};

/// The instants from which the seats of an enterprise have been there.
#[derive(Default)]
pub(crate) struct SeatsBegun {
    /// For each Cloud account, by its identity: the instant, and the identity that it had then.
    rows: HashMap<String, (Instant, String)>,
    /// For each Server account, by its instance and id.
    accounts: HashMap<(String, Member), Instant>,
}

impl SeatsBegun {
    /// The instant from which a seat has been there; `None` if it is not known. A seat of Server accounts only has
    /// been there since the first of its accounts.
    pub fn of(&self, enterprise: &Enterprise<'_>, seat: &SeatOf) -> Option<Instant> {
        if let Some(row) = seat.row {
            return self.rows.get(enterprise.population.identity(row)).map(|(begun, _)| *begun);
        }
        let begun = seat.accounts.iter().map(|number| {
            let member = enterprise.matching.accounts[*number].member.clone();
            self.accounts.get(&(enterprise.host_of(*number).to_owned(), member)).copied()
        });
        begun.collect::<Option<Vec<Instant>>>()?.into_iter().min()
    }

    /// The identity that the Cloud account of a seat had when the seat began; `None` if it is not known.
    pub fn first_identity(&self, identity: &str) -> Option<&str> {
        self.rows.get(identity).map(|(_, first)| first.as_str())
    }
}

impl Ledger<'_> {
    /// The instants from which these seats of an enterprise have been there, up to the instant `at`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn begun<'s>(
        &self,
        at: Instant,
        enterprise: &Enterprise<'_>,
        seats: impl Iterator<Item = &'s SeatOf>,
    ) -> Result<SeatsBegun> {
        let (mut identities, mut accounts) = (Vec::new(), HashMap::<&str, Vec<Member>>::new());
        for seat in seats {
            match seat.row {
                Some(row) => identities.push(enterprise.population.identity(row)),
                None => {
                    for number in &seat.accounts {
                        let member = enterprise.matching.accounts[*number].member.clone();
                        accounts.entry(enterprise.host_of(*number)).or_default().push(member);
                    }
                }
            }
        }
        let mut begun = SeatsBegun::default();
        if let Some(cloud) = enterprise.cloud.filter(|_| !identities.is_empty()) {
            let snapshots = self.snapshots_of(SourceKind::Cloud, &cloud.source.name, at);
            let history = CloudRuns::read(self, &snapshots, &enterprise.population)?;
            begun.rows = identities
                .into_iter()
                .filter_map(|it| Some((it.to_owned(), history.begun(it)?)))
                .collect();
        }
        for (host, members) in accounts {
            let mut instances = enterprise.population.instances.iter();
            let kind = match instances.find(|it| *it.host == *host).map(|it| it.standing) {
                Some(Standing::Own(_)) => SourceKind::Server,
                Some(Standing::AsSynced(_)) => SourceKind::ServerAsSynced,
                // Nobody states since when an account that only Cloud rows list has been there.
                Some(Standing::CloudOnly | Standing::Absent) | None => continue,
            };
            let snapshots = self.snapshots_of(kind, host, at);
            let history = ServerRuns::read(self, &snapshots)?;
            begun.accounts.extend(members.into_iter().filter_map(|member| {
                let first = history.begun(&member)?;
                Some(((host.to_owned(), member), first))
            }));
        }
        Ok(begun)
    }

    /// The snapshots of a source that can come into force and were taken by an instant, ordered by place.
    fn snapshots_of(&self, kind: SourceKind, name: &str, at: Instant) -> Vec<&SnapshotFacts> {
        let taken = self.taken_of(kind, name, at).iter();
        taken.filter(|snapshot| !snapshot.partial).collect()
    }
}

/// The positions, in a list of snapshots of one source, of those that lie within a span. A source that had several
/// names has several numbers, and the snapshots of a number may alternate with those of another.
fn runs(snapshots: &[&SnapshotFacts], source: i64, from: Place, to: Place) -> Vec<Range<usize>> {
    let from = snapshots.partition_point(|it| it.place < from);
    let to = snapshots.partition_point(|it| it.place < to);
    let own = (from..to).filter(|at| snapshots[*at].source_id == source);
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in own {
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => run.end = at + 1,
            None => runs.push(at..at + 1),
        }
    }
    runs
}

/// The position at which the unbroken run of these ranges begins that holds the position `last`.
fn start_of_run(ranges: &[Range<usize>], last: usize) -> Option<usize> {
    let mut start = ranges.iter().find(|range| range.contains(&last))?.start;
    while let Some(before) = ranges.iter().find(|it| it.contains(&start.wrapping_sub(1))) {
        start = before.start;
    }
    Some(start)
}

/// The numbers of the sources of these snapshots, with the first and the last place of each.
fn sources(snapshots: &[&SnapshotFacts]) -> Vec<(i64, Place, Place)> {
    let mut sources: Vec<(i64, Place, Place)> = Vec::new();
    for snapshot in snapshots {
        match sources.iter_mut().find(|it| it.0 == snapshot.source_id) {
            Some(known) => known.2 = snapshot.place,
            None => sources.push((snapshot.source_id, snapshot.place, snapshot.place)),
        }
    }
    sources
}

/// A Cloud account in a span, as a holder of its NameID.
struct CloudSpan {
    source: i64,
    identity: Box<str>,
    from: Place,
    to: Place,
    name_id: Option<KeyId>,
}

/// The spans of all Cloud accounts of an enterprise that took seats.
struct CloudRuns<'h> {
    snapshots: &'h [&'h SnapshotFacts],
    /// The spans, sorted by identity.
    spans: Vec<CloudSpan>,
    /// The positions of the spans with a NameID, sorted by the NameID.
    by_name_id: Vec<(KeyId, usize)>,
}

impl<'h> CloudRuns<'h> {
    fn read(
        ledger: &Ledger<'_>,
        snapshots: &'h [&'h SnapshotFacts],
        population: &Population,
    ) -> Result<CloudRuns<'h>> {
        let mut spans = Vec::new();
        for (source, first, last) in sources(snapshots) {
            let (rows, held) = ledger.store.cloud_part_between(source, first, last)?;
            for (row, span) in rows.rows.iter().zip(held) {
                if !population.takes_seat(row) {
                    continue;
                }
                let addresses = part(&rows.addresses, &row.addresses).iter();
                let name_id = addresses.clone().find(|it| it.kind == AddressKind::NameId);
                spans.push(CloudSpan {
                    source,
                    identity: rows.identity(row).into(),
                    from: span.from,
                    to: span.to,
                    name_id: name_id.map(|it| it.key),
                });
            }
        }
        spans.sort_by(|a, b| (&a.identity, a.from).cmp(&(&b.identity, b.from)));
        let with = spans.iter().enumerate().filter_map(|(at, it)| Some((it.name_id?, at)));
        let mut by_name_id: Vec<(KeyId, usize)> = with.collect();
        by_name_id.sort_unstable();
        Ok(CloudRuns { snapshots, spans, by_name_id })
    }

    /// The spans of an account.
    fn of(&self, identity: &str) -> &[CloudSpan] {
        let start = self.spans.partition_point(|it| *it.identity < *identity);
        let own = &self.spans[start..];
        &own[..own.partition_point(|it| *it.identity == *identity)]
    }

    fn runs_of(&self, span: &CloudSpan) -> Vec<Range<usize>> {
        runs(self.snapshots, span.source, span.from, span.to)
    }

    /// The instant from which the account that has this identity now has been there, and the identity that it had
    /// then.
    fn begun(&self, identity: &str) -> Option<(Instant, String)> {
        let mut last = self.snapshots.len().checked_sub(1)?;
        let mut identity = identity.to_owned();
        loop {
            let own = self.of(&identity);
            let ranges: Vec<Range<usize>> = own.iter().flat_map(|it| self.runs_of(it)).collect();
            let start = start_of_run(&ranges, last)?;
            let first = self.snapshots[start].taken_at;
            let begins = |it: &&CloudSpan| self.runs_of(it).iter().any(|run| run.contains(&start));
            let name_id = own.iter().find(begins).and_then(|it| it.name_id);
            // The account may have had another login before.
            let before = match name_id.filter(|_| start > 0) {
                Some(key) => self.renamed_from(key, &identity, first),
                None => None,
            };
            match before {
                Some(before) => (identity, last) = (before, start - 1),
                None => return Some((first, identity)),
            }
        }
    }

    /// The identity that an account had until it was renamed, in the snapshot of the instant `first`.
    fn renamed_from(&self, key: KeyId, identity: &str, first: Instant) -> Option<String> {
        let start = self.by_name_id.partition_point(|it| it.0 < key);
        let holders = self.by_name_id[start..].iter().take_while(|it| it.0 == key);
        let mut identities: Vec<&str> = holders.map(|(_, at)| &*self.spans[*at].identity).collect();
        identities.sort_unstable();
        identities.dedup();
        if identities.len() < 2 {
            return None;
        }
        let spans = identities.into_iter().flat_map(|identity| self.of(identity));
        let holders = spans.map(|it| NameIdHolder {
            source_id: it.source,
            identity: it.identity.to_string(),
            from: it.from,
            to: it.to,
            has_it: it.name_id == Some(key),
        });
        let renames = among(&holders.collect::<Vec<_>>(), self.snapshots);
        let renamed = renames.into_iter().find(|it| it.first == first && it.new == identity);
        renamed.map(|it| it.old)
    }
}

/// The spans of all accounts of an instance that took part in counting.
struct ServerRuns<'h> {
    snapshots: &'h [&'h SnapshotFacts],
    ranges: HashMap<Member, Vec<Range<usize>>>,
    /// The positions of the snapshots whose file states no id for some account.
    without_ids: Vec<Range<usize>>,
}

impl<'h> ServerRuns<'h> {
    fn read(ledger: &Ledger<'_>, snapshots: &'h [&'h SnapshotFacts]) -> Result<ServerRuns<'h>> {
        let mut history = ServerRuns { snapshots, ranges: HashMap::new(), without_ids: Vec::new() };
        for (source, first, last) in sources(snapshots) {
            let (server, held) = ledger.store.server_part_between(source, first, last)?;
            for (account, span) in server.accounts.into_iter().zip(held) {
                let own = runs(snapshots, source, span.from, span.to);
                if matches!(account.member, Member::Login(_)) {
                    let new = own.iter().filter(|it| !history.without_ids.contains(it));
                    let new: Vec<Range<usize>> = new.cloned().collect();
                    history.without_ids.extend(new);
                }
                if account.takes_part {
                    history.ranges.entry(account.member).or_default().extend(own);
                }
            }
        }
        Ok(history)
    }

    /// The instant from which an account has been there. `None` also if an earlier file states no ids, for then it is
    /// not known whether the account is in it.
    fn begun(&self, member: &Member) -> Option<Instant> {
        let last = self.snapshots.len().checked_sub(1)?;
        let start = start_of_run(self.ranges.get(member)?, last)?;
        let before = start.checked_sub(1);
        let is_unknown =
            before.is_some_and(|at| self.without_ids.iter().any(|it| it.contains(&at)));
        (!is_unknown).then(|| self.snapshots[start].taken_at)
    }
}

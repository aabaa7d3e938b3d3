//! Finds a person, with everybody who affects the answer about that person. These are the accounts that count as
//! the same person, the accounts that evidence names, and other accounts whose evidence names the same accounts
//! (counting.md sections 4 and 5).

use foldhash::{HashMap, HashSet, HashSetExt};

use super::alike::{self, SearchBudget};
use super::search::Search;
use super::{Near, Scene};
use crate::error::Result;
use crate::ledger::Ledger;
use crate::ledger::counting::HostsBySource;
use crate::ledger::moment::Moment;
use crate::model::{Instant, RowIx, RowKind, SourceKind, StateId};
use crate::people::unmatched_groups;
use crate::store::{AccountRef, Place};

/// The account that a question is about. A search starts from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seed {
    /// An account that a source has, by the number of the source and its identity there.
    Known(AccountRef),
    /// An account of an instance by host and id, as Cloud rows list it. `None` means the host `unknown`.
    Listed(Option<String>, String),
    /// All accounts with this identity, in any source.
    Identity(String),
}

/// A moment that has only a few people, and everybody who affects the answer about them.
pub(crate) struct Around<'l> {
    pub moment: Moment<'l>,
    /// The number of states (records of accounts) that the search found.
    pub looked_at: u64,
    /// For each source, by number, two points on its time line between which none of the found records begins or
    /// ends. So the answer is the same at all instants between them, unless something else than accounts
    /// changes.
    pub same: HashMap<i64, (Place, Place)>,
}

/// Makes moments without accounts for many instants. The hosts that a Cloud snapshot lists are read only once.
pub(crate) struct Scenes<'l, 'a> {
    ledger: &'l Ledger<'a>,
    /// The hosts that each Cloud snapshot lists, by number of the snapshot.
    listed: HashMap<i64, Vec<Box<str>>>,
}

impl<'l, 'a> Scenes<'l, 'a> {
    pub fn new(ledger: &'l Ledger<'a>) -> Scenes<'l, 'a> {
        Scenes { ledger, listed: HashMap::default() }
    }

    /// The moment of an instant, without accounts, and the hosts that the rows of each Cloud snapshot in force
    /// list.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn at(&mut self, at: Instant, only: Option<&str>) -> Result<(Moment<'l>, HostsBySource)> {
        let in_force = self.ledger.in_force(at).into_iter();
        let mut hosts = HostsBySource::new();
        for cloud in in_force.filter(|it| it.source.kind == SourceKind::Cloud) {
            let listed = match self.listed.get(&cloud.id) {
                Some(listed) => listed.clone(),
                None => {
                    let listed = self.ledger.store.hosts_at(cloud)?;
                    self.listed.insert(cloud.id, listed.clone());
                    listed
                }
            };
            hosts.insert(cloud.source_id, listed);
        }
        Ok((self.ledger.moment_of(at, only, &Scene(&hosts))?, hosts))
    }
}

/// The moment that has the accounts of `seeds` and everybody who affects the answer about them. `None` if these
/// accounts cannot be looked up or are too many; then the moment with everybody is needed.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn around<'l>(
    ledger: &'l Ledger<'_>,
    scene: &Moment<'_>,
    hosts: &HostsBySource,
    only: Option<&str>,
    seeds: &[Seed],
) -> Result<Option<Around<'l>>> {
    let (at, asked) = (scene.at, SearchBudget::among(scene.accounts()));
    let crowd = ledger.crowds.at(at, only);
    let Some(search) = Search::for_evidence(ledger, scene, crowd)? else { return Ok(None) };
    let mut circle = Circle { ledger, at, only, hosts, search, asked };
    for seed in seeds {
        circle.begin(seed)?;
    }
    // The search has four steps. Step 1 finds the accounts of `seeds` and the accounts related to them. Step 2
    // finds the accounts whose evidence may name the Cloud seats found so far. Step 3 finds the accounts that
    // their evidence may name. Step 4 finds other accounts whose evidence may name the same Cloud accounts.
    let Some(own) = circle.moment()? else {
        // If the search began with a single account, that account and all accounts found so far are one crowd,
        // for which later searches would be useless too.
        if matches!(seeds, [Seed::Known(_) | Seed::Listed(..)]) {
            ledger.crowds.add(at, only, circle.search.found());
        }
        return Ok(None);
    };
    circle.who_names(&own, &seats(&own))?;
    let Some(namers) = circle.moment()? else { return Ok(None) };
    let groups = circle.whom_they_name(&namers)?;
    let Some(named) = circle.moment()? else { return Ok(None) };
    circle.who_names(&named, &candidates(ledger, &named, &groups)?)?;
    let Some(moment) = circle.moment()? else { return Ok(None) };
    let same = circle.search.same().map(|(source, from, to)| (source, (from, to)));
    let (same, looked_at) = (same.collect(), circle.search.len() as u64);
    Ok(Some(Around { moment, looked_at, same }))
}

/// Cloud rows, each with the position of its enterprise in the moment's list.
type RowsByEnterprise = Vec<(usize, RowIx)>;

/// The Cloud accounts that take a seat at a moment.
fn seats(moment: &Moment<'_>) -> RowsByEnterprise {
    let mut seats = RowsByEnterprise::new();
    for (index, enterprise) in moment.enterprises.iter().enumerate() {
        let population = &enterprise.population;
        let rows = population.cloud.enumerated();
        let rows = rows.filter(|(_, row)| row.row == RowKind::Cloud && population.takes_seat(row));
        seats.extend(rows.map(|(row, _)| (index, row)));
    }
    seats
}

/// The Cloud accounts that findings about these Server accounts name as candidates.
fn candidates(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    accounts: &HashSet<StateId>,
) -> Result<RowsByEnterprise> {
    let mut named = RowsByEnterprise::new();
    for (index, enterprise) in moment.enterprises.iter().enumerate() {
        for finding in ledger.findings(moment.at, enterprise)? {
            let group = finding.group.map(|it| &enterprise.matching.groups[it]);
            let mut states = group.iter().flat_map(|it| &it.accounts);
            if states.any(|number| accounts.contains(&enterprise.state_of(*number))) {
                named.extend(finding.candidates.iter().map(|row| (index, *row)));
            }
        }
    }
    Ok(named)
}

/// A search that starts from a few people, and the question that it answers.
struct Circle<'l, 'a, 'q> {
    ledger: &'l Ledger<'a>,
    at: Instant,
    only: Option<&'q str>,
    hosts: &'q HostsBySource,
    search: Search<'l, 'a>,
    asked: SearchBudget,
}

impl<'l> Circle<'l, '_, '_> {
    fn begin(&mut self, seed: &Seed) -> Result<()> {
        match seed {
            Seed::Known(known) => self.search.follow_known(known.source_id, &known.identity),
            Seed::Listed(Some(host), id) => self.search.follow_account(host, id),
            Seed::Identity(identity) => self.search.follow_identity(identity),
            Seed::Listed(None, id) => self.search.follow_member(None, id),
        }
    }

    /// The moment of everybody found so far and of everybody related to them. `None` if they are too many.
    fn moment(&mut self) -> Result<Option<Moment<'l>>> {
        if !self.search.follow()? {
            return Ok(None);
        }
        let histories = self.search.histories()?;
        let parts = Near { histories: &histories, listed: self.hosts };
        Ok(Some(self.ledger.moment_of(self.at, self.only, &parts)?))
    }

    /// Finds the Server accounts whose evidence may name these Cloud accounts.
    fn who_names(&mut self, moment: &Moment<'_>, rows: &RowsByEnterprise) -> Result<()> {
        for (index, row) in rows {
            let enterprise = &moment.enterprises[*index];
            alike::of_row(&mut self.search, &mut self.asked, enterprise, *row)?;
        }
        Ok(())
    }

    /// Finds the accounts that evidence about the unmatched Server accounts of a moment may name. Returns the
    /// states (records) of the unmatched accounts.
    fn whom_they_name(&mut self, moment: &Moment<'_>) -> Result<HashSet<StateId>> {
        let mut states = HashSet::new();
        for enterprise in &moment.enterprises {
            for group in unmatched_groups(&enterprise.matching) {
                for &number in &enterprise.matching.groups[group].accounts {
                    states.insert(enterprise.state_of(number));
                    alike::of_account(&mut self.search, &mut self.asked, enterprise, number)?;
                }
            }
        }
        Ok(states)
    }
}

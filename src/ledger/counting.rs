//! Counts the seats of all enterprises at an instant. Besides the seats, the result has numbers that need
//! matching and evidence (counting.md sections 3 to 5). `kept` stores the result for later answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::moment::{Enterprise, Moment};
use super::parts::{PartSource, WholeLedger};
use super::record::stored_record;
use crate::error::Result;
use crate::model::{
    CloudPart, DateColumn, DateOrder, Instant, LICENSE_FIELDS, ServerPart, SourceKind,
    add_license_end, license_ends,
};
use crate::people::{Confidence, Count};
use crate::store::SnapshotFacts;
use crate::table::{CellKind, Columns};

/// The counts of one instant, which may be stored so that later answers are quick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub at: Instant,
    /// The numbers of seats, accounts and matches.
    pub count: Count,
    /// The hosts that each Cloud snapshot in force lists, by the number of its source. They decide about missing
    /// sources.
    pub hosts: HostsBySource,
    /// The number of duplicates and the facts for warnings; `None` if they were not computed, because they take
    /// longest.
    pub doubles: Option<Doubles>,
}

/// The hosts that each Cloud snapshot in force lists, by the number of the snapshot's source.
pub(crate) type HostsBySource = BTreeMap<i64, Vec<Box<str>>>;

/// The numbers that take longest to compute, because they need evidence, matching and stored records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doubles {
    /// The number of findings about people who would take two licenses, by confidence.
    pub duplicates: DuplicateCounts,
    /// Facts that need all accounts, and that warnings state.
    pub noticed: Noticed,
}

impl Doubles {
    /// Computes the number of duplicates and the facts for warnings at a moment (an instant with everybody in
    /// it).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn of(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Doubles> {
        let mut duplicates = DuplicateCounts::default();
        for enterprise in &moment.enterprises {
            for finding in ledger.findings(moment.at, enterprise)? {
                duplicates.add(finding.confidence);
            }
        }
        Ok(Doubles { duplicates, noticed: Noticed::of(ledger, moment)? })
    }
}

/// Facts that warnings state, such as a repeated address. They need all accounts and their records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noticed {
    /// Does a match rest on a Cloud report that is newer than the instance's own file (counting.md section 4c)?
    pub server_snapshot_older: bool,
    /// The number of Cloud rows whose license ends, by the last second of the license in Unix time (counting.md
    /// section 3). The ends are stored, and not the number of ended licenses, because one stored count serves
    /// for more than one instant.
    pub license_ends: BTreeMap<i64, u64>,
    /// The instances that have accounts with a shared primary address, each with the number of such accounts.
    pub address_repeated: Vec<(String, u64)>,
}

impl Noticed {
    /// Computes the facts for warnings at a moment, which must have the accounts of everybody.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn of(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Noticed> {
        let mut noticed =
            Noticed { address_repeated: address_repeated(moment), ..Noticed::default() };
        for enterprise in &moment.enterprises {
            noticed.server_snapshot_older |= enterprise.matching.server_snapshot_older;
            let Some(cloud) = enterprise.cloud else { continue };
            let order = order_of_license_ends(ledger, cloud)?;
            ledger.store.each_record_stating(cloud, &LICENSE_FIELDS, &mut |fields, content| {
                if let Some(end) = license_ends(&stored_record(fields, content)?, order) {
                    *noticed.license_ends.entry(end.unix()).or_default() += 1;
                }
                Ok(())
            })?;
        }
        Ok(noticed)
    }

    /// The number of Cloud rows whose license ended before an instant.
    pub fn licenses_ended(&self, at: Instant) -> u64 {
        self.license_ends.range(..at.unix()).map(|(_, rows)| rows).sum()
    }
}

/// The order of day and month in the dates on which licenses end, as the rows of a Cloud snapshot write them.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn order_of_license_ends(
    ledger: &Ledger<'_>,
    cloud: &SnapshotFacts,
) -> Result<DateOrder> {
    let mut column = DateColumn::default();
    ledger.store.each_record_stating(cloud, &LICENSE_FIELDS, &mut |fields, content| {
        add_license_end(&stored_record(fields, content)?, &mut column);
        Ok(())
    })?;
    Ok(column.order())
}

/// A source of hosts without accounts: it has the hosts that Cloud rows list, from a list that was read earlier.
pub(super) struct Scene<'h>(pub &'h HostsBySource);

impl PartSource for Scene<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        Ok(self.0.get(&cloud.source_id).cloned().unwrap_or_default())
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Arc<CloudPart>> {
        Ok(Arc::new(CloudPart { hosts: self.hosts(cloud)?.into(), ..CloudPart::default() }))
    }

    fn server(&self, _: &SnapshotFacts) -> Result<Arc<ServerPart>> {
        Ok(Arc::default())
    }
}

/// The hosts that the rows of each Cloud snapshot in force at a moment list.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn hosts(moment: &Moment<'_>, parts: &dyn PartSource) -> Result<HostsBySource> {
    let clouds = moment.in_force.iter().filter(|it| it.source.kind == SourceKind::Cloud);
    let listed = clouds.map(|cloud| {
        let mut hosts = parts.hosts(cloud)?;
        hosts.sort_unstable();
        Ok((cloud.source_id, hosts))
    });
    listed.collect()
}

/// The number of findings of `duplicates`, by confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateCounts {
    pub certain: u64,
    pub likely: u64,
    pub possible: u64,
}

impl DuplicateCounts {
    /// The columns in which a table shows the three numbers of findings.
    pub const COLUMNS: Columns =
        &[("certain", CellKind::Whole), ("likely", CellKind::Whole), ("possible", CellKind::Whole)];
}

impl DuplicateCounts {
    pub(crate) fn add(&mut self, confidence: Confidence) {
        match confidence {
            Confidence::Certain => self.certain += 1,
            Confidence::Likely => self.likely += 1,
            Confidence::Possible => self.possible += 1,
        }
    }
}

/// Counts the seats at an instant without using stored counts.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn count_anew<'l>(
    ledger: &'l Ledger<'_>,
    at: Instant,
    only: Option<&str>,
) -> Result<(Moment<'l>, Counted, Doubles)> {
    let moment = ledger.moment(at, only)?;
    let doubles = Doubles::of(ledger, &moment)?;
    let hosts = hosts(&moment, &WholeLedger(ledger))?;
    let count = total(&moment.enterprises);
    Ok((moment, Counted { at, count, hosts, doubles: Some(doubles.clone()) }, doubles))
}

/// The instances with two or more accounts that have the same primary address, each with the number of such
/// accounts.
pub(crate) fn address_repeated(moment: &Moment<'_>) -> Vec<(String, u64)> {
    let enterprises = moment.enterprises.iter();
    let repeated = enterprises.flat_map(|enterprise| {
        let instances = &enterprise.population.instances;
        let named = enterprise.matching.repeated.iter();
        named.map(|it| (instances[it.instance].host.to_string(), it.accounts))
    });
    let mut repeated: Vec<(String, u64)> = repeated.collect();
    repeated.sort();
    repeated
}

/// The counts of several enterprises, added up.
pub(crate) fn total(enterprises: &[Enterprise<'_>]) -> Count {
    let mut total = Count::default();
    for enterprise in enterprises {
        total.add(&enterprise.count());
    }
    total
}

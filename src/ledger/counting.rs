//! Counts everybody at an instant: the numbers of enterprises added up, and what only matching and
//! evidence tell beside them (counting.md sections 3 to 5). `kept` keeps the outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::moment::{Enterprise, Moment};
use super::parts::{Parts, WholeLedger};
use super::record::stored_record;
use crate::error::Result;
use crate::model::{
    CloudPart, DateColumn, DateOrder, Instant, LICENSE_FIELDS, ServerPart, SourceKind,
    add_license_end, license_ends,
};
use crate::people::{Confidence, Count};
use crate::store::SnapshotFacts;

/// What is known of an instant without looking at accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The instant.
    pub at: Instant,
    /// What is consumed.
    pub count: Count,
    /// The hosts that each Cloud snapshot in force lists, by number of its source.
    pub hosts: HostsBySource,
    /// What takes longest to work out; `None`: it was not.
    pub doubles: Option<Doubles>,
}

/// The hosts that each Cloud snapshot in force lists, by number of its source.
pub(crate) type HostsBySource = BTreeMap<i64, Vec<Box<str>>>;

/// What matching and evidence tell beside the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doubles {
    /// People who would take two licenses.
    pub duplicates: DuplicateCounts,
    /// What only a look at all accounts shows.
    pub noticed: Noticed,
}

impl Doubles {
    /// What evidence, matching and records tell beside the count.
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

/// What is to be warned of and shows only where all accounts and records are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Noticed {
    /// Did matches rest on a report that is newer than our file (counting.md section 4c)?
    pub server_snapshot_older: bool,
    /// How many Cloud rows say that their license ends (counting.md section 3), by the last second of
    /// it: what is kept holds for more than one instant.
    pub license_ends: BTreeMap<i64, u64>,
    /// Instances on which accounts have one primary address, with the number of such accounts.
    pub address_repeated: Vec<(String, u64)>,
}

impl Noticed {
    /// What shows at a moment with all of its accounts.
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

    /// How many licenses have ended at an instant.
    pub fn licenses_ended(&self, at: Instant) -> u64 {
        self.license_ends.range(..at.unix()).map(|(_, rows)| rows).sum()
    }
}

/// How the rows of a Cloud snapshot write the days on which licenses end.
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

/// A moment without its accounts.
pub(super) struct Scene<'h>(pub &'h HostsBySource);

impl Parts for Scene<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        Ok(self.0.get(&cloud.source_id).cloned().unwrap_or_default())
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Arc<CloudPart>> {
        Ok(Arc::new(CloudPart { hosts: self.hosts(cloud)?, ..CloudPart::default() }))
    }

    fn server(&self, _: &SnapshotFacts) -> Result<Arc<ServerPart>> {
        Ok(Arc::default())
    }
}

/// The hosts that the Cloud snapshots in force at a moment list.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn hosts(moment: &Moment<'_>, parts: &dyn Parts) -> Result<HostsBySource> {
    let clouds = moment.in_force.iter().filter(|it| it.source.kind == SourceKind::Cloud);
    let listed = clouds.map(|cloud| {
        let mut hosts = parts.hosts(cloud)?;
        hosts.sort_unstable();
        Ok((cloud.source_id, hosts))
    });
    listed.collect()
}

/// Findings by confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuplicateCounts {
    /// No other reading is plausible.
    pub certain: u64,
    /// One to one, by something that people choose alike.
    pub likely: u64,
    /// Worth a look.
    pub possible: u64,
}

impl DuplicateCounts {
    /// Counts one more finding.
    pub(crate) fn add(&mut self, confidence: Confidence) {
        match confidence {
            Confidence::Certain => self.certain += 1,
            Confidence::Likely => self.likely += 1,
            Confidence::Possible => self.possible += 1,
        }
    }
}

/// Counts everybody at an instant.
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

/// The instances on which accounts have one primary address, with the number of such accounts.
pub(crate) fn address_repeated(moment: &Moment<'_>) -> Vec<(String, u64)> {
    let enterprises = moment.enterprises.iter();
    let repeated = enterprises.flat_map(|enterprise| {
        let instances = &enterprise.population.instances;
        let named = enterprise.matching.repeated.iter();
        named.map(|it| (instances[it.instance as usize].host.to_string(), it.accounts))
    });
    let mut repeated: Vec<(String, u64)> = repeated.collect();
    repeated.sort();
    repeated
}

/// The sum over enterprises.
pub(crate) fn total(enterprises: &[Enterprise<'_>]) -> Count {
    let mut total = Count::default();
    for enterprise in enterprises {
        total.add(&enterprise.count());
    }
    total
}

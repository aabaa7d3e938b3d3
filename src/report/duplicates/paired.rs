//! The duplicates of an enterprise, each with the mark by which it is recognized at another instant.

use super::duplicate::Duplicate;
use super::fixes;
use super::since::Mark;
use super::teller::FindingDetails;
use crate::error::Result;
use crate::ledger::{Enterprise, Ledger};
use crate::people::Finding;

/// A finding, with the mark by which the same finding is recognized at another instant.
pub(super) type Paired = (Mark, Duplicate);

/// The findings of an enterprise as they are printed. A finding is left out if `is_wanted` rejects its mark.
/// The field `since` is not filled in yet.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn paired(
    ledger: &Ledger<'_>,
    enterprise: &Enterprise<'_>,
    findings: &[Finding],
    is_wanted: impl Fn(&Mark) -> Result<bool>,
) -> Result<Vec<Paired>> {
    let teller = FindingDetails::new(ledger, enterprise);
    let steps = fixes::fixes(enterprise, findings, &|key| teller.address(key));
    let mut told = Vec::new();
    for (finding, steps) in findings.iter().zip(steps) {
        let mark = Mark::of(enterprise, finding);
        if is_wanted(&mark)? {
            told.push((mark, teller.item(finding, &steps)?));
        }
    }
    Ok(told)
}

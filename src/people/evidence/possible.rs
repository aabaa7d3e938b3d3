//! Finds possible evidence: same-name and near-email (counting.md section 5). Equal names and near addresses are
//! common, so this evidence counts only if it is one to one.

use std::ops::Range;

use super::candidates::Candidates;
use super::one_to_one::{Candidate, Claims};
use super::takers::{HolderIx, Takers};
use super::{near, side_by_side};
use crate::code::EvidenceCode;
use crate::model::{Indexed, ListIndex, Population, RowIx, RowKind, list_indices};
use crate::name::NameHash;
use crate::people::alike::{Alike, AlikeIx, Hasher};
use crate::people::{AccountOrigin, Matching};

list_indices! {
    /// An account with a display name, among the accounts of the groups to test.
    NamedIx;
}

/// The candidates that possible evidence names, for each group. A group with more than `most` candidates has
/// none.
pub(super) fn claims<'t>(
    population: &Population,
    matching: &Matching,
    takers: &'t Takers<'t>,
    candidates: &Candidates<'_>,
    most: usize,
) -> Claims<'t> {
    let mut claims = Claims::new(takers.len(), population.cloud.len(), takers.words(), most);
    same_name(population, matching, takers, &mut claims);
    near::near_email(takers, candidates, &mut claims);
    claims
}

/// Connects groups with the Cloud accounts that have the display name of one of the group's accounts.
fn same_name(
    population: &Population,
    matching: &Matching,
    takers: &Takers<'_>,
    claims: &mut Claims<'_>,
) {
    let words = takers.words().keys;
    let named = takers.accounts().iter().filter_map(|holder| {
        let account = takers.holder(*holder).account;
        let AccountOrigin::Own(index) = matching.accounts[account].origin else {
            return None;
        };
        Some((words.name(population.server[index].state)?, *holder))
    });
    let named: Indexed<NamedIx, (NameHash, HolderIx)> = named.collect();
    if named.is_empty() {
        return;
    }
    let hasher = Hasher::default();
    let hash = |name: NameHash| hasher.of_number(name.0 as u64);
    let hashes = named.enumerated().map(|(at, (name, _))| (hash(*name), at));
    let names = Alike::new(&hashes.collect::<Vec<_>>());
    let name = |at: NamedIx| named[at].0;
    let look = |(): &mut (), rows: Range<usize>, ties: &mut Vec<(AlikeIx, RowIx)>| {
        for index in rows {
            let index = RowIx::at(index);
            let row = &population.cloud[index];
            if row.row == RowKind::Cloud
                && population.takes_seat(row)
                && let Some(its) = words.name(row.state)
                && let Some(first) = names.find(hash(its), |at| name(at) == its)
            {
                ties.push((first, index));
            }
        }
    };
    let blocks = side_by_side::blocks(population.cloud.len());
    let mut ties: Vec<(AlikeIx, RowIx)> =
        blocks.flat_map(|block| side_by_side::find(block, || (), look)).collect();
    ties.sort_unstable();
    for tied in ties.chunk_by(|a, b| a.0 == b.0) {
        let first = tied[0].0;
        let same =
            names.from(first).filter(|at| Some(name(*at)) == names.from(first).next().map(name));
        let mut holders: Vec<HolderIx> = same.map(|at| named[at].1).collect();
        let holders = takers.standing(&mut holders);
        let candidates = tied.iter().map(|(_, row)| Candidate { row: *row, key: None });
        claims.tie(EvidenceCode::SameName, &holders, candidates);
    }
}

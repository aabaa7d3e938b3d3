//! Lists the seats of an enterprise after matching: Cloud seats with the accounts attached to them, and unmatched
//! groups.

use super::Matching;
use crate::model::{AccountIx, Indexed, Population, RowIx};

/// One seat: one license taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatOf {
    /// The Cloud row that takes the seat; `None` for a Server-only seat.
    pub row: Option<RowIx>,
    /// The Server accounts that are attached to the Cloud row, or that form the unmatched group.
    pub accounts: Vec<AccountIx>,
}

/// All seats: Cloud seats in the order of their rows, then unmatched groups.
pub fn seats(population: &Population, matching: &Matching) -> Vec<SeatOf> {
    let mut attached: Indexed<RowIx, Vec<AccountIx>> =
        Indexed::filled(Vec::new(), population.cloud.len());
    for (account, row) in matching.attached.enumerated() {
        if let Some(row) = row {
            attached[*row].push(account);
        }
    }
    let rows = population.cloud.enumerated().zip(attached);
    let cloud = rows.filter(|((_, row), _)| population.takes_seat(row));
    let cloud = cloud.map(|((index, _), accounts)| SeatOf { row: Some(index), accounts });
    let unmatched = matching.groups.iter().filter(|group| group.rule.is_none());
    let server = unmatched.map(|group| SeatOf { row: None, accounts: group.accounts.to_vec() });
    cloud.chain(server).collect()
}

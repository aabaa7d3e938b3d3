//! The seats of a resolved enterprise: Cloud seats with the accounts attached to them, and unmatched
//! groups.

use super::Matching;
use crate::model::Population;

/// One seat: one license taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatOf {
    /// The Cloud row, as an index of [`Population::cloud`]; `None` for a Server-only seat.
    pub row: Option<u32>,
    /// The Server accounts, as indices of [`Matching::accounts`]: those attached to the row, or those of
    /// the group.
    pub accounts: Vec<u32>,
}

/// All seats: Cloud seats in the order of their rows, then unmatched groups.
pub fn seats(population: &Population, matching: &Matching) -> Vec<SeatOf> {
    let mut attached: Vec<Vec<u32>> = vec![Vec::new(); population.cloud.len()];
    for (account, row) in (0u32..).zip(&matching.attached) {
        if let Some(row) = row {
            attached[*row as usize].push(account);
        }
    }
    let rows = (0u32..).zip(population.cloud.iter().zip(attached));
    let cloud = rows.filter(|(_, (row, _))| population.takes_seat(row));
    let cloud = cloud.map(|(index, (_, accounts))| SeatOf { row: Some(index), accounts });
    let unmatched = matching.groups.iter().filter(|group| group.rule.is_none());
    let server = unmatched.map(|group| SeatOf { row: None, accounts: group.accounts.to_vec() });
    cloud.chain(server).collect()
}

//! Cloud accounts through their renames (counting.md section 6, "follow the second step of Cloud pairing from
//! snapshot to snapshot of that enterprise"). It may assume Cloud snapshots that are or were in force. It must
//! not know about seats.

use super::cloud::{Identity, Row, RowKind};
use super::force::Question;
use std::collections::BTreeMap;

/// The account that a login was in each snapshot of an enterprise. Accounts are numbers.
pub struct Accounts {
    /// The instant of each snapshot with its accounts, the oldest first.
    snapshots: Vec<(i64, BTreeMap<Identity, usize>)>,
}

impl Accounts {
    /// The Cloud accounts of an enterprise up to the instant, with or without a seat.
    pub fn of(question: &Question, enterprise: &str) -> Accounts {
        let mut in_time = question.cloud_snapshots(enterprise);
        in_time.reverse();
        let mut accounts = Accounts { snapshots: Vec::new() };
        let mut before: Vec<Row> = Vec::new();
        // The account that had each login last.
        let mut last: BTreeMap<Identity, usize> = BTreeMap::new();
        let mut number = 0;
        for snapshot in in_time {
            let mut rows = question.rows(snapshot);
            rows.retain(|row| row.kind == RowKind::CloudAccount);
            let earlier = accounts.snapshots.last().map(|(_, who)| who.clone()).unwrap_or_default();
            let mut who = BTreeMap::new();
            for row in &rows {
                let account = match (earlier.get(&row.identity), renamed(&before, &rows, row)) {
                    (Some(account), _) => *account,
                    (None, Some(earlier_row)) => {
                        question.seen.saw("follow: a renamed login, the same NameID");
                        last.remove(&earlier_row.identity);
                        earlier[&earlier_row.identity]
                    }
                    (None, None) => match last.get(&row.identity) {
                        Some(account) => {
                            question.seen.saw("follow: a login that is there again");
                            *account
                        }
                        None => {
                            number += 1;
                            number
                        }
                    },
                };
                who.insert(row.identity.clone(), account);
            }
            last.extend(who.clone());
            accounts.snapshots.push((snapshot.taken_at, who));
            before = rows;
        }
        accounts
    }

    /// The account with a login in the snapshot of an instant.
    pub fn at(&self, taken_at: i64, identity: &Identity) -> Option<usize> {
        let (_, who) = self.snapshots.iter().find(|(at, _)| *at == taken_at)?;
        who.get(identity).copied()
    }

    /// The account that had a login last.
    pub fn last_with(&self, identity: &Identity) -> Option<usize> {
        self.snapshots.iter().rev().find_map(|(_, who)| who.get(identity).copied())
    }
}

/// Section 6, the second step of Cloud pairing: the rows that are in only one of two snapshots, with the same
/// NameID, if exactly one row on each side has it. Returns the earlier row.
fn renamed<'a>(before: &'a [Row], after: &[Row], row: &Row) -> Option<&'a Row> {
    let name_id = row.name_id.as_ref()?;
    let unpaired = |row: &Row, others: &[Row]| {
        row.name_id.as_ref() == Some(name_id)
            && !others.iter().any(|it| it.identity == row.identity)
    };
    let here = after.iter().filter(|it| unpaired(it, before)).count();
    let there: Vec<&Row> = before.iter().filter(|it| unpaired(it, after)).collect();
    match there[..] {
        [only] if here == 1 && unpaired(row, before) => Some(only),
        _ => None,
    }
}

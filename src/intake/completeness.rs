//! Decides whether a snapshot is complete (interface.md section 2, "Completeness").

use crate::code::WarningCode;
use crate::import::FileFacts;
use crate::table::counted;

/// The number of distinct rows in a file, and the total that the file states. They show whether rows are
/// missing.
pub struct Completeness {
    rows: u64,
    stated: Option<i64>,
    /// Why the file is incomplete; `None` if the file itself does not show that it is.
    not_whole: Option<String>,
}

impl Completeness {
    /// Compares the number of distinct rows with the total and the pages that the file states.
    pub fn of(rows: u64, facts: &FileFacts, holds_accounts: bool) -> Completeness {
        let stated = facts.total.or(facts.consumed.filter(|_| holds_accounts));
        let missing = facts.paging.missing().map(str::to_owned);
        let not_whole = facts.not_whole.clone().or(missing);
        Completeness { rows, stated, not_whole }
    }

    /// The total number of rows that the file states.
    pub fn stated(&self) -> Option<i64> {
        self.stated
    }

    fn missing(&self) -> Option<i64> {
        self.stated
            .map(|stated| stated.saturating_sub(i64::try_from(self.rows).unwrap_or(i64::MAX)))
    }

    /// Whether the snapshot is complete; `None` if the file states no total. A few missing rows do not prove
    /// that a page is missing: the total counts seats while rows are people, and the list may change between
    /// two pages.
    pub fn complete(&self) -> Option<bool> {
        if self.not_whole.is_some() {
            return Some(false);
        }
        let stated = self.stated?;
        let missing = self.missing()?;
        let page_is_missing =
            missing >= 30 || missing.saturating_mul(100) > stated || self.rows.is_multiple_of(10);
        Some(missing <= 0 || !page_is_missing)
    }

    /// The warning that the number of rows differs from the stated total; `None` if they are equal, or if the
    /// difference refuses the snapshot.
    pub fn warning(&self) -> Option<(WarningCode, String)> {
        let (stated, missing) = (self.stated?, self.missing()?);
        let rows = self.rows;
        match missing {
            _ if self.not_whole.is_some() => None,
            0 => None,
            ..0 => Some((WarningCode::RowsMore, beside_total(rows, stated))),
            _ if self.complete() == Some(true) => {
                Some((WarningCode::RowsShort, beside_total(rows, stated)))
            }
            _ => None,
        }
    }

    /// Why the snapshot is refused as incomplete; `None` if it is not refused.
    pub fn refusal(&self) -> Option<String> {
        if self.complete() != Some(false) {
            return None;
        }
        if let Some(why) = &self.not_whole {
            return Some(format!("the file is not complete: {why}"));
        }
        let (stated, rows) = (self.stated?, self.rows);
        Some(format!("the file is not complete: {}", beside_total(rows, stated)))
    }
}

/// The number of rows and the stated total, in words: "3 rows for a stated total of 5".
fn beside_total(rows: u64, stated: i64) -> String {
    format!("{} for a stated total of {stated}", counted(rows, "row"))
}

/// Why a snapshot is refused that has less than half as many accounts as the one before it; `None` if it is not
/// refused. Small snapshots never are.
pub fn shrinks(before: u64, accounts: u64) -> Option<String> {
    (before >= 20 && accounts * 2 < before).then(|| {
        format!(
            "the file has {}, less than half of the {before} accounts in the snapshot before it",
            counted(accounts, "account")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_bounds() {
        for (rows, stated, complete) in [
            (102, Some(102), Some(true)),
            (101, Some(102), Some(true)),
            (97, Some(100), Some(false)),
            (200, Some(201), Some(false)),
            (105, Some(102), Some(true)),
            (99_971, Some(100_001), Some(false)),
            (99_972, Some(100_001), Some(true)),
            (0, Some(0), Some(true)),
            (7, None, None),
        ] {
            let facts = FileFacts { consumed: stated, ..FileFacts::default() };
            let found = Completeness::of(rows, &facts, true).complete();
            assert_eq!(found, complete, "{rows} of {stated:?}");
        }
        assert!(shrinks(20, 9).is_some() && shrinks(20, 10).is_none() && shrinks(19, 0).is_none());
    }
}

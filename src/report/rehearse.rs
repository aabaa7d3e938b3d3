//! `oneseat rehearse FILE...`: compares the consumption now with what it will be once GitHub has synced the
//! Server files that the user names (interface.md section 3).
//!
//! The caller imports the files into a temporary copy of the database, dated after everything else in the copy,
//! so that they are newer than every sync. A Cloud row that lists an account of one of their instances then
//! proves a match only if the row agrees with the files, as after a sync.

use serde::Serialize;

use super::basis::Basis;
use super::consumption::{self, Consumption};
use super::diff::{self, Diff, DiffAsked, MovedSeat, Movements};
use crate::error::Result;
use crate::ledger::{AsOf, Asked, Ledger};
use crate::model::Instant;
use crate::table::{Answer, Columns, Page, RowVisitor, Table, counted};

/// What `oneseat rehearse` answers: the consumption now, and after the sync.
#[derive(Debug, Clone, Serialize)]
pub struct Rehearse {
    schema: &'static str,
    /// The as-of instant of the present consumption, in the field `now`.
    as_of: Instant,
    #[serde(flatten)]
    basis: Basis,
    now: Consumption,
    after: Consumption,
    movements: Movements,
    items: Vec<MovedSeat>,
}

/// Compares the consumption in two ledgers: `now` is the database as it is, and `copy` has the new files of
/// `hosts` besides, dated at the instant `at`.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no snapshot is in force; another error if a database cannot be
/// read.
pub fn rehearse(
    now: &Ledger<'_>,
    copy: &Ledger<'_>,
    at: Instant,
    hosts: &[String],
    enterprise: Option<&str>,
) -> Result<Rehearse> {
    let asked = |as_of| Asked { as_of, known_on: None, enterprise: enterprise.map(str::to_owned) };
    let from = now.instant(AsOf::Latest)?;
    let diff = diff::diff(
        copy,
        &DiffAsked { from, to: at, enterprise: enterprise.map(str::to_owned), organization: None },
    )?;
    let Diff { basis, movements, items, .. } = diff;
    Ok(Rehearse {
        schema: "oneseat.rehearse/1",
        as_of: from,
        basis,
        now: consumption::consumption(now, &asked(AsOf::Latest))?,
        after: consumption::after_sync(copy, at, enterprise, hosts)?,
        movements,
        items,
    })
}

impl Answer for Rehearse {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = MovedSeat::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        self.basis.told()
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["", "Now", "After the sync"]);
        let mut line = |name: &str, of: fn(&Consumption) -> u64| {
            table.rows.push(vec![name.into(), of(&self.now).into(), of(&self.after).into()]);
        };
        line("Consumed", |it| it.consumed);
        line("Cloud only", |it| it.seats.cloud_only);
        line("Cloud and Server", |it| it.seats.cloud_and_server);
        line("Server only", |it| it.seats.server_only);
        line("Taken twice, for sure", |it| it.duplicates.certain);
        line("Taken twice, likely", |it| it.duplicates.likely);
        let difference = self.after.consumed as i64 - self.now.consumed as i64;
        let by = difference.unsigned_abs();
        let closing = match difference {
            0 => "After the sync: as many licenses as now. Nothing was stored.".to_owned(),
            1.. => {
                format!(
                    "After the sync: {} than now. Nothing was stored.",
                    counted(by, "more license")
                )
            }
            _ => {
                format!(
                    "After the sync: {} than now. Nothing was stored.",
                    counted(by, "fewer license")
                )
            }
        };
        let mut tables = vec![table];
        tables.extend(Some(diff::items_table(&self.items)).filter(|table| !table.rows.is_empty()));
        Page {
            headline: "What consumption becomes once GitHub has synced these files".to_owned(),
            tables,
            closing: vec![closing],
        }
    }
}

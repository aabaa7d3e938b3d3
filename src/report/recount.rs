//! `oneseat recount`: counts the seats anew at every instant at which a count may change, and replaces the
//! counts that are stored so that answers take no time (architecture.md section 2).

use serde::Serialize;

use crate::error::{Error, Result};
use crate::ledger::Counted;
use crate::ledger::count_all;
use crate::ledger::count_anew;
use crate::ledger::{AsOf, Ledger};
use crate::model::{Instant, SourceKind};
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, grouped};

/// What `oneseat recount` answers: what was counted and stored anew.
#[derive(Debug, Clone, Serialize)]
pub struct Recount {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    /// The number of instants at which the seats were counted.
    instants: u64,
    /// The enterprises whose seats were counted. `None` stands for all enterprises together, which are counted
    /// in any case; several enterprises are also counted one by one.
    enterprises: Vec<Option<String>>,
}

/// Counts every enterprise at every instant again, and replaces all stored counts.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no snapshot is in force; another error if the database cannot be
/// read or written.
pub fn recount(ledger: &Ledger<'_>) -> Result<Recount> {
    ledger.store.may_be_written()?;
    let newest = ledger.instant(AsOf::Latest)?;
    let first = ledger.instants().first().copied().unwrap_or(newest);
    let mut instants = ledger.change_instants();
    instants.retain(|at| *at >= first);
    let mut enterprises = vec![None];
    let sources = ledger.sources.iter().map(|known| &known.source);
    let clouds = sources.filter(|source| source.kind == SourceKind::Cloud);
    let names: Vec<Option<String>> = clouds.map(|source| Some(source.name.clone())).collect();
    if names.len() > 1 {
        enterprises.extend(names);
    }
    let mut counted = Vec::new();
    for enterprise in &enterprises {
        let only = enterprise.as_deref();
        let mut all: Vec<Counted> = Vec::with_capacity(instants.len());
        count_all(ledger, &instants, only, |_, counted| all.push(counted))?;
        if let Some(now) = all.iter_mut().find(|counted| counted.at == newest) {
            *now = count_anew(ledger, newest, only)?.1;
        }
        counted.push((only, all));
    }
    if !ledger.replace_counts(&counted) {
        return Err(Error::database("the counts cannot be stored: the database cannot be written")
            .hint(
                "another process may be writing: repeat the command when that process has ended",
            ));
    }
    let instants = instants.len() as u64;
    Ok(Recount {
        schema: "oneseat.recount/1",
        as_of: newest,
        known_on: ledger.known_on,
        instants,
        enterprises,
    })
}

impl Answer for Recount {
    const LIST: Option<&'static str> = None;
    const COLUMNS: Columns = &[
        ("schema", CellKind::Text),
        ("as_of", CellKind::Instant),
        ("known_on", CellKind::Text),
        ("instants", CellKind::Whole),
        ("enterprises", CellKind::List),
    ];

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.row(self)
    }

    fn page(&self) -> Page {
        Page {
            headline: format!(
                "Counted again at {} instants, up to {}",
                grouped(self.instants),
                self.as_of
            ),
            tables: Vec::new(),
            closing: vec![
                "`oneseat consumption` and `oneseat trend` now answer at once.".to_owned(),
            ],
        }
    }
}

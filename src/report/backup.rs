//! The answer of `oneseat backup`: what a finished and verified copy of the database contains.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::store::{LeftBehind, Verified};
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, Table, agreeing};

/// What `oneseat backup` answers when the copy of the database is finished and verified.
#[derive(Debug, Clone, Serialize)]
pub struct Backup {
    schema: &'static str,
    /// The path of the copy, as the user typed it.
    file: String,
    bytes: u64,
    /// The newest hash of the copy's journal; `None` if the journal has no line.
    head: Option<String>,
    /// The number of snapshots in the copy that were verified.
    snapshots_checked: u64,
    /// Does the copy contain only the rows of oneseat's own tables?
    rows_only: bool,
    /// The tables, views, indexes and triggers that were left out of the copy. Empty if everything was
    /// copied.
    left_behind: Vec<Left>,
}

/// A table, view, index or trigger that does not belong to oneseat.
#[derive(Debug, Clone, Serialize)]
struct Left {
    #[serde(rename = "type")]
    kind: String,
    name: String,
}

impl Backup {
    /// The answer about a copy that was verified. `left` lists the tables, views, indexes and triggers that
    /// were left out because only rows were copied; `None` if everything was copied.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Database`] if a promise about the stored data does not hold in the copy.
    pub fn of(
        file: String,
        bytes: u64,
        verified: Verified,
        left: Option<Vec<LeftBehind>>,
    ) -> Result<Backup> {
        let broken = verified.broken.len();
        if broken > 0 {
            return Err(Error::database(format!(
                "the verification of the copy failed, so the copy was not kept: {}",
                agreeing(broken as u64, "promise", ["does not hold", "do not hold"])
            ))
            .hint("the database itself is damaged: `oneseat verify` says where")
            .hint("to keep the damaged database as it is, copy its file while no process writes to it"));
        }
        let (head, snapshots_checked) = (verified.head, verified.snapshots);
        let rows_only = left.is_some();
        let left = left.unwrap_or_default().into_iter();
        let left_behind = left.map(|it| Left { kind: it.kind, name: it.name }).collect();
        let schema = "oneseat.backup/1";
        Ok(Backup { schema, file, bytes, head, snapshots_checked, rows_only, left_behind })
    }
}

impl Answer for Backup {
    const LIST: Option<&'static str> = None;
    const COLUMNS: Columns = &[
        ("schema", CellKind::Text),
        ("file", CellKind::Text),
        ("bytes", CellKind::Whole),
        ("head", CellKind::Text),
        ("snapshots_checked", CellKind::Whole),
        ("rows_only", CellKind::Truth),
        ("left_behind", CellKind::List),
    ];

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.row(self)
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Backup", ""]);
        table.rows.push(vec!["File".into(), self.file.as_str().into()]);
        table.rows.push(vec!["Bytes".into(), self.bytes.into()]);
        table.rows.push(vec!["Snapshots".into(), self.snapshots_checked.into()]);
        table.rows.push(vec!["Journal head".into(), self.head.as_deref().into()]);
        let mut tables = vec![table];
        let mut closing = Vec::new();
        if self.rows_only {
            let mut left = Table::new(&["Left behind", "Name"]);
            for it in &self.left_behind {
                left.rows.push(vec![it.kind.as_str().into(), it.name.as_str().into()]);
            }
            closing.push(match self.left_behind.len() {
                0 => "Only the rows of this program's tables were copied; the database holds \
                      nothing else."
                    .to_owned(),
                _ => "Only the rows of this program's tables were copied. Everything else in the \
                      database is not in the copy."
                    .to_owned(),
            });
            if !left.rows.is_empty() {
                tables.push(left);
            }
        }
        closing.push(
            "`oneseat restore FILE` goes back to this copy. With `--db FILE`, any \
                      command reads it."
                .to_owned(),
        );
        Page {
            headline: "The copy was opened and verified: everything holds".to_owned(),
            tables,
            closing,
        }
    }
}

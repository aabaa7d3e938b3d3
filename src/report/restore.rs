//! `oneseat restore`: reports which backup replaced the database, and where the old database is now.

use serde::Serialize;

use crate::error::Result;
use crate::store::Restored;
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, Table};

/// What `oneseat restore` answers when a backup has replaced the database.
#[derive(Debug, Clone, Serialize)]
pub struct Restore {
    schema: &'static str,
    /// The path of the backup, as the user typed it.
    file: String,
    database: String,
    /// The size of the restored database in bytes.
    bytes: u64,
    /// The newest hash of the journal in the restored database; `None` if the database has an older schema or
    /// its journal is empty.
    head: Option<String>,
    /// The number of snapshots that were checked as thoroughly as by `oneseat verify`; `None` if only a quick
    /// check was asked for.
    snapshots_checked: Option<u64>,
    /// The path to which the previous database was moved; `None` if there was none, or if it was not kept.
    kept: Option<String>,
}

impl Restore {
    /// The answer when the backup `file` has replaced the database.
    pub fn of(file: String, database: String, restored: Restored) -> Restore {
        let Restored { bytes, head, snapshots_checked, kept } = restored;
        let kept = kept.map(|kept| kept.display().to_string());
        let schema = "oneseat.restore/1";
        Restore { schema, file, database, bytes, head, snapshots_checked, kept }
    }
}

impl Answer for Restore {
    const LIST: Option<&'static str> = None;
    const COLUMNS: Columns = &[
        ("schema", CellKind::Text),
        ("file", CellKind::Text),
        ("database", CellKind::Text),
        ("bytes", CellKind::Whole),
        ("head", CellKind::Text),
        ("snapshots_checked", CellKind::Whole),
        ("kept", CellKind::Text),
    ];

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.row(self)
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Restored", ""]);
        table.rows.push(vec!["From".into(), self.file.as_str().into()]);
        table.rows.push(vec!["Database".into(), self.database.as_str().into()]);
        table.rows.push(vec!["Bytes".into(), self.bytes.into()]);
        table.rows.push(vec!["Snapshots verified".into(), self.snapshots_checked.into()]);
        table.rows.push(vec!["Journal head".into(), self.head.as_deref().into()]);
        table.rows.push(vec!["Before it, kept as".into(), self.kept.as_deref().into()]);
        let mut closing = Vec::new();
        if self.snapshots_checked.is_none() {
            closing.push(
                "The backup had only a quick check: `oneseat verify` checks the whole \
                          database."
                    .to_owned(),
            );
        }
        if self.kept.is_some() {
            closing.push(
                "The previous database is kept; remove it when it is no longer needed.".to_owned(),
            );
        }
        Page {
            headline: "The backup has taken the place of the database".to_owned(),
            tables: vec![table],
            closing,
        }
    }
}

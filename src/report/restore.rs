//! `oneseat restore`: what took the place of the database, and where that is now.

use serde::Serialize;

use crate::store::Restored;
use crate::table::{Answer, Page, Table};

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Restore {
    schema: &'static str,
    /// The backup, as the user named it.
    file: String,
    /// The database.
    database: String,
    /// How large it is now.
    bytes: u64,
    /// The journal's head in it; null where it is of an older schema, or has no line.
    head: Option<String>,
    /// How many snapshots were checked, as `verify` does; null where only a quick check was made.
    snapshots_checked: Option<u64>,
    /// Where the database is that was there before; null: there was none, or it was not kept.
    kept: Option<String>,
}

impl Restore {
    /// Of what was done.
    pub fn of(file: String, database: String, restored: Restored) -> Restore {
        let Restored { bytes, head, snapshots_checked, kept } = restored;
        let kept = kept.map(|kept| kept.display().to_string());
        let schema = "oneseat.restore/1";
        Restore { schema, file, database, bytes, head, snapshots_checked, kept }
    }
}

impl Answer for Restore {
    const LIST: Option<&'static str> = None;

    fn example() -> Restore {
        Restore {
            schema: "oneseat.restore/1",
            file: String::new(),
            database: String::new(),
            bytes: 0,
            head: None,
            snapshots_checked: None,
            kept: None,
        }
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
            closing.push("Looked at quickly: `oneseat verify` checks all of it.".to_owned());
        }
        if self.kept.is_some() {
            closing
                .push("What was there before is kept; remove it when it is not needed.".to_owned());
        }
        Page {
            headline: "The backup has taken the place of the database".to_owned(),
            tables: vec![table],
            closing,
        }
    }
}

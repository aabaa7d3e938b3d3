//! `oneseat backup`: what was copied, and that the copy verifies.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::store::Verified;
use crate::table::{Answer, Page, Table};

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Backup {
    schema: &'static str,
    /// Where the copy is, as the user named it.
    file: String,
    /// How large it is.
    bytes: u64,
    /// The journal's head in it.
    head: Option<String>,
    /// How many snapshots in it were checked, as `verify` does.
    snapshots_checked: u64,
}

impl Backup {
    /// A copy and what `verify` found in it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Database`] if something in it does not hold.
    pub fn of(file: String, bytes: u64, verified: Verified) -> Result<Backup> {
        let broken = verified.broken.len();
        if broken > 0 {
            return Err(Error::database(format!(
                "the copy does not verify, so it was not kept: {broken} promises do not hold"
            ))
            .hint("the database itself is damaged: `oneseat verify` says where")
            .hint("to keep it as it is, copy the file while nothing writes to it"));
        }
        let (head, snapshots_checked) = (verified.head, verified.snapshots);
        Ok(Backup { schema: "oneseat.backup/1", file, bytes, head, snapshots_checked })
    }
}

impl Answer for Backup {
    const LIST: Option<&'static str> = None;

    fn example() -> Backup {
        Backup {
            schema: "oneseat.backup/1",
            file: String::new(),
            bytes: 0,
            head: None,
            snapshots_checked: 0,
        }
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Backup", ""]);
        table.rows.push(vec!["File".into(), self.file.as_str().into()]);
        table.rows.push(vec!["Bytes".into(), self.bytes.into()]);
        table.rows.push(vec!["Snapshots".into(), self.snapshots_checked.into()]);
        table.rows.push(vec!["Journal head".into(), self.head.as_deref().into()]);
        Page {
            headline: "The copy was opened and verified: everything holds".to_owned(),
            tables: vec![table],
            closing: vec![
                "To go back to it: oneseat restore FILE; to ask it: --db FILE.".to_owned(),
            ],
        }
    }
}

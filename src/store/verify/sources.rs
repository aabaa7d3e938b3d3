//! Checks that the database has exactly the kinds of sources that this program knows.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::Verified;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::model::SourceKind;

/// Checks that the table `source_kinds` has exactly the kinds of sources that this program knows.
pub fn check(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let mut statement = connection.prepare("SELECT kind FROM source_kinds")?;
    let kinds = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut unknown: BTreeSet<&str> = SourceKind::ALL.iter().map(|kind| kind.name()).collect();
    for kind in kinds {
        let kind = kind?;
        if !unknown.remove(kind.as_str()) {
            let message = "source_kinds has a kind that this program does not know".to_owned();
            verified.broken(VerifyCode::Books, message);
        }
    }
    for kind in unknown {
        verified.broken(VerifyCode::Books, format!("source_kinds has no row {kind}"));
    }
    Ok(())
}

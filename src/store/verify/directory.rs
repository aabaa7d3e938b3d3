//! Checks the details of directory entries, which are stored in plain text. Each row is compared with the digest in
//! the record of its state, and the number of rows is compared with the number that the table `fillings` states.

use rusqlite::Connection;

use super::Verified;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::model::{EntryDigest, EntryRecord, Record};
use crate::store::directory::digest_key;

/// Checks the plain-text details of all directory entries against the digests in their records.
pub fn check(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let key = match digest_key(connection) {
        Ok(key) => key,
        Err(error) => {
            verified.broken(VerifyCode::Derived, error.message);
            return Ok(());
        }
    };
    let sql = "SELECT entry_details.state_id, details, fields, content FROM entry_details \
               LEFT JOIN states USING (state_id) LEFT JOIN shapes USING (shape_id)";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (state, details): (i64, String) = (row.get(0)?, row.get(1)?);
        let record: (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
        let stated = record.0.zip(record.1).and_then(|(fields, content)| digest(&fields, &content));
        let own = key.as_ref().map(|key| key.details(&details));
        if stated.is_none() || stated != own {
            let message = format!(
                "entry_details.details of state {state} do not match the digest in its record"
            );
            verified.broken(VerifyCode::Derived, message);
        }
    }
    let sql = "SELECT filling_id, entries, (SELECT count(*) FROM entry_details \
                 WHERE entry_details.filling_id = fillings.filling_id) FROM fillings";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (filling, entries, found): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if entries != found {
            let message = format!(
                "entry_details has {found} rows with filling_id {filling}, but fillings.entries states {entries}"
            );
            verified.broken(VerifyCode::Derived, message);
        }
    }
    Ok(())
}

/// The digest of an entry's details that the entry's record states; `None` if the record is not that of an entry.
fn digest(fields: &str, content: &str) -> Option<EntryDigest> {
    let record = Record::from_stored(fields, content).ok()?;
    EntryRecord::of(&record).map(|entry| entry.details)
}

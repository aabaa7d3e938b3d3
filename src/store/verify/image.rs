//! The image against the rows that it is made from.

use rusqlite::Connection;

use super::Verified;
use crate::error::Result;
use crate::store::image;

/// Makes the image anew and compares. What is not there is no damage: whoever needs it makes it.
pub fn check(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let checked = match image::check(connection) {
        Ok(checked) => checked,
        // Whatever is wrong with the rows is told of them.
        Err(error) if error.kind == crate::error::Kind::Database && !verified.broken.is_empty() => {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for message in checked.wrong {
        verified.broken("image", message);
    }
    if checked.missing {
        verified.notes.push(
            "the image is not there, or of less than all rows: the next command makes it anew"
                .to_owned(),
        );
    }
    Ok(())
}

//! Hashes of logins and display names, made from the form in which they are compared (counting.md sections 2
//! and 5). Accounts are looked up by these hashes. Two different logins may have the same hash, so the logins
//! themselves are compared too. Names need no second comparison; [`NameHash`] explains the reason.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Error};

use crate::email::login_key;
use crate::error::Result;
use crate::model::{Record, SourceKind, account_of};
use crate::name::NameHash;

/// The hash of a login: the first eight bytes of its BLAKE3 hash. `None` if the login is empty.
pub(super) fn hash_of_login(login: &str) -> Option<i64> {
    let login = login_key(login);
    let first = *blake3::hash(login.as_bytes()).as_bytes().first_chunk()?;
    (!login.is_empty()).then(|| i64::from_le_bytes(first))
}

/// The hash of a display name; `None` if the name is empty.
pub(super) fn hash_of_name(name: &str) -> Option<i64> {
    NameHash::of(name).map(|hash| hash.0)
}

/// Defines the SQL functions with which a migration computes the hashes of existing states.
///
/// # Errors
/// If SQLite cannot register the functions.
pub(super) fn give_functions(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("hash_of_login", 1, flags, |context| {
        Ok(hash_of_login(text(context, 0)?))
    })?;
    connection.create_scalar_function("hash_of_name", 3, flags, |context| {
        // A damaged record counts as a record without a name. `oneseat verify` reports the damage.
        let Some(kind) = SourceKind::from_name(text(context, 0)?) else { return Ok(None) };
        let record = Record::from_stored(text(context, 1)?, text(context, 2)?);
        let name =
            record.ok().and_then(|it| account_of(kind, &it).name.as_deref().map(hash_of_name));
        Ok(name.flatten())
    })?;
    Ok(())
}

fn text<'c>(context: &'c Context<'_>, place: usize) -> rusqlite::Result<&'c str> {
    context.get_raw(place).as_str().map_err(|error| Error::UserFunctionError(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_compared_alike_have_one_hash() {
        assert_eq!(hash_of_login(" Ada "), hash_of_login("ada"));
        assert_ne!(hash_of_login("ada"), hash_of_login("adam"));
        assert_eq!(hash_of_name("Öberg, Åsa"), hash_of_name("asa  OBERG"));
        assert_eq!(hash_of_name(" , "), None);
        assert_eq!(hash_of_login(" "), None);
    }
}

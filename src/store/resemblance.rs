//! Counts the accounts that a snapshot being written has in common with another snapshot. The number shows whether
//! the file may come from another source than the source that the user names (interface.md section 2, "Doubt").

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use super::booked::InBooks;
use super::new_snapshot::NewSnapshot;
use super::sql::{damaged, stored_record};
use crate::email;
use crate::error::Result;
use crate::model::{Account, DayMeans, Instant, Record};

/// The number of accounts that two snapshots have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resemblance {
    /// The number of accounts in the smaller of the two snapshots.
    pub smaller: u64,
    /// The number of accounts of the smaller snapshot that the larger one has too. Counting may stop at one
    /// half, so the true number can be greater if this number is at least half of `smaller`.
    pub found: u64,
}

impl Resemblance {
    /// Is at least half of the smaller snapshot also in the larger one?
    pub fn is_half(self) -> bool {
        self.found * 2 >= self.smaller
    }
}

/// The values by which an account is recognized in another snapshot.
struct Face {
    state: i64,
    identity: String,
    login: String,
    /// The key of the account's primary address.
    primary: Option<String>,
}

/// The names of the fields that state when an account was created.
const CREATED: [&str; 4] = ["created_at", "creation_date", "createdAt", "remoteCreatedAt"];

impl NewSnapshot<'_> {
    /// Counts the accounts that this snapshot of an instance and another one have in common. Two accounts are
    /// the same if their ids are equal, and their logins, primary addresses or creation times are equal too. If
    /// either snapshot has no ids, accounts are compared by login.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn accounts_in_common(&self, other: &InBooks) -> Result<Resemblance> {
        let theirs = other.accounts.unwrap_or(0);
        let smaller = self.accounts().min(theirs);
        let same = self.same_states(other)?;
        if same * 2 >= smaller {
            return Ok(Resemblance { smaller, found: same });
        }
        let (ours, theirs) = (self.faces()?, self.faces_at(other)?);
        let (few, many) = if ours.len() <= theirs.len() { (ours, theirs) } else { (theirs, ours) };
        let has_ids =
            |faces: &[Face]| faces.iter().any(|it| Account::id_of_identity(&it.identity).is_some());
        let by_id = has_ids(&few) && has_ids(&many);
        let identities: HashMap<&str, &Face> =
            many.iter().map(|face| (face.identity.as_str(), face)).collect();
        let logins: HashSet<&str> = many.iter().map(|face| face.login.as_str()).collect();
        let mut found = 0;
        for face in &few {
            let has_id = Account::id_of_identity(&face.identity).is_some();
            found += u64::from(match identities.get(face.identity.as_str()) {
                Some(other) if by_id && has_id => self.is_same(face, other)?,
                None if by_id && has_id => false,
                _ => !face.login.is_empty() && logins.contains(face.login.as_str()),
            });
        }
        Ok(Resemblance { smaller: few.len() as u64, found })
    }

    /// Counts the logins of this Cloud report that are also in another one. In the result, `smaller` is the
    /// number of logins in this report.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn logins_in(&self, other: &InBooks) -> Result<Resemblance> {
        let theirs = self.faces_at(other)?;
        let theirs: HashSet<&str> = theirs.iter().map(|face| face.login.as_str()).collect();
        let ours = self.faces()?;
        let ours: HashSet<&str> =
            ours.iter().map(|face| face.login.as_str()).filter(|login| !login.is_empty()).collect();
        let found = ours.iter().filter(|login| theirs.contains(*login)).count();
        Ok(Resemblance { smaller: ours.len() as u64, found: found as u64 })
    }

    /// Do two accounts with equal ids also have the same login, primary address or creation time, so that they
    /// are one account?
    fn is_same(&self, one: &Face, other: &Face) -> Result<bool> {
        if !one.login.is_empty() && one.login == other.login {
            return Ok(true);
        }
        if one.primary.is_some() && one.primary == other.primary {
            return Ok(true);
        }
        let made = created(self.connection(), one.state)?;
        Ok(made.is_some() && made == created(self.connection(), other.state)?)
    }

    /// The values by which the accounts read so far from the new file are recognized in another snapshot.
    fn faces(&self) -> Result<Vec<Face>> {
        self.faces_of(self.neighbors().states_now())
    }

    /// The values by which the accounts of another snapshot are recognized in the new file.
    fn faces_at(&self, other: &InBooks) -> Result<Vec<Face>> {
        self.faces_of(self.states_at(other).into_iter())
    }

    fn faces_of(&self, states: impl Iterator<Item = i64>) -> Result<Vec<Face>> {
        let connection = self.connection();
        connection.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS looked_at (state_id INTEGER PRIMARY KEY) STRICT;
             DELETE FROM temp.looked_at;",
        )?;
        {
            let sql = "INSERT OR IGNORE INTO temp.looked_at VALUES (?1)";
            let mut insert = connection.prepare_cached(sql)?;
            for state in states {
                insert.execute([state])?;
            }
        }
        faces(connection, include_str!("../../schema/queries/faces_looked_at.sql"), [])
    }
}

fn faces(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Face>> {
    let mut statement = connection.prepare_cached(sql)?;
    let faces = statement.query_map(parameters, |row| {
        let login: String = row.get(2)?;
        let login = email::login_key(&login);
        Ok(Face { state: row.get(0)?, identity: row.get(1)?, login, primary: row.get(3)? })
    })?;
    Ok(faces.collect::<rusqlite::Result<_>>()?)
}

/// The creation time that the file states for an account. It is converted to an instant, so that different ways
/// of writing the same time are equal.
fn created(connection: &Connection, state: i64) -> Result<Option<String>> {
    let (fields, content) = stored_record(connection, state)?;
    let record = Record::from_stored(&fields, &content).map_err(damaged)?;
    let said = CREATED.iter().find_map(|name| record.get(name)?.text());
    Ok(said.map(|text| {
        let instant = Instant::parse(text.trim(), DayMeans::Start);
        instant.map_or_else(|| text.trim().to_owned(), |instant| instant.to_string())
    }))
}

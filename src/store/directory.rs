//! The entries of employee directories (directory.md section 1): the key of their digests, and what is kept of
//! some of them in plain text. The entries themselves are states like those of accounts.
//!
//! The record of an entry never depends on the accounts that the database knows. So the content of a snapshot is
//! the same whatever was imported first. Details in plain text stand beside the record, which has their
//! digest: only entries of people whom a file of GitHub names have details.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::booked::InBooks;
use super::filling::Filling;
use super::journal::{self, BookRow};
use super::row::{StoredRow as _, committed, instant, stored_row};
use super::sql::damaged;
use super::{Import, Store};
use crate::error::{Error, Result, no_random_numbers};
use crate::model::{DigestKey, SourceKind, StateId};

stored_row! {
    /// The key of the digests as it is stored.
    DigestKeyRow, "digest_keys", key_id {
        key: Vec<u8> => committed,
        made_at: i64 => instant as "at",
        salt: Option<Vec<u8>>,
    }
}

impl BookRow for DigestKeyRow {
    const KIND: &'static str = "digest_key";
    const COMMANDS: &'static [&'static str] = &["make-key"];

    fn salt(&self) -> Option<&[u8]> {
        self.salt.as_deref()
    }
}

/// What is known of an entry in plain text. The fields are in the order of their names, in which they are
/// stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDetails {
    /// The addresses as received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// The id within the directory.
    pub id: String,
    /// The logins on Cloud.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logins: Vec<String>,
    /// The manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A second id that the directory keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_id: Option<String>,
    /// The address that the directory calls primary, as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// The logins on instances, each with its host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_logins: Vec<(String, String)>,
    /// The names that the person signs in with at the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sign_ins: Vec<String>,
    /// The department or cost center.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// The key of the digests, if the database has one.
pub(super) fn digest_key(connection: &Connection) -> Result<Option<DigestKey>> {
    let sql = "SELECT key FROM digest_keys";
    let key: Option<Vec<u8>> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    key.map(|key| {
        DigestKey::of(&key).ok_or_else(|| Error::database("digest_keys.key has no 32 bytes"))
    })
    .transpose()
}

impl Store {
    /// The key of the digests; `None` if no directory was ever imported.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn digest_key(&self) -> Result<Option<DigestKey>> {
        digest_key(&self.connection)
    }

    /// What is known in plain text of the entry of a state; `None` if nothing is, or was not yet in the
    /// journal's first `lines` lines.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn entry_details(
        &self,
        state: StateId,
        known: super::Knowledge,
    ) -> Result<Option<EntryDetails>> {
        let sql = "SELECT details FROM entry_details WHERE state_id = ?1 AND (?2 = ?3 OR filling_id IN ( \
                   SELECT entry ->> 'filling' FROM main.journal WHERE line < ?2 \
                     AND entry ->> 'command' = 'fill'))";
        let mut statement = self.connection.prepare_cached(sql)?;
        let details: Option<String> = statement
            .query_row((crate::model::ListIndex::number(state), known.lines, i64::MAX), |row| {
                row.get(0)
            })
            .optional()?;
        details.map(|text| serde_json::from_str(&text)).transpose().map_err(damaged)
    }
}

impl Store {
    /// Passes what entries state in plain text under `name` to `take`, by the number of the state: of all
    /// entries that were ever stored, as far as `known` covers it. For a question about everybody.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn each_detail(
        &self,
        name: DetailName,
        known: super::Knowledge,
        take: &mut dyn FnMut(StateId, &str),
    ) -> Result<()> {
        let sql = include_str!("../../schema/queries/details_stating.sql");
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((name.path(), known.lines))?;
        while let Some(row) = rows.next()? {
            if let Some(text) = row.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)? {
                take(crate::model::ListIndex::of_number(row.get(0)?), text);
            }
        }
        Ok(())
    }
}

/// The name of something that the details of an entry state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailName {
    /// The manager.
    Manager,
    /// The department or cost center.
    Unit,
}

impl DetailName {
    fn path(self) -> &'static str {
        match self {
            DetailName::Manager => "$.manager",
            DetailName::Unit => "$.unit",
        }
    }
}

impl Import<'_> {
    /// The key of the digests, which the first directory makes.
    ///
    /// # Errors
    /// If the database cannot be written, or the operating system provides no random numbers.
    pub fn digest_key(&self) -> Result<DigestKey> {
        if let Some(key) = digest_key(&self.transaction)? {
            return Ok(key);
        }
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| no_random_numbers(&error))?;
        let row = DigestKeyRow {
            key: key.to_vec(),
            made_at: self.now.unix(),
            salt: Some(journal::salt()?.to_vec()),
        };
        let number = row.insert(&self.transaction, Some(1))?;
        journal::append(&self.transaction, &row.line(number))?;
        DigestKey::of(&key).ok_or_else(|| Error::bug("a key of 32 bytes has another length"))
    }

    /// Stores details of entries for those of these states that have none, as one filling of a snapshot that is
    /// stored already. Each state comes with the position of its entry, of which `write` appends the details to a
    /// text. Returns how many there were.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn fill(
        &self,
        snapshot: i64,
        entries: &[(i64, usize)],
        write: impl Fn(usize, &mut String),
    ) -> Result<usize> {
        let mut filling = Filling::begin(&self.transaction)?;
        // Only some of the texts are in memory at a time.
        let mut texts = String::new();
        for part in entries.chunks(FILLED_AT_ONCE) {
            texts.clear();
            let ends = part.iter().map(|(_, at)| {
                let from = texts.len();
                write(*at, &mut texts);
                from..texts.len()
            });
            let ends: Vec<Range<usize>> = ends.collect();
            let details = part.iter().zip(&ends);
            let details = details.map(|((state, _), own)| (*state, &texts[own.clone()]));
            filling.add(&self.transaction, details)?;
        }
        self.end_filling(filling, snapshot)
    }

    /// Ends what [`super::NewSnapshot::put`] has stored in plain text. Returns of how many entries that is.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn end_filling(&self, filling: Filling, snapshot: i64) -> Result<usize> {
        filling.end(&self.transaction, snapshot, self.now)
    }

    /// The states that hold at a stored snapshot of a directory, by the identities of their entries.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn entry_states(&self, snapshot: &InBooks) -> Result<HashMap<String, i64>> {
        debug_assert_eq!(snapshot.source.kind, SourceKind::Directory);
        let writer = self.writer()?.borrow();
        let image = writer.image();
        let mut states = HashMap::new();
        for held in image.times.at(image.states(), snapshot.source_id, snapshot.place.number()) {
            let identity = image.identity(&self.transaction, held.place)?;
            states.insert(identity.to_owned(), i64::from(image.states().numbers.at(held.place)));
        }
        Ok(states)
    }
}

/// The number of details that are in memory at a time while they are stored.
const FILLED_AT_ONCE: usize = 1024;

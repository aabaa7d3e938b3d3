//! The entries of employee directories (directory.md section 1): the key of their digests, and what is kept of
//! some of them in plain text. The entries themselves are states like those of accounts.
//!
//! The record of an entry never depends on the accounts that the database knows. So the content of a snapshot is
//! the same whatever was imported first. Details in plain text stand beside the record, which has their
//! digest: only entries of people whom a file of GitHub names have details.

use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::booked::InBooks;
use super::bulk::{self, BulkTable};
use super::image::{Image, ImageForm, Numbered};
use super::journal::{self, BookRow};
use super::row::{StoredRow as _, committed, instant, said, stored_row};
use super::sql::damaged;
use super::{Import, Store};
use crate::email;
use crate::error::{Error, Result, no_random_numbers};
use crate::model::{Account, DigestKey, DirectoryEntry, SourceKind, StateId};

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

stored_row! {
    /// What one import added in plain text, as it is stored.
    FillingRow, "fillings", filling_id {
        snapshot_id: i64 => said as "snapshot",
        entries: i64 => said,
        filled_at: i64 => instant as "at",
    }
}

impl BookRow for FillingRow {
    const KIND: &'static str = "filling";
    const COMMANDS: &'static [&'static str] = &["fill"];

    fn salt(&self) -> Option<&[u8]> {
        None
    }

    /// Nothing of the row may have to be forgotten, so the line has no commitment.
    fn line(&self, number: i64) -> serde_json::Value {
        let mut line = Self::begin_line(number);
        self.say(&mut line);
        line
    }
}

/// The details of entries.
pub(super) const DETAILS: BulkTable =
    BulkTable { name: "entry_details", columns: &["state_id", "filling_id", "details"] };

/// What is known of an entry in plain text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDetails {
    /// The id within the directory.
    pub id: String,
    /// A second id that the directory keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_id: Option<String>,
    /// The addresses as received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// The address that the directory calls primary, as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// The names that the person signs in with at the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sign_ins: Vec<String>,
    /// The logins on Cloud.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logins: Vec<String>,
    /// The logins on instances, each with its host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_logins: Vec<(String, String)>,
    /// The manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// The department or cost center.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl EntryDetails {
    /// The details of an entry.
    pub fn of(entry: &DirectoryEntry) -> EntryDetails {
        let server_logins = entry
            .server_logins
            .iter()
            .map(|(host, login)| (host.as_str().to_owned(), login.clone()));
        EntryDetails {
            id: entry.id.clone(),
            other_id: entry.other_id.clone(),
            addresses: entry.addresses.clone(),
            primary: entry.primary.clone(),
            sign_ins: entry.sign_ins.clone(),
            logins: entry.logins.clone(),
            server_logins: server_logins.collect(),
            manager: entry.manager.clone(),
            unit: entry.unit.clone(),
            name: entry.name.clone(),
        }
    }

    /// The text that is stored, and of which the record has the digest.
    pub fn text(&self) -> String {
        json!(self).to_string()
    }
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

    /// Which of these entries share an address or a mapped login with an account that any file ever named.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn entries_of_accounts(&self, entries: &[DirectoryEntry]) -> Result<Vec<bool>> {
        let image = std::rc::Rc::clone(self.writer()?.borrow().image());
        let mut known = vec![false; entries.len()];
        let wanted = Wanted::of(&image.form, entries)?;
        wanted.addresses.each_found(
            |found| {
                for (place, hash) in image.key_hashes(&self.transaction)?.iter().enumerate() {
                    if wanted.addresses.texts.has(*hash) {
                        found(u64::from(*hash), image.key_text_at(&self.transaction, place)?);
                    }
                }
                Ok(())
            },
            &mut known,
        )?;
        wanted.identities.each_found(
            |found| {
                let accounts = image.accounts(&self.transaction)?;
                for (place, hash) in accounts.hashes.iter().enumerate() {
                    if wanted.identities.texts.has(*hash as u32) {
                        found(*hash, image.identity_at(&self.transaction, place)?);
                    }
                }
                Ok(())
            },
            &mut known,
        )?;
        if wanted.server_logins.is_empty() {
            return Ok(known);
        }
        self.server_logins_known(&image, &wanted.server_logins, &mut known)?;
        Ok(known)
    }

    /// Marks the entries with the login of an account of an instance. The host is not compared: an account of
    /// another instance with this login is only a reason to keep the details.
    fn server_logins_known(
        &self,
        image: &Image,
        wanted: &HashMap<u32, Vec<(String, usize)>>,
        known: &mut [bool],
    ) -> Result<()> {
        let mut login =
            self.transaction.prepare("SELECT login FROM states WHERE state_id = ?1 AND row = 0")?;
        let words = image.words(&self.transaction)?;
        for (place, hash) in words.logins.iter().enumerate() {
            let Some(own) = wanted.get(hash) else { continue };
            if own.iter().all(|(_, entry)| known[*entry]) {
                continue;
            }
            let state = image.states().numbers.at(place);
            let found: Option<String> = login.query_row([state], |row| row.get(0)).optional()?;
            let Some(found) = found.map(|login| email::login_key(&login)) else { continue };
            own.iter().filter(|(login, _)| *login == found).for_each(|(_, at)| known[*at] = true);
        }
        Ok(())
    }

    /// Stores details of entries, each with the identity of the entry in its record, for those that hold at a
    /// snapshot and have none. Returns how many there were.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn fill(&self, snapshot: i64, details: &[(i64, String)]) -> Result<usize> {
        let sql = "SELECT 1 FROM entry_details WHERE state_id = ?1";
        let mut has = self.transaction.prepare_cached(sql)?;
        let mut new = Vec::new();
        for (state, text) in details {
            if !has.exists([state])? {
                new.push((*state, text.as_str()));
            }
        }
        if new.is_empty() {
            return Ok(0);
        }
        new.sort_unstable();
        let row = FillingRow {
            snapshot_id: snapshot,
            entries: new.len() as i64,
            filled_at: self.now.unix(),
        };
        let filling = row.insert(&self.transaction, None)?;
        bulk::insert(&self.transaction, &DETAILS, &new, |values, (state, text)| {
            values.add(*state)?;
            values.add(filling)?;
            values.add(*text)
        })?;
        journal::append(&self.transaction, &row.line(filling))?;
        Ok(new.len())
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

/// The texts by which entries are found among accounts.
struct Wanted {
    addresses: WantedTexts,
    /// The identities of Cloud accounts with the logins of entries.
    identities: WantedTexts,
    /// The keys of logins on instances, each with its entry, by the hash of the login.
    server_logins: HashMap<u32, Vec<(String, usize)>>,
}

/// Texts with the entries that have them.
#[derive(Default)]
struct WantedTexts {
    texts: Numbered,
    /// The entries of each text.
    entries: Vec<Vec<u32>>,
}

impl Wanted {
    fn of(form: &ImageForm, entries: &[DirectoryEntry]) -> Result<Wanted> {
        let (mut addresses, mut identities) = (WantedTexts::default(), WantedTexts::default());
        let mut server_logins: HashMap<u32, Vec<(String, usize)>> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            for address in entry.addresses.iter().chain(&entry.primary) {
                if let Some(key) = email::key(address) {
                    addresses.add(form, &key, at)?;
                }
            }
            for login in &entry.logins {
                identities.add(form, &Account::identity_of_login(login), at)?;
            }
            for (_, login) in &entry.server_logins {
                let hash = super::image::login_hash(form, login);
                server_logins.entry(hash).or_default().push((email::login_key(login), at));
            }
        }
        Ok(Wanted { addresses, identities, server_logins })
    }
}

impl WantedTexts {
    fn add(&mut self, form: &ImageForm, text: &str, entry: usize) -> Result<()> {
        let place = self.texts.place(form.hash_of(text), text)? as usize;
        if place == self.entries.len() {
            self.entries.push(Vec::new());
        }
        self.entries[place].push(entry as u32);
        Ok(())
    }

    /// Marks the entries of all texts that `each` names with their hashes.
    fn each_found(
        &self,
        each: impl FnOnce(&mut dyn FnMut(u64, &str)) -> Result<()>,
        known: &mut [bool],
    ) -> Result<()> {
        if self.entries.is_empty() {
            return Ok(());
        }
        each(&mut |hash, text| {
            if let Some(place) = self.texts.find(hash, text) {
                self.entries[place as usize].iter().for_each(|at| known[*at as usize] = true);
            }
        })
    }
}

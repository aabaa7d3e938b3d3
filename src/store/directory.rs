//! The entries of employee directories (directory.md section 1): the key of their digests, and what is kept of
//! some of them in plain text. The entries themselves are states like those of accounts.
//!
//! The record of an entry never depends on the accounts that the database knows. So the content of a snapshot is
//! the same whatever was imported first. Details in plain text stand beside the record, which has their
//! digest: only entries of people whom a file of GitHub names have details.

use foldhash::{HashMap, HashMapExt, HashSet};
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::booked::InBooks;
use super::bulk::{self, BulkTable};
use super::image::{Image, ImageForm, Numbered};
use super::journal::{self, BookRow};
use super::row::{StoredRow as _, committed, instant, said, stored_row};
use super::sql::damaged;
use super::{Import, Store};
use crate::email;
use crate::error::{Error, Result, no_random_numbers};
use crate::model::{Account, DigestKey, DirectoryEntry, PackedEntries, SourceKind, StateId};

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

impl EntryDetails {
    /// The details of an entry.
    pub fn of(entry: DirectoryEntry) -> EntryDetails {
        let server_logins = entry.server_logins.into_iter();
        EntryDetails {
            addresses: entry.addresses,
            id: entry.id,
            logins: entry.logins,
            manager: entry.manager,
            name: entry.name,
            other_id: entry.other_id,
            primary: entry.primary,
            server_logins: server_logins.map(|(host, it)| (host.as_str().to_owned(), it)).collect(),
            sign_ins: entry.sign_ins,
            unit: entry.unit,
        }
    }

    /// The text that is stored, and of which the record has the digest.
    ///
    /// # Errors
    /// Never, because texts can be written as JSON.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| Error::bug("details of an entry are not text").caused_by(error))
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
    pub fn entries_of_accounts(&self, entries: &PackedEntries) -> Result<Vec<bool>> {
        let image = std::rc::Rc::clone(self.writer()?.borrow().image());
        let mut known = vec![false; entries.len()];
        let key_hashes = image.key_hashes(&self.transaction)?;
        let identities = &image.accounts(&self.transaction)?.hashes;
        let wanted = Wanted::of(&image.form, entries, key_hashes, identities)?;
        wanted.addresses.each_found(
            |found| {
                for (place, hash) in key_hashes.iter().enumerate() {
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
                for (place, hash) in identities.iter().enumerate() {
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

    /// Stores details of entries for those of these states that have none. Each state comes with the position of
    /// its entry, for which `text` gives the details. Returns how many there were.
    ///
    /// # Errors
    /// If the database cannot be written, or `text` fails.
    pub fn fill(
        &self,
        snapshot: i64,
        entries: &[(i64, usize)],
        text: impl Fn(usize) -> Result<String>,
    ) -> Result<usize> {
        let last: Option<i64> =
            self.transaction
                .query_row("SELECT max(state_id) FROM entry_details", [], |row| row.get(0))?;
        let mut has =
            self.transaction.prepare_cached("SELECT 1 FROM entry_details WHERE state_id = ?1")?;
        let mut new = Vec::new();
        for (state, at) in entries {
            let may_have = last.is_some_and(|last| *state <= last);
            if !(may_have && has.exists([state])?) {
                new.push((*state, *at));
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
        // Only some of the texts are in memory at a time.
        for part in new.chunks(FILLED_AT_ONCE) {
            let part = part.iter().map(|(state, at)| Ok((*state, text(*at)?)));
            let part: Vec<(i64, String)> = part.collect::<Result<_>>()?;
            bulk::insert(&self.transaction, &DETAILS, &part, |values, (state, text)| {
                values.add(*state)?;
                values.add(filling)?;
                values.add(text)
            })?;
        }
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

/// The number of details that are in memory at a time while they are stored.
const FILLED_AT_ONCE: usize = 1024;

/// The texts by which entries are found among accounts: those whose hash an account has. A hash only proposes,
/// and the texts decide.
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
    /// The positions of a text and of an entry that has it.
    entries: Vec<(u32, u32)>,
}

impl Wanted {
    fn of(
        form: &ImageForm,
        entries: &PackedEntries,
        key_hashes: &[u32],
        identity_hashes: &[u64],
    ) -> Result<Wanted> {
        let keys: HashSet<u32> = key_hashes.iter().copied().collect();
        let known: HashSet<u32> = identity_hashes.iter().map(|hash| *hash as u32).collect();
        let (mut addresses, mut identities) = (WantedTexts::default(), WantedTexts::default());
        let mut server_logins: HashMap<u32, Vec<(String, usize)>> = HashMap::new();
        for at in 0..entries.len() {
            if !keys.is_empty() {
                for key in entries.addresses(at).filter_map(email::key) {
                    addresses.add(form.hash_of(&key), &key, at, &keys)?;
                }
            }
            for login in entries.logins(at) {
                let identity = Account::identity_of_login(login);
                identities.add(form.hash_of(&identity), &identity, at, &known)?;
            }
            for login in entries.server_logins(at) {
                let hash = super::image::login_hash(form, login);
                server_logins.entry(hash).or_default().push((email::login_key(login), at));
            }
        }
        Ok(Wanted { addresses, identities, server_logins })
    }
}

impl WantedTexts {
    /// Adds a text of an entry, if its hash is among the known ones.
    fn add(&mut self, hash: u64, text: &str, entry: usize, known: &HashSet<u32>) -> Result<()> {
        if known.contains(&(hash as u32)) {
            self.entries.push((self.texts.place(hash, text)?, entry as u32));
        }
        Ok(())
    }

    /// Marks the entries of all texts that `each` names with their hashes.
    fn each_found(
        &self,
        each: impl FnOnce(&mut dyn FnMut(u64, &str)) -> Result<()>,
        known: &mut [bool],
    ) -> Result<()> {
        let mut found = vec![false; self.texts.hashes.len()];
        if found.is_empty() {
            return Ok(());
        }
        each(&mut |hash, text| {
            if let Some(place) = self.texts.find(hash, text) {
                found[place as usize] = true;
            }
        })?;
        for (text, entry) in &self.entries {
            known[*entry as usize] |= found[*text as usize];
        }
        Ok(())
    }
}

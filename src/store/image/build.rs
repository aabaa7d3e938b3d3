//! Makes an image, the compact columns that questions read, from the rows of the database.

use foldhash::{HashMap, HashMapExt, HashSet};
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::{Connection, Row, Rows};

use super::columns::ImageColumns;
use super::form::{Digests, ImageForm, login_hash};
use super::states::State;
use super::texts::Numbered;
use crate::error::Result;
use crate::model::{EntryRecord, Record, SourceKind, account_of};
use crate::store::sql::{IDENTITY, ROOM, number};
use crate::store::words::hash_of_name;

/// Whether a Server account takes part in counting (counting.md section 3).
pub fn takes_part(suspended: Option<bool>, login: &str) -> bool {
    let is_nobodys = |name: &str| login.eq_ignore_ascii_case(name);
    suspended != Some(true) && !is_nobodys("ghost") && !is_nobodys("scim-admin")
}

/// The key (the form in which addresses are compared) of a stored address. If no key is stored, it follows from
/// the text by a simple rule.
pub fn stored_key(text: &str, key: Option<&str>) -> String {
    key.map_or_else(|| plain_key(text), str::to_owned)
}

/// The key that follows from the text of an address by a simple rule: lower case, without spaces around it. The
/// database stores the key of an address only if it differs from this one.
pub fn plain_key(text: &str) -> String {
    text.trim_matches(' ').to_ascii_lowercase()
}

/// The values of a row of the table `states`, with the values that follow from the row's record.
pub struct RowOf<'r> {
    pub state: i64,
    pub source: i64,
    pub snapshot: i64,
    pub account: i64,
    pub row: u8,
    pub roles: u8,
    pub visual_studio: bool,
    pub suspended: Option<bool>,
    pub login: &'r str,
    pub identity: &'r str,
    pub shape: i64,
    pub digest: u64,
    pub name: Option<i64>,
    pub entry: Option<&'r EntryRecord>,
}

/// An unfinished image (derived columns of all states), to which states are added one after another.
pub struct Builder {
    form: ImageForm,
    columns: ImageColumns,
    keys: Numbered,
    seen: HashSet<u32>,
    accounts: Vec<(u32, u32, String)>,
}

impl Builder {
    /// An empty image (derived columns), whose hashes are made with the key in `form`.
    pub fn of(form: ImageForm) -> Builder {
        Builder {
            form,
            columns: ImageColumns::default(),
            keys: Numbered::default(),
            seen: HashSet::default(),
            accounts: Vec::new(),
        }
    }

    pub fn form(&self) -> &ImageForm {
        &self.form
    }

    /// Adds a state to the image. `addresses` are the addresses of the state, each with bits for its kinds, its
    /// text and its stored key. `listed` are the Server accounts that the Cloud row lists, each with the number
    /// of its host and its id.
    ///
    /// # Errors
    /// If a number is too large for the image, or the texts of the image become too long.
    pub fn add<'a>(
        &mut self,
        row: &RowOf<'_>,
        addresses: impl Iterator<Item = (u8, &'a str, Option<&'a str>)>,
        listed: impl Iterator<Item = (u32, &'a str)>,
    ) -> Result<()> {
        let account = number(row.account)?;
        if self.seen.insert(account) {
            self.accounts.push((account, number(row.source)?, row.identity.to_owned()));
        }
        let mut own: Vec<(u32, u8)> = Vec::new();
        for (kinds, text, key) in addresses {
            let key = stored_key(text, key);
            let place = self.keys.place(self.form.hash_of(&key), &key)? + 1;
            match own.iter_mut().find(|(known, _)| *known == place) {
                Some((_, known)) => *known |= kinds,
                None => own.push((place, kinds)),
            }
        }
        let state = State {
            number: number(row.state)?,
            snapshot: number(row.snapshot)?,
            account,
            shape: number(row.shape)?,
            row: row.row,
            roles: row.roles,
            visual_studio: row.visual_studio,
            takes_part: takes_part(row.suspended, row.login),
            keys: &own,
            digest: row.digest,
            login: login_hash(&self.form, row.login),
            name: row.name,
            entry: row.entry,
        };
        self.columns.states.add(&state, listed);
        Ok(())
    }

    /// The image (derived columns) of all states that were added.
    ///
    /// # Errors
    /// If the texts of the image become too long.
    pub fn finish(mut self) -> Result<ImageColumns> {
        // Older programs did not number accounts in the order in which they first appeared. So the accounts are
        // sorted.
        self.accounts.sort_by_key(|(number, _, _)| *number);
        for (number, source, identity) in self.accounts {
            let hash = self.form.hash_of(&identity);
            self.columns.accounts.push(number, source, hash, &identity)?;
        }
        self.columns.set_keys(&self.form, self.keys.hashes, self.keys.texts);
        Ok(self.columns)
    }
}

/// Makes the image (derived columns) of all states or, if `last` is a number, of the states up to this number.
///
/// # Errors
/// If the database cannot be read or holds invalid data.
pub fn build(connection: &Connection, form: &ImageForm, last: Option<u32>) -> Result<ImageColumns> {
    let mut builder = Builder::of(form.clone());
    let (kinds, shapes) = (kinds(connection)?, shapes(connection, form)?);
    let sql = format!(
        "SELECT state_id, source_id, snapshot_id, account_id, row, roles, visual_studio, suspended, \
         login, {IDENTITY}, shape_id, content FROM states WHERE state_id <= ?1 ORDER BY state_id"
    );
    let mut states = connection.prepare(&sql)?;
    let sql = "SELECT row_id, kinds, text, key FROM addresses ORDER BY row_id";
    let mut addresses = connection.prepare(sql)?;
    let sql = "SELECT row_id, host_id, id FROM stored_listed ORDER BY row_id";
    let mut listed = connection.prepare(sql)?;
    let (mut rows, mut addresses, mut listed) = (
        states.query([last.map_or(i64::MAX, i64::from)])?,
        Beside::of(addresses.query([])?),
        Beside::of(listed.query([])?),
    );
    let mut texts: Vec<(u8, String, Option<String>)> = Vec::new();
    let mut ids: Vec<(u32, String)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (state, source): (i64, i64) = (row.get(0)?, row.get(1)?);
        texts.clear();
        ids.clear();
        addresses.of_state(state, |row| {
            texts.push((row.get(1)?, row.get(2)?, row.get(3)?));
            Ok(())
        })?;
        listed.of_state(state, |row| {
            ids.push((number(row.get(1)?)?, row.get(2)?));
            Ok(())
        })?;
        let shape: i64 = row.get(10)?;
        let content = row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)?;
        let (digest, (name, entry)) = match shapes.get(&shape) {
            None => Default::default(),
            Some((fields, digests)) => {
                let record = Record::from_stored(fields, content).ok();
                let meant = kinds.get(&source).zip(record).map(|(kind, record)| {
                    let name = account_of(*kind, &record).name.as_deref().and_then(hash_of_name);
                    (name, entry_of(*kind, &record))
                });
                (digests.of(content), meant.unwrap_or_default())
            }
        };
        let of_row = RowOf {
            state,
            source,
            snapshot: row.get(2)?,
            account: row.get(3)?,
            row: row.get(4)?,
            roles: row.get(5)?,
            visual_studio: row.get(6)?,
            suspended: row.get(7)?,
            login: row.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?,
            identity: row.get_ref(9)?.as_str().map_err(rusqlite::Error::from)?,
            shape,
            digest,
            name,
            entry: entry.as_ref(),
        };
        let texts = texts.iter().map(|(kinds, text, key)| (*kinds, text.as_str(), key.as_deref()));
        builder.add(&of_row, texts, ids.iter().map(|(host, id)| (*host, id.as_str())))?;
    }
    builder.finish()
}

/// The directory entry that a record describes; `None` if the source of the record is not an employee directory.
pub fn entry_of(kind: SourceKind, record: &Record<'_>) -> Option<EntryRecord> {
    match kind {
        SourceKind::Directory => EntryRecord::of(record),
        _ => None,
    }
}

/// The kind of each source, for example `cloud` or `server`, by the number of the source.
fn kinds(connection: &Connection) -> Result<HashMap<i64, SourceKind>> {
    let mut statement = connection.prepare("SELECT source_id, kind FROM stored_sources")?;
    let mut rows = statement.query([])?;
    let mut kinds = HashMap::new();
    while let Some(row) = rows.next()? {
        if let Some(kind) = SourceKind::from_name(&row.get::<_, String>(1)?) {
            kinds.insert(row.get(0)?, kind);
        }
    }
    Ok(kinds)
}

/// The fields of each shape (set of fields of a record), and the hasher for digests of such records, by the
/// number of the shape.
fn shapes(connection: &Connection, form: &ImageForm) -> Result<HashMap<i64, (String, Digests)>> {
    let mut statement = connection.prepare("SELECT shape_id, fields FROM shapes")?;
    let mut rows = statement.query([])?;
    let mut shapes = HashMap::new();
    while let Some(row) = rows.next()? {
        let fields: String = row.get(1)?;
        let digests = form.digests_of(&fields);
        shapes.insert(row.get(0)?, (fields, digests));
    }
    Ok(shapes)
}

/// Reads the rows of a table that belong to states, such as their addresses, in the order of the states.
struct Beside<'s> {
    rows: Rows<'s>,
    /// Whether the current row of `rows` was read but not used yet.
    waits: bool,
    ended: bool,
}

impl<'s> Beside<'s> {
    fn of(rows: Rows<'s>) -> Beside<'s> {
        Beside { rows, waits: false, ended: false }
    }

    fn of_state(&mut self, state: i64, mut take: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        loop {
            if self.ended {
                return Ok(());
            }
            if !self.waits {
                self.rows.advance()?;
                self.waits = true;
            }
            let Some(row) = self.rows.get() else {
                self.ended = true;
                return Ok(());
            };
            let owner = row.get::<_, i64>(0)? / ROOM;
            if owner > state {
                return Ok(());
            }
            if owner == state {
                take(row)?;
            }
            self.waits = false;
        }
    }
}

//! Makes an image from the rows: everything in it follows from them.

use foldhash::{HashMap, HashMapExt, HashSet};
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::{Connection, Row, Rows};

use super::Columns;
use super::form::{Form, login_hash};
use super::states::State;
use super::texts::Numbered;
use crate::error::Result;
use crate::model::{Record, SourceKind, account_of};
use crate::store::place::Hasher;
use crate::store::timeline::number;
use crate::store::words::hash_of_name;
use crate::store::{IDENTITY, ROOM};

/// Does an account of an instance take part in counting (counting.md section 3)?
pub fn takes_part(suspended: Option<bool>, login: &str) -> bool {
    let is_nobodys = |name: &str| login.eq_ignore_ascii_case(name);
    suspended != Some(true) && !is_nobodys("ghost") && !is_nobodys("scim-admin")
}

/// The key of a stored address: told, or made from its text.
pub fn stored_key(text: &str, key: Option<&str>) -> String {
    key.map_or_else(|| plain_key(text), str::to_owned)
}

/// The key that a text has where none is told.
pub fn plain_key(text: &str) -> String {
    text.trim_matches(' ').to_ascii_lowercase()
}

/// Makes the image of all rows.
///
/// # Errors
/// If the database cannot be read, or holds what it should not.
pub fn build(connection: &Connection, form: &Form) -> Result<Columns> {
    let mut columns = Columns::default();
    let mut keys = Numbered::default();
    let (kinds, shapes) = (kinds(connection)?, shapes(connection)?);
    let mut seen: HashSet<u32> = HashSet::default();
    let mut accounts: Vec<(u32, u32, String)> = Vec::new();
    let sql = format!(
        "SELECT state_id, source_id, snapshot_id, account_id, row, roles, visual_studio, suspended, \
         login, {IDENTITY}, shape_id, content FROM states ORDER BY state_id"
    );
    let mut states = connection.prepare(&sql)?;
    let sql = "SELECT row_id, kinds, text, key FROM addresses ORDER BY row_id";
    let mut addresses = connection.prepare(sql)?;
    let sql = "SELECT row_id, host_id, id FROM stored_listed ORDER BY row_id";
    let mut listed = connection.prepare(sql)?;
    let (mut rows, mut addresses, mut listed) =
        (states.query([])?, Beside::of(addresses.query([])?), Beside::of(listed.query([])?));
    while let Some(row) = rows.next()? {
        let state: i64 = row.get(0)?;
        let source: i64 = row.get(1)?;
        let account = number(row.get(3)?)?;
        let login = row.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?;
        if seen.insert(account) {
            accounts.push((account, number(source)?, row.get(9)?));
        }
        let mut own: Vec<(u32, u8)> = Vec::new();
        addresses.of_state(state, |row| {
            let kinds: u8 = row.get(1)?;
            let text = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            let key = row.get_ref(3)?.as_str_or_null().map_err(rusqlite::Error::from)?;
            let key = stored_key(text, key);
            let place = keys.place(form.hash_of(&key), &key)? + 1;
            match own.iter_mut().find(|(known, _)| *known == place) {
                Some((_, known)) => *known |= kinds,
                None => own.push((place, kinds)),
            }
            Ok(())
        })?;
        let mut ids: Vec<(u32, String)> = Vec::new();
        listed.of_state(state, |row| {
            ids.push((number(row.get(1)?)?, row.get(2)?));
            Ok(())
        })?;
        let shape: i64 = row.get(10)?;
        let content = row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)?;
        let (digest, name) = match shapes.get(&shape) {
            None => Default::default(),
            Some((fields, hasher)) => {
                let name = kinds.get(&source).and_then(|kind| {
                    let record = Record::from_stored(fields, content).ok()?;
                    account_of(*kind, &record).name.as_deref().and_then(hash_of_name)
                });
                (form.digest(hasher.digest(content)), name)
            }
        };
        let columns_of_state = State {
            number: number(state)?,
            snapshot: number(row.get(2)?)?,
            account,
            shape: number(shape)?,
            row: row.get(4)?,
            roles: row.get(5)?,
            visual_studio: row.get(6)?,
            takes_part: takes_part(row.get(7)?, login),
            keys: &own,
            digest,
            login: login_hash(form, login),
            name,
        };
        let ids = ids.iter().map(|(host, id)| (*host, id.as_str()));
        columns.states.add(&columns_of_state, ids);
    }
    // They are numbered as they come, but for what an older program left.
    accounts.sort_by_key(|(number, _, _)| *number);
    for (number, source, identity) in accounts {
        columns.accounts.push(number, source, form.hash_of(&identity), &identity)?;
    }
    (columns.key_hashes, columns.key_texts) = (keys.hashes, keys.texts);
    Ok(columns)
}

/// The kinds of the sources, by number.
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

/// The forms of records, by number.
fn shapes(connection: &Connection) -> Result<HashMap<i64, (String, Hasher)>> {
    let mut statement = connection.prepare("SELECT shape_id, fields FROM shapes")?;
    let mut rows = statement.query([])?;
    let mut shapes = HashMap::new();
    while let Some(row) = rows.next()? {
        let fields: String = row.get(1)?;
        let hasher = Hasher::of_fields(&fields);
        shapes.insert(row.get(0)?, (fields, hasher));
    }
    Ok(shapes)
}

/// The rows of a table whose numbers are those of states, taken state by state.
struct Beside<'s> {
    rows: Rows<'s>,
    /// Is the row that `rows` stands on not yet taken?
    waits: bool,
    ended: bool,
}

impl<'s> Beside<'s> {
    fn of(rows: Rows<'s>) -> Beside<'s> {
        Beside { rows, waits: false, ended: false }
    }

    fn of_state(
        &mut self,
        state: i64,
        mut take: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
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

//! Reads the rows of states and the rows that belong to them in batches, so that another thread can check them.

use std::ops::Range;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows, Statement};

use super::Broken;
use crate::code::VerifyCode;
use crate::error::Result;
use crate::store::row::column_places;
use crate::store::sql::ROOM;

/// The greatest number of states in a batch.
const STATES: usize = 2048;

/// The number of bytes of text at which a batch is full, even if it has few states.
const BYTES: usize = 4 * 1024 * 1024;

/// The range of a text within the string that holds all texts of a batch. `None` is a missing text, which is not
/// the same as an empty one.
pub type Text = Option<Range<usize>>;

/// The rows of consecutive states, and the rows in other tables that belong to them, such as addresses.
#[derive(Default)]
pub struct StateBatch {
    texts: String,
    pub states: Vec<StateRow>,
    addresses: Vec<(i64, Text, Text)>,
    listed: Vec<(Option<i64>, Text, Text)>,
    memberships: Vec<[Text; 3]>,
    /// The faults of the rows that were found while reading, each with the position of its state in the batch.
    pub wrong: Vec<(usize, Broken)>,
}

/// The stored row of a state (a record of an account), not yet checked.
pub struct StateRow {
    pub state: i64,
    pub kind: Text,
    pub identity: Text,
    pub account: Text,
    pub source: i64,
    pub snapshot: i64,
    pub account_id: i64,
    pub row: i64,
    pub roles: i64,
    pub visual_studio: bool,
    pub suspended: Option<bool>,
    pub login: Range<usize>,
    pub shape: i64,
    /// The names of the record's fields; `None` if the row of the shape is missing.
    pub fields: Option<Arc<str>>,
    pub content: Range<usize>,
    /// The salt and the hash of the record; each is `None` if its stored length is wrong.
    pub salt: Option<[u8; 16]>,
    pub hash: Option<[u8; 32]>,
    addresses: Range<usize>,
    listed: Range<usize>,
    memberships: Range<usize>,
}

impl StateBatch {
    /// The text at a range of the batch's string; `None` if the text is missing.
    pub fn text(&self, place: &Text) -> Option<&str> {
        place.as_ref().map(|place| self.at(place))
    }

    /// The text at a range of the batch's string.
    pub fn at(&self, place: &Range<usize>) -> &str {
        self.texts.get(place.clone()).unwrap_or_default()
    }

    /// The addresses of a state (an account's record), each as its kinds, its text and its stored key.
    pub fn addresses(
        &self,
        row: &StateRow,
    ) -> impl ExactSizeIterator<Item = (i64, Option<&str>, Option<&str>)> {
        let rows = self.addresses[row.addresses.clone()].iter();
        rows.map(|(kinds, text, key)| (*kinds, self.text(text), self.text(key)))
    }

    /// The Server accounts that a Cloud row lists, each as the number of the host, the name of the host, and the
    /// id.
    pub fn listed(
        &self,
        row: &StateRow,
    ) -> impl ExactSizeIterator<Item = (Option<i64>, [Option<&str>; 2])> {
        let rows = self.listed[row.listed.clone()].iter();
        rows.map(|(number, host, id)| (*number, [self.text(host), self.text(id)]))
    }

    /// The memberships of a state (an account's record), each as organization, repository and role.
    pub fn memberships(&self, row: &StateRow) -> impl ExactSizeIterator<Item = [Option<&str>; 3]> {
        let rows = self.memberships[row.memberships.clone()].iter();
        rows.map(|row| row.each_ref().map(|text| self.text(text)))
    }

    fn add(&mut self, row: &Row<'_>, column: usize) -> Result<Text> {
        let from = self.texts.len();
        match row.get_ref(column)? {
            ValueRef::Null => return Ok(None),
            value => self.texts.push_str(value.as_str().map_err(rusqlite::Error::from)?),
        }
        Ok(Some(from..self.texts.len()))
    }

    fn is_full(&self) -> bool {
        self.states.len() >= STATES || self.texts.len() >= BYTES
    }
}

/// Passes all states to `take`, one batch at a time, with the rows that belong to them. Returns the faults of
/// rows that come after those of the last state.
///
/// # Errors
/// If the database cannot be read, or `take` fails.
pub fn each_batch(
    connection: &Connection,
    mut take: impl FnMut(StateBatch) -> Result<()>,
) -> Result<Vec<Broken>> {
    let mut states =
        connection.prepare(include_str!("../../../schema/queries/states_with_records.sql"))?;
    let mut addresses =
        connection.prepare("SELECT row_id, kinds, text, key FROM addresses ORDER BY row_id")?;
    let mut listed = connection.prepare(
        "SELECT row_id, host, id, host_id \
         FROM stored_listed LEFT JOIN hosts USING (host_id) ORDER BY row_id",
    )?;
    let mut memberships = connection.prepare(
        "SELECT row_id, organization, repository, role FROM stored_memberships ORDER BY row_id",
    )?;
    let mut addresses = Children::of("addresses", &mut addresses)?;
    let mut listed = Children::of("stored_listed", &mut listed)?;
    let mut memberships = Children::of("stored_memberships", &mut memberships)?;
    let mut batch = StateBatch::default();
    let mut shape: Option<(i64, Arc<str>)> = None;
    let at = StatePlaces::of(&states)?;
    let mut rows = states.query([])?;
    while let Some(row) = rows.next()? {
        let state = state_row(&mut batch, row, &at, &mut shape)?;
        let number = state.state;
        let (first, second, third) =
            (batch.addresses.len(), batch.listed.len(), batch.memberships.len());
        addresses.of_state(number, &mut batch, |batch, row| {
            let own = (row.get(1)?, batch.add(row, 2)?, batch.add(row, 3)?);
            batch.addresses.push(own);
            Ok(())
        })?;
        listed.of_state(number, &mut batch, |batch, row| {
            let own = (row.get(3)?, batch.add(row, 1)?, batch.add(row, 2)?);
            batch.listed.push(own);
            Ok(())
        })?;
        memberships.of_state(number, &mut batch, |batch, row| {
            let own = [batch.add(row, 1)?, batch.add(row, 2)?, batch.add(row, 3)?];
            batch.memberships.push(own);
            Ok(())
        })?;
        batch.states.push(StateRow {
            addresses: first..batch.addresses.len(),
            listed: second..batch.listed.len(),
            memberships: third..batch.memberships.len(),
            ..state
        });
        if batch.is_full() {
            take(std::mem::take(&mut batch))?;
        }
    }
    if !batch.states.is_empty() {
        take(std::mem::take(&mut batch))?;
    }
    for children in [&mut addresses, &mut listed, &mut memberships] {
        children.of_state(i64::MAX, &mut batch, |_, _| Ok(()))?;
    }
    Ok(batch.wrong.into_iter().map(|(_, broken)| broken).collect())
}

column_places! {
    /// The positions of the columns that `states_with_records.sql` selects.
    StatePlaces {
        state_id, kind, identity, account, source_id, snapshot_id, account_id, row, roles, visual_studio,
        suspended, login, shape_id, fields, content, salt, record_hash,
    }
}

fn state_row(
    batch: &mut StateBatch,
    row: &Row<'_>,
    at: &StatePlaces,
    shape: &mut Option<(i64, Arc<str>)>,
) -> Result<StateRow> {
    let number: i64 = row.get(at.shape_id)?;
    let fields = match &*shape {
        Some((known, fields)) if *known == number => Some(Arc::clone(fields)),
        _ => row.get::<_, Option<String>>(at.fields)?.map(Arc::from),
    };
    *shape = fields.clone().map(|fields| (number, fields));
    let blob = |column: usize| -> Result<&[u8]> {
        Ok(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?)
    };
    let (salt, hash) = (blob(at.salt)?.try_into().ok(), blob(at.record_hash)?.try_into().ok());
    Ok(StateRow {
        state: row.get(at.state_id)?,
        kind: batch.add(row, at.kind)?,
        identity: batch.add(row, at.identity)?,
        account: batch.add(row, at.account)?,
        source: row.get(at.source_id)?,
        snapshot: row.get(at.snapshot_id)?,
        account_id: row.get(at.account_id)?,
        row: row.get(at.row)?,
        roles: row.get(at.roles)?,
        visual_studio: row.get(at.visual_studio)?,
        suspended: row.get(at.suspended)?,
        login: batch.add(row, at.login)?.unwrap_or_default(),
        shape: number,
        fields,
        content: batch.add(row, at.content)?.unwrap_or_default(),
        salt,
        hash,
        addresses: 0..0,
        listed: 0..0,
        memberships: 0..0,
    })
}

/// The rows of one table that belong to states, such as addresses. They are read state by state.
struct Children<'s> {
    table: &'static str,
    rows: Rows<'s>,
    /// The number of the next row in the table; `None` after the last row.
    next: Option<i64>,
}

impl<'s> Children<'s> {
    fn of(table: &'static str, statement: &'s mut Statement<'_>) -> Result<Children<'s>> {
        let mut children = Children { table, rows: statement.query([])?, next: None };
        children.advance()?;
        Ok(children)
    }

    fn advance(&mut self) -> Result<()> {
        use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
        self.rows.advance()?;
        self.next = match self.rows.get() {
            Some(row) => Some(row.get(0)?),
            None => None,
        };
        Ok(())
    }

    /// Passes the rows of one table that belong to a state to `take`. Reports rows that are not numbered
    /// consecutively, and rows of states that do not exist.
    fn of_state(
        &mut self,
        state: i64,
        batch: &mut StateBatch,
        mut take: impl FnMut(&mut StateBatch, &Row<'_>) -> Result<()>,
    ) -> Result<()> {
        use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
        let (table, place) = (self.table, batch.states.len());
        let tell = |batch: &mut StateBatch, message| {
            batch.wrong.push((place, Broken { code: VerifyCode::Derived, message }));
        };
        let mut count = 0;
        while let (Some(number), Some(row)) = (self.next, self.rows.get()) {
            let owner = number.div_euclid(ROOM);
            if owner > state {
                break;
            }
            if owner == state {
                if number != state.saturating_mul(ROOM).saturating_add(count) {
                    tell(
                        batch,
                        format!("{table}.row_id {number} does not follow the row_id before it"),
                    );
                }
                count += 1;
                take(batch, row)?;
            } else {
                let message =
                    format!("{table}.row_id {number} belongs to state {owner}, which is missing");
                tell(batch, message);
            }
            self.advance()?;
        }
        Ok(())
    }
}

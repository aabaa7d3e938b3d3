//! Records against their hashes, and everything that is derived from a record against what it
//! gives when derived again. One pass over the states, their children beside them.

use std::collections::BTreeSet;

use foldhash::HashMap;
use rusqlite::{Connection, Row, Statement};

use super::Verified;
use super::image::Anew;
use crate::email;
use crate::error::Result;
use crate::model::{Account, AddressKind, Record, SourceKind, account_of, is_bare_role};
use crate::store::ROOM;
use crate::store::content_hash::record_hash;
use crate::store::image::{RowOf, plain_key};
use crate::store::parts::bit;
use crate::store::place::tell_apart;
use crate::store::state_writer::told_account;
use crate::store::words::hash_of_name;

/// The columns of the states, by their places.
mod of {
    pub const STATE_ID: usize = 0;
    pub const KIND: usize = 1;
    pub const IDENTITY: usize = 2;
    pub const ACCOUNT: usize = 3;
    pub const SOURCE_ID: usize = 4;
    pub const SNAPSHOT_ID: usize = 5;
    pub const ACCOUNT_ID: usize = 6;
    pub const ROW: usize = 7;
    pub const ROLES: usize = 8;
    pub const VISUAL_STUDIO: usize = 9;
    pub const SUSPENDED: usize = 10;
    pub const LOGIN: usize = 11;
    pub const SHAPE_ID: usize = 12;
    pub const FIELDS: usize = 13;
    pub const CONTENT: usize = 14;
    pub const SALT: usize = 15;
    pub const RECORD_HASH: usize = 16;
}

/// Checks states, records, shapes, accounts, keys, addresses, hosts, listed ids and memberships.
/// Gives the image that they make, to be compared once all else was looked at.
pub fn check(connection: &Connection, verified: &mut Verified) -> Result<Anew> {
    let mut anew = Anew::begin(connection, verified)?;
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
    let mut addresses = Children::of("addresses", &mut addresses, 3)?;
    let mut listed = Children::of("stored_listed", &mut listed, 3)?;
    let mut memberships = Children::of("stored_memberships", &mut memberships, 3)?;
    let mut accounts = Accounts::default();
    let mut rows = states.query([])?;
    while let Some(row) = rows.next()? {
        let state: i64 = row.get(of::STATE_ID)?;
        let texts = addresses.of_state(state, verified)?;
        let ids = listed.of_state(state, verified)?;
        let named = ids.iter().map(|it| it[..2].to_vec()).collect();
        let found = Found {
            addresses: of_texts(state, &texts, verified),
            listed: each_once("stored_listed", state, named, verified),
            memberships: each_once(
                "stored_memberships",
                state,
                memberships.of_state(state, verified)?,
                verified,
            ),
        };
        accounts.take(state, row, verified)?;
        let said = check_state(state, row, &found, verified)?;
        add_to(&mut anew, row, said, (&texts, &ids))?;
    }
    accounts.end(verified);
    addresses.of_state(i64::MAX, verified)?;
    listed.of_state(i64::MAX, verified)?;
    memberships.of_state(i64::MAX, verified)?;
    unreferenced(connection, verified)?;
    Ok(anew)
}

/// What the image holds that follows from what a record means: the hash of the display name.
#[derive(Default)]
struct Said {
    name: Option<i64>,
}

fn add_to(
    anew: &mut Anew,
    row: &Row<'_>,
    said: Said,
    (texts, ids): (&[Cells], &[Cells]),
) -> Result<()> {
    let texts = texts.iter().filter_map(|it| {
        Some((it[0].as_ref()?.parse().ok()?, it[1].as_deref()?, it[2].as_deref()))
    });
    let ids = ids.iter().filter_map(|it| Some((it[2].as_ref()?.parse().ok()?, it[1].as_deref()?)));
    let (login, identity): (String, String) = (row.get(of::LOGIN)?, row.get(of::IDENTITY)?);
    let (fields, content): (Option<String>, Option<String>) =
        (row.get(of::FIELDS)?, row.get(of::CONTENT)?);
    let digest = fields.zip(content).map_or(0, |(fields, content)| {
        anew.digests_of(&fields).map_or(0, |digests| digests.of(&content))
    });
    let of_row = RowOf {
        state: row.get(of::STATE_ID)?,
        source: row.get(of::SOURCE_ID)?,
        snapshot: row.get(of::SNAPSHOT_ID)?,
        account: row.get(of::ACCOUNT_ID)?,
        row: row.get(of::ROW)?,
        roles: row.get(of::ROLES)?,
        visual_studio: row.get(of::VISUAL_STUDIO)?,
        suspended: row.get(of::SUSPENDED)?,
        login: &login,
        identity: &identity,
        shape: row.get(of::SHAPE_ID)?,
        digest,
        name: said.name,
    };
    anew.add(&of_row, texts, ids);
    Ok(())
}

/// The cells of a child of a state as texts; `None` where there is none, which is not an empty text.
type Cells = Vec<Option<String>>;

/// The children of a state, for comparing.
struct Found {
    addresses: BTreeSet<Cells>,
    listed: BTreeSet<Cells>,
    memberships: BTreeSet<Cells>,
}

fn check_state(state: i64, row: &Row<'_>, found: &Found, verified: &mut Verified) -> Result<Said> {
    let texts: (Option<String>, Option<String>) = (row.get(of::FIELDS)?, row.get(of::CONTENT)?);
    let (Some(fields), Some(content)) = texts else {
        let message = format!("states has row {state} without its row of shapes");
        verified.broken("record", message);
        return Ok(Said::default());
    };
    let salt: Vec<u8> = row.get(of::SALT)?;
    let hash: Vec<u8> = row.get(of::RECORD_HASH)?;
    let sound = <[u8; 16]>::try_from(salt.as_slice())
        .is_ok_and(|salt| record_hash(&salt, &fields, &content)[..] == hash[..]);
    if !sound {
        verified.broken(
            "record",
            format!(
                "states.content, states.salt, states.record_hash and shapes.fields (states.shape_id) of \
                 state {state} do not belong together"
            ),
        );
    }
    let record = match Record::from_stored(&fields, &content) {
        Ok(record) => record,
        Err(error) => {
            verified.broken("record", format!("states.content of state {state}: {error}"));
            return Ok(Said::default());
        }
    };
    let kind: Option<String> = row.get(of::KIND)?;
    let Some(kind) = kind.as_deref().and_then(SourceKind::from_name) else {
        let message = format!("states.source_id of state {state} names no row of stored_sources");
        verified.broken("derived", message);
        return Ok(Said::default());
    };
    let account = account_of(kind, &record);
    let login: String = row.get(of::LOGIN)?;
    for (column, same) in [
        (
            "states.account",
            has_identity(row.get(of::IDENTITY)?, &account, &record, (&fields, &content)),
        ),
        ("states.account", is_told_as_written(&row.get::<_, Option<String>>(of::ACCOUNT)?, &login)),
        ("states.row", row.get::<_, i64>(of::ROW)? == account.row as i64),
        ("states.roles", row.get::<_, i64>(of::ROLES)? == account.roles as i64),
        ("states.visual_studio", row.get::<_, bool>(of::VISUAL_STUDIO)? == account.visual_studio),
        ("states.suspended", row.get::<_, Option<bool>>(of::SUSPENDED)? == account.suspended),
        ("states.login", is_login(&login, &account, &record)),
    ] {
        if !same {
            derived(column, state, verified);
        }
    }
    let expected = derive(&account);
    for (columns, found, expected) in [
        ("addresses (kinds, text, key)", &found.addresses, &expected.addresses),
        ("stored_listed (host_id, id; hosts.host)", &found.listed, &expected.listed),
        (
            "stored_memberships (organization, repository, role)",
            &found.memberships,
            &expected.memberships,
        ),
    ] {
        let mut more = found.difference(expected);
        if !found.is_superset(expected) || !more.all(|row| says_nothing(row, &record)) {
            derived(columns, state, verified);
        }
    }
    Ok(Said { name: account.name.as_deref().and_then(hash_of_name) })
}

/// Earlier versions of the program stored words of absence, and roles without an organization, as
/// if they were values: is this a row of an address or a membership that says nothing, and does the
/// record say it?
fn says_nothing(row: &[Option<String>], record: &Record<'_>) -> bool {
    match row {
        [Some(kind), Some(key), text] if kind.bytes().all(|byte| byte.is_ascii_digit()) => {
            let said = text.as_ref().unwrap_or(key);
            email::word_of_absence(key).is_some()
                && email::login_key(said) == *key
                && record.says(said)
        }
        [Some(organization), Some(repository), Some(role)] => {
            let nothing = email::nothing_named(organization).is_some()
                || (role.is_empty() && is_bare_role(organization));
            let between = |sign: &str, text: &str| match text {
                "" => String::new(),
                text => format!("{sign}{text}"),
            };
            let (repository, role) = (between("/", repository), between(":", role));
            nothing && record.says(&format!("{organization}{repository}{role}"))
        }
        _ => false,
    }
}

/// Is a stored login the record's, or the word of absence that stands there?
fn is_login(stored: &str, account: &Account<'_>, record: &Record<'_>) -> bool {
    let is_nothing = || email::nothing_named(stored).is_some() && record.says(stored);
    stored == account.login || (account.login.is_empty() && is_nothing())
}

/// Is an identity told where it does not follow from the login, and only there?
fn is_told_as_written(account: &Option<String>, login: &str) -> bool {
    account.as_ref().is_none_or(|account| told_account(account, login).is_some())
}

/// The accounts: each number is that of one identity of one source, each of these has one number, and
/// they are numbered one after another.
#[derive(Default)]
struct Accounts {
    of_number: HashMap<i64, [u8; 16]>,
    of_identity: HashMap<[u8; 16], i64>,
}

impl Accounts {
    fn take(&mut self, state: i64, row: &Row<'_>, verified: &mut Verified) -> Result<()> {
        let number: i64 = row.get(of::ACCOUNT_ID)?;
        let (source, identity): (i64, String) = (row.get(of::SOURCE_ID)?, row.get(of::IDENTITY)?);
        let mut account = [0; 16];
        let hash = blake3::hash(format!("{source} {identity}").as_bytes());
        account.copy_from_slice(&hash.as_bytes()[..16]);
        let same_number = *self.of_number.entry(number).or_insert(account) == account;
        let same_account = *self.of_identity.entry(account).or_insert(number) == number;
        if !same_number || !same_account {
            let message = format!(
                "states.account_id of state {state} is not that of its account (states.source_id, \
                 states.account) in another state"
            );
            verified.broken("derived", message);
        }
        Ok(())
    }

    fn end(&self, verified: &mut Verified) {
        let greatest = self.of_number.keys().max().copied().unwrap_or_default();
        let least = self.of_number.keys().min().copied().unwrap_or(1);
        if greatest != self.of_number.len() as i64 || least != 1 {
            let message =
                "states.account_id: numbers of accounts do not follow each other".to_owned();
            verified.broken("derived", message);
        }
    }
}

fn derived(columns: &str, state: i64, verified: &mut Verified) {
    let message = format!("{columns} of state {state} is not what its record says");
    verified.broken("derived", message);
}

/// An identity by content may have more behind it: the ordinal among equals, or the digest that
/// earlier versions put there where two rows of a file mean the same and say it differently.
fn has_identity(
    stored: Option<String>,
    account: &Account<'_>,
    record: &Record<'_>,
    (fields, content): (&str, &str),
) -> bool {
    let Some(stored) = stored else { return false };
    // Earlier versions of the program took a word of absence for a login, an id or an address.
    let is_word =
        |text: &str| email::word_of_absence(text).is_some() && record.says_in_any_case(text);
    if stored.split_once(':').is_some_and(|(_, text)| is_word(text)) {
        return true;
    }
    match &account.identity {
        Some(identity) if Account::is_identified_by_content(identity) => {
            stored == *identity || stored == tell_apart(identity, fields, content)
        }
        // A united row may have gained smaller ids or addresses; it keeps its first identity.
        Some(identity) => stored == *identity || Account::may_have_been(&stored, account),
        None => {
            let apart = tell_apart("", fields, content);
            let numbered = stored.strip_suffix(&apart).unwrap_or(&stored);
            Account::is_numbered(numbered, &record.meaning())
        }
    }
}

fn derive(account: &Account<'_>) -> Found {
    let mut found =
        Found { addresses: BTreeSet::new(), listed: BTreeSet::new(), memberships: BTreeSet::new() };
    let mut known = BTreeSet::new();
    for address in &account.addresses {
        let Some(key) = email::key(&address.text) else { continue };
        let kind = (address.kind as i64).to_string();
        // The first address of a kind and key is the one that is stored.
        if known.insert((kind.clone(), key.clone())) {
            let text = (address.text != key).then(|| address.text.to_string());
            found.addresses.insert(vec![Some(kind), Some(key), text]);
        }
    }
    for listed in &account.listed {
        let host = listed.host.as_ref().map_or("", |host| host.as_str());
        found.listed.insert(vec![Some(host.to_owned()), Some(listed.id.clone())]);
    }
    for it in &account.memberships {
        let repository = it.repository.as_deref().unwrap_or_default().to_owned();
        let (organization, role) = (it.organization.to_string(), it.role.to_string());
        found.memberships.insert(vec![Some(organization), Some(repository), Some(role)]);
    }
    found
}

/// The addresses of a state by kind and key, with the text where it is not the key.
fn of_texts(state: i64, rows: &[Cells], verified: &mut Verified) -> BTreeSet<Cells> {
    let mut found = BTreeSet::new();
    let mut as_written = true;
    for row in rows {
        let [Some(kinds), Some(text), key] = row.as_slice() else {
            as_written = false;
            continue;
        };
        let plain = plain_key(text);
        as_written &= key.as_ref().is_none_or(|key| *key != plain);
        let key = key.clone().unwrap_or(plain);
        let kinds: u8 = kinds.parse().unwrap_or_default();
        for kind in AddressKind::ALL.into_iter().filter(|kind| kinds & bit(*kind) != 0) {
            let kind = (kind as i64).to_string();
            let text = (*text != key).then(|| text.clone());
            as_written &= found.insert(vec![Some(kind), Some(key.clone()), text]);
        }
    }
    if !as_written {
        derived("addresses (kinds, text, key)", state, verified);
    }
    found
}

fn each_once(
    table: &str,
    state: i64,
    rows: Vec<Cells>,
    verified: &mut Verified,
) -> BTreeSet<Cells> {
    let count = rows.len();
    let found: BTreeSet<Cells> = rows.into_iter().collect();
    if found.len() != count {
        verified.broken("derived", format!("{table} has a row of state {state} twice"));
    }
    found
}

/// The rows of a table in the order of their states, taken state by state.
struct Children<'s> {
    table: &'static str,
    columns: usize,
    rows: rusqlite::Rows<'s>,
    next: Option<(i64, Cells)>,
}

impl<'s> Children<'s> {
    fn of(
        table: &'static str,
        statement: &'s mut Statement<'_>,
        columns: usize,
    ) -> Result<Children<'s>> {
        let mut children = Children { table, columns, rows: statement.query([])?, next: None };
        children.advance()?;
        Ok(children)
    }

    fn advance(&mut self) -> Result<()> {
        let columns = self.columns;
        self.next = match self.rows.next()? {
            None => None,
            Some(row) => {
                let texts = (1..=columns).map(|column| text(row, column));
                Some((row.get(0)?, texts.collect::<Result<_>>()?))
            }
        };
        Ok(())
    }

    /// The rows of a state, which are numbered one after another; rows of states that are not there are
    /// told.
    fn of_state(&mut self, state: i64, verified: &mut Verified) -> Result<Vec<Cells>> {
        let mut found = Vec::new();
        while let Some((row, texts)) = self.next.take() {
            let owner = row.div_euclid(ROOM);
            if owner > state {
                self.next = Some((row, texts));
                break;
            }
            if owner == state {
                if row != state.saturating_mul(ROOM).saturating_add(found.len() as i64) {
                    let message =
                        format!("{}.row_id {row} does not follow the one before", self.table);
                    verified.broken("derived", message);
                }
                found.push(texts);
            } else {
                let message =
                    format!("{}.row_id {row} is of state {owner}, which is not there", self.table);
                verified.broken("derived", message);
            }
            self.advance()?;
        }
        Ok(found)
    }
}

fn text(row: &Row<'_>, column: usize) -> Result<Option<String>> {
    Ok(match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => None,
        rusqlite::types::ValueRef::Integer(number) => Some(number.to_string()),
        other => Some(other.as_str().map_err(rusqlite::Error::from)?.to_owned()),
    })
}

/// Rows that nothing names, and states without what they need.
fn unreferenced(connection: &Connection, verified: &mut Verified) -> Result<()> {
    for (what, sql) in [
        (
            "hosts",
            "SELECT host_id FROM hosts WHERE host_id NOT IN (SELECT host_id FROM stored_listed)",
        ),
        (
            "shapes",
            "SELECT shape_id FROM shapes WHERE shape_id NOT IN (SELECT shape_id FROM states)",
        ),
        ("spans", "SELECT state_id FROM spans WHERE state_id NOT IN (SELECT state_id FROM states)"),
    ] {
        let mut statement = connection.prepare(sql)?;
        let ids = statement.query_map([], |row| row.get::<_, i64>(0))?;
        for id in ids {
            verified.broken("unreferenced", format!("{what} has row {}, which nothing names", id?));
        }
    }
    Ok(())
}

//! Records against their hashes, and everything that is derived from a record against what it
//! gives when derived again. One pass over the states, their children beside them.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, Statement};

use super::Verified;
use crate::email;
use crate::error::Result;
use crate::model::{Account, Record, SourceKind, account_of, is_bare_role, name_fields};
use crate::store::content_hash::record_hash;
use crate::store::place::Digest;
use crate::store::words::{hash_of_login, hash_of_name};

/// Checks states, records, shapes, accounts, keys, addresses, hosts, listed ids and memberships.
pub fn check(connection: &Connection, verified: &mut Verified) -> Result<()> {
    let mut states =
        connection.prepare(include_str!("../../../schema/queries/states_with_records.sql"))?;
    let mut addresses = connection.prepare(
        "SELECT state_id, kind, key, text FROM addresses LEFT JOIN keys USING (key_id) \
         ORDER BY state_id",
    )?;
    let mut listed = connection.prepare(
        "SELECT state_id, host, id FROM listed LEFT JOIN hosts USING (host_id) ORDER BY state_id",
    )?;
    let mut memberships = connection.prepare(
        "SELECT state_id, organization, repository, role FROM stored_memberships ORDER BY state_id",
    )?;
    let mut addresses = Children::of("addresses", &mut addresses, 3)?;
    let mut listed = Children::of("listed", &mut listed, 2)?;
    let mut memberships = Children::of("stored_memberships", &mut memberships, 3)?;
    let mut rows = states.query([])?;
    while let Some(row) = rows.next()? {
        let state: i64 = row.get(0)?;
        let found = Found {
            addresses: addresses.of_state(state, verified)?,
            listed: listed.of_state(state, verified)?,
            memberships: memberships.of_state(state, verified)?,
        };
        check_state(state, row, &found, verified)?;
    }
    addresses.of_state(i64::MAX, verified)?;
    listed.of_state(i64::MAX, verified)?;
    memberships.of_state(i64::MAX, verified)?;
    unreferenced(connection, verified)
}

/// The cells of a child of a state as texts; `None` where there is none, which is not an empty text.
type Cells = Vec<Option<String>>;

/// The children of a state, for comparing.
struct Found {
    addresses: BTreeSet<Cells>,
    listed: BTreeSet<Cells>,
    memberships: BTreeSet<Cells>,
}

fn check_state(state: i64, row: &Row<'_>, found: &Found, verified: &mut Verified) -> Result<()> {
    let texts: (Option<String>, Option<String>) = (row.get("fields")?, row.get("content")?);
    let (Some(fields), Some(content)) = texts else {
        let message = format!("states has row {state} without its row of records or shapes");
        verified.broken("record", message);
        return Ok(());
    };
    let salt: Vec<u8> = row.get("salt")?;
    let hash: Vec<u8> = row.get("record_hash")?;
    let sound = <[u8; 16]>::try_from(salt.as_slice())
        .is_ok_and(|salt| record_hash(&salt, &fields, &content)[..] == hash[..]);
    if !sound {
        verified.broken(
            "record",
            format!(
                "records of state {state}: records.content, records.salt, records.record_hash and \
                 shapes.fields do not belong together"
            ),
        );
    }
    let record = match Record::from_stored(&fields, &content) {
        Ok(record) => record,
        Err(error) => {
            verified.broken("record", format!("records.content of state {state}: {error}"));
            return Ok(());
        }
    };
    let kind: Option<String> = row.get("kind")?;
    let Some(kind) = kind.as_deref().and_then(SourceKind::from_name) else {
        let message = format!(
            "states.account_id of state {state} names no row of stored_accounts and stored_sources"
        );
        verified.broken("derived", message);
        return Ok(());
    };
    let account = account_of(kind, &record);
    let digest = Digest::of_texts(&fields, &content);
    let login: String = row.get("login")?;
    for (column, same) in [
        ("stored_accounts.identity", has_identity(row.get("identity")?, &account, &record, digest)),
        ("states.row", row.get::<_, i64>("row")? == account.row as i64),
        ("states.roles", row.get::<_, i64>("roles")? == account.roles as i64),
        ("states.visual_studio", row.get::<_, bool>("visual_studio")? == account.visual_studio),
        ("states.suspended", row.get::<_, Option<bool>>("suspended")? == account.suspended),
        ("states.login", is_login(&login, &account, &record)),
        ("states.login_hash", row.get::<_, Option<i64>>("login_hash")? == hash_of_login(&login)),
        ("states.name_hash", is_name_hash(row.get("name_hash")?, &account, &record, kind)),
        (
            "states.digest",
            row.get::<_, Option<Vec<u8>>>("digest")?.is_some_and(|it| it == digest.bytes()),
        ),
    ] {
        if !same {
            derived(column, state, verified);
        }
    }
    let expected = derive(&account);
    for (columns, found, expected) in [
        ("addresses (kind, key_id, text; keys.key)", &found.addresses, &expected.addresses),
        ("listed (host_id, id; hosts.host)", &found.listed, &expected.listed),
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
    Ok(())
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

/// Is this a hash of the record's name, or of a word of absence in its place?
fn is_name_hash(
    stored: Option<i64>,
    account: &Account<'_>,
    record: &Record<'_>,
    kind: SourceKind,
) -> bool {
    let texts = name_fields(kind).iter().filter_map(|field| record.get(field)?.text());
    let mut words = texts.filter(|text| email::nothing_named(text).is_some());
    stored == hash_of_name_in(account)
        || (account.name.is_none() && words.any(|word| stored == hash_of_name(word)))
}

fn hash_of_name_in(account: &Account<'_>) -> Option<i64> {
    account.name.as_deref().and_then(hash_of_name)
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
    digest: Digest,
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
            stored == *identity || stored == digest.tell_apart(identity)
        }
        // A united row may have gained smaller ids or addresses; it keeps its first identity.
        Some(identity) => stored == *identity || Account::may_have_been(&stored, account),
        None => {
            let apart = digest.tell_apart("");
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

    /// The rows of a state; rows of states that are not there are told.
    fn of_state(&mut self, state: i64, verified: &mut Verified) -> Result<BTreeSet<Cells>> {
        let mut found = BTreeSet::new();
        while let Some((owner, texts)) = self.next.take() {
            if owner > state {
                self.next = Some((owner, texts));
                break;
            }
            if owner == state {
                found.insert(texts);
            } else {
                let message =
                    format!("{} has a row of state {owner}, which is not there", self.table);
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
        ("keys", "SELECT key_id FROM keys WHERE key_id NOT IN (SELECT key_id FROM addresses)"),
        ("hosts", "SELECT host_id FROM hosts WHERE host_id NOT IN (SELECT host_id FROM listed)"),
        (
            "shapes",
            "SELECT shape_id FROM shapes WHERE shape_id NOT IN (SELECT shape_id FROM records)",
        ),
        (
            "stored_accounts",
            "SELECT account_id FROM stored_accounts WHERE account_id NOT IN (SELECT account_id FROM states)",
        ),
        (
            "records",
            "SELECT state_id FROM records WHERE state_id NOT IN (SELECT state_id FROM states)",
        ),
        (
            "states",
            "SELECT state_id FROM states WHERE state_id NOT IN (SELECT state_id FROM spans)",
        ),
    ] {
        let mut statement = connection.prepare(sql)?;
        let ids = statement.query_map([], |row| row.get::<_, i64>(0))?;
        for id in ids {
            verified.broken("unreferenced", format!("{what} has row {}, which nothing names", id?));
        }
    }
    Ok(())
}

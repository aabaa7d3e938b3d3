//! The floor: the least that any program of this kind must do, as a process of its own.
//!
//! What it is: it stream-parses every record into borrowed typed values and hashes its bytes with BLAKE3. With
//! `--insert DB` it then inserts as many rows of the same width (number, login, hash, and as many bytes as the
//! record's values have) in one durable transaction. It does no normalizing, and has no index, no history and
//! no evidence. May assume: the demo's lines, one record each, which makes it faster than a reader of any JSON
//! can be. Must not: use anything of oneseat.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use rusqlite::Connection;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::Result;
use crate::data::Lines;
use crate::derive::Kind;

/// The house's first argument that makes it the floor.
pub const NAME: &str = "floor";

/// The widths of a row to insert: login and values.
type Width = (u32, u32);

type Texts<'a> = Vec<Text<'a>>;

/// A text that is borrowed if it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct CloudRow<'a> {
    #[serde(borrow)]
    github_com_login: Cow<'a, str>,
    #[serde(borrow)]
    github_com_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    enterprise_server_user_ids: Texts<'a>,
    github_com_user: bool,
    enterprise_server_user: bool,
    visual_studio_subscription_user: bool,
    #[serde(borrow)]
    license_type: Cow<'a, str>,
    #[serde(borrow)]
    github_com_profile: Option<Cow<'a, str>>,
    #[serde(borrow)]
    github_com_member_roles: Texts<'a>,
    #[serde(borrow)]
    github_com_enterprise_roles: Texts<'a>,
    #[serde(borrow)]
    github_com_verified_domain_emails: Texts<'a>,
    #[serde(borrow)]
    github_com_saml_name_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    github_com_orgs_with_pending_invites: Texts<'a>,
    /// A flag, null, or an empty text.
    #[serde(borrow)]
    github_com_two_factor_auth: Option<&'a RawValue>,
    #[serde(borrow)]
    enterprise_server_primary_emails: Texts<'a>,
    #[serde(borrow)]
    visual_studio_license_status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    visual_studio_subscription_email: Option<Cow<'a, str>>,
    total_user_accounts: Option<u64>,
}

#[derive(Deserialize)]
struct ServerUser<'a> {
    id: u64,
    #[serde(borrow)]
    login: Cow<'a, str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    emails: Vec<ServerEmail<'a>>,
    suspended: bool,
    site_admin: bool,
    #[serde(borrow)]
    created_at: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ServerEmail<'a> {
    #[serde(borrow)]
    email: Cow<'a, str>,
    primary: bool,
}

/// `floor [--insert DB] FILE…`
pub fn main(arguments: &[String]) -> Result<()> {
    let (database, files) = match arguments {
        [option, database, files @ ..] if option == "--insert" => (Some(database), files),
        files => (None, files),
    };
    let mut widths = Vec::new();
    let mut used = 0;
    for file in files {
        used ^= parse(Path::new(file), &mut widths)?;
    }
    println!("{} records, {used:016x}", widths.len());
    if let Some(database) = database {
        insert(Path::new(database), &widths)?;
    }
    Ok(())
}

/// Parses and hashes every record. It uses part of every value, so that the compiler removes none of them.
fn parse(file: &Path, widths: &mut Vec<Width>) -> Result<u64> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let kind = Kind::of(&name);
    let mut used = 0;
    // The lists of employees are tables, too.
    if kind == Some(Kind::AllUsers) || kind.is_none() && name.ends_with(".csv") {
        let mut reader = csv::Reader::from_reader(File::open(file)?);
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            used ^= hash(record.as_slice());
            let login = record.get(2).map_or(0, <[u8]>::len);
            widths.push((u32::try_from(login)?, u32::try_from(record.as_slice().len())?));
        }
        return Ok(used);
    }
    let kind = kind.ok_or_else(|| format!("{name}: no file of the demo"))?;
    let mut lines = Lines::open(file)?;
    let mut keys = None;
    while let Some(line) = lines.next()? {
        if !kind.is_record(line) {
            continue;
        }
        let end = line.iter().rposition(|byte| *byte == b'}').unwrap_or(0);
        // The last line also closes the list and the object.
        let line = if line.ends_with(b"}]}") { &line[..line.len() - 2] } else { &line[..=end] };
        let (login, values) = match kind {
            Kind::Cloud => cloud(serde_json::from_slice(line)?),
            _ => server(serde_json::from_slice(line)?),
        };
        used ^= hash(line) ^ values;
        let keys = match keys {
            Some(keys) => keys,
            None => *keys.insert(width_of_keys(line)?),
        };
        let values = line.len().saturating_sub(keys);
        widths.push((u32::try_from(login)?, u32::try_from(values)?));
    }
    Ok(used)
}

fn hash(record: &[u8]) -> u64 {
    let hash = blake3::hash(record);
    hash.as_bytes().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// The lengths of the login and of all texts.
fn cloud(row: CloudRow<'_>) -> (usize, u64) {
    let lists = [
        &row.enterprise_server_user_ids,
        &row.github_com_member_roles,
        &row.github_com_enterprise_roles,
        &row.github_com_verified_domain_emails,
        &row.github_com_orgs_with_pending_invites,
        &row.enterprise_server_primary_emails,
    ];
    let texts = [
        &row.github_com_name,
        &row.github_com_profile,
        &row.github_com_saml_name_id,
        &row.visual_studio_license_status,
        &row.visual_studio_subscription_email,
    ];
    let flags =
        [row.github_com_user, row.enterprise_server_user, row.visual_studio_subscription_user];
    let listed: usize = lists.into_iter().flatten().map(|text| text.0.len()).sum();
    let single: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
    let flags = flags.into_iter().filter(|flag| *flag).count();
    let factor = row.github_com_two_factor_auth.map_or(0, |raw| raw.get().len());
    let sum = listed + single + flags + factor + row.license_type.len();
    (row.github_com_login.len(), sum as u64 + row.total_user_accounts.unwrap_or(0))
}

/// The lengths of the login and of all texts.
fn server(user: ServerUser<'_>) -> (usize, u64) {
    let addresses: usize =
        user.emails.iter().map(|it| it.email.len() + usize::from(it.primary)).sum();
    let flags = usize::from(user.suspended) + usize::from(user.site_admin);
    let name = user.name.map_or(0, |name| name.len());
    (user.login.len(), (addresses + flags + name + user.created_at.len()) as u64 + user.id)
}

/// The width of the field names, with quotes and colons, which a store need not repeat.
fn width_of_keys(record: &[u8]) -> Result<usize> {
    let record: Value = serde_json::from_slice(record)?;
    Ok(record.as_object().map_or(0, |it| it.keys().map(|key| key.len() + 3).sum()))
}

/// Inserts rows of these widths in one transaction, which is on disk when this returns.
fn insert(database: &Path, widths: &[Width]) -> Result<()> {
    let mut connection = Connection::open(database)?;
    // With the default rollback journal a new file is written once; the journal stays empty.
    connection.execute_batch("PRAGMA synchronous = FULL;")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(
        "CREATE TABLE record (id INTEGER PRIMARY KEY, login TEXT, hash BLOB, content TEXT) STRICT",
    )?;
    {
        let mut insert = transaction.prepare("INSERT INTO record VALUES (?1, ?2, ?3, ?4)")?;
        let widest = widths.iter().map(|(login, content)| login.max(content)).max();
        let text = "x".repeat(*widest.unwrap_or(&0) as usize);
        for (number, (login, content)) in widths.iter().enumerate() {
            let hash = blake3::hash(&number.to_le_bytes());
            let login = text.get(..*login as usize);
            let content = text.get(..*content as usize);
            insert.execute((number as i64, login, hash.as_bytes().as_slice(), content))?;
        }
    }
    transaction.commit()?;
    Ok(())
}

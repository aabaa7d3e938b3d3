//! The files of later days, derived from those of the first: 0.2 % of the rows change every day.
//!
//! What it is: a function from a row of the first day, its number and a day to the row of that day. Every row
//! changes once in 500 days, each on a day of its own. Nine of ten changes are of the everyday kind (a
//! membership, a number of repositories, a name). One in twenty changes an address. In one of twenty, a person
//! leaves and another one comes, so that the number of people stays the same. May assume: the demo's lines, one
//! record each, and its order of keys and columns. Must not: depend on anything but its arguments, or hold a
//! file, because a day of a million people is a stream.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use memchr::memmem::find;

use crate::Result;
use crate::data::{Day, Lines};

/// Every row changes once in this many days: 0.2 % a day.
const PERIOD: u64 = 500;

/// The format of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// JSON of the consumed licenses.
    Cloud,
    /// CSV of the site-admin report.
    AllUsers,
    /// JSON of the license export.
    LicenseUsage,
}

impl Kind {
    /// The format of a file by its name; `None` if it is no snapshot.
    pub fn of(name: &str) -> Option<Kind> {
        let kinds = [
            ("consumed_licenses-", Kind::Cloud),
            ("-all_users-", Kind::AllUsers),
            ("-license-usage-", Kind::LicenseUsage),
        ];
        kinds.into_iter().find(|(part, _)| name.contains(part)).map(|(_, kind)| kind)
    }

    /// Whether a line holds a record.
    pub fn is_record(self, line: &[u8]) -> bool {
        match self {
            Kind::Cloud => line.starts_with(b"{\"github_com_login\""),
            Kind::AllUsers => !line.starts_with(b"created_at,"),
            Kind::LicenseUsage => line.starts_with(b"{\"id\""),
        }
    }
}

/// The kind of a row's last change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Everyday,
    Address,
    /// Another person takes its place.
    Person,
}

/// Writes the file of a later day.
pub fn derive(kind: Kind, base: &Path, to: &Path, day: Day, rows: u64) -> Result<()> {
    let mut lines = Lines::open(base)?;
    let mut out = BufWriter::with_capacity(256 * 1024, File::create(to)?);
    let (mut row, mut changed, mut again) = (0, Vec::new(), Vec::new());
    let touched = day.touched.filter(|_| kind == Kind::Cloud).map(u64::from);
    // A day with a fixed number of changes is the day before with these changes.
    let number = u64::from(day.number) - u64::from(day.touched.is_some());
    while let Some(line) = lines.next()? {
        if !kind.is_record(line) {
            out.write_all(line)?;
            continue;
        }
        let version = (number + mix(row) % PERIOD) / PERIOD;
        edit(kind, line, row, version, &mut changed);
        match touched {
            // Evenly spread: a row changes where this product passes a multiple.
            Some(touched) if row * touched / rows != (row + 1) * touched / rows => {
                insert_membership(&changed, &format!("touched-{}", day.number), &mut again);
                out.write_all(&again)?;
            }
            _ => out.write_all(&changed)?,
        }
        row += 1;
    }
    out.flush()?;
    Ok(())
}

/// The row after this many changes. Any two versions of a row differ.
fn edit(kind: Kind, line: &[u8], row: u64, version: u64, out: &mut Vec<u8>) {
    out.clear();
    if version == 0 {
        out.extend_from_slice(line);
        return;
    }
    let change = match mix(row ^ version << 40) % 20 {
        0 => Change::Person,
        1 => Change::Address,
        _ => Change::Everyday,
    };
    match kind {
        Kind::Cloud => edit_cloud(line, version, change, out),
        Kind::AllUsers => edit_columns(line, version, change, out),
        Kind::LicenseUsage => edit_export(line, version, change, out),
    }
}

fn edit_cloud(line: &[u8], version: u64, change: Change, out: &mut Vec<u8>) {
    // A person without a Cloud account is known by addresses only, which stay.
    let login = text(line, b"\"github_com_login\":\"");
    if change == Change::Everyday || login.is_empty() || login.contains(&b'@') {
        return insert_membership(line, &format!("bench-{version}"), out);
    }
    match change {
        Change::Address => {
            let at = b"\"github_com_verified_domain_emails\":[";
            let address =
                format!("\"v{version}.{}@octo-corp.example\"", String::from_utf8_lossy(login));
            insert_item(line, at, &address, out);
        }
        _ => another_person(line, b"\"github_com_login\":\"", version, out),
    }
}

fn edit_export(line: &[u8], version: u64, change: Change, out: &mut Vec<u8>) {
    let name = text(line, b"\"name\":\"");
    match change {
        Change::Everyday if !name.is_empty() => {
            insert(line, b"\"name\":\"", &format!("Version {version} "), out);
        }
        Change::Person => {
            another_person(line, b"\"login\":\"", version, out);
            let id = format!("\"id\":{version}00");
            out.splice(..out.len().min(6), b"{".iter().copied().chain(id.bytes()));
        }
        _ => {
            let login = String::from_utf8_lossy(text(line, b"\"login\":\""));
            let address =
                format!("{{\"email\":\"v{version}.{login}@plant.example\",\"primary\":false}}");
            insert_item(line, b"\"emails\":[", &address, out);
        }
    }
}

/// `created_at,id,login,email,role,suspended?,last_logged_ip,repos,…`, which are never quoted.
fn edit_columns(line: &[u8], version: u64, change: Change, out: &mut Vec<u8>) {
    for (number, column) in line.splitn(9, |byte| *byte == b',').enumerate() {
        if number > 0 {
            out.push(b',');
        }
        match (number, change) {
            (1, Change::Person) => {
                out.extend(format!("{version}00").bytes().chain(column.iter().copied()))
            }
            (2, Change::Person) => {
                out.extend(column.iter().copied().chain(format!("-v{version}").bytes()))
            }
            (3, Change::Person | Change::Address) => move_addresses(column, version, out),
            // A digit in front, so that it is never the old value.
            (7, Change::Everyday | Change::Address) => {
                out.extend(version.to_string().bytes().chain(column.iter().copied()));
            }
            _ => out.extend_from_slice(column),
        }
    }
}

/// A person with another login and other addresses.
fn another_person(line: &[u8], login: &[u8], version: u64, out: &mut Vec<u8>) {
    let end = find(line, login).map_or(0, |at| at + login.len() + text(line, login).len());
    move_addresses(&line[..end], version, out);
    out.extend(format!("-v{version}").bytes());
    move_addresses(&line[end..], version, out);
}

/// Gives every address another local part.
fn move_addresses(text: &[u8], version: u64, out: &mut Vec<u8>) {
    for (number, part) in text.split(|byte| *byte == b'@').enumerate() {
        if number > 0 {
            out.extend(format!("-v{version}@").bytes());
        }
        out.extend_from_slice(part);
    }
}

fn insert_membership(line: &[u8], organization: &str, out: &mut Vec<u8>) {
    out.clear();
    let role = format!("\"{organization}:Member\"");
    insert_item(line, b"\"github_com_member_roles\":[", &role, out);
}

/// Inserts an item at the front of the list that begins with `key`.
fn insert_item(line: &[u8], key: &[u8], item: &str, out: &mut Vec<u8>) {
    let empty = find(line, key).is_some_and(|at| line.get(at + key.len()) == Some(&b']'));
    insert(line, key, &if empty { item.to_owned() } else { format!("{item},") }, out);
}

/// Inserts a text after `key`.
fn insert(line: &[u8], key: &[u8], new: &str, out: &mut Vec<u8>) {
    let at = find(line, key).map_or(0, |at| at + key.len());
    out.extend_from_slice(&line[..at]);
    if at > 0 {
        out.extend_from_slice(new.as_bytes());
    }
    out.extend_from_slice(&line[at..]);
}

/// The text from `key` to the next quote; empty if the key is missing.
pub fn text<'a>(line: &'a [u8], key: &[u8]) -> &'a [u8] {
    let rest = find(line, key).map_or(&line[..0], |at| &line[at + key.len()..]);
    rest.split(|byte| *byte == b'"').next().unwrap_or_default()
}

/// A number that looks random (splitmix64), so that neighbors do not change on the same day.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

//! Checks every record against its hash, and derives everything again that is derived from a record. One thread
//! reads the states and their rows (`rows`), and another thread checks each state by itself. The reading thread
//! also collects the results, and makes the checks that concern all states together.

use std::sync::mpsc::{channel, sync_channel};
use std::thread::Builder;

use foldhash::HashMap;
use rusqlite::Connection;

use super::children::{self, derived};
use super::image::Anew;
use super::rows::{StateBatch, StateRow, each_batch};
use super::{Broken, Verified};
use crate::code::VerifyCode;
use crate::email;
use crate::error::{Error, Result};
use crate::model::{Account, EntryRecord, Record, SourceKind, account_of};
use crate::store::content_hash::record_hash;
use crate::store::image::{Digests, ImageForm, RowOf, entry_of};
use crate::store::place::tell_apart;
use crate::store::state_writer::told_account;
use crate::store::words::hash_of_name;

/// The greatest number of batches of states that wait to be checked, which bounds the memory.
const WAITING: usize = 2;

/// Checks states, records, shapes, accounts, keys, addresses, hosts, listed ids and memberships. Returns the
/// image (derived columns) that was made from them, which is compared with the stored one after all other
/// checks.
pub fn check(connection: &Connection, verified: &mut Verified) -> Result<Anew> {
    let anew = Anew::begin(connection, verified)?;
    let form = anew.form().cloned();
    let mut all = All { anew, accounts: AccountNumbers::default(), verified };
    let strays = std::thread::scope(|scope| {
        let (sender, batches) = sync_channel::<StateBatch>(WAITING);
        let (checked, results) = channel();
        let mut beside = Checker::of(form.clone());
        let thread = Builder::new().spawn_scoped(scope, move || {
            for batch in batches {
                if checked.send(beside.check(batch)).is_err() {
                    return;
                }
            }
        });
        let mut here = Checker::of(form);
        let strays = each_batch(connection, |batch| {
            if thread.is_err() {
                return all.take(here.check(batch));
            }
            sender
                .send(batch)
                .map_err(|_| Error::bug("the thread that checks records has ended"))?;
            results.try_iter().try_for_each(|checked| all.take(checked))
        });
        drop(sender);
        let rest = results.iter().try_for_each(|checked| all.take(checked));
        if let Err(panic) = thread.map_or(Ok(()), |thread| thread.join()) {
            std::panic::resume_unwind(panic);
        }
        rest.and(strays)
    })?;
    let All { anew, accounts, verified } = all;
    accounts.end(verified);
    for Broken { code, message } in strays {
        verified.broken(code, message);
    }
    unreferenced(connection, verified)?;
    Ok(anew)
}

/// The checks that concern all states together. These checks need the states in the order of their numbers.
struct All<'v> {
    anew: Anew,
    accounts: AccountNumbers,
    verified: &'v mut Verified,
}

impl All<'_> {
    fn take(&mut self, checked: Checked) -> Result<()> {
        let Checked { mut batch, said, rows_wrong, records_wrong } = checked;
        let mut wrong = [std::mem::take(&mut batch.wrong), rows_wrong, records_wrong]
            .map(|wrong| wrong.into_iter().peekable());
        for (place, (row, said)) in batch.states.iter().zip(&said).enumerate() {
            for (kind, wrong) in wrong.iter_mut().enumerate() {
                if kind == 2 {
                    self.accounts.take(row, said.account, self.verified);
                }
                while let Some((_, broken)) = wrong.next_if(|(at, _)| *at == place) {
                    self.verified.broken(broken.code, broken.message);
                }
            }
            add_to(&mut self.anew, &batch, row, said);
        }
        Ok(())
    }
}

fn add_to(anew: &mut Anew, batch: &StateBatch, row: &StateRow, said: &ImageFacts) {
    let texts = batch
        .addresses(row)
        .filter_map(|(kinds, text, key)| Some((u8::try_from(kinds).ok()?, text?, key)));
    let ids =
        batch.listed(row).filter_map(|(host, [_, id])| Some((u32::try_from(host?).ok()?, id?)));
    let of_row = RowOf {
        state: row.state,
        source: row.source,
        snapshot: row.snapshot,
        account: row.account_id,
        row: row.row as u8,
        roles: row.roles as u8,
        visual_studio: row.visual_studio,
        suspended: row.suspended,
        login: batch.at(&row.login),
        identity: batch.text(&row.identity).unwrap_or_default(),
        shape: row.shape,
        digest: said.digest,
        name: said.name,
        entry: said.entry.as_ref(),
    };
    anew.add(&of_row, texts, ids);
}

/// A batch of states that was checked, with the values that follow from each state. Each fault of a row or a
/// record has the position of its state in the batch.
struct Checked {
    batch: StateBatch,
    said: Vec<ImageFacts>,
    rows_wrong: Vec<(usize, Broken)>,
    records_wrong: Vec<(usize, Broken)>,
}

/// Values that follow from a state (an account's record): the first half of the hash of its account, the digest
/// of the record, and the hash of the display name.
#[derive(Default)]
struct ImageFacts {
    account: [u8; 16],
    digest: u64,
    name: Option<i64>,
    entry: Option<EntryRecord>,
}

/// Checks single states, without comparing them with others, so that it can run on a thread of its own.
struct Checker {
    form: Option<ImageForm>,
    digests: HashMap<i64, Digests>,
}

impl Checker {
    fn of(form: Option<ImageForm>) -> Checker {
        Checker { form, digests: HashMap::default() }
    }

    fn check(&mut self, batch: StateBatch) -> Checked {
        let (mut rows_wrong, mut records_wrong) = (Vec::new(), Vec::new());
        let mut said = Vec::with_capacity(batch.states.len());
        for (place, row) in batch.states.iter().enumerate() {
            let mut own = Verified::default();
            let mut later = Verified::default();
            let (name, entry) = check_state(&batch, row, &mut own, &mut later);
            rows_wrong.extend(own.broken.into_iter().map(|broken| (place, broken)));
            records_wrong.extend(later.broken.into_iter().map(|broken| (place, broken)));
            let identity = batch.text(&row.identity).unwrap_or_default();
            let mut account = [0; 16];
            let hash = blake3::hash(format!("{} {identity}", row.source).as_bytes());
            account.copy_from_slice(&hash.as_bytes()[..16]);
            let digest = self.digest(&batch, row);
            said.push(ImageFacts { account, digest, name, entry });
        }
        Checked { batch, said, rows_wrong, records_wrong }
    }

    fn digest(&mut self, batch: &StateBatch, row: &StateRow) -> u64 {
        let (Some(form), Some(fields)) = (&self.form, &row.fields) else { return 0 };
        let digests = self.digests.entry(row.shape).or_insert_with(|| form.digests_of(fields));
        digests.of(batch.at(&row.content))
    }
}

/// Checks a state (an account's record) and the rows that belong to it. Returns the hash of the display name.
fn check_state(
    batch: &StateBatch,
    row: &StateRow,
    of_rows: &mut Verified,
    verified: &mut Verified,
) -> (Option<i64>, Option<EntryRecord>) {
    let (state, content) = (row.state, batch.at(&row.content));
    let Some(fields) = row.fields.as_deref() else {
        children::check_alone(batch, row, of_rows);
        let message = format!("row {state} of states refers to a row of shapes that is missing");
        verified.broken(VerifyCode::Record, message);
        return (None, None);
    };
    let sound = row
        .salt
        .zip(row.hash)
        .is_some_and(|(salt, hash)| record_hash(&salt, fields, content) == hash);
    if !sound {
        verified.broken(
            VerifyCode::Record,
            format!(
                "states.record_hash of state {state} is not the hash of states.salt, shapes.fields \
                 (states.shape_id) and states.content"
            ),
        );
    }
    let record = match Record::from_stored(fields, content) {
        Ok(record) => record,
        Err(error) => {
            children::check_alone(batch, row, of_rows);
            verified
                .broken(VerifyCode::Record, format!("states.content of state {state}: {error}"));
            return (None, None);
        }
    };
    let Some(kind) = batch.text(&row.kind).and_then(SourceKind::from_name) else {
        children::check_alone(batch, row, of_rows);
        let message = format!("states.source_id of state {state} names no row of stored_sources");
        verified.broken(VerifyCode::Derived, message);
        return (None, None);
    };
    let account = account_of(kind, &record);
    let (login, identity) = (batch.at(&row.login), batch.text(&row.identity));
    let told = batch.text(&row.account);
    for (column, same) in [
        ("states.account", has_identity(identity, &account, &record, (fields, content))),
        ("states.account", told.is_none_or(|told| told_account(told, login).is_some())),
        ("states.row", row.row == account.row as i64),
        ("states.roles", row.roles == account.roles as i64),
        ("states.visual_studio", row.visual_studio == account.visual_studio),
        ("states.suspended", row.suspended == account.suspended),
        ("states.login", is_login(login, &account, &record)),
    ] {
        if !same {
            derived(column, state, verified);
        }
    }
    let name = account.name.as_deref().and_then(hash_of_name);
    children::check(batch, row, &account, &record, of_rows, verified);
    (name, entry_of(kind, &record))
}

/// Is the stored login that of the record? If the record has no login, a word of absence that it contains is
/// accepted too, because earlier versions stored such words as logins.
fn is_login(stored: &str, account: &Account<'_>, record: &Record<'_>) -> bool {
    let is_nothing = || email::nothing_named(stored).is_some() && record.says(stored);
    stored == account.login || (account.login.is_empty() && is_nothing())
}

/// The numbers of the accounts. Each number must stand for one identity of one source, and each identity for
/// one number. The numbers must be consecutive, and begin at 1.
#[derive(Default)]
struct AccountNumbers {
    of_number: HashMap<i64, [u8; 16]>,
    of_identity: HashMap<[u8; 16], i64>,
}

impl AccountNumbers {
    fn take(&mut self, row: &StateRow, account: [u8; 16], verified: &mut Verified) {
        let number = row.account_id;
        let same_number = *self.of_number.entry(number).or_insert(account) == account;
        let same_account = *self.of_identity.entry(account).or_insert(number) == number;
        if !same_number || !same_account {
            let message = format!(
                "states.account_id of state {} stands for another account (states.source_id, \
                 states.account) in another state, or the account has another number there",
                row.state
            );
            verified.broken(VerifyCode::Derived, message);
        }
    }

    fn end(&self, verified: &mut Verified) {
        let greatest = self.of_number.keys().max().copied().unwrap_or_default();
        let least = self.of_number.keys().min().copied().unwrap_or(1);
        if greatest != self.of_number.len() as i64 || least != 1 {
            let message =
                "states.account_id: the numbers of the accounts are not consecutive from 1"
                    .to_owned();
            verified.broken(VerifyCode::Derived, message);
        }
    }
}

/// Can this be the stored identity of the record's account? An identity that is made from the content may have
/// a suffix. The suffix is the ordinal among equal rows, or the digest by which earlier versions distinguished
/// rows with the same meaning.
fn has_identity(
    stored: Option<&str>,
    account: &Account<'_>,
    record: &Record<'_>,
    (fields, content): (&str, &str),
) -> bool {
    let Some(stored) = stored else { return false };
    // Earlier versions stored a word of absence as a login, an id or an address.
    let is_word =
        |text: &str| email::word_of_absence(text).is_some() && record.says_in_any_case(text);
    if stored.split_once(':').is_some_and(|(_, text)| is_word(text)) {
        return true;
    }
    match &account.identity {
        Some(identity) if Account::is_identified_by_content(identity) => {
            stored == *identity || stored == tell_apart(identity, fields, content)
        }
        // If several rows of an account were united, it keeps the identity of the first row, even if a later row
        // adds a smaller id or address.
        Some(identity) => stored == *identity || Account::may_have_been(stored, account),
        None => {
            let apart = tell_apart("", fields, content);
            let numbered = stored.strip_suffix(&apart).unwrap_or(stored);
            Account::is_numbered(numbered, &record.meaning())
        }
    }
}

/// Reports hosts and shapes that no row refers to, and spans of states that do not exist.
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
            verified.broken(
                VerifyCode::Unreferenced,
                format!("{what} has row {}, which belongs to no state", id?),
            );
        }
    }
    Ok(())
}

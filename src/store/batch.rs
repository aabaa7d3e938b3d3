//! Prepares the records of a file for the tables: the canonical text, the digest, the identity and the column
//! values of each record. This code must not use the database, because it does not run on the thread that writes.
//!
//! A batch keeps the texts of all its records in one string, so that a record needs no memory allocation of its
//! own and a batch is freed quickly.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::content_hash::{ContentSum, record_hash};
use super::image::{Digests, ImageForm, entry_of, login_hash};
use super::words::hash_of_name;
use crate::email;
use crate::error::{Error, Result, no_random_numbers};
use crate::model::{
    Account, EntryRecord, Record, Roles, RowKind, SourceKind, account_of, add_identity,
};

/// The number of records at which a batch is full and is passed to the writing thread.
const RECORDS: usize = 1024;

/// The number of bytes of text at which a batch is full, even if it has few records.
const BYTES: usize = 2 * 1024 * 1024;

/// The range of one text within the string that holds all texts of its batch of records.
type Text = Range<usize>;

/// The shape of records: the list of the fields that they have. Records of one file usually share one shape.
pub struct Shape {
    /// The names of the fields, in the order in which the records have them.
    pub names: Vec<String>,
    /// The names of the fields as a canonical JSON array, as the database stores them.
    pub(super) text: String,
    /// Computes the digest of each record of this shape, by which a changed record is found.
    digests: Digests,
}

/// A batch of records of one source, in the order of the file.
#[derive(Default)]
pub struct RecordBatch {
    texts: String,
    records: Vec<BatchRecord>,
    addresses: Vec<ReadyAddress>,
    listed: Vec<(Text, Text)>,
    memberships: Vec<[Text; 3]>,
    entries: Vec<EntryRecord>,
    /// The number of records, from the first one on, whose digest and identity hash are computed.
    hashed: usize,
    /// The sum of the record hashes that were computed when their records were added. `summed` is the number of
    /// these hashes.
    sum: ContentSum,
    summed: usize,
}

pub(super) struct BatchRecord {
    pub shape: Arc<Shape>,
    /// The digest of the record's values; 0 until `RecordBatch::hash` computes it.
    pub digest: u64,
    content: Text,
    identity: RecordIdentity,
    columns: Option<StateColumns>,
    /// What is kept in plain text of an entry of an employee directory.
    details: Option<Text>,
}

/// The identity of a record. Records of the same account in two snapshots have the same identity.
enum RecordIdentity {
    Known(Text, u64),
    /// The values that are not empty, as text, of a record without login, id and address. These values and the
    /// number of equal records before it identify the record.
    Numbered(Text),
}

/// The column values of the state that a record becomes in the database, with the evidence hash of the record.
pub(super) struct StateColumns {
    pub row: u8,
    pub roles: u8,
    pub visual_studio: bool,
    pub suspended: Option<bool>,
    pub salt: [u8; 16],
    pub record_hash: [u8; 32],
    pub login_hash: u32,
    pub name_hash: Option<i64>,
    /// The position of the entry in its batch; `None` for an account.
    entry: Option<usize>,
    login: Text,
    addresses: Range<usize>,
    listed: Range<usize>,
    memberships: Range<usize>,
}

struct ReadyAddress {
    kinds: u8,
    key: Text,
    key_hash: u64,
    /// The text of the address as received; `None` if it equals the key.
    received: Option<Text>,
}

/// An address of a state, with one of the texts in which a file spelled it.
pub(super) struct StateAddress<'b> {
    /// The kinds of address that this text has for the account, one bit for each kind.
    pub kinds: u8,
    pub key: &'b str,
    pub key_hash: u64,
    pub text: &'b str,
}

/// The number of addresses of one state that are compared one by one. If a state has more, a hash map finds the
/// addresses with equal keys.
const FEW: usize = 16;

impl RecordBatch {
    /// The number of records in the batch.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether the batch has no records.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether the batch has as many records, or as much text, as one batch may have.
    pub fn is_full(&self) -> bool {
        self.records.len() >= RECORDS || self.texts.len() >= BYTES
    }

    /// The shape (list of fields) of each record in the batch, in order.
    pub fn shapes(&self) -> impl Iterator<Item = &Arc<Shape>> {
        self.records.iter().map(|record| &record.shape)
    }

    pub(super) fn hash(&mut self, form: &ImageForm) {
        for record in &mut self.records[self.hashed..] {
            record.digest = record.shape.digests.of(&self.texts[record.content.clone()]);
            if let RecordIdentity::Known(text, hash) = &mut record.identity {
                *hash = form.hash_of(&self.texts[text.clone()]);
            }
        }
        self.hashed = self.records.len();
    }

    /// The sum of the record hashes of all records; `None` if any record is missing from the sum.
    pub(super) fn sum(&self) -> Option<&ContentSum> {
        (self.summed == self.records.len()).then_some(&self.sum)
    }

    pub(super) fn ready(&self, index: usize) -> &BatchRecord {
        &self.records[index]
    }

    /// The canonical text of the values of a record in the batch.
    pub(super) fn content(&self, index: usize) -> &str {
        &self.texts[self.records[index].content.clone()]
    }

    /// The identity of a record, with the hash of the identity. A record without login, id and address has no
    /// such identity: `Err` then holds its values as text, which identify it together with a number.
    pub(super) fn identity(&self, index: usize) -> std::result::Result<(&str, u64), &str> {
        match &self.records[index].identity {
            RecordIdentity::Known(text, hash) => Ok((&self.texts[text.clone()], *hash)),
            RecordIdentity::Numbered(meaning) => Err(&self.texts[meaning.clone()]),
        }
    }

    /// A record of the batch as a value, parsed from the text that the batch holds.
    ///
    /// # Errors
    /// None, because this program wrote the text that the function parses.
    pub(super) fn record(&self, index: usize) -> Result<Record<'_>> {
        let shape = &self.records[index].shape;
        Record::from_stored(&shape.text, self.content(index)).map_err(cannot_read)
    }

    /// The column values of a record; `None` if they are not computed yet.
    pub(super) fn columns(&self, index: usize) -> Option<&StateColumns> {
        self.records[index].columns.as_ref()
    }

    /// What is kept in plain text of the entry of a record; `None` if nothing is.
    pub(super) fn details(&self, index: usize) -> Option<&str> {
        self.records[index].details.as_ref().map(|details| &self.texts[details.clone()])
    }

    /// The digests and times of an entry of an employee directory; `None` for an account.
    pub(super) fn entry(&self, columns: &StateColumns) -> Option<&EntryRecord> {
        self.entries.get(columns.entry?)
    }

    pub(super) fn login(&self, columns: &StateColumns) -> &str {
        &self.texts[columns.login.clone()]
    }

    pub(super) fn addresses(
        &self,
        columns: &StateColumns,
    ) -> impl Iterator<Item = StateAddress<'_>> {
        self.addresses[columns.addresses.clone()].iter().map(|address| StateAddress {
            kinds: address.kinds,
            key: &self.texts[address.key.clone()],
            key_hash: address.key_hash,
            text: &self.texts[address.received.clone().unwrap_or(address.key.clone())],
        })
    }

    pub(super) fn listed(&self, columns: &StateColumns) -> impl Iterator<Item = (&str, &str)> {
        let listed = self.listed[columns.listed.clone()].iter();
        listed.map(|(host, id)| (&self.texts[host.clone()], &self.texts[id.clone()]))
    }

    /// The organization, repository and role of each membership of a record.
    pub(super) fn memberships(&self, columns: &StateColumns) -> impl Iterator<Item = [&str; 3]> {
        let memberships = self.memberships[columns.memberships.clone()].iter();
        memberships.map(|membership| membership.each_ref().map(|it| &self.texts[it.clone()]))
    }

    fn text(&mut self, text: &str) -> Text {
        let from = self.texts.len();
        self.texts.push_str(text);
        from..self.texts.len()
    }

    /// Adds the addresses of a record to the batch. Each different text is added once, with one bit for each of
    /// its kinds. If a kind has several texts with the same key, only the first of them is added.
    fn add_addresses(&mut self, form: &ImageForm, account: &Account<'_>) {
        let first = self.addresses.len();
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for address in &account.addresses {
            let Some(key) = email::key(&address.text) else { continue };
            let bit = 1u8 << (address.kind as u8 - 1);
            let is_many = self.addresses.len() - first > FEW;
            if is_many && by_key.is_empty() {
                for at in first..self.addresses.len() {
                    let key = self.texts[self.addresses[at].key.clone()].to_owned();
                    by_key.entry(key).or_default().push(at);
                }
            }
            // This list is short: a key has at most one text for each kind of address.
            let same: Vec<usize> = match is_many {
                true => by_key.get(&key).cloned().unwrap_or_default(),
                false => (first..self.addresses.len())
                    .filter(|at| self.texts[self.addresses[*at].key.clone()] == key)
                    .collect(),
            };
            if same.iter().any(|at| self.addresses[*at].kinds & bit != 0) {
                continue;
            }
            let has_text = |at: &&usize| {
                let own = &self.addresses[**at];
                self.texts[own.received.clone().unwrap_or(own.key.clone())] == *address.text
            };
            if let Some(at) = same.iter().find(has_text) {
                self.addresses[*at].kinds |= bit;
                continue;
            }
            let received = (address.text != key).then(|| self.text(&address.text));
            let (own, key_hash) = match same.first() {
                Some(at) => (self.addresses[*at].key.clone(), self.addresses[*at].key_hash),
                None => (self.text(&key), form.hash_of(&key)),
            };
            if is_many {
                by_key.entry(key).or_default().push(self.addresses.len());
            }
            self.addresses.push(ReadyAddress { kinds: bit, key: own, key_hash, received });
        }
    }

    fn add_entry(&mut self, entry: EntryRecord) -> usize {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// The columns of an entry of an employee directory, which has no texts beside its record.
    fn columns_of_entry(
        &mut self,
        entry: EntryRecord,
        (salt, record_hash): ([u8; 16], [u8; 32]),
    ) -> StateColumns {
        StateColumns {
            row: RowKind::DirectoryEntry as u8,
            roles: Roles::None as u8,
            visual_studio: false,
            suspended: entry.active.map(|active| !active),
            salt,
            record_hash,
            login_hash: 0,
            name_hash: None,
            entry: Some(self.add_entry(entry)),
            login: 0..0,
            addresses: 0..0,
            listed: 0..0,
            memberships: 0..0,
        }
    }

    fn columns_of(
        &mut self,
        form: &ImageForm,
        account: &Account<'_>,
        (salt, hash): ([u8; 16], [u8; 32]),
        entry: Option<EntryRecord>,
    ) -> StateColumns {
        let login = self.text(&account.login);
        let (addresses, listed, memberships) =
            (self.addresses.len(), self.listed.len(), self.memberships.len());
        self.add_addresses(form, account);
        for listed in &account.listed {
            let host = self.text(listed.host.as_ref().map_or("", |host| host.as_str()));
            let id = self.text(&listed.id);
            self.listed.push((host, id));
        }
        for membership in &account.memberships {
            let repository = membership.repository.as_deref().unwrap_or_default();
            let texts = [&membership.organization, repository, &membership.role];
            let texts = texts.map(|text| self.text(text));
            self.memberships.push(texts);
        }
        StateColumns {
            row: account.row as u8,
            roles: account.roles as u8,
            visual_studio: account.visual_studio,
            suspended: account.suspended,
            salt,
            record_hash: hash,
            login_hash: login_hash(form, &account.login),
            name_hash: account.name.as_deref().and_then(hash_of_name),
            entry: entry.map(|entry| self.add_entry(entry)),
            login,
            addresses: addresses..self.addresses.len(),
            listed: listed..self.listed.len(),
            memberships: memberships..self.memberships.len(),
        }
    }
}

/// Adds records to batches, with every value that the database tables need of them.
pub struct Looker {
    form: ImageForm,
    salts: rand_chacha::ChaCha20Rng,
    shape: Option<Arc<Shape>>,
    /// Whether most records of the file are new. If so, their columns are computed when they are added to a
    /// batch. Otherwise the writing thread computes the columns of each record that it finds to be new.
    mostly_new: Arc<AtomicBool>,
}

impl Looker {
    /// Creates a `Looker`. Another thread may change `mostly_new` at any time.
    ///
    /// # Errors
    /// If the operating system provides no random numbers.
    pub(super) fn new(mostly_new: Arc<AtomicBool>, form: ImageForm) -> Result<Looker> {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|error| no_random_numbers(&error))?;
        Ok(Looker { form, salts: rand::SeedableRng::from_seed(seed), shape: None, mostly_new })
    }

    /// Adds a record to a batch. `kind` is the kind of the source that the file describes.
    pub fn look(&mut self, kind: SourceKind, record: &Record<'_>, batch: &mut RecordBatch) {
        let shape = self.shape(record);
        let from = batch.texts.len();
        record.write_values(&mut batch.texts);
        let content = from..batch.texts.len();
        let is_new = self.mostly_new.load(Ordering::Relaxed);
        let account = is_new.then(|| account_of(kind, record));
        let identity = match &account {
            Some(account) => account.identity.as_deref().map(|identity| batch.text(identity)),
            // If most records of the file are already stored, only the identity and the hashes of this record
            // are computed here. Its columns are computed later if it turns out to be new.
            None => {
                let from = batch.texts.len();
                let has_one = add_identity(kind, record, &mut batch.texts);
                has_one.then_some(from..batch.texts.len())
            }
        };
        let identity = match identity {
            Some(identity) => RecordIdentity::Known(identity, 0),
            None => RecordIdentity::Numbered(batch.text(&record.meaning())),
        };
        let columns = account.map(|account| {
            let entry = entry_of(kind, record);
            let columns = self.columns(&account, entry, (&shape, content.clone()), batch);
            batch.sum.add(&columns.record_hash);
            batch.summed += 1;
            columns
        });
        let details = None;
        batch.records.push(BatchRecord { shape, digest: 0, content, identity, columns, details });
        // If most records of the file are already stored, the writing thread writes little, and has time to compute
        // the hashes.
        if is_new {
            batch.hash(&self.form);
        }
    }

    /// Adds the record of an entry of an employee directory to a batch, with what is kept of the entry in plain
    /// text. The result is that of [`Looker::look`] for the record, without the detour over its text.
    pub fn look_at_entry(
        &mut self,
        entry: EntryRecord,
        details: Option<&str>,
        batch: &mut RecordBatch,
    ) {
        let shape = match &self.shape {
            Some(shape) => Arc::clone(shape),
            None => self.shape(&entry.record()),
        };
        let from = batch.texts.len();
        entry.write_values(&mut batch.texts);
        let content = from..batch.texts.len();
        let from = batch.texts.len();
        Account::add_identity_of_entry(entry.id, &mut batch.texts);
        let identity = RecordIdentity::Known(from..batch.texts.len(), 0);
        let details = details.map(|details| batch.text(details));
        let is_new = self.mostly_new.load(Ordering::Relaxed);
        let columns = is_new.then(|| {
            let hash = self.salted_hash(&shape, &batch.texts[content.clone()]);
            batch.sum.add(&hash.1);
            batch.summed += 1;
            batch.columns_of_entry(entry, hash)
        });
        batch.records.push(BatchRecord { shape, digest: 0, content, identity, columns, details });
        if is_new {
            batch.hash(&self.form);
        }
    }

    /// Computes the column values of a record in the batch, unless they were computed before.
    ///
    /// # Errors
    /// None, because this program wrote the text that the function parses.
    pub(super) fn work_out(
        &mut self,
        kind: SourceKind,
        batch: &mut RecordBatch,
        index: usize,
    ) -> Result<()> {
        let BatchRecord { shape, content, columns: None, .. } = &batch.records[index] else {
            return Ok(());
        };
        let (shape, content) = (Arc::clone(shape), content.clone());
        let values = batch.texts[content.clone()].to_owned();
        let record = Record::from_stored(&shape.text, &values).map_err(cannot_read)?;
        let (account, entry) = (account_of(kind, &record), entry_of(kind, &record));
        let columns = self.columns(&account, entry, (&shape, content), batch);
        batch.records[index].columns = Some(columns);
        Ok(())
    }

    fn columns(
        &mut self,
        account: &Account<'_>,
        entry: Option<EntryRecord>,
        (shape, content): (&Shape, Text),
        batch: &mut RecordBatch,
    ) -> StateColumns {
        let hash = self.salted_hash(shape, &batch.texts[content]);
        batch.columns_of(&self.form, account, hash, entry)
    }

    /// A new salt, and the evidence hash of a record with this salt.
    fn salted_hash(&mut self, shape: &Shape, content: &str) -> ([u8; 16], [u8; 32]) {
        let mut salt = [0u8; 16];
        rand::RngCore::fill_bytes(&mut self.salts, &mut salt);
        (salt, record_hash(&salt, &shape.text, content))
    }

    /// The shape of a record. Most records have the same shape as the record before them, so that shape is tried
    /// first.
    fn shape(&mut self, record: &Record<'_>) -> Arc<Shape> {
        let names = record.fields().iter().map(|field| field.name.as_ref());
        if let Some(shape) = &self.shape
            && shape.names.len() == record.fields().len()
            && names.clone().eq(shape.names.iter().map(String::as_str))
        {
            return Arc::clone(shape);
        }
        let mut text = String::new();
        record.write_shape(&mut text);
        let digests = self.form.digests_of(&text);
        let shape = Arc::new(Shape { names: names.map(str::to_owned).collect(), text, digests });
        self.shape = Some(Arc::clone(&shape));
        shape
    }
}

fn cannot_read(error: serde_json::Error) -> Error {
    Error::bug("a record that oneseat wrote cannot be parsed").caused_by(error)
}

//! What a reader is, and what receives the records that it reads.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::facts::FileFacts;
use super::input::Input;
use super::outline::Outline;
use crate::error::Result;
use crate::model::{Host, Record, SourceKind};

/// A format that oneseat reads.
pub trait Reader: Sync {
    /// The format's name, for `--input-format` and for answers.
    fn format(&self) -> &'static str;

    /// A description of the file, in one line.
    fn about(&self) -> &'static str;

    /// The feature that a file is recognized by, in one line.
    fn recognised_by(&self) -> &'static str;

    /// The way to get such a file, in one line.
    fn obtained_from(&self) -> &'static str;

    /// The kind of source that the file describes. An export with encrypted users turns out to be
    /// [`SourceKind::ServerInfo`] when it is read.
    fn kind(&self) -> SourceKind;

    /// Whether a file of this format can name its one instance. Only reading the file shows whether it
    /// does.
    fn may_name_instance(&self) -> bool {
        false
    }

    /// Whether a file with this beginning has this format.
    fn recognizes(&self, outline: &Outline) -> bool;

    /// Whether the format has a field of this name, in a record or beside the records.
    fn knows(&self, field: &str) -> bool;

    /// Reads the whole file: names each source to the sink, then hands over its records. The returned facts
    /// hold for the whole file; the facts of one of several sources go to the sink.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Input`] with the line, if the file is not of this format; any error of
    /// the sink.
    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts>;
}

/// Receives what a reader reads.
pub trait Sink {
    /// States the source of the records that follow: its kind and, if the file names it, its host. Called
    /// before the first record, and again where the records of another source begin or continue.
    ///
    /// # Errors
    /// If the source cannot be determined.
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()>;

    /// Whether [`Sink::source`] succeeds without a host.
    fn needs_no_host(&self) -> bool;

    /// Receives the next record of the current source.
    ///
    /// # Errors
    /// If the record cannot be stored.
    fn record(&mut self, record: Record<'_>) -> Result<()>;

    /// Receives the facts that the file states about the current source beside its records.
    fn facts(&mut self, facts: FileFacts);
}

/// The names of the fields in the facts of a snapshot. If the facts are all that the kind has, this
/// includes the fields of the records in them.
pub fn fields_of(facts: &Map<String, Value>, reader: &dyn Reader) -> BTreeSet<String> {
    let mut fields: BTreeSet<String> = facts.keys().cloned().collect();
    if !reader.kind().holds_accounts() {
        let records = facts.values().filter_map(Value::as_array).flatten();
        let members = records.filter_map(Value::as_object).flatten();
        fields.extend(members.map(|(key, _)| key.clone()));
    }
    fields
}

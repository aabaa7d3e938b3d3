//! The traits of the import stage: [`Reader`] for the readers of formats, and [`Sink`] for the code that
//! receives their records.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::facts::FileFacts;
use super::input::Input;
use super::outline::Outline;
use crate::error::Result;
use crate::model::{Host, Record, SourceKind};

/// Reads the files of one report format. Each format has one implementation.
pub trait Reader: Sync {
    /// The name of the format, for `--input-format` and for answers.
    fn format(&self) -> &'static str;

    /// What the files of this format are, in one line.
    fn about(&self) -> &'static str;

    /// By what a file of this format is recognized, in one line.
    fn recognised_by(&self) -> &'static str;

    /// How to get a file of this format, in one line.
    fn obtained_from(&self) -> &'static str;

    /// The kind of source that a file of this format describes. An export with encrypted users is found to be
    /// [`SourceKind::ServerInfo`] only when it is read.
    fn kind(&self) -> SourceKind;

    /// Whether files of this format may name the instance they come from. Whether a file does is known only
    /// when it is read.
    fn may_name_instance(&self) -> bool {
        false
    }

    /// Whether a file whose first bytes show this outline has this format.
    fn recognizes(&self, outline: &Outline) -> bool;

    /// Whether the format has a field with this name, in a record or beside the records.
    fn knows(&self, field: &str) -> bool;

    /// Reads the whole file. The reader names a source to the sink and then passes on the records of that
    /// source, and so on for each source. The returned facts are about the whole file; facts about one of
    /// several sources go to the sink.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Input`] with the line, if the file does not have this format; also any error
    /// of the sink.
    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts>;
}

/// Receives what a reader reads: the sources, their records and their facts.
pub trait Sink {
    /// States the source of the records that follow: its kind and, if the file names it, its host. A reader
    /// calls this method before the first record, and again where the records of another source begin or
    /// continue.
    ///
    /// # Errors
    /// If the source cannot be determined.
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()>;

    /// Whether [`Sink::source`] succeeds for an instance whose host the file does not name.
    fn needs_no_host(&self) -> bool;

    /// Receives the next record of the current source.
    ///
    /// # Errors
    /// If the record cannot be stored.
    fn record(&mut self, record: Record<'_>) -> Result<()>;

    /// Receives what the file states about the current source beside its records.
    fn facts(&mut self, facts: FileFacts);
}

/// The names of the fields in a snapshot's facts. If its kind of source has no accounts, its records are in the
/// facts too, and the names of their fields are included.
pub fn fields_of(facts: &Map<String, Value>, reader: &dyn Reader) -> BTreeSet<String> {
    let mut fields: BTreeSet<String> = facts.keys().cloned().collect();
    if !reader.kind().holds_accounts() {
        let records = facts.values().filter_map(Value::as_array).flatten();
        let members = records.filter_map(Value::as_object).flatten();
        fields.extend(members.map(|(key, _)| key.clone()));
    }
    fields
}

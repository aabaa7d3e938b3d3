//! Reads files: bytes in; records out, or an error with the file, the line and a hint.
//!
//! A reader is one file in this folder and one line in [`READERS`], where help, `formats` and the tests
//! find it. Readers know formats, not databases, and hand records to a [`Sink`]. [`recognize`] picks the
//! reader by the content. [`Input`] opens, decompresses and hashes a file.

mod alike;
mod cloud_csv;
mod cloud_json;
mod cloud_rows;
mod columns;
mod facts;
mod file_hash;
mod ghe_user_csv;
mod graphql;
mod input;
mod json_stream;
mod lines;
mod list_text;
mod listed_facts;
mod neighbors;
mod outline;
mod plain_json;
mod quotes;
mod record_json;
mod refusal;
mod server_export;
mod server_license;
mod server_users_csv;
mod server_values;
mod sheet;
mod strict_json;
mod sync_status;
mod text;
mod values;
mod visual_studio_csv;
mod whole;
mod wrapping;

use crate::error::{Error, Result, quoted};
use crate::model::{Host, Record, SourceKind};

pub use facts::{FileFacts, fields_of};
pub use file_hash::sha256_of;
pub use input::Input;
pub use outline::Outline;
pub use wrapping::Wrapping;

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

/// Every reader, in the order in which `formats` lists them.
pub const READERS: [&dyn Reader; 11] = [
    &cloud_json::CloudJson,
    &cloud_csv::CloudCsv,
    &sync_status::SyncStatus,
    &graphql::Installations,
    &listed_facts::VISUAL_STUDIO,
    &listed_facts::COST_CENTERS,
    &server_export::ServerExport,
    &server_users_csv::ServerUsersCsv,
    &ghe_user_csv::GheUserCsv,
    &server_license::ServerLicense,
    &visual_studio_csv::VisualStudioCsv,
];

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

/// The reader of the format with this name.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] with the valid names.
pub fn by_name(name: &str) -> Result<&'static dyn Reader> {
    READERS.into_iter().find(|reader| reader.format() == name).ok_or_else(|| {
        let names: Vec<&str> = READERS.iter().map(|reader| reader.format()).collect();
        Error::usage(format!(
            "there is no input format {} (there are: {})",
            quoted(name),
            names.join(", ")
        ))
    })
}

/// Checks that a file can have the format that was given for it.
///
/// # Errors
/// If the file is empty, is recognizably something else, or has fewer than two names that the format knows.
pub fn check_report(input: &Input, reader: &dyn Reader) -> Result<()> {
    let outline = outline_of(input)?;
    if !outline.is_report() {
        return Err(outline.why_unknown().at(input.name(), None));
    }
    if outline.has_rows_under_keys() {
        return Err(outline.why_unknown().at(input.name(), None));
    }
    if reader.recognizes(&outline) {
        return Ok(());
    }
    let refused = |why: &str| {
        Error::input(format!("this is not {}: {why}", reader.format())).at(input.name(), None)
    };
    if let Some(other) = READERS.into_iter().find(|other| other.recognizes(&outline)) {
        return Err(refused("it has the features of another format")
            .hint(format!("it looks like {}: leave --input-format out", other.format())));
    }
    let known = outline.known_names().into_iter().filter(|name| knows(reader, name)).count();
    if known >= 2 {
        return Ok(());
    }
    let hint = format!("such a file is {}", reader.recognised_by());
    Err(refused("fewer than two names in it are of that format").hint(hint))
}

/// The reader that recognizes the beginning of the file.
///
/// # Errors
/// If no reader recognizes the file, with what it looks like; if two do, with their names.
pub fn recognize(input: &Input) -> Result<&'static dyn Reader> {
    let outline = outline_of(input)?;
    if !outline.is_report() {
        return Err(outline.why_unknown().at(input.name(), None));
    }
    let claims: Vec<&'static dyn Reader> =
        READERS.into_iter().filter(|reader| reader.recognizes(&outline)).collect();
    match claims.as_slice() {
        [reader] => Ok(*reader),
        [] => Err(outline.why_unknown().at(input.name(), None)),
        several => {
            let names: Vec<&str> = several.iter().map(|reader| reader.format()).collect();
            Err(Error::input(format!("this could be any of: {}", names.join(", ")))
                .at(input.name(), None)
                .hint(format!("choose one, for instance with --input-format {}", names[0])))
        }
    }
}

/// The outline of a file's beginning, unless the file is wrapped in something that no report comes in.
fn outline_of(input: &Input) -> Result<Outline> {
    match input.wrapping() {
        Some(wrapping) => Err(wrapping.refusal().at(input.name(), None)),
        None => Ok(Outline::of(input.head())),
    }
}

/// Whether some format has a column or key of this name. Any other name may be personal data.
pub fn is_known_name(name: &str) -> bool {
    READERS.into_iter().any(|reader| knows(reader, name))
}

/// Whether a reader knows a name, also as a header writes it.
fn knows(reader: &dyn Reader, name: &str) -> bool {
    reader.knows(name)
        || reader.knows(&name.trim().to_lowercase())
        || reader.knows(&cloud_csv::normalized(name))
}

/// Of the readers of tables or of JSON, the one that knows most of these names.
fn nearest(names: &[&str], is_table: bool) -> Option<&'static dyn Reader> {
    let known = |reader: &dyn Reader| names.iter().filter(|name| knows(reader, name)).count();
    // For a table, this text begins with `CSV`.
    let alike = READERS.into_iter().filter(|it| it.recognised_by().starts_with("CSV") == is_table);
    // On a tie the first reader wins; `max_by_key` alone would return the last.
    alike.rev().max_by_key(|reader| known(*reader))
}

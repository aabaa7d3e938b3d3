//! Reading files: bytes in, records out, errors with file, line and way out.
//!
//! A reader is one file in this folder and one line in [`READERS`]; help, `formats` and the tests
//! find it by that list. Readers know formats, not databases: they hand records to a [`Sink`].
//! [`recognize`] picks the reader by content; [`Input`] opens, decompresses and hashes.

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
    /// The format's name, for `--input-format` and in answers.
    fn format(&self) -> &'static str;

    /// What the file is, in one line.
    fn about(&self) -> &'static str;

    /// What a file is recognized by, in one line.
    fn recognised_by(&self) -> &'static str;

    /// Where to get such a file, in one line.
    fn obtained_from(&self) -> &'static str;

    /// The kind of source that the file is the word of (an export with encrypted users says
    /// [`SourceKind::ServerInfo`] once it is read).
    fn kind(&self) -> SourceKind;

    /// Can a file of this format name the one instance that it is of? Whether it does shows once it is
    /// read.
    fn may_name_instance(&self) -> bool {
        false
    }

    /// Is a file that begins like this of this format?
    fn recognizes(&self, outline: &Outline) -> bool;

    /// Is this the name of a field that the format is known to have, in a record or beside them?
    fn knows(&self, field: &str) -> bool;

    /// Reads the whole file: says to the sink whose word it is, then hands it every record. What
    /// it gives holds for the whole file; what holds for one of several sources goes to the sink.
    ///
    /// # Errors
    /// [`crate::error::Kind::Input`] with the place, if the file is not what it seems; whatever
    /// the sink says.
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

/// Takes what a reader reads.
pub trait Sink {
    /// The records that follow are of a source of this kind; the host, if the file names it. Said
    /// before the first record, and again where the records of another source begin or go on.
    ///
    /// # Errors
    /// If the source cannot be told.
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()>;

    /// Would [`Sink::source`] be satisfied without a host?
    fn needs_no_host(&self) -> bool;

    /// The next record of the source last named.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn record(&mut self, record: Record<'_>) -> Result<()>;

    /// What the file says of the source last named beside its records.
    fn facts(&mut self, facts: FileFacts);
}

/// The reader of a format's name.
///
/// # Errors
/// [`crate::error::Kind::Usage`] with the names that there are.
pub fn by_name(name: &str) -> Result<&'static dyn Reader> {
    READERS.into_iter().find(|reader| reader.format() == name).ok_or_else(|| {
        let names: Vec<&str> = READERS.iter().map(|reader| reader.format()).collect();
        Error::usage(format!("there is no input format {}", quoted(name)))
            .hint(format!("there are: {}", names.join(", ")))
    })
}

/// Checks that a file that is said to be of some format can be of it at all.
///
/// # Errors
/// If it is empty, something else that is known by its name, or has not even two names that the
/// format knows.
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
        return Err(refused("it has what makes another format")
            .hint(format!("it looks like {}: leave --input-format out", other.format())));
    }
    let known = outline.known_names().into_iter().filter(|name| knows(reader, name)).count();
    if known >= 2 {
        return Ok(());
    }
    let hint = format!("such a file is {}", reader.recognised_by());
    Err(refused("fewer than two names in it are of that format").hint(hint))
}

/// The reader whose format the file is of, by its beginning.
///
/// # Errors
/// If none recognizes it, with what it looks like; if two do, with their names.
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
                .hint(format!("say which with --input-format {}", names[0])))
        }
    }
}

/// What a file's beginning shows, unless it is wrapped in something that no report comes in.
fn outline_of(input: &Input) -> Result<Outline> {
    match input.wrapping() {
        Some(wrapping) => Err(wrapping.refusal().at(input.name(), None)),
        None => Ok(Outline::of(input.head())),
    }
}

/// Is this the name of a column or of a key in some format? Only such names are told of a file.
pub fn is_known_name(name: &str) -> bool {
    READERS.into_iter().any(|reader| knows(reader, name))
}

/// Does a reader know a name, also as a header writes it?
fn knows(reader: &dyn Reader, name: &str) -> bool {
    reader.knows(name)
        || reader.knows(&name.trim().to_lowercase())
        || reader.knows(&cloud_csv::normalized(name))
}

/// The reader of tables, or of JSON, that knows most of these names.
fn nearest(names: &[&str], is_table: bool) -> Option<&'static dyn Reader> {
    let known = |reader: &dyn Reader| names.iter().filter(|name| knows(reader, name)).count();
    // What a format is recognized by says first whether it is a table.
    let alike = READERS.into_iter().filter(|it| it.recognised_by().starts_with("CSV") == is_table);
    // Of several the first, which `max_by_key` would give as the last.
    alike.rev().max_by_key(|reader| known(*reader))
}

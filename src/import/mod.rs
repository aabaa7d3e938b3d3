//! The import stage reads report files. A reader turns the bytes of a file into records, or returns an error
//! that names the file and the line and gives a hint.
//!
//! A reader is one file in this folder and one line in [`READERS`] (`readers.rs`). Help, `formats` and the tests
//! find the readers in that list. A reader reads formats, uses no database, and hands its records to a [`Sink`].
//! [`recognize`] picks the reader of a file by its content. [`Input`] opens, decompresses and hashes a file.

mod alike;
mod cloud_csv;
mod cloud_json;
mod cloud_rows;
mod columns;
pub mod directory;
mod facts;
mod field_rule;
mod file_hash;
mod format_names;
mod ghe_user_csv;
mod graphql;
mod input;
mod json_stream;
mod lines;
mod list_text;
mod listed_facts;
mod look;
mod neighbors;
mod one_value;
mod outline;
mod plain_json;
mod quotes;
mod reader;
mod readers;
mod record_json;
mod refusal;
mod server_export;
mod server_license;
mod server_users_csv;
mod server_values;
mod sheet;
mod sheet_rows;
mod strict_json;
mod sync_status;
mod text;
mod unknown;
mod values;
mod visual_studio_csv;
mod whole;
mod wrapping;

use crate::error::{Error, Result};
use readers::knows;

pub use facts::FileFacts;
pub use file_hash::sha256_of;
pub use input::Input;
pub use outline::Outline;
pub use reader::{Reader, Sink, fields_of};
pub use readers::{READERS, by_name};
pub use wrapping::Wrapping;

/// Checks that a file may have the format that the user named with `--input-format`.
///
/// # Errors
/// If the file is empty, is recognizably of another format, or has fewer than two names that the chosen format
/// knows.
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
            .hint(format!("the file looks like {}: leave --input-format out", other.format())));
    }
    let known = outline.known_names().into_iter().filter(|name| knows(reader, name)).count();
    if known >= 2 {
        return Ok(());
    }
    let hint = format!("a file of that format is {}", reader.recognised_by());
    Err(refused("fewer than two of its columns or keys have names of that format").hint(hint))
}

/// The reader whose format the first bytes of a file show.
///
/// # Errors
/// If no reader recognizes the file: the error says what the file looks like. If two readers recognize it: the
/// error names their formats.
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
            Err(Error::input(format!(
                "the file could have any of these formats: {}",
                names.join(", ")
            ))
            .at(input.name(), None)
            .hint(format!("choose a format, for instance with --input-format {}", names[0])))
        }
    }
}

/// What the first bytes of a file show. A file that is wrapped in something else, such as a ZIP archive, is
/// refused.
fn outline_of(input: &Input) -> Result<Outline> {
    match input.wrapping() {
        Some(wrapping) => Err(wrapping.refusal().at(input.name(), None)),
        None => Ok(Outline::of(input.head())),
    }
}

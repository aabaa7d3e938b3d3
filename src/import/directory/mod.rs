//! Readers of employee directories. A directory shows which addresses belong to one employee, and who has left
//! (directory.md sections 1 and 2).
//!
//! A reader turns a file into rows of people and adds them to a [`DirectoryList`], which makes one entry for
//! each id. Readers know no database, no clock and no configuration: the caller hands them a mapping as data.
//! The command `import` does not take these files. Code that needs a directory calls [`recognize`] and
//! [`read`].

mod addresses;
#[cfg(test)]
#[path = "alike/tests.rs"]
mod alike_tests;
mod dates;
mod entry_members;
mod field_types;
#[cfg(test)]
#[path = "field_types/tests.rs"]
mod field_types_tests;
mod graph;
mod json;
mod lacking;
mod ldif;
mod ldif_lines;
mod list;
#[cfg(test)]
#[path = "lost/tests.rs"]
mod lost_tests;
mod mapped;
mod names;
mod okta;
mod others;
#[cfg(test)]
#[path = "others/tests.rs"]
mod others_tests;
mod reader;
mod scim;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod truths;
mod unite;
#[cfg(test)]
#[path = "unread/tests.rs"]
mod unread_tests;
mod values;

use crate::error::{Error, Result};
use crate::import::Input;
use crate::model::DirectoryMapping;

pub use list::{DirectoryFacts, DirectoryList, ReadDirectory, WordsMet};
pub use reader::{Beginning, DirectoryReader};

/// The reader of tables whose columns the configuration names.
pub const MAPPED: &dyn DirectoryReader = &mapped::MappedTable;

/// All readers of employee directories.
pub const DIRECTORY_READERS: [&dyn DirectoryReader; 10] = [
    &tables::ENTRA,
    &graph::GRAPH,
    &okta::OKTA,
    &tables::OKTA,
    &tables::MICROSOFT_365,
    &tables::ACTIVE_DIRECTORY,
    &tables::GOOGLE,
    &scim::SCIM,
    &ldif::Ldif,
    MAPPED,
];

/// The reader of a file; `None` if the file is no directory. If the caller has a mapping, the reader of mapped
/// tables reads every table.
///
/// # Errors
/// If the file is a list of something else than people. If several readers recognize it: the error names their
/// formats.
pub fn recognize(
    input: &Input,
    mapping: Option<&DirectoryMapping>,
) -> Result<Option<&'static dyn DirectoryReader>> {
    if input.wrapping().is_some() {
        return Ok(None);
    }
    let beginning = Beginning::of(input);
    if mapping.is_some() && beginning.is_table() {
        return Ok(Some(MAPPED));
    }
    refuse_other_lists(&beginning, input.name())?;
    let claims = DIRECTORY_READERS.into_iter().filter(|reader| reader.recognizes(&beginning));
    match claims.collect::<Vec<_>>().as_slice() {
        [] => Ok(None),
        [reader] => Ok(Some(*reader)),
        several => {
            let names: Vec<&str> = several.iter().map(|reader| reader.format()).collect();
            Err(Error::input(format!(
                "the file could have any of these formats: {}",
                names.join(", ")
            ))
            .at(input.name(), None)
            .hint("remove the columns of the other formats"))
        }
    }
}

/// Refuses a list that is not of people, such as a log of sign-ins or a list of devices. The file has this name.
///
/// # Errors
/// If the file is such a list.
pub fn refuse_other_lists(beginning: &Beginning, name: &str) -> Result<()> {
    others::of(beginning).map_or(Ok(()), |error| Err(error.at(name, None)))
}

/// The refusal of a file that has a format of directories but for a column or key that it lacks; `None` for any
/// other file.
pub fn nearly(input: &Input) -> Option<Error> {
    let beginning = Beginning::of(input);
    let is_data = input.wrapping().is_none() && beginning.is_report();
    let error = if is_data { lacking::of(&beginning) } else { None };
    error.map(|error| error.at(input.name(), None))
}

/// Reads the files of one directory with one reader. The files are the pages of an answer, or a single file.
///
/// # Errors
/// If the reader refuses a file: the error names the file and the line.
pub fn read(
    reader: &dyn DirectoryReader,
    inputs: &mut [Input],
    mapping: Option<&DirectoryMapping>,
) -> Result<ReadDirectory> {
    let mut list = DirectoryList::default();
    for input in inputs.iter_mut() {
        reader.read(input, mapping, &mut list)?;
        list.facts.warnings.extend(input.note());
    }
    let name = inputs.last().map_or("", |input| input.name());
    list.finish(name)
}

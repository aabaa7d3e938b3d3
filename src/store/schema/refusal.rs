//! The error for a database whose schema has wrong objects. It names the objects, and its hints say what the
//! user can do.

use std::path::Path;

use super::{SchemaFault, Why};
use crate::error::{Error, quoted};

/// The greatest number of objects that the error names.
const TOLD: usize = 20;

/// The greatest length of a name, in bytes, for which the error prints a DROP statement.
const LONGEST_NAME: usize = 500;

/// The error for a database whose schema has these wrong objects.
pub(in crate::store) fn refused(wrong: &[SchemaFault], path: &Path) -> Error {
    let told: Vec<String> = wrong.iter().take(TOLD).map(said).collect();
    let more = match wrong.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let mut error = Error::database(format!(
        "the database was not read, because its schema is not the one that this program creates: {}{more}",
        told.join("; ")
    ))
    .of_file(path);
    for drop in wrong.iter().filter_map(drop_statement).take(TOLD) {
        error = error.hint(format!("remove it with another SQLite program: {drop}"));
    }
    error
        .hint(
            "copy the rows of this program's tables into a new database, without the rest: \
             `oneseat backup --rows-only NEW`",
        )
        .hint("go back to a backup: `oneseat restore FILE`")
}

fn said(wrong: &SchemaFault) -> String {
    let (kind, name) = (&wrong.kind, quoted(&wrong.name));
    match &wrong.why {
        Why::IsOn(table) => {
            format!("the {kind} {name} on {} does not belong to this program", quoted(table))
        }
        Why::HidesFunction => format!("the {kind} {name} hides the function of this name"),
        Why::InPlaceOf(ours) if ours == kind => {
            format!("the {kind} {name} has the name of an object of this program")
        }
        Why::InPlaceOf(ours) => format!("the {kind} {name} stands in the place of the {ours}"),
        Why::Altered => format!("the {kind} {name} was changed"),
        Why::Missing => format!("the {kind} {name} is missing"),
    }
}

/// The statement that drops a foreign object; `None` if the object is this program's, or its name is too long.
fn drop_statement(wrong: &SchemaFault) -> Option<String> {
    let what = match wrong.kind.as_str() {
        "table" => "TABLE",
        "index" => "INDEX",
        "view" => "VIEW",
        "trigger" => "TRIGGER",
        _ => return None,
    };
    let foreign = matches!(wrong.why, Why::IsOn(_) | Why::HidesFunction | Why::InPlaceOf(_));
    if !foreign || wrong.name.len() > LONGEST_NAME {
        return None;
    }
    Some(format!("DROP {what} \"{}\";", wrong.name.replace('"', "\"\"")))
}

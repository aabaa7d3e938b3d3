//! How a file is refused that holds what is not ours: names, and the way out of it.

use std::path::Path;

use super::{SchemaFault, Why};
use crate::error::{Error, quoted};

/// So many objects are told by name.
const TOLD: usize = 20;

/// A longer name is not written out in a statement, in bytes.
const LONGEST_NAME: usize = 500;

/// The refusal of a file with these objects in it.
pub(in crate::store) fn refused(wrong: &[SchemaFault], path: &Path) -> Error {
    let told: Vec<String> = wrong.iter().take(TOLD).map(said).collect();
    let more = match wrong.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let mut error = Error::database(format!(
        "{}: nothing was asked of the database, since its schema is not as this program makes it: {}{more}",
        path.display(),
        told.join("; ")
    ));
    for drop in wrong.iter().filter_map(drop_statement).take(TOLD) {
        error = error.hint(format!("to remove it with another SQLite program: {drop}"));
    }
    error
        .hint(
            "`oneseat backup --rows-only NEW` copies the rows of this program's tables into a new \
             database, and leaves the rest behind",
        )
        .hint("`oneseat restore FILE` goes back to a backup")
}

fn said(wrong: &SchemaFault) -> String {
    let (kind, name) = (&wrong.kind, quoted(&wrong.name));
    match &wrong.why {
        Why::IsOn(table) => {
            format!("the {kind} {name} on {} is not of this program", quoted(table))
        }
        Why::HidesFunction => format!("the {kind} {name} hides the function of this name"),
        Why::InPlaceOf(ours) if ours == kind => {
            format!("the {kind} {name} has the name of one of this program's")
        }
        Why::InPlaceOf(ours) => format!("the {kind} {name} stands in the place of the {ours}"),
        Why::Altered => format!("the {kind} {name} was changed"),
        Why::Missing => format!("the {kind} {name} is not there"),
    }
}

/// The statement that takes a foreign object away; `None` where that would take away what is ours.
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

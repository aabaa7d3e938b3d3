//! The list of all readers of reports. The help texts, `formats` and the tests that run over all formats use
//! it.

use super::format_names::is_one_of;
use super::reader::Reader;
use super::{
    cloud_csv, cloud_json, ghe_user_csv, graphql, listed_facts, server_export, server_license,
    server_users_csv, sync_status, visual_studio_csv,
};
use crate::error::{Error, Result, quoted};

/// All readers of reports, in the order in which `formats` lists them.
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

/// The reader of the format with this name.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] with the valid names, if no format has this name.
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

/// The reader whose format has most of the names `names`. Only readers of tables are compared if `is_table` is
/// true, else only readers of JSON.
pub(super) fn nearest(names: &[&str], is_table: bool) -> Option<&'static dyn Reader> {
    let known = |reader: &dyn Reader| names.iter().filter(|name| knows(reader, name)).count();
    // By convention, the text by which a format is recognized begins with `CSV` for every table format, and for
    // no other format.
    let alike = READERS.into_iter().filter(|it| it.recognised_by().starts_with("CSV") == is_table);
    // If several readers know equally many names, the first one must be returned. `max_by_key` returns the last
    // one, so the order is reversed.
    alike.rev().max_by_key(|reader| known(*reader))
}

/// Whether the format of a reader has a field with this name, in any spelling that a header may use.
pub(super) fn knows(reader: &dyn Reader, name: &str) -> bool {
    is_one_of(|name| reader.knows(name), name)
}

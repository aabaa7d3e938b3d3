//! Names the columns that a table lacks to have one of the known formats (directory.md section 1). Without such a
//! message, somebody who left one column out would learn only that no format has such columns.

use super::names::HeaderNames;
use super::reader::Beginning;
use super::table::{NeededColumn, TableFormat};
use super::tables::{ACTIVE_DIRECTORY, ENTRA, GOOGLE, MICROSOFT_365, OKTA};
use crate::error::Error;

const FORMATS: [&TableFormat; 5] = [&ENTRA, &MICROSOFT_365, &ACTIVE_DIRECTORY, &OKTA, &GOOGLE];

/// The refusal of a table or of JSON that has one of the known formats but for what it lacks; `None` for anything
/// else. It names the format and what is missing, and no file yet.
pub fn of(beginning: &Beginning) -> Option<Error> {
    if !beginning.is_table() {
        return without_ids(beginning);
    }
    let header = beginning.header();
    let sets = FORMATS.into_iter().flat_map(|format| {
        format.needs.iter().filter(|set| may_be(set, header)).map(move |set| (format, *set))
    });
    let near = sets.map(|(format, set)| {
        let lacking = lacking(set, header);
        (lacking.len(), usize::MAX - known(format, header), format, lacking)
    });
    let (number, _, format, lacking) = near.min_by_key(|it| (it.0, it.1))?;
    (number > 0).then(|| format.lacks(&lacking))
}

/// Whether a table may have the format that needs these columns. Many tables have a column called login, so another
/// of the columns must stand beside it.
fn may_be(needs: &[NeededColumn], header: &HeaderNames) -> bool {
    let Some((first, _)) = needs.first().filter(|(names, _)| header.has_any(names)) else {
        return false;
    };
    !first.contains(&"login") || needs.len() - lacking(needs, header).len() > 1
}

/// The needed columns that a header lacks, as a program writes them.
fn lacking(needs: &[NeededColumn], header: &HeaderNames) -> Vec<&'static str> {
    let lacking = needs.iter().filter(|(names, _)| !header.has_any(names));
    lacking.map(|(_, written)| *written).collect()
}

/// The number of columns of a header that a format reads. It decides between formats that lack as many columns.
fn known(format: &TableFormat, header: &HeaderNames) -> usize {
    let read = [format.id, format.addresses, format.proxies, format.sign_ins, format.dn];
    let others = [format.name, format.full_name, format.unit, format.manager];
    let mut names: Vec<&str> = read.into_iter().chain(others).flatten().copied().collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter(|name| header.has(name)).count()
}

/// The refusal of a list of Graph's users without their ids.
fn without_ids(beginning: &Beginning) -> Option<Error> {
    let mut keys = beginning.keys().to_vec();
    keys.extend(beginning.keys_within("value"));
    let has = |wanted: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(wanted));
    (has("userPrincipalName") && !has("id")).then(|| {
        Error::input("the entries lack the field \"id\" that graph-users-json needs")
            .hint("request the field id too: without an id, entries cannot be told apart")
    })
}

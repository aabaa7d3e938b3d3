//! Doubts about the file of a directory: whether it is of this directory at all, and whether it is complete. A list
//! that is cut would call everybody it lacks a leaver, so these rules are stricter than those for accounts
//! (directory.md section 1).

use super::entries::Entries;
use super::{DirectoryFile, name_of, refused};
use crate::code::{RefusalCode, WarningCode};
use crate::error::Result;
use crate::import::directory::DirectoryFacts;
use crate::intake::answer::ImportItem;
use crate::intake::doubt::near_names;
use crate::intake::known_names::KnownNames;
use crate::model::{Source, SourceKind, are_many_gone};
use crate::store::{Import, InBooks, NewSnapshot};
use crate::table::counted;

/// From this number of entries on, a list says something by what it lacks.
const ENOUGH: u64 = 20;

/// Numbers of entries at which programs end a page.
const PAGES: [u64; 6] = [100, 200, 500, 999, 1000, 2000];

impl DirectoryFile<'_> {
    /// Judges a file after its entries were put. Returns why the snapshot is short, if it is and the user accepts
    /// that.
    ///
    /// # Errors
    /// If the file seems to be of another directory, or is short and nobody accepts that.
    pub(super) fn judge(
        &self,
        import: &Import<'_>,
        snapshot: &NewSnapshot<'_>,
        (books, source): (&[InBooks], &Source),
        (entries, facts): (&Entries, &DirectoryFacts),
        item: &mut ImportItem,
    ) -> Result<Option<String>> {
        let people = entries.all.len() as u64;
        let shared = snapshot.neighbors().shared()?;
        if self.request.directory.is_none() {
            self.check_source(import, (books, source), (people, shared), item)?;
        }
        item.complete = match (&facts.cut, facts.total) {
            (Some(_), _) => Some(false),
            (None, Some(_)) => Some(true),
            (None, None) => None,
        };
        if people == 0 {
            item.warn(WarningCode::Empty, "the list has nobody".to_owned());
        }
        let before = snapshot.neighbors().accounts_before();
        if let (Some(before), Some((_, shared))) = (before, shared)
            && let gone = before.saturating_sub(shared)
            && are_many_gone(gone, before)
        {
            item.warn(
                WarningCode::ManyGone,
                format!(
                    "{} of the {before} of the list before are not in this one",
                    counted(gone, "person")
                ),
            );
        }
        let Some(short) = self.short(entries, facts, before) else { return Ok(None) };
        match (self.request.partial, self.request.accept_short) {
            (false, None) => Err(refused(short, RefusalCode::Incomplete, item)
                .hint("get the whole list, with all of its pages")
                .hint(
                    "--partial stores it without ever using it; --accept-short REASON uses it as it is",
                )),
            _ => Ok(Some(short)),
        }
    }

    /// Warns of a name that no directory has, while there are other directories: it may be a slip, and the list would
    /// never be compared with the lists before it. A name that the configuration has is meant so.
    pub(super) fn warn_of_new_name(
        &self,
        source: &Source,
        known: &KnownNames,
        item: &mut ImportItem,
    ) {
        let known = known.of(SourceKind::Directory);
        let is_known = known.contains(&source.name) || self.settings.is_some();
        if self.request.directory.is_none() || is_known || known.is_empty() {
            return;
        }
        let all = known.iter().map(String::as_str);
        let near = near_name(&source.name, all)
            .map(|near| format!("; did you mean {}?", name_of(near)))
            .unwrap_or_default();
        let doubt = format!(
            "no directory has the name {} yet, so the list begins one of its own; known: {}{near}",
            name_of(&source.name),
            known.join(", ")
        );
        match self.request.accept_new {
            Some(reason) => {
                item.warn(WarningCode::AcceptedNew, format!("{doubt}; accepted: {reason}"));
            }
            None => item.warn(WarningCode::DirectoryNew, doubt),
        }
    }

    /// Refuses a file that seems to be of another directory than the one it would be stored for.
    fn check_source(
        &self,
        import: &Import<'_>,
        (books, source): (&[InBooks], &Source),
        (people, shared): (u64, Option<(u64, u64)>),
        item: &ImportItem,
    ) -> Result<()> {
        let own = books.iter().filter(|it| it.source == *source && !it.partial);
        let (at, mut neighbor) = (self.taken_at.instant, None::<&InBooks>);
        for it in own {
            if neighbor.is_none() || it.taken_at < at {
                neighbor = Some(it);
            }
        }
        let Some(neighbor) = neighbor else { return Ok(()) };
        let name = name_of(&source.name);
        let doubt = match (import.format_of(neighbor.id)?, shared) {
            (Some(format), _) if format != self.reader.format() => format!(
                "the snapshot of {} next to it is {format}, and this is {}",
                source.name,
                self.reader.format()
            ),
            (_, Some((other, shared)))
                if people.min(other) >= ENOUGH && shared * 2 < people.min(other) =>
            {
                format!(
                    "only {shared} of {} people are in the snapshot of {} next to it",
                    people.min(other),
                    source.name
                )
            }
            _ => return Ok(()),
        };
        Err(refused(
            format!("the file seems to be of another directory: {doubt}"),
            RefusalCode::LooksLike,
            item,
        )
        .hint(format!("--directory {name} stores it as {name} all the same"))
        .hint("--directory with another name makes a directory of its own"))
    }

    /// Why the list is short, if it is.
    fn short(
        &self,
        entries: &Entries,
        facts: &DirectoryFacts,
        before: Option<u64>,
    ) -> Option<String> {
        if let Some(cut) = &facts.cut {
            return Some(format!("the list is not complete: {cut}"));
        }
        let people = entries.all.len() as u64;
        if let Some(before) = before.filter(|before| people * 2 < *before) {
            return Some(format!(
                "the list has {people} people, less than half of the {before} of the list before"
            ));
        }
        if let Some(before) = before.filter(|it| people < *it && PAGES.contains(&people)) {
            return Some(format!(
                "the list has exactly {people} people, a usual size of a page, and the list before had {before}"
            ));
        }
        let at = self.taken_at.instant;
        let all = 0..entries.all.len();
        let active =
            |truth: Option<bool>| all.clone().any(|it| entries.all.active_at(it, at) == truth);
        if people >= ENOUGH && !active(Some(true)) && active(Some(false)) {
            return Some(format!("nobody of the {people} people in the list is active"));
        }
        None
    }
}

/// The name of these that is most similar to `name`; `None` if none is near.
fn near_name<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = name.to_lowercase();
    let is_near = |other: &str| {
        let other = other.to_lowercase();
        let is_part = wanted.len() > 2 && (other.contains(&wanted) || wanted.contains(&other));
        is_part || strsim::osa_distance(&wanted, &other) <= 2.max(wanted.chars().count() / 3)
    };
    near_names(name, names).into_iter().find(|it| is_near(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_name_is_not() {
        let near = |name| near_name(name, ["entra", "hr", "okta-emea"].into_iter());
        for (name, expected) in [
            ("entar", Some("entra")),
            ("Entra-ID", Some("entra")),
            ("okta-emae", Some("okta-emea")),
            ("okta", Some("okta-emea")),
            ("workday", None),
        ] {
            assert_eq!(near(name), expected, "{name}");
        }
    }
}

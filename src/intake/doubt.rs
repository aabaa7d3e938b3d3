//! Raises doubts whether a file is really from the source under which it is imported (interface.md section 2).
//! Doubts are raised only when a file is imported. Each has a hint, and prints no data of the file.

use super::answer::ImportItem;
use super::incoming_file::IncomingFile;
use super::request::Asker;
use crate::code::{RefusalCode, WarningCode};
use crate::error::{Error, Result};
use crate::model::{Instant, Source, SourceKind};
use crate::store::{Import, InBooks, NewSnapshot};
use crate::warning::WarningSubject;

/// The number of accounts that a file must have to be compared with another snapshot. With fewer accounts, the
/// comparison does not show whether the file is from its source.
const ENOUGH: u64 = 20;

/// How many similar names a message lists at most.
const NEAR_NAMES: usize = 3;

/// A snapshot that is about to be stored, with what is needed to check whether it is from its source.
pub struct Suspect<'s> {
    /// The file that is imported, and the options of the import.
    pub arrival: &'s IncomingFile<'s>,
    /// The transaction in which the snapshot is written.
    pub written: &'s Import<'s>,
    /// The records of the snapshot.
    pub snapshot: &'s NewSnapshot<'s>,
    /// The source under which the snapshot is to be stored.
    pub source: &'s Source,
    /// Whether the file itself names the source. If so, most doubts do not arise.
    pub says_so: bool,
    /// The stored snapshots that are not voided, in order of time.
    pub books: &'s [InBooks],
}

impl Suspect<'_> {
    /// Looks for doubts whether the snapshot is from its source. A doubt that does not refuse the snapshot
    /// becomes a warning. If the file resembles that of another instance and the user accepted that, the text
    /// of the doubt is returned.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Input`] for a doubt that the user has not accepted.
    pub fn judge(&self, item: &mut ImportItem) -> Result<Option<String>> {
        let request = self.arrival.request;
        let mut short = None;
        match self.of_another_host()? {
            Some(doubt) if request.accept_short.is_some() => short = Some(doubt.message),
            Some(_) if request.partial => {}
            Some(doubt) => return Err(doubt),
            None => {}
        }
        if let Some(doubt) = self.of_another_enterprise()? {
            self.refuse_new(doubt, item)?;
        } else if let Some(other) = self.same_bytes(item) {
            let accounts = self.snapshot.accounts();
            let message = format!(
                "the file has the same bytes as snapshot #{} of {}",
                other.id, other.source
            );
            // If the user names one file for two hosts in one command, that is done on purpose.
            if accounts < ENOUGH || self.arrival.request.stored.contains(&other.id) {
                item.warn(WarningCode::SameBytes, message);
            } else {
                let way_out = format!(
                    "if that snapshot is the mistake: oneseat snapshots void {} --reason …",
                    other.id
                );
                self.refuse_new(
                    Error::input(message).code(RefusalCode::SameBytes).hint(way_out),
                    item,
                )?;
            }
        }
        self.warn_of_unlisted_host(item)?;
        Ok(short)
    }

    /// Returns the doubt as an error. If the user accepted a new source, the doubt becomes a warning instead.
    fn refuse_new(&self, doubt: Error, item: &mut ImportItem) -> Result<()> {
        match self.arrival.request.accept_new {
            Some(reason) => {
                item.warn(
                    WarningCode::AcceptedNew,
                    format!("{}; accepted: {reason}", doubt.message),
                );
                Ok(())
            }
            None => Err(doubt.hint(match self.arrival.request.asker {
                Asker::Import | Asker::Rehearse => "--accept-new REASON imports the file anyway",
                Asker::Fetch => {
                    "accept_new = \"REASON\" beside the enterprise or host in the configuration \
                        imports the answer all the same"
                }
            })),
        }
    }

    /// The hint for a file that is from another source. A fetched answer was requested by the name of its
    /// source, so an option of `import` would not help there.
    fn way_to_name(&self, kind: SourceKind, name: &str) -> String {
        let (option, what) = (kind.option(), kind.family().noun());
        match self.arrival.request.asker {
            Asker::Fetch => {
                format!("check the name of the {what} and the URL that was requested")
            }
            Asker::Import | Asker::Rehearse => format!("name its {what}: {option} {name}"),
        }
    }

    /// The doubt about the first report of an enterprise, if most of its logins are in a snapshot of another
    /// enterprise.
    fn of_another_enterprise(&self) -> Result<Option<Error>> {
        let counting = || self.books.iter().filter(|it| !it.partial);
        if self.source.kind != SourceKind::Cloud || counting().any(|it| it.source == *self.source) {
            return Ok(None);
        }
        let others = counting().filter(|it| it.source.kind == SourceKind::Cloud);
        let mut likest: Option<(u64, &InBooks)> = None;
        for other in nearest_of_each(others, self.at()) {
            let common = self.snapshot.logins_in(other)?;
            if common.smaller < ENOUGH {
                return Ok(None);
            }
            if common.is_half() && likest.is_none_or(|(found, _)| common.found > found) {
                likest = Some((common.found, other));
            }
        }
        Ok(likest.map(|(_, other)| {
            let name = &other.source.name;
            let way = self.way_to_name(SourceKind::Cloud, name);
            Error::input(format!(
                "{} has no snapshot yet, and at least half of the logins are in snapshot #{} of \
                    {name}: this looks like a report of {name}",
                self.source.name, other.id
            ))
            .code(RefusalCode::LooksLike)
            .hint(way)
        }))
    }

    /// The doubt about a file of an instance, if most of its accounts are missing from that snapshot of the
    /// instance that is nearest in time.
    fn of_another_host(&self) -> Result<Option<Error>> {
        if !matches!(self.source.kind, SourceKind::Server | SourceKind::ServerAsSynced) {
            return Ok(None);
        }
        let replaced = |it: &InBooks| {
            self.arrival.request.replace && it.source == *self.source && it.taken_at == self.at()
        };
        let of_hosts = || {
            self.books.iter().filter(|it| {
                !it.partial
                    && !replaced(it)
                    && matches!(it.source.kind, SourceKind::Server | SourceKind::ServerAsSynced)
            })
        };
        let own = of_hosts().filter(|it| it.source.name == self.source.name);
        let Some(own) = nearest(own, self.at()) else { return Ok(None) };
        let common = self.snapshot.accounts_in_common(own)?;
        if common.smaller < ENOUGH || common.is_half() {
            return Ok(None);
        }
        let host = &self.source.name;
        let mut doubt = format!(
            "less than half of the accounts are found in snapshot #{}, the snapshot of {host} \
                nearest in time ({} of {})",
            own.id, common.found, common.smaller
        );
        let others = of_hosts().filter(|it| it.source.name != *host);
        let mut belongs: Option<(u64, &InBooks)> = None;
        for other in nearest_of_each(others, self.at()) {
            let common = self.snapshot.accounts_in_common(other)?;
            let more = belongs.is_none_or(|(found, _)| common.found > found);
            if common.smaller >= ENOUGH && common.is_half() && more {
                belongs = Some((common.found, other));
            }
        }
        let mut hint = "check which instance wrote the file".to_owned();
        if let Some((_, other)) = belongs {
            let name = &other.source.name;
            doubt.push_str(&format!("; they are the accounts of {name} (snapshot #{})", other.id));
            hint = self.way_to_name(SourceKind::Server, name);
        }
        Ok(Some(Error::input(doubt).code(RefusalCode::LooksLike).hint(hint).hint(
            "--accept-short REASON imports the file all the same, for instance after an instance \
                was rebuilt with new ids",
        )))
    }

    /// A stored snapshot of another source whose file had the same bytes. If the file names its source itself,
    /// there is no doubt, and the result is `None`.
    fn same_bytes(&self, item: &ImportItem) -> Option<&InBooks> {
        if self.says_so || !self.source.kind.holds_accounts() {
            return None;
        }
        let same = self.books.iter().filter(|it| {
            it.source != *self.source
                && it.source.kind.holds_accounts()
                && Some(&it.sha256) == item.sha256.as_ref()
        });
        // If several snapshots have the same bytes, one from an earlier import is named in the message, rather
        // than one that this command has just stored.
        same.min_by_key(|it| self.arrival.request.stored.contains(&it.id))
    }

    /// Warns of a new instance that no Cloud row lists, if Cloud rows list another instance without an imported
    /// file. The two may be one instance.
    fn warn_of_unlisted_host(&self, item: &mut ImportItem) -> Result<()> {
        let Source { kind, name } = self.source;
        let has_file = |host: &str| {
            self.books.iter().any(|it| {
                it.source.kind.is_instance()
                    && it.source.kind.holds_accounts()
                    && it.source.name == host
            })
        };
        if !kind.is_instance() || !kind.holds_accounts() || self.says_so || has_file(name) {
            return Ok(());
        }
        let reports =
            self.books.iter().filter(|it| it.source.kind == SourceKind::Cloud && !it.partial);
        let mut without_file = Vec::new();
        for report in nearest_of_each(reports, self.at()) {
            for host in self.written.hosts_of(report)? {
                if host == *name {
                    return Ok(());
                }
                if !has_file(&host) {
                    without_file.push(host);
                }
            }
        }
        if without_file.is_empty() {
            return Ok(());
        }
        let told = near_names(name, without_file.iter().map(String::as_str));
        let message = format!(
            "Cloud rows do not list {name}; they list these hosts, of which no file was imported: {}",
            told.join(", ")
        );
        item.warn_of(
            WarningCode::UnlistedHost,
            message,
            WarningSubject::Source(self.source.clone()),
        );
        Ok(())
    }

    fn at(&self) -> Instant {
        self.arrival.taken_at.instant
    }
}

/// Those of `names` that are most similar to `name`, the most similar one first.
pub fn near_names<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|it| (strsim::osa_distance(name, it), *it));
    names.dedup();
    names.truncate(NEAR_NAMES);
    names
}

/// The snapshot that is nearest to the instant `at`. Of two equally near snapshots, the earlier one is taken.
/// Of two snapshots of one instant, the instance's own file comes before Cloud's list of its accounts.
fn nearest<'b>(books: impl Iterator<Item = &'b InBooks>, at: Instant) -> Option<&'b InBooks> {
    books.min_by_key(|it| {
        (it.taken_at.unix().abs_diff(at.unix()), it.taken_at, it.source.kind, it.id)
    })
}

/// For each source, the snapshot that is nearest to the instant `at`.
fn nearest_of_each<'b>(
    books: impl Iterator<Item = &'b InBooks>,
    at: Instant,
) -> impl Iterator<Item = &'b InBooks> {
    let mut all: Vec<&InBooks> = books.collect();
    all.sort_by(|a, b| a.source.name.cmp(&b.source.name));
    let of_name: Vec<&InBooks> = all
        .chunk_by(|a, b| a.source.name == b.source.name)
        .filter_map(|chunk| nearest(chunk.iter().copied(), at))
        .collect();
    of_name.into_iter()
}

//! Finds the instant that a question is about, and checks that something is known about the enterprise at that
//! instant. If there is no answer, the error explains why (interface.md section 1, "Time"; counting.md section 1,
//! "Several enterprises").

use chrono::{DateTime, Months};

use super::near_names::unknown;
use super::rounds::{USUAL_ROUND, rounds};
use super::{AsOf, Asked, Ledger};
use crate::error::{Error, Result, quoted};
use crate::model::{Ago, Instant, SourceFamily, SourceKind};
use crate::store::{LinkedAccount, SnapshotFacts};

impl Ledger<'_> {
    /// The instant that a question is about. Checks that something is known at that instant about the enterprise
    /// that the question names.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Usage`] if no file and no setting ever named the enterprise;
    /// [`crate::error::ErrorKind::Nothing`] if every snapshot is later than the instant, or if nothing is known
    /// about the enterprise at the instant.
    pub fn asked(&self, asked: &Asked) -> Result<Instant> {
        self.point(asked.as_of, asked.enterprise.as_deref())
    }

    /// The instant that `as_of` means, after the same checks as in [`Ledger::asked`]. `only` names the
    /// enterprise; `None` means all enterprises.
    ///
    /// # Errors
    /// The same errors as [`Ledger::asked`].
    pub fn point(&self, as_of: AsOf, only: Option<&str>) -> Result<Instant> {
        if let Some(name) = only {
            self.check_enterprise(name)?;
        }
        let at = self.found(as_of, only)?;
        let Some(name) = only else { return Ok(at) };
        if self.is_known_of(name, at)? {
            return Ok(at);
        }
        let error = Error::nothing(format!(
            "nothing is known about the enterprise {} at {at}",
            quoted(name)
        ));
        Err(match self.first_instant_of(name)? {
            Some(first) => error.hint(format!(
                "ask about {first} or later: the enterprise has no earlier snapshot"
            )),
            None => error.hint(
                "import a report of the enterprise or of its instances: \
                 `oneseat import FILE…`",
            ),
        })
    }

    /// The instant at which the span of a question begins or ends. An instant that the user names may lie before
    /// the first snapshot; a relative instant, such as "30 days ago", may not.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Usage`] if no file and no setting ever named the enterprise;
    /// [`crate::error::ErrorKind::Nothing`] if a relative instant lies before the first snapshot.
    pub fn end_of_span(&self, as_of: AsOf, only: Option<&str>) -> Result<Instant> {
        if let Some(name) = only {
            self.check_enterprise(name)?;
        }
        match as_of {
            AsOf::At(at) => Ok(at),
            as_of => self.found(as_of, only),
        }
    }

    /// The instant that `as_of` means in a question about all enterprises.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Nothing`] if every snapshot with accounts is later than the instant.
    pub fn instant(&self, as_of: AsOf) -> Result<Instant> {
        self.found(as_of, None)
    }

    fn found(&self, as_of: AsOf, only: Option<&str>) -> Result<Instant> {
        let Some(first) = self.instants().first().copied() else {
            if let Some(known_on) = self.known_on {
                return Err(Error::nothing(format!(
                    "no snapshot with accounts had been imported by {known_on}"
                ))
                .hint(
                    "leave --known-on out, or name a later day: `oneseat journal` lists the days",
                ));
            }
            return Err(Error::nothing("no snapshot with accounts is in force")
                .hint("import a report of Cloud or Server: `oneseat import FILE…`"));
        };
        let whole = self.snapshots.iter().filter(|snapshot| !snapshot.partial);
        // A snapshot without accounts, such as a sync status, may be newer than all snapshots with accounts. The
        // latest instant is then that of the sync status.
        let latest = whole.map(|snapshot| snapshot.taken_at).max().unwrap_or(first);
        let at = match as_of {
            AsOf::Latest => Some(latest),
            AsOf::At(at) => Some(at),
            AsOf::Ago(ago) => ago.before(latest),
            AsOf::Previous => Some(self.previous(only)?),
        };
        at.filter(|at| *at >= first).ok_or_else(|| {
            let asked = at.map_or("the requested instant".to_owned(), |at| at.to_string());
            Error::nothing(format!("every snapshot is later than {asked}")).hint(format!(
                "ask about {first} or later: the first snapshot was taken at that time"
            ))
        })
    }

    /// The end of the last round (snapshots taken together) before the newest round that has a snapshot with
    /// accounts (counting.md section 9).
    fn previous(&self, only: Option<&str>) -> Result<Instant> {
        let rounds = rounds(&self.instants_of(only)?, &self.declared_of(only)?, USUAL_ROUND);
        let newest = rounds.iter().rposition(|round| round.holds_snapshots);
        let before = newest.and_then(|newest| rounds.get(newest.checked_sub(1)?));
        before.map(|round| round.ends).ok_or_else(|| {
            Error::nothing("there is no round of snapshots before the newest one").hint(
                "name an instant instead: snapshots within 6 hours are one round, and \
                     `oneseat snapshots` lists them all",
            )
        })
    }

    /// Checks that an instant is not before the first snapshot with accounts, and returns the instant.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Nothing`] if the instant is before the first snapshot.
    pub fn instant_at(&self, at: Instant) -> Result<Instant> {
        self.instant(AsOf::At(at))
    }

    /// The instant at which a snapshot was taken.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Nothing`] if no snapshot has this number, or if the snapshot is voided.
    pub fn taken_at(&self, snapshot: i64) -> Result<Instant> {
        let found = self.snapshots.iter().find(|it| it.id == snapshot);
        found.map(|it| it.taken_at).ok_or_else(|| {
            Error::nothing(format!("there is no snapshot #{snapshot}"))
                .hint("`oneseat snapshots` lists the snapshots")
        })
    }

    /// Checks that a file or a setting names this enterprise, at whatever instant.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Usage`] if no file and no setting names the enterprise; a hint lists similar
    /// names. The same error if the enterprise has a different name now; a hint states the current name.
    pub fn check_enterprise(&self, name: &str) -> Result<()> {
        let counts = self.known_as.canonical(SourceFamily::Enterprise, name, Instant::LAST);
        if counts != name {
            let told = format!("the enterprise {} was renamed", quoted(name));
            return Err(Error::usage(told).hint(format!("use its new name: --enterprise {counts}")));
        }
        let files = self.sources.iter().map(|known| &known.source);
        let files = files.filter(|source| source.kind.is_enterprise());
        let names = files.map(|source| source.name.as_str());
        let names: Vec<&str> = names.chain(self.declarations.enterprises_ever()).collect();
        if names.contains(&name) { Ok(()) } else { Err(unknown("enterprise", name, names)) }
    }

    /// Does the enterprise, or an instance that belongs to it, have a snapshot with accounts that was taken at or
    /// before the instant `at`?
    fn is_known_of(&self, name: &str, at: Instant) -> Result<bool> {
        let mut own = self.taken_of(SourceKind::Cloud, name, at).iter();
        if own.any(|snapshot| !snapshot.partial) {
            return Ok(true);
        }
        let assigned = self.assigned_at(at)?;
        let mut taken = self.valid().filter(|snapshot| snapshot.taken_at <= at);
        Ok(taken.any(|snapshot| assigned.belongs(&snapshot.source, name)))
    }

    /// The first instant at which anything is known about an enterprise; `None` if there is no such instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn first_instant_of(&self, name: &str) -> Result<Option<Instant>> {
        for at in self.instants() {
            if self.is_known_of(name, at)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// The instants at which snapshots of an enterprise with accounts were taken, in order, each once. A
    /// snapshot of an instance is included if the instance belonged to the enterprise at that instant. If `only`
    /// is `None`, the snapshots of all enterprises.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn instants_of(&self, only: Option<&str>) -> Result<Vec<Instant>> {
        let Some(name) = only else { return Ok(self.instants()) };
        let mut instants = Vec::new();
        for at in self.instants() {
            let taken: Vec<&SnapshotFacts> = self.valid().filter(|it| it.taken_at == at).collect();
            if !taken.iter().all(|it| it.source.kind == SourceKind::Cloud) {
                let assigned = self.assigned_at(at)?;
                if taken.iter().any(|it| assigned.belongs(&it.source, name)) {
                    instants.push(at);
                }
            } else if taken.iter().any(|it| it.source.name == name) {
                instants.push(at);
            }
        }
        Ok(instants)
    }

    /// The instants from which declarations and links of an enterprise are valid, in order, each once. A
    /// declaration about an instance is included if the instance belonged to the enterprise at that instant. If
    /// `only` is `None`, those of all enterprises.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn declared_of(&self, only: Option<&str>) -> Result<Vec<Instant>> {
        let mut instants = Vec::new();
        for (source_id, at) in self.declarations.instants_of_sources() {
            let Some(known) = self.sources.iter().find(|known| known.id == source_id) else {
                continue;
            };
            let ours = match only {
                Some(name) => self.assigned_at(at)?.belongs(&known.source, name),
                None => true,
            };
            instants.extend(ours.then_some(at));
        }
        for (ends, at) in self.links.instants_of_pairs() {
            let ours = match only {
                Some(name) => {
                    let assigned = self.assigned_at(at)?;
                    ends.iter().any(|end| match end {
                        LinkedAccount::Server { host, .. } => assigned.host_belongs(host, name),
                        LinkedAccount::Cloud { source_id, .. } => {
                            let mut known = self.sources.iter().filter(|it| it.id == *source_id);
                            known.any(|it| self.name_that_counts(it) == name)
                        }
                    })
                }
                None => true,
            };
            instants.extend(ours.then_some(at));
        }
        instants.sort_unstable();
        instants.dedup();
        Ok(instants)
    }
}

/// Checks that a span of time does not end before it begins.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the span ends before it begins.
pub(crate) fn check_span(from: Instant, to: Instant) -> Result<()> {
    if from <= to {
        return Ok(());
    }
    Err(Error::usage(format!("the span ends before it begins: from {from} to {to}"))
        .hint("put the earlier instant first"))
}

impl Ago {
    /// The instant that is this long before `latest`; `None` if an [`Instant`] cannot be that early.
    fn before(self, latest: Instant) -> Option<Instant> {
        match self {
            Ago::Seconds(seconds) => Instant::from_unix(latest.unix().checked_sub(seconds)?),
            Ago::Months(months) => {
                let latest = DateTime::from_timestamp(latest.unix(), 0)?;
                // A month earlier is the same day of the earlier month. If the earlier month has no such day, it is
                // the last day of that month.
                Instant::from_unix(latest.checked_sub_months(Months::new(months))?.timestamp())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DayMeans;

    #[test]
    fn months_earlier_is_the_same_day_or_the_last_one() {
        for (latest, ago, expected) in [
            ("2026-05-31T08:00:00Z", Ago::Months(3), "2026-02-28T08:00:00Z"),
            ("2024-03-31T08:00:00Z", Ago::Months(1), "2024-02-29T08:00:00Z"),
            ("2026-05-15T08:00:00Z", Ago::Months(3), "2026-02-15T08:00:00Z"),
            ("2026-01-15T08:00:00Z", Ago::Months(13), "2024-12-15T08:00:00Z"),
            ("2026-03-02T08:00:00Z", Ago::Seconds(7 * 86_400), "2026-02-23T08:00:00Z"),
            ("1970-01-02T00:00:00Z", Ago::Months(1), "-"),
            ("1970-01-02T00:00:00Z", Ago::Seconds(2 * 86_400), "-"),
        ] {
            let latest = Instant::parse(latest, DayMeans::End).expect("a time");
            let shown = ago.before(latest).map_or("-".to_owned(), |at| at.to_string());
            assert_eq!(shown, expected, "{ago:?} before {latest}");
        }
    }
}

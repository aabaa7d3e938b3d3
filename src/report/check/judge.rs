//! The judgments of `check`, with one function for each subject, such as the age of snapshots. Each function
//! records the values that it has looked at, and its findings.

use super::finding::{Bounds, CheckFinding, Severity, instance};
use super::looked::{LookedAt, Measure, percent};
use crate::code::{CheckCode, CheckSubject, WarningCode};
use crate::error::Result;
use crate::ledger::{Ledger, Moment};
use crate::model::{
    Host, Instant, Source, SourceFamily, SourceKind, Standing, contradictory_syncs, failed_syncs,
    successful_syncs, undated_syncs,
};
use crate::people::Confidence;
use crate::report::absent::is_of_absence;
use crate::report::clock;
use crate::report::consumption::Consumption;
use crate::report::server_license::{self, Expiry};
use crate::store::SnapshotFacts;
use crate::table::{agreeing, counted, grouped};

/// What `check` judges (the consumption at an instant and the bounds), and the findings that it has made so
/// far.
pub struct Judge<'a> {
    pub ledger: &'a Ledger<'a>,
    pub moment: &'a Moment<'a>,
    pub consumption: &'a Consumption,
    pub bounds: &'a Bounds,
    /// The instant by which ages and expiries are judged.
    pub judged_at: Instant,
    /// The enterprise that the question is about; `None`: all of them.
    pub only: Option<&'a str>,
    pub findings: Vec<CheckFinding>,
    pub looked_at: Vec<LookedAt>,
}

/// Does the bound that the configuration sets for the source `name` hold for `source`? Letter case does not
/// matter.
fn is_it(source: &Source, family: SourceFamily, name: &str) -> bool {
    source.kind.family() == family && source.name.to_lowercase() == name.to_lowercase()
}

impl Judge<'_> {
    fn find(
        &mut self,
        code: CheckCode,
        severity: Severity,
        message: String,
        source: Option<Source>,
    ) {
        self.findings.push(CheckFinding { code, severity, message, source });
    }

    fn look(
        &mut self,
        what: CheckSubject,
        source: Option<&Source>,
        value: Option<Measure>,
        bound: Option<Measure>,
    ) {
        self.looked_at.push(LookedAt { what, source: source.cloned(), value, bound });
    }

    /// Judges how old the snapshots in force are, those of employee directories included, although a directory
    /// belongs to no enterprise. A source that has a bound of its own but no snapshot in force is a finding
    /// too, because its age is unknown.
    pub fn ages(&mut self) {
        let (moment, bounds, now) = (self.moment, self.bounds, self.judged_at);
        let counting = moment.in_force.iter().copied().filter(|it| moment.counts(&it.source));
        let directories = self.ledger.directories_in_force(moment.at);
        let in_force: Vec<&SnapshotFacts> = counting.chain(directories).collect();
        for snapshot in &in_force {
            let source = &snapshot.source;
            let own = bounds.max_ages.iter().find(|(family, name, _)| is_it(source, *family, name));
            let most = own.map_or(bounds.max_age, |(_, _, most)| *most);
            let age = now.unix() - snapshot.taken_at.unix();
            self.look(
                CheckSubject::Age,
                Some(source),
                Some(Measure::Seconds(age)),
                Some(Measure::Seconds(most)),
            );
            if age > most {
                let message = format!(
                    "the newest snapshot of {source} is too old: it was taken at {}",
                    snapshot.taken_at
                );
                self.find(CheckCode::StaleSource, Severity::Warning, message, Some(source.clone()));
            }
        }
        for (family, name, most) in &bounds.max_ages {
            let is_asked = match family {
                SourceFamily::Directory => true,
                _ => self.only.is_none_or(|only| only.eq_ignore_ascii_case(name)),
            };
            let known = in_force.iter().map(|it| &it.source);
            let known = known.chain(moment.in_force.iter().map(|it| &it.source));
            if !is_asked || { known }.any(|source| is_it(source, *family, name)) {
                continue;
            }
            let kind = match family {
                SourceFamily::Enterprise => SourceKind::Cloud,
                SourceFamily::Instance => SourceKind::Server,
                SourceFamily::Directory => SourceKind::Directory,
            };
            let source = Source { kind, name: name.clone() };
            self.look(CheckSubject::Age, Some(&source), None, Some(Measure::Seconds(*most)));
            let message = format!("no snapshot of {source} is in force, so its age is not known");
            self.find(CheckCode::Unknown, Severity::Error, message, Some(source));
        }
    }

    /// Reports instances that were never synced, and instances whose last sync failed according to the newest
    /// `sync-status` of their enterprise.
    pub fn syncs(&mut self) -> Result<()> {
        for enterprise in &self.moment.enterprises {
            let instances = enterprise.population.instances.iter();
            let there: Vec<(&str, bool)> = instances
                .filter(|it| it.standing != Standing::Absent)
                .map(|it| (&*it.host, it.never_synced))
                .collect();
            for (host, _) in there.iter().filter(|(_, never)| *never) {
                let message =
                    format!("{host} was never synced: GitHub does not count its accounts yet");
                let source = instance(host);
                self.look(CheckSubject::Sync, Some(&source), Some(Measure::Word("never")), None);
                self.find(CheckCode::NeverSynced, Severity::Warning, message, Some(source));
            }
            let status = match &enterprise.name {
                Some(name) => self.ledger.newest_sync_status(name, self.moment.at)?,
                None => None,
            };
            let Some((facts, stated_at)) = status else {
                for (host, _) in there.iter().filter(|(_, never)| !never) {
                    self.look(CheckSubject::Sync, Some(&instance(host)), None, None);
                }
                continue;
            };
            // A finding names an instance by its own host name, even where the sync status has one of its
            // aliases.
            let instance_of = |host: &Host| instance(&self.ledger.host(host.as_str(), stated_at));
            for (host, at) in successful_syncs(&facts) {
                let source = instance_of(&host);
                self.look(CheckSubject::Sync, Some(&source), Some(Measure::At(at)), None);
            }
            for (host, error) in failed_syncs(&facts) {
                let source = instance_of(&host);
                let error = if error.is_empty() { String::new() } else { format!(": {error}") };
                let message = format!("the last sync of {} failed{error}", host.as_str());
                self.look(CheckSubject::Sync, Some(&source), Some(Measure::Word("failed")), None);
                self.find(CheckCode::SyncFailed, Severity::Error, message, Some(source));
            }
            for host in contradictory_syncs(&facts) {
                let source = instance_of(&host);
                let message = format!(
                    "the sync status of {} states success and also an error, so it is not known \
                     whether the last sync succeeded",
                    host.as_str()
                );
                self.find(CheckCode::Unknown, Severity::Notice, message, Some(source));
            }
            for host in undated_syncs(&facts) {
                let source = instance_of(&host);
                let message = format!(
                    "the sync status of {} states no time that can be read, so the time of the last \
                     sync is not known",
                    host.as_str()
                );
                self.look(CheckSubject::Sync, Some(&source), None, None);
                self.find(CheckCode::Unknown, Severity::Notice, message, Some(source));
            }
        }
        Ok(())
    }

    /// Finds a clock that is wrong: the clock of this command may be behind the journal, or the last command
    /// that wrote may have had a wrong clock.
    pub fn clock(&mut self, clock: Instant) -> Result<()> {
        if let Some(message) = clock::wrong_now(self.ledger.store, clock)? {
            self.look(CheckSubject::Clock, None, Some(Measure::At(clock)), None);
            self.find(CheckCode::Clock, Severity::Warning, message, None);
        }
        Ok(())
    }

    /// Judges whether enough of the purchased licenses are left, by the bounds on available licenses and on
    /// their use.
    pub fn licenses(&mut self) {
        let Consumption { consumed, purchased, available, .. } = *self.consumption;
        let (least, most) = (self.bounds.min_available, self.bounds.max_use);
        let used = match purchased {
            Some(bought) if bought > 0 => {
                i64::try_from(i128::from(consumed) * 10_000 / i128::from(bought)).ok()
            }
            _ => None,
        };
        self.look(
            CheckSubject::Available,
            None,
            available.map(Measure::AtLeast),
            least.map(Measure::AtLeast),
        );
        self.look(CheckSubject::Use, None, used.map(Measure::Percent), most.map(Measure::Percent));
        let (Some(purchased), Some(available)) = (purchased, available) else {
            let asked = least.is_some() || most.is_some();
            let severity = if asked { Severity::Error } else { Severity::Notice };
            let message = "no file states how many licenses were purchased, so it is not known \
                           whether there are enough";
            return self.find(CheckCode::Unknown, severity, message.to_owned(), None);
        };
        if available < 0 {
            let message = format!(
                "{}, {} purchased",
                agreeing(consumed, "license", ["is consumed", "are consumed"]),
                if purchased == 1 {
                    "1 is".to_owned()
                } else {
                    format!("{} are", grouped(purchased))
                }
            );
            self.find(CheckCode::OverPurchased, Severity::Error, message, None);
        }
        if let Some(least) = least.filter(|least| available < *least) {
            let message = format!(
                "{}, fewer than {}",
                agreeing(available.unsigned_abs(), "license", ["is available", "are available"]),
                grouped(least)
            );
            self.find(CheckCode::FewAvailable, Severity::Warning, message, None);
        }
        let used = i128::from(consumed) * 10_000;
        if let Some(most) = most.filter(|it| used > i128::from(*it) * i128::from(purchased)) {
            let most = percent(most);
            let message = format!(
                "{} of {} consumed, more than {most}",
                grouped(consumed),
                agreeing(purchased, "license", ["is", "are"])
            );
            self.find(CheckCode::FewAvailable, Severity::Warning, message, None);
        }
    }

    /// Finds licenses of Server instances that have ended.
    pub fn expiries(&mut self) -> Result<()> {
        let (ledger, moment, now) = (self.ledger, self.moment, self.judged_at);
        let instances = moment.enterprises.iter().flat_map(|it| &it.population.instances);
        let there = instances.filter(|it| it.standing != Standing::Absent);
        let mut hosts: Vec<String> = there.map(|it| it.host.to_string()).collect();
        if self.only.is_none() {
            let licensed = ledger.sources.iter().map(|known| &known.source);
            let licensed = licensed.filter(|source| source.kind == SourceKind::ServerLicense);
            hosts.extend(licensed.map(|source| ledger.host(&source.name, moment.at)));
            hosts.retain(|host| !ledger.is_retired_host(host, moment.at));
        }
        hosts.sort_unstable();
        hosts.dedup();
        for host in &hosts {
            let host = host.as_str();
            let source = instance(host);
            let expiry = server_license::expiry(ledger, moment, &source)?;
            let value = match expiry {
                Expiry::Never => Some(Measure::Word("never")),
                Expiry::At(at) => Some(Measure::At(at)),
                Expiry::Unreadable | Expiry::NotStated | Expiry::NotImported => None,
            };
            let bound = matches!(expiry, Expiry::At(_)).then_some(Measure::At(now));
            self.look(CheckSubject::LicenseExpiry, Some(&source), value, bound);
            match expiry {
                Expiry::At(at) if at < now => {
                    let message = format!("the license of {host} ended on {at}");
                    self.find(CheckCode::LicenseExpired, Severity::Error, message, Some(source));
                }
                Expiry::Unreadable => {
                    let message = format!(
                        "the license of {host} states no day of expiry that can be read, so it is not \
                         known when the license ends"
                    );
                    self.find(CheckCode::Unknown, Severity::Notice, message, Some(source));
                }
                Expiry::NotStated => {
                    let message = format!(
                        "the license of {host} states no day of expiry, so its end is not known"
                    );
                    self.find(CheckCode::Unknown, Severity::Notice, message, Some(source));
                }
                Expiry::NotImported | Expiry::At(_) | Expiry::Never => {}
            }
        }
        Ok(())
    }

    /// Judges whether the number of people who take two licenses exceeds a bound.
    pub fn duplicates(&mut self) {
        let counts = self.consumption.duplicates;
        let likely = counts.certain + counts.likely;
        let levels = [
            (Confidence::Certain, CheckSubject::DuplicatesCertain, counts.certain),
            (Confidence::Likely, CheckSubject::DuplicatesLikely, likely),
            (Confidence::Possible, CheckSubject::DuplicatesPossible, likely + counts.possible),
        ];
        let measure = |number: u64| Measure::AtMost(i64::try_from(number).unwrap_or(i64::MAX));
        // If a file lacks a field by which people are matched, a count of 0 means "unknown", not "none".
        let absent = self.consumption.warnings.iter().filter(|it| is_of_absence(it));
        let absent: Vec<&str> = absent.map(|it| it.message.as_str()).collect();
        let mut is_asked = false;
        for (level, what, found) in levels {
            let asked = self.bounds.max_duplicates.iter().filter(|(of, _)| *of == level);
            let most = asked.map(|(_, most)| *most).min();
            let is_known = found > 0 || absent.is_empty();
            self.look(what, None, is_known.then_some(measure(found)), most.map(measure));
            is_asked |= most.is_some_and(|most| found <= most);
            if let Some(most) = most.filter(|most| found > *most) {
                let which = match level {
                    Confidence::Certain => "certain",
                    Confidence::Likely => "certain or likely",
                    Confidence::Possible => "certain, likely or possible",
                };
                let are = if found == 1 { "is" } else { "are" };
                let message = format!(
                    "{} {are} {which}; the bound is {}",
                    counted(found, "duplicate"),
                    grouped(most)
                );
                self.find(CheckCode::Duplicates, Severity::Warning, message, None);
            }
        }
        if !absent.is_empty() {
            let severity = if is_asked { Severity::Error } else { Severity::Notice };
            let message = format!("it is not known who takes two licenses: {}", absent.join("; "));
            self.find(CheckCode::Unknown, severity, message, None);
        }
    }

    /// Reports sources whose snapshot in force is incomplete, sources without a snapshot in force, and
    /// instances of which no file was ever imported.
    pub fn sources(&mut self) {
        let (ledger, moment) = (self.ledger, self.moment);
        let counting = moment.in_force.iter().copied().filter(|it| moment.counts(&it.source));
        for snapshot in counting.chain(ledger.directories_in_force(moment.at)) {
            // Few employee directories state how many entries they have, so `complete` is mostly unknown. A
            // directory counts as incomplete if the user accepted it although it was short.
            let is_short =
                snapshot.source.kind == SourceKind::Directory && snapshot.accepted_short.is_some();
            if snapshot.complete == Some(false) || is_short {
                let source = &snapshot.source;
                let why = snapshot.accepted_short.as_deref().unwrap_or("no reason is known");
                let message = format!(
                    "the snapshot of {source} taken at {} is not complete: {why}",
                    snapshot.taken_at
                );
                self.find(CheckCode::Incomplete, Severity::Warning, message, Some(source.clone()));
            }
        }
        let missing = &self.consumption.sources_missing;
        let number = i64::try_from(missing.len()).unwrap_or(i64::MAX);
        self.look(CheckSubject::SourcesMissing, None, Some(Measure::AtMost(number)), None);
        for source in missing {
            let known = ledger.sources.iter().any(|known| {
                known.source.kind.holds_accounts() && known.source.name == source.name
            });
            let (code, severity, message) = match known {
                true => (
                    CheckCode::Incomplete,
                    Severity::Warning,
                    format!("no snapshot of {source} is in force"),
                ),
                false => (
                    CheckCode::InstanceWithoutFile,
                    Severity::Notice,
                    format!(
                        "no file of {source} was ever imported: only what Cloud rows state about \
                         it counts"
                    ),
                ),
            };
            self.find(code, severity, message, Some(source.clone()));
        }
    }

    /// Turns a warning of `consumption` into a finding, if somebody must act on it.
    pub fn warnings(&mut self) {
        for warning in &self.consumption.warnings {
            let (code, severity) = match warning.code {
                WarningCode::UnassignedInstance => {
                    (CheckCode::UnassignedInstance, Severity::Warning)
                }
                WarningCode::ServerSnapshotOlder => {
                    (CheckCode::ServerSnapshotOlder, Severity::Warning)
                }
                WarningCode::AddressRepeated => (CheckCode::AddressRepeated, Severity::Warning),
                WarningCode::LicenseEnded => (CheckCode::LicenseEnded, Severity::Notice),
                _ => continue,
            };
            self.find(code, severity, warning.message.clone(), warning.source().cloned());
        }
    }
}

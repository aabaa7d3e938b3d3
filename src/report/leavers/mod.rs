//! `oneseat leavers`: every seat against the employee directories in force (directory.md section 3). `looker` finds
//! out by what a seat is looked up, `judge` decides, and the names are read for the seats that are listed.

mod judge;
mod leaver;
mod looker;
mod page;
mod words;

use serde::Serialize;

use super::activity::LastActive;
use super::basis::{Billing, billing};
use super::seat_tables::{MANY, SeatRows, seat_shown};
use crate::beside::both;
use crate::code::WarningCode;
use crate::error::{Error, Result};
use crate::ledger::{Asked, Directories, Enterprise, Ledger, Moment};
use crate::model::{Instant, Source, StoredWords, are_many_gone};
use crate::people::{self, SeatOf};
use crate::table::{agreeing, counted, grouped};
use crate::warning::{Warning, WarningSubject};
use judge::{EntryOf, Judged, SeatJudge, SeatsFound};
use leaver::{Disagreement, EntryNamed, EntrySays, Leaver, LeaverWhy, compare_seats};
use looker::SeatLooker;
use words::ListedSeat;

/// The answer of `oneseat leavers`.
#[derive(Debug, Clone, Serialize)]
pub struct Leavers {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    #[serde(skip)]
    billing: Vec<Billing>,
    directories: Vec<DirectoryInForce>,
    summary: Summary,
    items: Vec<Leaver>,
    disagreements: Vec<Disagreement>,
    warnings: Vec<Warning>,
}

/// A directory by which the seats are judged.
#[derive(Debug, Clone, Serialize)]
struct DirectoryInForce {
    name: String,
    snapshot: i64,
    taken_at: Instant,
    complete: Option<bool>,
    entries: Option<u64>,
}

/// The number of seats for each reason.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Summary {
    left: u64,
    gone: u64,
    unknown: u64,
    ambiguous: u64,
    /// The seats that are not a person's.
    excepted: u64,
    matched: u64,
    /// The licenses of people who have left or are gone.
    licenses: u64,
}

/// From this part of the seats on, in percent, that no directory has, the directories are probably the wrong ones.
const WRONG_LIST: u64 = 40;

/// Answers the command `leavers`. `grace` is the time in seconds during which a person who has left is still
/// matched.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if nothing, or no directory, is in force at the as-of instant; also if the
/// database cannot be read.
pub fn leavers(ledger: &Ledger<'_>, asked: &Asked, grace: i64) -> Result<Leavers> {
    let at = ledger.asked(asked)?;
    let Some(directories) = ledger.directories_with_history(at)? else {
        return Err(Error::nothing(format!("no employee directory is in force at {at}"))
            .hint("import one: `oneseat import FILE --directory NAME`"));
    };
    let moment = ledger.moment(at, asked.enterprise.as_deref())?;
    let judge = SeatJudge::new(ledger, &directories, at, grace)?;
    let mut told = Told::default();
    for enterprise in &moment.enterprises {
        told.add(ledger, &directories, &judge, enterprise, &moment)?;
    }
    told.items.sort_by(Leaver::compare);
    told.disagreements.sort_by(|a, b| compare_seats(&a.seat, &b.seat));
    let counted = told.counts.summary;
    let summary = Summary { licenses: counted.left + counted.gone, ..counted };
    let in_force = directories.all.iter().map(|directory| DirectoryInForce {
        name: directory.snapshot.source.name.clone(),
        snapshot: directory.snapshot.id,
        taken_at: directory.snapshot.taken_at,
        complete: directory.snapshot.complete,
        entries: directory.snapshot.accounts,
    });
    Ok(Leavers {
        schema: "oneseat.leavers/1",
        as_of: at,
        known_on: ledger.known_on,
        billing: billing(&moment),
        directories: in_force.collect(),
        summary,
        warnings: told.warnings(&judge),
        items: told.items,
        disagreements: told.disagreements,
    })
}

impl Leavers {
    /// The warnings that cast doubt on the whole answer, as sentences. Rows alone do not state them.
    pub fn doubts(&self) -> impl Iterator<Item = &str> {
        let doubts = self.warnings.iter().filter(|it| is_first(it.code));
        doubts.map(|it| it.message.as_str())
    }

    /// The number of licenses of people who have left or are gone.
    pub fn licenses(&self) -> u64 {
        self.summary.licenses
    }
}

/// What is found out about the seats of one enterprise after another.
#[derive(Default)]
struct Told {
    counts: Counts,
    items: Vec<Leaver>,
    disagreements: Vec<Disagreement>,
}

/// The numbers of seats.
#[derive(Default)]
struct Counts {
    summary: Summary,
    found: SeatsFound,
    /// The number of items whose entry is active although the person has left.
    active_after_left: u64,
    /// The number of seats that are matched by an entry that does not say.
    not_stated: u64,
}

/// Some seats that were judged: their numbers, and those that are listed, each with whether it has an address.
#[derive(Default)]
struct JudgedSeats {
    counts: Counts,
    listed: Vec<(SeatOf, Judged, bool)>,
}

impl JudgedSeats {
    fn of(
        looker: &SeatLooker<'_>,
        judge: &SeatJudge<'_, '_>,
        seats: &[SeatOf],
        words: &dyn StoredWords,
    ) -> JudgedSeats {
        let JudgedSeats { mut counts, mut listed } = JudgedSeats::default();
        for seat in seats {
            let Some(look) = looker.look(seat, words) else {
                counts.summary.excepted += 1;
                continue;
            };
            let judged = judge.judge(&look, &mut counts.found);
            counts.count(&judged);
            if judged.why.is_some() || !judged.disagreement.is_empty() {
                listed.push((seat.clone(), judged, !look.addresses.is_empty()));
            }
        }
        JudgedSeats { counts, listed }
    }
}

impl Counts {
    fn count(&mut self, judged: &Judged) {
        let count = match judged.why {
            Some(LeaverWhy::Left) => &mut self.summary.left,
            Some(LeaverWhy::Gone) => &mut self.summary.gone,
            Some(LeaverWhy::Unknown) => &mut self.summary.unknown,
            Some(LeaverWhy::Ambiguous) => &mut self.summary.ambiguous,
            None => &mut self.summary.matched,
        };
        *count += 1;
        self.active_after_left += u64::from(judged.is_active_after_left);
        self.not_stated += u64::from(judged.is_not_stated);
    }

    /// Adds the numbers of other seats.
    fn add(&mut self, other: &Counts) {
        let Summary { left, gone, unknown, ambiguous, excepted, matched, licenses } = other.summary;
        let own = &mut self.summary;
        own.left += left;
        own.gone += gone;
        own.unknown += unknown;
        own.ambiguous += ambiguous;
        own.excepted += excepted;
        own.matched += matched;
        own.licenses += licenses;
        self.found.add(&other.found);
        self.active_after_left += other.active_after_left;
        self.not_stated += other.not_stated;
    }
}

impl Told {
    /// Judges the seats of an enterprise, and reads the names of those that are listed.
    fn add<'l>(
        &mut self,
        ledger: &'l Ledger<'_>,
        directories: &Directories<'_>,
        judge: &SeatJudge<'_, 'l>,
        enterprise: &Enterprise<'_>,
        moment: &Moment<'_>,
    ) -> Result<()> {
        let seats = people::seats(&enterprise.population, &enterprise.matching);
        let looker = SeatLooker::new(ledger, directories, enterprise, &seats, moment.at)?;
        let (some, others) = seats.split_at(seats.len() / 2);
        let halves = ledger.store.with_words(enterprise.population.all_keys(), |words| {
            let of = |seats| JudgedSeats::of(&looker, judge, seats, words);
            let (second, first) = both(seats.len(), || of(others), || of(some));
            Ok([first, second])
        })?;
        for half in halves {
            self.counts.add(&half.counts);
            for some in half.listed.chunks(MANY) {
                self.list(ledger, judge, enterprise, some, moment.at)?;
            }
        }
        Ok(())
    }

    /// Adds the items and the disagreements of some seats.
    fn list(
        &mut self,
        ledger: &Ledger<'_>,
        judge: &SeatJudge<'_, '_>,
        enterprise: &Enterprise<'_>,
        listed: &[(SeatOf, Judged, bool)],
        at: Instant,
    ) -> Result<()> {
        let seats: Vec<SeatOf> = listed.iter().map(|(seat, _, _)| seat.clone()).collect();
        let rows = SeatRows::of(ledger, enterprise, &seats)?;
        let activity = LastActive::of(ledger, enterprise, &seats)?;
        let name = |it: &EntryOf| entry_named(ledger, judge, *it);
        for (seat, judged, has_address) in listed {
            let shown = seat_shown(&rows, seat);
            if !judged.disagreement.is_empty() {
                let entries = judged.disagreement.iter();
                let entries = entries
                    .map(|(entry, says)| Ok(EntrySays { entry: name(entry)?, says }))
                    .collect::<Result<_>>()?;
                self.disagreements.push(Disagreement { seat: shown.id.clone(), entries });
            }
            let Some(why) = judged.why else { continue };
            let population = &enterprise.population;
            let fix = ListedSeat {
                shown: &shown,
                why,
                never_active: why == LeaverWhy::Left && judged.left_at.is_none(),
                row: seat.row.map(|row| population.cloud[row].row),
                billing: population.billing,
                enterprise: enterprise.name.as_deref(),
                ambiguous_in: judged.ambiguous_in.map(|it| judge.snapshot(it).source.name.as_str()),
                has_address: *has_address,
            }
            .fix();
            self.items.push(Leaver {
                why,
                left_at: judged.left_at,
                days: judged.left_at.map(|left| (at.unix() - left.unix()).div_euclid(86_400)),
                seat: shown.id,
                kind: shown.kind,
                login: shown.login,
                name: shown.name,
                accounts: shown.accounts,
                entry: judged.entry.as_ref().map(name).transpose()?,
                last_active: activity.of_seat(enterprise, seat),
                cost: None,
                fix,
            });
        }
        Ok(())
    }

    /// The warnings about the answer.
    fn warnings(&self, judge: &SeatJudge<'_, '_>) -> Vec<Warning> {
        let warning = |code, message, about| Warning { code, message, about };
        let about = |source: &Source| Some(WarningSubject::Source(source.clone()));
        let mut warnings = Vec::new();
        for history in judge.histories() {
            let snapshot = history.directory.snapshot;
            let Some((missing, before)) = history.missing_since_last() else { continue };
            if are_many_gone(missing, before) {
                let message = format!(
                    "{} of the {} people in the list of {} before are missing from the list of {}",
                    grouped(missing),
                    grouped(before),
                    snapshot.source.name,
                    snapshot.taken_at
                );
                warnings.push(warning(WarningCode::ManyGone, message, about(&snapshot.source)));
            }
        }
        let Counts { found, active_after_left, not_stated, .. } = &self.counts;
        let (active_after_left, not_stated, seats) = (*active_after_left, *not_stated, found.seats);
        if seats > 0 && found.nowhere * 100 >= seats * WRONG_LIST {
            let told = agreeing(found.nowhere, "seat", ["is", "are"]);
            let message = format!(
                "probably the wrong list: {told} found in no directory, of {}",
                grouped(seats)
            );
            warnings.push(warning(WarningCode::DirectoryMatchLow, message, None));
        } else if seats > 0 {
            for (found, history) in found.by_directory.iter().zip(judge.histories()) {
                let source = &history.directory.snapshot.source;
                if *found == 0 {
                    let message =
                        format!("probably the wrong list: no seat is found in {}", source.name);
                    warnings.push(warning(WarningCode::DirectoryMatchLow, message, about(source)));
                }
            }
        }
        let never_active = self.items.iter().filter(|it| it.was_never_active()).count() as u64;
        if never_active > 0 {
            let message = format!(
                "{} an entry that was never seen active, and may be a shared mailbox: ask whose \
                 it is",
                agreeing(never_active, "seat", ["has", "have"])
            );
            warnings.push(warning(WarningCode::NeverSeenActive, message, None));
        }
        if active_after_left > 0 {
            let message = format!(
                "{} an entry that is active although the date of leaving is past; counted as left, \
                 unless the list states a later date of hire",
                agreeing(active_after_left, "seat", ["has", "have"])
            );
            warnings.push(warning(WarningCode::ActiveAfterLeft, message, None));
        }
        if not_stated > 0 {
            let message = format!(
                "the entries of {} do not state whether the person is active; counted as matched",
                counted(not_stated, "seat")
            );
            warnings.push(warning(WarningCode::ActiveNotStated, message, None));
        }
        warnings
    }
}

/// Does a warning stand in the first line? It then casts doubt on the whole answer.
fn is_first(code: WarningCode) -> bool {
    matches!(code, WarningCode::ManyGone | WarningCode::DirectoryMatchLow)
}

/// The directory and the id of an entry. The newest state of the entry whose details are known states the id.
fn entry_named(
    ledger: &Ledger<'_>,
    judge: &SeatJudge<'_, '_>,
    EntryOf { directory, entry }: EntryOf,
) -> Result<EntryNamed> {
    let history = &judge.histories()[directory];
    let state_of = |it| history.directory.entries.entries[it].state;
    let details_of = |it| ledger.store.entry_details(state_of(it), ledger.known);
    let mut id = details_of(entry)?.map(|details| details.id);
    if id.is_none() {
        for other in history.all_of(entry).iter().rev() {
            id = details_of(*other)?.map(|details| details.id);
            if id.is_some() {
                break;
            }
        }
    }
    Ok(EntryNamed { directory: judge.snapshot(directory).source.name.clone(), id })
}

//! Compares clocks with the times in the journal (counting.md section 8). The order of the journal's lines
//! decides what was known when. A wrong clock therefore changes nothing that was known earlier, but it is
//! reported.

use crate::error::Result;
use crate::model::{Instant, length_of_time};
use crate::store::{LATE, Store};
use crate::table::counted;

/// A sentence about a clock that is more than an hour behind the newest time in the journal. `None` for any
/// other clock.
///
/// # Errors
/// If the database cannot be read.
pub fn slow_clock(store: &Store, clock: Instant) -> Result<Option<String>> {
    let times = store.times()?;
    let told = times.and_then(|times| {
        let behind = length_of_time(times.behind(clock)?);
        Some(format!(
            "the clock is behind the journal by {behind}: what is written now counts as known from \
             {} on",
            times.greatest
        ))
    });
    Ok(told)
}

/// A sentence about a clock that disagrees with the journal: the clock of this command, or the clock of the
/// last command that wrote.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn wrong_now(store: &Store, clock: Instant) -> Result<Option<String>> {
    let Some(times) = store.times()? else { return Ok(None) };
    if times.greatest > clock {
        return Ok(Some(format!(
            "the clock is at {clock}, and the journal has a line of {}: one of the two clocks is, or \
             was, wrong",
            times.greatest
        )));
    }
    Ok(times.behind(times.newest).map(|behind| {
        format!(
            "the clock of the command that wrote last was behind the journal by {}: what it wrote \
             counts as known from {} on",
            length_of_time(behind),
            times.greatest
        )
    }))
}

/// A sentence about the lines of the journal whose time is after this command's clock, if there are any.
pub(super) fn lines_ahead(times: &[Instant], clock: Instant) -> Option<String> {
    let mut ahead = (1..).zip(times).filter(|(_, at)| **at > clock);
    let (line, at) = ahead.next()?;
    let more = match ahead.count() {
        0 => String::new(),
        1 => ", and 1 more line is after it".to_owned(),
        more => format!(", and {more} more lines are after it"),
    };
    Some(format!(
        "journal: line {line} is of {at}, after the clock, which is at {clock}{more}: one of the \
         two clocks is, or was, wrong"
    ))
}

/// A sentence about the lines of the journal whose time is more than an hour before that of an earlier line,
/// if there are any.
pub(super) fn lines_behind(times: &[Instant]) -> Option<String> {
    let greatest = times.iter().scan(Instant::default(), |greatest, at| {
        *greatest = (*greatest).max(*at);
        Some(*greatest)
    });
    let mut behind = (1..).zip(times.iter().zip(greatest)).filter_map(|(line, (at, greatest))| {
        let behind = greatest.unix() - at.unix();
        (behind > LATE).then_some((line, behind, greatest))
    });
    let (line, by, greatest): (i64, i64, Instant) = behind.next()?;
    let more = match behind.count() {
        0 => String::new(),
        more => format!(" (and {} likewise)", counted(more as u64, "more line")),
    };
    Some(format!(
        "the clock that wrote line {line} of the journal was behind by {}: the line counts as known \
         from {greatest} on{more}",
        length_of_time(by)
    ))
}

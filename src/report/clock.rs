//! Compares clocks with the times in the journal (counting.md section 8). The order of the lines in the
//! journal decides at which time each declaration or import counts as known. A wrong clock therefore never
//! changes what was known earlier. Commands still report a wrong clock.

use crate::error::Result;
use crate::model::{Instant, length_of_time};
use crate::store::{LATE, Store};
use crate::table::counted;

/// A sentence about a clock that is more than an hour behind the newest time in the journal. `None` if the
/// clock is not that far behind.
///
/// # Errors
/// If the database cannot be read.
pub fn slow_clock(store: &Store, clock: Instant) -> Result<Option<String>> {
    let times = store.times()?;
    let told = times.and_then(|times| {
        let behind = length_of_time(times.behind(clock)?);
        Some(format!(
            "the clock is behind the journal by {behind}: what is written now counts as known from \
             {} on, the newest time in the journal",
            times.greatest
        ))
    });
    Ok(told)
}

/// A sentence about a clock that disagrees with the journal. It may be the clock of this command, or the clock
/// that the last writing command had. `None` if no clock is wrong.
/// last command that wrote.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn wrong_now(store: &Store, clock: Instant) -> Result<Option<String>> {
    let Some(times) = store.times()? else { return Ok(None) };
    if times.greatest > clock {
        return Ok(Some(format!(
            "the clock is at {clock}, but the journal has a line dated {}: this clock is wrong, or \
             the clock that wrote the line was",
            times.greatest
        )));
    }
    Ok(times.behind(times.newest).map(|behind| {
        format!(
            "the clock of the command that wrote last was behind the journal by {}: what that command \
             wrote counts as known from {} on",
            length_of_time(behind),
            times.greatest
        )
    }))
}

/// A sentence about the lines of the journal that are dated after `clock`, the present time; `None` if there
/// are none.
pub(super) fn lines_ahead(times: &[Instant], clock: Instant) -> Option<String> {
    let mut ahead = (1..).zip(times).filter(|(_, at)| **at > clock);
    let (line, at) = ahead.next()?;
    let more = match ahead.count() {
        0 => String::new(),
        1 => " (1 more line is dated after the clock)".to_owned(),
        more => format!(" ({more} more lines are dated after the clock)"),
    };
    Some(format!(
        "journal: line {line} is dated {at}, but the clock is at {clock}{more}: this clock is \
         wrong, or the clock that wrote the line was"
    ))
}

/// A sentence about the lines of the journal that are dated more than an hour before an earlier line; `None` if
/// there are none.
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
        more => format!(" (the same is true of {})", counted(more as u64, "more line")),
    };
    Some(format!(
        "the clock that wrote line {line} of the journal was behind by {}: the line counts as known \
         from {greatest} on{more}",
        length_of_time(by)
    ))
}

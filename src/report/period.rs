//! Calendar periods in UTC, such as months. They follow each other without gaps.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};

use crate::error::{Error, Result};
use crate::model::Instant;
use crate::table::grouped;

/// The largest number of periods in an answer: 100,000 days are more than two centuries. Without a limit, a
/// snapshot with a wrong date in the year 9999 would make millions of periods.
const MOST: usize = 100_000;

/// The period that one point or one line of an answer covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// No calendar period: the answer has one point for each instant at which a snapshot was taken.
    #[default]
    Snapshot,
    /// A UTC day.
    Day,
    /// A UTC week, which begins on Monday.
    Week,
    /// A UTC month.
    Month,
    /// A UTC quarter.
    Quarter,
    /// A UTC calendar year.
    Year,
}

impl By {
    /// Every value of `By`: first single snapshots, then the calendar periods from the shortest to the longest.
    pub const ALL: [By; 6] = [By::Snapshot, By::Day, By::Week, By::Month, By::Quarter, By::Year];

    /// The calendar periods, from the shortest (a day) to the longest (a year).
    pub const PERIODS: [By; 5] = [By::Day, By::Week, By::Month, By::Quarter, By::Year];

    /// The name of the period on the command line and in answers, such as `month`.
    pub fn name(self) -> &'static str {
        match self {
            By::Snapshot => "snapshot",
            By::Day => "day",
            By::Week => "week",
            By::Month => "month",
            By::Quarter => "quarter",
            By::Year => "year",
        }
    }

    /// The first day of the period that contains `day`, and the first day of the next period.
    fn period(self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let first_of_month = |month| NaiveDate::from_ymd_opt(day.year(), month, 1);
        let (first, months) = match self {
            By::Snapshot | By::Day => return Some((day, day.succ_opt()?)),
            By::Week => {
                let into_week = u64::from(day.weekday().num_days_from_monday());
                let monday = day.checked_sub_days(Days::new(into_week))?;
                return Some((monday, monday.checked_add_days(Days::new(7))?));
            }
            By::Month => (first_of_month(day.month())?, 1),
            By::Quarter => (first_of_month((day.month0() / 3) * 3 + 1)?, 3),
            By::Year => (first_of_month(1)?, 12),
        };
        Some((first, first.checked_add_months(Months::new(months))?))
    }
}

/// The first and the last second of the period that contains the instant `at`.
pub(super) fn period_of(by: By, at: Instant) -> Option<(Instant, Instant)> {
    if by == By::Snapshot {
        return Some((at, at));
    }
    let day = DateTime::from_timestamp(at.unix(), 0)?.date_naive();
    let (first, next) = by.period(day)?;
    let midnight = |day: NaiveDate| Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp());
    // The first week of 1970 begins in 1969, which is before the first possible `Instant`.
    let start = Instant::from_unix(midnight(first)?.max(0))?;
    Some((start, Instant::from_unix(midnight(next)? - 1)?))
}

/// The periods from the one that contains `from` to the one that contains `to`, each with its first and its
/// last second.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if there are more than `MOST` periods.
pub(super) fn periods(by: By, from: Instant, to: Instant) -> Result<Vec<(Instant, Instant)>> {
    let mut periods = Vec::new();
    let mut period = period_of(by, from);
    while let Some((start, end)) = period.filter(|(start, _)| *start <= to) {
        if periods.len() == MOST {
            let (by, most) = (by.name(), grouped(MOST as u64));
            return Err(Error::usage(format!(
                "there are more than {most} periods, one for each {by}, from {from} to {to}"
            ))
            .hint("begin later with --from, or choose longer periods, such as months")
            .hint("`oneseat snapshots` lists when each snapshot was taken"));
        }
        periods.push((start, end));
        period = period_of(by, end.plus_seconds(1)).filter(|(next, _)| *next > start);
    }
    Ok(periods)
}

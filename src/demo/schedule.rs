//! The calendar of the demo's history: the date of each day, the snapshot days, and the day on which an instance
//! joins.
//!
//! A date outside the calendar is an error. This file must not know about people or formats.

use std::io;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::account::{Day, DemoInstance};

/// How many days pass before the employee directories are exported again.
const DAYS_PER_DIRECTORY: Day = 28;

/// The calendar of the demo: its first day, its length, and the days between two snapshots.
pub struct Schedule {
    start: NaiveDate,
    pub days: Day,
    every: Day,
}

/// A day on which snapshots are taken, with the day of the last license sync before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotDay {
    pub day: Day,
    /// The day of the last license sync. GitHub knows the Server accounts as they were on it. It is the day of
    /// the previous snapshots, if there were any.
    pub synced: Day,
}

impl Schedule {
    /// A history of `days` days (at least one) that ends on `end`, with a snapshot every `every` days.
    pub fn new(end: NaiveDate, days: u32, every: u32) -> io::Result<Self> {
        let days = Day::from(days.max(1));
        let start = TimeDelta::try_days(days - 1)
            .and_then(|length| end.checked_sub_signed(length))
            .ok_or_else(|| outside_calendar(end))?;
        Ok(Schedule { start, days, every: Day::from(every.max(1)) })
    }

    /// The days on which snapshots are taken, in order. The last one is the last day of the history.
    pub fn snapshot_days(&self) -> impl Iterator<Item = SnapshotDay> {
        let (every, first) = (self.every, (self.days - 1) % self.every);
        let count = (self.days - 1) / every + 1;
        (0..count).map(move |number| SnapshotDay {
            day: first + number * every,
            synced: first + (number - 1).max(0) * every,
        })
    }

    /// The last day of the history. Snapshots are taken on it.
    pub fn last_day(&self) -> Day {
        self.days - 1
    }

    /// The days on which the employee directories are exported too: the last snapshot day, and earlier ones
    /// about every four weeks.
    pub fn directory_days(&self) -> impl Iterator<Item = SnapshotDay> {
        let count = (self.days - 1) / self.every + 1;
        let step = (DAYS_PER_DIRECTORY + self.every - 1) / self.every;
        let from_last = move |number: Day| (count - 1 - number).rem_euclid(step) == 0;
        (0..count).zip(self.snapshot_days()).filter(move |(it, _)| from_last(*it)).map(|it| it.1)
    }

    /// Whether `instance` is connected to the enterprise on `day`, so that it has snapshots. The instance of
    /// the acquired company joins after a third of the history. If the history has only one snapshot day, every
    /// instance is connected.
    pub fn is_connected(&self, instance: DemoInstance, day: Day) -> bool {
        let last_day = self.days - 1;
        instance != DemoInstance::Ghes3 || day >= self.days / 3 || last_day < self.every
    }

    /// The instant `second` seconds after midnight UTC on `day`.
    pub fn second_of(&self, day: Day, second: u64) -> io::Result<DateTime<Utc>> {
        let midnight = self.start.and_time(NaiveTime::MIN).and_utc();
        i64::try_from(second)
            .ok()
            .and_then(|second| {
                TimeDelta::try_seconds(day.checked_mul(86_400)?.checked_add(second)?)
            })
            .and_then(|offset| midnight.checked_add_signed(offset))
            .ok_or_else(|| outside_calendar(self.start))
    }
}

fn outside_calendar(date: NaiveDate) -> io::Error {
    let message = format!("the demo's days around {date} are outside the calendar");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days_of(days: u32, every: u32) -> io::Result<Vec<Day>> {
        let schedule = Schedule::new(NaiveDate::default(), days, every)?;
        Ok(schedule.snapshot_days().map(|snapshot| snapshot.day).collect())
    }

    #[test]
    fn the_last_snapshot_is_on_the_last_day() -> io::Result<()> {
        assert_eq!(days_of(1, 1)?, [0]);
        assert_eq!(days_of(0, 0)?, [0]);
        assert_eq!(days_of(15, 7)?, [0, 7, 14]);
        assert_eq!(days_of(16, 7)?, [1, 8, 15]);
        assert_eq!(days_of(5, 10)?, [4]);
        Ok(())
    }

    #[test]
    fn directories_are_exported_every_four_weeks_until_the_last_day() -> io::Result<()> {
        let days_of = |days: u32, every: u32| -> io::Result<Vec<Day>> {
            let schedule = Schedule::new(NaiveDate::default(), days, every)?;
            Ok(schedule.directory_days().map(|snapshot| snapshot.day).collect())
        };
        assert_eq!(days_of(1, 1)?, [0]);
        assert_eq!(days_of(64, 7)?, [7, 35, 63]);
        assert_eq!(days_of(58, 1)?, [1, 29, 57]);
        assert_eq!(days_of(91, 30)?, [0, 30, 60, 90]);
        Ok(())
    }

    #[test]
    fn github_has_seen_the_snapshot_before() -> io::Result<()> {
        let schedule = Schedule::new(NaiveDate::default(), 9, 4)?;
        let synced: Vec<Day> = schedule.snapshot_days().map(|snapshot| snapshot.synced).collect();
        assert_eq!(synced, [0, 0, 4]);
        Ok(())
    }

    #[test]
    fn the_third_instance_joins_late_unless_there_is_one_snapshot() -> io::Result<()> {
        let long = Schedule::new(NaiveDate::default(), 90, 7)?;
        assert!(!long.is_connected(DemoInstance::Ghes3, 29));
        assert!(long.is_connected(DemoInstance::Ghes3, 30));
        assert!(long.is_connected(DemoInstance::Ghes1, 0));
        let single = Schedule::new(NaiveDate::default(), 1, 1)?;
        assert!(single.is_connected(DemoInstance::Ghes3, 0));
        Ok(())
    }

    #[test]
    fn a_window_outside_the_calendar_is_an_error() {
        assert!(Schedule::new(NaiveDate::MIN, 2, 1).is_err());
    }
}

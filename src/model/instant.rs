//! Instants in whole seconds UTC, and the forms in which answers and options write them (interface.md section
//! 1, "Time").

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat};

/// A point in time: whole seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(i64);

/// A length of time before an instant, such as `7d` (seven days ago).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ago {
    /// A number of seconds before the instant.
    Seconds(i64),
    /// A number of months: the same day of an earlier month, or the last day of that month if the month is
    /// shorter.
    Months(u32),
}

impl Ago {
    /// Reads a length of time such as `7d`, `2w` or `3m` (days, weeks, months).
    pub fn parse(text: &str) -> Option<Ago> {
        let (unit_at, unit) = text.trim().char_indices().next_back()?;
        let number = &text.trim()[..unit_at];
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: u32 = number.parse().ok()?;
        match unit {
            'd' => Some(Ago::Seconds(i64::from(number) * 86_400)),
            'w' => Some(Ago::Seconds(i64::from(number) * 7 * 86_400)),
            'm' => Some(Ago::Months(number)),
            _ => None,
        }
    }
}

/// Whether a date without a time of day means the end or the start of that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayMeans {
    /// 23:59:59Z of that day, for an instant that an answer is about.
    End,
    /// 00:00:00Z of that day, for the start of a span or the time of a snapshot.
    Start,
}

/// The last second of the year 9999.
const LATEST: i64 = 253_402_300_799;

impl Instant {
    /// The last supported instant: the last second of the year 9999.
    pub const LAST: Instant = Instant(LATEST);

    /// The instant at a number of seconds since 1970-01-01T00:00:00Z; `None` before 1970 and after 9999.
    pub fn from_unix(seconds: i64) -> Option<Instant> {
        (0..=LATEST).contains(&seconds).then_some(Instant(seconds))
    }

    /// The number of seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 time, or a date alone. `day` states whether a date alone means its beginning or its
    /// end. Fractions of a second are cut off.
    pub fn parse(text: &str, day: DayMeans) -> Option<Instant> {
        let text = text.trim();
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            let (hour, minute, second) = match day {
                DayMeans::End => (23, 59, 59),
                DayMeans::Start => (0, 0, 0),
            };
            let time = date.and_hms_opt(hour, minute, second)?;
            return Instant::from_unix(time.and_utc().timestamp());
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Instant::from_unix(time.timestamp());
        }
        None
    }

    /// Reads a time from GitHub's answers: RFC 3339, `2016/02/06 12:41:52 -0600` (formats.md section 6), or a
    /// similar form. A time without a zone, or with `UTC`, is in UTC.
    pub fn parse_answer(text: &str) -> Option<Instant> {
        let text = text.trim();
        if let Some(instant) = Instant::parse(text, DayMeans::Start) {
            return Some(instant);
        }
        let text = text.strip_suffix("UTC").unwrap_or(text).trim_end();
        let text = text.replace('/', "-").replacen(['T', 't'], " ", 1);
        for form in ["%Y-%m-%d %H:%M:%S%.f %z", "%Y-%m-%d %H:%M:%S%.f%z"] {
            if let Ok(time) = DateTime::parse_from_str(&text, form) {
                return Instant::from_unix(time.timestamp());
            }
        }
        let time = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
        instant_of(time)
    }

    /// The UTC day of this instant.
    pub fn day(self) -> Option<NaiveDate> {
        DateTime::from_timestamp(self.0, 0).map(|time| time.date_naive())
    }

    /// This instant plus a number of seconds, clamped to the years 1970 to 9999.
    pub fn plus_seconds(self, seconds: i64) -> Instant {
        Instant(self.0.saturating_add(seconds).clamp(0, LATEST))
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match DateTime::from_timestamp(self.0, 0) {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::Secs, true)),
            None => write!(f, "{}", self.0),
        }
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn instant_of(time: NaiveDateTime) -> Option<Instant> {
    Instant::from_unix(time.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(instant: Option<Instant>) -> String {
        instant.map_or("-".into(), |instant| instant.to_string())
    }

    #[test]
    fn lengths_of_time() {
        for (text, expected) in [
            ("7d", Some(Ago::Seconds(604_800))),
            (" 2w ", Some(Ago::Seconds(1_209_600))),
            ("3m", Some(Ago::Months(3))),
            ("0d", Some(Ago::Seconds(0))),
            ("d", None),
            ("-7d", None),
            ("7", None),
            ("7h", None),
            ("7é", None),
            ("99999999999d", None),
            ("", None),
        ] {
            assert_eq!(Ago::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_date_alone_is_its_end_or_its_start() {
        assert_eq!(shown(Instant::parse("2026-03-02", DayMeans::End)), "2026-03-02T23:59:59Z");
        assert_eq!(shown(Instant::parse("2026-03-02", DayMeans::Start)), "2026-03-02T00:00:00Z");
        assert_eq!(
            shown(Instant::parse("2026-03-02T10:00:00.999+02:00", DayMeans::End)),
            "2026-03-02T08:00:00Z"
        );
        assert_eq!(shown(Instant::parse("1969-12-31", DayMeans::Start)), "-");
        assert_eq!(shown(Instant::parse("tomorrow", DayMeans::Start)), "-");
    }

    #[test]
    fn times_in_answers() {
        for (text, expected) in [
            ("2016/02/06 12:41:52 -0600", "2016-02-06T18:41:52Z"),
            ("2021-02-28T23:59:59.000-08:00", "2021-03-01T07:59:59Z"),
            ("2021-02-28T23:59:59-08:00", "2021-03-01T07:59:59Z"),
            ("2021-03-01T07:59:59Z", "2021-03-01T07:59:59Z"),
            ("2021-03-01T07:59:59.999Z", "2021-03-01T07:59:59Z"),
            ("2021-03-01 07:59:59 UTC", "2021-03-01T07:59:59Z"),
            ("2021-03-01", "2021-03-01T00:00:00Z"),
            ("soon", "-"),
        ] {
            assert_eq!(shown(Instant::parse_answer(text)), expected, "{text}");
        }
    }
}

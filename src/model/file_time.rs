//! Reads times from the names of files (interface.md section 2, "Time"; formats.md section 8, "Times in
//! names"). A time in a name counts only if it can mean exactly one instant.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};

use super::Instant;

/// The result of looking for a time in a file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeInName {
    /// The name has exactly one time.
    At(Instant),
    /// The name has a time that may mean more than one instant. The text states why oneseat does not use it.
    Unsure(&'static str),
    /// The name has no time.
    Silent,
}

// The reasons why oneseat does not use a time in the name of a file.
const TWO_TIMES: &str = "its name has two different times";
const NO_DAY: &str = "the date in its name is not a year, month and day in this order";
const NO_TIME: &str = "the time in its name is not a time of day";

impl TimeInName {
    /// The time in the name of a file.
    pub fn of(name: &str) -> TimeInName {
        let (bytes, mut at, mut all) = (name.as_bytes(), 0, Vec::new());
        while at < bytes.len() {
            let run = digits(bytes, at);
            if run == 0 {
                at += 1;
                continue;
            }
            match found_at(bytes, at) {
                Some((found, end)) => {
                    all.push(found);
                    at = end;
                }
                None => at += run,
            }
        }
        together(&all)
    }

    /// Does a text begin with a time, even if that time is ambiguous?
    pub fn begins(text: &str) -> bool {
        found_at(text.as_bytes(), 0).is_some()
    }
}

/// One date or time in a name, as precise as the name states it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TimeMatch {
    /// A time that is exact to the second or to the minute.
    Exact(Instant),
    /// A day, if no time of day follows it in the name.
    Day(NaiveDate),
    /// An ambiguous date: one range of days for each possible meaning of the text. An empty list means that it
    /// may be any day.
    Loose(Vec<(NaiveDate, NaiveDate)>),
    /// A day with digits after it that are not a valid time of day.
    NoTime,
}

/// Combines all dates and times of a name into one result. A day agrees with an exact time on that day.
fn together(all: &[TimeMatch]) -> TimeInName {
    if all.contains(&TimeMatch::NoTime) {
        return TimeInName::Unsure(NO_TIME);
    }
    let mut exact = all.iter().filter_map(|found| match found {
        TimeMatch::Exact(instant) => Some(*instant),
        _ => None,
    });
    let mut days = all.iter().filter_map(|found| match found {
        TimeMatch::Day(day) => Some(*day),
        TimeMatch::Exact(instant) => instant.day(),
        TimeMatch::Loose(_) | TimeMatch::NoTime => None,
    });
    let (Some(day), first) = (days.next(), exact.next()) else {
        return if all.is_empty() { TimeInName::Silent } else { TimeInName::Unsure(NO_DAY) };
    };
    if days.any(|other| other != day) || exact.any(|other| Some(other) != first) {
        return TimeInName::Unsure(TWO_TIMES);
    }
    for found in all {
        match found {
            TimeMatch::Loose(spans) if spans.is_empty() => return TimeInName::Unsure(NO_DAY),
            TimeMatch::Loose(spans)
                if !spans.iter().any(|(from, to)| (*from..=*to).contains(&day)) =>
            {
                return TimeInName::Unsure(TWO_TIMES);
            }
            _ => {}
        }
    }
    match first.or_else(|| instant(day, NaiveTime::MIN, 0)) {
        Some(instant) => TimeInName::At(instant),
        None => TimeInName::Silent,
    }
}

/// The date or time that begins at a run of digits, and the position after its end.
fn found_at(bytes: &[u8], at: usize) -> Option<(TimeMatch, usize)> {
    if let Some(found) = day_first(bytes, at) {
        return Some(found);
    }
    let run = digits(bytes, at);
    match run {
        10 | 13 => {
            let seconds = number(bytes, at, 10)?;
            Some((TimeMatch::Exact(Instant::from_unix(seconds.into())?), at + run))
        }
        12 | 14 | 17 => {
            let day = date(bytes, [(at, 4), (at + 4, 2), (at + 6, 2)])?;
            let second = if run == 12 { 0 } else { number(bytes, at + 12, 2)? };
            let time = time([number(bytes, at + 8, 2)?, number(bytes, at + 10, 2)?, second])?;
            Some(with_zone(bytes, at + run, day, time, false))
        }
        8 => {
            let day = date(bytes, [(at, 4), (at + 4, 2), (at + 6, 2)])?;
            Some(with_time(bytes, at + 8, day))
        }
        4 => year_first(bytes, at),
        _ => None,
    }
}

/// Reads a date that begins with the year (`2026-09-01`, `2026_09_01`, `2026.09.01`), and the time of day that
/// may follow it. Also reads a month or a week without a day.
fn year_first(bytes: &[u8], at: usize) -> Option<(TimeMatch, usize)> {
    let sign = separator(bytes, at + 4);
    if let Some(sign) = sign
        && digits(bytes, at + 5) == 2
    {
        let whole = bytes.get(at + 7) == Some(&sign) && digits(bytes, at + 8) == 2;
        if whole && let Some(day) = date(bytes, [(at, 4), (at + 5, 2), (at + 8, 2)]) {
            return Some(with_time(bytes, at + 10, day));
        }
        let first = date_of(bytes, at, number(bytes, at + 5, 2)?, 1)?;
        let last = first.checked_add_months(chrono::Months::new(1))?.pred_opt()?;
        // A year and a month with a dot between them, such as `2026.09`, may as well be a version number.
        return (sign != b'.' && !whole).then(|| (TimeMatch::Loose(vec![(first, last)]), at + 7));
    }
    let letter = at + 4 + usize::from(sign.is_some());
    if matches!(bytes.get(letter), Some(b'W' | b'w')) && digits(bytes, letter + 1) == 2 {
        let year = i32::try_from(number(bytes, at, 4)?).ok()?;
        let week = number(bytes, letter + 1, 2)?;
        let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon)?;
        return Some((TimeMatch::Loose(vec![(monday, monday + TimeDelta::days(6))]), letter + 3));
    }
    None
}

/// Reads a date that ends with the year (`09-01-2026`, `01.09.2026`, `1_9_2026`). Such a text does not show
/// which number is the day.
fn day_first(bytes: &[u8], at: usize) -> Option<(TimeMatch, usize)> {
    let one = digits(bytes, at);
    let sign = separator(bytes, at + one)?;
    let second = at + one + 1;
    let two = digits(bytes, second);
    let year = second + two + 1;
    let fits = (1..=2).contains(&one) && (1..=2).contains(&two);
    if !fits || bytes.get(second + two) != Some(&sign) || digits(bytes, year) != 4 {
        return None;
    }
    let (a, b) = (number(bytes, at, one)?, number(bytes, second, two)?);
    let readings = [(a, b), (b, a)].into_iter();
    let mut days: Vec<(NaiveDate, NaiveDate)> = readings
        .filter_map(|(month, day)| date_of(bytes, year, month, day).map(|day| (day, day)))
        .collect();
    if days.is_empty() {
        return None;
    }
    // The four digits of the year may also begin the next date, as in `05_11_2026_09_01`.
    if matches!(year_first(bytes, year), Some((TimeMatch::Exact(_) | TimeMatch::Day(_), _))) {
        if one == 1 || two == 1 {
            return None;
        }
        days.clear();
    }
    let end = time_of_day(bytes, year + 4).map_or(year + 4, |(_, end, _)| end);
    Some((TimeMatch::Loose(days), end))
}

/// Reads the time of day that may follow a day in the name of a file.
fn with_time(bytes: &[u8], end: usize, day: NaiveDate) -> (TimeMatch, usize) {
    match time_of_day(bytes, end) {
        Some((time, end, after_t)) => with_zone(bytes, end, day, time, after_t),
        // Digits that follow a `T` but are not a time of day, as in `T24-00-00`, make the whole time in the
        // name unusable.
        None if matches!(bytes.get(end), Some(b'T' | b't')) && digits(bytes, end + 1) >= 2 => {
            (TimeMatch::NoTime, end + 1 + digits(bytes, end + 1))
        }
        None => (TimeMatch::Day(day), end),
    }
}

/// Reads the time zone that may follow a day and a time of day. Without one, the time is in UTC.
fn with_zone(
    bytes: &[u8],
    end: usize,
    day: NaiveDate,
    time: NaiveTime,
    after_t: bool,
) -> (TimeMatch, usize) {
    let end = fraction(bytes, end);
    if is_half_of_day(bytes, end) {
        return (TimeMatch::Loose(vec![(day, day)]), end);
    }
    let (seconds, end) = match bytes.get(end) {
        Some(b'Z' | b'z') => (0, end + 1),
        Some(b'+') => offset(bytes, end).unwrap_or((0, end)),
        Some(b'-') if after_t && digits(bytes, end + 1) == 4 => {
            offset(bytes, end).map_or((0, end), |(seconds, end)| (-seconds, end))
        }
        _ => (0, end),
    };
    match instant(day, time, seconds) {
        Some(instant) => (TimeMatch::Exact(instant), end),
        None => (TimeMatch::Loose(Vec::new()), end),
    }
}

/// Reads a time of day after a date: `T12:30:00`, `T1230`, `_12-30-00`, `-123000`, `T12`. Returns the time, the
/// position after its end, and whether it begins with a `T`.
fn time_of_day(bytes: &[u8], at: usize) -> Option<(NaiveTime, usize, bool)> {
    let after_t = matches!(bytes.get(at), Some(b'T' | b't'));
    if !after_t && !matches!(bytes.get(at), Some(b'-' | b'_' | b'.' | b' ')) {
        return None;
    }
    let at = at + 1;
    let hour = number(bytes, at, 2)?;
    let run = digits(bytes, at);
    let (minute, second, end) = match run {
        6 | 9 => (number(bytes, at + 2, 2)?, number(bytes, at + 4, 2)?, at + run),
        // Four digits that are followed by more digits are the year of the next date in the name.
        4 if after_t || separator(bytes, at + 4).is_none() || digits(bytes, at + 5) == 0 => {
            (number(bytes, at + 2, 2)?, 0, at + 4)
        }
        2 => {
            let sign = bytes.get(at + 2).filter(|it| matches!(it, b':' | b'-' | b'_' | b'.'));
            let more = |at: usize| bytes.get(at) == sign && digits(bytes, at + 1) == 2;
            match (sign.is_some() && more(at + 2), more(at + 5)) {
                (true, true) => (number(bytes, at + 3, 2)?, number(bytes, at + 6, 2)?, at + 8),
                (true, false) => (number(bytes, at + 3, 2)?, 0, at + 5),
                (false, _) if after_t => (0, 0, at + 2),
                (false, _) => return None,
            }
        }
        _ => return None,
    };
    Some((time([hour, minute, second])?, end, after_t))
}

/// The position after a fraction of a second, which is ignored. The fraction is `.123`, `,123`, or three, six
/// or nine digits after another separator, as scripts write it.
fn fraction(bytes: &[u8], at: usize) -> usize {
    let run = digits(bytes, at + 1);
    match bytes.get(at) {
        Some(b'.' | b',') if run > 0 => at + 1 + run,
        Some(b'-' | b'_' | b':') if matches!(run, 3 | 6 | 9) => at + 1 + run,
        _ => at,
    }
}

/// Does `AM` or `PM` follow at this position? Then the time of day is ambiguous.
fn is_half_of_day(bytes: &[u8], at: usize) -> bool {
    let at = at + usize::from(matches!(bytes.get(at), Some(b' ' | b'_' | b'-')));
    let letters = bytes.get(at..at + 2).unwrap_or_default();
    let ends = !bytes.get(at + 2).is_some_and(u8::is_ascii_alphanumeric);
    ends && (letters.eq_ignore_ascii_case(b"am") || letters.eq_ignore_ascii_case(b"pm"))
}

/// Reads a time zone of the form `+0200`, `+02:00`, `+02-00` or `+02`. Returns the offset in seconds, and the
/// position after its end.
fn offset(bytes: &[u8], at: usize) -> Option<(i32, usize)> {
    let hours = number(bytes, at + 1, 2)?;
    let (minutes, end) = match digits(bytes, at + 1) {
        4 => (number(bytes, at + 3, 2)?, at + 5),
        2 if matches!(bytes.get(at + 3), Some(b':' | b'-' | b'_'))
            && digits(bytes, at + 4) == 2 =>
        {
            (number(bytes, at + 4, 2)?, at + 6)
        }
        2 => (0, at + 3),
        _ => return None,
    };
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    (hours <= 14 && minutes < 60).then_some((seconds, end))
}

fn instant(day: NaiveDate, time: NaiveTime, offset: i32) -> Option<Instant> {
    Instant::from_unix(day.and_time(time).and_utc().timestamp() - i64::from(offset))
}

fn time([hour, minute, second]: [u32; 3]) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// A date from a year, a month and a day, each stated by its position and its number of digits.
fn date(bytes: &[u8], [year, month, day]: [(usize, usize); 3]) -> Option<NaiveDate> {
    let (month, day) = (number(bytes, month.0, month.1)?, number(bytes, day.0, day.1)?);
    date_of(bytes, year.0, month, day)
}

/// A date whose year has four digits from the position `year` on. `None` if the date is not valid or lies before
/// 1970.
fn date_of(bytes: &[u8], year: usize, month: u32, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(number(bytes, year, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, month, day).filter(|it| it.year() >= 1970)
}

/// The number that the `length` digits from the position `at` on form.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let part = bytes.get(at..at + length)?;
    std::str::from_utf8(part).ok()?.parse().ok()
}

fn separator(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied().filter(|byte| matches!(byte, b'-' | b'_' | b'.'))
}

/// The number of consecutive digits at this position.
fn digits(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_say() {
        for (name, expected) in [
            // Times in the forms of interface.md section 2.
            ("consumed_licenses-corp-2026-03-02.csv", "2026-03-02T00:00:00Z"),
            ("consumed_licenses-corp-20260302.csv", "2026-03-02T00:00:00Z"),
            ("consumed_licenses-corp-20260302T081500Z.csv", "2026-03-02T08:15:00Z"),
            ("consumed_licenses-corp-2026-03-02T08-15-00Z.json.gz", "2026-03-02T08:15:00Z"),
            ("users-2026-03-02T08:15:00Z.csv", "2026-03-02T08:15:00Z"),
            ("export-corp-1772439300.csv", "2026-03-02T08:15:00Z"),
            // Times in the forms of formats.md section 8.
            ("all_users_2018_09_05_03_00_00.csv", "2018-09-05T03:00:00Z"),
            ("users_old_20260901120000.csv", "2026-09-01T12:00:00Z"),
            ("users-2026.09.01.csv", "2026-09-01T00:00:00Z"),
            ("users-2026-09-01T1230.csv", "2026-09-01T12:30:00Z"),
            ("users-2026-09-01T12_30_00Z.csv", "2026-09-01T12:30:00Z"),
            ("users-2026-09-01_12-30-00.csv", "2026-09-01T12:30:00Z"),
            ("users-2026-09-01T12:30:00.123Z.csv", "2026-09-01T12:30:00Z"),
            ("users-2026-09-01T12-30-00-999Z.csv", "2026-09-01T12:30:00Z"),
            ("users-20260901123000123.csv", "2026-09-01T12:30:00Z"),
            ("users-1788265800999.csv", "2026-09-01T12:30:00Z"),
            // Times in forms that are similar to the documented ones.
            ("20260901_123000.csv", "2026-09-01T12:30:00Z"),
            ("20260901-1230.csv", "2026-09-01T12:30:00Z"),
            ("202609011230.csv", "2026-09-01T12:30:00Z"),
            ("users 2026-09-01 12.30.00.csv", "2026-09-01T12:30:00Z"),
            ("users-2026-09-01T123000.csv.gz", "2026-09-01T12:30:00Z"),
            ("users-2026-09-01t12-30z.csv", "2026-09-01T12:30:00Z"),
            ("users-2026-09-01T12Z.csv", "2026-09-01T12:00:00Z"),
            ("users-2026.09.01.12.30.00.csv", "2026-09-01T12:30:00Z"),
            ("users_2026-09-01T14:30:00+02:00.csv", "2026-09-01T12:30:00Z"),
            ("users_2026-09-01T14-30-00+0200.csv", "2026-09-01T12:30:00Z"),
            ("users_20260901T073000-0500.csv", "2026-09-01T12:30:00Z"),
            ("2026-09-01-1788265800.csv", "2026-09-01T12:30:00Z"),
            ("2026-09-01-users-2026_09_01.csv", "2026-09-01T00:00:00Z"),
            ("2026-W36-users-2026-09-01.csv", "2026-09-01T00:00:00Z"),
            ("users-2026-09-01_2.csv", "2026-09-01T00:00:00Z"),
            ("users-2026-09-01 (1).csv", "2026-09-01T00:00:00Z"),
            // Names without a time.
            ("ghes1-8080-all_users.csv", "-"),
            ("é-2026-13-02.csv", "-"),
            ("12345678901-x.csv", "-"),
            ("ghe-3.15.2-all_users.csv", "-"),
            ("20260231.csv", "-"),
            ("", "-"),
            // Names whose time is ambiguous, so that oneseat does not use it.
            ("users-2026-09-01_2026-09-30.csv", TWO_TIMES),
            ("users-2026-09-01_to_2026-09-30.csv", TWO_TIMES),
            ("20260901_20260930.csv", TWO_TIMES),
            ("2026-09-01T08-00-00Z_2026-09-01T09-00-00Z.csv", TWO_TIMES),
            ("2026-09-01-1234567890.csv", TWO_TIMES),
            ("2026-08-users-2026-09-01.csv", TWO_TIMES),
            ("users-02.10.2026-2026-09-01.csv", TWO_TIMES),
            ("users-09-01-2026.csv", NO_DAY),
            ("users-01.09.2026.csv", NO_DAY),
            ("users_01_09_2026_12_30_00.csv", NO_DAY),
            ("users-1.9.2026.csv", NO_DAY),
            ("05_11_2026_09_01.csv", NO_DAY),
            ("users-2026-09-01T24-00-00Z.csv", NO_TIME),
            ("users-2026-09-01T25-00-00Z.csv", NO_TIME),
            ("users-20260901T1260.csv", NO_TIME),
            ("users-2026-09.csv", NO_DAY),
            ("users-2026-W36.csv", NO_DAY),
            ("users-2026W36.csv", NO_DAY),
            ("users-2026-09-01 03.00.00 PM.csv", NO_DAY),
        ] {
            let said = match TimeInName::of(name) {
                TimeInName::At(instant) => instant.to_string(),
                TimeInName::Unsure(why) => why.to_owned(),
                TimeInName::Silent => "-".to_owned(),
            };
            assert_eq!(said, expected, "{name}");
        }
    }

    #[test]
    fn every_name_is_read_to_its_end() {
        for name in ["2026-09-01T", "2026-09-01_1", "2026-", "20260901T12:", "1-2-", "2026-W", "é9"]
        {
            TimeInName::of(name);
        }
        assert!(TimeInName::begins("2026-09-01.csv") && !TimeInName::begins("-2026-09-01.csv"));
        assert!(TimeInName::begins("01.09.2026.csv"));
    }
}

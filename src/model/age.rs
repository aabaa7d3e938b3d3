//! Lengths of time in the notation of options and of the configuration: `36h`, `8d`.

use crate::error::{Error, Result, quoted};

/// Reads a length of time and returns it in seconds: a whole number followed by `s`, `m`, `h`, `d` or `w`.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the text is not a length of time, or if it is too long.
pub fn parse_age(text: &str) -> Result<i64> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400), ('w', 7 * 86_400)];
    let unit = units.iter().find(|(unit, _)| text.ends_with(*unit));
    let found = unit.and_then(|(_, seconds)| {
        let number: i64 = text[..text.len() - 1].parse().ok()?;
        number.checked_mul(*seconds).filter(|it| *it >= 0)
    });
    found.ok_or_else(|| {
        Error::usage(format!("invalid age: {} (write for instance 36h or 8d)", quoted(text)))
    })
}

/// Reads a length of time in hours, days or weeks, as [`parse_age`] does. Minutes are refused, because `m`
/// stands for months in relative times such as `3m`. The text `3m` does not show whether months or minutes are
/// meant.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if [`parse_age`] refuses the text, or if the unit is minutes.
pub fn parse_long_age(text: &str) -> Result<i64> {
    if text.ends_with('m') {
        let message = format!("{} may be months or minutes", quoted(text));
        return Err(Error::usage(message).hint("write days, weeks or hours: 90d, 12w, 36h"));
    }
    parse_age(text)
}

/// A length of time in its largest unit, rounded down: `20 d`, `1 h`, `50 min`, `0 s`.
pub fn length_of_time(seconds: i64) -> String {
    const UNITS: [(i64, &str); 3] = [(86_400, "d"), (3_600, "h"), (60, "min")];
    match UNITS.iter().find(|(unit, _)| seconds >= *unit) {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None => format!("{} s", seconds.max(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in
            [("90s", Some(90)), ("2m", Some(120)), ("36h", Some(129_600)), ("8d", Some(691_200))]
        {
            assert_eq!(parse_age(text).ok(), seconds);
        }
        assert!(parse_long_age("3m").is_err(), "months or minutes");
        assert_eq!(parse_long_age("12w").ok(), parse_age("84d").ok());
        for text in ["", "d", "8", "-1d", "8 d", "9223372036854775807w", "é"] {
            assert!(parse_age(text).is_err(), "{text}");
        }
    }
}

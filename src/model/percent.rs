//! Percentages in the notation of options and of the configuration: `95%`, `99.5`.

use crate::error::{Error, Result, quoted};

/// Reads a percentage and returns it in hundredths of a percent: a number with at most two decimal places,
/// with or without `%`.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the text is not a percentage, or if it is too large.
pub fn parse_percent(text: &str) -> Result<i64> {
    let wrong =
        || Error::usage(format!("invalid percentage: {} (write for instance 95%)", quoted(text)));
    let number = text.strip_suffix('%').unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    let fraction: i64 = format!("{fraction:0<2}").parse().map_err(|_| wrong())?;
    whole.checked_mul(100).and_then(|it| it.checked_add(fraction)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages() {
        for (text, hundredths) in [("95%", 9500), ("99.5", 9950), ("0.05%", 5), ("120%", 12_000)] {
            assert_eq!(parse_percent(text).ok(), Some(hundredths), "{text}");
        }
        for text in ["", "%", "x%", "1.234", "-1%", "99999999999999999999", "1,5"] {
            assert!(parse_percent(text).is_err(), "{text}");
        }
    }
}

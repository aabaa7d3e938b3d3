//! The values that `check` looked at, with their bounds. They show what was checked even if there is no
//! finding. A value that is unknown is null, and it never counts as passed.

use serde::{Serialize, Serializer};

use crate::code::CheckSubject;
use crate::model::{Instant, Source, length_of_time};
use crate::table::{Cell, grouped};

/// One value that `check` looked at, with its bound.
#[derive(Debug, Clone, Serialize)]
pub struct LookedAt {
    /// What the value measures, such as the age of a snapshot.
    pub what: CheckSubject,
    /// The source that the value is about; `None` if the value is about all sources of the question.
    pub source: Option<Source>,
    /// The measured value; `None` if it is unknown.
    pub value: Option<Measure>,
    /// The bound that the value must keep; `None` if no bound was set.
    pub bound: Option<Measure>,
}

/// A value that `check` looked at, or the bound of a value, with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A time span in seconds, which must not be longer than its bound.
    Seconds(i64),
    /// A number of licenses that must not be smaller than its bound.
    AtLeast(i64),
    /// A number of people or sources that must not be larger than its bound.
    AtMost(i64),
    /// A share in hundredths of a percent, which must not be larger than its bound.
    Percent(i64),
    At(Instant),
    /// A word for a state that has no number, such as `never` for a sync.
    Word(&'static str),
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Measure::Seconds(number) | Measure::AtLeast(number) | Measure::AtMost(number) => {
                serializer.serialize_i64(*number)
            }
            Measure::Percent(hundredths) => serializer.serialize_f64(*hundredths as f64 / 100.0),
            Measure::At(instant) => instant.serialize(serializer),
            Measure::Word(word) => serializer.serialize_str(word),
        }
    }
}

impl LookedAt {
    /// The cells of a line of the table: subject, source, value, bound, and distance of the value from its
    /// bound.
    pub fn cells(&self) -> Vec<Cell> {
        let shown = |measure: Option<Measure>, unknown: &str| {
            Cell::from(measure.map_or_else(|| unknown.to_owned(), Measure::shown))
        };
        vec![
            self.what.name().into(),
            self.source.as_ref().map(|source| source.name.clone()).into(),
            shown(self.value, "unknown"),
            shown(self.bound, "none"),
            self.distance().into(),
        ]
    }

    /// How far the value is from its bound, in words: `3 left`, or `over by 3`.
    fn distance(&self) -> Option<String> {
        let told = |left: i64, of: &dyn Fn(i64) -> String| match left {
            0.. => format!("{} left", of(left)),
            _ => format!("over by {}", of(left.saturating_neg())),
        };
        match (self.value?, self.bound?) {
            (Measure::Seconds(value), Measure::Seconds(bound)) => {
                Some(told(bound.saturating_sub(value), &length_of_time))
            }
            (Measure::AtLeast(value), Measure::AtLeast(bound)) => {
                let spare = value.saturating_sub(bound);
                let word = if spare < 0 { "short by" } else { "spare:" };
                Some(format!("{word} {}", grouped(spare.saturating_abs())))
            }
            (Measure::AtMost(value), Measure::AtMost(bound)) => {
                Some(told(bound.saturating_sub(value), &grouped))
            }
            (Measure::Percent(value), Measure::Percent(bound)) => {
                Some(told(bound.saturating_sub(value), &percent))
            }
            (Measure::At(value), Measure::At(bound)) => {
                Some(told(value.unix().saturating_sub(bound.unix()), &length_of_time))
            }
            _ => None,
        }
    }
}

impl Measure {
    fn shown(self) -> String {
        match self {
            Measure::Seconds(seconds) => length_of_time(seconds),
            Measure::AtLeast(number) | Measure::AtMost(number) => grouped(number),
            Measure::Percent(hundredths) => percent(hundredths),
            Measure::At(instant) => instant.to_string(),
            Measure::Word(word) => word.to_owned(),
        }
    }
}

/// Writes hundredths of a percent as a percentage, such as `12.5 %`.
pub fn percent(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

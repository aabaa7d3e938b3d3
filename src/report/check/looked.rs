//! What `check` looked at: each thing with its value and its bound, so that "nothing is wrong" says
//! of what. An unknown value is null, and a pass to nobody.

use serde::{Serialize, Serializer};

use crate::model::{Instant, Source, length_of_time};
use crate::table::{Cell, grouped};

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct LookedAt {
    /// What it is: `age`, `sync`, `license-expiry`, `available`, `use`, `duplicates-certain`,
    /// `duplicates-likely`, `duplicates-possible` (each level counts the surer ones too),
    /// `sources-missing`; `clock` where it and the journal disagree.
    pub what: &'static str,
    /// Whose it is; `None`: of all that was asked for.
    pub source: Option<Source>,
    /// What was found; `None`: unknown.
    pub value: Option<Measure>,
    /// How far it may go; `None`: no bound was asked for.
    pub bound: Option<Measure>,
}

/// A value or a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// At most so many seconds.
    Seconds(i64),
    /// A number of licenses that must not be smaller than its bound.
    AtLeast(i64),
    /// A number of people or things that must not be larger than its bound.
    AtMost(i64),
    /// Hundredths of a percent.
    Percent(i64),
    /// An instant.
    At(Instant),
    /// A word that stands for itself.
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
    /// The cells of its line for people: what, whose, value, bound, how far it is from the bound.
    pub fn cells(&self) -> Vec<Cell> {
        let shown = |measure: Option<Measure>, unknown: &str| {
            Cell::from(measure.map_or_else(|| unknown.to_owned(), Measure::shown))
        };
        vec![
            self.what.into(),
            self.source.as_ref().map(|source| source.name.clone()).into(),
            shown(self.value, "unknown"),
            shown(self.bound, "none"),
            self.distance().into(),
        ]
    }

    /// How far the value is from its bound, in words.
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

/// Hundredths of a percent, as people write them.
pub fn percent(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

//! The options `--as-of` and `--known-on`, and the parsers of instants on the command line.

use clap::Args;

use crate::error::{Error, Result, quoted};
use crate::ledger::AsOf;
use crate::model::{Ago, DayMeans, Instant};

/// The options `--as-of`, the instant that a question is about, and `--known-on`.
#[derive(Args)]
pub(super) struct AsOfArgs {
    /// Answer as of this instant: a time in RFC 3339, a date (meaning its last second), 7d, 2w or 3m (that long
    /// before the newest snapshot), or previous (the end of the round before the newest one).
    #[arg(long, value_name = "T", default_value = "latest", value_parser = as_of)]
    pub(super) as_of: AsOf,
    #[command(flatten)]
    pub(super) known_on: KnownOnArgs,
}

/// The option `--known-on`, which limits an answer to the data that was known at an instant (counting.md section
/// 8).
#[derive(Args, Default)]
pub(super) struct KnownOnArgs {
    /// Use only what had been imported or declared by this instant.
    #[arg(long, value_name = "T", value_parser = point)]
    pub(super) known_on: Option<Instant>,
}

/// Reads an instant: a point in time, or a word or length of time that depends on the data. A date means its
/// last second.
pub(super) fn as_of(text: &str) -> Result<AsOf> {
    found(text).map_or_else(|| point(text).map(AsOf::At), Ok)
}

/// Reads the instant at which a span begins: a point in time, or a word or length of time that depends on the
/// data. A date means its first second.
pub(super) fn start_of_span(text: &str) -> Result<AsOf> {
    found(text).map_or_else(|| start(text).map(AsOf::At), Ok)
}

/// Reads an instant that depends on the data: `latest`, `previous`, or a length of time before `latest` such as
/// `7d`. `None` for any other text.
fn found(text: &str) -> Option<AsOf> {
    match text {
        "latest" => Some(AsOf::Latest),
        "previous" => Some(AsOf::Previous),
        _ => Ago::parse(text).map(AsOf::Ago),
    }
}

/// Reads a point in time, such as `2026-06-30`. A date means its last second.
pub(super) fn point(text: &str) -> Result<Instant> {
    Instant::parse(text, DayMeans::End).ok_or_else(|| no_time(text))
}

/// Reads a point in time at which a span begins, such as `2026-06-01`. A date means its first second.
pub(super) fn start(text: &str) -> Result<Instant> {
    Instant::parse(text, DayMeans::Start).ok_or_else(|| no_time(text))
}

fn no_time(text: &str) -> Error {
    Error::usage(format!(
        "invalid time: {} (expected a time such as 2026-03-02 or 2026-03-02T08:00:00Z; options for \
         a point in time also accept 7d and previous)",
        quoted(text)
    ))
}

//! `oneseat duplicates`.

use clap::{Args, ValueEnum};

use super::{AsOfArgs, Global, OutputArgs, World};
use crate::error::Result;
use crate::people::Confidence;
use crate::report;

/// The people who would take two licenses, why, and how to fix each.
///
/// Example: oneseat duplicates --min-confidence likely --format csv -o doubles.csv
#[derive(Args)]
pub struct DuplicatesArgs {
    #[command(flatten)]
    as_of: AsOfArgs,
    /// Show only findings at this level or surer; the summary counts all.
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "possible")]
    min_confidence: Level,
    /// Exit with 1 if there is a finding at this level or surer, shown or not.
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<Level>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    /// No other reading is plausible.
    Certain,
    /// One to one, by something that people choose alike.
    Likely,
    /// Worth a look.
    Possible,
}

impl From<Level> for Confidence {
    fn from(level: Level) -> Confidence {
        match level {
            Level::Certain => Confidence::Certain,
            Level::Likely => Confidence::Likely,
            Level::Possible => Confidence::Possible,
        }
    }
}

impl DuplicatesArgs {
    /// Answers.
    pub fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| report::duplicates(ledger, &asked))?;
        let found = self.fail_on.is_some_and(|level| answer.has(level.into()));
        self.output.print(&answer.at_least(self.min_confidence.into()), global, world)?;
        Ok(u8::from(found))
    }
}

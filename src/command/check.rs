//! The command `oneseat check`, which reports what somebody should act on.

use clap::Args;

use super::config_file::{ConfigArgs, read_config};
use super::duplicates::Level;
use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::{KnownOnArgs, as_of};
use super::world::World;
use crate::config::{Config, Configured};
use crate::error::{Error, Result, quoted};
use crate::ledger::{AsOf, Asked};
use crate::model::{SourceFamily, parse_long_age, parse_percent};
use crate::people::Confidence;
use crate::report::{self, Bounds};

/// The age that `--max-age` allows by default, in seconds: a week, and one day more for a schedule that runs
/// late.
const EIGHT_DAYS: i64 = 8 * 86_400;

/// Report what somebody should act on, and exit with 1 if there is an error or a warning.
///
/// Counts are those of the newest snapshots. Ages and expiries are judged by the clock, or at the instant of
/// `--as-of`. A value that cannot be judged is listed; if a bound was set for this value, that is an error. With
/// `-q` nothing is printed unless there is an error or a warning. The configuration file can set the bounds.
///
/// Example: oneseat check --max-use 95% --max-duplicates certain=0
#[derive(Args)]
pub struct CheckArgs {
    /// Allow the newest snapshot of a source to be at most this old: 36h, 8d, 2w [default: the age for the source
    /// in the configuration file, else the age for all sources there, else 8d].
    #[arg(long, value_name = "AGE", value_parser = parse_long_age)]
    max_age: Option<i64>,
    /// Require at least this many available licenses.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    min_available: Option<i64>,
    /// Allow at most this share of the purchased licenses to be consumed: 95%.
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    max_use: Option<i64>,
    /// Allow at most this many people with two licenses, of at least this confidence: certain=0, likely=5.
    #[arg(long, value_name = "LEVEL=N", value_parser = level)]
    max_duplicates: Vec<(Confidence, u64)>,
    #[command(flatten)]
    config: ConfigArgs,
    /// Count and judge at this instant: a time in RFC 3339, or a date, which means its last second [default: count
    /// the newest snapshots, judge by the clock].
    #[arg(long, value_name = "T", value_parser = as_of)]
    as_of: Option<AsOf>,
    #[command(flatten)]
    known_on: KnownOnArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for CheckArgs {
    const ABOUT: About = About {
        name: "check",
        group: "Hand on",
        database: Database::Asks,
        questions: &["check", "check --as-of latest"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let config = read_config(&self.config, world)?.map(|(_, it)| it).unwrap_or_default();
        let bounds = self.bounds(&config)?;
        let (known_on, enterprise) = (self.known_on.known_on, global.enterprise.clone());
        let asked = Asked { as_of: self.as_of.unwrap_or(AsOf::Latest), known_on, enterprise };
        let now = self.as_of.is_none().then_some(world.now);
        let answer = global.ask(known_on, |ledger| report::check(ledger, &asked, &bounds, now))?;
        if !(global.quiet && answer.is_ok() && self.output.is_usual()) {
            self.output.print(&answer, global, world)?;
        }
        Ok(u8::from(!answer.is_ok()))
    }

    fn goes_by_the_clock(&self) -> bool {
        true
    }
}

impl CheckArgs {
    /// The bounds by which `check` judges, from the options or else from the configuration file. If neither
    /// sets a bound, only the age of snapshots has a default.
    fn bounds(&self, config: &Config) -> Result<Bounds> {
        let configured = bounds_of(config)?;
        Ok(Bounds {
            max_age: self.max_age.unwrap_or(configured.max_age),
            max_ages: if self.max_age.is_some() { Vec::new() } else { configured.max_ages },
            min_available: self.min_available.or(configured.min_available),
            max_use: self.max_use.or(configured.max_use),
            max_duplicates: match self.max_duplicates.as_slice() {
                [] => configured.max_duplicates,
                asked => asked.to_vec(),
            },
        })
    }
}

/// The bounds that the configuration file sets. Only the age of snapshots has a default.
///
/// # Errors
/// If a bound on the number of duplicates is not written as a confidence and a number, such as `certain=0`.
pub fn bounds_of(config: &Config) -> Result<Bounds> {
    let of = |family: SourceFamily, places: &[Configured]| {
        let ages = places.iter().filter_map(move |it| Some((family, it.name.clone(), it.max_age?)));
        ages.collect::<Vec<_>>()
    };
    let directories = config.directories.iter();
    let directories =
        directories.filter_map(|it| Some((SourceFamily::Directory, it.name.clone(), it.max_age?)));
    let mut own_ages = of(SourceFamily::Enterprise, &config.enterprises);
    own_ages.extend(of(SourceFamily::Instance, &config.hosts));
    own_ages.extend(directories);
    Ok(Bounds {
        max_age: config.max_age.unwrap_or(EIGHT_DAYS),
        max_ages: own_ages,
        min_available: config.min_available,
        max_use: config.max_use,
        max_duplicates: configured_levels(config)?,
    })
}

/// The hint that is printed below an error about a bound in the configuration file.
const CONFIGURED: &str = "run `oneseat config check` to see what the configuration means";

/// The bounds on the number of duplicates that the configuration file sets, each for one confidence.
///
/// # Errors
/// If a bound is not written as a confidence and a number, such as `certain=0`.
pub fn configured_levels(config: &Config) -> Result<Vec<(Confidence, u64)>> {
    let levels = config.max_duplicates.iter().map(|text| level(text));
    levels
        .collect::<Result<_>>()
        .map_err(|error| error.at("[check] max_duplicates", None).hint(CONFIGURED))
}

fn level(text: &str) -> Result<(Confidence, u64)> {
    let found = text.split_once('=').and_then(|(level, number)| {
        let level = Level::from_name(level)?;
        Some((level.into(), number.parse().ok()?))
    });
    let wrong = || Error::usage(format!("invalid bound: {} (example: certain=0)", quoted(text)));
    found.ok_or_else(wrong)
}

//! `oneseat check`.

use clap::Args;

use super::configuration::{ConfigArgs, read_config};
use super::duplicates::Level;
use super::{AsOfArgs, Global, OutputArgs, World};
use crate::config::Config;
use crate::error::{Error, Result, quoted};
use crate::model::parse_age;
use crate::people::Confidence;
use crate::report::{self, Bounds};

/// A week, and a day for a schedule that runs late.
const EIGHT_DAYS: i64 = 8 * 86_400;

/// Is anything wrong that somebody should act on? Ends with 1 if so.
///
/// Ages are measured at the instant that is answered for, not by the clock; `--as-of` with today's
/// date measures them today.
///
/// Example: oneseat check --max-use 95% --max-duplicates certain=0
#[derive(Args)]
pub struct CheckArgs {
    /// How old the newest snapshot of a source may be: 36h, 8d, 2w [default: what the configuration
    /// file says of the source, or of all, else 8d].
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    max_age: Option<i64>,
    /// How many licenses must be available.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    min_available: Option<i64>,
    /// How much of the licenses bought may be used: 95%.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    max_use: Option<i64>,
    /// How many people may take two licenses at this level or surer: certain=0, likely=5.
    #[arg(long, value_name = "LEVEL=N", value_parser = level)]
    max_duplicates: Vec<(Confidence, u64)>,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    as_of: AsOfArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl CheckArgs {
    /// Answers; exit code 1 if something is wrong.
    pub fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let config = match self.max_age {
            Some(_) => Config::default(),
            None => read_config(&self.config, world)?.map(|(_, it)| it).unwrap_or_default(),
        };
        let places = config.enterprises.iter().chain(&config.hosts);
        let bounds = Bounds {
            max_age: self.max_age.or(config.max_age).unwrap_or(EIGHT_DAYS),
            max_ages: places.filter_map(|it| Some((it.name.clone(), it.max_age?))).collect(),
            min_available: self.min_available,
            max_use: self.max_use,
            max_duplicates: self.max_duplicates.clone(),
        };
        let answer = global.ask(asked.known_on, |ledger| report::check(ledger, &asked, &bounds))?;
        self.output.print(&answer, global, world)?;
        Ok(u8::from(!answer.is_ok()))
    }
}

/// A percentage in hundredths of a percent.
fn percent(text: &str) -> Result<i64> {
    let wrong = || Error::usage(format!("no percentage: {} (for instance 95%)", quoted(text)));
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

fn level(text: &str) -> Result<(Confidence, u64)> {
    let found = text.split_once('=').and_then(|(level, number)| {
        let level = Level::from_name(level)?;
        Some((level.into(), number.parse().ok()?))
    });
    let wrong =
        || Error::usage(format!("no bound: {} (for instance certain=0 or likely=5)", quoted(text)));
    found.ok_or_else(wrong)
}

//! The command `oneseat duplicates`, which lists the people who take two licenses.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::global::Global;
use super::output::OutputArgs;
use super::output::make_folder;
use super::spec::{About, Command, Database};
use super::times::{AsOfArgs, as_of};
use super::world::World;
use crate::error::{Error, Result};
use crate::ledger::AsOf;
use crate::people::Confidence;
use crate::report::{self, Duplicates};

/// List the people who take, or would take, two licenses, with the evidence and the fixes.
///
/// Example: oneseat duplicates --min-confidence likely --format csv -o doubles.csv
#[derive(Args)]
pub struct DuplicatesArgs {
    #[command(flatten)]
    as_of: AsOfArgs,
    /// List only findings of at least this confidence; the summary counts all findings.
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "possible")]
    min_confidence: Level,
    /// Exit with 1 if there is a finding of at least this confidence, whether or not it is listed.
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<Level>,
    /// Compare with this earlier instant, and state whether each finding is new, still open, back or fixed since
    /// then. Write the instant as for --as-of.
    #[arg(long, value_name = "T", value_parser = as_of)]
    since: Option<AsOf>,
    /// Write lists of fixes into this folder, ready to be sent, as CSV and Markdown: one list for each actor and
    /// instance.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    /// The accounts are one person's; no other explanation is plausible.
    Certain,
    /// The accounts have similar logins or addresses, and no third account is similar to either of them.
    Likely,
    /// The accounts are similar enough that somebody should check them.
    Possible,
}

impl Level {
    pub fn from_name(name: &str) -> Option<Level> {
        <Level as ValueEnum>::from_str(name, false).ok()
    }
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

impl Command for DuplicatesArgs {
    const ABOUT: About = About {
        name: "duplicates",
        group: "Ask",
        database: Database::Asks,
        questions: &["duplicates", "duplicates --since FROM"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| {
            let since = self.since.map(|it| ledger.end_of_span(it, asked.enterprise.as_deref()));
            report::duplicates(ledger, &asked, since.transpose()?)
        })?;
        let found = self.fail_on.is_some_and(|level| answer.has(level.into()));
        let answer = answer.at_least(self.min_confidence.into());
        if let Some(folder) = &self.into {
            self.write_lists(&answer, folder, global, world)?;
        }
        let output = match &self.into {
            Some(_) => &self.output.with_lists(),
            None => &self.output,
        };
        output.print(&answer, global, world)?;
        Ok(u8::from(found))
    }
}

impl DuplicatesArgs {
    /// Writes the lists of fixes into a folder, and prints the path of each file to standard error.
    fn write_lists(
        &self,
        answer: &Duplicates,
        folder: &Path,
        global: &Global,
        world: &mut World<'_>,
    ) -> Result<()> {
        make_folder(folder)?;
        let about = report::ListsAbout {
            enterprise: global.enterprise.clone(),
            min_confidence: Confidence::from(self.min_confidence).name(),
        };
        let index = folder.join(INDEX);
        // If the folder has lists for another `--enterprise` or `--min-confidence`, the command refuses it,
        // because rewriting these lists would remove findings from them.
        let earlier = std::fs::read(&index).ok();
        let earlier = earlier.and_then(|text| serde_json::from_slice(&text).ok());
        if earlier.is_some_and(|earlier| !about.is_same(&earlier)) {
            let told = format!(
                "{}: this folder holds lists for another --enterprise or --min-confidence",
                folder.display()
            );
            return Err(Error::usage(told).hint(
                "name another folder for --into, or use the --enterprise and --min-confidence that \
                 its lists.json states",
            ));
        }
        let lists = answer.lists(&earlier_lists(folder)?);
        for (name, list) in &lists {
            for (format, ending) in [("csv", "csv"), ("markdown", "md")] {
                let file = folder.join(format!("{name}.{ending}"));
                self.output.print_into(list, format, &file, global, world)?;
                let written = format!("{} ({} to do)\n", file.display(), list.tasks());
                if !global.quiet {
                    // The lists are written even if their names cannot be printed to standard error.
                    let _closed = world.err.write_all(written.as_bytes());
                }
            }
        }
        self.output.print_into(&answer.listed(&lists, about), "json", &index, global, world)
    }
}

/// The name of the file that lists all lists of fixes in its folder, and whether each is up to date.
const INDEX: &str = "lists.json";

/// The names, without extension, of the lists of fixes that an earlier run left in a folder. A CSV file is such
/// a list if its name and its first bytes show it.
fn earlier_lists(folder: &Path) -> Result<BTreeSet<String>> {
    let unreadable = |error: std::io::Error| {
        Error::output(format!("{}: cannot be read", folder.display())).caused_by(error)
    };
    let mut earlier = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let is_csv = path.extension().is_some_and(|ending| ending == "csv");
        if is_csv && report::is_list_name(name) && begins_like_a_list(&path) {
            earlier.insert(name.to_owned());
        }
    }
    Ok(earlier)
}

fn begins_like_a_list(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(64).read_to_end(&mut start));
    let start = String::from_utf8_lossy(&start);
    read.is_ok() && start.trim_start_matches('\u{feff}').starts_with("confidence")
}

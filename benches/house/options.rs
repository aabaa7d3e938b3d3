//! The options of the house.
//!
//! What it is: the command line. May assume: nothing. Must not: do anything.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// What oneseat costs, beside a floor and its peers.
#[derive(Parser)]
#[command(name = "house", bin_name = "cargo bench --bench house --")]
pub struct Options {
    /// Run at full size, for which the goals are stated. Without it everything is tiny and takes seconds, which
    /// only shows that the house runs. Each size can also be set on its own.
    #[arg(long)]
    pub full: bool,
    /// People in Cloud, for the jobs of one day, with three quarters as many Server accounts [default: 2,000;
    /// with --full 1,000,000].
    #[arg(long, value_name = "N")]
    people: Option<u32>,
    /// People in Cloud, for the jobs of a history [default: as --people, at most 100,000].
    #[arg(long, value_name = "N")]
    history_people: Option<u32>,
    /// Daily snapshots of the history [default: 20; with --full 365].
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// Only these jobs.
    #[arg(long, value_enum, value_name = "JOB", value_delimiter = ',')]
    pub jobs: Vec<Job>,
    /// Only the first import and the peers: short for `--jobs import,peers`.
    #[arg(long, conflicts_with_all = ["jobs", "growth"])]
    pub peers: bool,
    /// Measure how each job grows with people and with days, instead of the jobs themselves.
    #[arg(long)]
    pub growth: bool,
    /// The numbers of people for --growth [default: 300, 1,000, 3,000; with --full 10,000, 100,000,
    /// 1,000,000].
    #[arg(long, value_name = "N", value_delimiter = ',')]
    growth_people: Vec<u32>,
    /// The numbers of days for --growth [default: 3, 9, 27; with --full 36, 365, 3,650].
    #[arg(long, value_name = "N", value_delimiter = ',')]
    growth_days: Vec<u32>,
    /// People in the history of --growth [default: 100; with --full 1,000].
    #[arg(long, value_name = "N")]
    growth_history_people: Option<u32>,
    /// Number of rounds; every round runs every job once, and the median counts [default: 3; with --full 5].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    runs: Option<u32>,
    /// Seconds in all after which a question, or a job of a peer, is not run again; the column `runs` shows how
    /// often it was. The floor, and the peer that a goal names, run in every round.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub budget: u64,
    /// Seconds after which a question is stopped; its row says so.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub limit: u64,
    /// Work here and keep the files: files of the same size are not made again, and jobs that only ask use the
    /// databases of the last run [default: a temporary folder].
    #[arg(long, visible_alias = "keep", value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Measure this oneseat in place of the one built from this checkout.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// An older oneseat, measured in the same rounds as "oneseat before". Its file is compared with the new
    /// one, and migrated.
    #[arg(long, value_name = "FILE")]
    pub before: Option<PathBuf>,
    /// The Python that runs the peers.
    #[arg(long, value_name = "FILE", default_value = "python3")]
    pub python: PathBuf,
    /// Write the results into benches/RESULTS.md (with --growth, into their own part of it). Only with --full,
    /// so that no tiny figures get there by mistake.
    #[arg(long, requires = "full")]
    pub write: bool,
}

/// The jobs.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Job {
    /// The first import, and the floor.
    Import,
    /// The days after it, and the floor.
    NextDay,
    /// `consumption`, newest and on past days.
    Consumption,
    /// One point of `trend`: people matched, without evidence of duplicates.
    Matching,
    /// `duplicates`, with all evidence.
    Duplicates,
    /// The lists of two employee directories: their imports, `duplicates` with and without them, `leavers`.
    Directory,
    /// `explain WHO`, for people and for unknown names.
    Explain,
    /// Python, sqlite-utils and DuckDB, where installed.
    Peers,
    /// `trend` of the history.
    Trend,
    /// `diff` of neighboring days.
    Diff,
    /// Snapshots imported between two others.
    Between,
    /// The file after the first day and after the last.
    File,
    /// `verify`, for a day and for the history.
    Verify,
    /// The file of an older oneseat, migrated.
    Migration,
}

impl Options {
    /// Whether a job is asked for.
    pub fn wants(&self, job: Job) -> bool {
        if self.peers {
            return matches!(job, Job::Import | Job::Peers);
        }
        self.jobs.is_empty() || self.jobs.contains(&job)
    }

    /// Whether one of these jobs is asked for.
    pub fn wants_any(&self, jobs: &[Job]) -> bool {
        jobs.iter().any(|job| self.wants(*job))
    }

    pub fn people(&self) -> u32 {
        self.people.unwrap_or(self.sized(2_000, 1_000_000))
    }

    pub fn history_people(&self) -> u32 {
        self.history_people.unwrap_or(self.people().min(100_000))
    }

    pub fn days(&self) -> u32 {
        self.days.unwrap_or(self.sized(20, 365))
    }

    pub fn runs(&self) -> u32 {
        self.runs.unwrap_or(self.sized(3, 5))
    }

    pub fn growth_people(&self) -> Vec<u32> {
        let usual = self.sized([300, 1_000, 3_000], [10_000, 100_000, 1_000_000]);
        if self.growth_people.is_empty() { usual.to_vec() } else { self.growth_people.clone() }
    }

    pub fn growth_days(&self) -> Vec<u32> {
        let usual = self.sized([3, 9, 27], [36, 365, 3_650]);
        if self.growth_days.is_empty() { usual.to_vec() } else { self.growth_days.clone() }
    }

    pub fn growth_history_people(&self) -> u32 {
        self.growth_history_people.unwrap_or(self.sized(100, 1_000))
    }

    fn sized<T>(&self, tiny: T, full: T) -> T {
        if self.full { full } else { tiny }
    }
}

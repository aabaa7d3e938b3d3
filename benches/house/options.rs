//! What the house is asked to do.
//!
//! What it is: the command line. May assume: nothing. Must not: do anything.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// What oneseat costs, beside a floor and its peers.
#[derive(Parser)]
#[command(name = "house", bin_name = "cargo bench --bench house --")]
pub struct Options {
    /// People in Cloud, in the jobs of one day; three quarters as many Server accounts come with them.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub people: u32,
    /// People in Cloud, in the jobs of a history [default: as --people, at most 100,000].
    #[arg(long, value_name = "N")]
    pub history_people: Option<u32>,
    /// Daily snapshots of the history.
    #[arg(long, value_name = "N", default_value_t = 365)]
    pub days: u32,
    /// Only these jobs.
    #[arg(long, value_enum, value_name = "JOB", value_delimiter = ',')]
    pub jobs: Vec<Job>,
    /// Only the first import and the peers: short for `--jobs import,peers`.
    #[arg(long, conflicts_with_all = ["jobs", "growth"])]
    pub peers: bool,
    /// How each job grows with people and with days, instead of the jobs themselves.
    #[arg(long)]
    pub growth: bool,
    /// The numbers of people for --growth.
    #[arg(long, value_name = "N", value_delimiter = ',',
        default_values_t = [10_000, 30_000, 100_000, 300_000, 1_000_000])]
    pub growth_people: Vec<u32>,
    /// The numbers of days for --growth.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [1, 30, 365, 3_650])]
    pub growth_days: Vec<u32>,
    /// People in the history of --growth.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub growth_history_people: u32,
    /// How often each job is run; the median counts.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: u32,
    /// A question, or a job of a peer, is not begun again after this many seconds; the column
    /// `runs` says how often it was.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub budget: u64,
    /// A question that takes longer than so many seconds is stopped; its row says so.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub limit: u64,
    /// Work here and keep what is made: files of the same size are not made again, and jobs that
    /// only ask use the databases of the last run [default: a temporary folder].
    #[arg(long, visible_alias = "keep", value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Another oneseat than the one of this checkout, to compare.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// The Python that runs the peers.
    #[arg(long, value_name = "FILE", default_value = "python3")]
    pub python: PathBuf,
    /// Put the results into benches/RESULTS.md (with --growth: their own part of it).
    #[arg(long)]
    pub write: bool,
}

/// What can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Job {
    /// The first import, and the floor.
    Import,
    /// The days after it, and the floor.
    NextDay,
    /// `consumption`, newest and on days of the past.
    Consumption,
    /// `duplicates`, all evidence.
    Duplicates,
    /// `explain WHO`.
    Explain,
    /// Python, sqlite-utils and DuckDB, where installed.
    Peers,
    /// `trend` of the history.
    Trend,
    /// `diff` of neighboring days.
    Diff,
    /// Snapshots put between two others.
    Between,
    /// The file after the first day and after the last.
    File,
    /// `verify` of the history.
    Verify,
}

impl Options {
    /// Whether a job is asked for.
    pub fn wants(&self, job: Job) -> bool {
        if self.peers {
            return matches!(job, Job::Import | Job::Peers);
        }
        self.jobs.is_empty() || self.jobs.contains(&job)
    }

    /// Whether one of these jobs is.
    pub fn wants_any(&self, jobs: &[Job]) -> bool {
        jobs.iter().any(|job| self.wants(*job))
    }

    /// People in the history.
    pub fn history_people(&self) -> u32 {
        self.history_people.unwrap_or(self.people.min(100_000))
    }
}

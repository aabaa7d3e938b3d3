//! What the house is asked to do.
//!
//! What it is: the command line. May assume: nothing. Must not: do anything.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// What oneseat costs, beside a floor and its peers.
#[derive(Parser)]
#[command(name = "house", bin_name = "cargo bench --bench house --")]
pub struct Options {
    /// At full size, the one at which the goals are stated. Without it everything is tiny and takes
    /// seconds: it shows that the house stands, and no more. Any size can be set on its own.
    #[arg(long)]
    pub full: bool,
    /// People in Cloud, in the jobs of one day; three quarters as many Server accounts come with
    /// them [default: 2,000; with --full 1,000,000].
    #[arg(long, value_name = "N")]
    people: Option<u32>,
    /// People in Cloud, in the jobs of a history [default: as --people, at most 100,000].
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
    /// How each job grows with people and with days, instead of the jobs themselves.
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
    /// How many rounds there are, in each of which every job is run once; the median counts
    /// [default: 3; with --full 5].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    runs: Option<u32>,
    /// A question, or a job of a peer, is not begun again after this many seconds in all; the column
    /// `runs` says how often it was. The floor, and the peer that a goal names, have every round.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub budget: u64,
    /// A question that takes longer than so many seconds is stopped; its row says so.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub limit: u64,
    /// Work here and keep what is made: files of the same size are not made again, and jobs that
    /// only ask use the databases of the last run [default: a temporary folder].
    #[arg(long, visible_alias = "keep", value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Measure this oneseat in place of the one built from this checkout.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// An older oneseat, measured in the same rounds as "oneseat before": its file is what ours is
    /// held against, and what is migrated.
    #[arg(long, value_name = "FILE")]
    pub before: Option<PathBuf>,
    /// The Python that runs the peers.
    #[arg(long, value_name = "FILE", default_value = "python3")]
    pub python: PathBuf,
    /// Put the results into benches/RESULTS.md (with --growth: their own part of it); only with
    /// --full, so that no tiny figures stand there by mistake.
    #[arg(long, requires = "full")]
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
    /// One point of `trend`: people matched, without evidence of duplicates.
    Matching,
    /// `duplicates`, all evidence.
    Duplicates,
    /// `explain WHO`, of people and of nobody.
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
    /// `verify`, of a day and of the history.
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

    /// Whether one of these jobs is.
    pub fn wants_any(&self, jobs: &[Job]) -> bool {
        jobs.iter().any(|job| self.wants(*job))
    }

    /// People in Cloud on the one day.
    pub fn people(&self) -> u32 {
        self.people.unwrap_or(self.sized(2_000, 1_000_000))
    }

    /// People in the history.
    pub fn history_people(&self) -> u32 {
        self.history_people.unwrap_or(self.people().min(100_000))
    }

    /// Days of the history.
    pub fn days(&self) -> u32 {
        self.days.unwrap_or(self.sized(20, 365))
    }

    /// Rounds.
    pub fn runs(&self) -> u32 {
        self.runs.unwrap_or(self.sized(3, 5))
    }

    /// Numbers of people for --growth.
    pub fn growth_people(&self) -> Vec<u32> {
        let usual = self.sized([300, 1_000, 3_000], [10_000, 100_000, 1_000_000]);
        if self.growth_people.is_empty() { usual.to_vec() } else { self.growth_people.clone() }
    }

    /// Numbers of days for --growth.
    pub fn growth_days(&self) -> Vec<u32> {
        let usual = self.sized([3, 9, 27], [36, 365, 3_650]);
        if self.growth_days.is_empty() { usual.to_vec() } else { self.growth_days.clone() }
    }

    /// People in the history of --growth.
    pub fn growth_history_people(&self) -> u32 {
        self.growth_history_people.unwrap_or(self.sized(100, 1_000))
    }

    fn sized<T>(&self, tiny: T, full: T) -> T {
        if self.full { full } else { tiny }
    }
}

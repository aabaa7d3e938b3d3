//! The demo enterprise: realistic snapshot files in the real formats, for newcomers and benches.
//!
//! This folder generates the files of one Cloud enterprise and three Server instances over some time, the
//! history. Every life is a function of the seed and a number. So files of any size can be written without
//! holding them in memory, and the same options give the same bytes on every machine. The folder may assume a
//! directory that it can write into. It must not use any other module of the program, the clock, or the data of
//! real people.

#![forbid(unsafe_code)]

mod account;
mod all_users;
mod consumed_licenses;
mod event;
mod instance_users;
mod json;
mod license_usage;
mod life;
mod name_tables;
mod names;
mod population;
mod schedule;
mod sync;
#[cfg(test)]
mod tests;
mod traits;
mod truth;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use account::DemoInstance;
use population::DemoPeople;
use schedule::{Schedule, SnapshotDay};

const WRITE_BUFFER: usize = 256 * 1024;

/// The size, length and seed of the demo to generate.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// The number of people at the company on the first day.
    pub people: u32,
    /// The length of the history in days, at least one.
    pub days: u32,
    /// The number of days from one snapshot to the next, at least one.
    pub every: u32,
    /// The day of the last snapshot.
    pub end: chrono::NaiveDate,
    /// The seed of the random numbers. Another seed gives another enterprise.
    pub seed: u64,
}

/// The source that a demo file is a snapshot of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemoSource {
    /// A Cloud enterprise.
    Cloud {
        /// The short name of the enterprise.
        enterprise: String,
    },
    /// A Server instance.
    Server {
        /// The host name of the instance.
        host: String,
    },
}

/// A snapshot file that the demo has written.
#[derive(Clone, Debug)]
pub struct DemoFile {
    /// The path of the file.
    pub path: PathBuf,
    /// The source that the file is a snapshot of.
    pub origin: DemoSource,
    /// The time at which the snapshot was taken, in seconds since 1970 UTC.
    pub taken_at: i64,
}

/// Writes all snapshot files of the demo into `dir`, in order of time. Calls `written` after each file; an error
/// of `written` ends the writing.
pub fn write_files(
    dir: &Path,
    options: &DemoOptions,
    written: &mut dyn FnMut(DemoFile) -> io::Result<()>,
) -> io::Result<()> {
    let schedule = Schedule::new(options.end, options.days, options.every)?;
    let population = DemoPeople::new(options.people, schedule.days, options.seed);
    for snapshot in schedule.snapshot_days() {
        for source in Source::ALL.iter().filter(|source| source.exists(&schedule, snapshot)) {
            written(source.write_file(dir, &population, &schedule, snapshot)?)?;
        }
    }
    Ok(())
}

/// Writes `truth.ndjson` into `dir`: the people who take two licenses on the last day of the demo, and those who
/// only seem to. The file is no snapshot, and no reader accepts it as one.
pub fn write_truth(dir: &Path, options: &DemoOptions) -> io::Result<PathBuf> {
    let schedule = Schedule::new(options.end, options.days, options.every)?;
    let population = DemoPeople::new(options.people, schedule.days, options.seed);
    let path = dir.join(truth::FILE_NAME);
    let mut out = BufWriter::with_capacity(WRITE_BUFFER, File::create(&path)?);
    truth::write(&mut out, &population, &schedule)?;
    out.flush()?;
    Ok(path)
}

#[derive(Clone, Copy)]
enum Source {
    Server(DemoInstance),
    Cloud,
}

impl Source {
    /// All sources of the demo, in the order of the time of day of their snapshots.
    const ALL: [Source; 4] = [
        Source::Server(DemoInstance::Ghes1),
        Source::Server(DemoInstance::Ghes2),
        Source::Server(DemoInstance::Ghes3),
        Source::Cloud,
    ];

    fn exists(self, schedule: &Schedule, snapshot: SnapshotDay) -> bool {
        match self {
            Source::Server(instance) => schedule.is_connected(instance, snapshot.day),
            Source::Cloud => true,
        }
    }

    /// The time of day of the source's snapshots, in minutes after midnight UTC.
    fn minute_of_day(self) -> u64 {
        match self {
            Source::Server(DemoInstance::Ghes1) => 5 * 60,
            Source::Server(DemoInstance::Ghes2) => 5 * 60 + 10,
            Source::Server(DemoInstance::Ghes3) => 5 * 60 + 20,
            Source::Cloud => 6 * 60,
        }
    }

    fn file_name(self, time: &str) -> String {
        match self {
            Source::Server(instance @ DemoInstance::Ghes3) => {
                format!("{}-license-usage-{time}.json", instance.host())
            }
            Source::Server(instance) => format!("{}-all_users-{time}.csv", instance.host()),
            Source::Cloud => {
                format!("consumed_licenses-{}-{time}.json", consumed_licenses::ENTERPRISE)
            }
        }
    }

    fn origin(self) -> DemoSource {
        match self {
            Source::Server(instance) => DemoSource::Server { host: instance.host().to_owned() },
            Source::Cloud => {
                DemoSource::Cloud { enterprise: consumed_licenses::ENTERPRISE.to_owned() }
            }
        }
    }

    fn write_file(
        self,
        dir: &Path,
        population: &DemoPeople,
        schedule: &Schedule,
        snapshot: SnapshotDay,
    ) -> io::Result<DemoFile> {
        let taken_at = schedule.second_of(snapshot.day, self.minute_of_day() * 60)?;
        let path = dir.join(self.file_name(&taken_at.format("%Y-%m-%dT%H-%M-%SZ").to_string()));
        let mut out = BufWriter::with_capacity(WRITE_BUFFER, File::create(&path)?);
        match self {
            Source::Server(instance @ DemoInstance::Ghes3) => {
                license_usage::write(&mut out, population, schedule, instance, snapshot.day)?;
            }
            Source::Server(instance) => {
                all_users::write(&mut out, population, schedule, instance, snapshot.day)?;
            }
            Source::Cloud => consumed_licenses::write(&mut out, population, schedule, snapshot)?,
        }
        out.flush()?;
        Ok(DemoFile { path, origin: self.origin(), taken_at: taken_at.timestamp() })
    }
}

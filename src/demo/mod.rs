//! The demo enterprise: realistic snapshot files in the real formats, for newcomers and benches.
//!
//! This folder generates the files of one Cloud enterprise and three Server instances over some time (the
//! history), and of the company's two employee directories. If asked, people move to a second enterprise. Every
//! life is a function of the seed and of the person's number. So files of any size can be written without
//! holding them in memory, and the same options give the same bytes on every machine. The folder may assume a
//! directory that it can write into. It must not use any other module of the program, the clock, or the data of
//! real people.

#![forbid(unsafe_code)]

mod account;
mod all_users;
mod consumed_licenses;
mod departures;
#[cfg(test)]
mod directory_tests;
mod entra;
mod event;
mod hr;
mod instance_users;
mod json;
mod license_usage;
mod life;
mod listing;
mod migration;
mod name_tables;
mod names;
mod population;
mod schedule;
mod sync;
#[cfg(test)]
mod tests;
mod traits;
mod truth;
mod truth_values;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use account::DemoInstance;
use population::DemoPeople;
use schedule::{Schedule, SnapshotDay};

const WRITE_BUFFER: usize = 256 * 1024;

/// What the demo is like: its size, its length, and the seed of its random numbers.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// The number of people at the company on the first day.
    pub people: u32,
    /// The length of the history in days, at least one.
    pub days: u32,
    /// How many days pass from one snapshot to the next, at least one.
    pub every: u32,
    /// The day of the last snapshot.
    pub end: chrono::NaiveDate,
    /// The seed of the random numbers. Another seed gives another enterprise.
    pub seed: u64,
    /// Whether there is a second enterprise, with managed users only, to which people move.
    pub has_second_enterprise: bool,
    /// Whether the lists of the employee directories are written.
    pub has_directories: bool,
}

/// What a file of the demo is a snapshot of.
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
    /// An employee directory.
    Directory {
        /// The name of the directory.
        name: &'static str,
    },
}

/// A snapshot file that the demo has written.
#[derive(Clone, Debug)]
pub struct DemoFile {
    /// The path of the file.
    pub path: PathBuf,
    /// What the file is a snapshot of.
    pub origin: DemoSource,
    /// The time at which the snapshot was taken, in seconds since 1970 UTC.
    pub taken_at: i64,
}

/// Writes all snapshot files of the demo into `dir`, in order of time. `written` is called after each file, and
/// an error that it returns ends the writing.
pub fn write_files(
    dir: &Path,
    options: &DemoOptions,
    written: &mut dyn FnMut(DemoFile) -> io::Result<()>,
) -> io::Result<()> {
    let (schedule, population) = options.enterprise()?;
    for snapshot in schedule.snapshot_days() {
        for source in Source::ALL {
            if source.exists(&population, &schedule, snapshot) {
                written(source.write_file(dir, &population, &schedule, snapshot)?)?;
            }
        }
    }
    Ok(())
}

/// Writes the lists of the employee directories into `dir`, in order of time, unless the options leave them
/// out. `written` is called after each file, and an error that it returns ends the writing. The HR system's
/// lists can be imported only with the configuration that [`write_configuration`] writes.
pub fn write_directories(
    dir: &Path,
    options: &DemoOptions,
    written: &mut dyn FnMut(DemoFile) -> io::Result<()>,
) -> io::Result<()> {
    let (schedule, population) = options.enterprise()?;
    let days = schedule.directory_days().filter(|_| options.has_directories);
    for snapshot in days {
        for source in [Source::Entra, Source::Hr] {
            written(source.write_file(dir, &population, &schedule, snapshot)?)?;
        }
    }
    Ok(())
}

/// Writes the configuration file that says what the columns of the HR system's lists mean, and returns its
/// path.
pub fn write_configuration(dir: &Path) -> io::Result<PathBuf> {
    let path = dir.join("config.toml");
    std::fs::write(&path, hr::configuration())?;
    Ok(path)
}

/// Writes `truth.ndjson` into `dir`, and returns its path. The file lists the people who take two licenses on
/// the last day of the demo, those who only seem to, those who left and still have a seat, and those with seats
/// in both enterprises. It is no snapshot, and no reader accepts it as one.
pub fn write_truth(dir: &Path, options: &DemoOptions) -> io::Result<PathBuf> {
    let (schedule, population) = options.enterprise()?;
    let path = dir.join(truth::FILE_NAME);
    let mut out = BufWriter::with_capacity(WRITE_BUFFER, File::create(&path)?);
    truth::write(&mut out, &population, &schedule, options.has_directories)?;
    departures::write(&mut out, &population, &schedule, options.has_directories)?;
    out.flush()?;
    Ok(path)
}

impl DemoOptions {
    fn enterprise(&self) -> io::Result<(Schedule, DemoPeople)> {
        let schedule = Schedule::new(self.end, self.days, self.every)?;
        let population = DemoPeople::new(self.people, schedule.days, self.seed);
        let population = match self.has_second_enterprise {
            true => population.with_second_enterprise(),
            false => population,
        };
        Ok((schedule, population))
    }
}

#[derive(Clone, Copy)]
enum Source {
    Server(DemoInstance),
    Cloud,
    SecondCloud,
    Entra,
    Hr,
}

impl Source {
    /// Everything that has snapshots with accounts, in the order of the time of day at which they are taken.
    const ALL: [Source; 5] = [
        Source::Server(DemoInstance::Ghes1),
        Source::Server(DemoInstance::Ghes2),
        Source::Server(DemoInstance::Ghes3),
        Source::Cloud,
        Source::SecondCloud,
    ];

    /// Whether a snapshot is taken on a day. The second enterprise has its first one when it has its first
    /// account.
    fn exists(self, population: &DemoPeople, schedule: &Schedule, snapshot: SnapshotDay) -> bool {
        match self {
            Source::Server(instance) => schedule.is_connected(instance, snapshot.day),
            Source::Cloud | Source::Entra | Source::Hr => true,
            Source::SecondCloud => {
                population.has_second_enterprise()
                    && population.people().any(|it| it.life.managed_user_on(snapshot.day).is_some())
            }
        }
    }

    /// The time of day at which snapshots are taken, in minutes after midnight UTC.
    fn minute_of_day(self) -> u64 {
        match self {
            Source::Server(DemoInstance::Ghes1) => 5 * 60,
            Source::Server(DemoInstance::Ghes2) => 5 * 60 + 10,
            Source::Server(DemoInstance::Ghes3) => 5 * 60 + 20,
            Source::Cloud => 6 * 60,
            Source::SecondCloud => 6 * 60 + 10,
            Source::Entra => 4 * 60,
            Source::Hr => 4 * 60 + 10,
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
            Source::SecondCloud => {
                format!("consumed_licenses-{}-{time}.json", consumed_licenses::SECOND_ENTERPRISE)
            }
            Source::Entra => format!("entra-users-{time}.csv"),
            Source::Hr => format!("hr-employees-{time}.csv"),
        }
    }

    fn origin(self) -> DemoSource {
        match self {
            Source::Server(instance) => DemoSource::Server { host: instance.host().to_owned() },
            Source::Cloud => {
                DemoSource::Cloud { enterprise: consumed_licenses::ENTERPRISE.to_owned() }
            }
            Source::SecondCloud => {
                DemoSource::Cloud { enterprise: consumed_licenses::SECOND_ENTERPRISE.to_owned() }
            }
            Source::Entra => DemoSource::Directory { name: "entra" },
            Source::Hr => DemoSource::Directory { name: "hr" },
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
            Source::SecondCloud => {
                consumed_licenses::write_managed(&mut out, population, snapshot)?;
            }
            Source::Entra => entra::write(&mut out, population, snapshot.day)?,
            Source::Hr => hr::write(&mut out, population, schedule, snapshot.day)?,
        }
        out.flush()?;
        Ok(DemoFile { path, origin: self.origin(), taken_at: taken_at.timestamp() })
    }
}

//! Bytes flipped in a database, one at a time. `verify` finds each, or the program refuses the file when it
//! opens it, or no answer changes. In the last case the campaign reports what the byte is for.
//!
//! What it is: it makes the database, starts and watches the workers, and counts. A worker that is silent for
//! the time limit is stopped and counted as hung, and one that ends early as crashed. Must not: judge (the
//! worker does).

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use clap::Args;

use crate::pages::{self, Region, Root};
use crate::{Result, subject, worker};

#[derive(Args)]
pub struct Options {
    /// Number of bytes to flip in the database.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    flips: u64,
    /// Number of bytes to flip in the write-ahead log [default: a tenth].
    #[arg(long, value_name = "N")]
    log_flips: Option<u64>,
    /// Another seed gives other flips.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Number of processes that flip at the same time.
    #[arg(long, value_name = "N", default_value_t = 2)]
    jobs: u64,
    /// Seconds after which a flip counts as hung.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    limit: u64,
}

/// The number of a flip, and its result.
type Came = (u64, String);

/// Runs both campaigns, and returns whether every promise held.
pub fn run(options: &Options) -> Result<bool> {
    let started = Instant::now();
    let place = tempfile::tempdir()?;
    let database = subject::make(place.path())?;
    let file = std::fs::read(&database)?;
    let regions = pages::regions(&file, &roots(&database)?)?;
    let came = campaign(options, &database, place.path(), options.flips, false)?;
    println!(
        "# Flipped bytes\n\nA database of {} bytes, {} flips, seed {}.\n",
        file.len(),
        came.len(),
        options.seed
    );
    let of =
        |number: u64| region_name(&regions[worker::flip(options.seed, number, file.len()).offset]);
    let mut held = table(&came);
    right(&came, &of);
    held &= wrong(&came, &of, options, file.len());
    let copy = subject::with_log(&database, &place.path().join("log"))?;
    let length = std::fs::metadata(copy.with_file_name("oneseat.db-wal"))?.len();
    let count = options.log_flips.unwrap_or(options.flips / 10);
    let came = campaign(options, &copy, place.path(), count, true)?;
    println!(
        "\n# Flipped bytes of the write-ahead log\n\nA log of {length} bytes, {} flips; `verify` is given the newest head.\n",
        came.len()
    );
    held &= table(&came);
    held &= wrong(&came, &|_| "the log".to_owned(), options, length as usize);
    println!("\n{:.0} s in all.", started.elapsed().as_secs_f64());
    Ok(held)
}

/// The results of the flips, by kind. Returns whether none crashed, hung or gave a wrong answer unnoticed.
fn table(came: &[Came]) -> bool {
    let count = |is: &dyn Fn(&str) -> bool| came.iter().filter(|(_, word)| is(word)).count();
    let lines = [
        ("found by `verify` (exit code 1)", count(&|it| it == "verify")),
        ("refused (exit code 4)", count(&|it| it == "refused")),
        (
            "mended at opening (a public view, made anew), every answer right",
            count(&|it| it == "mended"),
        ),
        ("every answer right", count(&|it| it == "right")),
        ("**a wrong answer, and `verify` content**", count(&|it| it.starts_with("wrong"))),
        ("**an exit code that is not promised**", count(&|it| it.starts_with("code"))),
        ("**panic**", count(&|it| it == "panic")),
        ("**crash**", count(&|it| it == "crash")),
        ("**hang**", count(&|it| it == "hang")),
    ];
    println!("| what came of it | flips |\n| --- | ---: |");
    for (what, number) in lines {
        println!("| {what} | {number} |");
    }
    lines[4..].iter().all(|(_, number)| *number == 0)
}

/// The regions of the flips that changed no answer.
fn right(came: &[Came], of: &dyn Fn(u64) -> String) {
    let mut regions: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (number, word) in came {
        let counted = regions.entry(of(*number)).or_default();
        counted.0 += u64::from(word == "right");
        counted.1 += 1;
    }
    println!(
        "\n| every answer right: the byte is in | flips | of those flipped there |\n| --- | ---: | ---: |"
    );
    for (region, (right, all)) in regions.iter().filter(|(_, (right, _))| *right > 0) {
        println!("| {region} | {right} | {all} |");
    }
}

/// Prints the faults, so that they can be examined.
fn wrong(came: &[Came], of: &dyn Fn(u64) -> String, options: &Options, length: usize) -> bool {
    let fine = ["verify", "refused", "right", "mended"];
    let wrong: Vec<&Came> =
        came.iter().filter(|(_, word)| !fine.contains(&word.as_str())).collect();
    for (number, word) in wrong.iter().take(50) {
        let flip = worker::flip(options.seed, *number, length);
        println!(
            "\n- {word}: flip {number}, byte {} by {:#04x}, in {}",
            flip.offset,
            flip.mask,
            of(*number)
        );
    }
    wrong.is_empty()
}

fn region_name(region: &Region) -> String {
    match region {
        Region::Header(field) => format!("the file's header: {field}"),
        Region::FreePage => "free pages".to_owned(),
        Region::Unused(what) => format!("unused: {what}"),
        Region::PageHeader(of) => format!("the header of a page of {of}"),
        Region::Pointer(of) => format!("a cell's pointer in {of}"),
        Region::Cell(of) => format!("a cell of {of}"),
        Region::Placeholder(_) => "the placeholder of a row's number in a record".to_owned(),
    }
}

/// The root pages of tables and indexes. A column is the row's number if it alone is the primary key, and an
/// INTEGER.
fn roots(database: &Path) -> Result<BTreeMap<u32, Root>> {
    let connection = rusqlite::Connection::open(database)?;
    let mut statement = connection.prepare(
        "SELECT rootpage, sqlite_schema.name,
           CASE max(pk) WHEN 1 THEN max(iif(pk = 1 AND columns.type = 'INTEGER', cid, NULL)) END
         FROM sqlite_schema LEFT JOIN pragma_table_info(sqlite_schema.name) AS columns
         WHERE rootpage > 0 GROUP BY rootpage",
    )?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, Root { name: row.get(1)?, number: row.get(2)? })))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All flips, in several processes.
fn campaign(
    options: &Options,
    database: &Path,
    place: &Path,
    flips: u64,
    log: bool,
) -> Result<Vec<Came>> {
    let jobs = options.jobs.max(1);
    let share = |job: u64| flips * job / jobs;
    let running = (0..jobs).map(|job| {
        let watched = Watched {
            database: database.to_owned(),
            folder: place.join(format!("worker-{job}")),
            seed: options.seed,
            limit: Duration::from_secs(options.limit),
            log,
        };
        let (from, to) = (share(job), share(job + 1));
        std::thread::spawn(move || watched.all(from, to).map_err(|error| error.to_string()))
    });
    let running: Vec<_> = running.collect();
    let mut came = Vec::new();
    for thread in running {
        came.extend(thread.join().map_err(|_| "a watching thread ended early")??);
    }
    Ok(came)
}

/// A worker and its input.
struct Watched {
    database: PathBuf,
    folder: PathBuf,
    seed: u64,
    limit: Duration,
    log: bool,
}

impl Watched {
    /// All flips in a range of numbers. A worker that ends early is followed by the next.
    fn all(&self, from: u64, to: u64) -> Result<Vec<Came>> {
        let mut came: Vec<Came> = Vec::new();
        while from + (came.len() as u64) < to {
            let next = from + came.len() as u64;
            let (mut child, lines) = self.start(next, to)?;
            let mut begun = false;
            let ended = loop {
                // Before the first flip, the sound database is asked.
                match lines.recv_timeout(self.limit) {
                    Ok(line) if line.starts_with("begin ") => begun = true,
                    Ok(line) => {
                        let word = line.split(' ').nth(2).unwrap_or("crash").to_owned();
                        came.push((from + came.len() as u64, word));
                    }
                    Err(RecvTimeoutError::Timeout) => break "hang",
                    Err(RecvTimeoutError::Disconnected) => break "crash",
                }
            };
            // It may have ended by itself.
            let _gone = child.kill();
            child.wait()?;
            if !begun {
                return Err("a worker ended before its first flip".into());
            }
            if from + (came.len() as u64) < to {
                came.push((from + came.len() as u64, ended.to_owned()));
            }
        }
        Ok(came)
    }

    fn start(&self, from: u64, to: u64) -> Result<(Child, Receiver<String>)> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("worker").arg(&self.database).arg(&self.folder);
        command.args(["--seed", &self.seed.to_string(), "--from", &from.to_string()]);
        command.args(["--to", &to.to_string()]).args(self.log.then_some("--log"));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let out = BufReader::new(child.stdout.take().ok_or("no output")?);
        let (said, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(|line| line.ok()) {
                if said.send(line).is_err() {
                    break;
                }
            }
        });
        Ok((child, lines))
    }
}

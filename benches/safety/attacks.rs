//! Attacks by input, each beside harmless input of the same size, as whole processes, with time and peak memory
//! of both.
//!
//! What it is: it makes the files, runs the program, and prints the cost. The program withstands an attack if
//! every command ends within the limit with a promised exit code, takes only a few times as much as with the
//! harmless input, and stays within the memory limit. Must not: judge answers (tests do).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use flate2::Compression;
use wait4::Wait4 as _;

use crate::Result;
use crate::harm::{self, CASES, Case, FILES};

#[derive(Args)]
pub struct Options {
    /// Rows of each file.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    size: u32,
    /// Seconds after which a command is stopped and counts as a failure.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    limit: u64,
    /// More than this many times the time or the memory of harmless input is a failure...
    #[arg(long, value_name = "TIMES", default_value_t = 10.0)]
    times: f64,
    /// ...if it is also more than this many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    floor: f64,
    /// Only attacks whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Print every command, not only the slowest of each attack.
    #[arg(long)]
    all: bool,
}

/// The cost of one process.
#[derive(Clone, Copy, Default)]
struct Took {
    time: Duration,
    peak: u64,
    code: Option<i32>,
}

/// A command of an attack, beside the harmless one.
struct Line {
    command: &'static str,
    /// The exit codes that it may have.
    promised: &'static [i32],
    attack: Took,
    harmless: Took,
}

impl Line {
    fn ratio(&self) -> f64 {
        self.attack.time.as_secs_f64() / self.harmless.time.as_secs_f64().max(0.001)
    }

    fn memory_ratio(&self) -> f64 {
        self.attack.peak as f64 / self.harmless.peak.max(1) as f64
    }

    /// The reason for a failure, if it is one.
    fn failure(&self, options: &Options) -> Option<&'static str> {
        match self.attack.code {
            None => return Some("stopped at the limit"),
            Some(code) if !self.promised.contains(&code) => return Some("another exit code"),
            _ => {}
        }
        if self.ratio() > options.times && self.attack.time.as_secs_f64() > options.floor {
            return Some("too slow");
        }
        let much = self.memory_ratio() > options.times && self.attack.peak > 256 << 20;
        much.then_some("too much memory")
    }
}

/// Runs all attacks, and returns whether all were withstood.
pub fn run(options: &Options) -> Result<bool> {
    let wanted = |name: &str| options.only.as_deref().is_none_or(|only| name.contains(only));
    let names: Vec<&str> =
        CASES.iter().map(|case| case.name).chain(FORMS.iter().map(|(name, _)| *name)).collect();
    if !names.iter().any(|name| wanted(name)) {
        return Err(format!(
            "--only: no attack's name contains that; these are:\n{}",
            names.join("\n")
        )
        .into());
    }
    let place = tempfile::tempdir()?;
    println!(
        "# Attacks by input\n\n{} rows in each file; time and peak memory of whole processes, beside harmless files of as many bytes.\n",
        options.size
    );
    println!(
        "| attack | command | exit | time | harmless | ratio | peak | harmless | |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    );
    let mut held = true;
    for case in CASES.iter().filter(|case| wanted(case.name)) {
        held &= by_data(case, options, place.path())?;
    }
    for (name, attack) in FORMS.iter().filter(|(name, _)| wanted(name)) {
        held &= by_form(name, *attack, options, place.path())?;
    }
    Ok(held)
}

fn print(name: &str, lines: &[Line], options: &Options) -> bool {
    let slowest = lines.iter().max_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    let mut held = true;
    for line in lines {
        let failure = line.failure(options);
        held &= failure.is_none();
        let shown = options.all
            || failure.is_some()
            || slowest.is_some_and(|it| std::ptr::eq(it, line))
            || line.command.starts_with("import");
        if shown {
            println!(
                "| {name} | {} | {} | {:.2} s | {:.2} s | {:.1} | {} MB | {} MB | {} |",
                line.command,
                line.attack.code.map_or("–".to_owned(), |code| code.to_string()),
                line.attack.time.as_secs_f64(),
                line.harmless.time.as_secs_f64(),
                line.ratio(),
                line.attack.peak >> 20,
                line.harmless.peak >> 20,
                failure.map(|it| format!("**{it}**")).unwrap_or_default(),
            );
        }
    }
    held
}

/// An attack by the values in the rows: the file is imported, then asked about.
fn by_data(case: &Case, options: &Options, place: &Path) -> Result<bool> {
    let (bad, good) = (place.join("bad"), place.join("good"));
    harm::attack(case, options.size, &bad)?;
    harm::harmless(&bad, &good)?;
    let mut lines = Vec::new();
    for file in [FILES[1], FILES[0]] {
        let arguments = |folder: &Path| {
            let file = folder.join(file).display().to_string();
            let taken_at = ["--taken-at", "2026-06-01", "--accept-short", "an attack"];
            [vec!["import".to_owned(), file], taken_at.map(str::to_owned).to_vec()].concat()
        };
        lines.push(Line {
            command: if file == FILES[0] { "import Cloud" } else { "import Server" },
            promised: &[0],
            attack: oneseat(&bad, &arguments(&bad), options)?,
            harmless: oneseat(&good, &arguments(&good), options)?,
        });
    }
    for command in ["consumption", "duplicates", "reconcile", "explain", "verify"] {
        let arguments = |who: &str| match command {
            "explain" => vec![command.to_owned(), who.to_owned(), "--json".to_owned()],
            _ => vec![command.to_owned(), "--json".to_owned()],
        };
        lines.push(Line {
            command,
            // A name that stands for too many is refused.
            promised: if command == "explain" { &[0, 2] } else { &[0] },
            attack: oneseat(&bad, &arguments(case.who), options)?,
            harmless: oneseat(&good, &arguments("user-0"), options)?,
        });
    }
    let held = print(case.name, &lines, options);
    std::fs::remove_dir_all(&bad)?;
    std::fs::remove_dir_all(&good)?;
    Ok(held)
}

/// The bytes of an attack by form, for this many rows.
type Form = fn(usize) -> Result<Vec<u8>>;

/// Attacks by the form of a file. They are only imported, beside a harmless file of as many bytes.
const FORMS: [(&str, Form); 9] = [
    ("a gzip bomb", |n| {
        use std::io::Write as _;
        let mut out = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
        out.write_all(b"{\"total_seats_consumed\":1,\"users\":[")?;
        for _ in 0..n.max(1000) {
            out.write_all(&[b' '; 10_000])?;
        }
        Ok(out.finish()?)
    }),
    ("a zstd bomb", |n| {
        let mut out = zstd::stream::write::Encoder::new(Vec::new(), 3)?;
        use std::io::Write as _;
        out.write_all(b"{\"total_seats_consumed\":1,\"users\":[")?;
        for _ in 0..n.max(1000) {
            out.write_all(&[b' '; 10_000])?;
        }
        Ok(out.finish()?)
    }),
    ("arrays within arrays", |n| {
        Ok([
            b"{\"total_seats_consumed\":1,\"users\":[{\"github_com_login\":\"a\",\"x\":".to_vec(),
            b"[".repeat(n * 10),
        ]
        .concat())
    }),
    ("objects within objects", |n| {
        Ok([
            b"{\"total_seats_consumed\":1,\"users\":[{\"github_com_login\":\"a\",\"x\":".to_vec(),
            b"{\"a\":".repeat(n * 10),
        ]
        .concat())
    }),
    ("a field of all bytes (JSON)", |n| {
        Ok([b"{\"total_seats_consumed\":1,\"users\":[{\"github_com_login\":\"a\",\"github_com_user\":true,\"github_com_name\":\"".to_vec(), b"a".repeat(n * 100), b"\"}]}".to_vec()].concat())
    }),
    ("a field of all bytes (CSV)", |n| {
        Ok([
            b"github_com_login,github_com_name,license_type\nann,\"".to_vec(),
            b"a".repeat(n * 100),
            b"\",Enterprise\n".to_vec(),
        ]
        .concat())
    }),
    ("as many columns (CSV)", |n| {
        let columns: Vec<String> = (0..n).map(|i| format!("column_{i}")).collect();
        let cells = vec!["x"; n].join(",");
        Ok(format!(
            "github_com_login,github_com_name,license_type,{}\nann,Ann,Enterprise,{cells}\n",
            columns.join(",")
        )
        .into_bytes())
    }),
    ("a zip archive with a path in it", |n| {
        let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\x10\0\0\0\x14\0\0\0../../../etc/oneseat".to_vec();
        bytes.resize(n * 100, b'x');
        Ok(bytes)
    }),
    ("an unclosed quote (CSV)", |n| {
        Ok([
            b"github_com_login,github_com_name,license_type\nann,\"".to_vec(),
            b"a,b\n".repeat(n * 25),
        ]
        .concat())
    }),
];

fn by_form(name: &str, attack: Form, options: &Options, place: &Path) -> Result<bool> {
    let (bad, good) = (place.join("bad"), place.join("good"));
    std::fs::create_dir_all(&bad)?;
    for file in FILES {
        std::fs::write(bad.join(file), attack(options.size as usize)?)?;
    }
    harm::harmless(&bad, &good)?;
    let import = |folder: &Path| {
        let file = folder.join(FILES[0]).display().to_string();
        let more = ["--enterprise", "corp", "--taken-at", "2026-06-01"].map(str::to_owned);
        oneseat(folder, &[vec!["import".to_owned(), file], more.to_vec()].concat(), options)
    };
    let lines = [Line {
        command: "import",
        promised: &[0, 3],
        attack: import(&bad)?,
        harmless: import(&good)?,
    }];
    let held = print(name, &lines, options);
    std::fs::remove_dir_all(&bad)?;
    std::fs::remove_dir_all(&good)?;
    Ok(held)
}

/// Runs the program to its end, or to the limit.
fn oneseat(folder: &Path, arguments: &[String], options: &Options) -> Result<Took> {
    let database: PathBuf = folder.join("oneseat.db");
    let mut command = Command::new(env!("CARGO_BIN_EXE_oneseat"));
    command.arg("--db").arg(database).arg("-q").args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn()?;
    let process = child.id().to_string();
    let (ended, wait) = std::sync::mpsc::channel::<()>();
    let limit = Duration::from_secs(options.limit);
    let watching = std::thread::spawn(move || {
        use std::sync::mpsc::RecvTimeoutError::Timeout;
        // `wait4` holds the child, so the system's `kill` stops it.
        wait.recv_timeout(limit) == Err(Timeout)
            && Command::new("kill").arg("-9").arg(process).status().is_ok_and(|it| it.success())
    });
    let used = child.wait4()?;
    drop(ended);
    let stopped = watching.join().unwrap_or(false);
    let code = if stopped { None } else { Some(used.status.code().unwrap_or(-1)) };
    Ok(Took { time: started.elapsed(), peak: used.rusage.maxrss, code })
}

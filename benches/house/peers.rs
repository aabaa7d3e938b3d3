//! What people use instead: Python, sqlite-utils, DuckDB, by scripts in `benches/peers`.
//!
//! What it is: the scripts, run like oneseat. Each loads the files of one day and answers two
//! questions by SQL; what SQL leaves out of them is said in `benches/README.md`. May assume: a
//! Python; a peer that is not installed is said to be missing. Must not: leave one out silently.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::data::{Base, Day, DayFiles};
use crate::house::House;
use crate::measure::{self, Figure, Run};
use crate::report::{Report, bytes};

const PEERS: [(&str, &str); 3] = [
    ("Python json + sqlite3", "with_python.py"),
    ("sqlite-utils", "with_sqlite_utils.py"),
    ("DuckDB", "with_duckdb.py"),
];

struct Peer<'a> {
    house: &'a House,
    name: String,
    script: PathBuf,
    database: PathBuf,
}

/// Measures those that are there.
pub fn run(house: &House, base: &Base, report: &mut Report) -> Result<()> {
    let files = base.day(Day::number(0))?;
    for (name, script) in PEERS {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(script);
        let asked = Command::new(&house.options.python).arg(&script).arg("version").output();
        let version = match asked {
            Ok(ran) if ran.status.success() => {
                String::from_utf8_lossy(&ran.stdout).trim().to_owned()
            }
            Ok(_) => {
                report.note(format!("{name} is not installed here, so it was not measured."));
                continue;
            }
            Err(error) => {
                report.note(format!("No Python here ({error}), so {name} was not measured."));
                continue;
            }
        };
        let database = house.folder.join("peer.db");
        let peer = Peer { house, name: version, script, database };
        // A peer may end for want of memory; the others are measured all the same.
        if let Err(error) = peer.measure(&files, report) {
            report.note(format!("{} failed: {error}", peer.name));
        }
        peer.clear()?;
    }
    Ok(())
}

impl Peer<'_> {
    fn measure(&self, files: &DayFiles, report: &mut Report) -> Result<()> {
        let figure = self.figure(|| {
            self.clear()?;
            self.job("import", Some(files))
        })?;
        report.figure("first import", &self.name, &figure, Vec::new());
        report.value(
            &format!("file of {}", self.name),
            bytes(self.database.metadata()?.len()),
            Vec::new(),
        );
        for question in ["consumption", "duplicates"] {
            let figure = self.figure(|| self.job(question, None))?;
            report.figure(&format!("{question}, in SQL"), &self.name, &figure, Vec::new());
        }
        Ok(())
    }

    fn figure(&self, job: impl FnMut() -> Result<Run>) -> Result<Figure> {
        Figure::within(self.house.budget(), self.house.options.runs, Vec::new(), job)
    }

    fn job(&self, job: &str, files: Option<&DayFiles>) -> Result<Run> {
        let mut command = Command::new(&self.house.options.python);
        command.arg(&self.script).arg(job).arg(&self.database);
        for file in files.iter().flat_map(|files| &files.files) {
            command.arg(&file.path);
        }
        measure::run(&mut command)
    }

    fn clear(&self) -> Result<()> {
        for ending in ["db", "db-wal", "db-shm", "db.wal"] {
            let file = self.database.with_extension(ending);
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

//! The tools that people use instead: Python, sqlite-utils, DuckDB, by scripts in `benches/peers`.
//!
//! What it is: the scripts, run like oneseat. Each loads the files of one day and answers two questions by SQL.
//! `benches/peers/questions.py` lists what SQL leaves out. May assume: a Python; a peer that is not installed
//! is reported as missing. Must not: leave one out silently.

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::data::DayFiles;
use crate::house::House;
use crate::measure::{self, Run};
use crate::report::{Report, bytes};
use crate::rounds::Turn;

/// The peer that a goal names.
pub const DUCKDB: &str = "DuckDB";

const PEERS: [(&str, &str); 3] = [
    (DUCKDB, "with_duckdb.py"),
    ("Python json + sqlite3", "with_python.py"),
    ("sqlite-utils", "with_sqlite_utils.py"),
];

/// An installed peer.
pub struct Peer<'a> {
    house: &'a House,
    /// The name with the version.
    name: String,
    script: PathBuf,
    database: PathBuf,
}

/// The installed peers.
pub fn found<'a>(house: &'a House, report: &mut Report) -> Vec<Peer<'a>> {
    let mut found = Vec::new();
    for (name, file) in PEERS {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(file);
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
        let database = house.folder.join(file).with_extension("db");
        found.push(Peer { house, name: version, script, database });
    }
    found
}

impl Peer<'_> {
    /// Its turn at the first import, into no database. It may fail for lack of memory, and the others are
    /// measured all the same.
    pub fn imports<'t>(&'t self, files: &'t DayFiles) -> Turn<'t> {
        let turn = Turn::new("first import", &self.name, || {
            self.clear()?;
            self.run("import", Some(files))
        });
        let turn = turn.guest();
        if self.name.starts_with(DUCKDB) { turn.every_round() } else { turn }
    }

    /// Its turn at a question in SQL, on the database of its last import.
    pub fn asks<'t>(&'t self, question: &'static str) -> Turn<'t> {
        let job = format!("{question}, in SQL");
        Turn::new(job, &self.name, move || self.run(question, None)).guest()
    }

    /// Reports the size of its database.
    pub fn tell_file(&self, report: &mut Report) {
        // After a failed import, which was reported, there is none.
        if let Ok(file) = self.database.metadata() {
            report.value("file after it", &self.name, bytes(file.len()), Vec::new());
        }
    }

    fn run(&self, job: &str, files: Option<&DayFiles>) -> Result<Run> {
        let mut command = Command::new(&self.house.options.python);
        command.arg(&self.script).arg(job).arg(&self.database);
        for file in files.iter().flat_map(|files| &files.files) {
            command.arg(&file.path);
        }
        measure::run(&mut command)
    }

    /// Removes its database.
    pub fn clear(&self) -> Result<()> {
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

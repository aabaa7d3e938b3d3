//! The scenarios: the recorded commands on one disk, one after another, and the answers of each database on it
//! after each of them.
//!
//! What it is: a year of small actions (first import, next day, replace, void, links, backups, restore of a
//! backup), and the migration of each old database of `fixtures/databases`. May assume: an empty folder of its
//! own. Must not: judge.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rand_chacha::ChaCha8Rng;

use crate::common::{demo_files, expect_zero, nobody_linked, old_database, old_schemas, words};
use crate::disk::{History, Model};
use crate::judge::{Seen, see};
use crate::record::Recorder;
use crate::{Options, Result};

/// The path of the database, in folders that the first import makes.
const LEDGER: &str = "ledger/of/oneseat.db";
const BACKUP: &str = "safe.db";
const KEPT: &str = "ledger/of/oneseat.db.before-restore";
const ELSEWHERE: &str = "another/place/oneseat.db";
const OLD: &str = "oneseat.db";

/// One disk, and the commands that ran on it.
pub struct Scenario {
    pub name: String,
    pub history: History,
    pub acts: Vec<Act>,
    /// The paths at which databases are or will be.
    pub places: Vec<Place>,
    /// The content of each place before everything, and after each act.
    pub seen: Vec<Vec<Seen>>,
}

/// A place for a database.
pub struct Place {
    pub path: PathBuf,
    /// The place has a complete database or none, not even an empty one. The ledger itself is empty for a
    /// moment before its first snapshot.
    pub whole: bool,
    /// Its rows count, and not only its answers: a migration must change no answer.
    pub rows: bool,
}

/// A command.
pub struct Act {
    pub name: String,
    pub words: Vec<String>,
    /// The steps of the command in the history.
    pub steps: Range<usize>,
    /// The step at which it has answered.
    pub answered: usize,
}

/// The name of a command that is killed after it has answered. Its log is left beside the database.
const KILLED: &str = "import that is killed";

/// The exit code of a killed process, as a shell reports it.
const BY_A_KILL: i32 = 128 + 9;

/// The commands to record.
struct Plan {
    name: String,
    places: Vec<Place>,
    acts: Vec<(&'static str, Vec<String>)>,
}

/// Makes files and runs commands.
pub struct Stage<'s> {
    pub program: &'s Path,
    pub folder: &'s Path,
    pub recorder: &'s Recorder,
    pub options: &'s Options,
}

fn place(path: &str, whole: bool) -> Place {
    Place { path: PathBuf::from(path), whole, rows: false }
}

impl Stage<'_> {
    /// Records every scenario.
    pub fn record(&self, random: &mut ChaCha8Rng) -> Result<Vec<Scenario>> {
        let files = self.files()?;
        let year = self.folder.join("disk of the year");
        std::fs::create_dir(&year)?;
        let mut scenarios = vec![self.play(&self.year(&files)?, &year, random)?];
        for schema in old_schemas()? {
            let disk = self.old_database(schema)?;
            let rows = |path: &str, whole| Place { rows: true, ..place(path, whole) };
            let plan = Plan {
                name: format!("schema {schema}"),
                places: vec![rows(OLD, true), rows(&format!("{OLD}.schema-{schema}"), true)],
                acts: vec![
                    ("migration", on(OLD, words("sources"))),
                    ("import after it", on(OLD, files[0].clone())),
                ],
            };
            let mut scenario = self.play(&plan, &disk, random)?;
            scenario.acts[0].name = format!("migration of schema {schema}");
            scenarios.push(scenario);
        }
        Ok(scenarios)
    }

    /// The words of `import`: four days of Cloud, then an instance's first day.
    fn files(&self) -> Result<Vec<Vec<String>>> {
        let files = demo_files(self.program, &self.folder.join("files"), self.options.people, 4)?;
        Ok(files.cloud.into_iter().chain(files.instances.into_iter().take(1)).collect())
    }

    /// Everything that is done to a new database.
    fn year(&self, files: &[Vec<String>]) -> Result<Plan> {
        let [first, next, other, later, instance] = files else {
            return Err("the demo wrote other files".into());
        };
        let (login, account) = self.accounts(&[first, instance])?;
        let replace = [&other[..2], &next[2..], &words("--replace")].concat();
        let ledger = |words: Vec<String>| on(LEDGER, words);
        let acts = vec![
            ("first import", ledger(first.clone())),
            ("import of an instance", ledger(instance.clone())),
            ("next day", ledger(next.clone())),
            ("replace", ledger(replace)),
            ("void", ledger(words("snapshots void 2 --reason wrong"))),
            ("link", ledger(words(&format!("links add {login} {account} --reason asked")))),
            ("backup", ledger(words(&format!("backup {BACKUP}")))),
            ("take back the voiding", ledger(words("snapshots restore 2"))),
            (
                "declaration",
                ledger(words("sources set octo-corp --billing-model metered --from 2026-01-01")),
            ),
            ("backup over another", ledger(words(&format!("backup {BACKUP} --force")))),
            (KILLED, ledger(later.clone())),
            ("restore", ledger(words(&format!("restore {BACKUP}")))),
            ("restore to a new place", on(ELSEWHERE, words(&format!("restore {BACKUP}")))),
            ("import after a restore", ledger(later.clone())),
        ];
        let places = vec![
            place(LEDGER, false),
            place(BACKUP, true),
            place(KEPT, true),
            place(ELSEWHERE, true),
        ];
        Ok(Plan { name: "a new database".to_owned(), places, acts })
    }

    /// A Cloud login and a Server account that are not linked.
    fn accounts(&self, files: &[&Vec<String>]) -> Result<(String, String)> {
        let database = self.folder.join("asked/oneseat.db");
        for file in files {
            let ran = Command::new(self.program).arg("--db").arg(&database).args(*file).output()?;
            expect_zero(file, &ran)?;
        }
        nobody_linked(self.program, &database)
    }

    fn old_database(&self, schema: i64) -> Result<PathBuf> {
        let disk = self.folder.join(format!("disk of schema {schema}"));
        std::fs::create_dir(&disk)?;
        old_database(schema, &disk.join(OLD))?;
        Ok(disk)
    }

    /// Runs all of a plan, and notes the content after each command.
    fn play(&self, plan: &Plan, disk: &Path, random: &mut ChaCha8Rng) -> Result<Scenario> {
        let mut history = History::of(disk)?;
        let mut seen = vec![self.look(&plan.places, disk)?];
        let mut acts = Vec::new();
        for (name, words) in &plan.acts {
            let from = history.len();
            let killed = *name == KILLED;
            let (ran, events) = self.recorder.run(disk, self.program, words, killed)?;
            if !killed || ran.status.code() != Some(BY_A_KILL) {
                expect_zero(words, &ran)?;
            }
            history.record(events)?;
            history.is_whole(Model::Weak, random)?;
            let steps = from..history.len();
            let answered = history.answer_in(steps.clone());
            let answered = answered.ok_or_else(|| format!("{name}: the record has no answer"))?;
            acts.push(Act { name: (*name).to_owned(), words: words.clone(), steps, answered });
            let now = self.look(&plan.places, disk)?;
            if seen.last() == Some(&now) {
                return Err(format!("{name}: changes no answer").into());
            }
            if let Some(broken) = now.iter().find(|it| matches!(it, Seen::Broken(_))) {
                return Err(format!("{name}: {broken:?}").into());
            }
            seen.push(now);
        }
        let places = plan.places.iter().map(|it| Place { path: it.path.clone(), ..*it }).collect();
        Ok(Scenario { name: plan.name.clone(), history, acts, places, seen })
    }

    /// The content of each place. Each is asked in a copy of its own, because questions change files.
    fn look(&self, places: &[Place], disk: &Path) -> Result<Vec<Seen>> {
        let look = |place| {
            let copy = tempfile::tempdir_in(self.folder)?;
            copy_all(disk, copy.path())?;
            see(self.program, copy.path(), place)
        };
        places.iter().map(look).collect()
    }
}

/// A command on a database.
fn on(database: &str, words: Vec<String>) -> Vec<String> {
    [vec!["--db".to_owned(), database.to_owned()], words].concat()
}

pub fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&there)?;
            copy_all(&entry.path(), &there)?;
        } else {
            std::fs::copy(entry.path(), there)?;
        }
    }
    Ok(())
}

/// The program, in a folder.
pub fn command(program: &Path, folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).stdin(Stdio::null());
    command
}

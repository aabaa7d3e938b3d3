//! The commands that write, each with the database before it.
//!
//! What it is: the list of all commands that write. A new one is added here. May assume: a folder for what is
//! made once. Must not: stop anything.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::common::{demo_files, expect_zero, nobody_linked, old_database, old_schemas, words};
use crate::scene::{DATABASE, Job, Keeps, Scene, copy_files};
use crate::{Options, Result};

const SNAPSHOTS: &[&str] = &["snapshots", "list"];
const CONSUMPTION: &[&str] = &["consumption"];
const SOURCES: &[&str] = &["sources"];
const LINKS: &[&str] = &["links"];
const QUESTIONS: &[&str] = &["questions"];

/// The questions for most jobs.
const PLAIN: &[&[&str]] = &[SNAPSHOTS, CONSUMPTION];

/// The file that a link to a database points to.
const LINKED: &str = "ledger.db";

/// The name of a backup that is made in the database's folder.
const BACKUP: &str = "backup.db";

/// An object that another program has put into a database.
const FOREIGN: &str = "CREATE INDEX foreign_index ON journal (previous)";

impl Scene {
    pub fn make(&self, options: &Options, people: u32) -> Result<Vec<Job>> {
        let files = demo_files(&self.program, &self.path("files"), people, 3)?;
        let [cloud, early, other] = files.cloud.as_slice() else {
            return Err("the demo wrote other files".into());
        };
        // The first day, the first and the third, and the first with all declarations.
        let first: Vec<Vec<String>> =
            [files.instances.as_slice(), std::slice::from_ref(cloud)].concat();
        let with = |more: &[Vec<String>]| [first.as_slice(), more].concat();
        let last = first.len() + 1;
        let void = words(&format!("snapshots void {last} --reason wrong"));
        let replace = [&other[..2], &early[2..], &words("--replace")].concat();
        let one_day = self.base("first", &first)?;
        let two_days = self.base("two", &with(std::slice::from_ref(early)))?;
        let gap = self.base("gap", &with(std::slice::from_ref(other)))?;
        let nothing = self.base("nothing", &[])?;
        let voided = self.base("voided", &with(&[early.clone(), void.clone()]))?;
        let (login, id) = nobody_linked(&self.program, &one_day.join(DATABASE))?;
        let link = format!("links add {login} {id} --reason asked");
        let question =
            [words("questions add who"), vec!["SELECT login FROM accounts".to_owned()]].concat();
        let declare = "sources set octo-corp --billing-model metered --from 2026-01-01";
        let rename = "sources rename ghes1.octo-corp.example git.example";
        let retire = "sources retire ghes1.octo-corp.example --from 2026-06-09";
        let mut jobs = vec![
            Job::new("first import", &nothing, PLAIN, cloud.clone()),
            Job::new("next day", &one_day, PLAIN, early.clone()),
            Job::new("in between", &gap, PLAIN, early.clone()),
            Job::new("replace", &two_days, PLAIN, replace),
            Job::new("void", &two_days, PLAIN, void),
            Job::new("restore", &voided, PLAIN, words(&format!("snapshots restore {last}"))),
            Job::new("rename", &one_day, &[SNAPSHOTS, SOURCES], words(rename)),
            Job::new("retire", &one_day, &[SOURCES, CONSUMPTION], words(retire)),
            Job::new("declare", &one_day, &[SOURCES, CONSUMPTION], words(declare)),
            Job::new("link", &one_day, &[LINKS, CONSUMPTION], words(&link)),
            Job::new("question", &one_day, &[QUESTIONS], question),
            Job {
                leads_to: Some(LINKED),
                ..Job::new("linked next day", &self.linked(&one_day)?, PLAIN, early.clone())
            },
        ];
        jobs.extend(self.backups(&one_day, &two_days, early)?);
        for schema in old_schemas()? {
            let folder = self.path(&format!("base v{schema}"));
            std::fs::create_dir(&folder)?;
            old_database(schema, &folder.join(DATABASE))?;
            let old = options.old.iter().find(|(of, _)| *of == schema);
            let migrate = |name: &str, folder: &Path| Job {
                schema: Some(schema),
                old_program: old.map(|(_, program)| program.clone()),
                ..Job::new(&format!("{name} v{schema}"), folder, PLAIN, words("sources"))
            };
            jobs.push(migrate("migrate", &folder));
            if schema == 1 {
                let linked = self.linked(&folder)?;
                jobs.push(Job { leads_to: Some(LINKED), ..migrate("linked migrate", &linked) });
            }
        }
        let place = self.place().display().to_string();
        let demo = [words("demo"), vec![place], words("--people 20 --days 14")].concat();
        jobs.push(Job { several: true, ..Job::new("demo", &nothing, PLAIN, demo) });
        Ok(jobs)
    }

    /// Jobs that make a backup or restore one.
    fn backups(&self, one_day: &Path, two_days: &Path, early: &[String]) -> Result<Vec<Job>> {
        let safe = self.path("safe.db").display().to_string();
        self.run(one_day, &["backup".to_owned(), safe.clone()])?;
        let made = self.place().join(BACKUP).display().to_string();
        let with = |verb: &str, file: &str, more: &[&str]| {
            [&[verb, file], more].concat().into_iter().map(str::to_owned).collect()
        };
        let over = self.copy("two with a backup", two_days)?;
        std::fs::copy(one_day.join(DATABASE), over.join(BACKUP))?;
        let foreign = self.copy("foreign", one_day)?;
        Connection::open(foreign.join(DATABASE))?.execute_batch(FOREIGN)?;
        let aside = |name, base: &Path, more: &[&str]| Job {
            keeps: Keeps::Aside,
            ..Job::new(name, base, PLAIN, with("restore", &safe, more))
        };
        let beside = |name, base: &Path, more: &[&str]| Job {
            keeps: Keeps::Database,
            asked_of: BACKUP,
            refusals: &[4, 5],
            ..Job::new(name, base, PLAIN, with("backup", &made, more))
        };
        Ok(vec![
            aside("go back", two_days, &[]),
            aside("go back over a log", &self.with_log(one_day, early)?, &["--verify"]),
            Job { leads_to: Some(LINKED), ..aside("linked go back", &self.linked(two_days)?, &[]) },
            beside("backup", one_day, &[]),
            beside("backup over another", &over, &["--force"]),
            beside("backup of rows", &foreign, &["--rows-only"]),
        ])
    }

    /// A folder with the database that these commands make.
    fn base(&self, name: &str, commands: &[Vec<String>]) -> Result<PathBuf> {
        let folder = self.path(&format!("base {name}"));
        std::fs::create_dir(&folder)?;
        for command in commands {
            self.run(&folder, command)?;
        }
        Ok(folder)
    }

    fn run(&self, folder: &Path, words: &[String]) -> Result<()> {
        expect_zero(words, &self.command(&folder.join(DATABASE)).args(words).output()?)
    }

    fn copy(&self, name: &str, of: &Path) -> Result<PathBuf> {
        let folder = self.path(&format!("base {name}"));
        std::fs::create_dir(&folder)?;
        copy_files(of, &folder)?;
        Ok(folder)
    }

    /// The same database, behind a symbolic link.
    fn linked(&self, of: &Path) -> Result<PathBuf> {
        let name = of.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = self.copy(&format!("linked {name}"), of)?;
        std::fs::rename(folder.join(DATABASE), folder.join(LINKED))?;
        std::os::unix::fs::symlink(LINKED, folder.join(DATABASE))?;
        Ok(folder)
    }

    /// The same database after an import that is only in its log, as after a kill.
    fn with_log(&self, of: &Path, import: &[String]) -> Result<PathBuf> {
        let live = self.copy("live", of)?;
        // The last process that closes a database moves its log into it. This connection keeps it open.
        let held = Connection::open(live.join(DATABASE))?;
        held.query_row("SELECT count(*) FROM journal", [], |_| Ok(()))?;
        self.run(&live, import)?;
        let folder = self.copy("with a log", &live)?;
        std::fs::remove_file(folder.join(format!("{DATABASE}-shm")))?;
        drop(held);
        match std::fs::metadata(folder.join(format!("{DATABASE}-wal")))?.len() {
            0 => Err("the log is empty".into()),
            _ => Ok(folder),
        }
    }
}

//! The jobs: a command that writes, the database before it, and what it must answer before and
//! after.
//!
//! What it is: folders made once with `oneseat demo --files-only` and the dumps in
//! `fixtures/databases`, copied for each round. May assume: an empty folder of its own. Must not:
//! stop anything.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Options, Result};

/// Dumps of databases of old schemas.
const OLD_DATABASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/databases");

/// The database's name in its folder.
pub const DATABASE: &str = "oneseat.db";

pub struct Scene {
    pub program: PathBuf,
    pub jobs: Vec<Job>,
    folder: TempDir,
}

/// A command that writes.
pub struct Job {
    pub name: String,
    /// The folder before it.
    base: PathBuf,
    /// What is asked before and after.
    asked: Asked,
    words: Vec<String>,
    /// The schema before it, if the command migrates.
    pub schema: Option<i64>,
    /// A program of that schema.
    pub old_program: Option<PathBuf>,
    /// Writes several transactions: any of them may be the last one that is stored.
    pub several: bool,
    /// The answers before; `None`: there is no database, or nothing in it.
    pub old: Option<Answers>,
    /// The answers after.
    pub new: Option<Answers>,
}

/// What a database answers: standard output of every question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers(pub Vec<String>);

impl Answers {
    /// Without what differs from run to run: when it was imported, salted hashes.
    pub fn apart_from_chance(&self) -> Vec<Value> {
        self.0
            .iter()
            .map(|text| {
                let mut value = serde_json::from_str(text).unwrap_or_default();
                forget_chance(&mut value, false);
                if value["schema"] == "oneseat.links/1" {
                    forget_ids(&mut value["items"]);
                }
                value
            })
            .collect()
    }
}

fn forget_chance(value: &mut Value, at: bool) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let chance = ["imported_at", "content_hash", "head", "declared_at", "saved_at"];
                if chance.contains(&key.as_str()) || (at && key == "at") {
                    *value = Value::Null;
                }
                forget_chance(value, key == "voided");
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| forget_chance(value, at)),
        _ => {}
    }
}

/// A link that is declared again has another number.
fn forget_ids(links: &mut Value) {
    for link in links.as_array_mut().into_iter().flatten() {
        link["id"] = Value::Null;
    }
}

/// Questions, as words of the command line.
type Asked = Vec<&'static [&'static str]>;

/// A job's name, the folder before it, what is asked, and its words.
type Known<'k> = (&'k str, &'k Path, Asked, Vec<String>);

const SNAPSHOTS: &[&str] = &["snapshots", "list"];
const CONSUMPTION: &[&str] = &["consumption"];

impl Scene {
    pub fn set(options: &Options, people: u32) -> Result<Scene> {
        let place = options.dir.clone().unwrap_or_else(std::env::temp_dir);
        std::fs::create_dir_all(&place)?;
        let built = || PathBuf::from(env!("CARGO_BIN_EXE_oneseat"));
        let mut scene = Scene {
            program: options.binary.clone().unwrap_or_else(built),
            jobs: Vec::new(),
            folder: tempfile::Builder::new().prefix("durability-").tempdir_in(place)?,
        };
        scene.make(options, people)?;
        scene.select(&options.jobs)?;
        Ok(scene)
    }

    /// Keeps the jobs whose names begin so; all, if nothing is said.
    fn select(&mut self, beginnings: &[String]) -> Result<()> {
        let begins = |job: &Job, it: &String| job.name.starts_with(it.as_str());
        let nobody = |it: &&String| it.is_empty() || !self.jobs.iter().any(|job| begins(job, it));
        if let Some(unknown) = beginnings.iter().find(nobody) {
            let names: Vec<&str> = self.jobs.iter().map(|job| job.name.as_str()).collect();
            return Err(
                format!("--jobs: none is {unknown:?}; these are: {}", names.join(", ")).into()
            );
        }
        self.jobs
            .retain(|job| beginnings.is_empty() || beginnings.iter().any(|it| begins(job, it)));
        Ok(())
    }

    /// A path in the scene's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn make(&mut self, options: &Options, people: u32) -> Result<()> {
        let days = self.files(people)?;
        let [cloud, early, other, servers @ ..] = days.as_slice() else {
            return Err("the demo wrote other files".into());
        };
        // The first day, the first and the third, the first with all declared.
        let mut first: Vec<Vec<String>> = servers.to_vec();
        first.push(cloud.clone());
        let base = |name: &str, commands: &[Vec<String>]| -> Result<PathBuf> {
            let folder = self.path(&format!("base {name}"));
            std::fs::create_dir(&folder)?;
            for command in commands {
                let ran = self.command(&folder.join(DATABASE)).args(command).output()?;
                expect_zero(command, &ran)?;
            }
            Ok(folder)
        };
        let with = |more: &[Vec<String>]| [first.as_slice(), more].concat();
        let words = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let replace = [&other[..2], &early[2..], &words("--replace")].concat();
        let one_day = base("first", &first)?;
        let two_days = base("two", &with(std::slice::from_ref(early)))?;
        let gap = base("gap", &with(std::slice::from_ref(other)))?;
        let nothing = base("nothing", &[])?;
        let voided = base(
            "voided",
            &with(&[
                early.clone(),
                words(&format!("snapshots void {} --reason wrong", first.len() + 1)),
            ]),
        )?;
        let last = first.len() + 1;
        let (login, id) = self.accounts(&one_day)?;
        let link = format!("links add {login} {id} --reason asked");
        const SOURCES: &[&str] = &["sources"];
        const LINKS: &[&str] = &["links"];
        const QUESTIONS: &[&str] = &["questions"];
        let plain: &[&'static [&'static str]] = &[SNAPSHOTS, CONSUMPTION];
        let jobs: Vec<Known<'_>> = vec![
            ("first import", &nothing, plain.to_vec(), cloud.clone()),
            ("next day", &one_day, plain.to_vec(), early.clone()),
            ("in between", &gap, plain.to_vec(), early.clone()),
            ("replace", &two_days, plain.to_vec(), replace),
            (
                "void",
                &two_days,
                plain.to_vec(),
                words(&format!("snapshots void {last} --reason wrong")),
            ),
            ("restore", &voided, plain.to_vec(), words(&format!("snapshots restore {last}"))),
            (
                "rename",
                &one_day,
                vec![SNAPSHOTS, SOURCES],
                words("sources rename ghes1.octo-corp.example git.example"),
            ),
            (
                "retire",
                &one_day,
                vec![SOURCES, CONSUMPTION],
                words("sources retire ghes1.octo-corp.example --from 2026-06-09"),
            ),
            ("link", &one_day, vec![LINKS, CONSUMPTION], words(&link)),
            (
                "question",
                &one_day,
                vec![QUESTIONS],
                [words("questions add who"), vec!["SELECT login FROM accounts".to_owned()]]
                    .concat(),
            ),
        ];
        let jobs: Vec<_> = jobs
            .into_iter()
            .map(|(name, base, asked, words)| Job::new(name, base, asked, words))
            .collect();
        self.jobs.extend(jobs);
        for schema in old_schemas()? {
            let folder = self.old_database(schema)?;
            let mut job =
                Job::new(&format!("migrate v{schema}"), &folder, plain.to_vec(), words("sources"));
            job.schema = Some(schema);
            let old = options.old.iter().find(|(of, _)| *of == schema);
            job.old_program = old.map(|(_, program)| program.clone());
            self.jobs.push(job);
        }
        let mut demo = Job::new("demo", &nothing, plain.to_vec(), words("demo"));
        demo.words.extend([self.path("work").display().to_string()]);
        demo.words.extend(words("--people 20 --days 14"));
        demo.several = true;
        self.jobs.push(demo);
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in &mut jobs {
            job.learn(self)?;
        }
        self.jobs = jobs;
        Ok(())
    }

    /// The demo's files as words of `import`: three days of Cloud, then the instances' first day.
    fn files(&self, people: u32) -> Result<Vec<Vec<String>>> {
        let folder = self.path("files");
        let mut demo = Command::new(&self.program);
        demo.arg("demo").arg(&folder).args(["--files-only", "--days", "28", "--people"]);
        expect_zero(&["demo".to_owned()], &demo.arg(people.to_string()).output()?)?;
        let mut names: Vec<String> = std::fs::read_dir(&folder)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        names.sort();
        let import = |name: &String| {
            let file = folder.join(name).display().to_string();
            let mut words = vec!["import".to_owned(), file];
            // The time is said, so that a replacing file can be of another day's time.
            let time = name.rsplit_once("-20").map(|(_, rest)| format!("20{}", &rest[..18]));
            let time = time.unwrap_or_default();
            let (date, hour) = time.split_at(10.min(time.len()));
            words.push(format!("--taken-at={date}{}", hour.replace('-', ":")));
            words.push(match name.split_once("-all_users") {
                Some((host, _)) => format!("--host={host}"),
                None => "--enterprise=octo-corp".to_owned(),
            });
            words
        };
        let cloud = names.iter().filter(|it| it.starts_with("consumed_licenses")).take(3);
        let server = names.iter().filter(|it| it.contains("-all_users-2026-06-08"));
        Ok(cloud.chain(server).map(import).collect())
    }

    /// A Cloud login, and an account of an instance, that are not linked.
    fn accounts(&self, base: &Path) -> Result<(String, String)> {
        let sql = "SELECT (SELECT min(login) FROM seats WHERE kind = 'cloud_only') AS login, \
                   (SELECT min(source || ':' || id) FROM accounts WHERE source_kind = 'server' \
                    AND source || ':' || id IN (SELECT substr(seat_id, 8) FROM seats \
                    WHERE kind = 'server_only')) AS account";
        let ran = self.command(&base.join(DATABASE)).args(["query", sql, "--json"]).output()?;
        let answer: Value = serde_json::from_slice(&ran.stdout)?;
        let text = |key: &str| answer[0][key].as_str().map(str::to_owned);
        match (text("login"), text("account")) {
            (Some(login), Some(account)) => Ok((login, account)),
            _ => Err(format!("nobody to link: {answer}").into()),
        }
    }

    fn old_database(&self, schema: i64) -> Result<PathBuf> {
        let folder = self.path(&format!("base v{schema}"));
        std::fs::create_dir(&folder)?;
        let dump = Path::new(OLD_DATABASES).join(format!("v{schema}.sql"));
        // As the program of then made it: its owner's alone, with a log.
        let file = folder.join(DATABASE);
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.execute_batch(&std::fs::read_to_string(dump)?)?;
        Ok(folder)
    }

    /// The program on a database.
    pub fn command(&self, database: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--db").arg(database).stdin(Stdio::null());
        command
    }

    /// A fresh copy of the job's folder, at the place where all rounds are.
    pub fn fresh(&self, job: &Job) -> Result<PathBuf> {
        let folder = self.path("work");
        job.put(&folder)?;
        Ok(folder)
    }
}

impl Job {
    fn new(name: &str, base: &Path, asked: Asked, words: Vec<String>) -> Job {
        Job {
            name: name.to_owned(),
            base: base.to_owned(),
            asked,
            words,
            schema: None,
            old_program: None,
            several: false,
            old: None,
            new: None,
        }
    }

    /// Does it once, unharmed.
    fn learn(&mut self, scene: &Scene) -> Result<()> {
        let folder = scene.fresh(self)?;
        self.old = self.ask(scene, &folder, &scene.program)?.ok();
        let folder = scene.fresh(self)?;
        let ran = self.command(scene, &folder).output()?;
        expect_zero(&self.words, &ran)?;
        self.new = self.ask(scene, &folder, &scene.program)?.ok();
        let differ = self.schema.is_some() || self.old != self.new;
        if self.new.is_none() || !differ {
            return Err(format!("{}: changes no answer", self.name).into());
        }
        Ok(())
    }

    /// Makes a folder anew, as it is before the command.
    pub fn put(&self, folder: &Path) -> Result<()> {
        for gone in [folder.to_owned(), moved(folder)] {
            match std::fs::remove_dir_all(&gone) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                _ => {}
            }
        }
        std::fs::create_dir(folder)?;
        self.fill(folder)
    }

    /// Copies the files into a folder that is there.
    pub fn fill(&self, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(&self.base)? {
            let entry = entry?;
            std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
        Ok(())
    }

    /// The command in a folder.
    pub fn command(&self, scene: &Scene, folder: &Path) -> Command {
        let mut command = scene.command(&folder.join(DATABASE));
        command.args(&self.words).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// The answers of a folder; what was told instead, if there are none to have.
    pub fn ask(
        &self,
        scene: &Scene,
        folder: &Path,
        program: &Path,
    ) -> Result<std::result::Result<Answers, Output>> {
        let mut answers = Vec::new();
        let _same = scene;
        for words in &self.asked {
            let mut command = Command::new(program);
            command.arg("--db").arg(folder.join(DATABASE)).args(*words).arg("--json");
            let ran = command.stdin(Stdio::null()).output()?;
            if !ran.status.success() {
                return Ok(Err(ran));
            }
            answers.push(String::from_utf8(ran.stdout)?);
        }
        Ok(Ok(Answers(answers)))
    }
}

/// Where the folder is when it was moved away.
pub fn moved(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".moved");
    PathBuf::from(name)
}

/// The schemas of which there is a dump: whoever adds one adds its migration to the campaigns.
fn old_schemas() -> Result<Vec<i64>> {
    let mut schemas = Vec::new();
    for entry in std::fs::read_dir(OLD_DATABASES)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let schema = name.strip_prefix('v').and_then(|rest| rest.strip_suffix(".sql"));
        schemas.extend(schema.map(str::parse::<i64>).transpose()?);
    }
    schemas.sort_unstable();
    Ok(schemas)
}

fn expect_zero(words: &[String], ran: &Output) -> Result<()> {
    if ran.status.success() {
        return Ok(());
    }
    Err(format!("{words:?} ended with {}: {}", ran.status, String::from_utf8_lossy(&ran.stderr))
        .into())
}

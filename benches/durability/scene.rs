//! A job: a command that writes, the folder before it, and the right answers before and after.
//!
//! What it is: folders that are made once (`jobs`) and copied for each round. May assume: an empty folder of
//! its own. Must not: stop anything.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{self, expect_zero};
use crate::{Options, Result};

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
    /// The folder before the command.
    pub base: PathBuf,
    /// The questions before and after.
    pub asked: Asked,
    /// The file that is asked: the database, or the file that the command makes.
    pub asked_of: &'static str,
    pub words: Vec<String>,
    /// If `DATABASE` is a symbolic link, the file that it points to.
    pub leads_to: Option<&'static str>,
    pub keeps: Keeps,
    /// The exit codes with which the command may refuse if the disk does.
    pub refusals: &'static [i32],
    /// The schema before the command, if it migrates.
    pub schema: Option<i64>,
    /// A program with that schema.
    pub old_program: Option<PathBuf>,
    /// The command writes several transactions, any of which may be the last one stored.
    pub several: bool,
    /// The answers before; `None` if there is no database, or an empty one.
    pub old: Option<Answers>,
    /// The answers after.
    pub new: Option<Answers>,
}

/// What the command does with the rows that were there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// The command changes them.
    Changes,
    /// It leaves the database unchanged and makes another file from it.
    Database,
    /// It puts the whole database aside, under another name.
    Aside,
}

/// The answers of a database: standard output of every question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers(pub Vec<String>);

impl Answers {
    /// The answers without what differs from run to run.
    pub fn apart_from_chance(&self) -> Vec<Value> {
        self.0.iter().map(|text| common::apart_from_chance(text)).collect()
    }
}

/// Questions, as words of the command line.
pub type Asked = Vec<&'static [&'static str]>;

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
        let mut jobs = scene.make(options, people)?;
        select(&mut jobs, &options.jobs)?;
        for job in &mut jobs {
            job.learn(&scene)?;
        }
        scene.jobs = jobs;
        Ok(scene)
    }

    /// A path in the scene's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder that every round uses.
    pub fn place(&self) -> PathBuf {
        self.path("work")
    }

    /// The program on a database.
    pub fn command(&self, database: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--db").arg(database).stdin(Stdio::null());
        command
    }

    /// A fresh copy of the job's folder, where every round runs.
    pub fn fresh(&self, job: &Job) -> Result<PathBuf> {
        let folder = self.place();
        job.put(&folder)?;
        Ok(folder)
    }
}

/// Keeps the jobs whose names begin with one of these; all, if there are none.
fn select(jobs: &mut Vec<Job>, beginnings: &[String]) -> Result<()> {
    let begins = |job: &Job, it: &String| job.name.starts_with(it.as_str());
    let nobody = |it: &&String| it.is_empty() || !jobs.iter().any(|job| begins(job, it));
    if let Some(unknown) = beginnings.iter().find(nobody) {
        let names: Vec<&str> = jobs.iter().map(|job| job.name.as_str()).collect();
        return Err(format!("--jobs: none is {unknown:?}; these are: {}", names.join(", ")).into());
    }
    jobs.retain(|job| beginnings.is_empty() || beginnings.iter().any(|it| begins(job, it)));
    Ok(())
}

impl Job {
    pub fn new(
        name: &str,
        base: &Path,
        asked: &[&'static [&'static str]],
        words: Vec<String>,
    ) -> Job {
        Job {
            name: name.to_owned(),
            base: base.to_owned(),
            asked: asked.to_vec(),
            asked_of: DATABASE,
            words,
            leads_to: None,
            keeps: Keeps::Changes,
            refusals: &[4],
            schema: None,
            old_program: None,
            several: false,
            old: None,
            new: None,
        }
    }

    /// Runs the command once undisturbed, and learns the answers.
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

    /// Makes the folder again as it is before the command.
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

    /// Copies the files into an existing folder.
    pub fn fill(&self, folder: &Path) -> Result<()> {
        copy_files(&self.base, folder)
    }

    /// The file with the database, after following a link.
    pub fn file(&self, folder: &Path) -> PathBuf {
        folder.join(self.leads_to.unwrap_or(DATABASE))
    }

    /// The command in a folder.
    pub fn command(&self, scene: &Scene, folder: &Path) -> Command {
        let mut command = scene.command(&folder.join(DATABASE));
        command.args(&self.words).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// The answers of a folder, or the message if there are none.
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
            command.arg("--db").arg(folder.join(self.asked_of)).args(*words).arg("--json");
            let ran = command.stdin(Stdio::null()).output()?;
            if !ran.status.success() {
                return Ok(Err(ran));
            }
            answers.push(String::from_utf8(ran.stdout)?);
        }
        Ok(Ok(Answers(answers)))
    }
}

/// Copies every file of a folder into another one. A link stays a link, and a temporary folder that a kill left
/// is not copied.
pub fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path())?, there)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), there)?;
        }
    }
    Ok(())
}

/// The folder's path after it was moved away.
pub fn moved(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".moved");
    PathBuf::from(name)
}

//! The shim: `shim.c`, compiled at the start of a campaign and loaded into the program that ships.
//!
//! May assume: `cc`, and a program that calls libc for every write (this is counted: a job without steps is an
//! error). Must not: be part of the crate, which forbids unsafe code.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::Result;
use crate::scene::{Job, Scene};

/// What happens at a step.
pub struct Way {
    /// The name of the campaign.
    pub name: &'static str,
    /// The shim's name for it.
    pub at_the_step: &'static str,
    pub title: &'static str,
    /// The process is killed. Otherwise it must end by itself, with exit code 0 or 4.
    pub kills: bool,
}

pub const WAYS: [Way; 8] = [
    Way {
        name: "killed",
        at_the_step: "kill",
        title: "Killed before every counted step",
        kills: true,
    },
    Way {
        name: "torn",
        at_the_step: "torn",
        title: "Killed in the middle of every counted write",
        kills: true,
    },
    Way {
        name: "full",
        at_the_step: "full",
        title: "The disk is full from each step on (half a write, then ENOSPC)",
        kills: false,
    },
    Way {
        name: "quota",
        at_the_step: "quota",
        title: "The quota is used up from each step on (EDQUOT)",
        kills: false,
    },
    Way { name: "eio", at_the_step: "eio", title: "Each step alone fails (EIO)", kills: false },
    Way {
        name: "dead",
        at_the_step: "dead",
        title: "The disk fails from each step on (EIO)",
        kills: false,
    },
    Way {
        name: "erofs",
        at_the_step: "erofs",
        title: "The disk is read-only from each step on (EROFS)",
        kills: false,
    },
    Way {
        name: "moved",
        at_the_step: "moved",
        title: "The folder is moved away before each step",
        kills: false,
    },
];

pub struct Shim {
    object: PathBuf,
    log: PathBuf,
}

impl Shim {
    pub fn build(scene: &Scene) -> Result<Shim> {
        let object = scene.path("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/durability/shim.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&object).arg(source).arg("-ldl");
        let ran = compiler.output().map_err(|error| format!("cc: {error}"))?;
        if !ran.status.success() {
            return Err(format!("cc: {}", String::from_utf8_lossy(&ran.stderr)).into());
        }
        Ok(Shim { object, log: scene.path("steps") })
    }

    /// Runs a job in a fresh folder, counts its steps, and checks that what it answered is on the disk.
    pub fn count(&self, scene: &Scene, job: &Job) -> Result<usize> {
        let folder = scene.fresh(job)?;
        let _none = std::fs::remove_file(&self.log);
        let mut command = job.command(scene, &folder);
        command.env("SHIM_DIR", &folder).env("SHIM_LOG", &self.log).env("LD_PRELOAD", &self.object);
        let ran = command.stdout(std::process::Stdio::piped()).output()?;
        if !ran.status.success() {
            return Err(format!("{} under the shim: {ran:?}", job.name).into());
        }
        let log = std::fs::read_to_string(&self.log)?;
        let steps = log.lines().filter(|line| !line.contains(" answer ")).count();
        if steps == 0 {
            return Err(format!("{}: the shim sees no writes", job.name).into());
        }
        synced_before_the_answer(job, &log)?;
        Ok(steps)
    }

    /// Lets something happen at a step.
    pub fn at(
        &self,
        scene: &Scene,
        job: &Job,
        folder: &Path,
        way: &Way,
        step: usize,
    ) -> Result<Output> {
        let mut command = job.command(scene, folder);
        command.env("SHIM_DIR", folder).env("LD_PRELOAD", &self.object);
        command.env("SHIM_DO", way.at_the_step).env("SHIM_AT", step.to_string());
        Ok(command.output()?)
    }
}

/// Checks that everything written to the write-ahead log is on the disk before the answer comes.
fn synced_before_the_answer(job: &Job, log: &str) -> Result<()> {
    let mut dirty = false;
    for line in log.lines() {
        let mut words = line.splitn(4, ' ').skip(1);
        let (what, path) = (words.next().unwrap_or_default(), words.nth(1).unwrap_or_default());
        match what {
            "write" if path.ends_with("-wal") => dirty = true,
            "sync" if path.ends_with("-wal") => dirty = false,
            "answer" if dirty => {
                return Err(
                    format!("{}: answers before its writes are on the disk", job.name).into()
                );
            }
            _ => {}
        }
    }
    Ok(())
}

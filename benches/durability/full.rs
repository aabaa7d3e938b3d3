//! A small disk: a tmpfs with some free space, 64 KiB more each time, until the command succeeds.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::check::{Left, State, judge, told};
use crate::scene::{DATABASE, Job, Scene};
use crate::{Options, Report, Result};

/// A tmpfs that is unmounted with this value.
pub struct Disk(PathBuf);

impl Disk {
    /// Mounts one over an empty folder.
    pub fn mount(folder: &Path) -> Result<Disk> {
        mount("size=1g", &["-t", "tmpfs", "tmpfs"], folder)?;
        Ok(Disk(folder.to_owned()))
    }

    /// Mounts it again with another option.
    pub fn again(&self, option: &str) -> Result<()> {
        mount(&format!("remount,{option}"), &[], &self.0)
    }

    /// The bytes in use.
    fn used(&self) -> Result<u64> {
        let ran = Command::new("df").args(["--output=used", "-B1"]).arg(&self.0).output()?;
        let text = String::from_utf8(ran.stdout)?;
        Ok(text.lines().nth(1).unwrap_or_default().trim().parse()?)
    }
}

fn mount(options: &str, words: &[&str], folder: &Path) -> Result<()> {
    let ran = Command::new("mount").args(["-o", options]).args(words).arg(folder).output()?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    let said = said.trim();
    Err(format!("{said}: run it as root, or in a name space of its own: unshare -rm").into())
}

impl Drop for Disk {
    fn drop(&mut self) {
        // An earlier error matters more.
        let _mounted_still = Command::new("umount").arg(&self.0).status();
    }
}

/// Whether this machine lets the campaign mount a disk. The inner error is the machine's message.
pub fn may_mount(scene: &Scene) -> Result<std::result::Result<(), String>> {
    let folder = scene.path("trial");
    std::fs::create_dir_all(&folder)?;
    Ok(Disk::mount(&folder).map(drop).map_err(|error| error.to_string()))
}

pub fn run(scene: &Scene, options: &Options, report: &mut Report) -> Result<()> {
    let step = options.disk_step;
    let title = format!("A full disk, {step} KiB more each time until the command is done");
    report.title(
        &title,
        &[
            "command",
            "disks",
            "exit 4 (a backup: 4 or 5), old answers",
            "answers on the full disk",
            "no answer there (exit 4, or 7: nothing yet)",
            "done with",
        ],
    );
    for job in scene.jobs.iter().filter(|job| !job.several) {
        let (mut disks, mut refused, mut answered, mut silent) = (0, 0, 0, 0);
        loop {
            let free = disks * step;
            let seen = match disk(scene, job, free)? {
                Ok(seen) => seen,
                Err(wrong) => {
                    report.wrong(format!("disk: {}, {free} KiB free: {wrong}", job.name));
                    Seen::Refused { answers: false }
                }
            };
            disks += 1;
            match seen {
                Seen::Done => break,
                Seen::Refused { answers } => {
                    refused += 1;
                    *(if answers { &mut answered } else { &mut silent }) += 1;
                }
            }
            if disks > 10_000 {
                report.wrong(format!("disk: {}: not done with {free} KiB", job.name));
                break;
            }
        }
        let mut cells = vec![job.name.clone()];
        cells.extend([disks, refused, answered, silent].map(|count: u64| count.to_string()));
        cells.push(format!("{} KiB", (disks - 1) * step));
        report.line(&cells);
    }
    Ok(())
}

enum Seen {
    Done,
    /// Whether the database answers while the disk is full.
    Refused {
        answers: bool,
    },
}

/// Tries one disk with this much free space.
fn disk(scene: &Scene, job: &Job, free: u64) -> Result<std::result::Result<Seen, String>> {
    let folder = scene.fresh(job)?;
    let disk = Disk::mount(&folder)?;
    job.fill(&folder)?;
    // Never 0, which means no limit. A page is used by the filler or by nobody.
    let size = (disk.used()? + free * 1024).max(4096);
    disk.again(&format!("size={size}"))?;
    let ran = job.command(scene, &folder).output()?;
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    let seen = match ran.status.code() {
        Some(0) => Seen::Done,
        Some(code) if job.refusals.contains(&code) && said.contains("hint: ") => {
            let asked = job.ask(scene, &folder, &scene.program)?;
            match asked {
                Ok(answers) if job.schema.is_some() || job.old.as_ref() == Some(&answers) => {
                    Seen::Refused { answers: true }
                }
                Ok(answers) => {
                    return Ok(Err(format!("other answers on the full disk: {answers:?}")));
                }
                Err(ran) if matches!(ran.status.code(), Some(4 | 7)) => {
                    Seen::Refused { answers: false }
                }
                Err(ran) => return Ok(Err(told(&ran))),
            }
        }
        _ => return Ok(Err(told(&ran))),
    };
    disk.again("size=1g")?;
    let wanted = if matches!(seen, Seen::Done) { State::New } else { State::Old };
    Ok(match judge(scene, job, &folder, Left::Nothing)? {
        Ok(state) if state == wanted => Ok(seen),
        // There was room for a migration when it was asked.
        Ok(State::New) if job.schema.is_some() => Ok(seen),
        Ok(state) => Err(format!("{state:?} answers after {}", told(&ran))),
        Err(wrong) => {
            Err(format!("{wrong} (it was told: {said}) in {}", folder.join(DATABASE).display()))
        }
    })
}

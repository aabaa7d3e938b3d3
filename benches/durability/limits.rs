//! A limit on the size of files (`ulimit -f`), and a disk mounted read-only.

use std::process::{Command, Stdio};

use crate::check::{Left, State, judge, told};
use crate::full::Disk;
use crate::scene::{DATABASE, Job, Scene};
use crate::{Options, Report, Result};

/// The step between two limits, in bytes.
const STEP: u64 = 16 * 1024;

pub fn file_size(scene: &Scene, options: &Options, report: &mut Report) -> Result<()> {
    let _all_alike = options;
    report.title(
        "A limit on the size of files, 16 KiB more each time",
        &["command", "limits", "refused, old answers", "refused, stored", "done with"],
    );
    for job in scene.jobs.iter().filter(|job| !job.several) {
        let (mut limits, mut old, mut new) = (0_u64, 0, 0);
        loop {
            let limit = limits * STEP;
            limits += 1;
            match limited(scene, job, limit)? {
                Ok((true, _)) => break,
                Ok((false, State::New)) => new += 1,
                Ok((false, _)) => old += 1,
                Err(wrong) => {
                    report.wrong(format!("filesize: {}, {limit} bytes: {wrong}", job.name))
                }
            }
            if limits > 10_000 {
                report.wrong(format!("filesize: {}: not done with {limit} bytes", job.name));
                break;
            }
        }
        let cells = [limits, old, new].map(|count| count.to_string());
        let last = format!("{} KiB", (limits - 1) * STEP / 1024);
        report.line(&[std::slice::from_ref(&job.name), cells.as_slice(), &[last]].concat());
    }
    Ok(())
}

/// Whether the command succeeded under this limit, and what the database answers then.
fn limited(
    scene: &Scene,
    job: &Job,
    limit: u64,
) -> Result<std::result::Result<(bool, State), String>> {
    let folder = scene.fresh(job)?;
    let command = job.command(scene, &folder);
    let mut limited = Command::new("prlimit");
    limited.arg(format!("--fsize={limit}")).arg(command.get_program()).args(command.get_args());
    let ran = limited.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&ran.stderr);
    let done = match ran.status.code() {
        Some(0) => true,
        Some(code) if job.refusals.contains(&code) && said.contains("hint: ") => false,
        _ => return Ok(Err(told(&ran))),
    };
    Ok(match judge(scene, job, &folder, Left::Nothing)? {
        Ok(state) if done && state != State::New => Err(format!("done, but {state:?}")),
        Ok(state) => Ok((done, state)),
        Err(wrong) => Err(wrong),
    })
}

pub fn read_only(scene: &Scene, options: &Options, report: &mut Report) -> Result<()> {
    let _all_alike = options;
    report.title("A disk that is mounted to be read only", &["command", "it says", "asked there"]);
    for job in scene.jobs.iter().filter(|job| !job.several) {
        match on_read_only(scene, job)? {
            Ok((said, asked)) => report.line(&[job.name.clone(), said, asked]),
            Err(wrong) => report.wrong(format!("readonly: {}: {wrong}", job.name)),
        }
    }
    Ok(())
}

fn on_read_only(scene: &Scene, job: &Job) -> Result<std::result::Result<(String, String), String>> {
    let folder = scene.fresh(job)?;
    let disk = Disk::mount(&folder)?;
    job.fill(&folder)?;
    disk.again("ro")?;
    let ran = job.command(scene, &folder).output()?;
    // A migration runs with a question, which is answered all the same.
    let may_end_with = if job.schema.is_some() { &[0] } else { job.refusals };
    if !ran.status.code().is_some_and(|code| may_end_with.contains(&code)) {
        return Ok(Err(told(&ran)));
    }
    let asked = match job.ask(scene, &folder, &scene.program)? {
        Ok(answers) if job.old.as_ref() == Some(&answers) => "the old answers".to_owned(),
        Ok(answers) => return Ok(Err(format!("other answers: {answers:?}"))),
        Err(ran) if job.old.is_none() && ran.status.code() == Some(7) => {
            first_line(&ran.stderr, &folder)
        }
        Err(ran) => return Ok(Err(told(&ran))),
    };
    disk.again("rw")?;
    Ok(match judge(scene, job, &folder, Left::Nothing)? {
        Ok(State::Old) => Ok((first_line(&ran.stderr, &folder), asked)),
        other => Err(format!("{other:?}")),
    })
}

fn first_line(said: &[u8], folder: &std::path::Path) -> String {
    let said = String::from_utf8_lossy(said);
    let database = folder.join(DATABASE).display().to_string();
    said.lines()
        .next()
        .unwrap_or_default()
        .replace("oneseat: error: ", "")
        .replace(&database, "FILE")
}

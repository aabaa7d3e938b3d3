//! Every counted step: the command is killed there, the step fails, or the folder is gone.

use std::os::unix::process::ExitStatusExt as _;

use crate::check::{Left, State, judge, told};
use crate::scene::{DATABASE, Job, Scene, moved};
use crate::shim::{Shim, Way};
use crate::{Options, Report, Result};

/// The outcomes of a job's steps.
#[derive(Default)]
struct Outcomes {
    killed: usize,
    ended: usize,
    refused: usize,
    old: usize,
    new: usize,
    between: usize,
    unasked: usize,
}

pub fn run(scene: &Scene, options: &Options, way: &Way, report: &mut Report) -> Result<()> {
    let shim = Shim::build(scene)?;
    let columns = [
        "command",
        "steps",
        "tried",
        "killed",
        "exit 0",
        "exit 4 (a backup: or 5; where there is no file any more: 7)",
        "old answers",
        "new answers",
        "some of several files",
        "stored though refused",
    ];
    report.title(way.title, &columns);
    for job in &scene.jobs {
        let steps = shim.count(scene, job)?;
        let stride = match options.steps {
            0 => 1,
            most => steps.div_ceil(most).max(1),
        };
        let mut outcomes = Outcomes::default();
        let mut tried = 0;
        for step in (1..=steps).step_by(stride) {
            tried += 1;
            if let Err(wrong) = one(scene, job, &shim, way, step, &mut outcomes)? {
                report.wrong(format!("{}: {}, step {step}: {wrong}", way.name, job.name));
            }
        }
        let Outcomes { killed, ended, refused, old, new, between, unasked } = outcomes;
        let mut cells = vec![job.name.clone()];
        cells.extend(
            [steps, tried, killed, ended, refused, old, new, between, unasked]
                .map(|count| count.to_string()),
        );
        report.line(&cells);
    }
    Ok(())
}

fn one(
    scene: &Scene,
    job: &Job,
    shim: &Shim,
    way: &Way,
    step: usize,
    outcomes: &mut Outcomes,
) -> Result<std::result::Result<(), String>> {
    let folder = scene.fresh(job)?;
    let ran = shim.at(scene, job, &folder, way, step)?;
    let killed = ran.status.signal() == Some(9);
    let code = ran.status.code();
    match (way.kills, killed, code) {
        (true, true, _) => outcomes.killed += 1,
        (_, false, Some(0)) => outcomes.ended += 1,
        (false, false, Some(code)) if job.refusals.contains(&code) => outcomes.refused += 1,
        // There is no database at its old path.
        (false, false, Some(7)) if way.name == "moved" => outcomes.refused += 1,
        // The demo's own files are output.
        (false, false, Some(5)) if job.several => outcomes.refused += 1,
        _ => return Ok(Err(told(&ran))),
    }
    let refused = code.is_some_and(|code| job.refusals.contains(&code));
    if refused && !String::from_utf8_lossy(&ran.stderr).contains("hint: ") {
        return Ok(Err(format!("no way out: {}", told(&ran))));
    }
    // A database that is moved away before it is opened for writing is missing. An import then makes a new one,
    // and what it has answered is in that one.
    let made_anew = code == Some(0) && moved(&folder).exists() && folder.join(DATABASE).exists();
    if made_anew && let Err(ran) = job.ask(scene, &folder, &scene.program)? {
        return Ok(Err(format!("it made a new database, which says: {}", told(&ran))));
    }
    if moved(&folder).exists() {
        // Anything made at the old path is not part of the result.
        let _none = std::fs::remove_dir_all(&folder);
        std::fs::rename(moved(&folder), &folder)?;
    }
    let left = match way.name {
        "full" | "quota" => Left::Nothing,
        // The step that fails may be the deletion.
        "eio" => Left::Temporary,
        _ => Left::Anything,
    };
    let state = match judge(scene, job, &folder, left)? {
        Ok(state) => state,
        Err(wrong) => return Ok(Err(format!("{wrong} (it was told: {})", told(&ran)))),
    };
    match state {
        State::Old => outcomes.old += 1,
        State::New => outcomes.new += 1,
        State::Between => outcomes.between += 1,
    }
    // Where a migration cannot begin, a question is answered from a migrated copy, as it is without the right
    // to write. Then the answer is that of a migrated database, and the file stays as it was.
    let asked_a_copy =
        job.schema.is_some() && state == State::Old && ran.stdout == undisturbed(scene, job)?;
    let may_be_old = made_anew || asked_a_copy;
    if code == Some(0) && state != State::New && !(may_be_old && state == State::Old) {
        return Ok(Err(format!("it had answered, and the database is {state:?}")));
    }
    outcomes.unasked += usize::from(refused && state == State::New);
    Ok(Ok(()))
}

/// What a command prints if nothing disturbs it.
fn undisturbed(scene: &Scene, job: &Job) -> Result<Vec<u8>> {
    let folder = scene.fresh(job)?;
    Ok(job.command(scene, &folder).output()?.stdout)
}

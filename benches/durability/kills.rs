//! `kill -9` at random moments, spread over the time that the command takes.

use std::time::{Duration, Instant};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::check::{Left, State, judge};
use crate::scene::{Job, Scene};
use crate::{Options, Report, Result};

/// The outcomes of a job's rounds.
#[derive(Default)]
struct Outcomes {
    killed: u32,
    ended: u32,
    old: u32,
    new: u32,
    between: u32,
}

pub fn run(scene: &Scene, options: &Options, report: &mut Report) -> Result<()> {
    let columns = [
        "command",
        "rounds",
        "takes",
        "killed",
        "ended before",
        "old answers",
        "new answers",
        "some of several files",
    ];
    report.title("kill -9 at random moments", &columns);
    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    for job in &scene.jobs {
        let takes = takes(scene, job)?;
        let mut outcomes = Outcomes::default();
        // A round in which the command ends before the kill does not count.
        let most = options.kills.saturating_mul(10);
        let mut rounds = 0;
        while outcomes.killed < options.kills && rounds < most {
            let round = rounds;
            rounds += 1;
            let moment = takes.mul_f64(random.random_range(0.0..1.1));
            let what = format!(
                "kills: {}, round {round}, seed {}, after {moment:?}",
                job.name, options.seed
            );
            if let Err(wrong) = kill(scene, job, moment, &mut outcomes)? {
                report.wrong(format!("{what}: {wrong}"));
            }
        }
        let takes = format!("{:.1} ms", takes.as_secs_f64() * 1000.0);
        let Outcomes { killed, ended, old, new, between } = outcomes;
        let mut cells = vec![job.name.clone(), rounds.to_string(), takes];
        cells.extend([killed, ended, old, new, between].map(|count| count.to_string()));
        report.line(&cells);
    }
    Ok(())
}

/// The shortest of five undisturbed runs.
pub fn takes(scene: &Scene, job: &Job) -> Result<Duration> {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..5 {
        let folder = scene.fresh(job)?;
        let begun = Instant::now();
        job.command(scene, &folder).output()?;
        times.push(begun.elapsed());
    }
    Ok(times.into_iter().min().unwrap_or_default())
}

fn kill(
    scene: &Scene,
    job: &Job,
    moment: Duration,
    outcomes: &mut Outcomes,
) -> Result<std::result::Result<(), String>> {
    let folder = scene.fresh(job)?;
    let mut child = job.command(scene, &folder).spawn()?;
    std::thread::sleep(moment);
    child.kill()?;
    let ended = child.wait_with_output()?;
    // With an exit code, it had ended before the kill.
    let acknowledged = ended.status.code() == Some(0);
    if ended.status.code().is_some_and(|code| code != 0) {
        return Ok(Err(format!("ended by itself with {}", ended.status)));
    }
    *(if acknowledged { &mut outcomes.ended } else { &mut outcomes.killed }) += 1;
    let state = match judge(scene, job, &folder, Left::Anything)? {
        Ok(state) => state,
        Err(wrong) => return Ok(Err(wrong)),
    };
    match state {
        State::Old => outcomes.old += 1,
        State::New => outcomes.new += 1,
        State::Between => outcomes.between += 1,
    }
    if acknowledged && state != State::New {
        return Ok(Err(format!("it had answered, and the database is {state:?}")));
    }
    Ok(Ok(()))
}

//! Interrupted at random moments, as by Ctrl-C, a scheduler, or a closed terminal. Nothing temporary is left,
//! and the database is as before or as after.

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rustix::process::{Pid, Signal, kill_process};

use crate::check::{Left, State, judge, told};
use crate::kills::takes;
use crate::scene::{Job, Scene};
use crate::{Options, Report, Result};

/// The signals that interrupt, and their numbers.
const SIGNALS: [(&str, Signal, i32); 3] =
    [("INT", Signal::INT, 2), ("TERM", Signal::TERM, 15), ("HUP", Signal::HUP, 1)];

/// The outcomes of a job's rounds.
#[derive(Default)]
struct Outcomes {
    interrupted: u32,
    ended: u32,
    old: u32,
    new: u32,
    between: u32,
}

/// Whether the starter of this process made it ignore a signal, as `nohup` does. Then the program ignores it,
/// too.
fn is_ignored(number: i32) -> Result<bool> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = u64::from_str_radix(mask.ok_or("no signals are told of")?.trim(), 16)?;
    Ok(mask & 1 << (number - 1) != 0)
}

pub fn run(scene: &Scene, options: &Options, report: &mut Report) -> Result<()> {
    for (name, _, number) in SIGNALS {
        if is_ignored(number)? {
            return Err(
                format!("signals: SIG{name} is ignored here: start it without nohup").into()
            );
        }
    }
    let columns = [
        "command",
        "rounds",
        "interrupted by INT, TERM, HUP",
        "ended before",
        "old answers",
        "new answers",
        "some of several files",
    ];
    report.title("Interrupted at random moments", &columns);
    let mut random = ChaCha8Rng::seed_from_u64(options.seed);
    for job in &scene.jobs {
        let takes = takes(scene, job)?;
        let mut outcomes = Outcomes::default();
        let (mut rounds, mut each) = (0_u32, Vec::new());
        for (name, signal, number) in SIGNALS {
            let (wanted, most) =
                (outcomes.interrupted + options.signals, rounds + options.signals * 10);
            let before = outcomes.interrupted;
            // A round in which the command ends before the signal does not count.
            while outcomes.interrupted < wanted && rounds < most {
                let moment = takes.mul_f64(random.random_range(0.0..1.1));
                let what = format!(
                    "signals: {}, {name}, round {rounds}, seed {}, after {moment:?}",
                    job.name, options.seed
                );
                rounds += 1;
                if let Err(wrong) = interrupt(scene, job, moment, (signal, number), &mut outcomes)?
                {
                    report.wrong(format!("{what}: {wrong}"));
                }
            }
            each.push((outcomes.interrupted - before).to_string());
        }
        let Outcomes { interrupted: _, ended, old, new, between } = outcomes;
        let mut cells = vec![job.name.clone(), rounds.to_string(), each.join(", ")];
        cells.extend([ended, old, new, between].map(|count| count.to_string()));
        report.line(&cells);
    }
    Ok(())
}

fn interrupt(
    scene: &Scene,
    job: &Job,
    moment: Duration,
    (signal, number): (Signal, i32),
    outcomes: &mut Outcomes,
) -> Result<std::result::Result<(), String>> {
    let folder = scene.fresh(job)?;
    let child = job.command(scene, &folder).spawn()?;
    std::thread::sleep(moment);
    // A child that has ended is not waited for yet, so it still has its number.
    kill_process(Pid::from_child(&child), signal)?;
    let ran = child.wait_with_output()?;
    match (ran.status.signal(), ran.status.code()) {
        (Some(by), _) if by == number => outcomes.interrupted += 1,
        (None, Some(0)) => outcomes.ended += 1,
        _ => return Ok(Err(told(&ran))),
    }
    let state = match judge(scene, job, &folder, Left::Nothing)? {
        Ok(state) => state,
        Err(wrong) => return Ok(Err(wrong)),
    };
    match state {
        State::Old => outcomes.old += 1,
        State::New => outcomes.new += 1,
        State::Between => outcomes.between += 1,
    }
    if ran.status.success() && state != State::New {
        return Ok(Err(format!("it had answered, and the database is {state:?}")));
    }
    Ok(Ok(()))
}

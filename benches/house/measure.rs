//! The cost of a whole process: wall-clock time, CPU, peak memory.
//!
//! What it is: a command run to its end, with the figures of the operating system (`wait4`), and medians of
//! several runs. May assume: little memory in this process, because the system counts the parent's pages as the
//! child's until the child runs its own program. That is why the house never holds a file. Must not: know what
//! is run.

use std::io::{Read as _, Seek as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::Result;

/// The cost of one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    pub time: Duration,
    /// In user and in kernel mode.
    pub cpu: Duration,
    /// The peak memory, in bytes.
    pub peak: u64,
    /// The run was stopped before its end, so its true figures would be higher.
    pub stopped: bool,
}

impl Run {
    /// Both runs, one after the other.
    pub fn then(self, next: Run) -> Run {
        Run {
            time: self.time + next.time,
            cpu: self.cpu + next.cpu,
            peak: self.peak.max(next.peak),
            stopped: self.stopped || next.stopped,
        }
    }
}

/// Several runs of the same job.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    pub runs: Vec<Run>,
}

impl Figure {
    /// Runs a job this many times.
    pub fn of(runs: u32, mut job: impl FnMut() -> Result<Run>) -> Result<Figure> {
        let runs = (0..runs).map(|_| job()).collect::<Result<_>>()?;
        Ok(Figure { runs })
    }

    /// Whether a run was stopped before its end.
    pub fn is_stopped(&self) -> bool {
        self.runs.iter().any(|run| run.stopped)
    }

    pub fn time(&self) -> Duration {
        median(self.runs.iter().map(|run| run.time))
    }

    pub fn cpu(&self) -> Duration {
        median(self.runs.iter().map(|run| run.cpu))
    }

    pub fn peak(&self) -> u64 {
        median(self.runs.iter().map(|run| run.peak))
    }

    pub fn fastest(&self) -> Duration {
        self.runs.iter().map(|run| run.time).min().unwrap_or_default()
    }

    pub fn slowest(&self) -> Duration {
        self.runs.iter().map(|run| run.time).max().unwrap_or_default()
    }
}

/// The middle value; for an even number of values, the lower of the two in the middle.
fn median<T: Ord + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let middle = values.len().saturating_sub(1) / 2;
    values.into_iter().nth(middle).unwrap_or_default()
}

/// Runs a command to its end and discards its output. If it fails, standard error is the error.
pub fn run(command: &mut Command) -> Result<Run> {
    run_until(command, None, 0)
}

/// The same, but stops the command after this much time, and expects this exit code.
pub fn run_until(command: &mut Command, limit: Option<Duration>, code: i32) -> Result<Run> {
    let mut said = tempfile::tempfile()?;
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said.try_clone()?)
        .spawn()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    let watch = limit.map(|limit| watch(child.id(), limit));
    let ended = child.wait4()?;
    let time = started.elapsed();
    let stopped = match watch {
        Some((ended, watching)) => {
            drop(ended);
            watching.join().unwrap_or(false)
        }
        None => false,
    };
    if ended.status.code() != Some(code) && !stopped {
        let mut text = String::new();
        said.rewind()?;
        said.read_to_string(&mut text)?;
        return Err(format!("{command:?} ended with {}:\n{text}", ended.status).into());
    }
    let used = ended.rusage;
    Ok(Run { time, cpu: used.utime + used.stime, peak: used.maxrss, stopped })
}

/// Stops a process when its time is up, unless the sender is dropped before. Returns whether it did.
fn watch(process: u32, limit: Duration) -> (Sender<()>, JoinHandle<bool>) {
    let (ended, wait) = channel::<()>();
    let watching = std::thread::spawn(move || {
        let late = wait.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
        // `wait4` holds the child, and std would need it for a kill, so the system's `kill` does it.
        late && Command::new("kill").arg(process.to_string()).status().is_ok_and(|it| it.success())
    });
    (ended, watching)
}

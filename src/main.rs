//! The binary of oneseat. It passes the streams, the terminal width and the clock of the process to the
//! library.

use std::io::IsTerminal;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
#[cfg(unix)]
use std::sync::{Arc, atomic::AtomicBool};

#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
#[cfg(unix)]
use signal_hook::{iterator::Signals, low_level::emulate_default_handler};

use oneseat::model::Instant;
use oneseat::{ThisMachine, World};

/// The exit code of a bug in oneseat.
const A_BUG: u8 = 70;

fn main() -> ExitCode {
    survive_limits();
    leave_nothing_when_interrupted();
    let mut out = std::io::stdout().lock();
    let width = if out.is_terminal() { terminal_width() } else { None };
    let now = chrono::Utc::now().timestamp();
    let mut world = World {
        stdin: &mut || Box::new(std::io::stdin()),
        out: &mut out,
        // Standard error is not locked, so that a panic in another thread can print its message.
        err: &mut std::io::stderr(),
        width,
        err_is_terminal: std::io::stderr().is_terminal(),
        now: Instant::from_unix(now).unwrap_or_default(),
        machine: &ThisMachine,
    };
    // A panic has already printed its message. The exit code then tells scripts that oneseat has a bug.
    let run = || oneseat::run(std::env::args_os().collect(), &mut world);
    ExitCode::from(catch_unwind(AssertUnwindSafe(run)).unwrap_or(A_BUG))
}

/// Catches the signal SIGXFSZ. The system sends it when a file reaches the size limit (`ulimit -f`), and it
/// would end the program without a message. Once the signal is caught, the write fails with an error, as on a
/// full disk.
#[cfg(unix)]
fn survive_limits() {
    // If the signal cannot be caught, the program still runs, but it ends without a message at the size limit.
    let _not_caught = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

#[cfg(not(unix))]
fn survive_limits() {}

/// Starts a thread that removes the temporary files when a signal interrupts the program (Ctrl-C, a scheduler,
/// a closed terminal). The program still ends by that signal, so that a shell reports 128 plus the signal's
/// number.
#[cfg(unix)]
fn leave_nothing_when_interrupted() {
    let (begins, has_begun) = std::sync::mpsc::channel::<()>();
    let wait = move || {
        // If the signals cannot be caught, an interrupted program leaves its temporary files behind, and the
        // next run removes them.
        let Ok(mut signals) = Signals::new(interrupting(&ignored())) else { return };
        drop(begins);
        if let Some(signal) = signals.forever().next() {
            oneseat::interrupted(|| {
                let _ended = emulate_default_handler(signal);
            });
        }
    };
    let _without = std::thread::Builder::new().name("signals".to_owned()).spawn(wait);
    // On a busy machine the thread may start late. The program must not create temporary files before the
    // signals are caught, so it waits for the thread. If there is no thread, the wait ends at once.
    let _ended = has_begun.recv();
}

#[cfg(not(unix))]
fn leave_nothing_when_interrupted() {}

/// The numbers of the signals to catch. A signal that the parent process has set to be ignored stays ignored:
/// `nohup` ignores SIGHUP, and a shell ignores SIGINT for background jobs.
#[cfg(unix)]
fn interrupting(ignored: &Ignored) -> Vec<i32> {
    let is_ignored = |signal: &i32| match ignored {
        Ignored::These(mask) => mask & 1 << (signal - 1) != 0,
        // If the ignored signals are unknown, SIGHUP is not caught, because a program under `nohup` must
        // survive a hangup. At worst, a hangup then leaves temporary files behind.
        Ignored::Unknown => *signal == SIGHUP,
    };
    [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(signal)).collect()
}

/// The signals that this process ignores.
#[cfg(unix)]
enum Ignored {
    /// The ignored signals, as a mask with one bit per signal.
    These(u64),
    /// The system does not report which signals are ignored.
    Unknown,
}

#[cfg(unix)]
fn ignored() -> Ignored {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.map_or(Ignored::Unknown, Ignored::These)
}

/// The width of the terminal in columns, or 80 if the terminal does not report one.
fn terminal_width() -> Option<u16> {
    Some(terminal_size::terminal_size().map_or(80, |(width, _)| width.0))
}

//! The program: hands the world to the library.

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
        // Not locked: a panic in another thread must be able to say so.
        err: &mut std::io::stderr(),
        width,
        err_is_terminal: std::io::stderr().is_terminal(),
        now: Instant::from_unix(now).unwrap_or_default(),
        machine: &ThisMachine,
    };
    // A panic has told its own; its exit code is that of a bug, as the documentation has it.
    let run = || oneseat::run(std::env::args_os().collect(), &mut world);
    ExitCode::from(catch_unwind(AssertUnwindSafe(run)).unwrap_or(A_BUG))
}

/// A file that reaches the limit of file sizes (`ulimit -f`) sends a signal that would end the program
/// without a word. Caught, whoever writes is told of an error, as with a full disk.
#[cfg(unix)]
fn survive_limits() {
    // Where it cannot be caught, the program still runs: nothing is lost but the message.
    let _not_caught = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

#[cfg(not(unix))]
fn survive_limits() {}

/// Who interrupts the program (Ctrl-C, a scheduler, a closed terminal) finds no temporary file of it
/// afterwards. It ends by the signal, as without this: a shell tells 128 and the signal's number.
#[cfg(unix)]
fn leave_nothing_when_interrupted() {
    let (begins, has_begun) = std::sync::mpsc::channel::<()>();
    let wait = move || {
        // Where they cannot be caught, the program ends as ever, and the next one sweeps.
        let Ok(mut signals) = Signals::new(interrupting(&ignored())) else { return };
        drop(begins);
        if let Some(signal) = signals.forever().next() {
            oneseat::interrupted(|| {
                let _ended = emulate_default_handler(signal);
            });
        }
    };
    let _without = std::thread::Builder::new().name("signals".to_owned()).spawn(wait);
    // Nothing is made before they are caught: on a busy machine a thread begins late. Where there is
    // none, this ends at once.
    let _ended = has_begun.recv();
}

#[cfg(not(unix))]
fn leave_nothing_when_interrupted() {}

/// The signals that interrupt, apart from those that whoever started the program has it ignore:
/// `nohup` does with SIGHUP, and a shell with SIGINT for what runs in the background.
#[cfg(unix)]
fn interrupting(ignored: &Ignored) -> Vec<i32> {
    let is_ignored = |signal: &i32| match ignored {
        Ignored::These(mask) => mask & 1 << (signal - 1) != 0,
        // Ending at a hangup that is to be survived would be worse than a file that is left.
        Ignored::Unknown => *signal == SIGHUP,
    };
    [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(signal)).collect()
}

/// Which signals are ignored.
#[cfg(unix)]
enum Ignored {
    /// A bit for each.
    These(u64),
    /// The system does not say.
    Unknown,
}

#[cfg(unix)]
fn ignored() -> Ignored {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.map_or(Ignored::Unknown, Ignored::These)
}

/// The width of the terminal, 80 where it does not say.
fn terminal_width() -> Option<u16> {
    Some(terminal_size::terminal_size().map_or(80, |(width, _)| width.0))
}

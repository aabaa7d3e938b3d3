//! The program: hands the world to the library.

use std::io::IsTerminal;
use std::process::ExitCode;
#[cfg(unix)]
use std::sync::{Arc, atomic::AtomicBool};

use oneseat::model::Instant;
use oneseat::{ThisMachine, World};

fn main() -> ExitCode {
    survive_limits();
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
    ExitCode::from(oneseat::run(std::env::args_os().collect(), &mut world))
}

/// A file that reaches the limit of file sizes (`ulimit -f`) sends a signal that would end the program
/// without a word. Caught, whoever writes is told of an error, as with a full disk.
#[cfg(unix)]
fn survive_limits() {
    // Where it cannot be caught, the program still runs: nothing is lost but the message.
    let _not_caught =
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

#[cfg(not(unix))]
fn survive_limits() {}

/// The width of the terminal, 80 where it does not say.
fn terminal_width() -> Option<u16> {
    Some(terminal_size::terminal_size().map_or(80, |(width, _)| width.0))
}

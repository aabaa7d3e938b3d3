//! The program: hands the world to the library.

use std::io::IsTerminal;
use std::process::ExitCode;

use oneseat::model::Instant;
use oneseat::{ThisMachine, World};

fn main() -> ExitCode {
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

/// The width of the terminal, 80 where it does not say.
fn terminal_width() -> Option<u16> {
    Some(terminal_size::terminal_size().map_or(80, |(width, _)| width.0))
}

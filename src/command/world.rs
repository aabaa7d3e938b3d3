//! Everything outside the program that a command may use: streams, terminal, clock and environment. Apart from
//! this file, only `global` and `output` read the environment.

use std::io::{Read, Write};
use std::time::Duration;

use crate::model::Instant;

/// Everything outside the program that a command may use. The caller of `run` supplies it, so that tests can
/// supply their own.
pub struct World<'w> {
    /// Opens standard input.
    pub stdin: &'w mut dyn FnMut() -> Box<dyn Read + Send>,
    /// Standard output, for results.
    pub out: &'w mut dyn Write,
    /// Standard error, for progress, warnings and errors.
    pub err: &'w mut dyn Write,
    /// The width of the terminal in columns; `None` if standard output is not a terminal.
    pub width: Option<u16>,
    /// Whether standard error is a terminal. Progress bars appear only there.
    pub err_is_terminal: bool,
    /// The present instant, by the clock of the machine.
    pub now: Instant,
    /// The environment variables of the machine, and its ability to wait.
    pub machine: &'w dyn Machine,
}

/// What a fetch needs of the machine. A test supplies a machine of its own: a wait takes no time there, and
/// only the test's variables are set.
pub trait Machine {
    /// The value of an environment variable; `None` if the variable is not set or its value is not valid Unicode.
    fn variable(&self, name: &str) -> Option<String>;

    /// The names of all environment variables. Names that are not valid Unicode are left out.
    fn variable_names(&self) -> Vec<String>;

    /// Waits for the time `how_long`.
    fn sleep(&self, how_long: Duration);
}

/// The machine on which the program runs.
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn variable_names(&self) -> Vec<String> {
        let names = std::env::vars_os().map(|(name, _)| name.into_string());
        names.filter_map(Result::ok).collect()
    }

    fn sleep(&self, how_long: Duration) {
        std::thread::sleep(how_long);
    }
}

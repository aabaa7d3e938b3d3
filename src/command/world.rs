//! Everything outside the program that a command uses: streams, terminal, clock and environment. Apart from this
//! file, only `global` and `output` read the environment.

use std::io::{Read, Write};
use std::time::Duration;

use crate::model::Instant;

/// Everything outside the program that a command uses. The caller of `run` hands it in, so that tests can replace
/// it.
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
    /// The present instant.
    pub now: Instant,
    /// Reads environment variables and sleeps.
    pub machine: &'w dyn Machine,
}

/// The parts of the machine that a fetch needs. A test hands in a machine of its own, on which a wait takes no
/// time and only the test's variables are set.
pub trait Machine {
    /// The value of an environment variable; `None` if the variable is not set or its value is not valid Unicode.
    fn variable(&self, name: &str) -> Option<String>;

    /// The names of all environment variables, without names that are not valid Unicode.
    fn variable_names(&self) -> Vec<String>;

    /// Sleeps for this long.
    fn sleep(&self, how_long: Duration);
}

/// The machine that the program runs on.
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

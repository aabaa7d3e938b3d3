//! One error type for the whole program. An error has a kind (the exit code), a place (the file and the line),
//! one sentence, its causes, and the ways out. Nobody reads the sentence to learn what a field states.
//!
//! A conversion from a library's own errors lives beside the one module that may name that library (`store`
//! for SQLite, `command` for the command line). Nothing here prints.

use std::fmt;
use std::path::Path;

use crate::code::RefusalCode;

/// The kind of a failure. The number is the exit code (interface.md section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ErrorKind {
    /// The command line is wrong.
    Usage = 2,
    /// An input file was refused, and nothing of it was stored.
    Input = 3,
    /// The database is not one of oneseat's, is too new, locked or damaged, or the disk is full.
    Database = 4,
    /// Output could not be written.
    Output = 5,
    /// A remote system failed: network, authentication, rate limit.
    Remote = 6,
    /// Nothing is known to answer from.
    Nothing = 7,
    /// An invariant of the program does not hold.
    Bug = 70,
}

impl ErrorKind {
    /// The exit code of the process when it ends with this error.
    pub fn exit_code(self) -> u8 {
        self as u8
    }
}

/// A failure, described so that the reader can act on it.
#[derive(Debug)]
pub struct Error {
    /// The kind, and with it the exit code.
    pub kind: ErrorKind,
    /// One sentence, without the place: `what is wrong: "value"`.
    pub message: String,
    /// The file or setting that is wrong, where one can be named. It is printed in front of the message.
    pub place: Option<Box<ErrorPlace>>,
    /// The underlying error, if there is one.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// A value of the data that may be personal. It is printed with `-v` only.
    pub value: Option<String>,
    /// Ways out, the most promising first.
    pub hints: Vec<String>,
    /// A stable code, if scripts must distinguish this failure from others of its kind.
    pub code: Option<RefusalCode>,
}

/// The place of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorPlace {
    /// The file as the user named it, or another name of what is wrong.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<u64>,
}

/// The result of nearly every fallible function here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind with this message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Error {
            kind,
            message,
            place: None,
            source: None,
            value: None,
            hints: Vec::new(),
            code: None,
        }
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Usage, message)
    }

    /// An input file is refused.
    pub fn input(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Input, message)
    }

    /// The database cannot be used.
    pub fn database(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Database, message)
    }

    /// Output cannot be written.
    pub fn output(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Output, message)
    }

    /// A remote system failed.
    pub fn remote(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Remote, message)
    }

    /// Nothing is known to answer from.
    pub fn nothing(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Nothing, message)
    }

    /// An invariant of the program does not hold.
    pub fn bug(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Bug, message)
    }

    /// Adds the wrong value if it may be a name or an address of a person. Errors end up in logs, so it is
    /// printed with `-v` only.
    #[must_use]
    pub fn found(mut self, value: &str) -> Self {
        self.value = Some(quoted(value));
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the stable code.
    #[must_use]
    pub fn code(mut self, code: RefusalCode) -> Self {
        self.code = Some(code);
        self
    }

    /// Adds the underlying error.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds the place: `FILE: …` or `FILE:LINE: …`. A place that is there already becomes part of the message.
    #[must_use]
    pub fn at(mut self, file: &str, line: Option<u64>) -> Self {
        if self.place.is_some() {
            self.message = self.to_string();
        }
        self.place = Some(Box::new(ErrorPlace { file: file.to_owned(), line }));
        self
    }

    /// Adds the file as the place.
    #[must_use]
    pub fn of_file(self, file: &Path) -> Self {
        self.at(&file.display().to_string(), None)
    }

    /// Is this the place of the failure, whatever the line?
    pub fn is_at(&self, file: &str) -> bool {
        self.place.as_ref().is_some_and(|place| place.file == file)
    }

    /// Was this caused by a pipe that its reader closed? The program then ends without a message.
    pub fn is_closed_pipe(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> =
            self.source.as_deref().map(|source| source as _);
        while let Some(error) = cause {
            if let Some(io) = error.downcast_ref::<std::io::Error>() {
                return io.kind() == std::io::ErrorKind::BrokenPipe;
            }
            cause = error.source();
        }
        false
    }

    /// The messages of the underlying errors, outermost first.
    pub fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut cause: Option<&(dyn std::error::Error + 'static)> =
            self.source.as_deref().map(|source| source as _);
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        causes
    }

    /// The text for standard error: the message, its causes, then the hints (interface.md section 1).
    /// Control characters of the data are escaped. Personal values are printed only if `verbose` is set
    /// (`-v`).
    pub fn report(&self, verbose: bool) -> String {
        let mut text = format!("oneseat: error: {}\n", printable(&self.to_string()));
        for cause in self.causes() {
            text.push_str(&format!("  caused by: {}\n", printable(&cause)));
        }
        if let Some(value) = self.value.as_ref().filter(|_| verbose) {
            text.push_str(&format!("  found: {value}\n"));
        }
        for hint in &self.hints {
            text.push_str(&format!("hint: {}\n", printable(hint)));
        }
        if self.value.is_some() && !verbose {
            text.push_str("hint: -v shows what was found\n");
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_deref() {
            Some(ErrorPlace { file, line: Some(line) }) => {
                write!(f, "{file}:{line}: {}", self.message)
            }
            Some(ErrorPlace { file, line: None }) => write!(f, "{file}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The error for an operating system that provides no random numbers. Without them, nothing can be stored
/// provably, and lookups cannot be protected against chosen keys.
pub fn no_random_numbers(cause: &impl fmt::Display) -> Error {
    Error::database("the operating system gives no random numbers")
        .caused_by(cause.to_string())
        .hint("check /dev/urandom and the system calls that the process may make (seccomp, a container)")
}

/// Would a terminal obey this character instead of showing it (a control character, a change of the writing
/// direction, a line separator)?
pub fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{206f}'
        )
}

/// Escapes the characters that a terminal would obey instead of showing.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_obeyed(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A value of the data as an error shows it: quoted, escaped, and cut if it is long.
pub fn quoted(value: &str) -> String {
    const SHOWN: usize = 80;
    let mut characters = value.chars();
    let head: String = characters.by_ref().take(SHOWN).collect();
    let more = if characters.next().is_some() { "…" } else { "" };
    format!("\"{}{more}\"", printable(&head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_place_causes_and_way_out_and_escapes_the_terminal() {
        let error = Error::input(format!("not a number: {}", quoted("\u{1b}[31m")))
            .at("all_users.csv", Some(7))
            .caused_by(std::io::Error::other("below"))
            .hint("look at the line");
        assert_eq!(
            error.report(false),
            "oneseat: error: all_users.csv:7: not a number: \"\\u{1b}[31m\"\n  caused by: below\nhint: look at the line\n"
        );
        assert_eq!(error.kind.exit_code(), 3);
        let error = Error::input("no list").found("ann@corp.example\u{1b}");
        assert_eq!(error.report(false), "oneseat: error: no list\nhint: -v shows what was found\n");
        let full = "oneseat: error: no list\n  found: \"ann@corp.example\\u{1b}\"\n";
        assert_eq!(error.report(true), full);
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_all_else_stays() {
        for code in (0..=0x1f).chain(0x7f..=0x9f).chain([0x61c, 0x200e, 0x200f]) {
            let character = char::from_u32(code).expect("a character");
            assert_eq!(printable(&character.to_string()), format!("\\u{{{code:x}}}"));
        }
        for code in (0x2028..=0x202e).chain(0x2066..=0x206f) {
            let character = char::from_u32(code).expect("a character");
            assert_eq!(printable(&character.to_string()), format!("\\u{{{code:x}}}"));
        }
        let plain = "a \u{a0}\u{e9}\u{5d0}\u{200d}\u{200b}\u{2027}\u{202f}\u{1f600}\u{fffd}";
        assert_eq!(printable(plain), plain);
    }

    #[test]
    fn a_closed_pipe_is_recognized_through_its_causes() {
        let pipe = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert!(Error::output("cannot write").caused_by(pipe).is_closed_pipe());
        assert!(!Error::output("cannot write").is_closed_pipe());
    }
}

//! The one error type of the program. An error has a kind (the exit code), a place (the file and the line), one
//! sentence, its causes, and hints. Code that needs the kind or the place reads the field, never the sentence.
//!
//! The errors of a library are converted in the one module that may use the library: `store` for SQLite,
//! `command` for the command line. This module prints nothing.

use std::fmt;
use std::path::Path;

use crate::code::RefusalCode;

/// The kind of an error. Its number is the exit code of the program (interface.md section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ErrorKind {
    /// The command line is wrong, for example an unknown option.
    Usage = 2,
    /// An input file was refused, and nothing of the file was stored.
    Input = 3,
    /// The database cannot be used: it is not a database of oneseat, it is newer than the program, locked or
    /// damaged, or the disk is full.
    Database = 4,
    /// Output could not be written, for example because a disk is full.
    Output = 5,
    /// A remote system could not be asked: network, authentication, rate limit.
    Remote = 6,
    /// There is nothing to answer the question from: no snapshot at that time, or nobody by that name.
    Nothing = 7,
    /// A bug: an invariant of the program does not hold.
    Bug = 70,
}

impl ErrorKind {
    /// The exit code of the process when it ends with this error.
    pub fn exit_code(self) -> u8 {
        self as u8
    }
}

/// An error, described so that the reader can act on it.
#[derive(Debug)]
pub struct Error {
    /// The kind of the error, which decides the exit code.
    pub kind: ErrorKind,
    /// One sentence that says what is wrong, without the place: `invalid time: "tomorrow"`.
    pub message: String,
    /// The file or the setting that is wrong, if the error is about one. The place is printed in front of the
    /// message.
    pub place: Option<Box<ErrorPlace>>,
    /// The underlying error, for instance of the operating system or of a library, if there is one.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// The value that is wrong, if the value may be personal. It is printed with `-v` only.
    pub value: Option<String>,
    /// The hints, which name actions. The most promising action comes first.
    pub hints: Vec<String>,
    /// The stable code of the error, if scripts must distinguish it from others of its kind.
    pub code: Option<RefusalCode>,
}

/// The place of an error: a file or a setting, and possibly a line in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorPlace {
    /// The path of the file as the user wrote it, or the name of the setting that is wrong.
    pub file: String,
    /// The line in the file, counted from 1; `None` if the error is not about one line.
    pub line: Option<u64>,
}

/// The result of a function that may fail, by default with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind with this message, without a place, causes and hints.
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

    /// An error about a wrong command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Usage, message)
    }

    /// An error about an input file that is refused.
    pub fn input(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Input, message)
    }

    /// An error about a database that cannot be used.
    pub fn database(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Database, message)
    }

    /// An error about output that cannot be written.
    pub fn output(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Output, message)
    }

    /// An error about a remote system that could not be asked.
    pub fn remote(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Remote, message)
    }

    /// An error about a question that has no answer, because nothing is known about its subject.
    pub fn nothing(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Nothing, message)
    }

    /// An error about a bug: an invariant of the program does not hold.
    pub fn bug(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::Bug, message)
    }

    /// Adds the wrong value to an error, if it may be the name or the address of a person. Errors end up in
    /// logs, so such a value is printed with `-v` only.
    #[must_use]
    pub fn found(mut self, value: &str) -> Self {
        self.value = Some(quoted(value));
        self
    }

    /// Adds a hint, which names an action that solves the problem.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the stable code of the error.
    #[must_use]
    pub fn code(mut self, code: RefusalCode) -> Self {
        self.code = Some(code);
        self
    }

    /// Adds the underlying error, which is printed as a cause.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds the place, which is printed as `FILE: …` or `FILE:LINE: …`. If the error already has a place, that
    /// place becomes part of the message.
    #[must_use]
    pub fn at(mut self, file: &str, line: Option<u64>) -> Self {
        if self.place.is_some() {
            self.message = self.to_string();
        }
        self.place = Some(Box::new(ErrorPlace { file: file.to_owned(), line }));
        self
    }

    /// Adds a file, without a line, as the place of the error.
    #[must_use]
    pub fn of_file(self, file: &Path) -> Self {
        self.at(&file.display().to_string(), None)
    }

    /// Does the error's place name this file, on whatever line?
    pub fn is_at(&self, file: &str) -> bool {
        self.place.as_ref().is_some_and(|place| place.file == file)
    }

    /// Was the error caused by a pipe that its reader closed? The program then ends without a message.
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

    /// The text of the error for standard error: the message, its causes, then the hints (interface.md section
    /// 1). Control characters of the data are escaped. Personal values are printed only if `verbose` is set
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

/// The error for an operating system that provides no random numbers. Without random numbers, records cannot be
/// stored with a salted hash, and hash tables cannot be protected against chosen keys.
pub fn no_random_numbers(cause: &impl fmt::Display) -> Error {
    Error::database("the operating system provides no random numbers")
        .caused_by(cause.to_string())
        .hint("check /dev/urandom and the system calls that the process may make (seccomp, a container)")
}

/// Would a terminal obey this character instead of showing it? Such characters are control characters, changes
/// of the writing direction and line separators.
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

/// Escapes the characters of a text that a terminal would obey instead of showing.
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

/// A value of the data in the form in which an error shows it: quoted, escaped, and cut if it is long.
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

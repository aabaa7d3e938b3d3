//! Describes where a token is read from. This file never holds a token.

use std::path::PathBuf;

/// The origin of a token: a command or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFrom {
    /// The output of a program. The list holds the name of the program, then its arguments.
    Command(Vec<String>),
    /// A file that contains the token, and that only its owner can read.
    File(PathBuf),
}

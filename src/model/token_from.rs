//! The origin of a token, never the token itself.

use std::path::PathBuf;

/// The origin of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFrom {
    /// The output of a program. The list holds the name of the program, then its arguments.
    Command(Vec<String>),
    /// A file that only its owner can read.
    File(PathBuf),
}

//! Where a token can be read, never the token itself.

use std::path::PathBuf;

/// The place from which a token is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFrom {
    /// The output of a program: its name and its arguments.
    Command(Vec<String>),
    /// A file that only its owner can read.
    File(PathBuf),
}

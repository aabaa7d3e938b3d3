//! Where somebody says that a token is; never the token itself.

use std::path::PathBuf;

/// Where a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenFrom {
    /// What a program prints: its name and its arguments.
    Command(Vec<String>),
    /// A file that its owner alone can read.
    File(PathBuf),
}

//! Is the file that is written still the one that its name leads to? SQLite writes to an open file
//! even when its folder is gone, and what is written then is lost without an error.
//!
//! May assume nothing. Where the system does not number its files, nothing is found out.

use std::path::Path;

use crate::error::{Error, Result};

/// What tells a file from every other one; `None` where the system does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(Option<(u64, u64)>);

impl Identity {
    /// Of the file that this name leads to now.
    pub fn of(path: &Path) -> Identity {
        Identity(number(path))
    }

    /// Holds that the name leads to the same file still.
    ///
    /// # Errors
    /// [`crate::error::Kind::Database`] if it does not.
    pub fn check(self, path: &Path) -> Result<()> {
        if self.0.is_none() || self == Identity::of(path) {
            return Ok(());
        }
        let name = path.display();
        Err(Error::database(format!("{name}: the file was removed or moved while it was written"))
            .hint("if it was moved, what was stored is where it is now; else repeat the command"))
    }
}

#[cfg(unix)]
fn number(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn number(_path: &Path) -> Option<(u64, u64)> {
    None
}

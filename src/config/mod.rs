//! The configuration file (TOML): the enterprises and instances, what to fetch from each, the age from
//! which a snapshot is too old, and the columns of employee tables. Every unknown table or key is an error,
//! so that a typing error is not ignored silently.
//!
//! Tokens do not belong in it. If somebody puts one there all the same, no message shows it: errors name the
//! line and the key, never a value.

mod directory;
mod file;
mod settings;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

pub use settings::{Config, Configured, ConfiguredDirectory};

impl Config {
    /// Reads a file. `home` is the folder that `~/` means.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Usage`] with the line, if the file cannot be read or is not a valid
    /// configuration.
    pub fn read(path: &Path, home: Option<&Path>) -> Result<Config> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::usage("the configuration cannot be read").at(&name, None).caused_by(error)
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        file::parse(&text, &name, &|path| resolved(path, folder, home))
    }

    /// The settings of an enterprise, regardless of letter case.
    pub fn enterprise(&self, name: &str) -> Option<&Configured> {
        self.enterprises.iter().find(|place| place.name.eq_ignore_ascii_case(name))
    }

    /// The settings of an employee directory, regardless of letter case.
    pub fn directory(&self, name: &str) -> Option<&ConfiguredDirectory> {
        self.directories.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// The settings of an instance, regardless of letter case.
    pub fn host(&self, name: &str) -> Option<&Configured> {
        self.hosts.iter().find(|place| place.name.eq_ignore_ascii_case(name))
    }
}

/// A path in the file, relative to the home folder (`~/`) or to the folder of the file.
fn resolved(path: &str, folder: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => folder.join(path),
    }
}

//! The configuration file (TOML): the enterprises and instances, what to fetch from each, the age from which a
//! snapshot is too old, and the columns of employee tables. Every unknown table or key is an error, so that no
//! typing error is ignored silently.
//!
//! Tokens do not belong in the configuration file. If somebody puts one there all the same, no message prints it:
//! an error names the line and the key, and not the value.

mod directory;
mod file;
mod settings;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

pub use settings::{Config, Configured, ConfiguredDirectory};

impl Config {
    /// Reads the configuration file at `path`. A path in the file that begins with `~/` is a path in the folder
    /// `home`.
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

    /// What the file says about the enterprise `name`, regardless of letter case; `None` if it says nothing.
    pub fn enterprise(&self, name: &str) -> Option<&Configured> {
        self.enterprises.iter().find(|place| place.name.eq_ignore_ascii_case(name))
    }

    /// What the file says about the employee directory `name`, regardless of letter case; `None` if it says
    /// nothing.
    pub fn directory(&self, name: &str) -> Option<&ConfiguredDirectory> {
        self.directories.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// What the file says about the instance with the host name `name`, regardless of letter case; `None` if it
    /// says nothing.
    pub fn host(&self, name: &str) -> Option<&Configured> {
        self.hosts.iter().find(|place| place.name.eq_ignore_ascii_case(name))
    }
}

/// The path that a text in the configuration file stands for. `~/` is the home folder, and any other relative
/// path begins at the folder of the configuration file.
fn resolved(path: &str, folder: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => folder.join(path),
    }
}

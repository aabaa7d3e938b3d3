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
    /// Reads the configuration file at `path`. `home` is the folder that `~/` stands for in the file's paths.
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

    /// The settings of the enterprise with this name, regardless of letter case; `None` if the file has none.
    pub fn enterprise(&self, name: &str) -> Option<&Configured> {
        self.enterprises.iter().find(|place| place.name.eq_ignore_ascii_case(name))
    }

    /// The settings of the employee directory with this name, regardless of letter case; `None` if the file has
    /// none.
    pub fn directory(&self, name: &str) -> Option<&ConfiguredDirectory> {
        self.directories.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }

    /// The settings of the instance with this host name, regardless of letter case; `None` if the file has none.
    pub fn host(&self, name: &str) -> Option<&Configured> {
        self.hosts.iter().find(|place| place.name.eq_ignore_ascii_case(name))
    }
}

/// Resolves a path in the configuration file. `~/` stands for the home folder; any other relative path begins at
/// the folder of the configuration file.
fn resolved(path: &str, folder: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => folder.join(path),
    }
}

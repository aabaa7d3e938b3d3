//! The configuration file (TOML): the enterprises and instances, what to fetch from each, and the age from
//! which a snapshot is too old. Every unknown table or key is an error, so that a typing error is not ignored
//! silently.
//!
//! Tokens do not belong in it. If somebody puts one there all the same, no message shows it: errors name the
//! line and the key, never a value.

mod file;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::TokenFrom;

/// The contents of the configuration file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Config {
    /// The maximum age of a source's newest snapshot for `check`, in seconds, unless the source has its own.
    pub max_age: Option<i64>,
    /// The minimum number of available licenses for `check`.
    pub min_available: Option<i64>,
    /// The maximum share of the purchased licenses that may be consumed for `check`, in hundredths of a
    /// percent.
    pub max_use: Option<i64>,
    /// The bounds on people who take two licenses for `check`, each as `check --max-duplicates` takes it.
    pub max_duplicates: Vec<String>,
    /// The enterprises, by name.
    pub enterprises: Vec<Configured>,
    /// The instances, by host name.
    pub hosts: Vec<Configured>,
}

/// The settings of an enterprise or an instance.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Configured {
    /// The short name of the enterprise, or the host name.
    pub name: String,
    /// The base URL to fetch from, if it is not the usual one.
    pub url: Option<String>,
    /// Where to get the token.
    pub token: Option<TokenFrom>,
    /// A file of further certificate authorities to trust.
    pub ca_file: Option<PathBuf>,
    /// The login of the token's owner. Reports of an instance require it beside the token.
    pub user: Option<String>,
    /// The API version to request.
    pub api_version: Option<String>,
    /// What to fetch, by name; `None`: the usual reports.
    pub fetch: Option<Vec<String>>,
    /// Why this is a new source, although its reports look like another's.
    pub accept_new: Option<String>,
    /// The maximum age of its newest snapshot for `check`, in seconds.
    pub max_age: Option<i64>,
}

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

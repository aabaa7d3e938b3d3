//! The configuration file: which enterprises and instances there are, what to fetch from each, and
//! how old is too old. TOML; every table and key that is not known is an error, so that a slip of
//! the pen is not silently nothing.
//!
//! Tokens do not stand in it. Should somebody have put one there all the same, no message shows it:
//! errors name the line and the key, never a value.

mod file;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::TokenFrom;

/// What the file says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Config {
    /// How old the newest snapshot of a source may be for `check`, in seconds, where nothing is
    /// said for the source itself.
    pub max_age: Option<i64>,
    /// How many licenses must be available for `check`.
    pub min_available: Option<i64>,
    /// How many of the licenses bought may be used for `check`, in hundredths of a percent.
    pub max_use: Option<i64>,
    /// How many people may take two licenses for `check`, each as `check --max-duplicates` takes it.
    pub max_duplicates: Vec<String>,
    /// The enterprises, by name.
    pub enterprises: Vec<Configured>,
    /// The instances, by host name.
    pub hosts: Vec<Configured>,
}

/// What is said of an enterprise or an instance.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Configured {
    /// The enterprise's short name, or the host name.
    pub name: String,
    /// Where its answers begin, if not where they usually do.
    pub url: Option<String>,
    /// Where its token is.
    pub token: Option<TokenFrom>,
    /// Further authorities to trust.
    pub ca_file: Option<PathBuf>,
    /// Whose token it is: reports of an instance want a name beside it.
    pub user: Option<String>,
    /// The version of the interface to ask for.
    pub api_version: Option<String>,
    /// What to fetch, by name; `None`: what is usual.
    pub fetch: Option<Vec<String>>,
    /// Why it is something new, although its reports look like another's.
    pub accept_new: Option<String>,
    /// How old its newest snapshot may be for `check`, in seconds.
    pub max_age: Option<i64>,
}

impl Config {
    /// Reads a file. `home`: where `~/` leads.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] with the line, if it cannot be read or does not say what a
    /// configuration can say.
    pub fn read(path: &Path, home: Option<&Path>) -> Result<Config> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::usage("the configuration cannot be read").at(&name, None).caused_by(error)
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        file::parse(&text, &name, &|path| resolved(path, folder, home))
    }

    /// What is said of an enterprise.
    pub fn enterprise(&self, name: &str) -> Option<&Configured> {
        self.enterprises.iter().find(|place| place.name.eq_ignore_ascii_case(name))
    }

    /// What is said of an instance.
    pub fn host(&self, name: &str) -> Option<&Configured> {
        self.hosts.iter().find(|place| place.name.eq_ignore_ascii_case(name))
    }
}

/// A path in the file: from the home folder, or from where the file lies.
fn resolved(path: &str, folder: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => folder.join(path),
    }
}

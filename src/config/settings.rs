//! The settings that the configuration file can contain, as plain values.

use std::path::PathBuf;

use crate::model::{DirectoryMapping, TokenFrom};

/// Everything that the configuration file says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Config {
    /// How old the newest snapshot of a source may be for `check`, in seconds. A source with an age of its own
    /// is judged by that.
    pub max_age: Option<i64>,
    /// How many licenses must be available at least for `check`.
    pub min_available: Option<i64>,
    /// Which share of the purchased licenses may be consumed for `check`, in hundredths of a percent.
    pub max_use: Option<i64>,
    /// How many duplicates there may be for `check`, each bound written as for `--max-duplicates`.
    pub max_duplicates: Vec<String>,
    /// The file of the key from which pseudonyms are made.
    pub privacy_key_file: Option<PathBuf>,
    /// What the file says about enterprises, sorted by name.
    pub enterprises: Vec<Configured>,
    /// What the file says about instances, sorted by host name.
    pub hosts: Vec<Configured>,
    /// What the file says about employee directories, sorted by name.
    pub directories: Vec<ConfiguredDirectory>,
}

/// What the configuration file says about an employee directory (directory.md section 1).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ConfiguredDirectory {
    /// The name of the directory.
    pub name: String,
    /// What the columns of the directory's table mean; `None` if its files have a format that needs no such
    /// mapping.
    pub mapping: Option<DirectoryMapping>,
    /// Whether everything is kept in plain text that the directory states about people without an account.
    pub keeps_all: bool,
    /// How old the newest snapshot of this directory may be for `check`, in seconds; `None` for the age that
    /// holds for all.
    pub max_age: Option<i64>,
}

/// What the configuration file says about an enterprise or an instance.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Configured {
    /// The short name of the enterprise, or the host name of the instance.
    pub name: String,
    /// The URL of the API to fetch from; `None` for the usual one.
    pub url: Option<String>,
    /// Where to get the token; `None` if the configuration file does not say it.
    pub token: Option<TokenFrom>,
    /// A file with further certificate authorities to trust; `None` if there is none.
    pub ca_file: Option<PathBuf>,
    /// The login of the token's owner, which a request for a report of an instance needs.
    pub user: Option<String>,
    /// The version of GitHub's API to ask for; `None` for the usual one.
    pub api_version: Option<String>,
    /// The names of the answers to fetch; `None` for the usual ones.
    pub fetch: Option<Vec<String>>,
    /// The name of the employee directory that is made of the SCIM users; `None` if these are not fetched.
    pub scim: Option<String>,
    /// The user's reason for accepting reports for a new source although they look like those of another
    /// source.
    pub accept_new: Option<String>,
    /// How old the newest snapshot of this source may be for `check`, in seconds; `None` for the age that holds
    /// for all.
    pub max_age: Option<i64>,
}

//! The settings that the configuration file can contain, as plain values.

use std::path::PathBuf;

use crate::model::{DirectoryMapping, TokenFrom};

/// The contents of the configuration file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Config {
    /// For `check`: the maximum age of a source's newest snapshot, in seconds, for every source without a maximum
    /// of its own.
    pub max_age: Option<i64>,
    /// For `check`: the minimum number of available licenses.
    pub min_available: Option<i64>,
    /// For `check`: the maximum share of the purchased licenses that may be consumed, in hundredths of a percent.
    pub max_use: Option<i64>,
    /// For `check`: the bounds on the number of duplicates, each written as for `--max-duplicates`.
    pub max_duplicates: Vec<String>,
    /// The file of the key from which pseudonyms are made.
    pub privacy_key_file: Option<PathBuf>,
    /// The settings of the enterprises, sorted by name.
    pub enterprises: Vec<Configured>,
    /// The settings of the instances, sorted by host name.
    pub hosts: Vec<Configured>,
    /// The settings of the employee directories, sorted by name.
    pub directories: Vec<ConfiguredDirectory>,
}

/// The settings of an employee directory (directory.md section 1).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ConfiguredDirectory {
    /// The name of the directory.
    pub name: String,
    /// The meaning of the columns in the directory's table; `None` if the directory's files need no mapping.
    pub mapping: Option<DirectoryMapping>,
    /// Whether oneseat keeps everything that the directory states about people without an account.
    pub keeps_all: bool,
    /// For `check`: the maximum age of the newest snapshot of this directory, in seconds.
    pub max_age: Option<i64>,
}

/// The settings of an enterprise or an instance.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Configured {
    /// The short name of the enterprise, or the host name of the instance.
    pub name: String,
    /// The base URL to fetch from, if it is not the usual one.
    pub url: Option<String>,
    /// How to get the token; `None` if the configuration does not state it.
    pub token: Option<TokenFrom>,
    /// A file of further certificate authorities to trust.
    pub ca_file: Option<PathBuf>,
    /// The login of the token's owner, which an instance requires for its reports.
    pub user: Option<String>,
    /// The version of GitHub's API to request; `None` for the usual one.
    pub api_version: Option<String>,
    /// The names of the reports to fetch; `None` for the usual ones.
    pub fetch: Option<Vec<String>>,
    /// The name of the employee directory that the SCIM users are; `None` if they are not fetched.
    pub scim: Option<String>,
    /// The reason to accept reports for a new source although they look like those of another source.
    pub accept_new: Option<String>,
    /// For `check`: the maximum age of the newest snapshot of this enterprise or instance, in seconds.
    pub max_age: Option<i64>,
}

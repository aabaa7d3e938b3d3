//! The settings that the configuration file can contain, as plain values.

use std::path::PathBuf;

use crate::model::{DirectoryMapping, TokenFrom};

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
    /// The employee directories, by name.
    pub directories: Vec<ConfiguredDirectory>,
}

/// The settings of an employee directory (directory.md section 2).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ConfiguredDirectory {
    /// The name of the directory.
    pub name: String,
    /// Which column of its table means what; `None` if its files need no mapping.
    pub mapping: Option<DirectoryMapping>,
    /// Whether everything is kept about people without an account, too.
    pub keeps_all: bool,
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

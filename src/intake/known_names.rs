//! The names of the sources that are known already. An import uses them to find the source of a file.

use std::path::PathBuf;

use super::hosts;
use crate::error::Result;
use crate::model::{Instant, KnownAs, SourceFamily, SourceKind};
use crate::store::Import;

/// The names of the known sources.
pub(crate) struct KnownNames {
    enterprises: Vec<String>,
    instances: Vec<String>,
    directories: Vec<String>,
    /// The names of those instances that have a snapshot from a file of their own.
    own: Vec<String>,
    /// Every known host, under its name and under its aliases.
    hosts: Vec<String>,
    known_as: KnownAs,
}

impl KnownNames {
    pub(super) fn read(import: &Import<'_>, with_hosts: bool) -> Result<KnownNames> {
        let known_as = import.known_as()?;
        let meant = |kind: SourceKind| -> Result<Vec<String>> {
            let names = import.source_names(kind)?;
            let meant =
                |name: &String| known_as.canonical(kind.family(), name, Instant::LAST).to_owned();
            let mut names: Vec<String> = names.iter().map(meant).collect();
            names.sort();
            names.dedup();
            Ok(names)
        };
        let own = meant(SourceKind::Server)?;
        let mut instances = own.clone();
        for kind in [SourceKind::ServerAsSynced, SourceKind::ServerInfo] {
            instances.extend(meant(kind)?);
        }
        instances.sort();
        instances.dedup();
        // Every row of a report may list another host, so reading all hosts takes long. They are read only if
        // needed.
        let mut hosts = if with_hosts { import.hosts_listed()? } else { Vec::new() };
        hosts.extend(instances.iter().cloned());
        hosts.extend(known_as.hosts(Instant::LAST).into_keys());
        let (enterprises, directories) = (meant(SourceKind::Cloud)?, meant(SourceKind::Directory)?);
        Ok(KnownNames { enterprises, instances, directories, own, hosts, known_as })
    }

    /// Refuses a file whose name contains the host of another instance than `own`. The hosts on the command
    /// line are `given`.
    pub(super) fn check_names(&self, files: &[PathBuf], own: &str, given: &[String]) -> Result<()> {
        let own = hosts::plain(own);
        let meant = |host: &str| {
            self.known_as.canonical(SourceFamily::Instance, host, Instant::LAST).to_owned()
        };
        let given: Vec<String> = given.iter().map(|host| hosts::plain(host)).collect();
        let all = self.hosts.iter().chain(&given).map(String::as_str);
        hosts::check_names(files, &own, &meant, all)
    }

    /// The names of sources from which the source of a file of this kind may be guessed.
    pub(super) fn of(&self, kind: SourceKind) -> &[String] {
        match kind {
            SourceKind::Server => &self.own,
            SourceKind::Directory => &self.directories,
            kind if kind.is_instance() => &self.instances,
            _ => &self.enterprises,
        }
    }
}

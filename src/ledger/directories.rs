//! The employee directories in force at an instant (directory.md), and how an address or a login is looked up in
//! them. A directory never comes into force for counting; evidence, leavers and people in several enterprises look
//! people up in it.

use std::sync::Arc;

use super::{Ledger, cached};
use crate::email;
use crate::error::Result;
use crate::model::{DigestKey, EntryDigest, Indexed, Instant, KeyId, SourceFamily, SourceKind};
use crate::people::names_a_role;
use crate::store::{EntryPart, PartEntryIx, Place, SnapshotFacts};

/// An employee directory at an instant.
pub(crate) struct Directory<'l> {
    /// The snapshot in force.
    pub snapshot: &'l SnapshotFacts,
    /// The entries of the snapshot, or of all snapshots up to it.
    pub entries: Arc<EntryPart>,
}

/// All employee directories at an instant. Each is looked at by itself: entries of two directories are never
/// joined.
pub(crate) struct Directories<'l> {
    /// The directories, by name.
    pub all: Vec<Directory<'l>>,
    ledger: &'l Ledger<'l>,
    key: DigestKey,
}

impl Ledger<'_> {
    /// The directories in force at an instant; `None` if there is none. In force is the newest snapshot of each
    /// directory that is neither partial nor voided, unless the directory is retired.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn directories(&self, at: Instant) -> Result<Option<Directories<'_>>> {
        self.directories_with(at, |snapshot| {
            cached(&self.entry_parts, snapshot, |snapshot| {
                let place = snapshot.place;
                self.store.entries_between(snapshot.source_id, place, place)
            })
        })
    }

    /// The directories in force at an instant, as [`Ledger::directories`] finds them, with the entries of all
    /// their earlier snapshots too.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn directories_with_history(&self, at: Instant) -> Result<Option<Directories<'_>>> {
        self.directories_with(at, |snapshot| {
            let (source, last) = (snapshot.source_id, snapshot.place);
            Ok(Arc::new(self.store.entries_between(source, Place::FIRST, last)?))
        })
    }

    fn directories_with(
        &self,
        at: Instant,
        entries: impl Fn(&SnapshotFacts) -> Result<Arc<EntryPart>>,
    ) -> Result<Option<Directories<'_>>> {
        let in_force = self.directories_in_force(at);
        if in_force.is_empty() {
            return Ok(None);
        }
        let Some(key) = self.store.digest_key()? else { return Ok(None) };
        let all = in_force.into_iter().map(|snapshot| {
            let entries = entries(snapshot)?;
            Ok(Directory { snapshot, entries })
        });
        Ok(Some(Directories { all: all.collect::<Result<_>>()?, ledger: self, key }))
    }

    /// The snapshots of directories in force at an instant, by name.
    pub(crate) fn directories_in_force(&self, at: Instant) -> Vec<&SnapshotFacts> {
        let newest = self.taken_by(at).filter_map(|snapshots| {
            snapshots.iter().rev().find(|snapshot| {
                snapshot.source.kind == SourceKind::Directory
                    && !snapshot.partial
                    && !self.is_retired(&snapshot.source, at)
            })
        });
        newest.collect()
    }

    /// Every name under which a file may call an instance at an instant, with the name that counts first.
    pub(crate) fn names_of_host(&self, host: &str, at: Instant) -> Vec<String> {
        let mut names = vec![host.to_owned()];
        names.extend(self.known_as.aliases_of(SourceFamily::Instance, host, at));
        names
    }
}

impl<'l> Directories<'l> {
    /// The key of the digests.
    pub(crate) fn key(&self) -> &DigestKey {
        &self.key
    }

    /// The digest of the key of an address. For a few keys.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn digest_of_key(&self, key: KeyId) -> Result<EntryDigest> {
        match self.ledger.key_digests.get() {
            Some(all) => Ok(all.get(key).copied().unwrap_or(EntryDigest([0; 16]))),
            None => self.ledger.store.digest_of_key(&self.key, key),
        }
    }

    /// The digests of all keys of the database, by their numbers. For a question about everybody.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn digests_of_keys(&self) -> Result<&'l Indexed<KeyId, EntryDigest>> {
        let known = &self.ledger.key_digests;
        if let Some(all) = known.get() {
            return Ok(all);
        }
        let all = self.ledger.store.digests_of_keys(&self.key)?;
        Ok(known.get_or_init(|| all))
    }

    /// The digest of a login on Cloud, as a mapped directory has it.
    pub(crate) fn digest_of_cloud_login(&self, login: &str) -> EntryDigest {
        self.key.cloud_login(&email::login_key(login))
    }

    /// The digest of a login on an instance, as a mapped directory has it under this name of the instance.
    pub(crate) fn digest_of_server_login(&self, host: &str, login: &str) -> EntryDigest {
        self.key.server_login(host, &email::login_key(login))
    }

    /// The only entry of a directory with a Cloud login that names no role.
    pub(crate) fn of_cloud_login(
        &self,
        directory: &Directory<'_>,
        login: &str,
    ) -> Option<PartEntryIx> {
        if names_a_role(login) {
            return None;
        }
        directory.entries.only(self.digest_of_cloud_login(login))
    }

    /// The only entry of a directory that has a login, which names no role, on an instance under any of these
    /// names of the instance.
    pub(crate) fn of_server_login(
        &self,
        directory: &Directory<'_>,
        hosts: &[String],
        login: &str,
    ) -> Option<PartEntryIx> {
        if login.is_empty() || names_a_role(login) {
            return None;
        }
        let digests = hosts.iter().map(|host| self.digest_of_server_login(host, login));
        let mut having = digests.flat_map(|digest| directory.entries.having(digest));
        let first = having.next()?;
        having.all(|entry| entry == first).then_some(first)
    }

    /// The names by which a directory may call an instance. Which names mean the instance is judged by the time
    /// of the directory's snapshot.
    pub(crate) fn names_of_host(&self, directory: &Directory<'_>, host: &str) -> Vec<String> {
        self.ledger.names_of_host(host, directory.snapshot.taken_at)
    }
}

//! The employee directories in force at an instant (directory.md). A directory never comes into force for counting;
//! evidence and leavers look people up in it.

use std::cell::OnceCell;

use super::Ledger;
use crate::email;
use crate::error::Result;
use crate::model::{DigestKey, EntryDigest, Indexed, Instant, KeyId, SourceFamily, SourceKind};
use crate::store::{EntryPart, Place, SnapshotFacts, Store};

/// An employee directory at an instant.
pub(crate) struct Directory<'l> {
    /// The snapshot in force.
    pub snapshot: &'l SnapshotFacts,
    /// The entries of the snapshot, or of all snapshots up to it.
    pub entries: EntryPart,
}

/// All employee directories at an instant. Each is looked at by itself: entries of two directories are never
/// joined.
pub(crate) struct Directories<'l> {
    /// The directories, by name.
    pub all: Vec<Directory<'l>>,
    store: &'l Store,
    key: DigestKey,
    of_keys: OnceCell<Indexed<KeyId, EntryDigest>>,
}

impl Ledger<'_> {
    /// The directories in force at an instant; `None` if there is none. In force is the newest snapshot of each
    /// directory that is neither partial nor voided, unless the directory is retired.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn directories(&self, at: Instant) -> Result<Option<Directories<'_>>> {
        self.directories_since(at, |snapshot| snapshot.place)
    }

    /// The directories in force at an instant, as [`Ledger::directories`] finds them, with the entries of all
    /// their earlier snapshots too.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn directories_with_history(&self, at: Instant) -> Result<Option<Directories<'_>>> {
        self.directories_since(at, |_| Place::FIRST)
    }

    fn directories_since(
        &self,
        at: Instant,
        first: impl Fn(&SnapshotFacts) -> Place,
    ) -> Result<Option<Directories<'_>>> {
        let Some(key) = self.store.digest_key()? else { return Ok(None) };
        let mut all = Vec::new();
        for snapshot in self.directories_in_force(at) {
            let (source, last) = (snapshot.source_id, snapshot.place);
            let entries = self.store.entries_between(source, first(snapshot), last)?;
            all.push(Directory { snapshot, entries });
        }
        let store = self.store;
        let directories = Directories { all, store, key, of_keys: OnceCell::new() };
        Ok(Some(directories).filter(|it| !it.all.is_empty()))
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

impl Directories<'_> {
    /// The digests of all keys of the database, by their numbers. For a question about everybody.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn digests_of_keys(&self) -> Result<&Indexed<KeyId, EntryDigest>> {
        if let Some(all) = self.of_keys.get() {
            return Ok(all);
        }
        let all = self.store.digests_of_keys(&self.key)?;
        Ok(self.of_keys.get_or_init(|| all))
    }

    /// The digest of a login on Cloud, as a mapped directory has it.
    pub(crate) fn digest_of_cloud_login(&self, login: &str) -> EntryDigest {
        self.key.cloud_login(&email::login_key(login))
    }

    /// The digest of a login on an instance, as a mapped directory has it under this name of the instance.
    pub(crate) fn digest_of_server_login(&self, host: &str, login: &str) -> EntryDigest {
        self.key.server_login(host, &email::login_key(login))
    }
}

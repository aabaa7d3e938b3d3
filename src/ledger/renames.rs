//! Follows Cloud accounts whose login changes (counting.md section 6). From one snapshot of an enterprise to the
//! next, some accounts disappear and others appear. An account that disappears and one that appears are the same
//! account if they share a NameID that no other of these accounts has. History, links and evidence follow such
//! renames from snapshot to snapshot.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Ledger;
use super::renamed::{IdentitySpan, RenameChain, among};
use crate::error::Result;
use crate::model::{Instant, KeyId, SourceKind};
use crate::store::{AccountRef, SnapshotFacts};

impl Ledger<'_> {
    /// The identity, at the later instant `at`, of the account that had `identity` at the instant `seen`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn later_name(
        &self,
        enterprise: &str,
        identity: &str,
        mut seen: Instant,
        at: Instant,
    ) -> Result<String> {
        let mut name = identity.to_owned();
        loop {
            let renames = self.renames(enterprise, &name)?;
            let mut next = renames.iter().filter(|it| it.first > seen && it.first <= at);
            match next.find(|it| it.old == name) {
                None => return Ok(name),
                Some(rename) => {
                    seen = rename.first;
                    name.clone_from(&rename.new);
                }
            }
        }
    }

    /// The identity, at the earlier instant `then`, of the account that has `identity` at the instant `at`.
    /// `None` if only a different account had `identity` at the earlier instant.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn earlier_name(
        &self,
        enterprise: &str,
        identity: &str,
        at: Instant,
        then: Instant,
    ) -> Result<Option<String>> {
        let names = self.names(enterprise, identity, at)?;
        Ok(names.into_iter().find(|it| it.holds(then)).map(|it| it.identity))
    }

    /// All identities, newest first, of the account that has `identity` at an instant. Another account that had
    /// the same identity earlier and was then renamed is left out.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn names(
        &self,
        enterprise: &str,
        identity: &str,
        at: Instant,
    ) -> Result<Vec<IdentitySpan>> {
        let mut names = Vec::new();
        let (mut name, mut until, mut to) = (identity.to_owned(), at, None);
        loop {
            let renames = self.renames(enterprise, &name)?;
            let Some(rename) = renames.iter().rfind(|it| it.first <= until) else {
                names.push(IdentitySpan { identity: name, from: None, to });
                return Ok(names);
            };
            names.push(IdentitySpan { identity: name.clone(), from: Some(rename.first), to });
            if rename.new != name {
                return Ok(names);
            }
            (until, to) = (rename.last, Some(rename.first));
            name.clone_from(&rename.old);
        }
    }

    /// The identity, at an instant, of the account that was the last to have `identity` (counting.md section 6).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn name_of_last(
        &self,
        enterprise: &str,
        identity: &str,
        at: Instant,
    ) -> Result<String> {
        let renames = self.renames(enterprise, identity)?;
        let gone = renames.iter().rfind(|it| it.old == identity && it.first <= at);
        let Some(gone) = gone else { return Ok(identity.to_owned()) };
        let since = |it: &&SnapshotFacts| (gone.first..=at).contains(&it.taken_at);
        let snapshots: Vec<&SnapshotFacts> =
            self.cloud_snapshots(enterprise).into_iter().filter(since).collect();
        for source_id in sources(&snapshots) {
            let known = AccountRef { source_id, identity: identity.to_owned() };
            let history = self.store.history(&known)?;
            let mut own = snapshots.iter().filter(|it| it.source_id == source_id);
            if own.any(|snapshot| history.iter().any(|held| held.in_snapshot(snapshot))) {
                // Another account has this identity now, so the identity means that one.
                return Ok(identity.to_owned());
            }
        }
        self.later_name(enterprise, &gone.new, gone.first, at)
    }

    /// The identity `identity`, and every identity to which an account with this one was renamed later.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(crate) fn names_since(&self, source_id: i64, identity: &str) -> Result<BTreeSet<String>> {
        let mut names = BTreeSet::from([identity.to_owned()]);
        let source = self.sources.iter().find(|it| it.id == source_id);
        let Some(enterprise) = source.map(|it| self.name_that_counts(it)) else { return Ok(names) };
        let mut open = vec![identity.to_owned()];
        while let Some(name) = open.pop() {
            for rename in self.renames(enterprise, &name)?.iter().filter(|it| it.old == name) {
                if names.insert(rename.new.clone()) {
                    open.push(rename.new.clone());
                }
            }
        }
        Ok(names)
    }

    /// The renames in which `identity` is the old or the new identity, ordered by time.
    fn renames(&self, enterprise: &str, identity: &str) -> Result<RenameChain> {
        let cache = &self.renames.of_identity;
        if let Some(known) = cache.borrow().get(enterprise).and_then(|it| it.get(identity)) {
            return Ok(Rc::clone(known));
        }
        let snapshots = self.cloud_snapshots(enterprise);
        let mut renames = Vec::new();
        for source_id in sources(&snapshots) {
            for key in self.store.name_ids_of(source_id, identity)? {
                let of_key = self.renames_of_key(enterprise, key, &snapshots)?;
                let own = of_key.iter().filter(|it| it.old == identity || it.new == identity);
                renames.extend(own.cloned());
            }
        }
        renames.sort();
        renames.dedup();
        let renames = Rc::new(renames);
        let mut cache = cache.borrow_mut();
        let of_enterprise = cache.entry(enterprise.to_owned()).or_default();
        of_enterprise.insert(identity.to_owned(), Rc::clone(&renames));
        Ok(renames)
    }

    fn renames_of_key(
        &self,
        enterprise: &str,
        key: KeyId,
        snapshots: &[&SnapshotFacts],
    ) -> Result<RenameChain> {
        let place = (enterprise.to_owned(), key);
        if let Some(known) = self.renames.of_key.borrow().get(&place) {
            return Ok(Rc::clone(known));
        }
        let renames = Rc::new(among(&self.store.name_id_holders(key)?, snapshots));
        self.renames.of_key.borrow_mut().insert(place, Rc::clone(&renames));
        Ok(renames)
    }

    /// The Cloud snapshots of an enterprise that can be in force, ordered by time.
    fn cloud_snapshots(&self, enterprise: &str) -> Vec<&SnapshotFacts> {
        let cloud = self.valid().filter(|it| it.source.kind == SourceKind::Cloud);
        cloud.filter(|it| it.source.name == enterprise).collect()
    }
}

fn sources(snapshots: &[&SnapshotFacts]) -> BTreeSet<i64> {
    snapshots.iter().map(|it| it.source_id).collect()
}

//! Looks up the entries of employee directories that the accounts of an enterprise belong to, for evidence
//! (directory.md section 2). An address or login that several entries of a directory have belongs to none of
//! them, and neither does a login that names a role.

use std::rc::Rc;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::moment::Enterprise;
use super::{Ledger, cached};
use crate::email;
use crate::error::Result;
use crate::model::{
    Account, AccountIx, DigestKey, DigestOf, EntryDigest, Indexed, InstanceIx, Instant, KeyId,
    ListIndex, RowIx, RowKind,
};
use crate::people::{
    AccountOrigin, AddressHolder, DirectoryEntryIx, EntriesInForce, HoldersOfKeys, Strings,
    names_a_role, unmatched_groups,
};
use crate::store::{EntryPart, PartEntryIx, SnapshotFacts};

/// The greatest number of the database's keys for each key of a population for which the population counts as
/// large. A large population looks up each key of the database at most once.
const KEYS: usize = 8;

/// The employee directories in force at an instant, arranged so that accounts find their entries.
pub(super) struct EntryLookup<'l> {
    ledger: &'l Ledger<'l>,
    key: DigestKey,
    /// The directories, sorted by name.
    pub directories: Vec<LookupDirectory<'l>>,
}

/// A directory in force, with the entries of its snapshot.
pub(super) struct LookupDirectory<'l> {
    pub snapshot: &'l SnapshotFacts,
    pub entries: Arc<EntryPart>,
}

impl<'l> EntryLookup<'l> {
    /// The directories in force at an instant; `None` if there is none.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn at(ledger: &'l Ledger<'_>, at: Instant) -> Result<Option<EntryLookup<'l>>> {
        let in_force = ledger.directories_in_force(at);
        if in_force.is_empty() {
            return Ok(None);
        }
        let Some(key) = ledger.store.digest_key()? else { return Ok(None) };
        let directories = in_force.into_iter().map(|snapshot| {
            let entries = cached(&ledger.entry_parts, snapshot, |snapshot| {
                let place = snapshot.place;
                ledger.store.entries_between(snapshot.source_id, place, place)
            })?;
            Ok(LookupDirectory { snapshot, entries })
        });
        Ok(Some(EntryLookup { ledger, key, directories: directories.collect::<Result<_>>()? }))
    }

    /// The digest of the key of an address. For a few keys.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn digest_of_key(&self, key: KeyId) -> Result<EntryDigest> {
        match self.ledger.key_digests.get() {
            Some(all) => Ok(all.get(key).copied().unwrap_or(EntryDigest([0; 16]))),
            None => self.ledger.store.digest_of_key(&self.key, key),
        }
    }

    /// The digests of all keys of the database, by the numbers of the keys.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn digests_of_keys(&self) -> Result<&'l Indexed<KeyId, EntryDigest>> {
        let known = &self.ledger.key_digests;
        if let Some(all) = known.get() {
            return Ok(all);
        }
        let all = self.ledger.store.digests_of_keys(&self.key)?;
        Ok(known.get_or_init(|| all))
    }

    /// The only entry of a directory with a Cloud login that names no role. The login is in the form in which
    /// logins are compared.
    pub fn of_cloud_login(
        &self,
        directory: &LookupDirectory<'_>,
        login: &str,
    ) -> Option<PartEntryIx> {
        if names_a_role(login) {
            return None;
        }
        directory.entries.only(self.key.cloud_login(login))
    }

    /// The only entry of a directory that has a login, which names no role, on an instance under any of these
    /// names of the instance. The login is in the form in which logins are compared.
    pub fn of_server_login(
        &self,
        directory: &LookupDirectory<'_>,
        hosts: &[String],
        login: &str,
    ) -> Option<PartEntryIx> {
        if login.is_empty() || names_a_role(login) {
            return None;
        }
        let digests = hosts.iter().map(|host| self.key.server_login(host, login));
        let mut having = digests.flat_map(|digest| directory.entries.having(digest));
        let first = having.next()?;
        having.all(|entry| entry == first).then_some(first)
    }

    /// The names by which a directory may call an instance. Which names mean the instance is judged by the time
    /// of the directory's snapshot.
    pub fn names_of_host(&self, directory: &LookupDirectory<'_>, host: &str) -> Vec<String> {
        self.ledger.names_of_host(host, directory.snapshot.taken_at)
    }
}

impl Ledger<'_> {
    /// For each employee directory in force at an instant, the entries that the accounts of an enterprise belong
    /// to. `logins` reads the logins of the unmatched Server accounts.
    ///
    /// # Errors
    /// If the database cannot be read, or if `logins` fails.
    pub(super) fn entries_in_force(
        &self,
        at: Instant,
        enterprise: &Enterprise<'_>,
        logins: &dyn Fn() -> Result<Rc<Strings>>,
    ) -> Result<Vec<EntriesInForce>> {
        let Some(lookup) = EntryLookup::at(self, at)? else { return Ok(Vec::new()) };
        let population = &enterprise.population;
        let (mut count, mut greatest) = (0, KeyId::default());
        population.all_keys().for_each(|key| (count, greatest) = (count + 1, greatest.max(key)));
        let few = greatest.position() > KEYS * count;
        let digests = match few {
            true => {
                let mut digests: HashMap<KeyId, EntryDigest> = HashMap::new();
                for key in population.all_keys().collect::<HashSet<KeyId>>() {
                    digests.insert(key, lookup.digest_of_key(key)?);
                }
                Digests::Few(digests)
            }
            false => Digests::All(lookup.digests_of_keys()?, greatest),
        };
        let found = lookup.directories.iter().map(|directory| {
            let part = &directory.entries;
            let of_keys = match &digests {
                Digests::Few(digests) => {
                    let holders = digests.iter();
                    let holders =
                        holders.filter_map(|(key, digest)| Some((*key, holder(part, *digest)?)));
                    HoldersOfKeys::Sparse(holders.collect())
                }
                Digests::All(digests, greatest) => {
                    let mut holders = Indexed::filled(None, greatest.position() + 1);
                    for key in population.all_keys() {
                        if let (None, Some(digest)) = (holders[key], digests.get(key)) {
                            holders[key] = holder(part, *digest);
                        }
                    }
                    HoldersOfKeys::Dense(holders)
                }
            };
            Ok(EntriesInForce {
                snapshot: directory.snapshot.id,
                count: part.entries.len(),
                of_keys,
                of_rows: lookup.of_rows(directory, enterprise),
                of_accounts: lookup.of_accounts(directory, enterprise, logins)?,
            })
        });
        found.collect()
    }
}

/// The digests of the keys of a population.
enum Digests<'d> {
    Few(HashMap<KeyId, EntryDigest>),
    /// The digests of all keys of the database, and the greatest key of the population.
    All(&'d Indexed<KeyId, EntryDigest>, KeyId),
}

fn holder(part: &EntryPart, digest: EntryDigest) -> Option<AddressHolder> {
    let entry = part.only(digest)?;
    let is_primary = part.digests(entry).contains(&(DigestOf::Primary, digest));
    Some(AddressHolder { entry: index(entry), is_primary })
}

fn index(entry: PartEntryIx) -> DirectoryEntryIx {
    DirectoryEntryIx::of_number(entry.number())
}

impl EntryLookup<'_> {
    /// The entries of Cloud accounts by their logins. The list is empty if the directory has no such logins.
    fn of_rows(
        &self,
        directory: &LookupDirectory<'_>,
        enterprise: &Enterprise<'_>,
    ) -> Indexed<RowIx, DirectoryEntryIx> {
        if !directory.entries.has_logins(DigestOf::CloudLogin) {
            return Indexed::new();
        }
        let population = &enterprise.population;
        let rows = population.cloud.enumerated().map(|(index, row)| {
            let login = Account::login_of_identity(population.identity(index))
                .filter(|_| row.row == RowKind::Cloud)?;
            self.of_cloud_login(directory, &email::login_key(login))
        });
        rows.map(|entry| entry.map_or(DirectoryEntryIx::NONE, index)).collect()
    }

    /// The entries of unmatched Server accounts by their logins.
    fn of_accounts(
        &self,
        directory: &LookupDirectory<'_>,
        enterprise: &Enterprise<'_>,
        logins: &dyn Fn() -> Result<Rc<Strings>>,
    ) -> Result<HashMap<AccountIx, DirectoryEntryIx>> {
        let mut found = HashMap::new();
        if !directory.entries.has_logins(DigestOf::ServerLogin) {
            return Ok(found);
        }
        let Enterprise { population, matching, .. } = enterprise;
        let logins = logins()?;
        let mut names: HashMap<InstanceIx, Vec<String>> = HashMap::new();
        let groups = unmatched_groups(matching).into_iter();
        for &account in groups.flat_map(|group| &matching.groups[group].accounts) {
            let it = &matching.accounts[account];
            let (Some(instance), AccountOrigin::Own(_)) = (it.instance, it.origin) else {
                continue;
            };
            let names = names.entry(instance).or_insert_with(|| {
                self.names_of_host(directory, &population.instances[instance].host)
            });
            if let Some(entry) = self.of_server_login(directory, names, logins.get(account)) {
                found.insert(account, index(entry));
            }
        }
        Ok(found)
    }
}

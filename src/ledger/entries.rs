//! Looks up the entries of employee directories that the accounts of an enterprise belong to, for evidence
//! (directory.md section 2). An address or login that several entries of a directory have belongs to none of
//! them, and neither does a login that names a role.

use std::rc::Rc;

use foldhash::{HashMap, HashMapExt, HashSet};

use super::Ledger;
use super::directories::{Directories, Directory};
use super::moment::Enterprise;
use crate::error::Result;
use crate::model::{
    Account, AccountIx, DigestOf, EntryDigest, Indexed, InstanceIx, Instant, KeyId, ListIndex,
    RowIx, RowKind,
};
use crate::people::{
    AccountOrigin, AddressHolder, DirectoryEntryIx, EntriesInForce, HoldersOfKeys, Strings,
    unmatched_groups,
};
use crate::store::PartEntryIx;

/// The greatest number of the database's keys for each key of a population for which the population counts as
/// large. A large population looks up each key of the database at most once.
const KEYS: usize = 8;

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
        let Some(directories) = self.directories(at)? else { return Ok(Vec::new()) };
        let population = &enterprise.population;
        let (mut count, mut greatest) = (0, KeyId::default());
        population.all_keys().for_each(|key| (count, greatest) = (count + 1, greatest.max(key)));
        let few = greatest.position() > KEYS * count;
        let digests = match few {
            true => {
                let mut digests: HashMap<KeyId, EntryDigest> = HashMap::new();
                for key in population.all_keys().collect::<HashSet<KeyId>>() {
                    digests.insert(key, directories.digest_of_key(key)?);
                }
                Digests::Few(digests)
            }
            false => Digests::All(directories.digests_of_keys()?, greatest),
        };
        let found = directories.all.iter().map(|directory| {
            let part = &directory.entries;
            let of_keys = match &digests {
                Digests::Few(digests) => {
                    let holders = digests.iter();
                    let holders = holders.filter_map(|(key, digest)| {
                        Some((*key, holder(part.only_address(*digest)?)))
                    });
                    HoldersOfKeys::Sparse(holders.collect())
                }
                Digests::All(digests, greatest) => {
                    let mut holders = Indexed::filled(None, greatest.position() + 1);
                    let keys = part.of_keys(digests);
                    for key in population.all_keys() {
                        if holders[key].is_none() {
                            holders[key] = part.only_with_key(&keys, key).map(holder);
                        }
                    }
                    HoldersOfKeys::Dense(holders)
                }
            };
            Ok(EntriesInForce {
                snapshot: directory.snapshot.id,
                count: part.entries.len(),
                of_keys,
                of_rows: directories.of_rows(directory, enterprise),
                of_accounts: directories.of_accounts(directory, enterprise, logins)?,
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

fn holder((entry, is_primary): (PartEntryIx, bool)) -> AddressHolder {
    AddressHolder { entry: index(entry), is_primary }
}

fn index(entry: PartEntryIx) -> DirectoryEntryIx {
    DirectoryEntryIx::of_number(entry.number())
}

impl Directories<'_> {
    /// The entries of Cloud accounts by their logins. The list is empty if the directory has no such logins.
    fn of_rows(
        &self,
        directory: &Directory<'_>,
        enterprise: &Enterprise<'_>,
    ) -> Indexed<RowIx, DirectoryEntryIx> {
        if !directory.entries.has_logins(DigestOf::CloudLogin) {
            return Indexed::new();
        }
        let population = &enterprise.population;
        let rows = population.cloud.enumerated().map(|(index, row)| {
            let login = Account::login_of_identity(population.identity(index))
                .filter(|_| row.row == RowKind::Cloud)?;
            self.of_cloud_login(directory, login)
        });
        rows.map(|entry| entry.map_or(DirectoryEntryIx::NONE, index)).collect()
    }

    /// The entries of unmatched Server accounts by their logins.
    fn of_accounts(
        &self,
        directory: &Directory<'_>,
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

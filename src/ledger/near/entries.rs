//! Finds the accounts that share an entry of an employee directory with an account (directory.md section 2). The
//! relation is symmetric, like a shared address.

use foldhash::{HashSet, HashSetExt};

use crate::email;
use crate::error::Result;
use crate::ledger::{Directories, Ledger};
use crate::model::{Account, DigestOf, EntryDigest, Instant, KeyId, ListIndex};
use crate::store::{Knowledge, PartEntryIx};

/// The employee directories in force, and the entries whose accounts were already looked up.
pub(super) struct EntrySearch<'l> {
    directories: Directories<'l>,
    ledger: &'l Ledger<'l>,
    at: Instant,
    /// The entries whose accounts were looked up, each with the position of its directory.
    followed: HashSet<(usize, PartEntryIx)>,
}

impl<'l> EntrySearch<'l> {
    /// The directories in force at an instant; `None` if there is none.
    pub fn at(ledger: &'l Ledger<'_>, at: Instant) -> Result<Option<EntrySearch<'l>>> {
        let followed = HashSet::new();
        let found = ledger.directories(at)?;
        Ok(found.map(|directories| EntrySearch { directories, ledger, at, followed }))
    }
}

/// An account whose directory entries are looked for.
pub(super) enum EntryOwner<'o> {
    /// A Cloud account, by the identity of its row.
    Cloud(&'o str),
    /// An account of an instance, by the name of the instance and the login.
    Server(&'o str, String),
}

/// The addresses and logins by which directory entries name accounts.
#[derive(Default)]
pub(super) struct EntryAccounts {
    /// The keys of the addresses that the entries have.
    pub keys: Vec<KeyId>,
    pub cloud_logins: Vec<String>,
    /// Logins on instances, without the instances. So some accounts with such a login may be other people's.
    pub server_logins: Vec<String>,
    /// Does an entry have a login that is known only as a digest, so that no account can be looked up by it?
    pub is_unknown: bool,
}

impl EntrySearch<'_> {
    /// The addresses and logins of all accounts that share a directory entry with an account. The account has
    /// the addresses with these keys. Entries that an earlier call returned are left out.
    pub fn known_with(&mut self, owner: &EntryOwner<'_>, keys: &[KeyId]) -> Result<EntryAccounts> {
        let EntrySearch { directories, ledger, at, followed } = self;
        let digests = keys.iter().map(|key| directories.digest_of_key(*key));
        let digests: Vec<EntryDigest> = digests.collect::<Result<_>>()?;
        let mut known = EntryAccounts::default();
        for (place, directory) in directories.all.iter().enumerate() {
            let part = &directory.entries;
            let mut entries: Vec<PartEntryIx> =
                digests.iter().filter_map(|digest| part.only(*digest)).collect();
            match owner {
                EntryOwner::Server(instance, login) => {
                    let host = ledger.host(instance, *at);
                    let names = directories.names_of_host(directory, &host);
                    entries.extend(directories.of_server_login(directory, &names, login));
                }
                EntryOwner::Cloud(identity) => {
                    let login = Account::login_of_identity(identity);
                    entries.extend(login.and_then(|it| directories.of_cloud_login(directory, it)));
                }
            }
            for entry in entries {
                if !followed.insert((place, entry)) {
                    continue;
                }
                // The details of an entry have the same texts as its digests, whenever the details were stored.
                // So all are read.
                let state = part.entries[entry].state;
                match ledger.store.entry_details(state, Knowledge::ALL)? {
                    Some(details) => {
                        for address in details.addresses.iter().chain(&details.primary) {
                            let Some(key) = email::key(address) else { continue };
                            known.keys.extend(ledger.store.key_number(&key)?);
                        }
                        let logins = details.logins.iter().map(|it| email::login_key(it));
                        known.cloud_logins.extend(logins);
                        let logins = details.server_logins.iter();
                        known.server_logins.extend(logins.map(|(_, it)| email::login_key(it)));
                    }
                    None => {
                        let of_entry = part.digests(entry);
                        let is_login = |of: &DigestOf| {
                            matches!(of, DigestOf::CloudLogin | DigestOf::ServerLogin)
                        };
                        known.is_unknown |= of_entry.iter().any(|(of, _)| is_login(of));
                        let wanted: HashSet<EntryDigest> = of_entry.iter().map(|it| it.1).collect();
                        let all = directories.digests_of_keys()?.enumerated();
                        let found = all.filter(|(key, digest)| {
                            // The key number 0 stands for no key.
                            key.number() > 0 && wanted.contains(*digest)
                        });
                        known.keys.extend(found.map(|(key, _)| key));
                    }
                }
            }
        }
        Ok(known)
    }
}

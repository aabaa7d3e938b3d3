//! Finds out by what a seat is looked up in employee directories, and which seats are not a person's: those whose
//! login names a role, or each of whose addresses does (directory.md section 3).

use smallvec::SmallVec;

use super::judge::{SeatKeys, SeatLook};
use crate::email::login_key;
use crate::error::Result;
use crate::ledger::{Directories, Enterprise, Ledger};
use crate::model::{
    Account, AccountIx, AddressKind, BillingModel, DigestKey, DigestOf, EntryDigest, Indexed,
    InstanceIx, Instant, KeyId, RowIx, RowKind, StateId, StoredWords,
};
use crate::people::{AccountOrigin, SeatOf, Strings, local_part, names_a_role, without_shortcode};

/// Looks at the seats of one enterprise.
pub(super) struct SeatLooker<'a> {
    enterprise: &'a Enterprise<'a>,
    /// The key of the digests of logins.
    key: &'a DigestKey,
    /// The logins of Server accounts, in lower case, as far as they are needed.
    logins: Strings,
    /// Does a directory have logins on Cloud, and does one have logins on instances?
    has_cloud_logins: bool,
    has_server_logins: bool,
    /// All names of each instance. Empty if no directory has logins on instances.
    hosts: Indexed<InstanceIx, Vec<String>>,
}

impl<'a> SeatLooker<'a> {
    /// Reads what is needed to look at these seats.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn new(
        ledger: &Ledger<'_>,
        directories: &'a Directories<'a>,
        enterprise: &'a Enterprise<'a>,
        seats: &[SeatOf],
        at: Instant,
    ) -> Result<SeatLooker<'a>> {
        let has = |kind: DigestOf| directories.all.iter().any(|it| it.entries.has_logins(kind));
        let has_server_logins = has(DigestOf::ServerLogin);
        let instances = enterprise.population.instances.iter().filter(|_| has_server_logins);
        let hosts = instances.map(|it| ledger.names_of_host(&it.host, at)).collect();
        let mut looker = SeatLooker {
            enterprise,
            key: directories.key(),
            logins: Strings::default(),
            has_cloud_logins: has(DigestOf::CloudLogin),
            has_server_logins,
            hosts,
        };
        let mut wanted: Vec<(AccountIx, StateId)> = Vec::new();
        for seat in seats {
            // The login of the first account of a Server-only seat is the login of the seat.
            let first = seat.accounts.first().filter(|_| seat.row.is_none());
            let all = seat.accounts.iter().filter(|_| has_server_logins);
            let accounts = all.chain(first.filter(|_| !has_server_logins));
            let own = accounts.filter(|it| enterprise.kind_of(**it).is_instance());
            wanted.extend(own.map(|it| (*it, enterprise.state_of(*it))));
        }
        // In the order of the states, every page of the database is read once.
        wanted.sort_unstable_by_key(|(_, state)| *state);
        let logins = &mut looker.logins;
        ledger.store.logins_each(&wanted, |account, login| {
            logins.put(account, &login_key(login));
        })?;
        Ok(looker)
    }

    /// By what the entries of a seat are found; `None` if the seat is not a person's.
    pub(super) fn look(&self, seat: &SeatOf, words: &dyn StoredWords) -> Option<SeatLook> {
        let keys = self.keys(seat);
        if self.login_is_a_role(seat) {
            return None;
        }
        let is_role = |key: &KeyId| names_a_role(local_part(words.key_text(*key)));
        if !keys.is_empty() && keys.iter().all(is_role) {
            return None;
        }
        Some(SeatLook { addresses: keys, logins: self.login_digests(seat) })
    }

    /// The keys of all addresses of the seat's accounts. The addresses that a Cloud row lists for Server accounts
    /// are those of these accounts, and count with them.
    fn keys(&self, seat: &SeatOf) -> SeatKeys {
        let Enterprise { population, matching, .. } = self.enterprise;
        let mut keys = SeatKeys::new();
        if let Some(row) = seat.row {
            let addresses = population.addresses(&population.cloud[row].addresses).iter();
            let own = addresses.filter(|it| it.kind != AddressKind::Server);
            keys.extend(own.map(|it| it.key));
        }
        for account in &seat.accounts {
            let participant = &matching.accounts[*account];
            match participant.origin {
                AccountOrigin::Own(index) => {
                    let addresses = population.addresses(&population.server[index].addresses);
                    keys.extend(addresses.iter().map(|it| it.key));
                    let synced = population.synced_addresses.get(&index);
                    keys.extend(synced.into_iter().flatten().copied());
                }
                AccountOrigin::Cloud(_) => keys.extend(participant.primary_keys()),
            }
        }
        if keys.len() > 1 {
            keys.sort_unstable();
            keys.dedup();
        }
        keys
    }

    /// The login of a Cloud account, in lower case.
    fn cloud_login(&self, row: RowIx) -> Option<&str> {
        let population = &self.enterprise.population;
        let is_account = population.cloud[row].row == RowKind::Cloud;
        Account::login_of_identity(population.identity(row)).filter(|_| is_account)
    }

    fn login_is_a_role(&self, seat: &SeatOf) -> bool {
        match (seat.row, seat.accounts.first()) {
            (Some(row), _) => self.cloud_login(row).is_some_and(|login| {
                let is_managed = self.enterprise.population.billing == BillingModel::Emu;
                let bare = without_shortcode(login).filter(|_| is_managed);
                names_a_role(login) || bare.is_some_and(names_a_role)
            }),
            (None, Some(first)) => names_a_role(self.logins.get(*first)),
            (None, None) => false,
        }
    }

    fn login_digests(&self, seat: &SeatOf) -> SmallVec<[EntryDigest; 4]> {
        let mut digests = SmallVec::new();
        if self.has_cloud_logins
            && let Some(login) = seat.row.and_then(|row| self.cloud_login(row))
        {
            digests.push(self.key.cloud_login(&login_key(login)));
        }
        if self.has_server_logins {
            for account in &seat.accounts {
                let login = self.logins.get(*account);
                let instance = self.enterprise.matching.accounts[*account].instance;
                let Some(instance) = instance.filter(|_| !login.is_empty()) else { continue };
                let hosts = self.hosts.get(instance).into_iter().flatten();
                digests.extend(hosts.map(|host| self.key.server_login(host, &login_key(login))));
            }
        }
        digests
    }
}

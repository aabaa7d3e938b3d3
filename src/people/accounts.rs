//! Gathers the Server accounts that take part in counting (counting.md section 1, and "Server ids in Cloud rows" of
//! section 2). The accounts of an instance come from its own snapshot in force or, without one, from the Cloud rows
//! that list ids of the instance.

use foldhash::{HashMap, HashMapExt, HashSet};

use super::by_key::ByKey;
use super::participant::{AccountOrigin, Participant, ShortList};
use crate::model::{
    AccountIx, AddressKind, CloudRow, Indexed, InstanceIx, KeyId, ListIndex, Listed, Member,
    Population, RowIx, RowKind, ServerAccount, ServerIx, Standing, compare_identities,
};

/// An instance on which two or more accounts have the same primary address, and the number of these accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    /// The instance whose accounts share a primary address.
    pub instance: InstanceIx,
    /// The number of accounts on the instance with a repeated primary address, including accounts that take no
    /// part in counting.
    pub accounts: u64,
}

/// The Server accounts of an enterprise, and the pairs of accounts that one Cloud row lists together.
pub(super) struct Participants {
    /// The accounts that take part in counting.
    pub accounts: Indexed<AccountIx, Participant>,
    /// The number of accounts that take no part in counting: suspended accounts, `ghost` and `scim-admin`.
    pub not_counted: u64,
    /// Pairs of accounts that one Cloud row lists. The two accounts belong to one person (counting.md section 4,
    /// "Groups").
    pub same_row: Vec<(AccountIx, AccountIx)>,
    /// The instances on which several accounts have the same primary address.
    pub repeated: Vec<Repeated>,
}

pub(super) fn server_accounts(population: &Population) -> Participants {
    let mut gathered = Gatherer {
        population,
        accounts: Indexed::new(),
        same_row: Vec::new(),
        known: HashMap::new(),
    };
    let is_repeated = repeated_addresses(population);
    let not_counted = gathered.own(&is_repeated);
    let only_instance = only_instance(population);
    let mut homeless = Vec::new();
    for (index, row) in population.cloud.enumerated() {
        homeless.extend(gathered.listed_by(index, row, only_instance));
    }
    gathered.unknown_host(homeless);
    Participants {
        accounts: gathered.accounts,
        not_counted,
        same_row: gathered.same_row,
        repeated: repeated_by_instance(population, &is_repeated),
    }
}

/// For each account of [`Population::server`], whether another account of its instance, suspended or not, has the
/// same primary address. An instance gives an address to one account only, so a repeated address is a placeholder
/// or a mistake.
fn repeated_addresses(population: &Population) -> Indexed<ServerIx, bool> {
    let primary =
        |account: &ServerAccount| population.keys(&account.addresses, AddressKind::Primary).next();
    let server = &population.server;
    let mut repeated = Indexed::filled(false, server.len());
    // The accounts of an instance are next to each other. So if the last account with a key is on another
    // instance, this is the first account of this instance with the key.
    let mut last = ByKey::of(server.iter().filter_map(primary), server.len());
    for (index, account) in server.enumerated() {
        let Some(key) = primary(account) else { continue };
        let Some(before) = last.insert(key, index) else { continue };
        let other = &server[before];
        if other.instance == account.instance && other.member != account.member {
            repeated[before] = true;
            repeated[index] = true;
        }
    }
    repeated
}

fn repeated_by_instance(population: &Population, is_repeated: &[bool]) -> Vec<Repeated> {
    let mut found: Vec<Repeated> = Vec::new();
    let accounts = population.server.iter().zip(is_repeated);
    for (account, _) in accounts.filter(|(_, is_repeated)| **is_repeated) {
        let instance = account.instance;
        match found.last_mut().filter(|last| last.instance == instance) {
            Some(last) => last.accounts += 1,
            None => found.push(Repeated { instance, accounts: 1 }),
        }
    }
    found
}

/// The only known instance, if there is exactly one. Ids that Cloud rows list without a host belong to it.
pub fn only_instance(population: &Population) -> Option<InstanceIx> {
    let mut known = population.instances.enumerated().filter(|(_, instance)| instance.known);
    match (known.next(), known.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

/// A Cloud row that lists accounts whose instance is not known.
struct Homeless {
    row: RowIx,
    members: Vec<Member>,
    first: Option<AccountIx>,
}

struct Gatherer<'p> {
    population: &'p Population,
    accounts: Indexed<AccountIx, Participant>,
    same_row: Vec<(AccountIx, AccountIx)>,
    /// The accounts that are known only from Cloud rows, by instance and id.
    known: HashMap<(Option<InstanceIx>, Member), AccountIx>,
}

impl Gatherer<'_> {
    /// Adds the accounts of the instances that have a snapshot in force. Returns the number of accounts that
    /// take no part in counting.
    fn own(&mut self, is_repeated: &Indexed<ServerIx, bool>) -> u64 {
        let mut not_counted = 0;
        for (index, account) in self.population.server.enumerated() {
            if !account.takes_part {
                not_counted += 1;
                continue;
            }
            let keys = self.population.keys(&account.addresses, AddressKind::Primary);
            let mut keys: ShortList<KeyId> = keys.collect();
            let repeated = if is_repeated[index] { keys.pop() } else { None };
            self.accounts.push(Participant {
                origin: AccountOrigin::Own(index),
                instance: Some(account.instance),
                member: account.member.clone(),
                keys,
                repeated,
            });
        }
        not_counted
    }

    /// Adds the accounts that a Cloud row lists and whose instances have no snapshot in force. Returns the
    /// accounts that belong to the host `unknown`.
    fn listed_by(
        &mut self,
        index: RowIx,
        row: &CloudRow,
        only_instance: Option<InstanceIx>,
    ) -> Option<Homeless> {
        let mut first = None;
        let mut members = Vec::new();
        for Listed { instance, member } in self.population.listed(row) {
            match instance.or(only_instance) {
                Some(instance) => self.add_listed(index, row, instance, member, &mut first),
                None => members.push(member.clone()),
            }
        }
        if row.row == RowKind::ServerOnly && row.listed.is_empty() {
            // A row without ids stands for one Server account, which gets the identity of the row.
            let unnamed = Member::Unnamed(self.population.identity(index).into());
            match only_instance {
                Some(instance) => {
                    self.add_listed(index, row, instance, &unnamed, &mut first);
                }
                None => members.push(unnamed),
            }
        }
        (!members.is_empty()).then_some(Homeless { row: index, members, first })
    }

    fn add_listed(
        &mut self,
        index: RowIx,
        row: &CloudRow,
        instance: InstanceIx,
        member: &Member,
        first: &mut Option<AccountIx>,
    ) {
        if self.population.instances[instance].standing == Standing::CloudOnly {
            self.add(index, row, Some(instance), member, first);
        }
    }

    /// Adds an account that a Cloud row lists, or finds it if another row has listed it already.
    fn add(
        &mut self,
        index: RowIx,
        row: &CloudRow,
        instance: Option<InstanceIx>,
        member: &Member,
        first: &mut Option<AccountIx>,
    ) {
        let keys: ShortList<KeyId> =
            self.population.keys(&row.addresses, AddressKind::Server).collect();
        let next = AccountIx::at(self.accounts.len());
        let number = *self.known.entry((instance, member.clone())).or_insert(next);
        if number == next {
            let origin = AccountOrigin::Cloud(index);
            let member = member.clone();
            self.accounts.push(Participant { origin, instance, member, keys, repeated: None });
        } else {
            let account = &mut self.accounts[number];
            for key in keys {
                if !account.keys.contains(&key) {
                    account.keys.push(key);
                }
            }
        }
        match *first {
            Some(first) => self.same_row.push((first, number)),
            None => *first = Some(number),
        }
    }

    /// Adds the accounts of the host `unknown`, in the order of the identities of their Cloud rows. A row adds
    /// accounts only if none of its addresses belongs to an account that is already there (counting.md section
    /// 2).
    fn unknown_host(&mut self, mut homeless: Vec<Homeless>) {
        if homeless.is_empty() {
            return;
        }
        let population = self.population;
        homeless.sort_by(|a, b| {
            let identity = |it: &Homeless| population.identity(it.row);
            compare_identities(identity(a), identity(b))
        });
        let mut there = self.addresses_there();
        for Homeless { row: index, members, mut first } in homeless {
            let row = &population.cloud[index];
            let keys: Vec<KeyId> = population.keys(&row.addresses, AddressKind::Server).collect();
            if keys.iter().any(|key| there.contains(key)) {
                continue;
            }
            for member in &members {
                self.add(index, row, None, member, &mut first);
            }
            there.extend(keys);
        }
    }

    /// Every address of every account added so far, including secondary addresses and the addresses of suspended
    /// accounts.
    fn addresses_there(&self) -> HashSet<KeyId> {
        let own = self.population.server.iter();
        let own = own.flat_map(|account| self.population.addresses(&account.addresses));
        let listed = self.accounts.iter().flat_map(|account| account.keys.iter().copied());
        own.map(|address| address.key).chain(listed).collect()
    }
}

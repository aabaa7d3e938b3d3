//! Indexes of the accounts of an enterprise, so that `explain` need not search through all accounts for each
//! answer. One Cloud row may list hundreds of thousands of accounts, on as many instances.
//!
//! Each index is built when it is first used. It is built from numbers alone, and no record is read for it.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use foldhash::HashMap;

use crate::ledger::Enterprise;
use crate::model::{
    AccountIx, AddressKind, GroupIx, Indexed, InstanceIx, KeyId, Member, RowIx, ServerIx,
};
use crate::people::AccountOrigin;

/// An account's id on an instance. The instance is `None` if a Cloud row lists the id without its host.
type IdAt = (Option<InstanceIx>, Member);

/// The keys of a row's addresses of one kind, each with the position of its address in the row.
type KeyOrder = HashMap<KeyId, usize>;

/// The indexes of the accounts of one enterprise, built when they are first used.
pub(super) struct ExplainIndexes<'e> {
    enterprise: &'e Enterprise<'e>,
    groups: OnceCell<Indexed<AccountIx, Option<GroupIx>>>,
    origins: OnceCell<Origins>,
    at_places: OnceCell<HashMap<IdAt, Vec<AccountIx>>>,
    with_members: OnceCell<HashMap<Member, Vec<AccountIx>>>,
    listings: RefCell<HashMap<RowIx, Rc<HashMap<IdAt, usize>>>>,
    keys: RefCell<HashMap<(RowIx, AddressKind), Rc<KeyOrder>>>,
    carriers: RefCell<HashMap<GroupIx, Option<AccountIx>>>,
}

/// The accounts, by what states them: the instance's own snapshot, or a Cloud row that lists them.
#[derive(Default)]
struct Origins {
    own: HashMap<ServerIx, AccountIx>,
    of_row: HashMap<RowIx, Vec<AccountIx>>,
}

impl<'e> ExplainIndexes<'e> {
    pub fn new(enterprise: &'e Enterprise<'e>) -> ExplainIndexes<'e> {
        ExplainIndexes {
            enterprise,
            groups: OnceCell::new(),
            origins: OnceCell::new(),
            at_places: OnceCell::new(),
            with_members: OnceCell::new(),
            listings: RefCell::default(),
            keys: RefCell::default(),
            carriers: RefCell::default(),
        }
    }

    /// The group to which a Server account belongs.
    pub fn group_of(&self, number: AccountIx) -> Option<GroupIx> {
        let matching = &self.enterprise.matching;
        let groups = self.groups.get_or_init(|| {
            let mut groups = Indexed::filled(None, matching.accounts.len());
            for (index, group) in matching.groups.enumerated() {
                for account in &group.accounts {
                    let known = &mut groups[*account];
                    *known = known.or(Some(index));
                }
            }
            groups
        });
        groups[number]
    }

    fn origins(&self) -> &Origins {
        self.origins.get_or_init(|| {
            let mut origins = Origins::default();
            for (number, account) in self.enterprise.matching.accounts.enumerated() {
                match account.origin {
                    AccountOrigin::Own(index) => drop(origins.own.entry(index).or_insert(number)),
                    AccountOrigin::Cloud(row) => {
                        origins.of_row.entry(row).or_default().push(number)
                    }
                }
            }
            origins
        })
    }

    /// The number under which the counting has an account that the instance's own file states. `None` if the
    /// account is not counted, for example because it is suspended.
    pub fn of_own(&self, index: ServerIx) -> Option<AccountIx> {
        self.origins().own.get(&index).copied()
    }

    /// The Server accounts that a Server-only row of the Cloud report stands for, sorted.
    pub fn of_row(&self, row: RowIx) -> Vec<AccountIx> {
        let Enterprise { population, matching, .. } = self.enterprise;
        let numbers = || matching.accounts.enumerated();
        let mut found = self.origins().of_row.get(&row).cloned().unwrap_or_default();
        for listed in population.listed(&population.cloud[row]) {
            let same = match listed.instance {
                Some(_) => {
                    let at_places = self.at_places.get_or_init(|| {
                        let mut places: HashMap<IdAt, Vec<AccountIx>> = HashMap::default();
                        for (number, it) in numbers() {
                            let place = (it.instance, it.member.clone());
                            places.entry(place).or_default().push(number);
                        }
                        places
                    });
                    at_places.get(&(listed.instance, listed.member.clone()))
                }
                None => {
                    let with_members = self.with_members.get_or_init(|| {
                        let mut members: HashMap<Member, Vec<AccountIx>> = HashMap::default();
                        for (number, it) in numbers() {
                            members.entry(it.member.clone()).or_default().push(number);
                        }
                        members
                    });
                    with_members.get(listed.member)
                }
            };
            found.extend(same.into_iter().flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Does the Cloud row name the account first by its id alone, without the host?
    pub fn is_listed_bare(&self, row: RowIx, number: AccountIx) -> bool {
        let Enterprise { population, matching, .. } = self.enterprise;
        let known = self.listings.borrow().get(&row).cloned();
        let listings = known.unwrap_or_else(|| {
            let mut listings: HashMap<IdAt, usize> = HashMap::default();
            let listed = population.listed(&population.cloud[row]);
            for (order, it) in listed.enumerate() {
                listings.entry((it.instance, it.member.clone())).or_insert(order);
            }
            let listings = Rc::new(listings);
            self.listings.borrow_mut().insert(row, Rc::clone(&listings));
            listings
        });
        let account = &matching.accounts[number];
        let order = |instance| listings.get(&(instance, account.member.clone())).copied();
        match (order(None), account.instance.and_then(|it| order(Some(it)))) {
            (Some(bare), Some(named)) => bare < named,
            (bare, _) => bare.is_some(),
        }
    }

    /// The key of the first address of this kind in a Cloud row that the account has too; `None` if they have
    /// none in common.
    pub fn shared_key(&self, row: RowIx, kind: AddressKind, number: AccountIx) -> Option<KeyId> {
        let Enterprise { population, matching, .. } = self.enterprise;
        let known = self.keys.borrow().get(&(row, kind)).cloned();
        let keys = known.unwrap_or_else(|| {
            let mut keys: HashMap<KeyId, usize> = HashMap::default();
            let addresses = &population.cloud[row].addresses;
            for (order, key) in population.keys(addresses, kind).enumerate() {
                keys.entry(key).or_insert(order);
            }
            let keys = Rc::new(keys);
            self.keys.borrow_mut().insert((row, kind), Rc::clone(&keys));
            keys
        });
        let of_account = matching.accounts[number].keys.iter().copied();
        of_account.filter_map(|key| Some((*keys.get(&key)?, key))).min().map(|(_, key)| key)
    }

    /// The member of the account's group whose match holds for the whole group: of the members that a rule
    /// matched by themselves, the one with the first rule.
    pub fn carrier(&self, number: AccountIx) -> Option<AccountIx> {
        let matching = &self.enterprise.matching;
        let group = self.group_of(number)?;
        let known = self.carriers.borrow().get(&group).copied();
        known.unwrap_or_else(|| {
            let members = matching.groups[group].accounts.iter().copied();
            let matched = members.filter(|it| matching.own_match[*it]);
            // Accounts are sorted by host and id, so the first one by host and id is taken if several were
            // matched by the same rule.
            let best = matched.min_by_key(|it| matching.rule[*it]);
            self.carriers.borrow_mut().insert(group, best);
            best
        })
    }
}

//! Where the accounts of an enterprise are: looked up, and never searched for among all. One row may
//! list hundreds of thousands of them, on as many instances.
//!
//! Each map is made when it is first asked for. Knows numbers only, and reads no record.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use foldhash::HashMap;

use crate::ledger::Enterprise;
use crate::model::{AddressKind, Member};
use crate::people::Origin;

/// An id on an instance; without one, on whichever.
type IdAt = (Option<u32>, Member);

/// Keys, each with its place in the list that they are of.
type KeyPlaces = HashMap<u32, usize>;

/// Where accounts are; all numbers but rows are indices of `Matching::accounts`.
pub(super) struct Places<'e> {
    enterprise: &'e Enterprise<'e>,
    groups: OnceCell<Vec<Option<u32>>>,
    origins: OnceCell<Origins>,
    at_places: OnceCell<HashMap<IdAt, Vec<u32>>>,
    with_members: OnceCell<HashMap<Member, Vec<u32>>>,
    listings: RefCell<HashMap<u32, Rc<HashMap<IdAt, usize>>>>,
    keys: RefCell<HashMap<(u32, AddressKind), Rc<KeyPlaces>>>,
    carriers: RefCell<HashMap<u32, Option<u32>>>,
}

/// The accounts by where they are known from.
#[derive(Default)]
struct Origins {
    own: HashMap<u32, u32>,
    of_row: HashMap<u32, Vec<u32>>,
}

impl<'e> Places<'e> {
    /// Those of an enterprise.
    pub fn new(enterprise: &'e Enterprise<'e>) -> Places<'e> {
        Places {
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

    /// The group that an account is in.
    pub fn group_of(&self, number: u32) -> Option<u32> {
        let matching = &self.enterprise.matching;
        let groups = self.groups.get_or_init(|| {
            let mut groups = vec![None; matching.accounts.len()];
            for (index, group) in (0u32..).zip(&matching.groups) {
                for account in &group.accounts {
                    let place = &mut groups[*account as usize];
                    *place = place.or(Some(index));
                }
            }
            groups
        });
        groups[number as usize]
    }

    fn origins(&self) -> &Origins {
        self.origins.get_or_init(|| {
            let mut origins = Origins::default();
            for (number, account) in (0u32..).zip(&self.enterprise.matching.accounts) {
                match account.origin {
                    Origin::Own(index) => drop(origins.own.entry(index).or_insert(number)),
                    Origin::Cloud(row) => origins.of_row.entry(row).or_default().push(number),
                }
            }
            origins
        })
    }

    /// The account that an instance tells itself, an index of `Population::server`.
    pub fn of_own(&self, index: u32) -> Option<u32> {
        self.origins().own.get(&index).copied()
    }

    /// The accounts that a row about Server accounts stands for, in their order.
    pub fn of_row(&self, row: u32) -> Vec<u32> {
        let Enterprise { population, matching, .. } = self.enterprise;
        let numbers = || (0u32..).zip(&matching.accounts);
        let mut found = self.origins().of_row.get(&row).cloned().unwrap_or_default();
        for listed in population.listed(&population.cloud[row as usize]) {
            let same = match listed.instance {
                Some(_) => {
                    let at_places = self.at_places.get_or_init(|| {
                        let mut places: HashMap<IdAt, Vec<u32>> = HashMap::default();
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
                        let mut members: HashMap<Member, Vec<u32>> = HashMap::default();
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

    /// Does a row list an account by its bare id, before it names its instance, if it does at all?
    pub fn is_listed_bare(&self, row: u32, number: u32) -> bool {
        let Enterprise { population, matching, .. } = self.enterprise;
        let known = self.listings.borrow().get(&row).cloned();
        let listings = known.unwrap_or_else(|| {
            let mut listings: HashMap<IdAt, usize> = HashMap::default();
            let listed = population.listed(&population.cloud[row as usize]);
            for (order, it) in listed.enumerate() {
                listings.entry((it.instance, it.member.clone())).or_insert(order);
            }
            let listings = Rc::new(listings);
            self.listings.borrow_mut().insert(row, Rc::clone(&listings));
            listings
        });
        let account = &matching.accounts[number as usize];
        let order = |instance| listings.get(&(instance, account.member.clone())).copied();
        match (order(None), account.instance.and_then(|it| order(Some(it)))) {
            (Some(bare), Some(named)) => bare < named,
            (bare, _) => bare.is_some(),
        }
    }

    /// The first address of a kind of a row that an account has too, as the number of its key.
    pub fn shared_key(&self, row: u32, kind: AddressKind, number: u32) -> Option<u32> {
        let Enterprise { population, matching, .. } = self.enterprise;
        let known = self.keys.borrow().get(&(row, kind)).cloned();
        let keys = known.unwrap_or_else(|| {
            let mut keys: HashMap<u32, usize> = HashMap::default();
            let addresses = &population.cloud[row as usize].addresses;
            for (order, key) in population.keys(addresses, kind).enumerate() {
                keys.entry(key).or_insert(order);
            }
            let keys = Rc::new(keys);
            self.keys.borrow_mut().insert((row, kind), Rc::clone(&keys));
            keys
        });
        let of_account = matching.accounts[number as usize].keys.iter().copied();
        of_account.filter_map(|key| Some((*keys.get(&key)?, key))).min().map(|(_, key)| key)
    }

    /// The account whose own match carries the group of an account: that of the best rule.
    pub fn carrier(&self, number: u32) -> Option<u32> {
        let matching = &self.enterprise.matching;
        let group = self.group_of(number)?;
        let known = self.carriers.borrow().get(&group).copied();
        known.unwrap_or_else(|| {
            let members = matching.groups[group as usize].accounts.iter().copied();
            let matched = members.filter(|it| matching.own_match[*it as usize]);
            // Accounts stand in order of host and id.
            let best = matched.min_by_key(|it| matching.rule[*it as usize]);
            self.carriers.borrow_mut().insert(group, best);
            best
        })
    }
}

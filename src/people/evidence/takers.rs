//! The unmatched groups that are tested for likely and possible evidence, with their accounts. Each address of
//! these groups is stored once.

use super::Words;
use super::unmatched::{Kind, Unmatched, UnmatchedIx};
use super::words::tells_a_person;
use crate::model::{AccountIx, Grouped, Indexed, KeyId, ListIndex, list_indices};

list_indices! {
    /// An unmatched group that is tested for evidence: an index of [`Takers::groups`].
    TakerIx;
    /// A [`Holder`] (an account or address of a group), by its position among all holders.
    HolderIx;
    /// An account of a group that is tested for evidence: an index of [`Takers::accounts`].
    TakerAccountIx;
    /// An address of the groups that are tested for evidence: an index of [`Takers::addresses`].
    AddressIx;
}

impl TakerIx {
    /// The value that stands for several groups instead of one.
    pub const SEVERAL: TakerIx = TakerIx(u32::MAX - 1);
}

/// An account of a group that is tested for evidence, or one of the account's addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The group that the account belongs to.
    pub taker: TakerIx,
    /// The position of the account within its group.
    pub rank: u32,
    /// The account itself, or the account that has the address.
    pub account: AccountIx,
    /// The key of the address; `None` if this is the account itself.
    pub key: Option<KeyId>,
    /// Does a declaration say that this account and some other account are two people? If so, no other account
    /// of the group can be examined in its place.
    pub apart: bool,
    /// Does another account of the instance have the address too? If so, a candidate may have the same address,
    /// and no other address of the group can be examined in its place.
    pub repeated: bool,
}

impl Holder {
    /// May one of two holders (accounts or addresses of a group) be examined in place of both?
    fn may_stand_for(&self, other: &Holder) -> bool {
        self.taker == other.taker && !self.apart && !other.apart && self.repeated == other.repeated
    }

    /// Does this holder have the address with this key?
    pub fn has(&self, key: Option<KeyId>) -> bool {
        self.key.is_some() && self.key == key
    }
}

/// The groups that are tested for evidence, with their accounts and addresses.
pub(super) struct Takers<'w> {
    words: Words<'w>,
    groups: Indexed<TakerIx, UnmatchedIx>,
    /// The accounts in the order of groups, each followed by its addresses, as one list.
    holders: Indexed<HolderIx, Holder>,
    accounts: Indexed<TakerAccountIx, HolderIx>,
    addresses: Indexed<AddressIx, KeyId>,
    of_addresses: Grouped<AddressIx, HolderIx>,
}

impl<'w> Takers<'w> {
    /// Arranges the groups to be tested, which must be in order.
    pub fn new(
        unmatched: &Unmatched,
        groups: Indexed<TakerIx, UnmatchedIx>,
        words: Words<'w>,
    ) -> Takers<'w> {
        let mut holders = Indexed::with_capacity(2 * groups.len());
        let mut accounts = Indexed::with_capacity(groups.len());
        let mut addresses = Indexed::new();
        // For each address key, the index of the address, or `NOT_YET` (not examined), or `NOBODY` (identifies
        // nobody).
        let mut of_keys: Indexed<KeyId, AddressIx> = Indexed::new();
        let mut held: Vec<(AddressIx, HolderIx)> = Vec::new();
        for (taker, group) in groups.enumerated() {
            for (rank, (account, keys)) in (0u32..).zip(unmatched.with_keys(*group)) {
                let apart = words.links.is_set_apart(account);
                let of_account = Holder { taker, rank, account, key: None, apart, repeated: false };
                accounts.push(holders.push(of_account));
                for &(key, kind) in keys {
                    of_keys.reach(key, NOT_YET);
                    let address = &mut of_keys[key];
                    if *address == NOT_YET {
                        *address = match tells_a_person(words.keys.key_text(key)) {
                            true => addresses.push(key),
                            false => NOBODY,
                        };
                    }
                    if *address != NOBODY {
                        let repeated = kind == Kind::Repeated;
                        let holder = Holder { key: Some(key), repeated, ..of_account };
                        held.push((*address, holders.push(holder)));
                    }
                }
            }
        }
        let of_addresses = Grouped::arranged(addresses.len(), held.iter().copied());
        Takers { words, groups, holders, accounts, addresses, of_addresses }
    }

    pub fn len(&self) -> usize {
        self.groups.len()
    }

    pub fn groups(&self) -> &Indexed<TakerIx, UnmatchedIx> {
        &self.groups
    }

    /// The texts that evidence compares, and the links that exclude evidence.
    pub fn words(&self) -> Words<'w> {
        self.words
    }

    pub fn text(&self, key: KeyId) -> &'w str {
        self.words.keys.key_text(key)
    }

    /// The positions of the holders that are accounts, and not addresses.
    pub fn accounts(&self) -> &Indexed<TakerAccountIx, HolderIx> {
        &self.accounts
    }

    pub fn holder(&self, holder: HolderIx) -> &Holder {
        &self.holders[holder]
    }

    /// The keys of the groups' addresses that identify a person, each key once, because a million accounts may
    /// share one address.
    pub fn addresses(&self) -> &Indexed<AddressIx, KeyId> {
        &self.addresses
    }

    /// The positions of the accounts' entries for an address (holders).
    pub fn of_address(&self, address: AddressIx) -> &[HolderIx] {
        self.of_addresses.of(address)
    }

    /// The holders at these positions, in the order of groups. If one holder can be examined in place of
    /// another, only the first of them (by position in the group, then by address) is returned.
    pub fn standing(&self, holders: &mut Vec<HolderIx>) -> Vec<Holder> {
        holders.sort_unstable();
        let mut standing: Vec<Holder> = Vec::with_capacity(holders.len());
        for holder in holders.drain(..).map(|holder| *self.holder(holder)) {
            match standing.last_mut() {
                Some(last) if last.may_stand_for(&holder) => {
                    let text = |it: &Holder| self.words.text(it.key);
                    let order = holder.rank.cmp(&last.rank);
                    if order.then_with(|| text(&holder).cmp(text(last))).is_lt() {
                        *last = holder;
                    }
                }
                _ => standing.push(holder),
            }
        }
        standing
    }
}

/// The value that stands for a key whose text has not been examined yet.
const NOT_YET: AddressIx = AddressIx::NONE;
/// The value that stands for a key whose address identifies nobody, such as the address of a role.
const NOBODY: AddressIx = AddressIx(u32::MAX - 1);

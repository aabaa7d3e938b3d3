//! The groups that are tested for likely and possible evidence, with their accounts. Each address of these groups
//! is stored once.

use super::Words;
use super::unmatched::{Kind, Unmatched, UnmatchedIx};
use super::words::tells_a_person;
use crate::model::{AccountIx, Grouped, Indexed, KeyId, ListIndex, list_indices};

list_indices! {
    /// A group that is tested: an index of [`Takers::groups`].
    TakerIx;
    /// A [`Holder`], by its position among all holders.
    HolderIx;
    /// An account of a group that is tested: an index of [`Takers::accounts`].
    TakerAccountIx;
    /// An address of the groups that are tested: an index of [`Takers::addresses`].
    AddressIx;
}

impl TakerIx {
    /// The value that stands for several groups.
    pub const SEVERAL: TakerIx = TakerIx(u32::MAX - 1);
}

/// An account of a group that is tested, or one of the account's addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The group of the account.
    pub taker: TakerIx,
    /// The position of the account in its group.
    pub rank: u32,
    /// The account that is the holder or that has the address.
    pub account: AccountIx,
    /// The key of the address; `None` if the holder is the account itself.
    pub key: Option<KeyId>,
    /// Does a declaration say that this account and some other account are two people? If so, no other account of
    /// the group can stand for this one.
    pub apart: bool,
    /// Is the address repeated on its instance? If so, a candidate may have the same address, and no other address
    /// of the group can stand for this one.
    pub repeated: bool,
}

impl Holder {
    /// Can either of two holders stand for both holders in their group?
    fn may_stand_for(&self, other: &Holder) -> bool {
        self.taker == other.taker && !self.apart && !other.apart && self.repeated == other.repeated
    }

    /// Is this key the key of the holder's own address?
    pub fn has(&self, key: Option<KeyId>) -> bool {
        self.key.is_some() && self.key == key
    }
}

/// The groups that are tested, with their holders and addresses.
pub(super) struct Takers<'w> {
    words: Words<'w>,
    groups: Indexed<TakerIx, UnmatchedIx>,
    /// The accounts in the order of groups, each followed by its addresses.
    holders: Indexed<HolderIx, Holder>,
    accounts: Indexed<TakerAccountIx, HolderIx>,
    addresses: Indexed<AddressIx, KeyId>,
    of_addresses: Grouped<AddressIx, HolderIx>,
}

impl<'w> Takers<'w> {
    /// Expects the groups in order.
    pub fn new(
        unmatched: &Unmatched,
        groups: Indexed<TakerIx, UnmatchedIx>,
        words: Words<'w>,
    ) -> Takers<'w> {
        let mut holders = Indexed::with_capacity(2 * groups.len());
        let mut accounts = Indexed::with_capacity(groups.len());
        let mut addresses = Indexed::new();
        // For each key, the index of its address, or `NOT_YET`, or `NOBODY`.
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

    /// The texts and links that evidence uses.
    pub fn words(&self) -> Words<'w> {
        self.words
    }

    pub fn text(&self, key: KeyId) -> &'w str {
        self.words.keys.key_text(key)
    }

    /// The holders that are accounts, and not addresses.
    pub fn accounts(&self) -> &Indexed<TakerAccountIx, HolderIx> {
        &self.accounts
    }

    pub fn holder(&self, holder: HolderIx) -> &Holder {
        &self.holders[holder]
    }

    /// The keys of the groups' addresses that identify a person, each key once. A million accounts may share one
    /// address.
    pub fn addresses(&self) -> &Indexed<AddressIx, KeyId> {
        &self.addresses
    }

    /// The holders of an address.
    pub fn of_address(&self, address: AddressIx) -> &[HolderIx] {
        self.of_addresses.of(address)
    }

    /// The given holders, in the order of groups. Of several holders that can stand for each other, only the first
    /// (by rank, then by address) is returned.
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

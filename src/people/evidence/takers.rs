//! The groups that take part in the tests below certain, with their accounts, and each of their addresses
//! once.

use super::Words;
use super::unmatched::{Kind, Unmatched};
use super::words::tells_a_person;

/// An account of a group that takes part, or one of its addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The group, as an index of the groups that take part.
    pub taker: u32,
    /// The position of the account in its group.
    pub rank: u32,
    /// The account, as an index of `Matching::accounts`.
    pub account: u32,
    /// The key of the address; `None` for the account itself.
    pub key: Option<u32>,
    /// Is the account in any declaration of two people? Then no other account of the group can stand for
    /// it.
    pub apart: bool,
    /// Is the key repeated on its instance? Then it may be the very address of a candidate, and no other
    /// address can stand for it.
    pub repeated: bool,
}

impl Holder {
    /// Is one of the two enough for their group?
    fn may_stand_for(&self, other: &Holder) -> bool {
        self.taker == other.taker && !self.apart && !other.apart && self.repeated == other.repeated
    }

    /// Does the holder have this very key?
    pub fn has(&self, key: Option<u32>) -> bool {
        self.key.is_some() && self.key == key
    }
}

/// The groups that take part, with their holders and addresses.
pub(super) struct Takers<'w> {
    words: Words<'w>,
    /// The index of each group among the unmatched ones.
    places: Vec<u32>,
    /// Accounts in the order of groups, each followed by its addresses.
    holders: Vec<Holder>,
    accounts: Vec<u32>,
    addresses: Vec<u32>,
    /// For each address, the end of its holders in `of_addresses`.
    ends: Vec<u32>,
    of_addresses: Vec<u32>,
}

impl<'w> Takers<'w> {
    /// Takes groups by their indices among the unmatched ones, sorted.
    pub fn new(unmatched: &Unmatched, places: Vec<u32>, words: Words<'w>) -> Takers<'w> {
        let mut takers = Takers {
            words,
            holders: Vec::with_capacity(2 * places.len()),
            accounts: Vec::with_capacity(places.len()),
            addresses: Vec::new(),
            ends: Vec::new(),
            of_addresses: Vec::new(),
            places,
        };
        // For each key, the number of its address plus one; 0 if it has none yet.
        let mut numbers: Vec<u32> = Vec::new();
        let mut held: Vec<(u32, u32)> = Vec::new();
        for (taker, place) in (0u32..).zip(&takers.places) {
            for (rank, (account, keys)) in (0u32..).zip(unmatched.with_keys(*place)) {
                let apart = words.links.is_set_apart(account);
                let of_account = Holder { taker, rank, account, key: None, apart, repeated: false };
                takers.accounts.push(takers.holders.len() as u32);
                takers.holders.push(of_account);
                for &(key, kind) in keys {
                    if key as usize >= numbers.len() {
                        numbers.resize(key as usize + 1, 0);
                    }
                    let number = &mut numbers[key as usize];
                    if *number == 0 {
                        if !tells_a_person(words.keys.key_text(key)) {
                            *number = NOBODY;
                        } else {
                            takers.addresses.push(key);
                            *number = takers.addresses.len() as u32;
                        }
                    }
                    if *number != NOBODY {
                        held.push((*number - 1, takers.holders.len() as u32));
                        let repeated = kind == Kind::Repeated;
                        takers.holders.push(Holder { key: Some(key), repeated, ..of_account });
                    }
                }
            }
        }
        takers.arrange(&held);
        takers
    }

    /// Arranges the holders by address. `held` has pairs of the number of an address and of a holder.
    fn arrange(&mut self, held: &[(u32, u32)]) {
        let mut next = vec![0u32; self.addresses.len() + 1];
        for (number, _) in held {
            next[*number as usize + 1] += 1;
        }
        for number in 0..self.addresses.len() {
            next[number + 1] += next[number];
        }
        self.of_addresses = vec![0; held.len()];
        // This moves the beginning of each address to its end.
        for (number, holder) in held {
            let place = &mut next[*number as usize];
            self.of_addresses[*place as usize] = *holder;
            *place += 1;
        }
        next.truncate(self.addresses.len());
        self.ends = next;
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// The texts and links that evidence uses.
    pub fn words(&self) -> Words<'w> {
        self.words
    }

    pub fn text(&self, key: u32) -> &'w str {
        self.words.keys.key_text(key)
    }

    /// The numbers of the holders that are accounts.
    pub fn accounts(&self) -> &[u32] {
        &self.accounts
    }

    pub fn holder(&self, number: u32) -> &Holder {
        &self.holders[number as usize]
    }

    /// The keys of the addresses that point to a person, each once: a million accounts may share one.
    pub fn addresses(&self) -> &[u32] {
        &self.addresses
    }

    /// The numbers of the holders of an address, which is an index of `addresses`.
    pub fn of_address(&self, address: u32) -> &[u32] {
        let address = address as usize;
        let start = if address == 0 { 0 } else { self.ends[address - 1] };
        &self.of_addresses[start as usize..self.ends[address] as usize]
    }

    /// The holders with these numbers, in the order of groups. Of several holders that can stand for each
    /// other, only the first (by rank, then by address) is returned.
    pub fn standing(&self, numbers: &mut Vec<u32>) -> Vec<Holder> {
        numbers.sort_unstable();
        let mut standing: Vec<Holder> = Vec::with_capacity(numbers.len());
        for holder in numbers.drain(..).map(|number| *self.holder(number)) {
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

/// Marks a key whose address points to nobody, in place of a number.
const NOBODY: u32 = u32::MAX;

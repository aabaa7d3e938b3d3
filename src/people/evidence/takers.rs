//! The groups that take part in the tests below certain: their accounts, and each of their addresses
//! once.

use super::Words;
use super::unmatched::{Kind, Unmatched};
use super::words::tells_a_person;

/// An account of a group that takes part, or one of its addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The group, as a number among those that take part.
    pub taker: u32,
    /// The account's rank within its group.
    pub rank: u32,
    /// The account, an index of `Matching::accounts`.
    pub account: u32,
    /// The key of the address.
    pub key: Option<u32>,
    /// Is the account declared to be apart from anybody? Then no other account of the group may
    /// stand for it.
    pub apart: bool,
    /// Is the key repeated on its instance? Then it may be the very address of a candidate, and no
    /// other address stands for it.
    pub repeated: bool,
}

impl Holder {
    /// Is one of the two enough for their group?
    fn may_stand_for(&self, other: &Holder) -> bool {
        self.taker == other.taker && !self.apart && !other.apart && self.repeated == other.repeated
    }

    /// Is this its very address?
    pub fn has(&self, key: Option<u32>) -> bool {
        self.key.is_some() && self.key == key
    }
}

/// The groups that take part.
pub(super) struct Takers<'w> {
    words: Words<'w>,
    /// Each group's place among the unmatched ones.
    places: Vec<u32>,
    /// Accounts, each followed by its addresses, in the order of groups.
    holders: Vec<Holder>,
    /// The accounts among them.
    accounts: Vec<u32>,
    /// The addresses that tell a person: an address may be that of a million accounts.
    addresses: Vec<u32>,
    /// Where the holders of each address end in `of_addresses`.
    ends: Vec<u32>,
    of_addresses: Vec<u32>,
}

impl<'w> Takers<'w> {
    /// Groups by their places among the unmatched ones, in order.
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
        // One more than the number of the address with a key; 0: none has it yet.
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

    /// Takes in the numbers of addresses with their holders.
    fn arrange(&mut self, held: &[(u32, u32)]) {
        let mut next = vec![0u32; self.addresses.len() + 1];
        for (number, _) in held {
            next[*number as usize + 1] += 1;
        }
        for number in 0..self.addresses.len() {
            next[number + 1] += next[number];
        }
        self.of_addresses = vec![0; held.len()];
        // Where each begins becomes where it ends.
        for (number, holder) in held {
            let place = &mut next[*number as usize];
            self.of_addresses[*place as usize] = *holder;
            *place += 1;
        }
        next.truncate(self.addresses.len());
        self.ends = next;
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Each group's place among the unmatched ones.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// What evidence is about.
    pub fn words(&self) -> Words<'w> {
        self.words
    }

    /// The text of a key.
    pub fn text(&self, key: u32) -> &'w str {
        self.words.keys.key_text(key)
    }

    /// The accounts, as numbers of holders.
    pub fn accounts(&self) -> &[u32] {
        &self.accounts
    }

    /// A holder.
    pub fn holder(&self, number: u32) -> &Holder {
        &self.holders[number as usize]
    }

    /// The addresses that tell a person, each once: their keys.
    pub fn addresses(&self) -> &[u32] {
        &self.addresses
    }

    /// Who has an address, as numbers of holders; the address is a place in `addresses`.
    pub fn of_address(&self, address: u32) -> &[u32] {
        let address = address as usize;
        let start = if address == 0 { 0 } else { self.ends[address - 1] };
        &self.of_addresses[start as usize..self.ends[address] as usize]
    }

    /// The holders of these numbers, in the order of groups; of one group's accounts and addresses the
    /// first stands for it.
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

/// Stands in the place of the number of an address that tells nobody.
const NOBODY: u32 = u32::MAX;

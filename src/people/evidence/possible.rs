//! Possible evidence: same-name and near-email (counting.md section 5). The same names and nearly
//! the same addresses are common, so it counts only one to one.

use foldhash::{HashMap, HashMapExt};
use smallvec::SmallVec;

use super::near::{Signatures, is_one_slip};
use super::one_to_one::{Candidate, Claims, Holder, Join, Slot};
use super::texts::Texts;
use super::words::{parts, tells_a_person};
use super::{EvidenceCode, Taker, Words, compared, side_by_side};
use crate::model::{CloudRow, Population, RowKind};
use crate::name::NameHash;

/// Who names whom by possible evidence.
pub(super) fn claims<'t>(
    population: &Population,
    takers: &[Taker],
    words: Words<'t>,
) -> Claims<'t> {
    let texts = words.texts;
    let mut names: Join<NameHash> = Join::new();
    let mut near = Near::new(texts);
    for (taker, group) in (0u32..).zip(takers) {
        for (rank, (account, keys)) in (0u32..).zip(&group.accounts) {
            let apart = words.links.is_set_apart(*account);
            let holder =
                Holder { taker, rank, account: *account, key: None, apart, repeated: false };
            if let Some(name) = texts.names.get(account) {
                names.hold(*name, holder, texts);
            }
            for key in keys {
                let repeated = group.repeated == Some(*key);
                near.hold(*key, Holder { key: Some(*key), repeated, ..holder });
            }
        }
    }
    near.arrange();
    let mut claims = Claims::new(takers.len(), words);
    for block in side_by_side::blocks(population.cloud.len()) {
        let tools = || near.signatures.clone();
        let met = side_by_side::find(block, tools, |signatures, rows, found| {
            for index in rows {
                let row = &population.cloud[index];
                if row.row == RowKind::Cloud && population.takes_seat(row) {
                    let row = (index as u32, row);
                    find_alike(population, row, &names, &near, signatures, found);
                }
            }
        });
        for (candidate, tie) in met {
            match tie {
                Tie::Name(place) => claims.meet(names.slot(place), candidate),
                Tie::Near(first) => claims.meet(near.slot(first), candidate),
            }
        }
    }
    names.settle(EvidenceCode::SameName, &mut claims);
    near.slots.iter().for_each(|slot| claims.settle(EvidenceCode::NearEmail, slot));
    claims
}

/// What ties a candidate to groups.
enum Tie {
    /// A name, by its place.
    Name(u32),
    /// A signature of near addresses, by the first place that has it.
    Near(u32),
}

/// Finds whom a Cloud row is like.
fn find_alike(
    population: &Population,
    (index, row): (u32, &CloudRow),
    names: &Join<NameHash>,
    near: &Near<'_>,
    signatures: &mut Signatures,
    found: &mut Vec<(Candidate, Tie)>,
) {
    let name = near.texts.cloud_names.get(&index);
    if let Some(place) = name.and_then(|name| names.place(name)) {
        found.push((Candidate { row: index, key: None }, Tie::Name(place)));
    }
    for address in compared(population, row) {
        let candidate = Candidate { row: index, key: Some(address.key) };
        near.find(address.key, signatures, |first| found.push((candidate, Tie::Near(first))));
    }
}

/// The groups' addresses by the signatures of slips.
struct Near<'t> {
    texts: &'t Texts,
    signatures: Signatures,
    /// The domains that occur, each with what its signatures begin with.
    domains: HashMap<&'t str, u64>,
    /// Each address, with who has it: an address may be that of a million accounts.
    holders: Vec<(u32, SmallVec<[Holder; 1]>)>,
    /// Where each address stands in `holders`.
    addresses: HashMap<u32, u32>,
    /// Signature and address (its place in `holders`), in order once arranged.
    found_by: Vec<(u64, u32)>,
    /// Where the signatures with the same first bits begin in `found_by`.
    starts: Vec<u32>,
    /// The rough signatures until they are arranged.
    rough: Vec<u64>,
    /// Most candidates have no rough signature in common with anybody, and are done with by this.
    rough_filter: Filter,
    filter: Filter,
    /// The slot of a signature that was met, by its first place in `found_by`.
    places: HashMap<u32, u32>,
    slots: Vec<Slot>,
}

impl<'t> Near<'t> {
    fn new(texts: &'t Texts) -> Near<'t> {
        Near {
            texts,
            signatures: Signatures::new(),
            domains: HashMap::new(),
            holders: Vec::new(),
            addresses: HashMap::new(),
            found_by: Vec::new(),
            starts: Vec::new(),
            rough: Vec::new(),
            rough_filter: Filter::default(),
            filter: Filter::default(),
            places: HashMap::new(),
            slots: Vec::new(),
        }
    }

    fn address(&self, key: u32) -> Option<(&'t str, &'t str)> {
        let address = self.texts.keys.get(key);
        parts(address).filter(|_| tells_a_person(address))
    }

    fn hold(&mut self, key: u32, holder: Holder) {
        if let Some(known) = self.addresses.get(&key) {
            self.holders[*known as usize].1.push(holder);
            return;
        }
        let Some((local, domain)) = self.address(key) else { return };
        let number = self.holders.len() as u32;
        self.addresses.insert(key, number);
        self.holders.push((key, SmallVec::from_elem(holder, 1)));
        let seed = *self.domains.entry(domain).or_insert_with(|| self.signatures.seed(domain));
        let found_by = &mut self.found_by;
        self.signatures.of_found(local, seed, |signature| found_by.push((signature, number)));
        let rough = &mut self.rough;
        self.signatures.rough(local, seed, |signature| rough.push(signature));
    }

    fn arrange(&mut self) {
        self.found_by.sort_unstable();
        self.found_by.dedup();
        let bits = (self.found_by.len() / 4).next_power_of_two();
        let mut starts = vec![0; bits + 1];
        for (signature, _) in &self.found_by {
            starts[bucket(*signature, bits) + 1] += 1;
        }
        for at in 0..bits {
            starts[at + 1] += starts[at];
        }
        self.starts = starts;
        self.filter = Filter::of(self.found_by.iter().map(|(signature, _)| *signature));
        self.rough_filter = Filter::of(std::mem::take(&mut self.rough).into_iter());
    }

    /// Finds the signatures that an address is near by, by the first place that has each.
    fn find(&self, key: u32, signatures: &mut Signatures, mut add: impl FnMut(u32)) {
        let Some((local, domain)) = parts(self.texts.keys.get(key)) else { return };
        let Some(&seed) = self.domains.get(domain) else { return };
        let mut met: Vec<u32> = Vec::new();
        let may_be = |rough| self.rough_filter.may_have(rough);
        signatures.of_finder(local, seed, may_be, |signature| {
            if self.filter.may_have(signature) {
                met.extend(first_with(signature, &self.found_by, &self.starts));
            }
        });
        if met.is_empty() || self.address(key).is_none() {
            return;
        }
        met.into_iter().filter(|first| self.is_near(*first, key, local, domain)).for_each(&mut add);
    }

    /// Is the first address of a signature, other than this very one, really near?
    fn is_near(&self, first: u32, key: u32, local: &str, domain: &str) -> bool {
        let mut others = self.with_signature_of(first).filter(|(its, _)| *its != key);
        let address = others.next().and_then(|(its, _)| self.address(*its));
        address.is_some_and(|(other, its)| its == domain && is_one_slip(other, local))
    }

    /// The addresses with the signature that stands first at this place, with who has them.
    fn with_signature_of(&self, first: u32) -> impl Iterator<Item = &(u32, SmallVec<[Holder; 1]>)> {
        let own = &self.found_by[first as usize..];
        let same = own.iter().take_while(|(signature, _)| *signature == own[0].0);
        same.map(|(_, address)| &self.holders[*address as usize])
    }

    fn slot(&mut self, first: u32) -> &mut Slot {
        let next = self.slots.len() as u32;
        let place = *self.places.entry(first).or_insert(next);
        if place == next {
            let mut holders: Vec<Holder> =
                self.with_signature_of(first).flat_map(|(_, holders)| holders).copied().collect();
            holders.sort_by_key(|holder| holder.taker);
            self.slots.push(Slot::of_different(holders.into_iter(), self.texts));
        }
        &mut self.slots[place as usize]
    }
}

/// The bucket of a signature among so many, a power of two: its first bits.
fn bucket(signature: u64, buckets: usize) -> usize {
    // Of one bucket there are no bits.
    signature.checked_shr(64 - buckets.trailing_zeros()).unwrap_or(0) as usize
}

/// The first place of a signature in the list of them.
fn first_with(signature: u64, found_by: &[(u64, u32)], starts: &[u32]) -> Option<u32> {
    let bucket = bucket(signature, starts.len() - 1);
    let own = starts[bucket]..starts[bucket + 1];
    let mut own = own.zip(&found_by[starts[bucket] as usize..]);
    own.find(|(_, (known, _))| *known == signature).map(|(place, _)| place)
}

/// A Bloom filter of signatures, three bits in a word for each.
#[derive(Default)]
struct Filter {
    /// A power of two of them, or none.
    words: Vec<u64>,
}

impl Filter {
    fn of(signatures: impl ExactSizeIterator<Item = u64>) -> Filter {
        let mut words = vec![0; (signatures.len() / 4).next_power_of_two()];
        for signature in signatures {
            let (word, bits) = Filter::place(signature, words.len());
            words[word] |= bits;
        }
        Filter { words }
    }

    fn may_have(&self, signature: u64) -> bool {
        let (word, bits) = Filter::place(signature, self.words.len().max(1));
        self.words.get(word).is_some_and(|word| word & bits == bits)
    }

    /// The word of a signature among so many, and its bits there.
    fn place(signature: u64, words: usize) -> (usize, u64) {
        let bits = 1 << (signature & 63) | 1 << (signature >> 6 & 63) | 1 << (signature >> 12 & 63);
        ((signature >> 18) as usize & (words - 1), bits)
    }
}

//! Local parts that are one slip apart (counting.md section 5): one character more, less or other,
//! two neighbours swapped, or equal without dots and hyphens.
//!
//! Who is near whom is found by signatures, one for each way to slip, so that two texts with one
//! signature really are near: a text with one character left out, with one made a wild card, with
//! two swapped, or without dots and hyphens. They are hashes that each cost a step, by a secret
//! base; what they say is checked before it is believed. Two texts that are one slip apart have a
//! rough signature in common too, of which there are fewer: they tell where a slip may be.

use std::hash::{BuildHasher, RandomState};

/// The shortest local part that is looked at.
const SHORTEST: usize = 5;
/// The longest one: an address has at most 254 characters (RFC 5321).
const LONGEST: usize = 254;
/// A character that is none.
const WILD: u64 = 0x11_0000;

/// How a signature was made: it is mixed into it.
#[derive(Clone, Copy)]
enum Way {
    Whole = 1,
    OneLess = 2,
    OneWild = 3,
    Bare = 4,
}

/// Makes signatures of local parts within a domain. A hash is the value of the polynomial whose
/// coefficients are the seed and the letters, modulo 2^64.
#[derive(Clone)]
pub(super) struct Signatures {
    hasher: RandomState,
    base: u64,
    /// The powers of the base.
    powers: Vec<u64>,
    letters: Vec<u64>,
}

impl Signatures {
    pub fn new() -> Signatures {
        let hasher = RandomState::new();
        let base = hasher.hash_one("base") | 1;
        let mut powers = vec![1; LONGEST + 2];
        for place in 1..powers.len() {
            powers[place] = base.wrapping_mul(powers[place - 1]);
        }
        Signatures { hasher, base, powers, letters: Vec::new() }
    }

    /// What the signatures of a domain's addresses begin with.
    pub fn seed(&self, domain: &str) -> u64 {
        self.hasher.hash_one(domain)
    }

    /// The signatures by which an address is found.
    pub fn of_found(&mut self, local: &str, seed: u64, mut add: impl FnMut(u64)) {
        let Some(whole) = self.whole(local, seed) else { return };
        add(signature(Way::Whole, whole));
        add(signature(Way::Bare, self.bare(seed)));
        (0..self.letters.len()).for_each(|place| add(self.wild(whole, place)));
        self.each_less(whole, seed, |_, less| add(signature(Way::OneLess, less)));
    }

    /// The signatures by which an address finds what is one slip apart from it, as far as somebody may
    /// have the rough signature that goes with them.
    pub fn of_finder(
        &mut self,
        local: &str,
        seed: u64,
        may_be: impl Fn(u64) -> bool,
        mut find: impl FnMut(u64),
    ) {
        let Some(whole) = self.whole(local, seed) else { return };
        if may_be(signature(Way::Whole, whole)) {
            find(signature(Way::OneLess, whole));
        }
        let bare = signature(Way::Bare, self.bare(seed));
        if may_be(bare) {
            find(bare);
        }
        self.each_less(whole, seed, |place, less| {
            let less = signature(Way::Whole, less);
            if !may_be(less) {
                return;
            }
            find(less);
            find(self.wild(whole, place));
            if let [letter, next, ..] = self.letters[place..] {
                let after = self.letters.len() - 1 - place;
                let step = self.powers[after].wrapping_sub(self.powers[after - 1]);
                let change = next.wrapping_sub(letter).wrapping_mul(step);
                find(signature(Way::Whole, whole.wrapping_add(change)));
            }
        });
    }

    /// Signatures of a rougher kind: an address and what is one slip apart from it have one in common,
    /// that without the letter where the slip is (or all, or bare); and so have others.
    pub fn rough(&mut self, local: &str, seed: u64, mut add: impl FnMut(u64)) {
        let Some(whole) = self.whole(local, seed) else { return };
        add(signature(Way::Whole, whole));
        add(signature(Way::Bare, self.bare(seed)));
        // Two texts with another letter at one place, or two letters swapped, are the same without it.
        self.each_less(whole, seed, |_, less| add(signature(Way::Whole, less)));
    }

    /// Takes in a local part; gives its hash.
    fn whole(&mut self, local: &str, seed: u64) -> Option<u64> {
        self.letters.clear();
        self.letters.extend(local.chars().take(LONGEST + 1).map(u64::from));
        let fits = (SHORTEST..=LONGEST).contains(&self.letters.len());
        fits.then(|| self.hash(seed, self.letters.iter().copied()))
    }

    fn hash(&self, seed: u64, letters: impl Iterator<Item = u64>) -> u64 {
        letters.fold(seed, |hash, letter| hash.wrapping_mul(self.base).wrapping_add(letter))
    }

    fn bare(&self, seed: u64) -> u64 {
        let kept = |letter: &u64| ![u64::from(b'.'), u64::from(b'-')].contains(letter);
        self.hash(seed, self.letters.iter().copied().filter(kept))
    }

    /// The signature with any letter at a place.
    fn wild(&self, whole: u64, place: usize) -> u64 {
        let power = self.powers[self.letters.len() - 1 - place];
        let change = (WILD - self.letters[place]).wrapping_mul(power);
        signature(Way::OneWild, whole.wrapping_add(change))
    }

    /// The hash without the letter at each place.
    fn each_less(&self, whole: u64, seed: u64, mut add: impl FnMut(usize, u64)) {
        let count = self.letters.len();
        // Without the first letter: the seed moves down one place.
        let first = seed.wrapping_mul(self.base).wrapping_add(self.letters[0]);
        let change = seed.wrapping_sub(first).wrapping_mul(self.powers[count - 1]);
        let mut less = whole.wrapping_add(change);
        add(0, less);
        // Then each letter in the place of the next.
        for (place, pair) in self.letters.windows(2).enumerate() {
            let change = pair[0].wrapping_sub(pair[1]).wrapping_mul(self.powers[count - 2 - place]);
            less = less.wrapping_add(change);
            add(place + 1, less);
        }
    }
}

/// Hashes of like texts differ by little and their low bits are poor: so ways are far apart, and
/// the high bits are folded into the low ones.
fn signature(way: Way, hash: u64) -> u64 {
    let far = (way as u64).wrapping_mul(0xd134_2543_de82_ef95);
    let mixed = hash.wrapping_add(far).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}

/// Are two different local parts of at least five characters one slip apart?
pub(super) fn is_one_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a == b || a.len().min(b.len()) < SHORTEST {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    let slip = match (rest_a, rest_b) {
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) if a == b => true,
        ([a1, a2, a @ ..], [b1, b2, b @ ..]) => a1 == b2 && a2 == b1 && a == b,
        _ => false,
    };
    let bare = |letters: &[char]| -> String {
        letters.iter().filter(|letter| !matches!(letter, '.' | '-')).collect()
    };
    slip || bare(&a) == bare(&b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn signatures_meet(a: &str, b: &str) -> bool {
        let mut signatures = Signatures::new();
        let (mut found, mut rough) = (HashSet::new(), HashSet::new());
        let seed = signatures.seed("corp.example");
        signatures.of_found(a, seed, |signature| {
            found.insert(signature);
        });
        signatures.rough(a, seed, |signature| {
            rough.insert(signature);
        });
        let (mut meet, may_be) = (false, |signature| rough.contains(&signature));
        signatures.of_finder(b, seed, may_be, |signature| meet |= found.contains(&signature));
        meet
    }

    #[test]
    fn slips() {
        let near = [
            ("lovelace", "lovelaec"),
            ("lovelace", "lovelac"),
            ("lovelace", "xlovelace"),
            ("lovelace", "lovelacx"),
            ("ada.love-lace", "adalovelace"),
            ("olvelace", "lovelace"),
            ("aaaaa", "aaaaaa"),
            ("ååååå", "åååå.å"),
        ];
        for (a, b) in near {
            assert!(is_one_slip(a, b) && is_one_slip(b, a), "{a} {b}");
            assert!(signatures_meet(a, b) && signatures_meet(b, a), "{a} {b}");
        }
        for (a, b) in [("lovelace", "lovelace"), ("adal", "adalo"), ("lovelace", "evolalec")] {
            assert!(!is_one_slip(a, b) && !is_one_slip(b, a), "{a} {b}");
        }
    }

    #[test]
    fn signatures_meet_exactly_where_a_slip_is() {
        let mut words: Vec<String> = vec![String::new()];
        for _ in 0..6 {
            let longer =
                words.iter().flat_map(|word| ["a", "b", "."].map(|it| format!("{word}{it}")));
            let longer: Vec<String> = longer.collect();
            words.extend(longer);
            words.sort();
            words.dedup();
        }
        words.retain(|word| word.len() >= 5);
        let words: Vec<&String> = words.iter().step_by(7).collect();
        for a in &words {
            for b in words.iter().filter(|b| a != *b) {
                assert_eq!(is_one_slip(a, b), signatures_meet(a, b), "{a} {b}");
            }
        }
    }
}

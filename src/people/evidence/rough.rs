//! Makes rough signatures (hashes without one letter) of local parts. Two local parts that are one slip apart
//! (counting.md section 5) have a signature in common. A slip is one character more, less or different, two
//! neighboring characters swapped, or a difference only in dots and hyphens.
//!
//! The signatures are hashes of the complete local part, of the local part without each one of its letters, and of
//! the local part without dots and hyphens. Each hash is the value of a polynomial modulo 2^64 at a secret base,
//! with the letters as coefficients. So the hash without one letter follows from the hash without the previous
//! letter in one step.

use super::locals::{DomainIx, Locals};
use crate::model::ListIndex;
use crate::people::alike::{Hasher, spread};

/// The length, in letters, of the shortest local part that has signatures.
const SHORTEST: usize = 5;
/// The length, in letters, of the longest local part that has signatures: an address has at most 254 characters
/// (RFC 5321).
const LONGEST: usize = 254;

/// The letters that a signature leaves out: the index of one letter, or `WHOLE` for none, or `BARE` for all dots
/// and hyphens.
pub(super) type LetterLeftOut = u32;
/// The signature is made from the complete local part.
pub(super) const WHOLE: LetterLeftOut = u32::MAX;
/// The signature is made from the local part without dots and hyphens. Only a local part with dots or hyphens has
/// this signature.
pub(super) const BARE: LetterLeftOut = u32::MAX - 1;

/// Makes the rough signatures (hashes without one letter) of the local parts of addresses.
#[derive(Clone)]
pub(super) struct Rough {
    hasher: Hasher,
    base: u64,
    powers: Vec<u64>,
    letters: Vec<u64>,
}

impl Rough {
    pub fn new() -> Rough {
        let hasher = Hasher::default();
        let base = hasher.of(("base", "")) | 1;
        let mut powers = vec![1; LONGEST + 1];
        for exponent in 1..powers.len() {
            powers[exponent] = base.wrapping_mul(powers[exponent - 1]);
        }
        Rough { hasher, base, powers, letters: Vec::new() }
    }

    /// Calls `add` for each rough signature of these addresses, with the letters that the signature leaves out
    /// and the index of the address.
    pub fn each_of<I: ListIndex>(
        &mut self,
        locals: &Locals<I>,
        mut add: impl FnMut(u64, LetterLeftOut, I),
    ) {
        for index in locals.indices() {
            if let (local, Some(domain)) = locals.get(index) {
                self.each(local, domain, |signature, part| add(signature, part, index));
            }
        }
    }

    /// Calls `add` for each rough signature of one local part in a domain, with the letters that the signature
    /// leaves out.
    pub fn each(&mut self, local: &str, domain: DomainIx, mut add: impl FnMut(u64, LetterLeftOut)) {
        let seed = self.hasher.of_number(u64::from(domain.number()));
        self.letters.clear();
        if local.is_ascii() {
            if local.len() > LONGEST {
                return;
            }
            self.letters.extend(local.bytes().map(u64::from));
        } else {
            self.letters.extend(local.chars().take(LONGEST + 1).map(u64::from));
        }
        let (letters, count) = (&self.letters, self.letters.len());
        if !(SHORTEST..=LONGEST).contains(&count) {
            return;
        }
        let hash = |letters: &mut dyn Iterator<Item = u64>| {
            letters.fold(0u64, |hash, it| hash.wrapping_mul(self.base).wrapping_add(it))
        };
        let signature = |hash: u64| spread(hash ^ seed);
        let whole = hash(&mut letters.iter().copied());
        add(signature(whole), WHOLE);
        let is_sign = |it: &u64| *it == u64::from(b'.') || *it == u64::from(b'-');
        if letters.iter().any(is_sign) {
            let bare = hash(&mut letters.iter().copied().filter(|it| !is_sign(it)));
            add(signature(bare), BARE);
        }
        // The first signature of this kind leaves out the first letter, the second one the second letter, and so
        // on.
        let mut less = whole.wrapping_sub(letters[0].wrapping_mul(self.powers[count - 1]));
        add(signature(less), 0);
        let powers = self.powers[..count - 1].iter().rev();
        for ((left_out, pair), power) in (1u32..).zip(letters.windows(2)).zip(powers) {
            less = less.wrapping_add(pair[0].wrapping_sub(pair[1]).wrapping_mul(*power));
            add(signature(less), left_out);
        }
    }
}

/// Are two signatures made from the same text? Equal hashes alone do not prove it.
pub(super) fn are_same(one: (&str, LetterLeftOut), other: (&str, LetterLeftOut)) -> bool {
    match (pieces(one.0, one.1), pieces(other.0, other.1)) {
        (Some(one), Some(other)) => {
            let (short, long) =
                if one.0.len() <= other.0.len() { (one, other) } else { (other, one) };
            let between = long.0.strip_prefix(short.0);
            let rest = between.and_then(|between| short.1.strip_prefix(between));
            rest == Some(long.1)
        }
        _ => letters(one.0, one.1).eq(letters(other.0, other.1)),
    }
}

/// The text from which a signature is made, as the piece before and the piece after the letter left out; `None`
/// if the text must be compared letter by letter.
fn pieces(local: &str, part: LetterLeftOut) -> Option<(&str, &str)> {
    match part {
        BARE => None,
        WHOLE => Some((local, "")),
        less if local.is_ascii() => {
            let (before, rest) = local.split_at_checked(usize::try_from(less).ok()?)?;
            Some((before, rest.get(1..)?))
        }
        _ => None,
    }
}

/// The letters of a local part that remain in a signature.
fn letters(local: &str, part: LetterLeftOut) -> impl Iterator<Item = char> {
    (0u32..).zip(local.chars()).filter_map(move |(at, letter)| {
        let is_left = match part {
            WHOLE => true,
            BARE => !matches!(letter, '.' | '-'),
            less => at != less,
        };
        is_left.then_some(letter)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Are two different local parts of at least five characters one slip apart?
    pub fn is_one_slip(a: &str, b: &str) -> bool {
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

    /// Every seventh text of five or six letters out of `a`, `b` and `.`, and some other local parts.
    pub fn local_parts() -> Vec<String> {
        let mut words: Vec<String> = vec![String::new()];
        for _ in 0..6 {
            let longer =
                words.iter().flat_map(|word| ["a", "b", "."].map(|it| format!("{word}{it}")));
            let longer: Vec<String> = longer.collect();
            words.extend(longer);
            words.sort();
            words.dedup();
        }
        words.retain(|word| word.len() >= SHORTEST);
        let others = ["lovelace", "lovelaec", "lovelac", "lovelacx", "ååååå", "åååå.å", "ååååa"];
        words.into_iter().step_by(7).chain(others.map(str::to_owned)).collect()
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
        }
        for (a, b) in [("lovelace", "lovelace"), ("adal", "adalo"), ("lovelace", "evolalec")] {
            assert!(!is_one_slip(a, b) && !is_one_slip(b, a), "{a} {b}");
        }
    }

    #[test]
    fn signatures_are_of_what_they_are_made_of() {
        let mut rough = Rough::new();
        let mut texts: HashSet<(u64, String)> = HashSet::new();
        for local in local_parts() {
            let mut signatures = Vec::new();
            rough.each(&local, DomainIx::of_number(7), |signature, part| {
                signatures.push((signature, part))
            });
            assert!(signatures.len() > local.chars().count(), "{local}");
            texts.extend(signatures.iter().map(|it| (it.0, letters(&local, it.1).collect())));
        }
        let count = |it: &mut dyn Iterator<Item = u64>| it.collect::<HashSet<u64>>().len();
        assert_eq!(count(&mut texts.iter().map(|it| it.0)), texts.len());
        let distinct: HashSet<&str> = texts.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(distinct.len(), texts.len());
    }

    #[test]
    fn parts_are_compared_as_the_texts_that_they_make() {
        let locals = local_parts();
        let locals: Vec<&String> = locals.iter().step_by(5).collect();
        let parts = |local: &str| {
            (0..local.chars().count() as u32).chain([WHOLE, BARE]).collect::<Vec<LetterLeftOut>>()
        };
        let mut same = 0;
        for (one, other) in locals.iter().flat_map(|one| locals.iter().map(move |it| (*one, *it))) {
            for (part, its) in parts(one)
                .into_iter()
                .flat_map(|part| parts(other).into_iter().map(move |it| (part, it)))
            {
                let expected = letters(one, part).eq(letters(other, its));
                assert_eq!(
                    are_same((one, part), (other, its)),
                    expected,
                    "{one} {part} {other} {its}"
                );
                same += usize::from(expected);
            }
        }
        assert!(same > locals.len());
    }

    #[test]
    fn short_and_overlong_ones_have_none() {
        let mut rough = Rough::new();
        for local in ["ab.c".to_owned(), "a".repeat(255), "å".repeat(255), "å".repeat(4)] {
            rough.each(&local, DomainIx::of_number(0), |_, _| panic!("{local}"));
        }
        let mut some = 0;
        rough.each(&"å".repeat(254), DomainIx::of_number(0), |_, _| some += 1);
        assert_eq!(some, 255);
    }
}

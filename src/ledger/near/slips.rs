//! Finds the stored addresses that are one slip of the pen (such as one letter more) away from an address
//! (counting.md section 5, near-email). Every such address is generated from the letters that occur in stored
//! addresses, and looked up. Addresses that differ only in dots and hyphens are found by their local parts.

use foldhash::HashSet;

use super::search::FEW_STATES;
use crate::error::Result;
use crate::model::KeyId;
use crate::store::Store;

/// The shortest local part, in letters, for which a slip of one letter is evidence.
const SHORTEST: usize = 5;

/// The longest local part, in letters, that can occur: an address has at most 254 characters (RFC 5321).
const LONGEST: usize = 254;

/// The number of generated addresses that may be looked up for one step of the search budget.
const A_STEP: usize = 32;

/// The keys of the stored addresses that are one slip away from the address `local@domain`, and possibly of some
/// others. `None` if the search budget is used up or there are too many keys.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn one_slip_away(
    store: &Store,
    local: &str,
    domain: &str,
    steps: &mut usize,
) -> Result<Option<Vec<KeyId>>> {
    let letters: Vec<char> = local.chars().collect();
    if !(SHORTEST..=LONGEST).contains(&letters.len()) {
        return Ok(Some(Vec::new()));
    }
    let end = format!("@{domain}");
    let address = [local, end.as_str()].concat();
    store.keys_one_slip_from(&address, || look(store, &letters, &end, &address, steps))
}

fn look(
    store: &Store,
    letters: &[char],
    end: &str,
    address: &str,
    steps: &mut usize,
) -> Result<Option<Vec<KeyId>>> {
    let bare: String = letters.iter().filter(|it| !is_mark(**it)).collect();
    let mut found = store.keys_alike(address, FEW_STATES, |key| {
        key.strip_suffix(end).is_some_and(|other| without_marks(other) == bare)
    })?;
    let mut take = |count: usize| {
        *steps = steps.saturating_sub(count / A_STEP + 1);
        *steps > 0
    };
    match store.letters_of_keys()? {
        Some(all) => {
            if !take(2 * letters.len() * (all.len() + 1)) {
                return Ok(None);
            }
            found.extend(store.keys_of_texts(&one_slip(letters, &all, end))?);
        }
        // The stored addresses have so many different letters that generating addresses is slower than looking
        // at every stored one.
        None => {
            let mut looked_at = 0;
            store.each_key_ending(end, &mut |key, text| {
                looked_at += 1;
                let other = text.strip_suffix(end);
                if other.is_some_and(|other| is_one_slip(letters, other)) {
                    found.push(key);
                }
            })?;
            if !take(looked_at) {
                return Ok(None);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok((found.len() < FEW_STATES).then_some(found))
}

/// A local part without its dots and hyphens.
fn without_marks(local: &str) -> String {
    local.chars().filter(|letter| !is_mark(*letter)).collect()
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '.' | '-')
}

/// Every address that is one slip away: one letter of `all` is inserted or put in place of another, one letter
/// is removed, or two neighboring letters are swapped. `end` is the text after the local part.
fn one_slip(letters: &[char], all: &[char], end: &str) -> HashSet<String> {
    let mut texts = HashSet::default();
    let mut add = |before: &[char], between: &[char], after: &[char]| {
        let mut text = String::with_capacity(letters.len() + end.len() + 4);
        text.extend(before.iter().chain(between).chain(after));
        text.push_str(end);
        texts.insert(text);
    };
    for place in 0..=letters.len() {
        let (before, after) = letters.split_at(place);
        all.iter().for_each(|letter| add(before, &[*letter], after));
        let [own, after @ ..] = after else { continue };
        add(before, &[], after);
        all.iter().for_each(|letter| add(before, &[*letter], after));
        if let [next, after @ ..] = after {
            add(before, &[*next, *own], after);
        }
    }
    texts
}

/// Do two local parts differ by one slip: one inserted, replaced or removed letter, or two swapped neighboring
/// letters?
fn is_one_slip(letters: &[char], other: &str) -> bool {
    let other: Vec<char> = other.chars().collect();
    let same = letters.iter().zip(&other).take_while(|(one, other)| one == other).count();
    match (&letters[same..], &other[same..]) {
        ([_, one @ ..], [_, other @ ..]) if one == other => true,
        ([_, one @ ..], other) | (other, [_, one @ ..]) if one == other => true,
        ([a, b, one @ ..], [c, d, other @ ..]) => a == d && b == c && one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_what_differs_by_a_slip() {
        let all = ['a', 'b', '.'];
        let mut words = vec![String::new()];
        for _ in 0..5 {
            let longer = words.iter().flat_map(|word| all.map(|letter| format!("{word}{letter}")));
            words.extend(longer.collect::<Vec<String>>());
            words.sort();
            words.dedup();
        }
        for word in words.iter().step_by(5) {
            let letters: Vec<char> = word.chars().collect();
            let made = one_slip(&letters, &all, "@x");
            for other in &words {
                // `one_slip` may replace a letter by the same letter, which makes the original address and no
                // slip.
                let is_made = made.contains(&format!("{other}@x")) && other != word;
                assert_eq!(is_made, is_one_slip(&letters, other), "{word} {other}");
            }
        }
    }
}

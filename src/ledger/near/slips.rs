//! Which stored addresses are one slip from an address (counting.md section 5, near-email)? Looked
//! up in the order of the keys: at each place of the local part only those letters are tried with
//! which a stored address goes on.

use crate::error::Result;
use crate::store::Store;

/// The shortest local part of which slips tell anything.
const SHORTEST: usize = 5;

/// The longest one: an address has at most 254 characters (RFC 5321).
const LONGEST: usize = 254;

/// The numbers of the keys that are one slip from an address, and of some others; `None` if that takes
/// more steps than are left.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn one_slip_away(
    store: &Store,
    local: &str,
    domain: &str,
    steps: &mut usize,
) -> Result<Option<Vec<u32>>> {
    let letters: Vec<char> = local.chars().collect();
    if !(SHORTEST..=LONGEST).contains(&letters.len()) {
        return Ok(Some(Vec::new()));
    }
    let mut walk = Walk { store, domain, steps, found: Vec::new() };
    let within =
        walk.less_or_swapped(&letters)? && walk.other_or_more(&letters)? && walk.bare(&letters)?;
    walk.found.sort_unstable();
    walk.found.dedup();
    Ok(within.then_some(walk.found))
}

/// A walk through the keys; each step says whether it may go on.
struct Walk<'s> {
    store: &'s Store,
    domain: &'s str,
    /// How many more may be taken.
    steps: &'s mut usize,
    found: Vec<u32>,
}

impl Walk<'_> {
    /// The first key from a text on.
    fn seek(&mut self, text: &str) -> Result<Option<(u32, String)>> {
        *self.steps = self.steps.saturating_sub(1);
        self.store.key_from(text)
    }

    fn try_address(&mut self, local: impl Iterator<Item = char>) -> Result<()> {
        let mut address: String = local.collect();
        address.push('@');
        address.push_str(self.domain);
        if let Some((number, key)) = self.seek(&address)?
            && key == address
        {
            self.found.push(number);
        }
        Ok(())
    }

    fn may_go_on(&self) -> bool {
        *self.steps > 0
    }

    /// One letter less, or two neighbours swapped.
    fn less_or_swapped(&mut self, letters: &[char]) -> Result<bool> {
        for place in 0..letters.len() {
            if !self.may_go_on() {
                return Ok(false);
            }
            let (before, after) = (&letters[..place], &letters[place + 1..]);
            self.try_address(before.iter().chain(after).copied())?;
            if let [next, rest @ ..] = after {
                let swapped = [*next, letters[place]];
                self.try_address(before.iter().chain(&swapped).chain(rest).copied())?;
            }
        }
        Ok(true)
    }

    /// Another letter at a place, or one more before it.
    fn other_or_more(&mut self, letters: &[char]) -> Result<bool> {
        for place in 0..=letters.len() {
            let (before, after) = (&letters[..place], &letters[place..]);
            let start: String = before.iter().collect();
            let mut from = start.clone();
            while let Some((_, key)) = self.seek(&from)? {
                let Some(rest) = key.strip_prefix(&start) else { break };
                let next = match rest.chars().next() {
                    None => '\0',
                    Some(letter) => {
                        let more = before.iter().chain(std::iter::once(&letter));
                        self.try_address(more.clone().chain(after).copied())?;
                        if let [_, rest @ ..] = after {
                            self.try_address(more.chain(rest).copied())?;
                        }
                        let Some(next) = successor(letter) else { break };
                        next
                    }
                };
                from.truncate(start.len());
                from.push(next);
                if !self.may_go_on() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Equal without dots and hyphens.
    fn bare(&mut self, letters: &[char]) -> Result<bool> {
        let is_mark = |letter: &char| matches!(letter, '.' | '-');
        let bare: Vec<char> = letters.iter().copied().filter(|letter| !is_mark(letter)).collect();
        let mut open = vec![(String::new(), 0)];
        while let Some((start, place)) = open.pop() {
            if !self.may_go_on() {
                return Ok(false);
            }
            let next = bare.get(place);
            if next.is_none() {
                self.try_address(start.chars())?;
            }
            let steps = [('.', place), ('-', place)];
            for (letter, place) in next.map(|it| (*it, place + 1)).into_iter().chain(steps) {
                let longer = format!("{start}{letter}");
                if self.seek(&longer)?.is_some_and(|(_, key)| key.starts_with(&longer)) {
                    open.push((longer, place));
                }
            }
        }
        Ok(true)
    }
}

/// The next character in the order of bytes of UTF-8.
fn successor(letter: char) -> Option<char> {
    (letter..=char::MAX).nth(1)
}

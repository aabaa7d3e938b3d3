//! Display names as they are compared: case, accents, runs of spaces and the order of
//! "Last, First" apart (counting.md section 5). The store finds accounts by such names.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is equal for display names that are compared alike: the first eight bytes of BLAKE3 of the
/// name as it is compared. Names themselves need not be compared after it: among a million the odds
/// that any two have one hash are one in tens of millions, and who forges a hash gains what
/// taking the other's name would give them, evidence of the weakest kind (`same-name`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NameHash(pub i64);

impl NameHash {
    /// The hash of a display name; `None` if there is nothing in it.
    pub fn of(name: &str) -> Option<NameHash> {
        let name = folded(name);
        let first = *blake3::hash(name.as_bytes()).as_bytes().first_chunk()?;
        (!name.is_empty()).then(|| NameHash(i64::from_le_bytes(first)))
    }
}

/// A name as it is compared; empty where there is none.
pub fn folded(name: &str) -> String {
    let lower = if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        let bare: String = name.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
        bare.to_lowercase()
    };
    match lower.split_once(',') {
        Some((last, first)) => one_line(first.split_whitespace().chain(last.split_whitespace())),
        None => one_line(lower.split_whitespace()),
    }
}

fn one_line<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut line = String::new();
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writings_of_one_name_are_equal() {
        for name in ["Åsa Öberg", "asa  oberg", "ÖBERG, Åsa", "A\u{30a}sa\u{a0}O\u{308}berg "] {
            assert_eq!(folded(name), "asa oberg", "{name:?}");
        }
        assert_eq!(folded("HOPPER, Grace"), "grace hopper");
        assert_eq!(folded(" , "), "");
        assert_ne!(folded("Grace Hopper"), folded("Hopper Grace"));
    }
}

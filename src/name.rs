//! Display names in the form in which they are compared: without letter case, accents, runs of spaces and the
//! order of "Last, First" (counting.md section 5). The store finds accounts by names in this form.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The hash of a display name in the form in which names are compared: the first eight bytes of its BLAKE3. Two
/// names with equal hashes count as equal, and their texts are not compared. Among a million names, the odds
/// that any two different names share a hash are one in tens of millions. Somebody who forges a hash gains no
/// more than by adopting the other name: evidence of the weakest kind (`same-name`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NameHash(pub i64);

impl NameHash {
    /// The hash of a display name in the form in which names are compared; `None` if the name is empty.
    pub fn of(name: &str) -> Option<NameHash> {
        let name = folded(name);
        let first = *blake3::hash(name.as_bytes()).as_bytes().first_chunk()?;
        (!name.is_empty()).then(|| NameHash(i64::from_le_bytes(first)))
    }
}

/// A display name in the form in which names are compared. The form of an empty name is empty.
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

//! Display names as they are compared: case, accents, runs of spaces and the order of
//! "Last, First" apart (counting.md section 5). The store finds accounts by such names.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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

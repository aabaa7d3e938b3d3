//! Addresses and their keys: the only place in the program where keys are made, and the words by
//! which a file says that there is nothing.
//!
//! GitHub compares addresses; oneseat compares keys (counting.md section 2). The text as received
//! is kept beside the key by whoever stores it.

/// The key of an address: full Unicode lower case of the text without leading and trailing
/// White_Space, nothing else folded. Empty is no key, and neither is a word of absence
/// (counting.md section 2).
pub fn key(text: &str) -> Option<String> {
    let trimmed = trimmed(text);
    if trimmed.is_empty() || word_of_absence(trimmed).is_some() {
        return None;
    }
    Some(lower_case(trimmed))
}

/// A login as it is compared: without regard to letter case (counting.md section 2).
pub fn login_key(login: &str) -> String {
    let mut key = String::new();
    add_login_key(&mut key, login);
    key
}

/// Adds a login as it is compared to a text.
pub fn add_login_key(text: &mut String, login: &str) {
    let login = trimmed(login);
    if login.is_ascii() {
        let from = text.len();
        text.push_str(login);
        text[from..].make_ascii_lowercase();
    } else {
        text.push_str(&login.to_lowercase());
    }
}

/// Words that say that there is nothing, even where a login, a name or an organization belongs.
const NOTHING: [&str; 11] = [
    "n/a",
    "#n/a",
    "(none)",
    "(null)",
    "[]",
    "{}",
    "\"\"",
    "[object object]",
    "system.object[]",
    "system.string[]",
    "\\n",
];

/// Words that say so only where an address, an id or a NameID belongs: a login may be one of them.
const NO_ADDRESS: [&str; 10] =
    ["null", "none", "nil", "nan", "na", "undefined", "unknown", "-", "--", "?"];

/// The word of absence that a text is, where an address, an id or a NameID belongs.
pub fn word_of_absence(text: &str) -> Option<&'static str> {
    nothing_named(text).or_else(|| find(&NO_ADDRESS, text))
}

/// The word of absence that a text is, where a login, a name or an organization belongs.
pub fn nothing_named(text: &str) -> Option<&'static str> {
    find(&NOTHING, text)
}

fn find(words: &[&'static str], text: &str) -> Option<&'static str> {
    const LONGEST: usize = "[object object]".len();
    let text = trimmed(text);
    // Most texts are longer than all words, or begin as none of them does.
    if text.len() > LONGEST || !begins_like_a_word(text) {
        return None;
    }
    words.iter().copied().find(|word| word.eq_ignore_ascii_case(text))
}

/// A text without white space around it; most have none, as their first and last byte show.
pub fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// Is the first letter that of a word that says that there is nothing?
fn begins_like_a_word(text: &str) -> bool {
    matches!(
        text.as_bytes().first(),
        Some(
            b'n' | b'N'
                | b'u'
                | b'U'
                | b's'
                | b'S'
                | b'#'
                | b'('
                | b'['
                | b'{'
                | b'"'
                | b'\\'
                | b'-'
                | b'?'
        )
    )
}

fn lower_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_documented_examples() {
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../fixtures/examples/keys.json"))
                .expect("keys.json is JSON");
        assert!(cases.len() >= 13);
        for case in cases {
            let text = case["text"].as_str().expect("a text");
            assert_eq!(key(text).as_deref(), case["key"].as_str(), "{text:?}");
        }
    }

    #[test]
    fn a_word_of_absence_is_no_key_and_a_login_may_be_some_of_them() {
        for word in
            ["NULL", " n/a", "#N/A", "\\N", "\\n", "[Object Object]", "System.String[]", "?"]
        {
            assert_eq!(key(word), None, "{word}");
        }
        for word in ["none", "nan", "-", "Unknown", "null", "NA"] {
            assert_eq!(nothing_named(word), None, "{word}");
            assert!(word_of_absence(word).is_some(), "{word}");
        }
        for word in NOTHING.iter().chain(&NO_ADDRESS) {
            assert!(begins_like_a_word(word) && begins_like_a_word(&word.to_uppercase()), "{word}");
        }
        for text in ["none@x.example", "nobody", "n.a", "---", "System.Object[] "] {
            let absent = text.starts_with("System");
            assert_eq!(key(text).is_none(), absent, "{text}");
        }
    }
}

//! Keys of addresses and of logins, and the words that mean an absent value.
//!
//! GitHub compares addresses; oneseat compares their keys (counting.md section 2). No other module makes keys.
//! Code that stores a key also keeps the text as received.

/// The key of an address, by which addresses are compared: the text in full Unicode lower case, without leading
/// and trailing White_Space. No other difference between two addresses is ignored. An empty text, or a word that
/// means an absent value, has no key (counting.md section 2).
pub fn key(text: &str) -> Option<String> {
    let trimmed = trimmed(text);
    if trimmed.is_empty() || word_of_absence(trimmed).is_some() {
        return None;
    }
    Some(lower_case(trimmed))
}

/// The key of a login: the login in lower case. Logins are compared regardless of letter case (counting.md
/// section 2).
pub fn login_key(login: &str) -> String {
    let mut key = String::new();
    add_login_key(&mut key, login);
    key
}

/// Appends a login to a text, in the form in which logins are compared ([`login_key`]).
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

/// The words that mean an absent value in every field, including fields for a login, a name or an organization.
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

/// The words that mean an absent value only in fields for an address, an id or a NameID. They are real values in
/// a field for a login, because a login may be `none`.
const NO_ADDRESS: [&str; 10] =
    ["null", "none", "nil", "nan", "na", "undefined", "unknown", "-", "--", "?"];

/// The word for an absent value that a text consists of, in a field for an address, an id or a NameID; `None` if
/// the text is a real value.
pub fn word_of_absence(text: &str) -> Option<&'static str> {
    nothing_named(text).or_else(|| find(&NO_ADDRESS, text))
}

/// The word for an absent value that a text consists of, in a field for a login, a name or an organization;
/// `None` if the text is a real value.
pub fn nothing_named(text: &str) -> Option<&'static str> {
    find(&NOTHING, text)
}

fn find(words: &[&'static str], text: &str) -> Option<&'static str> {
    const LONGEST: usize = "[object object]".len();
    let text = trimmed(text);
    // Most texts are longer than every word for an absent value, or begin with another character, so they need
    // no comparison.
    if text.len() > LONGEST || !begins_like_a_word(text) {
        return None;
    }
    words.iter().copied().find(|word| word.eq_ignore_ascii_case(text))
}

/// A text without surrounding white space. A text whose first and last bytes are printable ASCII is returned as
/// it is, which is the common case.
pub fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// Does the text begin with the first character of a word for an absent value, in either letter case?
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

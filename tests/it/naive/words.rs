//! The meaning of a text in a file: keys of addresses, logins and names, and the words of absence (counting.md
//! section 2, "Key of an address"). It must not know what the text is for.

/// Section 2: the words of absence for addresses, NameIDs and ids that may be a login, a name or an
/// organization.
const OF_ADDRESSES: [&str; 9] =
    ["null", "none", "nil", "nan", "na", "undefined", "unknown", "-", "--"];
/// One more of these, which is no word.
const QUESTION_MARK: &str = "?";
/// Section 2: the words that are never a login, a name or an organization either.
const OF_ALL: [&str; 11] = [
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

/// The text in full Unicode lower case, without white space around it.
fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Whether a login, a name or an organization is a word of absence, or empty.
pub fn names_nobody(text: &str) -> bool {
    let plain = plain(text);
    plain.is_empty() || OF_ALL.contains(&plain.as_str())
}

/// Whether an address, a NameID or an id is a word of absence.
pub fn says_nothing(text: &str) -> bool {
    let plain = plain(text);
    names_nobody(text) || OF_ADDRESSES.contains(&plain.as_str()) || plain == QUESTION_MARK
}

/// Section 2, "Key of an address": lower case, without white space around it. An empty text and a word of
/// absence have no key. The same holds for NameIDs.
pub fn key(text: &str) -> Option<String> {
    (!says_nothing(text)).then(|| plain(text))
}

/// The key of a login, which ignores letter case.
pub fn login(text: &str) -> Option<String> {
    (!names_nobody(text)).then(|| plain(text))
}

//! What a text of a file says: keys of addresses, logins and names, and the words by which a file says that there is
//! nothing (counting.md section 2, "Key of an address"). It must not know what the text is for.

/// Section 2: the words of absence of addresses, NameIDs and ids, as far as no login, name or organization is one.
const OF_ADDRESSES: [&str; 9] =
    ["null", "none", "nil", "nan", "na", "undefined", "unknown", "-", "--"];
/// One more of these, which is no word.
const QUESTION_MARK: &str = "?";
/// Section 2: those that are never a login, a name or an organization either.
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

/// The text in Unicode full lower case, without white space around.
fn plain(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Whether a login, a name or an organization says that there is none; empty says so, too.
pub fn names_nobody(text: &str) -> bool {
    let plain = plain(text);
    plain.is_empty() || OF_ALL.contains(&plain.as_str())
}

/// Whether an address, a NameID or an id says that there is none.
pub fn says_nothing(text: &str) -> bool {
    let plain = plain(text);
    names_nobody(text) || OF_ADDRESSES.contains(&plain.as_str()) || plain == QUESTION_MARK
}

/// Section 2, "Key of an address": lower case, without white space around; empty is no key, and neither is a word of
/// absence. So for NameIDs.
pub fn key(text: &str) -> Option<String> {
    (!says_nothing(text)).then(|| plain(text))
}

/// A login as it compares: without regard to letter case.
pub fn login(text: &str) -> Option<String> {
    (!names_nobody(text)).then(|| plain(text))
}

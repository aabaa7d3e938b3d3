//! Finds the addresses in the text of one field (directory.md section 1). Programs write several addresses into
//! one text in many ways, and a list that is taken for one address matches nobody. A text that does not show
//! where an address begins and ends is left out and counted. Nothing in it is guessed.

use super::values::{is_printed_object, pieces};
use crate::email;
use crate::model::DirectoryEntry;

/// Signs that programs put around a list, an item of a list or an address.
const AROUND: [char; 10] = ['[', ']', '{', '}', '(', ')', '"', '\'', '“', '”'];

/// The kinds of proxy addresses that are not addresses of mail as people write them.
const OTHER_KINDS: [&str; 10] =
    ["x500", "x400", "sip", "eum", "ms", "spo", "notes", "ccmail", "gwise", "fax"];

/// Adds the addresses in a text to an entry. The one with the prefix `SMTP:` becomes the primary address.
/// Returns the number of texts that have an @ and cannot be read.
pub fn add_addresses(entry: &mut DirectoryEntry, text: &str) -> u64 {
    each_address(text, &mut |address, is_primary| {
        add_address(&mut entry.addresses, address);
        if is_primary {
            entry.primary.get_or_insert_with(|| address.to_owned());
        }
    })
}

/// Adds an address to a list, unless the list has an address with the same key.
pub fn add_address(addresses: &mut Vec<String>, address: &str) {
    let is_equal = |it: &String| {
        it == address || (it.len() == address.len() && email::key(it) == email::key(address))
    };
    if !addresses.iter().any(is_equal) {
        // Every person has such a list and most lists are short, so room for exactly one more address saves
        // memory.
        addresses.reserve_exact(1);
        addresses.push(address.to_owned());
    }
}

/// The first address in a text.
pub fn first_address(text: &str) -> Option<String> {
    let mut first = None;
    let _counted_elsewhere = each_address(text, &mut |address, _| {
        first.get_or_insert_with(|| address.to_owned());
    });
    first
}

/// The address in a text that names one person by it, such as `Ada <ada@corp.example>`; `None` if the text is
/// something else, such as a distinguished name.
pub fn only_address(text: &str) -> Option<String> {
    if text.contains('=') {
        return None;
    }
    let mut found = Vec::new();
    let unread = each_address(text, &mut |address, _| found.push(address.to_owned()));
    if unread > 0 || found.len() > 1 { None } else { found.pop() }
}

/// Whether a text has an address, or something that may be one.
pub fn names_address(text: &str) -> bool {
    let mut found = false;
    each_address(text, &mut |_, _| found = true) > 0 || found
}

/// Hands each address in a text to `found`, with whether its prefix marks it as primary. Returns the number of
/// texts that have an @ and cannot be read.
fn each_address(text: &str, found: &mut dyn FnMut(&str, bool)) -> u64 {
    let text = email::trimmed(text);
    // Most texts are one address in plain letters, and need no further look.
    if is_plain(text) {
        found(text, false);
        return 0;
    }
    if !text.contains('@') || is_printed_object(text) {
        return 0;
    }
    if text.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<Option<String>>>(text)
    {
        return items.iter().flatten().map(|item| each_piece(item, found)).sum();
    }
    each_piece(text, found)
}

/// Whether a text is one address without any sign that may also separate two.
fn is_plain(text: &str) -> bool {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_local = !local.is_empty() && local.bytes().all(|byte| is_usual(byte) || byte == b'+');
    is_local && !domain.is_empty() && domain.bytes().all(is_usual)
}

fn each_piece(text: &str, found: &mut dyn FnMut(&str, bool)) -> u64 {
    let parts = pieces(text).flat_map(before_prefixes);
    parts.filter(|part| part.contains('@')).map(|part| read_part(part, found)).sum()
}

/// The parts of a text, each of which begins with the prefix of a proxy address. A `+` or a blank separates two of
/// them only if a prefix follows: `a+b@corp.example` stays one address.
fn before_prefixes(piece: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, byte) in piece.bytes().enumerate() {
        if matches!(byte, b'+' | b' ' | b'\t') && begins_with_prefix(&piece[at + 1..]) {
            parts.push(&piece[from..at]);
            from = at + 1;
        }
    }
    parts.push(&piece[from..]);
    parts
}

/// Whether a text begins with the prefix of a proxy address: letters and digits, then a colon.
fn begins_with_prefix(text: &str) -> bool {
    const LONGEST: usize = 16;
    let prefix = text.bytes().take(LONGEST).take_while(u8::is_ascii_alphanumeric).count();
    prefix > 0 && text.as_bytes().get(prefix) == Some(&b':')
}

/// Reads a part without separators of lists: one address, addresses with names (`Ada <ada@corp.example>`), or
/// addresses that blanks separate.
fn read_part(part: &str, found: &mut dyn FnMut(&str, bool)) -> u64 {
    let part = bare(part);
    // PowerShell cuts a long list at its end.
    if part.ends_with("...") || part.ends_with('…') {
        return 1;
    }
    let Some((_, mut rest)) = part.split_once('<') else { return read_prefixed(part, found) };
    let mut unread = 0;
    loop {
        let (inside, after) = rest.split_once('>').unwrap_or((rest, ""));
        unread += read_prefixed(inside, found);
        match after.split_once('<') {
            Some((_, next)) => rest = next,
            None => return unread + read_prefixed(after, found),
        }
    }
}

/// Reads a part that may begin with a prefix, such as `smtp:`. Addresses of other kinds (`x500:`, `SIP:`) are
/// left out.
fn read_prefixed(part: &str, found: &mut dyn FnMut(&str, bool)) -> u64 {
    let part = bare(part);
    let Some((prefix, rest)) = part.split_once(':') else { return read_words(part, false, found) };
    let is = |kind: &&str| kind.eq_ignore_ascii_case(prefix);
    if prefix == "SMTP" {
        read_words(rest, true, found)
    } else if is(&"smtp") || is(&"mailto") {
        read_words(rest, false, found)
    } else {
        u64::from(part.contains('@') && !OTHER_KINDS.iter().any(is))
    }
}

/// Reads addresses that blanks separate. A word without an @ beside them may be the beginning of an address with
/// a blank in it, so nothing is read then. Only a remark in brackets may follow.
fn read_words(text: &str, is_primary: bool, found: &mut dyn FnMut(&str, bool)) -> u64 {
    let text = match text.split_once('(') {
        Some((before, remark)) if !remark.contains('@') => before,
        _ => text,
    };
    let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
    let words = || text.split_whitespace().filter(is_word);
    if !words().all(|word| word.contains('@')) {
        return u64::from(text.contains('@'));
    }
    words().map(|word| read_word(word, is_primary, found)).sum()
}

/// Reads a text without blanks: one address, or several with a `+` or another sign between them that no domain
/// can have.
fn read_word(word: &str, is_primary: bool, found: &mut dyn FnMut(&str, bool)) -> u64 {
    const NEVER: [char; 8] = ['"', '<', '>', '(', ')', '[', ']', '\\'];
    let mut rest = bare(word);
    loop {
        let Some((local, after)) = rest.split_once('@') else { return 1 };
        let end = after.find(['+', '/', '&']).unwrap_or(after.len());
        let (domain, next) = after.split_at(end);
        let address = &rest[..local.len() + 1 + end];
        let is_cut = !next.is_empty() && !next.contains('@');
        if local.is_empty()
            || domain.is_empty()
            || domain.contains('@')
            || address.contains(NEVER)
            || is_cut
        {
            return 1;
        }
        found(address, is_primary);
        if next.is_empty() {
            return 0;
        }
        rest = &next[1..];
    }
}

/// A text without the blanks and signs around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|sign: char| sign.is_whitespace() || AROUND.contains(&sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, u64) {
        let mut found = Vec::new();
        let unread = each_address(text, &mut |address, is_primary| {
            found.push(format!("{}{address}", if is_primary { "SMTP:" } else { "" }));
        });
        (found, unread)
    }

    #[test]
    fn every_form_of_a_list_is_read() {
        for text in [
            "a@x.example b@x.example",
            "a@x.example\tb@x.example",
            "a@x.example;b@x.example",
            "a@x.example, b@x.example",
            "a@x.example|b@x.example",
            "a@x.example\nb@x.example",
            "a@x.example / b@x.example",
            "a@x.example/b@x.example",
            "a@x.example+b@x.example",
            r#"["a@x.example","b@x.example"]"#,
            r#"["a@x.example",null,"\u0062@x.example"]"#,
            "['a@x.example', 'b@x.example']",
            "('a@x.example', 'b@x.example', None)",
            "[a@x.example, b@x.example]",
            "{a@x.example, b@x.example}",
            "{smtp:a@x.example, smtp:b@x.example}",
            "\"a@x.example\",\"b@x.example\"",
            "Ada <a@x.example>, Bea <b@x.example>",
            "Ada <a@x.example> Bea <b@x.example>",
            "\"Lovelace, Ada\" <a@x.example>; <b@x.example>",
            "smtp:a@x.example b@x.example",
            "Smtp:a@x.example+smtp:b@x.example",
            "mailto:a@x.example, 'b@x.example'",
            "a@x.example (work), b@x.example (home)",
            "a@x.example;x500:/o=C/ou=Group (F)/cn=c@x;SIP:c@x.example;b@x.example",
        ] {
            let expected = ["a@x.example", "b@x.example"].map(str::to_owned).to_vec();
            assert_eq!(read(text), (expected, 0), "{text}");
        }
    }

    #[test]
    fn one_address_stays_as_it_is() {
        for text in [
            "ada@corp.example",
            "ada+git@corp.example",
            "o'neil@corp.example",
            "ada_guest.example#EXT#@corp.example",
            "ada/l=1@corp.example",
            "größe@corp.example",
            "ADA@Corp.Example",
        ] {
            assert_eq!(read(text), (vec![text.to_owned()], 0));
        }
        assert_eq!(read("SMTP:a@x.example"), (vec!["SMTP:a@x.example".to_owned()], 0));
        for text in ["", "ada", "n/a", "x500:/o=C/cn=a", "@{mail=a@x.example}", "System.Object[]"] {
            assert_eq!(read(text), (Vec::new(), 0), "{text}");
        }
    }

    #[test]
    fn what_does_not_show_its_ends_is_counted() {
        for text in [
            "ada lovelace@x.example",
            "Ada Lovelace ada@x.example",
            "@ada",
            "ada@",
            "a@x.exampleb@x.example",
            r#"[{"value":"a@x.example"}]"#,
            "work: a@x.example",
            "ada@x.example/laptop",
            "{a@x.exam...}",
        ] {
            assert_eq!(read(text), (Vec::new(), 1), "{text}");
        }
        assert_eq!(read("a@x.example, ada b@x.example"), (vec!["a@x.example".to_owned()], 1));
    }

    #[test]
    fn a_manager_is_named_by_one_address() {
        for (text, expected) in [
            ("Ada <ada@x.example>", Some("ada@x.example")),
            ("smtp:ada@x.example", Some("ada@x.example")),
            ("ada@x.example", Some("ada@x.example")),
            ("CN=ada@x.example,OU=People", None),
            ("a@x.example, b@x.example", None),
            ("Ada Lovelace", None),
        ] {
            assert_eq!(only_address(text).as_deref(), expected, "{text}");
        }
    }
}

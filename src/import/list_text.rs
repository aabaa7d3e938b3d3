//! Splits a list that arrived as one text (formats.md section 1). A text is refused if it does not show where
//! one value ends and the next begins.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::email;
use crate::model::ServerId;

/// What the items of a list are. It decides how two items are noticed that only a blank separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// The items are e-mail addresses.
    Addresses,
    /// The items are ids of Server accounts.
    Ids,
    /// The items are pairs of an organization and a role, `org:Role`.
    Pairs,
    /// The items are texts that may contain blanks, such as enterprise roles.
    Words,
}

/// Why a list in a text cannot be split: what the text looks like, in words.
pub type Unclear = &'static str;

/// The words for a text that a shell prints in place of an object.
const OBJECT: Unclear = "what a shell prints for an object";

/// Splits a text that has a known form: values separated by commas, semicolons or newlines, or a JSON or Python
/// list. Returns `None` if [`crate::model::split_cell`] can split the text.
///
/// # Errors
/// A description of the text, if it has none of these forms.
pub fn split(text: &str, items: Items) -> Result<Option<Vec<Cow<'_, str>>>, Unclear> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    if let Some(found) = printed_object(trimmed) {
        return Err(found);
    }
    if is_call(trimmed) {
        return Err(OF_A_PROGRAM);
    }
    if trimmed.starts_with('[') {
        let list = in_brackets(trimmed)?;
        list.iter().try_for_each(|item| one(item, items))?;
        return Ok(Some(list));
    }
    if trimmed.starts_with(['\'', '"']) && trimmed.len() > 2 {
        let list = quoted_items(trimmed).ok_or("a list in an unknown form")?;
        list.iter().try_for_each(|item| one(item, items))?;
        return Ok(Some(list));
    }
    let plain = !trimmed.contains(';');
    let pieces = trimmed.split([',', ';', '\n', '\r']).map(str::trim).filter(|it| !it.is_empty());
    let pieces: Vec<&str> = pieces.collect();
    pieces.iter().try_for_each(|piece| one(piece, items))?;
    Ok((!plain).then(|| pieces.into_iter().map(Cow::Borrowed).collect()))
}

/// Checks that an item of a list is a single value.
///
/// # Errors
/// A description of the item, if the item is not a single value.
pub fn one(item: &str, items: Items) -> Result<(), Unclear> {
    if let Some(found) = printed_object(item) {
        return Err(found);
    }
    // Most items consist of letters, digits and a few other characters only. They need no further check.
    let is_plain = item.bytes().fold(true, |plain, byte| plain & PLAIN[usize::from(byte)]);
    if is_plain && items != Items::Addresses {
        return Ok(());
    }
    let said = match items {
        Items::Pairs => item.split_once(':').map_or(item, |(organization, _)| organization),
        _ => item,
    };
    if email::word_of_absence(said).is_some() {
        return Ok(());
    }
    if let Some(found) = bracketed(item) {
        return Err(found);
    }
    if items == Items::Addresses && memchr::memchr_iter(b'@', item.as_bytes()).count() > 1 {
        return Err("several values with nothing that separates them");
    }
    if is_plain {
        return Ok(());
    }
    if items != Items::Words && item.contains("<br") {
        return Err("several values with nothing that separates them");
    }
    if !item.bytes().any(|byte| byte == b'|' || byte.is_ascii_whitespace() || !byte.is_ascii()) {
        return Ok(());
    }
    let parts = || {
        let parts = item.split(|it: char| it == '|' || it.is_whitespace());
        parts.filter(|part| !part.is_empty())
    };
    let joined = match items {
        Items::Addresses => parts().filter(|part| part.contains('@')).count() > 1,
        Items::Ids => parts().filter(|part| ServerId::parse(part).is_some()).count() > 1,
        Items::Pairs => parts().filter(|part| part.contains(':')).count() > 1,
        Items::Words => false,
    };
    if joined { Err("several values with nothing but blanks or bars between them") } else { Ok(()) }
}

/// For each byte, whether it can neither begin an object or list that a program printed nor separate two
/// values. Texts with such bytes only are quickly accepted.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = matches!(
            byte as u8,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'.' | b'_' | b'-' | b':' | b'/' | b'+' | b'@'
        );
        byte += 1;
    }
    plain
};

/// The words for a list or an object in the notation of a programming language.
const OF_A_PROGRAM: Unclear = "a list or an object as a program prints it";

/// Describes a text that begins like a list or an object that a program printed; `None` for any other text.
pub fn bracketed(text: &str) -> Option<Unclear> {
    let text = text.trim_start();
    let begins = text.starts_with(['{', '(', '<', '[']) || text.starts_with("#<");
    begins.then_some(OF_A_PROGRAM)
}

/// Whether a text is a call that makes a list, such as `c("a")`, `list(…)` or `array([…])`.
fn is_call(text: &str) -> bool {
    let name = text.split_once('(').filter(|_| text.ends_with(')')).map(|(name, _)| name);
    name.is_some_and(|it| {
        !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// Describes a text that a shell or a script prints in place of an object or a list; `None` for any other text.
pub fn printed_object(text: &str) -> Option<Unclear> {
    let text = email::trimmed(text);
    match text.as_bytes().first() {
        Some(b'@' | b'[' | b's' | b'S' | b'm' | b'M' | b'n' | b'N') => {}
        _ => return None,
    }
    let begins =
        |start: &str| text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
    if begins("@{") {
        return Some(OBJECT);
    }
    if begins("[object ") {
        return Some(OBJECT);
    }
    let of_a_type = ["system.", "microsoft.", "newtonsoft."].into_iter().any(begins);
    let is_value = || text.contains(['@', '/']) || (text.contains(':') && !text.contains("::"));
    (of_a_type && !is_value()).then_some("the name of a type in place of its values")
}

/// The items of a list in JSON or Python notation. The items `null` and `None` are left out.
fn in_brackets(text: &str) -> Result<Vec<Cow<'_, str>>, Unclear> {
    const UNKNOWN: Unclear = "a list in an unknown form";
    if let Ok(items) = serde_json::from_str::<Vec<Json>>(text) {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Json::Null => {}
                Json::String(text) => list.push(Cow::Owned(text)),
                Json::Number(number) => list.push(Cow::Owned(number.to_string())),
                Json::Bool(_) => return Err("a list of values other than texts"),
                Json::Array(_) | Json::Object(_) => return Err("a list of objects"),
            }
        }
        return Ok(list);
    }
    let inner = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).ok_or(UNKNOWN)?;
    if inner.trim().is_empty() {
        return Ok(Vec::new());
    }
    if inner.contains('{') {
        return Err("a list of objects");
    }
    quoted_items(inner).ok_or(UNKNOWN)
}

/// The items in single or double quotes with commas between them, as Python writes a list; `None` if the text
/// has another form.
fn quoted_items(text: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut list = Vec::new();
    let mut rest = text.trim();
    loop {
        if let Some(after) = rest.strip_prefix("None") {
            rest = after.trim_start();
        } else {
            let quote = rest.chars().next().filter(|it| matches!(it, '\'' | '"'))?;
            let inner = &rest[1..];
            let end = inner.find(quote)?;
            if inner[..end].contains('\\') {
                return None;
            }
            list.push(Cow::Borrowed(&inner[..end]));
            rest = inner[end + 1..].trim_start();
        }
        if rest.is_empty() {
            return Some(list);
        }
        rest = rest.strip_prefix(',')?.trim_start();
        if rest.is_empty() {
            return Some(list);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, items: Items) -> Result<Option<Vec<String>>, Unclear> {
        let list = split(text, items)?;
        Ok(list.map(|list| list.into_iter().map(Cow::into_owned).collect()))
    }

    #[test]
    fn a_list_in_one_text_is_split_where_its_form_is_plain() {
        let list = |items: &[&str]| {
            Ok(Some(items.iter().map(|it| (*it).to_owned()).collect::<Vec<String>>()))
        };
        for (text, expected) in [
            ("a@x.example", Ok(None)),
            ("a@x.example, b@x.example\nc@x.example", Ok(None)),
            ("  ", Ok(None)),
            ("a@x.example;b@x.example", list(&["a@x.example", "b@x.example"])),
            (r#"["a@x.example","b@x.example"]"#, list(&["a@x.example", "b@x.example"])),
            (r#"["a@x.example",null]"#, list(&["a@x.example"])),
            ("['a@x.example', 'b@x.example']", list(&["a@x.example", "b@x.example"])),
            (
                r#"["o'neil@x.example", 'b@x.example', None]"#,
                list(&["o'neil@x.example", "b@x.example"]),
            ),
            (r#""a@x.example","b@x.example""#, list(&["a@x.example", "b@x.example"])),
            ("[]", list(&[])),
            ("[ ]", list(&[])),
        ] {
            assert_eq!(told(text, Items::Addresses), expected, "{text}");
        }
        assert_eq!(told("[17, 18]", Items::Ids), list(&["17", "18"]));
        assert_eq!(told("Owner Member", Items::Words), Ok(None));
        assert_eq!(told("org/repo:Outside collaborator", Items::Pairs), Ok(None));
        assert_eq!(told("microsoft.example:Owner", Items::Pairs), Ok(None));
        assert_eq!(told("system.admin@x.example", Items::Addresses), Ok(None));
    }

    #[test]
    fn a_list_that_nobody_can_split_is_refused() {
        for (text, items) in [
            ("System.Object[]", Items::Addresses),
            ("system.string[]", Items::Words),
            ("System.Collections.ArrayList", Items::Pairs),
            ("System.Collections.Generic.List`1[System.String]", Items::Ids),
            ("Microsoft.Graph.PowerShell.Models.MicrosoftGraphUserCollection", Items::Addresses),
            ("[object Object]", Items::Addresses),
            ("[object Object],[object Object]", Items::Addresses),
            ("@{email=a@x.example; verified=True}", Items::Addresses),
            ("a@x.example b@x.example", Items::Addresses),
            ("a@x.example|b@x.example", Items::Addresses),
            ("math:Owner physics:Member", Items::Pairs),
            ("ghe.x.example:17 ghe.x.example:18", Items::Ids),
            ("[a@x.example, b@x.example]", Items::Addresses),
            (r#"[{"email":"a@x.example"}]"#, Items::Addresses),
            ("[{'email': 'a@x.example'}]", Items::Addresses),
            ("['a@x.example'", Items::Addresses),
        ] {
            assert!(told(text, items).is_err(), "{text}");
        }
    }
}

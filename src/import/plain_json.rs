//! Recognizes plain JSON by its bytes: strings without escapes, integers, `true`, `false` and `null`, lists of
//! such strings, and lists of flat objects of such values.
//!
//! For any other JSON the functions return `None`, never an error, and the parser reads the record.

use std::ops::Range;

use crate::model::first_escaped;

/// A plain JSON value, with the range of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// The value `null`.
    Null,
    /// The value `true` or `false`.
    Bool(bool),
    /// A number, as the range of its digits.
    Number(Range<usize>),
    /// A string, as the range of its text without the quotes.
    Text(Range<usize>),
    /// A list of strings, as a range of indexes into `items`.
    Texts(Range<usize>),
    /// A list of objects, as the range of its text with the brackets. The flag says whether the text is in
    /// canonical form already.
    Objects(Range<usize>, bool),
}

/// Reads the value at the offset `at`. Returns it with the offset of its end. The strings of a list are added
/// to `items`.
pub fn value(bytes: &[u8], at: usize, items: &mut Vec<Range<usize>>) -> Option<(Plain, usize)> {
    match bytes.get(at)? {
        b'[' => list(bytes, at, items),
        _ => scalar(bytes, at),
    }
}

fn scalar(bytes: &[u8], at: usize) -> Option<(Plain, usize)> {
    let word =
        |word: &[u8], value| bytes[at..].starts_with(word).then_some((value, at + word.len()));
    match bytes.get(at)? {
        b'"' => {
            let end = closing_quote(bytes, at + 1)?;
            Some((Plain::Text(at + 1..end), end + 1))
        }
        b'n' => word(b"null", Plain::Null),
        b't' => word(b"true", Plain::Bool(true)),
        b'f' => word(b"false", Plain::Bool(false)),
        b'0'..=b'9' => {
            let end = whole_number(bytes, at)?;
            Some((Plain::Number(at..end), end))
        }
        _ => None,
    }
}

/// The offset at which the integer at `at` ends; `None` if a fraction or an exponent follows, or if it has a
/// superfluous leading zero.
fn whole_number(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let end = at + digits;
    let goes_on = matches!(bytes.get(end)?, b'.' | b'e' | b'E' | b'+' | b'-');
    (!goes_on && (digits == 1 || bytes[at] != b'0')).then_some(end)
}

fn list(bytes: &[u8], from: usize, items: &mut Vec<Range<usize>>) -> Option<(Plain, usize)> {
    let first = items.len();
    let mut at = behind_blanks(bytes, from + 1);
    match bytes.get(at)? {
        b']' => return Some((Plain::Texts(first..first), at + 1)),
        b'{' => return objects(bytes, from),
        _ => {}
    }
    loop {
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        let end = closing_quote(bytes, at + 1)?;
        items.push(at + 1..end);
        at = end + 1;
        // Most lists have no blanks, so checking one byte saves most calls of `behind_blanks`.
        if matches!(bytes.get(at)?, b' ' | b'\n' | b'\r' | b'\t') {
            at = behind_blanks(bytes, at);
        }
        match bytes.get(at)? {
            b',' => at = behind_blanks(bytes, at + 1),
            b']' => return Some((Plain::Texts(first..items.len()), at + 1)),
            _ => return None,
        }
    }
}

/// Reads a list of flat objects that begins at `from`.
fn objects(bytes: &[u8], from: usize) -> Option<(Plain, usize)> {
    let mut is_canonical = true;
    let mut at = from + 1;
    loop {
        let begin = behind_blanks(bytes, at);
        let (end, canonical) = object(bytes, begin, &mut |_, _| ())?;
        let next = behind_blanks(bytes, end);
        is_canonical &= canonical && begin == at && next == end;
        at = next + 1;
        match bytes.get(next)? {
            b',' => {}
            b']' => return Some((Plain::Objects(from..at, is_canonical), at)),
            _ => return None,
        }
    }
}

/// Reads the flat object at `at`. Returns where it ends, and whether it is in canonical form (keys sorted, no
/// blanks). `member` is called with the ranges of each key and value; the range of a string value includes its
/// quotes.
fn object(
    bytes: &[u8],
    mut at: usize,
    member: &mut dyn FnMut(Range<usize>, Range<usize>),
) -> Option<(usize, bool)> {
    let mut is_canonical = true;
    let mut before: &[u8] = b"";
    let mut sign = b'{';
    loop {
        if *bytes.get(at)? != sign {
            return None;
        }
        let quote = behind_blanks(bytes, at + 1);
        if bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let key = quote + 1..closing_quote(bytes, quote + 1)?;
        let colon = behind_blanks(bytes, key.end + 1);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let value = behind_blanks(bytes, colon + 1);
        let (_, end) = scalar(bytes, value).filter(|(it, _)| !is_long(it))?;
        let next = behind_blanks(bytes, end);
        let name = &bytes[key.clone()];
        is_canonical &= (sign == b'{' || before < name)
            && quote == at + 1
            && colon == key.end + 1
            && value == colon + 1
            && next == end;
        before = name;
        member(key, value..end);
        (at, sign) = (next, b',');
        if *bytes.get(at)? == b'}' {
            return Some((at + 1, is_canonical));
        }
    }
}

/// Whether a number has so many digits that a parser might lose some of them.
fn is_long(value: &Plain) -> bool {
    const LONGEST: usize = 18;
    matches!(value, Plain::Number(digits) if digits.len() > LONGEST)
}

/// A list of flat objects in canonical form (keys sorted, no blanks); `None` if a key occurs twice in an
/// object.
pub fn canonical(list: &str) -> Option<String> {
    let bytes = list.as_bytes();
    let mut out = String::with_capacity(list.len());
    let mut members: Vec<(&str, &str)> = Vec::new();
    let mut at = 0;
    loop {
        members.clear();
        let begin = behind_blanks(bytes, at + 1);
        let (end, _) = object(bytes, begin, &mut |key, value| {
            // Each range begins and ends next to an ASCII character, so `get` never splits a character.
            members.extend(list.get(key).zip(list.get(value)));
        })?;
        members.sort_unstable();
        if members.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return None;
        }
        out.push(if at == 0 { '[' } else { ',' });
        for (index, (key, value)) in members.iter().enumerate() {
            out.push_str(if index == 0 { "{\"" } else { ",\"" });
            out.push_str(key);
            out.push_str("\":");
            out.push_str(value);
        }
        out.push('}');
        at = behind_blanks(bytes, end);
        if *bytes.get(at)? != b',' {
            out.push(']');
            return Some(out);
        }
    }
}

/// The first offset, from `at` on, that is no JSON white space.
pub fn behind_blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// The offset of the quote that ends the string whose text begins at `at`; `None` if an escape or a control
/// character comes first, or if no quote follows.
pub fn closing_quote(bytes: &[u8], at: usize) -> Option<usize> {
    first_escaped(bytes, at).filter(|found| bytes[*found] == b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_objects_are_put_into_the_form_that_a_parser_gives_them() {
        for (text, as_it_stands) in [
            (r#"[{"email":"a@x.example","primary":true}]"#, true),
            (r#"[{"email":"a@x.example"},{"email":null,"n":12}]"#, true),
            (r#"[{"primary":false,"email":"a@x.example"}]"#, false),
            ("[\n  {\n    \"b\" : 1,\n    \"a\": \"ü\"\n  }\n]", false),
            ("[ {\"b\":1} , {\"a\":\"x\"} ]", false),
        ] {
            let found = value(text.as_bytes(), 0, &mut Vec::new());
            assert_eq!(found, Some((Plain::Objects(0..text.len(), as_it_stands), text.len())));
            let mut parsed: serde_json::Value = serde_json::from_str(text).expect("JSON");
            parsed.sort_all_objects();
            assert_eq!(canonical(text), Some(parsed.to_string()));
        }
        for text in [
            r#"[{"a":1.5}]"#,
            r#"[{"a":[]}]"#,
            r#"[{"a":{}}]"#,
            r"[{}]",
            r#"[{"a":1},"b"]"#,
            r#"[{"a":01}]"#,
            r#"[{"a":1234567890123456789}]"#,
            r#"[{"a":"\n"}]"#,
            r#"[{"a":1,}]"#,
            r#"[{"a":1}"#,
        ] {
            assert_eq!(value(text.as_bytes(), 0, &mut Vec::new()), None, "{text}");
        }
        assert_eq!(canonical(r#"[{"a":1,"a":2}]"#), None);
    }
}

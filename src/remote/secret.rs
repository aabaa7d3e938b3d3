//! Finds a secret in the texts of other programs, in every encoding that these programs may use, and removes
//! it.
//!
//! A text may repeat a token in another form: a URL has `%67` for a letter, JSON has `\u0067`, HTML has
//! `&#103;`, UTF-16 has zero bytes between the letters, a host name has no capitals, and a Basic log-in is the
//! Base64 of a user name and the token. This file does not depend on HTTP.

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};

/// The minimum length of a token that cannot occur in an answer by chance. Shorter tokens can: `enterprise`,
/// `password`, `1234`. GitHub's tokens have 40 characters or more.
const TELLING: usize = 16;

/// The texts that reveal a secret.
#[derive(Clone)]
pub(super) struct Secret {
    texts: Vec<Text>,
    /// For each value of a byte: can one of the texts begin with this byte, in any encoding?
    begins: Vec<bool>,
}

#[derive(Clone)]
struct Text {
    bytes: Vec<u8>,
    /// Is the text Base64? Base64 has two alphabets.
    base64: bool,
}

impl Secret {
    /// The texts that reveal a token, alone or in the Basic log-in that a user makes with the token.
    pub fn new(token: &str, user: Option<&str>) -> Secret {
        let mut texts = Vec::new();
        if token.len() >= TELLING {
            texts.push(Text { bytes: token.as_bytes().to_vec(), base64: false });
            // The Base64 of a token depends on the position of the token within groups of three bytes, which
            // become four characters.
            for before in 0..3 {
                let text = [&vec![0; before], token.as_bytes()].concat();
                let encoded = BASE64_STANDARD_NO_PAD.encode(&text);
                // Characters that also depend on the bytes before or after the token are left out.
                let own = (before * 8).div_ceil(6)..text.len() * 8 / 6;
                texts.push(Text { bytes: encoded.as_bytes()[own].to_vec(), base64: true });
            }
        } else {
            let bearer = format!("Bearer {token}");
            if bearer.len() >= TELLING {
                texts.push(Text { bytes: bearer.into_bytes(), base64: false });
            }
            let login = user.map(|user| BASE64_STANDARD_NO_PAD.encode(format!("{user}:{token}")));
            if let Some(login) = login.filter(|login| login.len() >= TELLING) {
                texts.push(Text { bytes: login.into_bytes(), base64: true });
            }
        }
        let begins = |byte: u8| {
            matches!(byte, b'%' | b'\\' | b'&') || texts.iter().any(|text| text.is_at(0, byte))
        };
        let begins = (0..=u8::MAX).map(begins).collect();
        Secret { texts, begins }
    }

    /// Is the token so short that it may be in an answer by chance?
    pub fn occurs_by_chance(token: &str) -> bool {
        token.len() < TELLING
    }

    /// Does a text contain the secret, in any encoding?
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.find(text, 0).is_some()
    }

    /// The text with `(token)` in place of every occurrence of the secret.
    pub fn scrub(&self, text: &str) -> String {
        let bytes = text.as_bytes();
        let (mut scrubbed, mut done) = (Vec::new(), 0);
        while let Some((from, to)) = self.find(bytes, done) {
            scrubbed.extend_from_slice(&bytes[done..from]);
            scrubbed.extend_from_slice(b"(token)");
            done = to;
        }
        scrubbed.extend_from_slice(&bytes[done..]);
        String::from_utf8_lossy(&scrubbed).into_owned()
    }

    /// The range of the first occurrence of the secret at or after the position `from`.
    fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        (from..text.len()).filter(|at| self.begins[usize::from(text[*at])]).find_map(|at| {
            let (found, end) = self.texts.iter().find_map(|it| Some((it, it.ends(text, at)?)))?;
            if !found.base64 {
                return Some((at, end));
            }
            // The Base64 before and after the token belongs to the same log-in, so the whole log-in is removed.
            let before = text[from..at].iter().rev().take_while(|byte| is_base64(**byte)).count();
            let behind = text[end..].iter().take_while(|byte| is_base64(**byte)).count();
            Some((at - before, end + behind))
        })
    }
}

impl Text {
    /// Does the text have this byte at the position `place`, regardless of letter case and Base64 alphabet?
    fn is_at(&self, place: usize, byte: u8) -> bool {
        let byte = match byte {
            b'-' if self.base64 => b'+',
            b'_' if self.base64 => b'/',
            byte => byte,
        };
        self.bytes.get(place).is_some_and(|it| it.eq_ignore_ascii_case(&byte))
    }

    /// If this text occurs in the bytes `text` at the position `at`, in any encoding, the position after the
    /// occurrence. Otherwise `None`.
    fn ends(&self, text: &[u8], mut at: usize) -> Option<usize> {
        for place in 0..self.bytes.len() {
            let plain = *text.get(at)?;
            if self.is_at(place, plain) {
                at += 1;
            } else {
                let (character, length) = character(&text[at..])?;
                if !self.is_at(place, character) {
                    return None;
                }
                at += length;
            }
            // UTF-16 has zero bytes between the characters, which are skipped.
            at += text[at..].iter().take_while(|byte| **byte == 0).count();
        }
        Some(at)
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// The character at the beginning of a text, in any encoding, and the number of its bytes.
fn character(text: &[u8]) -> Option<(u8, usize)> {
    let (mut byte, mut length) = escaped(text)?;
    // The percent sign may be encoded as well: `%2567` stands for `%67`, and so on.
    while byte == b'%' {
        let Some((high, first)) = escaped(&text[length..]) else { break };
        let Some((low, second)) = escaped(&text[length + first..]) else { break };
        let Some(value) = number(&[high, low], 16) else { break };
        (byte, length) = (value, length + first + second);
    }
    Some((byte, length))
}

/// The character at the beginning of a text, in any encoding except for percent encoding, and the number of its
/// bytes.
fn escaped(text: &[u8]) -> Option<(u8, usize)> {
    let first = *text.first()?;
    let rest = &text[1..];
    match first {
        b'\\' => {
            // A character in JSON within JSON has several backslashes.
            let slashes = text.iter().take_while(|byte| **byte == b'\\').count();
            let (kind, digits) = text[slashes..].split_first()?;
            let length = match kind {
                b'u' => 4,
                b'x' => 2,
                plain => return Some((*plain, slashes + 1)),
            };
            Some((number(digits.get(..length)?, 16)?, slashes + 1 + length))
        }
        b'&' if rest.first() == Some(&b'#') => {
            let end = rest.iter().take(8).position(|byte| *byte == b';')?;
            let value = match &rest[1..end] {
                [b'x' | b'X', digits @ ..] => number(digits, 16)?,
                digits => number(digits, 10)?,
            };
            Some((value, end + 2))
        }
        plain => Some((plain, 1)),
    }
}

/// The ASCII character with the code that the digits state, if it is one.
fn number(digits: &[u8], base: u32) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let value = u32::from_str_radix(std::str::from_utf8(digits).ok()?, base).ok()?;
    u8::try_from(value).ok().filter(u8::is_ascii)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};

    use super::*;

    const TOKEN: &str = "ghp_Sesam0effneDich7fuerNiemanden";

    #[test]
    fn every_form_is_found_and_taken_out() {
        let secret = Secret::new(TOKEN, Some("audit"));
        let each = |form: &dyn Fn(char) -> String| TOKEN.chars().map(form).collect::<String>();
        let some = |form: &dyn Fn(u32) -> String| {
            let odd = |(place, it): (usize, char)| {
                if place % 3 == 1 { form(it as u32) } else { it.to_string() }
            };
            TOKEN.chars().enumerate().map(odd).collect::<String>()
        };
        let json = each(&|it| format!("\\u{:04X}", it as u32));
        let percent = each(&|it| format!("%{:02x}", it as u32));
        for form in [
            TOKEN.to_owned(),
            TOKEN.to_uppercase(),
            format!("Bearer {TOKEN}"),
            percent.clone(),
            percent.replace('%', "%25"),
            percent.replace('%', "%2525"),
            percent.replace('%', "\\u0025"),
            some(&|it| format!("%{it:02X}")),
            some(&|it| format!("\\u{it:04x}")),
            some(&|it| format!("\\x{it:02x}")),
            some(&|it| format!("&#{it};")),
            some(&|it| format!("&#x{it:x};")),
            json.replace('\\', "\\\\"),
            json,
            BASE64_STANDARD.encode(TOKEN),
            BASE64_STANDARD.encode(format!("audit:{TOKEN}")),
            BASE64_URL_SAFE.encode(format!("au:{TOKEN}")),
            BASE64_STANDARD.encode(format!("a:{TOKEN}:b")),
            BASE64_STANDARD
                .encode(format!("audit:{TOKEN}"))
                .replace('=', "%3D")
                .replace('N', "%4e"),
            each(&|it| format!("{it}\0")),
        ] {
            let text = format!("<\u{e9}\\ {form} &>");
            assert!(secret.is_in(text.as_bytes()), "{text}");
            let scrubbed = secret.scrub(&text);
            assert!(
                !secret.is_in(scrubbed.as_bytes()) && scrubbed.contains("(token)"),
                "{scrubbed}"
            );
            assert!(scrubbed.starts_with("<\u{e9}") && scrubbed.ends_with("&>"), "{scrubbed}");
            assert!(scrubbed.len() < 40, "nothing of it is left: {scrubbed}");
            let twice = format!("{form} {form}");
            assert!(!secret.is_in(secret.scrub(&twice).as_bytes()), "{twice}");
        }
    }

    #[test]
    fn what_is_none_of_it_stays_as_it_is() {
        let secret = Secret::new(TOKEN, None);
        for text in [
            "",
            "%",
            "\\",
            "\\u",
            "\\u00",
            "&#",
            "&#;",
            "&#99999;",
            "%g1%2",
            "ghp_",
            "ghp_Sesam0effneDich7fuerNiemande",
            "Z2hwX1Nlc2FtMGVm",
            "\u{e9}\u{10ffff}",
            "{\"users\":[{\"github_com_login\":\"ann\"}]}",
        ] {
            assert_eq!(secret.scrub(text), text);
            assert!(!secret.is_in(text.as_bytes()));
        }
    }

    #[test]
    fn a_short_one_makes_no_answer_suspect_but_its_log_in_does() {
        for short in ["a", "users", "enterprise", "fifteen-letters"] {
            let secret = Secret::new(short, Some("oneseat"));
            assert!(Secret::occurs_by_chance(short));
            assert!(!secret.is_in(format!("the {short} of it").as_bytes()), "{short}");
            let login = BASE64_STANDARD.encode(format!("oneseat:{short}"));
            assert_eq!(secret.is_in(login.as_bytes()), login.trim_end_matches('=').len() >= 16);
        }
        assert!(
            Secret::new("hunter2-pass", None).is_in(b"{\"authorization\":\"bearer hunter2-pass\"}")
        );
    }
}

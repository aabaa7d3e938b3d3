//! Finds a secret (a token) in texts of other programs, in every encoding in which they may repeat it, and
//! removes it.
//!
//! A text may repeat a token in another form: a URL has `%67` for a letter, JSON has `\u0067`, HTML has
//! `&#103;`, UTF-16 has zero bytes between the letters, a host name has no capitals, and a Basic log-in is the
//! Base64 of a user name and the token. This file does not depend on HTTP.

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};

/// The length from which a token cannot be in an answer by chance. Shorter ones can, such as `enterprise`,
/// `password` or `1234`. GitHub's tokens have 40 characters or more.
const TELLING: usize = 16;

/// The texts that would reveal a secret: the token, its Base64, and log-ins with it.
#[derive(Clone)]
pub(super) struct Secret {
    texts: Vec<Text>,
    /// For each value of a byte, whether one of the texts can begin with it in any encoding. It makes the
    /// search fast.
    begins: Vec<bool>,
}

#[derive(Clone)]
struct Text {
    bytes: Vec<u8>,
    /// Is the text Base64? If so, the characters of both Base64 alphabets count as equal.
    base64: bool,
}

impl Secret {
    /// The texts that would reveal a token. They include the log-in that a user makes with the token.
    pub fn new(token: &str, user: Option<&str>) -> Secret {
        let mut texts = Vec::new();
        if token.len() >= TELLING {
            texts.push(Text { bytes: token.as_bytes().to_vec(), base64: false });
            // Base64 turns three bytes into four characters, so the Base64 of a token depends on where in a
            // group of three bytes the token begins.
            for before in 0..3 {
                let text = [&vec![0; before], token.as_bytes()].concat();
                let encoded = BASE64_STANDARD_NO_PAD.encode(&text);
                // The first and last characters of the Base64 also depend on the bytes around the token, so
                // they are left out.
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

    /// Is the secret contained in a text, as it is or encoded?
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.find(text, 0).is_some()
    }

    /// The text with `(token)` in place of the secret, wherever it occurs.
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

    /// Where the secret first occurs at or behind the offset `from`: the beginning and the end.
    fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        (from..text.len()).filter(|at| self.begins[usize::from(text[*at])]).find_map(|at| {
            let (found, end) = self.texts.iter().find_map(|it| Some((it, it.ends(text, at)?)))?;
            if !found.base64 {
                return Some((at, end));
            }
            // Base64 characters directly before and behind the token belong to the same log-in, so they are
            // removed too.
            let before = text[from..at].iter().rev().take_while(|byte| is_base64(**byte)).count();
            let behind = text[end..].iter().take_while(|byte| is_base64(**byte)).count();
            Some((at - before, end + behind))
        })
    }
}

impl Text {
    /// Does the text have the character `byte` at the offset `place`? Letter case does not matter, and neither
    /// does the Base64 alphabet.
    fn is_at(&self, place: usize, byte: u8) -> bool {
        let byte = match byte {
            b'-' if self.base64 => b'+',
            b'_' if self.base64 => b'/',
            byte => byte,
        };
        self.bytes.get(place).is_some_and(|it| it.eq_ignore_ascii_case(&byte))
    }

    /// Where this text ends if it occurs, in any encoding, at the offset `at` of the bytes `text`; `None` if it
    /// does not.
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
            // UTF-16 has zero bytes between ASCII characters. They are skipped.
            at += text[at..].iter().take_while(|byte| **byte == 0).count();
        }
        Some(at)
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

/// The character at the beginning of a text, and the number of bytes in which it is encoded.
fn character(text: &[u8]) -> Option<(u8, usize)> {
    let (mut byte, mut length) = escaped(text)?;
    // The percent sign may itself be encoded: `%2567` stands for `%67`, and so on.
    while byte == b'%' {
        let Some((high, first)) = escaped(&text[length..]) else { break };
        let Some((low, second)) = escaped(&text[length + first..]) else { break };
        let Some(value) = number(&[high, low], 16) else { break };
        (byte, length) = (value, length + first + second);
    }
    Some((byte, length))
}

/// The character at the beginning of a text, and the number of bytes in which it is encoded. Percent encoding
/// is not undone here.
fn escaped(text: &[u8]) -> Option<(u8, usize)> {
    let first = *text.first()?;
    let rest = &text[1..];
    match first {
        b'\\' => {
            // JSON within JSON has several backslashes before a character.
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

/// The ASCII character with the number that the digits state; `None` if there is none.
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

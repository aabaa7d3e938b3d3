//! Markup: text that is HTML already. Every text of the data becomes markup here, escaped, isolated from the
//! direction of the text around it, and without characters that a browser would obey.

use std::fmt::{Display, Formatter, Result, Write as _};

use crate::error::printable;

/// Text that is HTML. A template prints it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Markup(pub String);

impl Display for Markup {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

impl Markup {
    /// Nothing at all.
    pub fn nothing() -> Markup {
        Markup::default()
    }
}

/// Escapes a text for HTML, as the content of an element or of an attribute in double quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(character),
            other => out.push(other),
        }
    }
    out
}

/// A text of the data: shown as it is, and isolated from its surroundings.
pub(super) fn text(text: &str) -> Markup {
    Markup(format!("<bdi>{}</bdi>", escaped(&printable(text))))
}

/// A text of the data that may be unknown.
pub(super) fn text_or_unknown(known: Option<&str>) -> Markup {
    known.map_or_else(|| unknown("not stated"), text)
}

/// A word in place of a value that is not known.
pub(super) fn unknown(word: &str) -> Markup {
    Markup(format!("<span class=\"unknown\">{}</span>", escaped(word)))
}

/// A value for a fragment (`#people?org=…`): all but letters, digits and a few signs as percent and two digits.
pub(super) fn for_fragment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            // Writing into a text cannot fail.
            other => drop(write!(out, "%{other:02X}")),
        }
    }
    out
}

/// A command to type.
pub(super) fn command(text: &str) -> Markup {
    Markup(format!("<code>{}</code>", escaped(&printable(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_an_element_or_a_direction() {
        assert_eq!(
            text("</script><img src=x onerror='a'>\u{202e}\u{7}").0,
            "<bdi>&lt;/script&gt;&lt;img src=x onerror=&#39;a&#39;&gt;\\u{202e}\\u{7}</bdi>"
        );
        assert_eq!(for_fragment("a b&c=é#"), "a%20b%26c%3D%C3%A9%23");
    }
}

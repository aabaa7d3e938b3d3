//! The frame of every page: its head with the policy that forbids it to send anything anywhere, its style and its
//! script, which are named in the policy by their hashes.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::markup::Markup;
use crate::error::{Error, Result};

/// The style of every page.
const STYLE: &str = include_str!("templates/page.css");

/// The part of the script that tables use.
const TABLE: &str = include_str!("templates/table.js");

/// The script of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// There is none, and the policy forbids any.
    None,
    /// The script of the people.
    People,
    /// The script of one table of rows.
    Rows,
}

#[derive(Template)]
#[template(path = "frame.html")]
struct FramePage<'a> {
    title: &'a str,
    policy: String,
    style: Markup,
    content: &'a Markup,
    /// Data for the script: the id of the element, whether the text is packed, and the text.
    data: &'a [Embedded],
    script: Option<Markup>,
}

/// Data for the script.
#[derive(Clone)]
pub(super) struct Embedded {
    /// The id of the element.
    pub id: &'static str,
    /// Whether the data is compressed and in base64.
    pub packed: bool,
    /// The text, which cannot end its element.
    pub text: Markup,
}

/// A whole page. `foot` stands at the foot of every printed sheet; it must be plain ASCII without quotation marks.
pub(super) fn framed(
    title: &str,
    content: &Markup,
    data: &[Embedded],
    script: Script,
    foot: &str,
) -> Result<Vec<u8>> {
    let foot: String =
        foot.chars().filter(|it| it.is_ascii_alphanumeric() || " :-.,".contains(*it)).collect();
    let style = format!(
        "{STYLE}@page{{@bottom-left{{content:\"{foot}\"}}@bottom-right{{content:counter(page) \" / \" \
         counter(pages)}}}}\n"
    );
    let script = match script {
        Script::None => None,
        Script::People => Some(format!("{TABLE}{}", include_str!("templates/people.js"))),
        Script::Rows => Some(format!("{TABLE}{}", include_str!("templates/rows.js"))),
    };
    let allowed = script.as_deref().map_or_else(|| "'none'".to_owned(), source_hash);
    let page = FramePage {
        title,
        policy: format!(
            "default-src 'none'; script-src {allowed}; style-src {}; base-uri 'none'; form-action \
             'none'",
            source_hash(&style)
        ),
        style: Markup(style),
        content,
        data,
        script: script.map(Markup),
    };
    let html = page.render().map_err(not_made)?;
    Ok(html.into_bytes())
}

/// A text's hash, as a policy names it.
fn source_hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// The error for a template that cannot be filled.
pub(super) fn not_made(error: askama::Error) -> Error {
    Error::bug("a page cannot be made").caused_by(error.to_string())
}

//! A section of a page.

use super::markup::Markup;

/// A section of a page.
#[derive(Default)]
pub(super) struct Section {
    pub id: &'static str,
    pub title: &'static str,
    /// The sentence that says the message.
    pub message: Markup,
    /// The command that gives the same figures.
    pub command: Markup,
    pub body: Markup,
}

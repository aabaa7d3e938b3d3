//! What the parts of a page are made from.

use super::document::Document;
use crate::table::PeopleList;

/// The JSON of a page, and what it takes to name commands and to link to people.
#[derive(Clone, Copy)]
pub(super) struct PageParts<'a> {
    /// The JSON of the page.
    pub document: Document<'a>,
    /// The enterprise that the page is about; `None`: all of them.
    pub enterprise: Option<&'a str>,
    /// The people to embed.
    pub people: &'a PeopleList,
}

//! The page that shows all answers of an instant (page.md section 1).

use askama::Template;
use serde_json::Value;

use super::document::Document;
use super::frame::{Embedded, Script, framed, not_made};
use super::headline::Headline;
use super::markup::{Markup, text};
use super::parts::PageParts;
use super::people::{PeopleSection, people_section};
use super::section::Section;
use super::sections::sections;
use crate::error::Result;
use crate::table::PeopleList;

/// What a page is made of.
pub struct PageShown<'a> {
    /// The title of the page.
    pub title: &'a str,
    /// The enterprise that the page is about; `None`: all of them.
    pub enterprise: Option<&'a str>,
    /// The JSON of the page, from which every figure is printed.
    pub json: &'a Value,
    /// The people to embed.
    pub people: &'a PeopleList,
    /// Whether people stand under pseudonyms.
    pub pseudonyms: bool,
}

#[derive(Template)]
#[template(path = "page.html")]
struct PageTemplate<'a> {
    title: Markup,
    subtitle: Markup,
    headline: Headline,
    sections: &'a [Section],
    people: &'a PeopleSection,
    basis: &'a Section,
    head: Markup,
    as_of: Markup,
}

/// Writes a page as HTML.
///
/// # Errors
/// [`crate::error::ErrorKind::Bug`] if the page cannot be made.
pub fn page(shown: &PageShown<'_>) -> Result<Vec<u8>> {
    let document = Document(shown.json);
    let asked = PageParts { document, enterprise: shown.enterprise, people: shown.people };
    let mut sections = sections(&asked)?;
    let basis = sections.pop().unwrap_or_default();
    let people = people_section(&asked)?;
    let content = PageTemplate {
        title: text(shown.title),
        subtitle: super::headline::subtitle(&asked, shown.pseudonyms),
        headline: Headline::of(&asked)?,
        sections: &sections,
        people: &people,
        basis: &basis,
        head: document.figure_as("head", "none"),
        as_of: document.figure("as_of"),
    };
    let content = Markup(content.render().map_err(not_made)?);
    let mut data: Vec<Embedded> = Vec::new();
    data.extend(people.data.iter().cloned());
    let script = if data.is_empty() { Script::None } else { Script::People };
    let head: String = document.text("head").unwrap_or("none").chars().take(12).collect();
    let as_of = document.text("as_of").unwrap_or_default();
    framed(shown.title, &content, &data, script, &format!("As of {as_of}  -  journal head {head}"))
}

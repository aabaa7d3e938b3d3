//! Links from a count of people to their names, and the commands that give the same figures.

use super::markup::{Markup, for_fragment};
use super::parts::PageParts;

/// What links and commands of a page depend on.
#[derive(Clone, Copy)]
pub(super) struct Links<'a> {
    as_of: &'a str,
    enterprise: Option<&'a str>,
    /// Whether everybody is embedded.
    pub everybody: bool,
    /// Whether those with findings are embedded.
    pub somebody: bool,
}

impl<'a> Links<'a> {
    pub fn of(asked: &PageParts<'a>) -> Links<'a> {
        let embedded = asked.document.number("people.embedded").unwrap_or_default();
        Links {
            as_of: asked.document.text("as_of").unwrap_or_default(),
            enterprise: asked.enterprise,
            everybody: Some(embedded) == asked.document.number("people.total") && embedded > 0,
            somebody: embedded > 0,
        }
    }

    /// A command about the instant of the page.
    pub fn command(&self, command: &str) -> String {
        self.with_enterprise(&format!("{command} --as-of {}", self.as_of))
    }

    /// A command with the enterprise of the page.
    pub fn with_enterprise(&self, command: &str) -> String {
        match self.enterprise {
            Some(name) if is_plain(name) => format!("oneseat {command} --enterprise {name}"),
            Some(name) => {
                format!("oneseat {command} --enterprise '{}'", name.replace('\'', "'\\''"))
            }
            None => format!("oneseat {command}"),
        }
    }

    /// A figure that leads to the people with these values, if everybody is embedded.
    pub fn to_people(self, values: &[(&str, &str)], figure: &Markup) -> Markup {
        if self.everybody { link(values, figure) } else { figure.clone() }
    }

    /// A figure that leads to the people with a finding, if they are embedded and there are any. A finding has
    /// two seats, so it leads to more people than findings.
    pub fn to_findings(self, values: &[(&str, &str)], count: i64, figure: &Markup) -> Markup {
        if self.somebody && count > 0 { link(values, figure) } else { figure.clone() }
    }
}

fn link(values: &[(&str, &str)], figure: &Markup) -> Markup {
    let values = values.iter().map(|(name, value)| format!("{name}={}", for_fragment(value)));
    let values: Vec<String> = values.collect();
    let query =
        if values.is_empty() { String::new() } else { format!("?{}", values.join("&amp;")) };
    Markup(format!("<a href=\"#people{query}\">{figure}</a>"))
}

/// Whether a shell takes a text as one word.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
}

//! The headline of a page: what is consumed, what was purchased, and how that compares.

use super::document::Document;
use super::links::Links;
use super::markup::{Markup, command, text};
use super::parts::PageParts;
use super::table_rows::bar;
use crate::error::Result;
use crate::table::{agreeing, grouped};

/// The headline of a page.
pub(super) struct Headline {
    pub consumed: Markup,
    pub purchased: Markup,
    pub available: Markup,
    pub reported: Markup,
    /// The words below the number of available licenses.
    pub available_word: &'static str,
    /// Whether more is consumed than was purchased.
    pub is_over: bool,
    pub message: Markup,
    pub gauge: Markup,
    pub facts: Vec<(&'static str, Markup)>,
    pub command: Markup,
}

impl Headline {
    pub fn of(asked: &PageParts<'_>) -> Result<Headline> {
        let page = asked.document;
        let links = Links::of(asked);
        let consumed = page.number("consumption.consumed").unwrap_or_default();
        let purchased = page.number("consumption.purchased");
        let available = page.number("consumption.available");
        let is_over = available.is_some_and(|it| it < 0);
        let mut facts = vec![("As of", page.figure("as_of"))];
        if let Some(oldest) = oldest(&page) {
            facts.push(("Oldest source", oldest));
        }
        facts.push(("Journal head", page.figure_as("head", "none")));
        Ok(Headline {
            consumed: links.to_people(&[], &page.figure("consumption.consumed")),
            purchased: page.figure("consumption.purchased"),
            available: page.figure("consumption.available"),
            reported: page.figure_as("consumption.reported.consumed", "not stated"),
            available_word: if is_over { "available: too few" } else { "available" },
            is_over,
            message: message(&page, consumed, purchased),
            gauge: gauge(consumed, purchased),
            facts,
            command: command(&links.command("consumption")),
        })
    }
}

/// The sentence that says what the numbers mean.
fn message(page: &Document<'_>, consumed: i64, purchased: Option<i64>) -> Markup {
    let mut told = match purchased {
        Some(purchased) if consumed > purchased => format!(
            "{} more than were purchased.",
            agreeing(consumed - purchased, "license", ["is consumed", "are consumed"])
        ),
        Some(purchased) if purchased > 0 => format!(
            "{}% of the purchased licenses are consumed.",
            (100 * consumed).div_euclid(purchased)
        ),
        Some(_) => String::new(),
        None => "No file states how many licenses were purchased.".to_owned(),
    };
    let doubles = page.number("duplicates.summary.licenses").unwrap_or_default();
    if doubles > 0 {
        told += &format!(
            " {} two licenses, certainly or likely.",
            agreeing(doubles, "person", ["takes", "take"])
        );
    }
    text(told.trim())
}

fn gauge(consumed: i64, purchased: Option<i64>) -> Markup {
    match purchased.filter(|it| *it > 0) {
        Some(purchased) => {
            let class = if consumed > purchased { "gauge is-over" } else { "gauge" };
            bar(consumed.min(purchased), purchased, class)
        }
        None => Markup::nothing(),
    }
}

/// The source whose snapshot in force is the oldest.
fn oldest(page: &Document<'_>) -> Option<Markup> {
    let sources = page.list("consumption.sources");
    let age = |index: usize| page.number(&format!("consumption.sources.{index}.age_seconds"));
    let oldest = (0..sources.len()).max_by_key(|index| age(*index).unwrap_or_default())?;
    let name = page.text(&format!("consumption.sources.{oldest}.name")).unwrap_or_default();
    let days = age(oldest).unwrap_or_default() / 86_400;
    let age = match days {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{} days", grouped(days)),
    };
    let Markup(name) = text(name);
    let Markup(taken) = page.figure(&format!("consumption.sources.{oldest}.taken_at"));
    Some(Markup(format!("{taken} <span class=\"quiet\">({name}, {age} behind)</span>")))
}

/// The line below the title: the enterprises.
pub(super) fn subtitle(asked: &PageParts<'_>, pseudonyms: bool) -> Markup {
    let names = asked.document.list("consumption.billing_models").iter();
    let names = names.filter_map(|it| it.get("enterprise")?.as_str());
    let mut names: Vec<String> = names.map(|name| text(name).0).collect();
    names.dedup();
    let mut line = match names.as_slice() {
        [] => "No enterprise is known".to_owned(),
        [one] => format!("Enterprise {one}"),
        several => format!("Enterprises {}", several.join(", ")),
    };
    if pseudonyms {
        line += " · pseudonymous: people stand under pseudonyms";
    }
    Markup(line)
}

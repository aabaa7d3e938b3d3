//! The freshness of the sources, week by week: a letter and a shade in each cell, never color alone.

use serde_json::Value;

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, escaped, text};
use crate::render::html::section::Section;
use crate::render::html::words::{day, formatted};
use crate::table::{agreeing, counted};

/// The states of a source in a week: the word in the JSON, the letter, and the meaning.
const STATES: [(&str, &str, &str); 5] = [
    ("new", "N", "a new snapshot"),
    ("carried", "C", "carried from before, within the bound of its age"),
    ("stale", "S", "stale: older than its bound"),
    ("none", "–", "no snapshot yet"),
    ("retired", "R", "retired"),
];

/// The section about the freshness of the sources; `None` if there are none.
pub(super) fn freshness(page: &Document<'_>, links: &Links<'_>) -> Result<Option<Section>> {
    let (weeks, sources) = (page.list("freshness.weeks"), page.list("freshness.sources"));
    if weeks.is_empty() || sources.is_empty() {
        return Ok(None);
    }
    let mut head = String::from("<tr><th scope=\"col\">Source</th>");
    let mut month = String::new();
    for index in 0..weeks.len() {
        let Some(at) = page.instant(&format!("freshness.weeks.{index}")) else { continue };
        let its = formatted(at, "%b");
        // The name of a month stands above its first week only.
        let shown = if its == month { "" } else { its.as_str() };
        head += &format!(
            "<th scope=\"col\"><span class=\"unseen\">week until {}</span><span aria-hidden=\"true\" \
             class=\"month\">{shown}</span></th>",
            day(at)
        );
        month = its;
    }
    head += "</tr>";
    let mut rows = String::new();
    let mut fresh = 0;
    for (number, source) in sources.iter().enumerate() {
        let of = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
        rows += &format!("<tr><th scope=\"row\">{}</th>", text(of("name")));
        let cells = source.get("cells").and_then(Value::as_array);
        let cells: Vec<&str> = cells.into_iter().flatten().filter_map(Value::as_str).collect();
        for (index, cell) in cells.iter().enumerate() {
            let letter = STATES.iter().find(|it| it.0 == *cell).map_or("?", |it| it.1);
            rows += &format!(
                "<td class=\"cell {0}\"><data \
                 data-figure=\"freshness.sources.{number}.cells.{index}\" \
                 value=\"{0}\">{letter}</data></td>",
                escaped(cell)
            );
        }
        rows += "</tr>";
        fresh += u64::from(matches!(cells.last(), Some(&"new" | &"carried")));
    }
    let all = sources.len() as u64;
    let message = match all - fresh {
        0 => format!("{} fresh at the end.", agreeing(all, "source", ["is", "are"])),
        stale => format!(
            "{} of {} no fresh snapshot at the end.",
            stale,
            agreeing(all, "source", ["has", "have"])
        ),
    };
    let legend: Vec<String> = STATES
        .iter()
        .map(|(class, letter, meaning)| {
            format!("<li><span class=\"cell {class}\">{letter}</span> {meaning}</li>")
        })
        .collect();
    let caption = format!("Snapshots in the last {}", counted(weeks.len() as u64, "week"));
    let body = format!(
        "<figure data-chart=\"freshness\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"{caption}\"><table class=\"weeks\"><caption class=\"unseen\">{caption}</caption>\
         <thead>{head}</thead><tbody>{rows}</tbody></table></div><figcaption><ul \
         class=\"legend\">{}</ul></figcaption></figure>",
        legend.concat()
    );
    Ok(Some(Section {
        id: "freshness",
        title: "Freshness",
        message: text(&message),
        command: command(&links.with_enterprise("snapshots")),
        body: Markup(body),
    }))
}

//! The seats by organization.

use serde_json::Value;

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, escaped, text};
use crate::render::html::section::Section;
use crate::render::html::table_rows::{Grid, MOST_ROWS, bar, left_out};
use crate::table::counted;

/// The section about organizations.
pub(super) fn organizations(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let lines = page.list("seats.lines");
    let most = lines.iter().filter_map(|it| it.get("seats")?.as_i64()).max().unwrap_or(0);
    let mut grid = Grid::new("Seats by organization", &["Organization", "", "#Seats", "#Members"]);
    for (index, line) in lines.iter().take(MOST_ROWS).enumerate() {
        let part = line.get("part").and_then(Value::as_str).unwrap_or_default();
        let is_named = line.get("group").and_then(Value::as_str) == Some("named");
        let path = |key: &str| format!("seats.lines.{index}.{key}");
        let seats = page.number(&path("seats")).unwrap_or_default();
        let alone = [("org", part), ("alone", "1")];
        let values = if is_named { &alone[..] } else { &alone[..1] };
        let figure = page.figure(&path("seats"));
        let members = match is_named {
            true => links.to_people(&[("org", part)], &page.figure(&path("members"))),
            false => Markup::nothing(),
        };
        grid.rows.push(vec![
            text(part),
            bar(seats, most, if is_named { "count" } else { "count rest" }),
            if seats > 0 { links.to_people(values, &figure) } else { figure },
            members,
        ]);
    }
    grid.sum = Some(vec![
        Markup("Consumed".to_owned()),
        Markup::nothing(),
        page.figure("seats.totals.0.seats"),
        Markup::nothing(),
    ]);
    let named = lines.iter().filter(|it| it.get("group").and_then(Value::as_str) == Some("named"));
    let message = format!(
        "Seats in {}. A person in several takes one seat, in a line of its own; the members count \
         such a person in each.",
        counted(named.count() as u64, "organization")
    );
    let Markup(table) = grid.drawn()?;
    let more =
        left_out(lines.len().saturating_sub(MOST_ROWS), "organizations", &links.command("seats"));
    let body = format!(
        "<figure data-chart=\"organizations\"><figcaption class=\"unseen\">{}</figcaption>{table}\
         {more}</figure>",
        escaped(&message)
    );
    Ok(Section {
        id: "organizations",
        title: "By organization",
        message: text(&message),
        command: command(&links.command("seats --by organization")),
        body: Markup(body),
    })
}

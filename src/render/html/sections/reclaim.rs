//! The seats that could be freed.

use serde_json::Value;

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, text};
use crate::render::html::section::Section;
use crate::render::html::table_rows::Grid;
use crate::table::agreeing;

/// The section about seats that could be freed.
pub(super) fn reclaim(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let mut grid = Grid::new("Seats that could be freed", &["Reason", "#Seats"]);
    let days = page.number("reclaim.idle_days").unwrap_or_default();
    let reasons = [
        ("dormant", "dormant", format!("Not active for {days} days")),
        ("never_signed_in", "never-signed-in", "Never signed in".to_owned()),
        ("pending_invitation", "pending-invitation", "Invitation not accepted".to_owned()),
        ("server_only", "server-only", "On Server only, and not idle".to_owned()),
    ];
    for (key, word, name) in reasons {
        let figure = page.figure_as(&format!("reclaim.summary.{key}"), "not stated");
        let count = page.number(&format!("reclaim.summary.{key}")).unwrap_or_default();
        // Whoever is on Server only, and not idle, is embedded only where everybody is.
        let is_embedded = links.everybody || key != "server_only";
        let figure = match is_embedded {
            true => links.to_findings(&[("finding", word)], count, &figure),
            false => figure,
        };
        grid.rows.push(vec![Markup(name), figure]);
    }
    let of = |key: &str| page.number(&format!("reclaim.summary.{key}")).unwrap_or_default();
    let free = of("dormant") + of("never_signed_in") + of("pending_invitation");
    let silent: Vec<String> = page
        .list("reclaim.activity_not_stated")
        .iter()
        .filter_map(Value::as_str)
        .map(|host| text(host).0)
        .collect();
    let Markup(mut body) = grid.drawn()?;
    if !silent.is_empty() {
        body += &format!(
            "<p class=\"quiet\">No file states the activity on {}: who is idle there is not known.</p>",
            silent.join(", ")
        );
    }
    let message = format!(
        "{} idle or only invited, as far as the files state it.",
        agreeing(free, "seat", ["is", "are"])
    );
    Ok(Section {
        id: "reclaim",
        title: "Seats that could be freed",
        message: text(&message),
        command: command(&links.command("reclaim")),
        body: Markup(body),
    })
}

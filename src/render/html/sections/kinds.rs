//! The seats by kind, and the accounts that take none.

use serde_json::Value;

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, escaped, text, text_or_unknown};
use crate::render::html::section::Section;
use crate::render::html::table_rows::{Grid, left_out};
use crate::render::html::words::kind;
use crate::table::{agreeing, counted};

/// The section about the kinds of seat.
pub(super) fn kinds(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    const KINDS: [&str; 3] = ["cloud_only", "cloud_and_server", "server_only"];
    let total = page.number("consumption.consumed").unwrap_or_default();
    let number = |kind: &str| page.number(&format!("consumption.seats.{kind}")).unwrap_or_default();
    let mut parts = String::new();
    let mut x = 0.0;
    for kind in KINDS {
        let width = if total > 0 { 100.0 * number(kind) as f64 / total as f64 } else { 0.0 };
        parts += &format!(
            "<rect class=\"part {kind}\" x=\"{x:.2}%\" width=\"{width:.2}%\" height=\"100%\"/>"
        );
        x += width;
    }
    let mut grid = Grid::new("Seats by kind", &["Kind", "#Seats", "#Share"]);
    for name in KINDS {
        let share = (100 * number(name) + total / 2).checked_div(total).unwrap_or_default();
        let figure = page.figure(&format!("consumption.seats.{name}"));
        grid.rows.push(vec![
            Markup(format!("<span class=\"swatch {name}\"></span>{}", kind(name))),
            links.to_people(&[("kind", name)], &figure),
            Markup(format!("{share}%")),
        ]);
    }
    grid.sum = Some(vec![
        Markup("Consumed".to_owned()),
        page.figure("consumption.consumed"),
        Markup("100%".to_owned()),
    ]);
    let Markup(table) = grid.drawn()?;
    let message = format!(
        "{} on Cloud and on Server at once, and {} no Cloud account.",
        agreeing(number("cloud_and_server"), "person", ["is", "are"]),
        agreeing(number("server_only"), "person", ["has", "have"])
    );
    let never = page.figure("consumption.server_only_never_synced");
    let mut pending = page.figure("consumption.pending_invitations");
    // An invitation without a seat is no person of the page, so it has no name there.
    let with_seat = page.number("reclaim.summary.pending_invitation");
    if page.number("consumption.pending_invitations") == with_seat {
        let count = with_seat.unwrap_or_default();
        pending = links.to_findings(&[("finding", "pending-invitation")], count, &pending);
    }
    let studio = page.figure("consumption.visual_studio");
    let body = format!(
        "<figure data-chart=\"kinds\"><svg class=\"stack\" role=\"img\" aria-label=\"{}\">{parts}</svg>\
         <figcaption class=\"unseen\">{}</figcaption>{table}</figure><dl class=\"facts\"><div><dt>In \
         no Cloud report yet</dt><dd>{never}</dd></div><div><dt>Pending invitations</dt>\
         <dd>{pending}</dd></div><div><dt>With a Visual Studio subscription</dt>\
         <dd>{studio}</dd></div><div><dt>Accounts without a seat</dt><dd>{}</dd></div></dl>{}",
        escaped(&message),
        escaped(&message),
        page.figure("without_seat.total"),
        without_seat(page)?
    );
    Ok(Section {
        id: "kinds",
        title: "Seats by kind",
        message: text(&message),
        command: command(&links.command("consumption")),
        body: Markup(body),
    })
}

/// The accounts that take no seat.
fn without_seat(page: &Document<'_>) -> Result<Markup> {
    let items = page.list("without_seat.items");
    if items.is_empty() {
        return Ok(Markup::nothing());
    }
    let mut grid =
        Grid::new("Accounts without a seat", &["Login", "Id", "Enterprise or instance", "Why"]);
    for item in items {
        let of = |key: &str| item.get(key).and_then(Value::as_str);
        grid.rows.push(vec![
            text_or_unknown(of("login")),
            of("id").map_or_else(Markup::nothing, text),
            text(of("source").unwrap_or_default()),
            text(of("why").unwrap_or_default()),
        ]);
    }
    let line = format!("Accounts without a seat ({})", counted(items.len() as u64, "account"));
    let all = page.number("without_seat.total").unwrap_or_default();
    let more = usize::try_from(all).unwrap_or_default().saturating_sub(items.len());
    let Markup(table) = grid.folded(&line)?;
    let Markup(more) = left_out(more, "accounts", "oneseat export accounts");
    Ok(Markup(table + &more))
}

//! The movements of the last 90 days.

use serde_json::Value;

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, text};
use crate::render::html::section::Section;
use crate::render::html::table_rows::{Grid, MOST_ROWS};
use crate::render::html::words::day;
use crate::table::{counted, grouped};

/// The section about movements.
pub(super) fn movements(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let of = |key: &str| page.number(&format!("movements.movements.{key}")).unwrap_or_default();
    let mut grid = Grid::new("Movements of seats", &["Licenses", "#"]);
    let end = |which: &str| {
        let Markup(at) = page.day(&format!("movements.{which}.at"));
        vec![Markup(format!("on {at}")), page.figure(&format!("movements.{which}.consumed"))]
    };
    grid.rows.push(end("from"));
    for (key, name, sign) in [
        ("joined", "joined", "+"),
        ("unmatched", "no longer matched, so with a seat of their own", "+"),
        ("left", "left", "−"),
        ("matched", "matched, so without a seat of their own", "−"),
    ] {
        let Markup(figure) = page.figure(&format!("movements.movements.{key}"));
        grid.rows.push(vec![
            Markup(name.to_owned()),
            Markup(format!("<span class=\"sign\">{sign}</span>{figure}")),
        ]);
    }
    grid.sum = Some(end("to"));
    let mut bridge = Grid::new(
        "Movements by source and organization",
        &["Source", "Organization", "#Joined", "#Left", "#Matched", "#Unmatched", "#Changed"],
    );
    let lines = page.list("movements.bridge");
    for (index, line) in lines.iter().take(MOST_ROWS).enumerate() {
        let mut row = vec![
            text(line.get("source").and_then(Value::as_str).unwrap_or_default()),
            match line.get("organization").and_then(Value::as_str) {
                Some(name) => text(name),
                None => Markup("<span class=\"quiet\">none</span>".to_owned()),
            },
        ];
        row.extend(
            ["joined", "left", "matched", "unmatched", "changed"]
                .map(|key| page.figure(&format!("movements.bridge.{index}.{key}"))),
        );
        bridge.rows.push(row);
    }
    let Markup(mut body) = grid.drawn()?;
    if !lines.is_empty() {
        body += &bridge.folded("By source and organization")?.0;
    }
    let Markup(changed) = page.figure("movements.movements.changed");
    body += &format!("<p class=\"quiet\">Besides, {changed} stayed and changed.</p>");
    let (from, to) = (page.instant("movements.from.at"), page.instant("movements.to.at"));
    let message = match from.zip(to) {
        Some((from, to)) if from < to => format!(
            "Since {}, {} joined and {} left.",
            day(from),
            counted(of("joined"), "seat"),
            grouped(of("left"))
        ),
        _ => "There is only one snapshot, so nothing has moved yet.".to_owned(),
    };
    let raw = |which: &str| page.text(&format!("movements.{which}.at")).unwrap_or_default();
    let typed = format!("diff {} {} --summary", raw("from"), raw("to"));
    Ok(Section {
        id: "movements",
        title: "Movements",
        message: text(&message),
        command: command(&links.with_enterprise(&typed)),
        body: Markup(body),
    })
}

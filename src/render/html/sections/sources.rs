//! The sources, and the certificates of their newest snapshots.

use serde_json::Value;

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, escaped, text};
use crate::render::html::section::Section;
use crate::render::html::table_rows::Grid;
use crate::table::counted;

/// The section about the sources.
pub(super) fn sources(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let items = page.list("sources");
    let mut grid = Grid::new(
        "Sources and certificates",
        &["Source", "Kind", "Taken at", "#Rows", "Complete", "Certificate"],
    );
    let mut in_force = 0;
    for (index, item) in items.iter().enumerate() {
        let path = |key: &str| format!("sources.{index}.{key}");
        let of = |key: &str| item.get(key).and_then(Value::as_str);
        let Markup(name) = text(of("name").unwrap_or_default());
        let retired = match page.text(&path("retired_from")) {
            Some(_) => format!(" <span class=\"quiet\">retired from {}</span>", {
                page.day(&path("retired_from"))
            }),
            None => String::new(),
        };
        let has_one = !page.at(&path("in_force")).is_null();
        in_force += u64::from(has_one);
        grid.rows.push(vec![
            Markup(name + &retired),
            text(of("kind").unwrap_or_default()),
            page.figure_as(&path("in_force.taken_at"), "none yet"),
            if has_one { page.figure(&path("in_force.rows")) } else { Markup::nothing() },
            page.figure_as(&path("in_force.complete"), "not stated"),
            certificate(page, &path("in_force")),
        ]);
    }
    let missing = page.list("consumption.sources_missing");
    let names: Vec<String> =
        missing.iter().filter_map(|it| it.get("name")?.as_str()).map(|name| text(name).0).collect();
    let Markup(mut body) = grid.drawn()?;
    if !names.is_empty() {
        body += &format!(
            "<p>Without a snapshot in force, so their people are not counted: {}.</p>",
            names.join(", ")
        );
    }
    let message = format!("The figures rest on snapshots of {}.", counted(in_force, "source"));
    Ok(Section {
        id: "sources",
        title: "Sources and certificates",
        message: text(&message),
        command: command(&links.with_enterprise("snapshots")),
        body: Markup(body),
    })
}

/// What is known of the completeness of a snapshot, in a few words.
fn certificate(page: &Document<'_>, path: &str) -> Markup {
    if page.at(path).is_null() {
        return Markup::nothing();
    }
    let of = |key: &str| page.at(&format!("{path}.certificate.{key}"));
    let mut told = Vec::new();
    if let Some(total) = of("stated_total").as_i64() {
        told.push(format!("the file states {}", counted(total, "row")));
    }
    if let Some(pages) = of("pages").as_i64() {
        told.push(counted(pages, "page"));
    }
    if of("nobody_twice").as_bool() == Some(true) {
        told.push("nobody twice".to_owned());
    }
    let mut shown = vec![escaped(&told.join(", "))];
    if let Some(short) = of("short").as_str() {
        shown.push(text(short).0);
    }
    if let Some(reason) = page.text(&format!("{path}.accepted_short")) {
        shown.push(format!("accepted although short: {}", text(reason)));
    }
    let hash: String =
        page.text(&format!("{path}.sha256")).unwrap_or_default().chars().take(12).collect();
    shown.push(format!("<span class=\"quiet\">SHA-256 {}…</span>", escaped(&hash)));
    shown.retain(|it| !it.is_empty());
    Markup(shown.join("; "))
}

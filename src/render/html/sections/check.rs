//! What is wrong, and what was looked at.

use serde_json::Value;

use crate::error::Result;
use crate::model::length_of_time;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, escaped, text};
use crate::render::html::section::Section;
use crate::render::html::table_rows::Grid;
use crate::render::html::words::code;
use crate::table::counted;

/// The section about what is wrong.
pub(super) fn check(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let findings = page.list("check.findings");
    let mut grid = Grid::new("What is wrong", &["Severity", "Code", "What is wrong"]);
    for finding in findings {
        let of = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or_default();
        let severity = of("severity");
        grid.rows.push(vec![
            Markup(format!("<span class=\"level {0}\">{0}</span>", escaped(severity))),
            Markup(format!("<code>{}</code>", escaped(of("code")))),
            text(of("message")),
        ]);
    }
    let warnings = page.list("consumption.warnings").iter();
    let warnings = warnings.filter_map(|it| it.get("message")?.as_str());
    let warnings: Vec<String> = warnings.map(|it| format!("<li>{}</li>", text(it))).collect();
    let Markup(mut body) = match findings.is_empty() {
        true => Markup::nothing(),
        false => grid.drawn()?,
    };
    if !warnings.is_empty() {
        body += &format!("<h3>Warnings about the figures</h3><ul>{}</ul>", warnings.concat());
    }
    body += &looked_at(page)?.0;
    let is_ok = page.at("check.ok").as_bool() == Some(true);
    let message = match (is_ok, findings.len()) {
        (true, 0) => "No problem was found in the values that were checked.".to_owned(),
        (true, many) => format!("Nothing to act on; {}.", counted(many as u64, "notice")),
        (false, many) => format!("{} to look at.", counted(many as u64, "finding")),
    };
    Ok(Section {
        id: "check",
        title: "What is wrong",
        message: text(&message),
        command: command(&links.command("check")),
        body: Markup(body),
    })
}

/// The values that were checked, with their bounds.
fn looked_at(page: &Document<'_>) -> Result<Markup> {
    let items = page.list("check.looked_at");
    let mut grid = Grid::new("What was looked at", &["What", "Source", "#Found", "#Bound"]);
    for (index, item) in items.iter().enumerate() {
        let what = item.get("what").and_then(Value::as_str).unwrap_or_default();
        let source = item.get("source").and_then(|it| it.get("name")?.as_str());
        let path = |key: &str| format!("check.looked_at.{index}.{key}");
        let shown = |key: &str, word: &str| match (what, page.number(&path(key))) {
            ("age", Some(seconds)) => Markup(format!(
                "<data data-figure=\"{}\" value=\"{seconds}\">{}</data>",
                path(key),
                length_of_time(seconds)
            )),
            _ => page.figure_as(&path(key), word),
        };
        grid.rows.push(vec![
            text(&code(what)),
            source.map_or_else(Markup::nothing, text),
            shown("value", "unknown"),
            shown("bound", "none"),
        ]);
    }
    if items.is_empty() {
        return Ok(Markup::nothing());
    }
    grid.folded(&format!("What was looked at ({})", counted(items.len() as u64, "value")))
}

//! What the figures rest on, and what the page leaves out.

use serde_json::Value;

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, text_or_unknown};
use crate::render::html::section::Section;

/// The section about what the figures rest on.
pub(super) fn basis(page: &Document<'_>, links: &Links<'_>) -> Result<Section> {
    let mut told = vec![format!(
        "Everything on this page is an answer about one instant: {}.",
        page.figure("as_of")
    )];
    if page.text("known_on").is_some() {
        told.push(format!(
            "It uses only what had been imported or declared by {}.",
            page.figure("known_on")
        ));
    }
    for model in page.list("consumption.billing_models") {
        let of = |key: &str| text_or_unknown(model.get(key).and_then(Value::as_str));
        told.push(format!("The billing model of {} is {}.", of("enterprise"), of("model")));
    }
    if page.at("position").is_null() {
        told.push(format!(
            "Position and cost: {}, since no contract is recorded.",
            page.figure_as("position", "not known")
        ));
    }
    for (index, it) in page.list("left_out").iter().enumerate() {
        let what = match it.get("what").and_then(Value::as_str).unwrap_or_default() {
            "people" => "people are not on this page",
            "findings" => "findings are not listed on this page",
            "idle" => "idle seats are not listed on this page",
            other => other,
        };
        let count = page.figure(&format!("left_out.{index}.count"));
        let with = command(it.get("command").and_then(Value::as_str).unwrap_or_default());
        told.push(format!("{count} {what}: {with} lists them."));
    }
    told.push(format!(
        "Matching and counting follow the documented rules; {} proves that nothing stored was changed \
         since.",
        command("oneseat verify")
    ));
    let told: Vec<String> = told.iter().map(|it| format!("<li>{it}</li>")).collect();
    Ok(Section {
        id: "basis",
        title: "What the figures rest on",
        message: Markup::nothing(),
        command: command(&links.command("page --json")),
        body: Markup(format!("<ul class=\"basis\">{}</ul>", told.concat())),
    })
}

//! The trend: its chart, its peak, and the numbers of every period.

use crate::error::Result;
use crate::render::html::document::Document;
use crate::render::html::links::Links;
use crate::render::html::markup::{Markup, command, escaped, text};
use crate::render::html::section::Section;
use crate::render::html::table_rows::Grid;
use crate::render::html::trend_chart::TrendChart;
use crate::render::html::words::day;
use crate::table::{counted, grouped};

/// The section about the trend; `None` if there is nothing to draw.
pub(super) fn trend(page: &Document<'_>, links: &Links<'_>) -> Result<Option<Section>> {
    let Some(chart) = TrendChart::of(page) else { return Ok(None) };
    let points = page.list("trend.points");
    let by = page.text("trend.by").unwrap_or("week");
    let mut message = match (page.number("trend.peak.consumed"), page.instant("trend.peak.at")) {
        (Some(peak), Some(at)) => {
            format!("The peak is {} on {}.", counted(peak, "license"), day(at))
        }
        _ => "No peak is known.".to_owned(),
    };
    let first = page.number("trend.points.0.consumed");
    if let (Some(first), Some(last)) = (first, page.number("consumption.consumed")) {
        let change = last - first;
        let word = if change < 0 { "fewer" } else { "more" };
        message += &format!(
            " Since the first {by}, {} {word} {}.",
            grouped(change.abs()),
            if change.abs() == 1 { "is consumed" } else { "are consumed" }
        );
    }
    let label = Markup(escaped(&message));
    let mut notes = Vec::new();
    if chart.begins_at() > 0 {
        notes.push(format!("The axis begins at {}.", grouped(chart.begins_at())));
    }
    if chart.has_gaps() {
        notes.push("Hatched: no snapshot was taken for a week or longer.".to_owned());
    }
    notes.push("Between two snapshots nobody knows: a peak is \"at least\".".to_owned());
    let mut grid = Grid::new(
        "Consumption over time",
        &["Until", "#Consumed", "#Purchased", "#GitHub says", "#Snapshots"],
    );
    for index in 0..points.len() {
        let of = |key: &str| page.figure(&format!("trend.points.{index}.{key}"));
        grid.rows.push(vec![
            page.day(&format!("trend.points.{index}.at")),
            of("consumed"),
            of("purchased"),
            of("reported"),
            of("snapshots"),
        ]);
    }
    let drawn = chart.drawn(&label);
    let Markup(peak) = page.figure("trend.peak.consumed");
    let Markup(peak_at) = page.day("trend.peak.at");
    let Markup(table) = grid.folded(&format!("The numbers, by {by}"))?;
    let body = format!(
        "<figure data-chart=\"trend\"><div class=\"plot\">{drawn}</div><figcaption><p class=\"key\">\
         <span class=\"swatch consumed\"></span>consumed <span class=\"swatch \
         purchased\"></span>purchased <span class=\"peak-word\">peak {peak}, {peak_at}</span></p>\
         <p class=\"quiet\">{}</p></figcaption>{table}</figure>",
        escaped(&notes.join(" "))
    );
    let to = page.text("as_of").unwrap_or_default();
    Ok(Some(Section {
        id: "trend",
        title: "Trend",
        message: text(&message),
        command: command(&links.with_enterprise(&format!("trend --by {by} --to {to}"))),
        body: Markup(body),
    }))
}

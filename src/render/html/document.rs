//! The JSON of a page, from which every figure of the page is printed: so no figure can differ from it.

use serde_json::Value;

use super::markup::{Markup, escaped, text, unknown};
use super::words::{day, day_and_time};
use crate::model::{DayMeans, Instant};
use crate::table::grouped;

static NULL: Value = Value::Null;

/// The JSON of a page.
#[derive(Clone, Copy)]
pub(super) struct Document<'a>(pub &'a Value);

impl<'a> Document<'a> {
    /// The value at a path, whose steps are joined by `.`; elements of lists are counted from 0. Null if there is
    /// none.
    pub fn at(&self, path: &str) -> &'a Value {
        path.split('.').fold(self.0, |value, step| {
            let found = match value {
                Value::Array(items) => step.parse().ok().and_then(|at: usize| items.get(at)),
                value => value.get(step),
            };
            found.unwrap_or(&NULL)
        })
    }

    /// The elements of the list at a path.
    pub fn list(&self, path: &str) -> &'a [Value] {
        self.at(path).as_array().map_or(&[], Vec::as_slice)
    }

    /// The whole number at a path; `None` if it is not known.
    pub fn number(&self, path: &str) -> Option<i64> {
        self.at(path).as_i64()
    }

    /// The text at a path; `None` if it is not known.
    pub fn text(&self, path: &str) -> Option<&'a str> {
        self.at(path).as_str()
    }

    /// The instant at a path; `None` if it is not known.
    pub fn instant(&self, path: &str) -> Option<Instant> {
        Instant::parse(self.text(path)?, DayMeans::Start)
    }

    /// The value at a path as an element that carries the path, so that a test can hold it against the JSON.
    pub fn figure(&self, path: &str) -> Markup {
        self.figure_as(path, "unknown")
    }

    /// The value at a path as an element that carries the path. A value that is not known is this word.
    pub fn figure_as(&self, path: &str, word: &str) -> Markup {
        let path_shown = escaped(path);
        Markup(match self.at(path) {
            Value::Null => {
                let Markup(word) = unknown(word);
                word.replacen("<span", &format!("<span data-figure=\"{path_shown}\""), 1)
            }
            Value::Number(number) => {
                let shown = number.as_i64().map_or_else(|| number.to_string(), grouped);
                format!("<data data-figure=\"{path_shown}\" value=\"{number}\">{shown}</data>")
            }
            Value::Bool(truth) => {
                let shown = if *truth { "yes" } else { "no" };
                format!("<data data-figure=\"{path_shown}\" value=\"{truth}\">{shown}</data>")
            }
            Value::String(raw) => match Instant::parse(raw, DayMeans::Start) {
                Some(at) if at.to_string() == *raw => format!(
                    "<time data-figure=\"{path_shown}\" datetime=\"{raw}\">{}</time>",
                    day_and_time(at)
                ),
                _ => {
                    let Markup(shown) = text(raw);
                    shown.replacen("<bdi", &format!("<bdi data-figure=\"{path_shown}\""), 1)
                }
            },
            Value::Array(_) | Value::Object(_) => String::new(),
        })
    }

    /// The instant at a path as a day, in an element that carries the path.
    pub fn day(&self, path: &str) -> Markup {
        match self.instant(path) {
            Some(at) => Markup(format!(
                "<time data-figure=\"{}\" datetime=\"{at}\">{}</time>",
                escaped(path),
                day(at)
            )),
            None => self.figure(path),
        }
    }
}

//! Functions for values that several output formats write in the same way.

use std::borrow::Cow;

use crate::error::is_obeyed;
use crate::table::Cell;

/// JSON for a terminal: every character that a terminal would obey is escaped, and the values stay the same. Line
/// breaks are kept, because they occur only between values.
pub fn json_for_terminal(json: &str) -> Cow<'_, str> {
    let obeyed = |character: char| is_obeyed(character) && character != '\n';
    if !json.contains(obeyed) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match obeyed(character) {
            true => escaped.push_str(&format!("\\u{:04x}", u32::from(character))),
            false => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

/// Whether a cell is a number. Tables align numbers to the right.
pub(super) fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Integer(_) | Cell::Real(_) | Cell::Decimal(_))
}

/// A real number as SQL and JSON write it: the shortest text that parses to the same number.
pub(super) fn real(number: f64) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string(), |it| it.to_string())
}

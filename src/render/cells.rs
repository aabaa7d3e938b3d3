//! How several formats write the same value.

use std::borrow::Cow;

use crate::error::is_obeyed;
use crate::table::Cell;

/// JSON for a terminal: the same values, with every character escaped that a terminal would obey. Line breaks
/// occur only between values and stay.
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

/// Is a cell a number? Numbers are aligned to the right.
pub(super) fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Integer(_) | Cell::Real(_) | Cell::Decimal(_))
}

/// A number as SQL and JSON write it: the shortest text that parses to the same number.
pub(super) fn real(number: f64) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string(), |it| it.to_string())
}

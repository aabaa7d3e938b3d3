//! How values are written that look the same in several output formats.

use std::borrow::Cow;

use crate::error::is_obeyed;
use crate::table::Cell;

/// JSON that is safe to print to a terminal: characters that a terminal would obey are escaped, and the values
/// stay the same. Line breaks are kept, because they occur only between values.
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

/// Whether a cell is a number. Numbers are aligned to the right in tables.
pub(super) fn is_number(cell: &Cell) -> bool {
    matches!(cell, Cell::Integer(_) | Cell::Real(_) | Cell::Decimal(_))
}

/// A real number as SQL and JSON write it: the shortest text from which the same number is read again.
pub(super) fn real(number: f64) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| number.to_string(), |it| it.to_string())
}

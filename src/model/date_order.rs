//! Reads dates in the notation of spreadsheets, such as `9/30/2028`. The values of a whole column show which
//! number is the month (formats.md section 7). The first number is the month if the second number exceeds 12 in
//! some row, and the second number is the month if the first number does.

use super::{DayMeans, Instant};

/// The order of day and month in the dates of a spreadsheet's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// All dates of the column are in ISO form.
    Iso,
    /// Month, day, year: the second number exceeds 12 in some row.
    MonthFirst,
    /// Day, month, year: the first number exceeds 12 in some row.
    DayFirst,
    /// The order is unknown: neither number exceeds 12 in any row, or each of them does in some row.
    Unknown,
}

/// Collects the dates of a column one by one, to determine the order of day and month.
#[derive(Debug, Clone, Default)]
pub struct DateColumn {
    any: bool,
    /// Does the first number of a date (`first`), or the second one (`second`), exceed 12 in some row?
    first: bool,
    second: bool,
}

impl DateColumn {
    /// Adds a value of the column. A value that is not a date, or a date in ISO form, is ignored.
    pub fn add(&mut self, text: &str) {
        let Some((one, other, _)) = numbers(text) else { return };
        self.any = true;
        self.first |= one > 12;
        self.second |= other > 12;
    }

    /// The order of day and month that follows from the values added so far.
    pub fn order(&self) -> DateOrder {
        match (self.any, self.first, self.second) {
            (false, _, _) => DateOrder::Iso,
            (true, false, true) => DateOrder::MonthFirst,
            (true, true, false) => DateOrder::DayFirst,
            (true, _, _) => DateOrder::Unknown,
        }
    }
}

impl DateOrder {
    /// The order of day and month in all values of a column.
    pub fn of(values: impl Iterator<Item = String>) -> DateOrder {
        let mut column = DateColumn::default();
        values.for_each(|value| column.add(&value));
        column.order()
    }

    /// Reads a date that has this order of day and month, and returns the last second of that day. A text in ISO
    /// form with a time of day is returned as that instant. `None` if the order is unknown or the text is not a
    /// date.
    pub fn end(self, text: &str) -> Option<Instant> {
        let iso = |text: &str| Instant::parse(text, DayMeans::End);
        let Some((one, other, year)) = numbers(text) else {
            let text = text.trim();
            return iso(&text.replace('/', "-"))
                .or_else(|| Instant::parse_answer(text))
                .or_else(|| iso(text.split([' ', 'T']).next()?));
        };
        let (month, day) = match self {
            DateOrder::MonthFirst => (one, other),
            DateOrder::DayFirst => (other, one),
            DateOrder::Iso | DateOrder::Unknown => return None,
        };
        iso(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

/// The three numbers of a date that does not begin with the year, such as `9/30/2028`. Everything after a blank
/// is ignored.
fn numbers(text: &str) -> Option<(u32, u32, u32)> {
    let day = text.split_whitespace().next()?;
    let mut parts = day.split(['/', '.', '-']);
    let mut number = |longest: usize| {
        let part = parts.next().filter(|part| (1..=longest).contains(&part.len()))?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
        Some((part.len(), part.parse::<u32>().ok()?))
    };
    let ((_, one), (_, other), (digits, year)) = (number(2)?, number(2)?, number(4)?);
    let year = match digits {
        4 => year,
        2 => 2000 + year,
        _ => return None,
    };
    parts.next().is_none().then_some((one, other, year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(column: &[&str], at: usize) -> String {
        let order = DateOrder::of(column.iter().map(|it| (*it).to_owned()));
        order.end(column[at]).map_or("-".to_owned(), |it| it.to_string())
    }

    #[test]
    fn days_are_read_by_their_column() {
        for (column, expected) in [
            (&["2028-09-30"][..], "2028-09-30T23:59:59Z"),
            (&["2028/09/30"], "2028-09-30T23:59:59Z"),
            (&["2028-09-30T12:00:00+02:00"], "2028-09-30T10:00:00Z"),
            (&["2028-09-30 12:00:00"], "2028-09-30T12:00:00Z"),
            (&["9/30/2028"], "2028-09-30T23:59:59Z"),
            (&["30.9.2028"], "2028-09-30T23:59:59Z"),
            (&["5/6/2028", "12/31/2028"], "2028-05-06T23:59:59Z"),
            (&["5/6/2028", "31/12/2028"], "2028-06-05T23:59:59Z"),
            (&["05-06-28", "31-12-28"], "2028-06-05T23:59:59Z"),
            (&["9/30/2028 12:00:00 AM"], "2028-09-30T23:59:59Z"),
            (&["5/6/2028", "7/8/2028"], "-"),
            (&["5/6/2028", "13/1/2028", "1/13/2028"], "-"),
            (&["2/30/2028"], "-"),
            (&["soon"], "-"),
            (&["2028-09-30", "5/6/2028"], "2028-09-30T23:59:59Z"),
        ] {
            assert_eq!(end(column, 0), expected, "{column:?}");
        }
    }
}

//! Reads the dates in the columns of a directory's table. Only the values of a whole column show which number
//! is the month, so dates that are not in ISO form are kept until the end of the file (directory.md section 1,
//! formats.md section 7).

use chrono::Datelike;

use crate::email;
use crate::error::{Error, Result, quoted};
use crate::model::{DateColumn, DateOrder, EntryDates, Instant, PackedEntries};

/// The first year that a program writes to mean "never".
const NEVER: i32 = 2200;

/// The hint for a column whose dates cannot be read.
const ISO_FORM: &str =
    "give the cells of this column the form YYYY-MM-DD, and export the table again";

/// The meaning of a column of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateMeaning {
    /// The person left on this date.
    Left,
    /// The person was hired on this date.
    Hired,
    /// The account expires on this date.
    Expires,
}

/// The dates of one column.
pub struct DateCells {
    name: String,
    meaning: DateMeaning,
    order: DateColumn,
    /// The dates that cannot be read before the end of the column, each with the index of its row.
    waiting: Vec<(usize, Box<str>)>,
    read: u64,
    unread: u64,
}

/// What one cell of a column of dates holds, judged without the other cells.
#[derive(Debug, PartialEq, Eq)]
enum DateCell<'t> {
    /// No date: the cell is empty, or a text that means "never".
    Absent,
    At(Instant),
    /// A date that can be read only once the column has shown which number is the month.
    Ordered(&'t str),
    /// A date far from the present, which means "never". It still helps to show which number is the month.
    OrderedNever(&'t str),
    /// A bare number, which may be a spreadsheet's count of days.
    Number,
    Unread,
}

impl DateCells {
    /// An empty set of dates for the column with this name and meaning.
    pub fn new(name: &str, meaning: DateMeaning) -> DateCells {
        let (order, waiting) = (DateColumn::default(), Vec::new());
        DateCells { name: name.to_owned(), meaning, order, waiting, read: 0, unread: 0 }
    }

    /// Adds the cell of the row with this index. Returns whether the cell states a date, even one that cannot be
    /// read.
    ///
    /// # Errors
    /// If the cell is a bare number. The error names no line yet.
    pub fn add(&mut self, cell: &str, row: &mut EntryDates, index: usize) -> Result<bool> {
        match date_cell(cell) {
            DateCell::Absent => {
                // A word of absence is no sign that the dates of the column can be read.
                self.read += u64::from(cell.bytes().any(|byte| byte.is_ascii_digit()));
                return Ok(false);
            }
            DateCell::At(at) => {
                self.read += 1;
                set(row, self.meaning, at);
            }
            DateCell::Ordered(text) => {
                self.order.add(text);
                self.waiting.push((index, text.into()));
            }
            DateCell::OrderedNever(text) => {
                self.order.add(text);
                self.read += 1;
                return Ok(false);
            }
            DateCell::Number => {
                return Err(Error::input(format!(
                    "the column {} has a bare number in place of a date",
                    quoted(&self.name)
                ))
                .hint(ISO_FORM));
            }
            DateCell::Unread => self.unread += 1,
        }
        Ok(true)
    }

    /// Reads the dates that could not be read before the whole column was known. Returns the number of cells
    /// that hold no readable date.
    ///
    /// # Errors
    /// If there are such dates, and nothing in the column shows which number is the month; if the column has texts
    /// and none of them can be read as a date.
    pub fn finish(self, rows: &mut PackedEntries, file: &str) -> Result<u64> {
        let order = self.order.order();
        if order == DateOrder::Unknown && !self.waiting.is_empty() {
            return Err(Error::input(format!(
                "nothing in the column {} shows which number is the month",
                quoted(&self.name)
            ))
            .at(file, None)
            .hint(ISO_FORM));
        }
        let (mut read, mut unread) = (self.read, self.unread);
        for (index, text) in self.waiting {
            match (order.end(&text), rows.dates_mut(index)) {
                (Some(at), Some(row)) => {
                    read += 1;
                    set(row, self.meaning, at);
                }
                _ => unread += 1,
            }
        }
        if unread > 0 && read == 0 {
            return Err(no_date(&self.name).at(file, None));
        }
        Ok(unread)
    }
}

/// The refusal of a column that has texts, none of which can be read as a date. The error names no file yet.
pub fn no_date(column: &str) -> Error {
    let told = format!("no cell of the column {} can be read as a date", quoted(column));
    Error::input(told).hint(ISO_FORM)
}

/// Sets a date of a row. Where several columns give a row dates of one meaning, the earliest date counts.
fn set(row: &mut EntryDates, meaning: DateMeaning, at: Instant) {
    let place = match meaning {
        DateMeaning::Left => &mut row.left,
        DateMeaning::Hired => &mut row.hired,
        DateMeaning::Expires => &mut row.expires,
    };
    *place = Some(place.map_or(at, |before| before.min(at)));
}

/// The instant of a date or time in ISO form, or in the form `/Date(1785542400000)/` of Windows PowerShell. The
/// outer `None` means that the text cannot be read, the inner `None` that it means "never".
pub fn alone(text: &str) -> Option<Option<Instant>> {
    if let Some(seconds) = of_powershell(text) {
        let at = Instant::from_unix(seconds);
        let year = at.and_then(Instant::day).map(|day| day.year());
        return Some(at.filter(|_| year.is_some_and(|year| (1970..NEVER).contains(&year))));
    }
    match date_cell(text) {
        DateCell::At(at) => Some(Some(at)),
        DateCell::Absent | DateCell::OrderedNever(_) => Some(None),
        DateCell::Ordered(_) | DateCell::Number | DateCell::Unread => None,
    }
}

/// The seconds since 1970 in a date as Windows PowerShell 5.1 writes it into JSON: milliseconds, which an offset
/// may follow. The offset changes nothing, since the milliseconds are those of UTC.
fn of_powershell(text: &str) -> Option<i64> {
    let number = email::trimmed(text).strip_prefix("/Date(")?.strip_suffix(")/")?;
    let (sign, digits) = number.split_at(usize::from(number.starts_with('-')));
    let (digits, offset) = digits.split_at(digits.find(['+', '-']).unwrap_or(digits.len()));
    let is_offset = offset.is_empty()
        || (offset.len() == 5 && offset[1..].bytes().all(|byte| byte.is_ascii_digit()));
    let milliseconds: i64 = [sign, digits].concat().parse().ok()?;
    is_offset.then(|| milliseconds.div_euclid(1000))
}

fn date_cell(cell: &str) -> DateCell<'_> {
    let text = email::trimmed(cell);
    let digits = || text.bytes().filter(u8::is_ascii_digit);
    if text.is_empty()
        || email::word_of_absence(text).is_some()
        || text.eq_ignore_ascii_case("never")
    {
        return DateCell::Absent;
    }
    let only = |signs: &[u8]| text.bytes().all(|it| it.is_ascii_digit() || signs.contains(&it));
    if only(b"/.-: TZ") && digits().count() > 0 && digits().all(|digit| digit == b'0') {
        return DateCell::Absent;
    }
    if only(b"") || (only(b".,") && text.matches(['.', ',']).count() == 1) {
        return DateCell::Number;
    }
    let text = without_offset(text);
    let mut alone = DateColumn::default();
    alone.add(text);
    if alone.order() != DateOrder::Iso {
        let year =
            text.split_whitespace().next().and_then(|day| day.rsplit(['/', '.', '-']).next());
        let is_date = year.is_some_and(|year| year.len() == 2 || is_year_of_a_date(year));
        return if is_date { DateCell::Ordered(text) } else { DateCell::OrderedNever(text) };
    }
    let year = text.get(..4).filter(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    if year.is_some_and(|year| !is_year_of_a_date(year)) {
        return DateCell::Absent;
    }
    match DateOrder::Iso.end(text) {
        Some(at) if at.day().is_some_and(|day| day.year() < NEVER) => DateCell::At(at),
        Some(_) => DateCell::Absent,
        None => DateCell::Unread,
    }
}

/// Whether a year is plausible for a date in a directory. Programs write years such as 1900 and 9999 for
/// "never".
fn is_year_of_a_date(year: &str) -> bool {
    year.parse().is_ok_and(|year: i32| (1970..NEVER).contains(&year))
}

/// A date without the offset that some exports write after it (`2026-08-15-07:00`).
fn without_offset(text: &str) -> &str {
    let Some((date, offset)) = text.split_at_checked(10) else { return text };
    let is_date = date.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let is_offset = offset == "Z"
        || (offset.starts_with(['+', '-'])
            && matches!(offset.len(), 3 | 5 | 6)
            && offset[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b':'));
    if is_date && is_offset { date } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DirectoryEntry;

    fn column(cells: &[&str]) -> Result<Vec<String>> {
        let mut column = DateCells::new("Exit", DateMeaning::Left);
        let mut rows = PackedEntries::default();
        for (index, cell) in cells.iter().enumerate() {
            let mut dates = EntryDates::default();
            column.add(cell, &mut dates, index)?;
            rows.push(&DirectoryEntry { left: dates.left, ..DirectoryEntry::default() });
        }
        column.finish(&mut rows, "hr.csv")?;
        let left = rows.iter().map(|row| row.left.map(|at| at.to_string()));
        Ok(left.map(Option::unwrap_or_default).collect())
    }

    #[test]
    fn dates_by_their_column() {
        for (cells, expected) in [
            (
                &["31.12.9999", "15.08.2026", "00.00.0000", "01.02.2026"][..],
                &["", "2026-08-15T23:59:59Z", "", "2026-02-01T23:59:59Z"][..],
            ),
            (&["", "2026-08-15-07:00", "9999-12-31"], &["", "2026-08-15T23:59:59Z", ""]),
            (
                &["8/15/26", "1/2/26", "1/1/1900"],
                &["2026-08-15T23:59:59Z", "2026-01-02T23:59:59Z", ""],
            ),
            (&["2026-08-20 09:00:00Z", "Never", "0"], &["2026-08-20T09:00:00Z", "", ""]),
            (&["2026-08-20T09:00:00-07:00"], &["2026-08-20T16:00:00Z"]),
            (&["0001-01-01T00:00:00Z", "1900-01-01", "soon", "01/01/9999"], &["", "", "", ""]),
        ] {
            assert_eq!(column(cells).expect("dates"), expected, "{cells:?}");
        }
    }

    #[test]
    fn dates_that_stand_alone() {
        let shown = |text| alone(text).map(|at| at.map(|at| at.to_string()).unwrap_or_default());
        for (text, expected) in [
            ("2026-08-01T00:00:00Z", Some("2026-08-01T00:00:00Z")),
            ("2026-08-01", Some("2026-08-01T23:59:59Z")),
            ("/Date(1785542400000)/", Some("2026-08-01T00:00:00Z")),
            ("/Date(1785542400000+0200)/", Some("2026-08-01T00:00:00Z")),
            ("/Date(-62135596800000)/", Some("")),
            ("/Date(253402300799999)/", Some("")),
            ("0001-01-01T00:00:00Z", Some("")),
            ("12/31/9999", Some("")),
            ("never", Some("")),
            ("/Date(soon)/", None),
            ("/Date(1785542400000+x)/", None),
            ("8/1/2026 12:00:00 AM", None),
            ("46249", None),
            ("1.34E+17", None),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_nobody_can_read_is_refused() {
        for (cells, told) in [
            (&["1/2/26", "3/4/26"][..], "nothing in the column \"Exit\" shows"),
            (&["13/2/26", "3/14/26"], "nothing in the column"),
            (&["46249"], "a bare number"),
            (&["46249,5"], "a bare number"),
        ] {
            assert!(column(cells).expect_err(told).message.contains(told), "{cells:?}");
        }
    }
}

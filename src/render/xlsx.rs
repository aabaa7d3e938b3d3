//! The format XLSX, workbooks for spreadsheets: typed cells, instants as dates (UTC), money with its cents, a
//! frozen header, column widths and a filter. Texts are written as texts, so that no text is ever a formula. The
//! same answer gives the same bytes.
//!
//! The first sheet holds the rows of the answer. The second sheet, `about`, holds the basis of the answer and
//! the values beside the rows, such as the totals.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::Builder;

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::about::about;
use super::cells::real;
use super::renderer::{PrintOptions, Printable, Renderer};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{DayMeans, Instant};
use crate::table::{Cell, Table};

/// The output format XLSX.
pub struct Xlsx;

/// How many rows a sheet of a workbook can have.
const ROWS: usize = 1_048_576;
/// The greatest whole number that a spreadsheet stores without rounding.
const EXACT: u64 = 1 << 53;
/// How wide a column may be, in characters.
const WIDEST: usize = 60;

/// The keys in an answer's JSON that state what the answer is based on (interface.md section 1).
const RESTS_ON: [&str; 4] = ["schema", "as_of", "known_on", "billing_models"];

impl Renderer for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        let mut workbook = Workbook::new();
        // The library would write the present time as the time of creation, and the same answer would give
        // other bytes. So a fixed time is written.
        let written = ExcelDateTime::from_ymd(2000, 1, 1).map_err(not_xlsx)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&written));
        let formats = Formats::new();
        let name = answer.list().unwrap_or("answer");
        let outline = answer.outline()?;
        let table = answer.table(options.stamped)?;
        fill(workbook.add_worksheet(), name, &table, outline.is_none(), &formats)?;
        drop(table);
        if let Some(mut members) = outline {
            match answer.list() {
                Some(list) => drop(members.remove(list)),
                // The first sheet of an answer without a list has all of its values, so the sheet `about` has
                // only what the answer is based on.
                None => members.retain(|name, _| RESTS_ON.contains(&name.as_str())),
            }
            fill(workbook.add_worksheet(), "about", &about(&members), true, &formats)?;
        }
        saved(&mut workbook)
    }

    fn is_binary(&self) -> bool {
        true
    }
}

/// The workbook as bytes. The library starts a thread for each sheet, and panics if the system provides none.
/// So this function first tries to start that many threads.
fn saved(workbook: &mut Workbook) -> Result<Vec<u8>> {
    let none = |what: &str| {
        Error::output(format!("the workbook cannot be written: {what}"))
            .hint("raise the limits on processes and memory (`ulimit -u`, `ulimit -v`), or use --format csv")
    };
    let sheets = workbook.worksheets().len();
    let given: std::io::Result<Vec<_>> =
        (0..sheets).map(|_| Builder::new().spawn(std::thread::park)).collect();
    for thread in given.map_err(|error| none("the system provides no thread").caused_by(error))? {
        thread.thread().unpark();
        let _ended = thread.join();
    }
    // The library may still panic, because another process may have used up the threads in the meantime.
    let saved = quietly(|| workbook.save_to_buffer());
    saved.ok_or_else(|| none("the library gave up"))?.map_err(not_xlsx)
}

/// Runs `work`. If it panics on this thread, nothing is printed and the result is `None`.
fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    let (here, before) = (std::thread::current().id(), Arc::new(std::panic::take_hook()));
    let others = Arc::clone(&before);
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() != here {
            others(panic);
        }
    }));
    let done = std::panic::catch_unwind(AssertUnwindSafe(work)).ok();
    std::panic::set_hook(Box::new(move |panic| before(panic)));
    done
}

struct Formats {
    header: Format,
    instant: Format,
    day: Format,
    money: Format,
}

impl Formats {
    fn new() -> Formats {
        let left = || Format::new().set_align(FormatAlign::Left);
        Formats {
            header: Format::new().set_bold(),
            instant: left().set_num_format("yyyy-mm-dd hh:mm:ss"),
            day: left().set_num_format("yyyy-mm-dd"),
            money: Format::new().set_num_format("#,##0.00"),
        }
    }
}

/// Writes a table into a sheet. For the answer of an SQL statement (`statement`), the kinds of the columns are
/// unknown, so a column whose texts are all instants or days becomes a column of dates.
fn fill(
    sheet: &mut Worksheet,
    name: &str,
    table: &Table,
    statement: bool,
    formats: &Formats,
) -> Result<()> {
    if table.rows.len() >= ROWS {
        return Err(Error::new(
            ErrorKind::Usage,
            "a sheet of a workbook has no room for more than 1,048,575 rows",
        )
        .hint("ask for fewer rows, or use --format csv"));
    }
    sheet.set_name(name).map_err(not_xlsx)?;
    sheet.set_freeze_panes(1, 0).map_err(not_xlsx)?;
    for (column, name) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, column, name, &formats.header).map_err(not_xlsx)?;
        let cells = || table.rows.iter().filter_map(|row| row.get(usize::from(column)));
        let dates = statement && are_dates(cells());
        // Three characters more than the name leave room for the filter's button.
        let mut width = name.chars().count() + 3;
        for (row, cell) in (1u32..).zip(cells()) {
            let shown = put(sheet, row, column, cell, dates, formats).map_err(not_xlsx)?;
            width = width.max(shown + 1);
        }
        sheet.set_column_width(column, width.min(WIDEST) as f64).map_err(not_xlsx)?;
    }
    if let Some(last) = table.columns.len().checked_sub(1) {
        let rows = u32::try_from(table.rows.len()).unwrap_or(u32::MAX);
        sheet.autofilter(0, 0, rows, last as u16).map_err(not_xlsx)?;
    }
    Ok(())
}

/// Whether a column has any texts, and all of its texts are instants or days.
fn are_dates<'c>(cells: impl Iterator<Item = &'c Cell>) -> bool {
    let mut some = false;
    for cell in cells {
        match cell {
            Cell::Absent => {}
            Cell::Text(text) if date(text).is_some() => some = true,
            _ => return false,
        }
    }
    some
}

/// The instant that a text states, and whether the text is a day without a time. `None` if it is neither an
/// instant nor a day as this program writes them.
pub(super) fn date(text: &str) -> Option<(Instant, bool)> {
    let at = Instant::parse(text, DayMeans::Start)?;
    let day = text.len() == "2026-06-30".len();
    (day || at.to_string() == text).then_some((at, day))
}

/// Writes a cell into a sheet. Returns how many characters the spreadsheet will show, for the width of the
/// column.
fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    dates: bool,
    formats: &Formats,
) -> std::result::Result<usize, XlsxError> {
    let text = match cell {
        Cell::Absent => return Ok(0),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => real(*number),
        // Two more characters leave room for commas between groups of digits.
        Cell::Decimal(number) => format!("{number},,"),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Instant(at) => at.to_string(),
        Cell::Text(text) => text.clone(),
    };
    match cell {
        // A spreadsheet would round a larger number. It is written as text, so that all digits stay.
        Cell::Integer(number) if number.unsigned_abs() <= EXACT => {
            sheet.write_number(row, column, *number as f64)?;
        }
        Cell::Real(number) if number.is_finite() => {
            sheet.write_number(row, column, *number)?;
        }
        Cell::Decimal(number) => {
            let nearest = number.to_f64().unwrap_or(f64::NAN);
            sheet.write_number_with_format(row, column, nearest, &formats.money)?;
        }
        Cell::Truth(truth) => {
            sheet.write_boolean(row, column, *truth)?;
        }
        Cell::Instant(at) => put_date(sheet, row, column, *at, &formats.instant)?,
        Cell::Text(text) => match date(text).filter(|_| dates) {
            Some((at, true)) => put_date(sheet, row, column, at, &formats.day)?,
            Some((at, false)) => put_date(sheet, row, column, at, &formats.instant)?,
            None => sheet.write_string(row, column, text).map(drop)?,
        },
        _ => sheet.write_string(row, column, &text).map(drop)?,
    }
    Ok(text.split('\n').map(|line| line.chars().count()).max().unwrap_or(0))
}

fn put_date(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    at: Instant,
    format: &Format,
) -> std::result::Result<(), XlsxError> {
    let date = ExcelDateTime::from_timestamp(at.unix())?;
    sheet.write_datetime_with_format(row, column, &date, format).map(drop)
}

fn not_xlsx(error: XlsxError) -> Error {
    let hint = match error {
        XlsxError::MaxStringLengthExceeded => {
            "a cell holds at most 32,767 characters: use --format csv"
        }
        _ => "use --format csv",
    };
    Error::output("the answer cannot be written as a workbook").caused_by(error).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_is_an_error_and_says_nothing() {
        assert_eq!(quietly(|| 7), Some(7));
        let refused = |refuses: bool| assert!(!refuses, "no thread");
        assert_eq!(quietly(|| refused(true)), None);
        // The panic hook has been restored, for other threads too.
        let other = quietly(|| std::thread::spawn(|| 3).join().ok());
        assert_eq!(other.flatten(), Some(3));
    }
}

//! Workbooks for spreadsheets: typed cells, instants as dates (UTC), money with its cents, a frozen
//! header, widths, a filter. Texts are written as texts, so none is ever a formula; the same answer
//! gives the same bytes.
//!
//! An answer is a sheet of its rows, and a second sheet with what it rests on and what stands beside
//! the rows (the instant, the totals).

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::thread::Builder;

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};
use serde_json::Value;

use super::{Options, Printable, Renderer, flat_table};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{DayMeans, Instant};
use crate::table::{Cell, Table};

/// A workbook.
pub struct Xlsx;

/// What a sheet can hold.
const ROWS: usize = 1_048_576;
/// The greatest whole number that a spreadsheet's numbers hold exactly.
const EXACT: u64 = 1 << 53;
/// No column is wider, in characters.
const WIDEST: usize = 60;

/// What every answer rests on (interface.md section 1).
const RESTS_ON: [&str; 4] = ["schema", "as_of", "known_on", "billing_models"];

impl Renderer for Xlsx {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn render(&self, answer: &dyn Printable, options: &Options) -> Result<Vec<u8>> {
        let mut workbook = Workbook::new();
        // Without a date of its own the library writes the present one.
        let written = ExcelDateTime::from_ymd(2000, 1, 1).map_err(not_xlsx)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&written));
        let formats = Formats::new();
        let name = answer.list().unwrap_or("answer");
        let mut json = answer.json()?;
        let table = answer.table(options.stamped)?;
        fill(workbook.add_worksheet(), name, &table, json.is_null(), &formats)?;
        if let Value::Object(members) = &mut json {
            match answer.list() {
                Some(list) => drop(members.remove(list)),
                // The one row has all else.
                None => members.retain(|name, _| RESTS_ON.contains(&name.as_str())),
            }
            let about = about(&flat_table(std::slice::from_ref(&json), &json));
            fill(workbook.add_worksheet(), "about", &about, true, &formats)?;
        }
        saved(&mut workbook)
    }

    fn is_binary(&self) -> bool {
        true
    }
}

/// The workbook as bytes. The library puts each sheet together on a thread of its own and panics
/// where the system gives none.
fn saved(workbook: &mut Workbook) -> Result<Vec<u8>> {
    let none = |what: &str| {
        Error::output(format!("the workbook cannot be put together: {what}"))
            .hint("see to limits on processes and memory (`ulimit -u`, `ulimit -v`), or take --format csv")
    };
    let sheets = workbook.worksheets().len();
    let given: std::io::Result<Vec<_>> =
        (0..sheets).map(|_| Builder::new().spawn(std::thread::park)).collect();
    for thread in given.map_err(|error| none("the system gives no thread").caused_by(error))? {
        thread.thread().unpark();
        let _ended = thread.join();
    }
    // Between the two, somebody else may have taken it.
    let saved = quietly(|| workbook.save_to_buffer());
    saved.ok_or_else(|| none("the library gave up"))?.map_err(not_xlsx)
}

/// Does something that may panic on this thread, without a word; `None`: it did.
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

/// A line for each column: names below each other are easier to read than a single wide row.
fn about(table: &Table) -> Table {
    let mut about = Table::new(&["what", "value"]);
    let values = table.rows.first().into_iter().flatten();
    let lines = table.columns.iter().zip(values);
    about.rows.extend(lines.map(|(name, cell)| vec![Cell::from(name.as_str()), cell.clone()]));
    about
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

/// Writes a table; `statement`: its texts are of unknown meaning, so that a column of nothing but
/// instants or days is one of dates.
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
            "a sheet has no room for more than 1,048,575 rows",
        )
        .hint("ask for less, or for --format csv"));
    }
    sheet.set_name(name).map_err(not_xlsx)?;
    sheet.set_freeze_panes(1, 0).map_err(not_xlsx)?;
    for (column, name) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, column, name, &formats.header).map_err(not_xlsx)?;
        let cells = || table.rows.iter().filter_map(|row| row.get(usize::from(column)));
        let dates = statement && are_dates(cells());
        // Room for the filter's button beside the name.
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

/// Are the texts of a column instants or days, and nothing else?
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

/// The instant of a text that is written as this program writes instants, or of a day; and whether
/// it is a day.
pub(super) fn date(text: &str) -> Option<(Instant, bool)> {
    let at = Instant::parse(text, DayMeans::Start)?;
    let day = text.len() == "2026-06-30".len();
    (day || at.to_string() == text).then_some((at, day))
}

/// Writes a cell; gives how many characters it shows.
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
        Cell::Real(number) => super::real(*number),
        // With the commas between the groups.
        Cell::Decimal(number) => format!("{number},,"),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Instant(at) => at.to_string(),
        Cell::Text(text) => text.clone(),
    };
    match cell {
        // More than a spreadsheet can count is a text, so that every digit stays.
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
            "a cell holds 32,767 characters: ask for --format csv"
        }
        _ => "ask for --format csv",
    };
    Error::output("the answer cannot be told as a workbook").caused_by(error).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_is_an_error_and_says_nothing() {
        assert_eq!(quietly(|| 7), Some(7));
        let refused = |refuses: bool| assert!(!refuses, "no thread");
        assert_eq!(quietly(|| refused(true)), None);
        // Whoever panics on another thread is heard as before, and so is whoever does later.
        let other = quietly(|| std::thread::spawn(|| 3).join().ok());
        assert_eq!(other.flatten(), Some(3));
    }
}

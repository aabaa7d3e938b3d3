//! The format Parquet, for data tools: typed columns, nulls as nulls, and the same bytes for the same answer.
//!
//! The kind of a column depends on all of its values, but the rows of a SQL statement come one by one. The rows
//! therefore go to an unnamed temporary file until the last one has come, and are then written group by group.
//! Neither a million rows nor all of a column is ever in memory.

use std::io::{Read, Seek, Write};
use std::sync::{Arc, Mutex};

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType};
use ::parquet::data_type::{Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::Type;
use rust_decimal::Decimal;

use super::cells;
use super::renderer::{PrintOptions, Printable, Printing, Renderer};
use super::rows::distinct;
use super::xlsx::date;
use crate::error::{Error, Result};
use crate::table::{Cell, RowSink};

/// How many rows make up a row group, the unit in which Parquet stores columns.
const GROUP: usize = 65_536;
/// How many digits after the decimal point an amount of money has.
const CENTS: u32 = 2;
/// How many digits an amount of money may have, before and after the decimal point together.
const DIGITS: i32 = 18;

/// The output format Parquet.
pub struct Parquet;

impl Renderer for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn render(&self, answer: &dyn Printable, options: &PrintOptions) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut file = File::new(&mut out);
        answer.send(options.stamped, &mut file)?;
        Box::new(file).finish()?;
        Ok(out)
    }

    fn stream<'w>(
        &self,
        out: &'w mut dyn Write,
        _options: &PrintOptions,
    ) -> Option<Box<dyn Printing + 'w>> {
        Some(Box::new(File::new(out)))
    }

    fn is_binary(&self) -> bool {
        true
    }
}

/// The kind of the values in a column, which decides how Parquet stores them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ColumnKind {
    Integer,
    Real,
    Money,
    Instant,
    Day,
    Truth,
    Text,
}

impl ColumnKind {
    fn of(cell: &Cell) -> Option<ColumnKind> {
        Some(match cell {
            Cell::Absent => return None,
            Cell::Integer(_) => ColumnKind::Integer,
            Cell::Real(_) => ColumnKind::Real,
            Cell::Decimal(number) if cents(number).is_some() => ColumnKind::Money,
            Cell::Decimal(_) => ColumnKind::Text,
            Cell::Instant(_) => ColumnKind::Instant,
            Cell::Truth(_) => ColumnKind::Truth,
            Cell::Text(text) => match date(text) {
                Some((_, true)) => ColumnKind::Day,
                Some((_, false)) => ColumnKind::Instant,
                None => ColumnKind::Text,
            },
        })
    }

    /// The kind of a column that has values of this kind and of the kind `other`. Integers and real numbers
    /// together are real numbers; any other mixture is text.
    fn with(self, other: ColumnKind) -> ColumnKind {
        match (self, other) {
            (one, other) if one == other => one,
            (ColumnKind::Integer, ColumnKind::Real) | (ColumnKind::Real, ColumnKind::Integer) => {
                ColumnKind::Real
            }
            _ => ColumnKind::Text,
        }
    }

    fn column(self, name: &str) -> std::result::Result<Type, ParquetError> {
        let (physical, logical) = match self {
            ColumnKind::Integer => (Physical::INT64, None),
            ColumnKind::Real => (Physical::DOUBLE, None),
            ColumnKind::Money => {
                (Physical::INT64, Some(LogicalType::decimal(CENTS as i32, DIGITS)))
            }
            ColumnKind::Instant => {
                (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS)))
            }
            ColumnKind::Day => (Physical::INT32, Some(LogicalType::Date)),
            ColumnKind::Truth => (Physical::BOOLEAN, None),
            ColumnKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let column = Type::primitive_type_builder(name, physical);
        let column = column.with_repetition(Repetition::OPTIONAL).with_logical_type(logical);
        let money = self == ColumnKind::Money;
        let column =
            if money { column.with_scale(CENTS as i32).with_precision(DIGITS) } else { column };
        column.build()
    }
}

/// An amount of money in whole cents; `None` if it has fractions of a cent or too many digits.
fn cents(number: &Decimal) -> Option<i64> {
    let cents = number.checked_mul(Decimal::from(10u32.pow(CENTS)))?.normalize();
    let whole = i64::try_from(cents.mantissa()).ok().filter(|_| cents.scale() == 0)?;
    (whole.unsigned_abs() < 10u64.pow(DIGITS as u32)).then_some(whole)
}

/// A Parquet file that is being written.
struct File<'w> {
    out: &'w mut dyn Write,
    names: Vec<String>,
    kinds: Vec<Option<ColumnKind>>,
    /// The rows that came last. When they are as many as a row group has, they go to the temporary file.
    rows: Vec<Vec<Cell>>,
    /// The temporary file with all earlier rows, in complete row groups. It is made when it is first needed.
    aside: Option<std::io::BufWriter<std::fs::File>>,
    groups: u64,
}

impl<'w> File<'w> {
    fn new(out: &'w mut dyn Write) -> File<'w> {
        let (names, kinds, rows) = (Vec::new(), Vec::new(), Vec::new());
        File { out, names, kinds, rows, aside: None, groups: 0 }
    }

    fn lay_aside(&mut self) -> std::io::Result<()> {
        let mut aside = match self.aside.take() {
            Some(aside) => aside,
            None => std::io::BufWriter::new(tempfile::tempfile()?),
        };
        for cell in self.rows.iter().flatten() {
            put(&mut aside, cell)?;
        }
        self.aside = Some(aside);
        self.groups += 1;
        self.rows.clear();
        Ok(())
    }
}

impl RowSink for File<'_> {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.names = distinct(names);
        self.kinds = vec![None; names.len()];
        Ok(())
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<()> {
        for (kind, cell) in self.kinds.iter_mut().zip(&cells) {
            *kind = match (*kind, ColumnKind::of(cell)) {
                (Some(one), Some(other)) => Some(one.with(other)),
                (one, other) => one.or(other),
            };
        }
        if self.rows.len() == GROUP {
            self.lay_aside().map_err(not_laid_aside)?;
        }
        self.rows.push(cells);
        Ok(())
    }
}

impl Printing for File<'_> {
    fn finish(mut self: Box<Self>) -> Result<Option<Vec<u8>>> {
        // A column without any value could be of any kind. It is stored as text.
        let kinds: Vec<ColumnKind> =
            self.kinds.iter().map(|kind| kind.unwrap_or(ColumnKind::Text)).collect();
        let columns = kinds.iter().zip(&self.names).map(|(kind, name)| kind.column(name));
        let columns = columns.map(|column| column.map(Arc::new));
        let columns = columns.collect::<std::result::Result<Vec<_>, _>>().map_err(not_parquet)?;
        let schema = Type::group_type_builder("answer").with_fields(columns).build();
        let properties = WriterProperties::builder()
            .set_created_by("oneseat".to_owned())
            .set_compression(Compression::ZSTD(Default::default()))
            .build();
        let pipe = Pipe::default();
        let schema = Arc::new(schema.map_err(not_parquet)?);
        let writer = SerializedFileWriter::new(pipe.clone(), schema, Arc::new(properties));
        let mut writer = writer.map_err(not_parquet)?;
        if let Some(aside) = self.aside.take() {
            let mut aside = aside.into_inner().map_err(|it| not_laid_aside(it.into_error()))?;
            aside.rewind().map_err(not_laid_aside)?;
            let mut aside = std::io::BufReader::new(aside);
            for _ in 0..self.groups {
                let rows = (0..GROUP).map(|_| kinds.iter().map(|_| take(&mut aside)).collect());
                let rows: std::io::Result<Vec<Vec<Cell>>> = rows.collect();
                write_group(&mut writer, &kinds, &rows.map_err(not_laid_aside)?)?;
                pipe.drain(self.out)?;
            }
        }
        if !self.rows.is_empty() {
            write_group(&mut writer, &kinds, &self.rows)?;
        }
        writer.close().map_err(not_parquet)?;
        pipe.drain(self.out)?;
        Ok(None)
    }
}

fn write_group(
    writer: &mut SerializedFileWriter<Pipe>,
    kinds: &[ColumnKind],
    rows: &[Vec<Cell>],
) -> Result<()> {
    let written = (|| {
        let mut group = writer.next_row_group()?;
        for (index, kind) in kinds.iter().enumerate() {
            let Some(mut column) = group.next_column()? else { break };
            let cells = || rows.iter().map(move |row| row.get(index).unwrap_or(&Cell::Absent));
            let to = &mut column;
            match kind {
                ColumnKind::Integer => fill::<Int64Type>(to, cells().map(integer)),
                ColumnKind::Real => fill::<DoubleType>(to, cells().map(real)),
                ColumnKind::Money => fill::<Int64Type>(to, cells().map(money)),
                ColumnKind::Instant => fill::<Int64Type>(to, cells().map(milliseconds)),
                ColumnKind::Day => fill::<Int32Type>(to, cells().map(day)),
                ColumnKind::Truth => fill::<BoolType>(to, cells().map(truth)),
                ColumnKind::Text => fill::<ByteArrayType>(to, cells().map(text)),
            }?;
            column.close()?;
        }
        group.close().map(drop)
    })();
    written.map_err(not_parquet)
}

/// Writes one column of a row group: first for each row whether it has a value, then the values.
fn fill<D: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = Option<D::T>>,
) -> std::result::Result<(), ParquetError> {
    let (mut values, mut there) = (Vec::new(), Vec::new());
    for value in cells {
        there.push(i16::from(value.is_some()));
        values.extend(value);
    }
    column.typed::<D>().write_batch(&values, Some(&there), None).map(drop)
}

fn integer(cell: &Cell) -> Option<i64> {
    if let Cell::Integer(number) = cell { Some(*number) } else { None }
}

fn real(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Integer(number) => Some(*number as f64),
        Cell::Real(number) => Some(*number),
        _ => None,
    }
}

fn money(cell: &Cell) -> Option<i64> {
    if let Cell::Decimal(number) = cell { cents(number) } else { None }
}

fn seconds(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Instant(at) => Some(at.unix()),
        Cell::Text(text) => date(text).map(|(at, _)| at.unix()),
        _ => None,
    }
}

fn milliseconds(cell: &Cell) -> Option<i64> {
    seconds(cell).map(|seconds| seconds * 1000)
}

fn day(cell: &Cell) -> Option<i32> {
    seconds(cell).and_then(|seconds| i32::try_from(seconds / 86_400).ok())
}

fn truth(cell: &Cell) -> Option<bool> {
    if let Cell::Truth(truth) = cell { Some(*truth) } else { None }
}

fn text(cell: &Cell) -> Option<ByteArray> {
    let text = match cell {
        Cell::Absent => return None,
        Cell::Text(text) => text.clone(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => cells::real(*number),
        Cell::Decimal(number) => number.to_string(),
        Cell::Instant(at) => at.to_string(),
        Cell::Truth(truth) => truth.to_string(),
    };
    Some(ByteArray::from(text.into_bytes()))
}

/// Writes a cell to the temporary file: a tag for its kind, the length, and the bytes.
fn put(aside: &mut impl Write, cell: &Cell) -> std::io::Result<()> {
    let (tag, bytes): (u8, Vec<u8>) = match cell {
        Cell::Absent => (b'n', Vec::new()),
        Cell::Integer(number) => (b'i', number.to_le_bytes().to_vec()),
        Cell::Real(number) => (b'r', number.to_le_bytes().to_vec()),
        Cell::Decimal(number) => (b'd', number.serialize().to_vec()),
        Cell::Instant(at) => (b'a', at.unix().to_le_bytes().to_vec()),
        Cell::Truth(truth) => (b'b', vec![u8::from(*truth)]),
        Cell::Text(text) => (b't', text.as_bytes().to_vec()),
    };
    aside.write_all(&[tag])?;
    aside.write_all(&(bytes.len() as u64).to_le_bytes())?;
    aside.write_all(&bytes)
}

/// Reads a cell from the temporary file, as `put` has written it.
fn take(aside: &mut impl Read) -> std::io::Result<Cell> {
    let (mut tag, mut length) = ([0; 1], [0; 8]);
    aside.read_exact(&mut tag)?;
    aside.read_exact(&mut length)?;
    let mut bytes = vec![0; u64::from_le_bytes(length) as usize];
    aside.read_exact(&mut bytes)?;
    let eight = || <[u8; 8]>::try_from(bytes.as_slice()).unwrap_or_default();
    Ok(match tag[0] {
        b'i' => Cell::Integer(i64::from_le_bytes(eight())),
        b'r' => Cell::Real(f64::from_le_bytes(eight())),
        b'd' => {
            Cell::Decimal(Decimal::deserialize(bytes.as_slice().try_into().unwrap_or_default()))
        }
        b'a' => crate::model::Instant::from_unix(i64::from_le_bytes(eight()))
            .map_or(Cell::Absent, Cell::Instant),
        b'b' => Cell::Truth(bytes == [1]),
        b't' => Cell::Text(String::from_utf8_lossy(&bytes).into_owned()),
        _ => Cell::Absent,
    })
}

/// A buffer between the Parquet library and the output of the command. The library needs an output that can be
/// sent to other threads, which the command's own cannot.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Pipe {
    fn drain(&self, out: &mut dyn Write) -> Result<()> {
        let bytes = self.0.lock().map(|mut bytes| std::mem::take(&mut *bytes)).unwrap_or_default();
        let written = out.write_all(&bytes);
        written.map_err(|it| Error::output("the output cannot be written").caused_by(it))
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut held = self.0.lock().map_err(|_| std::io::Error::other("another thread failed"))?;
        held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn not_parquet(error: ParquetError) -> Error {
    Error::output("the answer cannot be written as Parquet")
        .caused_by(error)
        .hint("use --format csv")
}

fn not_laid_aside(error: std::io::Error) -> Error {
    Error::output("the rows cannot be written to a temporary file")
        .caused_by(error)
        .hint("make room in the folder for temporary files, or name another one with TMPDIR")
}

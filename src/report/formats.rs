//! `oneseat formats`: the formats that oneseat reads, and the fields of imported files that no format is known
//! to have.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Result;
use crate::import::directory::DIRECTORY_READERS;
use crate::import::{self, READERS};
use crate::model::{Instant, SourceKind};
use crate::store::Store;
use crate::table::{Answer, Cell, CellKind, Columns, Page, RowVisitor, Table};

/// What `oneseat formats` answers: every format that oneseat reads.
#[derive(Debug, Serialize)]
pub struct Formats {
    schema: &'static str,
    items: Vec<Format>,
}

#[derive(Debug, Serialize)]
struct Format {
    format: &'static str,
    kind: SourceKind,
    about: &'static str,
    recognised_by: &'static str,
    obtained_from: &'static str,
}

impl Format {
    const COLUMNS: Columns = &[
        ("format", CellKind::Text),
        ("kind", CellKind::Text),
        ("about", CellKind::Text),
        ("recognised_by", CellKind::Text),
        ("obtained_from", CellKind::Text),
    ];
}

/// All formats that oneseat reads: first the formats of reports, then those of employee directories.
pub fn formats() -> Formats {
    let reports = READERS.into_iter().map(|reader| Format {
        format: reader.format(),
        kind: reader.kind(),
        about: reader.about(),
        recognised_by: reader.recognised_by(),
        obtained_from: reader.obtained_from(),
    });
    let directories = DIRECTORY_READERS.into_iter().map(|reader| Format {
        format: reader.format(),
        kind: SourceKind::Directory,
        about: reader.about(),
        recognised_by: reader.recognised_by(),
        obtained_from: reader.obtained_from(),
    });
    let items = reports.chain(directories);
    Formats { schema: "oneseat.formats/1", items: items.collect() }
}

/// What `oneseat formats --seen` answers: the fields of imported files that no format is known to have, with
/// the times of the files.
#[derive(Debug, Serialize)]
pub struct FieldsSeen {
    schema: &'static str,
    items: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    format: String,
    field: String,
    first_seen: Instant,
    last_seen: Instant,
}

impl Field {
    const COLUMNS: Columns = &[
        ("format", CellKind::Text),
        ("field", CellKind::Text),
        ("first_seen", CellKind::Instant),
        ("last_seen", CellKind::Instant),
    ];
}

/// The fields that no format is known to have, sorted by format and name. Each has the times of the first and
/// the last snapshot with the field, voided and partial snapshots included. No field of an employee directory
/// is listed: a column that is not used is not stored, and the certificate of the snapshot names it.
///
/// # Errors
/// If the database cannot be read, or is damaged.
pub fn fields_seen(store: &Store) -> Result<FieldsSeen> {
    let mut seen: BTreeMap<(String, String), (Instant, Instant)> = BTreeMap::new();
    let mut add = |format: &str, field: String, first: Instant, last: Instant| {
        let known = READERS.into_iter().find(|reader| reader.format() == format);
        // A record of a directory has only fields that the program itself names, because columns that it does
        // not use are left out. So none of its fields is unknown.
        let is_directory = DIRECTORY_READERS.into_iter().any(|reader| reader.format() == format);
        if is_directory || known.is_some_and(|reader| reader.knows(&field)) {
            return;
        }
        let span = seen.entry((format.to_owned(), field)).or_insert((first, last));
        *span = (span.0.min(first), span.1.max(last));
    };
    for shape in store.fields_seen()? {
        for field in shape.fields {
            add(&shape.format, field, shape.first, shape.last);
        }
    }
    for (format, at, facts) in store.facts_seen()? {
        let reader = READERS.into_iter().find(|reader| reader.format() == format);
        if let (Some(reader), Some(facts)) = (reader, facts.as_object()) {
            for field in import::fields_of(facts, reader) {
                add(&format, field, at, at);
            }
        }
    }
    let items = seen.into_iter().map(|((format, field), (first_seen, last_seen))| Field {
        format,
        field,
        first_seen,
        last_seen,
    });
    Ok(FieldsSeen { schema: "oneseat.formats-seen/1", items: items.collect() })
}

impl Answer for Formats {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = Format::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Format", "What it is", "Where to get it"]);
        for item in &self.items {
            table.rows.push(vec![item.format.into(), item.about.into(), item.obtained_from.into()]);
        }
        Page {
            headline: "Formats that are read, recognized by content".to_owned(),
            tables: vec![table],
            closing: vec![
                "Compressed files, UTF-16 and byte-order marks are read as they are.".to_owned(),
                "The last ten are employee directories; `mapped-csv` is read where the configuration \
                 maps it."
                    .to_owned(),
                "`oneseat formats --json` also states how each format is recognized.".to_owned(),
            ],
        }
    }
}

impl Answer for FieldsSeen {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = Field::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Format", "Field", "First seen", "Last seen"]);
        for item in &self.items {
            table.rows.push(vec![
                Cell::from(item.format.as_str()),
                item.field.as_str().into(),
                item.first_seen.to_string().into(),
                item.last_seen.to_string().into(),
            ]);
        }
        let closing = match self.items.len() {
            0 => "Every imported field is one that its format is known to have.",
            _ => "The fields are kept and exported; report them, so that oneseat can learn them.",
        };
        Page {
            headline: "Fields that no format is known to have".to_owned(),
            tables: vec![table],
            closing: vec![closing.to_owned()],
        }
    }
}

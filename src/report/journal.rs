//! `oneseat journal`: what each command did and when, line by line (interface.md section 5).

use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::{Instant, Source};
use crate::store::{JournalLine, Store};
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, SOURCE_COLUMNS, Table};

/// What `oneseat journal` answers: the lines of the journal, each about one command that wrote.
#[derive(Debug, Clone, Serialize)]
pub struct Journal {
    schema: &'static str,
    /// `known_on` is always `None`, because the answer shows every line of the journal, whenever it was
    /// written.
    known_on: Option<Instant>,
    items: Vec<JournalItem>,
}

#[derive(Debug, Clone, Serialize)]
struct JournalItem {
    line: i64,
    at: Option<Instant>,
    command: String,
    source: Option<Source>,
    snapshot: Option<i64>,
    hash: String,
    user: Option<String>,
}

impl JournalItem {
    const COLUMNS: Columns = &[
        ("line", CellKind::Whole),
        ("at", CellKind::Instant),
        ("command", CellKind::Text),
        ("source", CellKind::Object(SOURCE_COLUMNS)),
        ("snapshot", CellKind::Whole),
        ("hash", CellKind::Text),
        ("user", CellKind::Text),
    ];
}

/// The lines of the journal that were written between two instants, both included.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the span ends before it begins; another error if the database cannot
/// be read.
pub fn journal(store: &Store, from: Option<Instant>, to: Option<Instant>) -> Result<Journal> {
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(Error::usage(format!("the span ends at {to}, before it begins at {from}")));
    }
    let lines = store.journal_lines()?.into_iter();
    let asked = lines.filter(|line| {
        let after = from.is_none_or(|from| line.at.is_some_and(|at| at >= from));
        after && to.is_none_or(|to| line.at.is_some_and(|at| at <= to))
    });
    let items = asked.map(|line| {
        let JournalLine { line, at, command, source, snapshot, hash } = line;
        JournalItem { line, at, command, source, snapshot, hash, user: None }
    });
    Ok(Journal { schema: "oneseat.journal/1", known_on: None, items: items.collect() })
}

impl Answer for Journal {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = JournalItem::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let mut table =
            Table::new(&["Line", "At", "Command", "Source", "Kind", "Snapshot", "User", "Hash"]);
        for item in &self.items {
            table.rows.push(vec![
                item.line.to_string().into(),
                item.at.map(|at| at.to_string()).into(),
                item.command.as_str().into(),
                item.source.as_ref().map(|source| source.name.clone()).into(),
                item.source.as_ref().map(|source| source.kind.name()).into(),
                item.snapshot.map(|snapshot| format!("#{snapshot}")).into(),
                item.user.clone().into(),
                item.hash.get(..12).map(|start| format!("{start}…")).into(),
            ]);
        }
        let closing = match self.items.last() {
            None => "No line of the journal was written in this span.".to_owned(),
            Some(last) => format!(
                "Line {} has the hash {}. `oneseat verify` checks the chain of hashes. The journal \
                 does not record which user of the operating system ran a command.",
                last.line, last.hash
            ),
        };
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page { headline: "Journal".to_owned(), tables, closing: vec![closing] }
    }
}

//! `oneseat tables`: the tables that users can query, with a line on each column (interface.md section 4). Some
//! tables are views in the database (`schema/views.sql`). The others are filled when a statement names them. A
//! test compares this list with the database.

use serde::Serialize;

use crate::error::Result;
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, Table};

mod all;

pub use all::{PublicTable, TABLES, table_named};

/// What `oneseat tables` answers: the columns of the public tables, with their types and meanings.
#[derive(Debug, Clone, Serialize)]
pub struct Tables {
    schema: &'static str,
    items: Vec<Column>,
}

#[derive(Debug, Clone, Serialize)]
struct Column {
    table: &'static str,
    column: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    meaning: &'static str,
}

impl Column {
    const COLUMNS: Columns = &[
        ("table", CellKind::Text),
        ("column", CellKind::Text),
        ("type", CellKind::Text),
        ("meaning", CellKind::Text),
    ];
}

/// The columns of all public tables, or only those of the table `only`.
pub fn tables(only: Option<&'static PublicTable>) -> Tables {
    let shown = TABLES.iter().filter(|table| only.is_none_or(|only| only.name == table.name));
    let items = shown.flat_map(|table| {
        table.columns.iter().map(|(column, kind, meaning)| Column {
            table: table.name,
            column,
            kind,
            meaning,
        })
    });
    Tables { schema: "oneseat.tables/1", items: items.collect() }
}

impl Answer for Tables {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = Column::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let mut tables = Vec::new();
        for table in &TABLES {
            let mut columns = Table::new(&["Column", "Type", ""]);
            for item in self.items.iter().filter(|item| item.table == table.name) {
                columns.rows.push(vec![item.column.into(), item.kind.into(), item.meaning.into()]);
            }
            if !columns.rows.is_empty() {
                tables.push(columns.titled(&format!("{}: {}", table.name, table.row)));
            }
        }
        Page {
            headline: "Tables for `oneseat query`".to_owned(),
            tables,
            closing: vec![
                "Instants are UTC. All but the last five are views in the file: sqlite3, Datasette \
                 and DuckDB read them too (journal, links and listed as journal_lines, \
                 declared_links and listed_accounts)."
                    .to_owned(),
                "`oneseat query \"SELECT … FROM accounts\"` asks a question; `oneseat export \
                 TABLE` prints a whole table."
                    .to_owned(),
            ],
        }
    }
}

//! `oneseat questions`: lists the SQL statements that users have saved in the database under a name.

use serde::Serialize;

use crate::error::Result;
use crate::model::Instant;
use crate::store::Store;
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, Table};

/// What `oneseat questions` answers: the saved SQL statements, by name.
#[derive(Debug, Clone, Serialize)]
pub struct Questions {
    schema: &'static str,
    /// `known_on` is always `None`, because the answer lists the questions that are saved now.
    known_on: Option<Instant>,
    items: Vec<QuestionItem>,
}

#[derive(Debug, Clone, Serialize)]
struct QuestionItem {
    name: String,
    statement: String,
    saved_at: Instant,
}

impl QuestionItem {
    const COLUMNS: Columns =
        &[("name", CellKind::Text), ("statement", CellKind::Text), ("saved_at", CellKind::Instant)];
}

/// The SQL statements that users have saved as questions, sorted by name.
///
/// # Errors
/// If the database cannot be read.
pub fn questions(store: &Store) -> Result<Questions> {
    let items = store.saved_questions()?.into_iter().map(|it| QuestionItem {
        name: it.name,
        statement: it.statement,
        saved_at: it.declared_at,
    });
    Ok(Questions { schema: "oneseat.questions/1", known_on: None, items: items.collect() })
}

impl Answer for Questions {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = QuestionItem::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Name", "Statement"]);
        for item in &self.items {
            table.rows.push(vec![item.name.as_str().into(), item.statement.as_str().into()]);
        }
        let closing = match self.items.first() {
            Some(item) => format!("`oneseat questions run {}` runs the first question.", item.name),
            None => "`oneseat questions add NAME SQL` saves a question.".to_owned(),
        };
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page { headline: "Saved questions".to_owned(), tables, closing: vec![closing] }
    }
}

//! SQL statements that users save under a name, called questions. They are stored in the database, and the
//! journal records them. No row is ever deleted: the newest row of a name counts, and a row without a statement
//! removes the question.

use super::journal::{self, BookRow};
use super::row::{self, StoredRow as _, committed, instant, stored_row};
use super::{Import, Store};
use crate::error::Result;
use crate::model::Instant;

/// A statement that the user saved under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuestion {
    /// The name of the saved question.
    pub name: String,
    /// The SQL text of the question.
    pub statement: String,
    /// The time at which the question was saved.
    pub declared_at: Instant,
}

stored_row! {
    /// A row of the table `saved_questions`: an SQL statement under a name, or the removal of that name.
    QuestionRow, "saved_questions", question_id {
        name: String => committed,
        statement: Option<String> => committed,
        declared_at: i64 => instant as "at",
        salt: Option<Vec<u8>>,
    }
}

impl BookRow for QuestionRow {
    const KIND: &'static str = "question";
    const COMMANDS: &'static [&'static str] = &["question"];

    fn salt(&self) -> Option<&[u8]> {
        self.salt.as_deref()
    }
}

impl Import<'_> {
    /// Saves a question under a name. If `statement` is `None`, removes the question of this name.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn save_question(&self, name: &str, statement: Option<&str>) -> Result<()> {
        let row = QuestionRow {
            name: name.to_owned(),
            statement: statement.map(str::to_owned),
            declared_at: self.now.unix(),
            salt: Some(journal::salt()?.to_vec()),
        };
        let id = row.insert(&self.transaction, None)?;
        journal::append(&self.transaction, &row.line(id))
    }
}

impl Store {
    /// The saved questions, sorted by name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn saved_questions(&self) -> Result<Vec<SavedQuestion>> {
        let rest = "WHERE question_id IN (SELECT max(question_id) FROM saved_questions GROUP BY name) \
                    ORDER BY name";
        let rows = row::rows::<QuestionRow>(&self.connection, rest, [])?;
        let questions = rows.into_iter().filter_map(|(_, row)| {
            Some(SavedQuestion {
                name: row.name,
                statement: row.statement?,
                declared_at: Instant::from_unix(row.declared_at).unwrap_or_default(),
            })
        });
        Ok(questions.collect())
    }
}

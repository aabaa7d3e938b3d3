//! Questions that the user saves. They travel with the file, and the journal records them. No line is ever
//! deleted: the newest line of a name counts, and a line without a statement removes the question.

use rusqlite::params;
use serde_json::json;

use super::{Import, Store, journal};
use crate::error::Result;
use crate::model::Instant;

/// A statement that the user saved under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuestion {
    /// The name under which it was saved.
    pub name: String,
    /// The SQL statement.
    pub statement: String,
    /// When it was saved.
    pub declared_at: Instant,
}

impl Import<'_> {
    /// Saves a question under a name, or removes it if there is no statement.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn save_question(&self, name: &str, statement: Option<&str>) -> Result<()> {
        let salt = journal::salt()?;
        let id: i64 = self.transaction.query_row(
            "INSERT INTO saved_questions (name, statement, declared_at, salt) \
             VALUES (?1, ?2, ?3, ?4) RETURNING question_id",
            params![name, statement, self.now.unix(), salt],
            |row| row.get(0),
        )?;
        let entry = json!({
            "command": "question", "at": self.now, "question": id,
            "commitment":
                journal::commitment(&salt, &json!({"name": name, "statement": statement})),
        });
        journal::append(&self.transaction, &entry)
    }
}

impl Store {
    /// The saved questions, by name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn saved_questions(&self) -> Result<Vec<SavedQuestion>> {
        let mut statement = self.connection.prepare(
            "SELECT name, statement, declared_at FROM ( \
               SELECT name, statement, declared_at, max(question_id) \
               FROM saved_questions GROUP BY name) \
             WHERE statement IS NOT NULL ORDER BY name",
        )?;
        let questions = statement.query_map([], |row| {
            Ok(SavedQuestion {
                name: row.get(0)?,
                statement: row.get(1)?,
                declared_at: Instant::from_unix(row.get(2)?).unwrap_or_default(),
            })
        })?;
        Ok(questions.collect::<rusqlite::Result<_>>()?)
    }
}

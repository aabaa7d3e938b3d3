//! Declared links between two accounts (counting.md section 8). Lines are only ever added; the reader decides
//! which of them counts.

use rusqlite::{Row, params};
use serde_json::{Value, json};

use super::read::member;
use super::sql::unknown_value;
use super::{Import, Knowledge, Store, journal};
use crate::error::Result;
use crate::model::{Instant, LinkSays, Member};

/// An account that a link is about, named by what is the same in every snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkedAccount {
    /// A row of a Cloud enterprise.
    Cloud {
        /// The number of the enterprise's source.
        source_id: i64,
        /// The identity of the row.
        identity: String,
    },
    /// An account of an instance.
    Server {
        /// The host name that the instance had when the link was declared.
        host: String,
        /// The identity of the account on the instance.
        identity: String,
    },
}

impl LinkedAccount {
    /// The identity of the account within its enterprise or instance.
    pub fn identity(&self) -> &str {
        match self {
            LinkedAccount::Cloud { identity, .. } | LinkedAccount::Server { identity, .. } => {
                identity
            }
        }
    }

    /// The identity of a Server account in the form that counting uses.
    pub fn member(&self) -> Member {
        member(self.identity())
    }

    fn columns(&self) -> (Option<i64>, Option<&str>, &str) {
        match self {
            LinkedAccount::Cloud { source_id, identity } => (Some(*source_id), None, identity),
            LinkedAccount::Server { host, identity } => (None, Some(host), identity),
        }
    }

    fn from_columns(
        source_id: Option<i64>,
        host: Option<String>,
        identity: String,
    ) -> LinkedAccount {
        match source_id {
            Some(source_id) => LinkedAccount::Cloud { source_id, identity },
            None => LinkedAccount::Server { host: host.unwrap_or_default(), identity },
        }
    }
}

/// A declared link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredLink {
    /// The number of the link.
    pub id: i64,
    /// What the user declares about the two accounts.
    pub says: LinkSays,
    /// The two accounts, sorted.
    pub ends: [LinkedAccount; 2],
    /// The reason that the user gave.
    pub reason: Option<String>,
    /// The instant from which it holds; `None` if it always holds.
    pub valid_from: Option<Instant>,
    /// When it was declared.
    pub declared_at: Instant,
}

impl Import<'_> {
    /// Declares a link between two accounts.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn link(
        &self,
        says: LinkSays,
        ends: &[LinkedAccount; 2],
        reason: Option<&str>,
        valid_from: Option<Instant>,
    ) -> Result<()> {
        let mut ends = ends.clone();
        ends.sort();
        let (a, b) = (ends[0].columns(), ends[1].columns());
        let salt = journal::salt()?;
        let id: i64 = self.transaction.query_row(
            "INSERT INTO links (says, a_source, a_host, a_account, b_source, b_host, b_account, \
             reason, valid_from, declared_at, salt) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) RETURNING link_id",
            params![
                says.name(),
                a.0,
                a.1,
                a.2,
                b.0,
                b.1,
                b.2,
                reason,
                valid_from.map(Instant::unix),
                self.now.unix(),
                salt,
            ],
            |row| row.get(0),
        )?;
        let link = DeclaredLink {
            id,
            says,
            ends,
            reason: reason.map(str::to_owned),
            valid_from,
            declared_at: self.now,
        };
        journal::append(&self.transaction, &link.entry(&salt))
    }
}

impl DeclaredLink {
    /// The link's line in the journal.
    fn entry(&self, salt: &[u8]) -> Value {
        let (a, b) = (self.ends[0].columns(), self.ends[1].columns());
        let said = json!({"a_account": a.2, "b_account": b.2, "reason": self.reason});
        json!({
            "command": "link", "at": self.declared_at, "link": self.id, "says": self.says.name(),
            "a_source": a.0, "a_host": a.1, "b_source": b.0, "b_host": b.1,
            "valid_from": self.valid_from, "commitment": journal::commitment(salt, &said),
        })
    }
}

impl Store {
    /// Every link that is known, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn links(&self, known: Knowledge) -> Result<Vec<DeclaredLink>> {
        let sql = "SELECT * FROM links WHERE link_id < ?1 ORDER BY link_id";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([known.links])?;
        let mut links = Vec::new();
        while let Some(row) = rows.next()? {
            links.push(link(row)?);
        }
        Ok(links)
    }
}

fn link(row: &Row<'_>) -> Result<DeclaredLink> {
    let says: String = row.get("says")?;
    let instant = |seconds: i64| Instant::from_unix(seconds).ok_or_else(unknown_value);
    let end = |source: &str, host: &str, account: &str| -> Result<LinkedAccount> {
        Ok(LinkedAccount::from_columns(row.get(source)?, row.get(host)?, row.get(account)?))
    };
    Ok(DeclaredLink {
        id: row.get("link_id")?,
        says: LinkSays::from_name(&says).ok_or_else(unknown_value)?,
        ends: [end("a_source", "a_host", "a_account")?, end("b_source", "b_host", "b_account")?],
        reason: row.get("reason")?,
        valid_from: row.get::<_, Option<i64>>("valid_from")?.map(instant).transpose()?,
        declared_at: instant(row.get("declared_at")?)?,
    })
}

//! Declared links between two accounts (counting.md section 8). A declaration only adds a row to the table
//! `links`; the code that reads the links decides which of them counts.

use super::journal::{self, BookRow};
use super::read::member;
use super::row::{self, StoredRow as _, committed, instant, said, stored_row};
use super::sql::unknown_value;
use super::{Import, Knowledge, Store};
use crate::error::Result;
use crate::model::{Instant, LinkSays, Member};

/// An account that a link is about. It is named by values that stay the same from snapshot to snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkedAccount {
    /// A Cloud account, by the row of its enterprise's report.
    Cloud {
        /// The number that identifies the enterprise's source in the database.
        source_id: i64,
        /// The identity of the Cloud row (counting.md section 2).
        identity: String,
    },
    /// A Server account on an instance.
    Server {
        /// The host name that the instance had when the link was declared.
        host: String,
        /// The identity of the account on its instance (counting.md section 2).
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

    /// The identity of a Server account, as the `Member` value that counting uses.
    pub fn member(&self) -> Member {
        member(self.identity())
    }

    fn into_columns(self) -> (Option<i64>, Option<String>, String) {
        match self {
            LinkedAccount::Cloud { source_id, identity } => (Some(source_id), None, identity),
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

/// A link that somebody declared between two accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredLink {
    /// The number that identifies the link in the database.
    pub id: i64,
    /// The statement about the two accounts, for example that they belong to one person.
    pub says: LinkSays,
    /// The two linked accounts, in sorted order.
    pub ends: [LinkedAccount; 2],
    /// The reason that the user gave for the link.
    pub reason: Option<String>,
    /// The instant from which the link is valid; `None` if it is always valid.
    pub valid_from: Option<Instant>,
    /// The time at which the link was declared.
    pub declared_at: Instant,
}

stored_row! {
    /// A row of the table `links`: a declared link between two accounts.
    LinkRow, "links", link_id {
        says: String => said,
        a_source: Option<i64> => said,
        a_host: Option<String> => said,
        a_account: String => committed,
        b_source: Option<i64> => said,
        b_host: Option<String> => said,
        b_account: String => committed,
        reason: Option<String> => committed,
        valid_from: Option<i64> => instant,
        declared_at: i64 => instant as "at",
        salt: Option<Vec<u8>>,
    }
}

impl BookRow for LinkRow {
    const KIND: &'static str = "link";
    const COMMANDS: &'static [&'static str] = &["link"];

    fn salt(&self) -> Option<&[u8]> {
        self.salt.as_deref()
    }
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
        let [(a_source, a_host, a_account), (b_source, b_host, b_account)] =
            ends.map(LinkedAccount::into_columns);
        let row = LinkRow {
            says: says.name().to_owned(),
            a_source,
            a_host,
            a_account,
            b_source,
            b_host,
            b_account,
            reason: reason.map(str::to_owned),
            valid_from: valid_from.map(Instant::unix),
            declared_at: self.now.unix(),
            salt: Some(journal::salt()?.to_vec()),
        };
        let id = row.insert(&self.transaction, None)?;
        journal::append(&self.transaction, &row.line(id))
    }
}

impl Store {
    /// All links whose declaration was known, by the limits in `known`, oldest first.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn links(&self, known: Knowledge) -> Result<Vec<DeclaredLink>> {
        let rest = "WHERE link_id < ?1 ORDER BY link_id";
        let rows = row::rows::<LinkRow>(&self.connection, rest, [known.links])?;
        rows.into_iter().map(|(id, row)| link(id, row)).collect()
    }
}

fn link(id: i64, row: LinkRow) -> Result<DeclaredLink> {
    let instant = |seconds: i64| Instant::from_unix(seconds).ok_or_else(unknown_value);
    Ok(DeclaredLink {
        id,
        says: LinkSays::from_name(&row.says).ok_or_else(unknown_value)?,
        ends: [
            LinkedAccount::from_columns(row.a_source, row.a_host, row.a_account),
            LinkedAccount::from_columns(row.b_source, row.b_host, row.b_account),
        ],
        reason: row.reason,
        valid_from: row.valid_from.map(instant).transpose()?,
        declared_at: instant(row.declared_at)?,
    })
}

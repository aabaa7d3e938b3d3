//! `oneseat config check`: the enterprises and instances that the configuration file names, and their
//! settings. The answer needs no database.

use serde::Serialize;

use crate::error::Result;
use crate::table::{Answer, Cell, CellKind, Columns, Page, RowVisitor, Table};

/// The answer of `oneseat config check`.
#[derive(Debug, Serialize)]
pub struct ConfigAnswer {
    schema: &'static str,
    file: String,
    ok: bool,
    items: Vec<ConfigPlace>,
}

/// An enterprise or an instance that the configuration names.
#[derive(Debug, Serialize)]
pub struct ConfigPlace {
    /// The kind of the source: `cloud` or `server`.
    pub kind: &'static str,
    /// The short name of the enterprise, or the host name of the instance.
    pub name: String,
    /// The base URL of the requests to the enterprise or instance.
    pub url: String,
    /// The names of GitHub's answers that `oneseat fetch` requests from the enterprise or instance.
    pub fetch: Vec<&'static str>,
    /// The greatest age of the source's newest snapshot that `check` accepts, in seconds.
    pub max_age_seconds: Option<i64>,
    /// The source of the token, such as an environment variable; never the token itself.
    pub token_from: Option<String>,
    /// What is wrong with the token or with the certificate authorities; `None`: nothing is wrong.
    pub problem: Option<String>,
}

impl ConfigPlace {
    const COLUMNS: Columns = &[
        ("kind", CellKind::Text),
        ("name", CellKind::Text),
        ("url", CellKind::Text),
        ("fetch", CellKind::List),
        ("max_age_seconds", CellKind::Whole),
        ("token_from", CellKind::Text),
        ("problem", CellKind::Text),
    ];
}

impl ConfigAnswer {
    /// The answer about a configuration file.
    pub fn new(file: String, items: Vec<ConfigPlace>) -> ConfigAnswer {
        let ok = items.iter().all(|item| item.problem.is_none());
        ConfigAnswer { schema: "oneseat.config/1", file, ok, items }
    }

    /// Are all enterprises and instances in the configuration file without a problem?
    pub fn is_ok(&self) -> bool {
        self.ok
    }
}

impl Answer for ConfigAnswer {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = ConfigPlace::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let mut table =
            Table::new(&["Name", "Kind", "Where", "What is fetched", "Token", "Problem"]);
        for it in &self.items {
            table.rows.push(vec![
                it.name.as_str().into(),
                it.kind.into(),
                it.url.as_str().into(),
                it.fetch.join("\n").into(),
                it.token_from.clone().into(),
                Cell::from(it.problem.clone()),
            ]);
        }
        let closing = match self.ok {
            true => "Every token was found; `oneseat fetch` shows whether GitHub accepts it.",
            false => "`oneseat fetch` cannot fetch from an enterprise or instance with a problem.",
        };
        Page {
            headline: format!("Configuration {}", self.file),
            tables: vec![table],
            closing: vec![closing.to_owned()],
        }
    }
}

//! `oneseat config check`: the enterprises and instances that the configuration file names, and their
//! settings. The answer needs no database.

use serde::Serialize;

use crate::error::Result;
use crate::table::{Answer, Cell, CellKind, Columns, Page, RowVisitor, Table};

/// What `oneseat config check` answers about the configuration file.
#[derive(Debug, Serialize)]
pub struct ConfigAnswer {
    schema: &'static str,
    file: String,
    ok: bool,
    items: Vec<ConfigPlace>,
}

/// An enterprise, an instance or an employee directory that the configuration names.
#[derive(Debug, Serialize)]
pub struct ConfigPlace {
    /// `cloud`, `server` or `directory`.
    pub kind: &'static str,
    /// The enterprise's short name, the host name, or the name of the directory.
    pub name: String,
    /// The base URL of the requests; `None` for a directory, from which nothing is fetched.
    pub url: Option<String>,
    /// The names of the answers that `oneseat fetch` asks GitHub or the instance for.
    pub fetch: Vec<&'static str>,
    /// How old the source's newest snapshot may be before `check` reports it, in seconds.
    pub max_age_seconds: Option<i64>,
    /// Where the token comes from, such as an environment variable; never the token itself.
    pub token_from: Option<String>,
    /// The columns of a directory's table that the configuration gives a meaning; empty for any other source.
    pub columns: Vec<String>,
    /// Does the configuration say to keep everything in plain text that a directory states about people without
    /// an account? `None` for an enterprise or an instance.
    pub keeps_all: Option<bool>,
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
        ("columns", CellKind::List),
        ("keeps_all", CellKind::Truth),
        ("problem", CellKind::Text),
    ];
}

impl ConfigPlace {
    /// A cell of the table: what is fetched from a source, or how the file of a directory is imported.
    fn told_of_fetch(&self) -> String {
        let Some(keeps_all) = self.keeps_all else { return self.fetch.join("\n") };
        let mut told = vec!["imported by hand".to_owned()];
        if !self.columns.is_empty() {
            told.push(format!("maps {}", self.columns.join(", ")));
        }
        told.extend(keeps_all.then(|| "keeps everybody in plain text".to_owned()));
        told.join("\n")
    }
}

impl ConfigAnswer {
    /// The answer about the configuration file `file`, which names the sources `items`.
    pub fn new(file: String, items: Vec<ConfigPlace>) -> ConfigAnswer {
        let ok = items.iter().all(|item| item.problem.is_none());
        ConfigAnswer { schema: "oneseat.config/1", file, ok, items }
    }

    /// Is there no problem with any source that the configuration file names?
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
                it.url.clone().into(),
                it.told_of_fetch().into(),
                it.token_from.clone().into(),
                Cell::from(it.problem.clone()),
            ]);
        }
        let closing = match self.ok {
            true if self.items.iter().all(|it| it.url.is_none()) => {
                "Nothing is fetched; `oneseat import FILE --directory NAME` imports a directory."
            }
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

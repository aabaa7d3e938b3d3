//! `duplicates --into DIR`: writes lists of fixes that can be sent to those who must act, one list for each
//! actor and instance. The file `lists.json` names all lists.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::words::FullFix;
use super::{Duplicate, Duplicates};
use crate::error::Result;
use crate::model::Instant;
use crate::table::{Answer, CellKind, Columns, Page, RowVisitor, Table};

/// Everybody who can carry out a fix. The file name of a list begins with its actor.
const ACTORS: [&str; 5] =
    ["identity-admin", "owner", "server-admin", "user", "visual-studio-admin"];

/// The fixes that one actor must carry out. A list for a Server admin is about one instance.
#[derive(Debug, Clone, Serialize)]
pub struct FixList {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    actor: &'static str,
    host: Option<String>,
    items: Vec<Task>,
}

/// One fix in a list of fixes. A line without a confidence says that nothing is left to do.
#[derive(Debug, Clone, Default, Serialize)]
struct Task {
    confidence: Option<&'static str>,
    login: Option<String>,
    host: Option<String>,
    id: Option<String>,
    email: Option<String>,
    same_as: String,
    action: String,
    reason: String,
    since: Option<Instant>,
    /// The address to make primary or to verify, or the address of the invitation to cancel. `None` if the
    /// account must be suspended.
    address: Option<String>,
    as_of: Instant,
}

impl Task {
    const COLUMNS: Columns = &[
        ("confidence", CellKind::Text),
        ("login", CellKind::Text),
        ("host", CellKind::Text),
        ("id", CellKind::Text),
        ("email", CellKind::Text),
        ("same_as", CellKind::Text),
        ("action", CellKind::Text),
        ("reason", CellKind::Text),
        ("since", CellKind::Text),
        ("address", CellKind::Text),
        ("as_of", CellKind::Instant),
    ];
}

/// The content of `lists.json`: every list, and whether it still has anything to do.
#[derive(Debug, Clone, Serialize)]
pub struct Lists {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    /// The options with which the lists were written. One folder holds the answers to one question only.
    #[serde(flatten)]
    about: ListScope,
    lists: Vec<Listing>,
}

/// The options that decide which findings are in the lists of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListScope {
    /// The enterprise that the question is about; `None`: all of them.
    pub enterprise: Option<String>,
    /// The lowest confidence of the findings in the lists: `certain`, `likely` or `possible`.
    pub min_confidence: &'static str,
}

impl ListScope {
    /// Whether an earlier run wrote `lists.json` with equal options. A file from an old version that did not
    /// write its options counts as equal.
    pub fn is_same(&self, earlier: &serde_json::Value) -> bool {
        let Some(level) = earlier.get("min_confidence") else { return true };
        level == self.min_confidence
            && earlier.get("enterprise").and_then(serde_json::Value::as_str)
                == self.enterprise.as_deref()
    }
}

/// One list of fixes in `lists.json`, with its files and the number of fixes left.
#[derive(Debug, Clone, Serialize)]
struct Listing {
    files: Vec<String>,
    actor: &'static str,
    host: Option<String>,
    /// The number of fixes that are left to do.
    to_do: usize,
    current: bool,
}

impl Listing {
    const COLUMNS: Columns = &[
        ("files", CellKind::List),
        ("actor", CellKind::Text),
        ("host", CellKind::Text),
        ("to_do", CellKind::Whole),
        ("current", CellKind::Truth),
    ];
}

impl Duplicates {
    /// The lists of fixes, each with its file name without the extension: one for each actor and instance. A
    /// name in `earlier` for which no fix is left gets an empty list, so that the actor sees that nothing is
    /// left.
    pub fn lists(&self, earlier: &BTreeSet<String>) -> Vec<(String, FixList)> {
        let mut lists: BTreeMap<String, FixList> = BTreeMap::new();
        let schema = "oneseat.fix-list/1";
        for item in self.items.iter().filter(|item| item.fixed_at.is_none()) {
            for fix in &item.fixes {
                // A Server admin can change only the accounts of one instance, so each instance gets a list of
                // its own.
                let host = fix.host.clone().filter(|_| fix.actor == "server-admin");
                let (actor, as_of) = (fix.actor, self.as_of);
                let name = name(actor, host.as_deref());
                let known_on = self.known_on;
                let new = FixList { schema, as_of, known_on, actor, host, items: Vec::new() };
                lists.entry(name).or_insert(new).items.push(task(item, fix, as_of));
            }
        }
        for name in earlier {
            let Some(actor) = actor_of(name) else { continue };
            let host = name[actor.len()..].strip_prefix('-').map(str::to_owned);
            let done = Task {
                action: "nothing is left to do".to_owned(),
                as_of: self.as_of,
                ..Task::default()
            };
            let (as_of, known_on) = (self.as_of, self.known_on);
            let empty = FixList { schema, as_of, known_on, actor, host, items: vec![done] };
            lists.entry(name.clone()).or_insert(empty);
        }
        lists.into_iter().collect()
    }

    /// The content of `lists.json`, which names the lists of fixes.
    pub fn listed(&self, lists: &[(String, FixList)], about: ListScope) -> Lists {
        let listing = |(name, list): &(String, FixList)| Listing {
            files: ["csv", "md"].iter().map(|ending| format!("{name}.{ending}")).collect(),
            actor: list.actor,
            host: list.host.clone(),
            to_do: list.tasks(),
            current: list.tasks() > 0,
        };
        let lists = lists.iter().map(listing).collect();
        let (as_of, known_on) = (self.as_of, self.known_on);
        Lists { schema: "oneseat.fix-lists/1", as_of, known_on, about, lists }
    }
}

impl FixList {
    /// The number of fixes in the list.
    pub fn tasks(&self) -> usize {
        self.items.iter().filter(|task| task.confidence.is_some()).count()
    }
}

/// Whether a file with this name, without its extension, is a list of fixes.
pub fn is_list_name(name: &str) -> bool {
    actor_of(name).is_some()
}

fn actor_of(name: &str) -> Option<&'static str> {
    let is_of = |actor: &&&str| {
        let rest = name.strip_prefix(**actor);
        rest.is_some_and(|rest| {
            rest.is_empty() || (**actor == "server-admin" && rest.starts_with('-'))
        })
    };
    ACTORS.iter().find(is_of).copied()
}

fn name(actor: &str, host: Option<&str>) -> String {
    match host {
        Some(host) => format!("{actor}-{}", file_name(host)),
        None => actor.to_owned(),
    }
}

fn task(item: &Duplicate, fix: &FullFix, as_of: Instant) -> Task {
    let mut accounts = item.server_accounts.iter().chain(&item.other_server_accounts);
    // A fix on Cloud names no Server account, so its line in the list shows the first Server account of the
    // finding.
    let account = match &fix.host {
        Some(host) => {
            accounts.find(|it| it.host == *host && it.id == fix.id && it.login == fix.login)
        }
        None => item.server_accounts.first(),
    };
    let (login, id) = match &fix.host {
        Some(_) => (fix.login.clone(), fix.id.clone()),
        // A finding about two Cloud accounts has no Server account, so the line shows the login of the fix.
        None if account.is_none() => (fix.login.clone(), None),
        None => (account.and_then(|it| it.login.clone()), account.and_then(|it| it.id.clone())),
    };
    Task {
        confidence: Some(item.confidence),
        login,
        host: fix.host.clone().or_else(|| account.map(|it| it.host.clone())),
        id,
        email: account.and_then(|it| it.primary_email.clone()).or_else(|| item.invitation.clone()),
        same_as: item.same_as(),
        action: fix.action.clone(),
        reason: item.nearest_miss.clone(),
        since: item.since,
        address: fix.address.clone(),
        as_of,
    }
}

/// The host name in a form that can be part of a file name: letters, digits, dots and hyphens are kept, and any
/// other character becomes `_`.
fn file_name(host: &str) -> String {
    let kept = |it: char| if it.is_ascii_alphanumeric() || "-.".contains(it) { it } else { '_' };
    host.chars().map(kept).collect::<String>().trim_start_matches('.').to_owned()
}

impl Answer for FixList {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = Task::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Sure", "Account", "Same as", "What to do", "Why", "Since"]);
        for task in self.items.iter().filter(|task| task.confidence.is_some()) {
            let account = match (&task.login, &task.host, &task.email) {
                (Some(login), Some(host), _) => format!("{login} on {host}"),
                (None, Some(host), _) => {
                    format!("account {} on {host}", task.id.as_deref().unwrap_or("without id"))
                }
                (Some(login), None, _) => format!("{login} on Cloud"),
                (_, None, email) => {
                    format!("the invitation to {}", email.as_deref().unwrap_or("nobody"))
                }
            };
            table.rows.push(vec![
                task.confidence.into(),
                account.into(),
                task.same_as.as_str().into(),
                task.action.as_str().into(),
                task.reason.as_str().into(),
                task.since.map(|since| since.to_string()).into(),
            ]);
        }
        let place = self.host.as_ref().map(|host| format!(" of {host}")).unwrap_or_default();
        Page {
            headline: format!(
                "GitHub licenses taken twice: what the {}{place} can do, as of {}",
                self.actor.replace('-', " "),
                self.as_of
            ),
            tables: vec![table],
            closing: vec![match self.tasks() {
                0 => "Nothing is left to do.".to_owned(),
                _ => "Each line is one account of a person who would take two licenses. The fix \
                      works when all lines of the person are done and the next sync has run."
                    .to_owned(),
            }],
        }
    }
}

impl Answer for Lists {
    const LIST: Option<&'static str> = Some("lists");
    const COLUMNS: Columns = Listing::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.lists)
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["List", "To do"]);
        for list in &self.lists {
            table.rows.push(vec![list.files.join(", ").into(), list.to_do.to_string().into()]);
        }
        Page {
            headline: format!("Lists of fixes, as of {}", self.as_of),
            tables: vec![table],
            closing: Vec::new(),
        }
    }
}

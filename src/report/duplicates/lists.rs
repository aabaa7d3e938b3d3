//! `duplicates --into DIR`: ready-to-send lists, one for each who must act (and each instance).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Duplicates, Item};
use crate::model::Instant;
use crate::table::{Answer, Page, Table};

/// What one person or team has to do.
#[derive(Debug, Clone, Serialize)]
pub struct FixList {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    actor: &'static str,
    host: Option<String>,
    items: Vec<Task>,
}

/// One thing to do.
#[derive(Debug, Clone, Serialize)]
struct Task {
    confidence: &'static str,
    login: Option<String>,
    host: Option<String>,
    id: Option<String>,
    email: Option<String>,
    same_as: String,
    action: String,
    reason: String,
    since: Option<Instant>,
}

impl Duplicates {
    /// The lists to send, each with the name of its file without ending.
    pub fn lists(&self) -> Vec<(String, FixList)> {
        let mut lists: BTreeMap<(&'static str, Option<String>), Vec<Task>> = BTreeMap::new();
        for item in self.items.iter().filter(|item| item.fixed_at.is_none()) {
            let first = item.server_accounts.first();
            // The admins of an instance can act on its accounts only.
            let host = first.filter(|_| item.fix.actor == "server-admin").map(|it| it.host.clone());
            lists.entry((item.fix.actor, host)).or_default().push(task(item));
        }
        let lists = lists.into_iter().map(|((actor, host), items)| {
            let name = match &host {
                Some(host) => format!("{actor}-{}", file_name(host)),
                None => actor.to_owned(),
            };
            let schema = "oneseat.fix-list/1";
            (
                name,
                FixList { schema, as_of: self.as_of, known_on: self.known_on, actor, host, items },
            )
        });
        lists.collect()
    }
}

impl FixList {
    /// How many things there are to do.
    pub fn tasks(&self) -> usize {
        self.items.len()
    }
}

fn task(item: &Item) -> Task {
    let first = item.server_accounts.first();
    Task {
        confidence: item.confidence,
        login: first.and_then(|it| it.login.clone()),
        host: first.map(|it| it.host.clone()),
        id: first.and_then(|it| it.id.clone()),
        email: first.and_then(|it| it.primary_email.clone()).or_else(|| item.invitation.clone()),
        same_as: item.same_as(),
        action: item.fix.action.clone(),
        reason: item.nearest_miss.clone(),
        since: item.since,
    }
}

/// A host as part of a file's name: nothing but letters, digits, dots and hyphens.
fn file_name(host: &str) -> String {
    let kept = |it: char| if it.is_ascii_alphanumeric() || "-.".contains(it) { it } else { '_' };
    host.chars().map(kept).collect::<String>().trim_start_matches('.').to_owned()
}

impl Answer for FixList {
    const LIST: Option<&'static str> = Some("items");

    fn example() -> FixList {
        let task = Task {
            confidence: "certain",
            login: None,
            host: None,
            id: None,
            email: None,
            same_as: String::new(),
            action: String::new(),
            reason: String::new(),
            since: None,
        };
        FixList {
            schema: "oneseat.fix-list/1",
            as_of: Instant::default(),
            known_on: None,
            actor: "owner",
            host: None,
            items: vec![task],
        }
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Sure", "Account", "Same as", "What to do", "Why", "Since"]);
        for task in &self.items {
            let account = match (&task.login, &task.host, &task.email) {
                (Some(login), Some(host), _) => format!("{login} on {host}"),
                (None, Some(host), _) => {
                    format!("account {} on {host}", task.id.as_deref().unwrap_or("without id"))
                }
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
            closing: vec![
                "Each line is one person who would take two licenses. It is fixed when the two \
                 addresses are equal and the next sync has run."
                    .to_owned(),
            ],
        }
    }
}

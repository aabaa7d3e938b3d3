//! A random history in the form of the naive implementation of counting.md.

use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::{Value, json};

use super::{Afterwards, Format, History, Origin, Snapshot};
use crate::naive::{BillingModel, Imported, Kind, Setting, Settings};

impl History {
    /// The snapshots that are stored in the end.
    pub fn imported(&self) -> Vec<Imported> {
        let voided = self.voided();
        self.snapshots.iter().map(|it| imported(it, voided.contains(&it.key))).collect()
    }

    /// The snapshots that are voided in the end.
    pub fn voided(&self) -> BTreeSet<usize> {
        let mut voided: BTreeSet<usize> =
            self.snapshots.iter().filter_map(|it| it.replaces).collect();
        for done in &self.afterwards {
            match done {
                Afterwards::Void(key) => voided.insert(*key),
                Afterwards::Restore(key) => voided.remove(key),
                Afterwards::Say(..) => false,
            };
        }
        voided
    }

    /// The instants from which a declaration about a source holds.
    pub fn said_from(&self) -> Vec<i64> {
        self.said().filter_map(|(_, said)| from(said)).collect()
    }

    fn said(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        self.afterwards.iter().filter_map(|done| match done {
            Afterwards::Say(name, said) => Some((*name, said.as_slice())),
            _ => None,
        })
    }

    /// Whether a source is renamed in the end, which the naive implementation does not know.
    pub fn renames(&self) -> bool {
        self.said().any(|(_, said)| said[0] == "rename")
    }

    /// The settings at an instant.
    pub fn settings(&self, at: i64) -> Settings {
        let mut settings = Settings::default();
        for (name, said) in self.said().filter(|(_, said)| from(said).is_none_or(|from| from <= at))
        {
            match said.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["set", _, "--billing-model", model, ..] => {
                    let model =
                        if *model == "emu" { BillingModel::Emu } else { BillingModel::Metered };
                    let enterprise = name.to_owned();
                    settings.say(from(said), Setting::Model { enterprise, model });
                }
                ["set", _, "--enterprise", enterprise, ..] => {
                    let (host, enterprise) = (name.to_owned(), (*enterprise).to_owned());
                    settings.say(from(said), Setting::Belongs { host, enterprise });
                }
                ["retire", ..] => {
                    settings.say(from(said), Setting::Retired { name: name.to_owned() });
                }
                _ => {}
            }
        }
        settings
    }
}

/// The day from which it holds, if it has one.
fn from(said: &[String]) -> Option<i64> {
    let option = said.iter().position(|word| word == "--from")?;
    let from = DateTime::parse_from_rfc3339(&said[option + 1]).expect("a time");
    Some(from.timestamp())
}

fn imported(snapshot: &Snapshot, voided: bool) -> Imported {
    let (kind, content) = match snapshot.origin {
        Origin::Enterprise(name) => {
            (Kind::Cloud { enterprise: name.to_owned() }, Value::Array(snapshot.rows()))
        }
        Origin::Instance(name) => {
            let accounts = snapshot.accounts.iter().map(|it| server_account(it, snapshot.format));
            (Kind::Server { host: name.to_owned() }, accounts.collect())
        }
    };
    let Snapshot { taken_at, partial, totals, .. } = *snapshot;
    Imported { kind, taken_at, partial, voided, content, totals }
}

/// A Server account. The site-admin report has primary addresses only.
fn server_account(account: &Value, format: Format) -> Value {
    let mut emails = account["emails"].as_array().cloned().unwrap_or_default();
    emails.retain(|email| format == Format::Export || email["primary"] == json!(true));
    json!({
        "id": account["user_id"],
        "login": account["login"],
        "name": account["name"],
        "suspended": account["suspended"],
        "emails": emails,
    })
}

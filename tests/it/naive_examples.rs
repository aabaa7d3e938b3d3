//! The naive implementation against the worked cases of `fixtures/examples`, which are part of the counting
//! rules. It must get every case right that it can answer, because the program is measured by it.

use std::path::Path;

use chrono::DateTime;
use oneseat::model::{DayMeans, Instant};
use serde_json::{Value, json};

use crate::common::fixtures;
use crate::examples::{case, list, text};
use crate::naive::coverage::Seen;
use crate::naive::evidence::Finding;
use crate::naive::links::{Declaration, Named, Says};
use crate::naive::words::key;
use crate::naive::{self, BillingModel, Imported, Kind, Setting, Settings, movement};

/// The number of commands in the cases that the naive implementation can answer.
const ANSWERED: usize = 72;

/// The imports and declarations of a case so far.
#[derive(Default)]
struct Books {
    imported: Vec<Imported>,
    settings: Settings,
}

#[test]
fn the_naive_implementation_gets_every_worked_case_right() {
    let mut folders: Vec<_> = std::fs::read_dir(fixtures().join("examples"))
        .expect("the cases")
        .map(|entry| entry.expect("a folder").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let (mut wrong, mut answered) = (Vec::new(), 0);
    for folder in folders {
        let mut books = Books::default();
        let case = case(&folder);
        for import in list(&case["imports"]) {
            if let Some(before) = import.get("before") {
                books.run(&list(before).iter().map(text).collect::<Vec<_>>());
            }
            if import["exit"].as_i64().unwrap_or(0) == 0 {
                books.import(&folder, import);
            }
        }
        for expected in list(&case["expect"]) {
            let command: Vec<&str> = list(&expected["command"]).iter().map(text).collect();
            let Some(answer) = books.run(&command) else { continue };
            answered += 1;
            let exit = expected["exit"].as_i64().unwrap_or(0);
            if (exit == 7) != answer.is_null() {
                wrong.push(format!("{}: {command:?} gives {answer}", folder.display()));
            }
            let differences = unlike(&expected["json"], &answer);
            wrong.extend(differences.iter().map(|it| format!("{}: {it}", folder.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(answered, ANSWERED, "as many commands as can be answered");
}

#[test]
fn the_naive_implementation_makes_the_keys_of_the_rules() {
    let keys = std::fs::read_to_string(fixtures().join("examples/keys.json")).expect("keys.json");
    let keys: Value = serde_json::from_str(&keys).expect("JSON");
    for it in list(&keys) {
        assert_eq!(json!(key(text(&it["text"]))), it["key"], "{:?}", it["text"]);
    }
}

/// Where the answer differs from what is expected, in the keys that the naive implementation knows.
fn unlike(expected: &Value, answer: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, expected) in expected.as_object().into_iter().flatten() {
        let Some(found) = answer.get(name) else { continue };
        if expected.is_object() && found.is_object() {
            wrong.extend(unlike(expected, found).into_iter().map(|it| format!("{name}.{it}")));
        } else if name == "items" {
            let (wanted, there) = (list(expected), list(found));
            if wanted.len() != there.len() {
                wrong.push(format!("{name} are {found}, expected {expected}"));
            }
            wrong.extend(wanted.iter().zip(there).flat_map(|(wanted, it)| unlike(wanted, it)));
        } else if found != expected {
            wrong.push(format!("{name} is {found}, expected {expected}"));
        }
    }
    wrong
}

impl Books {
    fn import(&mut self, folder: &Path, import: &Value) {
        let name = text(&import["file"]);
        let bytes = std::fs::read_to_string(folder.join(name)).expect("the case's file");
        let arguments: Vec<&str> =
            import.get("args").map(list).unwrap_or_default().iter().map(text).collect();
        let option = |name| {
            let place = arguments.iter().position(|it| *it == name)?;
            arguments.get(place + 1).map(|it| (*it).to_owned())
        };
        let enterprise = || option("--enterprise").expect("the enterprise is named");
        let mut totals = None;
        let (kind, content) = if name.ends_with(".csv") {
            (Kind::Server { host: option("--host").expect("the host is named") }, sheet(&bytes))
        } else {
            let file: Value = serde_json::from_str(&bytes).expect("JSON");
            totals =
                file["total_seats_consumed"].as_i64().zip(file["total_seats_purchased"].as_i64());
            let host = file["instance"]["host_name"].as_str().unwrap_or("").to_owned();
            let installations = "/data/enterprise/ownerInfo/enterpriseServerInstallations/nodes";
            if let Some(statuses) = file.get("server_instances") {
                (Kind::SyncStatus { enterprise: enterprise() }, sync_status(statuses))
            } else if let Some(installations) = file.pointer(installations) {
                let installation = &installations[0];
                let host = text(&installation["hostName"]).to_owned();
                (Kind::ServerAsSynced { host }, as_synced(installation))
            } else if file.get("instance").is_none() {
                (Kind::Cloud { enterprise: enterprise() }, file["users"].clone())
            } else if file["users"].is_string() {
                (Kind::ServerInfo { host }, json!([]))
            } else {
                (Kind::Server { host }, export(&file["users"]))
            }
        };
        let taken_at = option("--taken-at").expect("the time is named");
        self.imported.push(Imported {
            kind,
            taken_at: at(&taken_at, DayMeans::Start),
            partial: arguments.contains(&"--partial"),
            voided: false,
            content,
            totals,
        });
    }

    /// The answer to a question, or `None` for a declaration and for a question that it cannot answer.
    fn run(&mut self, command: &[&str]) -> Option<Value> {
        let option = |name| {
            let place = command.iter().position(|it| *it == name)?;
            command.get(place + 1).copied()
        };
        let from = option("--from").map(|from| at(from, DayMeans::Start));
        match command {
            ["sources", "set", name, "--billing-model", model, ..] => {
                let model = match *model {
                    "volume" => BillingModel::Volume,
                    "metered" => BillingModel::Metered,
                    _ => BillingModel::Emu,
                };
                let enterprise = (*name).to_owned();
                self.settings.say(from, Setting::Model { enterprise, model });
            }
            ["sources", "set", host, "--enterprise", enterprise] => {
                let (host, enterprise) = ((*host).to_owned(), (*enterprise).to_owned());
                self.settings.say(from, Setting::Belongs { host, enterprise });
            }
            ["sources", "set", host, "--alias", alias] => {
                let (host, alias) = ((*host).to_owned(), (*alias).to_owned());
                self.settings.say(from, Setting::Alias { host, alias });
            }
            ["sources", "retire", name, ..] => {
                self.settings.say(from, Setting::Retired { name: (*name).to_owned() });
            }
            ["links", verb, a, b, ..] => {
                let github = command.iter().any(|it| it.ends_with("-by-github"));
                let says = match (*verb, github) {
                    ("add", false) => Says::OnePerson,
                    ("add", true) => Says::Matched,
                    ("deny", false) => Says::TwoPeople,
                    ("deny", true) => Says::NotMatched,
                    _ => Says::Nothing,
                };
                let pair = [named(a), named(b)];
                self.settings.links.push(Declaration { pair, says, from });
            }
            ["consumption" | "duplicates", ..] => {
                return Some(self.consumption(option("--as-of"), option("--enterprise")));
            }
            ["diff", from, to] => return Some(self.diff(from, to)),
            _ => {}
        }
        None
    }

    fn consumption(&self, as_of: Option<&str>, enterprise: Option<&str>) -> Value {
        let seen = Seen::default();
        let latest = || naive::latest(&self.imported, &seen).expect("something is imported");
        let as_of = as_of.map_or_else(latest, |as_of| at(as_of, DayMeans::End));
        let answer = naive::consumption(&self.imported, &self.settings, as_of, enterprise, &seen);
        let Some(answer) = answer else { return Value::Null };
        let mut value = answer.json();
        let purchased = value["purchased"].as_i64();
        let available = purchased.map(|purchased| purchased - answer.consumed() as i64);
        value["available"] = json!(available);
        value["as_of"] = json!(instant(as_of));
        value["summary"] = value["duplicates"].clone();
        let sure = answer.findings.iter().filter(|it| it.confidence != "possible").count();
        value["summary"]["licenses"] = json!(sure);
        let item = |it: &Finding| {
            let cloud_account = it.cloud_account.as_ref().map(|login| json!({"login": login}));
            json!({"confidence": it.confidence, "cloud_account": cloud_account})
        };
        value["items"] = answer.findings.iter().map(item).collect();
        value
    }

    fn diff(&self, from: &str, to: &str) -> Value {
        let (from, to) = (at(from, DayMeans::End), at(to, DayMeans::End));
        let seats = |at| movement::seats(&self.imported, &self.settings, at);
        let (before, after) = (seats(from), seats(to));
        let mut movements = json!(movement::movements_seen(&before, &after, &Seen::default()));
        // It does not know what changes under one name.
        if movements["changed"] == json!(0) {
            movements.as_object_mut().expect("an object").remove("changed");
        }
        json!({
            "from": {"at": instant(from), "consumed": before.len()},
            "to": {"at": instant(to), "consumed": after.len()},
            "movements": movements,
        })
    }
}

fn at(text: &str, day: DayMeans) -> i64 {
    Instant::parse(text, day).expect("a time").unix()
}

fn instant(at: i64) -> String {
    let time = DateTime::from_timestamp(at, 0).expect("an instant");
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `HOST:ID` or `ENTERPRISE:LOGIN`.
fn named(text: &str) -> Named {
    let (source, name) = text.rsplit_once(':').expect("a name in a source");
    match name.parse() {
        Ok(id) => Named::Server { host: source.to_owned(), id },
        Err(_) => Named::Cloud { enterprise: source.to_owned(), login: name.to_owned() },
    }
}

/// A site-admin report, with or without ids.
fn sheet(bytes: &str) -> Value {
    let mut reader = csv::Reader::from_reader(bytes.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let mut accounts = Vec::new();
    for line in reader.records() {
        let line = line.expect("a line");
        let cell = |names: &[&str]| {
            let place = header.iter().position(|it| names.contains(&it))?;
            line.get(place).filter(|cell| !cell.is_empty())
        };
        let suspended =
            matches!(cell(&["suspended?", "suspension_status"]), Some("true" | "suspended"));
        accounts.push(json!({
            "id": cell(&["id"]).and_then(|id| id.parse::<u64>().ok()),
            "login": cell(&["login"]),
            "name": null,
            "suspended": suspended,
            "emails": cell(&["email"]).map(|it| json!({"email": it, "primary": true})).into_iter().collect::<Value>(),
        }));
    }
    json!(accounts)
}

fn export(users: &Value) -> Value {
    let account = |user: &Value| {
        json!({
            "id": user["user_id"],
            "login": user["login"],
            "name": user["name"],
            "suspended": user["suspended"],
            "emails": user["emails"],
        })
    };
    list(users).iter().map(account).collect()
}

fn as_synced(installation: &Value) -> Value {
    let email = |it: &Value| json!({"email": it["email"], "primary": it["isPrimary"]});
    let account = |user: &Value| {
        json!({
            "id": user["remoteUserId"],
            "login": user["login"],
            "name": user["profileName"],
            "emails": list(&user["emails"]["nodes"]).iter().map(email).collect::<Value>(),
        })
    };
    list(&installation["userAccounts"]["nodes"]).iter().map(account).collect()
}

fn sync_status(statuses: &Value) -> Value {
    let status = |it: &Value| {
        let last = &it["last_sync"];
        json!({
            "hostname": it["hostname"],
            "date": last["date"].as_str().map(|date| at(date, DayMeans::Start)),
            "status": last["status"],
            "error": last["error"],
        })
    };
    list(statuses).iter().map(status).collect()
}

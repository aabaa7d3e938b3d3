//! A random enterprise as files of the real formats (formats.md sections 1, 3, 4 and 5), with the commands that
//! import them. It must not leave out anything that the snapshots have.

use super::{RandomEnterprise, Snapshot, directories};
use crate::naive::links::{Declaration, Named, Says};
use crate::naive::settings::Said;
use crate::naive::{self, BillingModel, Imported, Kind, Setting};
use chrono::DateTime;
use serde_json::{Value, json};

/// A file to import: its name, its bytes, and the options for the import.
pub type File = (String, Vec<u8>, Vec<String>);

/// An instant in the form of the command line.
pub fn instant(at: i64) -> String {
    DateTime::from_timestamp(at, 0)
        .map_or_else(|| at.to_string(), |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The files in the order of import, one for each snapshot.
pub fn files(enterprise: &RandomEnterprise) -> Vec<File> {
    enterprise
        .snapshots
        .iter()
        .enumerate()
        .map(|(place, snapshot)| file(place + 1, snapshot))
        .collect()
}

/// The commands that declare the settings, to be run after the imports.
pub fn setting_commands(enterprise: &RandomEnterprise) -> Vec<Vec<String>> {
    let settings = &enterprise.settings;
    let said = settings.said.iter().map(|said| setting_command(enterprise, said));
    said.chain(settings.links.iter().map(link_command)).collect()
}

fn setting_command(enterprise: &RandomEnterprise, said: &Said) -> Vec<String> {
    let mut words = match &said.setting {
        Setting::Model { enterprise, model } => {
            let model = match model {
                BillingModel::Volume => "volume",
                BillingModel::Metered => "metered",
                BillingModel::Emu => "emu",
            };
            vec!["sources", "set", enterprise, "--billing-model", model]
        }
        Setting::Belongs { host, enterprise: name } => {
            let mut words = vec!["sources", "set", host, "--enterprise", name];
            // If other enterprises have a report and this one has none, its name must be confirmed.
            if !enterprise.has_report(Some(name)) && enterprise.has_report(None) {
                words.extend(["--accept-new", "it has no report yet"]);
            }
            words
        }
        Setting::Retired { name } => vec!["sources", "retire", name],
        Setting::InUse { name } => vec!["sources", "restore", name],
        Setting::Alias { host, alias } => vec!["sources", "set", host, "--alias", alias],
        Setting::NoAlias { host, alias } => vec!["sources", "set", host, "--no-alias", alias],
        Setting::Renamed { earlier, host } => vec!["sources", "rename", earlier, host],
    };
    let from = said.from.map(instant);
    words.extend(from.iter().flat_map(|from| ["--from", from]));
    words.into_iter().map(str::to_owned).collect()
}

fn link_command(link: &Declaration) -> Vec<String> {
    let name = |named: &Named| match named {
        Named::Cloud { enterprise, login } => format!("{enterprise}:{login}"),
        Named::Server { host, id } => format!("{host}:{id}"),
    };
    let (verb, option) = match link.says {
        Says::OnePerson => ("add", None),
        Says::Matched => ("add", Some("--matched-by-github")),
        Says::TwoPeople => ("deny", None),
        Says::NotMatched => ("deny", Some("--not-matched-by-github")),
        Says::Nothing => ("remove", None),
    };
    let (a, b) = (name(&link.pair[0]), name(&link.pair[1]));
    let mut command: Vec<String> =
        ["links", verb, &a, &b, "--reason", "asked"].map(str::to_owned).to_vec();
    command.extend(option.map(str::to_owned));
    command.extend(link.from.into_iter().flat_map(|from| ["--from".to_owned(), instant(from)]));
    command
}

fn file(number: usize, snapshot: &Snapshot) -> File {
    let imported = &snapshot.imported;
    let content = &imported.content;
    let (name, bytes, source) = match &imported.kind {
        Kind::Cloud { enterprise } => {
            ("cloud.json", cloud(content, imported.totals), ["--enterprise", enterprise])
        }
        Kind::Server { host } if snapshot.csv => {
            let without_ids = objects(content).any(|user| user["id"].is_null());
            let bytes = if without_ids { user_csv(content) } else { all_users(content) };
            ("server.csv", bytes, ["--host", host])
        }
        Kind::Server { host } => {
            ("server.json", export(host, export_users(content)), ["--host", host])
        }
        Kind::ServerInfo { host } => {
            let encrypted = json!("bm90IGxvY2FsbHkgcmVhZGFibGU=");
            ("encrypted.json", export(host, encrypted), ["--host", host])
        }
        Kind::ServerAsSynced { host } => ("as-synced.json", graphql(host, content), ["", ""]),
        Kind::SyncStatus { enterprise } => {
            ("sync.json", sync_status(content), ["--enterprise", enterprise])
        }
        Kind::Directory { name } => {
            ("directory.csv", directories::table(content), ["--directory", name])
        }
    };
    let mut args = vec!["--taken-at".to_owned(), instant(imported.taken_at)];
    // The GraphQL answer names its instance itself.
    args.extend(source.into_iter().filter(|word| !word.is_empty()).map(str::to_owned));
    if let Kind::Directory { .. } = imported.kind {
        args.extend(["--accept-short".to_owned(), "some have left".to_owned()]);
    }
    if imported.partial {
        args.push("--partial".to_owned());
    }
    if is_short(imported) {
        args.extend(["--accept-short".to_owned(), "GitHub counts more".to_owned()]);
    }
    (format!("{number}-{name}"), bytes, args)
}

/// Whether a report that is not partial states more than it has distinct rows.
fn is_short(imported: &Imported) -> bool {
    let rows = || naive::cloud::rows(&imported.content, &Default::default()).len() as i64;
    !imported.partial && imported.totals.is_some_and(|(consumed, _)| consumed > rows())
}

fn cloud(users: &Value, totals: Option<(i64, i64)>) -> Vec<u8> {
    let mut answer = json!({ "users": users });
    if let Some((consumed, purchased)) = totals {
        answer["total_seats_consumed"] = json!(consumed);
        answer["total_seats_purchased"] = json!(purchased);
    }
    answer.to_string().into_bytes()
}

/// `/stafftools/reports/all_users.csv`.
fn all_users(users: &Value) -> Vec<u8> {
    let mut report =
        "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,\
                      dormant?,last_active,raw_login,2fa_enabled?\n"
            .to_owned();
    for user in objects(users) {
        let (id, suspended, dormant) = (&user["id"], &user["suspended"], &user["dormant"]);
        let login = user["login"].as_str().unwrap_or("");
        let email = user["emails"][0]["email"].as_str().unwrap_or("");
        report += &format!(
            "2021-03-04T05:06:07Z,{id},{login},{email},user,{suspended},10.0.0.1,3,1,2,{dormant},2026-01-01T00:00:00Z,,true\n"
        );
    }
    report.into_bytes()
}

/// `ghe-user-csv -o -d`, which has no ids.
fn user_csv(users: &Value) -> Vec<u8> {
    let mut report = "login,email,role,ssh_keys,org_memberships,repos,suspension_status,\
                      last_logged_ip,creation_date\n"
        .to_owned();
    for user in objects(users) {
        let suspended = if user["suspended"] == json!(true) { "suspended" } else { "active" };
        let login = user["login"].as_str().unwrap_or("");
        let email = user["emails"][0]["email"].as_str().unwrap_or("");
        report +=
            &format!("{login},{email},user,1,1,1,{suspended},10.0.0.1,2021-03-04 05:06:07 -0800\n");
    }
    report.into_bytes()
}

fn export(host: &str, users: Value) -> Vec<u8> {
    let instance = json!({"server_id": "6c1c2b4e", "host_name": host, "version": "3.17.2"});
    json!({"instance": instance, "users": users}).to_string().into_bytes()
}

fn export_users(users: &Value) -> Value {
    objects(users)
        .map(|user| {
            json!({
                "user_id": user["id"],
                "login": user["login"],
                "name": user["name"],
                "suspended": user["suspended"],
                "emails": user["emails"],
            })
        })
        .collect()
}

fn graphql(host: &str, users: &Value) -> Vec<u8> {
    let email = |email: &Value| json!({"email": email["email"], "isPrimary": email["primary"]});
    let accounts: Value = objects(users)
        .map(|user| {
            json!({
                "remoteUserId": user["id"],
                "login": user["login"],
                "profileName": user["name"],
                "isSiteAdmin": false,
                "remoteCreatedAt": "2021-03-04T05:06:07Z",
                "emails": {"nodes": objects(&user["emails"]).map(email).collect::<Value>()},
            })
        })
        .collect();
    let installation = json!({
        "hostName": host,
        "customerName": "Corp",
        "isConnected": true,
        "userAccounts": {"nodes": accounts},
    });
    let installations = json!({"enterpriseServerInstallations": {"nodes": [installation]}});
    json!({"data": {"enterprise": {"ownerInfo": installations}}}).to_string().into_bytes()
}

fn sync_status(instances: &Value) -> Vec<u8> {
    let instance = |instance: &Value| {
        let date = instance["date"].as_i64().map(instant);
        json!({
            "server_id": "6c1c2b4e",
            "hostname": instance["hostname"],
            "last_sync": {"date": date, "status": instance["status"], "error": instance["error"]},
        })
    };
    let instances: Value = objects(instances).map(instance).collect();
    json!({"server_instances": instances}).to_string().into_bytes()
}

fn objects(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

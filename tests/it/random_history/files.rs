//! A snapshot of a random history as a file of one of the real formats, the arguments that import it, and the
//! record of each account. Exports must return these records, whatever surrounds them in time.

use chrono::DateTime;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::{Origin, Snapshot};

/// The columns of the report, by the names of their fields, in GitHub's order.
const COLUMNS: [&str; 28] = [
    "github_com_login",
    "github_com_name",
    "enterprise_server_user_ids",
    "github_com_user",
    "enterprise_server_user",
    "visual_studio_subscription_user",
    "license_type",
    "github_com_profile",
    "github_com_member_roles",
    "github_com_enterprise_roles",
    "github_com_verified_domain_emails",
    "github_com_saml_name_id",
    "github_com_orgs_with_pending_invites",
    "github_com_two_factor_auth",
    "github_com_two_factor_auth_required_by_date",
    "github_com_cost_center",
    "github_com_code_security_license_user",
    "github_com_secret_protection_license_user",
    "ghe_license_active",
    "ghe_license_start_date",
    "ghe_license_end_date",
    "enterprise_server_primary_emails",
    "enterprise_server_advanced_security_user_ids",
    "enterprise_server_code_security_user_ids",
    "enterprise_server_secret_protection_user_ids",
    "visual_studio_license_status",
    "visual_studio_subscription_email",
    "total_user_accounts",
];
/// The columns that the generation with 21 columns lacks.
const NEWER: [&str; 8] = [
    "github_com_cost_center",
    "github_com_code_security_license_user",
    "github_com_secret_protection_license_user",
    "ghe_license_active",
    "ghe_license_start_date",
    "ghe_license_end_date",
    "enterprise_server_code_security_user_ids",
    "enterprise_server_secret_protection_user_ids",
];
/// The column that it has instead.
const OLDER: &str = "github_com_advanced_security_license_user";
const LISTS: [&str; 9] = [
    "enterprise_server_user_ids",
    "github_com_member_roles",
    "github_com_enterprise_roles",
    "github_com_verified_domain_emails",
    "github_com_orgs_with_pending_invites",
    "enterprise_server_primary_emails",
    "enterprise_server_advanced_security_user_ids",
    "enterprise_server_code_security_user_ids",
    "enterprise_server_secret_protection_user_ids",
];
const ALL_USERS: [&str; 14] = [
    "created_at",
    "id",
    "login",
    "email",
    "role",
    "suspended?",
    "last_logged_ip",
    "repos",
    "ssh_keys",
    "org_memberships",
    "dormant?",
    "last_active",
    "raw_login",
    "2fa_enabled?",
];
/// The membership that a row has only in its repeat.
const SECOND: &str = "omega:Owner";

/// A format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    CloudJson,
    /// The license report: the number of its columns, and whether their names are words.
    CloudCsv {
        columns: usize,
        words: bool,
    },
    AllUsers,
    Export,
}

impl Format {
    pub fn random(rng: &mut ChaCha8Rng, origin: Origin, accounts: &[Value]) -> Format {
        let csv = |columns, words| Format::CloudCsv { columns, words };
        let formats: &[Format] = match origin {
            Origin::Enterprise(_) => &[
                Format::CloudJson,
                Format::CloudJson,
                csv(21, false),
                csv(21, true),
                csv(28, false),
                csv(28, true),
            ],
            Origin::Instance(_) => &[Format::AllUsers, Format::Export],
        };
        let format = formats.choose(rng).copied().unwrap_or(Format::Export);
        if format.can_say(accounts) { format } else { Format::Export }
    }

    /// Whether the format can hold the accounts. A site-admin report in which everybody is suspended would not
    /// pass for a complete one.
    pub fn can_say(self, accounts: &[Value]) -> bool {
        self != Format::AllUsers || accounts.iter().any(|it| it["suspended"] == json!(false))
    }

    fn columns(self) -> Vec<&'static str> {
        match self {
            Format::AllUsers => ALL_USERS.to_vec(),
            Format::CloudCsv { columns: 21, .. } => {
                let mut columns = COLUMNS.to_vec();
                columns.retain(|column| !NEWER.contains(column));
                columns.insert(15, OLDER);
                columns
            }
            _ => COLUMNS.to_vec(),
        }
    }
}

/// An instant in the form of the command line.
pub fn instant(at: i64) -> String {
    let time = DateTime::from_timestamp(at, 0).expect("an instant");
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Snapshot {
    /// The arguments of `import` after the file.
    pub fn arguments(&self) -> Vec<String> {
        let (option, name) = match self.origin {
            Origin::Enterprise(name) => ("--enterprise", name),
            Origin::Instance(name) => ("--host", name),
        };
        let taken_at = instant(self.taken_at);
        let mut arguments = [option, name, "--taken-at", &taken_at].map(str::to_owned).to_vec();
        arguments.extend(self.partial.then(|| "--partial".to_owned()));
        arguments.extend(self.replaces.map(|_| "--replace".to_owned()));
        arguments
    }

    /// The name and the bytes of the file.
    pub fn file(&self) -> (String, Vec<u8>) {
        let accounts = self.rows();
        let bytes = match self.format {
            Format::CloudJson => {
                let mut answer = json!({ "users": accounts });
                if let Some((consumed, purchased)) = self.totals {
                    answer["total_seats_consumed"] = json!(consumed);
                    answer["total_seats_purchased"] = json!(purchased);
                }
                answer.to_string().into_bytes()
            }
            Format::Export => {
                let instance = json!({"server_id": "6c1c", "host_name": self.origin.name()});
                json!({"instance": instance, "users": accounts}).to_string().into_bytes()
            }
            Format::CloudCsv { .. } | Format::AllUsers => self.sheet(&accounts),
        };
        let extension = match self.format {
            Format::CloudJson | Format::Export => "json",
            Format::CloudCsv { .. } | Format::AllUsers => "csv",
        };
        (format!("{}-{}.{extension}", self.key, self.origin.name()), bytes)
    }

    /// The accounts in the order of the file, one of them perhaps twice.
    pub fn rows(&self) -> Vec<Value> {
        let mut rows = self.accounts.clone();
        if let Some(account) = self.twice {
            let mut again = rows[account].clone();
            again["github_com_member_roles"] = json!([SECOND]);
            rows.push(again);
        }
        rows
    }

    fn sheet(&self, accounts: &[Value]) -> Vec<u8> {
        let columns = self.format.columns();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let words = matches!(self.format, Format::CloudCsv { words: true, .. });
        let header = columns
            .iter()
            .map(|column| if words { in_words(column) } else { (*column).to_owned() });
        writer.write_record(header).expect("a header");
        for account in accounts {
            let cells = columns.iter().map(|column| cell(&self.value(account, column)));
            writer.write_record(cells).expect("a row");
        }
        writer.into_inner().expect("a table in memory")
    }

    /// The value of an account's column.
    fn value(&self, account: &Value, column: &str) -> Value {
        if self.format != Format::AllUsers {
            return account[column].clone();
        }
        let primary = account["emails"].as_array().and_then(|all| all.first());
        let primary = primary.filter(|it| it["primary"] == json!(true)).map(|it| &it["email"]);
        match column {
            "created_at" => json!("2021-03-04T05:06:07Z"),
            "id" => account["user_id"].clone(),
            "login" => account["login"].clone(),
            "email" => primary.cloned().unwrap_or_default(),
            "suspended?" => account["suspended"].clone(),
            "dormant?" => json!(false),
            "role" => json!("user"),
            _ => Value::Null,
        }
    }

    /// The sorted records of the file: fields and values, with lists in order.
    pub fn records(&self) -> Vec<String> {
        let mut accounts = self.accounts.clone();
        if let Some(account) = self.twice {
            let roles = accounts[account]["github_com_member_roles"].as_array_mut();
            roles.expect("a list").push(json!(SECOND));
        }
        let sheet = matches!(self.format, Format::CloudCsv { .. } | Format::AllUsers);
        let record = |account: Value| {
            if !sheet {
                return sorted(account);
            }
            let columns = self.format.columns().into_iter();
            let fields = columns.map(|column| {
                let value = self.value(&account, column);
                let is_list = LISTS.contains(&column);
                let empty_list = is_list && value.is_null();
                let value = match value {
                    Value::Array(items) => Value::Array(items),
                    _ if empty_list => json!([]),
                    other => json!(cell(&other)),
                };
                (column.to_owned(), value)
            });
            sorted(Value::Object(fields.collect()))
        };
        let mut records: Vec<String> = accounts.into_iter().map(record).collect();
        records.sort();
        records
    }
}

/// A record with its lists of texts sorted, because `snapshots export` may print them in any order.
pub fn sorted(record: Value) -> String {
    let Value::Object(fields) = record else { return record.to_string() };
    let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, value) in &mut fields {
        if let (Value::Array(items), true) = (value, LISTS.contains(&name.as_str())) {
            items.sort_by_key(Value::to_string);
        }
    }
    Value::Object(fields.into_iter().collect::<Map<_, _>>()).to_string()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// `github_com_login` in the words that the report has had since 2025: `GitHub com login`.
fn in_words(column: &str) -> String {
    let words =
        column.strip_suffix("_name_id").map_or(column.to_owned(), |it| format!("{it}_name"));
    let words = words.replace('_', " ");
    match words.strip_prefix("github") {
        Some(rest) => format!("GitHub{rest}"),
        None => words[..1].to_uppercase() + &words[1..],
    }
}

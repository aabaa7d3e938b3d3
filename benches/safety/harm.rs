//! Files made to do harm, and harmless ones of the same size.
//!
//! What it is: each attack as two files, a Cloud report and an instance's export, written row by row, so that a
//! million rows never sit in memory. May assume: nothing. Must not: run anything.

use std::fs::File;
use std::io::{BufWriter, Seek as _, SeekFrom, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::Result;

/// One attack by values: the content of row `i` of `n`.
pub struct Case {
    pub name: &'static str,
    /// A row of the Cloud report. A case may have fewer of these than of the other.
    pub cloud: fn(u32, u32) -> Option<Value>,
    /// A user of the instance's export.
    pub server: fn(u32, u32) -> Option<Value>,
    /// The name for `explain`.
    pub who: &'static str,
}

fn cloud(login: &str, name: &str, saml: &str, verified: Value) -> Option<Value> {
    Some(json!({
        "github_com_login": login, "github_com_name": name, "github_com_user": true,
        "github_com_saml_name_id": saml, "github_com_verified_domain_emails": verified,
        "github_com_member_roles": ["alpha:Member"], "license_type": "Enterprise",
    }))
}

fn server(id: u32, login: &str, name: &str, emails: &[String]) -> Option<Value> {
    let emails = emails.iter().enumerate();
    let emails: Vec<Value> =
        emails.map(|(at, email)| json!({"email": email, "primary": at == 0})).collect();
    Some(json!({"user_id": id, "login": login, "name": name, "emails": emails}))
}

/// A Cloud account like any other.
fn plain_cloud(i: u32) -> Option<Value> {
    let name = format!("{} {}", spelled(i), spelled(i / 7 + 11));
    cloud(&format!("user-{i}"), &name, &format!("user{i}@corp.example"), json!([]))
}

/// A Server account like any other. Every second one matches, and no other one is like anybody.
fn plain_server(i: u32) -> Option<Value> {
    let name = format!("{} {}", spelled(i.wrapping_mul(31)), spelled(i / 5 + 3));
    let local = if i.is_multiple_of(2) { format!("user{i}") } else { format!("{}x", spelled(i)) };
    server(i, &format!("s{}", spelled(i)), &name, &[format!("{local}@corp.example")])
}

/// A number in letters, so that near numbers are not near texts.
fn spelled(number: u32) -> String {
    let mut left = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
    let mut text = String::new();
    for _ in 0..9 {
        text.push(char::from(b'a' + (left % 26) as u8));
        left /= 26;
    }
    text
}

/// Any letter of the large blocks of ideographs: thousands are one slip from each other.
fn letter(i: u32) -> char {
    char::from_u32(0x4e00 + i % 20_000).unwrap_or('x')
}

/// Only the first few rows, for values that are large by themselves.
fn few(i: u32, value: impl FnOnce() -> Option<Value>) -> Option<Value> {
    if i < 4 { value() } else { None }
}

/// The attacks by values.
pub const CASES: [Case; 22] = [
    Case {
        name: "namesakes, Cloud and Server",
        cloud: |i, _| {
            cloud(&format!("user-{i}"), "Ann Smith", &format!("u{i}@corp.example"), json!([]))
        },
        server: |i, _| {
            server(
                i,
                &format!("s{}", spelled(i)),
                "Smith, Ann",
                &[format!("{}@corp.example", spelled(i))],
            )
        },
        who: "user-0",
    },
    Case {
        name: "one address on every Server account",
        cloud: |i, _| plain_cloud(i),
        server: |i, _| server(i, &format!("s{i}"), "", &["one@corp.example".to_owned()]),
        who: "one@corp.example",
    },
    Case {
        name: "one address on every account of both",
        cloud: |i, _| {
            cloud(&format!("user-{i}"), "", "one@corp.example", json!(["one@corp.example"]))
        },
        server: |i, _| server(i, &format!("s{i}"), "", &["one@corp.example".to_owned()]),
        who: "one@corp.example",
    },
    Case {
        name: "one secondary address on every account of both",
        cloud: |i, _| cloud(&format!("user-{i}"), "", "", json!(["one@corp.example"])),
        server: |i, _| {
            server(
                i,
                &format!("s{i}"),
                "",
                &[format!("{}@corp.example", spelled(i)), "one@corp.example".to_owned()],
            )
        },
        who: "one@corp.example",
    },
    Case {
        name: "all addresses on one account of each",
        cloud: |i, n| {
            few(i, || {
                cloud(
                    &format!("user-{i}"),
                    "",
                    "",
                    (0..n / 4).map(|k| format!("a{i}x{k}@corp.example")).collect(),
                )
            })
        },
        server: |i, n| {
            few(i, || {
                server(
                    i,
                    &format!("s{i}"),
                    "",
                    &(0..n / 4).map(|k| format!("b{i}x{k}@corp.example")).collect::<Vec<_>>(),
                )
            })
        },
        who: "user-0",
    },
    Case {
        name: "shared addresses in a chain through all Server accounts",
        cloud: |i, _| plain_cloud(i),
        server: |i, _| {
            server(
                i,
                &format!("s{i}"),
                "",
                &[
                    format!("{}@corp.example", spelled(i)),
                    format!("{}@corp.example", spelled(i + 1)),
                ],
            )
        },
        who: "s0",
    },
    Case {
        name: "addresses one slip from each other (one place, 20,000 letters)",
        cloud: |i, _| {
            cloud(
                &format!("user-{i}"),
                "",
                &format!("{}-aaaa{}@corp.example", i / 20_000, letter(i)),
                json!([]),
            )
        },
        server: |i, _| {
            server(
                i,
                &format!("s{i}"),
                "",
                &[format!("{}-aaaa{}x@corp.example", i / 20_000, letter(i))],
            )
        },
        who: "user-0",
    },
    Case {
        name: "addresses one slip from each other (digits)",
        cloud: |i, _| {
            cloud(&format!("user-{i}"), "", &format!("person{i:07}@corp.example"), json!([]))
        },
        server: |i, _| server(i, &format!("s{i}"), "", &[format!("person.{i:07}x@corp.example")]),
        who: "user-0",
    },
    Case {
        name: "one login on every Server account",
        cloud: |i, _| cloud(&format!("ann_{i}"), "", &format!("u{i}@corp.example"), json!([])),
        server: |i, _| server(i, "ann", "", &[format!("{}@corp.example", spelled(i))]),
        who: "ann",
    },
    Case {
        name: "one address apart from its +tag",
        cloud: |i, _| cloud(&format!("user-{i}"), "", &format!("ann+c{i}@corp.example"), json!([])),
        server: |i, _| server(i, &format!("s{i}"), "", &[format!("ann+s{i}@corp.example")]),
        who: "user-0",
    },
    Case {
        name: "one local part in as many domains",
        cloud: |i, _| {
            cloud(&format!("user-{i}"), "", &format!("ann.smith@c{i}.example"), json!([]))
        },
        server: |i, _| server(i, &format!("s{i}"), "", &[format!("ann.smith@s{i}.example")]),
        who: "user-0",
    },
    Case {
        name: "one NameID that is every Server login",
        cloud: |i, _| cloud(&format!("user-{i}"), "", "annsmith", json!([])),
        server: |i, _| server(i, "annsmith", "", &[format!("{}@corp.example", spelled(i))]),
        who: "user-0",
    },
    Case {
        name: "invitations of everybody on Server",
        cloud: |i, _| {
            Some(
                json!({"github_com_login": "", "github_com_name": "", "github_com_user": false, "license_type": "Enterprise", "github_com_enterprise_roles": ["Pending invitation"], "github_com_orgs_with_pending_invites": ["alpha"], "github_com_verified_domain_emails": [format!("{}@corp.example", spelled(i))], "enterprise_server_user": false}),
            )
        },
        server: |i, _| {
            server(
                i,
                &format!("s{i}"),
                "",
                &[format!("{}x@corp.example", spelled(i)), format!("{}@corp.example", spelled(i))],
            )
        },
        who: "s0",
    },
    Case {
        name: "one login on every row of the Cloud report",
        cloud: |i, _| {
            cloud(
                "ann",
                &format!("Ann {i}"),
                &format!("u{i}@corp.example"),
                json!([format!("v{i}@corp.example")]),
            )
        },
        server: |i, _| plain_server(i),
        who: "ann",
    },
    Case {
        name: "all ids of an instance on one Cloud row",
        cloud: |i, n| {
            few(i, || {
                Some(
                    json!({"github_com_login": format!("user-{i}"), "github_com_name": "", "github_com_user": true, "enterprise_server_user_ids": (0..n / 4).map(|k| format!("ghes.corp.example:{}", 4 * k + i)).collect::<Vec<_>>()}),
                )
            })
        },
        server: |i, _| plain_server(i),
        who: "user-0",
    },
    Case {
        name: "a host of its own for every Cloud row",
        cloud: |i, _| {
            Some(
                json!({"github_com_login": format!("user-{i}"), "github_com_name": "", "github_com_user": true, "enterprise_server_user_ids": [format!("ghes{i}.corp.example:{i}")], "enterprise_server_primary_emails": [format!("x{i}@corp.example")]}),
            )
        },
        server: |i, _| plain_server(i),
        who: "user-0",
    },
    Case {
        name: "an unknown field of its own in every row",
        cloud: |i, _| {
            Some(
                json!({"github_com_login": format!("user-{i}"), "github_com_name": "", "github_com_user": true, format!("field_{i}"): i}),
            )
        },
        server: |i, _| plain_server(i),
        who: "user-0",
    },
    Case {
        name: "unknown fields, all in one row",
        cloud: |i, n| {
            few(i, || {
                let mut row = json!({"github_com_login": format!("user-{i}"), "github_com_name": "", "github_com_user": true});
                for k in 0..n / 4 {
                    row[format!("field_{i}_{k}")] = json!(k);
                }
                Some(row)
            })
        },
        server: |i, _| plain_server(i),
        who: "user-0",
    },
    Case {
        name: "names of as many words",
        cloud: |i, n| {
            few(i, || {
                cloud(
                    &format!("user-{i}"),
                    &format!("{} ", spelled(i)).repeat((n as usize / 4).min(100_000)),
                    "",
                    json!([]),
                )
            })
        },
        server: |i, n| {
            few(i, || {
                server(
                    i,
                    &format!("s{i}"),
                    &"ann, smith ".repeat((n as usize / 4).min(90_000)),
                    &[],
                )
            })
        },
        who: "user-0",
    },
    Case {
        name: "addresses of a megabyte",
        cloud: |i, _| {
            few(i, || {
                cloud(
                    &format!("user-{i}"),
                    "",
                    &format!("{i}{}@corp.example", "a".repeat(1_000_000)),
                    json!([]),
                )
            })
        },
        server: |i, _| {
            few(i, || {
                server(
                    i,
                    &format!("s{i}"),
                    "",
                    &[format!("{i}{}b@corp.example", "a".repeat(1_000_000))],
                )
            })
        },
        who: "user-0",
    },
    Case {
        name: "addresses of + and . and - alone",
        cloud: |i, _| {
            few(i, || {
                cloud(
                    &format!("user-{i}"),
                    "",
                    &format!("a{i}{}@corp.example", "+.-".repeat(300_000)),
                    json!([]),
                )
            })
        },
        server: |i, _| {
            few(i, || {
                server(
                    i,
                    &format!("s{i}"),
                    "",
                    &[format!("a{i}{}@corp.example", "+-.".repeat(300_000))],
                )
            })
        },
        who: "user-0",
    },
    Case {
        name: "roles without end on one row",
        cloud: |i, n| {
            few(i, || {
                Some(
                    json!({"github_com_login": format!("user-{i}"), "github_com_name": "", "github_com_user": true, "github_com_member_roles": (0..n / 4).map(|k| format!("org-{k}:Member")).collect::<Vec<_>>()}),
                )
            })
        },
        server: |i, _| plain_server(i),
        who: "user-0",
    },
];

/// The two files of one database.
pub const FILES: [&str; 2] = ["cloud.json", "server.json"];

/// Writes an attack's files.
pub fn attack(case: &Case, n: u32, folder: &Path) -> Result<()> {
    write(folder, &mut |i, _| (case.cloud)(i, n), &mut |i, _| (case.server)(i, n), n)
}

/// Writes harmless files of the same sizes.
pub fn harmless(like: &Path, folder: &Path) -> Result<()> {
    let size = |name: &str| Ok::<_, std::io::Error>(std::fs::metadata(like.join(name))?.len());
    let (of_cloud, of_server) = (size(FILES[0])?, size(FILES[1])?);
    let mut cloud = |i: u32, written: u64| plain_cloud(i).filter(|_| written < of_cloud);
    let mut server = |i: u32, written: u64| plain_server(i).filter(|_| written < of_server);
    write(folder, &mut cloud, &mut server, u32::MAX)
}

type Rows<'r> = &'r mut dyn FnMut(u32, u64) -> Option<Value>;

fn write(folder: &Path, cloud: Rows<'_>, server: Rows<'_>, n: u32) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    // The total comes first, as in GitHub's own answers, but is known last.
    let totals = format!("{{\"total_seats_consumed\":{:WIDTH$}", "");
    let before = format!("{totals},\"total_seats_purchased\":1,\"users\":[");
    let written = rows(&folder.join(FILES[0]), &before, cloud, n)?;
    let mut file = File::options().write(true).open(folder.join(FILES[0]))?;
    file.seek(SeekFrom::Start((totals.len() - WIDTH) as u64))?;
    file.write_all(format!("{written:WIDTH$}").as_bytes())?;
    let instance =
        "{\"instance\":{\"server_id\":\"6c1c\",\"host_name\":\"ghes.corp.example\"},\"users\":[";
    rows(&folder.join(FILES[1]), instance, server, n).map(drop)
}

/// Room for the total, in digits.
const WIDTH: usize = 10;

fn rows(file: &Path, before: &str, row: Rows<'_>, n: u32) -> Result<u32> {
    let mut out = BufWriter::new(File::create(file)?);
    out.write_all(before.as_bytes())?;
    let (mut written, mut count) = (before.len() as u64, 0);
    while count < n {
        let Some(row) = row(count, written) else { break };
        let text = row.to_string();
        if count > 0 {
            out.write_all(b",\n")?;
        }
        out.write_all(text.as_bytes())?;
        written += text.len() as u64 + 2;
        count += 1;
    }
    out.write_all(b"]}")?;
    out.flush()?;
    Ok(count)
}

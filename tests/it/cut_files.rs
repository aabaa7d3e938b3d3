//! A table that was cut anywhere in its last line is refused or read with a warning. It never passes silently
//! as complete. JSON with a repeated key or an invalid number is refused.

use serde_json::{Value, json};

use crate::common::{Place, Ran};

/// A kind of table: its header, its rows, and the options that import it.
struct Kind {
    about: &'static str,
    header: &'static str,
    row: fn(usize) -> String,
    options: &'static [&'static str],
    /// Whether the last cell shows that it is complete.
    shows: bool,
}

const KINDS: [Kind; 4] = [
    Kind {
        about: "all_users.csv",
        header: "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
            last_active,raw_login,2fa_enabled?",
        row: |it| {
            format!(
                "2020-01-01 00:00:00 UTC,{it},user{it},user{it}@x.example,user,false,1.1.1.1,0,0,0,false,\
            2020-01-01 00:00:00 UTC,user{it},true"
            )
        },
        options: &["--host", "g.example"],
        shows: true,
    },
    Kind {
        about: "the same, its columns in another order",
        header: "id,login,email,role,suspended?,created_at,raw_login",
        row: |it| {
            format!("{it},user{it},user{it}@x.example,user,false,2020-01-01 00:00:00 UTC,user{it}")
        },
        options: &["--host", "g.example"],
        shows: false,
    },
    Kind {
        about: "ghe-user-csv",
        header: "login,email,role,ssh_keys,org_memberships,repos,suspension_status,last_logged_ip,creation_date",
        row: |it| {
            format!("user{it},user{it}@x.example,user,0,1,2,active,1.1.1.1,2020-01-01 00:00:00 UTC")
        },
        options: &["--host", "g.example"],
        shows: false,
    },
    Kind {
        about: "the license report",
        header: "github_com_login,github_com_name,github_com_user,license_type,github_com_profile",
        row: |it| format!("user{it},User {it},true,Enterprise,https://github.com/user{it}"),
        options: &["--enterprise", "corp"],
        shows: false,
    },
];

fn import(text: &str, name: &str, options: &[&str]) -> (Ran, Value) {
    let place = Place::new();
    let file = place.write(name, text.as_bytes()).display().to_string();
    let words = ["import", &file, "--taken-at", "2026-01-01", "--json"];
    let ran = place.run(&[&words[..], options].concat());
    let item = serde_json::from_str::<Value>(&ran.stdout).map(|mut it| it["items"][0].take());
    (ran, item.unwrap_or_default())
}

fn warns(item: &Value, code: &str) -> bool {
    item["warnings"].as_array().into_iter().flatten().any(|it| it["code"] == code)
}

#[test]
fn a_table_that_was_cut_in_its_last_line_is_never_a_whole_one_in_silence() {
    for kind in KINDS {
        let (about, row) = (kind.about, kind.row);
        let rows: String = (1..=60).map(|it| format!("\n{}", row(it))).collect();
        let whole = format!("{}{rows}\n", kind.header);
        let (ran, item) = import(&whole, "x.csv", kind.options);
        assert_eq!((ran.code, &item["accounts"]), (0, &json!(60)), "{about}: {}", ran.stderr);
        assert!(!warns(&item, "no-line-end"), "{about}: {item}");
        let last = whole.len() - row(60).len() - 1;
        for cut in last + 1..whole.len() {
            let (ran, item) = import(&whole[..cut], "x.csv", kind.options);
            let at = &whole[last..cut];
            match ran.code {
                3 => assert!(
                    ran.stderr.contains("download the file again") || !at.contains(','),
                    "{about} {at}: {}",
                    ran.stderr
                ),
                0 if cut == whole.len() - 1 => {
                    assert_eq!(warns(&item, "no-line-end"), !kind.shows, "{about} {at}")
                }
                0 => assert!(warns(&item, "no-line-end"), "{about} {at}: {item}"),
                code => panic!("{about} {at}: {code}"),
            }
        }
    }
}

#[test]
fn other_line_ends_and_quotes_are_ends() {
    let row = |it: usize| (KINDS[1].row)(it);
    for (text, warned) in [
        (format!("{}\r\n{}\r\n", KINDS[1].header, row(1)), false),
        (format!("{}\r{}\r", KINDS[1].header, row(1)), false),
        (format!("{}\n{}\n\n\n", KINDS[1].header, row(1)), false),
        (format!("{}\n{}", KINDS[1].header, row(1)), true),
        (
            format!("{}\n{},\"user1\"", KINDS[1].header, row(1).rsplit_once(',').expect("cells").0),
            false,
        ),
        (format!("{}\n{},", KINDS[1].header, row(1).rsplit_once(',').expect("cells").0), true),
    ] {
        let (ran, item) = import(&text, "x.csv", KINDS[1].options);
        assert_eq!(
            (ran.code, warns(&item, "no-line-end")),
            (0, warned),
            "{text:?}: {}",
            ran.stderr
        );
    }
}

#[test]
fn totals_that_stand_twice_or_are_no_numbers_are_refused() {
    let user = r#"{"github_com_login":"a","github_com_user":true,"license_type":"Enterprise"}"#;
    let users = format!("\"users\":[{user}]");
    let page = |members: &str| format!("{{{members}}}");
    for members in [
        format!(
            "\"total_seats_consumed\":1,\"total_seats_purchased\":1,\"total_seats_purchased\":1000,{users}"
        ),
        format!("\"total_seats_consumed\":1,\"total_seats_consumed\":1,{users}"),
        format!("\"total_seats_consumed\":1,\"total\\u005fseats_consumed\":2,{users}"),
        format!("\"total_seats_consumed\":1,{users},\"users\":[]"),
        format!("\"total_seats_consumed\":1,\"users\":[],{users}"),
        format!("\"total_seats_consumed\":01,{users}"),
        format!("\"total_seats_consumed\":+1,{users}"),
        format!("\"total_seats_consumed\":1.,{users}"),
        format!("\"total_seats_consumed\":.5,{users}"),
        format!("\"total_seats_consumed\":0x1,{users}"),
        format!("\"total_seats_consumed\":-1,{users}"),
        format!("\"total_seats_consumed\":1,\"total_seats_purchased\":-1,{users}"),
        format!("\"total_seats_consumed\":1,\"total_seats_purchased\":-0.5,{users}"),
        format!("\"total_seats_consumed\":1,\"total_seats_purchased\":NaN,{users}"),
        format!(
            "\"total_seats_consumed\":1,\"users\":[{{\"github_com_login\":\"a\",{}]",
            &user[1..]
        ),
    ] {
        for text in
            [page(&members), format!("[{}]", page(&members)), format!("{0}\n{0}", page(&members))]
        {
            let (ran, item) = import(&text, "x.json", &["--enterprise", "corp"]);
            assert_eq!(ran.code, 3, "{text}: {item}");
        }
    }
    for consumed in ["1", "1.0", "1e0", "null"] {
        let text = page(&format!("\"total_seats_consumed\":{consumed},{users}"));
        let (ran, item) = import(&text, "x.json", &["--enterprise", "corp"]);
        println!("{consumed}: {} {item}", ran.code);
        assert!([0, 3].contains(&ran.code), "{text}: {item}");
    }
}

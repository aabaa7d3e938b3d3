//! Data made to do harm. Its values are shown and stored, never obeyed, and errors name nobody without `-v`.

use serde_json::{Value, json};

use crate::common::Place;

/// Imports a Cloud report, an instance's export and an employee directory with this text in every field.
fn import_with(place: &Place, text: &str) {
    let with = |what: &str| format!("{what}{text}");
    let row = |login: &str| {
        json!({
            "github_com_login": with(login), "github_com_name": with("Ann"), "github_com_user": true,
            "github_com_profile": with("https://github.com/ann"), "license_type": with("Enterprise"),
            "github_com_saml_name_id": with("ann@corp.example"),
            "github_com_verified_domain_emails": [with("bob@corp.example")],
            "github_com_member_roles": [with("alpha:Member")], "visual_studio_subscription_email": with("vs"),
            "enterprise_server_primary_emails": [with("cho@corp.example")],
            "enterprise_server_user_ids": [format!("ghes.corp.example:7{text}")], with("field"): with("value"),
        })
    };
    let cloud = json!({"total_seats_consumed": 2, "total_seats_purchased": 1, "users": [row("ann"), row("bea")]});
    let cloud = place.write("cloud.json", cloud.to_string().as_bytes()).display().to_string();
    let user = |id: u32, login: &str| {
        json!({"user_id": id, "login": with(login), "name": with("Ann"), "role": with("user"),
            "emails": [{"email": with("dan@corp.example"), "primary": true}, {"email": with("bob@corp.example"), "primary": false}]})
    };
    let server = json!({"instance": {"server_id": with("6c1c"), "host_name": "ghes.corp.example", "version": with("3")},
        "users": [user(7, "ann"), user(8, "bea")]});
    let server = place.write("server.json", server.to_string().as_bytes()).display().to_string();
    for (file, day) in [(&server, "2026-03-01"), (&cloud, "2026-03-02")] {
        let ran = place.run(&["import", file, "--taken-at", day]);
        assert_eq!(ran.code, 0, "{text:?}: {}", ran.stderr);
    }
    let directory = json!({"value": [{"id": with("1"), "userPrincipalName": with("ann@corp.example"),
        "accountEnabled": false}]});
    let directory = place.write("d.json", directory.to_string().as_bytes()).display().to_string();
    let directory = ["import", &directory, "--directory", "hr", "--taken-at", "2026-03-02"];
    let ran = place.run(&directory);
    assert_eq!(ran.code, 0, "{text:?}: {}", ran.stderr);
}

/// Every question, about a person with this login.
fn questions(place: &Place, login: &str) -> Vec<Vec<String>> {
    let file = place.path("server.json").display().to_string();
    let words = [("WHO", login), ("FROM", "2026-03-01"), ("TO", "2026-03-02"), ("FILE", &file)];
    crate::common::questions(&words)
}

/// What a terminal obeys: escapes (also those of one character, and without their first byte) and marks of
/// direction.
const OBEYED: [char; 7] =
    ['\u{1b}', '\u{9b}', '\u{7}', '\u{8}', '\u{202e}', '\u{2066}', '\u{200f}'];

#[test]
fn no_escape_of_the_data_reaches_a_terminal() {
    let place = Place::new();
    let text: String = ["\u{1b}[2J\u{1b}]0;title\u{7}"].into_iter().collect::<String>()
        + &OBEYED.iter().collect::<String>();
    import_with(&place, &text);
    let login = format!("ann{text}");
    // A snapshot is exported as JSON, for programs.
    let is_told = |question: &Vec<String>| question[..] != ["snapshots", "export", "1"];
    for question in questions(&place, &login).into_iter().filter(is_told) {
        let ran = place.run(&question);
        assert!(matches!(ran.code, 0 | 1), "{question:?}: {}", ran.stderr);
        let shown = place.run_on_a_terminal(&question, 100);
        for told in [&ran.stdout, &ran.stderr, &shown] {
            let obeyed = told.chars().find(|it| OBEYED.contains(it));
            assert_eq!(obeyed, None, "{question:?}: {told:?}");
        }
    }
    let ran = place.run(&["explain", &format!("nobody{text}")]);
    assert_eq!(ran.code, 7);
    assert_eq!(ran.stderr.chars().find(|it| OBEYED.contains(it)), None, "{:?}", ran.stderr);
}

#[test]
fn sql_in_every_text_is_text() {
    for text in ["'; DROP TABLE states; --", "\"; DELETE FROM journal; --", "') OR 1=1 --", "%_\\"]
    {
        let place = Place::new();
        import_with(&place, text);
        let login = format!("ann{text}");
        for question in questions(&place, &login) {
            let ran = place.run(&question);
            assert!(matches!(ran.code, 0 | 1), "{text}: {question:?}: {}", ran.stderr);
        }
        assert_eq!(place.json(&["verify"])["ok"], true);
        let people = &place.json(&["explain", &login])["people"];
        let people = people.as_array().expect("people");
        let accounts = people.iter().flat_map(|it| it["accounts"].as_array().into_iter().flatten());
        let logins: Vec<&Value> = accounts.map(|account| &account["login"]).collect();
        assert!(logins.contains(&&json!(login)), "{text}: {logins:?}");
        assert_eq!(place.run(&["sources", "rename", "enterprise", text]).code, 0);
        assert_eq!(place.run(&["questions", "add", text, "SELECT 1 AS one"]).code, 0, "{text}");
        assert_eq!(place.run(&["snapshots", "void", "1", "--reason", text]).code, 0);
        let ran =
            place.run(&["query", "SELECT :x AS x", "--param", &format!("x={text}"), "--json"]);
        let rows: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(rows, json!([{"x": text}]));
        assert_eq!(place.json(&["verify"])["ok"], true);
    }
}

#[test]
fn no_cell_is_a_formula() {
    for sign in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
        let place = Place::new();
        let users: Vec<Value> = (0..2)
            .map(|it| json!({"github_com_login": format!("u{it}"), "github_com_user": true, "github_com_name": sign, "license_type": sign}))
            .collect();
        let answer = json!({"total_seats_consumed": 2, "users": users});
        let file = place.write("cloud.json", answer.to_string().as_bytes()).display().to_string();
        assert_eq!(place.run(&["import", &file, "--taken-at", "2026-03-01"]).code, 0);
        for format in ["csv", "tsv"] {
            let told = place.run(&["export", "accounts", "--format", format]).stdout;
            let delimiter = if format == "csv" { b',' } else { b'\t' };
            let mut cells =
                csv::ReaderBuilder::new().delimiter(delimiter).from_reader(told.as_bytes());
            let mut prefixed = 0;
            for record in cells.records() {
                for cell in &record.expect("a record") {
                    let first = cell.chars().next();
                    assert!(!first.is_some_and(|it| "=+-@\t\r".contains(it)), "{format}: {cell:?}");
                    prefixed += usize::from(cell.starts_with('\''));
                }
            }
            assert!(prefixed >= 2, "{sign:?} in {format}: {told}");
        }
    }
}

#[test]
fn output_goes_in_the_place_of_a_link_and_not_through_it() {
    let place = Place::new();
    import_with(&place, "");
    place.write("precious", b"precious");
    let link = place.path("answer.csv");
    std::os::unix::fs::symlink(place.path("precious"), &link).expect("a link");
    let link = link.display().to_string();
    let ran = place.run(&["export", "accounts", "--format", "csv", "-o", &link]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!place.path("answer.csv").is_symlink());
    assert_eq!(std::fs::read(place.path("precious")).expect("a file"), b"precious");
}

#[test]
fn errors_and_warnings_name_nobody_below_v() {
    let place = Place::new();
    let quietly = |files: &[(&str, &str)], code: i32| {
        for (name, text) in files {
            let file = place.write(name, text.as_bytes()).display().to_string();
            let arguments =
                ["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-01", "--dry-run"];
            let ran = place.run(&arguments);
            assert_eq!(ran.code, code, "{name}: {}", ran.stderr);
            assert!(!ran.stderr.contains("octavia"), "{name}: {}", ran.stderr);
            assert!(ran.stderr.contains("-v"), "{name} says how to see it: {}", ran.stderr);
            let ran = place.run(&[&["-v"], arguments.as_slice()].concat());
            assert!(ran.stderr.contains("octavia"), "{name} with -v: {}", ran.stderr);
        }
    };
    let refused = [
        (
            "no-header.csv",
            "octavia@corp.example,Octavia,Enterprise\nbob@corp.example,Bob,Enterprise\n",
        ),
        (
            "wrong-sign.json",
            r#"{"total_seats_consumed":1,"users":[{"github_com_login":"a","github_com_user":true} octavia@corp.example]}"#,
        ),
        (
            "users.json",
            r#"{"instance":{"server_id":"1","host_name":"ghes.corp.example"},"users":{"octavia":1}}"#,
        ),
    ];
    quietly(&refused, 3);
    let twice = r#"{"total_seats_consumed":2,"users":[{"github_com_user":true,"github_com_login":"octavia","github_com_name":"O"},
        {"github_com_user":true,"github_com_login":"octavia","github_com_name":"P"},{"github_com_user":true,"github_com_login":"b"}]}"#;
    quietly(&[("twice.json", twice)], 0);
}

#[test]
fn a_login_that_hundreds_have_is_not_told_without_end() {
    let place = Place::new();
    let users: Vec<Value> = (0..600)
        .map(|id| json!({"user_id": id, "login": "ann", "emails": [{"email": format!("u{id}@corp.example"), "primary": true}]}))
        .collect();
    let export = json!({"instance": {"server_id": "6c1c", "host_name": "ghes.corp.example"}, "users": users});
    let file = place.write("server.json", export.to_string().as_bytes()).display().to_string();
    assert_eq!(place.run(&["import", &file, "--taken-at", "2026-03-01"]).code, 0);
    let ran = place.run(&["explain", "ann"]);
    assert_eq!(ran.code, 2);
    let told = "oneseat: error: 600 accounts are called \"ann\": too many to list\nhint: name one account as HOST:ID";
    assert!(ran.stderr.starts_with(told), "{}", ran.stderr);
    assert_eq!(place.run(&["explain", "ghes.corp.example:7"]).code, 0);
}

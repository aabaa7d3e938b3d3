//! Files that were misread before: a partial list as a complete one, a word of absence as a value, one field as
//! another (formats.md sections 1, 5 and 8).

use serde_json::{Value, json};

use crate::common::{Place, Ran};

const CLOUD: [&str; 4] = ["--enterprise", "corp", "--taken-at", "2026-09-01"];
const SERVER: [&str; 4] = ["--host", "ghe.corp.example", "--taken-at", "2026-09-01"];
const LIST: &str = "login,email,role,ssh_keys,org_memberships,repos,suspension_status,last_logged_ip,creation_date\n";
const REPORT: &str = "created_at,id,login,email,role,suspended?,dormant?\n";

fn import(place: &Place, name: &str, text: &str, arguments: &[&str]) -> Ran {
    let file = place.write(name, text.as_bytes());
    let mut all = vec!["import".to_owned(), file.display().to_string()];
    all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    place.run(&all)
}

fn row(login: &str, role: &str, status: &str) -> String {
    format!("{login},{login}@x.example,{role},0,1,2,{status},192.0.2.1,2020-01-01\n")
}

fn consumed(place: &Place) -> Value {
    place.json(&["consumption"])["consumed"].clone()
}

#[test]
fn a_list_of_the_suspended_alone_is_no_instance() {
    let rows = [row("secret-a", "user", "suspended"), row("secret-b", "admin", "TRUE")].concat();
    let report = format!(
        "{REPORT}2020-01-01,1,secret-a,a@x.example,admin,true,false\n2020-01-01,2,secret-b,b@x.example,user,TRUE,false\n"
    );
    for (name, text) in
        [("a.csv", format!("{LIST}{rows}")), ("b.csv", rows.clone()), ("c.csv", report)]
    {
        let place = Place::new();
        let ran = import(&place, name, &text, &SERVER);
        assert_eq!(ran.code, 3, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains("every account is suspended"), "{name}: {}", ran.stderr);
        assert!(!ran.stderr.contains("secret"), "{name}: {}", ran.stderr);
        let partial = [&SERVER[..], &["--partial"]].concat();
        assert_eq!(import(&place, name, &text, &partial).code, 0, "{name}");
        assert_eq!(place.run(&["consumption"]).code, 7, "{name}");
    }
}

#[test]
fn a_list_of_administrators_alone_or_of_all_others_is_doubted() {
    for (roles, doubted) in [
        (["admin", "admin"], true),
        (["user", "User"], true),
        (["admin", "user"], false),
        (["", "user"], false),
    ] {
        let place = Place::new();
        let text =
            format!("{LIST}{}{}", row("a", roles[0], "active"), row("b", roles[1], "active"));
        let ran = import(&place, "users.csv", &text, &SERVER);
        assert_eq!(ran.code, 0, "{roles:?}: {}", ran.stderr);
        let warned = format!("{}{}", ran.stdout, ran.stderr).contains("perhaps-not-whole");
        assert_eq!(warned, doubted, "{roles:?}: {} {}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_word_that_does_not_say_who_is_suspended_is_refused_by_row() {
    for word in ["1", "gesperrt", "inactive", "deactivated", "yes", ""] {
        let place = Place::new();
        let text = format!("{LIST}{}{}", row("a", "admin", "active"), row("b", "user", word));
        let ran = import(&place, "users.csv", &text, &SERVER);
        assert_eq!(ran.code, 3, "{word}: {}", ran.stderr);
        let told = "users.csv:3: row 2: the field suspension_status is ";
        assert!(ran.stderr.contains(told), "{word}: {}", ran.stderr);
        let wanted = "active or suspended";
        assert!(ran.stderr.contains(wanted), "{word}: {}", ran.stderr);
    }
    for (word, number) in [("ACTIVE", 2), ("Suspended", 1), ("true", 1), ("False", 2), ("N/A", 2)] {
        let place = Place::new();
        let text = format!("{LIST}{}{}", row("a", "admin", "active"), row("b", "user", word));
        let ran = import(&place, "users.csv", &text, &SERVER);
        assert_eq!((ran.code, consumed(&place)), (0, json!(number)), "{word}: {}", ran.stderr);
        let warned = format!("{}{}", ran.stdout, ran.stderr).contains("absent-word");
        assert_eq!(warned, word == "N/A", "{word}: {}", ran.stderr);
    }
    for (since, code) in [
        (json!("2026-01-01T00:00:00Z"), 0),
        (json!(1_767_225_600), 0),
        (Value::Null, 0),
        (json!(""), 0),
        (json!("n/a"), 0),
        (json!("never"), 3),
        (json!("0000-00-00"), 3),
        (json!(0), 3),
        (json!([]), 3),
    ] {
        let place = Place::new();
        let user = json!({"id": 1, "login": "a", "email": "a@x.example", "suspended_at": since});
        let export = json!({"instance": {"host_name": "ghe.corp.example"}, "users": [user]});
        let ran = import(&place, "usage.json", &export.to_string(), &["--taken-at", "2026-09-01"]);
        assert_eq!(ran.code, code, "{since}: {}", ran.stderr);
    }
}

#[test]
fn an_error_in_a_table_names_its_line_whatever_ends_the_lines() {
    let header = "github_com_login,github_com_user,enterprise_server_user";
    for end in ["\n", "\r\n", "\r"] {
        for (lines, line) in [
            (vec![header, "secret-a,true,maybe"], 2),
            (vec![header, "a,true,false", "secret-b,true,maybe"], 3),
            (vec![header, "", "a,true,false", "", "secret-b,true,maybe"], 5),
            (vec!["", header, "a,true,false,7"], 3),
            (vec![header, "a,true,false", "secret-b,true"], 3),
        ] {
            let place = Place::new();
            let text = lines.join(end) + end;
            let ran = import(&place, "users.csv", &text, &CLOUD);
            assert_eq!(ran.code, 3, "{text:?}: {}", ran.stderr);
            let told = format!("users.csv:{line}: ");
            assert!(ran.stderr.contains(&told), "{text:?}: {}", ran.stderr);
            assert!(!ran.stderr.contains("secret"), "{text:?}: {}", ran.stderr);
        }
    }
}

fn user(login: &str) -> Value {
    json!({"github_com_login": login, "github_com_user": true, "enterprise_server_user": false,
        "license_type": "Enterprise", "github_com_enterprise_roles": ["Member"]})
}

/// The user, preceded by a key that GitHub does not write.
fn stamped(login: &str) -> String {
    let user = user(login).to_string();
    format!("{{\"collected_at\": {{\"users\": []}}, \"tags\": [\"}}\"], {}", &user[1..])
}

#[test]
fn rows_are_told_by_any_of_their_keys_and_holes_are_skipped() {
    let (a, b) = (stamped("a"), stamped("b"));
    for text in [
        format!("{a}\n{b}\n"),
        format!("[{a},{b}]"),
        format!("[{a},null,{b}]"),
        format!("[{a}] [{b}]"),
        format!("{{\"n\": 1, \"users\": [null, {a}, {b}, null], \"total_seats_consumed\": 2}}"),
        format!("{{\"total_seats_consumed\":2,\"users\":[{a}]}} null {{\"users\":[{b}]}}"),
    ] {
        let place = Place::new();
        let ran = import(&place, "users.json", &text, &CLOUD);
        assert_eq!(ran.code, 0, "{text}: {}", ran.stderr);
        assert_eq!(consumed(&place), json!(2), "{text}");
    }
}

#[test]
fn a_row_that_does_not_say_whether_it_is_an_account_is_refused_where_others_do() {
    for unsaid in [Some(Value::Null), Some(json!("")), Some(json!("n/a")), None] {
        let mut other = user("secret");
        match &unsaid {
            Some(value) => other["github_com_user"] = value.clone(),
            None => drop(other.as_object_mut().expect("a user").remove("github_com_user")),
        }
        let answer = json!({"total_seats_consumed": 2, "users": [user("a"), other]});
        let place = Place::new();
        let ran = import(&place, "users.json", &answer.to_string(), &CLOUD);
        assert_eq!(ran.code, 3, "{unsaid:?}: {}", ran.stderr);
        let told = "row 2 does not say whether there is a Cloud account";
        assert!(ran.stderr.contains(told), "{unsaid:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("secret"), "{unsaid:?}: {}", ran.stderr);
    }
}

#[test]
fn the_end_of_a_license_is_read_as_its_column_writes_it_or_not_stated() {
    for (ends, ended, warned) in [
        (["8/16/23", "8/6/27"], 1, None),
        (["8/6/23", "16/8/27"], 1, None),
        (["16.8.2023", "16.8.2027"], 1, None),
        (["2023-08-16", "2027-08-16"], 1, None),
        (["8/6/23", "8/6/24"], 0, Some("date-ambiguous")),
        (["secret", "2023-08-16"], 1, Some("date-unknown")),
        (["2/30/2023", "n/a"], 0, Some("date-unknown")),
    ] {
        let mut users = [user("a"), user("b")];
        for (user, end) in users.iter_mut().zip(ends) {
            user["ghe_license_end_date"] = json!(end);
        }
        let answer = json!({"total_seats_consumed": 2, "users": users});
        let place = Place::new();
        let ran = import(&place, "users.json", &answer.to_string(), &CLOUD);
        assert_eq!(ran.code, 0, "{ends:?}: {}", ran.stderr);
        let told = format!("{}{}", ran.stdout, ran.stderr);
        for code in ["date-ambiguous", "date-unknown"] {
            assert_eq!(told.contains(code), warned == Some(code), "{ends:?}: {told}");
        }
        assert!(!told.contains("secret"), "{ends:?}: {told}");
        let warnings = place.json(&["consumption"])["warnings"].to_string();
        assert_eq!(warnings.contains("license-ended"), ended > 0, "{ends:?}: {warnings}");
        let explained = place.run(&["explain", "a"]).stdout;
        let is_told = explained.contains("the license has ended");
        assert_eq!(is_told, ended > 0 && ends[0] != "secret", "{ends:?}: {explained}");
    }
}

#[test]
fn a_wrapping_is_named_with_its_way_out() {
    let row = user("secret").to_string();
    let of_wrapper = |key: &str| format!("[{{\"{key}\": {row}}}]");
    for (text, told) in [
        (
            format!("{{\"total_seats_consumed\":1,\"users\":{{\"value\":[{row}],\"Count\":1}}}}"),
            ".users |= .value",
        ),
        (format!("{{\"total_seats_consumed\":1,\"users\":{row}}}"), ".users |= [.]"),
        (format!("{{\"total_seats_consumed\":1,\"users\":[[{row}]]}}"), ".users |= add"),
        (format!("[[{row}]]"), "jq 'add'"),
        (format!("{{\"total_seats_consumed\":1,\"users\":[{row}]}}200"), "curl -w"),
        (of_wrapper("json"), "json"),
        (of_wrapper("_source"), "_source"),
        (of_wrapper("event"), "event"),
        (of_wrapper("body"), "body"),
        (of_wrapper("result"), "result"),
    ] {
        let place = Place::new();
        let ran = import(&place, "users.txt", &text, &CLOUD);
        assert_eq!(ran.code, 3, "{text}: {}", ran.stderr);
        assert!(ran.stderr.contains(told), "{text}: {}", ran.stderr);
        for never in ["secret", "download the file again"] {
            assert!(!ran.stderr.contains(never), "{text}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_sync_whose_status_is_no_success_is_no_success() {
    for (status, failed) in [
        (json!("failure"), true),
        (json!("timeout"), true),
        (json!(500), true),
        (json!("success"), false),
        (json!(""), false),
        (Value::Null, false),
    ] {
        let place = Place::new();
        let last = json!({"date": "2026-08-31T00:00:00Z", "status": status, "error": ""});
        let answer = json!({"server_instances": [
            {"server_id": "1", "hostname": "ghe.corp.example", "last_sync": last}]});
        let ran = import(&place, "sync.json", &answer.to_string(), &CLOUD);
        assert_eq!(ran.code, 0, "{status}: {}", ran.stderr);
        let report =
            json!({"total_seats_consumed": 1, "total_seats_purchased": 3, "users": [user("a")]});
        import(&place, "users.json", &report.to_string(), &CLOUD);
        let checked = place.run(&["check", "--json", "--as-of", "2026-09-01"]).stdout;
        assert_eq!(checked.contains("sync-failed"), failed, "{status}: {checked}");
    }
}

const SYNCED: &str =
    r#"{"server_instances":[{"server_id":"s","hostname":"ghe.corp.example","last_sync":SYNC}]}"#;
const CENTERS: &str =
    r#"{"costCenters":[{"id":"c","name":"Grain","state":"active","resources":[]},CENTER]}"#;
const SUBSCRIPTIONS: &str = r#"{"total_count":2,"visual_studio_subscriptions":[{"visual_studio_subscription_email":"secret-a@x.example","subscription_id":"1"},ONE]}"#;

#[test]
fn what_says_nothing_of_itself_is_refused() {
    let export = r#"{"instance":{"host_name":"ghe.corp.example","server_id":"a"},"users":USERS}"#;
    let center = r#"{"name":"Grain","state":"active","resources":[]}"#;
    for (text, told) in [
        (SYNCED.replace("SYNC", "[{}]"), "last_sync of instance 1 is a list"),
        (
            SYNCED.replace("SYNC", r#""@{date=2026; status=secret}""#),
            "last_sync of instance 1 is a text",
        ),
        (SYNCED.replace("SYNC", "7"), "last_sync of instance 1 is a number"),
        (CENTERS.replace("CENTER", "{}"), "element 2 of costCenters has none"),
        (CENTERS.replace("CENTER", r#"{"state":"active"}"#), "element 2 of costCenters has none"),
        (center.to_owned(), "a single cost center without an id"),
        (center.replace('{', r#"{"id":null,"#), "a single cost center without an id"),
        (SUBSCRIPTIONS.replace("ONE", "{}"), "element 2 of visual_studio_subscriptions has none"),
        (
            SUBSCRIPTIONS.replace("ONE", r#"{"manual_match":false}"#),
            "has none of the fields that identify it",
        ),
        (export.replace("USERS", "null"), "users are neither a list nor an encrypted text"),
        (export.replace("USERS", r#""System.Object[]""#), "users is a text that is not encrypted"),
        (
            export.replace("USERS", r#""secret-a secret-b""#),
            "users is a text that is not encrypted",
        ),
        (export.replace("USERS", r#""""#), "users is a text that is not encrypted"),
    ] {
        let place = Place::new();
        let ran = import(&place, "a.json", &text, &CLOUD);
        assert_eq!(ran.code, 3, "{text}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(told), "{text}: {}", ran.stderr);
        assert!(!ran.stderr.contains("secret"), "{text}: {}", ran.stderr);
    }
    for text in [
        r#""q83v/+8AAA==q83vAAAA""#,
        r#""q83v_8AAA--q83vAAAA_aaaa""#,
        r#""q83vAAAA\nq83vAAAA\nq8==""#,
    ] {
        let ran = import(&Place::new(), "a.json", &export.replace("USERS", text), &CLOUD[2..]);
        assert_eq!(ran.code, 0, "{text}: {}", ran.stderr);
        assert!(ran.stderr.contains("users-encrypted"), "{text}: {}", ran.stderr);
    }
}

#[test]
fn a_field_of_another_type_that_nothing_rests_on_is_warned_of() {
    let center = |members: &str| {
        CENTERS.replace("CENTER", &format!(r#"{{"id":"d","name":"Rye",{members}}}"#))
    };
    let subscription = |members: &str| {
        SUBSCRIPTIONS.replace("ONE", &format!(r#"{{"subscription_id":"2",{members}}}"#))
    };
    for (text, code, field) in [
        (center(r#""resources":["@{type=User; name=secret}"]"#), "field-type", "resources"),
        (
            center(r#""resources":[{"type":"User","name":{"login":"secret"}}]"#),
            "field-type",
            "resources.name",
        ),
        (center(r#""resources":[{"type":1,"name":"secret"}]"#), "field-type", "resources.type"),
        (center(r#""resources":[],"state":{"v":"deleted"}"#), "field-type", "state"),
        (subscription(r#""manual_match":"secret""#), "field-type", "manual_match"),
        (subscription(r#""email":"N/A""#), "absent-word", "email"),
        (subscription(r#""username":"(none)""#), "absent-word", "username"),
    ] {
        let place = Place::new();
        let ran = import(&place, "a.json", &text, &[&CLOUD[..], &["--json"]].concat());
        assert_eq!(ran.code, 0, "{text}: {}", ran.stderr);
        let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let warnings = answer["items"][0]["warnings"].as_array().cloned().unwrap_or_default();
        let told = warnings.iter().any(|it| it["code"] == code && it["where"] == field);
        assert!(told, "{text}: {warnings:?}");
        assert!(
            !format!("{}{}", ran.stdout, ran.stderr).contains("secret"),
            "{text}: {}",
            ran.stdout
        );
    }
    let place = Place::new();
    let list = "Subscriber Name,Email,Subscription Level,Subscription GUID\n\
                A,N/A,Visual Studio Enterprise with GitHub Enterprise,g\n";
    let ran = import(&place, "v.csv", list, &CLOUD);
    assert!(ran.stderr.contains("absent-word"), "{}", ran.stderr);
}

#[test]
fn a_cost_center_that_a_row_does_not_state_is_not_none() {
    let row = |login: &str, more: &str| {
        format!(
            r#"{{"github_com_login":"{login}","github_com_user":true,"enterprise_server_user":false{more}}}"#
        )
    };
    for (more, part) in [
        ("", "(not stated),not_stated"),
        (r#","github_com_cost_center":{"name":"Rye"}"#, "(not stated),not_stated"),
        (r#","github_com_cost_center":null"#, "(none),none"),
        (r#","github_com_cost_center":"""#, "(none),none"),
    ] {
        let place = Place::new();
        let text = format!(
            r#"{{"users":[{},{}]}}"#,
            row("a", r#","github_com_cost_center":"Grain""#),
            row("b", more)
        );
        let ran = import(&place, "a.json", &text, &CLOUD);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let seats = place.run(&["seats", "--by", "cost-center", "--format", "csv"]);
        assert!(seats.stdout.contains(&format!("{part},1")), "{more}: {}", seats.stdout);
    }
}

#[test]
fn what_is_another_format_is_refused_under_input_format_too() {
    let sync = SYNCED.replace("SYNC", "null");
    let centers = CENTERS.replace(",CENTER", "");
    let subscriptions = SUBSCRIPTIONS.replace(",ONE", "");
    let organizations = "id,created_at,login,email,owners,members,teams,repos,2fa_required?\n\
                         12,2019,secret,g@x.example,2,30,4,50,true\n";
    let okta = "id,login,firstName,lastName,status\n00u1,secret@x.example,A,F,DEPROVISIONED\n";
    let list = format!("{LIST}{}", row("secret", "user", "active"));
    for (text, format) in [
        (sync.as_str(), "server-license-usage-json"),
        (centers.as_str(), "server-license-usage-json"),
        (subscriptions.as_str(), "visual-studio-subscribers-csv"),
        (organizations, "server-users-csv"),
        (organizations, "server-ghe-user-csv"),
        (okta, "server-users-csv"),
        (list.as_str(), "server-users-csv"),
        (list.as_str(), "cloud-license-report-csv"),
    ] {
        let place = Place::new();
        let arguments = [&SERVER[..], &["--input-format", format]].concat();
        let ran = import(&place, "a", text, &arguments);
        assert_eq!(ran.code, 3, "{format}: {text}: {}", ran.stdout);
        assert!(!ran.stderr.contains("secret"), "{format}: {}", ran.stderr);
    }
}

#[test]
fn a_sync_that_says_success_and_an_error_is_not_known() {
    for (error, told) in [("Net::ReadTimeout", true), ("", false), (" ", false)] {
        let place = Place::new();
        let sync =
            format!(r#"{{"date":"2026-08-31T00:00:00Z","status":"success","error":"{error}"}}"#);
        assert_eq!(import(&place, "s.json", &SYNCED.replace("SYNC", &sync), &CLOUD).code, 0);
        let report = r#"{"users":[{"github_com_login":"a","github_com_user":true,"enterprise_server_user":false}]}"#;
        assert_eq!(import(&place, "a.json", report, &CLOUD).code, 0);
        let users = format!("{REPORT}2020-01-01,1,a,a@x.example,admin,false,false\n");
        assert_eq!(import(&place, "all_users.csv", &users, &SERVER).code, 0);
        let check = place.run(&["check", "--as-of", "2026-09-01"]);
        let said = format!("{}{}", check.stdout, check.stderr);
        assert_eq!(said.contains("states success and also an error"), told, "{error}: {said}");
    }
}

#[test]
fn pages_with_a_mark_each_are_read() {
    let page = |login: &str| {
        format!(
            r#"{{"total_seats_consumed":2,"total_seats_purchased":9,"users":[{{"github_com_login":"{login}","github_com_user":true,"enterprise_server_user":false}}]}}"#
        )
    };
    let place = Place::new();
    let text = format!("\u{feff}{}\n\u{feff}{}", page("a"), page("b"));
    assert_eq!(import(&place, "a.json", &text, &CLOUD).code, 0);
    assert_eq!(consumed(&place), json!(2));
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let place = Place::new();
    let file = place.write("wide.json", &wide).display().to_string();
    let ran = place.run(&[&["import", &file][..], &CLOUD].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(consumed(&place), json!(2));
}

//! Employee directories in the answers about everything else: seats by manager and unit, `explain`, the public
//! table of entries, and the lists of formats, snapshots, sources, ages and settings.

use serde_json::{Value, json};

use crate::common::{NOW, Place};

const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                      last_active,raw_login,2fa_enabled?";

const CONFIG: &str = r#"
[directory.hr]
id = "Employee ID"
emails = ["Work Email", "Alias"]
logins = ["GitHub"]
server_logins = { "ghes1.corp.example" = "GHES" }
active = { column = "Status", is = ["Active"] }
left = "End"
manager = "Manager"
unit = "Cost Center"
max_age = "36h"
"#;

const HR_HEADER: &str = "Employee ID,Work Email,Alias,GitHub,GHES,Status,End,Manager,Cost Center\n";

/// Cloud seats ada, bob, cy, dan and ivy, an invitation, and eve on an instance, all of 2026-11-16.
fn place() -> Place {
    let place = Place::new();
    let user = |login: &str, address: Option<&str>| {
        json!({"github_com_login": login, "github_com_user": true, "license_type": "enterprise",
            "github_com_saml_name_id": address, "github_com_verified_domain_emails": [],
            "enterprise_server_user_ids": [], "enterprise_server_primary_emails": []})
    };
    let invited = json!({"github_com_login": "new@corp.example", "github_com_user": false,
        "github_com_member_roles": [], "github_com_orgs_with_pending_invites": ["octo"],
        "license_type": "enterprise", "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": []});
    let users = json!([
        user("ada", Some("Ada@corp.example")),
        user("bob", Some("bob@corp.example")),
        user("cy", None),
        user("dan", Some("dan@corp.example")),
        user("ivy", Some("ivy@corp.example")),
        invited,
    ]);
    let cloud =
        json!({"total_seats_consumed": 6, "total_seats_purchased": 9, "users": users}).to_string();
    import(&place, "c.json", &cloud, "2026-11-16", &["--enterprise", "corp"]);
    let server = format!("{HEADER}\n2020-01-01,7,eve,eve@old.example,user,false,,,,,false,,,\n");
    import(&place, "s.csv", &server, "2026-11-16", &["--host", "ghes1.corp.example"]);
    place.write("config.toml", CONFIG.as_bytes());
    place
}

fn import(place: &Place, name: &str, text: &str, at: &str, words: &[&str]) -> Value {
    let file = place.write(name, text.as_bytes()).display().to_string();
    place.json(&[&["import", &file, "--taken-at", at], words].concat())
}

fn hr(place: &Place, rows: &str, at: &str) -> Value {
    let config = place.path("config.toml").display().to_string();
    let words = ["--directory", "hr", "--config", &config];
    import(place, "hr.csv", &format!("{HR_HEADER}{rows}"), at, &words)
}

fn entra(place: &Place, rows: &str, at: &str) -> Value {
    let text = format!("userPrincipalName,displayName,accountEnabled,department,objectId\n{rows}");
    import(place, "entra.csv", &text, at, &["--directory", "entra"])
}

/// Each part with its group and its number of seats.
fn parts(place: &Place, by: &str) -> Vec<(String, String, u64)> {
    let answer = place.json(&["seats", "--by", by]);
    let lines = answer["lines"].as_array().expect("lines");
    let text = |it: &Value| it.as_str().expect("a text").to_owned();
    let parts: Vec<_> = lines
        .iter()
        .map(|it| (text(&it["part"]), text(&it["group"]), it["seats"].as_u64().expect("seats")))
        .collect();
    let sum: u64 = parts.iter().map(|it| it.2).sum();
    assert_eq!(answer["totals"][0]["seats"], json!(sum));
    assert_eq!(place.json(&["consumption"])["consumed"], json!(sum), "{answer}");
    parts
}

fn expected(parts: &[(&str, &str, u64)]) -> Vec<(String, String, u64)> {
    let own = |(part, group, seats): &(&str, &str, u64)| {
        ((*part).to_owned(), (*group).to_owned(), *seats)
    };
    parts.iter().map(own).collect()
}

#[test]
fn without_a_directory_every_seat_is_in_no_entry() {
    let place = place();
    for by in ["manager", "unit"] {
        assert_eq!(parts(&place, by), expected(&[("(no entry)", "none", 7)]));
        assert!(
            place.run(&["seats", "--by", by]).stdout.contains("No employee directory is in force")
        );
    }
}

#[test]
fn seats_are_split_by_the_entries_in_force() {
    let place = place();
    let rows = "1,ADA@corp.example,,,,Active,,boss@corp.example,R&D\n\
        2,bob@corp.example,,,,Active,,Boss@corp.example,Ops\n\
        3,x@corp.example,,cy,,Active,,,Ops\n\
        4,y@corp.example,,,EVE,Active,,boss@corp.example,ops\n\
        5,new@corp.example,,,,Active,,boss@corp.example,\n\
        6,nobody@corp.example,,,,Active,,boss@corp.example,Sales\n";
    hr(&place, rows, "2026-11-17");
    // By address regardless of letter case, by login on Cloud and on an instance, and an invitation.
    let expected_managers = [
        ("Boss@corp.example", "named", 4),
        ("(no entry)", "none", 2),
        ("(not stated)", "not_stated", 1),
    ];
    assert_eq!(parts(&place, "manager"), expected(&expected_managers));
    let expected_units = [
        ("Ops", "named", 3),
        ("R&D", "named", 1),
        ("(no entry)", "none", 2),
        ("(not stated)", "not_stated", 1),
    ];
    assert_eq!(parts(&place, "unit"), expected(&expected_units));
    // Another directory says something else of bob, the same of ada, and the unit of ivy and of the invitation.
    entra(
        &place,
        "ada@corp.example,Ada,true,r&d,1\nbob@corp.example,Bob,true,Law,2\n\
         ivy@corp.example,Ivy,true,Law,3\nnew@corp.example,New,true,Law,4\n",
        "2026-11-17",
    );
    let expected_units = [
        ("Law", "named", 2),
        ("Ops", "named", 2),
        ("R&D", "named", 1),
        ("(several)", "several", 1),
        ("(no entry)", "none", 1),
    ];
    assert_eq!(parts(&place, "unit"), expected(&expected_units));
    let page = place.run(&["seats", "--by", "unit"]).stdout;
    for told in ["(several): ", "(no entry): ", "entra of 2026-11-17T00:00:00Z (4 entries), hr of"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    // A retired directory no longer counts, nor does a voided snapshot.
    assert_eq!(place.run(&["sources", "retire", "entra", "--from", "2026-11-01"]).code, 0);
    assert_eq!(parts(&place, "unit")[0], ("Ops".to_owned(), "named".to_owned(), 3));
    assert_eq!(place.run(&["snapshots", "void", "3", "--reason", "a test"]).code, 0);
    assert_eq!(parts(&place, "unit"), expected(&[("(no entry)", "none", 7)]));
}

#[test]
fn of_several_entries_of_one_directory_one_counts_where_that_is_decided() {
    let place = place();
    // ada: one active; bob: both inactive, 21 left last; dan: two active; ivy: both inactive, no date.
    let rows = "10,ada@corp.example,,,,Left,,boss@corp.example,Old\n\
        11,ada@corp.example,,,,Active,,boss@corp.example,New\n\
        20,bob@corp.example,,,,Left,2026-01-31,boss@corp.example,Old\n\
        21,bob@corp.example,,,,Left,2026-05-31,boss@corp.example,New\n\
        30,dan@corp.example,,,,Active,,boss@corp.example,Old\n\
        31,dan@corp.example,,,,Active,,boss@corp.example,New\n\
        40,ivy@corp.example,,,,Left,,boss@corp.example,Old\n\
        41,ivy@corp.example,,,,Left,,boss@corp.example,New\n";
    hr(&place, rows, "2026-11-17");
    let expected_units =
        [("New", "named", 2), ("(several)", "several", 2), ("(no entry)", "none", 3)];
    assert_eq!(parts(&place, "unit"), expected(&expected_units));
    let managers = [("boss@corp.example", "named", 4), ("(no entry)", "none", 3)];
    assert_eq!(parts(&place, "manager"), expected(&managers));
}

#[test]
fn an_address_comes_before_a_login() {
    let place = place();
    // The login of ada stands in the row of somebody else.
    hr(
        &place,
        "1,ada@corp.example,,,,Active,,,R&D\n2,z@corp.example,,ada,,Active,,,Ops\n",
        "2026-11-17",
    );
    assert_eq!(parts(&place, "unit"), expected(&[("R&D", "named", 1), ("(no entry)", "none", 6)]));
}

#[test]
fn what_is_stored_as_a_digest_alone_is_not_stated_until_the_file_comes_again() {
    let place = place();
    let row = "1,late@corp.example,,,,Active,,boss@corp.example,R&D\n";
    hr(&place, row, "2026-11-17");
    let late = json!({"github_com_login": "late", "github_com_user": true,
        "github_com_saml_name_id": "late@corp.example", "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": []});
    let report = json!({"total_seats_consumed": 1, "total_seats_purchased": 9, "users": [late]});
    let words = ["--enterprise", "corp", "--accept-short", "a test"];
    import(&place, "c.json", &report.to_string(), "2026-11-18", &words);
    let not_stated = [("(no entry)", "none", 1), ("(not stated)", "not_stated", 1)];
    assert_eq!(parts(&place, "manager"), expected(&not_stated));
    let entries = |place: &Place| place.json(&["explain", "late"])["people"][0]["entries"].clone();
    let entry = json!({"directory": "hr", "id": null, "active": true, "left_at": null,
        "manager": null, "unit": null, "name": null});
    assert_eq!(entries(&place), json!([entry]));
    let sql = "SELECT id, active, manager FROM directory_entries";
    let unknown = json!([{"id": null, "active": 1, "manager": null}]);
    assert_eq!(place.json(&["query", sql]), unknown);
    let filled = hr(&place, row, "2026-11-17");
    assert_eq!(filled["items"][0]["status"], "stored");
    let named = [("boss@corp.example", "named", 1), ("(no entry)", "none", 1)];
    assert_eq!(parts(&place, "manager"), expected(&named));
    assert_eq!(entries(&place)[0]["id"], "1");
    assert_eq!(entries(&place)[0]["unit"], "R&D");
    let known = json!([{"id": "1", "active": 1, "manager": "boss@corp.example"}]);
    assert_eq!(place.json(&["query", sql]), known);
}

#[test]
fn explain_shows_the_entries_and_since_when_somebody_has_left() {
    let place = place();
    let row =
        |id: u32, who: &str, active: bool| format!("{who}@corp.example,{who},{active},Ops,{id}\n");
    let all = |ada: bool, bob: bool, dan: bool| {
        [row(1, "ada", ada), row(2, "bob", bob), row(3, "dan", dan)].concat()
    };
    // ada is inactive from the second on; bob was again active in between; dan was never active.
    entra(&place, &all(true, false, false), "2026-11-01");
    entra(&place, &all(false, true, false), "2026-11-08");
    entra(&place, &all(false, false, false), "2026-11-15");
    entra(&place, &all(false, false, false), "2026-11-17");
    hr(
        &place,
        "1,ada@corp.example,,,,Left,2026-10-31,boss@corp.example,Ops\n\
         2,cal@corp.example,,,,Active,,,Ops\n",
        "2026-11-17",
    );
    let entries = |who: &str| place.json(&["explain", who])["people"][0]["entries"].clone();
    let of_entra = |id: &str, who: &str, left_at: Value| {
        json!({"directory": "entra", "id": id, "active": false, "left_at": left_at,
            "manager": null, "unit": "Ops", "name": who})
    };
    let of_hr = json!({"directory": "hr", "id": "1", "active": false,
        "left_at": "2026-10-31T23:59:59Z", "manager": "boss@corp.example", "unit": "Ops",
        "name": null});
    let ada = of_entra("1", "ada", json!("2026-11-08T00:00:00Z"));
    assert_eq!(entries("ada"), json!([ada, of_hr]));
    assert_eq!(entries("bob"), json!([of_entra("2", "bob", json!("2026-11-15T00:00:00Z"))]));
    assert_eq!(entries("dan"), json!([of_entra("3", "dan", Value::Null)]));
    assert_eq!(entries("cy"), json!([]));
    let page = place.run(&["explain", "ada"]).stdout;
    for told in ["Directory", "2026-10-31T23:59:59Z", "boss@corp.example"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!place.run(&["explain", "cy"]).stdout.contains("Directory"));
    // A voided snapshot is not there: then ada is inactive since the third.
    let second = place.json(&["snapshots"]);
    let second = second["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|it| it["source"]["name"] == "entra" && it["taken_at"] == "2026-11-08T00:00:00Z");
    let second = second.expect("a snapshot")["id"].to_string();
    assert_eq!(place.run(&["snapshots", "void", &second, "--reason", "a test"]).code, 0);
    assert_eq!(entries("ada")[0]["left_at"], "2026-11-15T00:00:00Z");
}

/// Who is no longer in a directory is found in its earlier snapshots, as `leavers` finds them.
#[test]
fn explain_shows_the_entry_of_somebody_who_is_gone() {
    let place = place();
    let row = |id: u32, who: &str| format!("{who}@corp.example,{who},true,Ops,{id}\n");
    let [ada, bob, dan] = [row(1, "ada"), row(2, "bob"), row(3, "dan")];
    entra(&place, &[&ada[..], &bob, &dan].concat(), "2026-11-01");
    // bob is gone; dan has another address.
    let dan = dan.replace("dan@corp", "daniel@corp");
    entra(&place, &[&ada[..], &dan].concat(), "2026-11-08");
    entra(&place, &[&ada[..], &dan].concat(), "2026-11-17");
    let person = |words: &[&str]| place.json(&[&["explain"], words].concat())["people"][0].clone();
    let entry = |id: &str, who: &str, gone_at: Value| {
        json!([{"directory": "entra", "id": id, "active": true, "left_at": null,
            "manager": null, "unit": "Ops", "name": who, "gone_at": gone_at}])
    };
    let bob = person(&["bob"]);
    assert_eq!(bob["entries"], json!([]));
    assert_eq!(bob["earlier_entries"], entry("2", "bob", json!("2026-11-08T00:00:00Z")));
    let leavers = place.json(&["leavers"]);
    let gone = leavers["items"].as_array().expect("items").iter().find(|it| it["login"] == "bob");
    assert_eq!(gone.expect("bob")["left_at"], bob["earlier_entries"][0]["gone_at"]);
    assert_eq!(person(&["dan"])["earlier_entries"], entry("3", "dan", Value::Null));
    for who in ["ada", "cy"] {
        assert_eq!(person(&[who])["earlier_entries"], json!([]), "{who}");
    }
    assert_eq!(person(&["ada"])["entries"][0]["id"], "1");
    let page = place.run(&["explain", "bob"]).stdout;
    for told in ["Earlier snapshots of directories", "entra", "2026-11-08T00:00:00Z", "Ops"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // A voided snapshot never had anybody.
    let first = place.json(&["snapshots"]);
    let mut first = first["items"].as_array().expect("items").iter();
    let first = first.find(|it| it["taken_at"] == "2026-11-01T00:00:00Z").expect("a snapshot");
    let void = ["snapshots", "void", &first["id"].to_string(), "--reason", "a test"];
    assert_eq!(place.run(&void).code, 0);
    assert_eq!(person(&["bob"])["earlier_entries"], json!([]));
}

#[test]
fn an_import_of_a_directory_says_what_to_ask_next() {
    let place = place();
    let list = "id,userPrincipalName,accountEnabled\n1,ada@corp.example,true\n";
    let file = place.write("entra.csv", list.as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--directory", "entra", "--taken-at", "2026-11-17"]);
    for command in ["`oneseat leavers`", "`oneseat duplicates`"] {
        assert!(ran.stdout.contains(command), "{}", ran.stdout);
    }
}

#[test]
fn the_public_tables_have_entries_and_never_as_accounts() {
    let place = place();
    let count = |place: &Place, table: &str| {
        place.json(&["query", &format!("SELECT count(*) AS n FROM {table}")])[0]["n"].clone()
    };
    let tables =
        ["accounts", "account_history", "emails", "fields", "memberships", "instance_facts"];
    let before = tables.map(|table| count(&place, table));
    hr(
        &place,
        "1,ada@corp.example,,,,Active,2026-12-31,boss@corp.example,Ops\n\
         2,nobody@corp.example,,,,Left,2026-01-31,boss@corp.example,Ops\n",
        "2026-11-17",
    );
    assert_eq!(tables.map(|table| count(&place, table)), before);
    let ldif = "dn: uid=bob\nobjectClass: person\nmail: bob@corp.example\nentryUUID: u-1\n\
        accountExpires: 134000000000000000\n\n\
        dn: uid=zed\nobjectClass: person\nmail: zed@corp.example\nentryUUID: u-2\n";
    import(&place, "people.ldif", ldif, "2025-08-01", &["--directory", "ldap"]);
    let row = |source: &str, id: Value, active: Value, left: Value, expires: Value| json!({"source": source, "id": id, "active": active, "left_on": left, "expires": expires});
    let sql = "SELECT source, id, active, left_on, expires FROM directory_entries
        ORDER BY source, id";
    let expires = json!("2025-08-18T14:13:20Z");
    let hr_rows = [
        row("hr", Value::Null, json!(0), json!("2026-01-31T23:59:59Z"), Value::Null),
        row("hr", json!("1"), json!(1), json!("2026-12-31T23:59:59Z"), Value::Null),
    ];
    let unknown = row("ldap", Value::Null, Value::Null, Value::Null, Value::Null);
    // An account that has expired is inactive from then on.
    let expired = row("ldap", json!("u-1"), json!(0), expires.clone(), expires.clone());
    let expected = json!([hr_rows[0], hr_rows[1], unknown, expired]);
    assert_eq!(place.json(&["query", sql]), expected);
    let file = rusqlite::Connection::open(place.path("oneseat.db")).expect("the database");
    let read: i64 = file
        .query_row("SELECT count(*) FROM directory_entries WHERE active = 0", [], |row| row.get(0))
        .expect("a view of the file");
    assert_eq!(read, 2);
    let only = |words: &[&str]| place.json(&[&["query", sql], words].concat());
    assert_eq!(only(&["--as-of", "2026-11-16"]).as_array().map(Vec::len), Some(2), "hr came later");
    assert_eq!(only(&["--as-of", "2026-11-17", "--known-on", "2026-11-22"]), expected);
    assert_eq!(count(&place, "directory_entries WHERE name IS NOT NULL"), json!(0));
    assert_eq!(
        place.run(&["export", "directory_entries", "--format", "csv"]).stdout.lines().count(),
        5
    );
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn a_directory_that_has_the_name_of_an_enterprise_is_another_source() {
    let place = place();
    entra(&place, "ada@corp.example,Ada,true,Ops,1\n", "2026-11-17");
    assert_eq!(place.run(&["sources", "rename", "entra", "people"]).code, 0);
    let items = place.json(&["sources"])["items"].clone();
    let people = items.as_array().expect("items").iter().find(|it| it["name"] == "people");
    assert_eq!(people.expect("the directory")["kind"], "directory");
    assert_eq!(place.json(&["explain", "ada"])["people"][0]["entries"][0]["directory"], "people");
    for words in
        [["--alias", "other"].as_slice(), &["--billing-model", "emu"], &["--enterprise", "corp"]]
    {
        let ran = place.run(&[&["sources", "set", "people"], words].concat());
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.stdout);
        assert!(ran.stderr.contains("an employee directory has none of these"), "{}", ran.stderr);
    }
    let retired = ["sources", "retire", "people", "--from", "2026-11-01"];
    assert_eq!(place.run(&retired).code, 0);
    assert_eq!(place.json(&["explain", "ada"])["people"][0]["entries"], json!([]));
    assert_eq!(place.run(&["sources", "restore", "people"]).code, 0);
    assert_eq!(place.json(&["explain", "ada"])["people"][0]["entries"][0]["id"], "1");
}

#[test]
fn lists_know_directories() {
    let place = place();
    let formats = place.json(&["formats"]);
    let formats = formats["items"].as_array().expect("items").clone();
    let of_directories: Vec<&Value> =
        formats.iter().filter(|it| it["kind"] == "directory").collect();
    assert_eq!(of_directories.len(), 10);
    assert_eq!(of_directories[9]["format"], "mapped-csv");
    let item = entra(
        &place,
        "ada@corp.example,Ada,true,Ops,1\nnobody@corp.example,N,true,Ops,2\n",
        "2026-11-17",
    );
    assert_eq!(item["items"][0]["accounts"], 2);
    assert_eq!(place.json(&["formats", "--seen"])["items"], json!([]));
    let text = "userPrincipalName,accountEnabled,objectId,city\nada@corp.example,true,1,Oslo\n\
        nobody@corp.example,true,2,Rome\n";
    import(&place, "entra.csv", text, "2026-11-18", &["--directory", "entra"]);
    assert!(place.run(&["snapshots"]).stdout.contains("entries"), "accounts and entries");
    let commands = place.json(&["query", "SELECT DISTINCT command FROM journal ORDER BY 1"]);
    assert_eq!(
        commands,
        json!([{"command": "fill"}, {"command": "import"}, {"command": "make-key"}])
    );
    let numbers = place.json(&["doctor"])["numbers"].clone();
    assert_eq!((&numbers["accounts"], &numbers["entries"]), (&json!(7), &json!(2)));
    // A directory's snapshot is the newest one, so it is the instant of the answers.
    assert_eq!(place.json(&["consumption"])["as_of"], "2026-11-18T00:00:00Z");
}

#[test]
fn an_import_speaks_of_entries_and_leavers() {
    let place = place();
    let page = |words: &[&str]| place.run(&[&["import"], words].concat());
    let text = "userPrincipalName,accountEnabled,objectId\nada@corp.example,true,1\n";
    let directory = place.write("entra.csv", text.as_bytes()).display().to_string();
    let table = "Employee ID,Work Email,Alias,GitHub,GHES,Status,End,Manager,Cost Center\n1,a@b.example,,,,Active,,,\n";
    let mapped = place.write("hr.csv", table.as_bytes()).display().to_string();
    let ran = page(&[&directory, "--taken-at", "2026-11-17"]);
    assert!(ran.stdout.contains("Entries") && !ran.stdout.contains("Accounts"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`oneseat leavers`"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("`oneseat consumption`"), "{}", ran.stdout);
    let cloud = place.path("c.json").display().to_string();
    let ran = page(&[&cloud, "--enterprise", "corp", "--taken-at", "2026-11-18"]);
    assert!(ran.stdout.contains("`oneseat consumption` shows what is consumed."), "{}", ran.stdout);
    assert!(!ran.stdout.contains("leavers"), "{}", ran.stdout);
    // A table that nobody recognizes may be that of a mapped directory.
    let config = place.path("config.toml").display().to_string();
    let ran = page(&[&mapped, "--config", &config]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("--directory hr"), "{}", ran.stderr);
    let ran = page(&[&mapped]);
    assert!(!ran.stderr.contains("--directory"), "{}", ran.stderr);
    place.write("two.toml", format!("{CONFIG}{}", CONFIG.replace("hr]", "sap]")).as_bytes());
    let two = place.path("two.toml").display().to_string();
    let ran = page(&[&mapped, "--config", &two]);
    assert!(ran.stderr.contains("--directory NAME (hr, sap)"), "{}", ran.stderr);
    // What is no table cannot be one of a mapped directory.
    let other = place.write("other.json", b"{\"a\": 1}").display().to_string();
    assert!(!page(&[&other, "--config", &config]).stderr.contains("--directory"));
}

#[test]
fn the_age_of_a_directory_is_judged_with_a_bound_of_its_own() {
    let place = place();
    let config = place.path("config.toml").display().to_string();
    let check = |words: &[&str]| -> Value {
        let ran = place.run_with(&[&["check", "--json"], words].concat(), b"", NOW);
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    let about = |answer: &Value, code: &str| -> Vec<Value> {
        let findings = answer["findings"].as_array().expect("findings").iter();
        let of_code =
            findings.filter(|it| it["code"] == code && it["source"]["kind"] == "directory");
        of_code.map(|it| it["severity"].clone()).collect()
    };
    // A directory with a bound and without a snapshot is not known.
    assert_eq!(about(&check(&["--config", &config]), "unknown"), [json!("error")]);
    hr(
        &place,
        "1,ada@corp.example,,,,Active,,,Ops\n2,b@c.example,,,,Active,,,Ops\n3,d@c.example,,,,Active,,,\n",
        "2026-11-20",
    );
    assert!(about(&check(&["--config", &config]), "unknown").is_empty());
    assert_eq!(about(&check(&["--config", &config]), "stale-source"), [json!("warning")]);
    assert!(
        about(&check(&[]), "stale-source").is_empty(),
        "eight days, unless the configuration says less"
    );
    assert_eq!(about(&check(&["--max-age", "1h"]), "stale-source"), [json!("warning")]);
    assert_eq!(
        about(&check(&["--max-age", "1h", "--enterprise", "corp"]), "stale-source").len(),
        1
    );
    // A list that was accepted although it is short.
    let words = ["--directory", "hr", "--config", &config, "--accept-short", "a merger"];
    let text = format!("{HR_HEADER}1,ada@corp.example,,,,Active,,,Ops\n");
    import(&place, "hr.csv", &text, "2026-11-22", &words);
    assert_eq!(about(&check(&[]), "incomplete"), [json!("warning")]);
}

#[test]
fn config_check_names_the_directories() {
    let place = place();
    let text = format!("{CONFIG}[directory.entra]\nkeep = \"all\"\n");
    let config = place.write("both.toml", text.as_bytes()).display().to_string();
    let answer = place.json(&["config", "check", "--config", &config]);
    let items = answer["items"].as_array().expect("items");
    let names: Vec<&Value> = items.iter().map(|it| &it["name"]).collect();
    assert_eq!((names, &answer["ok"]), (vec![&json!("entra"), &json!("hr")], &json!(true)));
    assert_eq!(items[0]["keeps_all"], true);
    assert_eq!(items[1]["max_age_seconds"], 129_600);
    assert_eq!((&items[1]["kind"], &items[1]["url"]), (&json!("directory"), &Value::Null));
    assert!(items[1]["columns"].as_array().expect("columns").contains(&json!("Work Email")));
    let page = place.run(&["config", "check", "--config", &config]).stdout;
    assert!(page.contains("hr") && page.contains("Work Email"), "{page}");
    let bad =
        place.write("bad.toml", b"[directory.hr]\nmax_age = \"soon\"\n").display().to_string();
    let ran = place.run(&["config", "check", "--config", &bad]);
    assert!(
        ran.code == 2 && ran.stderr.contains("\"max_age\" has an invalid age"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_backup_has_the_directories_too() {
    let place = place();
    hr(&place, "1,ada@corp.example,,,,Active,,boss@corp.example,Ops\n", "2026-11-17");
    let told = place.json(&["explain", "ada"])["people"][0]["entries"].clone();
    assert_eq!(told.as_array().map(Vec::len), Some(1));
    let copy = place.path("copy.db").display().to_string();
    assert_eq!(place.run(&["backup", &copy]).code, 0);
    assert_eq!(place.run(&["snapshots", "void", "3", "--reason", "a test"]).code, 0);
    assert_eq!(place.json(&["explain", "ada"])["people"][0]["entries"], json!([]));
    assert_eq!(place.run(&["restore", &copy, "--no-keep"]).code, 0);
    assert_eq!(place.json(&["explain", "ada"])["people"][0]["entries"], told);
    assert_eq!(place.run(&["verify"]).code, 0);
}

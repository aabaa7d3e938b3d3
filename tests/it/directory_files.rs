//! The import of employee directories: names, doubts, history, and what of the data is stored and printed.

use serde_json::{Value, json};

use crate::common::{Place, Ran};

/// A user as Graph states it. All names are recognizable, so that their traces are found.
fn user(number: u32) -> Value {
    json!({
        "id": format!("id-{number}-zzyzx"),
        "userPrincipalName": format!("upn{number}@zzyzx.example"),
        "mail": format!("mail{number}@zzyzx.example"),
        "displayName": format!("Zzyzx{number} Person"),
        "department": format!("Unit-zzyzx-{}", number % 3),
        "accountEnabled": !number.is_multiple_of(5),
    })
}

fn users(numbers: impl IntoIterator<Item = u32>) -> Vec<Value> {
    numbers.into_iter().map(user).collect()
}

/// A report of Cloud in which these numbers have an account with their address.
fn report(numbers: &[u32]) -> String {
    let users: Vec<Value> = numbers
        .iter()
        .map(|number| {
            json!({"github_com_login": format!("login{number}"), "github_com_user": true,
                "github_com_verified_domain_emails": [format!("MAIL{number}@zzyzx.example")]})
        })
        .collect();
    json!({"total_seats_consumed": users.len(), "users": users}).to_string()
}

fn import(place: &Place, name: &str, text: &str, options: &[&str]) -> Ran {
    let file = place.write(name, text.as_bytes()).display().to_string();
    place.run(&[&["import", &file], options].concat())
}

/// The only item of an import that must succeed.
fn imported(place: &Place, name: &str, text: &str, options: &[&str]) -> Value {
    let ran = import(place, name, text, &[options, &["--json"]].concat());
    assert_eq!(ran.code, 0, "{options:?}: {}", ran.stderr);
    let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let verified = place.run(&["verify"]);
    assert_eq!(verified.code, 0, "{options:?}: {}{}", verified.stdout, verified.stderr);
    answer["items"][0].clone()
}

fn list(numbers: impl IntoIterator<Item = u32>) -> String {
    json!(users(numbers)).to_string()
}

/// A list of SCIM that states a number of people and has these.
fn scim(total: u32, numbers: [u32; 4]) -> String {
    let user = |number| json!({"id": format!("id-{number}"), "userName": format!("u{number}@zzyzx.example")});
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
    json!({"schemas": schemas, "totalResults": total, "Resources": numbers.map(user)}).to_string()
}

/// The numbers of entries in plain text, and of fillings.
fn plain(place: &Place) -> (i64, i64) {
    let connection = rusqlite::Connection::open(place.path("oneseat.db")).expect("a database");
    let number = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get(0)).expect("a number")
    };
    (number("entry_details"), number("fillings"))
}

const SEPTEMBER: [&str; 2] = ["--taken-at", "2026-09-01"];

fn on<'a>(day: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["--taken-at", day][..], more].concat()
}

#[test]
fn the_only_directory_needs_no_name_and_several_need_one() {
    let place = Place::new();
    let first = imported(&place, "1.json", &list(1..5), &SEPTEMBER);
    assert_eq!(first["source"], json!({"kind": "directory", "name": "directory"}));
    assert_eq!(first["changes"]["added"], 4);
    let again = imported(&place, "2.json", &list(1..6), &on("2026-09-02", &[]));
    assert_eq!(again["source"]["name"], "directory");
    assert_eq!(again["changes"], json!({"added": 1, "changed": 0, "removed": 0, "unchanged": 4}));
    // A name in another letter case is that of the same directory, and a name may be that of an enterprise.
    let other =
        imported(&place, "3.json", &list(1..5), &on("2026-09-03", &["--directory", "Corp"]));
    assert_eq!(other["source"]["name"], "Corp");
    let same = imported(&place, "4.json", &list(1..5), &on("2026-09-04", &["--directory", "corp"]));
    assert_eq!(same["source"]["name"], "Corp");
    let cloud =
        imported(&place, "c.json", &report(&[1]), &on("2026-09-01", &["--enterprise", "Corp"]));
    assert_eq!(cloud["source"], json!({"kind": "cloud", "name": "Corp"}));
    let ran = import(&place, "5.json", &list(1..5), &on("2026-09-05", &[]));
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("--directory; known: Corp, directory"), "{}", ran.stderr);
    let ran = import(&place, "6.json", &list(1..5), &on("2026-09-05", &["--directory", " "]));
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    // A directory never counts.
    let consumed = place.json(&["consumption", "--as-of", "2026-09-30"]);
    assert_eq!(
        consumed["summary"]["consumed"].as_i64().or(consumed["consumed"].as_i64()),
        Some(1),
        "{consumed}"
    );
}

#[test]
fn a_list_of_another_directory_is_refused_with_both_ways_out() {
    let place = Place::new();
    imported(&place, "1.json", &list(1..=40), &on("2026-09-01", &["--directory", "entra"]));
    let ways =
        ["--directory entra stores it as entra", "--directory with another name", "looks-like"];
    let csv = "userPrincipalName,id,accountEnabled\nupn1@zzyzx.example,id-1-zzyzx,True\n";
    for (name, text, why) in [
        ("other.csv", csv.to_owned(), "is graph-users-json, and this is entra-users-csv"),
        ("other.json", list(30..=69), "only 11 of 40 people are in the snapshot of entra"),
    ] {
        let ran = import(&place, name, &text, &on("2026-09-02", &["--json"]));
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        for told in ways.iter().chain([&why]) {
            let both = format!("{}{}", ran.stdout, ran.stderr);
            assert!(both.contains(told), "{told}: {both}");
        }
        let forced = imported(&place, name, &text, &on("2026-08-31", &["--directory", "entra"]));
        assert_eq!(forced["source"]["name"], "entra", "the name is the way out");
        let number = forced["snapshot"].to_string();
        assert_eq!(place.run(&["snapshots", "void", &number, "--reason", "a test"]).code, 0);
    }
    // Half of the smaller list is enough, and fewer than 20 people say nothing.
    imported(&place, "half.json", &list(21..=60), &on("2026-09-02", &[]));
    imported(&place, "few.json", &list(60..=78), &on("2026-08-30", &[]));
    let other = on("2026-09-03", &["--directory", "other"]);
    let other = imported(&place, "other.json", &list(500..=540), &other);
    assert_eq!(other["source"]["name"], "other");
}

#[test]
fn cut_lists_are_refused_unless_accepted() {
    for (before, now, told) in [
        (list(1..=40), list(1..=19), "19 people, less than half of the 40"),
        (list(1..=140), list(1..=100), "exactly 100 people"),
        (list(1..=250), list(1..=200), "exactly 200 people"),
        (
            String::new(),
            list((1..=20).map(|it| it * 5)),
            "nobody of the 20 people in the list is active",
        ),
        (
            String::new(),
            json!({"@odata.nextLink": "x", "value": users(1..3)}).to_string(),
            "names a next page",
        ),
        (
            String::new(),
            json!({"@odata.count": 3, "value": users(1..3)}).to_string(),
            "@odata.count states 3",
        ),
        (String::new(), scim(4, [1, 2, 2, 4]), "states 4 entries, but the files have 3, each"),
        (
            String::new(),
            "dn: CN=1\nmail: a@zzyzx.example\n\n# pagedresults: cookie=AbC=\n".to_owned(),
            "has a cookie for a next page",
        ),
    ] {
        let place = Place::new();
        if !before.is_empty() {
            imported(&place, "before.json", &before, &SEPTEMBER);
        }
        let ran = import(&place, "now.json", &now, &on("2026-09-02", &[]));
        assert_eq!(ran.code, 3, "{told}: {}", ran.stderr);
        assert!(ran.stderr.contains(told), "{told}: {}", ran.stderr);
        assert!(ran.stderr.contains("--accept-short REASON"), "{}", ran.stderr);
        let tried =
            imported(&place, "now.json", &now, &on("2026-09-02", &["--partial", "--dry-run"]));
        assert_eq!((&tried["status"], &tried["snapshot"]), (&json!("dry-run"), &json!(null)));
        let partial = imported(&place, "now.json", &now, &on("2026-09-02", &["--partial"]));
        assert_eq!(partial["status"], "stored");
        let accepted =
            imported(&place, "now.json", &now, &on("2026-09-02", &["--accept-short", "why"]));
        assert_eq!(accepted["status"], "stored");
        let shown = place.json(&["snapshots", "show", &accepted["snapshot"].to_string()]);
        assert_eq!(shown["items"][0]["accepted_short"], "why", "{shown}");
    }
    // The same sizes are fine where nobody is missing.
    let place = Place::new();
    imported(&place, "1.json", &list(1..=100), &SEPTEMBER);
    imported(&place, "2.json", &list(1..=100).replace("Person", "P"), &on("2026-09-02", &[]));
}

#[test]
fn many_who_are_gone_at_once_are_told() {
    for (before, now, told) in
        [(50, 44, Some(6)), (50, 45, None), (61, 55, None), (59, 53, Some(6))]
    {
        let place = Place::new();
        imported(&place, "1.json", &list(1..=before), &SEPTEMBER);
        let item = imported(&place, "2.json", &list(1..=now), &on("2026-09-02", &[]));
        let warnings = item["warnings"].as_array().expect("warnings");
        let gone = warnings.iter().find(|it| it["code"] == "many-gone");
        let message = gone.and_then(|it| it["message"].as_str()).map(str::to_owned);
        let expected = told.map(|gone| {
            format!("{gone} people of the {before} of the list before are not in this one")
        });
        assert_eq!(message, expected);
    }
}

#[test]
fn leading_zeros_of_ids_do_not_tell_people_apart() {
    let place = Place::new();
    let table = |ids: &[&str]| {
        let rows = ids.iter().enumerate();
        let rows = rows.map(|(at, id)| format!("u{at}@zzyzx.example,{id},True\n"));
        format!("userPrincipalName,id,accountEnabled\n{}", rows.collect::<String>())
    };
    imported(&place, "1.csv", &table(&["007", "0012", "000"]), &SEPTEMBER);
    let bare = imported(&place, "2.csv", &table(&["7", "12", "000"]), &on("2026-09-02", &[]));
    assert_eq!(bare["changes"]["added"], 0);
    assert_eq!(bare["changes"]["removed"], 0);
    // Within one list they do.
    let both = imported(&place, "3.csv", &table(&["7", "12", "000", "07"]), &on("2026-09-03", &[]));
    assert_eq!((&both["accounts"], &both["changes"]["added"]), (&json!(4), &json!(1)));
    // One id twice is one entry.
    let twice = imported(&place, "4.csv", &table(&["7", "12", "000", "7"]), &on("2026-09-04", &[]));
    assert_eq!((&twice["accounts"], &twice["rows"]), (&json!(3), &json!(4)));
    assert!(twice["warnings"].to_string().contains("row-repeated"), "{twice}");
}

#[test]
fn the_same_file_fills_in_who_became_known() {
    let place = Place::new();
    let file = list(1..=10);
    let first = imported(&place, "1.json", &file, &SEPTEMBER);
    assert_eq!((first["status"].as_str(), plain(&place)), (Some("stored"), (0, 0)));
    let again = imported(&place, "1.json", &file, &SEPTEMBER);
    assert_eq!(
        (again["status"].as_str(), &again["snapshot"]),
        (Some("unchanged"), &first["snapshot"])
    );
    imported(&place, "c.json", &report(&[2, 3]), &on("2026-09-01", &["--enterprise", "corp"]));
    let tried = imported(&place, "1.json", &file, &on("2026-09-01", &["--dry-run"]));
    assert_eq!((tried["status"].as_str(), plain(&place)), (Some("dry-run"), (0, 0)));
    let filled = imported(&place, "1.json", &file, &SEPTEMBER);
    assert_eq!(
        (filled["status"].as_str(), &filled["snapshot"]),
        (Some("stored"), &first["snapshot"])
    );
    assert_eq!(filled["changes"]["unchanged"], 10);
    assert_eq!(plain(&place), (2, 1));
    let again = imported(&place, "1.json", &file, &SEPTEMBER);
    assert_eq!((again["status"].as_str(), plain(&place)), (Some("unchanged"), (2, 1)));
    // Other bytes with the same content fill in too; an older list is put before.
    imported(&place, "d.json", &report(&[4]), &on("2026-09-02", &["--enterprise", "corp"]));
    let other = imported(&place, "2.json", &format!("{file}\n"), &SEPTEMBER);
    assert_eq!((&other["snapshot"], plain(&place)), (&first["snapshot"], (3, 2)));
    let older = imported(&place, "0.json", &list(0..=10), &on("2026-08-01", &[]));
    assert_eq!(older["changes"]["added"], 11);
    assert_eq!(plain(&place).0, 3, "the same entries are stored once");
    // Voided and restored, all of it holds.
    for command in ["void", "restore"] {
        let number = first["snapshot"].to_string();
        let mut words = vec!["snapshots", command, number.as_str()];
        words.extend(["--reason", "a test"].iter().filter(|_| command == "void"));
        assert_eq!(place.run(&words).code, 0);
        assert_eq!(place.run(&["verify"]).code, 0);
    }
    let shown = place.json(&["snapshots", "show", &first["snapshot"].to_string()]);
    let certificate = &shown["items"][0]["certificate"];
    assert_eq!(certificate["entries_in_plain_text"], 0, "at its import nobody was known");
}

#[test]
fn what_is_stored_does_not_depend_on_the_order_of_imports() {
    let answers = |directory_first: bool| {
        let place = Place::new();
        let mut files = [
            ("d.json", list(1..=10), on("2026-09-01", &[])),
            ("c.json", report(&[2, 3]), on("2026-09-01", &["--enterprise", "corp"])),
        ];
        if !directory_first {
            files.reverse();
        }
        for (name, text, options) in &files {
            imported(&place, name, text, options);
        }
        imported(&place, "d.json", &list(1..=10), &on("2026-09-01", &[]));
        plain(&place)
    };
    assert_eq!(answers(true), answers(false));
}

#[test]
fn pages_and_standard_input_are_read() {
    let place = Place::new();
    let pages = [
        json!({"@odata.nextLink": "x", "value": users(1..=3)}).to_string(),
        json!({"value": users(4..=6)}).to_string(),
    ];
    let files = ["1.json", "2.json"].iter().zip(&pages);
    let files: Vec<String> = files
        .map(|(name, page)| place.write(name, page.as_bytes()).display().to_string())
        .collect();
    for turn in [[0, 1], [1, 0]] {
        let words =
            ["import", "--pages", &files[turn[0]], &files[turn[1]], "--taken-at", "2026-09-01"];
        let answer = place.json(&words);
        assert_eq!(answer["items"][0]["accounts"], 6);
    }
    let words = ["import", "-", "--taken-at", "2026-09-02", "--json"];
    let ran = place.run_with(&words, list(1..=7).as_bytes(), crate::common::NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("\"added\": 1") || ran.stdout.contains("\"added\":1"),
        "{}",
        ran.stdout
    );
    // Pages of two formats are no list.
    let csv =
        place.write("3.csv", b"userPrincipalName,id,accountEnabled\na@zzyzx.example,1,True\n");
    let csv = csv.display().to_string();
    let ran = place.run(&["import", "--pages", &files[0], &csv, "--taken-at", "2026-09-03"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("the pages of one list have one format"), "{}", ran.stderr);
}

#[test]
fn a_changed_list_of_the_same_instant_is_refused_unless_replaced() {
    let place = Place::new();
    let first = imported(&place, "1.json", &list(1..=10), &SEPTEMBER);
    let ran = import(&place, "2.json", &list(1..=11), &SEPTEMBER);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("--replace voids the stored snapshot first"), "{}", ran.stderr);
    let replaced = imported(&place, "2.json", &list(1..=11), &on("2026-09-01", &["--replace"]));
    assert_ne!(replaced["snapshot"], first["snapshot"]);
    let shown = place.json(&["snapshots", "show", &first["snapshot"].to_string()]);
    assert!(shown["items"][0]["voided"].is_object(), "{shown}");
}

#[test]
fn pages_without_the_option_are_told_to_come_together() {
    const HINT: &str = "are pages of one list, give them together with --pages";
    let place = Place::new();
    let next = |numbers| json!({"@odata.nextLink": "x", "value": users(numbers)}).to_string();
    let last = |numbers| json!({"value": users(numbers)}).to_string();
    for (first, second) in [
        (last(1..=4), last(5..=8)),
        (next(1..=4), last(5..=8)),
        (last(1..=4), next(5..=8)),
        (next(1..=4), next(5..=8)),
        (last(1..=40), last(41..=44)),
    ] {
        let place = Place::new();
        let first = place.write("1.json", first.as_bytes()).display().to_string();
        let second = place.write("2.json", second.as_bytes()).display().to_string();
        let ran = place.run(&["import", &first, &second, "--taken-at", "2026-09-01"]);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        assert!(ran.stderr.contains(HINT), "{}", ran.stderr);
        assert!(!ran.stderr.contains("--replace"), "{}", ran.stderr);
    }
    let ran = import(&place, "1.json", &next(1..=4), &SEPTEMBER);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(!ran.stderr.contains(HINT), "one file alone has no other pages: {}", ran.stderr);
    assert!(ran.stdout.contains("Entries") && !ran.stdout.contains("Accounts"), "{}", ran.stdout);
}

#[test]
fn nothing_of_people_whom_no_account_names_is_stored_or_printed() {
    let place = Place::new();
    imported(&place, "c.json", &report(&[2]), &on("2026-09-01", &["--enterprise", "corp"]));
    let mut printed = String::new();
    let people = json!({"@odata.nextLink": "x", "value": users(1..=30)}).to_string();
    for options in [&[][..], &["--partial"], &["--accept-short", "why"], &["--json"]] {
        let ran = import(&place, "1.json", &people, &on("2026-09-01", options));
        printed.push_str(&ran.stdout);
        printed.push_str(&ran.stderr);
    }
    let broken = format!("[{},{{\"userPrincipalName\":\"upn9@zzyzx.example\"}}]", user(1));
    for (name, text) in [
        ("broken.json", broken),
        ("broken.ldif", "dn: CN=Zzyzx\nmail:: enp5enhAenp5eng=x\n".to_owned()),
        (
            "broken.csv",
            "userPrincipalName,id,accountEnabled\nu@zzyzx.example,zzyzx,True,zzyzx\n".to_owned(),
        ),
        (
            "words.csv",
            "userPrincipalName,id,accountEnabled\nu@zzyzx.example,zzyzx,zzyzx\n".to_owned(),
        ),
    ] {
        let ran = import(&place, name, &text, &on("2026-09-02", &["--directory", "other"]));
        assert_eq!(ran.code, 3, "{name}: {}", ran.stderr);
        printed.push_str(&ran.stdout);
        printed.push_str(&ran.stderr);
    }
    assert!(!printed.to_lowercase().contains("zzyzx"), "{printed}");
    // The journal and the files hold nobody but the one whom an account names.
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(place.path("")).expect("the folder") {
        let path = entry.expect("a file").path();
        if path.to_string_lossy().contains("oneseat.db") {
            bytes.extend(std::fs::read(&path).expect("a file"));
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
                assert_eq!(mode & 0o777, 0o600, "{}", path.display());
            }
        }
    }
    let found =
        |text: &str| bytes.windows(text.len()).any(|it| it.eq_ignore_ascii_case(text.as_bytes()));
    assert!(found("Zzyzx2 Person") && found("id-2-zzyzx"), "the one whom an account names");
    for nobody in ["Zzyzx1 Person", "id-1-zzyzx", "upn3@zzyzx", "mail30@zzyzx", "Unit-zzyzx-0"] {
        assert!(!found(nobody), "{nobody}");
    }
}

#[test]
fn a_configuration_keeps_all_and_maps_columns_by_name() {
    let place = Place::new();
    let text = "[directory.hr]\nid = \"No\"\nemails = [\"Mail\"]\nkeep = \"all\"\n";
    let config = place.write("config.toml", text.as_bytes()).display().to_string();
    let options =
        |name: &'static str| on("2026-09-01", &["--config", &config, "--directory", name]);
    let table = "No;Mail\n1;a@zzyzx.example\n2;b@zzyzx.example\nSum;\n";
    let item = imported(&place, "hr.csv", table, &options("HR"));
    assert_eq!((&item["accounts"], &item["format"]), (&json!(2), &json!("mapped-csv")));
    assert_eq!(plain(&place).0, 2, "all are kept");
    let shown = place.run(&["snapshots", "show", "1"]);
    assert!(shown.stdout.contains("2 entries in plain text"), "{}", shown.stdout);
    let ran = import(&place, "no.csv", "No;E-Mail\n1;a@zzyzx.example\n", &options("hr"));
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("lacks columns that the configuration maps: \"Mail\""),
        "{}",
        ran.stderr
    );
    let ran = import(&place, "hr.csv", table, &options("other"));
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("[directory.other]"), "{}", ran.stderr);
}

#[test]
fn the_certificate_names_the_columns_that_are_left_out() {
    let place = Place::new();
    imported(&place, "c.json", &report(&[1]), &on("2026-09-01", &["--enterprise", "corp"]));
    let table = "userPrincipalName,id,accountEnabled,City,mail\n\
                 a@zzyzx.example,1,True,Oslo,mail1@zzyzx.example\nb@zzyzx.example,2,True,Rome,\n";
    imported(&place, "d.csv", table, &SEPTEMBER);
    let shown = place.json(&["snapshots", "show", "2"]);
    let certificate = &shown["items"][0]["certificate"];
    assert_eq!(certificate["columns_left_out"], json!(["City"]), "{shown}");
    assert_eq!(certificate["entries_in_plain_text"], 1);
    let shown = place.run(&["snapshots", "show", "2"]).stdout;
    assert!(shown.contains("not stored      City"), "{shown}");
    assert!(
        shown.contains("1 entry in plain text") && shown.contains("1 only as keyed"),
        "{shown}"
    );
}

#[test]
fn a_new_name_beside_known_ones_is_warned_of() {
    let place = Place::new();
    let warned = |item: &Value, wanted: &str| {
        let warnings = item["warnings"].as_array().expect("warnings").iter();
        let of_names = warnings.filter(|it| it["code"] == wanted);
        of_names.map(|it| it["message"].as_str().unwrap_or_default().to_owned()).collect::<String>()
    };
    let first =
        imported(&place, "1.json", &list(1..5), &on("2026-09-01", &["--directory", "entra"]));
    assert_eq!(warned(&first, "directory-new"), "", "it is the first");
    let slip =
        imported(&place, "2.json", &list(1..6), &on("2026-09-02", &["--directory", "entar"]));
    let told = warned(&slip, "directory-new");
    assert!(told.contains("known: entra; did you mean entra?"), "{told}");
    let again =
        imported(&place, "3.json", &list(1..7), &on("2026-09-03", &["--directory", "ENTRA"]));
    assert_eq!(warned(&again, "directory-new"), "", "letter case does not make another name");
    let other =
        imported(&place, "4.json", &list(1..7), &on("2026-09-03", &["--directory", "workday"]));
    let told = warned(&other, "directory-new");
    assert!(told.contains("known: entar, entra") && !told.contains("did you mean"), "{told}");
    let options = on("2026-09-03", &["--directory", "okta", "--accept-new", "the second one"]);
    let accepted = imported(&place, "5.json", &list(1..7), &options);
    assert_eq!(warned(&accepted, "directory-new"), "");
    assert!(warned(&accepted, "accepted-new").ends_with("accepted: the second one"), "{accepted}");
    place.write("c.toml", b"[directory.google]\nkeep = \"all\"\n");
    let config = place.path("c.toml").display().to_string();
    let options = on("2026-09-03", &["--directory", "google", "--config", &config]);
    let configured = imported(&place, "6.json", &list(1..8), &options);
    assert_eq!(warned(&configured, "directory-new"), "", "the configuration has the name");
}

//! `duplicates` for scripts and for those who must act: levels and exit codes, and the lists that `--into` writes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::common::Place;

const AT: &str = "2026-03-02T08:00:00Z";

fn user(login: &str, verified: &str) -> Value {
    json!({"github_com_login": login, "github_com_user": true, "github_com_verified_domain_emails": [verified],
        "license_type": "Enterprise"})
}

fn account(id: u64, login: &str, emails: &[&str]) -> Value {
    let emails = emails.iter().enumerate();
    let emails = emails.map(|(place, email)| json!({"email": email, "primary": place == 0}));
    json!({"user_id": id, "login": login, "suspended": false, "emails": emails.collect::<Value>()})
}

/// A double by another address of the account.
fn certain() -> (Value, Value) {
    (user("ada-l", "ada@corp.example"), account(1, "=1+1", &["x@else.example", "ada@corp.example"]))
}

/// A double by the part before the @.
fn likely() -> (Value, Value) {
    (user("dee-d", "dee@corp.example"), account(2, "deirdre", &["dee@old.example"]))
}

/// A double by a typo.
fn possible() -> (Value, Value) {
    (user("hop-g", "hopper@corp.example"), account(3, "grace", &["hoppre@corp.example"]))
}

fn imported(place: &Place, name: &str, text: &Value, at: &str) {
    let file = place.write(name, text.to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", "--taken-at", at]);
}

fn server(place: &Place, host: &str, accounts: &[Value], at: &str) {
    let export = json!({"instance": {"server_id": "1", "host_name": host, "version": "3.17.2"}, "users": accounts});
    let file = place.write("server.json", export.to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, "--taken-at", at]);
}

/// An enterprise with an instance and these doubles.
fn ledger(doubles: &[(Value, Value)]) -> Place {
    let place = Place::new();
    let (users, accounts): (Vec<Value>, Vec<Value>) = doubles.iter().cloned().unzip();
    let users = [users, vec![user("cloe", "cloe@corp.example")]].concat();
    imported(&place, "cloud.json", &json!({"users": users}), AT);
    server(
        &place,
        "ghes1.corp.example",
        &[accounts, vec![account(9, "c", &["cloe@corp.example"])]].concat(),
        AT,
    );
    place
}

#[test]
fn nothing_is_compared_with_a_later_instant() {
    let place = ledger(&[certain()]);
    let ran = place.run(&["duplicates", "--since", "2026-03-04", "--as-of", "2026-03-03"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let told = "--since 2026-03-04T23:59:59Z is after --as-of 2026-03-03T23:59:59Z";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn fail_on_tells_a_script_whether_there_is_one_so_sure() {
    let all = ["certain", "likely", "possible"];
    for (doubles, codes) in [
        (vec![], [0, 0, 0]),
        (vec![possible()], [0, 0, 1]),
        (vec![likely()], [0, 1, 1]),
        (vec![certain()], [1, 1, 1]),
        (vec![certain(), possible()], [1, 1, 1]),
    ] {
        let place = ledger(&doubles);
        for (level, code) in all.into_iter().zip(codes) {
            for shown in all {
                let asked = ["duplicates", "--json", "--fail-on", level, "--min-confidence", shown];
                let ran = place.run(&asked);
                assert_eq!(ran.code, code, "{} doubles, {asked:?}: {}", doubles.len(), ran.stderr);
                let answer: Value =
                    serde_json::from_str(&ran.stdout).expect("the answer all the same");
                assert_eq!(answer["schema"], "oneseat.duplicates/1");
            }
        }
        assert_eq!(place.run(&["duplicates"]).code, 0, "nobody asked to fail");
    }
    assert_eq!(ledger(&[]).run(&["duplicates", "--fail-on", "sure"]).code, 2);
    assert_eq!(Place::new().run(&["duplicates", "--fail-on", "certain"]).code, 7);
}

#[test]
fn min_confidence_shows_fewer_and_counts_all() {
    let place = ledger(&[certain(), likely(), possible()]);
    let summary = json!({"certain": 1, "likely": 1, "possible": 1, "licenses": 2});
    for (level, shown) in [
        ("certain", json!(["certain"])),
        ("likely", json!(["certain", "likely"])),
        ("possible", json!(["certain", "likely", "possible"])),
    ] {
        let answer = place.json(&["duplicates", "--min-confidence", level]);
        let items = answer["items"].as_array().expect("items").iter();
        assert_eq!(items.map(|it| it["confidence"].clone()).collect::<Value>(), shown);
        assert_eq!(answer["summary"], summary);
    }
}

/// Doubles for everybody who may have to act, on two instances.
fn for_everybody() -> Place {
    let place = Place::new();
    let mut subscriber = user("eng", "engineer@corp.example");
    subscriber["visual_studio_subscription_user"] = json!(true);
    subscriber["visual_studio_subscription_email"] = json!("charles@vs.example");
    subscriber["license_type"] = json!("Visual Studio subscription");
    let users = [
        certain().0,
        likely().0,
        possible().0,
        subscriber,
        user("kim", "kim@corp.example"),
        json!({"github_com_login": "kim@corp.example", "github_com_user": false}),
    ];
    imported(&place, "cloud.json", &json!({"users": users}), AT);
    server(&place, "ghes1.corp.example", &[certain().1, likely().1], AT);
    let subscriber = account(4, "babbage", &["charles@vs.example"]);
    server(&place, "ghes2.corp.example", &[possible().1, subscriber], AT);
    place
}

/// The names of the files in a folder.
fn names(folder: &std::path::Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("a file").file_name();
    entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect()
}

#[test]
fn into_writes_a_list_for_each_who_must_act() {
    let place = for_everybody();
    let folder = place.path("lists");
    let ran = place.run(&["duplicates", "--into", &folder.display().to_string()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lists =
        ["owner", "server-admin-ghes1.corp.example", "server-admin-ghes2.corp.example", "user"];
    let both = lists.iter().flat_map(|list| [format!("{list}.csv"), format!("{list}.md")]);
    assert_eq!(names(&folder), both.collect());
    for list in lists {
        assert!(ran.stderr.contains(&format!("{list}.csv (")), "{}", ran.stderr);
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("UTF-8");
    let header = "confidence,login,host,id,email,same_as,action,reason,since\r\n";
    let since = ",2026-03-02T08:00:00Z\r\n";
    assert_eq!(
        read("server-admin-ghes1.corp.example.csv"),
        // A login that a spreadsheet would run is text.
        header.to_owned()
            + "certain,'=1+1,ghes1.corp.example,1,x@else.example,ada-l,make ada@corp.example primary for =1+1 on \
               ghes1.corp.example,'=1+1's primary address on ghes1.corp.example is x@else.example; Cloud knows ada-l by \
               ada@corp.example; they must be equal"
            + since
            + "likely,deirdre,ghes1.corp.example,2,dee@old.example,dee-d,\"if they are one person, make dee@corp.example \
               primary for deirdre on ghes1.corp.example\",deirdre's primary address on ghes1.corp.example is \
               dee@old.example; Cloud knows dee-d by dee@corp.example; they must be equal"
            + since
    );
    assert!(
        read("server-admin-ghes2.corp.example.csv")
            .contains("\r\npossible,grace,ghes2.corp.example,3,")
    );
    let user = read("user.csv");
    assert!(
        user.contains("\r\ncertain,babbage,ghes2.corp.example,4,charles@vs.example,eng,"),
        "{user}"
    );
    assert!(user.contains(",verify charles@vs.example on the Cloud account eng,"), "{user}");
    let owner = read("owner.csv");
    assert!(
        owner.contains(
            "\r\nlikely,,,,kim@corp.example,kim,cancel the invitation to kim@corp.example"
        ),
        "{owner}"
    );
    let markdown = read("server-admin-ghes1.corp.example.md");
    assert!(markdown.contains("make ada@corp.example primary for =1+1"), "{markdown}");
    assert_eq!(markdown.lines().filter(|line| line.starts_with('|')).count(), 4, "{markdown}");
}

#[test]
fn lists_are_for_their_readers_only_and_hold_what_is_asked_for() {
    let place = for_everybody();
    let folder = place.path("private").join("lists");
    let into = folder.display().to_string();
    let ran =
        place.run(&["duplicates", "--into", &into, "--min-confidence", "certain", "--raw-cells"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let names = names(&folder);
    let expected = ["server-admin-ghes1.corp.example", "user"];
    assert_eq!(
        names,
        expected.iter().flat_map(|it| [format!("{it}.csv"), format!("{it}.md")]).collect()
    );
    let list =
        std::fs::read_to_string(folder.join("server-admin-ghes1.corp.example.csv")).expect("UTF-8");
    assert!(list.contains("\r\ncertain,=1+1,"), "raw cells are asked for: {list}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| {
            std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
        };
        assert_eq!(mode(&folder), 0o700);
        for name in &names {
            assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
        }
    }
    // Where a folder cannot be, nothing is written.
    let file = place.write("in-the-way", b"").display().to_string();
    assert_eq!(place.run(&["duplicates", "--into", &file]).code, 5);
}

#[test]
fn what_is_fixed_is_on_no_list() {
    let place = for_everybody();
    let fixed = account(1, "=1+1", &["ada@corp.example"]);
    server(&place, "ghes1.corp.example", &[fixed, likely().1], "2026-03-09T08:00:00Z");
    let folder = place.path("lists");
    let asked = ["duplicates", "--since", AT, "--json", "--into", &folder.display().to_string()];
    let ran = place.run(&asked);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        answer["progress"],
        json!({"since": AT, "new": 0, "open": 4, "back": 0, "fixed": 1, "licenses_freed": 1})
    );
    let list =
        std::fs::read_to_string(folder.join("server-admin-ghes1.corp.example.csv")).expect("UTF-8");
    assert!(!list.contains("1+1") && list.contains("deirdre"), "{list}");
    assert_eq!(list.lines().count(), 2);
}

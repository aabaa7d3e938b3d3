//! `duplicates` for scripts and for the people who must act: levels and exit codes, and the lists that `--into`
//! writes.

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

/// A duplicate by another address of the account.
fn certain() -> (Value, Value) {
    (user("ada-l", "ada@corp.example"), account(1, "=1+1", &["x@else.example", "ada@corp.example"]))
}

/// A duplicate by the local part of the address.
fn likely() -> (Value, Value) {
    (user("dee-d", "dee@corp.example"), account(2, "deirdre", &["dee@old.example"]))
}

/// A duplicate by a typo.
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

/// An enterprise with an instance and these duplicates.
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
        assert_eq!(place.run(&["duplicates"]).code, 0, "without --fail-on");
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

/// Duplicates for every actor, on two instances.
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
    let index = ["lists.json".to_owned()];
    assert_eq!(names(&folder), both.chain(index).collect());
    for list in lists {
        assert!(ran.stderr.contains(&format!("{list}.csv (")), "{}", ran.stderr);
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("UTF-8");
    let header = "confidence,login,host,id,email,same_as,action,reason,since,address,as_of\r\n";
    let since = |address: &str| format!(",{AT},{address},{AT}\r\n");
    assert_eq!(
        read("server-admin-ghes1.corp.example.csv"),
        // A login that a spreadsheet would run as a formula is written as text.
        header.to_owned()
            + "certain,'=1+1,ghes1.corp.example,1,x@else.example,ada-l,make ada@corp.example primary for =1+1 on \
               ghes1.corp.example,'=1+1's primary address on ghes1.corp.example is x@else.example; Cloud knows ada-l by \
               ada@corp.example; they must be equal"
            + &since("ada@corp.example")
            + "likely,deirdre,ghes1.corp.example,2,dee@old.example,dee-d,\"if they are one person, make dee@corp.example \
               primary for deirdre on ghes1.corp.example\",deirdre's primary address on ghes1.corp.example is \
               dee@old.example; Cloud knows dee-d by dee@corp.example; they must be equal"
            + &since("dee@corp.example")
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
    let by_hand = "\"verify charles@vs.example on the Cloud account eng, or have the enterprise's owner match the \
                   Visual Studio subscription of charles@vs.example to it by hand\"";
    assert!(user.contains(by_hand), "{user}");
    let owner = read("owner.csv");
    assert!(
        owner.contains(
            "\r\nlikely,,,,kim@corp.example,kim,\"cancel the invitation to kim@corp.example; until"
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
        expected
            .iter()
            .flat_map(|it| [format!("{it}.csv"), format!("{it}.md")])
            .chain(["lists.json".to_owned()])
            .collect()
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
    // If the folder cannot be created, nothing is written.
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

/// The content of `lists.json`: for each list, the number of fixes and whether it is current.
fn index(folder: &std::path::Path) -> Value {
    let text = std::fs::read_to_string(folder.join("lists.json")).expect("lists.json");
    let index: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(index["schema"], "oneseat.fix-lists/1");
    let lists = index["lists"].as_array().expect("lists").iter();
    let told = lists.map(|it| json!([it["files"][0], it["to_do"], it["current"]]));
    json!({"as_of": index["as_of"], "lists": told.collect::<Value>()})
}

#[test]
fn lists_of_an_earlier_run_that_have_nothing_left_say_so() {
    let place = for_everybody();
    let folder = place.path("lists");
    let into = folder.display().to_string();
    place.json(&["duplicates", "--into", &into]);
    assert_eq!(
        index(&folder),
        json!({"as_of": AT, "lists": [
            ["owner.csv", 1, true],
            ["server-admin-ghes1.corp.example.csv", 2, true],
            ["server-admin-ghes2.corp.example.csv", 1, true],
            ["user.csv", 1, true],
        ]})
    );
    // Other files in the folder stay as they are.
    let others = [
        ("user-notes.csv", "confidence,mine"),
        ("owner.txt", "mine"),
        ("server-admin-x.csv", "mine"),
    ];
    for (name, text) in others {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    // Both duplicates of the first instance are fixed.
    let later = "2026-03-09T08:00:00Z";
    let fixed =
        [account(1, "=1+1", &["ada@corp.example"]), account(2, "deirdre", &["dee@corp.example"])];
    server(&place, "ghes1.corp.example", &fixed, later);
    for _ in 0..2 {
        place.json(&["duplicates", "--into", &into]);
        assert_eq!(
            index(&folder),
            json!({"as_of": later, "lists": [
                ["owner.csv", 1, true],
                ["server-admin-ghes1.corp.example.csv", 0, false],
                ["server-admin-ghes2.corp.example.csv", 1, true],
                ["user.csv", 1, true],
            ]})
        );
        for ending in ["csv", "md"] {
            let empty = folder.join(format!("server-admin-ghes1.corp.example.{ending}"));
            let empty = std::fs::read_to_string(empty).expect("UTF-8");
            assert!(empty.contains(later) && !empty.contains("example,"), "{empty}");
            assert!(empty.to_lowercase().contains("nothing is left to do"), "{empty}");
        }
    }
    for (name, text) in others {
        assert_eq!(std::fs::read_to_string(folder.join(name)).expect("UTF-8"), text, "{name}");
    }
    for name in names(&folder).iter().filter(|it| it.ends_with(".csv")) {
        let list = std::fs::read_to_string(folder.join(name)).expect("UTF-8");
        assert!(list.contains(later) || list.contains("mine"), "{name} has no date: {list}");
    }
}

/// The fixes of the only finding of these accounts.
fn fixes(users: &[Value], here: &[Value], there: &[Value]) -> Value {
    let place = Place::new();
    imported(&place, "cloud.json", &json!({"users": users}), AT);
    for (host, accounts) in [("ghes1.corp.example", here), ("ghes2.corp.example", there)] {
        if !accounts.is_empty() {
            server(&place, host, accounts, AT);
        }
    }
    let items = place.json(&["duplicates"])["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1), "{items:#}");
    let told = items[0]["fixes"].as_array().expect("fixes").iter();
    told.map(|it| json!([it["actor"], it["host"], it["login"], it["id"], it["address"]])).collect()
}

#[test]
fn a_fix_names_all_that_must_change_and_no_address_of_somebody_else() {
    let (one, two) = ("ghes1.corp.example", "ghes2.corp.example");
    let ada = || user("ada-l", "ada@corp.example");
    let al = || account(7, "al", &["x@old.example", "ada@corp.example"]);
    let mut two_addresses = ada();
    two_addresses["github_com_saml_name_id"] = json!("lovelace@corp.example");
    let mut by_name = user("ada", "");
    by_name["github_com_verified_domain_emails"] = json!([]);
    by_name["github_com_saml_name_id"] = json!("ada");
    let taken = || account(8, "other", &["ada@corp.example"]);
    let mut suspended = taken();
    suspended["suspended"] = json!(true);
    let cases = [
        (
            "one account",
            vec![ada()],
            vec![al()],
            vec![],
            json!([["server-admin", one, "al", "7", "ada@corp.example"]]),
        ),
        (
            "both of a person, on each instance",
            vec![ada()],
            vec![al()],
            vec![account(9, "al2", &["x@old.example"])],
            json!([
                ["server-admin", one, "al", "7", "ada@corp.example"],
                ["server-admin", two, "al2", "9", "ada@corp.example"]
            ]),
        ),
        (
            "the address is another's there: the user verifies theirs",
            vec![ada()],
            vec![al(), taken()],
            vec![],
            json!([["user", null, "ada-l", null, "x@old.example"]]),
        ),
        (
            "a suspended account's, too",
            vec![ada()],
            vec![al(), suspended],
            vec![],
            json!([["user", null, "ada-l", null, "x@old.example"]]),
        ),
        (
            "it is another's on the second instance: the one place that mends both",
            vec![ada()],
            vec![al()],
            vec![account(9, "al2", &["x@old.example"]), taken()],
            json!([["user", null, "ada-l", null, "x@old.example"]]),
        ),
        (
            "the Cloud account has another address, which is free",
            vec![two_addresses],
            vec![al(), taken()],
            vec![],
            json!([["server-admin", one, "al", "7", "lovelace@corp.example"]]),
        ),
        (
            "no address to verify either: one of the two is suspended",
            vec![user("ada-l", "ada@corp.example")],
            vec![
                json!({"user_id": 7, "login": "al", "suspended": false, "emails": [
                {"email": "ada@corp.example", "primary": false}]}),
                taken(),
            ],
            vec![],
            json!([["server-admin", one, "al", "7", null]]),
        ),
        (
            "a NameID that is no address is never made primary",
            vec![by_name],
            vec![account(7, "ada", &["x@old.example"])],
            vec![],
            json!([["user", null, "ada", null, "x@old.example"]]),
        ),
        (
            "two on one instance share an address: one of them goes",
            vec![],
            vec![
                account(3, "a3", &["x@corp.example", "s@corp.example"]),
                account(5, "a5", &["y@corp.example", "s@corp.example"]),
            ],
            vec![],
            json!([["server-admin", one, "a5", "5", null]]),
        ),
        (
            "two on two instances share an address: the second comes to the first",
            vec![],
            vec![account(3, "a3", &["x@corp.example", "s@corp.example"])],
            vec![account(5, "a5", &["y@corp.example", "s@corp.example"])],
            json!([["server-admin", two, "a5", "5", "x@corp.example"]]),
        ),
        (
            "the first has no primary address: it comes to the other's",
            vec![],
            vec![json!({"user_id": 3, "login": "a3", "suspended": false, "emails": [
                {"email": "s@corp.example", "primary": false}]})],
            vec![account(5, "a5", &["y@corp.example", "s@corp.example"])],
            json!([["server-admin", one, "a3", "3", "y@corp.example"]]),
        ),
    ];
    for (about, users, here, there, expected) in cases {
        assert_eq!(fixes(&users, &here, &there), expected, "{about}");
    }
}

/// The words of a fix follow its action, and an invitation's fix names its organizations.
#[test]
fn an_invitation_is_cancelled_where_it_was_made() {
    let place = Place::new();
    let invitation = json!({"github_com_login": "kim@corp.example", "github_com_user": false,
        "github_com_orgs_with_pending_invites": ["acme", "labs"]});
    let users = json!({"users": [user("kim", "kim@corp.example"), invitation]});
    imported(&place, "cloud.json", &users, AT);
    let item = place.json(&["duplicates"])["items"][0].clone();
    assert_eq!(
        item["fixes"],
        json!([{"actor": "owner", "host": null, "login": null, "id": null, "address": "kim@corp.example",
            "action": "cancel the invitation to kim@corp.example of the organizations acme, labs; until it is \
                       accepted, canceled or expired it takes a license"}])
    );
    assert!(!item.to_string().contains("seven days"), "{item}");
    // Managed users are changed in the identity provider.
    place.json(&["sources", "set", "corp", "--billing-model", "emu"]);
    server(&place, "ghes1.corp.example", &[certain().1], AT);
    let users = json!({"users": [certain().0]});
    imported(&place, "cloud.json", &users, "2026-03-09T08:00:00Z");
    let fixes = place.json(&["duplicates"])["items"][0]["fixes"].clone();
    assert_eq!(fixes[0]["actor"], "identity-admin");
    assert_eq!(fixes[0]["address"], "ada@corp.example");
}

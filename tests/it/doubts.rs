//! Doubts about the source of a file. Each doubt is raised, can be settled, and is not raised by a harmless
//! neighbor (interface.md section 2, counting.md section 2).

use std::fmt::Write as _;
use std::ops::Range;

use serde_json::{Value, json};

use crate::common::{Place, Ran};

/// A site-admin report of accounts with these ids. Logins and addresses contain the mark.
fn server(ids: Range<u32>, mark: &str) -> String {
    let mut text = "created_at,id,login,email,role,suspended?\n".to_owned();
    for id in ids {
        let minute = id % 60;
        writeln!(
            text,
            "2021-03-04T05:{minute:02}:07Z,{id},{mark}{id},{mark}{id}@corp.example,user,false"
        )
        .expect("text");
    }
    text
}

/// The same accounts without ids.
fn without_ids(ids: Range<u32>, mark: &str) -> String {
    let mut text = "login,email,role,suspension_status\n".to_owned();
    for id in ids {
        writeln!(text, "{mark}{id},{mark}{id}@corp.example,user,active").expect("text");
    }
    text
}

/// A Cloud report of these people. The first person's row lists accounts on these hosts.
fn cloud(people: Range<u32>, hosts: &[&str]) -> String {
    let users: Vec<Value> = people
        .map(|person| {
            let hosts = hosts.iter().map(|host| format!("{host}:{person}"));
            json!({"github_com_login": format!("user{person}"), "github_com_user": true,
                "license_type": "Enterprise", "enterprise_server_user_ids": hosts.collect::<Vec<_>>()})
        })
        .collect();
    json!({"total_seats_consumed": users.len(), "total_seats_purchased": 900, "users": users})
        .to_string()
}

/// Writes a file and imports it.
fn import(place: &Place, name: &str, text: &str, options: &str) -> Ran {
    let file = place.write(name, text.as_bytes()).display().to_string();
    let mut arguments = vec!["import".to_owned(), file, "--json".to_owned()];
    arguments.extend(options.split_whitespace().map(str::to_owned));
    place.run(&arguments)
}

/// The only item of an import's answer.
fn item(ran: &Ran) -> Value {
    let answer: Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
    answer["items"][0].clone()
}

fn code(ran: &Ran) -> String {
    item(ran)["error"]["code"].as_str().unwrap_or("none").to_owned()
}

fn warned(ran: &Ran, code: &str) -> bool {
    let item = item(ran);
    item["warnings"].as_array().expect("warnings").iter().any(|it| it["code"] == code)
}

/// The stored files, the new file, and the code of its refusal ("none" if it is stored).
type Case = (&'static str, Vec<(String, &'static str)>, (String, &'static str), &'static str);

fn cases() -> Vec<Case> {
    let a = "--host a.corp.example --taken-at 2026-03-02";
    let b = "--host b.corp.example --taken-at 2026-03-02";
    let next = "--host a.corp.example --taken-at 2026-03-09";
    let corp = "--enterprise corp --taken-at 2026-03-02";
    let other = "--enterprise other --taken-at 2026-03-09";
    // The same id with the same creation time is one account, whatever its login.
    let hosts = || vec![(server(1..31, "x"), a), (server(1..31, "y").replace("T05", "T06"), b)];
    vec![
        (
            "another enterprise's report",
            vec![(cloud(0..40, &[]), corp)],
            (cloud(5..45, &[]), other),
            "looks-like",
        ),
        (
            "exactly half",
            vec![(cloud(0..40, &[]), corp)],
            (cloud(20..60, &[]), other),
            "looks-like",
        ),
        ("less than half", vec![(cloud(0..40, &[]), corp)], (cloud(21..61, &[]), other), "none"),
        ("nineteen logins", vec![(cloud(0..40, &[]), corp)], (cloud(0..19, &[]), other), "none"),
        (
            "its own next report",
            vec![(cloud(0..40, &[]), corp)],
            (cloud(0..41, &[]), "--enterprise corp --taken-at 2026-03-09"),
            "none",
        ),
        (
            "it has a snapshot already",
            vec![
                (cloud(0..40, &[]), corp),
                (cloud(90..120, &[]), "--enterprise other --taken-at 2026-03-02"),
            ],
            (cloud(0..40, &[]).replace("900", "901"), other),
            "none",
        ),
        (
            "accepted as new",
            vec![(cloud(0..40, &[]), corp)],
            (cloud(5..45, &[]), "--enterprise other --taken-at 2026-03-09 --accept-new split"),
            "none",
        ),
        (
            "another host's file",
            hosts(),
            (server(1..32, "y").replace("T05", "T06"), next),
            "looks-like",
        ),
        (
            "the same ids and times: an account is its creation, too",
            hosts(),
            (server(1..32, "z"), next),
            "none",
        ),
        ("other ids, other people", hosts(), (server(101..132, "z"), next), "looks-like"),
        ("without ids: by login", hosts(), (without_ids(1..31, "y"), next), "looks-like"),
        ("without ids: its own", hosts(), (without_ids(1..31, "x"), next), "none"),
        (
            "renamed logins, same addresses",
            hosts(),
            (server(1..31, "x").replace(",x1", ",w1").replace(",x2", ",w2"), next),
            "none",
        ),
        (
            "rebuilt with new ids",
            hosts(),
            (
                server(501..531, "z"),
                "--host a.corp.example --taken-at 2026-03-09 --accept-short rebuilt",
            ),
            "none",
        ),
        ("nineteen accounts", vec![(server(1..20, "x"), a)], (server(101..120, "z"), next), "none"),
        ("half are left", hosts(), (server(16..46, "x"), next), "none"),
        (
            "the same bytes, another host",
            vec![(server(1..31, "x"), a)],
            (server(1..31, "x"), b),
            "same-bytes",
        ),
        (
            "the same bytes, accepted",
            vec![(server(1..31, "x"), a)],
            (server(1..31, "x"), "--host b.corp.example --taken-at 2026-03-02 --accept-new clone"),
            "none",
        ),
        (
            "the same bytes, the same host",
            vec![(server(1..31, "x"), a)],
            (server(1..31, "x"), next),
            "none",
        ),
        ("few of the same bytes", vec![(server(1..20, "x"), a)], (server(1..20, "x"), b), "none"),
        ("other bytes", vec![(server(1..31, "x"), a)], (server(1..32, "x"), b), "none"),
    ]
}

#[test]
fn every_doubt_is_raised_and_no_other() {
    let mut wrong = Vec::new();
    for (what, before, (text, options), expected) in cases() {
        let place = Place::new();
        for (number, (text, options)) in before.iter().enumerate() {
            let ran = import(&place, &format!("before-{number}"), text, options);
            assert_eq!(ran.code, 0, "{what}: {}", ran.stderr);
        }
        let ran = import(&place, "now", &text, options);
        let exit = if expected == "none" { 0 } else { 3 };
        if (code(&ran).as_str(), ran.code) != (expected, exit) {
            wrong.push(format!("{what}: {} {}: {}", ran.code, code(&ran), ran.stderr));
        }
        let undone = ran.stderr.contains("undo: oneseat --db ");
        if undone != (expected == "none") {
            wrong.push(format!("{what}: the undo line: {}", ran.stderr));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_refusal_names_whose_file_it_is_and_the_way_out() {
    let place = Place::new();
    import(
        &place,
        "a",
        &server(1..31, "x").replace("T05", "T06"),
        "--host a.corp.example --taken-at 2026-03-02",
    );
    import(&place, "b", &server(1..31, "y"), "--host b.corp.example --taken-at 2026-03-02");
    let ran =
        import(&place, "c", &server(1..32, "y"), "--host a.corp.example --taken-at 2026-03-09");
    for word in ["b.corp.example", "--accept-short REASON", "snapshot #1"] {
        assert!(ran.stderr.contains(word), "{word}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("y1"), "nothing of the data: {}", ran.stderr);
    // When the mistake is voided, the doubt ends.
    let ran = place.run(&["snapshots", "void", "1", "--reason", "a mistake"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran =
        import(&place, "c", &server(1..32, "y"), "--host a.corp.example --taken-at 2026-03-09");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn small_files_of_the_same_bytes_and_unlisted_hosts_are_told_of() {
    let at = "--taken-at 2026-03-02";
    for (what, listed, host, unlisted) in [
        ("a slip", "ghes1.corp.example", "ghes1.corp.exmple", true),
        ("the one listed", "ghes1.corp.example", "ghes1.corp.example", false),
        ("nothing is listed", "", "ghes9.corp.example", false),
    ] {
        let place = Place::new();
        let hosts: &[&str] = if listed.is_empty() { &[] } else { &[listed] };
        import(&place, "cloud", &cloud(0..3, hosts), &format!("--enterprise corp {at}"));
        let ran = import(&place, "users", &server(1..4, "x"), &format!("--host {host} {at}"));
        assert_eq!(warned(&ran, "unlisted-host"), unlisted, "{what}: {}", ran.stderr);
        assert_eq!(ran.stderr.contains(listed) && unlisted, unlisted, "{what}: {}", ran.stderr);
        let again =
            import(&place, "again", &server(1..4, "x"), &format!("--host c.corp.example {at}"));
        assert!(warned(&again, "same-bytes"), "{what}: {}", again.stderr);
        let next = import(
            &place,
            "next",
            &server(1..5, "x"),
            &format!("--host {host} --taken-at 2026-03-09"),
        );
        assert!(!warned(&next, "unlisted-host"), "it is not new any more: {}", next.stderr);
    }
}

#[test]
fn several_hosts_go_with_the_files_that_need_one() {
    let place = Place::new();
    let one = place.write("one.csv", server(1..4, "x").as_bytes()).display().to_string();
    let two = place.write("two.csv", server(5..9, "y").as_bytes()).display().to_string();
    let report = place.write("cloud.json", cloud(0..3, &[]).as_bytes()).display().to_string();
    let at = ["--taken-at", "2026-03-02", "--enterprise", "corp", "--json"];
    let hosts = ["--host", "a.corp.example", "--host", "b.corp.example"];
    let ran = place.run(&[&["import", &one, &report], &hosts[..], &at].concat());
    assert_eq!(ran.code, 2, "two hosts and one file: {}", ran.stderr);
    assert_eq!(place.run(&["consumption"]).code, 7, "nothing was stored");
    let ran = place.run(&[&["import", &one, &report, &two], &hosts[..], &at].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("one.csv: a file of a.corp.example"), "{}", ran.stderr);
    assert!(ran.stderr.contains("two.csv: a file of b.corp.example"), "{}", ran.stderr);
    assert!(ran.stderr.contains(" snapshots void 1 2 3 --reason"), "{}", ran.stderr);
    let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let names: Vec<&Value> =
        answer["items"].as_array().expect("items").iter().map(|it| &it["source"]["name"]).collect();
    assert_eq!(names, ["a.corp.example", "corp", "b.corp.example"]);
    // Imported all at once, and voided again.
    let ran = place.run(&["snapshots", "void", "1", "2", "3", "--reason", "a mistake"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(place.run(&["consumption"]).code, 7);
}

#[test]
fn a_name_that_holds_another_host_refuses_the_file() {
    let place = Place::new();
    let file = |name: &str| place.write(name, server(1..4, "x").as_bytes()).display().to_string();
    let (one, two) = (file("a.corp.example.csv"), file("users-b.corp.example.csv"));
    let at = ["--taken-at", "2026-03-02", "--json"];
    let swapped = ["--host", "b.corp.example", "--host", "a.corp.example"];
    let ran = place.run(&[&["import", &one, &two], &swapped[..], &at].concat());
    assert_eq!((ran.code, code(&ran).as_str()), (3, "other-host"), "{}", ran.stderr);
    let right = ["--host", "a.corp.example", "--host", "b.corp.example"];
    let ran = place.run(&[&["import", &one, &two], &right[..], &at].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // One known host is enough. An unknown host settles nothing.
    let ran = place.run(&["import", &two, "--host", "c.corp.example", "--taken-at", "2026-03-09"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let new = place.write("d.corp.example.csv", server(5..9, "z").as_bytes()).display().to_string();
    let ran = place.run(&["import", &new, "--host", "c.corp.example", "--taken-at", "2026-03-09"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn one_file_for_two_hosts_of_one_command_is_meant_so_and_told() {
    for count in [5, 30] {
        let place = Place::new();
        let text = server(1..count + 1, "x");
        for name in ["a.csv", "b.csv"] {
            place.write(name, text.as_bytes());
        }
        let words = |hosts: [&str; 2]| {
            let files = ["a.csv", "b.csv"].map(|it| place.path(it).display().to_string());
            let options =
                ["--host", hosts[0], "--host", hosts[1], "--taken-at", "2026-03-02", "--json"];
            let mut words = vec!["import".to_owned()];
            words.extend(files);
            words.extend(options.map(str::to_owned));
            words
        };
        let ran = place.run(&words(["one.example", "two.example"]));
        let answer: Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
        assert_eq!(ran.code, 0, "{count}: {}", ran.stderr);
        let codes = |item: &Value| -> Vec<String> {
            let warnings = item["warnings"].as_array().expect("warnings").iter();
            warnings.filter_map(|it| it["code"].as_str()).map(str::to_owned).collect()
        };
        assert!(!codes(&answer["items"][0]).contains(&"same-bytes".to_owned()), "{count}");
        assert!(codes(&answer["items"][1]).contains(&"same-bytes".to_owned()), "{count}");
        // In another command, the same is a doubt again.
        let ran = place.run(&words(["three.example", "four.example"]));
        let refused = if count < 20 { 0 } else { 3 };
        assert_eq!(ran.code, refused, "{count}: {}", ran.stderr);
    }
}

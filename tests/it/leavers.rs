//! `oneseat leavers`: every seat against the employee directories in force (directory.md section 3), rule by rule,
//! and planted leavers among random people.

use serde_json::{Value, json};

use crate::common::Place;

/// The instant that the answers are about: the last second of this day.
const AT: &str = "2026-09-01";

/// When the report of Cloud was taken.
const CLOUD_AT: &str = "2026-01-05";

/// A Cloud row with these verified addresses.
fn row(login: &str, addresses: &[&str]) -> Value {
    json!({"github_com_login": login, "github_com_name": "", "github_com_user": true,
        "license_type": "Enterprise", "github_com_enterprise_roles": ["Member"],
        "github_com_member_roles": ["o:Member"], "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": [], "github_com_saml_name_id": null,
        "github_com_verified_domain_emails": addresses})
}

fn import(place: &Place, file: &str, text: &str, words: &[&str]) -> Value {
    let file = place.write(file, text.as_bytes()).display().to_string();
    place.json(&[&["import", &file], words].concat())
}

/// A ledger with one enterprise, whose members each have one address at `x.example`.
fn ledger(logins: &[&str]) -> Place {
    let rows: Vec<Value> =
        logins.iter().map(|login| row(login, &[&format!("{login}@x.example")])).collect();
    with_rows(&rows)
}

fn with_rows(rows: &[Value]) -> Place {
    let place = Place::new();
    let report =
        json!({"total_seats_consumed": rows.len(), "total_seats_purchased": 100, "users": rows});
    import(
        &place,
        "c.json",
        &report.to_string(),
        &["--enterprise", "corp", "--taken-at", CLOUD_AT],
    );
    place
}

/// An entry of Graph: an id, addresses and whether the account is enabled.
fn entry(id: &str, addresses: &[&str], enabled: Option<bool>) -> Value {
    json!({"id": id, "userPrincipalName": addresses[0], "otherMails": &addresses[1..],
        "accountEnabled": enabled})
}

/// An entry whose id is the local part of its only address.
fn one(login: &str, enabled: Option<bool>) -> Value {
    entry(login, &[&format!("{login}@x.example")], enabled)
}

fn left(login: &str, enabled: bool, at: &str) -> Value {
    let mut entry = one(login, Some(enabled));
    entry["employeeLeaveDateTime"] = json!(at);
    entry
}

fn directory(place: &Place, name: &str, at: &str, entries: &[Value]) -> Value {
    let file = format!("{name}-{at}.json").replace(':', "");
    let words = ["--directory", name, "--taken-at", at, "--accept-short", "a test"];
    import(place, &file, &json!({"value": entries}).to_string(), &words)
}

/// The items, each as why, login and the day of leaving.
fn items(answer: &Value) -> Vec<(String, String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let items = answer["items"].as_array().expect("items").iter();
    items
        .map(|item| {
            let at = text(&item["left_at"]).map(|at| at[..10].to_owned());
            let login = text(&item["login"]).or_else(|| text(&item["seat"])).expect("a name");
            (text(&item["why"]).expect("a reason"), login, at)
        })
        .collect()
}

fn item(why: &str, login: &str, at: Option<&str>) -> (String, String, Option<String>) {
    (why.to_owned(), login.to_owned(), at.map(str::to_owned))
}

fn warned(answer: &Value) -> Vec<String> {
    let warnings = answer["warnings"].as_array().expect("warnings").iter();
    warnings.map(|it| it["code"].as_str().expect("a code").to_owned()).collect()
}

fn ask(place: &Place) -> Value {
    place.json(&["leavers", "--as-of", AT])
}

#[test]
fn without_a_directory_there_is_nothing_to_answer_from() {
    let place = ledger(&["ada"]);
    let ran = place.run(&["leavers"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (7, ""));
    assert!(ran.stderr.contains("no employee directory is in force"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: import one"), "{}", ran.stderr);
    directory(&place, "hr", "2026-09-02", &[one("ada", Some(true))]);
    // It is in force from its own time on only.
    assert_eq!(place.run(&["leavers", "--as-of", AT]).code, 7);
    assert_eq!(place.run(&["leavers", "--as-of", "2026-09-02"]).code, 0);
    assert_eq!(place.run(&["leavers", "--known-on", "2026-01-01"]).code, 7);
    // Nor is one that is retired, or whose only snapshot is voided.
    assert_eq!(place.run(&["snapshots", "void", "2", "--reason", "a test"]).code, 0);
    assert_eq!(place.run(&["leavers", "--as-of", "2026-09-02"]).code, 7);
}

#[test]
fn the_answer_has_exactly_its_keys() {
    let place = ledger(&["ada", "bob"]);
    directory(&place, "hr", "2026-08-01", &[left("ada", false, "2026-07-31T10:00:00Z")]);
    let answer = ask(&place);
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(answer["schema"], "oneseat.leavers/1");
    assert_eq!(
        keys(&answer),
        [
            "as_of",
            "directories",
            "disagreements",
            "items",
            "known_on",
            "schema",
            "summary",
            "warnings"
        ]
    );
    assert_eq!(
        answer["directories"],
        json!([{"name": "hr", "snapshot": 2, "taken_at": "2026-08-01T00:00:00Z", "complete": null,
            "entries": 1}])
    );
    assert_eq!(
        answer["summary"],
        json!({"left": 1, "gone": 0, "unknown": 1, "ambiguous": 0, "excepted": 0, "matched": 0,
            "licenses": 1})
    );
    let first = &answer["items"][0];
    assert_eq!(
        *first,
        json!({"why": "left", "left_at": "2026-07-31T10:00:00Z", "days": 32,
            "seat": "cloud:corp:ada", "kind": "cloud_only", "login": "ada", "name": null,
            "accounts": [{"kind": "cloud", "source": "corp", "login": "ada", "id": null}],
            "entry": {"directory": "hr", "id": "ada"}, "last_active": null, "cost": null,
            "fix": {"actor": "owner", "action": "remove ada from the enterprise corp"}})
    );
    assert_eq!(answer["items"][1]["entry"], Value::Null);
    assert_eq!(answer["items"][1]["days"], Value::Null);
}

#[test]
fn who_is_inactive_or_past_the_date_has_left_and_nobody_else() {
    let place = ledger(&["act", "late", "soon", "unsure", "both", "gonefuture"]);
    directory(
        &place,
        "hr",
        "2026-08-01",
        &[
            one("act", Some(true)),
            left("late", true, "2026-08-15T00:00:00Z"),
            left("soon", true, "2026-12-31T00:00:00Z"),
            one("unsure", None),
            left("both", false, "2026-08-10T00:00:00Z"),
            // Blocked already, with a date that lies ahead: when the person left is not known.
            left("gonefuture", false, "2026-12-31T00:00:00Z"),
        ],
    );
    let answer = ask(&place);
    assert_eq!(
        items(&answer),
        [
            item("left", "both", Some("2026-08-10")),
            item("left", "late", Some("2026-08-15")),
            item("left", "gonefuture", None),
        ]
    );
    assert_eq!(answer["summary"]["matched"], 3);
    let codes = ["active-after-left", "active-not-stated", "never-seen-active"];
    let mut found = warned(&answer);
    found.sort();
    assert_eq!(found, codes);
}

#[test]
fn the_grace_is_exact_and_does_not_apply_to_who_is_gone() {
    let place = ledger(&["ada", "bob", "cho"]);
    directory(&place, "hr", "2026-08-30", &[one("bob", Some(true)), one("cho", Some(true))]);
    let now =
        [left("ada", false, "2026-08-25T23:59:59Z"), left("cho", false, "2026-08-25T23:59:58Z")];
    directory(&place, "hr", "2026-08-31", &now);
    // T is the last second of the day. Ada left exactly seven days before.
    let answer = ask(&place);
    let (cho, bob) =
        (item("left", "cho", Some("2026-08-25")), item("gone", "bob", Some("2026-08-31")));
    assert_eq!(items(&answer), [cho.clone(), bob.clone()]);
    let ada = item("left", "ada", Some("2026-08-25"));
    let with = |grace: &str| items(&place.json(&["leavers", "--as-of", AT, "--grace", grace]));
    assert_eq!(with("6d"), [cho.clone(), ada, bob.clone()]);
    assert_eq!(with("2w"), [bob]);
    assert_eq!(place.run(&["leavers", "--grace", "soon"]).code, 2);
}

#[test]
fn fail_on_counts_who_left_and_who_is_gone() {
    let place = ledger(&["ada", "bob", "cho"]);
    directory(&place, "hr", "2026-08-01", &[one("ada", Some(true)), one("bob", Some(true))]);
    directory(&place, "hr", "2026-08-02", &[left("ada", false, "2026-08-01T00:00:00Z")]);
    let code = |n: &str| place.run(&["leavers", "--as-of", AT, "--fail-on", n]).code;
    assert_eq!(ask(&place)["summary"]["licenses"], 2);
    assert_eq!([code("1"), code("2"), code("3")], [1, 1, 0]);
    assert_eq!([code("0"), code("x")], [2, 2]);
}

#[test]
fn without_a_date_the_unbroken_run_of_inactivity_says_since_when() {
    let place = ledger(&["run", "again", "never", "gap", "unsaid"]);
    let days: [(&str, [Option<Option<bool>>; 5]); 5] = [
        (
            "2026-05-01",
            [Some(Some(true)), Some(Some(true)), Some(Some(false)), Some(Some(true)), Some(None)],
        ),
        (
            "2026-06-01",
            [
                Some(Some(false)),
                Some(Some(false)),
                Some(Some(false)),
                Some(Some(false)),
                Some(None),
            ],
        ),
        (
            "2026-07-01",
            [Some(Some(false)), Some(Some(true)), Some(Some(false)), None, Some(Some(false))],
        ),
        (
            "2026-08-01",
            [
                Some(Some(false)),
                Some(Some(false)),
                Some(Some(false)),
                Some(Some(false)),
                Some(Some(false)),
            ],
        ),
        (
            "2026-08-15",
            [
                Some(Some(false)),
                Some(Some(false)),
                Some(Some(false)),
                Some(Some(false)),
                Some(Some(false)),
            ],
        ),
    ];
    let names = ["run", "again", "never", "gap", "unsaid"];
    let import = |place: &Place, order: &[usize]| {
        for at in order {
            let (day, said) = &days[*at];
            let entries: Vec<Value> = names
                .iter()
                .zip(said)
                .filter_map(|(name, said)| said.map(|said| one(name, said)))
                .collect();
            directory(place, "hr", day, &entries);
        }
    };
    import(&place, &[0, 1, 2, 3, 4]);
    let expected = [
        // The list that lacks the entry shows nobody active, so it breaks no run.
        item("left", "gap", Some("2026-06-01")),
        item("left", "run", Some("2026-06-01")),
        // What did not say before says otherwise.
        item("left", "unsaid", Some("2026-07-01")),
        item("left", "again", Some("2026-08-01")),
        // Nothing shows when this one left: it comes last.
        item("left", "never", None),
    ];
    let answer = ask(&place);
    assert_eq!(items(&answer), expected);
    assert_eq!(warned(&answer), ["never-seen-active"]);
    let last = &answer["items"][4];
    assert!(last["fix"]["action"].as_str().unwrap().starts_with("ask whose never is"), "{last}");
    // No grace applies to it.
    let patient = place.json(&["leavers", "--as-of", AT, "--grace", "500d"]);
    assert_eq!(items(&patient), expected[4..]);
    // The order of the imports shows nowhere.
    let other = ledger(&names);
    import(&other, &[3, 0, 4, 2, 1]);
    assert_eq!(items(&ask(&other)), expected);
    // A partial snapshot or a voided one decides nothing.
    let file =
        place.write("p.json", json!({"value": [one("run", Some(true))]}).to_string().as_bytes());
    let file = file.display().to_string();
    place.json(&["import", &file, "--directory", "hr", "--taken-at", "2026-08-10", "--partial"]);
    assert_eq!(items(&ask(&place)), expected);
    place.json(&["snapshots", "void", "2", "--reason", "a test"]);
    let run = items(&ask(&place)).into_iter().find(|it| it.1 == "run");
    assert_eq!(run, Some(item("left", "run", None)));
}

#[test]
fn an_expired_account_has_left_at_its_expiry() {
    let place = ledger(&["exp", "stays"]);
    // 100 ns since 1601: 2026-07-31T00:00:00Z, and never.
    let ldif = "dn: cn=exp\nobjectClass: person\nmail: exp@x.example\nuserAccountControl: 512\n\
                accountExpires: 134299296000000000\n\n\
                dn: cn=stays\nobjectClass: person\nmail: stays@x.example\nuserAccountControl: 512\n\
                accountExpires: 9223372036854775807\n";
    import(&place, "d.ldif", ldif, &["--directory", "ad", "--taken-at", "2026-06-01"]);
    assert_eq!(items(&ask(&place)), [item("left", "exp", Some("2026-07-31"))]);
    // Before its expiry the account is active.
    assert_eq!(items(&place.json(&["leavers", "--as-of", "2026-07-30"])), []);
}

#[test]
fn of_several_entries_with_one_address_the_only_active_one_counts() {
    let shared = "p@x.example";
    let later = |id: &str, at: &str| {
        let mut entry = entry(id, &[shared], Some(false));
        entry["employeeLeaveDateTime"] = json!(at);
        entry
    };
    let cases: [(&[Value], &str, Option<&str>); 6] = [
        (&[entry("a", &[shared], Some(false)), entry("b", &[shared], Some(true))], "matched", None),
        (
            &[later("a", "2026-07-01"), later("b", "2026-08-02"), later("c", "2026-06-01")],
            "left",
            Some("b"),
        ),
        (&[entry("a", &[shared], Some(false)), later("b", "2026-08-02")], "left", Some("b")),
        (
            &[entry("a", &[shared], Some(true)), entry("b", &[shared], Some(true))],
            "ambiguous",
            None,
        ),
        (&[entry("a", &[shared], Some(false)), entry("b", &[shared], None)], "ambiguous", None),
        (&[entry("a", &[shared], Some(true)), entry("b", &[shared], None)], "matched", None),
    ];
    for (entries, why, id) in cases {
        let place = ledger(&["p", "other"]);
        directory(&place, "hr", "2026-08-20", &[entries, &[one("other", Some(true))]].concat());
        let answer = ask(&place);
        assert_eq!(answer["summary"][why], if why == "matched" { 2 } else { 1 }, "{answer:#}");
        if why != "matched" {
            assert_eq!(answer["items"][0]["why"], why);
            let expected = id.map_or(Value::Null, |id| json!({"directory": "hr", "id": id}));
            assert_eq!(answer["items"][0]["entry"], expected, "{answer:#}");
        }
        if why == "ambiguous" {
            let fix = &answer["items"][0]["fix"];
            assert_eq!(fix["actor"], "identity-admin");
            assert!(fix["action"].as_str().unwrap().contains("several entries of hr"), "{fix}");
        }
    }
}

#[test]
fn an_active_entry_in_any_directory_beats_and_directories_that_disagree_are_named() {
    let place = ledger(&["ada", "bob", "cho", "dan", "eve"]);
    let gone = [one("dan", Some(true)), one("eve", Some(true))];
    directory(&place, "a-hr", "2026-07-01", &gone);
    let past = "2026-07-01T00:00:00Z";
    directory(
        &place,
        "a-hr",
        "2026-08-01",
        &[left("ada", false, past), left("bob", false, past), one("cho", None)],
    );
    let entra =
        [one("ada", Some(true)), one("cho", Some(false)), one("dan", Some(true)), one("eve", None)];
    directory(&place, "b-entra", "2026-08-01", &entra);
    let answer = ask(&place);
    assert_eq!(
        items(&answer),
        [
            item("left", "bob", Some("2026-07-01")),
            // Gone from one directory, while the other does not say.
            item("gone", "eve", Some("2026-08-01")),
            // The other directory does not say whether cho is active.
            item("left", "cho", None),
        ]
    );
    let says = |directory: &str, id: &str, says: &str| json!({"directory": directory, "id": id, "says": says});
    assert_eq!(
        answer["disagreements"],
        json!([
            {"seat": "cloud:corp:ada",
                "entries": [says("a-hr", "ada", "left"), says("b-entra", "ada", "active")]},
            {"seat": "cloud:corp:dan",
                "entries": [says("a-hr", "dan", "gone"), says("b-entra", "dan", "active")]},
        ])
    );
    assert_eq!(answer["directories"].as_array().map(Vec::len), Some(2));
    let page = place.run(&["leavers", "--as-of", AT]).stdout;
    assert!(page.contains("The directories disagree about 2 seats"), "{page}");
    // Within the grace nobody disagrees.
    let patient = place.json(&["leavers", "--as-of", AT, "--grace", "90d"]);
    assert_eq!(patient["disagreements"].as_array().map(Vec::len), Some(1), "{patient:#}");
}

#[test]
fn who_was_in_an_earlier_snapshot_is_gone_since_the_first_without_them() {
    let place = ledger(&["ada", "bob", "cho", "dan", "never"]);
    let at = |login: &str, id: &str| entry(id, &[&format!("{login}@x.example")], Some(true));
    directory(
        &place,
        "hr",
        "2026-05-01",
        &[at("ada", "1"), at("bob", "2"), at("cho", "3"), at("dan", "4"), at("dan", "5")],
    );
    // Bob's address was changed, and his id is still there; so is that of cho, who is inactive under a new address.
    let inactive = |id: &str, on: &str| {
        let mut entry = entry(id, &["new-name@x.example"], Some(false));
        entry["employeeLeaveDateTime"] = json!(on);
        entry
    };
    directory(&place, "hr", "2026-06-01", &[at("ada", "1"), at("b.new", "2"), at("cho", "3")]);
    directory(
        &place,
        "hr",
        "2026-07-01",
        &[at("a.new", "1"), at("b.new", "2"), inactive("3", "2026-06-15")],
    );
    directory(&place, "hr", "2026-08-01", &[at("b.new", "2"), inactive("3", "2026-06-15")]);
    let answer = ask(&place);
    assert_eq!(
        items(&answer),
        [
            item("left", "cho", Some("2026-06-15")),
            // Ada's id was there in July, under another address.
            item("gone", "ada", Some("2026-08-01")),
            item("unknown", "never", None),
            // Two entries had the address of dan, and none has it now.
            item("ambiguous", "dan", None),
        ]
    );
    assert_eq!(answer["items"][1]["entry"]["id"], "1");
    assert_eq!(answer["summary"]["matched"], 1, "bob");
    // What is said of an earlier instant does not know the later snapshots.
    let june = items(&place.json(&["leavers", "--as-of", "2026-06-30"]));
    assert_eq!(june, [item("unknown", "never", None), item("ambiguous", "dan", None)]);
}

#[test]
fn an_address_that_was_given_again_belongs_to_the_entry_in_force() {
    let place = ledger(&["p"]);
    let with = |id: &str| entry(id, &["p@x.example"], Some(true));
    directory(&place, "hr", "2026-05-01", &[with("1")]);
    directory(&place, "hr", "2026-06-01", &[with("2")]);
    assert_eq!(ask(&place)["summary"]["matched"], 1);
}

#[test]
fn mapped_logins_count_where_no_entry_has_an_address() {
    let place = with_rows(&[row("Ada", &[]), row("bob", &["bob@x.example"]), row("cho", &[])]);
    let header = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,last_active,raw_login,2fa_enabled?";
    let server = format!(
        "{header}\n2020-01-01,7,dan,dan@y.example,user,false,,,,,false,2026-08-30,,\n2020-01-01,8,eve,eve@y.example,user,false,,,,,false,,,\n"
    );
    import(&place, "s.csv", &server, &["--host", "ghes1.corp.example", "--taken-at", AT]);
    let config = place.write(
        "oneseat.toml",
        b"[directory.hr]\nid = \"No\"\nemails = [\"Mail\"]\nlogins = [\"GitHub\"]\n\
          server_logins = { \"ghes1.corp.example\" = \"Ghes\" }\n\
          active = { column = \"Status\", is = [\"Active\"] }\nleft = \"Left\"\n",
    );
    let config = config.display().to_string();
    let table = "No,Mail,GitHub,Ghes,Status,Left\n\
                 1,a@hr.example,ada,,Gone,2026-07-31\n\
                 2,bob@x.example,,,Active,\n\
                 3,b@hr.example,bob,,Gone,2026-07-31\n\
                 4,c@hr.example,CHO,,Active,\n\
                 5,d@hr.example,,DAN,Gone,2026-06-30\n\
                 6,e@hr.example,dan,eve,Active,\n";
    import(
        &place,
        "hr.csv",
        table,
        &["--directory", "hr", "--taken-at", "2026-08-30", "--config", &config],
    );
    let answer = ask(&place);
    assert_eq!(
        items(&answer),
        [item("left", "dan", Some("2026-06-30")), item("left", "Ada", Some("2026-07-31"))]
    );
    let dan = &answer["items"][0];
    assert_eq!(dan["seat"], "server:ghes1.corp.example:7");
    assert_eq!(dan["kind"], "server_only");
    assert_eq!(dan["last_active"], "2026-08-30T00:00:00Z");
    assert_eq!(
        dan["fix"],
        json!({"actor": "server-admin", "action": "suspend dan on ghes1.corp.example"})
    );
    assert_eq!(
        dan["accounts"],
        json!([{"kind": "server", "source": "ghes1.corp.example", "login": "dan", "id": "7"}])
    );
    assert_eq!(answer["summary"]["matched"], 3);
}

#[test]
fn the_answer_says_what_it_rests_on() {
    let place = ledger(&["ada"]);
    directory(&place, "hr", "2026-08-01", &[one("ada", Some(true))]);
    place.json(&["sources", "set", "corp", "--billing-model", "metered"]);
    let words = ["leavers", "--known-on", "2027-01-01"];
    assert_eq!(place.json(&words)["known_on"], "2027-01-01T23:59:59Z");
    assert_eq!(place.json(&words[..1])["known_on"], Value::Null);
    let page = place.run(&words).stdout;
    for said in ["Known on 2027-01-01T23:59:59Z", "Billing model: metered"] {
        assert!(page.contains(said), "{page}");
    }
}

#[test]
fn only_the_enterprise_that_is_asked_for_is_judged() {
    let place = ledger(&["ada"]);
    let report = json!({"total_seats_consumed": 1, "total_seats_purchased": 1,
        "users": [row("bob", &["bob@x.example"])]});
    let words = ["--enterprise", "labs", "--taken-at", CLOUD_AT];
    import(&place, "labs.json", &report.to_string(), &words);
    let past = "2026-07-01T00:00:00Z";
    directory(&place, "hr", "2026-08-01", &[left("ada", false, past), left("bob", false, past)]);
    assert_eq!(ask(&place)["summary"]["licenses"], 2);
    let labs = place.json(&["leavers", "--as-of", AT, "--enterprise", "labs"]);
    assert_eq!(items(&labs), [item("left", "bob", Some("2026-07-01"))]);
}

#[test]
fn seats_of_roles_are_excepted() {
    let rows = [
        row("jenkins-2", &["ada@x.example"]),
        row("ada", &["info@x.example", "svc1@x.example"]),
        row("bob", &["info@x.example", "bob@x.example"]),
        row("bare", &[]),
    ];
    let place = with_rows(&rows);
    let past = "2026-07-01T00:00:00Z";
    directory(
        &place,
        "hr",
        "2026-08-01",
        &[left("ada", false, past), left("info", false, past), one("bob", Some(true))],
    );
    let answer = ask(&place);
    assert_eq!(answer["summary"]["excepted"], 2);
    assert_eq!(answer["summary"]["matched"], 1, "bob's only active entry counts");
    assert_eq!(items(&answer), [item("unknown", "bare", None)]);
    let action = answer["items"][0]["fix"]["action"].as_str().unwrap().to_owned();
    assert!(action.contains("no file states an address"), "{action}");
}

#[test]
fn a_person_with_several_seats_counts_once_for_each() {
    let rows = [row("ada", &["ada@x.example"]), row("ada2", &["ada.two@x.example"])];
    let place = with_rows(&rows);
    let mut entry = entry("1", &["ada@x.example", "ada.two@x.example"], Some(false));
    entry["employeeLeaveDateTime"] = json!("2026-07-01T00:00:00Z");
    directory(&place, "hr", "2026-08-01", &[entry]);
    assert_eq!(ask(&place)["summary"]["licenses"], 2);
}

#[test]
fn a_seat_of_cloud_and_server_is_one_item_with_both_accounts() {
    let place = ledger(&["ada"]);
    let export = json!({"instance": {"server_id": "x", "host_name": "ghes1.corp.example", "version": "3.17.2"},
        "users": [{"user_id": 1, "login": "ada1", "name": null, "suspended": false,
            "emails": [{"email": "ada@x.example", "primary": true},
                {"email": "private@y.example", "primary": false}]}]});
    import(&place, "s.json", &export.to_string(), &["--taken-at", AT]);
    // Only a secondary address of the Server account is in the directory.
    let mut entry = entry("1", &["private@y.example"], Some(false));
    entry["employeeLeaveDateTime"] = json!("2026-07-01T00:00:00Z");
    directory(&place, "hr", "2026-08-01", &[entry]);
    let answer = ask(&place);
    let ada = &answer["items"][0];
    assert_eq!((&ada["kind"], &ada["why"]), (&json!("cloud_and_server"), &json!("left")));
    assert_eq!(ada["accounts"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        ada["fix"]["action"],
        "remove ada from the enterprise corp, and suspend ada1 on ghes1.corp.example"
    );
    place.json(&["sources", "set", "corp", "--billing-model", "emu"]);
    assert_eq!(ask(&place)["items"][0]["fix"]["actor"], "identity-admin");
}

#[test]
fn the_wrong_list_is_said_in_the_first_line() {
    let logins = ["a1x", "b1x", "c1x", "d1x", "e1x"];
    let first = |place: &Place| {
        place.run(&["leavers", "--as-of", AT]).stdout.lines().next().unwrap().to_owned()
    };
    // Two of five are not found: 40 %.
    let place = ledger(&logins);
    let three: Vec<Value> = logins[..3].iter().map(|it| one(it, Some(true))).collect();
    directory(&place, "hr", "2026-08-01", &three);
    assert_eq!(warned(&ask(&place)), ["directory-match-low"]);
    let line = first(&place);
    assert!(
        line.starts_with("! Probably the wrong list: 2 seats are found in no directory, of 5"),
        "{line}"
    );
    // One of five is.
    let place = ledger(&logins);
    let four: Vec<Value> = logins[..4].iter().map(|it| one(it, Some(true))).collect();
    directory(&place, "hr", "2026-08-01", &four);
    assert_eq!(warned(&ask(&place)), [""; 0]);
    assert!(first(&place).starts_with("Seats of people who have left, as of"), "{}", first(&place));
    // Another directory in which nobody is found.
    directory(&place, "labs", "2026-08-01", &[one("stranger", Some(true))]);
    assert_eq!(warned(&ask(&place)), ["directory-match-low"]);
    assert!(first(&place).contains("no seat is found in labs"), "{}", first(&place));
}

#[test]
fn many_people_gone_are_said_in_the_first_line_and_half_a_list_is_refused() {
    let names: Vec<String> = (0..40).map(|number| format!("p{number}q")).collect();
    let logins: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = ledger(&logins);
    let some = |count: usize| -> Vec<Value> {
        logins[..count].iter().map(|it| one(it, Some(true))).collect()
    };
    directory(&place, "hr", "2026-07-01", &some(40));
    directory(&place, "hr", "2026-08-01", &some(35));
    assert_eq!(warned(&ask(&place)), [""; 0], "5 of 40 are not many");
    directory(&place, "hr", "2026-08-02", &some(29));
    let answer = ask(&place);
    assert_eq!(warned(&answer), ["many-gone"]);
    assert_eq!(answer["summary"]["gone"], 11);
    let page = place.run(&["leavers", "--as-of", AT]).stdout;
    let line = page.lines().next().unwrap();
    assert!(
        line.starts_with("! 6 of the 35 people in the list of hr before are missing"),
        "{line}"
    );
    let half = json!({"value": some(14)}).to_string();
    let half = place.write("half.json", half.as_bytes()).display().to_string();
    let ran = place.run(&["import", &half, "--directory", "hr", "--taken-at", "2026-08-03"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert_eq!(ask(&place)["summary"]["gone"], 11, "nothing of it was stored");
}

#[test]
fn the_id_of_an_entry_is_null_where_only_its_digest_is_known() {
    let place = Place::new();
    let past = "2026-07-01T00:00:00Z";
    directory(&place, "hr", "2026-08-01", &[left("ada", false, past)]);
    let report = json!({"total_seats_consumed": 1, "total_seats_purchased": 1,
        "users": [row("ada", &["ada@x.example"])]});
    import(&place, "c.json", &report.to_string(), &["--enterprise", "corp", "--taken-at", AT]);
    assert_eq!(ask(&place)["items"][0]["entry"], json!({"directory": "hr", "id": null}));
    // The same file again states it.
    directory(&place, "hr", "2026-08-01", &[left("ada", false, past)]);
    assert_eq!(ask(&place)["items"][0]["entry"], json!({"directory": "hr", "id": "ada"}));
}

#[test]
fn the_page_shows_who_acts_and_counts() {
    let names: Vec<String> = (0..60).map(|number| format!("p{number}q")).collect();
    let logins: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = ledger(&logins);
    let mut entries: Vec<Value> = logins[..38].iter().map(|it| one(it, Some(true))).collect();
    entries.push(left(logins[38], false, "2026-07-01T00:00:00Z"));
    directory(&place, "hr", "2026-08-01", &entries);
    let page = place.run(&["leavers", "--as-of", AT]).stdout;
    for said in [
        "remove p38q from the enterprise corp",
        "1 license is taken by people who have left: 1 left, 0 gone. Other seats: 38 matched, 21 unknown.",
        "Compared with hr, 39 people on 2026-08-01T00:00:00Z (#2).",
        "1 more unknown seat is not shown; `--json` lists all.",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let csv = place.run(&["leavers", "--as-of", AT, "--format", "csv"]).stdout;
    let header = csv.lines().next().unwrap();
    assert_eq!(
        header,
        "why,left_at,days,seat,kind,login,name,accounts,entry.directory,entry.id,last_active,\
         cost.currency,cost.amount,fix.actor,fix.action"
    );
    assert_eq!(csv.lines().count(), 23);
}

/// A small generator of numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

#[test]
fn planted_leavers_are_found_and_nobody_else() {
    const PEOPLE: usize = 3000;
    let dates =
        ["2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"];
    let mut numbers = Numbers(7);
    // The fate of each person, and the first date at which it shows.
    let fates: Vec<(usize, usize)> =
        (0..PEOPLE).map(|_| (numbers.below(12), 1 + numbers.below(dates.len() - 1))).collect();
    let address = |number: usize, old: bool| match old {
        true => format!("Old.{number}@x.example"),
        false => format!("p{number}q@x.example"),
    };
    let list = |at: usize| -> Vec<Value> {
        let mut entries = Vec::new();
        for (number, (fate, from)) in fates.iter().enumerate() {
            let is_over = at >= *from;
            let id = format!("id-{number}");
            // One in three is known by two addresses, of which Cloud has the older one.
            let both = [address(number, false), address(number, true)];
            let both: Vec<&str> = both.iter().map(String::as_str).collect();
            match fate {
                // Blocked from a date on.
                0 => entries.push(entry(&id, &both, Some(!is_over))),
                // Deleted from a date on.
                1 if is_over => {}
                // A date of leaving.
                2 if is_over => {
                    let mut it = entry(&id, &both, Some(false));
                    it["employeeLeaveDateTime"] = json!(dates[*from]);
                    entries.push(it);
                }
                // Married: another address, and the old one is gone; the id stays.
                3 if is_over => {
                    entries.push(entry(&id, &[&format!("m{number}q@y.example")], Some(true)))
                }
                // A contractor who became an employee: two ids with the same addresses.
                4 => {
                    entries.push(entry(&id, &both, Some(!is_over)));
                    entries.extend(
                        is_over.then(|| entry(&format!("new-{number}"), &both, Some(true))),
                    );
                }
                // Leaves in the future.
                5 => {
                    let mut it = entry(&id, &both, Some(true));
                    it["employeeLeaveDateTime"] = json!("2027-01-01");
                    entries.push(it);
                }
                // Blocked for a time, and back again.
                6 => entries.push(entry(&id, &both, Some(at != 2))),
                _ => entries.push(entry(&id, &both, Some(true))),
            }
        }
        entries
    };
    let rows: Vec<Value> = (0..PEOPLE)
        .map(|number| row(&format!("p{number}q"), &[&address(number, number % 3 == 0)]))
        .collect();
    let place = with_rows(&rows);
    for (at, date) in dates.iter().enumerate() {
        directory(&place, "hr", date, &list(at));
    }
    let answer = ask(&place);
    let mut found: Vec<(String, String, Option<String>)> = items(&answer);
    found.sort();
    let mut expected: Vec<(String, String, Option<String>)> = fates
        .iter()
        .enumerate()
        .filter_map(|(number, (fate, from))| {
            let why = match fate {
                0 | 2 => "left",
                1 => "gone",
                _ => return None,
            };
            Some(item(why, &format!("p{number}q"), Some(dates[*from])))
        })
        .collect();
    expected.sort();
    assert!(expected.len() > 500, "{}", expected.len());
    assert_eq!(found, expected);
    // At an earlier date, only those who had left by then.
    let early = place.json(&["leavers", "--as-of", AT, "--grace", "100d"]);
    assert!(early["summary"]["left"].as_u64() < answer["summary"]["left"].as_u64());
    assert_eq!(early["summary"]["gone"], answer["summary"]["gone"]);
}

/// A ledger with an HR table, read by this mapping in addition to the id and the address.
fn mapped(logins: &[&str], mapping: &str, table: &str) -> Place {
    let place = ledger(logins);
    let config = format!("[directory.hr]\nid = \"No\"\nemails = [\"Mail\"]\n{mapping}\n");
    let config = place.write("oneseat.toml", config.as_bytes()).display().to_string();
    let words = ["--directory", "hr", "--taken-at", "2026-08-30", "--config", &config];
    import(&place, "hr.csv", table, &words);
    place
}

const STATUS: &str = "active = { column = \"Status\", is = [\"Active\", \"On leave\"] }";

#[test]
fn two_employments_of_one_number_are_one_person() {
    let table = "No,Mail,Status,Left\n\
        7,ines@x.example,Active,\n7,ines@x.example,Terminated,2024-12-31\n\
        8,otto@x.example,Terminated,2022-06-30\n8,otto@x.example,Active,\n\
        9,pia@x.example,Terminated,2022-06-30\n9,pia@x.example,Terminated,2025-06-30\n";
    let place = mapped(&["ines", "otto", "pia"], &format!("{STATUS}\nleft = \"Left\""), table);
    assert_eq!(items(&ask(&place)), [item("left", "pia", Some("2025-06-30"))]);
}

#[test]
fn an_old_end_date_counts_unless_the_date_of_hire_is_later() {
    let table = "No,Mail,Status,Hired,Left\n\
        7,ines@x.example,Active,2026-03-01,2024-12-31\n\
        8,otto@x.example,Active,2015-01-01,2026-08-15\n\
        9,pia@x.example,Active,2020-01-01,2026-12-31\n";
    let logins = ["ines", "otto", "pia"];
    let with = format!("{STATUS}\nleft = \"Left\"\nhired = \"Hired\"");
    let answer = ask(&mapped(&logins, &with, table));
    let otto = item("left", "otto", Some("2026-08-15"));
    assert_eq!(items(&answer), std::slice::from_ref(&otto), "{answer:#}");
    assert_eq!(warned(&answer), ["active-after-left"]);
    let answer = ask(&mapped(&logins, &format!("{STATUS}\nleft = \"Left\""), table));
    assert_eq!(items(&answer), [item("left", "ines", Some("2024-12-31")), otto]);
    let message = answer["warnings"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("2 seats have an entry that is active although"), "{message}");
}

#[test]
fn end_dates_that_mean_never_are_none() {
    let table = "No,Mail,Left\n1,ada@x.example,31.12.9999\n2,bob@x.example,00.00.0000\n\
        3,cho@x.example,15.08.2026\n4,dan@x.example,01.02.2026\n5,eve@x.example,\n";
    let place = mapped(&["ada", "bob", "cho", "dan", "eve"], "left = \"Left\"", table);
    let answer = ask(&place);
    let left = [item("left", "dan", Some("2026-02-01")), item("left", "cho", Some("2026-08-15"))];
    assert_eq!(items(&answer), left);
    assert_eq!(answer["summary"]["matched"], 3);
    assert_eq!(warned(&answer), ["active-not-stated"]);
}

#[test]
fn a_word_that_the_mapping_lacks_calls_nobody_a_leaver() {
    let table = "No,Mail,Status\n1,ada@x.example,ACTIVE\n2,bob@x.example, terminated \n\
        3,cho@x.example,Sabbatical\n4,dan@x.example,\n";
    let both = "active = { column = \"Status\", is = [\"Active\"], not = [\"Terminated\"] }";
    let logins = ["ada", "bob", "cho", "dan"];
    let answer = ask(&mapped(&logins, both, table));
    assert_eq!(items(&answer), [item("left", "bob", None)]);
    let message =
        answer["warnings"].as_array().unwrap().iter().find(|it| it["code"] == "active-not-stated");
    let message = message.expect("a warning")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("the entries of 2 seats do not state"), "{message}");
    // With the words that mean active alone, every other word means inactive, and an empty cell nothing.
    let answer = ask(&mapped(&logins, STATUS, table));
    assert_eq!(items(&answer), [item("left", "bob", None), item("left", "cho", None)]);
}

#[test]
fn the_two_answers_of_okta_are_one_list() {
    let place = ledger(&["p1", "p3", "p4"]);
    let user = |id: &str, status: &str, changed: &str| {
        let address = format!("p{id}@x.example");
        json!({"id": format!("00u{id}"), "status": status, "created": "2024-01-01T00:00:00.000Z",
            "statusChanged": changed, "profile": {"login": address, "email": address,
            "firstName": "P", "lastName": id}})
    };
    let pages = [
        json!([user("1", "ACTIVE", "2024-01-01T00:00:00.000Z")]),
        json!([
            user("3", "DEPROVISIONED", "2026-06-30T16:00:00.000Z"),
            user("4", "DEPROVISIONED", "2026-08-31T16:00:00.000Z")
        ]),
    ];
    let files = pages.iter().enumerate().map(|(page, text)| {
        place.write(&format!("{page}.json"), text.to_string().as_bytes()).display().to_string()
    });
    let files: Vec<String> = files.collect();
    let words =
        ["import", "--pages", &files[0], &files[1], "--directory", "okta", "--taken-at", AT];
    place.json(&words);
    let answer = ask(&place);
    assert_eq!(items(&answer), [item("left", "p3", Some("2026-06-30"))]);
    assert_eq!(answer["items"][0]["entry"], json!({"directory": "okta", "id": "00u3"}));
    assert_eq!(answer["summary"]["matched"], 2, "p4 has left within the grace");
}

/// Account off now, official end later: the person has left all the time.
#[test]
fn who_has_been_inactive_for_long_is_not_matched_when_the_date_of_leaving_passes() {
    let place = ledger(&["ada", "ben"]);
    let ben = || one("ben", Some(true));
    directory(&place, "hr", "2026-01-10", &[one("ada", Some(true)), ben()]);
    directory(&place, "hr", "2026-02-01", &[left("ada", false, "2026-06-15T00:00:00Z"), ben()]);
    for (at, left_at) in [
        ("2026-02-10", "2026-02-01"),
        ("2026-06-14", "2026-02-01"),
        ("2026-06-15", "2026-06-15"),
        ("2026-06-20", "2026-06-15"),
        ("2026-06-30", "2026-06-15"),
    ] {
        let answer = place.json(&["leavers", "--as-of", at]);
        assert_eq!(items(&answer), [item("left", "ada", Some(left_at))], "{at}");
    }
}

/// Nobody saw the person active in between: a list that lacks the entry breaks no run.
#[test]
fn a_list_that_lacks_a_person_does_not_make_the_absence_begin_again() {
    let place = ledger(&["ada", "ben", "gus"]);
    let with = |ada: &[Value], gus: Option<bool>| {
        [ada, &[one("ben", Some(true)), one("gus", gus)]].concat()
    };
    let off = [one("ada", Some(false))];
    directory(&place, "hr", "2026-01-10", &with(&[one("ada", Some(true))], None));
    directory(&place, "hr", "2026-02-01", &with(&off, Some(false)));
    directory(&place, "hr", "2026-03-01", &with(&[], Some(false)));
    directory(&place, "hr", "2026-03-21", &with(&off, Some(false)));
    // What did not say before says otherwise.
    let gus = item("left", "gus", Some("2026-02-01"));
    let answer = place.json(&["leavers", "--as-of", "2026-03-20"]);
    let gone = item("gone", "ada", Some("2026-03-01"));
    assert_eq!(items(&answer), [gus.clone(), gone]);
    let answer = place.json(&["leavers", "--as-of", "2026-03-22"]);
    assert_eq!(items(&answer), [item("left", "ada", Some("2026-02-01")), gus]);
    let entries = place.json(&["explain", "ada", "--as-of", "2026-03-22"]);
    assert_eq!(entries["people"][0]["entries"][0]["left_at"], "2026-02-01T00:00:00Z");
}

#[test]
fn rows_alone_come_with_the_warning_that_the_list_is_the_wrong_one() {
    let place = ledger(&["ada", "ben", "cyd"]);
    directory(&place, "hr", "2026-02-01", &[one("zed", Some(true)), one("zoe", Some(true))]);
    for (format, warns) in [("csv", true), ("ndjson", true), ("json", false), ("table", false)] {
        let ran = place.run(&["leavers", "--as-of", AT, "--format", format]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(
            ran.stderr.contains("probably the wrong list"),
            warns,
            "{format}: {}",
            ran.stderr
        );
    }
}

/// Details that are added to a snapshot are nothing that voiding the snapshot takes back.
#[test]
fn the_same_list_again_is_no_snapshot_to_take_back() {
    let place = Place::new();
    let list = json!({"value": [one("ada", Some(true)), one("ben", Some(true))]}).to_string();
    let file = place.write("hr.json", list.as_bytes()).display().to_string();
    let words = ["import", &file, "--directory", "hr", "--taken-at", "2026-02-01"];
    let first = place.run(&words);
    assert!(first.stderr.contains("undo: "), "{}", first.stderr);
    let report = json!({"total_seats_consumed": 1, "total_seats_purchased": 9,
        "users": [row("ada", &["ada@x.example"])]});
    let options = ["--enterprise", "corp", "--taken-at", CLOUD_AT];
    import(&place, "c.json", &report.to_string(), &options);
    let again = place.run(&words);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(!again.stderr.contains("undo: "), "{}", again.stderr);
}

#[test]
fn seats_by_unit_say_when_no_directory_is_in_force() {
    let place = ledger(&["ada", "ben"]);
    directory(&place, "hr", "2026-02-01", &[one("ada", Some(true))]);
    let answer = |at: &str| place.json(&["seats", "--by", "unit", "--as-of", at]);
    let before = answer("2026-01-31");
    assert_eq!(before["lines"][0]["part"], "(no entry)");
    assert_eq!(warned(&before), ["no-directory"]);
    assert_eq!(warned(&answer("2026-02-02")), Vec::<String>::new());
    let span = ["seats", "--by", "unit", "--period", "month", "--from", CLOUD_AT, "--as-of"];
    let answer = place.json(&[&span[..], &["2026-02-02"]].concat());
    assert_eq!(warned(&answer), ["no-directory"], "of January");
}

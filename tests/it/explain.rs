//! `explain` for every kind of person: the seat, its reason, the equal values, and the history.

use serde_json::{Value, json};

use crate::common::Place;

const HOST: &str = "ghes1.corp.example";
const DATES: [&str; 3] = ["2026-03-02T08:00:00Z", "2026-03-09T08:00:00Z", "2026-03-16T08:00:00Z"];

/// A Cloud account.
fn user(login: &str, verified: &[&str], server: Option<(&str, &str)>) -> Value {
    let (ids, emails): (Vec<&str>, Vec<&str>) = server.into_iter().unzip();
    json!({
        "github_com_login": login,
        "github_com_user": true,
        "github_com_verified_domain_emails": verified,
        "enterprise_server_user": !ids.is_empty(),
        "enterprise_server_user_ids": ids,
        "enterprise_server_primary_emails": emails,
        "license_type": "Enterprise",
        "total_user_accounts": 1 + ids.len(),
    })
}

/// Three reports of Cloud and two of an instance: bob leaves and comes back, gus leaves, ren is renamed to rena
/// later.
fn ledger() -> Place {
    let place = Place::new();
    let staying = [
        user("cloe", &["cloe@corp.example"], None),
        user("ada-l", &["ada@corp.example"], Some(("ghes1.corp.example:1", "ada@corp.example"))),
        user("ivy", &["ivy@corp.example"], Some(("ghes1.corp.example:2", "secret@hidden.example"))),
        user("dee-d", &["dee@corp.example"], None),
        json!({"github_com_login": "new@corp.example", "github_com_user": false}),
        json!({"github_com_login": "", "github_com_user": false, "visual_studio_subscription_user": true,
            "visual_studio_subscription_email": "vic@ms.example"}),
    ];
    let (bob, gus) = (user("bob", &["bob@corp.example"], None), user("gus", &[], None));
    let users = |rows: &[&Value]| {
        let users: Vec<&Value> = staying.iter().chain(rows.iter().copied()).collect();
        json!({"total_seats_consumed": users.len(), "total_seats_purchased": 50, "users": users})
            .to_string()
    };
    let server = |login: &str| {
        "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,last_active,\
         raw_login,2fa_enabled?\n"
            .to_owned()
            + &[
                "1,countess, Ada@corp.example,false",
                "2,iv,secret@hidden.example,false",
                "3,deirdre,dee@old.example,false",
                "4,sue,sue@corp.example,true",
                "5,ghost,,false",
                &format!("6,{login},q7@else.example,false"),
            ]
            .map(|row| {
                let (account, suspended) = row.rsplit_once(',').expect("a flag");
                format!("2021-03-04T05:06:07Z,{account},user,{suspended},,,,,false,,,\n")
            })
            .concat()
    };
    for (file, text, at, source) in [
        ("01.json", users(&[&bob, &gus]), DATES[0], ["--enterprise", "corp"]),
        ("01.csv", server("ren"), DATES[0], ["--host", HOST]),
        ("02.json", users(&[]), DATES[1], ["--enterprise", "corp"]),
        ("02.csv", server("rena"), DATES[1], ["--host", HOST]),
        ("03.json", users(&[&bob]), DATES[2], ["--enterprise", "corp"]),
    ] {
        let file = place.write(file, text.as_bytes()).display().to_string();
        place.json(&["import", &file, source[0], source[1], "--taken-at", at]);
    }
    place
}

/// The only person with that name.
fn person(place: &Place, who: &str) -> Value {
    let answer = place.json(&["explain", who]);
    assert_eq!(answer["query"], who);
    let people = answer["people"].as_array().expect("people");
    assert_eq!(people.len(), 1, "{answer:#}");
    people[0].clone()
}

/// The seat, the license, and for each account its source, whether it counts, and the rule that matches it.
fn decided(person: &Value) -> Value {
    let accounts = person["accounts"].as_array().expect("accounts").iter();
    let accounts = accounts.map(|it| {
        let name = if it["id"].is_null() { &it["login"] } else { &it["id"] };
        json!([it["kind"], it["source"], name, it["counted"], it["match"]["rule"]])
    });
    json!([person["seat"], person["takes_license"], accounts.collect::<Value>()])
}

fn history(person: &Value) -> Value {
    let lines = person["history"].as_array().expect("history").iter();
    lines.map(|it| json!([it["from"], it["to"], it["account"], it["change"]])).collect()
}

fn says(person: &Value, key: &str, words: &str) {
    let text = person[key].as_str().unwrap_or_default();
    assert!(text.contains(words), "{key} is {text:?}, which lacks {words:?}");
}

#[test]
fn cloud_only() {
    let person = person(&ledger(), "cloe");
    assert_eq!(
        decided(&person),
        json!(["cloud_only", true, [["cloud", "corp", "cloe", true, null]]])
    );
    says(&person, "reason", "a Cloud account takes a license");
    says(&person, "github_says", "no Server account merged");
    says(&person, "github_says", DATES[2]);
    assert_eq!(person["duplicate"], Value::Null);
    assert_eq!(person["near_misses"], json!([]));
    let email = json!([{"email": "cloe@corp.example", "kind": "verified"}]);
    assert_eq!(person["accounts"][0]["emails"], email);
    let there = json!([[DATES[0], null, "corp:cloe", "there in the first snapshot"]]);
    assert_eq!(history(&person), there);
}

#[test]
fn merged_by_an_address() {
    let place = ledger();
    let expected = json!([
        "cloud_and_server",
        true,
        [["cloud", "corp", "ada-l", true, null], ["server", HOST, "1", true, "verified_email"],]
    ]);
    // By either account, and by the address that they share.
    for who in ["ada-l", "countess", "ADA@corp.example", "ghes1.corp.example:1", "corp:ADA-L"] {
        let person = person(&place, who);
        assert_eq!(decided(&person), expected, "{who}");
        let met = json!({"rule": "verified_email", "server_value": "Ada@corp.example", "cloud_value": "ada@corp.example"});
        assert_eq!(person["accounts"][1]["match"], met, "the texts as they were received");
        says(
            &person,
            "github_says",
            "merged Server accounts ghes1.corp.example:1, 2 accounts in all",
        );
    }
}

#[test]
fn merged_by_something_invisible() {
    let person = person(&ledger(), "iv");
    assert_eq!(
        decided(&person),
        json!([
            "cloud_and_server",
            true,
            [["cloud", "corp", "ivy", true, null], ["server", HOST, "2", true, "reported"],]
        ])
    );
    let place = "ghes1.corp.example:2";
    let address = "secret@hidden.example";
    let met = json!({"rule": "reported", "server_value": address, "cloud_value": place});
    assert_eq!(person["accounts"][1]["match"], met);
    says(&person["accounts"][1], "why", "GitHub lists ghes1.corp.example:2 in the row of ivy");
    assert_eq!(person["duplicate"], Value::Null);
}

#[test]
fn a_double_from_either_side() {
    let place = ledger();
    let double = person(&place, "ghes1.corp.example:3");
    assert_eq!(decided(&double), json!(["server_only", true, [["server", HOST, "3", true, null]]]));
    says(&double["accounts"][0], "why", "matches no Cloud account");
    assert_eq!(double["near_misses"][0]["code"], "other-domain");
    let cloud = person(&place, "dee-d");
    assert_eq!(
        decided(&cloud),
        json!(["cloud_only", true, [["cloud", "corp", "dee-d", true, null]]])
    );
    let found = place.json(&["duplicates"])["items"][0].clone();
    assert_eq!(found["since"], DATES[0]);
    assert_eq!(double["duplicate"], found, "what `duplicates` says");
    assert_eq!(cloud["duplicate"], found);
}

#[test]
fn who_takes_no_license() {
    let place = ledger();
    for (who, accounts, reason) in [
        ("sue", json!([["server", HOST, "4", false, null]]), "suspended"),
        ("ghost", json!([["server", HOST, "5", false, null]]), "no person"),
        (
            "vic@ms.example",
            json!([["cloud", "corp", null, false, null]]),
            "Visual Studio subscriber",
        ),
    ] {
        let person = person(&place, who);
        assert_eq!(decided(&person), json!(["none", false, accounts]), "{who}");
        says(&person, "reason", reason);
        assert_eq!(person["duplicate"], Value::Null, "{who}");
    }
    let vic = person(&place, "vic@ms.example");
    says(&vic, "github_says", "a Visual Studio subscriber only");
    let email = json!([{"email": "vic@ms.example", "kind": "visual_studio"}]);
    assert_eq!(vic["accounts"][0]["emails"], email);
}

#[test]
fn an_invitation_takes_a_license_under_volume_billing_only() {
    let place = ledger();
    let decided_now = |seat: &str, takes: bool| {
        json!([seat, takes, [["cloud", "corp", "new@corp.example", takes, null]]])
    };
    let volume = person(&place, "new@corp.example");
    assert_eq!(decided(&volume), decided_now("cloud_only", true));
    says(&volume, "reason", "until it is accepted");
    place.json(&["sources", "set", "corp", "--billing-model", "metered"]);
    let metered = person(&place, "new@corp.example");
    assert_eq!(decided(&metered), decided_now("none", false));
    says(&metered, "reason", "no license under this billing model");
}

#[test]
fn a_rename_is_one_account_under_both_names() {
    let place = ledger();
    for who in ["ren", "rena"] {
        let person = person(&place, who);
        assert_eq!(
            decided(&person),
            json!(["server_only", true, [["server", HOST, "6", true, null]]])
        );
        assert_eq!(person["accounts"][0]["login"], "rena");
        let renamed = json!([
            [DATES[0], DATES[1], "ghes1.corp.example:6", "there in the first snapshot"],
            [DATES[1], null, "ghes1.corp.example:6", "login ren → rena"],
        ]);
        assert_eq!(history(&person), renamed);
        says(&person, "github_says", "no report has listed any of these accounts yet");
    }
}

#[test]
fn gone_and_come_back() {
    let place = ledger();
    let bob = person(&place, "bob");
    assert_eq!(decided(&bob), json!(["cloud_only", true, [["cloud", "corp", "bob", true, null]]]));
    let came_back = json!([
        [DATES[0], DATES[1], "corp:bob", "there in the first snapshot"],
        [DATES[1], DATES[2], "corp:bob", "gone"],
        [DATES[2], null, "corp:bob", "back"],
    ]);
    assert_eq!(history(&bob), came_back);
    // While bob was gone, and gus, who never came back.
    let gone = [
        (place.json(&["explain", "bob", "--as-of", DATES[1]])["people"][0].clone(), "bob"),
        (person(&place, "gus"), "gus"),
    ];
    for (person, login) in gone {
        assert_eq!(
            decided(&person),
            json!(["none", false, [["cloud", "corp", login, false, null]]])
        );
        says(&person, "reason", "gone since 2026-03-09T08:00:00Z");
        assert_eq!(person["history"][1]["change"], "gone", "{login}");
        assert_eq!(person["history"].as_array().map(Vec::len), Some(2), "{login}");
    }
}

/// The newest state of an account may be later than the instant, so it must not be shown.
#[test]
fn gone_people_are_shown_as_they_last_were() {
    let place = Place::new();
    let report =
        |rows: &[Value]| json!({"total_seats_consumed": rows.len(), "users": rows}).to_string();
    let other = user("ada", &["ada@corp.example"], None);
    for (file, rows, at) in [
        ("01.json", vec![other.clone(), user("bob", &["bob@before.example"], None)], DATES[0]),
        ("02.json", vec![other.clone()], DATES[1]),
        ("03.json", vec![other, user("bob", &["bob@later.example"], None)], DATES[2]),
    ] {
        let file = place.write(file, report(&rows).as_bytes()).display().to_string();
        place.json(&["import", &file, "--enterprise", "corp", "--taken-at", at]);
    }
    for (at, address) in [
        (DATES[0], "bob@before.example"),
        (DATES[1], "bob@before.example"),
        (DATES[2], "bob@later.example"),
    ] {
        let answer = place.json(&["explain", "bob", "--as-of", at]);
        let emails = &answer["people"][0]["accounts"][0]["emails"];
        assert_eq!(emails[0]["email"], address, "{at}: {answer:#}");
        assert_eq!(emails.as_array().map(Vec::len), Some(1), "{at}");
    }
}

#[test]
fn nobody_by_that_name() {
    let place = ledger();
    for (who, near) in [
        ("contess", "did you mean countess?"),
        ("clo", "cloe"),
        ("ghes1.corp.example:99", "HOST:ID"),
        ("nobody@nowhere.example", "an address"),
    ] {
        for format in ["table", "json"] {
            let ran = place.run(&["explain", who, "--format", format]);
            assert_eq!(ran.code, 7, "{who}: {}", ran.stderr);
            assert_eq!(ran.stdout, "", "{who}");
            assert!(ran.stderr.contains(&format!("nobody is called \"{who}\"")), "{}", ran.stderr);
            assert!(ran.stderr.contains(near), "{who}: {}", ran.stderr);
        }
    }
    // Known later, but not yet.
    let early = place.run(&["explain", "cloe", "--as-of", "2026-03-01"]);
    assert_eq!(early.code, 7, "{}", early.stderr);
}

/// An address that too many share makes no finding, but it is shown.
#[test]
fn what_many_have_in_common_is_no_finding_but_a_near_miss() {
    let place = Place::new();
    let domains = ["a", "b", "c", "d", "e", "f", "g"];
    let users: Vec<Value> = domains
        .iter()
        .map(|it| user(&format!("user-{it}"), &[&format!("smith@{it}.example")], None))
        .collect();
    let cloud = json!({"total_seats_consumed": 7, "total_seats_purchased": 9, "users": users});
    let header = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                  last_active,raw_login,2fa_enabled?";
    let server = format!("{header}\n,9,jo,smith@else.example,user,false,,,,,false,,,\n");
    for (name, text, source) in [
        ("cloud.json", cloud.to_string(), ["--enterprise", "corp"]),
        ("server.csv", server, ["--host", HOST]),
    ] {
        let file = place.write(name, text.as_bytes()).display().to_string();
        place.json(&["import", &file, source[0], source[1], "--taken-at", DATES[0]]);
    }
    assert_eq!(place.json(&["duplicates"])["items"], json!([]));
    let misses = person(&place, "jo")["near_misses"].clone();
    let codes: Vec<&str> =
        misses.as_array().expect("misses").iter().filter_map(|it| it["code"].as_str()).collect();
    assert_eq!(codes, ["other-domain"; 7]);
}

/// The last line of the table and the finding are the same for each account that is asked for.
#[test]
fn a_double_is_two_licenses_whoever_is_asked_for() {
    let place = ledger();
    let double = place.json(&["duplicates"])["items"][0].clone();
    for who in
        ["ghes1.corp.example:3", "deirdre", "dee-d", "corp:dee-d", "CORP:Dee-D", "dee@corp.example"]
    {
        assert_eq!(person(&place, who)["duplicate"], double, "{who}");
        let shown = place.run(&["explain", who]).stdout;
        let last = "Two licenses are taken, likely by one person (likely: deirdre on ghes1.corp.example and dee-d).";
        assert_eq!(shown.trim_end().lines().last(), Some(last), "{who}: {shown}");
        assert!(
            shown.contains("server admin: if they are one person, make dee@corp.example"),
            "{shown}"
        );
    }
    for (who, last) in [("cloe", "One license is taken."), ("sue", "No license is taken.")] {
        let shown = place.run(&["explain", who]).stdout;
        assert_eq!(shown.trim_end().lines().last(), Some(last), "{who}: {shown}");
    }
}

/// An account that is part of a seat only because another account is matched: the answer names that match.
#[test]
fn a_carried_member_is_said_to_be_carried() {
    let place = Place::new();
    let by_address = user("ada", &["ada@corp.example"], None);
    let by_report = user("bob", &[], Some(("ghes1.corp.example:7", "x@corp.example")));
    let header = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                  last_active,raw_login,2fa_enabled?";
    let cloud = json!({"users": [by_address, by_report]}).to_string();
    let here = format!(
        "{header}\n,1,a1,ada@corp.example,user,false,,,,,false,,,\n,7,b7,X@corp.example,user,false,,,,,false,,,\n"
    );
    let there = format!(
        "{header}\n,2,a2,ada@corp.example,user,false,,,,,false,,,\n,9,b9,x@corp.example,user,false,,,,,false,,,\n"
    );
    for (name, text, source) in [
        ("cloud.json", cloud, ["--enterprise", "corp"]),
        ("1.csv", here, ["--host", HOST]),
        ("2.csv", there, ["--host", "ghes2.corp.example"]),
    ] {
        let file = place.write(name, text.as_bytes()).display().to_string();
        place.json(&["import", &file, source[0], source[1], "--taken-at", DATES[0]]);
    }
    let bob = person(&place, "ghes2.corp.example:9");
    let reported = json!({"rule": "reported", "server_value": "X@corp.example", "cloud_value": "ghes1.corp.example:7"});
    assert_eq!(bob["accounts"][1]["match"], reported);
    assert_eq!(bob["accounts"][2]["match"], Value::Null);
    says(
        &bob["accounts"][2],
        "why",
        "one person with ghes1.corp.example:7, which is matched with bob",
    );
    // Each of these is matched by itself.
    let ada = person(&place, "a2");
    for account in [1, 2] {
        assert_eq!(ada["accounts"][account]["match"]["rule"], "verified_email");
    }
}

#[test]
fn a_display_name_means_all_who_have_it() {
    let place = Place::new();
    let named = |login: &str, name: &str| {
        json!({"github_com_login": login, "github_com_user": true, "license_type": "Enterprise",
            "github_com_name": name, "enterprise_server_user_ids": []})
    };
    let users = [
        named("ada", "Ada Lovelace"),
        named("bo", "Bo Öberg"),
        named("bo2", "Oberg, Bo"),
        named("cy", "ada"),
        named("dee", "Dee  Dee"),
    ];
    let report =
        json!({"total_seats_consumed": users.len(), "total_seats_purchased": 9, "users": users});
    let file = place.write("c.json", report.to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", "--taken-at", "2026-03-02"]);
    let export = json!({"instance": {"server_id": "x", "host_name": HOST, "version": "3.17.2"},
        "users": [{"user_id": 7, "login": "adal", "name": "LOVELACE, Ada", "suspended": false,
            "emails": [{"email": "al@x.example", "primary": true}]}]});
    let file = place.write("s.json", export.to_string().as_bytes()).display().to_string();
    place.json(&["import", &file, "--taken-at", "2026-03-02"]);
    let logins = |who: &str| -> Vec<String> {
        let answer = place.json(&["explain", who]);
        let people = answer["people"].as_array().expect("people").iter();
        let accounts = people.flat_map(|it| it["accounts"].as_array().expect("accounts"));
        accounts.filter_map(|it| it["login"].as_str()).map(str::to_owned).collect()
    };
    for (who, expected) in [
        ("Ada Lovelace", &["ada", "adal"][..]),
        ("lovelace, ada", &["ada", "adal"]),
        ("Bo Oberg", &["bo", "bo2"]),
        ("dee dee", &["dee"]),
        // A login comes before a display name.
        ("ada", &["ada"]),
    ] {
        let mut found = logins(who);
        found.sort();
        assert_eq!(found, expected, "{who}");
    }
    let ran = place.run(&["explain", "Nobody At All"]);
    assert_eq!(ran.code, 7);
    assert!(ran.stderr.contains("a display name"), "{}", ran.stderr);
}

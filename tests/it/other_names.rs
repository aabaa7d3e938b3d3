//! An alias, and every earlier name, stands for that instance, in files before and after the declaration.
//! Accounts without ids are those of earlier and later files (counting.md section 2).

use serde_json::{Value, json};

use crate::common::Place;

const USERS: &str =
    "id,login,email,suspended?\n7,al,al@corp.example,false\n8,bo,bo@corp.example,false\n";

fn import(place: &Place, text: &str, host: &str, at: &str, more: &[&str]) -> (i32, Value, String) {
    let file = place.write("users.csv", text.as_bytes()).display().to_string();
    let ran =
        place.run(&[&["import", &file, "--host", host, "--taken-at", at, "--json"], more].concat());
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
    (ran.code, answer["items"][0].clone(), ran.stderr)
}

fn done(place: &Place, command: &str) {
    let words: Vec<&str> = command.split_whitespace().collect();
    let ran = place.run(&words);
    assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
}

fn consumed(place: &Place, at: &str) -> Value {
    place.json(&["consumption", "--as-of", at])["consumed"].clone()
}

/// The declarations before or after the second file arrives under the other name, and the licenses then
/// consumed.
#[test]
fn a_name_is_the_instance_whenever_it_was_declared() {
    let alias = "sources set a.example --alias old.example";
    for (what, said, expected) in [
        ("two instances", vec![], 4),
        ("an alias", vec![alias], 2),
        (
            "an alias from before",
            vec!["sources set a.example --alias old.example --from 2026-03-05"],
            2,
        ),
        (
            "an alias from later on",
            vec!["sources set a.example --alias old.example --from 2026-03-20"],
            4,
        ),
        ("given back", vec![alias, "sources set a.example --no-alias old.example"], 4),
        (
            "given back from later on",
            vec![alias, "sources set a.example --no-alias old.example --from 2026-03-20"],
            2,
        ),
        ("an alias of an alias", vec![alias, "sources rename a.example b.example"], 2),
    ] {
        for before in [true, false] {
            let place = Place::new();
            import(&place, USERS, "a.example", "2026-03-02", &[]);
            if before {
                said.iter().for_each(|command| done(&place, command));
            }
            // Other users than in the other file, so that no address matches anybody.
            let users =
                if expected == 4 { USERS.replace("corp", "plant") } else { USERS.to_owned() };
            let (code, item, stderr) = import(&place, &users, "old.example", "2026-03-09", &[]);
            assert_eq!(code, 0, "{what}: {stderr}");
            let known_as = item["warnings"]
                .as_array()
                .expect("a list")
                .iter()
                .any(|it| it["code"] == "known-as");
            assert_eq!(known_as, before && expected == 2, "{what}: {stderr}");
            if !before {
                said.iter().for_each(|command| done(&place, command));
            }
            assert_eq!(consumed(&place, "latest"), json!(expected), "{what}, before: {before}");
            let trend = place.json(&["trend"]);
            let points = trend["points"].as_array().expect("points");
            assert_eq!(points.last().expect("a point")["consumed"], json!(expected), "{what}");
            let sources = place.json(&["sources"])["items"].as_array().expect("items").len();
            assert_eq!(sources, if expected == 2 { 1 } else { 2 }, "{what}, before: {before}");
            done(&place, "verify");
        }
    }
}

#[test]
fn an_earlier_name_is_the_instance_and_can_be_given_back() {
    let place = Place::new();
    import(&place, USERS, "a.example", "2026-03-02", &[]);
    done(&place, "sources rename a.example b.example");
    let (code, item, stderr) = import(&place, USERS, "a.example", "2026-03-09", &[]);
    assert_eq!((code, &item["source"]["name"]), (0, &json!("b.example")), "{stderr}");
    assert_eq!(
        item["changes"]["unchanged"],
        json!(2),
        "compared with the file under the name before"
    );
    assert!(stderr.contains("[known-as]"), "{stderr}");
    assert_eq!(consumed(&place, "latest"), json!(2));
    let people = place.json(&["explain", "b.example:7"])["people"].clone();
    assert_eq!(people[0]["history"].as_array().map(Vec::len), Some(1), "{people}");
    // From the day of the file on, the name is another instance's.
    let new = USERS.replace("corp", "plant");
    let (code, item, stderr) =
        import(&place, &new, "a.example", "2026-03-16", &["--accept-new", "reused"]);
    assert_eq!((code, &item["source"]["name"]), (0, &json!("a.example")), "{stderr}");
    assert!(stderr.contains("sources set b.example --alias a.example"), "{stderr}");
    assert_eq!(consumed(&place, "2026-03-09"), json!(2));
    assert_eq!(consumed(&place, "latest"), json!(4));
    done(&place, "verify");
}

/// A command that gives a name back and declares something else does both or neither.
#[test]
fn a_name_is_not_given_back_by_a_command_that_fails() {
    let place = Place::new();
    import(&place, USERS, "a.example", "2026-03-02", &[]);
    done(&place, "sources set a.example --alias old.example");
    let before = place.json(&["sources"]);
    let both =
        ["sources", "set", "a.example", "--no-alias", "old.example", "--billing-model", "volume"];
    let ran = place.run(&both);
    assert_eq!(ran.code, 2, "an instance has no billing model: {}", ran.stderr);
    assert_eq!(place.json(&["sources"]), before);
    let both = [
        "--enterprise",
        "corp",
        "sources",
        "set",
        "a.example",
        "--no-alias",
        "old.example",
        "--accept-new",
        "ours",
    ];
    assert_eq!(place.run(&both).code, 0);
    assert_ne!(place.json(&["sources"]), before);
    done(&place, "verify");
}

#[test]
fn two_snapshots_at_one_instant_are_refused() {
    for command in [
        vec!["sources", "set", "a.example", "--alias", "old.example"],
        vec!["sources", "rename", "old.example", "c.example"],
    ] {
        let place = Place::new();
        import(&place, USERS, "a.example", "2026-03-02", &[]);
        import(&place, &USERS.replace("corp", "plant"), "old.example", "2026-03-02", &[]);
        if command[1] == "rename" {
            done(&place, "sources set a.example --alias c.example");
        }
        let ran = place.run(&command);
        if command[1] == "rename" {
            assert_eq!(ran.code, 2, "the name is another's: {}", ran.stderr);
            continue;
        }
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        for word in ["snapshots void 1 ", "snapshots void 2 ", "#1", "#2"] {
            assert!(ran.stderr.contains(word), "{word}: {}", ran.stderr);
        }
        assert_eq!(consumed(&place, "latest"), json!(4), "nothing was declared");
        done(&place, "snapshots void 2 --reason wrong");
        done(&place, &command.join(" "));
        // It can neither be restored nor imported again with other content.
        assert_eq!(place.run(&["snapshots", "restore", "2"]).code, 2);
        let (code, _, stderr) =
            import(&place, "id,login\n9,cy\n", "old.example", "2026-03-02", &[]);
        assert_eq!(code, 3, "{stderr}");
        let (code, item, stderr) = import(&place, USERS, "old.example", "2026-03-02", &[]);
        assert_eq!((code, &item["status"]), (0, &json!("unchanged")), "{stderr}");
    }
}

#[test]
fn a_retirement_holds_for_the_name_and_ends() {
    let place = Place::new();
    import(&place, USERS, "a.example", "2026-03-02", &[]);
    done(&place, "sources retire a.example --from 2026-03-05");
    let synced = json!({"data": {"enterprise": {"ownerInfo": {"enterpriseServerInstallations": {"nodes": [
        {"hostName": "a.example", "userAccounts": {"nodes": [{"remoteUserId": 7, "login": "al", "emails": {"nodes": []}}]}}
    ]}}}}});
    let file = place.write("synced.json", synced.to_string().as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--taken-at", "2026-03-09"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(consumed(&place, "latest"), json!(0), "whatever kind of file comes");
    assert_eq!(consumed(&place, "2026-03-04"), json!(2));
    done(&place, "sources restore a.example --from 2026-03-20");
    import(&place, USERS, "a.example", "2026-03-23", &[]);
    assert_eq!(consumed(&place, "2026-03-10"), json!(0));
    assert_eq!(consumed(&place, "latest"), json!(2));
    done(&place, "sources restore a.example");
    assert_eq!(consumed(&place, "2026-03-10"), json!(2), "ended from its beginning");
}

#[test]
fn a_setting_says_what_it_cannot_do() {
    let place = Place::new();
    import(&place, USERS, "a.example", "2026-03-02", &[]);
    let set = |name: &str, more: &[&str]| {
        place.run(&[&["sources", "set", "a.example", "--enterprise", name], more].concat())
    };
    assert_eq!(set("corp", &[]).code, 0, "there is no enterprise yet");
    let ran = set("crop", &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean corp?"), "{}", ran.stderr);
    assert_eq!(set("plant", &["--accept-new", "bought", "--from", "2026-03-09"]).code, 0);
    assert_eq!(set("plant", &["--from", "2026-03-10"]).code, 0, "it is known now");
    let ran = set("corp", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("2026-03-09T00:00:00Z"), "{}", ran.stderr);
    done(&place, "verify");
}

/// An account with a login and no id: the files that have the id, their dates, and the login there.
#[test]
fn a_login_is_the_account_of_earlier_and_later_files() {
    let with = |rows: &str| format!("id,login,email,suspended?\n{rows}");
    let without = |logins: &[&str]| {
        let rows = logins.iter().map(|it| format!("{it},,user,active\n")).collect::<String>();
        format!("login,email,role,suspension_status\n{rows}")
    };
    for (what, files, ids) in [
        ("an earlier file", vec![(with("7,al,,false\n"), "2026-03-02")], vec!["7"]),
        ("a later file", vec![(with("7,al,,false\n"), "2026-03-16")], vec!["7"]),
        ("no file", vec![], vec![""]),
        ("another login", vec![(with("7,bo,,false\n"), "2026-03-16")], vec![""]),
        (
            "earlier and later",
            vec![(with("7,al,,false\n"), "2026-03-02"), (with("9,al,,false\n"), "2026-03-16")],
            vec!["7"],
        ),
        (
            "two earlier ones",
            vec![(with("7,al,,false\n"), "2026-03-02"), (with("9,al,,false\n"), "2026-03-03")],
            vec!["9"],
        ),
        (
            "two later ones",
            vec![(with("7,al,,false\n"), "2026-03-16"), (with("9,al,,false\n"), "2026-03-23")],
            vec!["7"],
        ),
        ("at one instant", vec![(with("7,AL,,false\n"), "2026-03-10")], vec!["7"]),
        (
            "both logins had the id",
            vec![(with("7,al,,false\n"), "2026-03-02"), (with("7,bo,,false\n"), "2026-03-03")],
            vec!["7", ""],
        ),
    ] {
        let count = ids.len();
        let mut answers = Vec::new();
        for forwards in [true, false] {
            let place = Place::new();
            let mut all = files.clone();
            let logins = &["al", "bo"][..count];
            all.push((without(logins), "2026-03-09"));
            if !forwards {
                all.reverse();
            }
            for (text, at) in &all {
                let (code, _, stderr) = import(&place, text, "a.example", at, &[]);
                assert_eq!(code, 0, "{what}: {stderr}");
            }
            let mut found = Vec::new();
            for login in logins {
                let answer = place.json(&["explain", login, "--as-of", "2026-03-09"]);
                let accounts: Vec<Value> = answer["people"]
                    .as_array()
                    .expect("people")
                    .iter()
                    .flat_map(|person| person["accounts"].as_array().expect("a list").clone())
                    .filter(|account| account["login"] == **login)
                    .collect();
                let id = accounts.iter().find_map(|account| account["id"].as_str());
                found.push(id.unwrap_or_default().to_owned());
            }
            assert_eq!(found, ids, "{what}, forwards: {forwards}");
            answers.push((place.json(&["consumption"]), place.json(&["trend"])));
        }
        let counts =
            |answer: &(Value, Value)| (answer.0["consumed"].clone(), answer.1["points"].clone());
        assert_eq!(counts(&answers[0]), counts(&answers[1]), "{what}: the order of import shows");
    }
}

/// The accounts of a host of which files were taken before its name became an alias stay accounts of that host.
/// `explain` finds them by the name that `duplicates` gives them.
#[test]
fn an_account_from_before_a_name_was_an_alias_is_found_by_that_name() {
    let place = Place::new();
    let synced = |host: &str, users: Value| {
        json!({"data": {"enterprise": {"ownerInfo": {"enterpriseServerInstallations": {"nodes": [
            {"hostName": host, "isConnected": true, "userAccounts": {"nodes": users}}
        ]}}}}})
    };
    let ada = json!([{"remoteUserId": 2, "login": "ada", "profileName": "Ada", "isSiteAdmin": false,
        "remoteCreatedAt": "2021-03-04T05:06:07Z",
        "emails": {"nodes": [{"email": "ada@x.example", "isPrimary": false}]}}]);
    let cloud = json!({"users": [{"github_com_login": "ada@x.example", "github_com_user": false,
        "enterprise_server_user_ids": [], "license_type": "Enterprise",
        "github_com_verified_domain_emails": [], "github_com_saml_name_id": null}]});
    let server = json!({"instance": {"host_name": "new.x"}, "users": [{"user_id": 7, "login": "zed",
        "name": null, "suspended": false, "emails": [{"email": "zed@x.example", "primary": true}]}]});
    for (file, content, options) in [
        ("server.json", server, &["--host", "new.x", "--taken-at", "2026-03-02"][..]),
        ("cloud.json", cloud, &["--enterprise", "corp", "--taken-at", "2026-03-03"]),
        ("old.json", synced("old.x", ada), &["--taken-at", "2026-03-02"]),
        ("new.json", synced("new.x", json!([])), &["--taken-at", "2026-03-03"]),
    ] {
        let file = place.write(file, content.to_string().as_bytes()).display().to_string();
        let ran = place.run(&[&["import", &file], options].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    place.json(&["sources", "set", "new.x", "--alias", "old.x", "--from", "2026-03-03"]);
    let found = &place.json(&["duplicates"])["items"][0];
    assert_eq!(found["server_accounts"][0]["host"], "old.x");
    let person = &place.json(&["explain", "old.x:2"])["people"][0];
    assert_eq!(person["duplicate"], *found);
}

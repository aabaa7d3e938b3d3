//! People whom one entry of an employee directory knows (directory.md section 2): `duplicates`, `explain`,
//! `rehearse`, `consumption` and `check` say the same of them, before and after the directory and the fix.

use serde_json::{Value, json};

use crate::common::Place;

const HOST: &str = "ghes1.corp.example";
const OTHER_HOST: &str = "ghes2.corp.example";
const FIRST: &str = "2026-03-02T08:00:00Z";
const SECOND: &str = "2026-03-09T08:00:00Z";
const THIRD: &str = "2026-03-16T08:00:00Z";
const ADA: &str = "ada.lovelace@corp.example";
const KING: &str = "a.king@plant.example";

/// A Cloud account with verified addresses; the first is its NameID too.
fn cloud(login: &str, verified: &[&str]) -> Value {
    json!({
        "github_com_login": login,
        "github_com_user": true,
        "github_com_saml_name_id": verified.first(),
        "github_com_verified_domain_emails": verified,
        "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": [],
    })
}

fn invitation(address: &str) -> Value {
    json!({
        "github_com_login": address,
        "github_com_user": false,
        "enterprise_server_user_ids": [],
        "enterprise_server_primary_emails": [],
    })
}

/// An account of an instance; the first address is its primary address.
fn account(id: u64, login: &str, addresses: &[&str]) -> Value {
    let emails = addresses.iter().enumerate();
    let emails: Vec<Value> =
        emails.map(|(place, it)| json!({"email": it, "primary": place == 0})).collect();
    json!({"user_id": id, "login": login, "suspended": false, "emails": emails})
}

fn import_cloud(place: &Place, at: &str, users: &[Value]) {
    let report = json!({ "users": users }).to_string();
    let file = place.write("cloud.json", report.as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp", "--taken-at", at]);
}

fn export(place: &Place, host: &str, users: &[Value]) -> String {
    let instance = json!({"server_id": "6c1c2b4e", "host_name": host, "version": "3.17.2"});
    let export = json!({"instance": instance, "users": users}).to_string();
    place.write("server.json", export.as_bytes()).display().to_string()
}

fn import_server(place: &Place, host: &str, at: &str, users: &[Value]) {
    let file = export(place, host, users);
    place.json(&["import", &file, "--host", host, "--taken-at", at]);
}

/// Imports a directory. A person is an id, the primary address, the other addresses, and whether active.
fn import_directory(
    place: &Place,
    name: &str,
    at: &str,
    people: &[(&str, &str, &str, bool)],
) -> i64 {
    let mut table =
        "objectId,userPrincipalName,mail,alternateEmailAddress,accountEnabled\n".to_owned();
    for (id, mail, others, active) in people {
        table += &format!("{id},{mail},{mail},{others},{active}\n");
    }
    let file = place.write(&format!("{name}.csv"), table.as_bytes()).display().to_string();
    let answer = place.json(&["import", &file, "--directory", name, "--taken-at", at]);
    answer["items"][0]["snapshot"].as_i64().expect("a snapshot")
}

fn items(place: &Place, at: &str) -> Vec<Value> {
    let answer = place.json(&["duplicates", "--as-of", at]);
    answer["items"].as_array().expect("items").clone()
}

fn codes(item: &Value) -> Vec<&str> {
    let evidence = item["evidence"].as_array().into_iter().flatten();
    evidence.filter_map(|it| it["code"].as_str()).collect()
}

fn logins(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|it| it["login"].as_str()).collect()
}

/// Ada, who is `ada-l` on Cloud and has an account with another address on an instance.
fn ada_on_both(place: &Place, at: &str) {
    import_cloud(place, at, &[cloud("ada-l", &[ADA, "ada@corp.example"])]);
    import_server(place, HOST, at, &[account(7, "ada-l", &[KING])]);
}

#[test]
fn what_was_likely_is_certain_with_a_directory_and_ends_with_the_fix() {
    let place = Place::new();
    ada_on_both(&place, FIRST);
    let before = items(&place, FIRST);
    assert_eq!(before.len(), 1);
    assert_eq!(
        (&before[0]["confidence"], codes(&before[0])),
        (&json!("likely"), vec!["same-login"])
    );

    let people = [("1", "ada@corp.example", KING, true), ("2", "bob@corp.example", "", true)];
    import_directory(&place, "hr", SECOND, &people);
    let now = items(&place, SECOND);
    assert_eq!(now.len(), 1);
    let item = &now[0];
    assert_eq!(item["confidence"], "certain");
    assert_eq!(codes(item), ["same-directory-entry"]);
    assert_eq!(item["cloud_account"]["login"], "ada-l");
    let detail = item["evidence"][0]["detail"].as_str().expect("a sentence");
    for told in ["directory hr", SECOND, KING, "ada@corp.example"] {
        assert!(detail.contains(told), "{detail} lacks {told}");
    }
    // The NameID comes first otherwise. The directory calls the other address primary, and Cloud knows it.
    assert_eq!(item["fix"]["actor"], "server-admin");
    assert_eq!(item["fixes"][0]["address"], "ada@corp.example");
    assert_eq!(item["since"], FIRST, "the same finding, and no new one");
    assert_eq!(items(&place, FIRST), before, "the directory says nothing about the time before it");

    let progress = place.json(&["duplicates", "--since", FIRST]);
    assert_eq!(progress["progress"]["open"], 1);
    assert_eq!(progress["items"][0]["status"], "open");
    let page = place.run(&["duplicates", "--since", FIRST]).stdout;
    assert!(page.contains("open, certain now"), "{page}");
    let told = "1 open finding has become certain since then, by an employee directory alone.";
    assert!(page.contains(told), "{page}");
    let page = place.run(&["duplicates", "--since", SECOND]).stdout;
    assert!(!page.contains("become certain"), "it was certain by then: {page}");
    let consumption = place.json(&["consumption"]);
    assert_eq!(consumption["duplicates"], json!({"certain": 1, "likely": 0, "possible": 0}));
    let check = place.run(&["check", "--max-duplicates", "certain=0"]);
    assert_eq!(check.code, 1, "{}", check.stdout);
    for who in ["ada-l", KING, &format!("{HOST}:7")] {
        let explained = place.json(&["explain", who, "--as-of", SECOND]);
        let people = explained["people"].as_array().expect("people");
        assert!(people.iter().all(|it| it["duplicate"] == *item), "{who}: {explained:#}");
        let near = people.iter().flat_map(|it| it["near_misses"].as_array().into_iter().flatten());
        let near: Vec<&str> = near.filter_map(|it| it["code"].as_str()).collect();
        assert_eq!(near, ["same-directory-entry", "same-login"], "{who}");
    }

    let fixed = [account(7, "ada-l", &["ada@corp.example", KING])];
    let file = export(&place, HOST, &fixed);
    let rehearsed = place.json(&["rehearse", &file, "--host", HOST]);
    assert_eq!(rehearsed["now"]["duplicates"]["certain"], 1);
    assert_eq!(rehearsed["after"]["duplicates"]["certain"], 0);
    assert_eq!(rehearsed["after"]["consumed"], 1);

    import_server(&place, HOST, THIRD, &fixed);
    assert!(items(&place, THIRD).is_empty());
    let progress = place.json(&["duplicates", "--since", SECOND]);
    assert_eq!(progress["progress"]["fixed"], 1);
    assert_eq!(progress["progress"]["licenses_freed"], 1);
    let item = &progress["items"][0];
    assert_eq!((&item["status"], &item["fixed_at"]), (&json!("fixed"), &json!(THIRD)));
}

#[test]
fn a_directory_changes_kept_counts_and_so_does_its_voiding() {
    let place = Place::new();
    ada_on_both(&place, FIRST);
    let likely = json!({"certain": 0, "likely": 1, "possible": 0});
    let certain = json!({"certain": 1, "likely": 0, "possible": 0});
    let counted = |at: &str| place.json(&["consumption", "--as-of", at])["duplicates"].clone();
    place.json(&["recount"]);
    assert_eq!(counted(SECOND), likely);
    let snapshot = import_directory(&place, "hr", FIRST, &[("1", ADA, KING, true)]);
    assert_eq!(counted(SECOND), certain);
    place.json(&["recount"]);
    assert_eq!(counted(SECOND), certain);
    let void = ["snapshots", "void", &snapshot.to_string(), "--reason", "a test list"];
    assert_eq!(place.run(&void).code, 0);
    assert_eq!(counted(SECOND), likely);
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn an_entry_proves_nothing_by_shared_addresses_roles_or_denied_pairs() {
    // The people of the directory, and the certain findings.
    type People = &'static [(&'static str, &'static str, &'static str, bool)];
    let cases: [(&str, People, usize); 6] = [
        ("one entry", &[("1", ADA, KING, true)], 1),
        ("inactive", &[("1", ADA, KING, false)], 1),
        (
            "the Server address of two",
            &[("1", ADA, KING, true), ("2", "b@corp.example", KING, false)],
            0,
        ),
        ("the Cloud address of two", &[("1", ADA, KING, true), ("2", ADA, "", false)], 0),
        (
            "another address of the entry",
            &[("1", "ada@corp.example", KING, true), ("2", ADA, "", true)],
            1,
        ),
        ("two entries", &[("1", ADA, "", true), ("2", KING, "", true)], 0),
    ];
    for (about, people, certain) in cases {
        let place = Place::new();
        ada_on_both(&place, FIRST);
        import_directory(&place, "hr", FIRST, people);
        let found = items(&place, FIRST);
        let found = found.iter().filter(|it| it["confidence"] == "certain").count();
        assert_eq!(found, certain, "{about}");
    }
    let place = Place::new();
    import_cloud(&place, FIRST, &[cloud("x", &["admin@corp.example"])]);
    import_server(&place, HOST, FIRST, &[account(7, "y", &[KING])]);
    import_directory(&place, "hr", FIRST, &[("1", "admin@corp.example", KING, true)]);
    assert!(items(&place, FIRST).is_empty(), "a role word");
    // Entries of two directories are not joined.
    let place = Place::new();
    ada_on_both(&place, FIRST);
    import_directory(&place, "entra", FIRST, &[("1", ADA, "", true)]);
    import_directory(&place, "hr", FIRST, &[("1", KING, "", true)]);
    assert_eq!(items(&place, FIRST)[0]["confidence"], "likely");

    let place = Place::new();
    ada_on_both(&place, FIRST);
    import_directory(&place, "hr", FIRST, &[("1", ADA, KING, true)]);
    let pair = [format!("{HOST}:7"), "corp:ada-l".to_owned()];
    let deny = ["links", "deny", &pair[0], &pair[1], "--reason", "father and daughter"];
    assert_eq!(place.run(&deny).code, 0);
    assert!(items(&place, FIRST).is_empty(), "denied");
}

#[test]
fn evidence_of_a_directory_comes_after_the_visual_studio_sign_in() {
    let place = Place::new();
    let mut user = cloud("ada-l", &[ADA]);
    user["visual_studio_subscription_user"] = json!(true);
    user["visual_studio_subscription_email"] = json!(KING);
    import_cloud(&place, FIRST, &[user]);
    import_server(&place, HOST, FIRST, &[account(7, "y", &[KING])]);
    import_directory(&place, "hr", FIRST, &[("1", ADA, KING, true)]);
    let found = items(&place, FIRST);
    assert_eq!(codes(&found[0]), ["visual-studio-email", "same-directory-entry"]);
    assert_eq!(found[0]["fix"]["actor"], "user");
}

#[test]
fn two_server_groups_in_one_entry_are_one_person() {
    let place = Place::new();
    import_cloud(&place, FIRST, &[cloud("bob", &["bob@corp.example"])]);
    import_server(&place, HOST, FIRST, &[account(7, "x", &[KING])]);
    import_server(&place, OTHER_HOST, FIRST, &[account(9, "y", &["ada@old.example"])]);
    import_directory(
        &place,
        "hr",
        FIRST,
        &[("1", ADA, "a.king@plant.example;ada@old.example", true)],
    );
    let found = items(&place, FIRST);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (codes(&found[0]), &found[0]["cloud_account"]),
        (vec!["same-directory-entry"], &Value::Null)
    );
    assert_eq!(logins(&found[0]["server_accounts"]), ["y"]);
    assert_eq!(logins(&found[0]["other_server_accounts"]), ["x"]);
    assert_eq!(found[0]["fixes"][0]["address"], KING);
    // With a Cloud account in the entry, both move there.
    import_cloud(&place, SECOND, &[cloud("ada-l", &[ADA]), cloud("bob", &["bob@corp.example"])]);
    let found = items(&place, SECOND);
    assert_eq!(found.len(), 2);
    for item in &found {
        assert_eq!(codes(item), ["same-directory-entry", "same-directory-entry"]);
        assert_eq!(
            (&item["cloud_account"]["login"], &item["fixes"][0]["address"]),
            (&json!("ada-l"), &json!(ADA))
        );
    }
}

#[test]
fn cloud_seats_in_one_entry_are_findings_without_server_accounts() {
    let place = Place::new();
    let users = [
        cloud("robert", &["robert@corp.example"]),
        cloud("bob", &["bob@corp.example"]),
        cloud("bobby", &["bobby@corp.example"]),
        invitation("b.ross@corp.example"),
        cloud("ada-l", &[ADA]),
    ];
    import_cloud(&place, FIRST, &users);
    let others = "bob@corp.example;bobby@corp.example;b.ross@corp.example";
    import_directory(&place, "hr", SECOND, &[("1", "robert@corp.example", others, true)]);
    let found = items(&place, SECOND);
    let told: Vec<_> = found
        .iter()
        .map(|it| {
            let seat = it["cloud_account"]["login"].as_str().unwrap_or_default();
            (seat, logins(&it["candidates"]), it["invitation"].as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("bob", vec!["bobby"], None),
            ("bob", vec!["robert"], None),
            ("bob", vec!["bob"], Some("b.ross@corp.example")),
        ]
    );
    for item in &found {
        assert_eq!(item["confidence"], "certain");
        assert_eq!(item["fix"]["actor"], "identity-admin");
        assert_eq!((&item["server_accounts"], &item["since"]), (&json!([]), &json!(SECOND)));
    }
    let explained = place.json(&["explain", "robert"]);
    assert_eq!(explained["people"][0]["duplicate"], found[1], "{explained:#}");
    // Fix lists name the accounts too.
    let folder = place.path("lists").display().to_string();
    assert_eq!(place.run(&["duplicates", "--into", &folder]).code, 0);
    let list =
        std::fs::read_to_string(place.path("lists").join("identity-admin.csv")).expect("a list");
    assert!(list.contains("bobby") && list.contains("b.ross@corp.example"), "{list}");
    // One of them leaves Cloud.
    let users = [cloud("bob", &["bob@corp.example"]), cloud("robert", &["robert@corp.example"])];
    import_cloud(&place, THIRD, &users);
    let progress = place.json(&["duplicates", "--since", SECOND]);
    assert_eq!(progress["progress"]["fixed"], 2);
    assert_eq!(progress["progress"]["licenses_freed"], 2);
    // A denied pair is two people. The other one is compared with the next.
    let deny = ["links", "deny", "corp:bob", "corp:robert", "--reason", "father and son"];
    assert_eq!(place.run(&deny).code, 0);
    let found = items(&place, SECOND);
    let robert = found.iter().find(|it| logins(&it["candidates"]) == ["robert"]);
    assert_eq!(robert.expect("still beyond bobby")["cloud_account"]["login"], "bobby");
}

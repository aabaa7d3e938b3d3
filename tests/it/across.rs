//! People with seats in several enterprises (directory.md section 4): each rule alone, and the rules against each
//! other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::common::Place;

/// The people with evidence, as the answer lists them: the confidence, the seats, and the codes of the evidence.
pub(crate) type Items = Vec<(String, Vec<String>, Vec<String>)>;

/// A Cloud user.
#[derive(Clone, Default)]
pub(crate) struct User {
    pub login: String,
    pub name: String,
    pub name_id: String,
    pub verified: Vec<String>,
    pub sign_in: String,
}

/// A user with a login and a NameID (empty for none).
pub(crate) fn user(login: &str, name_id: &str) -> User {
    User { login: login.to_owned(), name_id: name_id.to_owned(), ..User::default() }
}

impl User {
    pub fn named(mut self, name: &str) -> User {
        name.clone_into(&mut self.name);
        self
    }

    pub fn verified(mut self, address: &str) -> User {
        self.verified.push(address.to_owned());
        self
    }

    pub fn signs_in(mut self, address: &str) -> User {
        address.clone_into(&mut self.sign_in);
        self
    }

    pub fn row(&self) -> Value {
        let or_null = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        json!({
            "github_com_login": self.login, "github_com_name": or_null(&self.name),
            "github_com_user": true, "enterprise_server_user": false,
            "visual_studio_subscription_user": !self.sign_in.is_empty(),
            "license_type": "Enterprise", "github_com_saml_name_id": or_null(&self.name_id),
            "github_com_verified_domain_emails": self.verified,
            "github_com_member_roles": ["o:Member"], "github_com_enterprise_roles": ["Member"],
            "enterprise_server_user_ids": [], "enterprise_server_primary_emails": [],
            "visual_studio_subscription_email": or_null(&self.sign_in),
        })
    }
}

pub(crate) fn does(place: &Place, words: &[&str]) {
    let ran = place.run(words);
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
}

pub(crate) fn import_rows(place: &Place, enterprise: &str, at: &str, rows: &[Value]) {
    let report =
        json!({"total_seats_consumed": rows.len(), "total_seats_purchased": 900, "users": rows});
    let file = place.write("cloud.json", report.to_string().as_bytes()).display().to_string();
    does(place, &["import", &file, "--enterprise", enterprise, "--taken-at", at]);
}

pub(crate) fn cloud(place: &Place, enterprise: &str, at: &str, users: &[User]) {
    import_rows(place, enterprise, at, &users.iter().map(User::row).collect::<Vec<_>>());
}

const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                      last_active,raw_login,2fa_enabled?\n";

/// Imports the accounts of an instance: id, login, address, and whether each is suspended.
pub(crate) fn server(place: &Place, host: &str, at: &str, accounts: &[(&str, &str, &str, bool)]) {
    let mut text = HEADER.to_owned();
    for (id, login, email, suspended) in accounts {
        text += &format!(
            "2020-01-02T03:04:05Z,{id},{login},{email},user,{suspended},,1,0,0,false,2026-01-01,{login},false\n"
        );
    }
    let file = place.write("server.csv", text.as_bytes()).display().to_string();
    does(place, &["import", &file, "--host", host, "--taken-at", at]);
}

/// Imports a directory: the id, and the addresses of each entry.
pub(crate) fn directory(place: &Place, name: &str, at: &str, entries: &[(&str, &[&str])]) {
    let mut text = "id,userPrincipalName,accountEnabled,mail,alternateEmailAddress\n".to_owned();
    for (id, addresses) in entries {
        let address = |at: usize| addresses.get(at).copied().unwrap_or_default();
        let others = addresses.get(2..).unwrap_or_default().join(";");
        text += &format!("{id},{},true,{},{others}\n", address(0), address(1));
    }
    let file = place.write("people.csv", text.as_bytes()).display().to_string();
    does(place, &["import", &file, "--directory", name, "--taken-at", at]);
}

pub(crate) const DAY: &str = "2026-03-02T08:00:00Z";

/// A database with these people in a classic enterprise and in one of managed users.
pub(crate) fn pair(classic: &[User], managed: &[User]) -> Place {
    let place = Place::new();
    cloud(&place, "classic", DAY, classic);
    cloud(&place, "managed", DAY, managed);
    place
}

/// The seat in the form in which accounts are named.
fn shown(seat: &Value) -> String {
    let text = |key: &str| seat[key].as_str().map(str::to_owned);
    match text("host") {
        Some(host) => format!("{host}:{}", text("id").or(text("login")).unwrap_or_default()),
        None => format!("{}:{}", text("enterprise").unwrap(), text("login").unwrap()),
    }
}

fn items_of(answer: &Value) -> Items {
    let items = answer["items"].as_array().expect("items").iter().map(|item| {
        let mut seats: Vec<String> = item["seats"].as_array().unwrap().iter().map(shown).collect();
        seats.sort();
        let evidence = item["evidence"].as_array().unwrap().iter();
        let codes: BTreeSet<String> =
            evidence.map(|it| it["code"].as_str().unwrap().to_owned()).collect();
        (item["confidence"].as_str().unwrap().to_owned(), seats, codes.into_iter().collect())
    });
    let mut items: Items = items.collect();
    items.sort();
    items
}

pub(crate) fn items(place: &Place) -> Items {
    let answer = place.json(&["across"]);
    let items = items_of(&answer);
    // The summary follows from the items.
    let counted = |confidence: &str| items.iter().filter(|it| it.0 == confidence).count();
    let joined: Vec<_> = items.iter().filter(|it| it.0 != "possible").collect();
    let seats: usize = joined.iter().map(|it| it.1.len()).sum();
    let expected = json!({"people": joined.len(), "seats": seats,
        "extra_seats": seats - joined.len(), "certain": counted("certain"),
        "likely": counted("likely"), "possible": counted("possible")});
    assert_eq!(answer["summary"], expected);
    assert_eq!(answer["assumes"], "licenses-are-per-enterprise");
    items
}

/// Items in a short form: `confidence seat+seat code,code`.
pub(crate) fn short(items: &Items) -> Vec<String> {
    let line = |it: &(String, Vec<String>, Vec<String>)| {
        format!("{} {} {}", it.0, it.1.join("+"), it.2.join(","))
    };
    items.iter().map(line).collect()
}

pub(crate) fn expect(place: &Place, expected: &[&str], why: &str) {
    assert_eq!(short(&items(place)), expected, "{why}");
}

#[test]
fn each_rule_by_itself() {
    let ada = || user("ada", "");
    let other = || user("zoe_corp", "");
    let identity = "certain classic:ada+managed:zoe_corp same-identity";
    let visual_studio = "certain classic:ada+managed:zoe_corp same-visual-studio";
    let table: [(&str, User, User, &[&str]); 16] = [
        ("nothing in common", ada(), other(), &[]),
        ("one NameID", user("ada", "A@x.example"), user("zoe_corp", "a@X.example"), &[identity]),
        (
            "a NameID and a verified address",
            ada().verified("a@x.example"),
            user("zoe_corp", "a@x.example"),
            &[identity],
        ),
        (
            "two verified addresses",
            ada().verified("a@x.example"),
            other().verified("b@x.example").verified("a@x.example"),
            &[identity],
        ),
        (
            "a NameID that is no address",
            user("ada", "e1234"),
            user("zoe_corp", "E1234"),
            &[identity],
        ),
        (
            "a role's address identifies all the same",
            user("ada", "admin@x.example"),
            user("zoe_corp", "admin@x.example"),
            &[identity],
        ),
        (
            "one sign-in address",
            ada().signs_in("v@x.example"),
            other().signs_in("V@x.example"),
            &[visual_studio],
        ),
        (
            "a sign-in address is no verified address",
            ada().signs_in("v@x.example"),
            other().verified("v@x.example"),
            &[],
        ),
        (
            "one login but for the suffix",
            ada(),
            user("ada_corp", ""),
            &["likely classic:ada+managed:ada_corp same-login"],
        ),
        (
            "one login in any letter case",
            user("Ada", ""),
            user("aDA_corp", ""),
            &["likely classic:Ada+managed:aDA_corp same-login"],
        ),
        (
            "one login with the suffix",
            user("ada_corp", ""),
            user("ada_corp", ""),
            &["likely classic:ada_corp+managed:ada_corp same-login"],
        ),
        (
            "one login with two suffixes",
            user("ada_acme", ""),
            user("ada_corp", ""),
            &["likely classic:ada_acme+managed:ada_corp same-login"],
        ),
        ("only the last suffix goes", user("ada", ""), user("ada_b_corp", ""), &[]),
        ("a role is nobody's login", user("admin", ""), user("admin_corp", ""), &[]),
        (
            "one name",
            ada().named("Lovelace, Ada"),
            other().named("ada  LOVELACE"),
            &["possible classic:ada+managed:zoe_corp same-name"],
        ),
        (
            "login and name",
            ada().named("Ada L"),
            user("ada_corp", "").named("Ada L"),
            &["likely classic:ada+managed:ada_corp same-login,same-name"],
        ),
    ];
    for (why, one, other, expected) in table {
        expect(&pair(&[one], &[other]), expected, why);
    }
}

#[test]
fn what_two_seats_of_one_enterprise_have_is_no_evidence() {
    let both = |address: &str| {
        pair(
            &[user("ada", address), user("bob", "").verified(address)],
            &[user("zoe_corp", address)],
        )
    };
    expect(&both("it@x.example"), &[], "a shared address");
    // It is none either as an address in a directory, although it is one entry's.
    let place = both("shared@x.example");
    directory(&place, "hr", DAY, &[("1", &["shared@x.example", "other@x.example"])]);
    expect(&place, &[], "an entry by a shared address");
    let place = pair(
        &[user("ada", "").signs_in("v@x.example"), user("bob", "").verified("v@x.example")],
        &[user("zoe_corp", "").signs_in("v@x.example")],
    );
    expect(&place, &[], "a shared address of two kinds");
    // A login is none where another seat of either enterprise has it too, and neither is a name.
    let place = pair(&[user("ada", "")], &[user("ada_corp", ""), user("ada_acme", "")]);
    expect(&place, &[], "two candidates in the other enterprise");
    let place = pair(&[user("ada_b", ""), user("ada_c", "")], &[user("ada_corp", "")]);
    expect(&place, &[], "two candidates in this enterprise");
    let place = pair(
        &[user("a", "").named("Ada L"), user("b", "").named("Ada L")],
        &[user("c_corp", "").named("Ada L")],
    );
    expect(&place, &[], "two namesakes");
}

#[test]
fn certain_evidence_decides_before_likely_evidence() {
    // ada_corp is somebody else: the real Ada was given another login.
    let place = pair(
        &[user("ada", "ada@x.example")],
        &[user("ada_corp", "other@x.example"), user("ada2_corp", "ada@x.example")],
    );
    expect(
        &place,
        &["certain classic:ada+managed:ada2_corp same-identity"],
        "login against NameID",
    );
    // Without the certain pair, the login is one to one among the others.
    let place = pair(
        &[user("ada", "ada@x.example"), user("ada_x", "")],
        &[user("z_corp", "ada@x.example"), user("ada_corp", "")],
    );
    expect(
        &place,
        &[
            "certain classic:ada+managed:z_corp same-identity",
            "likely classic:ada_x+managed:ada_corp same-login",
        ],
        "who is certain takes no part",
    );
    // A name that speaks against a login is dropped.
    let place = pair(
        &[user("ada", "").named("Ada L")],
        &[user("ada_corp", "").named("A. L."), user("z_corp", "").named("Ada L")],
    );
    expect(&place, &["likely classic:ada+managed:ada_corp same-login"], "name against login");
}

#[test]
fn certain_evidence_joins_transitively_and_across_three_enterprises() {
    let place = pair(
        &[user("ada", "a@x.example").verified("b@x.example"), user("c", "")],
        &[user("one_corp", "a@x.example"), user("two_corp", "b@x.example"), user("c_corp", "")],
    );
    cloud(
        &place,
        "residency",
        DAY,
        &[user("three_eu", "").verified("b@x.example"), user("c_eu", ""), user("d_eu", "")],
    );
    // b@x.example is one seat's in each enterprise; c is one to one between each two of them.
    expect(
        &place,
        &[
            "certain classic:ada+managed:one_corp+managed:two_corp+residency:three_eu same-identity",
            "likely classic:c+managed:c_corp+residency:c_eu same-login",
        ],
        "three enterprises",
    );
    // Asked for one enterprise, the answer lists the people with a seat in it, with all of their seats.
    let answer = place.json(&["across", "--enterprise", "residency"]);
    assert_eq!(answer["summary"]["seats"], 7);
    let place = pair(&[user("a", "x@x.example")], &[user("b_corp", "x@x.example")]);
    cloud(&place, "residency", DAY, &[user("c_eu", "")]);
    let answer = place.json(&["across", "--enterprise", "residency"]);
    assert_eq!((&answer["summary"]["people"], &answer["items"]), (&json!(0), &json!([])));
}

#[test]
fn an_entry_of_a_directory_joins_two_addresses() {
    let people = || {
        pair(
            &[user("ada", "ada@old.example"), user("bob", "").signs_in("bob@old.example")],
            &[user("l1_corp", "ada.l@new.example"), user("l2_corp", "").verified("b@new.example")],
        )
    };
    let ada: (&str, &[&str]) = ("1", &["ada@old.example", "ada.l@new.example"]);
    let bob: (&str, &[&str]) = ("2", &["x@x.example", "BOB@old.example", "b@new.example"]);
    let found = [
        "certain classic:ada+managed:l1_corp same-directory-entry",
        "certain classic:bob+managed:l2_corp same-directory-entry",
    ];
    let place = people();
    directory(&place, "hr", DAY, &[ada, bob]);
    expect(&place, &found, "aliases");
    let detail = place.json(&["across"])["items"][0]["evidence"][0]["detail"].to_string();
    for word in ["hr", DAY, "ada@old.example", "ada.l@new.example"] {
        assert!(detail.contains(word), "{detail}");
    }
    // Before the directory was taken, nobody knew.
    let early = place.json(&["across", "--as-of", DAY]);
    assert_eq!(items_of(&early).len(), 2);
    let place = people();
    directory(&place, "hr", "2026-03-09T08:00:00Z", &[ada, bob]);
    assert_eq!(items_of(&place.json(&["across", "--as-of", "2026-03-08"])), Vec::new());
    expect(&place, &found, "a directory taken later");
    // An address of two entries, and one that names a role, are no evidence.
    let place = people();
    directory(&place, "hr", DAY, &[ada, bob, ("3", &["c@x.example", "ada@old.example"])]);
    expect(&place, &found[1..], "an address of two entries");
    let place = pair(&[user("ada", "info@x.example")], &[user("l1_corp", "a@x.example")]);
    directory(&place, "hr", DAY, &[("1", &["info@x.example", "a@x.example"])]);
    expect(&place, &[], "a role's address");
    // Two directories are looked at each by itself.
    let place = people();
    directory(&place, "hr", DAY, &[("1", &["ada@old.example", "x@x.example"])]);
    directory(&place, "it", DAY, &[("7", &["x@x.example", "ada.l@new.example"])]);
    expect(&place, &[], "entries of two directories are not joined");
    // Two seats of one enterprise and one of the other in one entry are one person with three seats.
    let place = pair(
        &[user("ada", "a@x.example"), user("ada-adm", "b@x.example")],
        &[user("l1_corp", "c@x.example")],
    );
    directory(&place, "hr", DAY, &[("1", &["a@x.example", "b@x.example", "c@x.example"])]);
    expect(
        &place,
        &["certain classic:ada+classic:ada-adm+managed:l1_corp same-directory-entry"],
        "three seats",
    );
}

#[test]
fn server_accounts_take_part() {
    // A Server-only seat of the second enterprise, by its address, and one by its login.
    let place = pair(
        &[user("ada", "ada@x.example"), user("bob", ""), user("cy", "cy@x.example")],
        &[user("z_corp", "")],
    );
    let accounts = [
        ("7", "ada-l", "ada@x.example", false),
        ("8", "bob", "b@y.example", false),
        ("9", "cy", "cy@x.example", true),
    ];
    server(&place, "ghes.corp.example", DAY, &accounts);
    // Nobody's instance takes no part, and the answer says so.
    expect(&place, &[], "an instance that belongs to no enterprise");
    let warnings = place.json(&["across"])["warnings"].to_string();
    assert!(warnings.contains("unassigned-instance"), "{warnings}");
    does(&place, &["sources", "set", "ghes.corp.example", "--enterprise", "managed"]);
    expect(
        &place,
        &[
            "certain classic:ada+ghes.corp.example:7 same-identity",
            "likely classic:bob+ghes.corp.example:8 same-login",
        ],
        "seats on Server only",
    );
    let seat = &place.json(&["across"])["items"][0]["seats"][1];
    let expected = json!({"enterprise": "managed", "kind": "server_only", "login": "ada-l", "id": "7",
        "host": "ghes.corp.example", "since": DAY, "last_active": "2026-01-01T00:00:00Z"});
    assert_eq!(*seat, expected);
    // The instance of the first enterprise: the accounts belong to seats there.
    does(&place, &["sources", "set", "ghes.corp.example", "--enterprise", "classic"]);
    expect(&place, &[], "matched accounts of the same enterprise");
}

#[test]
fn a_directory_knows_whose_an_invitation_is() {
    let place = Place::new();
    cloud(&place, "classic", DAY, &[user("ada", "ada@x.example")]);
    let rows = [user("z", "").row(), json!({"github_com_login": "new@x.example"})];
    import_rows(&place, "second", DAY, &rows);
    expect(&place, &[], "an invitation to nobody known");
    directory(&place, "hr", DAY, &[("1", &["ada@x.example", "new@x.example"])]);
    let found = ["certain classic:ada+second:new@x.example same-directory-entry"];
    expect(&place, &found, "an invitation is a seat");
    // Managed users pay for no invitation.
    does(&place, &["sources", "set", "second", "--billing-model", "emu"]);
    expect(&place, &[], "an invitation that takes no seat");
}

#[test]
fn a_mapped_login_is_one_of_a_directory() {
    let place = pair(&[user("ada", ""), user("bob", "b@x.example")], &[user("l1_corp", "")]);
    let accounts = [("7", "a7", "a7@y.example", false)];
    server(&place, "ghes.corp.example", DAY, &accounts);
    does(&place, &["sources", "set", "ghes.corp.example", "--enterprise", "managed"]);
    let settings = "[directory.hr]\nid = \"Id\"\nemails = [\"Mail\"]\nlogins = [\"GitHub\"]\n\
                    server_logins = { \"ghes.corp.example\" = \"Ghes\" }\n";
    let settings = place.write("oneseat.toml", settings.as_bytes()).display().to_string();
    let list = "Id,Mail,GitHub,Ghes\n1,,ADA;l1_corp,\n2,B@x.example,,A7\n";
    let list = place.write("hr.csv", list.as_bytes()).display().to_string();
    let words = ["import", &list, "--directory", "hr", "--taken-at", DAY, "--config", &settings];
    does(&place, &words);
    let found = [
        "certain classic:ada+managed:l1_corp same-directory-entry",
        "certain classic:bob+ghes.corp.example:7 same-directory-entry",
    ];
    expect(&place, &found, "mapped logins");
}

/// The logins of all accounts of a seat count, also of those that are merged with its Cloud account.
#[test]
fn a_mapped_login_of_a_merged_account_is_one_of_its_seat() {
    let place = pair(&[user("ada", "ada@x.example")], &[user("l1_corp", "m@x.example")]);
    server(&place, "ghes.corp.example", DAY, &[("7", "a7", "m@x.example", false)]);
    does(&place, &["sources", "set", "ghes.corp.example", "--enterprise", "managed"]);
    expect(&place, &[], "without a directory");
    let settings = "[directory.hr]\nid = \"Id\"\nemails = [\"Mail\"]\n\
                    server_logins = { \"ghes.corp.example\" = \"Ghes\" }\n";
    let settings = place.write("oneseat.toml", settings.as_bytes()).display().to_string();
    let import = |at: &str, list: &str| {
        let list = place.write("hr.csv", list.as_bytes()).display().to_string();
        let words = ["import", &list, "--directory", "hr", "--taken-at", at, "--config", &settings];
        does(&place, &words);
    };
    import(DAY, "Id,Mail,Ghes\n1,ada@x.example,A7\n");
    let found = ["certain classic:ada+managed:l1_corp same-directory-entry"];
    expect(&place, &found, "a mapped login");
    // It counts only where the directory knows no address of the seat.
    import("2026-03-03T08:00:00Z", "Id,Mail,Ghes\n1,ada@x.example,A7\n2,m@x.example,\n");
    expect(&place, &[], "the address of the seat is somebody else's");
}

#[test]
fn a_declared_link_joins_and_a_declared_difference_parts() {
    // A link is declared within one enterprise; then the instance comes into another one.
    let place = pair(&[user("ada", ""), user("bob", "b@x.example")], &[user("z_corp", "")]);
    let accounts = [("7", "al", "ada@y.example", false), ("8", "bobby", "b@x.example", false)];
    server(&place, "ghes.corp.example", DAY, &accounts);
    let set = |enterprise: &str| {
        does(&place, &["sources", "set", "ghes.corp.example", "--enterprise", enterprise]);
    };
    set("classic");
    let why = ["--reason", "known"];
    does(&place, &[&["links", "add", "ghes.corp.example:7", "classic:ada"], &why[..]].concat());
    set("managed");
    let declared = "certain classic:ada+ghes.corp.example:7 declared";
    let same = "certain classic:bob+ghes.corp.example:8 same-identity";
    expect(&place, &[declared, same], "a declared link");
    set("classic");
    does(&place, &[&["links", "deny", "ghes.corp.example:8", "classic:bob"], &why[..]].concat());
    set("managed");
    expect(&place, &[declared], "a declared difference beats an address");
    set("classic");
    does(&place, &[&["links", "deny", "ghes.corp.example:7", "classic:ada"], &why[..]].concat());
    set("managed");
    expect(&place, &[], "the later declaration counts");
}

#[test]
fn with_one_enterprise_there_is_nobody() {
    let place = Place::new();
    let ran = place.run(&["across"]);
    assert_eq!(ran.code, 7, "{}", ran.stderr);
    cloud(
        &place,
        "classic",
        DAY,
        &[user("ada", "a@x.example"), user("ada_x", "").verified("a@x.example")],
    );
    let answer = place.json(&["across", "--by", "month"]);
    let none = json!({"people": 0, "seats": 0, "extra_seats": 0, "certain": 0, "likely": 0, "possible": 0});
    assert_eq!((&answer["summary"], &answer["items"]), (&none, &json!([])));
    assert_eq!(answer["by_period"], json!([{"at": DAY, "people": 0, "extra_seats": 0}]));
    let page = place.run(&["across"]).stdout;
    assert!(page.contains("classic") && page.contains("licenses-are-per-enterprise"), "{page}");
    assert_eq!(place.run(&["across", "--enterprise", "nobody"]).code, 2);
    assert_eq!(place.run(&["across", "--from", "2026-01-01"]).code, 2, "--from without --by");
    assert_eq!(place.run(&["across", "--by", "month", "--from", "2027-01-01"]).code, 2);
    assert_eq!(place.run(&["across", "--by", "snapshot"]).code, 2);
}

#[test]
fn since_is_when_the_second_seat_began() {
    let place = Place::new();
    let at = |month: u32| format!("2026-{month:02}-05T08:00:00Z");
    let ada = user("ada", "a@x.example");
    cloud(&place, "classic", &at(1), &[user("z", "")]);
    cloud(&place, "classic", &at(2), &[user("z", ""), ada.clone()]);
    cloud(&place, "managed", &at(1), &[user("y_corp", ""), user("ada_corp", "a@x.example")]);
    // Away for a month, and back: the run begins anew.
    cloud(&place, "managed", &at(2), &[user("y_corp", "")]);
    cloud(&place, "managed", &at(3), &[user("y_corp", ""), user("ada_corp", "a@x.example")]);
    // A new login is the same account.
    cloud(&place, "managed", &at(4), &[user("y_corp", ""), user("al_corp", "a@x.example")]);
    let answer = place.json(&["across"]);
    let item = &answer["items"][0];
    assert_eq!(item["since"], at(3), "{item:#}");
    assert_eq!(
        (&item["seats"][0]["since"], &item["seats"][1]["since"]),
        (&json!(at(2)), &json!(at(3)))
    );
    assert_eq!(item["seats"][1]["login"], "al_corp");
    let answer = place.json(&["across", "--as-of", "2026-02-01"]);
    assert_eq!(answer["summary"]["people"], 0, "one seat of two");
    let answer = place.json(&["across", "--by", "month", "--from", "2026-01-01"]);
    let points: Vec<(&str, u64)> = answer["by_period"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["at"].as_str().unwrap(), it["extra_seats"].as_u64().unwrap()))
        .collect();
    let end = at(4);
    let expected = [
        ("2026-01-31T23:59:59Z", 0),
        ("2026-02-28T23:59:59Z", 0),
        ("2026-03-31T23:59:59Z", 1),
        (end.as_str(), 1),
    ];
    assert_eq!(points, expected);
    // The known instant is respected: nothing had been imported by then.
    assert_eq!(place.run(&["across", "--known-on", "2020-01-01"]).code, 7);
}

/// Links may be about accounts of two enterprises, and are evidence here alone.
#[test]
fn links_between_enterprises_are_declared_denied_and_taken_back() {
    let place = pair(&[user("ada", "ada@x.e"), user("eve", "e@x.e")], &[user("bea", "e@x.e")]);
    let consumed = place.json(&["consumption"])["consumed"].clone();
    does(&place, &["links", "add", "classic:ada", "managed:bea", "--reason", "asked"]);
    does(&place, &["links", "deny", "classic:eve", "managed:bea", "--reason", "asked"]);
    expect(
        &place,
        &["certain classic:ada+managed:bea declared"],
        "declared, and the common NameID denied",
    );
    assert_eq!(place.json(&["consumption"])["consumed"], consumed, "counting never crosses");
    let links = place.json(&["links"]);
    let standing: Vec<&str> = links["items"]
        .as_array()
        .expect("links")
        .iter()
        .filter_map(|it| it["standing"].as_str())
        .collect();
    assert_eq!(standing, ["evidence", "holds"], "{links:#}");
    does(&place, &["links", "remove", "classic:ada", "managed:bea", "--reason", "asked"]);
    does(&place, &["links", "remove", "managed:bea", "classic:eve", "--reason", "asked"]);
    expect(&place, &["certain classic:eve+managed:bea same-identity"], "taken back");
    for matched in ["--matched-by-github", "--not-matched-by-github"] {
        let verb = if matched == "--matched-by-github" { "add" } else { "deny" };
        let words = ["links", verb, "classic:ada", "managed:bea", "--reason", "asked", matched];
        let ran = place.run(&words);
        assert_eq!(ran.code, 2, "GitHub merges within one enterprise only: {}", ran.stderr);
    }
}

/// The directory knows an address of the seat, so a mapped login of somebody else decides nothing.
#[test]
fn a_mapped_login_does_not_contradict_the_address_of_a_seat() {
    let place =
        pair(&[user("ada", "ada@x.e"), user("alice", "alice@x.e")], &[user("ada", "alice@x.e")]);
    let table = "Employee ID,Work Email,GitHub\n1,z1@z.e,zz1\n77,ada@x.e,ada\n78,alice@x.e,alice\n";
    let file = place.write("hr.csv", table.as_bytes()).display().to_string();
    let mapping =
        "[directory.hr]\nid = \"Employee ID\"\nemails = [\"Work Email\"]\nlogins = [\"GitHub\"]\n";
    let mapping = place.write("c.toml", mapping.as_bytes()).display().to_string();
    let at = ["--directory", "hr", "--taken-at", "2026-01-06", "--config", &mapping];
    does(&place, &[&["import", &file], &at[..]].concat());
    let answer = place.json(&["across"]);
    assert_eq!(answer["summary"]["people"], 1, "{answer:#}");
    assert_eq!(answer["summary"]["seats"], 2, "{answer:#}");
}

#[test]
fn periods_begin_with_the_enterprise_and_a_missing_report_is_said() {
    let place = Place::new();
    cloud(&place, "a", "2025-11-05", &[user("ada", "p@x.e")]);
    cloud(&place, "b", "2026-01-02", &[user("bea", "p@x.e")]);
    let answer = place.json(&["across", "--by", "month", "--enterprise", "b"]);
    let points = answer["by_period"].as_array().expect("points");
    assert_eq!(points.len(), 1, "{points:#?}");
    assert_eq!(points[0]["people"], 1);
    server(&place, "gh.b.example", "2026-01-05", &[("5", "uma", "u@x.e", false)]);
    does(&place, &["sources", "set", "gh.b.example", "--enterprise", "b"]);
    does(&place, &["snapshots", "void", "2", "--reason", "wrong"]);
    let told = place.run(&["across"]).stdout;
    assert!(told.contains("people with a seat there may be missing: b"), "{told}");
}

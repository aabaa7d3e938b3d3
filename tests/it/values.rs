//! Values of input files (formats.md section 1, counting.md section 2). Whatever form a field has, it is read,
//! reported as absent, or refused by name. It is never read as something else.

use serde_json::{Value, json};

use crate::common::{Place, Ran};

const CLOUD: [&str; 4] = ["--enterprise", "corp", "--taken-at", "2026-09-01"];
const SERVER: [&str; 4] = ["--host", "ghe.corp.example", "--taken-at", "2026-09-01"];

fn import(place: &Place, name: &str, text: &str, arguments: &[&str]) -> Ran {
    let file = place.write(name, text.as_bytes());
    let mut all = vec!["import".to_owned(), file.display().to_string()];
    all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    place.run(&all)
}

/// The consumed-licenses answer with a total of two and one user, who also has this field.
fn answer(field: &str, value: &Value) -> String {
    let mut user = json!({
        "github_com_login": "euler", "github_com_user": true, "enterprise_server_user": false,
        "license_type": "Enterprise", "enterprise_server_user_ids": [],
        "github_com_verified_domain_emails": ["euler@basel.example"],
        "github_com_enterprise_roles": ["Member"], "github_com_member_roles": ["math:Member"],
    });
    user[field] = value.clone();
    let other = json!({"github_com_login": "noether", "github_com_user": true,
        "enterprise_server_user": false, "license_type": "Enterprise"});
    json!({"total_seats_consumed": 2, "total_seats_purchased": 5, "users": [user, other]})
        .to_string()
}

fn imported_json(place: &Place, name: &str, text: &str, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.push("--json");
    let ran = import(place, name, text, &all);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {}", ran.stderr))
}

/// The warnings with a code: message and line.
fn warnings(imported: &Value, code: &str) -> Vec<(String, Value)> {
    let all = imported["items"][0]["warnings"].as_array().expect("warnings");
    let of_code = all.iter().filter(|warning| warning["code"] == code);
    of_code
        .map(|it| (it["message"].as_str().expect("a text").to_owned(), it["where"].clone()))
        .collect()
}

#[test]
fn a_value_of_another_type_is_refused_where_identity_or_matching_rests_on_it() {
    let object = json!({"login": "secret-euler"});
    for (field, value, what) in [
        ("github_com_login", object.clone(), "an object"),
        ("github_com_login", json!(["secret-euler"]), "a list"),
        ("github_com_login", json!(true), "a truth value"),
        ("github_com_login", json!("@{login=secret-euler}"), "what a shell prints for an object"),
        ("github_com_user", object.clone(), "an object"),
        ("github_com_user", json!(1), "a number"),
        ("github_com_user", json!("secret-yes"), "another text"),
        ("enterprise_server_user", json!([]), "a list"),
        ("visual_studio_subscription_user", json!("secret-no"), "another text"),
        ("github_com_saml_name_id", object.clone(), "an object"),
        ("github_com_saml_name_id", json!([{"id": "secret"}]), "a list"),
        ("visual_studio_subscription_email", object.clone(), "an object"),
        ("github_com_verified_domain_emails", object.clone(), "an object"),
        (
            "github_com_verified_domain_emails",
            json!([object.clone()]),
            "a list with an object in it",
        ),
        (
            "github_com_verified_domain_emails",
            json!([["secret@x.example"]]),
            "a list with a list in it",
        ),
        ("github_com_verified_domain_emails", json!(true), "a truth value"),
        (
            "github_com_verified_domain_emails",
            json!("secret@x.example b@x.example"),
            "several values",
        ),
        (
            "github_com_verified_domain_emails",
            json!(["secret@x.example b@x.example"]),
            "several values",
        ),
        ("github_com_verified_domain_emails", json!("System.Object[]"), "the name of a type"),
        ("enterprise_server_primary_emails", json!(["[object Object]"]), "what a shell prints"),
        (
            "enterprise_server_emails",
            json!("Microsoft.Graph.Secret.EmailCollection"),
            "the name of a type",
        ),
        ("enterprise_server_user_ids", json!([object.clone()]), "a list with an object in it"),
        (
            "enterprise_server_user_ids",
            json!("ghe.secret.example:17 ghe.secret.example:18"),
            "several values",
        ),
        ("github_com_member_roles", json!([object.clone()]), "a list with an object in it"),
        ("github_com_member_roles", json!("math:Owner secret:Member"), "several values"),
        ("github_com_enterprise_roles", json!([object.clone()]), "a list with an object in it"),
        ("github_com_enterprise_role", object.clone(), "an object"),
        ("github_com_orgs_with_pending_invites", json!("System.Object[]"), "the name of a type"),
    ] {
        let place = Place::new();
        let ran = import(&place, "users.json", &answer(field, &value), &CLOUD);
        assert_eq!(ran.code, 3, "{field} {value}: {}", ran.stderr);
        let told = format!("row 1: the field {field} is {what}");
        assert!(ran.stderr.contains(&told), "{field} {value}: {}", ran.stderr);
        assert!(!ran.stderr.contains("secret"), "{field} {value}: {}", ran.stderr);
        assert_eq!(place.run(&["consumption"]).code, 7, "nothing of it is stored");
    }
}

#[test]
fn a_value_of_another_type_is_absent_where_nothing_rests_on_it_and_said() {
    let object = json!({"name": "secret"});
    for (field, value) in [
        ("github_com_name", object.clone()),
        ("github_com_name", json!(["secret"])),
        ("license_type", object.clone()),
        ("github_com_cost_center", object.clone()),
        ("github_com_cost_center", json!([object.clone()])),
        ("github_com_two_factor_auth", json!("secret")),
        ("github_com_profile", object.clone()),
        ("total_user_accounts", json!("secret")),
        ("ghe_license_active", object.clone()),
        ("github_com_orgs_with_pending_invites", json!([object.clone()])),
        ("visual_studio_license_status", json!(false)),
    ] {
        let place = Place::new();
        let imported = imported_json(&place, "users.json", &answer(field, &value), &CLOUD);
        let told = warnings(&imported, "field-type");
        assert_eq!(told.len(), 1, "{field} {value}: {imported}");
        assert_eq!(told[0].1, field);
        assert!(!told[0].0.contains("secret") && told[0].0.contains("in 1 row"), "{}", told[0].0);
        assert_eq!(place.json(&["consumption"])["consumed"], 2);
        let sql = "SELECT name, license_type, cost_center FROM accounts WHERE login = 'euler'";
        let row = place.run(&["query", sql, "--json"]).stdout;
        assert!(!row.contains("secret"), "{field} {value}: {row}");
    }
}

#[test]
fn numbers_truths_and_lists_are_read_in_whatever_plain_form_they_come() {
    let addresses = ["a@basel.example", "b@basel.example"];
    for (field, value, sql, expected) in [
        (
            "github_com_verified_domain_emails",
            json!("a@basel.example; b@basel.example"),
            "SELECT key FROM emails WHERE kind = 'verified' ORDER BY key",
            json!(addresses),
        ),
        (
            "github_com_verified_domain_emails",
            json!("[\"a@basel.example\", \"b@basel.example\", null]"),
            "SELECT key FROM emails WHERE kind = 'verified' ORDER BY key",
            json!(addresses),
        ),
        (
            "enterprise_server_primary_emails",
            json!("['a@basel.example', 'b@basel.example']"),
            "SELECT key FROM emails WHERE kind = 'server' ORDER BY key",
            json!(addresses),
        ),
        (
            "github_com_verified_domain_emails",
            json!(["b@basel.example", null, "a@basel.example"]),
            "SELECT key FROM emails WHERE kind = 'verified' ORDER BY key",
            json!(addresses),
        ),
        (
            "github_com_verified_domain_emails",
            json!("[]"),
            "SELECT count(*) FROM emails WHERE login = 'euler'",
            json!([0]),
        ),
        (
            "github_com_saml_name_id",
            json!(100023),
            "SELECT key FROM emails WHERE kind = 'saml_name_id'",
            json!(["100023"]),
        ),
        (
            "github_com_member_roles",
            json!(["math:Member", 7, null, "physics:Owner"]),
            "SELECT organization FROM memberships ORDER BY organization",
            json!(["7", "math", "physics"]),
        ),
        (
            "github_com_enterprise_roles",
            json!("Outside collaborator"),
            "SELECT enterprise_roles FROM accounts WHERE login = 'euler'",
            json!(["Outside collaborator"]),
        ),
        ("github_com_user", json!("TRUE"), "SELECT count(*) FROM accounts", json!([2])),
        (
            "github_com_user",
            json!("False"),
            "SELECT kind FROM accounts WHERE login = 'euler'",
            json!(["invited"]),
        ),
        ("total_user_accounts", json!("2"), "SELECT count(*) FROM accounts", json!([2])),
    ] {
        let place = Place::new();
        let imported = imported_json(&place, "users.json", &answer(field, &value), &CLOUD);
        assert_eq!(imported["items"][0]["status"], "stored", "{field} {value}: {imported}");
        for code in ["field-type", "absent-word"] {
            assert_eq!(warnings(&imported, code), [], "{field} {value}");
        }
        let rows = place.json(&["query", sql]);
        let rows: Vec<&Value> = rows
            .as_array()
            .expect("rows")
            .iter()
            .filter_map(|row| row.as_object()?.values().next())
            .collect();
        assert_eq!(json!(rows), expected, "{field} {value}");
    }
}

#[test]
fn a_report_that_does_not_tell_its_rows_is_refused_with_what_is_missing() {
    for (name, text, told) in [
        (
            "a.ndjson",
            r#"{"github_com_login":"a","license_type":"Enterprise"}"#,
            "github_com_user is missing",
        ),
        (
            "b.ndjson",
            r#"{"github_com_login":"a","github_com_name":"Ada"}"#,
            "github_com_user is missing",
        ),
        (
            "c.ndjson",
            "{\"github_com_login\":\"a\",\"github_com_user\":true}\n{\"github_com_login\":\"b\",\"github_com_user\":null}",
            "row 2 does not say",
        ),
        (
            "i.ndjson",
            r#"{"github_com_login":"","visual_studio_subscription_user":true}"#,
            "no row says whether there is a Cloud account",
        ),
        (
            "d.json",
            r#"{"total_seats_consumed":1,"users":[{"github_com_user":true,"license_type":"Enterprise"}]}"#,
            "no field github_com_login",
        ),
        (
            "e.json",
            r#"{"total_seats_consumed":1,"users":[{"github_com_login":"a","github_com_user":false}]}"#,
            "enterprise_server_user and enterprise_server_user_ids",
        ),
        ("f.csv", "GitHub com login,License type\na,Enterprise\n", "github_com_user"),
        (
            "g.csv",
            "github_com_login,github_com_user,license_type\n,false,Enterprise\n",
            "enterprise_server_user and",
        ),
        (
            "h.csv",
            "github_com_user,license_type,github_com_name\ntrue,Enterprise,Ada\n",
            "github_com_login",
        ),
    ] {
        let place = Place::new();
        let format = if name.ends_with("csv") {
            "cloud-license-report-csv"
        } else {
            "cloud-consumed-licenses-json"
        };
        let mut arguments = CLOUD.to_vec();
        arguments.extend(["--input-format", format]);
        let ran = import(&place, name, text, &arguments);
        assert_eq!(ran.code, 3, "{name}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(told) && ran.stderr.contains("complete response"),
            "{name}: {}",
            ran.stderr
        );
        assert_eq!(place.run(&["consumption"]).code, 7, "{name}");
    }
}

#[test]
fn a_report_of_a_generation_without_the_account_column_is_told_by_its_logins() {
    let text = "Name,Handle or email,Profile link,License type,License status,Member roles,Enterprise role\n\
        Ada,ada,,Enterprise,,math:Member,Member\n,grace@corp.example,,Enterprise,,,Pending invitation\n";
    let place = Place::new();
    let ran = import(&place, "old.csv", text, &CLOUD);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let rows = place.json(&["query", "SELECT login, kind FROM accounts ORDER BY login"]);
    let expected = json!([{"login": "ada", "kind": "cloud"}, {"login": "grace@corp.example", "kind": "invited"}]);
    assert_eq!(rows, expected);
    let told = place.json(&["duplicates"])["warnings"].to_string();
    for field in [
        "github_com_saml_name_id",
        "github_com_verified_domain_emails",
        "enterprise_server_user_ids",
    ] {
        assert!(told.contains(field), "{told}");
    }
    let parts = place.json(&["seats", "--by", "organization"]);
    assert_eq!(parts["lines"][0]["part"], "math");
    assert_eq!(parts["lines"][1]["group"], "none", "the column is there, and empty");
}

#[test]
fn words_of_absence_are_counted_by_field_and_are_no_values() {
    let header = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,\
        org_memberships,dormant?,last_active,raw_login,2fa_enabled?\n";
    let mut text = header.to_owned();
    for (id, email) in
        (1..).zip(["none", "-", "unknown", "NULL", "n/a", "N/A", "real@corp.example", "\\N"])
    {
        text.push_str(&format!(
            "2021-03-04T05:06:07Z,{id},user{id},{email},user,false,,0,0,0,false,,,false\n"
        ));
    }
    let place = Place::new();
    let imported = imported_json(&place, "all_users.csv", &text, &SERVER);
    let told = warnings(&imported, "absent-word");
    assert_eq!(told.len(), 1, "once for the field: {told:?}");
    assert_eq!(told[0].1, "email");
    assert!(told[0].0.contains("n/a (2)") && told[0].0.contains("none (1)"), "{}", told[0].0);
    assert_eq!(place.json(&["consumption"])["consumed"], 8);
    assert_eq!(place.json(&["query", "SELECT count(*) AS n FROM emails"])[0]["n"], 1);
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn a_login_and_an_organization_may_be_called_none_and_not_n_a() {
    let rows = ["none", "N/A", "nan", "(null)"].map(|login| {
        json!({"github_com_login": login, "github_com_name": login, "github_com_user": true,
            "github_com_saml_name_id": format!("{}@corp.example", login.len()),
            "github_com_member_roles": [format!("{login}:Member")],
            "enterprise_server_user_ids": ["n/a"], "license_type": "Enterprise"})
    });
    let text = json!({"total_seats_consumed": 4, "users": rows}).to_string();
    let place = Place::new();
    let imported = imported_json(&place, "users.json", &text, &CLOUD);
    let fields: Vec<Value> =
        warnings(&imported, "absent-word").into_iter().map(|it| it.1).collect();
    let named = [
        "enterprise_server_user_ids",
        "github_com_login",
        "github_com_member_roles",
        "github_com_name",
    ];
    assert_eq!(fields, named);
    let names = place
        .json(&["query", "SELECT DISTINCT name FROM accounts WHERE name IS NOT NULL ORDER BY 1"]);
    assert_eq!(names, json!([{"name": "nan"}, {"name": "none"}]));
    let organizations =
        place.json(&["query", "SELECT DISTINCT organization FROM memberships ORDER BY 1"]);
    assert_eq!(organizations, json!([{"organization": "nan"}, {"organization": "none"}]));
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn a_server_account_has_no_id_and_no_address_that_is_a_word_of_absence() {
    let user =
        |id: Value, login: &str, emails: Value| json!({"id": id, "login": login, "emails": emails});
    let export = |users: &[Value]| {
        json!({"instance": {"host_name": "ghe.corp.example", "server_id": "x"}, "users": users})
            .to_string()
    };
    let place = Place::new();
    let text = export(&[
        user(
            json!("N/A"),
            "ada",
            json!(["n/a", null, {"email": "ada@corp.example", "primary": "True"}]),
        ),
        user(json!(7), "bob", json!("bob@corp.example; b@corp.example")),
        user(json!(8), "cy", json!(null)),
    ]);
    let imported = imported_json(&place, "usage.json", &text, &["--taken-at", "2026-09-01"]);
    assert_eq!(imported["items"][0]["status"], "stored", "{imported}");
    let sql = "SELECT login, id FROM accounts ORDER BY login";
    let expected = json!([{"login": "ada", "id": null}, {"login": "bob", "id": "7"}, {"login": "cy", "id": "8"}]);
    assert_eq!(place.json(&["query", sql]), expected);
    let keys = place.json(&["query", "SELECT key FROM emails ORDER BY key"]);
    assert_eq!(
        keys,
        json!([{"key": "ada@corp.example"}, {"key": "b@corp.example"}, {"key": "bob@corp.example"}])
    );
    for (users, told) in [
        (user(json!({"n": 1}), "ada", json!([])), "the field id is an object"),
        (user(json!(1), "ada", json!({"a": "secret@x.example"})), "the field emails is an object"),
        (
            user(json!(1), "ada", json!([{"address": "secret@x.example"}])),
            "an object that has no email",
        ),
        (user(json!(1), "ada", json!("secret@x.example b@x.example")), "several values"),
        (user(json!("n/a"), "(none)", json!([])), "neither id nor login"),
    ] {
        let ran = import(&place, "usage.json", &export(&[users]), &["--taken-at", "2026-09-02"]);
        assert_eq!(ran.code, 3, "{told}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(told) && !ran.stderr.contains("secret"),
            "{told}: {}",
            ran.stderr
        );
    }
}

#[test]
fn a_header_in_the_middle_is_skipped_and_another_one_refused() {
    let cloud = "GitHub com login,GitHub com user,License type\n";
    let users = "created_at,id,login,email,suspended?\n";
    let list = "login,email,role,ssh_keys,org_memberships,repos,suspension_status,last_logged_ip,creation_date\n";
    let row = "emmy,e@x.example,user,1,1,1,active,192.0.2.1,2019-03-04\n";
    for (name, text, arguments, consumed) in [
        ("a.csv", format!("{cloud}a,true,Enterprise\n{cloud}b,true,Enterprise\n{cloud}"), CLOUD, 2),
        (
            "b.csv",
            format!("{cloud}a,true,Enterprise\n\u{feff}{cloud}b,true,Enterprise\n"),
            CLOUD,
            2,
        ),
        (
            "c.csv",
            format!(
                "{cloud}a,true,Enterprise\n\"GitHub com login\",\"GitHub com user\",\"License type\"\nb,true,Enterprise\n"
            ),
            CLOUD,
            2,
        ),
        (
            "d.csv",
            format!(
                "{users}2021-01-01,1,a,a@x.example,false\n{users}2021-01-01,2,b,b@x.example,false\n"
            ),
            SERVER,
            2,
        ),
        (
            "e.csv",
            format!("{row}{list}klein,k@x.example,user,1,1,1,active,192.0.2.1,2019-03-04\n"),
            SERVER,
            2,
        ),
    ] {
        let place = Place::new();
        let imported = imported_json(&place, name, &text, &arguments);
        assert_eq!(imported["items"][0]["status"], "stored", "{name}: {imported}");
        assert_eq!(warnings(&imported, "header-repeated").len(), 1, "{name}: {imported}");
        assert_eq!(place.json(&["consumption"])["consumed"], consumed, "{name}");
    }
    for (name, text, arguments) in [
        (
            "f.csv",
            format!(
                "{cloud}a,true,Enterprise\nGitHub com login,License type,GitHub com user\nb,Enterprise,true\n"
            ),
            CLOUD,
        ),
        (
            "g.csv",
            format!(
                "{cloud}a,true,Enterprise\ngithub_login,github_user,license_type,github_name\nb,true,Enterprise,Bob\n"
            ),
            CLOUD,
        ),
        (
            "h.csv",
            format!("{users}2021-01-01,1,a,a@x.example,false\nid,login,email\n2,b,b@x.example\n"),
            SERVER,
        ),
    ] {
        let place = Place::new();
        let ran = import(&place, name, &text, &arguments);
        assert_eq!(ran.code, 3, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(":3: another header"), "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_row_with_another_number_of_cells_is_named_for_what_it_is() {
    let header = "GitHub com login,GitHub com name,GitHub com user,License type\n";
    for (row, told) in [
        ("a,Secret, Ada,true,Enterprise\n", "a delimiter stands within a cell that has no quotes"),
        ("a,Secret,true\n", "the download is probably incomplete"),
    ] {
        let place = Place::new();
        let ran =
            import(&place, "report.csv", &format!("{header}b,B,true,Enterprise\n{row}"), &CLOUD);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        assert!(
            ran.stderr.contains("report.csv:3: the row has") && ran.stderr.contains(told),
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("Secret"), "{}", ran.stderr);
    }
}

#[test]
fn a_blank_before_a_quoted_cell_is_read_wherever_it_stands() {
    let text = "\"github_com_login\", \"github_com_name\", \"github_com_user\", \"license_type\", \"github_com_verified_domain_emails\"\n\
        \"a\", \"Last, First\", \"true\", \"Enterprise\", \"a@x.example, b@x.example\"\n\
        b,  \"says \"\"hi, \"\" there\",true,Enterprise, plain@x.example\n";
    let place = Place::new();
    let ran = import(&place, "report.csv", text, &CLOUD);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let rows = place.json(&["query", "SELECT login, name FROM accounts ORDER BY login"]);
    let expected = json!([{"login": "a", "name": "Last, First"}, {"login": "b", "name": "says \"hi, \" there"}]);
    assert_eq!(rows, expected);
    let keys = place.json(&["query", "SELECT key FROM emails ORDER BY key"]);
    assert_eq!(
        keys,
        json!([{"key": "a@x.example"}, {"key": "b@x.example"}, {"key": "plain@x.example"}])
    );
}

#[test]
fn two_files_are_different_as_far_as_both_say_and_organizations_not_stated_are_nobodys() {
    let place = Place::new();
    let whole = json!({"total_seats_consumed": 1, "users": [{"github_com_login": "ada", "github_com_user": true,
        "license_type": "Enterprise", "github_com_member_roles": ["math:Owner"], "github_com_enterprise_roles": ["Owner"]}]});
    assert_eq!(import(&place, "one.json", &whole.to_string(), &CLOUD).code, 0);
    let picked = r#"{"github_com_login":"ada","github_com_user":true}"#;
    let later = ["--enterprise", "corp", "--taken-at", "2026-10-01"];
    assert_eq!(import(&place, "two.ndjson", picked, &later).code, 0);
    let diff = place.json(&["diff", "2026-09-01", "2026-10-01"]);
    assert_eq!(diff["movements"]["changed"], 0, "{diff}");
    let ran = place.run(&["diff", "2026-09-01", "2026-10-01", "--organization", "math"]);
    assert_eq!(ran.code, 7, "{}", ran.stdout);
    assert!(ran.stderr.contains("organizations are not stated"), "{}", ran.stderr);
    for (by, part) in [
        ("organization", "(not stated)"),
        ("role", "(not stated)"),
        ("license-type", "(not stated)"),
    ] {
        let seats = place.json(&["seats", "--by", by]);
        assert_eq!(seats["lines"][0]["part"], part, "{by}");
        let earlier = place.json(&["seats", "--by", by, "--as-of", "2026-09-01"]);
        assert_ne!(earlier["lines"][0]["part"], part, "{by}");
    }
    let history = place.json(&["explain", "ada"])["people"][0]["history"].to_string();
    assert!(!history.contains("organization"), "{history}");
    let seat = place.json(&["query", "SELECT organizations FROM seats"]);
    assert_eq!(seat, json!([{"organizations": null}]));
}

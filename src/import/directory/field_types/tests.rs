//! A value of another type than its field has is read where its form is plain, refused where identity rests on it,
//! and told elsewhere.

use serde_json::{Value, json};

use super::tests::read_texts;
use crate::code::WarningCode;

/// The entry of each JSON format with one field of another value.
fn with_field(format: &str, field: &str, value: &Value) -> String {
    let mut entry = match format {
        "graph" => json!({"id": "1", "userPrincipalName": "a@x.example", "accountEnabled": true}),
        "okta" => json!({"id": "1", "status": "ACTIVE", "profile": {"login": "a@x.example"}}),
        _ => json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1",
            "userName": "a@x.example", "active": true}),
    };
    let place = field.split('.').fold(&mut entry, |place, key| &mut place[key]);
    *place = value.clone();
    json!([entry]).to_string()
}

#[test]
fn a_value_of_another_type_is_refused_where_identity_rests_on_it() {
    let (object, list) = (json!({"x": "b@x.example"}), json!(["a", "b"]));
    let lists = json!([["a@x.example"]]);
    for (format, field, values) in [
        ("graph", "id", [&object, &list, &json!(true)]),
        ("graph", "userPrincipalName", [&object, &list, &json!(false)]),
        ("graph", "mail", [&object, &lists, &object]),
        ("graph", "otherMails", [&object, &lists, &json!([{"x": 1}])]),
        ("graph", "proxyAddresses", [&object, &lists, &json!([{"x": 1}])]),
        ("graph", "accountEnabled", [&object, &list, &lists]),
        ("okta", "id", [&object, &list, &json!(true)]),
        ("okta", "profile.login", [&object, &list, &json!(true)]),
        ("okta", "profile.email", [&object, &lists, &lists]),
        ("okta", "profile.secondEmail", [&object, &lists, &lists]),
        ("scim", "id", [&object, &list, &json!(true)]),
        ("scim", "userName", [&object, &list, &json!(true)]),
        ("scim", "active", [&object, &list, &lists]),
        ("scim", "emails", [&lists, &json!({"value": {}}), &json!([{"value": [{}]}])]),
    ] {
        for value in values {
            let file = with_field(format, field, value);
            let error = read_texts(&[file.as_bytes()], None).err().map(|it| it.report(false));
            let report = error.unwrap_or_default();
            assert!(report.contains("list:1: the field \""), "{field}: {report}: {file}");
            assert!(report.contains("in place of") && !report.contains("x.example"), "{report}");
        }
    }
}

#[test]
fn a_value_of_another_type_is_told_elsewhere() {
    for (format, field, value, what) in [
        ("graph", "mail", json!(5), "a number"),
        ("graph", "mail", json!(false), "true or false"),
        ("graph", "otherMails", json!([5, null]), "a number"),
        ("graph", "displayName", json!({"x": 1}), "an object"),
        ("graph", "department", json!(["a", "b"]), "a list"),
        ("graph", "employeeId", json!(true), "true or false"),
        ("graph", "manager", json!(["a", "b"]), "a list"),
        ("okta", "profile.email", json!(5), "a number"),
        ("okta", "profile.manager", json!({}), "an object"),
        ("okta", "profile.firstName", json!(true), "true or false"),
        ("scim", "emails", json!([5]), "a number"),
        ("scim", "displayName", json!({}), "an object"),
        ("scim", "name", json!("Ada"), "a text"),
    ] {
        let file = with_field(format, field, &value);
        let read = read_texts(&[file.as_bytes()], None).expect("a list");
        let mut warnings = read.facts.warnings.iter();
        let told = warnings.find(|(code, _)| *code == WarningCode::FieldType);
        let told = told.map(|(_, told)| told.clone()).unwrap_or_default();
        assert!(told.contains(&format!("field {field:?}")), "{told}: {file}");
        assert!(told.ends_with(&format!("{what} in 1 entry")), "{told}: {file}");
        let entry = read.entries.get(0).expect("a person");
        assert_eq!(entry.addresses, ["a@x.example"], "{file}");
    }
}

#[test]
fn a_value_of_another_type_is_read_where_its_form_is_plain() {
    let mails = json!({"value": ["b@x.example"], "Count": 1});
    for (format, field, value) in [
        ("graph", "mail", json!("b@x.example")),
        ("graph", "mail", json!(["b@x.example"])),
        ("graph", "otherMails", json!("b@x.example")),
        ("graph", "otherMails", mails),
        ("okta", "profile.email", json!(["b@x.example", null])),
        ("scim", "emails", json!("b@x.example")),
        ("scim", "emails", json!({"value": "b@x.example"})),
        ("scim", "emails", json!([{"value": ["b@x.example"]}])),
    ] {
        let file = with_field(format, field, &value);
        let read = read_texts(&[file.as_bytes()], None).expect("a list");
        let entry = read.entries.get(0).expect("a person");
        assert_eq!(entry.addresses, ["a@x.example", "b@x.example"], "{file}");
        assert_eq!(read.facts.warnings, [], "{file}");
    }
    for (format, field, value, expected) in [
        ("graph", "accountEnabled", json!("true"), Some(true)),
        ("graph", "accountEnabled", json!("FALSE"), Some(false)),
        ("graph", "accountEnabled", json!(0), Some(false)),
        ("graph", "id", json!(1), Some(true)),
        ("graph", "id", json!(["1"]), Some(true)),
        ("graph", "userPrincipalName", json!(["a@x.example"]), Some(true)),
        ("scim", "active", json!("True"), Some(true)),
        ("okta", "id", json!(1), Some(true)),
    ] {
        let file = with_field(format, field, &value);
        let read = read_texts(&[file.as_bytes()], None).expect("a list");
        let entry = read.entries.get(0).expect("a person");
        assert_eq!((entry.id.as_str(), entry.active), ("1", expected), "{file}");
        assert_eq!(entry.addresses, ["a@x.example"], "{file}");
    }
}

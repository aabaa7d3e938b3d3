//! Nothing that a directory's file lacks, and nothing in it that cannot be read, is lost in silence: the file is
//! refused, called incomplete, or read with a warning.

use serde_json::json;

use super::tests::read_texts;

#[test]
fn an_entry_that_is_there_twice_does_not_make_up_for_one_that_is_missing() {
    let scim = |first: u32, second: u32| {
        let user =
            |number: u32| json!({"id": number.to_string(), "userName": format!("u{number}")});
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
        let users = [user(first), user(second)];
        json!({"schemas": schemas, "totalResults": 4, "Resources": users}).to_string()
    };
    let graph = |first: u32, second: u32| {
        let user = |number: u32| json!({"id": number.to_string(), "userPrincipalName": "u"});
        json!({"@odata.count": 4, "value": [user(first), user(second)]}).to_string()
    };
    let ldif = |first: u32, second: u32| {
        let entry = |number: u32| format!("dn: CN={number}\nmail: u{number}@corp.example\n\n");
        format!("{}{}# numEntries: 2\n", entry(first), entry(second))
    };
    let cut = |files: &[String]| {
        let files: Vec<&[u8]> = files.iter().map(String::as_bytes).collect();
        read_texts(&files, None).expect("a list").facts.cut.unwrap_or_default()
    };
    assert_eq!(cut(&[scim(1, 2), scim(3, 4)]), "");
    assert_eq!(
        cut(&[scim(1, 2), scim(2, 4)]),
        "totalResults states 4 entries, but the files have 3, each counted once"
    );
    assert_eq!(cut(&[graph(1, 2), graph(3, 4)]), "");
    assert_eq!(
        cut(&[graph(1, 2), graph(2, 4)]),
        "@odata.count states 4 entries, but the files have 3, each counted once"
    );
    assert_eq!(cut(&[ldif(1, 2)]), "");
    assert_eq!(
        cut(&[ldif(1, 1)]),
        "# numEntries states 2 entries, but the file has 1, each counted once"
    );
    let open = "dn: CN=1\nmail: a@x.example\n# numEntries: 1\n";
    assert_eq!(cut(&[open.to_owned()]), "", "no empty line stands before the comment");
    let moved = "dn: CN=1\nentryUUID: u\nmail: a@x.example\n\ndn: OU=X,CN=1\nentryUUID: u\n# numEntries: 2\n";
    assert!(cut(&[moved.to_owned()]).contains("has 1, each counted once"));
}

#[test]
fn a_cookie_without_an_end_says_that_entries_follow() {
    let cut = |text: &str| {
        let text = format!("dn: CN=1\nmail: a@corp.example\n{text}");
        read_texts(&[text.as_bytes()], None).expect("a list").facts.cut.is_some()
    };
    for (text, expected) in [
        ("\n# pagedresults: cookie=AbC=\n", true),
        ("\npagedresults: cookie=AbC=\n", true),
        ("pagedresults: estimate=9 cookie=AbC=\n", true),
        ("\npagedresults: cookie=\n", false),
        ("\n# pagedresults: cookie=AbC=\n\ndn: CN=2\n\n# pagedresults: cookie=\n", false),
        ("\n# pagedresults: cookie=AbC=\n\ndn: CN=2\n\n# pagedresults: cookie=D\n", true),
    ] {
        assert_eq!(cut(text), expected, "{text}");
    }
}

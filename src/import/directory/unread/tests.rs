//! Nothing that a directory's file lacks, and nothing in it that cannot be read, is lost in silence: the file is
//! refused, called incomplete, or read with a warning.

use serde_json::{Value, json};

use super::tests::read_texts;
use super::{DIRECTORY_READERS, ReadDirectory, nearly, read, recognize};
use crate::code::WarningCode;
use crate::import::Input;
use crate::model::{DirectoryEntry, DirectoryMapping};

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

/// The warnings about a list, and the times at which its people left and expire.
fn times(text: &str) -> (String, Vec<String>) {
    let read = read_texts(&[text.as_bytes()], None).expect("a list");
    let shown = |entry: DirectoryEntry| {
        entry.left.or(entry.expires).map(|at| at.to_string()).unwrap_or_default()
    };
    let warnings = read.facts.warnings.iter();
    let unread = warnings.filter(|(code, _)| code.to_string() == "date-unknown");
    let unread: String = unread.map(|(_, told)| told.as_str()).collect();
    (unread, read.entries.iter().map(shown).collect())
}

#[test]
fn dates_that_nobody_can_read_are_counted_in_every_format() {
    const FIRST: &str = "2026-08-01T00:00:00Z";
    let graph = |left: Value| {
        json!([{"id": "1", "userPrincipalName": "a", "employeeLeaveDateTime": left}]).to_string()
    };
    for (left, unread, expected) in [
        (json!("/Date(1785542400000)/"), 0, FIRST),
        (json!({"value": "/Date(1785542400000)/", "DateTime": "x"}), 0, FIRST),
        (json!("2026-08-01T00:00:00Z"), 0, FIRST),
        (json!(null), 0, ""),
        (json!(""), 0, ""),
        (json!("8/1/2026 12:00:00 AM"), 1, ""),
        (json!("soon"), 1, ""),
        (json!({"DateTime": "x"}), 1, ""),
        (json!(1_785_542_400_000_u64), 1, ""),
    ] {
        let (told, times) = times(&graph(left.clone()));
        let expected_words = "fields of dates that cannot be read as a date: 1";
        assert_eq!(told, if unread == 1 { expected_words } else { "" }, "{left}");
        assert_eq!(times, [expected], "{left}");
    }
    let okta = r#"[{"id":"1","status":"DEPROVISIONED","statusChanged":"soon","profile":{"login":"a"}},
        {"id":"2","status":"ACTIVE","statusChanged":"soon","profile":{"login":"b"}}]"#;
    assert!(times(okta).0.ends_with(": 1"), "the time of who is active does not count");
    let never = "9223372036854775807";
    let cells = ["1.34E+17", "01.08.2026", "2026-08-01", never, "", "133485408000000000"];
    let expected = ["", "", "2026-08-01T23:59:59Z", "", "", "2024-01-01T00:00:00Z"];
    let rows = cells.iter().enumerate();
    let rows: String =
        rows.map(|(at, cell)| format!("{at},512,u{at}@x.example,{cell}\n")).collect();
    let table = format!("DN,userAccountControl,userPrincipalName,accountExpires\n{rows}");
    let entries = cells
        .iter()
        .enumerate()
        .map(|(at, cell)| format!("dn: {at}\nmail: u{at}@x.example\naccountExpires: {cell}\n\n"));
    for (text, place) in [(table, "cells in columns"), (entries.collect(), "attributes")] {
        let (told, times) = times(&text);
        assert_eq!(told, format!("{place} of dates that cannot be read as a date: 2"), "{text}");
        assert_eq!(times, expected, "{text}");
    }
}

#[test]
fn a_file_of_ldif_without_an_end_of_its_last_line_may_be_cut() {
    for (text, expected) in [
        ("dn: CN=A\nmail: a@corp.exam", true),
        ("dn: CN=A\nmail: a@corp.example\n\n# CN=B, c", true),
        ("dn: CN=A\nmail: a@corp\n .exam", true),
        ("dn: CN=A\nmail: a@corp.example\n", false),
        ("dn: CN=A\r\nmail: a@corp.example\r\n\r\n", false),
    ] {
        let read = read_texts(&[text.as_bytes()], None).expect("a list");
        let mut warnings = read.facts.warnings.iter();
        let warned = warnings.any(|(code, _)| code.to_string() == "no-line-end");
        assert_eq!(warned, expected, "{text:?}");
    }
}

#[test]
fn a_hexadecimal_user_account_control_is_read() {
    let table =
        b"DN,userAccountControl,userPrincipalName\nA,0x202,a@x.example\nB,0x200,b@x.example\n";
    let ldif = b"dn: A\nmail: a@x.example\nuserAccountControl: 0x202\n\ndn: B\nmail: b@x.example\nuserAccountControl: 0x200\n";
    for file in [&table[..], &ldif[..]] {
        let read = read_texts(&[file], None).expect("two people");
        let active: Vec<Option<bool>> = read.entries.iter().map(|entry| entry.active).collect();
        assert_eq!(active, [Some(false), Some(true)]);
    }
}

#[test]
fn a_table_of_another_format_has_no_addresses() {
    let text = "userPrincipalName,id,mail,accountEnabled\na@corp.example,1,a@corp.example,True\n";
    let input =
        || Input::new("list".to_owned(), Box::new(std::io::Cursor::new(text))).expect("an input");
    let named = DIRECTORY_READERS.into_iter().find(|it| it.format() == "okta-users-csv");
    let error = read(named.expect("a reader"), &mut [input()], None).expect_err("no addresses");
    let report = error.report(false);
    assert!(report.contains("list:1: the table has no column \"login\""), "{report}");
    assert!(report.contains("leave --input-format out"), "{report}");
}

#[test]
fn groups_of_scim_are_called_groups() {
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "1",
        "displayName": "Team", "members": [{"value": "2"}]});
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
    let list = json!({"schemas": schemas, "totalResults": 1, "Resources": [group]});
    for text in [list.to_string(), group.to_string()] {
        let stream = Box::new(std::io::Cursor::new(text.clone()));
        let input = Input::new("list".to_owned(), stream).expect("an input");
        assert!(recognize(&input, None).expect("no conflict").is_none());
        let report = crate::import::recognize(&input).err().expect("no report").report(false);
        assert!(report.contains("these are SCIM groups"), "{report}");
        assert!(report.contains("request /Users, not /Groups"), "{report}");
    }
}

/// Files of every format, each with the text as all of its addresses.
fn with_addresses(text: &str) -> Vec<(String, Option<DirectoryMapping>)> {
    let cell = format!("\"{}\"", text.replace('"', "\"\""));
    let mapping = DirectoryMapping {
        id: "I".to_owned(),
        emails: vec!["E".to_owned()],
        manager: Some("M".to_owned()),
        ..DirectoryMapping::default()
    };
    let table = |header: &str, row: &str| (format!("{header}\n{row},{cell}\n"), None);
    let json = |entry: Value| (json!([entry]).to_string(), None);
    let ldif = |attribute: &str| {
        let value = text.replace('\n', " ");
        (format!("dn: CN=A\nobjectClass: person\n{attribute}: {value}\n"), None)
    };
    vec![
        table("userPrincipalName,accountEnabled,id,mail", "ada,True,1"),
        table("userPrincipalName,accountEnabled,id,alternateEmailAddress", "ada,True,1"),
        table("login,firstName,lastName,email", "ada,Ada,L"),
        table("login,firstName,lastName,secondEmail", "ada,Ada,L"),
        table("User principal name,Block credential,Object Id,Proxy addresses", "ada,0,1"),
        table("sAMAccountName,Enabled,DN,EmailAddress", "ada,1,CN=A"),
        table("sAMAccountName,Enabled,DN,proxyAddresses", "ada,1,CN=A"),
        table("primaryEmail,suspended,id,aliases.0", "ada,0,1"),
        table("Email Address [Required],Status [READ ONLY],id,Work Secondary Email", "a,Active,1"),
        (format!("I,M,E\n1,Bea <bea@x.example>,{cell}\n"), Some(mapping)),
        json(json!({"id": "1", "userPrincipalName": "ada", "mail": text})),
        json(json!({"id": "1", "userPrincipalName": "ada", "otherMails": text})),
        json(json!({"id": "1", "userPrincipalName": "ada", "proxyAddresses": [text]})),
        json(json!({"id": "1", "profile": {"login": "ada", "email": text}})),
        json(json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1",
            "userName": "ada", "emails": [{"value": text}]})),
        ldif("mail"),
        ldif("proxyAddresses"),
    ]
}

#[test]
fn several_addresses_in_one_text_are_read_in_every_format() {
    let unread = |read: &ReadDirectory| {
        let mut warnings = read.facts.warnings.iter();
        warnings.find(|(code, _)| *code == WarningCode::AddressUnread).map(|(_, told)| told.clone())
    };
    for text in [
        "a@x.example b@x.example",
        "[\"a@x.example\",\"b@x.example\"]",
        "['a@x.example', 'b@x.example']",
        "{a@x.example, b@x.example}",
        "Ada <a@x.example>; \"Bea, B.\" <b@x.example>",
        "SMTP:a@x.example;smtp:b@x.example",
        "smtp:a@x.example smtp:b@x.example",
        "a@x.example\nb@x.example",
    ] {
        for (file, mapping) in with_addresses(text) {
            let read = read_texts(&[file.as_bytes()], mapping.as_ref()).expect("a list");
            let entry = read.entries.get(0).expect("a person");
            assert_eq!(entry.addresses, ["a@x.example", "b@x.example"], "{file}");
            let manager = mapping.map(|_| "bea@x.example");
            assert_eq!(entry.manager.as_deref(), manager, "{file}");
            assert_eq!(unread(&read), None, "{file}");
        }
    }
    for (file, mapping) in with_addresses("Ada Lovelace ada@x.example") {
        let read = read_texts(&[file.as_bytes()], mapping.as_ref()).expect("a list");
        let told = unread(&read).unwrap_or_default();
        assert!(told.ends_with(": 1") && !told.contains("ada"), "{told}: {file}");
        assert!(read.entries.get(0).expect("a person").addresses.is_empty(), "{file}");
    }
}

#[test]
fn what_a_shell_prints_in_place_of_an_object_is_left_out_and_told() {
    const PRINTED: &str = "@{Id=1; DisplayName=Ada}";
    let table = |header: &str, row: &str| format!("{header}\n{row},{PRINTED}\nb,b,b,b,Bea\n");
    let json = |entry: Value| json!([entry]).to_string();
    for (file, name) in [
        (table("login,firstName,lastName,id,manager", "a,Ada,L,1"), "manager"),
        (table("login,firstName,lastName,id,department", "a,Ada,L,1"), "department"),
        (table("login,firstName,lastName,id,displayName", "a,,,1"), "displayName"),
        (json(json!({"id": "1", "userPrincipalName": "a", "manager": PRINTED})), "manager"),
        (json(json!({"id": "1", "userPrincipalName": "a", "department": PRINTED})), "department"),
        (json(json!({"id": "1", "userPrincipalName": "a", "displayName": PRINTED})), "displayName"),
        (json(json!({"id": "1", "userPrincipalName": "a", "mail": PRINTED})), "mail"),
    ] {
        let read = read_texts(&[file.as_bytes()], None).expect("a list");
        let mut warnings = read.facts.warnings.iter();
        let (_, told) = warnings.find(|(code, _)| *code == WarningCode::ColumnRefused).expect(name);
        assert!(told.contains(&format!("{name:?} is refused in 1 ")), "{told}");
        let entry = read.entries.get(0).expect("a person");
        assert_eq!((entry.manager, entry.unit), (None, None), "{file}");
        assert!(entry.name.is_none_or(|name| name == "Ada L"), "{file}");
    }
}

#[test]
fn who_was_deleted_is_inactive_and_has_left_then() {
    const AT: &str = "2026-08-01T09:00:00Z";
    let graph = |deleted: Value, left: Value| {
        json!([{"id": "1", "userPrincipalName": "a@x.example", "accountEnabled": true,
            "deletedDateTime": deleted, "employeeLeaveDateTime": left}])
        .to_string()
    };
    let table = |header: &str, row: &str| format!("{header}\n{row}\n");
    let ldif = |deleted: &str| {
        format!("dn: CN=A\nmail: a@x.example\nuserAccountControl: 512\nisDeleted: {deleted}\n")
    };
    let (no, never) = (Value::Null, "0001-01-01T00:00:00Z");
    for (file, active, left) in [
        (graph(json!(AT), no.clone()), false, AT),
        (graph(json!({"value": "/Date(1785574800000)/"}), no.clone()), false, AT),
        (graph(json!(AT), json!("2026-07-01T00:00:00Z")), false, "2026-07-01T00:00:00Z"),
        (graph(json!(AT), json!("2027-07-01T00:00:00Z")), false, AT),
        (graph(json!("soon"), no.clone()), false, ""),
        (graph(no.clone(), no.clone()), true, ""),
        (graph(json!(""), no.clone()), true, ""),
        (graph(json!(never), no), true, ""),
        (
            table(
                "userPrincipalName,accountEnabled,id,deletedDateTime",
                &format!("a@x.example,True,1,{AT}"),
            ),
            false,
            AT,
        ),
        (
            table("userPrincipalName,accountEnabled,id,deletedDateTime", "a@x.example,True,1,"),
            true,
            "",
        ),
        (
            table(
                "User principal name,Block credential,Object Id,Soft deletion time stamp",
                &format!("a@x.example,False,1,{AT}"),
            ),
            false,
            AT,
        ),
        (
            table("primaryEmail,suspended,id,deletionTime", &format!("a@x.example,False,1,{AT}")),
            false,
            AT,
        ),
        (
            table("UserPrincipalName,Enabled,ObjectGUID,isDeleted", "a@x.example,True,1,True"),
            false,
            "",
        ),
        (table("UserPrincipalName,Enabled,ObjectGUID,isDeleted", "a@x.example,True,1,"), true, ""),
        (ldif("TRUE"), false, ""),
        (ldif("FALSE"), true, ""),
    ] {
        let read = read_texts(&[file.as_bytes()], None).expect("a list");
        let entry = read.entries.get(0).expect("a person");
        assert_eq!(entry.active, Some(active), "{file}");
        assert_eq!(entry.left.map(|at| at.to_string()).unwrap_or_default(), left, "{file}");
    }
    let undecided = table("UserPrincipalName,Enabled,ObjectGUID,isDeleted", "a@x.example,,1,False");
    let read = read_texts(&[undecided.as_bytes()], None).expect("a list");
    assert_eq!(read.entries.active(0), None, "not deleted is not active");
}

#[test]
fn a_table_of_a_known_format_that_lacks_a_column_is_told_which() {
    let input = |text: &str| {
        let stream = Box::new(std::io::Cursor::new(text.to_owned()));
        Input::new("list".to_owned(), stream).expect("an input")
    };
    for (text, told) in [
        (
            "userPrincipalName,displayName,id,mail\n",
            "column \"accountEnabled\" that entra-users-csv",
        ),
        ("userPrincipalName,displayName\n", "\"accountEnabled\" and \"id\" that entra-users-csv"),
        ("User principal name,Display name,Object Id\n", "that entra-users-csv"),
        (
            "User principal name,Object Id,Proxy addresses,First name,Last name\n",
            "column \"Block credential\" that m365-users-csv",
        ),
        ("SamAccountName,ObjectGUID,Name\n", "column \"Enabled\" that ad-users-csv"),
        ("login,firstName,email\n", "column \"lastName\" that okta-users-csv"),
        ("Email Address [Required],Employee ID\n", "\"Status [READ ONLY]\" that google-users-csv"),
        ("primaryEmail,id\n", "column \"suspended\" that google-users-csv"),
        ("[{\"userPrincipalName\":\"a@x.example\"}]", "field \"id\" that graph-users-json"),
    ] {
        assert!(recognize(&input(text), None).expect("no other list").is_none(), "{text}");
        let report = nearly(&input(text)).map(|error| error.report(false)).unwrap_or_default();
        assert!(report.contains(told), "{told}: {report}");
    }
    for text in ["login,email,role\n", "Pers.No.,E-Mail,Exit\n", "{\"id\":1}", "<html>", ""] {
        assert!(nearly(&input(text)).is_none(), "{text}");
    }
    for (text, told) in [
        (
            "userPrincipalName,accountEnabled\na@x.example,1\n",
            "list:1: the table lacks the column \"id\"",
        ),
        (
            "User principal name,Block credential\na@x.example,1\n",
            "list:1: the table lacks the column \"Object Id\"",
        ),
        (
            "UserPrincipalName,Enabled\na@x.example,1\n",
            "list:1: the table lacks the column \"objectGUID\"",
        ),
    ] {
        let error = read_texts(&[text.as_bytes()], None).expect_err("no ids");
        let report = error.report(false);
        assert!(report.contains(told) && report.contains("export the list again"), "{report}");
    }
}

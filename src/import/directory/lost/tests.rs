//! People who would be lost, or would count as leavers, because a part of the file is missing or means nothing: such
//! files are refused, or read with a warning that says why.

use super::tests::read_texts;
use crate::code::WarningCode;
use crate::model::{ActiveWords, DirectoryEntry, DirectoryMapping};

/// The refusal of a file.
fn refusal(file: &str, mapping: Option<&DirectoryMapping>) -> String {
    let error = read_texts(&[file.as_bytes()], mapping).expect_err(file);
    error.report(false)
}

/// The messages of the warnings of a file with this code.
fn warnings(file: &str, mapping: Option<&DirectoryMapping>, wanted: WarningCode) -> Vec<String> {
    let read = read_texts(&[file.as_bytes()], mapping).expect(file);
    let all = read.facts.warnings.into_iter();
    all.filter(|(code, _)| *code == wanted).map(|(_, message)| message).collect()
}

#[test]
fn null_in_place_of_a_page_or_an_entry_refuses_the_file() {
    const USER: &str = r#"{"id":"1","userPrincipalName":"a@x.example","otherMails":null}"#;
    for (file, line) in [
        (format!(r#"{{"value":[{USER}]}}"#) + "\nnull", 2),
        (format!("[{{\"value\":[{USER}]}},\n{{\"value\":\nnull}}]"), 3),
        (format!("[[{USER}],\nnull]"), 2),
        (format!("[{USER},\nnull,\n{USER}]"), 2),
        (format!("{{\"value\":[{USER},\nnull]}}"), 2),
    ] {
        let told = refusal(&file, None);
        let expected =
            format!("list:{line}: null is in place of a page or an entry; entries before it: 1");
        assert!(told.contains(&expected), "{told}");
    }
    read_texts(&[USER.as_bytes()], None).expect("a field of an entry may be null");
}

#[test]
fn a_column_of_dates_in_which_nothing_is_a_date_refuses_the_table() {
    let mapping = DirectoryMapping {
        id: "I".to_owned(),
        emails: vec!["E".to_owned()],
        left: Some("End".to_owned()),
        ..DirectoryMapping::default()
    };
    let told = refusal("I,E,End\n1,a@x.example,end of May\n2,b@x.example,n/a\n", Some(&mapping));
    assert!(told.contains("list: no cell of the column \"End\" can be read as a date"), "{told}");
    assert!(told.contains("YYYY-MM-DD"), "{told}");
    let known =
        "userPrincipalName,Enabled,objectGUID,AccountExpirationDate\na@x.example,1,1,soon\n";
    let told = refusal(known, None);
    assert!(told.contains("\"AccountExpirationDate\" can be read as a date"), "{told}");
    let units = "userPrincipalName,Enabled,objectGUID,accountExpires\na@x.example,1,1,1.34E+17\n";
    assert!(refusal(units, None).contains("\"accountExpires\" can be read as a date"));
    for other in ["2026-01-31", "9999-12-31", "31.01.2026"] {
        let text = format!("I,E,End\n1,a@x.example,end of May\n2,b@x.example,{other}\n");
        assert_eq!(warnings(&text, Some(&mapping), WarningCode::DateUnknown).len(), 1, "{other}");
    }
}

#[test]
fn a_word_that_is_not_known_is_told_as_such() {
    let words = ActiveWords {
        column: "S".to_owned(),
        is: vec!["Active".to_owned()],
        not: vec!["Gone".to_owned()],
    };
    let mapping = DirectoryMapping {
        id: "I".to_owned(),
        emails: vec!["E".to_owned()],
        active: Some(words),
        ..DirectoryMapping::default()
    };
    let told = "words that should say whether a person is active, and are not known: 1; nobody is called inactive \
        for them, and 1 of 2 entries count as not stated";
    for (file, mapping) in [
        ("UserPrincipalName,Enabled,ObjectGUID\na@x.example,True,1\nb@x.example,ONWAAR,2\n", None),
        ("login,firstName,lastName,status\na@x.example,A,A,Active\nb@x.example,B,B,Aktiv\n", None),
        ("I,E,S\n1,a@x.example,Active\n2,b@x.example,Paused\n", Some(&mapping)),
        (
            r#"[{"id":"1","userPrincipalName":"a@x.example","accountEnabled":"ONWAAR"},
                {"id":"2","userPrincipalName":"b@x.example","accountEnabled":true}]"#,
            None,
        ),
    ] {
        assert_eq!(warnings(file, mapping, WarningCode::ActiveNotStated), [told], "{file}");
    }
    let empty = "UserPrincipalName,Enabled,ObjectGUID\na@x.example,True,1\nb@x.example,,2\n";
    let told = "the files do not state whether 1 of 2 are active";
    assert_eq!(warnings(empty, None, WarningCode::ActiveNotStated), [told]);
}

#[test]
fn who_is_deactivated_in_okta_has_left() {
    for file in [
        "login,firstName,lastName,status,statusChanged\na@x.example,A,A,Deactivated,2026-01-31\n",
        r#"[{"id":"1","status":"Deactivated","statusChanged":"2026-01-31","profile":{"login":"a@x.example"}}]"#,
    ] {
        let read = read_texts(&[file.as_bytes()], None).expect("a list");
        let DirectoryEntry { active, left, .. } = read.entries.get(0).expect("a person");
        assert_eq!((active, left.is_some()), (Some(false), true), "{file}");
    }
}

#[test]
fn values_are_added_to_an_entry_that_is_there_and_to_no_other() {
    const ENTRY: &str = "dn: CN=Ada,OU=People\nobjectClass: user\nmail: a@x.example\n\n\
        dn: CN=All,OU=Groups\nobjectClass: group\nmail: all@x.example\n\n";
    let with = |dn: &str| {
        format!(
            "{ENTRY}dn: {dn}\nchangetype: modify\nadd: proxyAddresses\nproxyAddresses: smtp:b@x.example\n-\n"
        )
    };
    for dn in ["CN=Ada,OU=People", "cn=ADA, ou = people", "CN=All, OU=Groups"] {
        let read = read_texts(&[with(dn).as_bytes()], None).expect(dn);
        let addresses = read.entries.get(0).expect("a person").addresses.len();
        assert_eq!(addresses, if dn.contains("All") { 1 } else { 2 }, "{dn}");
    }
    let told = refusal(&with("CN=Bea,OU=People"), None);
    let expected = "list:9: the record is a change to an entry that the file does not have";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn words_for_inactive_that_no_row_has_are_told() {
    let mapping = |is: &[&str], not: &[&str]| DirectoryMapping {
        id: "I".to_owned(),
        emails: vec!["E".to_owned()],
        active: Some(ActiveWords {
            column: "S".to_owned(),
            is: is.iter().map(|word| (*word).to_owned()).collect(),
            not: not.iter().map(|word| (*word).to_owned()).collect(),
        }),
        ..DirectoryMapping::default()
    };
    let told = |file: &str, mapping: &DirectoryMapping| {
        warnings(file, Some(mapping), WarningCode::ActiveNotStated).concat()
    };
    let nobody = "I,E,S\n1,a@x.example,Active\n2,b@x.example,Ausgetreten\n";
    let expected = "no row has a word that means inactive in the column \"S\"";
    let one = told(nobody, &mapping(&[], &["Terminated"]));
    assert!(one.starts_with(expected) && !one.contains("Ausgetreten"), "{one}");
    assert_eq!(told(nobody, &mapping(&[], &["ausgetreten"])), "");
    assert_eq!(told("I,E,S\n", &mapping(&[], &["Terminated"])), "");
    assert!(!told(nobody, &mapping(&["Active"], &["Terminated"])).contains(expected));
}

#[test]
fn a_list_in_which_nothing_is_a_person_is_refused() {
    let computers = "DistinguishedName,Enabled,ObjectClass,ObjectGUID,SamAccountName,UserPrincipalName\n\
        CN=PC1,True,computer,1,PC1$,\nCN=PC2,True,computer,2,PC2$,\n";
    let groups = "dn: CN=All\nobjectClass: group\nmail: all@x.example\n\n";
    for (file, entries) in [(computers, "2 entries"), (groups, "1 entry")] {
        let told = refusal(file, None);
        assert!(told.contains(&format!("list: the list has no people, but {entries}")), "{told}");
        assert!(told.contains("get the list of the users"), "{told}");
    }
    let mapping = DirectoryMapping {
        id: "I".to_owned(),
        emails: vec!["E".to_owned()],
        ..DirectoryMapping::default()
    };
    let told = refusal("I,E\n1,Ada\n2,Bea\n", Some(&mapping));
    assert!(told.contains("list: no row has an address or a login"), "{told}");
    assert!(told.contains("rows: 2") && !told.contains("Ada"), "{told}");
    read_texts(&[b"I,E\n"], Some(&mapping)).expect("a list that has nobody");
    let pages: [&[u8]; 2] = [groups.as_bytes(), b"dn: CN=Ada\nmail: a@x.example\n\n"];
    read_texts(&pages, None).expect("one page has a person");
}

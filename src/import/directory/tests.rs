//! Checks the readers of employee directories against golden files. The expected result of each golden file
//! lies beside it, and exactly one reader must recognize each file. With `ONESEAT_BLESS=1` the tests write the
//! present results as the expected ones; read the difference before you commit it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{DIRECTORY_READERS, DirectoryList, MAPPED, ReadDirectory, read, recognize};
use crate::error::Result;
use crate::import::{Input, READERS};
use crate::model::{ActiveWords, DirectoryEntry, DirectoryMapping, Host};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The column mapping for a golden file; `None` if the file needs none.
pub fn mapping_of(path: &Path) -> Option<DirectoryMapping> {
    if !path.to_string_lossy().contains("mapped-csv") {
        return None;
    }
    let personnel = DirectoryMapping {
        id: "pers no".to_owned(),
        emails: texts(&["E-Mail"]),
        left: Some("Exit".to_owned()),
        ..DirectoryMapping::default()
    };
    if !path.ends_with("hr.csv") {
        return Some(personnel);
    }
    let host = Host::new("ghes1.corp.example").expect("a host");
    Some(DirectoryMapping {
        id: "Employee ID".to_owned(),
        emails: texts(&["Work Email", "Alias"]),
        logins: texts(&["GitHub"]),
        server_logins: vec![(host, "Login on ghes1".to_owned())],
        active: Some(ActiveWords {
            column: "Status".to_owned(),
            is: texts(&["Active", "On leave"]),
            not: Vec::new(),
        }),
        left: Some("Termination Date".to_owned()),
        hired: Some("Hire Date".to_owned()),
        manager: Some("Manager ID".to_owned()),
        unit: Some("Cost Center".to_owned()),
    })
}

/// The golden files, each with the format that its folder is named for.
pub fn golden_files() -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    for reader in DIRECTORY_READERS {
        let folder = fixtures().join(reader.format());
        let files = std::fs::read_dir(&folder).expect("each format has golden files");
        let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        paths.retain(|path| !path.to_string_lossy().ends_with(".expected.json"));
        paths.sort();
        assert!(!paths.is_empty(), "{} has golden files", reader.format());
        found.extend(paths.into_iter().map(|path| (reader.format(), path)));
    }
    found
}

fn entry(entry: &DirectoryEntry) -> Value {
    let logins = entry.server_logins.iter().map(|(host, login)| json!([host.as_str(), login]));
    let all = json!({
        "id": entry.id,
        "other_id": entry.other_id,
        "addresses": entry.addresses,
        "primary": entry.primary,
        "sign_ins": entry.sign_ins,
        "active": entry.active,
        "left": entry.left,
        "expires": entry.expires,
        "manager": entry.manager,
        "unit": entry.unit,
        "name": entry.name,
        "logins": entry.logins,
        "server_logins": logins.collect::<Vec<_>>(),
    });
    // Absent fields are left out, so that a golden file is easy to read.
    let Value::Object(mut members) = all else { return all };
    members.retain(|key, value| key == "active" || !(value.is_null() || *value == json!([])));
    Value::Object(members)
}

pub fn said(directory: &ReadDirectory) -> Value {
    let facts = &directory.facts;
    json!({
        "entries": directory.entries.iter().map(|it| entry(&it)).collect::<Vec<_>>(),
        "rows": facts.rows,
        "cut": facts.cut,
        "organization": facts.organization,
        "left_out": facts.left_out,
        "warnings": facts.warnings.iter().map(|(code, told)| format!("{code}: {told}")).collect::<Vec<_>>(),
    })
}

fn read_file(path: &Path) -> Result<ReadDirectory> {
    let mapping = mapping_of(path);
    let input = Input::open(path)?;
    let reader = recognize(&input, mapping.as_ref())?.expect("a directory");
    read(reader, &mut [input], mapping.as_ref())
}

/// Reads files whose content is in memory.
pub fn read_texts(files: &[&[u8]], mapping: Option<&DirectoryMapping>) -> Result<ReadDirectory> {
    let input = |bytes: &&[u8]| {
        Input::new("list".to_owned(), Box::new(std::io::Cursor::new(bytes.to_vec())))
    };
    let mut inputs = files.iter().map(input).collect::<Result<Vec<_>>>()?;
    let reader = recognize(&inputs[0], mapping)?.expect("a directory");
    read(reader, &mut inputs, mapping)
}

fn refusal(file: &[u8], mapping: Option<&DirectoryMapping>) -> String {
    match read_texts(&[file], mapping) {
        Ok(read) => format!("it was read: {:#}", said(&read)),
        Err(error) => error.report(false),
    }
}

#[test]
fn every_golden_file_gives_the_people_beside_it() {
    let mut wrong = Vec::new();
    for (_, path) in golden_files() {
        let found = match read_file(&path) {
            Ok(read) => said(&read),
            Err(error) => {
                wrong.push(error.report(false));
                continue;
            }
        };
        let expected = PathBuf::from(format!("{}.expected.json", path.display()));
        if std::env::var_os("ONESEAT_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&found).expect("JSON");
            std::fs::write(&expected, text + "\n").expect("writable");
        }
        let text = std::fs::read_to_string(&expected).unwrap_or_default();
        if serde_json::from_str(&text).ok().as_ref() != Some(&found) {
            wrong.push(format!("{}: {found:#}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn exactly_one_recognizer_says_yes() {
    for (format, path) in golden_files() {
        let input = Input::open(&path).expect("a golden file");
        let mapping = mapping_of(&path);
        let reader = recognize(&input, mapping.as_ref()).expect("one reader").expect("a directory");
        assert_eq!(reader.format(), format, "{}", path.display());
    }
    // No reader of directories may recognize one of GitHub's reports.
    for reader in READERS {
        for file in std::fs::read_dir(fixtures().join(reader.format())).expect("golden files") {
            let path = file.expect("a file").path();
            let input = Input::open(&path).expect("a golden file");
            let claims = recognize(&input, None).expect("no conflict").map(|it| it.format());
            assert_eq!(claims, None, "{}", path.display());
        }
    }
}

#[test]
fn what_is_no_list_of_people_is_refused_by_its_place() {
    let hr = mapping_of(Path::new("mapped-csv/hr.csv"));
    let personnel = mapping_of(Path::new("mapped-csv/sap.csv"));
    let (hr, personnel, none) = (hr.as_ref(), personnel.as_ref(), None);
    let cases: &[(&[u8], Option<&DirectoryMapping>, &str)] = &[
        (
            b"userPrincipalName,displayName,id,accountEnabled\na@corp.example,Q, Ada,1,True\n",
            none,
            "list:2: the row has more cells than the header has names",
        ),
        (b"userPrincipalName,id,accountEnabled\na@corp.example,1\n", none, "list:2: the row has 2 cells"),
        (
            b"userPrincipalName,id,accountEnabled\na@corp.example,1,an\nb@corp.example,2,aus\n",
            none,
            "no cell of the column \"accountEnabled\" says",
        ),
        (
            b"userPrincipalName,id,accountEnabled,ID\na@corp.example,1,True,2\n",
            none,
            "list:1: two columns have the same name: \"id\" and \"ID\"",
        ),
        (b"userPrincipalName,id,accountEnabled\na@corp.example,,True\n", none, "list:2: the row has no id"),
        (
            b"userPrincipalName,id,accountEnabled\na@corp.example,1E+12,True\n",
            none,
            "list:2: the id is a number in scientific form",
        ),
        (
            br#"[{"id":"1","status":"ACTIVE","profile":{"login":"a@corp.example"}}]
{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit"}"#,
            none,
            "list:2: an error answer is among the pages; entries before it: 1",
        ),
        (
            br#"[{"value":[{"id":"1","userPrincipalName":"a@corp.example"}]},
{"error":{"code":"InvalidAuthenticationToken","message":"expired"}}]"#,
            none,
            "list:2: an error answer",
        ),
        (
            br#"[{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0},
{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401"}]"#,
            none,
            "list:2: an error answer",
        ),
        (
            br#"{"@odata.deltaLink":"x","value":[{"id":"1","userPrincipalName":"a"}]}"#,
            none,
            "a delta answer",
        ),
        (
            br#"{"value":[{"id":"1","userPrincipalName":"a"},{"id":"2","@removed":{"reason":"x"}}]}"#,
            none,
            "a delta answer",
        ),
        (
            br#"[{"id":"1","userPrincipalName":"a@corp.example"},{"userPrincipalName":"b@corp.example"}]"#,
            none,
            "an entry has no id",
        ),
        (br#"[{"id":"1","ID":"2","userPrincipalName":"a"}]"#, none, "a key is given twice"),
        (br#"[{"id":"1","userPrincipalName":"a"},"b"]"#, none, "a value where an entry belongs"),
        (br#"{"@odata.count":1,"value":[{"id":"1","userPrincipalName":"a"}"#, none, "ends in the middle"),
        (
            br#"{"schemas":["urn:scim:x"],"Resources":[{"id":"1","userName":"a"},{"id":"2"}]}"#,
            none,
            "an entry has no userName",
        ),
        (
            br#"[{"id":"1","userPrincipalName":"a@corp.example","accountEnabled":"an"},
{"id":"2","userPrincipalName":"b@corp.example","accountEnabled":"aus"}]"#,
            none,
            "list: no value of accountEnabled says whether the person is active",
        ),
        (
            br#"[{"schemas":["urn:scim:x"],"id":"1","userName":"a@corp.example","active":"an"}]"#,
            none,
            "no value of active says",
        ),
        (
            br#"[{"id":"1","status":"Aktiv","profile":{"login":"a@corp.example"}}]"#,
            none,
            "no value of status says",
        ),
        (
            b"DN,userAccountControl,userPrincipalName\nA,NORMAL_ACCOUNT,a@corp.example\n",
            none,
            "no cell of the column \"userAccountControl\" says",
        ),
        (
            b"dn: CN=A\nmail: a@corp.example\nuserAccountControl: NORMAL_ACCOUNT\n",
            none,
            "no value of userAccountControl says",
        ),
        (
            b"sAMAccountName,Enabled,DistinguishedName\na,True,CN=A\n",
            none,
            "list:1: the table has no column \"userprincipalname\", and no other column with addresses",
        ),
        (b"dn: CN=A\nmail:: a@corp.example\n", none, "list:2: the value is not valid base64"),
        (b"dn: CN=A\n\nmail: a@corp.example\n", none, "list:3: the line belongs to no entry"),
        (b"dn: CN=A\nchangetype: delete\n", none, "list:2: the record is a change"),
        (
            b"dn: CN=A\nchangetype: modify\nadd: mail\nmail: a@x.example\n-\nreplace: mail\n",
            none,
            "list:6: the record is a change",
        ),
        (b"dn: CN=A\nnonsense\n", none, "list:2: this is not a line of LDIF"),
        (b"Employee ID,Work Email\n1,a@corp.example\n", hr, "the table lacks columns that the configuration maps: \"Alias\""),
        (b"Pers.No.,E-Mail,Exit,EMail\n", personnel, "two columns have the same name: \"E-Mail\" and \"EMail\""),
        (b"Pers.No.,E-Mail,Exit\n1,a@corp.example,46249\n", personnel, "list:2: the column"),
        (b"Pers.No.,E-Mail,Exit\n1,a@corp.example,1/2/26\n", personnel, "which number is the month"),
        (b"Pers.No.,E-Mail,Exit\n1E+12,a@corp.example,\n", personnel, "list:2: the id is a number"),
        (b"Pers.No.,E-Mail,Exit\n,a@corp.example,\n", personnel, "list:2: the row has no id in the column"),
        (b"Pers.No.,E-Mail,Exit\n1,System.Object[],\n", personnel, "list:2: the column \"E-Mail\" holds the name of a type"),
        (b"Pers.No.,E-Mail,Exit\n1,a@corp.example\n", personnel, "list:2: the row has 2 cells"),
    ];
    for (file, mapping, told) in cases {
        let report = refusal(file, *mapping);
        assert!(report.contains(told), "{told}: {report}");
        assert!(!report.contains("corp.example"), "no data in a message: {report}");
    }
}

#[test]
fn words_that_no_row_has_refuse_the_list() {
    let mapping = DirectoryMapping {
        id: "I".to_owned(),
        emails: texts(&["E"]),
        active: Some(ActiveWords {
            column: "S".to_owned(),
            is: texts(&["Active"]),
            not: Vec::new(),
        }),
        ..DirectoryMapping::default()
    };
    let report = refusal(b"I,E,S\n1,a@corp.example,Aktiv\n", Some(&mapping));
    assert!(report.contains("no row has a word that means active in the column \"S\""), "{report}");
    // Some file may list an active person even if another file of the same directory lists none.
    let files: [&[u8]; 2] =
        [b"I,E,S\n1,a@corp.example,active\n", b"I,E,S\n2,b@corp.example,Gone\n"];
    let read = read_texts(&files, Some(&mapping)).expect("a list");
    assert_eq!(read.entries.len(), 2);
}

#[test]
fn pages_in_several_files_are_one_list() {
    let first = br#"{"@odata.nextLink":"x","value":[{"id":"1","userPrincipalName":"a@corp.example","manager":{"id":"2"}}]}"#;
    let second =
        br#"{"value":[{"id":"2","userPrincipalName":"b@corp.example","mail":"bea@corp.example"}]}"#;
    let alone = read_texts(&[first], None).expect("a page");
    assert!(alone.facts.cut.is_some());
    let read = read_texts(&[first, second], None).expect("two pages");
    assert_eq!(read.facts.cut, None);
    let first = read.entries.get(0).expect("a person");
    assert_eq!(first.manager.as_deref(), Some("bea@corp.example"));
}

#[test]
fn mixed_line_ends_and_marks_do_no_harm() {
    let file = "\u{feff}dn: CN=A\r\nmail: a@corp.example\n\r\ndn: CN=B\nmail: b@corp.example\r\n";
    let read = read_texts(&[file.as_bytes()], None).expect("two people");
    assert_eq!(read.entries.len(), 2);
}

#[test]
fn a_mapping_is_for_tables_alone() {
    let input = |text: &'static str| {
        Input::new("list".to_owned(), Box::new(std::io::Cursor::new(text))).expect("an input")
    };
    let mapping = mapping_of(Path::new("mapped-csv/sap.csv"));
    let format = |text, mapping: Option<&DirectoryMapping>| {
        recognize(&input(text), mapping).expect("no conflict").map(|reader| reader.format())
    };
    let table = "userPrincipalName,accountEnabled,id\n";
    assert_eq!(format(table, mapping.as_ref()), Some(MAPPED.format()));
    assert_eq!(format(table, None), Some("entra-users-csv"));
    assert_eq!(format("dn: CN=A\n", mapping.as_ref()), Some("ldif"));
    assert_eq!(
        format("{\"id\":\"1\",\"userPrincipalName\":\"a\"}", mapping.as_ref()),
        Some("graph-users-json")
    );
    assert_eq!(format("Pers.No.,E-Mail,Exit\n", None), None);
    let mut list = DirectoryList::default();
    let refused = MAPPED.read(&mut input(table), None, &mut list).expect_err("no mapping");
    assert!(refused.message.contains("maps no columns"));
}

//! Files that people have beside the reports, and wrappers around reports. Each is refused by its own name, in
//! every arrangement that a report can have and with every `--format`. No report is mistaken for one of them.

use std::io::Write;
use std::path::PathBuf;

use oneseat::import::{Input, READERS, check_report, recognize};

use crate::common::{Place, fixtures};

/// The people in the files below, whom no message may repeat.
const PEOPLE: [&str; 4] = ["hypatia", "pappus", "alexandria", "192.0.2"];

/// A table that is no report, and words of its message.
const TABLES: [(&str, &str); 24] = [
    (
        "created_at,id,login,role,last_logged_ip,2fa_enabled?,outside_collaborator\n2011-05-04 10:06:20 +0100,7,hypatia,user,192.0.2.1,true,false\n",
        "dormant-user report",
    ),
    ("Login,Created at,Outside collaborator\nhypatia,2011-05-04,false\n", "dormant-user report"),
    (
        "created_at,id,login,role,last_logged_ip,2fa_enabled?,outside_collaborator,last_active\n2011,7,hypatia,user,,true,false,\n",
        "dormant-user report",
    ),
    (
        "login,name,tfa_enabled,is_public,role,last_active,saml_name_id\nhypatia,Hypatia,true,false,Owner,,h@alexandria.example\n",
        "people export",
    ),
    ("Login,Name,SAML NameID,Role\nhypatia,Hypatia,h@alexandria.example,Member\n", "people export"),
    ("login,name,math,astronomy\nhypatia,Hypatia,Owner,\npappus,Pappus,,Member\n", "people export"),
    (
        "GitHub com login,GitHub com name,math,astronomy\nhypatia,Hypatia,Owner,\npappus,Pappus,,Member\n",
        "people export",
    ),
    (
        "action,actor,user,org,created_at\norg.add_member,hypatia,pappus,alexandria,1788220800\n",
        "audit log",
    ),
    (
        "@timestamp,_document_id,action,actor,actor_ip\n1,x,repo.create,hypatia,192.0.2.1\n",
        "audit log",
    ),
    (
        "date,product,sku,quantity,unit_type,applied_cost_per_quantity,gross_amount,username\n2026-08-01,ghec,ghec_licenses,27.2,user-months,21.0,571,hypatia\n",
        "billing usage report",
    ),
    (
        "usage_at,product,sku,quantity,unit_type,price_per_unit,username\n2024-11-01,actions,x,1,minutes,0.1,hypatia\n",
        "billing usage report",
    ),
    (
        "Date,Product,SKU,Quantity,Unit Type,Price Per Unit ($),Multiplier,Owner,Username\n2023-05-01,Actions,x,1,minute,0.1,1,alexandria,hypatia\n",
        "billing usage report",
    ),
    (
        "date,username,product,sku,model,quantity,unit_type,exceeds_quota,total_monthly_quota\n2026-03-01,hypatia,copilot,x,GPT-5,1,requests,False,300\n",
        "AI usage",
    ),
    (
        "Timestamp,User,Model,Requests Used,Exceeds Monthly Quota\n2025-11-01,hypatia,x,1,false\n",
        "AI usage",
    ),
    (
        "InvoiceSectionName,Date,MeterCategory,MeterSubCategory,Quantity,Cost,BillingCurrency\nalexandria,09/01/2026,GitHub,GH Enterprise,15.2,298.5,EUR\n",
        "cost export of Azure",
    ),
    (
        "date,meterName,meterCategory,quantity,billingCurrency,costInBillingCurrency\n09/01/2026,hypatia,GitHub,15.2,EUR,298.5\n",
        "cost export of Azure",
    ),
    (
        "BilledCost,BillingCurrency,ServiceName,SubAccountName\n298.5,EUR,GitHub,alexandria\n",
        "cost export of Azure",
    ),
    (
        "Report Time,Login,Last Authenticated At,Last Activity At,Last Surface Used\n2026-03-28T06:54:33Z,hypatia,,None,None\n",
        "Copilot seats",
    ),
    ("Login,Last Usage Date,Last Editor Used\nhypatia,2024-01-01,vscode\n", "Copilot seats"),
    (
        "User login,Organization / repository,Last pushed date,Last pushed email\nhypatia,math / proofs,2026-08-03,h@alexandria.example\n",
        "committers of Advanced Security",
    ),
    (
        "User login,Organization / repository,Last pushed date\nhypatia,math / proofs,2026-08-03\n",
        "committers of Advanced Security",
    ),
    (
        "budget_type,budget_scope,budget_entity_name,budget_amount\nSkuPricing,enterprise,alexandria,100\n",
        "budgets",
    ),
    (
        "login,id,node_id,type,site_admin\nhypatia,7,x,User,false\n",
        "list of users from the REST API",
    ),
    ("login,credential_id,credential_type\nhypatia,7,SSH key\n", "authorizations of credentials"),
];

/// One object of an answer that is no report, and words of its message.
const ANSWERS: [(&str, &str); 32] = [
    (
        r#"{"login":"hypatia","id":7,"tfa_enabled":true,"is_public":false,"role":"Owner","saml_name_id":null}"#,
        "people export",
    ),
    (
        r#"{"@timestamp":1788220800000,"_document_id":"x","action":"org.add_member","actor":"hypatia","created_at":1}"#,
        "audit log",
    ),
    (
        r#"{"action":"org.add_member","actor":"hypatia","user":"pappus","org":"alexandria","created_at":1788220800000}"#,
        "audit log",
    ),
    (
        r#"{"data":{"enterprise":{"ownerInfo":{"samlIdentityProvider":{"externalIdentities":{"edges":[{"node":{"user":{"login":"hypatia"},"samlIdentity":{"nameId":"pappus"}}}]}}}}}}"#,
        "SAML identities",
    ),
    (
        r#"{"data":{"organization":{"samlIdentityProvider":{"externalIdentities":{"nodes":[]}}}}}"#,
        "SAML identities",
    ),
    (
        r#"{"guid":"x","samlIdentity":{"nameId":"hypatia@alexandria.example"},"user":{"login":"hypatia"}}"#,
        "SAML identities",
    ),
    (
        r#"{"usageItems":[{"date":"2026-08-01","product":"Ghec","sku":"Ghec Licenses","quantity":1,"unitType":"UserMonths","organizationName":"alexandria"}]}"#,
        "billing usage report",
    ),
    (r#"{"usageItems":[]}"#, "billing usage report"),
    (
        r#"{"timePeriod":{"year":2026},"enterprise":"alexandria","usageItems":[]}"#,
        "billing usage report",
    ),
    (
        r#"{"total_minutes_used":305,"total_paid_minutes_used":0,"included_minutes":3000}"#,
        "billing usage report",
    ),
    (
        r#"{"days_left_in_billing_cycle":20,"estimated_paid_storage_for_month":15,"estimated_storage_for_month":40}"#,
        "billing usage report",
    ),
    (
        r#"{"product":"ghec","sku":"ghec_licenses","quantity":1,"unit_type":"user-months","organization":"alexandria"}"#,
        "billing usage report",
    ),
    (
        r#"{"properties":{"meterCategory":"GitHub","costInBillingCurrency":2,"subscriptionName":"alexandria"}}"#,
        "cost export of Azure",
    ),
    (
        r#"{"total_seats":2,"seats":[{"created_at":"2021-08-03","assignee":{"login":"hypatia","id":7},"plan_type":"enterprise","last_activity_at":null}]}"#,
        "Copilot seats",
    ),
    (
        r#"{"assignee":{"login":"hypatia"},"last_activity_at":"2026-08-03","last_activity_editor":"x"}"#,
        "Copilot seats",
    ),
    (
        r#"{"seat_breakdown":{"total":12},"seat_management_setting":"assign_selected"}"#,
        "Copilot seats",
    ),
    (
        r#"{"total_advanced_security_committers":2,"total_count":2,"repositories":[{"name":"math/proofs","advanced_security_committers":2,"advanced_security_committers_breakdown":[{"user_login":"hypatia"}]}]}"#,
        "committers of Advanced Security",
    ),
    (
        r#"{"user_login":"hypatia","last_pushed_date":"2026-08-03","last_pushed_email":"h@alexandria.example"}"#,
        "committers of Advanced Security",
    ),
    (
        r#"{"budgets":[{"id":"b","budget_type":"SkuPricing","budget_scope":"enterprise","budget_amount":100,"budget_entity_name":"alexandria"}]}"#,
        "budgets",
    ),
    (
        r#"{"id":"b","budget_scope":"organization","budget_entity_name":"alexandria","budget_amount":1,"prevent_further_usage":true}"#,
        "budgets",
    ),
    (r#"{"memberships":[{"cost_center":{"id":"c1","name":"alexandria"}}]}"#, "memberships"),
    (r#"{"memberships":[]}"#, "memberships"),
    (
        r#"{"login":"hypatia","id":7,"type":"User","site_admin":false}"#,
        "list of users from the REST API",
    ),
    (
        r#"{"data":{"organization":{"membersWithRole":{"nodes":[{"login":"hypatia"}]}}}}"#,
        "GraphQL list of members",
    ),
    (
        r#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"#,
        "error response from GitHub: \"Not Found\"",
    ),
    (
        r#"{"message":"hypatia is not an owner of alexandria","documentation_url":"x","status":"403"}"#,
        "error response from GitHub (status 403)",
    ),
    (r#"{"message":"hypatia may not"}"#, "error response from GitHub"),
    (
        r#"{"errorCode":"E0000047","errorSummary":"hypatia asked too often","errorLink":"E0000047","errorId":"x"}"#,
        "error response from Okta",
    ),
    (
        r#"{"error":{"code":"InvalidAuthenticationToken","message":"the token of hypatia is expired"}}"#,
        "error response from Microsoft",
    ),
    (
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"hypatia is unknown"}"#,
        "SCIM error response (status 401)",
    ),
    (
        r#"{"data":null,"errors":[{"type":"FORBIDDEN","path":["enterprise"],"message":"hypatia may not read alexandria"}]}"#,
        "error response from GraphQL",
    ),
    (
        r#"{"error":"invalid_client","error_description":"the secret of hypatia is expired"}"#,
        "error response",
    ),
];

/// A wrapper around a report, and words of its message.
const WRAPPED: [(&[u8], &str); 34] = [
    (b"HTTP/2 200\nserver: github.com\n\n{\"users\":[{\"github_com_login\":\"hypatia\"}]}", "HTTP headers stand before the answer"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[]", "HTTP headers stand before the answer"),
    (b"HTTP/2.0 200 OK\nLink: <https://api.github.com/alexandria>\n\n{}", "HTTP headers stand before the answer"),
    (b"HTTP/1.1 404 Not Found\r\nServer: alexandria\r\n\r\n{}", "HTTP headers stand before an answer with the status 404"),
    (b"\nHTTP/1.1 200 OK\nDate: x\n\ncreated_at,id,login,email,suspended?\n", "HTTP headers stand before the answer"),
    (b"Access-Control-Allow-Origin: *\nCache-Control: private\nX-GitHub-Request-Id: alexandria\n\n{}", "HTTP headers stand before the answer"),
    (b"https\nGET\napi.github.com\nNone\n/enterprises/alexandria/consumed-licenses\n", "recording of an HTTP exchange"),
    (b"*   Trying 192.0.2.1:443...\n> GET /enterprises/alexandria\n", "recording of an HTTP exchange"),
    (b"StatusCode        : 200\nStatusDescription : OK\nContent           : {\"users\":[\"hypatia\"]}\n", "that PowerShell prints about an answer"),
    (b"\x1b[1;38m{\x1b[m\n  \x1b[1;34m\"users\"\x1b[m\x1b[1;38m:\x1b[m [\"hypatia\"]", "terminal colors"),
    (b"\x1b[1;39m[\x1b[0;32m\"hypatia\"\x1b[0m]", "terminal colors"),
    (b"{\x1b[34m\"total_seats_consumed\"\x1b[0m: 1, \"users\": [\"hypatia\"]}", "terminal colors"),
    (b"[\n  {\n    \x1b[36m\"github_com_login\"\x1b[0m: \"hypatia\"}]", "terminal colors"),
    (b"\x1b[32mlogin,email\x1b[0m\nhypatia,x\n", "terminal colors"),
    (b"#TYPE System.Management.Automation.PSCustomObject\n\"github_com_login\",\"license_type\"\n\"hypatia\",\"x\"\n", "the #TYPE line of PowerShell"),
    (b"\"#TYPE System.Object\"\nlogin;email\nhypatia;x\n", "the #TYPE line of PowerShell"),
    (b"#type Selected.System.Object\r\nlogin,email\r\n", "the #TYPE line of PowerShell"),
    (b"sep=;\nlogin;email\nhypatia;x\n", "sep= line"),
    (b"@{github_com_login=hypatia; github_com_name=}", "PowerShell prints for an object"),
    (b"{'users': [{'github_com_login': 'hypatia'}]}", "that Python prints"),
    (b"[{'github_com_login': 'hypatia'}]", "that Python prints"),
    (b"\"{\\\"users\\\":[\\\"hypatia\\\"]}\"", "JSON within a JSON string"),
    (b"+---------+\n| hypatia |\n", "a table drawn for people to read"),
    (b"%PDF-1.7\nhypatia", "this is a PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 hypatia", "old Office document"),
    (b"7z\xbc\xaf\x27\x1c hypatia", "7z archive"),
    (b"BZh91AY&SY", "bzip2"),
    (b"\xfd7zXZ\x00\x00", "compressed with xz"),
    (b"SQLite format 3\x00hypatia", "SQLite database"),
    (b"\x89PNG\r\n\x1a\nhypatia", "a picture"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 7\n", "pointer of Git LFS"),
    (b"{\\rtf1 hypatia}", "text document (RTF)"),
    (b"<?xml version=\"1.0\"?><Error><Code>hypatia</Code></Error>", "this is XML"),
    (b"<!DOCTYPE html><html>hypatia</html>", "a web page"),
];

/// Imports bytes, checks the exit code and that nobody is named, and returns standard error.
fn refused(place: &Place, name: &str, bytes: &[u8], options: &[&str]) -> String {
    let file = place.write(name, bytes).display().to_string();
    let source = ["import", &file, "--enterprise", "corp", "--host", "ghes.corp.example"];
    let ran = place.run(&[source.as_slice(), options].concat());
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).into_owned();
    assert_eq!(ran.code, 3, "{shown} {options:?}: {}", ran.stderr);
    let told = format!("{}{}", ran.stdout, ran.stderr);
    for person in PEOPLE {
        assert!(!told.contains(person), "{shown} {options:?}: {told}");
    }
    assert!(!ran.stderr.contains("damaged"), "{shown}: {}", ran.stderr);
    assert!(ran.stderr.contains("hint: "), "{shown}: {}", ran.stderr);
    ran.stderr
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("packed");
    packed.finish().expect("packed")
}

/// Every third format in turn, so that the table covers them all.
fn formats(turn: usize) -> impl Iterator<Item = &'static str> {
    READERS.into_iter().skip(turn % 3).step_by(3).map(|reader| reader.format())
}

#[test]
fn tables_that_are_no_reports_are_refused_by_name() {
    let place = Place::new();
    for (turn, (table, wanted)) in TABLES.into_iter().enumerate() {
        let says = |told: String| assert!(told.contains(wanted), "{table}: {told}");
        let semicolons = table.replace(',', ";");
        let quoted = table.lines().map(|line| format!("\"{}\"\r\n", line.replace(',', "\",\"")));
        let quoted: String = quoted.collect();
        for (name, bytes) in [
            ("plain.csv", table.as_bytes().to_vec()),
            ("semicolons.csv", semicolons.into_bytes()),
            ("quoted.csv", quoted.into_bytes()),
            ("marked.csv", format!("\u{feff}{table}").into_bytes()),
            ("wide.csv", utf16(table)),
            ("packed.csv.gz", gzip(table.as_bytes())),
        ] {
            says(refused(&place, name, &bytes, &[]));
        }
        for format in formats(turn) {
            says(refused(&place, "plain.csv", table.as_bytes(), &["--input-format", format]));
        }
    }
    assert_eq!(place.run(&["consumption"]).code, 7, "nothing is stored");
}

#[test]
fn answers_that_are_no_reports_are_refused_by_name() {
    let place = Place::new();
    for (turn, (answer, wanted)) in ANSWERS.into_iter().enumerate() {
        let says = |told: String| assert!(told.contains(wanted), "{answer}: {told}");
        let value: serde_json::Value = serde_json::from_str(answer).expect("JSON");
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        for (name, bytes) in [
            ("plain.json", answer.as_bytes().to_vec()),
            ("pretty.json", pretty.into_bytes()),
            ("list.json", format!("[{answer},{answer}]").into_bytes()),
            ("pages.json", format!("[[{answer}],[{answer}]]").into_bytes()),
            ("lines.ndjson", format!("{answer}\n{answer}\n").into_bytes()),
            ("marked.json", format!("\u{feff}{answer}").into_bytes()),
            ("wide.json", utf16(answer)),
            ("packed.json.gz", gzip(answer.as_bytes())),
        ] {
            says(refused(&place, name, &bytes, &[]));
        }
        for format in formats(turn) {
            says(refused(&place, "plain.json", answer.as_bytes(), &["--input-format", format]));
        }
    }
    assert_eq!(place.run(&["consumption"]).code, 7, "nothing is stored");
}

#[test]
fn wrappings_are_refused_by_name() {
    let place = Place::new();
    for (turn, (bytes, wanted)) in WRAPPED.into_iter().enumerate() {
        let says = |told: String| assert!(told.contains(wanted), "{wanted}: {told}");
        says(refused(&place, "plain", bytes, &[]));
        says(refused(&place, "packed.gz", &gzip(bytes), &[]));
        if let Ok(text) = std::str::from_utf8(bytes)
            && !text.contains('\0')
            && !["this is a PDF", "text document (RTF)", "bzip2"].contains(&wanted)
            && !wanted.contains("Git LFS")
        {
            says(refused(&place, "marked", format!("\u{feff}{text}").as_bytes(), &[]));
            says(refused(&place, "wide", &utf16(text), &[]));
        }
        for format in formats(turn) {
            says(refused(&place, "plain", bytes, &["--input-format", format]));
        }
    }
}

/// An archive of stored files, complete enough for a reader of its beginning.
fn zip(names: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for name in names {
        let length = u16::try_from(name.len()).expect("a short name").to_le_bytes();
        bytes.extend(b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00");
        bytes.extend([7, 0, 0, 0, 7, 0, 0, 0]);
        bytes.extend(length);
        bytes.extend([0, 0]);
        bytes.extend(name.as_bytes());
        bytes.extend(b"hypatia");
    }
    bytes
}

#[test]
fn archives_are_named_by_what_is_in_them() {
    let place = Place::new();
    let mut tar = vec![0; 1024];
    tar[..13].copy_from_slice(b"all_users.csv");
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, wanted) in [
        (zip(&["all_users.csv"]), "this is a ZIP archive; in it: all_users.csv"),
        (zip(&["out/consumed_licenses-alexandria-1.csv"]), "in it: the license report"),
        (zip(&["hypatia.json", "pappus.json"]), "in it: a file of the kind json"),
        (zip(&["hypatia"]), "this is a ZIP archive"),
        (zip(&["[Content_Types].xml", "xl/workbook.xml"]), "this is an Excel workbook"),
        (zip(&["xl/hypatia.xml", "[Content_Types].xml"]), "this is an Excel workbook"),
        (zip(&["mimetype", "content.xml"]), "this is an OpenDocument workbook"),
        (zip(&["Index/Document.iwa"]), "this is a Numbers workbook"),
        (zip(&["word/document.xml"]), "this is a Word document"),
        (b"PK\x05\x06".to_vec(), "this is a ZIP archive"),
        (tar.clone(), "this is a tar archive; in it: all_users.csv"),
        (gzip(&tar), "this is a tar archive; in it: all_users.csv"),
        (gzip(&gzip(b"login,email\n")), "this is compressed twice"),
    ] {
        let told = refused(&place, "archive", &bytes, &[]);
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    let file = place.write("archive", &zip(&["hypatia.json"])).display().to_string();
    let ran = place.run(&["-v", "import", &file, "--enterprise", "corp"]);
    assert!(ran.stderr.contains("found: \"hypatia.json\""), "{}", ran.stderr);
}

#[test]
fn no_report_is_taken_for_something_else() {
    let mut seen = 0;
    for reader in READERS {
        let folder = fixtures().join(reader.format());
        for entry in std::fs::read_dir(folder).expect("golden files") {
            let path: PathBuf = entry.expect("a file").path();
            if path.to_string_lossy().ends_with(".expected.json") {
                continue;
            }
            let input = Input::open(&path).expect("a golden file");
            let found = recognize(&input).map(|reader| reader.format());
            assert_eq!(found.ok(), Some(reader.format()), "{}", path.display());
            assert!(check_report(&input, reader).is_ok(), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 40, "the golden files are there");
}

#[test]
fn the_membership_report_is_read_where_it_says_who_has_an_account() {
    let place = Place::new();
    for (name, table) in [
        (
            "export-corp-1788220800.csv",
            "github_com_login,github_com_user,license_type,github_com_enterprise_roles\nann,true,Enterprise,Member\n",
        ),
        (
            "people.csv",
            "GitHub com login,GitHub com user,License type,GitHub com enterprise roles,math,art\nann,true,Enterprise,Member,Owner,\nbob,true,Enterprise,Member,,Member\n",
        ),
    ] {
        let file = place.write(name, table.as_bytes()).display().to_string();
        let taken = ["--enterprise", name, "--taken-at", "2026-09-01"];
        let ran = place.run(&[["import", &file].as_slice(), &taken].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("[membership-report]"), "{}", ran.stderr);
    }
    // A user's own column that also holds other words is no organization.
    let table = "github_com_login,github_com_user,license_type,Our roles,team\nann,true,Enterprise,Member,owner\nbob,true,Enterprise,Member,geometry\n";
    let file = place.write("licenses.csv", table.as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--enterprise", "own", "--taken-at", "2026-09-01"]);
    assert!(ran.code == 0 && !ran.stderr.contains("membership"), "{}", ran.stderr);
}

#[test]
fn one_known_name_makes_no_report() {
    let place = Place::new();
    for (name, text) in [
        ("one.json", r#"{"github_com_login":"hypatia"}"#),
        ("one-total.json", r#"{"total_seats_consumed":5,"library":"alexandria"}"#),
        ("licenses.json", r#"[{"license_type":"Enterprise","product":"alexandria"}]"#),
        ("roles.json", r#"{"github_com_profile":"hypatia"}"#),
        ("instance.json", r#"{"instance":{"owner":"hypatia"}}"#),
        ("seats.json", r#"{"seats":5,"theatre":"alexandria"}"#),
        ("one.csv", "github_com_login,library\nhypatia,alexandria\n"),
        ("two.csv", "login,library\nhypatia,alexandria\n"),
        ("nothing.json", "{}"),
        ("empty.json", "[]"),
        ("texts.json", r#"["hypatia","pappus"]"#),
        ("numbers.json", "[[1,2],[3,4]]"),
    ] {
        let told = refused(&place, name, text.as_bytes(), &[]);
        assert!(told.contains("no known format"), "{text}: {told}");
        for format in formats(0) {
            refused(&place, name, text.as_bytes(), &["--input-format", format]);
        }
    }
    let told = refused(&place, "two.csv", b"id,login,library\n7,hypatia,alexandria\n", &[]);
    assert!(told.contains("the file has \"id\", \"login\""), "{told}");
    assert!(told.contains("the nearest format is server-users-csv"), "{told}");
}

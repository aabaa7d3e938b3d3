//! Lists that name people and are not of people are refused, and no list of people is taken for one of them.

use serde_json::{Value, json};

use super::tests::{golden_files, read_texts};
use super::{Beginning, recognize, refuse_other_lists};
use crate::code::WarningCode;
use crate::import::Input;

fn input(text: &str) -> Input {
    let stream = Box::new(std::io::Cursor::new(text.to_owned()));
    Input::new("list".to_owned(), stream).expect("an input")
}

#[test]
fn a_list_of_something_else_is_refused_by_what_it_is() {
    let graph = |entry: Value| json!({"value": [entry]}).to_string();
    let sign_in = json!({"id": "1", "createdDateTime": "2026-09-01T00:00:00Z", "userId": "2",
        "userPrincipalName": "ada@corp.example", "appDisplayName": "GitHub", "ipAddress": "192.0.2.1",
        "status": {"errorCode": 0}, "deviceDetail": {"deviceId": "x", "operatingSystem": "y"}});
    let device = json!({"id": "1", "deviceName": "ada", "operatingSystem": "Windows",
        "userPrincipalName": "ada@corp.example", "serialNumber": "7"});
    let methods = json!({"id": "1", "userPrincipalName": "ada@corp.example", "isAdmin": false,
        "isMfaRegistered": true, "isMfaCapable": true, "methodsRegistered": ["email"]});
    let mailbox = json!({"Id": "1", "UserPrincipalName": "ada@corp.example",
        "RecipientTypeDetails": "UserMailbox", "PrimarySmtpAddress": "ada@corp.example"});
    for (text, told) in [
        (graph(sign_in.clone()), "log of sign-ins"),
        (json!([sign_in]).to_string(), "log of sign-ins"),
        (
            "Date (UTC),Request ID,Correlation ID,User ID,User,Username,Status\n2026,1,2,3,Ada,ada@corp.example,Success\n"
                .to_owned(),
            "log of sign-ins",
        ),
        (
            "activityDateTime,activityDisplayName,id,userPrincipalName\n2026,Add user,1,ada@corp.example\n".to_owned(),
            "audit log",
        ),
        (graph(device.clone()), "list of devices"),
        (format!("{device}\n{device}\n"), "list of devices"),
        (
            "Device ID,Device name,OS version,Primary user UPN\n1,ada,10,ada@corp.example\n".to_owned(),
            "list of devices",
        ),
        (
            "DistinguishedName,DNSHostName,Enabled,Name,ObjectGUID,SamAccountName,UserPrincipalName\nCN=A,a.corp.example,True,A,1,A$,\n"
                .to_owned(),
            "list of computers",
        ),
        (graph(methods), "multifactor authentication"),
        (
            "userPrincipalName,isMfaRegistered,isSsprRegistered,methodsRegistered\nada@corp.example,True,True,email\n"
                .to_owned(),
            "multifactor authentication",
        ),
        (json!([mailbox]).to_string(), "list of mailboxes"),
        (
            "Name,SamAccountName,UserPrincipalName,PrimarySmtpAddress,RecipientTypeDetails\nAda,ada,ada@corp.example,ada@corp.example,SharedMailbox\n"
                .to_owned(),
            "list of mailboxes",
        ),
        (
            "id,userPrincipalName,displayName,objectType,userType,isUser,isGroup,isGuest\n1,ada@corp.example,Ada,User,Member,True,False,False\n"
                .to_owned(),
            "members of a group",
        ),
        (
            "Group Email [Required],Member Email,Member Role\ngit@corp.example,ada@corp.example,MEMBER\n".to_owned(),
            "members of a group",
        ),
    ] {
        let error = recognize(&input(&text), None).err().map(|error| error.report(false));
        let report = error.unwrap_or_default();
        assert!(report.contains(told), "{told}: {report}: {text}");
        assert!(report.contains("Users, Download users"), "the list to get: {report}");
        assert!(!report.contains("ada") && !report.contains("192.0.2"), "{report}");
    }
}

#[test]
fn a_list_of_people_may_have_such_a_column() {
    for text in [
        "userPrincipalName,accountEnabled,id,isMfaRegistered\nada@corp.example,True,1,True\n",
        "userPrincipalName,accountEnabled,id,deviceId,operatingSystem\nada@corp.example,True,1,2,x\n",
        "SamAccountName,Enabled,ObjectGUID,mail,DNSHostName\nada,True,1,ada@corp.example,\n",
        "login,firstName,lastName,deviceId\nada@corp.example,Ada,L,1\n",
    ] {
        let read = read_texts(&[text.as_bytes()], None).expect("a list of people");
        assert_eq!(read.entries.len(), 1, "{text}");
    }
    let with_devices = json!({"id": "1", "userPrincipalName": "ada@corp.example",
        "ownedDevices": [{"deviceId": "1", "operatingSystem": "x"}]});
    let read = read_texts(&[json!([with_devices]).to_string().as_bytes()], None);
    assert_eq!(read.expect("a list of people").entries.len(), 1);
    for (_, path) in golden_files() {
        let input = Input::open(&path).expect("a golden file");
        let refused = refuse_other_lists(&Beginning::of(&input), "list");
        assert!(refused.is_ok(), "{}", path.display());
    }
}

#[test]
fn entries_that_are_no_people_are_counted() {
    let user = |number: u32| {
        json!({"id": number.to_string(), "@odata.type": "#microsoft.graph.user",
            "userPrincipalName": format!("u{number}@corp.example")})
    };
    let group = json!({"id": "9", "@odata.type": "#microsoft.graph.group", "displayName": "Team"});
    let warnings = |context: &str| {
        let page = json!({"@odata.context": context, "@odata.count": 3,
            "value": [user(1), group, user(2)]});
        let read = read_texts(&[page.to_string().as_bytes()], None).expect("a list");
        assert_eq!((read.entries.len(), read.facts.cut), (2, None));
        let told = read.facts.warnings.iter().map(|(code, told)| match code {
            WarningCode::NotPeople => told.clone(),
            code => code.to_string(),
        });
        told.collect::<Vec<_>>()
    };
    let no_people = "entries that are no people, and are skipped: 1";
    assert_eq!(warnings("x/$metadata#users"), [no_people, "active-not-stated"]);
    assert_eq!(
        warnings("x/$metadata#directoryObjects"),
        [no_people, "active-not-stated", "group-members"]
    );
    let mailboxes = json!([
        {"id": "1", "userPrincipalName": "a@x.example", "recipientTypeDetails": "UserMailbox"},
        {"id": "2", "userPrincipalName": "b@x.example", "recipientTypeDetails": "SharedMailbox"},
    ]);
    let table = "userPrincipalName,accountEnabled,id,RecipientTypeDetails\na@x.example,1,1,UserMailbox\nb@x.example,0,2,RoomMailbox\n";
    for text in [mailboxes.to_string(), table.to_owned()] {
        let read = read_texts(&[text.as_bytes()], None).expect("a list");
        assert_eq!((read.entries.len(), read.facts.not_people), (1, 1), "{text}");
    }
}

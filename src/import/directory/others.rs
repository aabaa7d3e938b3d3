//! Refuses lists that are not of people (directory.md section 1): sign-in logs, devices, mailboxes. Their rows name
//! people or look like them, so a reader would take them for a list of employees. Each is recognized by the names of
//! its columns or keys, of which several must be there: a list of people may have one of them, too.

use super::list::PEOPLE;
use super::names::folded;
use super::reader::Beginning;
use crate::error::Error;

/// A kind of list that is easily mistaken for a list of people.
struct OtherList {
    /// A description of the list, for the refusal.
    what: &'static str,
    /// Sets of folded names. All names of one set must be present.
    names: &'static [&'static [&'static str]],
}

const OTHER_LISTS: [OtherList; 6] = [
    OtherList {
        what: "this is a log of sign-ins: it shows who signed in and when, not who is employed",
        names: &[
            &["createddatetime", "appdisplayname", "userprincipalname"],
            &["createddatetime", "appdisplayname", "status"],
            &["useragent", "ipaddress", "userprincipalname"],
            &["clientappused", "conditionalaccessstatus"],
            &["correlationid", "clientapp", "username"],
            &["signinerrorcode", "username"],
            &["dateutc", "requestid", "username"],
        ],
    },
    OtherList {
        what: "this is an audit log: it shows what was done, not who is employed",
        names: &[
            &["activitydatetime", "activitydisplayname"],
            &["activitydisplayname", "initiatedby"],
            &["dateutc", "activity", "initiatedbyuserprincipalname"],
        ],
    },
    OtherList {
        what: "this is a list of devices: it shows who has which, not who is employed",
        names: &[
            &["deviceid", "operatingsystem"],
            &["devicename", "operatingsystem"],
            &["devicename", "serialnumber"],
            &["deviceid", "devicename"],
            &["deviceid", "osversion"],
        ],
    },
    OtherList {
        what: "this is a report of multifactor authentication: it shows who has registered which method, not who \
            is employed",
        names: &[
            &["ismfaregistered", "methodsregistered"],
            &["ismfaregistered", "ismfacapable"],
            &["ismfaregistered", "isssprregistered"],
            &["isssprregistered", "methodsregistered"],
            &["isregistered", "authmethods"],
            &["multifactorauthenticationcapable", "methodsregistered"],
        ],
    },
    OtherList {
        what: "this is a list of mailboxes: rooms, equipment and shared mailboxes are among them, and nothing \
            says who is employed",
        names: &[
            &["recipienttypedetails", "exchangeguid"],
            &["recipienttypedetails", "recipienttype"],
            &["recipienttypedetails", "primarysmtpaddress"],
            &["recipienttypedetails", "emailaddresses"],
            &["recipienttypedetails", "mailboxplan"],
        ],
    },
    OtherList {
        what: "this is a list of the members of a group, not of everybody",
        names: &[
            &["isuser", "isgroup", "isguest"],
            &["groupemailrequired", "memberemail"],
            &["groupemail", "memberemail"],
        ],
    },
];

/// Columns that state whether the account of a person is active. Beside a name of sign-in they make a list of
/// people, whatever else stands there.
const OF_PEOPLE: [&str; 5] =
    ["accountenabled", "blockcredential", "enabled", "useraccountcontrol", "suspended"];

/// Names of sign-in.
const SIGN_IN: [&str; 3] = ["userprincipalname", "samaccountname", "primaryemail"];

/// The refusal of a file that is another list; `None` if it is none that is known.
pub fn of(beginning: &Beginning) -> Option<Error> {
    let names: Vec<String> = entry_names(beginning).iter().map(|name| folded(name)).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let has_one = |wanted: &[&str]| wanted.iter().any(|wanted| has(wanted));
    if has("dnshostname") && has("enabled") && !has("objectclass") && !has("mail") {
        return Some(refused(
            "this is a list of computers: it shows which the domain has, not who is employed",
        ));
    }
    if has_one(&OF_PEOPLE) && has_one(&SIGN_IN) {
        return None;
    }
    let is_this = |it: &&OtherList| it.names.iter().any(|set| set.iter().all(|name| has(name)));
    OTHER_LISTS.iter().find(is_this).map(|it| refused(it.what))
}

fn refused(what: &str) -> Error {
    Error::input(what).hint(PEOPLE)
}

/// The names of the columns of a table, or of the keys of entries in JSON. Keys deeper in an entry tell nothing: a
/// person may have devices.
fn entry_names(beginning: &Beginning) -> Vec<String> {
    if beginning.is_table() {
        return beginning.header().all().to_vec();
    }
    let mut names = beginning.keys().to_vec();
    for list in ["value", "Resources", "users"] {
        names.extend(beginning.keys_within(list));
    }
    names
}

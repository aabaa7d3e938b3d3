//! Refuses files that people keep beside the reports and mistake for one of them (formats.md section 8). Each
//! such file is recognized by the names of its columns or keys. The refusal says what the file is, what it
//! contains, and what to get instead. A reader that accepted such a file would misread it silently.

use super::outline::Outline;
use crate::error::Error;

/// A kind of file that is easily mistaken for a report.
struct Neighbor {
    /// What the file is and what it contains, in words.
    what: &'static str,
    /// The hint that tells which file to get instead.
    instead: &'static str,
    /// Keys of the outermost object. A file with one of them is of this kind.
    keys: &'static [&'static str],
    /// Sets of names, at any depth of the file. A file with all names of one set is of this kind. The names are
    /// reduced to lower-case letters and digits, so that one set fits a table and a JSON answer.
    names: &'static [&'static [&'static str]],
    /// The name of a column or key that a file of this kind never has; empty if there is none.
    unless: &'static str,
}

const LICENSES: &str = "download the license report (the enterprise's Licensing page), or request \
    GET /enterprises/ENTERPRISE/consumed-licenses";
const USAGE: &str = "oneseat reads who takes a license, not what was billed: download the license \
    report, or request GET /enterprises/ENTERPRISE/consumed-licenses";

const NEIGHBORS: [Neighbor; 21] = [
    Neighbor {
        what: "this is Cloud's dormant-user report: it lists only some of the people, without addresses",
        instead: LICENSES,
        keys: &[],
        names: &[
            &["outsidecollaborator", "login", "2faenabled"],
            &["outsidecollaborator", "login", "lastloggedip"],
            &["outsidecollaborator", "login", "createdat"],
        ],
        unless: "",
    },
    Neighbor {
        what: "this is the people export (membership report): it lists members, also people who \
            take no license, and does not say who has an account",
        instead: LICENSES,
        keys: &[],
        names: &[
            &["login", "tfaenabled"],
            &["login", "ispublic", "role"],
            &["login", "samlnameid", "role"],
            &["login", "lastactive", "role", "name"],
            &["username", "organizations", "role"],
            &["login", "organizations", "role"],
        ],
        unless: "suspended",
    },
    Neighbor {
        what: "this is an audit log: it shows what was done, not who takes a license",
        instead: LICENSES,
        keys: &["auditLog"],
        names: &[
            &["action", "actor", "createdat"],
            &["action", "actor", "timestamp"],
            &["action", "actorip"],
            &["action", "actorid"],
            &["action", "documentid"],
            &["action", "actorlocationcountrycode"],
            &["auditlog", "nodes", "action"],
            &["auditlog", "edges", "action"],
        ],
        unless: "",
    },
    Neighbor {
        what: "these are SAML identities (GraphQL externalIdentities): they show who signs in \
            under which NameID, not who takes a license",
        instead: LICENSES,
        keys: &["externalIdentities", "samlIdentityProvider"],
        names: &[&["externalidentities"], &["samlidentity", "nameid"]],
        unless: "enterpriseserverinstallations",
    },
    Neighbor {
        what: "these are SCIM identities: they show who is provisioned by the identity provider, \
            not who takes a license",
        instead: LICENSES,
        keys: &[],
        names: &[
            &["schemas", "resources"],
            &["schemas", "totalresults"],
            &["schemas", "username"],
            &["totalresults", "itemsperpage", "resources"],
        ],
        unless: "",
    },
    Neighbor {
        what: "these are SAML authorizations of credentials: they list tokens and keys, not who \
            takes a license",
        instead: LICENSES,
        keys: &[],
        names: &[&["login", "credentialid"], &["login", "credentialauthorizedat"]],
        unless: "",
    },
    Neighbor {
        what: "this is a report of AI usage (premium requests, tokens): it shows who used which \
            model, not who takes a license",
        instead: LICENSES,
        keys: &[],
        names: &[
            &["model", "sku", "quantity"],
            &["model", "product", "quantity"],
            &["model", "requestsused"],
            &["model", "exceedsmonthlyquota"],
            &["model", "exceedsquota"],
            &["model", "totalmonthlyquota"],
        ],
        unless: "",
    },
    Neighbor {
        what: "this is a billing usage report: it lists quantities and amounts by day and \
            product, not who takes a license",
        instead: USAGE,
        keys: &["usageItems"],
        names: &[
            &["product", "sku", "quantity", "unittype"],
            &["product", "sku", "quantity"],
            &["product", "sku", "grossamount"],
            &["product", "quantity", "multiplier"],
            &["product", "sku", "priceperunit"],
            &["usageat", "product", "sku"],
            &["totalminutesused", "includedminutes"],
            &["totalminutesused", "totalpaidminutesused"],
            &["totalgigabytesbandwidthused", "includedgigabytesbandwidth"],
            &["daysleftinbillingcycle", "estimatedstorageformonth"],
        ],
        unless: "",
    },
    Neighbor {
        what: "this is a cost export of Azure: it lists what Microsoft bills, for GitHub and for \
            other services",
        instead: "write an invoice CSV of GitHub's rows (service or meter category GitHub); to \
            see who takes a license, request GET /enterprises/ENTERPRISE/consumed-licenses",
        keys: &[],
        names: &[
            &["metercategory", "costinbillingcurrency"],
            &["metercategory", "cost"],
            &["metercategory", "pretaxcost"],
            &["metercategory", "costinusd"],
            &["metercategory", "metersubcategory"],
            &["metercategory", "effectiveprice"],
            &["servicename", "billedcost"],
            &["servicename", "effectivecost", "billingcurrency"],
        ],
        unless: "",
    },
    Neighbor {
        what: "these are Copilot seats or their use, not licenses of GitHub Enterprise",
        instead: LICENSES,
        keys: &[],
        names: &[
            &["totalseats", "seats"],
            &["assignee", "lastactivityat"],
            &["assignee", "plantype"],
            &["login", "lastactivityat", "lastsurfaceused"],
            &["login", "lastactivityat", "lastauthenticatedat"],
            &["login", "lastactivityat", "reporttime"],
            &["login", "lastusagedate", "lasteditorused"],
            &["seatbreakdown", "seatmanagementsetting"],
            &["totalactiveusers", "totalengagedusers"],
        ],
        unless: "",
    },
    Neighbor {
        what: "these are committers of Advanced Security, not licenses of GitHub Enterprise",
        instead: LICENSES,
        keys: &[
            "total_advanced_security_committers",
            "maximum_advanced_security_committers",
            "purchased_advanced_security_committers",
        ],
        names: &[
            &["advancedsecuritycommitters", "advancedsecuritycommittersbreakdown"],
            &["advancedsecuritycommitters", "repositories"],
            &["userlogin", "lastpusheddate"],
            &["userlogin", "lastpushedemail"],
            &["userlogin", "organizationrepository"],
        ],
        unless: "",
    },
    Neighbor {
        what: "these are budgets: they limit spending, and do not show who takes a license",
        instead: USAGE,
        keys: &["budgets"],
        names: &[
            &["budgetamount", "budgetscope"],
            &["budgetamount", "budgettype"],
            &["budgetamount", "preventfurtherusage"],
            &["budgetamount", "budgetproductsku"],
            &["budgetamount", "budgetproductskus"],
        ],
        unless: "",
    },
    Neighbor {
        what: "this is the answer about one resource (memberships): it does not list the cost \
            centers with what each contains",
        instead: "request GET /enterprises/ENTERPRISE/settings/billing/cost-centers",
        keys: &["memberships"],
        names: &[&["memberships", "costcenter"]],
        unless: "costcenters",
    },
    Neighbor {
        what: "this is a list of users from the REST API: it has logins, but no addresses, no \
            licenses and no team or organization",
        instead: LICENSES,
        keys: &[],
        names: &[
            &["login", "nodeid", "siteadmin"],
            &["login", "nodeid", "avatarurl"],
            &["login", "id", "type", "siteadmin"],
            &["login", "avatarurl", "htmlurl"],
        ],
        unless: "enterpriseserverinstallations",
    },
    Neighbor {
        what: "this is a GraphQL list of members: it has no Server accounts and no licenses",
        instead: LICENSES,
        keys: &["membersWithRole"],
        names: &[
            &["memberswithrole"],
            &["enterprise", "members", "nodes"],
            &["enterprise", "members", "edges"],
        ],
        unless: "enterpriseserverinstallations",
    },
    Neighbor {
        what: "this is the site-admin report of organizations: it lists no accounts of people",
        instead: "get the site-admin report https://HOST/stafftools/reports/all_users.csv",
        keys: &[],
        names: &[&["login", "members", "teams", "repos"], &["login", "owners", "2farequired"]],
        unless: "",
    },
    Neighbor {
        what: "this is the site-admin report of repositories: it lists no accounts of people",
        instead: "get the site-admin report https://HOST/stafftools/reports/all_users.csv",
        keys: &[],
        names: &[&["ownerid", "ownername", "visibility"], &["ownername", "rawsize"]],
        unless: "",
    },
    Neighbor {
        what: "these are users of Okta: they show who is provisioned by the identity provider, \
            not who takes a license",
        instead: LICENSES,
        keys: &[],
        names: &[
            &["login", "firstname", "lastname", "status"],
            &["status", "statuschanged", "profile"],
            &["status", "profile", "credentials"],
            &["status", "profile", "login", "email"],
        ],
        unless: "githubcomlogin",
    },
    Neighbor {
        what: "these are statistics of an instance: they have numbers, but no accounts",
        instead: "get the site-admin report https://HOST/stafftools/reports/all_users.csv",
        keys: &[],
        names: &[&["totalusers", "adminusers", "suspendedusers"]],
        unless: "",
    },
    Neighbor {
        what: "this is a recording of a browser's requests (HAR), not a report",
        instead: "save the answer alone, not the recording",
        keys: &[],
        names: &[&["log", "entries", "creator"]],
        unless: "",
    },
    Neighbor {
        what: "this is a list of the organization's invitations: it does not show who takes a \
            license",
        instead: LICENSES,
        keys: &[],
        names: &[&["invitationteamsurl", "login"], &["inviter", "invitationsource"]],
        unless: "",
    },
];

/// The error that a file is no report but one of the files that are mistaken for it; `None` if the file is none
/// of these.
pub fn of(text: &[u8], outline: &Outline) -> Option<Error> {
    let names: Vec<String> = outline.names().map(letters).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let is_this = |it: &&Neighbor| {
        (it.keys.iter().any(|key| outline.has_key(key))
            || it.names.iter().any(|names| names.iter().all(|name| has(name))))
            && !has(it.unless)
    };
    if is_own_answer(text, outline) {
        return Some(Error::input("this is an answer of oneseat itself, not a report").hint(
            "import the files from which the answer was made; `oneseat backup` copies a \
                    database",
        ));
    }
    if is_scim_groups(text, outline) {
        return Some(
            Error::input(
                "these are SCIM groups: they list groups and the ids of members, not people",
            )
            .hint("request /Users, not /Groups"),
        );
    }
    if is_member_list(outline) {
        return NEIGHBORS.get(1).map(refused);
    }
    NEIGHBORS.iter().find(is_this).map(refused)
}

fn refused(neighbor: &Neighbor) -> Error {
    Error::input(neighbor.what).hint(neighbor.instead)
}

/// Whether the file is an answer of oneseat itself: its outermost object has `"schema": "oneseat.…"`.
fn is_own_answer(text: &[u8], outline: &Outline) -> bool {
    let begins = String::from_utf8_lossy(&text[..text.len().min(200)]);
    let schema =
        begins.split_once("\"schema\"").map(|(_, after)| after.trim_start_matches([':', ' ']));
    outline.has_key("schema") && schema.is_some_and(|value| value.starts_with("\"oneseat."))
}

/// Whether the file has SCIM groups and no SCIM users.
fn is_scim_groups(text: &[u8], outline: &Outline) -> bool {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let is_user = |name: &str| name.eq_ignore_ascii_case("userName");
    outline.keys.iter().any(|key| key.eq_ignore_ascii_case("schemas"))
        && text.contains("urn:ietf:params:scim:schemas:core:2.0:group\"")
        && !text.contains("urn:ietf:params:scim:schemas:core:2.0:user\"")
        && !outline.names().any(is_user)
}

/// Whether a table is the export of people, which has a column for each organization but none that states who
/// has an account.
fn is_member_list(outline: &Outline) -> bool {
    let names: Vec<String> = outline.header.iter().map(|cell| letters(cell)).collect();
    let any = |wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
    outline.role_columns > 0
        && any(&["login", "githubcomlogin", "githublogin", "username", "handleoremail"])
        && !any(&["githubcomuser", "githubuser", "licensetype", "suspended", "suspensionstatus"])
}

/// A name reduced to its letters and digits, in lower case.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
}

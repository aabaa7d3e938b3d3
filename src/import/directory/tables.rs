//! The formats of the tables of people that directories export as CSV: Entra ID, Okta, Microsoft 365, Active
//! Directory and Google Workspace. Each format is a value that assigns a meaning to columns; `table` reads the
//! rows.

use super::names::HeaderNames;
use super::table::{NO_COLUMNS, TableFormat};
use super::values::{google_status, is_okta_gone, okta_status, truth};

/// The table that "Download users" in the portal of Entra ID writes.
pub const ENTRA: TableFormat = TableFormat {
    format: "entra-users-csv",
    about: "Entra ID: the users, as the portal downloads them",
    recognised_by: "CSV with userPrincipalName and accountEnabled",
    obtained_from: "the Entra admin center, Users, Download users",
    recognizes: |header| header.has("userprincipalname") && header.has("accountenabled"),
    needs: &[&[
        (&["userprincipalname"], "userPrincipalName"),
        (&["accountenabled"], "accountEnabled"),
        (&["objectid", "id"], "id"),
    ]],
    instead: "take the JSON of the API (az rest, Get-MgUser)",
    id: &["objectid", "id"],
    addresses: &["userprincipalname", "mail", "alternateemailaddress"],
    primary: &["mail"],
    sign_ins: &["userprincipalname"],
    name: &["displayname"],
    full_name: &["givenname", "surname"],
    unit: &["department"],
    truths: &[("accountenabled", true)],
    deleted: &["deleteddatetime"],
    ..NO_COLUMNS
};

const OKTA_LOGIN: [&str; 3] = ["login", "profilelogin", "username"];

/// The tables that Okta exports, with field names, with field names after `profile.`, or with the titles of the
/// schema.
pub const OKTA: TableFormat = TableFormat {
    format: "okta-users-csv",
    about: "Okta: the users, as exports write them",
    recognised_by: "CSV with login (or Username), firstName and lastName, also with profile. before them",
    obtained_from: "an export of the users from Okta's admin console, with id and status",
    recognizes: is_okta,
    needs: &[&[
        (&["login", "profilelogin"], "login"),
        (&["firstname", "profilefirstname"], "firstName"),
        (&["lastname", "profilelastname"], "lastName"),
    ]],
    instead: "take the JSON of the API (GET /api/v1/users)",
    id: &["id", "userid", "login", "profilelogin", "username"],
    addresses: &[
        "login",
        "profilelogin",
        "username",
        "email",
        "profileemail",
        "primaryemail",
        "secondemail",
        "profilesecondemail",
        "secondaryemail",
    ],
    primary: &["email", "profileemail", "primaryemail"],
    sign_ins: &OKTA_LOGIN,
    name: &["displayname", "profiledisplayname"],
    full_name: &["firstname", "profilefirstname", "lastname", "profilelastname"],
    manager: &["manager", "profilemanager"],
    unit: &["department", "profiledepartment"],
    status: Some((&["status"], okta_status)),
    left: &["statuschanged"],
    gone: Some(is_okta_gone),
    ..NO_COLUMNS
};

fn is_okta(header: &HeaderNames) -> bool {
    header.has_any(&OKTA_LOGIN)
        && header.has_any(&["firstname", "profilefirstname"])
        && header.has_any(&["lastname", "profilelastname"])
        && !header.has("githubcomlogin")
}

/// The table that "Export users" in the Microsoft 365 admin center writes.
pub const MICROSOFT_365: TableFormat = TableFormat {
    format: "m365-users-csv",
    about: "Microsoft 365: the users, as the admin center exports them",
    recognised_by: "CSV with User principal name and Block credential",
    obtained_from: "the Microsoft 365 admin center, Active users, Export users",
    recognizes: |header| header.has("userprincipalname") && header.has("blockcredential"),
    needs: &[&[
        (&["userprincipalname"], "User principal name"),
        (&["blockcredential"], "Block credential"),
        (&["objectid"], "Object Id"),
    ]],
    instead: "take the JSON of the API (az rest, Get-MgUser)",
    id: &["objectid"],
    addresses: &["userprincipalname", "alternateemailaddresses"],
    proxies: &["proxyaddresses"],
    sign_ins: &["userprincipalname"],
    name: &["displayname"],
    full_name: &["firstname", "lastname"],
    truths: &[("blockcredential", false)],
    deleted: &["softdeletiontimestamp"],
    ..NO_COLUMNS
};

/// The tables that Get-ADUser and csvde write for Active Directory.
pub const ACTIVE_DIRECTORY: TableFormat = TableFormat {
    format: "ad-users-csv",
    about: "Active Directory: the users, as Get-ADUser or csvde writes them",
    recognised_by: "CSV with userPrincipalName or sAMAccountName, and Enabled or userAccountControl",
    obtained_from: "Get-ADUser -Filter * -Properties mail,accountExpires | Export-Csv \
                    -NoTypeInformation; csvde -f FILE",
    recognizes: |header| {
        header.has_any(&["userprincipalname", "samaccountname"])
            && header.has_any(&["enabled", "useraccountcontrol"])
            && !header.has("accountenabled")
    },
    needs: &[&[
        (&["samaccountname", "userprincipalname"], "userPrincipalName"),
        (&["enabled", "useraccountcontrol"], "Enabled"),
        (&["objectguid", "dn", "distinguishedname"], "objectGUID"),
    ]],
    instead: "put such cells in quotes, or take an LDIF (ldifde, ldapsearch)",
    id: &["objectguid", "dn", "distinguishedname"],
    id_is_guid: true,
    dn: &["dn", "distinguishedname"],
    addresses: &["userprincipalname", "mail", "emailaddress"],
    proxies: &["proxyaddresses"],
    primary: &["mail", "emailaddress"],
    sign_ins: &["userprincipalname", "samaccountname"],
    name: &["displayname", "name", "cn"],
    truths: &[("enabled", true)],
    status: Some((&["isdeleted", "deleted"], is_deleted)),
    has_directory_values: true,
    expires: &["accountexpirationdate"],
    ..NO_COLUMNS
};

/// A deleted object is inactive. Of the others this column does not say it.
fn is_deleted(cell: &str) -> Option<Option<bool>> {
    truth(cell).map(|is_deleted| is_deleted.then_some(false))
}

/// The tables that "Download users" in the admin console of Google Workspace and the tool GAM write.
pub const GOOGLE: TableFormat = TableFormat {
    format: "google-users-csv",
    about: "Google Workspace: the users, as the admin console downloads or GAM prints them",
    recognised_by: "CSV with Email Address [Required] and Status [READ ONLY], or with primaryEmail and \
                    suspended",
    obtained_from: "Google's admin console, Users, Download users; gam print users allfields",
    recognizes: |header| {
        (header.has("emailaddressrequired") && header.has("statusreadonly"))
            || (header.has("primaryemail") && header.has("suspended"))
    },
    needs: &[
        &[
            (&["emailaddressrequired"], "Email Address [Required]"),
            (&["statusreadonly"], "Status [READ ONLY]"),
        ],
        &[(&["primaryemail"], "primaryEmail"), (&["suspended"], "suspended")],
    ],
    instead: "put such cells in quotes",
    id: &["id", "primaryemail", "emailaddressrequired"],
    addresses: &[
        "primaryemail",
        "emailaddressrequired",
        "worksecondaryemail",
        "homesecondaryemail",
        "aliases#",
        "emails#address",
    ],
    primary: &["primaryemail", "emailaddressrequired"],
    sign_ins: &["primaryemail", "emailaddressrequired"],
    name: &["namefullname"],
    full_name: &["firstnamerequired", "namegivenname", "lastnamerequired", "namefamilyname"],
    truths: &[("suspended", false), ("archived", false)],
    status: Some((&["statusreadonly"], google_status)),
    left: &["suspensiontime", "archivaltime"],
    deleted: &["deletiontime"],
    ..NO_COLUMNS
};

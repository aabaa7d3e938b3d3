//! Reads the users of Microsoft Graph in JSON: from the API, `az ad user list` or `Get-MgUser` (directory.md
//! section 1).

use super::addresses::{add_addresses, first_address};
use super::entry_members::{EntryMembers, id_of};
use super::field_types::Holds;
use super::json::JsonFormat;
use super::list::DirectoryList;
use super::reader::Beginning;
use super::truths::SaysActive;
use super::values::{self, add_text};
use crate::error::Result;
use crate::model::DirectoryEntry;

/// The format of the answer to Microsoft Graph's `GET /users`.
pub const GRAPH: JsonFormat = JsonFormat {
    format: "graph-users-json",
    about: "Microsoft Graph: the users, in pages, in an array or one per line",
    recognised_by: "JSON objects with userPrincipalName and id",
    obtained_from: "GET /users?$select=id,userPrincipalName,mail,otherMails,proxyAddresses,accountEnabled",
    recognizes,
    list: "value",
    fields: &[
        ("id", Holds::Identity),
        ("employeeId", Holds::Text),
        ("userPrincipalName", Holds::Identity),
        ("mail", Holds::Addresses),
        ("otherMails", Holds::Addresses),
        ("proxyAddresses", Holds::Addresses),
        ("accountEnabled", Holds::Truth),
        ("displayName", Holds::Text),
        ("department", Holds::Text),
        (
            "manager",
            Holds::Named(&[
                ("userPrincipalName", Holds::Text),
                ("id", Holds::Text),
                ("mail", Holds::Text),
            ]),
        ),
        ("recipientTypeDetails", Holds::Text),
        ("employeeHireDate", Holds::Any),
        ("employeeLeaveDateTime", Holds::Any),
        ("deletedDateTime", Holds::Any),
    ],
    entry,
};

/// The hint for a list without fields that Graph leaves out unless a request selects them.
const SELECT: &str = "Graph leaves accountEnabled and proxyAddresses out unless the request \
    selects them: az rest --url 'https://graph.microsoft.com/v1.0/users?$select=id,accountEnabled,userPrincipalName,mail,\
    otherMails,proxyAddresses,displayName,department'";

const ENABLED: SaysActive = SaysActive {
    key: "accountEnabled",
    hint: "request the list again, and keep true and false as Graph writes them",
};

fn recognizes(beginning: &Beginning) -> bool {
    let is_user = |keys: &[String]| {
        let has = |wanted: &str| keys.iter().any(|key| key.eq_ignore_ascii_case(wanted));
        has("userPrincipalName") && has("id")
    };
    let is_change = beginning.has_key("@odata.deltaLink") || beginning.has_key("@removed");
    let (keys, inner) = (beginning.keys(), beginning.keys_within("value"));
    is_user(keys) || is_user(&inner) || is_change || inner.iter().any(|key| key == "@removed")
}

fn entry(members: &EntryMembers<'_>, list: &mut DirectoryList) -> Result<Option<DirectoryEntry>> {
    // Lists of members and of deleted objects hold objects of every type, and name it.
    let kind = members.text("@odata.type");
    let is_user = |kind: &String| {
        kind.rsplit('.').next().is_some_and(|kind| kind.eq_ignore_ascii_case("user"))
    };
    if kind.as_ref().is_some_and(|kind| !is_user(kind)) {
        return Ok(None);
    }
    let kind_of_mailbox = members.text("recipientTypeDetails");
    if kind_of_mailbox.as_deref().is_some_and(values::is_mailbox_of_nobody) {
        return Ok(None);
    }
    list.ask_for_active = Some(SELECT);
    let mut entry = DirectoryEntry {
        id: id_of(members)?,
        other_id: members.text("employeeId"),
        active: members.active(ENABLED, list),
        left: members.time("employeeLeaveDateTime", list),
        hired: members.time("employeeHireDate", list),
        unit: members.text("department"),
        name: members.text("displayName"),
        ..DirectoryEntry::default()
    };
    let mail = members.texts("mail");
    let principal = members.text("userPrincipalName");
    principal.iter().for_each(|name| add_text(&mut entry.sign_ins, name));
    let others = members.texts("otherMails");
    let proxies = members.texts("proxyAddresses");
    for text in principal.iter().chain(&mail).chain(&others).chain(&proxies) {
        list.addresses_unread += add_addresses(&mut entry, text);
    }
    entry.primary = entry.primary.or_else(|| mail.iter().find_map(|text| first_address(text)));
    let (is_deleted, deleted) = members.deleted("deletedDateTime", list);
    if is_deleted {
        entry.active = Some(false);
        entry.left = [entry.left, deleted].into_iter().flatten().min();
    }
    list.named_users += u64::from(kind.is_some() && !is_deleted);
    entry.manager = members.members("manager").and_then(|manager| {
        let keys = ["userPrincipalName", "id", "mail"];
        keys.into_iter().find_map(|key| manager.text(key))
    });
    entry.manager = entry.manager.or_else(|| members.text("manager"));
    Ok(Some(entry))
}

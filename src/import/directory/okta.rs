//! Reads the users of Okta in JSON (directory.md section 1).

use super::addresses::{add_addresses, first_address};
use super::entry_members::{EntryMembers, id_of};
use super::field_types::Holds;
use super::json::JsonFormat;
use super::list::DirectoryList;
use super::reader::Beginning;
use super::truths::SaysActive;
use super::values::{add_text, is_okta_gone, okta_status};
use crate::error::{Error, Result};
use crate::model::DirectoryEntry;

/// The format of the answer to Okta's `GET /api/v1/users`.
pub const OKTA: JsonFormat = JsonFormat {
    format: "okta-users-json",
    about: "Okta: the users, in an array, in several arrays or one per line",
    recognised_by: "JSON objects with profile.login",
    obtained_from: "GET /api/v1/users, and again with filter=status eq \"DEPROVISIONED\" for those who left",
    recognizes,
    list: "value",
    fields: &[
        ("id", Holds::Identity),
        ("status", Holds::Text),
        ("statusChanged", Holds::Any),
        (
            "profile",
            Holds::Object(&[
                ("login", Holds::Identity),
                ("email", Holds::Addresses),
                ("secondEmail", Holds::Addresses),
                ("manager", Holds::Text),
                ("department", Holds::Text),
                ("displayName", Holds::Text),
                ("firstName", Holds::Text),
                ("lastName", Holds::Text),
            ]),
        ),
    ],
    entry,
};

const STATUS: SaysActive = SaysActive {
    key: "status",
    hint: "request the list again, and keep the words that Okta writes, such as ACTIVE",
};

fn recognizes(beginning: &Beginning) -> bool {
    let profile = beginning.keys_within("profile");
    profile.iter().any(|key| key.eq_ignore_ascii_case("login"))
}

fn entry(members: &EntryMembers<'_>, list: &mut DirectoryList) -> Result<Option<DirectoryEntry>> {
    let id = id_of(members)?;
    let Some(profile) = members.members("profile") else {
        return Err(Error::input("an entry has no profile")
            .hint("save the answer as it came; from PowerShell with ConvertTo-Json -Depth 10"));
    };
    let status = members.text("status");
    let is_gone = status.as_deref().is_some_and(is_okta_gone);
    list.has_okta_status |= status.is_some();
    list.deprovisioned += u64::from(is_gone);
    let left = if is_gone { members.time("statusChanged", list) } else { None };
    let says = status.as_deref().and_then(okta_status);
    if status.is_some() {
        list.truths.count(STATUS, says.is_some());
    }
    let login = profile.text("login");
    let mut entry = DirectoryEntry {
        id,
        active: says.flatten(),
        left,
        manager: profile.text("manager"),
        unit: profile.text("department"),
        name: profile.text("displayName").or_else(|| {
            let parts = ["firstName", "lastName"].map(|key| profile.text(key));
            let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            (!name.is_empty()).then_some(name)
        }),
        ..DirectoryEntry::default()
    };
    login.iter().for_each(|login| add_text(&mut entry.sign_ins, login));
    let email = profile.texts("email");
    let second = profile.texts("secondEmail");
    for text in login.iter().chain(&email).chain(&second) {
        list.addresses_unread += add_addresses(&mut entry, text);
    }
    entry.primary = entry.primary.or_else(|| email.iter().find_map(|text| first_address(text)));
    Ok(Some(entry))
}

//! Reads the users of SCIM in JSON: list responses, and users one by one (directory.md section 1).

use super::addresses::{add_addresses, first_address};
use super::entry_members::{EntryMembers, id_of, members_of, text_of};
use super::field_types::Holds;
use super::json::JsonFormat;
use super::list::DirectoryList;
use super::reader::Beginning;
use super::truths::SaysActive;
use super::values::add_text;
use crate::error::{Error, Result};
use crate::model::DirectoryEntry;

/// The format of the answer to SCIM's `GET /Users`.
pub const SCIM: JsonFormat = JsonFormat {
    format: "scim-users-json",
    about: "SCIM: the users, in list responses or one by one",
    recognised_by: "JSON with schemas of a SCIM list response or of SCIM users",
    obtained_from: "GET /scim/v2/enterprises/ENTERPRISE/Users, all pages; GET /Users of a directory",
    recognizes,
    list: "Resources",
    fields: &[
        ("schemas", Holds::Any),
        ("id", Holds::Identity),
        ("externalId", Holds::Text),
        ("userName", Holds::Identity),
        ("displayName", Holds::Text),
        ("name", Holds::Object(&[("formatted", Holds::Text)])),
        ("active", Holds::Truth),
        ("emails", Holds::AddressObjects(&[("value", Holds::Addresses), ("primary", Holds::Any)])),
        ("meta", Holds::Object(&[("location", Holds::Text)])),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            Holds::Object(&[
                ("department", Holds::Text),
                ("manager", Holds::Named(&[("value", Holds::Text)])),
            ]),
        ),
    ],
    entry,
};

/// The end, in lower case, of the key under which a SCIM user has the enterprise extension.
const ENTERPRISE: &str = ":enterprise:2.0:user";

const ACTIVE: SaysActive = SaysActive {
    key: "active",
    hint: "request the list again, and keep true and false as the server writes them",
};

fn recognizes(beginning: &Beginning) -> bool {
    if !beginning.has_key("schemas") || !beginning.has_text("urn:") || !beginning.has_text("scim:")
    {
        return false;
    }
    let listed = beginning.keys_within("Resources");
    let names_user = |keys: &[String]| keys.iter().any(|key| key.eq_ignore_ascii_case("userName"));
    match beginning.has_key("Resources") || beginning.has_key("totalResults") {
        true => listed.is_empty() || names_user(&listed),
        false => names_user(beginning.keys()),
    }
}

fn entry(members: &EntryMembers<'_>, list: &mut DirectoryList) -> Result<Option<DirectoryEntry>> {
    let id = id_of(members)?;
    let Some(user_name) = members.text("userName") else {
        return Err(Error::input("an entry has no userName, so it is not a user")
            .hint("request /Users, not /Groups"));
    };
    let extension = members.key_that_ends(ENTERPRISE).and_then(|key| members.members(key));
    let mut entry = DirectoryEntry {
        id,
        other_id: members.text("externalId"),
        active: members.active(ACTIVE, list),
        name: members.text("displayName").or_else(|| members.members("name")?.text("formatted")),
        unit: extension.as_ref().and_then(|extension| extension.text("department")),
        manager: extension.as_ref().and_then(|extension| {
            let of_object = extension.members("manager").and_then(|it| it.text("value"));
            of_object.or_else(|| extension.text("manager"))
        }),
        ..DirectoryEntry::default()
    };
    add_text(&mut entry.sign_ins, &user_name);
    list.addresses_unread += add_addresses(&mut entry, &user_name);
    let mut marked = None;
    let mut first = None;
    for email in members.list("emails") {
        let object = members_of(email);
        let of_object = |object: &EntryMembers<'_>| object.texts("value");
        let texts = object.as_ref().map_or_else(|| text_of(email).into_iter().collect(), of_object);
        for text in &texts {
            list.addresses_unread += add_addresses(&mut entry, text);
        }
        let address = texts.iter().find_map(|text| first_address(text));
        if object.is_some_and(|object| object.truth("primary") == Some(true)) {
            marked = marked.or_else(|| address.clone());
        }
        first = first.or(address);
    }
    entry.primary = marked.or(entry.primary).or(first);
    let location = members.members("meta").and_then(|meta| meta.text("location"));
    if let Some((_, rest)) = location.as_deref().and_then(|it| it.split_once("/organizations/"))
        && let Some(organization) = rest.split('/').next().filter(|it| !it.is_empty())
        && !list.organizations.contains(organization)
    {
        list.organizations.insert(organization.to_owned());
    }
    Ok(Some(entry))
}

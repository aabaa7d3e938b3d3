//! Derives an account from a Cloud row (formats.md section 1, counting.md sections 2 and 3).

use std::borrow::Cow;

use super::account::{Account, Address, AddressKind, Membership, Roles, RowKind};
use super::account::{add_identity_of_login, content_hash, identity, listed_text};
use super::{Record, ServerId, Value};
use crate::email;

pub(super) fn account<'r>(record: &'r Record<'_>) -> Account<'r> {
    let mut facts = Facts::default();
    for field in record.fields() {
        facts.take(&field.name, &field.value);
    }
    facts.listed.sort_unstable();
    facts.listed.dedup();
    let row = facts.row_kind();
    if row == RowKind::Invited {
        facts.address(AddressKind::Invitation, facts.login);
    }
    Account {
        identity: facts.identity(row, record),
        row,
        login: Cow::Borrowed(facts.login),
        name: facts.name.map(Cow::Borrowed),
        suspended: None,
        roles: facts.roles(),
        visual_studio: facts.visual_studio_license,
        addresses: facts.addresses,
        listed: facts.listed,
        memberships: facts.memberships,
    }
}

/// Appends the identity of a Cloud row to `out`. For most rows the login alone decides the identity, and the
/// other fields are not read. Returns `false` if the row has no identity.
pub(super) fn add_identity(record: &Record<'_>, out: &mut String) -> bool {
    let login = record.get("github_com_login").and_then(named).unwrap_or_default().trim();
    if !login.is_empty() {
        add_identity_of_login(out, login);
        return true;
    }
    let identity = account(record).identity;
    identity.as_deref().inspect(|identity| out.push_str(identity)).is_some()
}

/// The values of a Cloud row that counting and matching need, collected in one pass over the fields of the row.
#[derive(Default)]
struct Facts<'r> {
    login: &'r str,
    name: Option<&'r str>,
    cloud_user: Option<bool>,
    server_user: Option<bool>,
    subscriber: Option<bool>,
    visual_studio_license: bool,
    held_roles: usize,
    pending_roles: usize,
    addresses: Vec<Address<'r>>,
    listed: Vec<ServerId>,
    memberships: Vec<Membership<'r>>,
}

impl<'r> Facts<'r> {
    fn take(&mut self, name: &str, value: &'r Value<'_>) {
        match name {
            "github_com_login" => self.login = named(value).unwrap_or_default().trim(),
            "github_com_name" => self.name = named(value),
            "github_com_user" => self.cloud_user = value.truth(),
            "enterprise_server_user" => self.server_user = value.truth(),
            "visual_studio_subscription_user" => self.subscriber = value.truth(),
            "license_type" => {
                self.visual_studio_license =
                    value.text().is_some_and(|text| is_visual_studio(text.trim()));
            }
            "github_com_enterprise_roles" | "github_com_enterprise_role" => {
                let roles = value.each_item();
                for role in roles.filter(|role| email::nothing_named(role).is_none()) {
                    if starts_with_pending(role) {
                        self.pending_roles += 1;
                    } else {
                        self.held_roles += 1;
                    }
                }
            }
            "github_com_saml_name_id" => {
                self.address(AddressKind::NameId, value.text().unwrap_or_default());
            }
            "visual_studio_subscription_email" => {
                self.address(AddressKind::VisualStudio, value.text().unwrap_or_default());
            }
            "github_com_verified_domain_emails" => {
                self.addresses(AddressKind::Verified, value);
            }
            // The addresses of the row's Server accounts have two field names. If a row has both fields, the
            // union of their values counts (formats.md section 1).
            "enterprise_server_primary_emails" | "enterprise_server_emails" => {
                self.addresses(AddressKind::Server, value);
            }
            "enterprise_server_user_ids" => {
                self.listed.extend(value.each_item().filter_map(ServerId::parse));
            }
            "github_com_member_roles" => {
                self.memberships.extend(value.each_item().filter_map(membership));
            }
            _ => {}
        }
    }

    fn addresses(&mut self, kind: AddressKind, value: &'r Value<'_>) {
        for item in value.each_item() {
            self.address(kind, item);
        }
    }

    fn address(&mut self, kind: AddressKind, text: &'r str) {
        if !text.trim().is_empty() && email::word_of_absence(text).is_none() {
            self.addresses.push(Address { kind, text: Cow::Borrowed(text) });
        }
    }

    /// The kind of the Cloud row (formats.md section 1). If the file does not state whether the person has a
    /// Cloud account, a login that is not an address shows that they have one.
    fn row_kind(&self) -> RowKind {
        let looks_like_login = !self.login.is_empty() && !self.login.contains('@');
        if self.cloud_user.unwrap_or(looks_like_login) {
            RowKind::Cloud
        } else if self.server_user == Some(true) || !self.listed.is_empty() {
            RowKind::ServerOnly
        } else if self.subscriber == Some(true) {
            RowKind::VisualStudioOnly
        } else {
            RowKind::Invited
        }
    }

    fn roles(&self) -> Roles {
        match (self.held_roles, self.pending_roles) {
            (0, 0) => Roles::None,
            (0, _) => Roles::Pending,
            _ => Roles::Held,
        }
    }

    /// The identity of the Cloud row, in the order of counting.md section 2: the login; else the smallest pair of
    /// host and id; else the smallest address key (Server, invitation, Visual Studio, in this order); else the
    /// content.
    fn identity(&self, row: RowKind, record: &Record<'_>) -> Option<String> {
        if !self.login.is_empty() {
            return Some(Account::identity_of_login(self.login));
        }
        if let Some(first) = self.listed.first() {
            return Some(format!("{}{}", identity::ID, listed_text(first)));
        }
        for kind in [AddressKind::Server, AddressKind::Invitation, AddressKind::VisualStudio] {
            if let Some(key) = self.smallest_key(kind) {
                return Some(format!("{}{key}", identity::ADDRESS));
            }
        }
        if row == RowKind::Invited && self.addresses.is_empty() {
            return None;
        }
        Some(format!("{}{}", identity::CONTENT, content_hash(&record.meaning())))
    }

    fn smallest_key(&self, kind: AddressKind) -> Option<String> {
        let of_kind = self.addresses.iter().filter(|address| address.kind == kind);
        of_kind.filter_map(|address| email::key(&address.text)).min()
    }
}

fn is_visual_studio(license_type: &str) -> bool {
    license_type.to_ascii_lowercase().replace(['_', '-'], " ") == "visual studio subscription"
}

fn starts_with_pending(role: &str) -> bool {
    role.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("pending"))
}

/// The text of a login or a name; `None` if the text is a word of absence, such as `n/a`.
fn named<'r>(value: &'r Value<'_>) -> Option<&'r str> {
    value.text().filter(|text| email::nothing_named(text).is_none())
}

/// Reads a membership of the form `org:Role` or `org/repo:Role`, split at the last colon (formats.md section
/// 1). `None` if the text names no organization.
fn membership(text: &str) -> Option<Membership<'_>> {
    let (place, role) = text.rsplit_once(':').unwrap_or((text, ""));
    if email::nothing_named(place).is_some() || (role.is_empty() && is_bare_role(place)) {
        return None;
    }
    let (organization, repository) = match place.split_once('/') {
        Some((organization, repository)) => (organization, Some(Cow::Borrowed(repository))),
        None => (place, None),
    };
    let (organization, role) = (Cow::Borrowed(organization), Cow::Borrowed(role));
    Some(Membership { organization, repository, role })
}

/// Is this text a role (such as `Owner`) without its organization? Some clients write that.
pub fn is_bare_role(text: &str) -> bool {
    let text = text.trim();
    ["owner", "admin", "member", "collaborator", "outside collaborator"]
        .iter()
        .any(|role| role.eq_ignore_ascii_case(text))
}

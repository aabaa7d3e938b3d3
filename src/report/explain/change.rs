//! The differences between two states of one account, in words. A field that only one of the two formats has
//! is no difference (architecture.md section 2).

use std::collections::BTreeSet;

use crate::email;
use crate::model::{Account, AddressKind, Record, SourceKind, account_of};

/// The differences between two states of an account, in words; `None` if the states do not differ.
pub(super) fn told(kind: SourceKind, before: &Record<'_>, after: &Record<'_>) -> Option<String> {
    let (one, other) = (account_of(kind, before), account_of(kind, after));
    let said = |names: &[&str]| {
        names.iter().any(|it| before.states(it)) && names.iter().any(|it| after.states(it))
    };
    let mut told = Vec::new();
    if one.login != other.login {
        told.push(format!("login {} → {}", one.login, other.login));
    }
    let name = |account: &Account<'_>| account.name.as_deref().unwrap_or_default().to_owned();
    if said(crate::model::name_fields(kind)) && name(&one) != name(&other) {
        told.push(format!("name {} → {}", name(&one), name(&other)));
    }
    match (one.suspended.unwrap_or(false), other.suspended.unwrap_or(false)) {
        (false, true) => told.push("suspended".to_owned()),
        (true, false) if other.suspended.is_some() => told.push("no longer suspended".to_owned()),
        _ => {}
    }
    for kind in AddressKind::ALL {
        if said(fields_of(kind)) {
            let (keys, others) = (keys(&one, kind), keys(&other, kind));
            let shown = kind.name().replace('_', " ");
            match (single(&keys, &others), single(&others, &keys)) {
                (Some(gone), Some(new)) => told.push(format!("{shown} {gone} → {new}")),
                _ => told.extend(difference(&keys, &others, |key| format!("{key} ({shown})"))),
            }
        }
    }
    let listed = |account: &Account<'_>| -> BTreeSet<String> {
        let names = account.listed.iter().map(|it| match &it.host {
            Some(host) => format!("{}:{}", host.as_str(), it.id),
            None => it.id.clone(),
        });
        names.collect()
    };
    if said(&["enterprise_server_user_ids"]) {
        told.extend(difference(&listed(&one), &listed(&other), |it| format!("merged {it}")));
    }
    if said(&["github_com_member_roles"]) {
        let organizations = |account: &Account<'_>| -> BTreeSet<String> {
            account.memberships.iter().map(|it| it.organization.to_string()).collect()
        };
        told.extend(difference(&organizations(&one), &organizations(&other), |it| {
            format!("{it} (organization)")
        }));
    }
    for (field, shown) in [("license_type", "license"), ("github_com_cost_center", "cost center")] {
        let text = |record: &Record<'_>| {
            record.get(field).and_then(|it| it.text().map(str::to_owned)).unwrap_or_default()
        };
        let (one, other) = (text(before), text(after));
        if said(&[field]) && !one.eq_ignore_ascii_case(&other) {
            told.push(format!("{shown} {one} → {other}"));
        }
    }
    if one.roles != other.roles
        && said(&["github_com_enterprise_roles", "github_com_enterprise_role"])
    {
        told.push(match other.roles {
            crate::model::Roles::Pending => "all roles pending".to_owned(),
            crate::model::Roles::Held => "roles held".to_owned(),
            crate::model::Roles::None => "no roles".to_owned(),
        });
    }
    (!told.is_empty()).then(|| told.join("; "))
}

/// The fields of a record in which a format can state addresses of one kind, such as secondary addresses.
fn fields_of(kind: AddressKind) -> &'static [&'static str] {
    match kind {
        AddressKind::Primary => &["email", "primary_email", "emails"],
        AddressKind::Secondary => &["emails"],
        AddressKind::NameId => &["github_com_saml_name_id"],
        AddressKind::Verified => &["github_com_verified_domain_emails"],
        AddressKind::Server => &["enterprise_server_primary_emails", "enterprise_server_emails"],
        AddressKind::VisualStudio => &["visual_studio_subscription_email"],
        AddressKind::Invitation => &["github_com_login"],
    }
}

fn keys(account: &Account<'_>, kind: AddressKind) -> BTreeSet<String> {
    let of_kind = account.addresses.iter().filter(|it| it.kind == kind);
    of_kind.filter_map(|address| email::key(&address.text)).collect()
}

/// The only element of `set` that `other` lacks; `None` if `other` lacks several elements or none.
fn single<'s>(set: &'s BTreeSet<String>, other: &'s BTreeSet<String>) -> Option<&'s String> {
    let mut missing = set.difference(other);
    missing.next().filter(|_| missing.next().is_none())
}

fn difference<'s>(
    before: &'s BTreeSet<String>,
    after: &'s BTreeSet<String>,
    shown: impl Fn(&str) -> String,
) -> Vec<String> {
    let gone = before.difference(after).map(|it| format!("-{}", shown(it)));
    let new = after.difference(before).map(|it| format!("+{}", shown(it)));
    gone.chain(new).collect()
}

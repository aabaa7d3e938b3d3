//! The known fields of Cloud reports: their names, and which of them are lists without order (formats.md section
//! 1). Fields with other names are kept as received.

use crate::email;

/// The fields of a Cloud row whose value is a list in which order means nothing.
const SETS: [&str; 9] = [
    "enterprise_server_advanced_security_user_ids",
    "enterprise_server_code_security_user_ids",
    "enterprise_server_emails",
    "enterprise_server_primary_emails",
    "enterprise_server_secret_protection_user_ids",
    "enterprise_server_user_ids",
    "github_com_member_roles",
    "github_com_orgs_with_pending_invites",
    "github_com_verified_domain_emails",
];

/// The field of the enterprise roles. Its value is a list without order, except in old reports, where it is one
/// word.
const ROLES: &str = "github_com_enterprise_roles";

/// The fields of a Cloud row that hold one value.
const SCALARS: [&str; 22] = [
    "ghe_license_active",
    "ghe_license_end_date",
    "ghe_license_start_date",
    "github_com_advanced_security_license_user",
    "github_com_code_security_license_user",
    "github_com_cost_center",
    "github_com_enterprise_role",
    "github_com_login",
    "github_com_name",
    "github_com_profile",
    "github_com_saml_name_id",
    "github_com_secret_protection_license_user",
    "github_com_two_factor_auth",
    "github_com_two_factor_auth_required_by_date",
    "github_com_user",
    "enterprise_server_user",
    "license_type",
    "license_status",
    "total_user_accounts",
    "visual_studio_license_status",
    "visual_studio_subscription_email",
    "visual_studio_subscription_user",
];

/// Does this text in the field `name` of a Cloud row count as absent, because it is a word of absence (counting.md
/// section 2)? `false` for every field that holds a list.
pub fn is_absent(name: &str, text: &str) -> bool {
    match name {
        "github_com_saml_name_id" | "visual_studio_subscription_email" => {
            email::word_of_absence(text).is_some()
        }
        "github_com_login" | "github_com_name" => email::nothing_named(text).is_some(),
        _ => false,
    }
}

/// Is the value of this field of a Cloud row a list in which order means nothing?
pub fn is_set(name: &str) -> bool {
    name == ROLES || SETS.contains(&name)
}

/// Is this a field of a Cloud row that formats.md section 1 lists?
pub fn is_known_cloud_field(name: &str) -> bool {
    is_set(name) || SCALARS.contains(&name)
}

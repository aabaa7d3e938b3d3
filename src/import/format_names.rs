//! The names of the columns and keys of each format. Any other name in a file may be personal data, so an error
//! quotes a name only if [`is_known_name`] accepts it.
//!
//! Each reader takes the names of its format from this file. A new reader must add its names to [`FORMATS`]
//! too, so that errors may quote them.

use crate::model::{CENTERS_ALONE, SIGN_IN, is_known_cloud_field, letters_of};

/// The columns of Server's site-admin reports about users, in GitHub's order.
pub const SERVER_USERS: [&str; 14] = [
    "created_at",
    "id",
    "login",
    "email",
    "role",
    "suspended?",
    "last_logged_ip",
    "repos",
    "ssh_keys",
    "org_memberships",
    "dormant?",
    "last_active",
    "raw_login",
    "2fa_enabled?",
];

/// The columns of `ghe-user-csv`, in the order of its output.
pub const GHE_USERS: [&str; 9] = [
    "login",
    "email",
    "role",
    "ssh_keys",
    "org_memberships",
    "repos",
    "suspension_status",
    "last_logged_ip",
    "creation_date",
];

/// The fields of a Server account in the GraphQL answer, as in GitHub's schema.
pub const GRAPHQL_ACCOUNT: [&str; 11] = [
    "__typename",
    "createdAt",
    "emails",
    "id",
    "isSiteAdmin",
    "login",
    "profileName",
    "remoteCreatedAt",
    "remoteUserId",
    "updatedAt",
    "userAccount",
];

/// The fields of a Server installation in the GraphQL answer, without its accounts.
pub const GRAPHQL_INSTALLATION: [&str; 7] =
    ["__typename", "createdAt", "customerName", "hostName", "id", "isConnected", "updatedAt"];

/// The facts about an instance in an "Export license usage" file, under the names that public programs and the
/// documentation use.
pub const EXPORTED_INSTANCE: [&str; 12] = [
    "features",
    "host",
    "host_name",
    "hostname",
    "http_only",
    "https_only",
    "instance",
    "license",
    "license_hash",
    "public_key",
    "server_id",
    "version",
];

/// The fields of a user in an "Export license usage" file, under the names that public programs use.
pub const EXPORTED_USER: [&str; 16] = [
    "id",
    "user_id",
    "remote_user_id",
    "login",
    "name",
    "profile_name",
    "emails",
    "primary_email",
    "email",
    "suspended",
    "suspended_at",
    "site_admin",
    "is_site_admin",
    "created_at",
    "role",
    "dormant",
];

/// The keys of the three answers about an instance's license (formats.md section 6).
pub const SERVER_LICENSE: [&str; 34] = [
    "advancedSecurityEnabled",
    "advancedSecuritySeats",
    "advanced_security_enabled",
    "advanced_security_seats",
    "clusterSupport",
    "cluster_support",
    "company",
    "croquetSupport",
    "croquet_support",
    "customerName",
    "customer_name",
    "days_until_expiration",
    "evaluation",
    "expireAt",
    "expire_at",
    "githubConnectSupport",
    "hardExpire",
    "insightsEnabled",
    "insights_enabled",
    "kind",
    "learning_lab_evaluation_expires",
    "learning_lab_seats",
    "perpetual",
    "referenceNumber",
    "reference_number",
    "seats",
    "seats_available",
    "seats_used",
    "sshAllowed",
    "ssh_allowed",
    "supportKey",
    "support_key",
    "unlimitedSeating",
    "unlimited_seating",
];

/// The names of the columns in exports of the Visual Studio portal, reduced to their letters. The columns of the
/// sign-in address are not among them.
pub const VISUAL_STUDIO_COLUMNS: [&str; 37] = [
    "aadgroup",
    "activated",
    "activateddate",
    "agreement",
    "agreementnumber",
    "assigned",
    "assignedby",
    "assigneddate",
    "assignmentdate",
    "azureadgroup",
    "communicationpreference",
    "country",
    "downloads",
    "entragroup",
    "expirationdate",
    "expirationdateutc",
    "expires",
    "expirydate",
    "firstname",
    "guid",
    "language",
    "lastname",
    "level",
    "microsoftentragroup",
    "name",
    "notes",
    "notificationemail",
    "notificationemailaddress",
    "reference",
    "referencenotes",
    "subscribername",
    "subscriptionguid",
    "subscriptionid",
    "subscriptionlevel",
    "subscriptionstatus",
    "usage",
    "usagestatus",
];

/// The keys under which an answer may hold the list of Visual Studio subscriptions.
pub const VISUAL_STUDIO_LISTS: [&str; 2] =
    ["visual_studio_subscriptions", "visual_studio_subscription_assignments"];

/// The keys of a Visual Studio subscription, and the keys beside the list of subscriptions.
pub const VISUAL_STUDIO_FIELDS: [&str; 7] = [
    "email",
    "manual_match",
    "subscriptionId",
    "subscription_id",
    "total_count",
    "username",
    "visual_studio_subscription_email",
];

/// The keys under which an answer may hold the list of cost centers.
pub const COST_CENTERS_LISTS: [&str; 2] = ["costCenters", "cost_centers"];

/// The keys of a cost center, and the keys beside the list of cost centers.
pub const COST_CENTERS_FIELDS: [&str; 9] = [
    "ai_credit_pool_enabled",
    "ai_credit_pool_state",
    "azure_subscription",
    CENTERS_ALONE,
    "id",
    "name",
    "resources",
    "state",
    "total_count",
];

/// The keys of the answer about the license sync status.
pub const SYNC_STATUS: [&str; 4] = ["server_instances", "server_id", "hostname", "last_sync"];

/// Whether a name is a column in exports of the Visual Studio portal, or the key of a snapshot made from one.
pub fn is_visual_studio_column(name: &str) -> bool {
    let letters = letters_of(name);
    let letters = letters.as_str();
    name == "subscribers" || VISUAL_STUDIO_COLUMNS.contains(&letters) || SIGN_IN.contains(&letters)
}

/// For each format, a function that says whether the format has a column or key of a name.
const FORMATS: [fn(&str) -> bool; 9] = [
    is_known_cloud_field,
    |name| SYNC_STATUS.contains(&name),
    |name| GRAPHQL_ACCOUNT.contains(&name) || GRAPHQL_INSTALLATION.contains(&name),
    |name| VISUAL_STUDIO_LISTS.contains(&name) || VISUAL_STUDIO_FIELDS.contains(&name),
    |name| COST_CENTERS_LISTS.contains(&name) || COST_CENTERS_FIELDS.contains(&name),
    |name| EXPORTED_USER.contains(&name) || EXPORTED_INSTANCE.contains(&name),
    |name| SERVER_USERS.contains(&name) || GHE_USERS.contains(&name),
    |name| SERVER_LICENSE.contains(&name),
    is_visual_studio_column,
];

/// Whether any format has a column or key called `name`. Only such a name may be quoted in an error.
pub fn is_known_name(name: &str) -> bool {
    FORMATS.iter().any(|has| is_one_of(has, name))
}

/// Whether `has` accepts a name in one of three spellings: as it is, in lower case, or normalized by
/// [`normalized`].
pub fn is_one_of(has: impl Fn(&str) -> bool, name: &str) -> bool {
    has(name) || has(&name.trim().to_lowercase()) || has(&normalized(name))
}

/// Normalizes the name of a column by the rule of formats.md section 2: lower case, one `_` for each run of
/// characters other than letters and digits, `github_com_` in place of `github_`, and `saml_name_id` in place
/// of `saml_name`.
pub fn normalized(cell: &str) -> String {
    let mut name = String::with_capacity(cell.len() + 4);
    for character in cell.trim().chars() {
        let character = character.to_ascii_lowercase();
        if character.is_ascii_alphanumeric() {
            name.push(character);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_matches('_');
    let name = match name.strip_prefix("github_") {
        Some(rest) if !rest.starts_with("com_") => format!("github_com_{rest}"),
        _ => name.to_owned(),
    };
    if name.ends_with("saml_name") { format!("{name}_id") } else { name }
}

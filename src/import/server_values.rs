//! What the fields of Server accounts hold, in whatever file they come (formats.md sections 3 to
//! 5).

use super::values::{Form, Rule, Words};

/// What the known fields of a Server account hold.
pub fn rule(field: &str) -> Option<Rule> {
    use Form::{Emails, Id, Number, Text, Truth, TruthOrTime};
    use Words::{Address, Kept, Name};
    Some(match field {
        "login" => Rule::telling(Text, Name),
        "id" | "user_id" | "remote_user_id" | "remoteUserId" => Rule::telling(Id, Address),
        "email" | "primary_email" => Rule::telling(Text, Address),
        "emails" => Rule::telling(Emails, Address),
        "suspended?" | "suspended" => Rule::telling(Truth, Address),
        "suspended_at" => Rule::telling(TruthOrTime, Kept),
        "suspension_status" => Rule::telling(Text, Kept),
        "name" | "profile_name" | "profileName" => Rule::other(Text, Name),
        "dormant?" | "dormant" | "site_admin" | "is_site_admin" | "isSiteAdmin"
        | "2fa_enabled?" => Rule::other(Truth, Kept),
        "repos" | "ssh_keys" | "org_memberships" => Rule::other(Number, Kept),
        "created_at" | "creation_date" | "remoteCreatedAt" | "last_active" | "role" => {
            Rule::other(Text, Kept)
        }
        _ => return None,
    })
}

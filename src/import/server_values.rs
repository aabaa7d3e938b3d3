//! The rules for the values of Server accounts, for every format (formats.md sections 3 to 5), and the signs
//! that a list of accounts is not complete.

use super::field_rule::{AbsenceWords, FieldForm, FieldRule};
use crate::code::WarningCode;

/// The rule for a known field of a Server account; `None` for an unknown field.
pub fn rule(field: &str) -> Option<FieldRule> {
    use AbsenceWords::{Address, Kept, Name};
    use FieldForm::{Emails, Id, Number, Status, Suspended, SuspendedAt, Text, Truth};
    Some(match field {
        "login" => FieldRule::telling(Text, Name),
        "id" | "user_id" | "remote_user_id" | "remoteUserId" => FieldRule::telling(Id, Address),
        "email" | "primary_email" => FieldRule::telling(Text, Address),
        "emails" => FieldRule::telling(Emails, Address),
        "suspended?" | "suspended" => FieldRule::telling(Suspended, Address),
        "suspended_at" => FieldRule::telling(SuspendedAt, Address),
        "suspension_status" => FieldRule::telling(Status, Address),
        "name" | "profile_name" | "profileName" => FieldRule::other(Text, Name),
        "dormant?" | "dormant" | "site_admin" | "is_site_admin" | "isSiteAdmin"
        | "2fa_enabled?" => FieldRule::other(Truth, Kept),
        "repos" | "ssh_keys" | "org_memberships" => FieldRule::other(Number, Kept),
        "created_at" | "creation_date" | "remoteCreatedAt" | "last_active" | "role" => {
            FieldRule::other(Text, Kept)
        }
        _ => return None,
    })
}

/// Finds out whether a list has all accounts of an instance, or only its active, dormant or suspended ones or
/// its administrators. The columns do not show it, because all of these lists have the same ones.
#[derive(Default)]
pub struct ListCoverage {
    rows: u64,
    suspended: u64,
    dormant: u64,
    admins: u64,
    others: u64,
}

impl ListCoverage {
    /// Counts one row of the list by three of its cells. A cell whose column is missing is empty.
    pub fn add(&mut self, suspended: &str, dormant: &str, role: &str) {
        let is = |cell: &str, words: &[&str]| {
            u64::from(words.iter().any(|word| cell.trim().eq_ignore_ascii_case(word)))
        };
        self.rows += 1;
        self.suspended += is(suspended, &["true", "suspended"]);
        self.dormant += is(dormant, &["true"]);
        self.admins += is(role, &["admin"]);
        self.others += is(role, &["user"]);
    }

    /// Why the list in the file `name` does not have all accounts; `None` if nothing shows that. `all_from`
    /// says where to get a list of all accounts.
    pub fn not_whole(&self, name: &str, all_from: &str) -> Option<String> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase();
        let mut words = name.split(|it: char| !it.is_alphanumeric());
        let named_active = words.any(|word| matches!(word, "active" | "activeusers"));
        let what = match self {
            ListCoverage { rows: 0, .. } => return None,
            ListCoverage { rows, dormant, .. } if rows == dormant => "every account is dormant",
            ListCoverage { rows, suspended, .. } if rows == suspended => {
                "every account is suspended"
            }
            ListCoverage { dormant: 0, .. } if named_active => {
                "no account is dormant, and by its name the file lists only active accounts"
            }
            _ => return None,
        };
        Some(format!("{what}; {all_from}"))
    }

    /// The warning that the list may have only the administrators, or only the other users. An instance has at
    /// least one administrator, but a small one may have nobody else, so the file is not refused.
    pub fn note(&self) -> Option<(WarningCode, String)> {
        let what = match self {
            ListCoverage { rows, admins, .. } if *rows > 1 && rows == admins => {
                "every account is a site administrator: this looks like the list of the \
                 administrators alone (ghe-user-csv -a)"
            }
            ListCoverage { rows, others, .. } if *rows > 1 && rows == others => {
                "no account is a site administrator, and every instance has one: this looks like \
                 the list of the other users alone (ghe-user-csv -u)"
            }
            _ => return None,
        };
        Some((WarningCode::PerhapsNotWhole, format!("{what}; import the list of all users")))
    }
}

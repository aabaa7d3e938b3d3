//! The data of an employee directory about one person (directory.md section 1). Addresses stay as received; the
//! code that compares them makes their keys.

use super::{Host, Instant};

/// A person in an employee directory, made from all rows of the file that have the same id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The id of the person in the directory. It is a text, even if it consists of digits.
    pub id: String,
    /// A second id of the person in the directory: Graph's `employeeId`, SCIM's `externalId`.
    pub other_id: Option<String>,
    /// The addresses of the person as received, each once, in the order of the file.
    pub addresses: Vec<String>,
    /// The address that the directory marks as primary, as received.
    pub primary: Option<String>,
    /// The names that the person signs in with at the directory, as received.
    pub sign_ins: Vec<String>,
    /// Is the person's account active? `None` if the file does not state it.
    pub active: Option<bool>,
    /// The time when the person left or will leave. `None` if the file states none, or only the expiry of the
    /// account.
    pub left: Option<Instant>,
    /// The time when the person was hired. A leaving time before the time of hire does not count.
    pub hired: Option<Instant>,
    /// The time when the account expires. From then on the person counts as inactive and as having left.
    pub expires: Option<Instant>,
    /// The distinguished name of the entry. Other entries may use it to name the person as their manager.
    pub dn: Option<String>,
    /// The manager of the person: the manager's primary address if the file has an entry for the manager, else
    /// the text as received.
    pub manager: Option<String>,
    /// The department or the cost center of the person.
    pub unit: Option<String>,
    /// The display name of the person.
    pub name: Option<String>,
    /// The logins of the person on Cloud, from columns that the configuration names.
    pub logins: Vec<String>,
    /// The logins of the person on instances, from columns that the configuration names.
    pub server_logins: Vec<(Host, String)>,
}

impl DirectoryEntry {
    /// Is the person active at an instant? The answer is the statement of the file, unless the account has
    /// expired by that instant.
    pub fn active_at(&self, at: Instant) -> Option<bool> {
        match self.expires {
            Some(expires) if expires <= at => Some(false),
            _ => self.active,
        }
    }

    /// The time when the person left: the stated time, else the expiry of the account. The time may lie in the
    /// future.
    pub fn left_on(&self) -> Option<Instant> {
        self.left.or(self.expires)
    }

    /// The address by which to reach the person: the primary address, else the first one.
    pub fn best_address(&self) -> Option<&str> {
        self.primary.as_deref().or_else(|| self.addresses.first().map(String::as_str))
    }
}

/// Are so many people of a directory's snapshot missing from the next one that a warning is due (directory.md
/// section 1)? `gone` of the `before` people of the earlier snapshot are missing.
pub fn are_many_gone(gone: u64, before: u64) -> bool {
    const FEW: u64 = 5;
    gone > FEW && gone * 10 > before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_inactive_from_its_expiry_on() {
        let at = |seconds| Instant::from_unix(seconds).expect("an instant");
        let entry = DirectoryEntry {
            active: Some(true),
            expires: Some(at(100)),
            ..DirectoryEntry::default()
        };
        assert_eq!([99, 100].map(|it| entry.active_at(at(it))), [Some(true), Some(false)]);
        assert_eq!(entry.left_on(), Some(at(100)));
        let stated = DirectoryEntry { left: Some(at(50)), ..entry };
        assert_eq!(stated.left_on(), Some(at(50)));
    }
}

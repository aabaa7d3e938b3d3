//! What an employee directory says about one person (directory.md section 1). Addresses stay as received;
//! whoever compares them makes keys.

use super::{Host, Instant};

/// A person of a directory, made of all rows that have its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The id within its directory: a text, also where it has digits only.
    pub id: String,
    /// A second id that the directory keeps: Graph's `employeeId`, SCIM's `externalId`.
    pub other_id: Option<String>,
    /// The addresses as received, each once, in the order of the file.
    pub addresses: Vec<String>,
    /// The address that the directory calls primary, as received.
    pub primary: Option<String>,
    /// The names that the person signs in with at the directory, as received.
    pub sign_ins: Vec<String>,
    /// Whether the account is active; `None` if the file does not say.
    pub active: Option<bool>,
    /// When the person left or will leave, where the file states it apart from the account's expiry.
    pub left: Option<Instant>,
    /// When the person was hired. A leaving date before it is none.
    pub hired: Option<Instant>,
    /// When the account expires. From then on the entry is inactive, and has left.
    pub expires: Option<Instant>,
    /// The distinguished name, by which others may name the person as their manager.
    pub dn: Option<String>,
    /// The manager: the primary address where the file has the manager's entry, else as received.
    pub manager: Option<String>,
    /// The department or cost center.
    pub unit: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The logins on Cloud, from columns that the configuration names.
    pub logins: Vec<String>,
    /// The logins on instances, from columns that the configuration names.
    pub server_logins: Vec<(Host, String)>,
}

impl DirectoryEntry {
    /// Whether the entry is active at an instant: what the file says, unless the account has expired.
    pub fn active_at(&self, at: Instant) -> Option<bool> {
        match self.expires {
            Some(expires) if expires <= at => Some(false),
            _ => self.active,
        }
    }

    /// When the person left: the stated time, else the account's expiry. It may lie in the future.
    pub fn left_on(&self) -> Option<Instant> {
        self.left.or(self.expires)
    }

    /// The address to reach the person by: the primary one, else the first.
    pub fn best_address(&self) -> Option<&str> {
        self.primary.as_deref().or_else(|| self.addresses.first().map(String::as_str))
    }
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

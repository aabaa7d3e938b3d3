//! Counts one enterprise at an instant: seats by kind, accounts, and matches by rule (counting.md sections 3 and
//! 4).

use serde::{Deserialize, Serialize};

use super::matching::{MatchRule, Matching};
use crate::model::{Population, Roles, RowKind};

/// The consumed licenses and the numbers of which they consist. A field counts seats unless its comment names
/// something else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Cloud seats without a Server account.
    pub cloud_only: u64,
    /// Cloud seats with at least one Server account attached.
    pub cloud_and_server: u64,
    /// Unmatched Server groups, each of which is one seat.
    pub server_only: u64,
    /// Unmatched Server groups that were never synced: no Cloud row in force lists any of their accounts.
    pub server_only_never_synced: u64,
    /// Cloud rows of pending invitations, sent to Cloud accounts or to e-mail addresses, whether or not they take a
    /// seat.
    pub pending_invitations: u64,
    /// Seats of Cloud accounts whose license is a Visual Studio subscription.
    pub visual_studio: u64,
    /// Server accounts matched by a declared link.
    pub by_manual: u64,
    /// Server accounts matched by the SAML NameID.
    pub by_saml_name_id: u64,
    /// Server accounts matched by a verified address.
    pub by_verified_email: u64,
    /// Server accounts matched because the Cloud report lists them.
    pub by_reported: u64,
    /// Cloud rows that are Cloud accounts, whether or not they take a seat.
    pub cloud_accounts: u64,
    /// Server accounts that take part in counting.
    pub server_accounts: u64,
    /// Server accounts that take no part in counting, such as suspended accounts.
    pub server_not_counted: u64,
}

impl Count {
    /// The number of licenses consumed.
    pub fn consumed(&self) -> u64 {
        self.cloud_only + self.cloud_and_server + self.server_only
    }

    /// Adds the counts of another enterprise to these counts.
    pub fn add(&mut self, other: &Count) {
        self.cloud_only += other.cloud_only;
        self.cloud_and_server += other.cloud_and_server;
        self.server_only += other.server_only;
        self.server_only_never_synced += other.server_only_never_synced;
        self.pending_invitations += other.pending_invitations;
        self.visual_studio += other.visual_studio;
        self.by_manual += other.by_manual;
        self.by_saml_name_id += other.by_saml_name_id;
        self.by_verified_email += other.by_verified_email;
        self.by_reported += other.by_reported;
        self.cloud_accounts += other.cloud_accounts;
        self.server_accounts += other.server_accounts;
        self.server_not_counted += other.server_not_counted;
    }

    /// The counts after some people have changed. `before` and `after` are the counts of these people alone,
    /// before and after the change.
    pub fn with_part(&self, before: &Count, after: &Count) -> Count {
        let changed = |of: fn(&Count) -> u64| of(self) + of(after) - of(before);
        Count {
            cloud_only: changed(|it| it.cloud_only),
            cloud_and_server: changed(|it| it.cloud_and_server),
            server_only: changed(|it| it.server_only),
            server_only_never_synced: changed(|it| it.server_only_never_synced),
            pending_invitations: changed(|it| it.pending_invitations),
            visual_studio: changed(|it| it.visual_studio),
            by_manual: changed(|it| it.by_manual),
            by_saml_name_id: changed(|it| it.by_saml_name_id),
            by_verified_email: changed(|it| it.by_verified_email),
            by_reported: changed(|it| it.by_reported),
            cloud_accounts: changed(|it| it.cloud_accounts),
            server_accounts: changed(|it| it.server_accounts),
            server_not_counted: changed(|it| it.server_not_counted),
        }
    }
}

/// Counts the seats, accounts and matches of one enterprise.
pub fn count(population: &Population, matching: &Matching) -> Count {
    let mut count = Count {
        server_accounts: matching.accounts.len() as u64,
        server_not_counted: matching.not_counted,
        ..Count::default()
    };
    let merged = matching.merged_rows(population);
    for (row, merged) in population.cloud.iter().zip(merged) {
        let cloud = row.row == RowKind::Cloud;
        count.cloud_accounts += u64::from(cloud);
        let pending = (cloud && row.roles == Roles::Pending) || row.row == RowKind::Invited;
        count.pending_invitations += u64::from(pending);
        if population.takes_seat(row) {
            count.visual_studio += u64::from(cloud && row.visual_studio);
            if merged {
                count.cloud_and_server += 1;
            } else {
                count.cloud_only += 1;
            }
        }
    }
    for rule in matching.rule.iter().flatten() {
        match rule {
            MatchRule::Manual => count.by_manual += 1,
            MatchRule::SamlNameId => count.by_saml_name_id += 1,
            MatchRule::VerifiedEmail => count.by_verified_email += 1,
            MatchRule::Reported => count.by_reported += 1,
        }
    }
    for group in matching.groups.iter().filter(|group| group.rule.is_none()) {
        count.server_only += 1;
        let synced = group.accounts.iter().any(|account| matching.listed[*account]);
        count.server_only_never_synced += u64::from(!synced);
    }
    count
}

//! Defines the results of the search for people who would take two licenses: evidence, its confidence, and
//! findings.

use std::sync::Arc;

use crate::code::EvidenceCode;
use crate::model::{AccountIx, GroupIx, KeyId, RowIx};

/// The largest number of candidates that a finding names. Likely evidence that names more candidates makes no
/// finding.
pub const CANDIDATES: usize = 5;

/// The confidence that two seats are one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Every other explanation is implausible.
    Certain,
    /// The evidence is one to one and rests on a value that a person tends to reuse, such as a login.
    Likely,
    /// The evidence is weak, but worth checking.
    Possible,
}

impl Confidence {
    /// All levels of confidence, the most certain first.
    pub const ALL: [Confidence; 3] =
        [Confidence::Certain, Confidence::Likely, Confidence::Possible];

    /// The name of the confidence in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
            Confidence::Possible => "possible",
        }
    }
}

/// Evidence that two seats are one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The code of the evidence.
    pub code: EvidenceCode,
    /// The Cloud account or the invitation; `None` if the evidence connects two Server accounts.
    pub row: Option<RowIx>,
    /// The Server account; `None` if the evidence connects an invitation with a Cloud account.
    pub account: Option<AccountIx>,
    /// The other Server account, if two Server accounts share an address or a link.
    pub other: Option<AccountIx>,
    /// The key of the Server account's address that the evidence is about.
    pub key: Option<KeyId>,
    /// The key of the Cloud account's address, if it differs from the key of the Server account's address.
    pub cloud_key: Option<KeyId>,
}

impl Evidence {
    /// Evidence that ties a Server account to a Cloud account.
    pub(super) fn of_row(
        code: EvidenceCode,
        account: AccountIx,
        row: RowIx,
        key: Option<KeyId>,
    ) -> Evidence {
        let (account, row) = (Some(account), Some(row));
        Evidence { code, row, account, other: None, key, cloud_key: None }
    }
}

/// A finding of `duplicates`: a person who takes, or would take, one license too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The best confidence of the finding's evidence.
    pub confidence: Confidence,
    /// The unmatched group; `None` if the finding is about an invitation to a person who already has a Cloud
    /// account.
    pub group: Option<GroupIx>,
    /// The invitation, if the finding is about an invitation or its evidence names one.
    pub invitation: Option<RowIx>,
    /// The Cloud accounts and invitations that the finding's evidence names, sorted by login, at most
    /// [`CANDIDATES`].
    pub candidates: Vec<RowIx>,
    /// The number of all Cloud accounts and invitations that the finding's evidence names.
    pub candidates_total: u64,
    /// The candidate that evidence of the finding's own confidence names, if it names only one.
    pub own: Option<RowIx>,
    /// The other Server accounts that the finding's evidence names or that share an address with the group,
    /// sorted by host and id.
    pub others: Vec<AccountIx>,
    /// The unmatched groups of the finding's cluster, including the finding's own group, sorted by the host and
    /// id of their first accounts. The groups of a cluster share addresses.
    pub cluster: Option<Arc<[GroupIx]>>,
    /// The evidence, in the order of counting.md section 5.
    pub evidence: Vec<Evidence>,
}

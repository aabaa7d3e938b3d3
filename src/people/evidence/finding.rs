//! What the search for people who take two licenses finds: evidence, its confidence, and findings.

use std::sync::Arc;

use crate::code::EvidenceCode;
use crate::model::{AccountIx, GroupIx, KeyId, RowIx};

/// The greatest number of candidates that a finding names. Likely evidence that names more is no finding.
pub const CANDIDATES: usize = 5;

/// How certain it is that two seats are one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// No other explanation is plausible.
    Certain,
    /// One to one, by something that a person tends to reuse.
    Likely,
    /// Worth checking.
    Possible,
}

impl Confidence {
    /// Every level, the most certain first.
    pub const ALL: [Confidence; 3] =
        [Confidence::Certain, Confidence::Likely, Confidence::Possible];

    /// The name in JSON and on the command line.
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
    /// The Cloud account or invitation; `None` if the other seat is a Server account.
    pub row: Option<RowIx>,
    /// The Server account; `None` if an invitation went to a Cloud account.
    pub account: Option<AccountIx>,
    /// The other Server account, if two Server accounts share an address or a link.
    pub other: Option<AccountIx>,
    /// The Server account's key that the evidence is about.
    pub key: Option<KeyId>,
    /// The Cloud account's key, if it is a different one.
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

/// One license too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The best confidence of its evidence.
    pub confidence: Confidence,
    /// The unmatched group; `None` if somebody with a Cloud account was invited again.
    pub group: Option<GroupIx>,
    /// The invitation, if the finding is about one or its evidence names one.
    pub invitation: Option<RowIx>,
    /// The Cloud accounts and invitations that its evidence names, sorted by login, at most [`CANDIDATES`].
    pub candidates: Vec<RowIx>,
    /// The number of all of them.
    pub candidates_total: u64,
    /// The only one of them that evidence of the finding's own confidence names.
    pub own: Option<RowIx>,
    /// The other accounts that its evidence names and those that share an address, sorted by host and id.
    pub others: Vec<AccountIx>,
    /// The unmatched groups that share addresses with this group and with each other, including this one,
    /// sorted by the host and id of their first accounts.
    pub cluster: Option<Arc<[GroupIx]>>,
    /// The evidence, in the order of counting.md section 5.
    pub evidence: Vec<Evidence>,
}

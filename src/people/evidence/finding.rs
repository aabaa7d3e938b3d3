//! Defines the results of the search for people who would take two licenses: evidence, its confidence, and
//! findings.

use std::sync::Arc;

use crate::code::EvidenceCode;
use crate::model::{AccountIx, GroupIx, KeyId, RowIx};

/// The greatest number of candidates that a finding names. Likely evidence that names more candidates is no
/// finding.
pub const CANDIDATES: usize = 5;

/// How certain it is that two seats belong to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Certain evidence, such as a common address: every other explanation is implausible.
    Certain,
    /// The evidence is one to one and rests on a value that a person tends to use again, such as a login.
    Likely,
    /// Weak evidence, such as an equal name, that is worth checking.
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

/// The employee directory that evidence rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InDirectory {
    /// The number of the directory's snapshot in the database.
    pub snapshot: i64,
    /// The key of the address that the directory calls primary, if GitHub compares it for the Cloud account.
    pub primary: Option<KeyId>,
}

/// Evidence that two seats are one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The code of the evidence, such as same-login.
    pub code: EvidenceCode,
    /// The Cloud account or the invitation; `None` if the evidence connects two Server accounts.
    pub row: Option<RowIx>,
    /// The second Cloud seat, if the evidence is that an entry of an employee directory has two Cloud seats. The
    /// first one is `row`.
    pub second: Option<RowIx>,
    /// The Server account; `None` if the evidence connects two Cloud seats.
    pub account: Option<AccountIx>,
    /// The other Server account, if two Server accounts share an address, a link or an entry of a directory.
    pub other: Option<AccountIx>,
    /// The key of the Server account's address that the evidence is about. If the evidence connects two Cloud
    /// seats, the key of an address of the invitation or of `second`.
    pub key: Option<KeyId>,
    /// The key of the other account's address, if it differs from `key` or comes from an employee directory.
    pub cloud_key: Option<KeyId>,
    /// The employee directory that the evidence rests on; `None` for other evidence.
    pub directory: Option<InDirectory>,
}

impl Evidence {
    /// Evidence with this code, without any account or address yet.
    pub(super) fn of(code: EvidenceCode) -> Evidence {
        Evidence {
            code,
            row: None,
            second: None,
            account: None,
            other: None,
            key: None,
            cloud_key: None,
            directory: None,
        }
    }

    /// Evidence that connects a Server account with a Cloud account.
    pub(super) fn of_row(
        code: EvidenceCode,
        account: AccountIx,
        row: RowIx,
        key: Option<KeyId>,
    ) -> Evidence {
        Evidence { row: Some(row), account: Some(account), key, ..Evidence::of(code) }
    }
}

/// A finding of `duplicates`: a person who takes, or would take, one license too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The best confidence of the evidence in the finding.
    pub confidence: Confidence,
    /// The unmatched group of Server accounts; `None` if the finding is about Cloud seats alone.
    pub group: Option<GroupIx>,
    /// The invitation, if the finding is about an invitation or its evidence names one.
    pub invitation: Option<RowIx>,
    /// The second Cloud account, if the finding is that one entry of an employee directory has two Cloud
    /// accounts. The first one is `own`.
    pub second: Option<RowIx>,
    /// The Cloud accounts and invitations that the finding's evidence names, sorted by login, at most
    /// [`CANDIDATES`]. If the finding is about two Cloud accounts, only the second one.
    pub candidates: Vec<RowIx>,
    /// The number of all Cloud accounts and invitations that the finding's evidence names.
    pub candidates_total: u64,
    /// The candidate that evidence of the finding's own confidence names; `None` if it names several or none.
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

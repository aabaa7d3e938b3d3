//! The results of the search for people with seats in several enterprises: the evidence about two seats, and the
//! people.

use super::seats::AcrossIx;
use crate::code::EvidenceCode;
use crate::model::KeyId;
use crate::people::Confidence;

/// Evidence that seats of two enterprises are one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AcrossEvidence {
    /// The code of the evidence, such as same-identity.
    pub code: EvidenceCode,
    /// The two seats, the smaller index first.
    pub seats: [AcrossIx; 2],
    /// For each of the two seats, the key of the address that the evidence compares; `None` if it compares no
    /// address.
    pub keys: [Option<KeyId>; 2],
    /// The number of the employee directory, if the code is same-directory-entry.
    pub directory: Option<u32>,
}

impl AcrossEvidence {
    /// Evidence about two seats that rests on no address and no directory.
    pub(super) fn of(code: EvidenceCode, seats: [AcrossIx; 2]) -> AcrossEvidence {
        AcrossEvidence { code, seats, keys: [None; 2], directory: None }
    }
}

/// A person with seats in several enterprises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcrossItem {
    /// The confidence that all seats are one person's: that of the weakest evidence that is needed to join them.
    pub confidence: Confidence,
    /// All seats of the person, in order.
    pub seats: Vec<AcrossIx>,
    /// The evidence that joins the seats, in the order of its codes.
    pub evidence: Vec<AcrossEvidence>,
}

/// The fact that a seat belongs to an entry of an employee directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeatEntry {
    /// The number of the employee directory.
    pub directory: u32,
    /// The number of the entry among the entries of its directory.
    pub entry: u32,
    /// The seat that belongs to the entry.
    pub seat: AcrossIx,
    /// The key of the address that both the entry and the seat have; `None` if they have a login in common.
    pub key: Option<KeyId>,
}

//! Decides which accounts belong to one person and who takes a license. This module implements counting.md sections
//! 1 to 5 as pure functions over the compact records of one enterprise at one instant.
//!
//! This module uses no SQL and no files. Addresses are numbers, and accounts are indices into a
//! `model::Population`. Only likely and possible evidence reads texts ([`EvidenceTexts`]). Data goes through these
//! steps: `accounts` (the Server accounts that take part in counting), `matching` (groups, matches, attachment),
//! `evidence` (people who would take two licenses), and [`Count`] (the numbers of one answer). `alike`, `by_key`
//! and `many` are tools for these steps. Only `across` looks at several enterprises together: it finds people who have
//! seats in several of them.

mod accounts;
mod across;
mod alike;
mod bridge;
mod by_key;
mod count;
mod evidence;
mod links;
mod listing;
mod many;
mod matching;
mod movement;
mod participant;
mod seats;

pub use accounts::{Repeated, only_instance};
pub use across::{
    AcrossEvidence, AcrossItem, AcrossIx, AcrossLinks, AcrossSeats, AcrossSide, SeatEntry, SideIx,
    across,
};
pub use bridge::{BridgeStep, Cause, Whom, bridge};
pub use count::{Count, count};
pub use evidence::{
    AddressHolder, CANDIDATES, Confidence, DirectoryEntryIx, EntriesInForce, Evidence,
    EvidenceTexts, Finding, HoldersOfKeys, InDirectory, LinkedBefore, Strings, address_parts,
    alike_keys, compared, findings, local_part, names_a_role, near_misses, tells_a_person,
    unmatched_groups, without_shortcode, without_tag,
};
pub use matching::{DisjointSets, Group, MatchRule, Matching, file_is_older, resolve};
pub use movement::{
    AccountName, Moved, Movement, MovementSide, Pair, RecreatedBy, SameBy, Seat, movements,
};
pub use participant::{AccountOrigin, Participant, ShortList};
pub use seats::{SeatOf, seats};

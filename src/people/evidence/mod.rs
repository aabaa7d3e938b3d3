//! People who would take two licenses (counting.md section 5).
//!
//! For every unmatched Server group: which Cloud account that takes a seat, or which other unmatched group,
//! is the same person? All results are indices and key numbers, and the caller fetches names and addresses
//! for printing.
//!
//! `unmatched` sorts the groups. `certain` and `clusters` find certain evidence. `takers` and `candidates`
//! are the two sides of weaker evidence, which `likely` and `possible` (with `near` and `rough`) find and
//! `one_to_one` tests. `teller` builds the findings. `key_set`, `locals`, `side_by_side` and `words` are
//! tools. `texts` is what the caller provides; logins are read only when they are needed. This file defines
//! evidence and findings, and selects the groups to test.

mod candidates;
mod certain;
mod clusters;
mod key_set;
mod likely;
mod locals;
mod near;
mod one_to_one;
mod possible;
mod rough;
mod side_by_side;
mod takers;
mod teller;
mod texts;
mod unmatched;
mod words;

use std::sync::Arc;

use super::links::LinkEffects;
use super::matching::Matching;
use super::{AccountOrigin, Participant};
use crate::code::EvidenceCode;
use crate::error::Result;
use crate::model::{AddressKey, AddressKind, CloudRow, Population, RowKind, StoredWords};
use candidates::Candidates;
use certain::{Certain, CloudAddresses, first_by_login};
use clusters::Clusters;
use key_set::KeySet;
use takers::Takers;
use teller::FindingBuilder;
use unmatched::Unmatched;

pub use certain::LinkedBefore;
pub use texts::{EvidenceTexts, Strings};
pub use unmatched::unmatched_groups;
pub use words::{
    local_part, names_a_role, parts as address_parts, tells_a_person, without_shortcode,
    without_tag,
};

/// The greatest number of candidates that a finding names. Likely evidence that names more is no finding.
pub const CANDIDATES: usize = 5;

/// The greatest number of seats that near misses name for one level of evidence. A login or name that half
/// an enterprise shares shows nothing.
const NEAR_MISSES: usize = 20;

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
    /// The Cloud account or invitation, as an index of [`Population::cloud`]; `None` if the other seat is a
    /// Server account.
    pub row: Option<u32>,
    /// The Server account, as an index of [`Matching::accounts`]; `None` if an invitation went to a Cloud
    /// account.
    pub account: Option<u32>,
    /// The other Server account, if two Server accounts share an address or a link.
    pub other: Option<u32>,
    /// The number of the Server account's key that the evidence is about.
    pub key: Option<u32>,
    /// The number of the Cloud account's key, if it is a different one.
    pub cloud_key: Option<u32>,
}

impl Evidence {
    /// Evidence that ties a Server account to a Cloud account.
    fn of_row(code: EvidenceCode, account: u32, row: u32, key: Option<u32>) -> Evidence {
        let (account, row) = (Some(account), Some(row));
        Evidence { code, row, account, other: None, key, cloud_key: None }
    }
}

/// One license too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The best confidence of its evidence.
    pub confidence: Confidence,
    /// The unmatched group, as an index of [`Matching::groups`]; `None` if somebody with a Cloud account
    /// was invited again.
    pub group: Option<u32>,
    /// The invitation, as an index of [`Population::cloud`], if the finding is about one or its evidence
    /// names one.
    pub invitation: Option<u32>,
    /// The Cloud accounts and invitations that its evidence names, sorted by login, at most [`CANDIDATES`].
    pub candidates: Vec<u32>,
    /// The number of all of them.
    pub candidates_total: u64,
    /// The only one of them that evidence of the finding's own confidence names.
    pub own: Option<u32>,
    /// The other accounts that its evidence names and those that share an address, sorted by host and id.
    pub others: Vec<u32>,
    /// The unmatched groups that share addresses with this group and with each other, including this one,
    /// sorted by the host and id of their first accounts.
    pub cluster: Option<Arc<[u32]>>,
    /// The evidence, in the order of counting.md section 5.
    pub evidence: Vec<Evidence>,
}

/// All findings, sorted by confidence, then by the host and id of the group's first account. Invitations
/// come first.
///
/// # Errors
/// If logins cannot be read.
pub fn findings(
    population: &Population,
    matching: &Matching,
    linked_before: &LinkedBefore,
    texts: &EvidenceTexts<'_>,
) -> Result<Vec<Finding>> {
    let unmatched = Unmatched::of(population, matching);
    let invited: Vec<(u32, u32)> = invitations(population);
    let places = 0..unmatched.len() as u32;
    let mut wanted: KeySet = places.clone().flat_map(|place| unmatched.proving(place)).collect();
    wanted.extend(invited.iter().map(|(_, key)| *key));
    let mut cloud = CloudAddresses::new(population, &wanted);
    drop(wanted);
    // Each finding with the index of its group.
    let mut found: Vec<(Option<u32>, Finding)> =
        invited_again(matching, &cloud, &invited).into_iter().map(|it| (None, it)).collect();

    let clusters = Clusters::new(&unmatched, &matching.links);
    let certain = places.clone().filter_map(|place| {
        let certain = cloud.of_group(matching, linked_before, &unmatched, place);
        (!certain.evidence.is_empty()).then_some((place, certain))
    });
    let certain: Vec<(u32, Certain)> = certain.collect();
    let mut in_cloud = vec![false; unmatched.len()];
    for (place, _) in &certain {
        in_cloud[clusters.first(*place) as usize] = true;
    }
    let teller = FindingBuilder { population, matching, unmatched: &unmatched, texts };
    let mut takers = Vec::new();
    let mut certain = certain.into_iter().peekable();
    for place in places {
        let own = certain.next_if(|(its, _)| *its == place).map(|(_, certain)| certain);
        if in_cloud[clusters.first(place) as usize] || clusters.first(place) != place {
            let mut certain = own.unwrap_or_default();
            certain.evidence.extend_from_slice(clusters.shared(place));
            certain.others.extend_from_slice(clusters.others(place));
            found.push((Some(place), teller.finding(place, Confidence::Certain, certain)));
        } else {
            takers.push(place);
        }
    }
    drop(cloud);
    if !takers.is_empty() {
        found.extend(teller.tested(takers)?.into_iter().map(|(place, it)| (Some(place), it)));
    }
    let of_group = clusters.of_groups(unmatched.groups());
    for (_, finding) in &mut found {
        finding.cluster = finding.group.and_then(|group| of_group.get(&group).cloned());
    }
    found.sort_by_key(|(place, finding)| (finding.confidence, *place));
    Ok(found.into_iter().map(|(_, finding)| finding).collect())
}

/// Everything that an unmatched group has in common with other seats, nearest first. This includes what is
/// not one to one, and so no finding.
///
/// # Errors
/// If logins cannot be read.
pub fn near_misses(
    population: &Population,
    matching: &Matching,
    linked_before: &LinkedBefore,
    texts: &EvidenceTexts<'_>,
    group: u32,
) -> Result<Vec<Evidence>> {
    let unmatched = Unmatched::of(population, matching);
    let place = (0u32..).zip(unmatched.groups()).find(|(_, it)| **it == group);
    let Some((place, _)) = place else { return Ok(Vec::new()) };
    let mut cloud = CloudAddresses::new(population, &unmatched.proving(place).collect());
    let certain = cloud.of_group(matching, linked_before, &unmatched, place);
    let words = Words { keys: texts.keys, links: &matching.links };
    let takers = Takers::new(&unmatched, vec![place], words);
    let candidates = Candidates::new(population);
    let logins = (texts.logins)()?;
    let likely = likely::claims(population, (&takers, &logins), &candidates, NEAR_MISSES);
    let possible = possible::claims(population, matching, &takers, &candidates, NEAR_MISSES);
    let clusters = Clusters::new(&unmatched, &matching.links);
    let mut evidence = certain.evidence;
    evidence.extend_from_slice(clusters.shared(place));
    evidence.extend(likely.of_group(0).1);
    evidence.extend(possible.of_group(0).1);
    let teller = FindingBuilder { population, matching, unmatched: &unmatched, texts };
    evidence.sort_by(|a, b| teller.rank(a).cmp(&teller.rank(b)));
    evidence.dedup();
    Ok(evidence)
}

/// The invitations by e-mail that take a seat and whose address points to a person, each with the key of
/// the address.
fn invitations(population: &Population) -> Vec<(u32, u32)> {
    let rows = (0u32..).zip(&population.cloud);
    let invited = rows.filter(|(index, row)| {
        let address = crate::model::Account::login_of_identity(population.identity(*index));
        row.row == RowKind::Invited
            && population.takes_seat(row)
            && address.is_some_and(words::tells_a_person)
    });
    let invited = invited.flat_map(|(index, row)| {
        let keys = population.keys(&row.addresses, AddressKind::Invitation);
        keys.map(move |key| (index, key))
    });
    invited.collect()
}

/// Findings about invitations to people who already have a Cloud account.
fn invited_again(
    matching: &Matching,
    cloud: &CloudAddresses<'_>,
    invited: &[(u32, u32)],
) -> Vec<Finding> {
    let mut found = Vec::new();
    for &(invitation, key) in invited {
        let rows = cloud.with_identity(key).iter().copied();
        let rows = rows.filter(|row| !matching.links.rows_are_apart(invitation, *row));
        let rows: Vec<u32> = rows.collect();
        let confidence = match rows.len() {
            0 => continue,
            1 => Confidence::Likely,
            2..=CANDIDATES => Confidence::Possible,
            _ => continue,
        };
        let candidates = first_by_login(rows);
        let evidence = candidates.iter().map(|&row| Evidence {
            code: EvidenceCode::InvitedByEmail,
            row: Some(row),
            account: None,
            other: None,
            key: Some(key),
            cloud_key: None,
        });
        found.push(Finding {
            confidence,
            group: None,
            invitation: Some(invitation),
            evidence: evidence.collect(),
            candidates_total: candidates.len() as u64,
            own: candidates.first().copied().filter(|_| candidates.len() == 1),
            candidates,
            others: Vec::new(),
            cluster: None,
        });
    }
    found
}

/// The texts that evidence below certain compares, and the links that exclude evidence.
#[derive(Clone, Copy)]
struct Words<'t> {
    keys: &'t dyn StoredWords,
    links: &'t LinkEffects,
}

/// The keys of an account's non-primary addresses: those in its instance's snapshot, and those that Cloud
/// knows since the last sync.
fn secondary_keys(population: &Population, account: &Participant) -> impl Iterator<Item = u32> {
    let (addresses, synced) = match account.origin {
        AccountOrigin::Own(index) => (
            &population.server[index as usize].addresses,
            population.synced_addresses.get(&index).map_or(&[][..], Vec::as_slice),
        ),
        AccountOrigin::Cloud(_) => (&(0..0), &[][..]),
    };
    let keys = population.keys(addresses, AddressKind::Secondary).chain(synced.iter().copied());
    keys.filter(|key| !account.has_repeated(*key))
}

/// The keys of all addresses of an account that count as evidence below certain, including the one that is
/// repeated on its instance.
pub fn alike_keys(population: &Population, account: &Participant) -> impl Iterator<Item = u32> {
    all_keys(population, account).chain(account.repeated)
}

/// The keys of all addresses of an account that prove something.
pub fn all_keys(population: &Population, account: &Participant) -> impl Iterator<Item = u32> {
    account.keys.iter().copied().chain(secondary_keys(population, account))
}

/// The addresses of a Cloud account that are compared. Each key comes once, as the NameID if it is both.
pub fn compared(population: &Population, row: &CloudRow) -> impl Iterator<Item = AddressKey> {
    let addresses = population.addresses(&row.addresses);
    let name_id = addresses.iter().find(|it| it.kind == AddressKind::NameId);
    addresses.iter().copied().filter(move |it| match it.kind {
        AddressKind::NameId => true,
        AddressKind::Verified => name_id.is_none_or(|name_id| name_id.key != it.key),
        _ => false,
    })
}

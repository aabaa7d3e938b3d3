//! Finds people who would take two licenses (counting.md section 5).
//!
//! For each unmatched Server group, this module asks which Cloud account that takes a seat, or which other
//! unmatched group, is the same person. All results are indices; the caller fetches names and addresses for
//! printing.
//!
//! `unmatched` arranges the unmatched groups. `certain` and `clusters` find certain evidence, with `shared` for the
//! entries of employee directories (`entries`), and `on_cloud` the people with two Cloud seats. Weaker evidence
//! ties groups (`takers`) to Cloud accounts (`candidates`): `likely` and `possible` (with `near` and `rough`)
//! find it, and `one_to_one` tests it. `teller` builds the findings. `key_set`, `locals`, `side_by_side` and
//! `words` are tools. `texts` defines the texts that the caller provides; logins are read only when they are
//! needed. `finding` defines evidence and findings, and `compared` defines the values that evidence compares.
//! This file selects the groups to test.

mod candidates;
mod certain;
mod clusters;
mod compared;
mod entries;
mod finding;
mod key_set;
mod likely;
mod locals;
mod near;
mod on_cloud;
mod one_to_one;
mod possible;
mod rough;
mod shared;
mod side_by_side;
mod takers;
mod teller;
mod texts;
mod unmatched;
mod words;

use super::matching::Matching;
use crate::error::Result;
use crate::model::{GroupIx, Indexed, KeyId, ListIndex, Population, RowIx};
use candidates::Candidates;
use certain::{Certain, CloudAddresses};
use clusters::Clusters;
use compared::Words;
use key_set::KeySet;
use shared::SharedEntries;
use takers::{TakerIx, Takers};
use teller::FindingBuilder;
use unmatched::{Unmatched, UnmatchedIx};

pub use certain::LinkedBefore;
pub use compared::{alike_keys, compared};
pub use entries::{AddressHolder, DirectoryEntryIx, EntriesInForce, HoldersOfKeys};
pub use finding::{CANDIDATES, Confidence, Evidence, Finding, InDirectory};
pub use texts::{EvidenceTexts, Strings};
pub use unmatched::unmatched_groups;
pub use words::{
    local_part, names_a_role, parts as address_parts, tells_a_person, without_shortcode,
    without_tag,
};

/// The greatest number of seats that near misses name for one level of confidence. A login or name that half an
/// enterprise shares shows nothing about one person.
const NEAR_MISSES: usize = 20;

/// All findings, sorted by confidence, then by the host and id of the group's first account. At each level of
/// confidence, findings about Cloud seats alone come first.
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
    let invited: Vec<(RowIx, KeyId)> = on_cloud::invitations(population);
    let entries = SharedEntries::of(population, &unmatched, texts);
    let all = unmatched.indices();
    let mut wanted: KeySet = all.clone().flat_map(|group| unmatched.proving(group)).collect();
    wanted.extend(invited.iter().map(|(_, key)| *key));
    let mut cloud = CloudAddresses::new(population, &wanted, &entries);
    drop(wanted);
    let on_cloud = on_cloud::findings(matching, &cloud, &invited, &entries).into_iter();
    let mut found: Vec<(Option<UnmatchedIx>, Finding)> = on_cloud.map(|it| (None, it)).collect();

    let clusters = Clusters::new(&unmatched, &matching.links, &entries);
    let certain = all.clone().filter_map(|group| {
        let certain = cloud.of_group(matching, linked_before, &unmatched, group);
        (!certain.evidence.is_empty()).then_some((group, certain))
    });
    let certain: Vec<(UnmatchedIx, Certain)> = certain.collect();
    let mut in_cloud: Indexed<UnmatchedIx, bool> = Indexed::filled(false, unmatched.len());
    for (group, _) in &certain {
        in_cloud[clusters.first(*group)] = true;
    }
    let teller = FindingBuilder { population, matching, unmatched: &unmatched, texts };
    let mut takers = Indexed::new();
    let mut certain = certain.into_iter().peekable();
    for group in all {
        let own = certain.next_if(|(its, _)| *its == group).map(|(_, certain)| certain);
        if in_cloud[clusters.first(group)] || clusters.first(group) != group {
            let mut certain = own.unwrap_or_default();
            certain.evidence.extend_from_slice(clusters.shared(group));
            certain.others.extend_from_slice(clusters.others(group));
            found.push((Some(group), teller.finding(group, Confidence::Certain, certain)));
        } else {
            takers.push(group);
        }
    }
    drop(cloud);
    if !takers.is_empty() {
        found.extend(teller.tested(takers)?.into_iter().map(|(group, it)| (Some(group), it)));
    }
    let of_group = clusters.of_groups(unmatched.groups());
    for (_, finding) in &mut found {
        finding.cluster = finding.group.and_then(|group| of_group.get(&group).cloned());
    }
    found.sort_by_key(|(group, finding)| (finding.confidence, *group));
    Ok(found.into_iter().map(|(_, finding)| finding).collect())
}

/// All evidence that connects an unmatched group with other seats, the strongest first. The result includes
/// evidence that makes no finding because it is not one to one.
///
/// # Errors
/// If logins cannot be read.
pub fn near_misses(
    population: &Population,
    matching: &Matching,
    linked_before: &LinkedBefore,
    texts: &EvidenceTexts<'_>,
    group: GroupIx,
) -> Result<Vec<Evidence>> {
    let unmatched = Unmatched::of(population, matching);
    let its_index = unmatched.groups().enumerated().find(|(_, it)| **it == group);
    let Some((group, _)) = its_index else { return Ok(Vec::new()) };
    let entries = SharedEntries::of(population, &unmatched, texts);
    let mut cloud = CloudAddresses::new(population, &unmatched.proving(group).collect(), &entries);
    let certain = cloud.of_group(matching, linked_before, &unmatched, group);
    let words = Words { keys: texts.keys, links: &matching.links };
    let takers = Takers::new(&unmatched, vec![group].into(), words);
    let candidates = Candidates::new(population);
    let logins = (texts.logins)()?;
    let likely = likely::claims(population, (&takers, &logins), &candidates, NEAR_MISSES);
    let possible = possible::claims(population, matching, &takers, &candidates, NEAR_MISSES);
    let clusters = Clusters::new(&unmatched, &matching.links, &entries);
    let mut evidence = certain.evidence;
    evidence.extend_from_slice(clusters.shared(group));
    evidence.extend(likely.of_group(TakerIx::at(0)).1);
    evidence.extend(possible.of_group(TakerIx::at(0)).1);
    let teller = FindingBuilder { population, matching, unmatched: &unmatched, texts };
    evidence.sort_by(|a, b| teller.rank(a).cmp(&teller.rank(b)));
    evidence.dedup();
    Ok(evidence)
}

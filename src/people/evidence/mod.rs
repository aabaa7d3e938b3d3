//! Finds people who would take two licenses (counting.md section 5).
//!
//! For each unmatched Server group, this module asks which Cloud account that takes a seat, or which other
//! unmatched group, is the same person. All results are indices; the caller fetches names and addresses for
//! printing.
//!
//! `unmatched` arranges the unmatched groups. `certain` and `clusters` find certain evidence. Weaker evidence
//! ties groups (`takers`) to Cloud accounts (`candidates`): `likely` and `possible` (with `near` and `rough`)
//! find it, and `one_to_one` tests it. `teller` builds the findings. `key_set`, `locals`, `side_by_side` and
//! `words` are tools. `texts` defines the texts that the caller provides; logins are read only when they are
//! needed. `finding` defines evidence and findings, and `compared` defines the values that evidence compares.
//! This file selects the groups to test.

mod candidates;
mod certain;
mod clusters;
mod compared;
mod finding;
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

use super::matching::Matching;
use crate::code::EvidenceCode;
use crate::error::Result;
use crate::model::{AddressKind, GroupIx, Indexed, KeyId, ListIndex, Population, RowIx, RowKind};
use candidates::Candidates;
use certain::{Certain, CloudAddresses, first_by_login};
use clusters::Clusters;
use compared::Words;
use key_set::KeySet;
use takers::{TakerIx, Takers};
use teller::FindingBuilder;
use unmatched::{Unmatched, UnmatchedIx};

pub use certain::LinkedBefore;
pub use compared::{alike_keys, compared};
pub use finding::{CANDIDATES, Confidence, Evidence, Finding};
pub use texts::{EvidenceTexts, Strings};
pub use unmatched::unmatched_groups;
pub use words::{
    local_part, names_a_role, parts as address_parts, tells_a_person, without_shortcode,
    without_tag,
};

/// The largest number of seats that near misses name for one level of confidence. A login or name that half an
/// enterprise shares shows nothing.
const NEAR_MISSES: usize = 20;

/// All findings, sorted by confidence, then by the host and id of the group's first account. At each level of
/// confidence, findings about invitations come first.
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
    let invited: Vec<(RowIx, KeyId)> = invitations(population);
    let all = unmatched.indices();
    let mut wanted: KeySet = all.clone().flat_map(|group| unmatched.proving(group)).collect();
    wanted.extend(invited.iter().map(|(_, key)| *key));
    let mut cloud = CloudAddresses::new(population, &wanted);
    drop(wanted);
    let mut found: Vec<(Option<UnmatchedIx>, Finding)> =
        invited_again(matching, &cloud, &invited).into_iter().map(|it| (None, it)).collect();

    let clusters = Clusters::new(&unmatched, &matching.links);
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
    let mut cloud = CloudAddresses::new(population, &unmatched.proving(group).collect());
    let certain = cloud.of_group(matching, linked_before, &unmatched, group);
    let words = Words { keys: texts.keys, links: &matching.links };
    let takers = Takers::new(&unmatched, vec![group].into(), words);
    let candidates = Candidates::new(population);
    let logins = (texts.logins)()?;
    let likely = likely::claims(population, (&takers, &logins), &candidates, NEAR_MISSES);
    let possible = possible::claims(population, matching, &takers, &candidates, NEAR_MISSES);
    let clusters = Clusters::new(&unmatched, &matching.links);
    let mut evidence = certain.evidence;
    evidence.extend_from_slice(clusters.shared(group));
    evidence.extend(likely.of_group(TakerIx::at(0)).1);
    evidence.extend(possible.of_group(TakerIx::at(0)).1);
    let teller = FindingBuilder { population, matching, unmatched: &unmatched, texts };
    evidence.sort_by(|a, b| teller.rank(a).cmp(&teller.rank(b)));
    evidence.dedup();
    Ok(evidence)
}

/// The e-mail invitations that take a seat and whose address identifies a person, each with the key of the
/// address.
fn invitations(population: &Population) -> Vec<(RowIx, KeyId)> {
    let rows = population.cloud.enumerated();
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
    invited: &[(RowIx, KeyId)],
) -> Vec<Finding> {
    let mut found = Vec::new();
    for &(invitation, key) in invited {
        let rows = cloud.with_identity(key).iter().copied();
        let rows = rows.filter(|row| !matching.links.rows_are_apart(invitation, *row));
        let rows: Vec<RowIx> = rows.collect();
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

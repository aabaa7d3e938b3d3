//! Finds people who take two seats on Cloud alone, without Server accounts: invitations to people who already
//! have a Cloud account (counting.md section 5), and Cloud seats in one entry of an employee directory
//! (directory.md section 2).

use std::collections::BTreeMap;

use super::certain::{CloudAddresses, first_by_login};
use super::shared::{SharedEntries, SharedRow};
use super::words;
use super::{CANDIDATES, Confidence, Evidence, Finding};
use crate::code::EvidenceCode;
use crate::model::{Account, AddressKind, KeyId, Population, RowIx, RowKind};
use crate::people::Matching;
use crate::people::links::LinkEffects;

/// The e-mail invitations that take a seat and whose address identifies a person, each with the key of the
/// address.
pub(super) fn invitations(population: &Population) -> Vec<(RowIx, KeyId)> {
    let rows = population.cloud.enumerated();
    let invited = rows.filter(|(index, row)| {
        let address = Account::login_of_identity(population.identity(*index));
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

/// The findings about Cloud seats alone: first those about invitations that no employee directory connects with
/// a Cloud account, then those from directories. At most one finding is about an invitation, with all of its
/// evidence.
pub(super) fn findings(
    matching: &Matching,
    cloud: &CloudAddresses<'_>,
    invited: &[(RowIx, KeyId)],
    shared: &SharedEntries,
) -> Vec<Finding> {
    let mut beyond = beyond_the_first(shared, &matching.links);
    let mut found = Vec::new();
    for finding in invited_again(matching, cloud, invited) {
        match finding.invitation.and_then(|row| beyond.get_mut(&(true, row))) {
            Some(certain) => certain.extend(finding.evidence),
            None => found.push(finding),
        }
    }
    found.extend(beyond.into_iter().map(|((is_invited, row), evidence)| {
        let of_directory = evidence.iter().filter(|it| it.directory.is_some());
        let own = of_directory.filter_map(|it| it.row).min();
        let mut candidates: Vec<RowIx> = evidence.iter().filter_map(|it| it.row).collect();
        candidates.sort_unstable();
        candidates.dedup();
        let (candidates_total, candidates) = match is_invited {
            true => (candidates.len() as u64, first_by_login(candidates)),
            false => (1, vec![row]),
        };
        Finding {
            confidence: Confidence::Certain,
            group: None,
            invitation: is_invited.then_some(row),
            second: (!is_invited).then_some(row),
            candidates,
            candidates_total,
            own,
            others: Vec::new(),
            cluster: None,
            evidence,
        }
    }));
    found
}

/// The Cloud seats beyond the first in each directory entry, each with a flag for invitations. The evidence
/// connects the seat with the first Cloud account in the entry, unless a link declares the two to be two
/// people's.
fn beyond_the_first(
    shared: &SharedEntries,
    links: &LinkEffects,
) -> BTreeMap<(bool, RowIx), Vec<Evidence>> {
    let mut beyond: BTreeMap<(bool, RowIx), Vec<Evidence>> = BTreeMap::new();
    for entry in shared.indices() {
        let (invited, accounts): (Vec<&SharedRow>, Vec<&SharedRow>) =
            shared.rows(entry).iter().partition(|it| it.is_invited);
        let mut tie = |second: &SharedRow, firsts: &[&SharedRow]| {
            let mut firsts =
                firsts.iter().filter(|first| !links.rows_are_apart(first.row, second.row));
            if let Some(first) = firsts.next() {
                let evidence = shared.on_cloud(entry, first, second);
                beyond.entry((second.is_invited, second.row)).or_default().push(evidence);
            }
        };
        for (place, second) in accounts.iter().enumerate() {
            tie(second, &accounts[..place]);
        }
        for invitation in invited {
            tie(invitation, &accounts);
        }
    }
    beyond
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
            row: Some(row),
            key: Some(key),
            ..Evidence::of(EvidenceCode::InvitedByEmail)
        });
        found.push(Finding {
            confidence,
            group: None,
            invitation: Some(invitation),
            second: None,
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

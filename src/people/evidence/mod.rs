//! People who would take two licenses (counting.md section 5).
//!
//! For every unmatched Server group: which Cloud account that takes a seat, or which other
//! unmatched group, is the same human? Everything is told as indices and key numbers; whoever
//! prints it fetches names and addresses. The parts: `unmatched`, the groups in order; `certain` and
//! `clusters`; `takers` and `candidates`, both sides of what is less than certain; `likely`; `possible`
//! with `near` and `rough`; the tests of `one_to_one`; `teller`, which puts findings together; the
//! tools `key_set`, `locals` and `side_by_side`; `words`; and `texts`, which is what the caller
//! reads: logins only when they are asked for. This file says what evidence is, and who is looked at.

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
use super::{Origin, Participant};
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

/// How many candidates a finding names; more of a likely code are no finding.
pub const CANDIDATES: usize = 5;

/// How many seats near misses may name by one level of evidence: what half an enterprise is called
/// tells nothing.
const NEAR_MISSES: usize = 20;

/// How sure it is that the two are one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// No other reading is plausible.
    Certain,
    /// One to one, by something that people choose alike.
    Likely,
    /// Worth a look.
    Possible,
}

impl Confidence {
    /// Every level, the surest first.
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

/// A kind of evidence, in the order of counting.md section 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceCode {
    /// The user has declared that they are one person.
    Declared,
    /// A non-primary address of the Server account is the Cloud account's NameID or verified.
    SecondaryEmail,
    /// A Cloud snapshot merged this very Server account into the Cloud account.
    LinkedBefore,
    /// The primary address is the Visual Studio sign-in address of the Cloud account's row.
    VisualStudioEmail,
    /// An address of one unmatched group is an address of another.
    SharedAddress,
    /// The logins are equal, the Cloud one also without its `_shortcode`.
    SameLogin,
    /// The addresses are equal without `+tag`.
    PlusTag,
    /// The same local part in another domain.
    OtherDomain,
    /// The NameID, or its local part, is the Server login or the local part of an address.
    SamlUsername,
    /// An e-mail invitation went to an address of another seat.
    InvitedByEmail,
    /// The same display name.
    SameName,
    /// Addresses of one domain, one slip apart.
    NearEmail,
}

impl EvidenceCode {
    /// The code in JSON.
    pub fn name(self) -> &'static str {
        match self {
            EvidenceCode::Declared => "declared",
            EvidenceCode::SecondaryEmail => "secondary-email",
            EvidenceCode::LinkedBefore => "linked-before",
            EvidenceCode::VisualStudioEmail => "visual-studio-email",
            EvidenceCode::SharedAddress => "shared-address",
            EvidenceCode::SameLogin => "same-login",
            EvidenceCode::PlusTag => "plus-tag",
            EvidenceCode::OtherDomain => "other-domain",
            EvidenceCode::SamlUsername => "saml-username",
            EvidenceCode::InvitedByEmail => "invited-by-email",
            EvidenceCode::SameName => "same-name",
            EvidenceCode::NearEmail => "near-email",
        }
    }
}

/// Evidence that two seats are one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// What kind of evidence.
    pub code: EvidenceCode,
    /// The Cloud account or invitation, an index of [`Population::cloud`]; `None` where it is a
    /// Server account.
    pub row: Option<u32>,
    /// The Server account, an index of [`Matching::accounts`]; `None` where an invitation went to
    /// a Cloud account.
    pub account: Option<u32>,
    /// The other Server account, for a shared address.
    pub other: Option<u32>,
    /// The number of the Server account's key that it is about.
    pub key: Option<u32>,
    /// The number of the Cloud account's key, where it is another one.
    pub cloud_key: Option<u32>,
}

impl Evidence {
    /// Evidence that ties a Server account to a Cloud account.
    fn of_row(code: EvidenceCode, account: u32, row: u32, key: Option<u32>) -> Evidence {
        let (account, row) = (Some(account), Some(row));
        Evidence { code, row, account, other: None, key, cloud_key: None }
    }
}

/// A license too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How sure: the best of its evidence.
    pub confidence: Confidence,
    /// The unmatched group, an index of [`Matching::groups`]; `None`: an invitation to somebody who
    /// has a Cloud account.
    pub group: Option<u32>,
    /// The invitation, an index of [`Population::cloud`], where the finding is one or its evidence
    /// names one.
    pub invitation: Option<u32>,
    /// The Cloud accounts and invitations that its evidence names, by login, at most
    /// [`CANDIDATES`].
    pub candidates: Vec<u32>,
    /// How many there are.
    pub candidates_total: u64,
    /// The only one of them that evidence of the finding's own confidence names.
    pub own: Option<u32>,
    /// The other accounts that its evidence names, and those that share an address, by host and id.
    pub others: Vec<u32>,
    /// The unmatched groups that share addresses with it and with each other, itself among them, by
    /// the host and id of their first accounts.
    pub cluster: Option<Arc<[u32]>>,
    /// Its evidence, in the order of counting.md.
    pub evidence: Vec<Evidence>,
}

/// All findings, by confidence, then by the host and id of the group's first account; invitations
/// first.
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
    // Each with the place of its group.
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

/// Everything that is alike between an unmatched group and other seats, nearest first: also what is
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

/// The invitations by e-mail that take a seat and whose address tells a person, each with the
/// address; by address.
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

/// Invitations to somebody who has a Cloud account: findings of their own.
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

/// What evidence below certain is about, and what is declared not to be evidence.
#[derive(Clone, Copy)]
struct Words<'t> {
    keys: &'t dyn StoredWords,
    links: &'t LinkEffects,
}

/// The keys of an account's non-primary addresses: those that its instance tells, and those that
/// Cloud knows of it since the last sync.
fn secondary_keys(population: &Population, account: &Participant) -> impl Iterator<Item = u32> {
    let (addresses, synced) = match account.origin {
        Origin::Own(index) => (
            &population.server[index as usize].addresses,
            population.synced_addresses.get(&index).map_or(&[][..], Vec::as_slice),
        ),
        Origin::Cloud(_) => (&(0..0), &[][..]),
    };
    let keys = population.keys(addresses, AddressKind::Secondary).chain(synced.iter().copied());
    keys.filter(|key| !account.has_repeated(*key))
}

/// The keys of all addresses of an account that say something below certain: also that which is
/// repeated on its instance.
pub fn alike_keys(population: &Population, account: &Participant) -> impl Iterator<Item = u32> {
    all_keys(population, account).chain(account.repeated)
}

/// The keys of all addresses of an account that prove something.
pub fn all_keys(population: &Population, account: &Participant) -> impl Iterator<Item = u32> {
    account.keys.iter().copied().chain(secondary_keys(population, account))
}

/// The addresses of a Cloud account that are compared, NameID first: each key once, as a NameID if
/// it is one.
pub fn compared(population: &Population, row: &CloudRow) -> impl Iterator<Item = AddressKey> {
    let addresses = population.addresses(&row.addresses);
    let name_id = addresses.iter().find(|it| it.kind == AddressKind::NameId);
    addresses.iter().copied().filter(move |it| match it.kind {
        AddressKind::NameId => true,
        AddressKind::Verified => name_id.is_none_or(|name_id| name_id.key != it.key),
        _ => false,
    })
}

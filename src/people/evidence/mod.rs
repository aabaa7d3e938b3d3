//! People who would take two licenses (counting.md section 5).
//!
//! For every unmatched Server group: which Cloud account that takes a seat, or which other
//! unmatched group, is the same human? Everything is told as indices and key numbers; whoever
//! prints it fetches names and addresses. The parts: `certain` and `clusters`, `likely`,
//! `possible` (with `near` and `side_by_side`), the tests of `one_to_one`, `words`, and `texts`,
//! which is what the caller reads out beforehand. This file says what evidence is, and puts
//! findings together.

mod certain;
mod clusters;
mod likely;
mod near;
mod one_to_one;
mod possible;
mod side_by_side;
mod texts;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use foldhash::{HashSet, HashSetExt};

use super::links::Links;
use super::matching::{Matching, place};
use super::{Account, Origin};
use crate::beside::both;
use crate::model::{AddressKey, AddressKind, CloudRow, Population, RowKind};
use certain::{Certain, CloudAddresses, first_by_login};
use clusters::Clusters;
use one_to_one::Claims;

pub use certain::LinkedBefore;
pub use texts::{Strings, Texts, keys_to_read, unmatched_groups};
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

/// A group that takes part in the one-to-one tests: its accounts, in their order, each with the
/// keys of all its addresses.
struct Taker {
    group: u32,
    accounts: Vec<(u32, Vec<u32>)>,
    /// The key that is repeated on the instance: whoever has one is a group alone.
    repeated: Option<u32>,
}

/// All findings, by confidence, then by the host and id of the group's first account; invitations
/// first.
pub fn findings(
    population: &Population,
    matching: &Matching,
    linked_before: &LinkedBefore,
    texts: &Texts,
) -> Vec<Finding> {
    let unmatched = unmatched_in_order(population, matching);
    let invited: Vec<(u32, u32)> = invitations(population);
    let keys = invited.iter().map(|(_, key)| *key);
    let mut cloud = CloudAddresses::new(population, matching, &unmatched, keys);
    let mut found = invited_again(matching, &cloud, &invited);

    let clusters = Clusters::new(population, matching, &unmatched);
    let certain: Vec<Certain> =
        unmatched.iter().map(|group| cloud.of_group(matching, linked_before, *group)).collect();
    let in_cloud: HashSet<u32> = (0u32..)
        .zip(&certain)
        .filter(|(_, certain)| !certain.evidence.is_empty())
        .map(|(place, _)| clusters.first(place))
        .collect();
    let teller = Teller { population, matching, texts };
    let mut takers = Vec::new();
    for ((place, &group), mut certain) in (0u32..).zip(&unmatched).zip(certain) {
        if in_cloud.contains(&clusters.first(place)) || clusters.first(place) != place {
            certain.evidence.extend_from_slice(clusters.shared(place));
            certain.others.extend_from_slice(clusters.others(place));
            found.push(teller.finding(group, Confidence::Certain, certain));
        } else {
            takers.push(Taker::new(population, matching, group));
        }
    }
    if !takers.is_empty() {
        found.extend(teller.tested(&takers));
    }
    let of_group = clusters.of_groups(&unmatched);
    for finding in &mut found {
        finding.cluster = finding.group.and_then(|group| of_group.get(&group).cloned());
    }
    let rank = |it: &Finding| it.group.map(|group| place_of(population, matching, group));
    found.sort_by(|a, b| (a.confidence, rank(a)).cmp(&(b.confidence, rank(b))));
    found
}

/// The unmatched groups by the host and id of their first accounts.
fn unmatched_in_order(population: &Population, matching: &Matching) -> Vec<u32> {
    let mut unmatched = unmatched_groups(matching);
    let place_of = |group: &u32| place_of(population, matching, *group);
    unmatched.sort_by(|a, b| place_of(a).cmp(&place_of(b)));
    unmatched
}

fn place_of<'p>(
    population: &'p Population,
    matching: &'p Matching,
    group: u32,
) -> (&'p str, &'p crate::model::Member) {
    let first = matching.groups[group as usize].accounts[0];
    place(population, &matching.accounts[first as usize])
}

/// Everything that is alike between an unmatched group and other seats, nearest first: also what is
/// not one to one, and so no finding.
pub fn near_misses(
    population: &Population,
    matching: &Matching,
    linked_before: &LinkedBefore,
    texts: &Texts,
    group: u32,
) -> Vec<Evidence> {
    let mut cloud = CloudAddresses::new(population, matching, &[group], std::iter::empty());
    let certain = cloud.of_group(matching, linked_before, group);
    let teller = Teller { population, matching, texts };
    let taker = [Taker::new(population, matching, group)];
    let words = Words { texts, links: &matching.links, most: NEAR_MISSES };
    let (likely, possible) =
        (likely::claims(population, &taker, words), possible::claims(population, &taker, words));
    let unmatched = unmatched_in_order(population, matching);
    let clusters = Clusters::new(population, matching, &unmatched);
    let mut evidence = certain.evidence;
    let groups = (0u32..).zip(&unmatched).filter(|(_, it)| **it == group);
    evidence.extend(groups.flat_map(|(place, _)| clusters.shared(place)).copied());
    evidence.extend(likely.of_group(0).1);
    evidence.extend(possible.of_group(0).1);
    evidence.sort_by(|a, b| teller.rank(a).cmp(&teller.rank(b)));
    evidence.dedup();
    evidence
}

impl Taker {
    fn new(population: &Population, matching: &Matching, group: u32) -> Taker {
        let accounts = matching.groups[group as usize].accounts.iter().map(|number| {
            (*number, alike_keys(population, &matching.accounts[*number as usize]).collect())
        });
        let first = matching.groups[group as usize].accounts[0];
        let repeated = matching.accounts[first as usize].repeated;
        Taker { group, accounts: accounts.collect(), repeated }
    }
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
    texts: &'t Texts,
    links: &'t Links,
    /// How many candidates a group may name before it names none.
    most: usize,
}

/// Puts findings about groups together.
struct Teller<'a> {
    population: &'a Population,
    matching: &'a Matching,
    texts: &'a Texts,
}

impl Teller<'_> {
    /// The findings about groups without certain evidence.
    fn tested(&self, takers: &[Taker]) -> Vec<Finding> {
        let words = Words { texts: self.texts, links: &self.matching.links, most: CANDIDATES };
        let (possible, likely) = both(
            takers.len().max(self.population.cloud.len()),
            || possible::claims(self.population, takers, words),
            || likely::claims(self.population, takers, words),
        );
        let has_one_there = self.matched_on_host(takers, &likely);
        let mut found = Vec::new();
        for (number, taker) in (0u32..).zip(takers) {
            let (rows, evidence) = likely.of_group(number);
            let mut rows = rows.to_vec();
            let mut evidence: Vec<Evidence> = evidence.collect();
            let proves = evidence.iter().any(|it| !self.is_lowered(it));
            let sure = likely.one_to_one(number);
            let sure = sure.filter(|_| proves && !has_one_there.contains(&number));
            if possible.one_to_one(number).is_some() {
                let (more, by) = possible.of_group(number);
                rows.extend(more);
                evidence.extend(by);
            }
            if evidence.is_empty() {
                continue;
            }
            rows.sort_unstable();
            rows.dedup();
            let confidence = if sure.is_some() { Confidence::Likely } else { Confidence::Possible };
            let certain = Certain { evidence, candidates: rows.len() as u64, others: Vec::new() };
            let finding = self.finding(taker.group, confidence, certain);
            found.push(Finding { own: sure.or(finding.own), ..finding });
        }
        found
    }

    /// Is it about an address that is repeated on its instance? Such evidence is lowered to possible.
    fn is_lowered(&self, it: &Evidence) -> bool {
        let Some((account, key)) = it.account.zip(it.key) else { return false };
        let of_address = matches!(
            it.code,
            EvidenceCode::PlusTag | EvidenceCode::OtherDomain | EvidenceCode::SamlUsername
        );
        of_address && self.matching.accounts[account as usize].has_repeated(key)
    }

    /// The groups whose one candidate already has a matched account on the host of one of their
    /// accounts.
    fn matched_on_host(&self, takers: &[Taker], likely: &Claims<'_>) -> HashSet<u32> {
        let sure = (0u32..).zip(takers);
        let sure: Vec<(u32, u32, &Taker)> = sure
            .filter_map(|(number, taker)| Some((likely.one_to_one(number)?, number, taker)))
            .collect();
        let rows: HashSet<u32> = sure.iter().map(|(row, _, _)| *row).collect();
        let mut matched: HashSet<(u32, &str)> = HashSet::new();
        for (account, row) in self.matching.accounts.iter().zip(&self.matching.attached) {
            if let Some(row) = row.filter(|row| rows.contains(row)) {
                matched.insert((row, place(self.population, account).0));
            }
        }
        let on_host = |row: u32, account: u32| {
            let account = &self.matching.accounts[account as usize];
            matched.contains(&(row, place(self.population, account).0))
        };
        sure.iter()
            .filter(|(row, _, taker)| taker.accounts.iter().any(|it| on_host(*row, it.0)))
            .map(|(_, number, _)| *number)
            .collect()
    }

    fn finding(&self, group: u32, confidence: Confidence, certain: Certain) -> Finding {
        let Certain { mut evidence, candidates: candidates_total, others } = certain;
        evidence.sort_by(|a, b| self.rank(a).cmp(&self.rank(b)));
        evidence.dedup();
        let rows = evidence.iter().filter_map(|it| it.row).collect();
        let candidates = first_by_login(rows);
        let is_invited = |row: &u32| self.population.cloud[*row as usize].row == RowKind::Invited;
        let invitation = evidence.iter().filter_map(|it| it.row).find(is_invited);
        let named = evidence.iter().filter_map(|it| it.other);
        let others: BTreeSet<u32> = named.chain(others).collect();
        let mut others: Vec<u32> = others.into_iter().collect();
        others.sort_by(|a, b| self.place(*a).cmp(&self.place(*b)));
        let own = candidates.first().copied().filter(|_| candidates_total == 1);
        Finding {
            confidence,
            group: Some(group),
            invitation,
            candidates,
            candidates_total,
            own,
            others,
            cluster: None,
            evidence,
        }
    }

    /// The order of evidence: the table's, then by login, by host and id, and by addresses.
    fn rank(&self, it: &Evidence) -> impl Ord {
        let text = |key: Option<u32>| key.map(|key| self.texts.keys.get(key));
        let place = |account: Option<u32>| account.map(|number| self.place(number));
        (it.code, it.row, place(it.account), text(it.key), text(it.cloud_key), place(it.other))
    }

    fn place(&self, account: u32) -> (&str, &crate::model::Member) {
        place(self.population, &self.matching.accounts[account as usize])
    }
}

/// The keys of an account's non-primary addresses: those that its instance tells, and those that
/// Cloud knows of it since the last sync.
fn secondary_keys(population: &Population, account: &Account) -> impl Iterator<Item = u32> {
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
pub fn alike_keys(population: &Population, account: &Account) -> impl Iterator<Item = u32> {
    all_keys(population, account).chain(account.repeated)
}

/// The keys of all addresses of an account that prove something.
pub fn all_keys(population: &Population, account: &Account) -> impl Iterator<Item = u32> {
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

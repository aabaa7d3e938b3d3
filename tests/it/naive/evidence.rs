//! People who would take two licenses, as far as it is certain (counting.md section 5, without `declared`). It may
//! assume groups as `matching` gives them; it knows nothing of likely and possible evidence.

use super::cloud::{self, RowKind};
use super::matching::{Group, Matching};
use super::server::{AccountId, Id};
use super::{Imported, Kind};
use std::collections::BTreeSet;

/// A certain finding: the first account of the unmatched group, the sorted codes of its certain evidence, and the
/// login of the Cloud account, if these name exactly one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub host: String,
    pub id: Option<u64>,
    pub evidence: BTreeSet<&'static str>,
    pub cloud_login: Option<String>,
}

/// An unmatched group with what is certain about it.
struct Suspect {
    first: AccountId,
    addresses: BTreeSet<String>,
    codes: BTreeSet<&'static str>,
    /// Places in the party's rows.
    cloud_accounts: BTreeSet<usize>,
}

/// Section 5, one finding per unmatched group that has certain evidence.
pub fn certain(matching: &Matching, groups: &[Group]) -> Vec<Finding> {
    let seen = matching.question.seen;
    let unmatched = groups.iter().filter(|group| group.attachments.is_none());
    let suspects: Vec<Suspect> = unmatched.map(|group| suspect(matching, group)).collect();
    let mut findings = Vec::new();
    for cluster in clusters(&suspects) {
        let shared = cluster.len() > 1;
        let by_cloud = cluster.iter().any(|place| !suspects[*place].codes.is_empty());
        if shared {
            seen.saw(if by_cloud {
                "cluster: with evidence for a Cloud account"
            } else {
                "cluster: all but the first group"
            });
        }
        let first = cluster.iter().min_by_key(|place| &suspects[**place].first);
        for place in &cluster {
            let suspect = &suspects[*place];
            let mut evidence = suspect.codes.clone();
            if shared && (by_cloud || Some(place) != first) {
                evidence.insert("shared-address");
            }
            if evidence.is_empty() {
                continue;
            }
            note_evidence(matching, &evidence, &suspect.cloud_accounts);
            let mut logins =
                suspect.cloud_accounts.iter().map(|row| matching.party.rows[*row].login.clone());
            findings.push(Finding {
                host: suspect.first.0.clone(),
                id: match suspect.first.1 {
                    Id::Number(id) => Some(id),
                    Id::Without(_) => None,
                },
                evidence,
                cloud_login: logins.next().filter(|_| suspect.cloud_accounts.len() == 1),
            });
        }
    }
    findings
}

/// Section 5, the table: what is certain about one group and the Cloud accounts that take a seat.
fn suspect(matching: &Matching, group: &Group) -> Suspect {
    let mut suspect = Suspect {
        first: matching.accounts[group.members[0]].id.clone(),
        addresses: BTreeSet::new(),
        codes: BTreeSet::new(),
        cloud_accounts: BTreeSet::new(),
    };
    for account in group.members.iter().map(|place| &matching.accounts[*place]) {
        let mut others = account.others.clone();
        let synced = as_synced_addresses(matching, &account.id);
        if synced.iter().any(|key| !others.contains(key) && !account.e.contains(key)) {
            matching
                .question
                .seen
                .saw("evidence: an address known only from the as-synced snapshot");
        }
        others.extend(synced);
        suspect.addresses.extend(account.e.iter().chain(&others).cloned());
        for (place, row) in
            matching.party.rows.iter().enumerate().filter(|(place, _)| matching.seats[*place])
        {
            let mut codes = Vec::new();
            if row.name_id.iter().chain(&row.verified).any(|key| others.contains(key)) {
                codes.push("secondary-email");
            }
            if linked_before(matching, &account.id, place) {
                codes.push("linked-before");
            }
            if row.visual_studio_address.iter().any(|key| account.e.contains(key)) {
                codes.push("visual-studio-email");
            }
            if !codes.is_empty() {
                suspect.cloud_accounts.insert(place);
            }
            suspect.codes.extend(codes);
        }
    }
    suspect
}

/// Section 1: non-primary addresses of a `server-as-synced` snapshot in force serve as evidence for the account with
/// the same host and id in any case.
fn as_synced_addresses(matching: &Matching, id: &AccountId) -> BTreeSet<String> {
    let kind = Kind::ServerAsSynced { host: id.0.clone() };
    let snapshot = matching.question.in_force(&kind);
    let users = snapshot.into_iter().flat_map(|snapshot| cloud::objects(&snapshot.content));
    users
        .filter(|user| {
            user.get("id").and_then(|id| id.as_u64()).map(Id::Number).as_ref() == Some(&id.1)
        })
        .flat_map(|user| {
            let (primary, others) = super::server::addresses(user.get("emails"));
            // An address that is given twice, once as primary, is the primary one.
            others.difference(&primary).cloned().collect::<Vec<_>>()
        })
        .collect()
}

/// Section 5, `linked-before`: a Cloud snapshot that is or was in force merged this very Server account into the
/// Cloud account, which is still there.
fn linked_before(matching: &Matching, account: &AccountId, place: usize) -> bool {
    let Some(enterprise) = &matching.party.enterprise else {
        return false;
    };
    let snapshots = matching.question.cloud_snapshots(enterprise);
    let mut merging =
        snapshots.into_iter().filter(|snapshot| merges(matching, snapshot, account, place));
    let Some(newest) = merging.next() else {
        return false;
    };
    matching.question.seen.saw(if Some(newest.taken_at) == matching.party.cloud_taken_at {
        "evidence: linked-before by the snapshot in force"
    } else {
        "evidence: linked-before by an earlier snapshot"
    });
    true
}

/// Whether this Cloud snapshot lists the Server account on the row of the Cloud account.
fn merges(matching: &Matching, snapshot: &Imported, account: &AccountId, place: usize) -> bool {
    let identity = &matching.party.rows[place].identity;
    cloud::rows(&snapshot.content, matching.question.seen)
        .iter()
        .filter(|row| row.kind == RowKind::CloudAccount && row.identity == *identity)
        .any(|row| super::server::listed_by(matching.party, row).contains(account))
}

/// Section 5: unmatched groups that share an address form a cluster.
fn clusters(suspects: &[Suspect]) -> Vec<Vec<usize>> {
    let mut clusters: Vec<Vec<usize>> = (0..suspects.len()).map(|place| vec![place]).collect();
    let share = |a: &usize, b: &usize| !suspects[*a].addresses.is_disjoint(&suspects[*b].addresses);
    loop {
        let found = (0..clusters.len()).find_map(|one| {
            let joins = |other: &usize| {
                clusters[one].iter().any(|a| clusters[*other].iter().any(|b| share(a, b)))
            };
            (one + 1..clusters.len()).find(joins).map(|other| (one, other))
        });
        let Some((one, other)) = found else {
            return clusters;
        };
        let joined = clusters.remove(other);
        clusters[one].extend(joined);
    }
}

fn note_evidence(
    matching: &Matching,
    evidence: &BTreeSet<&'static str>,
    cloud_accounts: &BTreeSet<usize>,
) {
    let seen = matching.question.seen;
    for code in evidence {
        seen.saw(match *code {
            "secondary-email" => "evidence: secondary-email",
            "linked-before" => "evidence: linked-before",
            "visual-studio-email" => "evidence: visual-studio-email",
            _ => "evidence: shared-address",
        });
    }
    if cloud_accounts.len() > 1 {
        seen.saw("tie: certain evidence for several Cloud accounts");
    }
}

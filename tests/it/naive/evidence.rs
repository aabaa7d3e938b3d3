//! People who would take two licenses (counting.md section 5). It may assume groups as
//! `matching` gives them; `likeness` says what makes two seats look alike.

use super::cloud::{self, RowKind};
use super::likeness;
use super::links::Says;
use super::matching::{Group, Matching};
use super::server::{AccountId, Id};
use super::{Imported, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// A finding: the first account of the unmatched group (no host: an invitation to a Cloud account), the sorted codes
/// of its evidence, the logins of the candidates (the first five) and their number, the first invitation among them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub confidence: &'static str,
    pub host: String,
    pub id: Option<u64>,
    pub evidence: BTreeSet<&'static str>,
    pub candidates: Vec<String>,
    pub candidates_total: usize,
    pub invitation: Option<String>,
}

/// An unmatched group with what is certain about it.
struct Suspect {
    /// Places in the list of accounts, each with all its addresses.
    accounts: Vec<(usize, BTreeSet<String>)>,
    first: AccountId,
    codes: BTreeSet<&'static str>,
    /// Places in the party's rows; a declared invitation is among them.
    cloud_accounts: BTreeSet<usize>,
}

/// The codes that tie a group to a candidate: group, place in the party's rows, codes.
type Ties = BTreeMap<(usize, usize), BTreeSet<&'static str>>;

/// Section 5: the findings about groups, and the invitations that are findings of their own. `taking_seats` says for
/// each row whether it takes one.
pub fn findings(matching: &Matching, groups: &[Group], taking_seats: &[bool]) -> Vec<Finding> {
    let unmatched = groups.iter().filter(|group| group.attachments.is_none());
    let suspects: Vec<Suspect> =
        unmatched.map(|group| suspect(matching, groups, taking_seats, group)).collect();
    let mut findings = invited_again(matching, taking_seats);
    let mut tested = Vec::new();
    for cluster in clusters(matching, &suspects) {
        let (certain, first) = in_cluster(matching, &suspects, &cluster);
        findings.extend(certain);
        tested.extend(first);
    }
    findings.extend(tests(matching, groups, taking_seats, &suspects, &tested));
    findings.sort();
    findings
}

/// Section 5, "cluster": if a group of it has certain evidence for a Cloud account, every group is a finding; otherwise
/// every group but the first, which is judged as if it stood alone.
fn in_cluster(
    matching: &Matching,
    suspects: &[Suspect],
    cluster: &[usize],
) -> (Vec<Finding>, Option<usize>) {
    let seen = matching.question.seen;
    let shared = cluster.len() > 1;
    let by_cloud = cluster.iter().any(|place| !suspects[*place].codes.is_empty());
    if shared {
        seen.saw(if by_cloud {
            "cluster: with evidence for a Cloud account"
        } else {
            "cluster: all but the first group"
        });
    }
    let first = cluster.iter().copied().min_by_key(|place| &suspects[*place].first);
    let mut certain = Vec::new();
    for place in cluster {
        if !by_cloud && Some(*place) == first {
            continue;
        }
        let suspect = &suspects[*place];
        let mut evidence = suspect.codes.clone();
        for other in cluster.iter().filter(|other| *other != place) {
            evidence.extend(between(matching, suspect, &suspects[*other]));
        }
        if suspect.cloud_accounts.len() > 1 {
            seen.saw("tie: certain evidence for several Cloud accounts");
        }
        certain.push(finding(matching, suspect, "certain", evidence, &suspect.cloud_accounts));
    }
    (certain, first.filter(|_| !by_cloud))
}

fn finding(
    matching: &Matching,
    suspect: &Suspect,
    confidence: &'static str,
    evidence: BTreeSet<&'static str>,
    candidates: &BTreeSet<usize>,
) -> Finding {
    note_evidence(matching, &evidence);
    let invited = |place: &&usize| matching.party.rows[**place].kind == RowKind::InvitedByEmail;
    let invitation = candidates.iter().filter(invited).map(|place| login(matching, *place)).min();
    Finding {
        confidence,
        host: suspect.first.0.clone(),
        id: match suspect.first.1 {
            Id::Number(id) => Some(id),
            Id::Without(_) => None,
        },
        evidence,
        candidates: first_five(matching, candidates),
        candidates_total: candidates.len(),
        invitation,
    }
}

/// Section 5: candidates by login, at most five.
fn first_five(matching: &Matching, candidates: &BTreeSet<usize>) -> Vec<String> {
    let mut logins: Vec<String> = candidates.iter().map(|place| login(matching, *place)).collect();
    logins.sort();
    logins.truncate(5);
    logins
}

fn login(matching: &Matching, place: usize) -> String {
    matching.party.rows[place].login.trim().to_lowercase()
}

/// Section 5: an invitation to a Cloud account's NameID or verified address is a finding of its own.
fn invited_again(matching: &Matching, taking_seats: &[bool]) -> Vec<Finding> {
    let seen = matching.question.seen;
    let rows = &matching.party.rows;
    let mut findings = Vec::new();
    for (place, invitation) in rows.iter().enumerate() {
        let address = cloud::key(&invitation.login);
        let Some(address) = address.filter(|_| invitation.kind == RowKind::InvitedByEmail) else {
            continue;
        };
        if !taking_seats[place] {
            continue;
        }
        let has_it = |holder: &usize| {
            let row = &rows[*holder];
            matching.seats[*holder]
                && row.name_id.iter().chain(&row.verified).any(|it| *it == address)
                && !denied(matching.said_of_rows(place, *holder), || {
                    seen.saw("denied: an invitation to a Cloud account");
                })
        };
        let holders: BTreeSet<usize> = (0..rows.len()).filter(has_it).collect();
        if !holders.is_empty() && !likeness::tells(&address) {
            seen.saw("role or noreply: an invitation");
            continue;
        }
        let confidence = match holders.len() {
            0 => continue,
            1 => "likely",
            2..=5 => "possible",
            _ => {
                seen.saw("too many: Cloud accounts of an invitation");
                continue;
            }
        };
        seen.saw(match confidence {
            "likely" => "invitation: to a Cloud account",
            _ => "invitation: to an address of several Cloud accounts",
        });
        findings.push(Finding {
            confidence,
            host: String::new(),
            id: None,
            evidence: BTreeSet::from(["invited-by-email"]),
            candidates: first_five(matching, &holders),
            candidates_total: holders.len(),
            invitation: Some(login(matching, place)),
        });
    }
    findings
}

/// Section 5, the one-to-one tests, over the groups without certain evidence.
fn tests(
    matching: &Matching,
    groups: &[Group],
    taking_seats: &[bool],
    suspects: &[Suspect],
    tested: &[usize],
) -> Vec<Finding> {
    let seen = matching.question.seen;
    let (mut likely, mut possible): (Ties, Ties) = (Ties::new(), Ties::new());
    for place in tested {
        for row in (0..matching.party.rows.len()).filter(|row| taking_seats[*row]) {
            let (sure, weak) = alike(matching, &suspects[*place], row);
            for (ties, codes) in [(&mut likely, sure), (&mut possible, weak)] {
                if !codes.is_empty() {
                    ties.insert((*place, row), codes);
                }
            }
        }
    }
    let mut findings = Vec::new();
    for place in tested {
        let mut evidence = BTreeSet::new();
        let mut candidates = named_by(&likely, *place);
        let mut confidence = "possible";
        if candidates.len() > 5 {
            seen.saw("too many: candidates by likely evidence");
            candidates.clear();
        }
        for row in &candidates {
            evidence.extend(&likely[&(*place, *row)]);
        }
        if let Some(row) = one_to_one(&likely, *place) {
            if merged_on_host(matching, groups, &suspects[*place], row) {
                seen.saw("lowered: a matched account on the same host");
            } else {
                confidence = "likely";
            }
        } else if candidates.len() > 1 {
            seen.saw("tie: likely evidence for several candidates");
        } else if !candidates.is_empty() {
            seen.saw("tie: a candidate that several groups name");
        }
        let alone = evidence.is_empty();
        match one_to_one(&possible, *place) {
            Some(row) => {
                seen.saw(if alone {
                    "possible evidence: alone"
                } else if candidates.contains(&row) {
                    "possible evidence: beside likely evidence for the same"
                } else {
                    "possible evidence: beside likely evidence for another"
                });
                evidence.extend(&possible[&(*place, row)]);
                candidates.insert(row);
            }
            None if !named_by(&possible, *place).is_empty() => {
                seen.saw("no finding: possible evidence that is not one to one");
            }
            None => {}
        }
        if !evidence.is_empty() {
            findings.push(finding(matching, &suspects[*place], confidence, evidence, &candidates));
        }
    }
    findings
}

/// Everybody whom a group names.
fn named_by(ties: &Ties, group: usize) -> BTreeSet<usize> {
    ties.keys().filter(|(namer, _)| *namer == group).map(|(_, row)| *row).collect()
}

/// The one candidate of a group, if that is named by exactly one group.
fn one_to_one(ties: &Ties, group: usize) -> Option<usize> {
    let named: Vec<usize> = named_by(ties, group).into_iter().collect();
    let [only] = named[..] else { return None };
    let namers = ties.keys().filter(|(_, row)| *row == only).count();
    (namers == 1).then_some(only)
}

/// The likely and the possible codes that tie a group to a row that takes a seat.
fn alike(
    matching: &Matching,
    suspect: &Suspect,
    place: usize,
) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let seen = matching.question.seen;
    let row = &matching.party.rows[place];
    let (mut likely, mut possible) = (BTreeSet::new(), BTreeSet::new());
    if row.kind == RowKind::InvitedByEmail {
        let Some(address) = cloud::key(&row.login) else {
            return (likely, possible);
        };
        let mut having = suspect.accounts.iter().filter(|(_, its)| its.contains(&address));
        let is_sign = |(account, _): &(usize, BTreeSet<String>)| {
            !denied(matching.said_of(&matching.accounts[*account], place), || {
                seen.saw("denied: an invitation to a Server account");
            })
        };
        if !having.any(is_sign) {
            return (likely, possible);
        }
        if likeness::tells(&address) {
            likely.insert("invited-by-email");
        } else {
            seen.saw("role or noreply: an invitation");
        }
        return (likely, possible);
    }
    for (account, addresses) in &suspect.accounts {
        let account = &matching.accounts[*account];
        let sure = likeness::likely(account, addresses, row);
        let weak = likeness::possible(account, addresses, row);
        if denied(matching.said_of(account, place), || {
            if !sure.is_empty() {
                seen.saw("denied: likely evidence");
            }
            if !weak.is_empty() {
                seen.saw("denied: possible evidence");
            }
        }) {
            continue;
        }
        likely.extend(sure);
        possible.extend(weak);
        let login = account.login.to_lowercase();
        if likeness::is_role(&login) && login == row.login.to_lowercase() {
            seen.saw("role or noreply: a login");
        }
        if addresses.iter().any(|address| !likeness::tells(address)) {
            seen.saw("role or noreply: an address");
        }
    }
    (likely, possible)
}

/// Section 5: whether a Cloud account already has a matched account on the host of any account of the group.
fn merged_on_host(matching: &Matching, groups: &[Group], suspect: &Suspect, row: usize) -> bool {
    let host = |place: usize| &matching.accounts[place].id.0;
    groups.iter().any(|group| {
        let attachments = group.attachments.iter().flatten();
        let attached = group.members.iter().zip(attachments).filter(|(_, it)| it.row == row);
        attached.into_iter().any(|(member, _)| {
            suspect.accounts.iter().any(|(account, _)| host(*account) == host(*member))
        })
    })
}

/// Section 5, the table: what is certain about one group and the rows that take a seat.
fn suspect(matching: &Matching, groups: &[Group], taking_seats: &[bool], group: &Group) -> Suspect {
    let seen = matching.question.seen;
    let mut suspect = Suspect {
        accounts: Vec::new(),
        first: matching.accounts[group.members[0]].id.clone(),
        codes: BTreeSet::new(),
        cloud_accounts: BTreeSet::new(),
    };
    for member in &group.members {
        let account = &matching.accounts[*member];
        let mut others = account.others.clone();
        let synced = as_synced_addresses(matching, &account.id);
        if synced.iter().any(|key| !others.contains(key) && !account.e.contains(key)) {
            seen.saw("evidence: an address known only from the as-synced snapshot");
        }
        others.extend(synced);
        let addresses: BTreeSet<String> = account.e.iter().chain(&others).cloned().collect();
        suspect.accounts.push((*member, addresses));
        let rows = matching.party.rows.iter().enumerate();
        for (place, row) in rows.filter(|(place, _)| taking_seats[*place]) {
            let mut codes = declared(matching, groups, *member, place);
            let cloud_account = matching.seats[place];
            if cloud_account
                && row.name_id.iter().chain(&row.verified).any(|key| others.contains(key))
            {
                codes.push("secondary-email");
            }
            if cloud_account && linked_before(matching, &account.id, place) {
                codes.push("linked-before");
            }
            if cloud_account && row.visual_studio_address.iter().any(|key| account.e.contains(key))
            {
                codes.push("visual-studio-email");
            }
            if denied(matching.said_of(account, place), || {
                if !codes.is_empty() {
                    seen.saw("denied: certain evidence");
                }
            }) {
                continue;
            }
            if !codes.is_empty() {
                suspect.cloud_accounts.insert(place);
            }
            suspect.codes.extend(codes);
        }
    }
    suspect
}

/// Section 5, `declared`, for an account of an unmatched group and a row that takes a seat: they are declared to be one
/// person, or the account and another one that is attached to the row.
fn declared(
    matching: &Matching,
    groups: &[Group],
    account: usize,
    row: usize,
) -> Vec<&'static str> {
    let seen = matching.question.seen;
    let mut codes = Vec::new();
    if matching.said_of(&matching.accounts[account], row) == Says::OnePerson {
        seen.saw(match matching.party.rows[row].kind {
            RowKind::InvitedByEmail => "evidence: declared for an invitation",
            _ => "evidence: declared for a Cloud account",
        });
        codes.push("declared");
    }
    for group in groups {
        let attachments = group.attachments.iter().flatten();
        for (member, attachment) in group.members.iter().zip(attachments) {
            let one_person = matching.said_of_two(account, *member) == Says::OnePerson;
            if attachment.row == row && one_person {
                seen.saw("evidence: declared through a matched account");
                codes.push("declared");
            }
        }
    }
    codes
}

/// Section 8, `links deny` takes a pair out of the evidence; `note` is called if it does.
fn denied(said: Says, note: impl FnOnce()) -> bool {
    if said.denies() {
        note();
    }
    said.denies()
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

/// Section 5: an address of one unmatched group is an address of another, or a link is declared between them; two
/// accounts that are denied to be one person share nothing.
fn between(matching: &Matching, one: &Suspect, other: &Suspect) -> BTreeSet<&'static str> {
    let seen = matching.question.seen;
    let mut codes = BTreeSet::new();
    for (a, of_a) in &one.accounts {
        for (b, of_b) in &other.accounts {
            let said = matching.said_of_two(*a, *b);
            let shared = !of_a.is_disjoint(of_b);
            if said == Says::OnePerson {
                seen.saw(match shared {
                    true => "evidence: declared between Server groups that share an address",
                    false => "evidence: declared between Server groups",
                });
                codes.insert("declared");
            }
            if shared && said.denies() {
                seen.saw("denied: a shared address");
            } else if shared {
                codes.insert("shared-address");
            }
        }
    }
    codes
}

/// Section 5: unmatched groups that share an address form a cluster.
fn clusters(matching: &Matching, suspects: &[Suspect]) -> Vec<Vec<usize>> {
    let mut clusters: Vec<Vec<usize>> = (0..suspects.len()).map(|place| vec![place]).collect();
    let share = |a: &usize, b: &usize| !between(matching, &suspects[*a], &suspects[*b]).is_empty();
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

fn note_evidence(matching: &Matching, evidence: &BTreeSet<&'static str>) {
    for code in evidence {
        matching.question.seen.saw(match *code {
            "declared" => "evidence: declared",
            "secondary-email" => "evidence: secondary-email",
            "linked-before" => "evidence: linked-before",
            "visual-studio-email" => "evidence: visual-studio-email",
            "shared-address" => "evidence: shared-address",
            "same-login" => "evidence: same-login",
            "plus-tag" => "evidence: plus-tag",
            "other-domain" => "evidence: other-domain",
            "saml-username" => "evidence: saml-username",
            "invited-by-email" => "evidence: invited-by-email",
            "same-name" => "evidence: same-name",
            _ => "evidence: near-email",
        });
    }
}

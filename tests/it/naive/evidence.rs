//! People who would take two licenses (counting.md section 5). It may assume groups as `matching` returns them.
//! `certain` has the certain evidence, and `likeness` what makes two seats look alike.

use super::certain::{Suspect, Suspected, between, clusters, denied, suspect};
use super::cloud::{self, RowKind};
use super::directory;
use super::likeness;
use super::matching::{Group, Matching};
use super::server::Id;
use std::collections::{BTreeMap, BTreeSet};

/// A finding: the first account of the unmatched group (without a host: an invitation to a Cloud account), the
/// sorted codes of its evidence, the logins of the first five candidates, their number, and the first
/// invitation among them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub confidence: &'static str,
    pub host: String,
    pub id: Option<u64>,
    pub evidence: BTreeSet<&'static str>,
    pub candidates: Vec<String>,
    pub candidates_total: usize,
    pub invitation: Option<String>,
    /// The only candidate of the finding's own confidence, if it is a Cloud account.
    pub cloud_account: Option<String>,
}

/// The codes that tie a group to a candidate: group, index into the party's rows, codes.
type Ties = BTreeMap<(usize, usize), BTreeSet<&'static str>>;

/// Section 5: the findings about groups, and the invitations that are findings of their own. `taking_seats`
/// states for each row whether it takes a seat.
pub fn findings(matching: &Matching, groups: &[Group], taking_seats: &[bool]) -> Vec<Finding> {
    let unmatched = groups.iter().filter(|group| group.attachments.is_none());
    let suspects: Vec<Suspect> =
        unmatched.map(|group| suspect(matching, groups, taking_seats, group)).collect();
    let beyond = directory::beyond_the_first(matching, taking_seats);
    let mut findings = invited_again(matching, taking_seats, &beyond);
    findings.extend(in_one_entry(matching, &beyond));
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

/// Section 5, "cluster": if one group has certain evidence for a Cloud account, every group is a finding.
/// Otherwise every group but the first is one, and the first is judged as if it stood alone.
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
        let candidates = &suspect.cloud_accounts;
        if candidates.len() > 1 {
            seen.saw("tie: certain evidence for several Cloud accounts");
        }
        certain.push(finding(matching, suspect, "certain", evidence, candidates, candidates));
    }
    (certain, first.filter(|_| !by_cloud))
}

fn finding(
    matching: &Matching,
    suspect: &Suspect,
    confidence: &'static str,
    evidence: BTreeSet<&'static str>,
    candidates: &BTreeSet<usize>,
    // The candidates of the finding's own confidence.
    of_it: &BTreeSet<usize>,
) -> Finding {
    note_evidence(matching, &evidence);
    let invited = |place: &&usize| matching.party.rows[**place].kind == RowKind::InvitedByEmail;
    let invitation = candidates.iter().filter(invited).map(|place| login(matching, *place)).min();
    Finding {
        confidence,
        host: suspect.first.0.clone(),
        id: match suspect.first.1 {
            Id::Number(id) => Some(id),
            Id::Login(_) | Id::Without(_) => None,
        },
        evidence,
        candidates: first_five(matching, candidates),
        candidates_total: candidates.len(),
        invitation,
        cloud_account: only_account(matching, of_it),
    }
}

/// Section 5, "`cloud_account` is the only candidate of that confidence, if there is one".
fn only_account(matching: &Matching, candidates: &BTreeSet<usize>) -> Option<String> {
    let mut candidates = candidates.iter();
    let only = candidates.next().filter(|_| candidates.next().is_none())?;
    matching.seats[*only].then(|| login(matching, *only))
}

/// Section 5: the candidates by login, at most five.
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
/// If a directory connects them too, it is the same finding.
fn invited_again(
    matching: &Matching,
    taking_seats: &[bool],
    beyond: &[(usize, BTreeSet<usize>)],
) -> Vec<Finding> {
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
        let certain = beyond.iter().find(|(second, _)| *second == place).map(|(_, firsts)| firsts);
        if let Some(firsts) = certain.filter(|_| (1..=5).contains(&holders.len())) {
            seen.saw("directory: an invitation that is likely evidence too");
            let candidates: BTreeSet<usize> = holders.union(firsts).copied().collect();
            let evidence = BTreeSet::from(["invited-by-email", "same-directory-entry"]);
            findings.push(of_invitation(matching, place, evidence, &candidates, firsts));
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
            cloud_account: only_account(matching, &holders),
        });
    }
    findings
}

/// directory.md section 2: a certain finding about a Cloud account and an invitation.
fn of_invitation(
    matching: &Matching,
    place: usize,
    evidence: BTreeSet<&'static str>,
    candidates: &BTreeSet<usize>,
    firsts: &BTreeSet<usize>,
) -> Finding {
    note_evidence(matching, &evidence);
    Finding {
        confidence: "certain",
        host: String::new(),
        id: None,
        evidence,
        candidates: first_five(matching, candidates),
        candidates_total: candidates.len(),
        invitation: Some(login(matching, place)),
        cloud_account: first_five(matching, firsts).into_iter().next(),
    }
}

/// directory.md section 2: the Cloud seats beyond the first of an entry, without the invitations that are findings
/// already.
fn in_one_entry(matching: &Matching, beyond: &[(usize, BTreeSet<usize>)]) -> Vec<Finding> {
    let rows = &matching.party.rows;
    let evidence = BTreeSet::from(["same-directory-entry"]);
    let mut findings = Vec::new();
    for (second, firsts) in beyond {
        if matching.seats[*second] {
            note_evidence(matching, &evidence);
            findings.push(Finding {
                confidence: "certain",
                host: String::new(),
                id: None,
                evidence: evidence.clone(),
                candidates: vec![login(matching, *second)],
                candidates_total: 1,
                invitation: None,
                cloud_account: first_five(matching, firsts).into_iter().next(),
            });
            continue;
        }
        let Some(address) = cloud::key(&rows[*second].login) else { continue };
        let has_it = |holder: &usize| {
            let row = &rows[*holder];
            matching.seats[*holder]
                && row.name_id.iter().chain(&row.verified).any(|it| *it == address)
                && !matching.said_of_rows(*second, *holder).denies()
        };
        let holders = (0..rows.len()).filter(has_it).count();
        if !likeness::tells(&address) || !(1..=5).contains(&holders) {
            findings.push(of_invitation(matching, *second, evidence.clone(), firsts, firsts));
        }
    }
    findings
}

/// Section 5: the one-to-one tests, over the groups without certain evidence.
fn tests(
    matching: &Matching,
    groups: &[Group],
    taking_seats: &[bool],
    suspects: &[Suspect],
    tested: &[usize],
) -> Vec<Finding> {
    let seen = matching.question.seen;
    let (mut likely, mut possible, mut lowered) = (Ties::new(), Ties::new(), BTreeSet::new());
    for place in tested {
        for row in (0..matching.party.rows.len()).filter(|row| taking_seats[*row]) {
            let Alike { sure, weak, by_repeated } = alike(matching, &suspects[*place], row);
            if by_repeated {
                lowered.insert((*place, row));
            }
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
        let mut of_it = None;
        if let Some(row) = one_to_one(&likely, *place) {
            if merged_on_host(matching, groups, &suspects[*place], row) {
                seen.saw("lowered: a matched account on the same host");
            } else if lowered.contains(&(*place, row)) {
                seen.saw("lowered: by a repeated address alone");
            } else {
                confidence = "likely";
                of_it = Some(BTreeSet::from([row]));
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
            let suspect = &suspects[*place];
            if of_it.is_some() && candidates.len() > 1 {
                seen.saw("candidates: a likely one beside a possible one");
            }
            let of_it = of_it.unwrap_or_else(|| candidates.clone());
            findings.push(finding(matching, suspect, confidence, evidence, &candidates, &of_it));
        }
    }
    findings
}

/// All candidates of a group.
fn named_by(ties: &Ties, group: usize) -> BTreeSet<usize> {
    ties.keys().filter(|(namer, _)| *namer == group).map(|(_, row)| *row).collect()
}

/// The only candidate of a group, if exactly one group has that candidate.
fn one_to_one(ties: &Ties, group: usize) -> Option<usize> {
    let named: Vec<usize> = named_by(ties, group).into_iter().collect();
    let [only] = named[..] else { return None };
    let namers = ties.keys().filter(|(_, row)| *row == only).count();
    (namers == 1).then_some(only)
}

/// The codes that tie a group to a row that takes a seat: the likely ones and the possible ones, and whether
/// the likely ones depend only on an address that another account of its instance has, too.
#[derive(Default)]
struct Alike {
    sure: BTreeSet<&'static str>,
    weak: BTreeSet<&'static str>,
    by_repeated: bool,
}

fn alike(matching: &Matching, suspect: &Suspect, place: usize) -> Alike {
    let seen = matching.question.seen;
    let row = &matching.party.rows[place];
    if row.kind == RowKind::InvitedByEmail {
        return invited(matching, suspect, place);
    }
    let mut alike = Alike::default();
    let mut soundly = false;
    for suspected in &suspect.accounts {
        let account = &matching.accounts[suspected.place];
        let sure = likeness::likely(account, &suspected.addresses, row);
        let weak = likeness::possible(account, &suspected.addresses, row);
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
        soundly |= !likeness::likely(account, &suspected.sound, row).is_empty();
        if weak.contains(&"near-email")
            && !likeness::possible(account, &suspected.sound, row).contains(&"near-email")
        {
            seen.saw("address repeated: near-email");
        }
        alike.sure.extend(sure);
        alike.weak.extend(weak);
        let login = account.login.to_lowercase();
        if likeness::is_role(&login) && login == row.login.to_lowercase() {
            seen.saw("role or noreply: a login");
        }
        if suspected.addresses.iter().any(|address| !likeness::tells(address)) {
            seen.saw("role or noreply: an address");
        }
    }
    alike.by_repeated = !alike.sure.is_empty() && !soundly;
    if alike.by_repeated {
        for code in &alike.sure {
            seen.saw(match *code {
                "plus-tag" => "address repeated: plus-tag",
                "other-domain" => "address repeated: other-domain",
                _ => "address repeated: saml-username",
            });
        }
    }
    alike
}

/// Section 5: an e-mail invitation is a candidate by invited-by-email alone, unless the pair is denied.
fn invited(matching: &Matching, suspect: &Suspect, place: usize) -> Alike {
    let seen = matching.question.seen;
    let mut alike = Alike::default();
    let Some(address) = cloud::key(&matching.party.rows[place].login) else {
        return alike;
    };
    let mut having = suspect.accounts.iter().filter(|it| it.addresses.contains(&address));
    let is_sign = |it: &Suspected| {
        !denied(matching.said_of(&matching.accounts[it.place], place), || {
            seen.saw("denied: an invitation to a Server account");
        })
    };
    if !having.any(is_sign) {
        return alike;
    }
    if likeness::tells(&address) {
        alike.sure.insert("invited-by-email");
        if !suspect.accounts.iter().any(|it| it.sound.contains(&address)) {
            seen.saw("address repeated: invited-by-email");
        }
    } else {
        seen.saw("role or noreply: an invitation");
    }
    alike
}

/// Section 5: whether a Cloud account already has a matched account on the host of any account of the group.
fn merged_on_host(matching: &Matching, groups: &[Group], suspect: &Suspect, row: usize) -> bool {
    let host = |place: usize| &matching.accounts[place].id.0;
    groups.iter().any(|group| {
        let attachments = group.attachments.iter().flatten();
        let attached = group.members.iter().zip(attachments).filter(|(_, it)| it.row == row);
        attached.into_iter().any(|(member, _)| {
            suspect.accounts.iter().any(|account| host(account.place) == host(*member))
        })
    })
}

fn note_evidence(matching: &Matching, evidence: &BTreeSet<&'static str>) {
    for code in evidence {
        matching.question.seen.saw(match *code {
            "declared" => "evidence: declared",
            "secondary-email" => "evidence: secondary-email",
            "linked-before" => "evidence: linked-before",
            "visual-studio-email" => "evidence: visual-studio-email",
            "same-directory-entry" => "evidence: same-directory-entry",
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

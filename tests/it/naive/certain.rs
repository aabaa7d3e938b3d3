//! The certain evidence about the unmatched groups (counting.md section 5): their evidence for Cloud accounts,
//! and the clusters of groups that share an address. It must not know what follows from it.

use super::cloud::RowKind;
use super::directory;
use super::links::Says;
use super::matching::{Group, Matching};
use super::server::{self, AccountId};
use super::{Imported, Kind};
use std::collections::BTreeSet;

/// An unmatched group with its certain evidence.
pub struct Suspect {
    pub accounts: Vec<Suspected>,
    pub first: AccountId,
    pub codes: BTreeSet<&'static str>,
    /// Indexes into the party's rows.
    pub cloud_accounts: BTreeSet<usize>,
}

/// An account of an unmatched group: its index in the list of accounts, its addresses, and those addresses that
/// can be certain evidence (all but an address that another account of its instance has, too).
pub struct Suspected {
    pub place: usize,
    pub addresses: BTreeSet<String>,
    pub sound: BTreeSet<String>,
}

/// Section 5, the table: the certain evidence that ties one group to the rows that take a seat.
pub fn suspect(
    matching: &Matching,
    groups: &[Group],
    taking_seats: &[bool],
    group: &Group,
) -> Suspect {
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
        let mut sound: BTreeSet<String> = account.e.iter().chain(&others).cloned().collect();
        let mut addresses = sound.clone();
        if let Some(repeated) = &account.repeated {
            addresses.insert(repeated.clone());
            others.remove(repeated);
            sound.remove(repeated);
        }
        suspect.accounts.push(Suspected { place: *member, addresses, sound });
        let rows = matching.party.rows.iter().enumerate();
        for (place, row) in rows.filter(|(place, _)| taking_seats[*place]) {
            let cloud_account = matching.seats[place];
            let mut codes = declared(matching, groups, *member, place);
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
            if suspect.accounts.last().is_some_and(|it| directory::ties(matching, it, place)) {
                codes.push("same-directory-entry");
            }
            if denied(matching.said_of(account, place), || {
                if !codes.is_empty() {
                    seen.saw("denied: certain evidence");
                }
                if codes.contains(&"same-directory-entry") {
                    seen.saw("denied: a Server group and a Cloud seat in one entry");
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

/// Section 5, `declared`, for an account of an unmatched group and a row that takes a seat. The account, or
/// another one that is attached to the row, is declared to be the same person.
fn declared(
    matching: &Matching,
    groups: &[Group],
    account: usize,
    row: usize,
) -> Vec<&'static str> {
    let seen = matching.question.seen;
    let mut codes = Vec::new();
    if matching.said_of(&matching.accounts[account], row) == Says::OnePerson {
        seen.saw(match matching.seats[row] {
            true => "evidence: declared for a Cloud account",
            false => "evidence: declared for an invitation",
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

/// Section 8, `links deny` removes a pair from the evidence. `note` is called if it does.
pub fn denied(said: Says, note: impl FnOnce()) -> bool {
    if said.denies() {
        note();
    }
    said.denies()
}

/// Section 1: non-primary addresses of a `server-as-synced` snapshot in force are evidence for the account with
/// the same host and id in any case.
fn as_synced_addresses(matching: &Matching, id: &AccountId) -> BTreeSet<String> {
    let kind = Kind::ServerAsSynced { host: id.0.clone() };
    let snapshot = matching.question.in_force(&kind);
    let users = snapshot.into_iter().flat_map(|it| server::users(matching.question, it));
    users
        .filter(|(its, _)| *its == id.1)
        .flat_map(|(_, user)| {
            let (primary, others) = server::addresses(user.get("emails"));
            // An address that is listed twice, once as primary, is the primary one.
            others.difference(&primary).cloned().collect::<Vec<_>>()
        })
        .collect()
}

/// Section 5, `linked-before`: a Cloud snapshot that is or was in force merged this Server account into the
/// Cloud account, which still exists.
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

/// Whether this Cloud snapshot lists the Server account on the row of the Cloud account, whatever its login was
/// then.
fn merges(matching: &Matching, snapshot: &Imported, account: &AccountId, place: usize) -> bool {
    let Some((followed, now)) = matching.followed.zip(matching.party.cloud_taken_at) else {
        return false;
    };
    let identity = &matching.party.rows[place].identity;
    let who = followed.at(now, identity);
    matching
        .question
        .rows(snapshot)
        .iter()
        .filter(|row| row.kind == RowKind::CloudAccount)
        .filter(|row| followed.at(snapshot.taken_at, &row.identity) == who)
        .filter(|row| server::listed_by(matching.party, row).contains(account))
        .inspect(|row| {
            if row.identity != *identity {
                matching.question.seen.saw("evidence: linked-before under another login");
            }
        })
        .count()
        > 0
}

/// Section 5: an address of one unmatched group is an address of another, a link is declared between them, or an
/// entry of a directory has both.
/// Two accounts that are denied to be one person share nothing.
pub fn between(matching: &Matching, one: &Suspect, other: &Suspect) -> BTreeSet<&'static str> {
    let seen = matching.question.seen;
    let mut codes = BTreeSet::new();
    for a in &one.accounts {
        for b in &other.accounts {
            let said = matching.said_of_two(a.place, b.place);
            let shared = !a.sound.is_disjoint(&b.sound);
            if !shared && !a.addresses.is_disjoint(&b.addresses) {
                seen.saw("address repeated: no cluster");
            }
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
            let connected = directory::connects(matching, a, b);
            if connected && said.denies() {
                seen.saw("denied: Server groups in one entry");
            } else if connected {
                codes.insert("same-directory-entry");
            }
        }
    }
    codes
}

/// Section 5: unmatched groups that share an address form a cluster.
pub fn clusters(matching: &Matching, suspects: &[Suspect]) -> Vec<Vec<usize>> {
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

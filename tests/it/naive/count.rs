//! The seats, and the sums (counting.md sections 3 and 4, interface.md section 3). It must not decide who is
//! one person.

use super::cloud::{Row, RowKind};
use super::directory;
use super::evidence;
use super::follow::Accounts;
use super::force::{Party, Question};
use super::matching::{Group, Matching, Rule};
use super::server::{self, Account, AccountId};
use super::{BillingModel, Consumption};
use chrono::{DateTime, NaiveDate};
use std::collections::BTreeSet;

/// The answer for one party, which is counted by itself.
pub fn count(question: &Question, party: &Party) -> Consumption {
    let accounts = server::accounts(question, party);
    let listed: Vec<BTreeSet<AccountId>> =
        party.rows.iter().map(|row| server::listed_by(party, row)).collect();
    let cloud_account_seats: Vec<bool> = party
        .rows
        .iter()
        .map(|row| row.kind == RowKind::CloudAccount && takes_seat(question, party, row))
        .collect();
    let followed = party.enterprise.as_ref().map(|name| Accounts::of(question, name));
    let directories = directory::directories(question);
    let matching = Matching {
        followed: followed.as_ref(),
        directories: &directories,
        question,
        party,
        accounts: &accounts,
        listed: &listed,
        seats: &cloud_account_seats,
    };
    let mut sum = Consumption::default();
    let groups = matching.groups(&mut sum.warnings);
    count_rows(question, party, &mut sum);
    count_seats(question, party, &groups, &mut sum);
    count_groups(question, &accounts, &listed, &groups, &mut sum);
    sum.server_accounts = accounts.iter().filter(|account| account.takes_part).count();
    sum.server_not_counted = accounts.len() - sum.server_accounts;
    if party.unassigned {
        sum.warnings.insert("unassigned-instance");
    }
    if accounts.iter().any(|account| account.repeated.is_some()) {
        sum.warnings.insert("address-repeated");
    }
    sum.licenses_ended = party.rows.iter().filter(|row| has_ended(question, row)).count();
    if sum.licenses_ended > 0 {
        sum.warnings.insert("license-ended");
    }
    let taking_seats: Vec<bool> =
        party.rows.iter().map(|row| takes_seat(question, party, row)).collect();
    sum.findings = evidence::findings(&matching, &groups, &taking_seats);
    sum
}

/// Section 3: whether a Cloud row takes a seat by itself.
pub fn takes_seat(question: &Question, party: &Party, row: &Row) -> bool {
    let volume = party.billing_model == BillingModel::Volume;
    match row.kind {
        RowKind::CloudAccount => {
            if row.pending {
                question.seen.saw(if volume {
                    "seat: pending roles under volume"
                } else {
                    "no seat: pending roles under metered or emu"
                });
            }
            volume || !row.pending
        }
        RowKind::InvitedByEmail => {
            question.seen.saw(if volume {
                "seat: invited by e-mail under volume"
            } else {
                "no seat: invited by e-mail under metered or emu"
            });
            volume
        }
        RowKind::VisualStudioOnly | RowKind::ServerOnly => false,
    }
}

/// Section 3: whether a row states that its license has ended. It counts all the same.
fn has_ended(question: &Question, row: &Row) -> bool {
    if !row.license_active {
        question.seen.saw("license ended: not active");
    }
    let end = row.license_end.as_ref().and_then(|end| {
        let day = NaiveDate::parse_from_str(end, "%Y-%m-%d").ok();
        let end_of_day = day.and_then(|day| day.and_hms_opt(23, 59, 59));
        let instant = DateTime::parse_from_rfc3339(end).ok().map(|end| end.timestamp());
        end_of_day.map(|end| end.and_utc().timestamp()).or(instant)
    });
    let over = end.is_some_and(|end| end < question.at);
    if over {
        question.seen.saw("license ended: its end is before the instant");
    } else if end.is_some() {
        question.seen.saw("license: its end is still to come");
    }
    over || !row.license_active
}

/// interface.md section 3: `pending_invitations`, `visual_studio`, `accounts.cloud`.
fn count_rows(question: &Question, party: &Party, sum: &mut Consumption) {
    for row in &party.rows {
        let cloud_account = row.kind == RowKind::CloudAccount;
        if cloud_account {
            sum.cloud_accounts += 1;
        }
        if row.kind == RowKind::InvitedByEmail || (cloud_account && row.pending) {
            sum.pending_invitations += 1;
        }
        if cloud_account && row.visual_studio_license && takes_seat(question, party, row) {
            question.seen.saw("seat: Visual Studio license");
            sum.visual_studio += 1;
        }
    }
}

/// Section 4: a Cloud seat with at least one Server account attached is `cloud_and_server`, else `cloud_only`.
fn count_seats(question: &Question, party: &Party, groups: &[Group], sum: &mut Consumption) {
    for (place, row) in party.rows.iter().enumerate() {
        if !takes_seat(question, party, row) {
            continue;
        }
        let mut attachments =
            groups.iter().filter_map(|group| group.attachments.as_ref()).flatten();
        if attachments.any(|attachment| attachment.row == place) {
            question.seen.saw("seat: cloud_and_server");
            sum.cloud_and_server += 1;
        } else {
            question.seen.saw("seat: cloud_only");
            sum.cloud_only += 1;
        }
    }
}

/// Section 4: an unmatched group is one seat, and a matched account counts under its rule.
fn count_groups(
    question: &Question,
    accounts: &[Account],
    listed: &[BTreeSet<AccountId>],
    groups: &[Group],
    sum: &mut Consumption,
) {
    for group in groups {
        if let Some(attachments) = &group.attachments {
            for attachment in attachments {
                match attachment.rule {
                    Rule::Manual => sum.by_manual += 1,
                    Rule::SamlNameId => sum.by_saml_name_id += 1,
                    Rule::VerifiedEmail => sum.by_verified_email += 1,
                    Rule::Reported => sum.by_reported += 1,
                }
            }
            continue;
        }
        sum.server_only += 1;
        let is_listed = |place: &usize| listed.iter().any(|ids| ids.contains(&accounts[*place].id));
        if group.members.iter().any(is_listed) {
            question.seen.saw("seat: server_only, listed by a Cloud row");
        } else {
            question.seen.saw("seat: server_only, never synced");
            sum.server_only_never_synced += 1;
        }
    }
}

//! `duplicates --since T`: which findings are new since then, which are still open, which came back,
//! and which are fixed, with the licenses that this has freed.

use serde::Serialize;

use super::Paired;
use super::since::{LOOKED_AT, Mark, marks_at};
use super::teller::Teller;
use crate::error::Result;
use crate::model::Instant;
use crate::people::{Confidence, Rule};
use crate::report::moment::{Enterprise, Ledger, Moment};

/// What became of findings.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Progress {
    pub since: Instant,
    pub new: u64,
    pub open: u64,
    pub back: u64,
    pub fixed: u64,
    pub licenses_freed: u64,
}

/// Says of each finding whether it is new, open or back, and adds those that are fixed. The two
/// instants are compared: between a Server file and the Cloud report after it a person may well be
/// counted twice for an hour, which is nobody's news.
pub(super) fn progress(
    ledger: &Ledger<'_>,
    since: Instant,
    moment: &Moment<'_>,
    only: Option<&str>,
    paired: &mut Vec<Paired>,
) -> Result<Progress> {
    let since = ledger.instant_at(since)?;
    let opening = ledger.moment(since, only)?;
    let mut before: Vec<Paired> = Vec::new();
    for enterprise in &opening.enterprises {
        let teller = Teller::new(ledger, enterprise);
        for finding in ledger.findings(since, enterprise)? {
            before.push((Mark::of(enterprise, &finding), teller.item(&finding)?));
        }
    }
    let mut progress = Progress { since, ..Progress::default() };
    let mut new: Vec<usize> = Vec::new();
    for (index, (mark, item)) in paired.iter_mut().enumerate() {
        if before.iter().any(|(earlier, _)| mark.is_same(earlier)) {
            item.status = Some("open");
            progress.open += 1;
        } else {
            new.push(index);
        }
    }
    let marks: Vec<&Mark> = new.iter().map(|index| &paired[*index].0).collect();
    let ever = ever_before(ledger, since, only, &marks)?;
    for (index, back) in new.into_iter().zip(ever) {
        let item = &mut paired[index].1;
        item.status = Some(if back { "back" } else { "new" });
        if back {
            progress.back += 1;
        } else {
            progress.new += 1;
        }
    }
    for (mark, mut item) in before {
        if paired.iter().any(|(now, _)| mark.is_same(now)) {
            continue;
        }
        let (how, freed) = how(moment, &mark);
        item.status = Some("fixed");
        item.fixed_at = fixed_at(ledger, since, moment.at, only, &mark)?;
        item.how = Some(how);
        progress.fixed += 1;
        progress.licenses_freed += u64::from(freed && item.level <= Confidence::Likely);
        paired.push((mark, item));
    }
    Ok(progress)
}

/// Was there such a finding at any instant before this one, as far as is looked back?
fn ever_before(
    ledger: &Ledger<'_>,
    since: Instant,
    only: Option<&str>,
    marks: &[&Mark],
) -> Result<Vec<bool>> {
    let mut ever = vec![false; marks.len()];
    let mut looked_at = 0;
    let instants: Vec<Instant> = ledger.instants().into_iter().filter(|it| *it < since).collect();
    for &instant in instants.iter().rev() {
        if ever.iter().all(|ever| *ever) || looked_at > LOOKED_AT {
            break;
        }
        let (there, size) = marks_at(ledger, instant, only)?;
        looked_at += size;
        for (ever, mark) in ever.iter_mut().zip(marks) {
            *ever = *ever || there.iter().any(|other| mark.is_same(other));
        }
    }
    Ok(ever)
}

/// The first snapshot since which it is not there any more.
fn fixed_at(
    ledger: &Ledger<'_>,
    since: Instant,
    at: Instant,
    only: Option<&str>,
    mark: &Mark,
) -> Result<Option<Instant>> {
    let mut instants = ledger.instants();
    instants.retain(|it| *it > since && *it <= at);
    let mut fixed_at = None;
    for &instant in instants.iter().rev() {
        let (there, _) = marks_at(ledger, instant, only)?;
        if there.iter().any(|other| mark.is_same(other)) {
            break;
        }
        fixed_at = Some(instant);
    }
    Ok(fixed_at)
}

/// What has become of those whom a finding was about, and whether that has freed a license.
fn how(moment: &Moment<'_>, mark: &Mark) -> (String, bool) {
    for enterprise in &moment.enterprises {
        for (number, account) in (0u32..).zip(&enterprise.matching.accounts) {
            let place = (enterprise.host_of(number).to_owned(), account.member.clone());
            if mark.accounts().contains(&place) {
                return of_account(enterprise, mark, number);
            }
        }
    }
    match mark.accounts().is_empty() {
        true => ("the invitation is gone".to_owned(), true),
        false => ("the Server account takes no license any more".to_owned(), true),
    }
}

fn of_account(enterprise: &Enterprise<'_>, mark: &Mark, number: u32) -> (String, bool) {
    let matching = &enterprise.matching;
    let is_other = |account: &u32| {
        let member = matching.accounts[*account as usize].member.clone();
        mark.others().contains(&(enterprise.host_of(*account).to_owned(), member))
    };
    let mut group = matching.groups.iter().filter(|group| group.accounts.contains(&number));
    let with_other = group.any(|group| group.accounts.iter().any(is_other));
    match matching.rule[number as usize] {
        Some(Rule::SamlNameId) => ("matched by the SAML NameID".to_owned(), true),
        Some(Rule::VerifiedEmail) => ("matched by a verified address".to_owned(), true),
        Some(Rule::Reported) => ("GitHub has merged it".to_owned(), true),
        Some(Rule::Manual) => ("a link says that GitHub has merged it".to_owned(), true),
        None if with_other => ("both Server accounts have one address now".to_owned(), true),
        None => (
            "no longer alike, or the other seat is gone; it still takes a license".to_owned(),
            false,
        ),
    }
}

//! `oneseat crosswalk`: lists the Visual Studio subscriptions that include a license and whose sign-in name
//! matches no account. The answer names the account that each subscription probably belongs to, and the
//! request to GitHub that would assign the subscription to that account. oneseat never sends these requests.

mod matcher;
mod unmatched;

use std::collections::HashSet;

use serde::Serialize;
use serde_json::Value;

use crate::code::WarningCode;
use crate::email;
use crate::error::Result;
use crate::ledger::{Asked, Enterprise, Ledger};
use crate::model::{
    AddressKind, DateOrder, Instant, RowKind, Source, SourceKind, Subscription, Without,
    account_of, expiry_of, subscriptions,
};
use crate::report::basis::known_on_told;
use crate::table::{Answer, Columns, Page, RowVisitor, Table, agreeing, counted, grouped};
use crate::warning::{Warning, WarningSubject};
use matcher::{Assignable, Matcher};
use unmatched::UnmatchedSubscription;

/// What `oneseat crosswalk` answers: the subscriptions that match no account, each with a proposed account.
#[derive(Debug, Clone, Serialize)]
pub struct Crosswalk {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    summary: Summary,
    items: Vec<UnmatchedSubscription>,
    warnings: Vec<Warning>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Summary {
    /// The number of subscriptions that include a license. Two subscriptions of one person count as two.
    subscribers: u64,
    matched: u64,
    proposed: u64,
    unmatched: u64,
    /// The number of subscriptions that are left out because they are assigned to nobody.
    unassigned: u64,
    /// The number of subscriptions that are left out because their level does not include GitHub Enterprise.
    without_github: u64,
    /// The number of subscriptions that are left out because they are expired or disabled.
    ended: u64,
    /// The number of proposed subscriptions without a request, because the id of the subscription is not
    /// known.
    without_id: u64,
}

/// Answers the command `crosswalk`: proposes an account for every Visual Studio subscription that matches none.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no snapshot is in force at the as-of instant; another error if the
/// database cannot be read.
pub fn crosswalk(ledger: &Ledger<'_>, asked: &Asked) -> Result<Crosswalk> {
    let moment = ledger.ask(asked)?;
    let at = moment.at;
    let mut summary = Summary::default();
    let mut items = Vec::new();
    let mut warnings = Vec::new();
    for enterprise in &moment.enterprises {
        let Some(name) = &enterprise.name else { continue };
        let facts =
            ledger.newest_facts(SourceKind::VisualStudio, name, at)?.map(|(facts, _)| facts);
        let listed = facts.as_ref().map(subscriptions).unwrap_or_default();
        warnings.extend(match &facts {
            Some(facts) => undated(name, facts),
            None => Some(no_list(name)),
        });
        let (mut candidates, reported) = candidates(ledger, enterprise)?;
        let logins: HashSet<String> = listed
            .iter()
            .filter_map(|it| Some(email::login_key(it.username.as_deref()?)))
            .collect();
        for candidate in &mut candidates {
            candidate.taken |= logins.contains(&email::login_key(&candidate.login));
        }
        let matcher = Matcher::new(&candidates);
        for subscription in with_reported(listed, reported) {
            match subscription.without(at) {
                Some(Without::Unassigned) => summary.unassigned += 1,
                Some(Without::Level) => summary.without_github += 1,
                Some(Without::Ended) => summary.ended += 1,
                None => {
                    summary.subscribers += 1;
                    items.extend(matcher.item(name, subscription));
                }
            }
        }
    }
    items.sort_by_cached_key(|it| {
        (it.enterprise.clone(), email::key(&it.email), it.subscription_id.clone())
    });
    summary.proposed = items.iter().filter(|item| item.account.is_some()).count() as u64;
    summary.unmatched = items.len() as u64 - summary.proposed;
    summary.matched = summary.subscribers - items.len() as u64;
    let without_id = items.iter().filter(|it| it.account.is_some() && it.request.is_none());
    summary.without_id = without_id.count() as u64;
    Ok(Crosswalk {
        schema: "oneseat.crosswalk/1",
        as_of: at,
        known_on: ledger.known_on,
        summary,
        items,
        warnings,
    })
}

/// The warning that no list of subscriptions was imported. Then only the subscriptions that the Cloud report
/// names are known.
fn no_list(enterprise: &str) -> Warning {
    Warning {
        code: WarningCode::NoSubscriptions,
        message: format!(
            "no list of the Visual Studio subscriptions of {enterprise} was imported; only the \
             subscriptions in its Cloud report are known"
        ),
        about: Some(subscriptions_of(enterprise)),
    }
}

/// The warning that the list of subscriptions has expiry dates that cannot be read; `None` if all can be read.
fn undated(enterprise: &str, facts: &Value) -> Option<Warning> {
    let lists = facts.as_object()?.values().filter_map(Value::as_array).flatten();
    let stated: Vec<String> = lists.filter_map(expiry_of).collect();
    let order = DateOrder::of(stated.iter().cloned());
    let unread = stated.iter().filter(|text| order.end(text).is_none()).count();
    (unread > 0).then(|| Warning {
        code: WarningCode::DateAmbiguous,
        message: format!(
            "the expiry date of {} of {enterprise} cannot be read, so {} as not expired",
            counted(unread as u64, "subscription"),
            if unread == 1 { "it counts" } else { "they count" }
        ),
        about: Some(subscriptions_of(enterprise)),
    })
}

fn subscriptions_of(enterprise: &str) -> WarningSubject {
    WarningSubject::Source(Source { kind: SourceKind::VisualStudio, name: enterprise.to_owned() })
}

/// The subscriptions of the imported list, and those that only the Cloud report names. A subscription that is
/// in both is taken from the list. Its sign-in address shows that it is the same.
fn with_reported(listed: Vec<Subscription>, reported: Vec<Subscription>) -> Vec<Subscription> {
    let key = |it: &Subscription| it.address.as_deref().and_then(email::key);
    let mut known: HashSet<String> = listed.iter().filter_map(key).collect();
    let mut all = listed;
    for subscription in reported {
        if key(&subscription).is_some_and(|key| known.insert(key)) {
            all.push(subscription);
        }
    }
    all
}

/// The Cloud accounts of an enterprise that take a seat, and the subscriptions that its Cloud report names.
fn candidates(
    ledger: &Ledger<'_>,
    enterprise: &Enterprise<'_>,
) -> Result<(Vec<Assignable>, Vec<Subscription>)> {
    let (mut candidates, mut reported) = (Vec::new(), Vec::new());
    let population = &enterprise.population;
    for row in &population.cloud {
        let stored = ledger.record(row.state)?;
        let record = stored.read()?;
        let account = account_of(SourceKind::Cloud, &record);
        let of_kind = |kind: AddressKind| {
            let mut addresses = account.addresses.iter().filter(move |it| it.kind == kind);
            addresses.next().map(|address| address.text.trim().to_owned())
        };
        let name = account.name.as_ref().map(ToString::to_string).filter(|it| !it.is_empty());
        let sign_in = of_kind(AddressKind::VisualStudio);
        let takes_seat = row.row == RowKind::Cloud && population.takes_seat(row);
        if sign_in.is_some() && (takes_seat || row.row == RowKind::VisualStudioOnly) {
            reported.push(Subscription {
                address: sign_in.clone(),
                name: name.clone().filter(|_| !takes_seat),
                // The Cloud report has the sign-in address of a subscription on the row of an account only if
                // GitHub has matched the subscription with that account.
                username: takes_seat.then(|| account.login.to_string()),
                ..Subscription::default()
            });
        }
        if !takes_seat {
            continue;
        }
        let compared = [AddressKind::NameId, AddressKind::Verified, AddressKind::VisualStudio];
        let keys = account.addresses.iter().filter(|it| compared.contains(&it.kind));
        candidates.push(Assignable {
            login: account.login.to_string(),
            name,
            keys: keys.filter_map(|it| email::key(&it.text)).collect(),
            taken: sign_in.is_some(),
        });
    }
    Ok((candidates, reported))
}

impl Crosswalk {
    /// The requests to GitHub that would assign each subscription to its proposed account, as JSON, one request
    /// per line.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Bug`] if a request cannot be written as JSON. This cannot happen, because a
    /// request contains only texts.
    pub fn bodies(&self) -> Result<String> {
        let mut lines = String::new();
        for request in self.items.iter().filter_map(|item| item.request.as_ref()) {
            let line = serde_json::to_string(request)
                .map_err(|error| crate::error::Error::bug("a body is not JSON").caused_by(error))?;
            lines.push_str(&line);
            lines.push('\n');
        }
        Ok(lines)
    }

    /// The sentence that some proposed subscriptions have no request, because their ids are not known; `None`
    /// if all have one.
    pub fn left_out(&self) -> Option<String> {
        let without = self.summary.without_id;
        (without > 0).then(|| {
            format!(
                "{} no id. Without an id, oneseat cannot write the request. The ids are in the answer \
                 to GET /enterprises/NAME/visual-studio-subscriptions",
                agreeing(without, "proposed subscription", ["has", "have"])
            )
        })
    }
}

impl Answer for Crosswalk {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = UnmatchedSubscription::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().collect()
    }

    fn page(&self) -> Page {
        let mut table = Table::new(&["Subscriber", "Name", "Probably", "Sure", "Why"]);
        for item in &self.items {
            table.rows.push(vec![
                item.email.as_str().into(),
                item.name.clone().into(),
                item.account.as_ref().map(|account| account.login.clone()).into(),
                item.confidence.map(str::to_owned).into(),
                item.reason.as_str().into(),
            ]);
        }
        let Summary { subscribers, matched, proposed, unmatched, .. } = self.summary;
        let mut closing = vec![format!(
            "{}: {} matched with an account, {} with a probable account, {} unmatched.",
            counted(subscribers, "subscription"),
            grouped(matched),
            grouped(proposed),
            grouped(unmatched)
        )];
        let Summary { unassigned, without_github, ended, .. } = self.summary;
        let left_out = [
            (unassigned, "unassigned"),
            (without_github, "of a level without GitHub Enterprise"),
            (ended, "expired or disabled"),
        ];
        let left_out: Vec<String> = left_out
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{} {what}", grouped(number)))
            .collect();
        if !left_out.is_empty() {
            closing.push(format!("Left out: {}.", left_out.join(", ")));
        }
        closing.extend(self.warnings.iter().map(|warning| warning.message.clone() + "."));
        closing.extend(self.left_out().map(|it| it + "."));
        closing.push(
            "`--bodies` prints the requests that would assign subscriptions to the proposed \
             accounts; oneseat never sends them."
                .to_owned(),
        );
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page {
            headline: format!("Visual Studio subscribers without an account, as of {}", self.as_of),
            tables,
            closing,
        }
    }
}

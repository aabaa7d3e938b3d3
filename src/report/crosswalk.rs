//! `oneseat crosswalk`: Visual Studio subscribers whose sign-in name matches no account, each with
//! the account that it probably is, as a list and as the JSON bodies of the assignment endpoint.
//! Never sent.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;
use serde_json::Value;

use super::moment::{Asked, Enterprise, Ledger};
use super::seat::read;
use crate::email;
use crate::error::Result;
use crate::model::{AddressKind, Instant, RowKind, SourceKind, account_of};
use crate::name::folded;
use crate::people::{local_part, names_a_role, without_shortcode};
use crate::table::{Answer, Page, Table};

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Crosswalk {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    summary: Summary,
    items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Summary {
    subscribers: u64,
    matched: u64,
    proposed: u64,
    unmatched: u64,
}

/// A subscriber without an account.
#[derive(Debug, Clone, Serialize)]
struct Item {
    enterprise: String,
    email: String,
    name: Option<String>,
    subscription_id: Option<String>,
    account: Option<Proposed>,
    confidence: Option<&'static str>,
    reason: String,
    body: Option<Body>,
}

#[derive(Debug, Clone, Serialize)]
struct Proposed {
    login: String,
    name: Option<String>,
}

/// What the assignment endpoint takes: the subscriber's sign-in name and the account.
#[derive(Debug, Clone, Serialize)]
struct Body {
    visual_studio_subscription_email: String,
    username: String,
}

/// A subscriber, from whatever says so.
#[derive(Default)]
struct Subscriber {
    email: String,
    name: Option<String>,
    id: Option<String>,
    /// The account that GitHub has matched, where it says so.
    username: Option<String>,
}

/// A Cloud account that a subscriber may be.
struct Candidate {
    login: String,
    name: Option<String>,
    keys: HashSet<String>,
    /// Is a subscription matched to it already?
    taken: bool,
}

/// Answers the question.
///
/// # Errors
/// [`crate::error::Kind::Nothing`] if nothing is in force then; if the database cannot be read.
pub fn crosswalk(ledger: &Ledger<'_>, asked: &Asked) -> Result<Crosswalk> {
    let at = ledger.asked(asked)?;
    let moment = ledger.moment(at, asked.enterprise.as_deref())?;
    let mut summary = Summary::default();
    let mut items = Vec::new();
    for enterprise in &moment.enterprises {
        let Some(name) = &enterprise.name else { continue };
        let mut subscribers = subscribers(ledger, name, at)?;
        let candidates = candidates(ledger, enterprise, &mut subscribers)?;
        let matcher = Matcher::new(&candidates);
        for (key, subscriber) in subscribers {
            summary.subscribers += 1;
            if subscriber.username.is_some() || matcher.knows(&key) {
                summary.matched += 1;
                continue;
            }
            let item = matcher.item(name, &key, subscriber);
            match item.account {
                Some(_) => summary.proposed += 1,
                None => summary.unmatched += 1,
            }
            items.push(item);
        }
    }
    Ok(Crosswalk {
        schema: "oneseat.crosswalk/1",
        as_of: at,
        known_on: ledger.known_on,
        summary,
        items,
    })
}

/// The subscribers that the newest list of subscriptions names, by the key of their sign-in name.
fn subscribers(
    ledger: &Ledger<'_>,
    enterprise: &str,
    at: Instant,
) -> Result<BTreeMap<String, Subscriber>> {
    let mut found = BTreeMap::new();
    let facts = ledger.newest_facts(SourceKind::VisualStudio, enterprise, at)?;
    let lists = facts.as_ref().and_then(Value::as_object).into_iter().flat_map(|it| it.values());
    for subscription in lists.filter_map(Value::as_array).flatten() {
        let text = |names: &[&str]| {
            let value = subscription.as_object()?.iter().find(|(key, _)| {
                let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
                names.iter().any(|name| key.eq_ignore_ascii_case(name))
            });
            let text = value?.1.as_str()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let sign_in = [
            "visualstudiosubscriptionemail",
            "signinemailaddress",
            "email",
            "emailaddress",
            "signin",
        ];
        let Some(address) = text(&sign_in) else { continue };
        let Some(key) = email::key(&address) else { continue };
        found.insert(
            key,
            Subscriber {
                email: address,
                name: text(&["name", "subscribername"]),
                id: text(&["subscriptionid", "subscriptionguid"]),
                username: text(&["username"]),
            },
        );
    }
    Ok(found)
}

/// The Cloud accounts that take a seat; subscribers that only the report knows are added to the
/// others.
fn candidates(
    ledger: &Ledger<'_>,
    enterprise: &Enterprise<'_>,
    subscribers: &mut BTreeMap<String, Subscriber>,
) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    let population = &enterprise.population;
    for row in &population.cloud {
        let (fields, content) = ledger.store.record_texts(row.state)?;
        let record = read(&fields, &content)?;
        let account = account_of(SourceKind::Cloud, &record);
        let of_kind = |kind: AddressKind| {
            let mut addresses = account.addresses.iter().filter(move |it| it.kind == kind);
            addresses.next().map(|address| address.text.trim().to_owned())
        };
        let sign_in = of_kind(AddressKind::VisualStudio);
        if let (RowKind::VisualStudioOnly, Some(address)) = (row.row, &sign_in)
            && let Some(key) = email::key(address)
        {
            let name = account.name.as_ref().map(ToString::to_string);
            let known = subscribers.entry(key).or_default();
            known.email = address.clone();
            known.name = known.name.take().or(name.filter(|name| !name.is_empty()));
        }
        if row.row != RowKind::Cloud || !population.takes_seat(row) {
            continue;
        }
        // A sign-in name on an account's row is one that GitHub has matched.
        if let Some((address, key)) = sign_in.as_ref().and_then(|it| Some((it, email::key(it)?))) {
            let known = subscribers.entry(key).or_default();
            known.email = address.clone();
            known.username = Some(account.login.to_string());
        }
        let compared = [AddressKind::NameId, AddressKind::Verified, AddressKind::VisualStudio];
        let keys = account.addresses.iter().filter(|it| compared.contains(&it.kind));
        candidates.push(Candidate {
            login: account.login.to_string(),
            name: account.name.as_ref().map(ToString::to_string).filter(|it| !it.is_empty()),
            keys: keys.filter_map(|it| email::key(&it.text)).collect(),
            taken: sign_in.is_some(),
        });
    }
    Ok(candidates)
}

struct Matcher<'c> {
    candidates: &'c [Candidate],
    known: HashSet<&'c str>,
    by_local: HashMap<&'c str, Vec<usize>>,
    by_login: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl<'c> Matcher<'c> {
    fn new(candidates: &'c [Candidate]) -> Matcher<'c> {
        let mut matcher = Matcher {
            candidates,
            known: HashSet::new(),
            by_local: HashMap::new(),
            by_login: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (index, it) in candidates.iter().enumerate() {
            matcher.known.extend(it.keys.iter().map(String::as_str));
            if it.taken {
                continue;
            }
            let mut locals: Vec<&str> =
                it.keys.iter().map(|key| local_part(key)).filter(|it| !names_a_role(it)).collect();
            locals.sort_unstable();
            locals.dedup();
            for local in locals {
                matcher.by_local.entry(local).or_default().push(index);
            }
            let login = email::login_key(&it.login);
            let bare = without_shortcode(&login).map(str::to_owned);
            for login in bare.into_iter().chain([login]).filter(|it| !names_a_role(it)) {
                matcher.by_login.entry(login).or_default().push(index);
            }
            let name = folded(it.name.as_deref().unwrap_or_default());
            if !name.is_empty() {
                matcher.by_name.entry(name).or_default().push(index);
            }
        }
        matcher
    }

    /// Is this the address of an account that takes a seat?
    fn knows(&self, key: &str) -> bool {
        self.known.contains(key)
    }

    fn item(&self, enterprise: &str, key: &str, subscriber: Subscriber) -> Item {
        let local = local_part(key);
        let name = folded(subscriber.name.as_deref().unwrap_or_default());
        let none: &[usize] = &[];
        let of = |found: Option<&'_ Vec<usize>>| found.map_or(none.to_vec(), Clone::clone);
        let ways = [
            (of(self.by_local.get(local)), "likely", "the same local part, another domain"),
            (of(self.by_login.get(local)), "likely", "the local part is the login"),
            (of(self.by_name.get(&name)), "possible", "the same display name"),
        ];
        let role = names_a_role(local);
        let mut several = false;
        let mut proposed: Option<(&Candidate, &'static str, &'static str)> = None;
        for (found, confidence, reason) in ways {
            several |= found.len() > 1;
            if let ([only], None, false) = (found.as_slice(), proposed, role) {
                proposed = Some((&self.candidates[*only], confidence, reason));
            }
        }
        let reason = match (&proposed, role, several) {
            (Some((_, _, reason)), _, _) => (*reason).to_owned(),
            (None, true, _) => "the sign-in name is no person's".to_owned(),
            (None, false, true) => "several accounts are alike".to_owned(),
            (None, false, false) => "no account is alike".to_owned(),
        };
        Item {
            enterprise: enterprise.to_owned(),
            account: proposed
                .map(|(it, _, _)| Proposed { login: it.login.clone(), name: it.name.clone() }),
            confidence: proposed.map(|(_, confidence, _)| confidence),
            body: proposed.map(|(it, _, _)| Body {
                visual_studio_subscription_email: subscriber.email.clone(),
                username: it.login.clone(),
            }),
            email: subscriber.email,
            name: subscriber.name,
            subscription_id: subscriber.id,
            reason,
        }
    }
}

impl Crosswalk {
    /// The bodies of the requests that would assign what is proposed, one on a line.
    ///
    /// # Errors
    /// [`crate::error::Kind::Bug`]: texts are always JSON.
    pub fn bodies(&self) -> Result<String> {
        let mut lines = String::new();
        for body in self.items.iter().filter_map(|item| item.body.as_ref()) {
            let line = serde_json::to_string(body)
                .map_err(|error| crate::error::Error::bug("a body is no JSON").caused_by(error))?;
            lines.push_str(&line);
            lines.push('\n');
        }
        Ok(lines)
    }
}

impl Answer for Crosswalk {
    const LIST: Option<&'static str> = Some("items");

    fn example() -> Crosswalk {
        let item = Item {
            enterprise: String::new(),
            email: String::new(),
            name: None,
            subscription_id: None,
            account: Some(Proposed { login: String::new(), name: None }),
            confidence: None,
            reason: String::new(),
            body: Some(Body {
                visual_studio_subscription_email: String::new(),
                username: String::new(),
            }),
        };
        Crosswalk {
            schema: "oneseat.crosswalk/1",
            as_of: Instant::default(),
            known_on: None,
            summary: Summary::default(),
            items: vec![item],
        }
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
        let Summary { subscribers, matched, proposed, unmatched } = self.summary;
        let closing = format!(
            "Of {subscribers} subscribers {matched} match an account; {proposed} more probably do, \
             {unmatched} do not. `--bodies` gives what to send with PUT to \
             /enterprises/NAME/visual-studio-subscriptions; oneseat never sends it."
        );
        let tables = if self.items.is_empty() { Vec::new() } else { vec![table] };
        Page {
            headline: format!("Visual Studio subscribers without an account, as of {}", self.as_of),
            tables,
            closing: vec![closing],
        }
    }
}

//! Pseudonyms on a page: every person stands under one, and what names a person is left out. Texts are kept only
//! where they are known to name nobody; organizations with few people stand together without their names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::ledger::{Enterprise, Ledger, Moment};
use crate::model::{AccountIx, RowIx};
use crate::people::{self, SeatOf};
use crate::pseudonym::PseudonymKey;
use crate::report::concerned::Concerned;
use crate::report::duplicates::Duplicates;
use crate::report::reclaim::Reclaim;
use crate::report::seat_tables::seat_id;

/// The fewest people of an organization that is named.
const FEWEST: u64 = 5;

/// What stands in place of the organizations with fewer people.
pub(super) const SMALL: &str = "(small groups)";

/// The pseudonyms of the people at an instant.
pub(super) struct Pseudonyms {
    of: HashMap<String, PseudonymsOf>,
}

/// The pseudonyms of the people of an enterprise.
#[derive(Default)]
struct PseudonymsOf {
    rows: HashMap<RowIx, String>,
    accounts: HashMap<AccountIx, String>,
}

impl Pseudonyms {
    /// The pseudonyms of everybody with a seat.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn of(ledger: &Ledger<'_>, moment: &Moment<'_>, key: &PseudonymKey) -> Result<Pseudonyms> {
        let mut of: HashMap<String, PseudonymsOf> = HashMap::new();
        for enterprise in &moment.enterprises {
            let seats = people::seats(&enterprise.population, &enterprise.matching);
            let name = enterprise.name.as_deref().unwrap_or_default();
            let own = of.entry(Concerned::key_of(enterprise)).or_default();
            for seat in &seats {
                // A person whose login has changed keeps the pseudonym, which is that of the first login.
                let now = seat.row.map(|row| enterprise.population.identity(row));
                let names = now.map(|now| ledger.names(name, now, moment.at)).transpose()?;
                let oldest = names.iter().flatten().next_back().map(|it| it.identity.as_str());
                let first = oldest.or(now);
                let identity = identity(enterprise, seat, first);
                let pseudonym = key.pseudonym(name, &identity);
                own.rows.extend(seat.row.map(|row| (row, pseudonym.clone())));
                own.accounts.extend(seat.accounts.iter().map(|it| (*it, pseudonym.clone())));
            }
        }
        Ok(Pseudonyms { of })
    }

    pub fn of_row(&self, enterprise: &str, row: RowIx) -> Option<&str> {
        self.of.get(enterprise)?.rows.get(&row).map(String::as_str)
    }

    pub fn of_account(&self, enterprise: &str, account: AccountIx) -> Option<&str> {
        self.of.get(enterprise)?.accounts.get(&account).map(String::as_str)
    }

    pub fn of_seat(&self, enterprise: &Enterprise<'_>, seat: &SeatOf) -> Option<&str> {
        let key = Concerned::key_of(enterprise);
        match (seat.row, seat.accounts.first()) {
            (Some(row), _) => self.of_row(&key, row),
            (None, Some(account)) => self.of_account(&key, *account),
            (None, None) => None,
        }
    }
}

/// What identifies a person in an enterprise: the login, else the host and id of the first account.
fn identity(enterprise: &Enterprise<'_>, seat: &SeatOf, row: Option<&str>) -> String {
    let is_login = row.is_some_and(|it| it.starts_with("login:"));
    match (row, seat.accounts.is_empty()) {
        (Some(row), no_accounts) if is_login || no_accounts => row.to_owned(),
        _ => {
            let server = SeatOf { row: None, accounts: seat.accounts.clone() };
            let id = seat_id(enterprise, &server, None);
            id.strip_prefix("server:").unwrap_or(&id).to_owned()
        }
    }
}

/// Takes out of the JSON of a page what names a person. Returns where each finding stands now: findings are listed by
/// pseudonym, since their places would tell names.
pub(super) fn hide(
    page: &mut Map<String, Value>,
    names: &Pseudonyms,
    duplicates: &Duplicates,
    reclaim: &Reclaim,
) -> Vec<u32> {
    let visible = small_groups(page);
    hide_findings(page, names, duplicates);
    let places = sort_findings(page);
    hide_reclaim(page, names, reclaim);
    for answer in ["consumption", "duplicates", "seats"] {
        let warnings = page.get_mut(answer).and_then(|it| it.get_mut("warnings"));
        hide_messages(
            warnings,
            &[("accepted-short", "a snapshot that is not complete was accepted")],
        );
    }
    let findings = page.get_mut("check").and_then(|it| it.get_mut("findings"));
    let said = [
        ("incomplete", "a snapshot in force is not complete, or a source has none"),
        ("sync-failed", "the last sync of an instance failed"),
    ];
    hide_messages(findings, &said);
    for source in list_mut(page.get_mut("sources")) {
        let Some(in_force) = source.get_mut("in_force").and_then(Value::as_object_mut) else {
            continue;
        };
        // Somebody wrote the reason, and may have named somebody.
        if in_force.get("accepted_short").is_some_and(Value::is_string) {
            in_force.insert("accepted_short".to_owned(), json!("(left out)"));
        }
        if let Some(certificate) = in_force.get_mut("certificate") {
            certificate["warnings"] = json!([]);
        }
    }
    hide_bridge(page, &visible);
    places
}

/// Sorts the findings by confidence and pseudonym, and returns the new place of each.
fn sort_findings(page: &mut Map<String, Value>) -> Vec<u32> {
    let list = page.get_mut("duplicates").and_then(|it| it.get_mut("items"));
    let Some(Value::Array(items)) = list else { return Vec::new() };
    let mut numbered: Vec<(usize, Value)> = std::mem::take(items).into_iter().enumerate().collect();
    numbered.sort_by_cached_key(|(_, item)| {
        // The items come in the order of their confidence, whose names have this order too.
        let confidence = item.get("confidence").and_then(Value::as_str).unwrap_or_default();
        let first = |list: &str| item.get(list)?.get(0)?.get("login")?.as_str();
        let own = || item.get("cloud_account")?.get("login")?.as_str();
        let name = first("server_accounts").or_else(own).or_else(|| first("candidates"));
        (confidence.to_owned(), name.unwrap_or_default().to_owned())
    });
    let mut places = vec![0; numbered.len()];
    for (now, (before, _)) in numbered.iter().enumerate() {
        places[*before] = now as u32;
    }
    *items = numbered.into_iter().map(|(_, item)| item).collect();
    places
}

fn list_mut(list: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    list.and_then(Value::as_array_mut).into_iter().flatten()
}

fn hide_messages(list: Option<&mut Value>, codes: &[(&str, &str)]) {
    for item in list_mut(list) {
        let code = item.get("code").and_then(Value::as_str).unwrap_or_default();
        if let Some((_, message)) = codes.iter().find(|(known, _)| *known == code) {
            item["message"] = json!(message);
        }
    }
}

fn hide_findings(page: &mut Map<String, Value>, names: &Pseudonyms, duplicates: &Duplicates) {
    let list = page.get_mut("duplicates").and_then(|it| it.get_mut("items"));
    for (item, outline) in list_mut(list).zip(duplicates.outlines()) {
        let about = outline.about;
        let server = |number: usize, side: &Value| {
            let account = about.accounts.get(number);
            let name = account.and_then(|it| names.of_account(&about.enterprise, *it));
            json!({ "host": side.get("host"), "id": null, "login": name, "primary_email": null })
        };
        let row = |number: usize| {
            about.rows.get(number).and_then(|it| names.of_row(&about.enterprise, *it))
        };
        let of = |key: &str| item.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let (own, others, candidates) =
            (of("server_accounts"), of("other_server_accounts"), of("candidates"));
        let servers: Vec<Value> =
            own.iter().enumerate().map(|(at, side)| server(at, side)).collect();
        let others: Vec<Value> =
            others.iter().enumerate().map(|(at, side)| server(own.len() + at, side)).collect();
        let shown: Vec<Value> = (0..candidates.len())
            .map(|at| json!({ "login": row(at).unwrap_or("p-unknown"), "name": null }))
            .collect();
        // After the candidates come the finding's own row, and that of the invitation.
        let own_row = row(candidates.len());
        let cloud = match item.get("cloud_account") {
            Some(Value::Object(_)) => {
                json!({ "login": own_row.unwrap_or("p-unknown"), "name": null })
            }
            _ => Value::Null,
        };
        let invitation = match item.get("invitation") {
            Some(Value::String(_)) => json!("(left out)"),
            _ => Value::Null,
        };
        let evidence: Vec<Value> = of("evidence")
            .iter()
            .map(|it| json!({ "code": it.get("code"), "detail": "" }))
            .collect();
        let fixes: Vec<Value> = of("fixes").iter().map(hidden_fix).collect();
        let fix = match fixes.first() {
            Some(first) => json!({ "actor": first.get("actor"), "action": first.get("action") }),
            None => json!({ "actor": outline.actor, "action": "" }),
        };
        let kept = |key: &str| item.get(key).cloned().unwrap_or_default();
        *item = json!({
            "confidence": kept("confidence"),
            "server_accounts": servers,
            "cloud_account": cloud,
            "other_server_accounts": others,
            "invitation": invitation,
            "candidates": shown,
            "candidates_total": kept("candidates_total"),
            "evidence": evidence,
            "nearest_miss": "",
            "fix": fix,
            "fixes": fixes,
            "since": kept("since"),
            "status": kept("status"),
            "fixed_at": kept("fixed_at"),
            "how": null,
        });
    }
}

/// A fix without names: who acts, and what is to be done.
fn hidden_fix(fix: &Value) -> Value {
    let has = |key: &str| fix.get(key).is_some_and(Value::is_string);
    let action = match (has("host"), has("address"), has("login")) {
        (true, true, _) => "make the address of the Cloud account primary",
        (true, false, _) => "suspend the account",
        (false, true, true) => "verify the address on the Cloud account",
        (false, true, false) => "verify the address, or cancel the invitation",
        (false, false, _) => "remove the other Cloud account",
    };
    json!({
        "actor": fix.get("actor"), "action": action, "host": fix.get("host"), "login": null,
        "id": null, "address": null,
    })
}

fn hide_reclaim(page: &mut Map<String, Value>, names: &Pseudonyms, reclaim: &Reclaim) {
    let Some(Value::Array(items)) = page.get_mut("reclaim").and_then(|it| it.get_mut("items"))
    else {
        return;
    };
    for (item, (reason, about)) in items.iter_mut().zip(reclaim.reasons()) {
        let row = about.rows.first().and_then(|it| names.of_row(&about.enterprise, *it));
        let account = about.accounts.first();
        let account = account.and_then(|it| names.of_account(&about.enterprise, *it));
        let action = match reason {
            "pending-invitation" => "cancel the invitation, or have it accepted",
            "server-only" => {
                "make the address of the Cloud account primary, or suspend the account"
            }
            _ => "suspend the account",
        };
        let kept = |key: &str| item.get(key).cloned().unwrap_or_default();
        let actor = item.get("fix").and_then(|it| it.get("actor")).cloned();
        *item = json!({
            "reason": kept("reason"), "kind": kept("kind"), "host": kept("host"), "id": null,
            "login": row.or(account), "name": null, "email": null,
            "last_active": kept("last_active"), "since": kept("since"),
            "accounts": kept("accounts"), "fix": { "actor": actor, "action": action },
        });
    }
    // The reason first, as before, then the pseudonym: a place would tell the name.
    let mut reasons: Vec<String> = Vec::new();
    let mut place = |item: &Value| {
        let reason = item.get("reason").and_then(Value::as_str).unwrap_or_default();
        match reasons.iter().position(|it| it == reason) {
            Some(place) => place,
            None => {
                reasons.push(reason.to_owned());
                reasons.len() - 1
            }
        }
    };
    let places: Vec<usize> = items.iter().map(&mut place).collect();
    let mut placed: Vec<(usize, Value)> = places.into_iter().zip(std::mem::take(items)).collect();
    placed.sort_by_cached_key(|(place, item)| {
        (*place, item.get("login").and_then(Value::as_str).unwrap_or_default().to_owned())
    });
    *items = placed.into_iter().map(|(_, item)| item).collect();
}

/// Puts the lines of `seats` with few people into one line, and returns the parts that keep their names.
fn small_groups(page: &mut Map<String, Value>) -> BTreeSet<String> {
    let Some(Value::Array(lines)) = page.get_mut("seats").and_then(|it| it.get_mut("lines")) else {
        return BTreeSet::new();
    };
    let number = |line: &Value, key: &str| line.get(key).and_then(Value::as_u64);
    let is_small = |line: &Value| {
        let few = |number: Option<u64>| number.is_some_and(|it| (1..FEWEST).contains(&it));
        few(number(line, "members")) || few(number(line, "seats"))
    };
    let (mut small, mut kept): (Vec<Value>, Vec<Value>) =
        std::mem::take(lines).into_iter().partition(is_small);
    let seats = |lines: &[Value]| lines.iter().filter_map(|it| number(it, "seats")).sum::<u64>();
    // A sum of few people would be found by subtraction, so it is joined by the next smallest part.
    while !small.is_empty() && seats(&small) < FEWEST && !kept.is_empty() {
        let next = (0..kept.len())
            .min_by_key(|at| (kept.get(*at).and_then(|it| number(it, "seats")), *at));
        small.extend(next.map(|at| kept.remove(at)));
    }
    let name =
        |line: &Value| line.get("part").and_then(Value::as_str).unwrap_or_default().to_owned();
    let visible = kept.iter().map(name).collect();
    if let Some(first) = small.first() {
        let mut line = first.clone();
        line["part"] = json!(SMALL);
        line["group"] = json!("several");
        line["seats"] = json!(seats(&small));
        line["members"] = Value::Null;
        kept.push(line);
    }
    *lines = kept;
    visible
}

/// Puts the lines of the bridge about organizations that are not named into one line for each source.
fn hide_bridge(page: &mut Map<String, Value>, visible: &BTreeSet<String>) {
    const COUNTS: [&str; 5] = ["joined", "left", "matched", "unmatched", "changed"];
    let Some(Value::Array(lines)) = page.get_mut("movements").and_then(|it| it.get_mut("bridge"))
    else {
        return;
    };
    let mut hidden: BTreeMap<String, [u64; 5]> = BTreeMap::new();
    lines.retain(|line| {
        let organization = line.get("organization").and_then(Value::as_str);
        if organization.is_none_or(|it| visible.contains(it)) {
            return true;
        }
        let source = line.get("source").and_then(Value::as_str).unwrap_or_default();
        let counts = hidden.entry(source.to_owned()).or_default();
        for (count, key) in counts.iter_mut().zip(COUNTS) {
            *count += line.get(key).and_then(Value::as_u64).unwrap_or_default();
        }
        false
    });
    for (source, counts) in hidden {
        let mut line = json!({ "source": source, "organization": SMALL });
        for (count, key) in counts.iter().zip(COUNTS) {
            line[key] = json!(count);
        }
        lines.push(line);
    }
}

/// The names of organizations as the page shows them.
pub(super) fn organizations_shown(names: Vec<String>, page: &Map<String, Value>) -> Vec<String> {
    let lines = page.get("seats").and_then(|it| it.get("lines")).and_then(Value::as_array);
    let visible: BTreeSet<&str> =
        lines.into_iter().flatten().filter_map(|it| it.get("part")?.as_str()).collect();
    let shown = names.into_iter();
    shown
        .map(|name| if visible.contains(name.as_str()) { name } else { SMALL.to_owned() })
        .collect()
}

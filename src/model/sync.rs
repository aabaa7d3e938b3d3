//! The contents of a `sync-status` snapshot: when instances were last synced (counting.md section 4c,
//! formats.md section 3).

use serde_json::Value;

use super::{DayMeans, Host, Instant};
use crate::email::word_of_absence;

/// The result of the last sync of one instance.
enum Last {
    /// The instance was never synced.
    Never,
    /// The sync succeeded at this instant: its status is `success`, or it has no error.
    Well(Instant),
    /// The sync succeeded, but its time is not stated or cannot be read.
    Undated,
    /// The sync failed, with this error.
    Failed(String),
}

/// The hosts whose last sync succeeded, each with the time of that sync.
pub fn successful_syncs(facts: &Value) -> Vec<(Host, Instant)> {
    let synced = last_syncs(facts).filter_map(|(host, last)| match last {
        Last::Well(at) => Some((host, at)),
        _ => None,
    });
    synced.collect()
}

/// All hosts in the facts of a `sync-status` snapshot.
pub fn named_hosts(facts: &Value) -> Vec<Host> {
    last_syncs(facts).map(|(host, _)| host).collect()
}

/// The hosts that the facts list without any sync.
pub fn never_synced(facts: &Value) -> Vec<Host> {
    let never = last_syncs(facts).filter(|(_, last)| matches!(last, Last::Never));
    never.map(|(host, _)| host).collect()
}

/// The hosts whose last sync succeeded at a time that is not stated or cannot be read.
pub fn undated_syncs(facts: &Value) -> Vec<Host> {
    let undated = last_syncs(facts).filter(|(_, last)| matches!(last, Last::Undated));
    undated.map(|(host, _)| host).collect()
}

/// The hosts whose last sync failed, each with the error, else with the status. A date that cannot be read is
/// not a failure.
///
/// The list also has hosts whose sync has no error but a status that means failure. Matching looks at the error
/// alone (counting.md section 4c).
pub fn failed_syncs(facts: &Value) -> Vec<(Host, String)> {
    let instances = facts.get("server_instances").and_then(Value::as_array);
    let failed = instances.into_iter().flatten().filter_map(|instance| {
        let host = Host::new(instance.get("hostname")?.as_str()?)?;
        let sync = instance.get("last_sync")?;
        match last_sync(sync) {
            Last::Failed(error) => Some((host, error)),
            Last::Well(_) | Last::Undated => Some((host, failing_status(sync)?)),
            Last::Never => None,
        }
    });
    failed.collect()
}

/// The hosts whose last sync has both the status `success` and an error. The facts do not show which of them is
/// right.
pub fn contradictory_syncs(facts: &Value) -> Vec<Host> {
    let instances = facts.get("server_instances").and_then(Value::as_array);
    let both = instances.into_iter().flatten().filter_map(|instance| {
        let sync = instance.get("last_sync")?;
        let text = |key: &str| sync.get(key).and_then(Value::as_str).map(str::trim);
        let error = text("error").filter(|it| !it.is_empty() && word_of_absence(it).is_none())?;
        let is_well = text("status")?.eq_ignore_ascii_case("success") && !error.is_empty();
        is_well.then(|| Host::new(instance.get("hostname")?.as_str()?)).flatten()
    });
    both.collect()
}

/// The status of a sync, if the status alone means that the sync failed.
fn failing_status(sync: &Value) -> Option<String> {
    let status = match sync.get("status")? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let lower = status.to_lowercase();
    let is_code = matches!(sync.get("status"), Some(Value::Number(_)));
    let fails = ["fail", "error", "timeout", "timed out"].iter().any(|word| lower.contains(word));
    (is_code || fails).then_some(status)
}

fn last_syncs(facts: &Value) -> impl Iterator<Item = (Host, Last)> {
    let instances = facts.get("server_instances").and_then(Value::as_array);
    instances.into_iter().flatten().filter_map(|instance| {
        let host = Host::new(instance.get("hostname")?.as_str()?)?;
        Some((host, last_sync(instance.get("last_sync").unwrap_or(&Value::Null))))
    })
}

fn last_sync(sync: &Value) -> Last {
    if sync.is_null() {
        return Last::Never;
    }
    let text = |key: &str| sync.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let (status, error) = (text("status"), text("error"));
    if !status.eq_ignore_ascii_case("success") && !error.is_empty() {
        return Last::Failed(error.to_owned());
    }
    sync.get("date").and_then(time).map_or(Last::Undated, Last::Well)
}

/// A time in GitHub's answer: RFC 3339 or a similar form, or Unix time in seconds or milliseconds.
fn time(value: &Value) -> Option<Instant> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    // A fraction of a second, after a dot, is cut off.
    let whole = text.split('.').next().unwrap_or_default();
    match whole.parse::<i64>() {
        Ok(milliseconds) if whole.len() == 13 => Instant::from_unix(milliseconds / 1000),
        Ok(seconds) if (9..=10).contains(&whole.len()) => Instant::from_unix(seconds),
        Ok(_) => None,
        Err(_) => Instant::parse(&text, DayMeans::Start).or_else(|| Instant::parse_answer(&text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_without_success_is_passed_over() {
        let facts = serde_json::json!({"server_instances": [
            {"hostname": "A.example:443", "last_sync": {"date": "2026-03-05T00:00:00Z", "status": "success"}},
            {"hostname": "b", "last_sync": {"date": "2026-03-05T00:00:00Z", "status": "failure", "error": "x"}},
            {"hostname": "c", "last_sync": {"date": "2026-03-05", "status": "partial", "error": ""}},
            {"hostname": "d", "last_sync": null},
            {"hostname": "e"},
            {"hostname": "f", "last_sync": {"date": "last Tuesday", "status": "success", "error": ""}},
            {"hostname": "g", "last_sync": {"date": 1772668800, "status": "success", "error": ""}},
            {"hostname": "h", "last_sync": {"date": "1772668800123", "error": null}},
            {"hostname": "i", "last_sync": {"status": "partial"}},
        ]});
        let syncs = successful_syncs(&facts);
        let hosts: Vec<&str> = syncs.iter().map(|(host, _)| host.as_str()).collect();
        assert_eq!(hosts, ["a.example", "c", "g", "h"]);
        assert!(syncs.iter().all(|(_, at)| at.to_string() == "2026-03-05T00:00:00Z"), "{syncs:?}");
        let undated = undated_syncs(&facts);
        let undated: Vec<&str> = undated.iter().map(|host| host.as_str()).collect();
        assert_eq!(undated, ["f", "i"]);
        assert_eq!(named_hosts(&facts).len(), 9);
        let never = never_synced(&facts);
        let never: Vec<&str> = never.iter().map(|host| host.as_str()).collect();
        assert_eq!(never, ["d", "e"]);
        let failed = failed_syncs(&facts);
        let failed: Vec<(&str, &str)> =
            failed.iter().map(|(host, error)| (host.as_str(), error.as_str())).collect();
        assert_eq!(failed, [("b", "x")]);
    }

    #[test]
    fn a_date_that_cannot_be_read_is_not_stated_and_no_failure() {
        for (date, expected) in [
            (serde_json::json!("2026-03-05T00:00:00Z"), Some("2026-03-05T00:00:00Z")),
            (serde_json::json!("2026-03-05 00:00:00 UTC"), Some("2026-03-05T00:00:00Z")),
            (serde_json::json!(1_772_668_800), Some("2026-03-05T00:00:00Z")),
            (serde_json::json!("1772668800"), Some("2026-03-05T00:00:00Z")),
            (serde_json::json!(1_772_668_800_123_i64), Some("2026-03-05T00:00:00Z")),
            (serde_json::json!(1_772_668_800.5), Some("2026-03-05T00:00:00Z")),
            (serde_json::json!("05/03/2026"), None),
            (serde_json::json!("last week"), None),
            (serde_json::json!(20_260_305), None),
            (serde_json::json!(""), None),
            (serde_json::json!(null), None),
            (serde_json::json!({"at": 1}), None),
        ] {
            for status in ["success", "pending"] {
                let facts = serde_json::json!({"server_instances": [
                    {"hostname": "a", "last_sync": {"date": date, "status": status, "error": ""}}]});
                let at = successful_syncs(&facts).first().map(|(_, at)| at.to_string());
                assert_eq!(at.as_deref(), expected, "{date}");
                assert_eq!(failed_syncs(&facts), [], "{date}");
                assert_eq!(undated_syncs(&facts).len(), usize::from(expected.is_none()), "{date}");
                assert_eq!(never_synced(&facts), []);
            }
        }
    }
}

//! What a `sync-status` snapshot says: when instances were last synced (counting.md section 4c).

use serde_json::Value;

use super::{Host, Instant};

/// The hosts whose last sync went well, by the facts of a `sync-status` snapshot, each with its
/// time: `success`, or without an error.
pub fn successful_syncs(facts: &Value) -> Vec<(Host, Instant)> {
    let successful = instances(facts).filter(|it| went_well(it));
    successful.filter_map(|it| Some((host(it)?, date(it)?))).collect()
}

/// The hosts of which such facts tell no sync at all.
pub fn never_synced(facts: &Value) -> Vec<Host> {
    let without = instances(facts).filter(|it| it.get("last_sync").is_none_or(Value::is_null));
    without.filter_map(host).collect()
}

/// The hosts whose last sync went wrong, by such facts, each with the error that it tells. A date
/// that cannot be read is no failure.
pub fn failed_syncs(facts: &Value) -> Vec<(Host, String)> {
    let failed = instances(facts).filter(|it| !went_well(it));
    failed.filter_map(|it| Some((host(it)?, text(it, "error")))).collect()
}

/// The hosts of which such facts tell a sync, but not when it was: the date is missing or cannot be
/// read, so that nobody can say how old it is.
pub fn undated_syncs(facts: &Value) -> Vec<Host> {
    let told = instances(facts).filter(|it| it.get("last_sync").is_some_and(|it| !it.is_null()));
    told.filter(|it| went_well(it) && date(it).is_none()).filter_map(host).collect()
}

fn instances(facts: &Value) -> impl Iterator<Item = &Value> {
    facts.get("server_instances").and_then(Value::as_array).into_iter().flatten()
}

fn host(instance: &Value) -> Option<Host> {
    Host::new(instance.get("hostname")?.as_str()?)
}

fn text(instance: &Value, key: &str) -> String {
    let text = instance.get("last_sync").and_then(|it| it.get(key)).and_then(Value::as_str);
    text.unwrap_or_default().trim().to_owned()
}

/// Is the sync a success, or without an error?
fn went_well(instance: &Value) -> bool {
    text(instance, "status").eq_ignore_ascii_case("success") || text(instance, "error").is_empty()
}

/// When it was: a date, or Unix time in seconds or milliseconds.
fn date(instance: &Value) -> Option<Instant> {
    let date = instance.get("last_sync")?.get("date")?;
    let text = match date {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    // A fraction is cut.
    let whole = text.split('.').next().unwrap_or_default();
    match whole.parse::<i64>() {
        Ok(milliseconds) if whole.len() == 13 => Instant::from_unix(milliseconds / 1000),
        Ok(seconds) if (9..=10).contains(&whole.len()) => Instant::from_unix(seconds),
        Ok(_) => None,
        Err(_) => Instant::parse_answer(&text),
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
        ]});
        let syncs = successful_syncs(&facts);
        let hosts: Vec<&str> = syncs.iter().map(|(host, _)| host.as_str()).collect();
        assert_eq!(hosts, ["a.example", "c"]);
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

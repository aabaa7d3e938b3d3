//! What a `sync-status` snapshot says: when instances were last synced (counting.md section 4c).

use serde_json::Value;

use super::{Host, Instant};

/// The hosts whose last sync went well, by the facts of a `sync-status` snapshot, each with its
/// time: `success`, or without an error.
pub fn successful_syncs(facts: &Value) -> Vec<(Host, Instant)> {
    let instances = facts.get("server_instances").and_then(Value::as_array);
    instances.into_iter().flatten().filter_map(successful_sync).collect()
}

/// The hosts that such facts name, whatever they say of them.
pub fn named_hosts(facts: &Value) -> Vec<Host> {
    let instances = facts.get("server_instances").and_then(Value::as_array);
    let instances = instances.into_iter().flatten();
    instances.filter_map(|it| Host::new(it.get("hostname")?.as_str()?)).collect()
}

/// The hosts of which such facts tell no sync at all.
pub fn never_synced(facts: &Value) -> Vec<Host> {
    let instances = facts.get("server_instances").and_then(Value::as_array);
    let instances = instances.into_iter().flatten();
    let without = instances.filter(|it| it.get("last_sync").is_none_or(Value::is_null));
    without.filter_map(|it| Host::new(it.get("hostname")?.as_str()?)).collect()
}

/// The hosts whose last sync went wrong, by such facts, each with the error that it tells.
pub fn failed_syncs(facts: &Value) -> Vec<(Host, String)> {
    let instances = facts.get("server_instances").and_then(Value::as_array);
    let instances = instances.into_iter().flatten();
    let failed = instances.filter(|it| {
        it.get("last_sync").is_some_and(|sync| !sync.is_null()) && successful_sync(it).is_none()
    });
    let told = failed.filter_map(|it| {
        let host = Host::new(it.get("hostname")?.as_str()?)?;
        let sync = it.get("last_sync")?;
        let text = |key: &str| sync.get(key).and_then(Value::as_str).unwrap_or_default().trim();
        let error = if text("error").is_empty() { text("status") } else { text("error") };
        Some((host, error.to_owned()))
    });
    told.collect()
}

fn successful_sync(instance: &Value) -> Option<(Host, Instant)> {
    let host = Host::new(instance.get("hostname")?.as_str()?)?;
    let sync = instance.get("last_sync")?;
    let text = |key: &str| sync.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let success = text("status").eq_ignore_ascii_case("success") || text("error").is_empty();
    let at = Instant::parse_answer(text("date")).filter(|_| success)?;
    Some((host, at))
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
        assert_eq!(named_hosts(&facts).len(), 5);
        let never = never_synced(&facts);
        let never: Vec<&str> = never.iter().map(|host| host.as_str()).collect();
        assert_eq!(never, ["d", "e"]);
        let failed = failed_syncs(&facts);
        let failed: Vec<(&str, &str)> =
            failed.iter().map(|(host, error)| (host.as_str(), error.as_str())).collect();
        assert_eq!(failed, [("b", "x")]);
    }
}

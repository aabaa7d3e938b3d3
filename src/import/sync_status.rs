//! Reads Cloud's answer to `GET /enterprises/{enterprise}/license-sync-status` (formats.md section 3), which
//! states when each instance was last synced and whether the sync succeeded. The list may be bare, or wrapped
//! as a JSON Schema (`properties.server_instances.items`).

use serde_json::{Value, json};

use super::format_names::SYNC_STATUS;
use super::listed_facts::type_of;
use super::{FileFacts, Input, Outline, Reader, Sink, whole};
use crate::code::WarningCode;
use crate::error::{Error, Result};
use crate::model::{SourceKind, undated_syncs};
use crate::table::agreeing;

/// Reads the license sync status of an enterprise.
pub struct SyncStatus;

impl Reader for SyncStatus {
    fn format(&self) -> &'static str {
        "cloud-license-sync-status"
    }

    fn about(&self) -> &'static str {
        "Cloud: GET /enterprises/{enterprise}/license-sync-status"
    }

    fn recognised_by(&self) -> &'static str {
        "JSON with server_instances, bare or wrapped as a JSON Schema"
    }

    fn obtained_from(&self) -> &'static str {
        "GET /enterprises/{enterprise}/license-sync-status"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::SyncStatus
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        outline.has_key("server_instances") || outline.has_property("server_instances")
    }

    fn knows(&self, field: &str) -> bool {
        SYNC_STATUS.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        let name = input.name().to_owned();
        sink.source(SourceKind::SyncStatus, None)?;
        let (mut instances, mut pages) = (Vec::new(), 0);
        for (page, line) in whole::pages(input)? {
            let Some(listed) = listed(&page) else {
                return Err(Error::input("there is no list of server_instances")
                    .at(&name, Some(line))
                    .hint("download the response again; if the error persists, report it to the oneseat project"));
            };
            pages += 1;
            for instance in listed.iter().filter(|it| !it.is_null()).map(unwrapped) {
                if instance.get("hostname").and_then(Value::as_str).is_none() {
                    return Err(Error::input("an instance has no hostname")
                        .at(&name, Some(line))
                        .hint("download the response again; if the error persists, report it to the oneseat project"));
                }
                // `last_sync` decides whether the sync of an instance failed (counting.md section 4, rule c),
                // so another type is refused.
                if let Some(other) = instance.get("last_sync").filter(|it| !is_sync(it)) {
                    let number = instances.len() + 1;
                    let kind = type_of(other);
                    return Err(Error::input(format!(
                        "last_sync of instance {number} is {kind}, not an object"
                    ))
                    .at(&name, Some(line))
                    .hint("import GitHub's own answer; in PowerShell write it with ConvertTo-Json -Depth 10"));
                }
                instances.push(instance);
            }
        }
        let records = instances.len() as u64;
        let mut said = FileFacts { records, pages, ..FileFacts::default() };
        said.facts.insert("server_instances".to_owned(), json!(instances));
        let undated = undated_syncs(&Value::Object(said.facts.clone())).len();
        if undated > 0 {
            let told = format!(
                "{} a last sync whose date is missing or cannot be read, so its time is not stated",
                agreeing(undated as u64, "instance", ["has", "have"])
            );
            said.notes.push((WarningCode::DateUnknown, told));
        }
        Ok(said)
    }
}

fn is_sync(last_sync: &Value) -> bool {
    last_sync.is_null() || last_sync.is_object()
}

/// The list of instances in a page of the answer, bare or wrapped as a JSON Schema; `None` if there is none. A
/// single instance counts as a list of one.
fn listed(page: &Value) -> Option<&[Value]> {
    let listed = page.get("server_instances").or_else(|| {
        let wrapped = page.pointer("/properties/server_instances")?;
        Some(wrapped.get("items").unwrap_or(wrapped))
    })?;
    match listed {
        Value::Array(instances) => Some(instances),
        Value::Object(_) => Some(std::slice::from_ref(listed)),
        _ => None,
    }
}

/// An instance of the sync status without the JSON Schema objects around it and around its last sync.
fn unwrapped(instance: &Value) -> Value {
    let mut instance = instance.get("properties").unwrap_or(instance).clone();
    let inner = instance.pointer("/last_sync/properties").cloned();
    if let (Some(inner), Some(last_sync)) = (inner, instance.get_mut("last_sync")) {
        *last_sync = inner;
    }
    instance
}

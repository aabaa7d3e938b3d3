//! Golden files of every format. What each reader reads from them is beside them, and exactly one recognizer
//! accepts each. `ONESEAT_BLESS=1` writes the present result; read the difference before you commit it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use oneseat::error::{Error, Result};
use oneseat::import::{FileFacts, Input, Outline, READERS, Reader, Sink};
use oneseat::model::{Host, Record, SourceKind};
use serde_json::{Value, json};

use crate::common::fixtures;

/// The golden files: a folder for each format.
pub fn golden_files() -> Vec<(&'static dyn Reader, PathBuf)> {
    let mut found = Vec::new();
    for reader in READERS {
        let folder = fixtures().join(reader.format());
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{} has golden files: {error}", reader.format()));
        let paths = entries.map(|entry| entry.expect("a file").path());
        let mut paths: Vec<PathBuf> = paths.filter(|path| !is_expected(path)).collect();
        paths.sort();
        assert!(!paths.is_empty(), "{} has golden files", reader.format());
        found.extend(paths.into_iter().map(|path| (reader, path)));
    }
    found
}

fn is_expected(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".expected.json")
}

/// Keeps everything that a reader reports.
#[derive(Default)]
struct Kept {
    sources: Vec<KeptSource>,
    current: usize,
}

struct KeptSource {
    kind: SourceKind,
    host: Option<Host>,
    records: Vec<Value>,
    facts: FileFacts,
}

impl Sink for Kept {
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()> {
        let known = self.sources.iter().position(|it| it.kind == kind && it.host == host);
        self.current = known.unwrap_or_else(|| {
            let (records, facts) = (Vec::new(), FileFacts::default());
            self.sources.push(KeptSource { kind, host, records, facts });
            self.sources.len() - 1
        });
        Ok(())
    }

    fn needs_no_host(&self) -> bool {
        false
    }

    fn record(&mut self, record: Record<'_>) -> Result<()> {
        let record = serde_json::from_str(&record.to_json()).expect("a record is JSON");
        self.sources[self.current].records.push(record);
        Ok(())
    }

    fn facts(&mut self, facts: FileFacts) {
        self.sources[self.current].facts.merge(facts);
    }
}

fn said(facts: FileFacts) -> Value {
    json!({
        "consumed": facts.consumed,
        "purchased": facts.purchased,
        "total": facts.total,
        "list_moved": facts.list_moved,
        "page_missing": facts.paging.missing(),
        "not_whole": facts.not_whole,
        "records": facts.records,
        "notes": facts.notes.iter().map(|(code, _)| code).collect::<Vec<_>>(),
        "facts": facts.stored(),
    })
}

fn read(reader: &dyn Reader, path: &Path) -> std::result::Result<Value, Error> {
    let mut input = Input::open(path)?;
    let mut kept = Kept::default();
    let file = reader.read(&mut input, &mut kept)?;
    let note = input.note().map(|(code, _)| code);
    let mut unknown = BTreeSet::new();
    let sources = kept.sources.into_iter().map(|source| {
        for record in source.records.iter().filter_map(Value::as_object) {
            unknown.extend(record.keys().filter(|key| !reader.knows(key)).cloned());
        }
        let host = source.host.as_ref().map(Host::as_str);
        json!({"kind": source.kind, "host": host, "records": source.records, "said": said(source.facts)})
    });
    let sources: Vec<Value> = sources.collect();
    Ok(json!({
        "sources": sources, "file": said(file), "text": note, "unknown_fields": unknown,
    }))
}

#[test]
fn every_golden_file_gives_the_records_beside_it() {
    let mut wrong = Vec::new();
    for (reader, path) in golden_files() {
        let found = match read(reader, &path) {
            Ok(found) => found,
            Err(error) => {
                wrong.push(error.report(false));
                continue;
            }
        };
        let expected = PathBuf::from(format!("{}.expected.json", path.display()));
        if std::env::var_os("ONESEAT_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&found).expect("JSON");
            std::fs::write(&expected, text + "\n").expect("writable");
        }
        let text = std::fs::read_to_string(&expected).unwrap_or_default();
        if serde_json::from_str(&text).ok().as_ref() != Some(&found) {
            wrong.push(format!("{}: {found:#}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn exactly_one_recognizer_says_yes() {
    let mut wrong = Vec::new();
    for (reader, path) in golden_files() {
        let input = Input::open(&path).expect("a golden file");
        let outline = Outline::of(input.head());
        let claims = READERS.into_iter().filter(|reader| reader.recognizes(&outline));
        let claims: Vec<&str> = claims.map(|reader| reader.format()).collect();
        if claims != [reader.format()] {
            wrong.push(format!("{} is claimed by {claims:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Holds the house in order: layers, who may name which library, headers, size (architecture.md
//! section 1).

use std::path::{Path, PathBuf};

/// The rooms of each layer; what stands in a layer may use its own room and the layers below.
const LAYERS: [&[&str]; 5] = [
    &["error", "email", "name", "model", "table", "beside", "temporary"],
    &["import", "people", "store", "render", "demo", "config", "remote"],
    &["intake", "ledger"],
    &["report"],
    &["command"],
];

/// Names that may stand in these rooms only.
const OWNERS: [(&str, &[&str]); 14] = [
    ("rusqlite", &["store"]),
    ("clap", &["command"]),
    ("comfy_table", &["render"]),
    ("indicatif", &["command"]),
    ("ureq", &["remote"]),
    ("rustls_native_certs", &["remote"]),
    ("webpki::", &["remote"]),
    ("toml::", &["config"]),
    ("flate2", &["import", "remote"]),
    ("zstd", &["import"]),
    ("SystemTime", &["main"]),
    ("Utc::now", &["main"]),
    ("std::env", &["main", "command"]),
    ("println!", &[]),
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                found.push((path, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join("src"), &mut found);
    assert!(found.len() > 40, "the sources are found");
    found
}

/// The room of a source: the first folder below `src`, or the file's own name.
fn room(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let below = path.strip_prefix(root).expect("a source below src");
    let first = below.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a source: without comments and without what stands in a test module.
fn code(path: &Path, text: &str) -> String {
    if path.ends_with("tests.rs") {
        return String::new();
    }
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn layers_use_only_what_lies_below_them() {
    let layer_of = |room: &str| LAYERS.iter().position(|rooms| rooms.contains(&room));
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let here = room(&path);
        let Some(layer) = layer_of(&here) else { continue };
        for other in LAYERS.iter().flat_map(|rooms| rooms.iter()) {
            let named = code(&path, &text).contains(&format!("crate::{other}"));
            let below = layer_of(other).is_some_and(|other| other < layer);
            // Rooms of the highest and the lowest layer may look into each other.
            let beside = layer_of(other) == Some(layer) && matches!(layer, 0 | 4);
            if named && here != **other && !below && !beside {
                wrong.push(format!("{} uses crate::{other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_has_a_layer() {
    for (path, _) in sources() {
        let room = room(&path);
        let known = LAYERS.iter().any(|rooms| rooms.contains(&room.as_str()));
        assert!(
            known || matches!(room.as_str(), "main" | "lib"),
            "{} has no layer",
            path.display()
        );
    }
}

#[test]
fn libraries_are_named_where_they_belong() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let here = room(&path);
        for (name, rooms) in OWNERS {
            if code(&path, &text).contains(name) && !rooms.contains(&here.as_str()) {
                wrong.push(format!("{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_is_of_a_size_to_read() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//! ") {
            wrong.push(format!("{} has no header", path.display()));
        }
        if text.lines().count() > 550 {
            wrong.push(format!("{} is too long", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_panic_is_written_down() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for word in
            [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unimplemented!("]
        {
            if code(&path, &text).contains(word) {
                wrong.push(format!("{} has {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

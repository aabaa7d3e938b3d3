//! The order of the code: layers, the owners of libraries, headers, sizes (architecture.md section 1).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folders of each layer. Code in a layer may use its own folder and the layers below.
const LAYERS: [&[&str]; 5] = [
    &[
        "error",
        "email",
        "name",
        "model",
        "table",
        "beside",
        "private_file",
        "pseudonym",
        "temporary",
        "code",
        "warning",
    ],
    &["import", "people", "store", "render", "demo", "config", "remote"],
    &["intake", "ledger"],
    &["report"],
    &["command"],
];

/// Names that may occur in these folders only.
const OWNERS: [(&str, &[&str]); 20] = [
    ("rusqlite", &["store"]),
    ("clap", &["command"]),
    ("comfy_table", &["render"]),
    ("indicatif", &["command"]),
    ("ureq", &["remote"]),
    ("rustls_native_certs", &["remote"]),
    ("webpki::", &["remote"]),
    ("toml::", &["config"]),
    ("flate2", &["import", "remote", "render"]),
    ("askama", &["render"]),
    ("hmac", &["pseudonym"]),
    ("zstd", &["import"]),
    ("SystemTime", &["main"]),
    ("Utc::now", &["main"]),
    ("std::env", &["main", "command"]),
    ("OpenOptionsExt", &["private_file"]),
    ("DirBuilderExt", &["private_file"]),
    ("PermissionsExt", &["private_file"]),
    ("fs::rename", &["private_file"]),
    ("println!", &[]),
];

pub(crate) fn sources() -> Vec<(PathBuf, String)> {
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

/// The folder of a source: the first one below `src`, or the file's own name.
fn room(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let below = path.strip_prefix(root).expect("a source below src");
    let first = below.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a source, without comments and test modules.
pub(crate) fn code(path: &Path, text: &str) -> String {
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
            // Folders of the highest and of the lowest layer may use each other.
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
fn indices_of_people_and_of_the_ledger_have_types() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let is_held = matches!(room(&path).as_str(), "people" | "ledger");
        if is_held && code(&path, &text).contains("as usize") {
            wrong.push(format!("{} casts a number to a position", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nsrc/model/index.rs has types of indices", wrong.join("\n"));
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
fn no_folder_holds_more_than_a_sixth_of_the_code_by_itself() {
    let mut lines: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (path, text) in sources() {
        let folder = path.parent().expect("a folder").to_owned();
        *lines.entry(folder).or_default() += text.lines().count();
    }
    let all: usize = lines.values().sum();
    lines.retain(|_, lines| *lines * 6 > all);
    assert!(lines.is_empty(), "cut into rooms by subject: {lines:?} of {all} lines");
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

/// The name of the type that a line declares for other files, if it declares one.
fn declared(line: &str) -> Option<&str> {
    // Types of indices are listed by their names alone, and a macro declares them.
    let alone = line.trim_start().strip_suffix(';').filter(|it| !it.contains(is_no_letter));
    if let Some(name) = alone.filter(|it| it.starts_with(char::is_uppercase)) {
        return Some(name);
    }
    let rest = line.trim_start().strip_prefix("pub")?;
    let rest = match rest.strip_prefix('(') {
        Some(restricted) => restricted.split_once(')')?.1,
        None => rest,
    };
    let (keyword, rest) = rest.trim_start().split_once(' ')?;
    if !["struct", "enum", "trait", "type", "union"].contains(&keyword) {
        return None;
    }
    rest.split(is_no_letter).next().filter(|name| !name.is_empty())
}

/// Does a name end before this letter?
fn is_no_letter(letter: char) -> bool {
    !letter.is_alphanumeric() && letter != '_'
}

#[test]
fn a_type_that_others_may_use_has_a_name_of_its_own() {
    let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (path, text) in sources() {
        for name in text.lines().filter_map(declared) {
            files.entry(name.to_owned()).or_default().push(path.clone());
        }
    }
    assert!(files.len() > 300, "only {} types are found", files.len());
    files.retain(|_, files| files.len() > 1);
    assert!(files.is_empty(), "one name for several types (docs/style.md section 5): {files:#?}");
}

#[test]
fn declarations_are_recognized() {
    assert_eq!(declared("pub struct Moment<'a> {"), Some("Moment"));
    assert_eq!(declared("    pub(super) enum Kind {"), Some("Kind"));
    assert_eq!(declared("pub(in crate::store) trait Rows: Sized {"), Some("Rows"));
    assert_eq!(declared("pub type Ages = Vec<u32>;"), Some("Ages"));
    assert_eq!(declared("    RowIx;"), Some("RowIx"));
    assert_eq!(declared("struct Private;"), None);
    assert_eq!(declared("        continue;"), None);
    assert_eq!(declared("pub fn kind() -> Kind {"), None);
}

#[test]
fn no_test_file_is_forgotten() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = std::fs::read_to_string(root.join("main.rs")).expect("the test binary's main file");
    let named: BTreeSet<&str> =
        main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(&root).expect("the tests") {
        let path = entry.expect("an entry").path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            found.insert(path.file_stem().expect("a name").to_string_lossy().into_owned());
        }
    }
    found.remove("main");
    let forgotten: Vec<&String> =
        found.iter().filter(|name| !named.contains(name.as_str())).collect();
    assert!(forgotten.is_empty(), "not in tests/it/main.rs, so never run: {forgotten:?}");
}

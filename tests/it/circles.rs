//! Within these folders no two files use each other, and several do not use each other in a circle: one can
//! read what a file needs without the file itself (architecture.md section 1).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folders that are checked so far.
const ROOMS: [&str; 1] = ["ledger"];

/// A file, by the path of its module, such as `crate::ledger::near`.
type Module = Vec<String>;

/// The re-exports of a `mod.rs`: the name there, and the path that it comes from.
type HandedOn = BTreeMap<Module, Vec<Module>>;

/// All files of a folder by their modules, with their code.
fn files(room: &str) -> BTreeMap<Module, String> {
    fn walk(folder: &Path, module: &Module, found: &mut BTreeMap<Module, String>) {
        for entry in std::fs::read_dir(folder).expect("a room") {
            let path: PathBuf = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let mut own = module.clone();
            if name != "mod" {
                own.push(name);
            }
            if path.is_dir() {
                walk(&path, &own, found);
            } else {
                let text = std::fs::read_to_string(&path).expect("a source");
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.insert(own, lines.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    let mut found = BTreeMap::new();
    let room_of = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room);
    walk(&room_of, &vec!["crate".to_owned(), room.to_owned()], &mut found);
    found
}

/// The single paths of a tree such as `a::{b, c::{d, e}}`.
fn paths(tree: &str) -> Vec<Module> {
    let tree = tree.trim();
    let Some((before, within)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split("::").map(|part| part.trim().to_owned()).collect()];
    };
    let before: Module =
        before.split("::").map(|part| part.trim().to_owned()).filter(|it| !it.is_empty()).collect();
    let within = &within[..within.rfind('}').expect("it is closed")];
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for letter in within.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            letter => parts.last_mut().expect("a part").push(letter),
        }
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| paths(part)).map(|part| [before.clone(), part].concat()).collect()
}

/// A path written in a module, made absolute.
fn from_root(module: &Module, path: &Module) -> Module {
    let mut base = module.clone();
    for (place, part) in path.iter().enumerate() {
        match part.as_str() {
            "crate" => return path.clone(),
            "self" => {}
            "super" => drop(base.pop()),
            _ => return [base, path[place..].to_vec()].concat(),
        }
    }
    base
}

/// The paths that a file uses, in `use` and in its code, and the paths that it re-exports.
fn used(module: &Module, code: &str) -> (Vec<Module>, Vec<Module>) {
    let (mut uses, mut handed_on) = (Vec::new(), Vec::new());
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        let words = statement.trim_end_matches(';').rsplit_once("use ");
        let Some((before, tree)) = words.filter(|(before, _)| {
            let line = before.lines().last().unwrap_or_default().trim();
            line.is_empty() || line.starts_with("pub")
        }) else {
            rest.push_str(statement);
            continue;
        };
        let hands_on = before.lines().last().unwrap_or_default().trim().starts_with("pub");
        let found = paths(tree).into_iter().map(|path| from_root(module, &path));
        if hands_on { handed_on.extend(found) } else { uses.extend(found) }
    }
    for word in rest.split(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter))) {
        if ["crate::", "super::", "self::"].iter().any(|start| word.starts_with(start)) {
            let path: Module = word.split("::").map(str::to_owned).collect();
            uses.push(from_root(module, &path));
        }
    }
    (uses, handed_on)
}

/// The file that defines a path.
fn stands_in(path: &Module, files: &BTreeMap<Module, String>, on: &HandedOn) -> Option<Module> {
    let known = (0..=path.len()).rev().find(|end| files.contains_key(&path[..*end]))?;
    let (file, inner) = (path[..known].to_vec(), path.get(known));
    let from = on.get(&file).into_iter().flatten().find(|from| from.last() == inner);
    match from.filter(|from| files.contains_key(&from[..from.len() - 1])) {
        Some(from) if inner.is_some() => stands_in(from, files, on),
        _ => Some(file),
    }
}

/// For each file of a folder, the files that it uses.
fn edges(files: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let used: BTreeMap<&Module, _> =
        files.iter().map(|(module, code)| (module, used(module, code))).collect();
    let on: HandedOn =
        used.iter().map(|(module, (_, on))| ((*module).clone(), on.clone())).collect();
    let edges = used.iter().map(|(module, (uses, _))| {
        // A module that is imported by itself only shortens paths. The items used from it are in the code.
        let things = uses.iter().filter(|path| !files.contains_key(*path));
        let targets = things.filter_map(|path| stands_in(path, files, &on));
        ((*module).clone(), targets.filter(|target| target != *module).collect())
    });
    edges.collect()
}

/// A circle among the files, if there is one.
fn circle(edges: &BTreeMap<Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    fn reaches(
        from: &Module,
        to: &Module,
        edges: &BTreeMap<Module, BTreeSet<Module>>,
        seen: &mut BTreeSet<Module>,
    ) -> Option<Vec<Module>> {
        for next in edges.get(from)? {
            if next == to {
                return Some(vec![from.clone()]);
            }
            if seen.insert(next.clone())
                && let Some(mut way) = reaches(next, to, edges, seen)
            {
                way.insert(0, from.clone());
                return Some(way);
            }
        }
        None
    }
    edges.keys().find_map(|module| reaches(module, module, edges, &mut BTreeSet::new()))
}

#[test]
fn no_files_of_a_room_use_each_other_in_a_circle() {
    for room in ROOMS {
        let files = files(room);
        assert!(files.len() > 5, "the files of {room} are found");
        let edges = edges(&files);
        let of_room: usize = edges.values().map(BTreeSet::len).sum();
        assert!(of_room > files.len(), "what the files of {room} use is found: {edges:?}");
        assert_eq!(circle(&edges), None, "in {room}");
    }
}

#[test]
fn a_circle_is_found() {
    let module = |name: &str| vec!["crate".to_owned(), "room".to_owned(), name.to_owned()];
    let house = |one: &str, two: &str| {
        BTreeMap::from([
            (module("one")[..2].to_vec(), "mod one;\nmod two;\npub use two::Two;".to_owned()),
            (module("one"), one.to_owned()),
            (module("two"), two.to_owned()),
        ])
    };
    for (one, two, expected) in [
        ("use super::two::Two;", "use super::one::One;", true),
        ("use super::two::{\n    Two, three,\n};", "use crate::room::one::{One};", true),
        ("use super::Two;", "fn two() -> super::one::One {}", true),
        ("use super::Two;", "use crate::other::one::One;", false),
        ("use super::two::Two;", "// use super::one::One;", true),
        ("pub use super::two::Two;", "use super::one::One;", false),
    ] {
        // The comments are removed when a file is read. Here no comment stands for code.
        let two = if two.starts_with("//") { &two[3..] } else { two };
        let found = circle(&edges(&house(one, two)));
        assert_eq!(found.is_some(), expected, "{one} and {two}: {found:?}");
    }
}

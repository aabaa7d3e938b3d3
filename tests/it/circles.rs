//! In `src` no two files use each other, and several do not use each other in a circle: one can read what a
//! file needs without the file itself (architecture.md section 1).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A file, by the path of its module, such as `crate::ledger::near`.
type Module = Vec<String>;

/// What a `use` brings into a file: the name there, and the path that it stands for.
type Named = (String, Module);

/// The names that each file brings in. Its children can use them from there, so each counts as the file that
/// it comes from.
type HandedOn = BTreeMap<Module, Vec<Named>>;

/// The code of a file, without comments and tests.
fn code(text: &str) -> String {
    let text = text.replace("#[cfg(test)]\nmod tests;", "");
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// All files of the library by their modules, with their code.
fn files() -> BTreeMap<Module, String> {
    fn walk(folder: &Path, module: &Module, found: &mut BTreeMap<Module, String>) {
        for entry in std::fs::read_dir(folder).expect("a room") {
            let path: PathBuf = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            if ["main", "tests"].contains(&name.as_str()) {
                continue;
            }
            let mut own = module.clone();
            if !["mod", "lib"].contains(&name.as_str()) {
                own.push(name);
            }
            if path.is_dir() {
                walk(&path, &own, found);
            } else {
                let text = std::fs::read_to_string(&path).expect("a source");
                found.insert(own, code(&text));
            }
        }
    }
    let mut found = BTreeMap::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walk(&sources, &vec!["crate".to_owned()], &mut found);
    found
}

/// The single paths of a tree such as `a::{b, c::{d as e}}`, each with the name that it gets.
fn paths(tree: &str) -> Vec<Named> {
    let tree = tree.trim();
    let Some((before, within)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let path: Module = path.split("::").map(|part| part.trim().to_owned()).collect();
        let last = path.last().cloned().unwrap_or_default();
        return vec![(if alias.is_empty() { last } else { alias.trim().to_owned() }, path)];
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
    let paths = parts.flat_map(|part| paths(part));
    paths.map(|(name, path)| (name, [before.clone(), path].concat())).collect()
}

/// A path written in a module, made absolute.
fn from_root(module: &Module, path: &[String]) -> Module {
    let mut base = module.clone();
    for (place, part) in path.iter().enumerate() {
        match part.as_str() {
            "crate" => return path[place..].to_vec(),
            "self" => {}
            "super" => drop(base.pop()),
            _ => return [base, path[place..].to_vec()].concat(),
        }
    }
    base
}

/// What stands in a file: its `use`s, its re-exports, and the paths in the rest of its code.
#[derive(Default)]
struct Used {
    uses: Vec<Named>,
    handed_on: Vec<Named>,
    written: Vec<Module>,
}

fn used(module: &Module, code: &str) -> Used {
    let mut used = Used::default();
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
        rest.push_str(before);
        let hands_on = before.lines().last().unwrap_or_default().trim().starts_with("pub");
        let found = paths(tree).into_iter().map(|(name, path)| (name, from_root(module, &path)));
        if hands_on { used.handed_on.extend(found) } else { used.uses.extend(found) }
    }
    let words = rest.split(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)));
    let paths = words.map(|word| word.trim_matches(':')).filter(|word| word.contains("::"));
    used.written = paths.map(|path| path.split("::").map(str::to_owned).collect()).collect();
    used
}

/// The file that defines a path.
fn stands_in(path: &Module, files: &BTreeMap<Module, String>, on: &HandedOn) -> Option<Module> {
    let known = (0..=path.len()).rev().find(|end| files.contains_key(&path[..*end]))?;
    let (file, inner) = (path[..known].to_vec(), path.get(known));
    let mut from = on.get(&file).into_iter().flatten().filter(|(name, _)| Some(name) == inner);
    // A library's name, which looks like one of the file itself, leads no further.
    let is_file = |of: &[String]| of != file && files.contains_key(of);
    match from.next().filter(|(_, from)| is_file(&from[..from.len() - 1])) {
        Some((_, from)) => stands_in(from, files, on),
        None => Some(file),
    }
}

/// For each file, the files that it uses.
fn edges(files: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let used: BTreeMap<&Module, Used> =
        files.iter().map(|(module, code)| (module, used(module, code))).collect();
    let named = |used: &Used| [used.uses.clone(), used.handed_on.clone()].concat();
    let on: HandedOn = used.iter().map(|(module, used)| ((*module).clone(), named(used))).collect();
    let edges = used.iter().map(|(module, used)| {
        let named = used.uses.iter().chain(&used.handed_on);
        // A module that is imported by itself only shortens paths. The items used from it are in the code.
        let short: BTreeMap<&String, &Module> = named
            .filter(|(_, path)| files.contains_key(path))
            .map(|(name, path)| (name, path))
            .collect();
        let written = used.written.iter().map(|path| match short.get(&path[0]) {
            Some(whole) => [(*whole).clone(), path[1..].to_vec()].concat(),
            None => from_root(module, path),
        });
        let paths = used.uses.iter().map(|(_, path)| path.clone()).chain(written);
        let things = paths.filter(|path| !files.contains_key(path));
        let targets = things.filter_map(|path| stands_in(&path, files, &on));
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
fn no_files_use_each_other_in_a_circle() {
    let files = files();
    assert!(files.len() > 300, "the files are found");
    let edges = edges(&files);
    let of_all: usize = edges.values().map(BTreeSet::len).sum();
    assert!(of_all > 3 * files.len(), "what the files use is found: {of_all}");
    assert_eq!(circle(&edges), None);
}

#[test]
fn every_use_names_what_it_brings() {
    for (module, code) in files() {
        let used = used(&module, &code);
        let all = used.uses.iter().chain(&used.handed_on).find(|(name, _)| name == "*");
        assert_eq!(all, None, "in {}", module.join("::"));
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
        ("use super::two::Two;", "use super::one;\nfn two() { one::one() }", true),
        ("use super::two::Two;", "use super::one;\nfn two() {}", false),
        (
            "use super::{two as three};\nfn one() { three::two() }",
            "use crate::room::one::One;",
            true,
        ),
    ] {
        // The comments are removed when a file is read. Here no comment stands for code.
        let two = if two.starts_with("//") { &two[3..] } else { two };
        let found = circle(&edges(&house(one, two)));
        assert_eq!(found.is_some(), expected, "{one} and {two}: {found:?}");
    }
}

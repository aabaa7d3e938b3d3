//! Unites the rows that have the same id into one entry, and replaces managers by their addresses (directory.md
//! section 1).

use std::hash::BuildHasher;

use foldhash::{HashMap, HashMapExt};

use super::addresses::{add_address, only_address};
use super::values::add_text;
use crate::model::{DirectoryEntry, Instant, PackedEntries};

/// Unites the rows with the same id, so that each id is left once. The entry takes the position of the first
/// row with its id.
pub fn unite_ids(rows: &mut PackedEntries) {
    // The index of the row with each id, by a hash of the id. If another id has the same hash, the next free
    // number is used.
    let mut places: HashMap<u64, u32> = HashMap::with_capacity(rows.len());
    let mut kept = 0;
    for from in 0..rows.len() {
        let mut hash = places.hasher().hash_one(rows.id(from));
        let known = loop {
            match places.get(&hash) {
                Some(place) if rows.id(*place as usize) == rows.id(from) => break Some(*place),
                Some(_) => hash = hash.wrapping_add(1),
                None => break None,
            }
        };
        let place = known.unwrap_or(kept) as usize;
        let both = known.and_then(|_| rows.get(place).zip(rows.get(from)));
        match both {
            Some((mut entry, row)) => {
                unite(&mut entry, row);
                rows.set(place, &entry);
            }
            None => {
                places.insert(hash, kept);
                rows.swap(place, from);
                kept += 1;
            }
        }
    }
    rows.truncate(kept as usize);
}

/// Adds a row with the same id to an entry. Lists are united. Every other field comes from the row that counts
/// before the other.
fn unite(entry: &mut DirectoryEntry, mut other: DirectoryEntry) {
    if counts_before(&other, entry) {
        std::mem::swap(entry, &mut other);
    }
    let gone = (is_gone(entry), is_gone(&other));
    other.addresses.iter().for_each(|it| add_address(&mut entry.addresses, it));
    other.sign_ins.iter().for_each(|it| add_text(&mut entry.sign_ins, it));
    other.logins.iter().for_each(|it| add_text(&mut entry.logins, it));
    for login in other.server_logins {
        if !entry.server_logins.contains(&login) {
            entry.server_logins.push(login);
        }
    }
    // A person with an active row has not left, whatever end another row states.
    if entry.active == Some(true) {
        entry.left = None;
        if other.active == Some(true) {
            entry.expires = entry.expires.zip(other.expires).map(latest);
        }
    } else {
        entry.expires = match gone {
            (true, true) => entry.expires.max(other.expires),
            (true, false) => other.expires,
            (false, true) => entry.expires,
            (false, false) => entry.expires.zip(other.expires).map(latest),
        };
        entry.left = if gone == (true, true) { entry.left.max(other.left) } else { None };
    }
    entry.hired = entry.hired.or(other.hired);
    let fill = |mine: &mut Option<String>, theirs: Option<String>| *mine = mine.take().or(theirs);
    fill(&mut entry.other_id, other.other_id);
    fill(&mut entry.primary, other.primary);
    fill(&mut entry.dn, other.dn);
    fill(&mut entry.manager, other.manager);
    fill(&mut entry.unit, other.unit);
    fill(&mut entry.name, other.name);
}

/// Whether a row says that the person is inactive, or when the person leaves. A row that says neither may be that of
/// somebody who is still there.
fn is_gone(row: &DirectoryEntry) -> bool {
    row.active == Some(false) || row.left.is_some()
}

fn latest((one, other): (Instant, Instant)) -> Instant {
    one.max(other)
}

/// Whether the fields of `one` count before those of `other`: an active row counts before a row that does not
/// say, which counts before an inactive row. Among rows that are equal in this, the one with the later end
/// counts first.
fn counts_before(one: &DirectoryEntry, other: &DirectoryEntry) -> bool {
    let rank = |entry: &DirectoryEntry| match entry.active {
        Some(true) => 2,
        None => 1,
        Some(false) => 0,
    };
    (rank(one), one.left_on()) > (rank(other), other.left_on())
}

/// Replaces a manager that is the id, the DN or a sign-in name of an entry by the address of that entry. Of an
/// address with a name beside it (`Ada <ada@corp.example>`) the address is kept. Any other text stays as it is.
pub fn name_managers(rows: &mut PackedEntries) {
    for manager in rows.managers_mut() {
        if let Some(address) = only_address(manager).filter(|it| **it != **manager) {
            *manager = address.into();
        }
    }
    let managers = rows.managers().iter().map(|manager| (manager.to_lowercase(), None));
    let mut found: HashMap<String, Option<String>> = managers.collect();
    if found.is_empty() {
        return;
    }
    let mut lower = String::new();
    for at in 0..rows.len() {
        let Some(address) = rows.best_address(at) else { continue };
        for name in rows.names(at) {
            lower_case(name, &mut lower);
            if let Some(place) = found.get_mut(&lower) {
                place.get_or_insert_with(|| address.to_owned());
            }
        }
    }
    for manager in rows.managers_mut() {
        if let Some(Some(address)) = found.get(&manager.to_lowercase()) {
            *manager = address.as_str().into();
        }
    }
}

/// Writes a text in lower case into a buffer.
fn lower_case(text: &str, lower: &mut String) {
    lower.clear();
    if text.is_ascii() {
        lower.push_str(text);
        lower.make_ascii_lowercase();
    } else {
        lower.push_str(&text.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, active: Option<bool>, left: Option<i64>, unit: &str) -> DirectoryEntry {
        DirectoryEntry {
            id: id.to_owned(),
            active,
            left: left.and_then(Instant::from_unix),
            unit: Some(unit.to_owned()),
            addresses: vec![format!("{unit}@corp.example")],
            ..DirectoryEntry::default()
        }
    }

    fn packed(rows: &[DirectoryEntry]) -> PackedEntries {
        let mut packed = PackedEntries::default();
        rows.iter().for_each(|row| packed.push(row));
        packed
    }

    #[test]
    fn rows_of_one_id_are_one_in_any_order() {
        for reversed in [false, true] {
            let mut rows = vec![
                row("1", Some(true), None, "new"),
                row("1", Some(false), Some(10), "old"),
                row("2", Some(false), Some(20), "last"),
                row("2", Some(false), Some(10), "first"),
            ];
            if reversed {
                rows.reverse();
            }
            let mut packed = packed(&rows);
            unite_ids(&mut packed);
            let mut all: Vec<DirectoryEntry> = packed.iter().collect();
            all.sort_by(|one, other| one.id.cmp(&other.id));
            let [one, two] = &all[..] else { panic!("two people") };
            assert_eq!((one.active, one.left), (Some(true), None));
            assert_eq!(one.unit.as_deref(), Some("new"));
            assert_eq!(one.addresses, ["new@corp.example", "old@corp.example"]);
            assert_eq!(two.left, Instant::from_unix(20));
            assert_eq!(two.unit.as_deref(), Some("last"));
        }
    }

    #[test]
    fn a_row_that_does_not_say_keeps_a_person_from_having_left() {
        let gone = || row("1", Some(false), Some(10), "old");
        let silent = || row("1", None, None, "silent");
        let expired = || DirectoryEntry { expires: Instant::from_unix(5), ..gone() };
        for (rows, left) in [
            (vec![gone(), silent()], None),
            (vec![silent(), gone(), row("1", Some(false), Some(20), "last")], None),
            (vec![expired(), silent()], None),
            (vec![row("1", None, Some(10), "one"), silent()], None),
            (vec![gone(), row("1", None, Some(20), "dated")], Some(20)),
            (vec![gone(), row("1", Some(false), None, "undated")], Some(10)),
        ] {
            for reversed in [false, true] {
                let mut rows = rows.clone();
                if reversed {
                    rows.reverse();
                }
                let mut packed = packed(&rows);
                unite_ids(&mut packed);
                let entry = packed.get(0).expect("a person");
                assert_eq!(entry.left_on(), left.and_then(Instant::from_unix), "{rows:?}");
            }
        }
    }

    #[test]
    fn managers_become_addresses() {
        let mut rows = vec![row("A1", None, None, "ada"), row("b2", None, None, "bea")];
        rows[0].dn = Some("CN=Ada".to_owned());
        for (manager, expected) in [
            ("a1", "ada@corp.example"),
            ("cn=ada", "ada@corp.example"),
            ("Eve", "Eve"),
            ("Eve <eve@x.example>", "eve@x.example"),
        ] {
            rows[1].manager = Some(manager.to_owned());
            let mut packed = packed(&rows);
            name_managers(&mut packed);
            let manager = packed.get(1).and_then(|row| row.manager);
            assert_eq!(manager.as_deref(), Some(expected));
        }
    }
}

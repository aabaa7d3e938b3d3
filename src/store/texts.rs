//! Reading the words that evidence is about: the texts of keys, logins and display names, of many
//! accounts in one pass. What is printed is read by `read`; nothing here decides anything.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use rusqlite::Row;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Store;
use super::words::hash_of_name;
use super::write::damaged;
use crate::error::Result;
use crate::model::{SourceKind, Value, name_fields};

/// With fewer keys than this, each is looked up by itself.
const FEW: usize = 1000;

impl Store {
    /// The texts of the keys that are wanted (flags by key number), in the order of their numbers.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn key_texts(&self, wanted: &[bool], mut put: impl FnMut(u32, &str)) -> Result<()> {
        let count = wanted.iter().filter(|wanted| **wanted).count();
        if count < FEW {
            let numbers = (0u32..).zip(wanted).filter(|(_, wanted)| **wanted);
            for (number, _) in numbers {
                put(number, &self.key_text(number)?);
            }
            return Ok(());
        }
        let sql = "SELECT key_id, key FROM keys ORDER BY key_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number: u32 = row.get(0)?;
            if wanted.get(number as usize).is_some_and(|wanted| *wanted) {
                put(number, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
            }
        }
        Ok(())
    }

    /// The logins of states, as received; each is handed in with a number of the caller's.
    ///
    /// # Errors
    /// If there is no such state, or the database cannot be read.
    pub fn logins(&self, states: &[(u32, i64)], mut put: impl FnMut(u32, &str)) -> Result<()> {
        let sql = "SELECT login FROM states WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (number, state) in states {
            let mut rows = statement.query([state])?;
            if let Some(row) = rows.next()? {
                put(*number, row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
            }
        }
        Ok(())
    }

    /// The display names of states, likewise; those without one are passed over.
    ///
    /// # Errors
    /// If the database cannot be read or is damaged.
    pub fn names(
        &self,
        kind: SourceKind,
        states: &[(u32, i64)],
        mut put: impl FnMut(u32, &str),
    ) -> Result<()> {
        let mut shapes = Shapes::default();
        let sql = "SELECT state_id, shape_id, content FROM records WHERE state_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (number, state) in states {
            let mut rows = statement.query([state])?;
            if let Some(row) = rows.next()?
                && let Some(name) = self.name_in(kind, row, &mut shapes)?
            {
                put(*number, &name);
            }
        }
        Ok(())
    }

    /// The states that may have one of these display names, whenever they held: those of the same
    /// hash, in order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn states_named<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Vec<i64>> {
        let hashes: HashSet<i64> = names.filter_map(hash_of_name).collect();
        let mut states: Vec<i64> = Vec::new();
        if hashes.len() < FEW {
            let sql = "SELECT state_id FROM states WHERE name_hash = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            for hash in hashes {
                let found = statement.query_map([hash], |row| row.get(0))?;
                states.extend(found.collect::<rusqlite::Result<Vec<i64>>>()?);
            }
        } else {
            let sql = "SELECT name_hash, state_id FROM states WHERE name_hash IS NOT NULL";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if hashes.contains(&row.get(0)?) {
                    states.push(row.get(1)?);
                }
            }
        }
        states.sort_unstable();
        Ok(states)
    }

    /// The display name in a row of state, shape and content, which is not read if the shape has
    /// no name.
    fn name_in<'r>(
        &self,
        kind: SourceKind,
        row: &'r Row<'_>,
        shapes: &mut Shapes,
    ) -> Result<Option<Cow<'r, str>>> {
        let places = match shapes.entry(row.get(1)?) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let sql = "SELECT fields FROM shapes WHERE shape_id = ?1";
                let mut statement = self.connection.prepare_cached(sql)?;
                let fields: String = statement.query_row([new.key()], |row| row.get(0))?;
                new.insert(places(kind, &fields)?)
            }
        };
        if places.is_empty() {
            return Ok(None);
        }
        let content = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        Ok(first_text(content, places))
    }
}

/// Where the display name stands in the records of each shape.
type Shapes = HashMap<i64, Vec<usize>>;

/// Where the fields of the display name stand in records of a shape.
fn places(kind: SourceKind, fields: &str) -> Result<Vec<usize>> {
    let fields: Vec<Cow<'_, str>> = serde_json::from_str(fields).map_err(damaged)?;
    let place = |name: &&str| fields.iter().position(|field| field == name);
    Ok(name_fields(kind).iter().filter_map(place).collect())
}

/// The first text among the elements of a JSON array at these places.
fn first_text<'v>(values: &'v str, places: &[usize]) -> Option<Cow<'v, str>> {
    places.iter().find_map(|place| match Value::from_json(element(values, *place)?).ok()? {
        Value::Text(text) | Value::Number(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    })
}

/// The element of a JSON array at a place; what follows it is not read.
fn element(array: &str, place: usize) -> Option<&RawValue> {
    struct Element<'f, 'v> {
        place: usize,
        found: &'f mut Option<&'v RawValue>,
    }

    impl<'v> Visitor<'v> for Element<'_, 'v> {
        type Value = ();

        fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            out.write_str("the values of a record")
        }

        fn visit_seq<A: SeqAccess<'v>>(self, mut items: A) -> std::result::Result<(), A::Error> {
            for _ in 0..self.place {
                items.next_element::<IgnoredAny>()?;
            }
            *self.found = items.next_element()?;
            Ok(())
        }
    }

    let mut found = None;
    let mut reader = serde_json::Deserializer::from_str(array);
    // That the array goes on is an error to the reader, and none to us.
    let _unread = reader.deserialize_seq(Element { place, found: &mut found });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_wherever_it_stands() {
        let fields = r#"["email","login","name","profile_name"]"#;
        let places = places(SourceKind::Server, fields).expect("JSON");
        assert_eq!(places, [2, 3]);
        let name = |values| first_text(values, &places);
        assert_eq!(name(r#"["a",["x"],"Ada \"L\"",null,1]"#).as_deref(), Some("Ada \"L\""));
        assert_eq!(name(r#"["a",{"b":[1]},null,"Ada"]"#).as_deref(), Some("Ada"));
        assert_eq!(name(r#"["a","b"," ",null]"#), None);
        assert_eq!(name(r#"["a"]"#), None);
    }
}

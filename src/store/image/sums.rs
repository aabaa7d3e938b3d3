//! Computes summaries of many texts, which answer most questions without the texts themselves. The summaries hold
//! the characters that occur in addresses, the endings of logins, and whether any id has an unusual form. This
//! file also computes the hashes of local parts, by which similar addresses are found.

use std::collections::BTreeSet;
use std::ops::Range;

use super::bytes::{BadColumns, ColumnReader, put, put_count};
use super::form::ImageForm;
use super::text_column::TextColumn;
use crate::model::Account;

/// The greatest number of values that a summary of texts keeps.
const KEPT: usize = 256;

/// The different values that a summary of texts keeps; `None` if there are more than `KEPT`.
type Few<T> = Option<BTreeSet<T>>;

fn add<T: Ord>(few: &mut Few<T>, it: T) {
    if let Some(kept) = few {
        kept.insert(it);
        if kept.len() > KEPT {
            *few = None;
        }
    }
}

fn join<T: Ord>(few: &mut Few<T>, others: Few<T>) {
    match others {
        Some(others) => others.into_iter().for_each(|it| add(few, it)),
        None => *few = None,
    }
}

/// Writes the values of a summary of texts. If the summary gave up because there are too many values, one byte
/// says so.
fn put_few<T>(bytes: &mut Vec<u8>, few: &Few<T>, text: impl Fn(&T) -> String) {
    put(bytes, &[u8::from(few.is_none())]);
    let texts: Vec<String> = few.iter().flatten().map(text).collect();
    put_count(bytes, texts.len());
    for text in texts {
        put_count(bytes, text.len());
        bytes.extend_from_slice(text.as_bytes());
    }
}

/// Reads the values of a summary that `put_few` wrote.
fn read_few<T: Ord>(
    reader: &mut ColumnReader<'_>,
    of: impl Fn(&str) -> Option<T>,
) -> Result<Few<T>, BadColumns> {
    let is_many = reader.one::<u8>()? != 0;
    let mut few = BTreeSet::new();
    for _ in 0..reader.count()? {
        let length = reader.count()?;
        let text = std::str::from_utf8(reader.bytes(length)?).map_err(|_| BadColumns)?;
        few.insert(of(text).ok_or(BadColumns)?);
    }
    Ok((!is_many).then_some(few))
}

/// The summary of the identities of all accounts: whether unusual ids are among them, and the endings of logins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfIdentities {
    /// Whether any id begins with a zero or a plus sign that a digit follows.
    pub odd_ids: bool,
    /// The endings of all logins: each text that follows a `_` in a login. Most endings are shortcodes of managed
    /// users. `None` if there are too many different endings.
    pub endings: Few<String>,
}

impl Default for OfIdentities {
    fn default() -> OfIdentities {
        OfIdentities { odd_ids: false, endings: Some(BTreeSet::new()) }
    }
}

/// Whether an id begins with a zero or a plus sign that a digit follows.
pub fn is_odd_id(id: &str) -> bool {
    let number = id.strip_prefix('+').or(id.strip_prefix('0'));
    number.is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
}

impl OfIdentities {
    /// Adds an account's identity to the summary.
    pub fn add(&mut self, identity: &str) {
        self.odd_ids |= Account::id_of_identity(identity).is_some_and(is_odd_id);
        let Some(login) = Account::login_of_identity(identity) else { return };
        for (at, _) in login.match_indices('_') {
            let ending = &login[at + 1..];
            if self.endings.as_ref().is_some_and(|kept| !kept.contains(ending)) {
                add(&mut self.endings, ending.to_owned());
            }
        }
    }

    /// Writes the summary of the identities at a range of positions of `texts`.
    pub fn write(bytes: &mut Vec<u8>, texts: &TextColumn, places: Range<usize>) {
        let mut all = OfIdentities::default();
        places.for_each(|place| all.add(texts.get(place)));
        put(bytes, &[u8::from(all.odd_ids)]);
        put_few(bytes, &all.endings, String::clone);
    }

    /// Reads a summary that `write` wrote, and adds its values to this summary.
    pub fn read(&mut self, reader: &mut ColumnReader<'_>) -> Result<(), BadColumns> {
        self.odd_ids |= reader.one::<u8>()? != 0;
        join(&mut self.endings, read_few(reader, |text| Some(text.to_owned()))?);
        Ok(())
    }
}

/// The columns by which addresses with similar local parts are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalColumns {
    /// The hash of the local part of each address key, as `local_hash` makes it.
    pub hashes: Vec<u32>,
    /// The characters outside ASCII that occur in address keys; `None` if there are too many different ones.
    letters: Few<char>,
    /// The ASCII characters that occur in address keys, one bit for each.
    ascii: u128,
}

impl Default for LocalColumns {
    fn default() -> LocalColumns {
        LocalColumns { hashes: Vec::new(), letters: Some(BTreeSet::new()), ascii: 0 }
    }
}

impl LocalColumns {
    /// Computes the columns for all address keys. `texts` are the texts of the keys.
    pub fn of(form: &ImageForm, texts: &TextColumn) -> LocalColumns {
        let mut locals = LocalColumns::default();
        let mut bare = String::new();
        for place in 0..texts.len() {
            let text = texts.get(place);
            locals.hashes.push(local_hash(form, text, &mut bare));
            locals.add_letters(text);
        }
        locals
    }

    fn add_letters(&mut self, text: &str) {
        for letter in text.chars() {
            if letter.is_ascii() {
                self.ascii |= 1 << u32::from(letter);
            } else {
                add(&mut self.letters, letter);
            }
        }
    }

    /// Every character that occurs in an address key; `None` if there are too many different characters.
    pub fn letters(&self) -> Option<Vec<char>> {
        let others = self.letters.as_ref()?;
        let ascii = (0..128u8).filter(|it| self.ascii >> it & 1 != 0).map(char::from);
        Some(ascii.chain(others.iter().copied()).collect())
    }

    /// The bytes of a segment (stored piece) for the address keys at a range of positions. `texts` are the texts
    /// of all keys.
    pub fn write(&self, texts: &TextColumn, places: Range<usize>) -> Vec<u8> {
        let (mut bytes, mut own) = (Vec::new(), LocalColumns::default());
        places.clone().for_each(|place| own.add_letters(texts.get(place)));
        put(&mut bytes, &[own.ascii as u64, (own.ascii >> 64) as u64]);
        put_few(&mut bytes, &own.letters, char::to_string);
        put(&mut bytes, &self.hashes[places]);
        bytes
    }

    /// Adds a stored segment to the columns. `count` is the number of address keys in the segment.
    pub fn read(&mut self, count: usize, bytes: &[u8]) -> Result<(), BadColumns> {
        let mut reader = ColumnReader::of(bytes);
        let (low, high): (u64, u64) = (reader.one()?, reader.one()?);
        self.ascii |= u128::from(low) | u128::from(high) << 64;
        join(&mut self.letters, read_few(&mut reader, |text| text.chars().next())?);
        reader.column(count, &mut self.hashes)?;
        reader.end()
    }
}

/// The hash of a text up to its first `@` or `+`, without dots and hyphens. Two texts that differ only after that
/// character, or only in dots and hyphens, have the same hash.
pub fn local_hash(form: &ImageForm, text: &str, bare: &mut String) -> u32 {
    let end = text.find(['@', '+']).unwrap_or(text.len());
    bare.clear();
    bare.extend(text[..end].chars().filter(|letter| !matches!(letter, '.' | '-')));
    form.hash_of(bare) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_begin_alike_have_one_hash() {
        let form = ImageForm::new().expect("a key");
        let hash = |text: &str| local_hash(&form, text, &mut String::new());
        let texts =
            ["a.da@", "ada@corp.example", "ada+x@corp.example", "ada+", "a-d-a", "ada@x@y+z"];
        for text in texts {
            assert_eq!(hash(text), hash("ada"), "{text}");
        }
        assert_ne!(hash("adam@"), hash("ada@"));
    }

    #[test]
    fn sums_are_read_as_they_were_written() {
        let form = ImageForm::new().expect("a key");
        let mut texts = TextColumn::default();
        let mut all = OfIdentities::default();
        for text in ["login:a_b_c", "login:ü@x", "id:7", "id:007", "_x", "login:_", "ü+é"] {
            texts.push(text).expect("room");
            all.add(text);
        }
        assert!(all.odd_ids);
        let endings: Vec<&str> = all.endings.iter().flatten().map(String::as_str).collect();
        assert_eq!(endings, ["", "b_c", "c"]);
        let locals = LocalColumns::of(&form, &texts);
        for cut in 0..=texts.len() {
            let (mut sums, mut read) = (OfIdentities::default(), LocalColumns::default());
            for part in [0..cut, cut..texts.len()] {
                let mut bytes = Vec::new();
                OfIdentities::write(&mut bytes, &texts, part.clone());
                sums.read(&mut ColumnReader::of(&bytes)).expect("sums");
                for length in 0..bytes.len() {
                    let cut = OfIdentities::default().read(&mut ColumnReader::of(&bytes[..length]));
                    assert!(cut.is_err(), "{length}");
                }
                let bytes = locals.write(&texts, part.clone());
                read.read(part.len(), &bytes).expect("locals");
                for length in 0..bytes.len() {
                    assert!(LocalColumns::default().read(part.len(), &bytes[..length]).is_err());
                }
            }
            assert_eq!((sums, read), (all.clone(), locals.clone()), "{cut}");
        }
        let letters = locals.letters().expect("few letters");
        assert!(letters.contains(&'é') && letters.contains(&'@') && !letters.contains(&'z'));
    }

    #[test]
    fn what_is_very_many_is_not_kept() {
        let mut all = OfIdentities::default();
        (0..=KEPT).for_each(|number| all.add(&format!("login:a_{number}")));
        assert_eq!(all.endings, None);
        let mut texts = TextColumn::default();
        for letter in (0x4e00..0x4e00 + KEPT as u32 + 1).filter_map(char::from_u32) {
            texts.push(&letter.to_string()).expect("room");
        }
        let locals = LocalColumns::of(&ImageForm::new().expect("a key"), &texts);
        assert_eq!(locals.letters(), None);
    }
}

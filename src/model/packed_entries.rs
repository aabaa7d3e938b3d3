//! The entries of an employee directory in memory, each packed into one text. A directory may have a million
//! people, and values with a dozen texts for each of them would take most of the memory of a small machine.
//!
//! An entry is unpacked exactly as it was packed. The names of managers and units, which many people share, are
//! stored once each.

use std::hash::BuildHasher;

use foldhash::{HashMap, HashMapExt};

use super::{DirectoryEntry, EntryTexts, Host, Instant};

/// The dates of a directory entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntryDates {
    /// The time when the person left or will leave. `None` if the file states none, or only the expiry of the
    /// account.
    pub left: Option<Instant>,
    /// The time when the person was hired.
    pub hired: Option<Instant>,
    /// The time when the account expires.
    pub expires: Option<Instant>,
}

/// The packed entries of a directory, in the order in which they were added.
#[derive(Debug, Default)]
pub struct PackedEntries {
    entries: Vec<PackedEntry>,
    managers: SharedTexts,
    units: SharedTexts,
}

/// A directory entry, with all its texts in one.
#[derive(Debug, Default)]
struct PackedEntry {
    texts: Box<str>,
    dates: EntryDates,
    /// The numbers of the manager and of the unit in the lists of shared texts; 0 if the entry has none.
    manager: u32,
    unit: u32,
    active: Option<bool>,
}

/// The meaning of one text within a packed directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PackedText {
    Id,
    OtherId,
    Address,
    Primary,
    /// The position, among the entry's addresses, of the primary address.
    PrimaryAmongAddresses,
    SignIn,
    /// The position, among the entry's addresses, of an address with which the person also signs in.
    SignInAmongAddresses,
    Dn,
    Name,
    Login,
    /// The host of the login that follows, which is a login on an instance.
    LoginHost,
    ServerLogin,
}

impl PackedText {
    const ALL: [PackedText; 12] = [
        PackedText::Id,
        PackedText::OtherId,
        PackedText::Address,
        PackedText::Primary,
        PackedText::PrimaryAmongAddresses,
        PackedText::SignIn,
        PackedText::SignInAmongAddresses,
        PackedText::Dn,
        PackedText::Name,
        PackedText::Login,
        PackedText::LoginHost,
        PackedText::ServerLogin,
    ];
}

impl PackedEntries {
    /// The number of directory entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a directory entry at the end.
    pub fn push(&mut self, entry: &DirectoryEntry) {
        let packed = self.packed(entry);
        self.entries.push(packed);
    }

    /// Replaces the directory entry at a position.
    pub fn set(&mut self, at: usize, entry: &DirectoryEntry) {
        let packed = self.packed(entry);
        if let Some(place) = self.entries.get_mut(at) {
            *place = packed;
        }
    }

    /// The directory entry at a position, unpacked; `None` behind the last one.
    pub fn get(&self, at: usize) -> Option<DirectoryEntry> {
        let packed = self.entries.get(at)?;
        let mut entry = DirectoryEntry {
            active: packed.active,
            left: packed.dates.left,
            hired: packed.dates.hired,
            expires: packed.dates.expires,
            manager: self.managers.get(packed.manager).map(str::to_owned),
            unit: self.units.get(packed.unit).map(str::to_owned),
            ..DirectoryEntry::default()
        };
        let mut host = None;
        for (kind, text) in packed.texts() {
            let among = |addresses: &[String]| {
                text.parse().ok().and_then(|number: usize| addresses.get(number).cloned())
            };
            match kind {
                PackedText::Id => entry.id = text.to_owned(),
                PackedText::OtherId => entry.other_id = Some(text.to_owned()),
                PackedText::Address => entry.addresses.push(text.to_owned()),
                PackedText::Primary => entry.primary = Some(text.to_owned()),
                PackedText::PrimaryAmongAddresses => entry.primary = among(&entry.addresses),
                PackedText::SignIn => entry.sign_ins.push(text.to_owned()),
                PackedText::SignInAmongAddresses => {
                    let same = among(&entry.addresses);
                    entry.sign_ins.extend(same);
                }
                PackedText::Dn => entry.dn = Some(text.to_owned()),
                PackedText::Name => entry.name = Some(text.to_owned()),
                PackedText::Login => entry.logins.push(text.to_owned()),
                PackedText::LoginHost => host = Host::new(text),
                PackedText::ServerLogin => {
                    let login = host.take().map(|host| (host, text.to_owned()));
                    entry.server_logins.extend(login);
                }
            }
        }
        Some(entry)
    }

    /// The entry at a position with the texts that are stored, without a copy of them.
    pub fn texts_of(&self, at: usize) -> Option<EntryTexts<'_>> {
        let packed = self.entries.get(at)?;
        let mut entry = EntryTexts {
            active: packed.active,
            left: packed.dates.left,
            expires: packed.dates.expires,
            manager: self.managers.get(packed.manager),
            unit: self.units.get(packed.unit),
            ..EntryTexts::default()
        };
        let mut host = None;
        for (kind, text) in packed.texts() {
            match kind {
                PackedText::Id => entry.id = text,
                PackedText::OtherId => entry.other_id = Some(text),
                PackedText::Address => entry.addresses.push(text),
                PackedText::Primary => entry.primary = Some(text),
                PackedText::PrimaryAmongAddresses => {
                    entry.primary = numbered(&entry.addresses, text);
                }
                PackedText::SignIn => entry.sign_ins.push(text),
                PackedText::SignInAmongAddresses => {
                    entry.sign_ins.extend(numbered(&entry.addresses, text));
                }
                PackedText::Dn => {}
                PackedText::Name => entry.name = Some(text),
                PackedText::Login => entry.logins.push(text),
                PackedText::LoginHost => host = Some(text),
                PackedText::ServerLogin => {
                    let login = host.take().map(|host| (host, text));
                    entry.server_logins.extend(login);
                }
            }
        }
        Some(entry)
    }

    /// All directory entries in order. Each is unpacked only when it is reached.
    pub fn iter(&self) -> impl Iterator<Item = DirectoryEntry> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// The id of the directory entry at a position.
    pub fn id(&self, at: usize) -> &str {
        self.first(at, PackedText::Id).unwrap_or_default()
    }

    /// The distinguished name of the directory entry at a position; `None` if it has none.
    pub fn dn(&self, at: usize) -> Option<&str> {
        self.first(at, PackedText::Dn)
    }

    /// The addresses of the directory entry at a position. A primary address that is not among them is added.
    pub fn addresses(&self, at: usize) -> impl Iterator<Item = &str> {
        self.of_kinds(at, &[PackedText::Address, PackedText::Primary])
    }

    /// The logins on Cloud of the directory entry at a position.
    pub fn logins(&self, at: usize) -> impl Iterator<Item = &str> {
        self.of_kinds(at, &[PackedText::Login])
    }

    /// The logins on instances of the directory entry at a position, without the hosts of the instances.
    pub fn server_logins(&self, at: usize) -> impl Iterator<Item = &str> {
        self.of_kinds(at, &[PackedText::ServerLogin])
    }

    /// The names by which another directory entry may name this one as a manager: its id, its distinguished name
    /// and its names to sign in with.
    pub fn names(&self, at: usize) -> impl Iterator<Item = &str> {
        let texts = self.entries.get(at).into_iter().flat_map(PackedEntry::texts);
        texts.filter_map(move |(kind, text)| match kind {
            PackedText::Id | PackedText::Dn | PackedText::SignIn => Some(text),
            PackedText::SignInAmongAddresses => self.address(at, text),
            _ => None,
        })
    }

    /// The address by which to reach the person at a position of the list: the primary address, else the first
    /// one.
    pub fn best_address(&self, at: usize) -> Option<&str> {
        let mut first = None;
        for (kind, text) in self.entries.get(at)?.texts() {
            match kind {
                PackedText::Primary => return Some(text),
                PackedText::PrimaryAmongAddresses => return self.address(at, text),
                PackedText::Address => first = first.or(Some(text)),
                _ => {}
            }
        }
        first
    }

    /// Is the account of the person at a position of the list active? `None` if the file does not state it.
    pub fn active(&self, at: usize) -> Option<bool> {
        self.entries.get(at).and_then(|entry| entry.active)
    }

    /// Is the person at a position of the list active at an instant? Not if the account has expired by then.
    pub fn active_at(&self, at: usize, instant: Instant) -> Option<bool> {
        let entry = self.entries.get(at)?;
        match entry.dates.expires {
            Some(expires) if expires <= instant => Some(false),
            _ => entry.active,
        }
    }

    /// The dates of the directory entry at a position, which the caller may change.
    pub fn dates_mut(&mut self, at: usize) -> Option<&mut EntryDates> {
        self.entries.get_mut(at).map(|entry| &mut entry.dates)
    }

    /// The names of managers, each once. A change applies to all entries with that manager.
    pub fn managers_mut(&mut self) -> &mut [Box<str>] {
        &mut self.managers.texts
    }

    /// The names of managers that directory entries have, each once.
    pub fn managers(&self) -> &[Box<str>] {
        &self.managers.texts
    }

    /// Exchanges the directory entries at two positions.
    pub fn swap(&mut self, one: usize, other: usize) {
        self.entries.swap(one, other);
    }

    /// Keeps only the first `count` directory entries.
    pub fn truncate(&mut self, count: usize) {
        self.entries.truncate(count);
    }

    fn first(&self, at: usize, wanted: PackedText) -> Option<&str> {
        let mut texts = self.entries.get(at)?.texts();
        texts.find(|(kind, _)| *kind == wanted).map(|(_, text)| text)
    }

    fn of_kinds<'e>(
        &'e self,
        at: usize,
        wanted: &'static [PackedText],
    ) -> impl Iterator<Item = &'e str> {
        let texts = self.entries.get(at).into_iter().flat_map(PackedEntry::texts);
        texts.filter(|(kind, _)| wanted.contains(kind)).map(|(_, text)| text)
    }

    /// The address of a directory entry at a position among its addresses. `number` is that position in decimal
    /// digits.
    fn address(&self, at: usize, number: &str) -> Option<&str> {
        let number: usize = number.parse().ok()?;
        self.of_kinds(at, &[PackedText::Address]).nth(number)
    }

    fn packed(&mut self, entry: &DirectoryEntry) -> PackedEntry {
        let mut texts = String::with_capacity(256);
        let mut add = |kind: PackedText, text: &str| {
            texts.push(char::from(kind as u8));
            add_number(&mut texts, text.len());
            texts.push_str(text);
        };
        let among = |text: &str| {
            entry.addresses.iter().position(|it| it == text).map(|number| number.to_string())
        };
        add(PackedText::Id, &entry.id);
        entry.other_id.iter().for_each(|it| add(PackedText::OtherId, it));
        entry.addresses.iter().for_each(|it| add(PackedText::Address, it));
        if let Some(it) = &entry.primary {
            match among(it) {
                Some(number) => add(PackedText::PrimaryAmongAddresses, &number),
                None => add(PackedText::Primary, it),
            }
        }
        for it in &entry.sign_ins {
            match among(it) {
                Some(number) => add(PackedText::SignInAmongAddresses, &number),
                None => add(PackedText::SignIn, it),
            }
        }
        entry.dn.iter().for_each(|it| add(PackedText::Dn, it));
        entry.name.iter().for_each(|it| add(PackedText::Name, it));
        entry.logins.iter().for_each(|it| add(PackedText::Login, it));
        for (host, login) in &entry.server_logins {
            add(PackedText::LoginHost, host.as_str());
            add(PackedText::ServerLogin, login);
        }
        PackedEntry {
            texts: texts.as_str().into(),
            dates: EntryDates { left: entry.left, hired: entry.hired, expires: entry.expires },
            manager: entry.manager.as_deref().map_or(0, |it| self.managers.number(it)),
            unit: entry.unit.as_deref().map_or(0, |it| self.units.number(it)),
            active: entry.active,
        }
    }
}

impl PackedEntry {
    /// The texts of the directory entry with their meanings, in the order in which they were packed.
    fn texts(&self) -> impl Iterator<Item = (PackedText, &str)> {
        let mut rest = &*self.texts;
        std::iter::from_fn(move || {
            let kind = PackedText::ALL.get(usize::from(*rest.as_bytes().first()?))?;
            let (length, from) = number(rest, 1)?;
            let text = rest.get(from..from.checked_add(length)?)?;
            rest = &rest[from + length..];
            Some((*kind, text))
        })
    }
}

/// The address with this number, written as text, among the addresses of an entry.
fn numbered<'e>(addresses: &[&'e str], number: &str) -> Option<&'e str> {
    number.parse().ok().and_then(|number: usize| addresses.get(number).copied())
}

/// The number of bits that one character of a packed number has.
const BITS: u32 = 6;

/// The bit of a character that says that more characters of the same number follow.
const MORE: u8 = 1 << BITS;

/// Appends a number in characters of six bits, the lowest bits first. All of them are ASCII, so the result is
/// valid text.
fn add_number(text: &mut String, mut number: usize) {
    while number >= usize::from(MORE) {
        text.push(char::from((number as u8 & (MORE - 1)) | MORE));
        number >>= BITS;
    }
    text.push(char::from(number as u8));
}

/// Reads the number at a position of a packed text. Returns it with the position after its end.
fn number(text: &str, from: usize) -> Option<(usize, usize)> {
    let (mut number, mut shift) = (0usize, 0);
    for (at, byte) in text.as_bytes().iter().enumerate().skip(from) {
        number |= usize::from(byte & (MORE - 1)).checked_shl(shift)?;
        if byte & MORE == 0 {
            return Some((number, at + 1));
        }
        shift += BITS;
    }
    None
}

/// Texts that many directory entries share, such as the names of managers, numbered from 1.
#[derive(Debug, Default)]
struct SharedTexts {
    texts: Vec<Box<str>>,
    /// The number of each text by its hash. If another text has the same hash, the next free hash value is used.
    numbers: HashMap<u64, u32>,
}

impl SharedTexts {
    fn get(&self, number: u32) -> Option<&str> {
        let at = (number as usize).checked_sub(1)?;
        self.texts.get(at).map(|text| &**text)
    }

    fn number(&mut self, text: &str) -> u32 {
        if self.numbers.is_empty() {
            self.numbers = HashMap::new();
        }
        let mut hash = self.numbers.hasher().hash_one(text);
        while let Some(number) = self.numbers.get(&hash) {
            if self.get(*number) == Some(text) {
                return *number;
            }
            hash = hash.wrapping_add(1);
        }
        self.texts.push(text.into());
        let number = self.texts.len() as u32;
        self.numbers.insert(hash, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn whole() -> DirectoryEntry {
        let at = |seconds| Instant::from_unix(seconds);
        let host = |name| Host::new(name).expect("a host");
        DirectoryEntry {
            id: "007".to_owned(),
            other_id: Some("E-7".to_owned()),
            addresses: texts(&["a@x.example", "Ä@ü.example", "c@x.example"]),
            primary: Some("Ä@ü.example".to_owned()),
            sign_ins: texts(&["ada", "c@x.example"]),
            active: Some(false),
            left: at(1),
            hired: at(2),
            expires: at(3),
            dn: Some("CN=Ada, OU=E".to_owned()),
            manager: Some("max@x.example".to_owned()),
            unit: Some("Engines".to_owned()),
            name: Some("Ada \u{1F600} Quist".repeat(100)),
            logins: texts(&["ada_x", ""]),
            server_logins: vec![
                (host("ghes1.x.example"), "ada".to_owned()),
                (host("ghes2.x.example"), "aq".to_owned()),
            ],
        }
    }

    #[test]
    fn an_entry_is_unpacked_as_it_was_packed() {
        let other = DirectoryEntry {
            id: String::new(),
            primary: Some("not.among@x.example".to_owned()),
            unit: Some("Engines".to_owned()),
            active: None,
            ..DirectoryEntry::default()
        };
        let mut entries = PackedEntries::default();
        for entry in [&whole(), &other, &DirectoryEntry::default(), &whole()] {
            entries.push(entry);
        }
        assert_eq!(entries.get(0), Some(whole()));
        assert_eq!(entries.get(1), Some(other.clone()));
        assert_eq!(entries.get(2), Some(DirectoryEntry::default()));
        assert_eq!(entries.get(3), Some(whole()));
        assert_eq!(entries.get(4), None);
        assert_eq!(entries.units.texts.len(), 1, "a unit is kept once");
        entries.swap(0, 1);
        entries.set(2, &whole());
        entries.truncate(3);
        let all: Vec<DirectoryEntry> = entries.iter().collect();
        assert_eq!(all, [other, whole(), whole()]);
    }

    #[test]
    fn parts_of_an_entry_are_those_of_the_unpacked_one() {
        let mut entries = PackedEntries::default();
        let other = DirectoryEntry {
            primary: Some("p@x.example".to_owned()),
            addresses: texts(&["a@x.example"]),
            ..DirectoryEntry::default()
        };
        let first =
            DirectoryEntry { addresses: texts(&["a@x.example"]), ..DirectoryEntry::default() };
        [&whole(), &other, &first].into_iter().for_each(|entry| entries.push(entry));
        for at in 0..entries.len() {
            let entry = entries.get(at).expect("an entry");
            assert_eq!(entries.id(at), entry.id);
            assert_eq!(entries.dn(at), entry.dn.as_deref());
            assert_eq!(entries.best_address(at), entry.best_address());
            assert_eq!(entries.active(at), entry.active);
            let late = Instant::from_unix(3).expect("an instant");
            assert_eq!(entries.active_at(at, late), entry.active_at(late));
        }
        let of = |list: &mut dyn Iterator<Item = &str>| list.map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(of(&mut entries.addresses(0)), whole().addresses);
        assert_eq!(of(&mut entries.addresses(1)), ["a@x.example", "p@x.example"]);
        assert_eq!(of(&mut entries.logins(0)), whole().logins);
        assert_eq!(of(&mut entries.server_logins(0)), ["ada", "aq"]);
        assert_eq!(of(&mut entries.names(0)), ["007", "ada", "c@x.example", "CN=Ada, OU=E"]);
        entries.managers_mut()[0] = "m@x.example".into();
        assert_eq!(entries.get(0).and_then(|it| it.manager).as_deref(), Some("m@x.example"));
    }

    #[test]
    fn numbers_of_any_size_are_read_as_they_were_written() {
        for wanted in [0, 1, 63, 64, 65, 4095, 4096, 1 << 20, (1 << 30) + 7] {
            let mut text = "x".to_owned();
            add_number(&mut text, wanted);
            assert!(text.is_ascii());
            assert_eq!(number(&text, 1), Some((wanted, text.len())));
        }
    }
}

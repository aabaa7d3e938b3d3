//! Finds states, accounts and address keys by name in the image (the columns that are derived from all rows):
//! the states with a login or a display name, the accounts whose logins begin alike, and the keys with similar
//! local parts. The functions are for questions about a few people in a large database. Logins and display names
//! are found by their hashes only, so the caller must compare the names themselves.

use foldhash::HashSet;
use rusqlite::Connection;

use super::image::{Image, login_hash};
use super::near::{Holding, holding};
use super::{Place, Store};
use crate::error::Result;
use crate::model::{Account, KeyId, ListIndex, StateId};
use crate::name::NameHash;

/// The login of a state (an account's record over a span of time), and the hash of its display name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateNames {
    /// The login as received; empty if the state has no login.
    pub login: String,
    /// The hash by which states with the same display name are found; `None` if the state has no display name.
    pub name: Option<NameHash>,
}

impl Store {
    /// The login of a state, and the hash of its display name.
    ///
    /// # Errors
    /// If the state does not exist, or the database cannot be read.
    pub fn called(&self, state: StateId) -> Result<StateNames> {
        let image = self.image()?;
        let words = image.words(&self.connection)?;
        let place = image.states().place_of(state);
        let name = place.and_then(|place| image.states().name(words, place));
        let sql = "SELECT login FROM states WHERE state_id = ?1";
        let login =
            self.connection.prepare_cached(sql)?.query_row([state.number()], |row| row.get(0))?;
        Ok(StateNames { login, name: name.map(NameHash) })
    }

    /// The states (records of accounts) whose login has the same hash as `login`, regardless of letter case. The
    /// caller must compare the logins. A state is listed once for each of its spans of time; at most `most`
    /// entries are returned.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_login(&self, login: &str, most: usize) -> Result<Vec<Holding>> {
        let image = self.image()?;
        match login_hash(&image.form, login) {
            0 => Ok(Vec::new()),
            hash => Ok(holding(&image, image.with_login(&self.connection, hash)?, most)),
        }
    }

    /// The states (records of accounts) whose display name has the hash `name`. A state is listed once for each
    /// of its spans of time; at most `most` entries are returned.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn holding_name(&self, name: NameHash, most: usize) -> Result<Vec<Holding>> {
        let image = self.image()?;
        Ok(holding(&image, image.with_name(&self.connection, name.0)?, most))
    }

    /// The identities of the Cloud rows and Server accounts of a source whose logins begin with `start`,
    /// regardless of letter case. Returns at most `most` identities.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn logins_beginning(&self, source: i64, start: &str, most: usize) -> Result<Vec<String>> {
        let first = Account::identity_of_login(start);
        let image = self.image()?;
        let accounts = image.accounts(&self.connection)?;
        let mut found: Vec<String> = Vec::new();
        match &accounts.sums.endings {
            // The image keeps a list of all texts that follow an underscore in any login, unless there are too
            // many. Looking up `start` with each of these endings is faster than scanning all logins.
            Some(endings) if start.ends_with('_') => {
                for identity in endings.iter().map(|ending| [first.as_str(), ending].concat()) {
                    if image.account(&self.connection, source, &identity)?.is_some() {
                        found.push(identity);
                    }
                }
            }
            _ => {
                let texts = image.identities(&self.connection)?;
                let own =
                    (0..accounts.len()).filter(|at| i64::from(accounts.sources.at(*at)) == source);
                let own = own.map(|at| texts.get(at)).filter(|text| text.starts_with(&first));
                found.extend(own.map(str::to_owned));
                found.sort_unstable();
            }
        }
        found.truncate(most);
        Ok(found)
    }

    /// The keys (addresses in the form in which they are compared) that begin with `start`, in no particular
    /// order. `start` must contain an `@` or a `+`. Returns at most `most` keys.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn keys_beginning(&self, start: &str, most: usize) -> Result<Vec<KeyId>> {
        self.keys_alike(start, most, |key| key.starts_with(start))
    }

    /// The keys (addresses in the form in which they are compared) that `is_it` accepts, among those whose local
    /// part equals that of `address` apart from tags, dots and hyphens. Returns at most `most` keys.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn keys_alike(
        &self,
        address: &str,
        most: usize,
        is_it: impl Fn(&str) -> bool,
    ) -> Result<Vec<KeyId>> {
        let image = self.image()?;
        let mut found = Vec::new();
        for key in image.with_local(&self.connection, address)? {
            if found.len() == most {
                break;
            }
            if is_it(&image.key_text_of_few(&self.connection, key)?) {
                found.push(KeyId::of_number(key));
            }
        }
        Ok(found)
    }

    /// The keys (numbered addresses) whose texts are in `texts`. A text that no stored address has is left out.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn keys_of_texts(&self, texts: &HashSet<String>) -> Result<Vec<KeyId>> {
        let image = self.image()?;
        let all = texts.iter().map(String::as_str);
        let mut found = Vec::new();
        for key in image.may_be_keys(&self.connection, all)? {
            if texts.contains(&*image.key_text_of_few(&self.connection, key)?) {
                found.push(KeyId::of_number(key));
            }
        }
        Ok(found)
    }

    /// The keys (numbered addresses) that are one slip of the pen from an address, such as one letter more
    /// (counting.md section 5, near-email). The first call for an address gets them from `look` and remembers
    /// them for later calls. `None` if `look` returns `None`.
    ///
    /// # Errors
    /// If the database cannot be read, or `look` fails.
    pub fn keys_one_slip_from(
        &self,
        address: &str,
        look: impl FnOnce() -> Result<Option<Vec<KeyId>>>,
    ) -> Result<Option<Vec<KeyId>>> {
        let image = self.image()?;
        if let Some(known) = image.few.slips(address) {
            return Ok(Some(known.to_vec()));
        }
        let found = look()?;
        if let Some(keys) = &found {
            image.few.keep_slips(address, keys);
        }
        Ok(found)
    }

    /// Every character that occurs in a key; `None` if there are too many different characters to list.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn letters_of_keys(&self) -> Result<Option<Vec<char>>> {
        Ok(self.image()?.key_locals(&self.connection)?.letters())
    }

    /// Calls `take` with each address key whose text ends with `end`. This reads the texts of all keys.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn each_key_ending(&self, end: &str, take: &mut dyn FnMut(KeyId, &str)) -> Result<()> {
        let image = self.image()?;
        let texts = image.key_texts(&self.connection)?;
        let all =
            (1u32..).map(KeyId::of_number).zip((0..texts.len()).map(|place| texts.get(place)));
        all.filter(|(_, text)| text.ends_with(end)).for_each(|(key, text)| take(key, text));
        Ok(())
    }

    /// The hosts of the Server accounts that the rows of a Cloud snapshot list, sorted by name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn hosts_at(&self, cloud: &super::SnapshotFacts) -> Result<Vec<Box<str>>> {
        let (image, source) = (self.image()?, cloud.source_id);
        let look = || hosts_at(&self.connection, &image, source, cloud.place);
        Ok(image.few.hosts(source, cloud.place.number(), look)?.to_vec())
    }
}

/// The hosts of the Server accounts that the rows of a Cloud source list at one point of its time line, sorted
/// by name.
pub(super) fn hosts_at(
    connection: &Connection,
    image: &Image,
    source: i64,
    place: Place,
) -> Result<Vec<Box<str>>> {
    let states = image.states();
    let listed = image.few_hosts(source, place.number()).unwrap_or_else(|| {
        let (mut listed, mut last) = (HashSet::default(), None);
        image.times.all(states, |held| {
            let is_there = held.from <= place.number() && held.to > place.number();
            if held.source == source && is_there {
                for it in states.listed_hosts(held.place) {
                    if last != Some(*it) {
                        last = Some(*it);
                        listed.insert(*it);
                    }
                }
            }
        });
        listed
    });
    let mut statement = connection.prepare_cached("SELECT host_id, host FROM hosts")?;
    let mut rows = statement.query([])?;
    let mut hosts: Vec<Box<str>> = Vec::new();
    while let Some(row) = rows.next()? {
        let host = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if !host.is_empty() && listed.contains(&row.get(0)?) {
            hosts.push(host.into());
        }
    }
    hosts.sort_unstable();
    Ok(hosts)
}

//! Finds the entries of an employee directory that share an address or a mapped login with an account. Hashes only
//! propose, and the texts decide.

use foldhash::{HashMap, HashMapExt};

use super::Import;
use super::image::{Image, ImageForm, PositionTable, TextColumn, login_hash};
use crate::beside::both;
use crate::email;
use crate::error::Result;
use crate::model::{Account, PackedEntries};

impl Import<'_> {
    /// Which of these entries share an address or a mapped login with an account that any file ever named.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn entries_of_accounts(&self, entries: &PackedEntries) -> Result<Vec<bool>> {
        let image = std::rc::Rc::clone(self.writer()?.borrow().image());
        let connection = &self.transaction;
        let all = 0..entries.len();
        let has_logins = all.clone().any(|at| entries.logins(at).next().is_some());
        let key_hashes = image.key_hashes(connection)?.to_vec();
        let keys = KnownTexts::of(key_hashes, image.key_texts(connection)?);
        let none = TextColumn::default();
        let identities = match has_logins {
            true => {
                let hashes = image.accounts(connection)?.hashes.iter().map(|hash| *hash as u32);
                KnownTexts::of(hashes.collect(), image.identities(connection)?)
            }
            false => KnownTexts::of(Vec::new(), &none),
        };
        let form = &image.form;
        let is_known = |at: usize| {
            let mut own = entries.addresses(at).filter_map(email::key);
            let mut logins = entries.logins(at).map(Account::identity_of_login);
            own.any(|key| keys.have(form, &key)) || logins.any(|it| identities.have(form, &it))
        };
        let (count, middle) = (all.end, all.end / 2);
        let (second, mut known) = both(
            count,
            || (middle..count).map(is_known).collect::<Vec<bool>>(),
            || (0..middle).map(is_known).collect::<Vec<bool>>(),
        );
        known.extend(second);
        self.server_logins_known(&image, entries, &mut known)?;
        Ok(known)
    }

    /// Marks those of the other entries that have the login of an account of an instance. The host is not compared:
    /// an account of another instance with this login is only a reason to keep the details.
    fn server_logins_known(
        &self,
        image: &Image,
        entries: &PackedEntries,
        known: &mut [bool],
    ) -> Result<()> {
        let mut wanted: HashMap<u32, Vec<(String, usize)>> = HashMap::new();
        for at in (0..entries.len()).filter(|at| !known[*at]) {
            for login in entries.server_logins(at) {
                let hash = login_hash(&image.form, login);
                wanted.entry(hash).or_default().push((email::login_key(login), at));
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let mut login =
            self.transaction.prepare("SELECT login FROM states WHERE state_id = ?1 AND row = 0")?;
        let words = image.words(&self.transaction)?;
        for (place, hash) in words.logins.iter().enumerate() {
            let Some(own) = wanted.get(hash) else { continue };
            if own.iter().all(|(_, entry)| known[*entry]) {
                continue;
            }
            let state = image.states().numbers.at(place);
            let mut rows = login.query([state])?;
            let Some(row) = rows.next()? else { continue };
            let found = email::login_key(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
            own.iter().filter(|(login, _)| *login == found).for_each(|(_, at)| known[*at] = true);
        }
        Ok(())
    }
}

/// Texts of the image, which are found by their hashes.
struct KnownTexts<'i> {
    /// The lower half of the hash of each text.
    hashes: Vec<u32>,
    texts: &'i TextColumn,
    places: PositionTable,
}

impl<'i> KnownTexts<'i> {
    fn of(hashes: Vec<u32>, texts: &'i TextColumn) -> KnownTexts<'i> {
        let mut places = PositionTable::with_room(hashes.len());
        for (place, hash) in (0u32..).zip(&hashes) {
            places.add(u64::from(*hash), place, |at| u64::from(hashes[at]));
        }
        KnownTexts { hashes, texts, places }
    }

    fn have(&self, form: &ImageForm, text: &str) -> bool {
        let hash = form.hash_of(text) as u32;
        let is_it = |at: usize| self.hashes[at] == hash && self.texts.get(at) == text;
        self.places.find(u64::from(hash), is_it).is_some()
    }
}

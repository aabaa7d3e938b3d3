//! Collects the states that a transaction adds, as columns of the image. Until these columns are stored, each
//! address key has a temporary number. When they are stored, the key gets its number in the image.

use foldhash::{HashSet, HashSetExt};
use rusqlite::Connection;

use super::anew::remake;
use super::columns::ImageColumns;
use super::form::ImageForm;
use super::states::State;
use super::table;
use super::texts::Numbered;
use super::whole_image::Image;
use crate::error::Result;
use crate::model::EntryRecord;

/// The columns that a transaction adds to the image (the derived columns of all states).
pub struct NewColumns {
    form: ImageForm,
    states: super::StateTable,
    keys: Numbered,
    accounts: super::AccountColumns,
    /// The numbers of the states that the transaction added and then removed again. They are not stored.
    gone: HashSet<u32>,
}

/// The values of a state (a record of an account) that a transaction adds.
pub struct NewRow<'r> {
    pub number: u32,
    pub snapshot: u32,
    pub account: u32,
    pub shape: u32,
    pub row: u8,
    pub roles: u8,
    pub visual_studio: bool,
    pub suspended: Option<bool>,
    pub login: &'r str,
    pub login_hash: u32,
    pub digest: u64,
    pub name: Option<i64>,
    pub entry: Option<&'r EntryRecord>,
}

impl NewColumns {
    /// Empty columns whose hashes are made with the key in `form`.
    pub fn of(form: ImageForm) -> NewColumns {
        NewColumns {
            form,
            states: super::StateTable::default(),
            keys: Numbered::default(),
            accounts: super::AccountColumns::default(),
            gone: HashSet::new(),
        }
    }

    /// Adds an account to the columns.
    ///
    /// # Errors
    /// If the identities of the accounts become too long.
    pub fn account(&mut self, number: u32, source: u32, hash: u64, identity: &str) -> Result<()> {
        self.accounts.push(number, source, hash, identity)
    }

    /// The identity of an account that this transaction added; `None` for an account that was stored before.
    pub fn identity(&self, number: u32) -> Option<&str> {
        let place = number.checked_sub(self.accounts.first()?)? as usize;
        (place < self.accounts.len()).then(|| self.accounts.texts.get(place))
    }

    /// The temporary number of an address key in the new columns. A key that they lack is added.
    ///
    /// # Errors
    /// If the texts of the keys become too long.
    pub fn key(&mut self, key: &str, hash: u64) -> Result<u32> {
        self.keys.place(hash, key)
    }

    /// Adds a state to the new columns. `keys` are the temporary numbers of the state's address keys, each with
    /// bits for its kinds. `listed` are the Server accounts that the Cloud row lists, each with the number of
    /// its host and its id.
    pub fn state<'l>(
        &mut self,
        row: &NewRow<'_>,
        keys: &[(u32, u8)],
        listed: impl Iterator<Item = (u32, &'l str)>,
    ) {
        let state = State {
            number: row.number,
            snapshot: row.snapshot,
            account: row.account,
            shape: row.shape,
            row: row.row,
            roles: row.roles,
            visual_studio: row.visual_studio,
            takes_part: super::takes_part(row.suspended, row.login),
            keys,
            digest: row.digest,
            login: row.login_hash,
            name: row.name,
            entry: row.entry,
        };
        self.states.add(&state, listed);
    }

    /// Removes a state that this transaction added, so that the state is not stored.
    pub fn take_back(&mut self, number: u32) {
        self.gone.insert(number);
    }

    /// Appends the new columns to the image that was stored when the transaction began. If no image was stored,
    /// a complete image is made and stored instead.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn write(&mut self, connection: &Connection, before: &Image) -> Result<()> {
        let is_nothing = self.states.len() == self.gone.len();
        if before.is_made() {
            return remake(connection, &self.form);
        }
        if is_nothing {
            return Ok(());
        }
        if !self.gone.is_empty() {
            self.leave_out_gone()?;
        }
        let numbers = self.known_keys(connection, before)?;
        // Reading the keys may have shown that the stored image is damaged. Then the image was made from the
        // rows.
        if before.is_made() {
            return remake(connection, &self.form);
        }
        let columns = self.take(numbers, before.counts.keys as u32)?;
        table::append(connection, &columns, &before.counts)?;
        self.form.write(connection)?;
        table::join(connection)
    }

    /// Drops the states that were removed again, and the address keys that no other state has. The remaining
    /// keys get new temporary numbers without gaps.
    fn leave_out_gone(&mut self) -> Result<()> {
        let (states, keys) = (std::mem::take(&mut self.states), std::mem::take(&mut self.keys));
        let mut numbers = vec![None; keys.hashes.len()];
        for place in 0..states.len() {
            if self.gone.contains(&states.numbers.at(place)) {
                continue;
            }
            for own in states.keys(place).map(|(own, _)| own as usize) {
                if numbers[own].is_none() {
                    let (hash, text) = (u64::from(keys.hashes[own]), keys.texts.get(own));
                    numbers[own] = Some(self.keys.place(hash, text)?);
                }
            }
            self.states.copy(&states, place, |own| numbers[own as usize].unwrap_or_default());
        }
        self.gone.clear();
        Ok(())
    }

    /// Takes the new columns, with the number that each address key has in the image. `numbers` holds this
    /// number for each key, or 0 for a key that the image lacks. Such a key gets the next free number.
    fn take(&mut self, mut numbers: Vec<u32>, old_keys: u32) -> Result<ImageColumns> {
        let keys = std::mem::take(&mut self.keys);
        let mut columns = ImageColumns {
            states: std::mem::take(&mut self.states),
            accounts: std::mem::take(&mut self.accounts),
            ..ImageColumns::default()
        };
        if numbers.iter().all(|number| *number == 0) {
            columns.set_keys(&self.form, keys.hashes, keys.texts);
            (1u32..).zip(&mut numbers).for_each(|(own, number)| *number = old_keys + own);
        } else {
            let (mut hashes, mut texts) = (Vec::new(), super::TextColumn::default());
            for (own, number) in numbers.iter_mut().enumerate().filter(|(_, number)| **number == 0)
            {
                hashes.push(keys.hashes[own]);
                texts.push(keys.texts.get(own))?;
                *number = old_keys + hashes.len() as u32;
            }
            columns.set_keys(&self.form, hashes, texts);
        }
        columns.states.renumber_keys(&numbers);
        Ok(columns)
    }

    /// The number that each of the new address keys has in the stored image; 0 if the image lacks the key. This
    /// scans the keys of the image once.
    fn known_keys(&self, connection: &Connection, before: &Image) -> Result<Vec<u32>> {
        let mut numbers = vec![0; self.keys.hashes.len()];
        if numbers.is_empty() || before.counts.keys == 0 {
            return Ok(numbers);
        }
        for (place, hash) in before.key_hashes(connection)?.iter().enumerate() {
            if self.keys.has(*hash)
                && let Some(own) =
                    self.keys.find(u64::from(*hash), before.key_text_at(connection, place)?)
            {
                numbers[own as usize] = place as u32 + 1;
            }
        }
        Ok(numbers)
    }
}

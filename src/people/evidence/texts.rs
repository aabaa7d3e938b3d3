//! The words that likely and possible evidence is about: the texts of keys and display names, read
//! where they lie, and the logins of unmatched Server accounts, read when they are asked for. Logins
//! of Cloud accounts are in their identities already.

use std::rc::Rc;

use crate::error::Result;
use crate::model::StoredWords;

/// Texts by number, in one piece of memory: a text that was not put in is empty.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    text: String,
    /// Where each text begins and ends.
    places: Vec<(usize, usize)>,
}

impl Strings {
    /// Puts in a text.
    pub fn put(&mut self, number: u32, text: &str) {
        let number = number as usize;
        if number >= self.places.len() {
            self.places.resize(number + 1, (0, 0));
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.places[number] = (start, self.text.len());
    }

    /// The text of a number.
    pub fn get(&self, number: u32) -> &str {
        let (start, end) = self.places.get(number as usize).copied().unwrap_or_default();
        &self.text[start..end]
    }
}

/// What evidence below certain reads.
#[derive(Clone, Copy)]
pub struct EvidenceTexts<'w> {
    /// The texts of keys, and the display names of states.
    pub keys: &'w dyn StoredWords,
    /// The logins of Server accounts as they are compared, by index of
    /// [`Matching::accounts`](crate::people::Matching::accounts).
    pub logins: &'w dyn Fn() -> Result<Rc<Strings>>,
}

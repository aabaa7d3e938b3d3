//! The texts that likely and possible evidence compares. The texts of keys and display names are read from
//! where they are stored. The logins of unmatched Server accounts are read when they are needed. The logins
//! of Cloud accounts are in their identities.

use std::rc::Rc;

use crate::error::Result;
use crate::model::StoredWords;

/// Texts by number in one block of memory. A text that was never put in is empty.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    text: String,
    /// The beginning and the end of each text.
    places: Vec<(usize, usize)>,
}

impl Strings {
    /// Stores the text with this number.
    pub fn put(&mut self, number: u32, text: &str) {
        let number = number as usize;
        if number >= self.places.len() {
            self.places.resize(number + 1, (0, 0));
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.places[number] = (start, self.text.len());
    }

    /// The text with this number.
    pub fn get(&self, number: u32) -> &str {
        let (start, end) = self.places.get(number as usize).copied().unwrap_or_default();
        &self.text[start..end]
    }
}

/// The texts for evidence below certain.
#[derive(Clone, Copy)]
pub struct EvidenceTexts<'w> {
    /// The texts of keys, and the display names of states.
    pub keys: &'w dyn StoredWords,
    /// Reads the logins of Server accounts, as logins are compared, by index of
    /// [`Matching::accounts`](crate::people::Matching::accounts).
    pub logins: &'w dyn Fn() -> Result<Rc<Strings>>,
}

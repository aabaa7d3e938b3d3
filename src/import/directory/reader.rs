//! The trait of the readers of employee directories, and the beginning of a file, from which a reader
//! recognizes its format.

use super::list::DirectoryList;
use super::names::HeaderNames;
use crate::error::Result;
use crate::import::text::is_ldif;
use crate::import::{Input, Outline};
use crate::model::DirectoryMapping;

/// A reader of one format of employee directories.
pub trait DirectoryReader: Sync {
    /// The name of the format.
    fn format(&self) -> &'static str;

    /// A description of the files of this format, in one line.
    fn about(&self) -> &'static str;

    /// The feature by which a file of this format is recognized, in one line.
    fn recognised_by(&self) -> &'static str;

    /// How to get a file of this format, in one line.
    fn obtained_from(&self) -> &'static str;

    /// Whether a file with this beginning has this format.
    fn recognizes(&self, beginning: &Beginning) -> bool;

    /// Reads a file and adds its people to the list. `mapping` names the columns of a mapped table.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Input`] with the line, if the file does not have this format, or does not
    /// list people.
    fn read(
        &self,
        input: &mut Input,
        mapping: Option<&DirectoryMapping>,
        list: &mut DirectoryList,
    ) -> Result<()>;
}

/// The beginning of a file, from which the readers recognize its format.
pub struct Beginning {
    head: Vec<u8>,
    outline: Outline,
    header: HeaderNames,
}

impl Beginning {
    /// The beginning of an open file.
    pub fn of(input: &Input) -> Beginning {
        let outline = Outline::of(input.head());
        let header = HeaderNames::of(&outline.header);
        Beginning { head: input.head().to_vec(), outline, header }
    }

    /// Whether the file is LDIF.
    pub fn is_ldif(&self) -> bool {
        is_ldif(&self.head)
    }

    /// The names of the columns, if the file is a table.
    pub fn header(&self) -> &HeaderNames {
        &self.header
    }

    /// Whether the file is a table.
    pub fn is_table(&self) -> bool {
        !self.outline.header.is_empty() && !is_ldif(&self.head)
    }

    /// Whether the file may be data at all. A web page, an error answer and a report of another kind that is known by
    /// name are none.
    pub fn is_report(&self) -> bool {
        self.outline.is_report()
    }

    /// The keys of the first object, if the file is JSON.
    pub fn keys(&self) -> &[String] {
        &self.outline.keys
    }

    /// Whether the first object has a key, in any letter case.
    pub fn has_key(&self, wanted: &str) -> bool {
        self.keys().iter().any(|key| key.eq_ignore_ascii_case(wanted))
    }

    /// The keys of the objects that the first object holds under the key `parent`. The letter case of `parent`
    /// does not matter.
    pub fn keys_within(&self, parent: &str) -> Vec<String> {
        let inner = self.outline.inner_keys();
        let within = inner.filter(|(above, _)| above.eq_ignore_ascii_case(parent));
        within.map(|(_, key)| key.to_owned()).collect()
    }

    /// Whether a text occurs in the beginning of the file.
    pub fn has_text(&self, text: &str) -> bool {
        memchr::memmem::find(&self.head, text.as_bytes()).is_some()
    }
}

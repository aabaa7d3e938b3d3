//! The mapping of an employee table: which of its columns has the ids, the addresses and so on (directory.md
//! section 1). It is plain data that goes from the configuration to the reader.

use super::Host;

/// The names of an employee table's columns, by their meaning. The configuration states them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryMapping {
    /// The column with the id of the person, which stays the same from file to file.
    pub id: String,
    /// The columns with addresses. The first of these columns holds the primary address.
    pub emails: Vec<String>,
    /// The columns with logins on Cloud.
    pub logins: Vec<String>,
    /// The columns with logins on instances, each with the host of the instance.
    pub server_logins: Vec<(Host, String)>,
    /// The column that states whether the person is active. `None` if the table has no such column.
    pub active: Option<ActiveWords>,
    /// The column with the date on which the person left.
    pub left: Option<String>,
    /// The column with the date of hire. A leaving date before the date of hire does not count.
    pub hired: Option<String>,
    /// The column with the manager of the person.
    pub manager: Option<String>,
    /// The column with the department or the cost center.
    pub unit: Option<String>,
}

/// The column that states whether a person is active, and the words in it that mean yes or no. At least one of
/// the two lists of words is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveWords {
    /// The name of the column that states whether a person is active.
    pub column: String,
    /// The words that mean that the person is active.
    pub is: Vec<String>,
    /// The words that mean that the person is inactive.
    pub not: Vec<String>,
}

impl DirectoryMapping {
    /// Every column that the mapping names, in the order of the configuration's keys.
    pub fn columns(&self) -> Vec<&str> {
        let lists = self.emails.iter().chain(&self.logins);
        let single = [&self.left, &self.hired, &self.manager, &self.unit];
        let columns = std::iter::once(&self.id)
            .chain(lists)
            .chain(self.server_logins.iter().map(|(_, column)| column))
            .chain(self.active.iter().map(|active| &active.column))
            .chain(single.into_iter().flatten());
        columns.map(String::as_str).collect()
    }
}

impl ActiveWords {
    /// Does this cell state that the person is active? With only one list of words, every other word means the
    /// opposite. `None` if the cell states nothing: it is empty, or there are two lists and neither contains the
    /// word. Letter case and outer blanks do not matter.
    pub fn truth_of(&self, cell: &str) -> Option<bool> {
        let cell = cell.trim().to_lowercase();
        if cell.is_empty() {
            return None;
        }
        let has = |words: &[String]| words.iter().any(|word| word.trim().to_lowercase() == cell);
        match (has(&self.is), has(&self.not)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            (false, false) if self.not.is_empty() => Some(false),
            (false, false) if self.is.is_empty() => Some(true),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_blanks() {
        let words = |is: &[&str], not: &[&str]| ActiveWords {
            column: "Status".to_owned(),
            is: is.iter().map(|it| (*it).to_owned()).collect(),
            not: not.iter().map(|it| (*it).to_owned()).collect(),
        };
        for (words, cell, expected) in [
            (words(&["Active"], &[]), "ACTIVE ", Some(true)),
            (words(&["Active"], &[]), "Parental leave", Some(false)),
            (words(&["Active"], &[]), " ", None),
            (words(&["Active"], &["Terminated"]), "terminated", Some(false)),
            (words(&["Active"], &["Terminated"]), "Aktiv", None),
            (words(&[], &["Terminated"]), "Aktiv", Some(true)),
            (words(&[], &["Terminated"]), "Terminated", Some(false)),
        ] {
            assert_eq!(words.truth_of(cell), expected, "{words:?} {cell}");
        }
    }
}

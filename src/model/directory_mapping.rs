//! Which column of an employee table means what (directory.md section 2): handed from the configuration to
//! the reader as plain data.

use super::Host;

/// The columns of a mapped table, by the names that the configuration gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryMapping {
    /// The column of the id.
    pub id: String,
    /// The columns of addresses. The first one holds the primary address.
    pub emails: Vec<String>,
    /// The columns of logins on Cloud.
    pub logins: Vec<String>,
    /// The columns of logins on instances.
    pub server_logins: Vec<(Host, String)>,
    /// How the table says who is active; `None`: it does not.
    pub active: Option<ActiveWords>,
    /// The column of the leaving date.
    pub left: Option<String>,
    /// The column of the date of hire. A leaving date before it is none.
    pub hired: Option<String>,
    /// The column of the manager.
    pub manager: Option<String>,
    /// The column of the department or cost center.
    pub unit: Option<String>,
}

/// The column that says who is active, and its words. At least one list has words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActiveWords {
    /// The column.
    pub column: String,
    /// The words that mean active.
    pub is: Vec<String>,
    /// The words that mean inactive.
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
    /// What a cell says: `None` for an empty cell, and for a word in neither of two lists. With one list,
    /// every word outside of it means the opposite. Letter case and outer blanks do not matter.
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

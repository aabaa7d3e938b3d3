//! The people of a page: every seat with its holder, in a form in which repeated texts are stored once. Nothing
//! here decides how the list looks or how it is written.

use std::collections::HashMap;
use std::hash::Hash;

/// The people that a page embeds, in their order.
#[derive(Debug, Clone, Default)]
pub struct PeopleList {
    /// The names of the enterprises.
    pub enterprises: Vec<String>,
    /// The names of the organizations, in alphabetical order without regard to letter case.
    pub organizations: Vec<String>,
    /// The host names of the instances, in alphabetical order.
    pub hosts: Vec<String>,
    /// The words by which the finding of a person can be chosen: a confidence, a code of evidence, or the reason
    /// for which a seat could be freed.
    pub words: Vec<String>,
    /// The distinct lists of organizations, as positions in `organizations`; `None`: no file states them.
    pub organization_lists: Vec<Option<Vec<u32>>>,
    /// The distinct lists of instances, as positions in `hosts`.
    pub host_lists: Vec<Vec<u32>>,
    /// The distinct lists of words, as positions in `words`.
    pub word_lists: Vec<Vec<u32>>,
    /// The people.
    pub people: Vec<PersonLine>,
}

/// A person with a seat.
#[derive(Debug, Clone, Default)]
pub struct PersonLine {
    /// The id of the seat, as in the table `seats`.
    pub seat: String,
    /// The kind of the seat: `cloud_only`, `cloud_and_server` or `server_only`.
    pub kind: &'static str,
    /// The position of the enterprise in [`PeopleList::enterprises`]; `None` for instances without an enterprise.
    pub enterprise: Option<u32>,
    /// The login of the Cloud account, or of the first Server account.
    pub login: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The addresses of all accounts of the seat, each once.
    pub addresses: Vec<String>,
    /// The position of the person's organizations in [`PeopleList::organization_lists`].
    pub organizations: usize,
    /// The position of the person's instances in [`PeopleList::host_lists`].
    pub hosts: usize,
    /// The position of the person's words in [`PeopleList::word_lists`].
    pub words: usize,
    /// The Server accounts of the seat.
    pub accounts: Vec<AccountLine>,
    /// The positions of the person's findings in the list of `duplicates`.
    pub findings: Vec<u32>,
}

/// A Server account of a person.
#[derive(Debug, Clone, Default)]
pub struct AccountLine {
    /// The position of the instance in [`PeopleList::hosts`].
    pub host: u32,
    /// The login, if a file states it.
    pub login: Option<String>,
    /// The id on the instance, if a file states it.
    pub id: Option<String>,
    /// The rule that matched the account with the Cloud account; `None` if it matched by none.
    pub rule: Option<&'static str>,
}

/// Distinct values, each with its position.
#[derive(Debug)]
pub struct Distinct<T> {
    known: HashMap<T, usize>,
    values: Vec<T>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Distinct { known: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    /// The position of a value, which is added if it is new.
    pub fn position(&mut self, value: T) -> usize {
        if let Some(known) = self.known.get(&value) {
            return *known;
        }
        self.values.push(value.clone());
        self.known.insert(value, self.values.len() - 1);
        self.values.len() - 1
    }

    /// The values in the order of their positions.
    pub fn into_values(self) -> Vec<T> {
        self.values
    }
}

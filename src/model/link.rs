//! Declared links between accounts (counting.md section 8).

/// The statement of a link about its two accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkSays {
    /// The two accounts belong to one person. This declaration is evidence only, because GitHub goes on
    /// charging for both.
    OnePerson,
    /// The two accounts belong to one person, and GitHub has matched them (counting.md section 4, rule 0).
    Matched,
    /// The two accounts belong to two people, so nothing counts as evidence that they belong to one person.
    Apart,
    /// The two accounts belong to two people, and GitHub does not match them (counting.md section 8).
    NotMatched,
    /// All earlier links between the two accounts are taken back.
    Nothing,
}

impl LinkSays {
    /// Every declaration that a link can make.
    pub const ALL: [LinkSays; 5] = [
        LinkSays::OnePerson,
        LinkSays::Matched,
        LinkSays::Apart,
        LinkSays::NotMatched,
        LinkSays::Nothing,
    ];

    /// The name of the declaration in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            LinkSays::OnePerson => "one-person",
            LinkSays::Matched => "matched-by-github",
            LinkSays::Apart => "apart",
            LinkSays::NotMatched => "not-matched-by-github",
            LinkSays::Nothing => "nothing",
        }
    }

    /// The declaration that has this name.
    pub fn from_name(name: &str) -> Option<LinkSays> {
        LinkSays::ALL.into_iter().find(|says| says.name() == name)
    }
}

/// One of the two accounts of a link, as an index into a `Population` (the accounts of an enterprise at an
/// instant).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LinkEnd {
    /// A Cloud account, by its row.
    Cloud(super::RowIx),
    /// A Server account, by its instance and id.
    Server {
        /// The instance of the account; `None` means the host `unknown`.
        instance: Option<super::InstanceIx>,
        /// The id of the account on the instance.
        member: super::Member,
    },
}

/// A declared link that is in effect, between two accounts that may both be in a `Population`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The number that identifies the link in the database.
    pub id: i64,
    /// The statement of the link, for example that the two accounts belong to one person.
    pub says: LinkSays,
    /// The two accounts of the link.
    pub ends: [LinkEnd; 2],
}

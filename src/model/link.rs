//! Declared links between accounts (counting.md section 8).

/// What the user says of two accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkSays {
    /// They are one person: evidence, for GitHub goes on charging.
    OnePerson,
    /// They are one person, and GitHub knows: a match (counting.md section 4, rule 0).
    Matched,
    /// They are two people: no evidence.
    Apart,
    /// They are two people, and GitHub does not match them either.
    NotMatched,
    /// Nothing any more.
    Nothing,
}

impl LinkSays {
    /// Everything that can be said.
    pub const ALL: [LinkSays; 5] = [
        LinkSays::OnePerson,
        LinkSays::Matched,
        LinkSays::Apart,
        LinkSays::NotMatched,
        LinkSays::Nothing,
    ];

    /// The name in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            LinkSays::OnePerson => "one-person",
            LinkSays::Matched => "matched-by-github",
            LinkSays::Apart => "apart",
            LinkSays::NotMatched => "not-matched-by-github",
            LinkSays::Nothing => "nothing",
        }
    }

    /// What a name says.
    pub fn from_name(name: &str) -> Option<LinkSays> {
        LinkSays::ALL.into_iter().find(|says| says.name() == name)
    }
}

/// An account that a link is about, within a `Population`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LinkEnd {
    /// A Cloud row, an index of `Population::cloud`.
    Cloud(u32),
    /// A Server account.
    Server {
        /// Its instance, an index of `Population::instances`; `None` is the host `unknown`.
        instance: Option<u32>,
        /// Its id there.
        member: super::Member,
    },
}

/// A link that holds, between accounts that a `Population` may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub id: i64,
    /// What it says.
    pub says: LinkSays,
    /// The accounts.
    pub ends: [LinkEnd; 2],
}

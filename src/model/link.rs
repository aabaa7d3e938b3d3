//! Declared links between accounts (counting.md section 8).

/// What a link declares about two accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkSays {
    /// They are one person. This is evidence only, for GitHub goes on charging.
    OnePerson,
    /// They are one person, and GitHub has matched them (counting.md section 4, rule 0).
    Matched,
    /// They are two people, so there is no evidence.
    Apart,
    /// They are two people, and GitHub does not match them either.
    NotMatched,
    /// Earlier links between the two accounts are taken back.
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

    /// The declaration of this name.
    pub fn from_name(name: &str) -> Option<LinkSays> {
        LinkSays::ALL.into_iter().find(|says| says.name() == name)
    }
}

/// An account that a link is about, in a `Population`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LinkEnd {
    /// A Cloud row.
    Cloud(super::RowIx),
    /// A Server account.
    Server {
        /// Its instance; `None` is the host `unknown`.
        instance: Option<super::InstanceIx>,
        /// Its id on the instance.
        member: super::Member,
    },
}

/// A link that holds, between accounts that a `Population` may contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The number of the link.
    pub id: i64,
    /// What the link declares.
    pub says: LinkSays,
    /// The two accounts.
    pub ends: [LinkEnd; 2],
}

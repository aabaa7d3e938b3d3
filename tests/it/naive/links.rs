//! Declared links (counting.md section 8): what counts at an instant of what the user has said of two accounts. It may
//! assume that both are there; it must not know what follows from what was said.

use super::cloud::{Identity, RowKind};
use super::force::Question;
use super::matching::Matching;
use super::server::{Account, Id};

/// What can be said of two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// They are one person (`links add`).
    OnePerson,
    /// They are, and GitHub has matched them (`--matched-by-github`).
    Matched,
    /// They are two people (`links deny`).
    TwoPeople,
    /// They are, and GitHub does not match them (`--not-matched-by-github`).
    NotMatched,
    /// Whatever was said is taken back (`links remove`).
    Nothing,
}

/// An account by what is the same in every snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// A Cloud row by its login, or an invitation by its address, as keys.
    Cloud { enterprise: String, login: String },
    /// A Server account by its host and id.
    Server { host: String, id: u64 },
}

/// Something said of two accounts, from when on it holds; none is always.
#[derive(Clone, Debug)]
pub struct Declaration {
    pub pair: [Named; 2],
    pub says: Says,
    pub from: Option<i64>,
}

impl Declaration {
    /// Whether it is about these two, whichever is named first.
    pub fn is_about(&self, a: &Named, b: &Named) -> bool {
        let [one, other] = &self.pair;
        (one, other) == (a, b) || (one, other) == (b, a)
    }
}

impl Says {
    /// A non-link declared as not matched is a plain denial, too.
    pub fn denies(self) -> bool {
        matches!(self, Says::TwoPeople | Says::NotMatched)
    }
}

impl Question<'_> {
    /// Of the declarations about one pair whose valid-from is not after T, the newest declared; `Nothing` if there is none.
    fn said(&self, a: Option<Named>, b: Option<Named>) -> Says {
        let (Some(a), Some(b)) = (a, b) else {
            return Says::Nothing;
        };
        let about = |declaration: &&Declaration| declaration.is_about(&a, &b);
        let all: Vec<&Declaration> = self.settings.links.iter().filter(about).collect();
        let valid: Vec<&Declaration> = all
            .iter()
            .copied()
            .filter(|declaration| declaration.from.is_none_or(|from| from <= self.at))
            .collect();
        if valid.len() < all.len() {
            self.seen.saw("link: not valid yet");
        }
        if valid.len() > 1 {
            self.seen.saw("link: superseded by a newer one");
        }
        let Some(newest) = valid.last() else {
            return Says::Nothing;
        };
        self.seen.saw(match newest.says {
            Says::OnePerson => "link: one person",
            Says::Matched => "link: matched by GitHub",
            Says::TwoPeople => "link: two people",
            Says::NotMatched => "link: not matched by GitHub",
            Says::Nothing => "link: removed",
        });
        newest.says
    }
}

impl Matching<'_> {
    /// What counts of a Server account and a Cloud row (its place).
    pub fn said_of(&self, account: &Account, row: usize) -> Says {
        self.question.said(name_of(account), self.name_of_row(row))
    }

    /// What counts of two Server accounts (their places).
    pub fn said_of_two(&self, a: usize, b: usize) -> Says {
        self.question.said(name_of(&self.accounts[a]), name_of(&self.accounts[b]))
    }

    /// What counts of two Cloud rows (their places).
    pub fn said_of_rows(&self, a: usize, b: usize) -> Says {
        self.question.said(self.name_of_row(a), self.name_of_row(b))
    }

    fn name_of_row(&self, place: usize) -> Option<Named> {
        let row = &self.party.rows[place];
        let seats = matches!(row.kind, RowKind::CloudAccount | RowKind::InvitedByEmail);
        match (&self.party.enterprise, &row.identity) {
            (Some(enterprise), Identity::Login(login)) if seats => {
                Some(Named::Cloud { enterprise: enterprise.clone(), login: login.clone() })
            }
            _ => None,
        }
    }
}

fn name_of(account: &Account) -> Option<Named> {
    match &account.id {
        (host, Id::Number(id)) => Some(Named::Server { host: host.clone(), id: *id }),
        (_, Id::Without(_)) => None,
    }
}

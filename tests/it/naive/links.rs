//! Declared links (counting.md section 8): the declaration that counts at an instant for two accounts. It must
//! not know what follows from it.

use super::cloud::{Identity, RowKind};
use super::matching::Matching;
use super::server::{Account, Id};
use super::settings::holds;

/// A declaration about two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// They are one person (`links add`).
    OnePerson,
    /// They are one person, and GitHub has matched them (`--matched-by-github`).
    Matched,
    /// They are two people (`links deny`).
    TwoPeople,
    /// They are two people, and GitHub does not match them (`links deny` with `--not-matched-by-github`).
    NotMatched,
    /// Earlier declarations are taken back (`links remove`).
    Nothing,
}

/// An account, by what stays the same in every snapshot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// A Cloud row by its login, or an invitation by its address, as keys.
    Cloud { enterprise: String, login: String },
    /// A Server account by its host and id.
    Server { host: String, id: u64 },
}

/// A declaration about two accounts, and the instant from which it holds; `None` for always.
#[derive(Clone, Debug)]
pub struct Declaration {
    pub pair: [Named; 2],
    pub says: Says,
    pub from: Option<i64>,
}

impl Declaration {
    /// Whether it is about these two, in either order.
    pub fn is_about(&self, a: &Named, b: &Named) -> bool {
        let [one, other] = &self.pair;
        (one, other) == (a, b) || (one, other) == (b, a)
    }
}

impl Says {
    /// Whether it is a denial, with or without a word about GitHub's match.
    pub fn denies(self) -> bool {
        matches!(self, Says::TwoPeople | Says::NotMatched)
    }
}

impl Matching<'_> {
    /// The declaration that counts for a Server account and a Cloud row (by its index).
    pub fn said_of(&self, account: &Account, row: usize) -> Says {
        self.said(&|named| is_account(named, account), &|named| self.is_row(named, row))
    }

    /// The declaration that counts for two Server accounts (by their indexes).
    pub fn said_of_two(&self, a: usize, b: usize) -> Says {
        let is = |named: &Named, place: usize| is_account(named, &self.accounts[place]);
        self.said(&|named| is(named, a), &|named| is(named, b))
    }

    /// The declaration that counts for two Cloud rows (by their indexes).
    pub fn said_of_rows(&self, a: usize, b: usize) -> Says {
        self.said(&|named| self.is_row(named, a), &|named| self.is_row(named, b))
    }

    /// Of the declarations about one pair that are valid at T and not taken back, the one valid from latest;
    /// among equals, the one declared last. `Nothing` if there is none.
    fn said(&self, is_a: &dyn Fn(&Named) -> bool, is_b: &dyn Fn(&Named) -> bool) -> Says {
        let (seen, at) = (self.question.seen, self.question.at);
        let links = &self.question.settings.links;
        let mut counting: Option<&Declaration> = None;
        for (place, link) in links.iter().enumerate() {
            let [one, other] = &link.pair;
            let about = (is_a(one) && is_b(other)) || (is_a(other) && is_b(one));
            if !about || link.says == Says::Nothing {
                continue;
            }
            // A removal takes back what was declared before it, and ends it from its own day on.
            let later = links[place + 1..].iter().filter(|it| it.says == Says::Nothing);
            let mut back = later.filter(|it| it.is_about(one, other) && holds(it.from, at));
            if let Some(back) = back.next() {
                seen.saw("link: removed");
                if back.from < link.from && holds(link.from, at) {
                    seen.saw("link: removed from a day before it is valid");
                }
                continue;
            }
            if !holds(link.from, at) {
                seen.saw("link: not valid yet");
                continue;
            }
            if let Some(other) = counting {
                seen.saw(match other.from > link.from {
                    true => "link: the one valid from latest, not the last declared",
                    false => "link: superseded by a later one",
                });
            }
            if counting.is_none_or(|other| other.from <= link.from) {
                counting = Some(link);
            }
        }
        let Some(counting) = counting else { return Says::Nothing };
        seen.saw(match counting.says {
            Says::OnePerson => "link: one person",
            Says::Matched => "link: matched by GitHub",
            Says::TwoPeople => "link: two people",
            Says::NotMatched | Says::Nothing => "link: not matched by GitHub",
        });
        counting.says
    }

    /// Whether the row (by its index) is the named account. Section 6: the account that had the login last, not
    /// after T, whatever its login is now.
    fn is_row(&self, named: &Named, place: usize) -> bool {
        let Named::Cloud { enterprise, login } = named else { return false };
        if self.party.enterprise.as_ref() != Some(enterprise) {
            return false;
        }
        let row = &self.party.rows[place];
        let identity = Identity::Login(login.clone());
        match row.kind {
            RowKind::CloudAccount => {
                let followed = self.who_had(&identity) == Some(place);
                if followed && row.identity != identity {
                    self.question.seen.saw("link: follows a renamed login");
                }
                followed
            }
            RowKind::InvitedByEmail => row.identity == identity,
            RowKind::ServerOnly | RowKind::VisualStudioOnly => false,
        }
    }

    /// The index of the Cloud account that had the login last, not after T, if it still exists.
    fn who_had(&self, identity: &Identity) -> Option<usize> {
        let (followed, taken_at) = (self.followed?, self.party.cloud_taken_at?);
        let who = followed.last_with(identity)?;
        (0..self.party.rows.len()).find(|place| {
            let row = &self.party.rows[*place];
            let is_account = row.kind == RowKind::CloudAccount;
            is_account && followed.at(taken_at, &row.identity) == Some(who)
        })
    }
}

fn is_account(named: &Named, account: &Account) -> bool {
    match (named, &account.id) {
        (Named::Server { host, id }, (its_host, Id::Number(its))) => host == its_host && id == its,
        _ => false,
    }
}

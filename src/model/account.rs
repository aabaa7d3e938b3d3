//! What a record of a file says in the terms of counting.md: one account, or one row of a Cloud report.
//!
//! Pure functions ([`account_of`](super::account_of())) derive an [`Account`] from a record, both when a file is
//! read and when a database is verified. So every column of the database can be computed again from the stored
//! text of the record.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{EntryDigest, Host, Member, ServerId, compare_ids};
use crate::email;

/// The kind of a record: one of the four kinds of Cloud rows (formats.md section 1), a Server account, or an
/// entry of an employee directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RowKind {
    /// A Server account, on an instance.
    Server = 0,
    /// A Cloud account, whether or not it takes a seat.
    Cloud = 1,
    /// A person on Server whom GitHub could not match with a Cloud account at the last sync.
    ServerOnly = 2,
    /// A Visual Studio subscriber without an account.
    VisualStudioOnly = 3,
    /// An invitation by e-mail that was not accepted yet.
    Invited = 4,
    /// An entry of an employee directory, which is not an account and takes no seat.
    DirectoryEntry = 5,
}

impl RowKind {
    /// The kind of record for the number under which the database stores it; `None` for an unknown number.
    pub fn from_number(number: i64) -> Option<RowKind> {
        [
            RowKind::Server,
            RowKind::Cloud,
            RowKind::ServerOnly,
            RowKind::VisualStudioOnly,
            RowKind::Invited,
            RowKind::DirectoryEntry,
        ]
        .into_iter()
        .find(|kind| *kind as i64 == number)
    }
}

/// Whether a Cloud row has enterprise roles. The columns `github_com_enterprise_role` and
/// `github_com_enterprise_roles` count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Roles {
    /// The row has no enterprise role.
    None = 0,
    /// The row has at least one enterprise role that is not pending.
    Held = 1,
    /// The row has at least one role, and all its roles begin with "pending".
    Pending = 2,
}

impl Roles {
    /// The value for the number under which the database stores it; `None` for an unknown number.
    pub fn from_number(number: i64) -> Option<Roles> {
        [Roles::None, Roles::Held, Roles::Pending].into_iter().find(|roles| *roles as i64 == number)
    }
}

/// The kind of an account's address, which decides whether and how it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum AddressKind {
    /// The primary address of a Server account.
    Primary = 1,
    /// An address of a Server account other than the primary one.
    Secondary = 2,
    /// The SAML NameID of a Cloud account.
    NameId = 3,
    /// An address of a Cloud account in a verified domain.
    Verified = 4,
    /// An address that a Cloud row lists for a Server account.
    Server = 5,
    /// The sign-in address of a Visual Studio subscription.
    VisualStudio = 6,
    /// The address that an invitation went to.
    Invitation = 7,
}

impl AddressKind {
    /// Every kind of address, in the order of the stored numbers.
    pub const ALL: [AddressKind; 7] = [
        AddressKind::Primary,
        AddressKind::Secondary,
        AddressKind::NameId,
        AddressKind::Verified,
        AddressKind::Server,
        AddressKind::VisualStudio,
        AddressKind::Invitation,
    ];

    /// The kind of address for the number under which the database stores it; `None` for an unknown number.
    pub fn from_number(number: i64) -> Option<AddressKind> {
        AddressKind::ALL.into_iter().find(|kind| *kind as i64 == number)
    }

    /// The name of the kind of address in JSON and in the public views.
    pub fn name(self) -> &'static str {
        match self {
            AddressKind::Primary => "primary",
            AddressKind::Secondary => "secondary",
            AddressKind::NameId => "saml_name_id",
            AddressKind::Verified => "verified",
            AddressKind::Server => "server",
            AddressKind::VisualStudio => "visual_studio",
            AddressKind::Invitation => "invitation",
        }
    }
}

/// One address of an account, with its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address<'a> {
    /// The kind of the address, such as a NameID or a primary address.
    pub kind: AddressKind,
    /// The text of the address, as the file has it.
    pub text: Cow<'a, str>,
}

/// A membership in an organization, or in one repository of the organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Membership<'a> {
    /// The name of the organization, as the file has it.
    pub organization: Cow<'a, str>,
    /// The repository, if the account is an outside collaborator in it; `None` for a member of the organization.
    pub repository: Option<Cow<'a, str>>,
    /// The role as received: `Owner`, `Member`, `Collaborator`, …
    pub role: Cow<'a, str>,
}

/// What a record says about one account, in the terms of counting and matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account<'a> {
    /// The identity of the account (counting.md section 2), as text. `None` for an invitation without any address,
    /// because equal invitations without an address stay separate rows.
    pub identity: Option<String>,
    /// The kind of the row; [`RowKind::Server`] for a Server account.
    pub row: RowKind,
    /// The login as received, without surrounding white space. It is empty if the account has no login.
    pub login: Cow<'a, str>,
    /// The display name; `None` if the file states none.
    pub name: Option<Cow<'a, str>>,
    /// Is the Server account suspended? `None` if the file cannot state it.
    pub suspended: Option<bool>,
    /// The enterprise roles of a Cloud row.
    pub roles: Roles,
    /// Is the license of the Cloud row a Visual Studio subscription?
    pub visual_studio: bool,
    /// The addresses of the account. Texts without a key are left out (counting.md section 2).
    pub addresses: Vec<Address<'a>>,
    /// The Server accounts that a Cloud row lists, sorted and without duplicates.
    pub listed: Vec<ServerId>,
    /// The memberships of the account in organizations.
    pub memberships: Vec<Membership<'a>>,
}

/// The prefixes of stored identities, one for each kind of identity.
pub(super) mod identity {
    pub const LOGIN: &str = "login:";
    pub const ID: &str = "id:";
    pub const ADDRESS: &str = "address:";
    pub const CONTENT: &str = "content:";
    pub const ENTRY: &str = "entry:";
}

/// The order of two identities, by which rows are sorted. Logins come first, then pairs of host and id, then
/// addresses, then hashes of contents (counting.md section 2). Ids are compared as numbers.
pub fn compare_identities(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| {
        let ranks = [identity::LOGIN, identity::ID, identity::ADDRESS, identity::CONTENT];
        let rank = ranks.iter().position(|prefix| text.starts_with(prefix));
        let rank = rank.unwrap_or(ranks.len());
        let (host, id) = match text.strip_prefix(identity::ID) {
            Some(rest) => rest.rsplit_once(':').unwrap_or(("", rest)),
            None => (text, ""),
        };
        (rank, host.to_owned(), id.to_owned())
    };
    let ((rank_a, host_a, id_a), (rank_b, host_b, id_b)) = (parts(a), parts(b));
    (rank_a, host_a).cmp(&(rank_b, host_b)).then_with(|| compare_ids(&id_a, &id_b))
}

impl Account<'_> {
    /// The id in the stored identity of a Server account; `None` if the account has no id.
    pub fn id_of_identity(identity: &str) -> Option<&str> {
        identity.strip_prefix(identity::ID)
    }

    /// The stored identity of a Server account with this id.
    pub fn identity_of_id(id: &str) -> String {
        [identity::ID, id].concat()
    }

    /// The stored identity of an entry of an employee directory. `id` is the digest of the entry's id.
    pub fn identity_of_entry(id: EntryDigest) -> String {
        let mut text = String::new();
        Account::add_identity_of_entry(id, &mut text);
        text
    }

    /// Appends the identity that [`Account::identity_of_entry`] returns to `out`.
    pub fn add_identity_of_entry(id: EntryDigest, out: &mut String) {
        out.push_str(identity::ENTRY);
        id.write_hex(out);
    }

    /// The stored identity of a Cloud row, or of a Server account without an id, from its login.
    pub fn identity_of_login(login: &str) -> String {
        let mut text = String::with_capacity(identity::LOGIN.len() + login.len());
        add_identity_of_login(&mut text, login);
        text
    }

    /// The stored identity of a Server account, from its id or from the value that stands for it ([`Member`]).
    pub fn identity_of_member(member: &Member) -> String {
        match member {
            Member::Unnamed(identity) => identity.to_string(),
            Member::Login(login) => Account::identity_of_login(login),
            Member::Number(_) | Member::Text(_) => Account::identity_of_id(&member.to_string()),
        }
    }

    /// The login in a stored identity, in the form in which logins are compared. Only Cloud rows, and Server
    /// accounts without an id, are identified by a login. The login of an invitation by e-mail is its address.
    pub fn login_of_identity(identity: &str) -> Option<&str> {
        identity.strip_prefix(identity::LOGIN)
    }

    /// Is this identity a hash of the row's content? Only a row without a login, an id and an address has such an
    /// identity.
    pub fn is_identified_by_content(identity: &str) -> bool {
        identity.starts_with(identity::CONTENT)
    }

    /// Can this be the stored identity of an account that was united from several rows? The first row
    /// decides the identity, and later rows may have added smaller ids or addresses.
    pub fn may_have_been(stored: &str, account: &Account<'_>) -> bool {
        if let Some(id) = stored.strip_prefix(identity::ID) {
            return account.listed.iter().any(|listed| listed_text(listed) == id);
        }
        stored.strip_prefix(identity::ADDRESS).is_some_and(|key| {
            account.addresses.iter().any(|it| email::key(&it.text).as_deref() == Some(key))
        })
    }

    /// Is this the stored identity of an invitation without any address? `meaning` is the content of the
    /// invitation as text. Equal invitations without an address are numbered, and every number is accepted.
    pub fn is_numbered(stored: &str, meaning: &str) -> bool {
        let numbered = Account::numbered_identity(meaning, 0);
        let ordinal = numbered.strip_suffix('0').and_then(|start| stored.strip_prefix(start));
        ordinal.is_some_and(|it| it.parse::<u64>().is_ok_and(|ordinal| ordinal.to_string() == it))
    }

    /// The stored identity of an invitation without any address. `meaning` is the content of the invitation as
    /// text, and `ordinal` numbers equal invitations from 0.
    pub fn numbered_identity(meaning: &str, ordinal: u64) -> String {
        format!("{}{}#{ordinal}", identity::CONTENT, content_hash(meaning))
    }
}

pub(super) fn add_identity_of_login(out: &mut String, login: &str) {
    out.push_str(identity::LOGIN);
    email::add_login_key(out, login);
}

/// The id of a Server account that a Cloud row lists, in the form `HOST:ID` that identities use. The host is
/// empty if the row lists the id alone.
pub(super) fn listed_text(listed: &ServerId) -> String {
    format!("{}:{}", listed.host.as_ref().map_or("", Host::as_str), listed.id)
}

/// The hash, in hexadecimal, that identifies a row by its content alone.
pub(super) fn content_hash(meaning: &str) -> String {
    blake3::hash(meaning.as_bytes()).to_hex().chars().take(32).collect()
}

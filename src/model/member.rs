//! The id of a Server account on its instance, in the form in which counting compares ids.

/// The id of a Server account on its instance, or a value that stands for a missing id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// The file has no id for the account. The text is the account's identity instead.
    Unnamed(Box<str>),
    /// The file has no id for the account, but this login, in the form in which logins are compared.
    Login(Box<str>),
    /// An id that consists of digits only.
    Number(u64),
    /// An id that does not consist of digits only.
    Text(Box<str>),
}

impl Member {
    /// Makes the value for an id: a number if the id consists of digits.
    pub fn new(id: &str) -> Member {
        match id.parse() {
            Ok(number) => Member::Number(number),
            Err(_) => Member::Text(id.into()),
        }
    }

    /// The same member in the borrowed form that lookups use.
    pub fn by_ref(&self) -> MemberRef<'_> {
        match self {
            Member::Number(number) => MemberRef::Number(*number),
            other => MemberRef::Other(other),
        }
    }
}

/// A borrowed [`Member`], for lookups. A number is copied, so that a comparison reads no other memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberRef<'m> {
    /// An id that consists of digits only.
    Number(u64),
    /// Any member whose id is not a number.
    Other(&'m Member),
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Member::Unnamed(_) | Member::Login(_) => Ok(()),
            Member::Number(number) => write!(f, "{number}"),
            Member::Text(text) => f.write_str(text),
        }
    }
}

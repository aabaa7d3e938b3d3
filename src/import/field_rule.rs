//! What the value of a known field must be (formats.md section 1, "A known field of another type").

use super::list_text::Items;

/// The type of value in a known field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldForm {
    /// A string or a number.
    Text,
    /// The id of an account: a number or a string.
    Id,
    /// True, false or empty.
    Truth,
    /// A number.
    Number,
    /// A list of strings.
    List(Items),
    /// The addresses of a Server account: strings, or objects with an address and a flag.
    Emails,
    /// Whether an account is suspended: true or false. It decides whether the account counts, so an empty
    /// text is counted as a word for an absent value.
    Suspended,
    /// The same as a word: `active` or `suspended`, or true or false; never empty.
    Status,
    /// The time at which an account was suspended, a truth value, or empty.
    SuspendedAt,
}

/// The words that stand for an absent value in a field (counting.md section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsenceWords {
    /// The words for an address, an id or a NameID.
    Address,
    /// The words for a login, a name or an organization.
    Name,
    /// No words: values are kept as they are.
    Kept,
}

/// The rule for a known field.
#[derive(Debug, Clone, Copy)]
pub struct FieldRule {
    pub form: FieldForm,
    /// Whether identity, matching or counting depends on the field.
    pub telling: bool,
    /// The words that stand for an absent value.
    pub words: AbsenceWords,
}

impl FieldRule {
    /// A rule for a field that identity, matching or counting depends on.
    pub const fn telling(form: FieldForm, words: AbsenceWords) -> FieldRule {
        FieldRule { form, telling: true, words }
    }

    /// A rule for any other known field.
    pub const fn other(form: FieldForm, words: AbsenceWords) -> FieldRule {
        FieldRule { form, telling: false, words }
    }
}

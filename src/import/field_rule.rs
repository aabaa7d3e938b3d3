//! The rules for the values of known fields (formats.md section 1, "A known field of another type").

use super::list_text::Items;

/// The type that the value of a known field must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldForm {
    /// The value is a string or a number.
    Text,
    /// The value is the id of an account: a number or a string.
    Id,
    /// The value is true or false, or empty.
    Truth,
    /// The value is a number, which may be written as a string.
    Number,
    /// The value is a list of strings.
    List(Items),
    /// The value holds the addresses of a Server account, as strings or as objects with an address and a flag
    /// for the primary one.
    Emails,
    /// The value states whether an account is suspended, as true or false. It decides whether the account is
    /// counted, so a warning reports an empty text as a word that stands for an absent value.
    Suspended,
    /// The value states whether an account is suspended, as `active`, `suspended`, `true` or `false`. It is
    /// never empty.
    Status,
    /// The value is the time at which an account was suspended, or a truth value, or empty.
    SuspendedAt,
}

/// The words that stand for an absent value in a field, such as `n/a` (counting.md section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsenceWords {
    /// The words that stand for an absent value in fields for an address, an id or a NameID.
    Address,
    /// The words that stand for an absent value in fields for a login, a name or an organization.
    Name,
    /// No word stands for an absent value: the field keeps every value.
    Kept,
}

/// The rule for the values of one known field.
#[derive(Debug, Clone, Copy)]
pub struct FieldRule {
    pub form: FieldForm,
    /// Whether identity, matching or counting rests on the field.
    pub telling: bool,
    /// The words that stand for an absent value in the field.
    pub words: AbsenceWords,
}

impl FieldRule {
    /// The rule for a field on which identity, matching or counting rests.
    pub const fn telling(form: FieldForm, words: AbsenceWords) -> FieldRule {
        FieldRule { form, telling: true, words }
    }

    /// The rule for a known field on which neither identity nor matching nor counting rests.
    pub const fn other(form: FieldForm, words: AbsenceWords) -> FieldRule {
        FieldRule { form, telling: false, words }
    }
}

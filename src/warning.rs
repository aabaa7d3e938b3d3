//! A warning: something about a file, an answer or the database that does not refuse it. Every answer uses this
//! type. The code that writes a warning also says what it is about, so nobody reads its sentence for that.

use serde::{Serialize, Serializer};

use crate::code::WarningCode;
use crate::model::{Source, SourceKind};

/// A warning. It serializes as its code and its sentence; answers about files add its subject
/// ([`with_subjects`]). The code is text where a warning is read from a database, which another version of the
/// program may have written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning<C = WarningCode> {
    /// The stable code.
    pub code: C,
    /// The sentence for people.
    pub message: String,
    /// What the warning is about; `None`: the file, the answer or the database as a whole.
    #[serde(skip)]
    pub about: Option<WarningSubject>,
}

/// What a warning is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningSubject {
    /// A source.
    Source(Source),
    /// Something with a name, such as a field of the file.
    Named(String),
    /// A person, by login. It is printed with `-v` only.
    Person(String),
}

impl WarningSubject {
    /// An instance, by its host name.
    pub fn instance(host: &str) -> WarningSubject {
        WarningSubject::Source(Source { kind: SourceKind::Server, name: host.to_owned() })
    }
}

impl<C> Warning<C> {
    /// The name of the subject; of a source without its kind.
    pub fn subject(&self) -> Option<&str> {
        Some(match self.about.as_ref()? {
            WarningSubject::Source(source) => &source.name,
            WarningSubject::Named(name) | WarningSubject::Person(name) => name,
        })
    }

    /// The source that the warning is about, if it is about one.
    pub fn source(&self) -> Option<&Source> {
        match &self.about {
            Some(WarningSubject::Source(source)) => Some(source),
            _ => None,
        }
    }

    /// Does the warning name a person?
    pub fn names_somebody(&self) -> bool {
        matches!(self.about, Some(WarningSubject::Person(_)))
    }
}

/// Serializes warnings with the names of their subjects, under the key `where`.
///
/// # Errors
/// Only those of the serializer.
pub fn with_subjects<C: Serialize, S: Serializer>(
    warnings: &[Warning<C>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct WithSubject<'a, C> {
        code: &'a C,
        message: &'a str,
        r#where: Option<&'a str>,
    }
    serializer.collect_seq(warnings.iter().map(|warning| WithSubject {
        code: &warning.code,
        message: &warning.message,
        r#where: warning.subject(),
    }))
}

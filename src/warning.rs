//! Warnings about a file, an answer or the database. A warning does not refuse anything. Every answer uses the
//! same type of warning. A warning states its subject as a value, so that no part of the program has to read
//! the subject out of the sentence.

use serde::{Serialize, Serializer};

use crate::code::WarningCode;
use crate::model::{Source, SourceKind};

/// A warning. It serializes as its code and its sentence; answers about files add its subject
/// ([`with_subjects`]). `C` is the type of the code. The code is a text if the warning was read from a
/// database, because another version of the program may have written the warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning<C = WarningCode> {
    /// The stable code of the warning, for scripts.
    pub code: C,
    /// The sentence that people read.
    pub message: String,
    /// The subject of the warning. `None` means the file, the answer or the database as a whole.
    #[serde(skip)]
    pub about: Option<WarningSubject>,
}

/// The subject of a warning: the source, field or person that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WarningSubject {
    /// The source that the warning is about.
    Source(Source),
    /// A thing with a name, for instance a field of the file.
    Named(String),
    /// A person, by login. The login is printed with `-v` only.
    Person(String),
}

impl WarningSubject {
    /// The subject of a warning about an instance, by its host name.
    pub fn instance(host: &str) -> WarningSubject {
        WarningSubject::Source(Source { kind: SourceKind::Server, name: host.to_owned() })
    }
}

impl<C> Warning<C> {
    /// The name of the warning's subject. The name of a source comes without the kind of the source.
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

    /// Does the warning name a person as its subject?
    pub fn names_somebody(&self) -> bool {
        matches!(self.about, Some(WarningSubject::Person(_)))
    }
}

/// Serializes a list of warnings. Each warning has the name of its subject under the key `where`.
///
/// # Errors
/// Only the errors of the serializer.
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

//! A warning about an answer, as answers carry it.

use serde::Serialize;

/// A warning about an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable code.
    pub code: &'static str,
    /// The sentence for people.
    pub message: String,
}

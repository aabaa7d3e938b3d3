//! The accounts and the evidence of a finding as they are printed, with names and addresses.

use crate::code::EvidenceCode;
use crate::model::Instant;
use crate::table::{CellKind, Columns};
use serde::Serialize;

/// A Server account of a finding, with what is printed about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct ServerSide {
    pub host: String,
    pub id: Option<String>,
    pub login: Option<String>,
    pub primary_email: Option<String>,
}

/// A Cloud account or an invitation of a finding, with what is printed about it.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct CloudSide {
    pub login: String,
    pub name: Option<String>,
    /// The addresses of the account that GitHub compares, the NameID first. They appear in sentences, not in
    /// fields of the JSON answer.
    #[serde(skip)]
    pub addresses: Vec<String>,
    /// Whether this is an invitation and not an account.
    #[serde(skip)]
    pub invited: bool,
}

impl CloudSide {
    pub const COLUMNS: Columns = &[("login", CellKind::Text), ("name", CellKind::Text)];
}

impl ServerSide {
    /// The account as sentences name it: `LOGIN on HOST`.
    pub fn shown(&self) -> String {
        match (&self.login, &self.id) {
            (Some(login), _) => format!("{login} on {}", self.host),
            (None, Some(id)) => format!("account {id} on {}", self.host),
            (None, None) => format!("an account on {}", self.host),
        }
    }
}

impl CloudSide {
    /// The account or invitation as sentences name it.
    pub fn shown(&self) -> String {
        match (self.invited, self.login.is_empty()) {
            (true, _) => format!("the invitation to {}", self.login),
            (false, true) => "an account without a login".to_owned(),
            (false, false) => self.login.clone(),
        }
    }
}

/// Evidence for a finding, with names and addresses instead of numbers.
pub(super) struct Shown {
    pub code: EvidenceCode,
    pub account: Option<ServerSide>,
    pub cloud: Option<CloudSide>,
    /// The second Cloud account or invitation, if the evidence connects two Cloud seats.
    pub second: Option<CloudSide>,
    pub other: Option<ServerSide>,
    /// The address that the evidence is about. It belongs to the Server account, to the invitation, or to
    /// `second`.
    pub key: Option<String>,
    pub cloud_key: Option<String>,
    /// The employee directory that the evidence rests on: its name, and the time of its snapshot.
    pub directory: Option<(String, Instant)>,
}

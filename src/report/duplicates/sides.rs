//! The accounts and the evidence of a finding as they are printed, with names and addresses.

use crate::code::EvidenceCode;
use crate::model::Instant;
use crate::table::{CellKind, Columns};
use serde::Serialize;

/// A Server account as it is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct ServerSide {
    pub host: String,
    pub id: Option<String>,
    pub login: Option<String>,
    pub primary_email: Option<String>,
}

/// A Cloud account, or an invitation, as it is printed.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct CloudSide {
    pub login: String,
    pub name: Option<String>,
    /// The addresses of the account that GitHub compares, the NameID first. Only sentences show them.
    #[serde(skip)]
    pub addresses: Vec<String>,
    /// Whether the row is an invitation, and not an account.
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

/// Evidence, with names and addresses instead of indices.
pub(super) struct Shown {
    pub code: EvidenceCode,
    pub account: Option<ServerSide>,
    pub cloud: Option<CloudSide>,
    /// The Cloud account or invitation beyond the first, if the evidence connects two Cloud seats.
    pub second: Option<CloudSide>,
    pub other: Option<ServerSide>,
    /// The address that the evidence is about: an address of the Server account, of the invitation, or of
    /// `second`.
    pub key: Option<String>,
    pub cloud_key: Option<String>,
    /// The employee directory that the evidence rests on: its name, and the time of its snapshot.
    pub directory: Option<(String, Instant)>,
}

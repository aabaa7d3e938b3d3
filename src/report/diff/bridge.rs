//! The bridge of a difference: how many seats moved in which way, by source and organization. Every
//! seat that moved stands in exactly one span, so that the spans add up to the movements.

use serde::Serialize;

use super::{Movements, Placed};
use crate::report::seat::{SeatDetails, SeatHolder};

/// Where a seat that moved belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Of {
    /// Is it a seat without a Cloud account? Those come last.
    server_only: bool,
    /// The enterprise, or the host.
    source: String,
    /// The organization; `None`: none, or none is known.
    organization: Option<String>,
}

/// The seats of a source and an organization that moved.
#[derive(Debug, Clone, Serialize)]
pub(super) struct BridgeSpan {
    pub source: String,
    pub organization: Option<String>,
    #[serde(flatten)]
    pub movements: Movements,
}

impl Of {
    /// Of a seat: a Cloud seat is of its enterprise and of the only organization that it is in; who
    /// is in several is in none of them, so that nobody stands in two spans.
    pub fn new(seat: &Placed<'_>, told: &SeatHolder, teller: &SeatDetails) -> Of {
        let Some((enterprise, _)) = &seat.name.cloud else {
            let source = told.host.clone().unwrap_or_default();
            return Of { server_only: true, source, organization: None };
        };
        let names: Vec<&String> = teller.organizations().into_iter().flatten().collect();
        let organization = match names.as_slice() {
            [] => None,
            [only] => Some((*only).clone()),
            _ => Some("(several organizations)".to_owned()),
        };
        Of { server_only: false, source: enterprise.clone().unwrap_or_default(), organization }
    }

    /// The span with these movements.
    pub fn with(self, movements: Movements) -> BridgeSpan {
        BridgeSpan { source: self.source, organization: self.organization, movements }
    }
}

//! The bridge of `diff`: the number of seats that moved in each way, by source and organization. Every seat
//! that moved is counted in exactly one line of the bridge, so the lines add up to the movements.

use serde::Serialize;

use super::movements::Movements;
use super::placed::Placed;
use crate::report::seat::{SeatDetails, SeatHolder};
use crate::table::{CellKind, Columns};

/// The line of the bridge in which a seat is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Of {
    /// Is the seat without a Cloud account? The lines of such seats come last.
    server_only: bool,
    /// The enterprise of a Cloud seat, or the host of a seat without a Cloud account.
    source: String,
    /// The organization; `None` if the seat is in no organization, or if its organizations are not known.
    organization: Option<String>,
}

/// A line of the bridge: the movements of the seats of one source and organization.
#[derive(Debug, Clone, Serialize)]
pub(super) struct BridgeSpan {
    pub source: String,
    pub organization: Option<String>,
    #[serde(flatten)]
    pub movements: Movements,
}

impl BridgeSpan {
    pub const COLUMNS: Columns = &[
        ("source", CellKind::Text),
        ("organization", CellKind::Text),
        ("joined", CellKind::Whole),
        ("left", CellKind::Whole),
        ("matched", CellKind::Whole),
        ("unmatched", CellKind::Whole),
        ("changed", CellKind::Whole),
    ];
}

impl Of {
    /// A Cloud seat is counted in the line of its enterprise and its only organization. The seats of people
    /// in several organizations are counted in one separate line for each enterprise, so that no seat is
    /// counted twice.
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

    /// The line of the bridge, with its movements.
    pub fn with(self, movements: Movements) -> BridgeSpan {
        BridgeSpan { source: self.source, organization: self.organization, movements }
    }
}

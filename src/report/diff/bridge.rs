//! The bridge of `diff`: the number of seats that moved in each way, by source and organization. Every seat
//! that moved is counted in exactly one line of the bridge, so the lines add up to the movements.

use serde::Serialize;

use super::movements::Movements;
use super::placed::Placed;
use crate::report::seat::{SeatDetails, SeatHolder};
use crate::table::{CellKind, Columns};

/// What decides in which line of the bridge a seat is counted: its source and its organization.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Of {
    /// Has the seat no Cloud account? The bridge lists the lines of these seats last.
    server_only: bool,
    /// The enterprise of a Cloud seat, or the host of a seat without a Cloud account.
    source: String,
    /// The organization; `None` if the seat is in no organization, or if its organizations are not known.
    organization: Option<String>,
}

/// A line of the bridge: how many seats of one source and organization moved in each way.
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
    /// The line for a seat. A Cloud seat is counted under its enterprise and its only organization. Seats of
    /// people in several organizations have a line of their own in each enterprise, so that no seat is counted
    /// twice.
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

    /// The line of the bridge as it is printed, with its numbers of movements.
    pub fn with(self, movements: Movements) -> BridgeSpan {
        BridgeSpan { source: self.source, organization: self.organization, movements }
    }
}

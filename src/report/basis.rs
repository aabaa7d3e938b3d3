//! What an answer rests on beside its instant (interface.md section 1): what was known, and how each
//! enterprise pays. One value, which the answers carry and every form of output can show.

use serde::Serialize;

use super::moment::{Ledger, Moment};
use crate::model::Instant;

/// What an answer that counts seats rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// Only what had been imported or declared by then is known; `None`: everything.
    pub known_on: Option<Instant>,
    /// How each enterprise that was counted pays, by name; one that has changed its model within the
    /// span of the answer stands there once for each, in the order of time.
    pub billing_models: Vec<Billing>,
}

/// How an enterprise pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Billing {
    /// The enterprise.
    pub enterprise: String,
    /// `volume`, `metered` or `emu`.
    pub model: &'static str,
}

impl Basis {
    /// A basis with every column that there may be.
    pub fn example() -> Basis {
        Basis::default()
    }

    /// The basis of an answer about one instant.
    pub(super) fn of(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Basis {
        let mut basis = Basis { known_on: ledger.known_on, billing_models: Vec::new() };
        basis.take_in(moment);
        basis
    }

    /// Takes in what a further instant, later than all before, rests on.
    pub(super) fn take_in(&mut self, moment: &Moment<'_>) {
        for enterprise in &moment.enterprises {
            let Some(name) = &enterprise.name else { continue };
            let model = enterprise.population.billing.name();
            let last = self.billing_models.iter().rev().find(|it| it.enterprise == *name);
            if last.is_none_or(|last| last.model != model) {
                self.billing_models.push(Billing { enterprise: name.clone(), model });
            }
        }
        // Stable: what one enterprise had stays in the order of time.
        self.billing_models.sort_by(|a, b| a.enterprise.cmp(&b.enterprise));
    }
}

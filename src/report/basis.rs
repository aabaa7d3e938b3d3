//! What an answer rests on beside its instant (interface.md section 1): what was known, and how each
//! enterprise pays. One value, which the answers carry and every form of output can show.

use serde::Serialize;

use crate::ledger::{Ledger, Moment};
use crate::model::{BillingModel, Instant};

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

    /// What of it is not the usual, in sentences.
    pub fn told(&self) -> Vec<String> {
        let known_on = known_on_told(self.known_on);
        known_on.into_iter().chain(billing_told(&self.billing_models)).collect()
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

/// How the enterprises of a moment pay.
pub(super) fn billing(moment: &Moment<'_>) -> Vec<Billing> {
    let mut basis = Basis::default();
    basis.take_in(moment);
    basis.billing_models
}

/// A sentence on what was known, where that is not everything.
pub(super) fn known_on_told(known_on: Option<Instant>) -> Option<String> {
    known_on.map(|at| format!("Known on {at}: only what had been imported or declared by then."))
}

/// A sentence on how enterprises pay, where one of them does not pay as is usual.
pub(super) fn billing_told(models: &[Billing]) -> Option<String> {
    let usual = BillingModel::default().name();
    if models.iter().all(|it| it.model == usual) {
        return None;
    }
    let told = models.iter().map(|it| format!("{} for {}", it.model, it.enterprise));
    Some(format!("Billing model: {}.", told.collect::<Vec<_>>().join(", ")))
}

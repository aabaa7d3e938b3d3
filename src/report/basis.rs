//! The facts that an answer is based on, besides its as-of instant (interface.md section 1): the known-on
//! instant, after which imports and declarations are ignored, and the billing model of each enterprise. An
//! answer has these facts in one value, so that every output format can show them.

use serde::Serialize;

use crate::ledger::{Ledger, Moment};
use crate::model::{BillingModel, Instant};

/// The known-on instant and the billing models that an answer with counted seats is based on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// The answer uses only what had been imported or declared by this instant. `None`: the answer uses
    /// everything that is stored.
    pub known_on: Option<Instant>,
    /// The billing model of each enterprise that was counted, sorted by name. An enterprise whose model changed
    /// within the span of the answer is listed once for each model, in order of time.
    pub billing_models: Vec<Billing>,
}

/// The billing model of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Billing {
    /// The short name of the enterprise.
    pub enterprise: String,
    /// The name of the billing model: `volume`, `metered` or `emu`.
    pub model: &'static str,
}

impl Basis {
    /// The basis of an answer about one instant.
    pub(super) fn of(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Basis {
        let mut basis = Basis { known_on: ledger.known_on, billing_models: Vec::new() };
        basis.take_in(moment);
        basis
    }

    /// Sentences about the basis of an answer: one that names the known-on instant, if there is one, and one
    /// that names the billing models, if any of them is not the default.
    pub fn told(&self) -> Vec<String> {
        let known_on = known_on_told(self.known_on);
        known_on.into_iter().chain(billing_told(&self.billing_models)).collect()
    }

    /// Adds the billing models of the enterprises at `moment`. When several moments are added, the earliest
    /// must come first.
    pub(super) fn take_in(&mut self, moment: &Moment<'_>) {
        for enterprise in &moment.enterprises {
            let Some(name) = &enterprise.name else { continue };
            let model = enterprise.population.billing.name();
            let last = self.billing_models.iter().rev().find(|it| it.enterprise == *name);
            if last.is_none_or(|last| last.model != model) {
                self.billing_models.push(Billing { enterprise: name.clone(), model });
            }
        }
        // The sort is stable, so an enterprise whose billing model changed keeps its models in order of time.
        self.billing_models.sort_by(|a, b| a.enterprise.cmp(&b.enterprise));
    }
}

/// The billing model of each enterprise at a moment.
pub(super) fn billing(moment: &Moment<'_>) -> Vec<Billing> {
    let mut basis = Basis::default();
    basis.take_in(moment);
    basis.billing_models
}

/// A sentence about the known-on instant; `None` if the user set none.
pub(super) fn known_on_told(known_on: Option<Instant>) -> Option<String> {
    known_on.map(|at| format!("Known on {at}: the answer ignores later imports and declarations."))
}

/// A sentence that names the billing model of each enterprise. `None` if every enterprise has the default
/// model.
pub(super) fn billing_told(models: &[Billing]) -> Option<String> {
    let usual = BillingModel::default().name();
    if models.iter().all(|it| it.model == usual) {
        return None;
    }
    let told = models.iter().map(|it| format!("{} for {}", it.model, it.enterprise));
    Some(format!("Billing model: {}.", told.collect::<Vec<_>>().join(", ")))
}

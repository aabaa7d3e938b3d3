//! The duplicates of a page, counted by cause and by who fixes them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::DuplicateCounts;
use crate::people::Confidence;
use crate::report::duplicates::Duplicates;

/// The findings of `duplicates`, counted in two ways. Either way adds up to the summary of `duplicates`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DoublesSplit {
    /// By the code of the best evidence.
    by_cause: Vec<CauseCount>,
    /// By the actor of the first fix, and by instance.
    by_actor: Vec<ActorCount>,
}

#[derive(Debug, Clone, Serialize)]
struct CauseCount {
    cause: &'static str,
    findings: u64,
    #[serde(flatten)]
    counts: DuplicateCounts,
}

#[derive(Debug, Clone, Serialize)]
struct ActorCount {
    actor: &'static str,
    host: Option<String>,
    findings: u64,
    #[serde(flatten)]
    counts: DuplicateCounts,
}

impl DoublesSplit {
    pub fn of(duplicates: &Duplicates) -> DoublesSplit {
        let mut causes: BTreeMap<&'static str, DuplicateCounts> = BTreeMap::new();
        let mut actors: BTreeMap<(&'static str, Option<&str>), DuplicateCounts> = BTreeMap::new();
        for finding in duplicates.outlines() {
            let level = Confidence::ALL.into_iter().find(|it| it.name() == finding.confidence);
            let Some(level) = level else { continue };
            let cause = finding.codes.first().copied().unwrap_or("unknown");
            causes.entry(cause).or_default().add(level);
            actors.entry((finding.actor, finding.host)).or_default().add(level);
        }
        let mut by_cause: Vec<CauseCount> = causes
            .into_iter()
            .map(|(cause, counts)| CauseCount { cause, findings: sum(counts), counts })
            .collect();
        let mut by_actor: Vec<ActorCount> = actors
            .into_iter()
            .map(|((actor, host), counts)| ActorCount {
                actor,
                host: host.map(str::to_owned),
                findings: sum(counts),
                counts,
            })
            .collect();
        // The greatest first; equal ones by name, as the maps have them.
        by_cause.sort_by_key(|it| std::cmp::Reverse(it.findings));
        by_actor.sort_by_key(|it| std::cmp::Reverse(it.findings));
        DoublesSplit { by_cause, by_actor }
    }
}

fn sum(counts: DuplicateCounts) -> u64 {
    counts.certain + counts.likely + counts.possible
}

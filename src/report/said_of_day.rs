//! Sentences that are printed after a declaration (counting.md section 8). They state that the declaration
//! takes effect only after the newest snapshot, or that an older declaration overrules it from a later instant
//! on.

use crate::error::Result;
use crate::ledger::{AsOf, Ledger};
use crate::model::Instant;
use crate::store::{Declaration, Declared, Store};

/// What the user should know about the declarations that a command has just made. Each sentence occurs once.
///
/// # Errors
/// If the database cannot be read.
pub fn said_of(store: &Store, made: &[Declaration]) -> Result<Vec<String>> {
    let ledger = Ledger::open(store, None)?;
    let mut said: Vec<String> = Vec::new();
    for made in made {
        let overruling = ledger.declarations.overruling(made);
        let sentences = waits(&ledger, made.valid_from).into_iter();
        let sentences = sentences.chain(overruling.and_then(|later| {
            let from = later.valid_from?;
            // A retirement that begins later does not overrule the declaration that ends it (counting.md
            // section 8).
            if made.what == Declared::Retired && made.value != "true" {
                return None;
            }
            if made.what == Declared::Retired {
                return Some(format!(
                    "from {from} on, the source is not retired, as an earlier \
                                     command declared"
                ));
            }
            Some(format!(
                "from {from} on, the value {} counts, as an earlier command declared",
                later.value
            ))
        }));
        for sentence in sentences {
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        }
    }
    Ok(said)
}

/// The sentence that a declaration takes effect only after the newest snapshot, while answers are about that
/// snapshot. `None` if it takes effect earlier.
///
/// # Errors
/// If the database cannot be read.
pub fn said_of_day(store: &Store, valid_from: Option<Instant>) -> Result<Option<String>> {
    Ok(waits(&Ledger::open(store, None)?, valid_from))
}

fn waits(ledger: &Ledger<'_>, valid_from: Option<Instant>) -> Option<String> {
    let latest = ledger.instant(AsOf::Latest).ok()?;
    let from = valid_from.filter(|from| *from > latest)?;
    Some(format!(
        "the declaration takes effect on {from}, after the newest snapshot, which was taken at {latest}"
    ))
}

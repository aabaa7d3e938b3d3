//! `oneseat explain WHO`: every account of a person, the license decision and its reason, what GitHub states,
//! and the history of each account (interface.md section 3).
//!
//! `person` assembles the accounts of one person, `places` looks up accounts, `told` reads the details of an
//! account and of its match, `history` and `change` describe how the account changed, and `entries` finds the
//! person in the employee directories.

mod change;
mod entries;
mod history;
mod person;
mod person_shown;
mod places;
mod told;

use serde::Serialize;

use super::absent;
use super::basis::{Billing, billing, billing_told, known_on_told};
use super::duplicates::Together;
use super::who::{Sought, Unit, seeds, seek};
use crate::error::{Error, Result, quoted};
use crate::ledger::{Asked, Ledger, Moment};
use crate::ledger::{Scenes, Seed, around};
use crate::model::{Instant, Source, SourceFamily, SourceKind};
use crate::store::AccountRef;
use crate::table::{Answer, Columns, Page, RowVisitor, grouped};
use crate::warning::Warning;
use person::seeds_of_findings;
use person_shown::PersonShown;

/// What `oneseat explain` answers: the people to whom the name, address or login that the user typed may
/// belong.
#[derive(Debug, Clone, Serialize)]
pub struct Explain {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    #[serde(skip)]
    billing: Vec<Billing>,
    /// The warnings that a file lacks a field by which accounts are matched.
    warnings: Vec<Warning>,
    query: String,
    people: Vec<PersonShown>,
}

/// Answers the command `explain` about `who`: a login, an address, a display name, `HOST:ID` or
/// `ENTERPRISE:LOGIN`.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no account has that name or nothing is in force; also if the
/// database cannot be read.
pub fn explain(ledger: &Ledger<'_>, asked: &Asked, who: &str) -> Result<Explain> {
    let at = ledger.asked(asked)?;
    let only = asked.enterprise.as_deref();
    let (scene, hosts) = Scenes::new(ledger).at(at, only)?;
    let mut seeds = renamed_seeds(ledger, seeds(ledger, at, who)?)?;
    let mut rounds = ROUNDS;
    let (moment, is_whole, sought) = loop {
        let (moment, is_whole) = match around(ledger, &scene, &hosts, only, &seeds)? {
            Some(around) if rounds > 0 => (around.moment, false),
            _ => (ledger.moment(at, only)?, true),
        };
        let sought = renamed(ledger, &moment, seek(ledger, &moment, who)?)?;
        let mut more =
            if is_whole { Vec::new() } else { seeds_of_findings(ledger, &moment, &sought)? };
        more.retain(|seed| !seeds.contains(seed));
        if more.is_empty() {
            break (moment, is_whole, sought);
        }
        seeds.extend(more);
        rounds -= 1;
    };
    let sought = of_enterprise(ledger, at, only, sought, who)?;
    let warnings = absent::warnings(ledger, &moment)?;
    let whole = (&moment, is_whole);
    let mut people = person::people(ledger, whole, only, &sought, warnings.is_empty())?;
    for person in &mut people {
        let found = entries::entries(ledger, at, &person.accounts)?;
        (person.entries, person.earlier_entries) = (found.entries, found.earlier);
    }
    Ok(Explain {
        schema: "oneseat.explain/1",
        as_of: at,
        known_on: ledger.known_on,
        billing: billing(&moment),
        warnings,
        query: who.to_owned(),
        people,
    })
}

/// Removes accounts that are in no snapshot in force, if their source does not belong to the enterprise `only`.
fn of_enterprise(
    ledger: &Ledger<'_>,
    at: Instant,
    only: Option<&str>,
    mut sought: Sought,
    who: &str,
) -> Result<Sought> {
    let Some(only) = only else { return Ok(sought) };
    let assigned = ledger.assigned_at(at)?;
    sought.gone.retain(|known| {
        let mut sources = ledger.sources.iter().filter(|it| it.id == known.source_id);
        sources.any(|it| {
            let name = ledger.name_that_counts(it).to_owned();
            assigned.belongs(&Source { kind: it.source.kind, name }, only)
        })
    });
    if sought.in_force.is_empty() && sought.gone.is_empty() {
        return Err(Error::nothing(format!("nobody in {only} is called {}", quoted(who)))
            .hint("leave out --enterprise to look in every enterprise"));
    }
    Ok(sought)
}

/// How often `explain` may add the people of connected findings to those that it counts. If findings are then
/// still missing, it counts everybody.
const ROUNDS: u32 = 5;

/// The accounts from which the search for a person starts. A Cloud account whose login changed later is added
/// under each of its later logins too.
fn renamed_seeds(ledger: &Ledger<'_>, seeds: Vec<Seed>) -> Result<Vec<Seed>> {
    let mut all = Vec::new();
    for seed in seeds {
        if let Seed::Known(known) = &seed {
            let names = ledger.names_since(known.source_id, &known.identity)?;
            let later = names.into_iter().filter(|name| *name != known.identity);
            let source_id = known.source_id;
            all.extend(later.map(|identity| Seed::Known(AccountRef { source_id, identity })));
        }
        all.push(seed);
    }
    Ok(all)
}

/// Replaces a Cloud account that has no row in force under its old login by the same account under its present
/// login.
fn renamed(ledger: &Ledger<'_>, moment: &Moment<'_>, mut sought: Sought) -> Result<Sought> {
    for known in std::mem::take(&mut sought.gone) {
        let source = ledger.sources.iter().find(|it| it.id == known.source_id);
        let identity = match source.map(|it| &it.source) {
            Some(source) if source.kind == SourceKind::Cloud => {
                let name =
                    ledger.known_as.canonical(SourceFamily::Enterprise, &source.name, moment.at);
                ledger.name_of_last(name, &known.identity, moment.at)?
            }
            _ => known.identity.clone(),
        };
        let source_id = known.source_id;
        let same = ledger.same_source(source_id);
        let mut enterprises = moment.enterprises.iter().enumerate();
        let row = enterprises.find_map(|(index, enterprise)| {
            enterprise.cloud.filter(|cloud| same.contains(&cloud.source_id))?;
            Some((index, Unit::Row(enterprise.population.row_of(&identity)?)))
        });
        match row.filter(|_| identity != known.identity) {
            Some(row) => {
                sought.in_force.insert(row);
            }
            None => {
                sought.gone.insert(AccountRef { source_id, identity });
            }
        }
    }
    Ok(sought)
}

impl Answer for Explain {
    const LIST: Option<&'static str> = Some("people");
    const COLUMNS: Columns = PersonShown::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.people)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().chain(billing_told(&self.billing)).collect()
    }

    fn page(&self) -> Page {
        let mut tables = Vec::new();
        let several = self.people.len() > 1;
        for (number, person) in self.people.iter().enumerate() {
            let number = if several { format!("{}. ", number + 1) } else { String::new() };
            tables.extend(person.tables(&number));
        }
        Page {
            headline: format!("{} as of {}", self.query, self.as_of),
            tables,
            closing: self.closing(),
        }
    }
}

impl Explain {
    /// The sentences that state how many licenses are taken. They cover all connected findings, whichever of
    /// the accounts the user asked about.
    fn closing(&self) -> Vec<String> {
        let mut doubles: Vec<&Together> = Vec::new();
        let mut others = 0u64;
        for person in &self.people {
            match &person.together {
                Some(double) if doubles.iter().any(|it| it.is_same(double)) => {}
                Some(double) => doubles.push(double),
                None => others += u64::from(person.takes_license),
            }
        }
        let mut closing: Vec<String> = doubles.iter().flat_map(|it| it.closing()).collect();
        closing.extend(match others {
            0 if closing.is_empty() => Some("No license is taken.".to_owned()),
            0 => None,
            1 if closing.is_empty() => Some("One license is taken.".to_owned()),
            1 => Some("One more license is taken.".to_owned()),
            many if closing.is_empty() => Some(format!("{} licenses are taken.", grouped(many))),
            many => Some(format!("{} more licenses are taken.", grouped(many))),
        });
        let warnings = self.warnings.iter().map(|warning| format!("! {}", warning.message));
        warnings.chain(closing).collect()
    }
}

//! Employee directories: their lists, imported beside a floor, and what they cost the questions.
//!
//! What it is: the demo's two lists, of about as many rows as there are people; then `duplicates` with and without
//! them in the same rounds, and `leavers`. May assume: the database of the first jobs exists. Must not: change it.

use std::path::Path;

use crate::Result;
use crate::data::{Base, List};
use crate::house::{House, OURS, remove_database};
use crate::measure::{self, Run};
use crate::program::{Asked, Stored};
use crate::questions::{ask, copy};
use crate::report::{Goal, Report};
use crate::rounds::{Rounds, Turn, figure, tell};

/// The size for which the goals are stated.
const PEOPLE: u32 = 1_000_000;

/// Measures the imports and the questions, in a copy of this database.
pub fn run(
    house: &House,
    base: &Base,
    stored: &Stored<'_>,
    people: u32,
    report: &mut Report,
) -> Result<()> {
    let lists = base.lists()?;
    for list in &lists {
        let job = format!("import of the list `{}`", list.directory);
        let floor = format!("parse and hash, the list `{}`", list.directory);
        // Each run imports into a copy of its own, which is made before the round and not measured.
        let place = stored.database.with_extension("directory.db");
        let mut turns = vec![
            Turn::new(&floor, "floor", || house.floor_of(std::iter::once(&*list.path), false)),
            Turn::new(&job, OURS, || import(stored, &place, list)),
        ];
        Rounds::cold(house).hold_after(&mut turns, |_| {
            remove_database(&place)?;
            copy(&stored.database, "directory.db").map(drop)
        })?;
        let goal = figure(&turns, &job, OURS)
            .zip(figure(&turns, &floor, "floor"))
            .map(|(import, floor)| Goal::times(import, 3.0, floor, "parse and hash"));
        tell(report, &turns, &job, goal.into_iter().collect());
        remove_database(&place)?;
    }
    let with = copy(&stored.database, "directories.db")?;
    for list in &lists {
        import(stored, &with, list)?;
    }
    let asked = house.ours(&with);
    let duplicates = Asked::of(&["duplicates"]);
    let (job, without) =
        ("`duplicates`, with both directories", "`duplicates`, without a directory");
    let mut turns = vec![stored.asks(without, &duplicates), asked.asks(job, &duplicates)];
    Rounds::warm(house).hold(&mut turns)?;
    let goal = figure(&turns, job, OURS)
        .zip(figure(&turns, without, OURS))
        .map(|(with, without)| Goal::times(with, 1.3, without, "without a directory"));
    tell(report, &turns, job, goal.into_iter().collect());
    drop(turns);
    let leavers = Asked::of(&["leavers"]);
    ask(house, report, (std::slice::from_ref(&asked), &[]), ("`leavers`", &leavers, None), |it| {
        Some(Goal::seconds(it, 1.5, PEOPLE, people, ""))
    })?;
    remove_database(&with)
}

/// Imports a list into this database.
fn import(stored: &Stored<'_>, database: &Path, list: &List) -> Result<Run> {
    let mut command = stored.program.command(database, &["import", "--directory", list.directory]);
    command.arg(&list.path).arg("--config").arg(&list.config);
    measure::run(&mut command)
}

//! The file of an older oneseat: its size beside the new one, and the time to migrate it.
//!
//! What it is: the two jobs that need `--before`. May assume: the older program has imported the same files.
//! Must not: change the older program's database; it is copied.

use std::fs::File;
use std::path::Path;

use crate::Result;
use crate::house::{self, House, OURS};
use crate::measure::{self, Run};
use crate::program::{Stored, schema};
use crate::report::{Goal, Report, bytes};
use crate::rounds::{Rounds, Turn, tell};

const NO_OLDER: &str = "no older binary";

/// Reports the sizes of the databases. The new one is compared with the older program's.
pub fn tell_files(report: &mut Report, job: &str, stored: &[Stored<'_>], mut goals: Vec<Goal>) {
    let sizes: Vec<u64> = stored.iter().map(|it| house::size(&it.database)).collect();
    let (of, times) = ("that of oneseat before", 0.75);
    goals.push(match sizes[..] {
        [ours, before, ..] if before > 0 => Goal::share(ours, times, before, of),
        _ => Goal::unmeasured(format!("≤ {times} × {of}"), NO_OLDER),
    });
    let mut goals = Some(goals);
    for (it, size) in stored.iter().zip(sizes) {
        let goals = goals.take().unwrap_or_default();
        report.value(job, it.program.by, bytes(size), goals);
    }
}

/// Reports the schemas of the databases, if there are two.
pub fn tell_schemas(report: &mut Report, stored: &[Stored<'_>]) {
    if let [ours, before] = stored
        && let (Ok(ours), Ok(before)) = (ours.schema(), before.schema())
    {
        report.note(format!(
            "The databases are of schema {ours}, those of oneseat before of schema {before}."
        ));
    }
}

/// The new program asks a copy of the older program's database, which it migrates before it answers.
pub fn migration(
    house: &House,
    stored: &[Stored<'_>],
    goal: impl FnOnce(&measure::Figure) -> Goal,
    report: &mut Report,
) -> Result<()> {
    let job = "migration of a file of oneseat before";
    let mut unmeasured = |why: &str| {
        let goal = Goal::unmeasured("≤ 20.0 s", why);
        report.value(job, OURS, String::new(), vec![goal]);
    };
    let [ours, before] = stored else {
        unmeasured(NO_OLDER);
        return Ok(());
    };
    match before.schema() {
        Ok(schema) if schema != ours.schema()? => {}
        Ok(_) => {
            unmeasured("the older binary has the same schema");
            return Ok(());
        }
        // The run has failed, which was reported.
        Err(_) => {
            unmeasured("the older binary has left no database");
            return Ok(());
        }
    }
    let migrate = || migrate(house, ours, &before.database);
    let mut turns = [Turn::new(job, OURS, migrate)];
    Rounds::cold(house).hold(&mut turns)?;
    let [turn] = &turns;
    let goals = vec![goal(&turn.figure)];
    tell(report, &turns, job, goals);
    Ok(())
}

/// In a folder of its own, because a copy of the old file is kept beside the new one.
fn migrate(house: &House, ours: &Stored<'_>, old: &Path) -> Result<Run> {
    let folder = tempfile::Builder::new().prefix("migration-").tempdir_in(&house.folder)?;
    let database = folder.path().join("old.db");
    if house::size(old) != old.metadata()?.len() {
        return Err("the older program has left something outside of its database".into());
    }
    std::fs::copy(old, &database)?;
    // Writing out the copy is no part of the migration.
    File::open(&database)?.sync_all()?;
    let moved = Stored { program: ours.program, database };
    // A question that takes almost no time itself, without a limit, because half a migration has no meaning.
    let mut command = ours.program.command(&moved.database, &["snapshots", "--format", "csv"]);
    let run = measure::run(&mut command)?;
    if schema(&moved.database)? != ours.schema()? {
        return Err("the question has not migrated the database".into());
    }
    Ok(run)
}

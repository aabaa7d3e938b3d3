//! Warnings before a command runs, about the files of the database and about the clock. There are four cases: users
//! other than the owner can read the database; the database has several names; the database lies on a network file
//! system, where SQLite's locks fail; the clock is behind the journal. With `-v`, the time at which `verify` last
//! passed is printed too.

use std::path::Path;

use super::global::Global;
use super::spec::{Database, ParsedCommand};
use super::world::World;
use crate::error::{Result, printable};
use crate::report;
use crate::store::{self, LastVerified, Since, Statement, Store};

/// Prints warnings to standard error before a command runs: about the files of the database, and about the
/// clock.
pub(super) fn tell(global: &Global, command: &dyn ParsedCommand, world: &mut World<'_>) {
    let Ok(database) = global.database() else { return };
    if command.about().database == Database::No || global.quiet || !database.exists() {
        return;
    }
    for (file, mode) in store::wide_files(&database) {
        let wide = format!(
            "{}: users other than its owner may use it (mode {mode:04o}), and it has personal data",
            file.display()
        );
        let right = if file.is_dir() { "700" } else { "600" };
        warn(&wide, &format!("chmod {right} {}", file.display()), world);
    }
    // A command that writes refuses a database with several names by itself, with an error that comes later.
    if store::names_of(&database).is_some_and(|names| names > 1) {
        let several = format!(
            "{}: the database has several names (hard links), and what was stored under another \
             name may be missing under this one",
            database.display()
        );
        warn(
            &several,
            "copy the database: `oneseat backup NEW`, then use --db NEW; or remove the other name",
            world,
        );
    }
    let kind = store::file_system(&database).filter(|kind| store::is_far_away(kind));
    if let Some(kind) = kind {
        let far =
            format!("{}: the database lies on a network file system ({kind})", database.display());
        let way = "keep the database on a disk of this machine, because SQLite's locks fail \
             on a network file system";
        warn(&far, way, world);
    }
    if command.goes_by_the_clock()
        && let Ok(store) = Store::open_as_it_is(&database)
        && let Ok(Some(slow)) = report::slow_clock(&store, world.now)
    {
        warn(
            &slow,
            "set the clock right; `oneseat journal` shows the times of the lines in the journal",
            world,
        );
    }
    if global.verbose > 0 {
        // If the database cannot be read, the command itself reports that later.
        if let Ok(text) = last_verified(&database) {
            global.say_more(&format!("oneseat: {text}\n"), world);
        }
    }
}

/// Prints a warning and its hint to standard error.
pub(super) fn warn(message: &str, hint: &str, world: &mut World<'_>) {
    let text = format!("oneseat: warning: {}\nhint: {}\n", printable(message), printable(hint));
    let _closed = world.err.write_all(text.as_bytes());
}

/// A sentence that states when `verify` last passed, and how many commands have written since.
fn last_verified(database: &Path) -> Result<String> {
    let last = LastVerified::of(database);
    let failed = last.failed.map(|at| format!("; it failed on {at}")).unwrap_or_default();
    let Some((at, journal)) = last.passed else {
        return Ok(format!("no `oneseat verify` is known to have passed{failed}"));
    };
    let since = match Store::open_as_it_is(database)?.journal_since(&journal)? {
        Since::Lines(0) => "nothing was written since".to_owned(),
        Since::Lines(1) => "one command has written since".to_owned(),
        Since::Lines(lines) => format!("{lines} commands have written since"),
        Since::Another => "but the journal no longer has the head that it had then".to_owned(),
    };
    Ok(format!("`oneseat verify` last passed on {at}: {since}{failed}"))
}

impl Global {
    /// Warns if an SQL statement reads tables with rows of all enterprises although the user named one.
    ///
    /// # Errors
    /// If the SQL statement is wrong.
    pub(super) fn warn_of_whole_tables(
        &self,
        statement: &Statement,
        place: &str,
        world: &mut World<'_>,
    ) -> Result<()> {
        let Some(name) = &self.enterprise else { return Ok(()) };
        let whole = report::not_narrowed(&self.database()?, statement, place)?;
        if !whole.is_empty() {
            let message = format!(
                "the rows of every enterprise are in {}, not only the rows of {name}",
                whole.join(", ")
            );
            warn(
                &message,
                "add WHERE source = …, or read the tables seats or seat_accounts",
                world,
            );
        }
        Ok(())
    }

    /// Prints a text to standard error if `-v` is set and `-q` is not.
    pub(super) fn say_more(&self, text: &str, world: &mut World<'_>) {
        if self.verbose > 0 && !self.quiet {
            let _closed = world.err.write_all(text.as_bytes());
        }
    }
}

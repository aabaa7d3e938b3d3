//! Warnings about the database before a command runs: others can read it, it has several names, it lies on a
//! file system where SQLite's locks fail, or the clock is behind its journal. With `-v`, also when `verify`
//! last passed.

use std::path::Path;

use super::global::Global;
use super::spec::{Database, ParsedCommand};
use super::world::World;
use crate::error::{Result, printable};
use crate::report;
use crate::store::{self, LastVerified, Since, Statement, Store};

/// Prints the warnings on standard error.
pub(super) fn tell(global: &Global, command: &dyn ParsedCommand, world: &mut World<'_>) {
    let Ok(database) = global.database() else { return };
    if command.about().database == Database::No || global.quiet || !database.exists() {
        return;
    }
    for (file, mode) in store::wide_files(&database) {
        let wide = format!(
            "{}: others than its owner may use it (mode {mode:04o}), and personal data are in it",
            file.display()
        );
        let right = if file.is_dir() { "700" } else { "600" };
        warn(&wide, &format!("chmod {right} {}", file.display()), world);
    }
    // A command that writes is refused with an error of its own.
    if store::names_of(&database).is_some_and(|names| names > 1) {
        let several = format!(
            "{}: the file has several names (hard links): what was stored under another one may be \
             missing here",
            database.display()
        );
        warn(&several, "`oneseat backup NEW`, then --db NEW; or remove the other name", world);
    }
    let kind = store::file_system(&database).filter(|kind| store::is_far_away(kind));
    if let Some(kind) = kind {
        let far = format!("{}: lies on a network file system ({kind})", database.display());
        let way = "SQLite's locks fail there: keep the database on a disk of this machine";
        warn(&far, way, world);
    }
    if command.goes_by_the_clock()
        && let Ok(store) = Store::open_as_it_is(&database)
        && let Ok(Some(slow)) = report::slow_clock(&store, world.now)
    {
        warn(&slow, "set the clock right; `oneseat journal` shows the line's time", world);
    }
    if global.verbose > 0 {
        // The command itself reports a database that cannot be read.
        if let Ok(text) = last_verified(&database) {
            global.say_more(&format!("oneseat: {text}\n"), world);
        }
    }
}

/// Prints a warning and its hint on standard error.
pub(super) fn warn(message: &str, hint: &str, world: &mut World<'_>) {
    let text = format!("oneseat: warning: {}\nhint: {}\n", printable(message), printable(hint));
    let _closed = world.err.write_all(text.as_bytes());
}

/// When `verify` last passed, and how many commands have written since.
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
        Since::Another => "but the journal no longer has that head".to_owned(),
    };
    Ok(format!("`oneseat verify` last passed on {at}: {since}{failed}"))
}

impl Global {
    /// Warns if a statement reads tables that `--enterprise` does not narrow.
    ///
    /// # Errors
    /// If the statement is wrong.
    pub(super) fn warn_of_whole_tables(
        &self,
        statement: &Statement,
        place: &str,
        world: &mut World<'_>,
    ) -> Result<()> {
        let Some(name) = &self.enterprise else { return Ok(()) };
        let whole = report::not_narrowed(&self.database()?, statement, place)?;
        if !whole.is_empty() {
            let message = format!("every enterprise is in {}, not {name} alone", whole.join(", "));
            warn(&message, "add WHERE source = …, or read seats or seat_accounts", world);
        }
        Ok(())
    }

    /// Prints a text on standard error with `-v`.
    pub(super) fn say_more(&self, text: &str, world: &mut World<'_>) {
        if self.verbose > 0 && !self.quiet {
            let _closed = world.err.write_all(text.as_bytes());
        }
    }
}

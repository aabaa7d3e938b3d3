//! The command `oneseat verify`, which checks that the stored data are complete and unchanged.

use clap::Args;

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::world::World;
use crate::error::{Error, Result};
use crate::report;
use crate::store::{LastVerified, Since, Store};

/// Check every promise about the stored data again, and exit with 1 if one is broken.
///
/// Example: oneseat verify --head "$(cat head-of-last-audit.txt)"
#[derive(Args)]
pub struct VerifyArgs {
    /// Require that the journal still has this head, which an earlier `oneseat verify` printed.
    #[arg(long, value_name = "HASH", value_parser = whole_head)]
    head: Option<String>,
    /// List what protects each table and column.
    #[arg(long)]
    coverage: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// Reads a head (the newest hash) of the journal. All 64 digits are needed, because the beginning of a hash
/// proves nothing about the rest.
fn whole_head(text: &str) -> Result<String> {
    const DIGITS: usize = 64;
    let head = text.trim();
    if head.len() == DIGITS && head.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(head.to_owned());
    }
    let found = head.chars().count();
    Err(Error::usage(format!(
        "a head has {DIGITS} hexadecimal digits, and this value has {found} characters"
    ))
    .hint("give the whole hash that `oneseat verify` printed"))
}

/// Warns if the journal no longer has the head that it had when `verify` last passed. Then an older copy has
/// taken the place of the database, or its history was rewritten. Such a database may still be in order by
/// itself.
fn warn_of_another_history(
    store: &Store,
    last: &LastVerified,
    world: &mut World<'_>,
) -> Result<()> {
    if let Some((at, journal)) = &last.passed
        && store.journal_since(journal)? == Since::Another
    {
        let text = format!(
            "oneseat: warning: the journal does not have the head that it had on {at}: the file \
             was replaced by an older one, lost what was written last, or was rewritten\n"
        );
        let _closed = world.err.write_all(text.as_bytes());
    }
    Ok(())
}

impl Command for VerifyArgs {
    const ABOUT: About = About {
        name: "verify",
        group: "The books",
        database: Database::Asks,
        questions: &["verify"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let database = global.database()?;
        let store = Store::open(&database)?;
        let answer = report::verify(&store, self.head.as_deref(), self.coverage, world.now)?;
        let mut last = LastVerified::of(&database);
        warn_of_another_history(&store, &last, world)?;
        match answer.ok {
            true => {
                last = LastVerified { passed: Some((world.now, answer.journal())), failed: None }
            }
            false => last.failed = Some(world.now),
        }
        if let Err(error) = last.keep(&database) {
            // The result of the verification cannot be stored beside a database in a folder that cannot be
            // written. That is no error, because the database was verified.
            global.say_more(&error.report(true), world);
        }
        self.output.print(&answer, global, world)?;
        Ok(u8::from(!answer.ok))
    }

    fn goes_by_the_clock(&self) -> bool {
        true
    }
}

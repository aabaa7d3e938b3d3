//! The command `oneseat import`, which stores reports as snapshots. This file also prints the warnings and errors
//! about imported files for other commands.

use std::path::PathBuf;

use clap::Args;

use super::config_file::{ConfigArgs, read_config};
use super::global::Global;
use super::output::OutputArgs;
use super::progress::Bar;
use super::spec::{About, Command, Database};
use super::times::start;
use super::values::{InputFormat, all_input_formats};
use super::world::World;
use crate::config::ConfiguredDirectory;
use crate::error::{ErrorKind, Result, printable};
use crate::intake::{self, Asker, ImportItem, Progress, Request, Silent, Status};
use crate::model::Instant;
use crate::store::Store;

/// Store the reports of Cloud and Server as snapshots; earlier snapshots are kept.
///
/// Formats are recognized by content. `oneseat formats` lists them, and where to get the files. Files that gzip
/// or zstd has compressed need not be unpacked first.
///
/// Example: oneseat import --enterprise corp --pages page-*.json
#[derive(Args)]
pub struct ImportArgs {
    /// The files to import; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read the files as the pages of one answer, in any order.
    #[arg(long)]
    pages: bool,
    /// Name the instance of the Server files: one host for all files, or one for each file that needs one, in the
    /// same order.
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// Name the employee directory that the files are of [default: the only one].
    #[arg(long, value_name = "NAME")]
    directory: Option<String>,
    /// Set when the files were taken: RFC 3339, or a date (its first second).
    #[arg(long, value_name = "T", value_parser = start)]
    taken_at: Option<Instant>,
    /// Read the files as this format, instead of recognizing the format by content.
    #[arg(long, value_name = "NAME", value_parser = all_input_formats())]
    input_format: Option<InputFormat>,
    /// Do everything, but store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Store an incomplete snapshot; it never counts.
    #[arg(long, conflicts_with = "accept_short")]
    partial: bool,
    /// Store and count a snapshot that is incomplete or has less than half the accounts of the one before, for
    /// this reason, which is shown wherever the snapshot counts.
    #[arg(long, value_name = "REASON")]
    accept_short: Option<String>,
    /// Store a file for a new source, for this reason, although it looks like a file of another source, or its
    /// name is another name of a known source.
    #[arg(long, value_name = "REASON")]
    accept_new: Option<String>,
    /// Void the snapshot of the same source and instant, and store this file in its place.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ImportArgs {
    /// What the configuration says about employee directories. A configuration file with errors stops only an
    /// import that needs one of them.
    fn directories(&self, world: &World<'_>) -> Result<Vec<ConfiguredDirectory>> {
        let directories = read_config(&self.config, world)
            .map(|found| found.map(|(_, config)| config.directories).unwrap_or_default());
        match self.directory {
            Some(_) => directories,
            None => Ok(directories.unwrap_or_default()),
        }
    }
}

impl Command for ImportArgs {
    const ABOUT: About =
        About { name: "import", group: "Take in", database: Database::Uses, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let reader = self.input_format.and_then(InputFormat::report);
        let directories = self.directories(world)?;
        let mut store = Store::open_or_create(&global.database()?)?;
        let bar = Bar::default();
        let shown = world.err_is_terminal && !global.quiet;
        let progress: &dyn Progress = if shown { &bar } else { &Silent };
        let request = Request {
            files: &self.files,
            pages: self.pages,
            reader,
            enterprise: global.enterprise.as_deref(),
            hosts: &self.host,
            host: None,
            directory: self.directory.as_deref(),
            directory_reader: self.input_format.and_then(InputFormat::directory),
            directories: &directories,
            taken_at: self.taken_at,
            dry_run: self.dry_run,
            stored: &[],
            asker: Asker::Import,
            partial: self.partial,
            accept_short: self.accept_short.as_deref(),
            accept_new: self.accept_new.as_deref(),
            replace: self.replace,
            progress,
            now: world.now,
        };
        for (file, host) in intake::pairs(&request)? {
            let line = format!("{}: a file of {host}", file.display());
            say(&line, global, world);
        }
        let imported = intake::import(&mut store, &request, world.stdin)?;
        store.write_through_log()?;
        for item in &imported.items {
            tell(item, global, world);
        }
        self.output.print(&imported, global, world)?;
        tell_undo(imported.items.iter(), global, world);
        let refused = imported.items.iter().any(|item| item.status == Status::Refused);
        Ok(if refused { ErrorKind::Input.exit_code() } else { 0 })
    }

    fn goes_by_the_clock(&self) -> bool {
        true
    }
}

/// Prints a line to standard error, unless `-q` is set.
fn say(line: &str, global: &Global, world: &mut World<'_>) {
    if !global.quiet {
        // The results are printed even if this line cannot be written to standard error.
        let _closed = writeln!(world.err, "{}", printable(line));
    }
}

/// Prints the command line that takes out of force what an import or a fetch has stored.
pub(super) fn tell_undo<'i>(
    items: impl Iterator<Item = &'i ImportItem> + Clone,
    global: &Global,
    world: &mut World<'_>,
) {
    let oneseat = match &global.db {
        Some(file) => format!("oneseat --db {}", word(&file.display().to_string())),
        None => "oneseat".to_owned(),
    };
    // Details that were added to a stored snapshot of a directory are no snapshot that could be taken back.
    let stored = items.clone().filter(|item| item.status == Status::Stored && !item.is_fill);
    let ids: Vec<String> =
        stored.filter_map(|item| item.snapshot.map(|id| id.to_string())).collect();
    if ids.is_empty() {
        return;
    }
    let mut undo = format!("undo: {oneseat} snapshots void {} --reason …", ids.join(" "));
    let replaced: Vec<String> =
        items.clone().filter_map(|item| item.replaced.map(|id| id.to_string())).collect();
    if !replaced.is_empty() {
        undo.push_str(&format!(" && {oneseat} snapshots restore {}", replaced.join(" ")));
    }
    for (name, whose) in items.filter_map(|item| item.given_back.as_ref()) {
        let (name, whose) = (word(name), word(whose));
        undo.push_str(&format!(" && {oneseat} sources set {whose} --alias {name}"));
    }
    say(&undo, global, world);
}

/// A word of a command line, put into quotes if a shell would otherwise misread it.
fn word(text: &str) -> String {
    let plain = |it: char| it.is_alphanumeric() || "/._-:@+".contains(it);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Prints the warnings and the error about one imported file to standard error.
pub(super) fn tell(item: &ImportItem, global: &Global, world: &mut World<'_>) {
    let mut text = String::new();
    // A file may have a million rows. So without `-v`, the warnings of one code that name rows become one line.
    let warnings = match global.verbose {
        0 => intake::nameless(&item.warnings),
        _ => item.warnings.clone(),
    };
    for warning in warnings.iter().filter(|_| !global.quiet) {
        let place = warning.subject().map(|place| format!(": {}", crate::error::quoted(place)));
        let place = place.unwrap_or_default();
        let line = format!("{}: {}{place} [{}]", item.called, warning.message, warning.code);
        text.push_str(&format!("oneseat: warning: {}\n", printable(&line)));
    }
    if let Some(refusal) = &item.error {
        text.push_str(&refusal.error.report(global.verbose > 0));
    }
    // The results are printed even if the warnings cannot be written to standard error.
    let _closed = world.err.write_all(text.as_bytes());
}

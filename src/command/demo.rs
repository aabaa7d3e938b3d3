//! The command `oneseat demo`, which shows the program on a made-up enterprise.

use std::path::{Path, PathBuf};

use chrono::{Datelike as _, NaiveDate};
use clap::Args;

use super::global::Global;
use super::import::tell;
use super::output::OutputArgs;
use super::page::{file_name, html, usual_page};
use super::spec::{About, Command, Database, THE_PROGRAM};
use super::times::{AsOfArgs, KnownOnArgs};
use super::world::World;
use crate::config::{Config, ConfiguredDirectory};
use crate::demo::{self, DemoFile, DemoSource};
use crate::error::{Error, ErrorKind, Result};
use crate::intake::{self, Asker, Request, Status};
use crate::ledger::{AsOf, Ledger};
use crate::model::Instant;
use crate::private_file;
use crate::report;
use crate::store::Store;

/// Show what oneseat does, on a made-up enterprise with two years of weekly history.
///
/// The command writes files of the real formats into DIR, imports them into a database in DIR as it would import
/// your files, prints the main answers, and makes a page to look at. It does not touch your own database. Among the files are the lists of
/// two employee directories; DIR/config.toml names the columns of the HR system's lists. DIR/truth.ndjson lists
/// the people who really take two licenses on the last day, those who only seem to, those who left and still have
/// a seat, and those with seats in both enterprises. That file is not imported.
///
/// Example: oneseat demo && oneseat --db oneseat-demo/oneseat.db duplicates
#[derive(Args)]
pub struct DemoArgs {
    /// Write the files and the database into this folder.
    #[arg(value_name = "DIR", default_value = "oneseat-demo")]
    folder: PathBuf,
    /// Begin with this many people; an import needs at least 10.
    #[arg(long, value_name = "N", default_value_t = 400)]
    people: u32,
    /// Make a history of this many days.
    #[arg(long, value_name = "N", default_value_t = 730, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: u32,
    /// Make one snapshot in this many days.
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// End the history on this day.
    #[arg(long, value_name = "DATE", default_value = "2026-06-29")]
    end: NaiveDate,
    /// Use this seed for the random numbers; another seed makes another enterprise.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Make this many enterprises; with 2, people move to an enterprise of managed users in the last year.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=2))]
    enterprises: u32,
    /// Write no lists of employee directories.
    #[arg(long)]
    no_directory: bool,
    /// Write the files, and import nothing.
    #[arg(long)]
    files_only: bool,
}

impl Command for DemoArgs {
    const ABOUT: About =
        About { name: "demo", group: THE_PROGRAM, database: Database::No, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        if !self.files_only {
            self.check_that_it_can_be_imported(world.now)?;
        }
        private_file::usual_folder(&self.folder).map_err(|error| self.cannot_write(error))?;
        let options = demo::DemoOptions {
            people: self.people,
            days: self.days,
            every: self.every,
            end: self.end,
            seed: self.seed,
            has_second_enterprise: self.enterprises > 1,
            has_directories: !self.no_directory,
        };
        let mut files = Vec::new();
        let mut written = |file| {
            files.push(file);
            Ok(())
        };
        // The directories are written last and so imported last, when every account that their entries may name
        // is known.
        demo::write_files(&self.folder, &options, &mut written)
            .and_then(|()| demo::write_directories(&self.folder, &options, &mut written))
            .map_err(|error| self.cannot_write(error))?;
        let mut directories = Vec::new();
        if options.has_directories {
            let path = demo::write_configuration(&self.folder);
            let path = path.map_err(|error| self.cannot_write(error))?;
            directories = Config::read(&path, None)?.directories;
        }
        let truth = demo::write_truth(&self.folder, &options);
        let truth = truth.map_err(|error| self.cannot_write(error))?;
        self.say(global, world, &format!("{} files in {}", files.len(), self.folder.display()));
        self.say(global, world, &format!("the true duplicates are listed in {}", truth.display()));
        if self.files_only {
            return Ok(0);
        }
        let database = self.folder.join("oneseat.db");
        let mut store = Store::open_or_create(&database)?;
        for file in &files {
            import(&mut store, file, &directories, global, world)?;
        }
        store.write_through_log()?;
        // The connection is closed before the answers open another one: two connections of one process to one
        // database would release each other's locks.
        drop(store);
        self.say(global, world, &format!("imported into {}\n", database.display()));
        self.answer(&database, global, world)
    }
}

impl DemoArgs {
    /// Refuses options with which the import would refuse the demo's files. With fewer than 10 people, all
    /// accounts of an instance may be dormant, and such a file looks incomplete. A snapshot in the future is
    /// refused too.
    fn check_that_it_can_be_imported(&self, now: Instant) -> Result<()> {
        const FEWEST: u32 = 10;
        if self.people < FEWEST {
            let told =
                format!("the files of a demo with fewer than {FEWEST} people cannot be imported");
            return Err(Error::usage(told)
                .hint("add --people 10, or --files-only to write the files alone"));
        }
        let begins = self.end.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        if begins > now.unix() {
            return Err(Error::usage(format!("the history ends after today: {}", self.end))
                .hint("name an --end that is not later than today"));
        }
        Ok(())
    }

    fn answer(&self, database: &Path, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let store = Store::open(database)?;
        let ledger = Ledger::open(&store, None)?;
        let asked =
            global.asked(&AsOfArgs { as_of: AsOf::Latest, known_on: KnownOnArgs::default() });
        let output = OutputArgs::table();
        output.print(&report::consumption(&ledger, &asked)?, global, world)?;
        newline(world)?;
        output.print(&report::duplicates(&ledger, &asked, None)?, global, world)?;
        newline(world)?;
        let page = report::page(&ledger, &usual_page(asked)?)?;
        let file = self.folder.join(file_name(&page));
        let html = html(&page, global, Some("Licenses of a made-up enterprise"), false)?;
        OutputArgs::into_file(&file).stream(world, &mut |out| {
            out.write_all(&html).map_err(|error| self.cannot_write(error))
        })?;
        let text = format!(
            "Ask more, for instance: oneseat --db {} consumption --as-of {}\nLook at it: {}\n",
            database.display(),
            self.middle(),
            file.display()
        );
        write(world, &text)?;
        Ok(0)
    }

    /// The day in the command that the demo proposes at its end: January 1 of the history's last year if that
    /// day is within the history, else a day in its middle.
    fn middle(&self) -> NaiveDate {
        let before = |days: u32| self.end.checked_sub_days(chrono::Days::new(u64::from(days)));
        let new_year = self.end.with_ordinal(1);
        let begins = before(self.days).unwrap_or(self.end);
        // `begins` is the day before the first day of the history.
        let within = new_year.filter(|day| *day > begins);
        within.or_else(|| before(self.days / 2)).unwrap_or(self.end)
    }

    fn say(&self, global: &Global, world: &mut World<'_>, text: &str) {
        if !global.quiet {
            // The demo goes on to print its answers even if this line cannot be written to standard error.
            let _closed = writeln!(world.err, "oneseat: {text}");
        }
    }

    fn cannot_write(&self, error: std::io::Error) -> Error {
        Error::output(format!("{}: cannot be written", self.folder.display()))
            .caused_by(error)
            .hint("name another folder: oneseat demo DIR")
    }
}

fn newline(world: &mut World<'_>) -> Result<()> {
    write(world, "\n")
}

fn write(world: &mut World<'_>, text: &str) -> Result<()> {
    let written = world.out.write_all(text.as_bytes());
    written.map_err(|error| Error::output("standard output cannot be written").caused_by(error))
}

/// Imports one file of the demo, with all checks of `oneseat import`.
fn import(
    store: &mut Store,
    file: &DemoFile,
    directories: &[ConfiguredDirectory],
    global: &Global,
    world: &mut World<'_>,
) -> Result<()> {
    let (enterprise, host, directory) = match &file.origin {
        DemoSource::Cloud { enterprise } => (Some(enterprise.as_str()), None, None),
        DemoSource::Server { host } => (None, Some(host.as_str()), None),
        DemoSource::Directory { name } => (None, None, Some(*name)),
    };
    let files = [file.path.clone()];
    let request = Request {
        files: &files,
        pages: false,
        reader: None,
        enterprise,
        hosts: &[],
        host,
        directory,
        directory_reader: None,
        directories,
        taken_at: Instant::from_unix(file.taken_at),
        dry_run: false,
        stored: &[],
        asker: Asker::Import,
        partial: false,
        // A list of a directory may happen to have exactly as many people as a page of an answer, and would
        // then be refused as incomplete. The demo's lists are complete.
        accept_short: directory.map(|_| "the whole list of a demo"),
        accept_new: None,
        replace: false,
        progress: &intake::Silent,
        now: world.now,
    };
    let imported = intake::import(store, &request, world.stdin)?;
    for item in &imported.items {
        // A warning about one of the demo's own files asks nobody to do anything. So without `-v` only a
        // refusal is printed.
        if item.status == Status::Refused || global.verbose > 0 {
            tell(item, global, world);
        }
        if item.status == Status::Refused && !file.path.exists() {
            return Err(Error::output(format!(
                "{}: the file was removed after the demo had written it",
                file.path.display()
            ))
            .hint("name another folder, because another program removes files from this one"));
        }
        if item.status == Status::Refused {
            return Err(Error::new(
                ErrorKind::Bug,
                "the import refused a file that the demo had written",
            )
            .hint("if DIR holds a demo with other options, name an empty folder"));
        }
    }
    Ok(())
}

//! The command `oneseat fetch`, which asks GitHub for reports and imports them.

use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::config_file::{ConfigArgs, read_config};
use super::global::Global;
use super::import::{tell, tell_undo};
use super::output::OutputArgs;
use super::progress::{Bar, FetchBar};
use super::spec::{About, Command, Database};
use super::world::World;
use crate::config::ConfiguredDirectory;
use crate::error::{Error, Result, printable};
use crate::intake::{self, Choice, Fetched, Order, Progress, Silent, Where};
use crate::model::{Instant, parse_age};
use crate::remote::{Clock, Talk};

/// Ask GitHub for the reports of an enterprise, of an instance, or of all that the configuration file names, and
/// import the reports.
///
/// The command prints one line per source, with what changed. It never asks for input, so a scheduler can run it.
/// Tokens come from ONESEAT_TOKEN_<NAME>, from token_command or token_file in the configuration, or from GH_TOKEN
/// or GITHUB_TOKEN, never from the command line.
///
/// The command waits for rate limits as GitHub documents them, and repeats a failed request. It stores an answer
/// completely or not at all. An interrupted fetch continues where it stopped if the same command runs again
/// within ten minutes.
///
/// Example: oneseat fetch cloud --enterprise corp --server-accounts
#[derive(Args)]
pub struct FetchArgs {
    #[command(subcommand)]
    place: Option<PlaceArgs>,
    #[command(flatten)]
    how: HowArgs,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Subcommand)]
enum PlaceArgs {
    /// Fetch from an enterprise on GitHub.com or ghe.com: its consumed licenses, the syncs of its instances, and,
    /// if the token permits it, its cost centers and Visual Studio subscriptions.
    ///
    /// Example: oneseat fetch cloud --enterprise corp --api-url https://api.corp.ghe.com
    Cloud(CloudArgs),
    /// Fetch from a Server instance: its report on all users, and its license.
    ///
    /// Example: oneseat fetch server --host ghes.corp.example --user audit
    Server(ServerArgs),
}

#[derive(Args)]
struct CloudArgs {
    /// Send the requests to this URL [default: https://api.github.com]; for an enterprise on ghe.com it is
    /// https://api.SUBDOMAIN.ghe.com.
    #[arg(long, value_name = "URL")]
    api_url: Option<String>,
    /// Fetch also the Server accounts that Cloud has synced, with all their addresses.
    #[arg(long)]
    server_accounts: bool,
    /// Fetch also the SCIM users, and import them as the employee directory of this name. Only an enterprise of
    /// managed users has SCIM users, and the token needs the scope scim:enterprise.
    #[arg(long, value_name = "NAME")]
    scim: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Args)]
struct ServerArgs {
    /// Name the host of the instance.
    #[arg(long, value_name = "HOST")]
    host: String,
    /// Send the requests to this URL [default: https://HOST].
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Name the owner of the token; an instance requires the name for its reports.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Fetch also the SCIM users, and import them as the employee directory of this name. The token needs the
    /// scope scim:enterprise (before version 3.17: admin:enterprise).
    #[arg(long, value_name = "NAME")]
    scim: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

/// The options that every form of `oneseat fetch` has.
#[derive(Args)]
struct HowArgs {
    /// Save the answers of GitHub as files in this folder, too.
    #[arg(long, value_name = "DIR", global = true)]
    save: Option<PathBuf>,
    /// Fetch and check everything, but store nothing.
    #[arg(long, global = true)]
    dry_run: bool,
    /// Wait at most this long in all, for rate limits and for reports that GitHub has not finished: 90s, 15m, 1h.
    #[arg(long, value_name = "AGE", default_value = "1h", value_parser = parse_age, global = true)]
    max_wait: i64,
    /// Give up on a host that sends nothing for this long.
    #[arg(long, value_name = "AGE", default_value = "60s", value_parser = parse_age, global = true)]
    timeout: i64,
    /// Trust the certificate authorities in this file (PEM) besides those of the machine.
    #[arg(long, value_name = "FILE", global = true)]
    ca_file: Option<PathBuf>,
    /// Store an incomplete snapshot, which never counts.
    #[arg(long, conflicts_with = "accept_short", global = true)]
    partial: bool,
    /// Store and count a snapshot that is incomplete or has less than half the accounts of the previous snapshot;
    /// the value is the reason, which is shown wherever the snapshot counts.
    #[arg(long, value_name = "REASON", global = true)]
    accept_short: Option<String>,
    /// Accept a list that changed while its pages were fetched, on each of three tries.
    #[arg(long, global = true)]
    accept_moved: bool,
}

impl Command for FetchArgs {
    const ABOUT: About =
        About { name: "fetch", group: "Take in", database: Database::Uses, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let config = read_config(&self.config, world)?;
        let asked = config.as_ref().map(|(_, config)| config.clone()).unwrap_or_default();
        let places = intake::places(&asked, &self.choice(global))?;
        if places.is_empty() {
            return Err(nothing_named(config.is_some(), global));
        }
        let fetched = self.fetch(&places, &asked.directories, global, world)?;
        for item in &fetched.items {
            self.tell(item, global, world);
        }
        self.output().print(&fetched, global, world)?;
        tell_undo(fetched.items.iter().filter_map(|item| item.import.as_ref()), global, world);
        Ok(fetched.exit_code())
    }

    fn goes_by_the_clock(&self) -> bool {
        true
    }
}

impl FetchArgs {
    fn output(&self) -> &OutputArgs {
        match &self.place {
            None => &self.output,
            Some(PlaceArgs::Cloud(cloud)) => &cloud.output,
            Some(PlaceArgs::Server(server)) => &server.output,
        }
    }

    fn choice<'c>(&'c self, global: &'c Global) -> Choice<'c> {
        let enterprise = global.enterprise.as_deref();
        let ca_file = self.how.ca_file.clone();
        match &self.place {
            None => Choice { enterprise, ca_file, ..Choice::default() },
            Some(PlaceArgs::Cloud(cloud)) => Choice {
                kind: Some(Where::Cloud),
                enterprise,
                url: cloud.api_url.as_deref(),
                server_accounts: cloud.server_accounts,
                scim: cloud.scim.as_deref(),
                ca_file,
                ..Choice::default()
            },
            Some(PlaceArgs::Server(server)) => Choice {
                kind: Some(Where::Server),
                host: Some(&server.host),
                url: server.url.as_deref(),
                user: server.user.as_deref(),
                scim: server.scim.as_deref(),
                ca_file,
                ..Choice::default()
            },
        }
    }

    fn fetch(
        &self,
        places: &[intake::FetchTarget],
        directories: &[ConfiguredDirectory],
        global: &Global,
        world: &mut World<'_>,
    ) -> Result<Fetched> {
        let machine = world.machine;
        let sleep = |how_long| machine.sleep(how_long);
        let clock = Clock::new(world.now, &sleep);
        let shown = world.err_is_terminal && !global.quiet;
        let (bar, fetch_bar) = (Bar::default(), FetchBar::default());
        let lines = PlainProgress { err: RefCell::new(&mut *world.err), quiet: global.quiet };
        let talk: &dyn Talk = if shown { &fetch_bar } else { &lines };
        let progress: &dyn Progress = if shown { &bar } else { &Silent };
        let seconds = |it: i64| Duration::from_secs(u64::try_from(it).unwrap_or(0));
        let order = Order {
            database: &global.database()?,
            save: self.how.save.as_deref(),
            directories,
            dry_run: self.how.dry_run,
            partial: self.how.partial,
            accept_short: self.how.accept_short.as_deref(),
            accept_moved: self.how.accept_moved,
            timeout: seconds(self.how.timeout.max(1)),
            max_wait: seconds(self.how.max_wait),
            variable: &|name| machine.variable(name),
            clock: &clock,
            talk,
            progress,
        };
        intake::fetch(&order, places)
    }

    /// Prints what must be known about one fetched answer to standard error: its warnings and its error.
    fn tell(&self, item: &intake::FetchedItem, global: &Global, world: &mut World<'_>) {
        if let Some(import) = &item.import {
            tell(import, global, world);
        }
        let mut text = String::new();
        for warning in item.warnings.iter().filter(|_| !global.quiet) {
            let line = format!("{} [{}]", warning.message, warning.code);
            text.push_str(&format!("oneseat: warning: {}\n", printable(&line)));
        }
        if let Some(failed) = &item.error {
            text.push_str(&failed.error.report(global.verbose > 0));
        }
        // The results are printed even if the warnings cannot be written to standard error.
        let _closed = world.err.write_all(text.as_bytes());
    }
}

fn nothing_named(configured: bool, global: &Global) -> Error {
    let error = match (&global.enterprise, configured) {
        (Some(name), true) => Error::usage(format!(
            "the configuration names no enterprise {}",
            crate::error::quoted(name)
        )),
        (_, true) => Error::usage("the configuration names no enterprise and no instance"),
        (_, false) => {
            Error::usage("there is nothing to fetch from, because there is no configuration file")
        }
    };
    error
        .hint(
            "name a source: oneseat fetch cloud --enterprise NAME, or oneseat fetch server --host HOST",
        )
        .hint("or write a configuration file; for an example: oneseat config --help")
}

/// Shows the progress of a fetch if standard error is no terminal: one line for each long wait and for each
/// note.
struct PlainProgress<'l, 'w> {
    err: RefCell<&'l mut (dyn Write + 'w)>,
    quiet: bool,
}

impl PlainProgress<'_, '_> {
    fn say(&self, text: &str) {
        if !self.quiet {
            let _closed = writeln!(self.err.borrow_mut(), "oneseat: {}", printable(text));
        }
    }
}

impl Talk for PlainProgress<'_, '_> {
    fn asking(&self, _: &str, _: u64, _: Option<u64>) {}

    fn waiting(&self, why: &str, how_long: Duration, until: Instant) {
        // The client pauses briefly before it repeats a failed request. That is not worth a line.
        if how_long >= Duration::from_secs(5) {
            self.say(&format!("{why}: waiting {} s, until {until}", how_long.as_secs()));
        }
    }

    fn note(&self, text: &str) {
        self.say(text);
    }

    fn end(&self) {}
}

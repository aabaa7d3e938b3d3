//! Fetches answers of GitHub and imports them. `remote` writes each answer to a file. The file is imported with
//! the readers and checks of every import, and then removed.
//!
//! `place` decides which answers are fetched from which target (an enterprise or an instance). `answer` is what
//! the command `fetch` prints.

mod answer;
mod place;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Asker, ImportItem, Progress, Request, import};
use crate::code::WarningCode;
use crate::config::ConfiguredDirectory;
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::import::{self as formats, Input, directory};
use crate::model::Instant;
use crate::private_file;
use crate::remote::{
    Answered, Client, Clock, Failure, ScimUsers, Settings, Spools, Talk, Tokens, Transport,
};
use crate::store::Store;
use crate::temporary;

pub use answer::{Fetched, FetchedItem};
use place::What;
pub use place::{Choice, FetchTarget, Where, places};

/// The options of a fetch. Its targets (enterprises and instances) are stated separately.
pub struct Order<'o> {
    /// The path of the database.
    pub database: &'o Path,
    /// The folder in which the answers are kept as files; `None` if they are not kept.
    pub save: Option<&'o Path>,
    /// What the configuration says about employee directories.
    pub directories: &'o [ConfiguredDirectory],
    /// Whether the fetch is only tried: everything is done except storing.
    pub dry_run: bool,
    /// Whether the snapshots are stored as partial, so that they are never in force.
    pub partial: bool,
    /// The user's reason for storing a snapshot in force that is incomplete or much smaller than the one before
    /// it; `None` if such a snapshot is refused.
    pub accept_short: Option<&'o str>,
    /// Whether the last attempt accepts a list that changes while its pages are fetched.
    pub accept_moved: bool,
    /// How long a host may send nothing before the request fails.
    pub timeout: Duration,
    /// How long the whole fetch may wait, because of GitHub's limits or after faults.
    pub max_wait: Duration,
    /// Returns the value of an environment variable.
    pub variable: &'o dyn Fn(&str) -> Option<String>,
    /// The clock. It also waits.
    pub clock: &'o Clock<'o>,
    /// Is told the progress of the HTTP requests.
    pub talk: &'o dyn Talk,
    /// Is told the progress of the imports.
    pub progress: &'o dyn Progress,
}

/// Fetches the wanted answers from all targets (enterprises and instances). A failure at one target does not
/// stop the others.
///
/// # Errors
/// If the database fails or a file cannot be written, which stops the whole fetch. Any other failure becomes an
/// item of the answer.
pub fn fetch(order: &Order<'_>, places: &[FetchTarget]) -> Result<Fetched> {
    // The database is opened before any request is made, so that its faults show at once.
    let store =
        if order.database.exists() { Some(Store::open_or_create(order.database)?) } else { None };
    let spools = Spools::beside(order.database);
    spools.sweep(order.clock.now());
    let mut run = Run { order, store, spools, items: Vec::new(), newest_accounts: None };
    let mut visits: Vec<Visit<'_>> = places.iter().filter_map(|place| run.visit(place)).collect();
    // Answers with accounts are fetched first, from all targets. So answers without accounts, such as sync
    // times, are never older than the accounts.
    for accounts in [true, false] {
        for visit in &mut visits {
            run.ask(visit, accounts)?;
        }
    }
    order.talk.end();
    // The items are sorted by target, and within a target in the order in which its answers are fetched.
    run.items.sort_by_key(|item| {
        let place = places.iter().position(|place| item.is_of(place));
        let wanted = place.and_then(|place| {
            let mut wanted = places[place].wanted.iter();
            wanted.position(|what| item.answer == Some(what.name()))
        });
        (place, wanted)
    });
    let requests = visits.iter().map(|visit| visit.client.requests()).sum();
    Ok(Fetched::new(run.items, requests, order.clock.waited()))
}

/// A target (an enterprise or an instance) from which answers are fetched, with the client that does it.
struct Visit<'v> {
    place: &'v FetchTarget,
    client: Client<'v>,
    /// Whether a failure made further requests to the target useless.
    stopped: bool,
}

struct Run<'r> {
    order: &'r Order<'r>,
    store: Option<Store>,
    spools: Spools,
    items: Vec<FetchedItem>,
    /// The latest instant at which accounts were fetched in this run.
    newest_accounts: Option<Instant>,
}

impl<'r> Run<'r> {
    /// Prepares the requests to a target. If that fails, the answer of the command says so.
    fn visit(&mut self, place: &'r FetchTarget) -> Option<Visit<'r>> {
        match client(self.order, place) {
            Ok(client) => Some(Visit { place, client, stopped: false }),
            Err(error) => {
                self.items.push(FetchedItem::failed(place, None, error));
                None
            }
        }
    }

    /// Fetches the wanted answers from a target: those with accounts, or those without.
    fn ask(&mut self, visit: &mut Visit<'_>, accounts: bool) -> Result<()> {
        let place = visit.place;
        for what in place.wanted.iter().filter(|what| what.holds_accounts() == accounts) {
            if visit.stopped {
                self.items.push(FetchedItem::not_asked(place, what.name()));
                continue;
            }
            let goes_on = match self.answer(place, what, &visit.client) {
                Ok(()) => true,
                Err(failure) => {
                    let error = visit.client.scrub_error(failure.error);
                    self.failed(place, what, Failure { error, ..failure })?
                }
            };
            visit.stopped = !goes_on;
        }
        Ok(())
    }

    /// Adds an item that an answer failed. Returns whether it is worth requesting the other answers of the
    /// target.
    fn failed(&mut self, place: &FetchTarget, what: &What, failure: Failure) -> Result<bool> {
        if matches!(failure.error.kind, ErrorKind::Database | ErrorKind::Output) {
            return Err(failure.error);
        }
        let refused = failure.refused;
        self.items.push(match refused && place.is_optional(what) {
            true => FetchedItem::not_permitted(place, what.name(), &failure.error),
            false => FetchedItem::failed(place, Some(what.name()), failure.error),
        });
        Ok(refused)
    }

    fn answer(
        &mut self,
        place: &FetchTarget,
        what: &What,
        client: &Client<'_>,
    ) -> Result<(), Failure> {
        let accept_moved = self.order.accept_moved;
        let before = client.requests();
        let (answered, format, host) = match what {
            What::Cloud(answer) => {
                let answered = answer.fetch(client, &place.name, &self.spools, accept_moved)?;
                (answered, answer.format, None)
            }
            What::Server(answer) => {
                let user = user_of(place);
                let answered = answer.fetch(client, (&place.name, user), &self.spools)?;
                (answered, answer.format, Some(place.name.as_str()))
            }
            What::ScimUsers => {
                let users = match place.kind {
                    Where::Cloud => ScimUsers::of_enterprise(&place.name),
                    Where::Server => ScimUsers::of_instance(&place.name),
                };
                (users.fetch(client, &self.spools, accept_moved)?, ScimUsers::FORMAT, None)
            }
            What::ServerAccounts => return self.server_accounts(place, client),
        };
        let scim = place.scim.as_ref().filter(|_| matches!(what, What::ScimUsers));
        let directory = scim.map(|scim| scim.name.as_str());
        let taken = Taken { place, name: what.name(), format, host, directory };
        self.take_in(&taken, answered, client.requests() - before)?;
        Ok(())
    }

    /// Fetches the accounts of Server instances as Cloud knows them. The accounts of each instance are an
    /// answer of their own, so that a refusal of one does not affect the others.
    fn server_accounts(&mut self, place: &FetchTarget, client: &Client<'_>) -> Result<(), Failure> {
        let mut before = client.requests();
        let installations = crate::remote::installations(client, &place.name)?;
        if installations.is_empty() {
            self.items.push(FetchedItem::nothing_there(place, What::ServerAccounts.name()));
        }
        for installation in installations {
            let accept_moved = self.order.accept_moved;
            let answered = installation.fetch(client, &place.name, &self.spools, accept_moved)?;
            let taken = Taken {
                place,
                name: What::ServerAccounts.name(),
                format: "graphql-server-installations",
                host: Some(&installation.host),
                directory: None,
            };
            self.take_in(&taken, answered, client.requests() - before)?;
            before = client.requests();
        }
        Ok(())
    }

    /// Imports an answer that has arrived completely as a file, and removes the file.
    fn take_in(&mut self, taken: &Taken<'_>, answered: Answered, requests: u64) -> Result<()> {
        let order = self.order;
        let Answered { whole, pages, resumed, moved } = answered;
        order.talk.end();
        let saved = order.save.map(|folder| save(&whole.path, folder)).transpose()?;
        let mut taken_at = whole.taken_at();
        let holds_accounts =
            taken.directory.is_none() && formats::by_name(taken.format)?.kind().holds_accounts();
        if holds_accounts {
            self.newest_accounts = self.newest_accounts.max(Some(taken_at));
        } else if let Some(newest) = self.newest_accounts {
            // A part of the answer may come from an earlier fetch that was interrupted. The answer must still
            // not be older than the accounts of this fetch.
            taken_at = taken_at.max(newest);
        }
        let imported = match check_format(&whole.path, taken) {
            Ok(()) => self.import(taken, &whole.path, taken_at)?,
            Err(error) if error.kind == ErrorKind::Input => {
                let mut item = ImportItem::of(std::slice::from_ref(&whole.path));
                item.taken_at = Some(taken_at);
                item.refuse_as_it_is(error);
                vec![item]
            }
            Err(error) => return Err(error),
        };
        for mut item in imported {
            item.name_alone(&whole.path);
            if saved.is_none() {
                item.hint("--save DIR keeps the answer, so that you can look at it");
            }
            if let Some(moved) = &moved
                && !item.warnings.iter().any(|warning| warning.code == WarningCode::ListMoved)
            {
                item.warn(
                    WarningCode::ListMoved,
                    format!("the list changed while it was paged: {moved}"),
                );
            }
            let saved = saved.clone();
            self.items.push(FetchedItem {
                pages: Some(pages),
                resumed_pages: Some(resumed),
                requests: Some(requests),
                bytes: Some(whole.bytes()),
                saved: saved.map(|path| path.display().to_string()),
                ..FetchedItem::imported(taken.place, taken.name, item)
            });
        }
        whole.remove();
        Ok(())
    }

    fn import(
        &mut self,
        taken: &Taken<'_>,
        file: &Path,
        taken_at: Instant,
    ) -> Result<Vec<ImportItem>> {
        let order = self.order;
        let store = match &mut self.store {
            Some(store) => store,
            empty => empty.insert(Store::open_or_create(order.database)?),
        };
        let files = [file.to_owned()];
        let cloud = taken.place.kind == Where::Cloud;
        let request = Request {
            files: &files,
            pages: false,
            reader: None,
            enterprise: cloud.then_some(taken.place.name.as_str()),
            hosts: &[],
            host: taken.host,
            directory: taken.directory,
            directory_reader: None,
            directories: order.directories,
            taken_at: Some(taken_at),
            dry_run: order.dry_run,
            stored: &[],
            asker: Asker::Fetch,
            partial: order.partial,
            accept_short: order.accept_short,
            accept_new: taken.place.accept_new.as_deref(),
            replace: false,
            progress: order.progress,
            now: order.clock.now(),
        };
        let nothing = &mut || -> Box<dyn std::io::Read + Send> { Box::new(std::io::empty()) };
        let imported = import(store, &request, nothing)?;
        store.write_through_log()?;
        Ok(imported.items)
    }
}

/// The login of the token's owner; `oneseat` if none is stated. A report of an instance is requested with a
/// name and the token, but the name may be any.
fn user_of(place: &FetchTarget) -> &str {
    place.user.as_deref().unwrap_or("oneseat")
}

/// The HTTP client for a target (an enterprise or an instance), with the token for it.
fn client<'o>(order: &'o Order<'o>, place: &FetchTarget) -> Result<Client<'o>> {
    let tokens = Tokens { variable: order.variable };
    let token = tokens.find(&place.name, place.token.as_ref(), place.general_token)?;
    let token = token.of_user(user_of(place));
    let ca_file = place.ca_file.as_deref();
    let transport = Transport::new(&place.base, ca_file, order.timeout, order.variable)?;
    let settings = Settings {
        base: place.base.clone(),
        token,
        api_version: place.api_version.clone(),
        rights: place.rights(),
        else_wrong: place.else_wrong(),
        max_wait: order.max_wait,
    };
    Ok(Client::new(transport, settings, order.clock, order.talk))
}

/// A fetched answer, with what the import of its file needs.
struct Taken<'t> {
    place: &'t FetchTarget,
    name: &'static str,
    format: &'static str,
    /// The host name of the instance that the answer is about.
    host: Option<&'t str>,
    /// The name of the employee directory; `None` if the answer is not a directory.
    directory: Option<&'t str>,
}

/// Refuses an answer whose format is not that of the requested answer. Otherwise a valid file of another format
/// would be stored as a snapshot.
fn check_format(file: &Path, taken: &Taken<'_>) -> Result<()> {
    let input = Input::open(file)?;
    let of_directory = match taken.directory {
        Some(_) => directory::recognize(&input, None)?.map(|reader| reader.format()),
        None => None,
    };
    let format = match of_directory {
        Some(format) => format,
        None => formats::recognize(&input)?.format(),
    };
    if format == taken.format {
        return Ok(());
    }
    Err(Error::input(format!("the answer is {format}, but {} was requested", quoted(taken.format)))
        .hint("check the URL: something else answers there"))
}

/// Copies an answer into the folder of `--save`, so that only the owner can read it. Returns the path of the
/// copy.
fn save(file: &Path, folder: &Path) -> Result<PathBuf> {
    let name = file.file_name().unwrap_or_default();
    let path = folder.join(name);
    let saved = private_file::private_folder(folder)
        .and_then(|()| temporary::file(folder, "save"))
        .and_then(|mut beside| {
            std::io::copy(&mut std::fs::File::open(file)?, &mut beside)?;
            beside.put_in_place(&path)
        });
    saved.map_err(|error| {
        Error::output("the answer cannot be saved in this folder")
            .at(&path.display().to_string(), None)
            .caused_by(error)
            .hint("name another folder with --save")
    })?;
    Ok(path)
}

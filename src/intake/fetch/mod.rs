//! Taking in what GitHub itself answers: `remote` makes a file of an answer, the readers and the
//! checks of every import take it in, and the file is gone again.
//!
//! `place` says what is to be fetched from where, `answer` what came of it.

mod answer;
mod place;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Asker, ImportItem, Progress, Request, import};
use crate::error::{Error, ErrorKind, Result, quoted};
use crate::import::{self as formats, Input};
use crate::model::Instant;
use crate::remote::{Answered, Client, Clock, Failure, Settings, Spools, Talk, Tokens, Transport};
use crate::store::Store;
use crate::temporary;

pub use answer::{Fetched, FetchedItem};
use place::What;
pub use place::{Choice, FetchTarget, Where, places};

/// What is asked of a fetch, beside the places.
pub struct Order<'o> {
    /// The database.
    pub database: &'o Path,
    /// Keeps the answers as files in this folder.
    pub save: Option<&'o Path>,
    /// Do everything but store.
    pub dry_run: bool,
    /// Store, but never in force.
    pub partial: bool,
    /// Store a short snapshot in force, for this reason.
    pub accept_short: Option<&'o str>,
    /// Take a list that moves while it is paged as it comes, at the last try.
    pub accept_moved: bool,
    /// How long a host may say nothing.
    pub timeout: Duration,
    /// How long may be waited in all.
    pub max_wait: Duration,
    /// The environment.
    pub variable: &'o dyn Fn(&str) -> Option<String>,
    /// The time.
    pub clock: &'o Clock<'o>,
    /// Is told what is asked for.
    pub talk: &'o dyn Talk,
    /// Is told how far an import is.
    pub progress: &'o dyn Progress,
}

/// Fetches from all places; what fails at one of them does not stop the others.
///
/// # Errors
/// What stops everything: the database, or a disk that cannot be written. What else fails is an
/// item of the answer.
pub fn fetch(order: &Order<'_>, places: &[FetchTarget]) -> Result<Fetched> {
    // What is wrong with the database is better known before anything is asked for.
    let store =
        if order.database.exists() { Some(Store::open_or_create(order.database)?) } else { None };
    let spools = Spools::beside(order.database);
    spools.sweep(order.clock.now());
    let mut run = Run { order, store, spools, items: Vec::new(), newest_accounts: None };
    let mut visits: Vec<Visit<'_>> = places.iter().filter_map(|place| run.visit(place)).collect();
    // What stands beside accounts comes after the accounts of all places: it is not older than any.
    for accounts in [true, false] {
        for visit in &mut visits {
            run.ask(visit, accounts)?;
        }
    }
    order.talk.end();
    // Told in the order of the places and of what is wanted from each.
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

/// A place that is being asked.
struct Visit<'v> {
    place: &'v FetchTarget,
    client: Client<'v>,
    /// Is there no use in asking on?
    stopped: bool,
}

struct Run<'r> {
    order: &'r Order<'r>,
    store: Option<Store>,
    spools: Spools,
    items: Vec<FetchedItem>,
    /// When the newest accounts of this run were taken.
    newest_accounts: Option<Instant>,
}

impl<'r> Run<'r> {
    /// Gets ready to ask a place; what is in the way of it is an item.
    fn visit(&mut self, place: &'r FetchTarget) -> Option<Visit<'r>> {
        match client(self.order, place) {
            Ok(client) => Some(Visit { place, client, stopped: false }),
            Err(error) => {
                self.items.push(FetchedItem::failed(place, None, error));
                None
            }
        }
    }

    /// Fetches the accounts that are wanted from a place, or what stands beside them.
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

    /// Notes a failure; is it worth asking the same place for something else?
    fn failed(&mut self, place: &FetchTarget, what: &What, failure: Failure) -> Result<bool> {
        if matches!(failure.error.kind, ErrorKind::Database | ErrorKind::Output) {
            return Err(failure.error);
        }
        let refused = failure.refused;
        self.items.push(match refused && what.optional() {
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
            What::ServerAccounts => return self.server_accounts(place, client),
        };
        let taken = Taken { place, name: what.name(), format, host };
        self.take_in(&taken, answered, client.requests() - before)?;
        Ok(())
    }

    /// Every installation is an answer of its own: one that is refused stops no other.
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
            };
            self.take_in(&taken, answered, client.requests() - before)?;
            before = client.requests();
        }
        Ok(())
    }

    /// Takes a whole answer in as the file that it is, and removes it.
    fn take_in(&mut self, taken: &Taken<'_>, answered: Answered, requests: u64) -> Result<()> {
        let order = self.order;
        let Answered { whole, pages, resumed, moved } = answered;
        order.talk.end();
        let saved = order.save.map(|folder| save(&whole.path, folder)).transpose()?;
        let mut taken_at = whole.taken_at();
        if formats::by_name(taken.format)?.kind().holds_accounts() {
            self.newest_accounts = self.newest_accounts.max(Some(taken_at));
        } else if let Some(newest) = self.newest_accounts {
            // A part of it may be left from a run that was interrupted.
            taken_at = taken_at.max(newest);
        }
        let imported = match check_format(&whole.path, taken.format) {
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
                item.hint("--save DIR keeps the answer, to look at it");
            }
            if let Some(moved) = &moved
                && !item.warnings.iter().any(|warning| warning.code == "list-moved")
            {
                item.warn("list-moved", format!("the list moved while it was paged: {moved}"));
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

/// Whose token it is, for reports, which want a name beside it.
fn user_of(place: &FetchTarget) -> &str {
    place.user.as_deref().unwrap_or("oneseat")
}

/// A client of a place, with its token.
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

/// What an answer is, for its import.
struct Taken<'t> {
    place: &'t FetchTarget,
    name: &'static str,
    format: &'static str,
    /// The instance that it is of.
    host: Option<&'t str>,
}

/// Is it what was asked for? A reader would take a good file of another kind for a snapshot.
fn check_format(file: &Path, format: &str) -> Result<()> {
    let reader = formats::recognize(&Input::open(file)?)?;
    if reader.format() == format {
        return Ok(());
    }
    Err(Error::input(format!("this is {}, {} was asked for", reader.format(), quoted(format)))
        .hint("look at the address: something else answers there"))
}

/// Keeps an answer as a file of its own, readable by its owner only.
fn save(file: &Path, folder: &Path) -> Result<PathBuf> {
    let name = file.file_name().unwrap_or_default();
    let path = folder.join(name);
    let saved = temporary::private_folder(folder)
        .and_then(|()| temporary::file(folder, "save"))
        .and_then(|mut beside| {
            std::io::copy(&mut std::fs::File::open(file)?, &mut beside)?;
            beside.put_in_place(&path)
        });
    saved.map_err(|error| {
        Error::output("the answer cannot be kept here")
            .at(&path.display().to_string(), None)
            .caused_by(error)
            .hint("name another folder with --save")
    })?;
    Ok(path)
}

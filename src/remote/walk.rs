//! Follows the pages of one answer into the spool: the result is one consistent list or none.
//!
//! A list can change while it is paged: a total changes, or an account is on two pages, and then another one
//! may be on none. Both are noticed, and the list is requested again from its first page. An interrupted walk
//! continues after its last page if the first page, requested again, still has the same content.

use std::collections::{HashMap, HashSet};

use super::client::{Client, Failure, Response};
use super::look::{Seen, say_the_same};
use super::spool::{Spool, SpooledAnswer, Spools};
use crate::error::{Error, Result, quoted};

/// How often a list that changes is requested in all.
const TRIES: u32 = 3;

/// More pages than any list has: a list of a million people has 10,000.
const MOST_PAGES: usize = 100_000;

/// Requests the pages of one answer.
pub trait Pages {
    /// The answer in words: `the consumed licenses of octo-corp`.
    fn what(&self) -> String;

    /// The URL or the query of the first page. A fetch is resumed only if this is the same.
    fn first(&self) -> String;

    /// Requests a page: the first one, or the one that the previous page named. `next` in the response names
    /// the page after it.
    ///
    /// # Errors
    /// The reason why there is no page.
    fn ask(&self, client: &Client<'_>, page: Option<&str>) -> Result<Response, Failure>;

    /// The totals and the members of a page.
    fn look(&self, page: &[u8]) -> Seen;
}

/// The settings of a walk.
pub struct WalkRequest<'a> {
    /// The spools that keep the pages.
    pub spools: &'a Spools,
    /// The name of the spool.
    pub spool: String,
    /// The beginning and the extension of the file's name. The time is put between them.
    pub file: (String, &'static str),
    /// At the last try, accept a list that changes.
    pub accept_moved: bool,
}

/// A complete answer.
pub struct Answered {
    /// The file that holds it.
    pub whole: SpooledAnswer,
    /// The number of its pages.
    pub pages: u64,
    /// The number of pages that had come before an interruption.
    pub resumed: u64,
    /// How the list changed, if it was accepted all the same.
    pub moved: Option<String>,
}

/// Fetches all pages.
///
/// # Errors
/// The reason why they do not come. If it may pass, the pages that have come are kept.
pub fn walk(
    client: &Client<'_>,
    pages: &dyn Pages,
    asked: &WalkRequest<'_>,
) -> Result<Answered, Failure> {
    let mut spool = asked.spools.open(&asked.spool, &pages.first(), client.clock.now())?;
    let mut walk = Walk { client, pages, spool: &mut spool, watch: Watch::default(), resumed: 0 };
    match walk.all(asked.accept_moved) {
        Ok(moved) => {
            let (resumed, count) = (walk.resumed, spool.count() as u64);
            let time = spool.begun().to_string().replace(':', "-");
            let (beginning, end) = &asked.file;
            let whole = spool.finish(&format!("{beginning}-{time}.{end}"))?;
            Ok(Answered { whole, pages: count, resumed, moved })
        }
        Err(failure) if failure.passing && spool.count() > 1 => {
            let kept = format!(
                "the {} pages that have come are kept for ten minutes: the same command continues from there",
                spool.count()
            );
            Err(Failure { error: failure.error.hint(kept), ..failure })
        }
        Err(failure) => {
            spool.remove();
            Err(failure)
        }
    }
}

struct Walk<'w, 'c> {
    client: &'w Client<'c>,
    pages: &'w dyn Pages,
    spool: &'w mut Spool,
    watch: Watch,
    resumed: u64,
}

impl Walk<'_, '_> {
    /// Fetches all pages, with at most `TRIES` tries. Returns how the list changed, if it was accepted all the
    /// same.
    fn all(&mut self, accept_moved: bool) -> Result<Option<String>, Failure> {
        let what = self.pages.what();
        let mut goes_on = self.spool.count() > 0;
        for time in 1.. {
            let last = time == TRIES;
            self.watch = Watch { tolerant: last && accept_moved, ..Watch::default() };
            match self.once(std::mem::take(&mut goes_on))? {
                Ended::Whole => break,
                Ended::Moved(how) if last => {
                    return Err(Error::remote(format!("{what} moved while being paged: {how}"))
                        .hint(format!(
                            "it was asked for {TRIES} times: ask again at a quieter hour"
                        ))
                        .hint("--accept-moved takes it as it comes, with a warning")
                        .into());
                }
                Ended::Moved(how) => {
                    self.client.talk.note(&format!("{what} moved ({how}): it is asked for again"));
                }
            }
        }
        Ok(self.watch.moved.take())
    }

    fn once(&mut self, goes_on: bool) -> Result<Ended, Failure> {
        let mut asked_for = HashSet::new();
        self.client.talk.asking(&self.pages.what(), 0, None);
        let first = self.pages.ask(self.client, None)?;
        let mut next = if goes_on && self.is_the_same(&first)? {
            self.resumed = self.spool.count() as u64;
            for number in 0..self.spool.count() {
                let page = self.spool.page(number)?;
                if let Some(how) = self.watch.moves(&self.pages.look(&page)) {
                    return Ok(Ended::Moved(how));
                }
            }
            self.spool.next()
        } else {
            self.resumed = 0;
            self.spool.begin(self.client.clock.now())?;
            let next = first.next.clone();
            if let Some(how) = self.take(&first)? {
                return Ok(Ended::Moved(how));
            }
            next
        };
        while let Some(page) = next {
            if !asked_for.insert(page.clone()) || self.spool.count() >= MOST_PAGES {
                let what = self.pages.what();
                let told = format!(
                    "the pages of {what} lead in a circle: {}",
                    quoted(&self.client.scrub(&page))
                );
                return Err(Error::remote(told)
                    .hint("look at what answers at that address")
                    .into());
            }
            let count = self.spool.count() as u64;
            self.client.talk.asking(&self.pages.what(), count, first.pages);
            let answer = self.pages.ask(self.client, Some(&page))?;
            if let Some(how) = self.take(&answer)? {
                return Ok(Ended::Moved(how));
            }
            next = answer.next;
        }
        Ok(Ended::Whole)
    }

    /// Adds a page to the spool, unless the list has changed.
    fn take(&mut self, answer: &Response) -> Result<Option<String>, Failure> {
        if let Some(how) = self.watch.moves(&self.pages.look(&answer.body)) {
            return Ok(Some(how));
        }
        let now = self.client.clock.now();
        self.spool.add(&answer.body, answer.next.as_deref(), now)?;
        Ok(None)
    }

    /// Can the walk continue with the spooled pages? It cannot if they contain the token: then another program
    /// has put them there.
    fn is_the_same(&mut self, first: &Response) -> Result<bool> {
        for number in 0..self.spool.count() {
            if self.client.is_repeated_in(&self.spool.page(number)?) {
                return Ok(false);
            }
        }
        Ok(say_the_same(&self.spool.page(0)?, &first.body))
    }
}

enum Ended {
    Whole,
    Moved(String),
}

/// Notices a list that changes.
#[derive(Default)]
struct Watch {
    totals: HashMap<String, String>,
    members: HashSet<[u8; 16]>,
    /// Are changes only recorded?
    tolerant: bool,
    moved: Option<String>,
}

impl Watch {
    /// How the list changed, if this page shows it and changes are not tolerated.
    fn moves(&mut self, seen: &Seen) -> Option<String> {
        let how = self.changed(seen)?;
        self.moved.get_or_insert_with(|| how.clone());
        (!self.tolerant).then_some(how)
    }

    fn changed(&mut self, seen: &Seen) -> Option<String> {
        let mut how = None;
        for (name, total) in &seen.totals {
            let known = self.totals.entry(name.clone()).or_insert_with(|| total.clone());
            if known != total {
                how = Some(format!("{name} was {known} and is {total}"));
            }
        }
        // An account that is twice on one page is no change, but a peculiarity of the answer.
        let here: HashSet<[u8; 16]> = seen.members.iter().copied().collect();
        let again = here.iter().filter(|it| self.members.contains(*it)).count();
        if again > 0 && how.is_none() {
            how = Some(format!("{again} of a page were on an earlier one already"));
        }
        self.members.extend(here);
        how
    }
}

//! Fetches all pages of one answer, and stores them on disk. The result is one consistent list or none.
//!
//! A list can change while its pages are fetched. Then a total changes, or an account is on two pages, and
//! another account may be on none. In both cases the list is requested again from its first page. An
//! interrupted fetch is resumed behind its last page, if its first page is requested again and has the same
//! content as before.

use std::collections::{HashMap, HashSet};

use super::client::{Client, Failure, Response};
use super::look::{Seen, say_the_same};
use super::spool::{Spool, SpooledAnswer, Spools};
use crate::error::{Error, Result, quoted};

/// How often a list is requested at most, if it changes each time while its pages are fetched.
const TRIES: u32 = 3;

/// How many pages a list may have at most. A list of a million people has 10,000 pages.
const MOST_PAGES: usize = 100_000;

/// An answer of a host that comes in pages.
pub trait Pages {
    /// What the answer is, in words, such as "the consumed licenses of octo-corp".
    fn what(&self) -> String;

    /// The URL or the query of the first page. An interrupted fetch is resumed only if it is unchanged.
    fn first(&self) -> String;

    /// Requests a page: the one that the page before it named, or the first one. `next` in the response names
    /// the page behind it.
    ///
    /// # Errors
    /// The reason why there is no page.
    fn ask(&self, client: &Client<'_>, page: Option<&str>) -> Result<Response, Failure>;

    /// What the page shows of the list: totals and entries. They show whether the list changes.
    fn look(&self, page: &[u8]) -> Seen;
}

/// What a fetch of all pages of an answer needs to know.
pub struct WalkRequest<'a> {
    /// Where fetched pages are stored.
    pub spools: &'a Spools,
    /// The name under which the pages of this answer are stored.
    pub spool: String,
    /// The beginning and the extension of the name of the answer's file. The time of the fetch comes between
    /// them.
    pub file: (String, &'static str),
    /// Is the last attempt accepted even if the list changes while its pages are fetched?
    pub accept_moved: bool,
}

/// A complete answer as a file, with the facts about its fetch.
pub struct Answered {
    /// The file with the answer.
    pub whole: SpooledAnswer,
    /// The number of pages of the answer.
    pub pages: u64,
    /// The number of pages that an earlier, interrupted fetch had stored.
    pub resumed: u64,
    /// How the list changed while its pages were fetched, if the answer was accepted all the same; else `None`.
    pub moved: Option<String>,
}

/// Fetches all pages of an answer.
///
/// # Errors
/// The reason why a page cannot be fetched. If the fault may pass, the pages that have been fetched are kept.
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
                "run the same command again to continue: the {} pages fetched so far are kept for ten minutes",
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
    /// Fetches all pages, in at most `TRIES` attempts. If the list changed but the answer was accepted all the
    /// same, returns how it changed.
    fn all(&mut self, accept_moved: bool) -> Result<Option<String>, Failure> {
        let what = self.pages.what();
        let mut goes_on = self.spool.count() > 0;
        for time in 1.. {
            let last = time == TRIES;
            self.watch = Watch { tolerant: last && accept_moved, ..Watch::default() };
            match self.once(std::mem::take(&mut goes_on))? {
                Ended::Whole => break,
                Ended::Moved(how) if last => {
                    return Err(Error::remote(format!(
                        "{what} changed while the pages were fetched: {how}"
                    ))
                    .hint(format!(
                        "try again at a quieter hour: the list was requested {TRIES} times"
                    ))
                    .hint("or accept the list as it is, with a warning: --accept-moved")
                    .into());
                }
                Ended::Moved(how) => {
                    self.client.talk.note(&format!("{what} changed while the pages were fetched ({how}): the pages are requested again"));
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
                    .hint("check which program answers at that address")
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

    /// Stores a page, unless it shows that the list has changed. If so, returns how it changed.
    fn take(&mut self, answer: &Response) -> Result<Option<String>, Failure> {
        if let Some(how) = self.watch.moves(&self.pages.look(&answer.body)) {
            return Ok(Some(how));
        }
        let now = self.client.clock.now();
        self.spool.add(&answer.body, answer.next.as_deref(), now)?;
        Ok(None)
    }

    /// Can the fetch go on behind the stored pages? The first page must be unchanged. A stored page that
    /// contains the token was written by another program, so it must not be used.
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

/// Notices that a list changes while its pages are fetched.
#[derive(Default)]
struct Watch {
    totals: HashMap<String, String>,
    members: HashSet<[u8; 16]>,
    /// Is a list accepted that changes? If so, the first change is only recorded.
    tolerant: bool,
    moved: Option<String>,
}

impl Watch {
    /// How the list changed, if this page shows it and changes are not accepted; else `None`.
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
                how = Some(format!("{name} was {known} and is now {total}"));
            }
        }
        // An account that is twice on one page shows no change of the list: the answer is like that.
        let here: HashSet<[u8; 16]> = seen.members.iter().copied().collect();
        let again = here.iter().filter(|it| self.members.contains(*it)).count();
        if again > 0 && how.is_none() {
            how = Some(format!("a page repeats {again} of the members of earlier pages"));
        }
        self.members.extend(here);
        how
    }
}

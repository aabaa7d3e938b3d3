//! Fetches the pages of one answer into the spool. The result is one consistent list or none.
//!
//! A list can change while its pages are fetched. Then a total changes, or an account is on two pages, and
//! another account may be on none. In both cases the list is requested again from its first page. An
//! interrupted walk continues after its last page, if the first page is requested again and has the same
//! content as before.

use std::collections::{HashMap, HashSet};

use super::client::{Client, Failure, Response};
use super::look::{Seen, say_the_same};
use super::spool::{Spool, SpooledAnswer, Spools};
use crate::error::{Error, Result, quoted};

/// The maximum number of times that a list is requested because it changes.
const TRIES: u32 = 3;

/// The maximum number of pages of a list. A list of a million people has 10,000 pages.
const MOST_PAGES: usize = 100_000;

/// An answer whose pages can be requested.
pub trait Pages {
    /// The answer in words: `the consumed licenses of octo-corp`.
    fn what(&self) -> String;

    /// The URL or the query of the first page. An interrupted fetch is resumed only if this text is the same as
    /// before.
    fn first(&self) -> String;

    /// Requests a page: the first page, or the page that the previous page named. The field `next` of the
    /// response names the page after it.
    ///
    /// # Errors
    /// The reason why there is no page.
    fn ask(&self, client: &Client<'_>, page: Option<&str>) -> Result<Response, Failure>;

    /// The totals that a page states, and the members of the list in it.
    fn look(&self, page: &[u8]) -> Seen;
}

/// The settings of a walk through the pages of an answer.
pub struct WalkRequest<'a> {
    /// The spools that keep the pages.
    pub spools: &'a Spools,
    /// The name of the spool of this answer.
    pub spool: String,
    /// The beginning and the extension of the name of the answer's file. The time of the fetch is put between
    /// them.
    pub file: (String, &'static str),
    /// Is a list accepted at the last try even if it changes while its pages are fetched?
    pub accept_moved: bool,
}

/// A complete answer, in a file.
pub struct Answered {
    /// The file that holds the answer.
    pub whole: SpooledAnswer,
    /// The number of pages of the answer.
    pub pages: u64,
    /// The number of pages that were fetched before an interruption.
    pub resumed: u64,
    /// A description of how the list changed, if the answer was accepted in spite of the change.
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
    /// Fetches all pages, with at most `TRIES` tries. Returns a description of how the list changed, if the
    /// answer was accepted in spite of the change.
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

    /// Adds a page to the spool, unless the page shows that the list has changed. In that case, returns a
    /// description of the change.
    fn take(&mut self, answer: &Response) -> Result<Option<String>, Failure> {
        if let Some(how) = self.watch.moves(&self.pages.look(&answer.body)) {
            return Ok(Some(how));
        }
        let now = self.client.clock.now();
        self.spool.add(&answer.body, answer.next.as_deref(), now)?;
        Ok(None)
    }

    /// Can the walk continue with the pages in the spool? The first page must be the same as before. No page
    /// may contain the token, because then another program has written the page.
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

/// Notices a list that changes while its pages are fetched.
#[derive(Default)]
struct Watch {
    totals: HashMap<String, String>,
    members: HashSet<[u8; 16]>,
    /// Is a changed list accepted, so that changes are only recorded?
    tolerant: bool,
    moved: Option<String>,
}

impl Watch {
    /// A description of how the list changed, if this page shows a change and changes are not accepted.
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
        // An account that occurs twice on one page shows no change of the list. It is a peculiarity of the
        // answer.
        let here: HashSet<[u8; 16]> = seen.members.iter().copied().collect();
        let again = here.iter().filter(|it| self.members.contains(*it)).count();
        if again > 0 && how.is_none() {
            how = Some(format!("a page repeats {again} of the members of earlier pages"));
        }
        self.members.extend(here);
        how
    }
}

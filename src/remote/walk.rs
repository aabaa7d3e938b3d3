//! Follows the pages of one answer into the spool: one consistent list or none.
//!
//! A list can move while it is paged: a total changes, or somebody stands on two pages (and then
//! somebody else on none). Both are noticed, and the list is asked for again from its first page.
//! What was interrupted goes on after its last page, if the first page asked again still says the
//! same.

use std::collections::{HashMap, HashSet};

use super::client::{Client, Failure, Response};
use super::look::{Seen, say_the_same};
use super::spool::{Spool, SpooledAnswer, Spools};
use crate::error::{Error, Result, quoted};

/// How often a list that moves is asked for in all.
const TRIES: u32 = 3;

/// More pages than any list has: a million people have 10,000.
const MOST_PAGES: usize = 100_000;

/// Asks for the pages of one answer.
pub trait Pages {
    /// In words: `the consumed licenses of octo-corp`.
    fn what(&self) -> String;

    /// What the first page is asked by; a fetch goes on only where this is the same.
    fn first(&self) -> String;

    /// Asks for a page: the first, or the one that the page before it names. `next` of what comes
    /// names the one after it.
    ///
    /// # Errors
    /// Why it does not come.
    fn ask(&self, client: &Client<'_>, page: Option<&str>) -> Result<Response, Failure>;

    /// What is in a page.
    fn look(&self, page: &[u8]) -> Seen;
}

/// What a walk is asked for.
pub struct WalkRequest<'a> {
    /// Where it keeps what has come.
    pub spools: &'a Spools,
    /// The name of the spool.
    pub spool: String,
    /// The beginning and the end of the file's name; the time stands between them.
    pub file: (String, &'static str),
    /// Take a list that moves as it is, at the last try.
    pub accept_moved: bool,
}

/// A whole answer.
pub struct Answered {
    /// The file.
    pub whole: SpooledAnswer,
    /// How many pages it has.
    pub pages: u64,
    /// How many of them had come before an interruption.
    pub resumed: u64,
    /// How the list moved, if it was taken all the same.
    pub moved: Option<String>,
}

/// Gets all pages.
///
/// # Errors
/// Why they do not come. What has come is kept where that may pass.
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
                "what has come is kept for ten minutes ({} pages): the same command goes on from there",
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
    /// All pages, at most so many times; how the list moved, if it is taken all the same.
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

    /// Looks at a page and keeps it, unless the list has moved.
    fn take(&mut self, answer: &Response) -> Result<Option<String>, Failure> {
        if let Some(how) = self.watch.moves(&self.pages.look(&answer.body)) {
            return Ok(Some(how));
        }
        let now = self.client.clock.now();
        self.spool.add(&answer.body, answer.next.as_deref(), now)?;
        Ok(None)
    }

    /// Can it go on with what has come? Not with pages that have the token in them, which another
    /// program has put there.
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

/// Notices a list that moves.
#[derive(Default)]
struct Watch {
    totals: HashMap<String, String>,
    members: HashSet<[u8; 16]>,
    /// Is it only noted?
    tolerant: bool,
    moved: Option<String>,
}

impl Watch {
    /// How the list moved, if this page shows it and that is not tolerated.
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
        // Twice on one page is no move, but an oddity of the answer.
        let here: HashSet<[u8; 16]> = seen.members.iter().copied().collect();
        let again = here.iter().filter(|it| self.members.contains(*it)).count();
        if again > 0 && how.is_none() {
            how = Some(format!("{again} of a page were on an earlier one already"));
        }
        self.members.extend(here);
        how
    }
}

//! Makes moments that have only a few of many people: the people whom a question is about, and everybody who
//! affects the answer about them. `search` finds these people in the store's image. `alike` and `slips` find the
//! accounts that evidence may name, and `entries` those that an employee directory connects. `crowds` remembers
//! the accounts for which a search is useless. The time depends on the number of people found, and not on the
//! number of all people.

mod alike;
mod crowds;
mod entries;
mod person;
mod search;
mod slips;

use std::sync::Arc;

use super::Ledger;
use super::counting::{HostsBySource, Scene};
use super::moment::Moment;
use super::parts::PartSource;
use super::sweep::{Focus, Histories, Setting};
use crate::error::Result;
use crate::model::{CloudPart, Instant, ServerPart};
use crate::store::SnapshotFacts;
use search::Search;

pub(super) use crowds::Crowds;
pub(crate) use person::{Scenes, Seed, around};

/// The moments of two instants, with only the people whose records differ and everybody related to them, and the
/// number of licenses consumed at each instant. `None` if the full moments must be compared. The short
/// comparison needs stored counts of both instants, equal sources, declarations and links (`Setting`), and few
/// affected people.
///
/// # Errors
/// If the database cannot be read.
pub(crate) fn moments_near<'l>(
    ledger: &'l Ledger<'_>,
    from: Instant,
    to: Instant,
    only: Option<&str>,
) -> Result<Option<(Moment<'l>, Moment<'l>, [u64; 2])>> {
    let (Some(opening), Some(closing)) = (
        ledger.counted(&[from], only)?.pop().flatten(),
        ledger.counted(&[to], only)?.pop().flatten(),
    ) else {
        return Ok(None);
    };
    let scenes = [
        ledger.moment_of(from, only, &Scene(&opening.hosts))?,
        ledger.moment_of(to, only, &Scene(&closing.hosts))?,
    ];
    if !Setting::of(ledger, &scenes[0])?.is_like(&Setting::of(ledger, &scenes[1])?) {
        return Ok(None);
    }
    let Some(mut search) = Search::new(ledger, &scenes)? else { return Ok(None) };
    let turned = search.turned(&scenes)?;
    search.start(turned);
    if !search.follow()? {
        return Ok(None);
    }
    let histories = search.histories()?;
    let moment = |at, listed| ledger.moment_of(at, only, &Near { histories: &histories, listed });
    let consumed = [opening.count.consumed(), closing.count.consumed()];
    Ok(Some((moment(from, &opening.hosts)?, moment(to, &closing.hosts)?, consumed)))
}

/// Provides the accounts that a search found. `listed` has the hosts that all Cloud rows list, including rows
/// that the search did not find.
struct Near<'n> {
    histories: &'n Histories,
    listed: &'n HostsBySource,
}

impl PartSource for Near<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        Scene(self.listed).hosts(cloud)
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Arc<CloudPart>> {
        let (hosts, place) = (self.hosts(cloud)?, cloud.place);
        let history = self.histories.cloud.get(&cloud.source_id);
        let part = history.map(|it| it.part_listing(hosts, place, Focus::Everybody));
        Ok(Arc::new(part.unwrap_or_default()))
    }

    fn server(&self, server: &SnapshotFacts) -> Result<Arc<ServerPart>> {
        let history = self.histories.server.get(&server.source_id);
        let part = history.map(|it| it.part_at(server.place, Focus::Everybody));
        Ok(Arc::new(part.unwrap_or_default()))
    }
}

//! The sections of a page between its headline and its people, each in a file of its own.

mod basis;
mod check;
mod doubles;
mod freshness;
mod kinds;
mod movements;
mod organizations;
mod reclaim;
mod sources;
mod trend;

use super::links::Links;
use super::parts::PageParts;
use super::section::Section;
use crate::error::Result;

/// The sections, the last of which says what the figures rest on.
pub(super) fn sections(asked: &PageParts<'_>) -> Result<Vec<Section>> {
    let (page, links) = (asked.document, Links::of(asked));
    let all = [
        trend::trend(&page, &links)?,
        Some(kinds::kinds(&page, &links)?),
        Some(doubles::doubles(&page, &links)?),
        Some(reclaim::reclaim(&page, &links)?),
        Some(organizations::organizations(&page, &links)?),
        freshness::freshness(&page, &links)?,
        Some(movements::movements(&page, &links)?),
        Some(check::check(&page, &links)?),
        Some(sources::sources(&page, &links)?),
        Some(basis::basis(&page, &links)?),
    ];
    Ok(all.into_iter().flatten().collect())
}

//! Reads the compact records that counting works on: the accounts of one snapshot, or all states of a source that
//! were in force between two points of its time line.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::HashMap;

use super::image::{Identified, Image, ImageSpan, StateTimes, is_few};
use super::read::member;
use super::sql::unknown_value;
use super::{Place, SnapshotFacts, Store};
use crate::beside::both;
use crate::error::Result;
use crate::model::{
    AddressKey, AddressKind, CloudPart, CloudRow, HostIx, Indexed, InstanceIx, KeyId, ListIndex,
    Member, ServerAccount, ServerPart, StateId, StateIx, arrange,
};

/// A span of time in which a state (an account's record) was in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The number that identifies the state in the database.
    pub state: StateId,
    /// The point of the source's time line at which the span begins.
    pub from: Place,
    /// The point of the source's time line at which the span ends; the span does not contain it.
    pub to: Place,
}

/// The usual length of an account's identity, in bytes, by which memory is reserved.
const USUAL_IDENTITY: usize = 20;

/// The states (records of accounts) to read. A state is listed once for each span of time in which it was in
/// force.
struct Wanted {
    image: Rc<Image>,
    held: Vec<ImageSpan>,
}

/// The identities of the accounts whose records (states) are to be read.
enum Names<'i> {
    All(Identified<'i>),
    Few(Vec<Arc<str>>),
}

impl Names<'_> {
    /// The identity of the account that a state belongs to. `index` is the position of the state among the
    /// states to read, and `place` its position in the image (the derived columns).
    fn of(&self, index: usize, place: usize) -> &str {
        match self {
            Names::All(all) => all.of(place),
            Names::Few(few) => &few[index],
        }
    }
}

impl Wanted {
    /// The positions, in the image (the derived columns), of the states that are to be read.
    fn places(&self) -> impl ExactSizeIterator<Item = usize> + Clone {
        self.held.iter().map(|it| it.place)
    }

    fn names(&self, store: &Store) -> Result<Names<'_>> {
        if !is_few(self.held.len(), self.image.states().len()) {
            return self.image.identified(&store.connection).map(Names::All);
        }
        let names = self.places().map(|place| self.image.identity_of_few(&store.connection, place));
        Ok(Names::Few(names.collect::<Result<_>>()?))
    }

    /// The spans of time of the states that are to be read, in the sequence that `order` gives.
    fn spans(&self, order: &[StateIx]) -> Vec<Span> {
        let spans = order.iter().map(|state| {
            let it = self.held[state.position()];
            Span {
                state: self.image.states().state_at(it.place),
                from: Place::from_number(it.from),
                to: Place::from_number(it.to),
            }
        });
        spans.collect()
    }
}

impl Store {
    /// The rows of a Cloud snapshot, sorted by identity.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn cloud_part(&self, snapshot: &SnapshotFacts) -> Result<CloudPart> {
        let place = snapshot.place;
        let wanted = self.wanted_between(snapshot.source_id, place, place)?;
        self.cloud_states(&wanted).map(|(part, _)| part)
    }

    /// The states of a Cloud source that were in force at any point of its time line from `first` to `last`, sorted
    /// by identity. A state is listed once for each span of time in which it was in force.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn cloud_part_between(
        &self,
        source: i64,
        first: Place,
        last: Place,
    ) -> Result<(CloudPart, Vec<Span>)> {
        let wanted = self.wanted_between(source, first, last)?;
        let (part, order) = self.cloud_states(&wanted)?;
        Ok((part, wanted.spans(&order)))
    }

    /// The states of a Cloud source that the caller selected with [`Store::want`], sorted by identity. A state is
    /// listed once for each span of time in which it was in force.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn cloud_part_wanted(&self, source: i64) -> Result<(CloudPart, Vec<Span>)> {
        let wanted = self.wanted_of(source)?;
        let (part, order) = self.cloud_states(&wanted)?;
        Ok((part, wanted.spans(&order)))
    }

    fn wanted_between(&self, source: i64, first: Place, last: Place) -> Result<Wanted> {
        let image = self.image()?;
        let held = image.times.between(image.states(), source, first.number(), last.number());
        Ok(Wanted { image, held })
    }

    /// The states of a source that the caller selected with [`Store::want`].
    fn wanted_of(&self, source: i64) -> Result<Wanted> {
        let image = self.image()?;
        let states = image.states();
        let places = self.wanted.borrow().iter().filter_map(|it| states.place_of(*it)).collect();
        let of = |times: &StateTimes, places: Vec<usize>| {
            let held = places.into_iter().flat_map(|place| times.of(states, place));
            held.filter(|held| held.source == source).collect::<Vec<_>>()
        };
        let held = of(&image.times, places);
        if is_few(held.len(), states.len()) {
            for it in &held {
                image.read_keys_of(&self.connection, it.place)?;
            }
        }
        Ok(Wanted { image: Rc::clone(&image), held })
    }

    /// The states that are to be read, as Cloud rows, and for each row the position of its state among them.
    fn cloud_states(&self, wanted: &Wanted) -> Result<(CloudPart, Vec<StateIx>)> {
        let Wanted { image, held } = wanted;
        let mut part = CloudPart::default();
        part.rows.reserve(held.len());
        let mut identities = String::with_capacity(USUAL_IDENTITY * held.len());
        let (states, names) = (image.states(), wanted.names(self)?);
        for (index, place) in wanted.places().enumerate() {
            let from = identities.len();
            identities.push_str(names.of(index, place));
            part.rows.push(CloudRow {
                state: states.state_at(place),
                row: states.row(place).ok_or_else(unknown_value)?,
                roles: states.roles(place).ok_or_else(unknown_value)?,
                visual_studio: states.visual_studio(place),
                identity: from..identities.len(),
                addresses: 0..0,
                listed: 0..0,
            });
        }
        part.identities = identities.into();
        // The rows are sorted, because the numbers of states follow the order of import, which must never show
        // in an answer.
        let (order, (addresses, listed)) = both(
            part.rows.len(),
            || part.order(),
            || (addresses(states, wanted.places()), listed(states, wanted.places())),
        );
        let mut hosts = HostReader::default();
        part.listed = listed
            .items
            .into_iter()
            .map(|(host, member)| Ok((hosts.host(self, host)?, member)))
            .collect::<Result<_>>()?;
        part.hosts = hosts.names;
        for (row, range) in part.rows.iter_mut().zip(addresses.ranges) {
            row.addresses = range;
        }
        for (row, range) in part.rows.iter_mut().zip(listed.ranges) {
            row.listed = range;
        }
        part.addresses = addresses.items;
        arrange(&mut part.rows, &order);
        Ok((part, order))
    }

    /// The name of a host. The name is empty for the host number that stands for ids without a host.
    pub(super) fn host(&self, host_id: u32) -> Result<Box<str>> {
        let sql = "SELECT host FROM hosts WHERE host_id = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([host_id], |row| row.get(0))?)
    }

    /// The accounts of a Server snapshot, sorted by id.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn server_part(&self, snapshot: &SnapshotFacts) -> Result<ServerPart> {
        let place = snapshot.place;
        let wanted = self.wanted_between(snapshot.source_id, place, place)?;
        self.server_states(&wanted).map(|(part, _)| part)
    }

    /// The states of an instance that were in force at any point of its time line from `first` to `last`, sorted by
    /// id. A state is listed once for each span of time in which it was in force.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn server_part_between(
        &self,
        source: i64,
        first: Place,
        last: Place,
    ) -> Result<(ServerPart, Vec<Span>)> {
        let wanted = self.wanted_between(source, first, last)?;
        let (part, order) = self.server_states(&wanted)?;
        Ok((part, wanted.spans(&order)))
    }

    /// The states of an instance that the caller selected with [`Store::want`], sorted by id. A state is listed
    /// once for each span of time in which it was in force.
    ///
    /// # Errors
    /// If the database cannot be read, or has an invalid value.
    pub fn server_part_wanted(&self, source: i64) -> Result<(ServerPart, Vec<Span>)> {
        let wanted = self.wanted_of(source)?;
        let (part, order) = self.server_states(&wanted)?;
        Ok((part, wanted.spans(&order)))
    }

    /// The states that are to be read, as Server accounts, and for each account the position of its state among
    /// them.
    fn server_states(&self, wanted: &Wanted) -> Result<(ServerPart, Vec<StateIx>)> {
        let mut part = ServerPart::default();
        part.accounts.reserve(wanted.held.len());
        let (states, names) = (wanted.image.states(), wanted.names(self)?);
        let addresses = addresses(states, wanted.places());
        for (index, (place, range)) in wanted.places().zip(addresses.ranges).enumerate() {
            part.accounts.push(ServerAccount {
                state: states.state_at(place),
                instance: InstanceIx::default(),
                member: member(names.of(index, place)),
                takes_part: states.takes_part(place),
                addresses: range,
            });
        }
        part.addresses = addresses.items;
        let order = part.order();
        arrange(&mut part.accounts, &order);
        Ok((part, order))
    }
}

/// The hosts that Cloud rows list, in the order in which they are first read.
#[derive(Default)]
struct HostReader {
    known: HashMap<u32, Option<HostIx>>,
    names: Indexed<HostIx, Box<str>>,
}

impl HostReader {
    /// The index of the host with this number; `None` for the host number that stands for ids without a host.
    fn host(&mut self, store: &Store, host_id: u32) -> Result<Option<HostIx>> {
        if let Some(host) = self.known.get(&host_id) {
            return Ok(*host);
        }
        let name = store.host(host_id)?;
        let host = (!name.is_empty()).then(|| self.names.push(name));
        self.known.insert(host_id, host);
        Ok(host)
    }
}

/// Values that belong to states (such as addresses), all in one list, and for each state the range of its
/// values.
struct Owned<Item> {
    items: Vec<Item>,
    ranges: Vec<Range<u32>>,
}

/// The addresses of the states at these positions. The addresses of each state are sorted by kind and key.
fn addresses(
    states: &super::image::StateTable,
    places: impl ExactSizeIterator<Item = usize>,
) -> Owned<AddressKey> {
    let mut items: Vec<AddressKey> = Vec::with_capacity(places.len());
    let mut ranges = Vec::with_capacity(places.len());
    for place in places {
        let start = items.len();
        for (key, kinds) in states.keys(place) {
            let own = AddressKind::ALL.into_iter().filter(|kind| kinds & bit(*kind) != 0);
            items.extend(own.map(|kind| AddressKey { kind, key: KeyId::of_number(key) }));
        }
        if items.len() > start + 1 {
            items[start..].sort_unstable_by_key(|it| (it.kind, it.key));
        }
        ranges.push(start as u32..items.len() as u32);
    }
    Owned { items, ranges }
}

pub(super) fn bit(kind: AddressKind) -> u8 {
    1 << (kind as u8 - 1)
}

/// The Server accounts that Cloud rows list, each as the number of the host and the id. The accounts of each row
/// are sorted by host number and id.
fn listed(
    states: &super::image::StateTable,
    places: impl ExactSizeIterator<Item = usize>,
) -> Owned<(u32, Member)> {
    let (mut items, mut ranges) =
        (Vec::with_capacity(places.len()), Vec::with_capacity(places.len()));
    for place in places {
        let start = items.len();
        let mut own = states.listed(place);
        match (own.next(), own.next()) {
            (Some(first), Some(second)) => {
                let mut own: Vec<_> = [first, second].into_iter().chain(own).collect();
                own.sort_by_cached_key(|it| (it.host, it.id.text()));
                items.extend(own.into_iter().map(|it| (it.host, it.id.member())));
            }
            (only, _) => items.extend(only.map(|it| (it.host, it.id.member()))),
        }
        ranges.push(start as u32..items.len() as u32);
    }
    Owned { items, ranges }
}

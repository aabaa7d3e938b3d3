//! Reading compact records: the accounts of one snapshot, or all states of a source over a time.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};
use rusqlite::{Row, params_from_iter};

use super::read::{member, unknown_value};
use super::{Place, SnapshotFacts, Store};
use crate::beside::both;
use crate::error::Result;
use crate::model::{
    AddressKey, AddressKind, CloudPart, CloudRow, Member, Roles, RowKind, ServerAccount,
    ServerPart, arrange,
};

/// The statements that read compact records.
struct Queries {
    cloud_rows: &'static str,
    server_accounts: &'static str,
    addresses: &'static str,
    listed: &'static str,
}

/// … of one place.
const AT: Queries = Queries {
    cloud_rows: include_str!("../../schema/queries/cloud_rows_at.sql"),
    server_accounts: include_str!("../../schema/queries/server_accounts_at.sql"),
    addresses: include_str!("../../schema/queries/addresses_at.sql"),
    listed: include_str!("../../schema/queries/listed_at.sql"),
};

/// … of everything between two places.
const BETWEEN: Queries = Queries {
    cloud_rows: include_str!("../../schema/queries/cloud_rows_between.sql"),
    server_accounts: include_str!("../../schema/queries/server_accounts_between.sql"),
    addresses: include_str!("../../schema/queries/addresses_between.sql"),
    listed: include_str!("../../schema/queries/listed_between.sql"),
};

/// … of the states in the table `wanted`.
const WANTED: Queries = Queries {
    cloud_rows: include_str!("../../schema/queries/cloud_rows_wanted.sql"),
    server_accounts: include_str!("../../schema/queries/server_accounts_wanted.sql"),
    addresses: include_str!("../../schema/queries/addresses_wanted.sql"),
    listed: include_str!("../../schema/queries/listed_wanted.sql"),
};

/// What is read: the parameters of the statements are a source and a place, or two.
struct Wanted {
    queries: &'static Queries,
    parameters: Vec<i64>,
    /// Do the statements hand out a state for each span in which it held, and say which?
    with_spans: bool,
}

impl Wanted {
    fn of(snapshot: &SnapshotFacts) -> Wanted {
        let parameters = vec![snapshot.source_id, snapshot.place.number()];
        Wanted { queries: &AT, parameters, with_spans: false }
    }

    fn of_table(source: i64) -> Wanted {
        Wanted { queries: &WANTED, parameters: vec![source], with_spans: true }
    }

    fn between(source: i64, first: Place, last: Place) -> Wanted {
        let parameters = vec![source, first.number(), last.number()];
        Wanted { queries: &BETWEEN, parameters, with_spans: true }
    }

    /// The place in a column, or none where no span is told.
    fn place(&self, row: &Row<'_>, column: usize) -> rusqlite::Result<Place> {
        match self.with_spans {
            true => row.get(column).map(Place::from_number),
            false => Ok(Place::FIRST),
        }
    }
}

/// A span in which a state held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The state's number.
    pub state: i64,
    /// The first place at which it held.
    pub from: Place,
    /// The first place after it at which it did not.
    pub to: Place,
}

impl Store {
    /// The rows that hold in a Cloud snapshot, by identity.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn cloud_part(&self, snapshot: &SnapshotFacts) -> Result<CloudPart> {
        self.cloud_states(&Wanted::of(snapshot)).map(|(part, _)| part)
    }

    /// The states of a Cloud source that held at any place from `first` to `last`, once for each
    /// span in which they did; by identity.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn cloud_part_between(
        &self,
        source: i64,
        first: Place,
        last: Place,
    ) -> Result<(CloudPart, Vec<Span>)> {
        self.cloud_states(&Wanted::between(source, first, last))
    }

    /// Those of the wanted states that are of a Cloud source, once for each span in which they held;
    /// by identity.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn cloud_part_wanted(&self, source: i64) -> Result<(CloudPart, Vec<Span>)> {
        self.cloud_states(&Wanted::of_table(source))
    }

    fn cloud_states(&self, wanted: &Wanted) -> Result<(CloudPart, Vec<Span>)> {
        let mut part = CloudPart::default();
        let mut statement = self.connection.prepare_cached(wanted.queries.cloud_rows)?;
        let mut rows = statement.query(params_from_iter(&wanted.parameters))?;
        let (mut identities, mut spans) = (String::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let from = identities.len();
            identities.push_str(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?);
            let state = row.get(0)?;
            part.rows.push(CloudRow {
                state,
                row: RowKind::from_number(row.get(1)?).ok_or_else(unknown_value)?,
                roles: Roles::from_number(row.get(2)?).ok_or_else(unknown_value)?,
                visual_studio: row.get(3)?,
                identity: from..identities.len(),
                addresses: 0..0,
                listed: 0..0,
            });
            spans.push(Span { state, from: wanted.place(row, 5)?, to: wanted.place(row, 6)? });
        }
        part.identities = identities.into();
        let mut hosts = Vec::new();
        // Numbers of states tell the order of arrival, which must never show in an answer.
        let (order, read) = both(
            part.rows.len(),
            || part.order(),
            || -> Result<_> {
                Ok((self.addresses(wanted, &spans)?, self.listed(wanted, &spans, &mut hosts)?))
            },
        );
        let (addresses, listed) = read?;
        for (row, range) in part.rows.iter_mut().zip(addresses.ranges) {
            row.addresses = range;
        }
        for (row, range) in part.rows.iter_mut().zip(listed.ranges) {
            row.listed = range;
        }
        (part.addresses, part.listed, part.hosts) = (addresses.items, listed.items, hosts);
        arrange(&mut part.rows, &order);
        arrange(&mut spans, &order);
        Ok((part, spans))
    }

    /// The Server accounts that rows list, which held in these spans; hosts are added to `names`.
    fn listed(
        &self,
        wanted: &Wanted,
        spans: &[Span],
        names: &mut Vec<Box<str>>,
    ) -> Result<Owned<(Option<u32>, Member)>> {
        let mut statement = self.connection.prepare_cached(wanted.queries.listed)?;
        let mut rows = statement.query(params_from_iter(&wanted.parameters))?;
        let mut hosts: HashMap<i64, Option<u32>> = HashMap::new();
        let (mut items, mut ranges) = (Vec::new(), Ranges::of(spans));
        while let Some(row) = rows.next()? {
            let host_id = row.get(1)?;
            let host = match hosts.get(&host_id) {
                Some(host) => *host,
                None => {
                    let name = self.host(host_id)?;
                    let host = (!name.is_empty()).then(|| {
                        names.push(name);
                        names.len() as u32 - 1
                    });
                    hosts.insert(host_id, host);
                    host
                }
            };
            ranges.next_item(row.get(0)?, wanted.place(row, 3)?, items.len());
            let id = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            items.push((host, Member::new(id)));
        }
        Ok(Owned { ranges: ranges.finish(items.len()), items })
    }

    /// The name of a host; empty where a bare id has none.
    fn host(&self, host_id: i64) -> Result<Box<str>> {
        let sql = "SELECT host FROM hosts WHERE host_id = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([host_id], |row| row.get(0))?)
    }

    /// The accounts that hold in a Server snapshot, by id.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn server_part(&self, snapshot: &SnapshotFacts) -> Result<ServerPart> {
        self.server_states(&Wanted::of(snapshot)).map(|(part, _)| part)
    }

    /// The states of an instance that held at any place from `first` to `last`, once for each
    /// span in which they did; by id.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn server_part_between(
        &self,
        source: i64,
        first: Place,
        last: Place,
    ) -> Result<(ServerPart, Vec<Span>)> {
        self.server_states(&Wanted::between(source, first, last))
    }

    /// Those of the wanted states that are of an instance, once for each span in which they held; by
    /// id.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn server_part_wanted(&self, source: i64) -> Result<(ServerPart, Vec<Span>)> {
        self.server_states(&Wanted::of_table(source))
    }

    fn server_states(&self, wanted: &Wanted) -> Result<(ServerPart, Vec<Span>)> {
        let mut part = ServerPart::default();
        let mut statement = self.connection.prepare_cached(wanted.queries.server_accounts)?;
        let mut rows = statement.query(params_from_iter(&wanted.parameters))?;
        let mut spans = Vec::new();
        while let Some(row) = rows.next()? {
            let identity = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            let state = row.get(0)?;
            part.accounts.push(ServerAccount {
                state,
                instance: 0,
                member: member(identity),
                takes_part: row.get(2)?,
                addresses: 0..0,
            });
            spans.push(Span { state, from: wanted.place(row, 3)?, to: wanted.place(row, 4)? });
        }
        let addresses = self.addresses(wanted, &spans)?;
        for (account, range) in part.accounts.iter_mut().zip(addresses.ranges) {
            account.addresses = range;
        }
        part.addresses = addresses.items;
        let order = part.order();
        arrange(&mut part.accounts, &order);
        arrange(&mut spans, &order);
        Ok((part, spans))
    }

    /// No key can have a greater number: keys are numbered one after another, each takes more bytes than
    /// this, and room is made by number.
    pub(super) fn most_keys(&self) -> rusqlite::Result<i64> {
        const BYTES: i64 = 8;
        let number = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let (pages, page_size) = (number("PRAGMA page_count")?, number("PRAGMA page_size")?);
        Ok(pages.saturating_mul(page_size) / BYTES)
    }

    /// The addresses of states, which held in these spans.
    fn addresses(&self, wanted: &Wanted, spans: &[Span]) -> Result<Owned<AddressKey>> {
        let mut statement = self.connection.prepare_cached(wanted.queries.addresses)?;
        let mut rows = statement.query(params_from_iter(&wanted.parameters))?;
        let mut addresses = Vec::with_capacity(spans.len());
        let mut ranges = Ranges::of(spans);
        let most = self.most_keys()?;
        while let Some(row) = rows.next()? {
            ranges.next_item(row.get(0)?, wanted.place(row, 3)?, addresses.len());
            let key: u32 = row.get(2)?;
            if i64::from(key) > most {
                return Err(unknown_value());
            }
            let kind = AddressKind::from_number(row.get(1)?).ok_or_else(unknown_value)?;
            addresses.push(AddressKey { kind, key });
        }
        Ok(Owned { ranges: ranges.finish(addresses.len()), items: addresses })
    }
}

/// What belongs to states, and the range of each of them.
struct Owned<Item> {
    items: Vec<Item>,
    ranges: Vec<Range<u32>>,
}

/// Gives each of a list of states its range of a list of items that comes in the same order: that of
/// the index of spans, so that nothing is sorted.
struct Ranges<'s> {
    spans: &'s [Span],
    ranges: Vec<Range<u32>>,
    start: usize,
}

impl<'s> Ranges<'s> {
    fn of(spans: &'s [Span]) -> Ranges<'s> {
        Ranges { spans, ranges: Vec::with_capacity(spans.len()), start: 0 }
    }

    /// The item at `index` belongs to `state` as it held from a place on.
    fn next_item(&mut self, state: i64, from: Place, index: usize) {
        let is_other = |span: &Span| (span.state, span.from) != (state, from);
        while self.spans.get(self.ranges.len()).is_some_and(is_other) {
            self.end_range(index);
        }
    }

    fn end_range(&mut self, end: usize) {
        self.ranges.push(self.start as u32..end as u32);
        self.start = end;
    }

    fn finish(mut self, items: usize) -> Vec<Range<u32>> {
        while self.ranges.len() < self.spans.len() {
            self.end_range(items);
        }
        self.ranges
    }
}

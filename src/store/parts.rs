//! Reading compact records: the accounts of one snapshot, or all states of a source over a time.

use std::ops::Range;

use rusqlite::{Params, params_from_iter};
use std::collections::HashMap;

use super::read::{member, unknown_value};
use super::{Place, SnapshotFacts, Store};
use crate::error::Result;
use crate::model::{
    AddressKey, AddressKind, CloudPart, CloudRow, Member, Roles, RowKind, ServerAccount, ServerPart,
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
}

impl Wanted {
    fn of(snapshot: &SnapshotFacts) -> Wanted {
        Wanted { queries: &AT, parameters: vec![snapshot.source_id, snapshot.place.number()] }
    }

    fn of_table(source: i64) -> Wanted {
        Wanted { queries: &WANTED, parameters: vec![source] }
    }

    fn between(source: i64, first: Place, last: Place) -> Wanted {
        Wanted { queries: &BETWEEN, parameters: vec![source, first.number(), last.number()] }
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
    /// The rows that hold in a Cloud snapshot.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn cloud_part(&self, snapshot: &SnapshotFacts) -> Result<CloudPart> {
        let mut part = self.cloud_states(&Wanted::of(snapshot))?;
        // Numbers of states tell the order of arrival, which must never show in an answer.
        part.sort();
        Ok(part)
    }

    /// The states of a Cloud source that held at any place from `first` to `last`, by number.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn cloud_part_between(&self, source: i64, first: Place, last: Place) -> Result<CloudPart> {
        self.cloud_states(&Wanted::between(source, first, last))
    }

    /// Those of the wanted states that are of a Cloud source, by number.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn cloud_part_wanted(&self, source: i64) -> Result<CloudPart> {
        self.cloud_states(&Wanted::of_table(source))
    }

    fn cloud_states(&self, wanted: &Wanted) -> Result<CloudPart> {
        let mut part = CloudPart::default();
        let mut statement = self.connection.prepare_cached(wanted.queries.cloud_rows)?;
        let mut rows = statement.query(params_from_iter(&wanted.parameters))?;
        let mut identities = String::new();
        while let Some(row) = rows.next()? {
            let from = identities.len();
            identities.push_str(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?);
            part.rows.push(CloudRow {
                state: row.get(0)?,
                row: RowKind::from_number(row.get(1)?).ok_or_else(unknown_value)?,
                roles: Roles::from_number(row.get(2)?).ok_or_else(unknown_value)?,
                visual_studio: row.get(3)?,
                identity: from..identities.len(),
                addresses: 0..0,
                listed: 0..0,
            });
        }
        part.identities = identities.into();
        let owners: Vec<i64> = part.rows.iter().map(|row| row.state).collect();
        let (addresses, ranges) = self.addresses(wanted, &owners)?;
        part.addresses = addresses;
        for (row, range) in part.rows.iter_mut().zip(ranges) {
            row.addresses = range;
        }
        self.listed(wanted, &mut part)?;
        Ok(part)
    }

    fn listed(&self, wanted: &Wanted, part: &mut CloudPart) -> Result<()> {
        let mut statement = self.connection.prepare_cached(wanted.queries.listed)?;
        let mut rows = statement.query(params_from_iter(&wanted.parameters))?;
        let mut hosts: HashMap<String, Option<u32>> = HashMap::from([(String::new(), None)]);
        let owners: Vec<i64> = part.rows.iter().map(|row| row.state).collect();
        let mut ranges = Ranges::of(&owners);
        while let Some(row) = rows.next()? {
            let host = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            let host = match hosts.get(host) {
                Some(index) => *index,
                None => {
                    let index = Some(part.hosts.len() as u32);
                    part.hosts.push(host.into());
                    hosts.insert(host.to_owned(), index);
                    index
                }
            };
            ranges.next_item(row.get(0)?, part.listed.len());
            let id = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            part.listed.push((host, Member::new(id)));
        }
        for (row, range) in part.rows.iter_mut().zip(ranges.finish(part.listed.len())) {
            row.listed = range;
        }
        Ok(())
    }

    /// The accounts that hold in a Server snapshot.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn server_part(&self, snapshot: &SnapshotFacts) -> Result<ServerPart> {
        let mut part = self.server_states(&Wanted::of(snapshot))?;
        // Numbers of states tell the order of arrival, which must never show in an answer.
        part.sort();
        Ok(part)
    }

    /// The states of an instance that held at any place from `first` to `last`, by number.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn server_part_between(
        &self,
        source: i64,
        first: Place,
        last: Place,
    ) -> Result<ServerPart> {
        self.server_states(&Wanted::between(source, first, last))
    }

    /// Those of the wanted states that are of an instance, by number.
    ///
    /// # Errors
    /// If the database cannot be read, or holds what it should not.
    pub fn server_part_wanted(&self, source: i64) -> Result<ServerPart> {
        self.server_states(&Wanted::of_table(source))
    }

    fn server_states(&self, wanted: &Wanted) -> Result<ServerPart> {
        let mut part = ServerPart::default();
        let mut statement = self.connection.prepare_cached(wanted.queries.server_accounts)?;
        let mut rows = statement.query(params_from_iter(&wanted.parameters))?;
        while let Some(row) = rows.next()? {
            let identity = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            part.accounts.push(ServerAccount {
                state: row.get(0)?,
                instance: 0,
                member: member(identity),
                takes_part: row.get(2)?,
                addresses: 0..0,
            });
        }
        let owners: Vec<i64> = part.accounts.iter().map(|account| account.state).collect();
        let (addresses, ranges) = self.addresses(wanted, &owners)?;
        part.addresses = addresses;
        for (account, range) in part.accounts.iter_mut().zip(ranges) {
            account.addresses = range;
        }
        Ok(part)
    }

    /// When the states of a source held that held at any place from `first` to `last`, by state.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn spans_between(&self, source: i64, first: Place, last: Place) -> Result<Vec<Span>> {
        let sql = include_str!("../../schema/queries/spans_between.sql");
        self.spans(sql, (source, first.number(), last.number()))
    }

    /// When the wanted states of a source held, by state.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn spans_wanted(&self, source: i64) -> Result<Vec<Span>> {
        self.spans(include_str!("../../schema/queries/spans_wanted.sql"), [source])
    }

    fn spans(&self, sql: &str, parameters: impl Params) -> Result<Vec<Span>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let spans = statement.query_map(parameters, |row| {
            let place = |column| row.get(column).map(Place::from_number);
            Ok(Span { state: row.get(0)?, from: place(1)?, to: place(2)? })
        })?;
        Ok(spans.collect::<rusqlite::Result<_>>()?)
    }

    /// The addresses of states (`owners`, in order), and the range of each state.
    fn addresses(
        &self,
        wanted: &Wanted,
        owners: &[i64],
    ) -> Result<(Vec<AddressKey>, Vec<Range<u32>>)> {
        let mut statement = self.connection.prepare_cached(wanted.queries.addresses)?;
        let mut rows = statement.query(params_from_iter(&wanted.parameters))?;
        let mut addresses = Vec::with_capacity(owners.len());
        let mut ranges = Ranges::of(owners);
        while let Some(row) = rows.next()? {
            ranges.next_item(row.get(0)?, addresses.len());
            addresses.push(AddressKey {
                kind: AddressKind::from_number(row.get(1)?).ok_or_else(unknown_value)?,
                key: row.get(2)?,
            });
        }
        let ranges = ranges.finish(addresses.len());
        Ok((addresses, ranges))
    }
}

/// Gives each of a list of states its range of a list of items that comes in the same order: that of
/// the index of spans, so that nothing is sorted.
struct Ranges<'o> {
    owners: &'o [i64],
    ranges: Vec<Range<u32>>,
    start: usize,
}

impl<'o> Ranges<'o> {
    fn of(owners: &'o [i64]) -> Ranges<'o> {
        Ranges { owners, ranges: Vec::with_capacity(owners.len()), start: 0 }
    }

    /// The item at `index` belongs to `state`.
    fn next_item(&mut self, state: i64, index: usize) {
        while self.owners.get(self.ranges.len()).is_some_and(|owner| *owner != state) {
            self.end_range(index);
        }
    }

    fn end_range(&mut self, end: usize) {
        self.ranges.push(self.start as u32..end as u32);
        self.start = end;
    }

    fn finish(mut self, items: usize) -> Vec<Range<u32>> {
        while self.ranges.len() < self.owners.len() {
            self.end_range(items);
        }
        self.ranges
    }
}

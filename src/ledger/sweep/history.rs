//! All states (records of accounts) of one source during a sweep. From them, this file selects the states in
//! force at one point of the source's time line.

use crate::error::Result;
use crate::model::{
    CloudPart, CloudRow, Grouped, HostIx, Indexed, ListIndex, Member, ServerAccount, ServerPart,
    StateIx, list_indices, part, positions,
};
use crate::store::{Place, Span, Store};

list_indices! {
    /// A group of states (records of accounts) that may affect each other.
    StateGroupIx;
}

/// The people whom a count looks at. A sweep over many instants looks only at those who may have changed.
#[derive(Clone, Copy)]
pub(crate) enum Focus<'f> {
    Nobody,
    /// The people in these groups of states that may affect each other. The groups must be in order.
    Groups(&'f [StateGroupIx]),
    Everybody,
}

/// The spans of time in which the states (records) of a source are in force, and the groups to which the states
/// belong. A state with several spans has several indices.
#[derive(Default)]
pub(crate) struct StateHistory {
    /// The span of time of each state: its beginning and its end.
    spans: Indexed<StateIx, (Place, Place)>,
    /// The points of the time line at which states begin (`true`) and end (`false`), in order.
    turns: Vec<(Place, StateIx, bool)>,
    /// The group (states that may affect each other) of each state.
    groups: Indexed<StateIx, StateGroupIx>,
    /// The states in each group, the reverse of `groups`.
    of_group: Grouped<StateGroupIx, StateIx>,
}

impl StateHistory {
    /// The history of states (records) that were in force in these spans.
    fn new(spans: &[Span]) -> StateHistory {
        let spans: Indexed<StateIx, _> = spans.iter().map(|it| (it.from, it.to)).collect();
        let begin = spans.enumerated().map(|(state, (from, _))| (*from, state, true));
        let end = spans.enumerated().map(|(state, (_, to))| (*to, state, false));
        let mut turns: Vec<(Place, StateIx, bool)> = begin.chain(end).collect();
        // States with neighboring numbers often begin and end at the same point, so the list has long sorted
        // runs and is quickly sorted.
        turns.sort();
        StateHistory { spans, turns, ..StateHistory::default() }
    }

    /// The number of states (records) in the history, one for each span of time.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// The group (states that may affect each other) of each state, in the order of the states.
    pub fn groups(&self) -> &[StateGroupIx] {
        &self.groups
    }

    /// Sets the group (states that may affect each other) of each state. There are `count` groups.
    pub fn set_groups(&mut self, groups: Indexed<StateIx, StateGroupIx>, count: usize) {
        let pairs = groups.enumerated().map(|(state, group)| (*group, state));
        self.of_group = Grouped::arranged(count, pairs);
        self.groups = groups;
    }

    /// The groups of the states that are in force at only one of two points of the time line, and possibly of
    /// some that are in force at both.
    pub fn changed(&self, one: Place, other: Place) -> impl Iterator<Item = StateGroupIx> {
        let (from, to) = (one.min(other), one.max(other));
        let first = self.turns.partition_point(|(place, ..)| *place <= from);
        let end = self.turns.partition_point(|(place, ..)| *place <= to);
        self.turns[first..end].iter().map(|(_, state, _)| self.groups[*state])
    }

    fn holds(&self, state: StateIx, place: Place) -> bool {
        let (from, to) = self.spans[state];
        from <= place && place < to
    }

    /// The states in force at a point of the time line, in order. Only the states of the people in `focus` are
    /// returned.
    fn at(&self, place: Place, focus: Focus<'_>) -> Vec<StateIx> {
        let holds = |state: &StateIx| self.holds(*state, place);
        match focus {
            Focus::Nobody => Vec::new(),
            Focus::Everybody => self.spans.indices().filter(holds).collect(),
            Focus::Groups(groups) => {
                let mut states = Vec::new();
                for group in groups {
                    let own = self.of_group.of(*group).iter();
                    states.extend(own.copied().filter(holds));
                }
                states.sort_unstable();
                states
            }
        }
    }
}

/// All states (records of Cloud rows) of a Cloud source during a sweep.
pub(crate) struct CloudHistory {
    pub states: StateHistory,
    /// The Cloud rows of the states, in the order of `states`, which is the order of the identities.
    pub part: CloudPart,
    /// The points of the time line at which the listed hosts change, each with the hosts that rows list from
    /// then on.
    hosts: Vec<(Place, Vec<HostIx>)>,
}

impl CloudHistory {
    /// Reads the states (records) that were in force at any point of the time line between `first` and `last`.
    pub fn read(store: &Store, source: i64, first: Place, last: Place) -> Result<CloudHistory> {
        Ok(CloudHistory::of(store.cloud_part_between(source, first, last)?))
    }

    /// The history of Cloud rows, from each row and the span of time in which it was in force.
    pub fn of((part, spans): (CloudPart, Vec<Span>)) -> CloudHistory {
        let states = StateHistory::new(&spans);
        let hosts = hosts(&states, &part);
        CloudHistory { states, part, hosts }
    }

    /// The Server accounts that a Cloud row lists.
    pub fn listed(&self, row: &CloudRow) -> &[(Option<HostIx>, Member)] {
        part(&self.part.listed, &row.listed)
    }

    fn listed_at(&self, place: Place) -> &[HostIx] {
        let after = self.hosts.partition_point(|(from, _)| *from <= place);
        after.checked_sub(1).map_or(&[], |before| &self.hosts[before].1)
    }

    /// The hosts that the rows in force at a point of the time line list, in order.
    pub fn hosts_at(&self, place: Place) -> Vec<Box<str>> {
        let hosts = self.listed_at(place).iter().map(|host| self.part.hosts[*host].clone());
        let mut hosts: Vec<Box<str>> = hosts.collect();
        hosts.sort_unstable();
        hosts
    }

    /// The rows of the people in `focus` that are in force at a point of the time line, with the hosts that all
    /// rows in force list.
    pub fn part_at(&self, place: Place, focus: Focus<'_>) -> CloudPart {
        self.part_listing(self.hosts_at(place), place, focus)
    }

    /// The rows of the people in `focus` that are in force at a point of the time line. `hosts` are the hosts
    /// that the rows of everybody list; they must be in order.
    pub fn part_listing(&self, hosts: Vec<Box<str>>, place: Place, focus: Focus<'_>) -> CloudPart {
        let identities = self.part.identities.clone();
        let mut part = CloudPart { hosts: hosts.into(), identities, ..CloudPart::default() };
        let number = |host| part.hosts.binary_search(host).ok().map(HostIx::at);
        let numbers: Indexed<HostIx, Option<HostIx>> = self.part.hosts.iter().map(number).collect();
        let told = |(host, member): &(Option<HostIx>, Member)| {
            (host.and_then(|host| numbers[host]), member.clone())
        };
        let states = self.states.at(place, focus).into_iter();
        let rows = states.map(|state| &self.part.rows[state.position()]);
        if let Focus::Everybody = focus {
            // Nearly all rows are in force at this point. So all addresses and listed accounts are copied and
            // keep their positions.
            part.addresses.clone_from(&self.part.addresses);
            part.listed.extend(self.part.listed.iter().map(told));
            part.rows.extend(rows.cloned());
            return part;
        }
        for row in rows {
            let addresses = part.addresses.len() as u32;
            part.addresses.extend_from_slice(&self.part.addresses[positions(&row.addresses)]);
            let listed = part.listed.len() as u32;
            part.listed.extend(self.listed(row).iter().map(told));
            part.rows.push(CloudRow {
                addresses: addresses..part.addresses.len() as u32,
                listed: listed..part.listed.len() as u32,
                ..row.clone()
            });
        }
        part
    }
}

/// The points of the time line at which the listed hosts change, each with the hosts that rows list from then
/// on.
fn hosts(states: &StateHistory, cloud: &CloudPart) -> Vec<(Place, Vec<HostIx>)> {
    let mut counts: Indexed<HostIx, i32> = Indexed::filled(0, cloud.hosts.len());
    let mut hosts: Vec<(Place, Vec<HostIx>)> = Vec::new();
    for turns in states.turns.chunk_by(|one, next| one.0 == next.0) {
        let place = turns[0].0;
        for (_, state, begins) in turns {
            let row = &cloud.rows[state.position()];
            for host in part(&cloud.listed, &row.listed).iter().filter_map(|(host, _)| *host) {
                counts[host] += if *begins { 1 } else { -1 };
            }
        }
        let listed = counts.enumerated().filter(|(_, count)| **count > 0);
        let listed: Vec<HostIx> = listed.map(|(host, _)| host).collect();
        if hosts.last().is_none_or(|(_, before)| *before != listed) {
            hosts.push((place, listed));
        }
    }
    hosts
}

/// All states (records of Server accounts) of an instance during a sweep.
pub(crate) struct ServerHistory {
    pub states: StateHistory,
    /// The accounts of the states, in the order of `states`, which is the order of the ids.
    pub part: ServerPart,
}

impl ServerHistory {
    /// Reads the states (records) that were in force at any point of the time line between `first` and `last`.
    pub fn read(store: &Store, source: i64, first: Place, last: Place) -> Result<ServerHistory> {
        Ok(ServerHistory::of(store.server_part_between(source, first, last)?))
    }

    /// The history of Server accounts, from each account and the span of time in which it was in force.
    pub fn of((part, spans): (ServerPart, Vec<Span>)) -> ServerHistory {
        let states = StateHistory::new(&spans);
        ServerHistory { states, part }
    }

    /// The accounts of the people in `focus` that are in force at a point of the time line.
    pub fn part_at(&self, place: Place, focus: Focus<'_>) -> ServerPart {
        let mut part = ServerPart::default();
        let states = self.states.at(place, focus).into_iter();
        let accounts = states.map(|state| &self.part.accounts[state.position()]);
        if let Focus::Everybody = focus {
            part.addresses.clone_from(&self.part.addresses);
            part.accounts.extend(accounts.cloned());
            return part;
        }
        for account in accounts {
            let addresses = part.addresses.len() as u32;
            part.addresses.extend_from_slice(&self.part.addresses[positions(&account.addresses)]);
            part.accounts.push(ServerAccount {
                addresses: addresses..part.addresses.len() as u32,
                ..account.clone()
            });
        }
        part
    }
}

//! All states of one source over the time of a sweep, and the states that hold at a place.

use crate::error::Result;
use crate::model::{CloudPart, CloudRow, Member, ServerAccount, ServerPart};
use crate::store::{Place, Span, Store};

/// The people that are looked at.
#[derive(Clone, Copy)]
pub(crate) enum Focus<'f> {
    Nobody,
    /// The people of these groups, which are in order.
    Groups(&'f [u32]),
    Everybody,
}

/// When the states of a source hold, and to which groups they belong. A state is named by its index; one that
/// held in several spans has several indices.
#[derive(Default)]
pub(crate) struct StateHistory {
    /// The span of each state.
    spans: Vec<(Place, Place)>,
    /// Where states begin (true) and end (false), ordered by place.
    turns: Vec<(Place, u32, bool)>,
    /// The group of each state.
    groups: Vec<u32>,
    /// The states, ordered by their groups.
    by_group: Vec<u32>,
    /// Where the states of each group begin in `by_group`, and a final entry for the end.
    of_group: Vec<u32>,
}

impl StateHistory {
    /// The history of states that held in these spans.
    fn new(spans: &[Span]) -> StateHistory {
        let spans: Vec<(Place, Place)> = spans.iter().map(|it| (it.from, it.to)).collect();
        let begin = (0u32..).zip(&spans).map(|(state, (from, _))| (*from, state, true));
        let end = (0u32..).zip(&spans).map(|(state, (_, to))| (*to, state, false));
        let mut turns: Vec<(Place, u32, bool)> = begin.chain(end).collect();
        // Most states begin and end with their neighbors, so a sort that detects runs has little to do.
        turns.sort();
        StateHistory { spans, turns, ..StateHistory::default() }
    }

    /// The number of states.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Sets the group of each state. There are `count` groups.
    pub fn set_groups(&mut self, groups: Vec<u32>, count: u32) {
        let mut of_group = vec![0; count as usize + 1];
        for group in &groups {
            of_group[*group as usize + 1] += 1;
        }
        for group in 0..count as usize {
            of_group[group + 1] += of_group[group];
        }
        let mut next = of_group.clone();
        self.by_group = vec![0; groups.len()];
        for (state, group) in (0u32..).zip(&groups) {
            let place = &mut next[*group as usize];
            self.by_group[*place as usize] = state;
            *place += 1;
        }
        self.of_group = of_group;
        self.groups = groups;
    }

    /// The groups of states that hold at one of two places and not at the other. Groups of some states that
    /// hold at both may be among them.
    pub fn changed(&self, one: Place, other: Place) -> impl Iterator<Item = u32> {
        let (from, to) = (one.min(other), one.max(other));
        let first = self.turns.partition_point(|(place, ..)| *place <= from);
        let end = self.turns.partition_point(|(place, ..)| *place <= to);
        self.turns[first..end].iter().map(|(_, state, _)| self.groups[*state as usize])
    }

    fn holds(&self, state: u32, place: Place) -> bool {
        let (from, to) = self.spans[state as usize];
        from <= place && place < to
    }

    /// The states in focus that hold at a place, in order.
    fn at(&self, place: Place, focus: Focus<'_>) -> Vec<u32> {
        let holds = |state: &u32| self.holds(*state, place);
        match focus {
            Focus::Nobody => Vec::new(),
            Focus::Everybody => (0..self.len() as u32).filter(holds).collect(),
            Focus::Groups(groups) => {
                let mut states = Vec::new();
                for group in groups {
                    let place = |group: u32| self.of_group[group as usize] as usize;
                    let own = &self.by_group[place(*group)..place(*group + 1)];
                    states.extend(own.iter().copied().filter(holds));
                }
                states.sort_unstable();
                states
            }
        }
    }
}

/// The states of a Cloud source.
pub(crate) struct CloudHistory {
    pub states: StateHistory,
    /// The contents of the states, in the order of `states`: by identity.
    pub part: CloudPart,
    /// Which hosts are listed from each of these places on, as indices of `part.hosts`.
    hosts: Vec<(Place, Vec<u32>)>,
}

impl CloudHistory {
    /// Reads the states that held between `first` and `last`.
    pub fn read(store: &Store, source: i64, first: Place, last: Place) -> Result<CloudHistory> {
        Ok(CloudHistory::of(store.cloud_part_between(source, first, last)?))
    }

    /// The history of these rows, which held in these spans.
    pub fn of((part, spans): (CloudPart, Vec<Span>)) -> CloudHistory {
        let states = StateHistory::new(&spans);
        let hosts = hosts(&states, &part);
        CloudHistory { states, part, hosts }
    }

    /// The Server accounts that a row lists.
    pub fn listed(&self, row: &CloudRow) -> &[(Option<u32>, Member)] {
        &self.part.listed[row.listed.start as usize..row.listed.end as usize]
    }

    fn listed_at(&self, place: Place) -> &[u32] {
        let after = self.hosts.partition_point(|(from, _)| *from <= place);
        after.checked_sub(1).map_or(&[], |before| &self.hosts[before].1)
    }

    /// The hosts that are listed at a place, in order.
    pub fn hosts_at(&self, place: Place) -> Vec<Box<str>> {
        let hosts =
            self.listed_at(place).iter().map(|host| self.part.hosts[*host as usize].clone());
        let mut hosts: Vec<Box<str>> = hosts.collect();
        hosts.sort_unstable();
        hosts
    }

    /// The rows in focus that hold at a place, with all hosts.
    pub fn part_at(&self, place: Place, focus: Focus<'_>) -> CloudPart {
        self.part_listing(self.hosts_at(place), place, focus)
    }

    /// The rows in focus that hold at a place. `hosts` are the hosts that all rows together list, in order.
    pub fn part_listing(&self, hosts: Vec<Box<str>>, place: Place, focus: Focus<'_>) -> CloudPart {
        let identities = self.part.identities.clone();
        let mut part = CloudPart { hosts, identities, ..CloudPart::default() };
        let number = |host| part.hosts.binary_search(host).ok().map(|number| number as u32);
        let numbers: Vec<Option<u32>> = self.part.hosts.iter().map(number).collect();
        let told = |(host, member): &(Option<u32>, Member)| {
            (host.and_then(|host| numbers[host as usize]), member.clone())
        };
        let states = self.states.at(place, focus).into_iter();
        let rows = states.map(|state| &self.part.rows[state as usize]);
        if let Focus::Everybody = focus {
            // Nearly all known rows hold, so their addresses and ids keep their positions.
            part.addresses.clone_from(&self.part.addresses);
            part.listed.extend(self.part.listed.iter().map(told));
            part.rows.extend(rows.cloned());
            return part;
        }
        for row in rows {
            let addresses = part.addresses.len() as u32;
            let own = row.addresses.start as usize..row.addresses.end as usize;
            part.addresses.extend_from_slice(&self.part.addresses[own]);
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

/// The places at which the listed hosts change, with the hosts from there on.
fn hosts(states: &StateHistory, part: &CloudPart) -> Vec<(Place, Vec<u32>)> {
    let mut counts: Vec<i32> = vec![0; part.hosts.len()];
    let mut hosts: Vec<(Place, Vec<u32>)> = Vec::new();
    for turns in states.turns.chunk_by(|one, next| one.0 == next.0) {
        let place = turns[0].0;
        for (_, state, begins) in turns {
            let row = &part.rows[*state as usize];
            let listed = &part.listed[row.listed.start as usize..row.listed.end as usize];
            for host in listed.iter().filter_map(|(host, _)| *host) {
                counts[host as usize] += if *begins { 1 } else { -1 };
            }
        }
        let listed = (0u32..).zip(&counts).filter(|(_, count)| **count > 0);
        let listed: Vec<u32> = listed.map(|(host, _)| host).collect();
        if hosts.last().is_none_or(|(_, before)| *before != listed) {
            hosts.push((place, listed));
        }
    }
    hosts
}

/// The states of an instance.
pub(crate) struct ServerHistory {
    pub states: StateHistory,
    /// The contents of the states, in the order of `states`: by id.
    pub part: ServerPart,
}

impl ServerHistory {
    /// Reads the states that held between `first` and `last`.
    pub fn read(store: &Store, source: i64, first: Place, last: Place) -> Result<ServerHistory> {
        Ok(ServerHistory::of(store.server_part_between(source, first, last)?))
    }

    /// The history of these accounts, which held in these spans.
    pub fn of((part, spans): (ServerPart, Vec<Span>)) -> ServerHistory {
        let states = StateHistory::new(&spans);
        ServerHistory { states, part }
    }

    /// The accounts in focus that hold at a place.
    pub fn part_at(&self, place: Place, focus: Focus<'_>) -> ServerPart {
        let mut part = ServerPart::default();
        let states = self.states.at(place, focus).into_iter();
        let accounts = states.map(|state| &self.part.accounts[state as usize]);
        if let Focus::Everybody = focus {
            part.addresses.clone_from(&self.part.addresses);
            part.accounts.extend(accounts.cloned());
            return part;
        }
        for account in accounts {
            let addresses = part.addresses.len() as u32;
            let own = account.addresses.start as usize..account.addresses.end as usize;
            part.addresses.extend_from_slice(&self.part.addresses[own]);
            part.accounts.push(ServerAccount {
                addresses: addresses..part.addresses.len() as u32,
                ..account.clone()
            });
        }
        part
    }
}

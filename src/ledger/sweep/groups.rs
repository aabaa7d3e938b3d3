//! Groups of states that may affect each other at any time of a sweep: states with a common address, states of
//! one Server account, the rows that list it, and the accounts of links. A group may hold several people, but a
//! person is never in two groups. Nothing outside a group decides how it counts.

use foldhash::{HashMap, HashMapExt};

use super::super::Ledger;
use super::history::{CloudHistory, ServerHistory};
use crate::error::Result;
use crate::model::{AddressKey, Member, MemberRef, RowKind};
use crate::people::DisjointSets;
use crate::store::LinkedAccount;

/// Finds the groups and sets them in the histories.
pub(crate) fn find(
    ledger: &Ledger<'_>,
    cloud: &mut HashMap<i64, CloudHistory>,
    server: &mut HashMap<i64, ServerHistory>,
) -> Result<()> {
    let cloud_states = cloud.values().map(|history| history.states.len());
    let server_states = server.values().map(|history| history.states.len());
    let mut joined = Joined {
        sets: DisjointSets::new(cloud_states.chain(server_states).sum()),
        hosts: HostNumbers::new(ledger),
        keys: Vec::new(),
        members: HashMap::new(),
        bare: HashMap::new(),
        linked: HashMap::new(),
        of_link: HashMap::new(),
        ends: Vec::new(),
    };
    for (source, identity) in ledger.links.cloud_identities() {
        if joined.of_link.contains_key(identity) {
            continue;
        }
        let end = joined.ends.len();
        joined.ends.push(None);
        joined.of_link.insert(identity, end);
        for name in ledger.names_since(source, identity)? {
            joined.linked.entry(name).or_default().push(end);
        }
    }
    let mut next = 0;
    for history in cloud.values() {
        next = joined.take_cloud(next, history);
    }
    for (source, history) in server.iter() {
        let known = ledger.sources.iter().find(|known| known.id == *source);
        let host = joined.hosts.number(known.map_or("", |known| &known.source.name));
        next = joined.take_server(next, host, history);
    }
    joined.join_bare();
    ledger.links.all().for_each(|[one, other]| joined.join_link(one, other));

    let mut groups = vec![NOBODY; next as usize];
    let mut count = 0;
    for state in 0..next {
        let root = joined.sets.root(state) as usize;
        if groups[root] == NOBODY {
            groups[root] = count;
            count += 1;
        }
        groups[state as usize] = groups[root];
    }
    let mut rest = groups.as_slice();
    let cloud = cloud.values_mut().map(|history| &mut history.states);
    for states in cloud.chain(server.values_mut().map(|history| &mut history.states)) {
        let (own, others) = rest.split_at(states.len());
        states.set_groups(own.to_vec(), count);
        rest = others;
    }
    Ok(())
}

/// The joining of states. Each state has a number.
struct Joined<'l, 'h> {
    sets: DisjointSets,
    hosts: HostNumbers,
    /// The first state with an address, by the number of its key; `NOBODY` if there is none yet.
    keys: Vec<u32>,
    /// The first state of a Server account, by host and id.
    members: HashMap<(u32, MemberRef<'h>), u32>,
    /// The first row that lists an id without a host.
    bare: HashMap<Member, u32>,
    /// The ends of links, as indices of `ends`, by every identity that the account at the end has had since.
    linked: HashMap<String, Vec<usize>>,
    /// The end of a link, by the identity that the link names.
    of_link: HashMap<&'l str, usize>,
    /// The first row of the account at each end; `None` if there is none yet.
    ends: Vec<Option<u32>>,
}

/// The number of no state.
const NOBODY: u32 = u32::MAX;

impl<'h> Joined<'_, 'h> {
    /// Joins the rows of a Cloud source, which have numbers from `first` on. Returns the next free number.
    fn take_cloud(&mut self, first: u32, history: &'h CloudHistory) -> u32 {
        let hosts: Vec<u32> =
            history.part.hosts.iter().map(|host| self.hosts.number(host)).collect();
        let mut state = first;
        for row in &history.part.rows {
            let own = row.addresses.start as usize..row.addresses.end as usize;
            self.take_addresses(state, &history.part.addresses[own]);
            for (host, member) in history.listed(row) {
                match host {
                    Some(host) => self.take_member(state, hosts[*host as usize], member),
                    None => self.take_bare(state, member.clone()),
                }
            }
            let identity = history.part.identity(row);
            if row.listed.is_empty() && row.row == RowKind::ServerOnly {
                self.take_bare(state, Member::Unnamed(identity.into()));
            }
            for end in self.linked.get(identity).into_iter().flatten() {
                let known = *self.ends[*end].get_or_insert(state);
                self.sets.join(known, state);
            }
            state += 1;
        }
        state
    }

    /// Joins the accounts of an instance, which have numbers from `first` on. Returns the next free number.
    fn take_server(&mut self, first: u32, host: u32, history: &'h ServerHistory) -> u32 {
        let mut state = first;
        for account in &history.part.accounts {
            let own = account.addresses.start as usize..account.addresses.end as usize;
            self.take_addresses(state, &history.part.addresses[own]);
            self.take_member(state, host, &account.member);
            state += 1;
        }
        state
    }

    fn take_addresses(&mut self, state: u32, addresses: &[AddressKey]) {
        for address in addresses {
            // The numbers of keys are dense, and nearly all of them occur.
            let key = address.key as usize;
            if key >= self.keys.len() {
                self.keys.resize(key + 1, NOBODY);
            }
            if self.keys[key] == NOBODY {
                self.keys[key] = state;
            }
            self.sets.join(self.keys[key], state);
        }
    }

    fn take_member(&mut self, state: u32, host: u32, member: &'h Member) {
        let known = *self.members.entry((host, member.by_ref())).or_insert(state);
        self.sets.join(known, state);
    }

    fn take_bare(&mut self, state: u32, member: Member) {
        let known = *self.bare.entry(member).or_insert(state);
        self.sets.join(known, state);
    }

    /// Joins an id without a host with that id on every instance: it may belong to any of them, because
    /// instances come and go.
    fn join_bare(&mut self) {
        if self.bare.is_empty() {
            return;
        }
        let bare: HashMap<MemberRef<'_>, u32> =
            self.bare.iter().map(|(member, state)| (member.by_ref(), *state)).collect();
        for ((_, member), state) in &self.members {
            if let Some(bare) = bare.get(member) {
                self.sets.join(*bare, *state);
            }
        }
    }

    fn join_link(&mut self, one: &LinkedAccount, other: &LinkedAccount) {
        if let (Some(one), Some(other)) = (self.end(one), self.end(other)) {
            self.sets.join(one, other);
        }
    }

    /// A state of the account at an end of a link.
    fn end(&mut self, named: &LinkedAccount) -> Option<u32> {
        match named {
            LinkedAccount::Cloud { identity, .. } => {
                self.ends[*self.of_link.get(identity.as_str())?]
            }
            LinkedAccount::Server { host, .. } => {
                let (host, member) = (self.hosts.number(host), named.member());
                let bare = self.bare.get(&member).copied();
                self.members.get(&(host, member.by_ref())).copied().or(bare)
            }
        }
    }
}

/// The numbers of instances. All names that an instance has at any time have one number.
pub(crate) struct HostNumbers {
    numbers: HashMap<String, u32>,
    next: u32,
}

impl HostNumbers {
    /// Numbers the instances of the ledger, with all of their declared names.
    pub(crate) fn new(ledger: &Ledger<'_>) -> HostNumbers {
        let mut names: Vec<Vec<String>> = Vec::new();
        for known in ledger.instances() {
            let mut own = ledger.known_as.ever_aliases_of(true, &known.source.name);
            own.push(known.source.name.clone());
            // A name that two instances share joins them.
            while let Some(place) = names.iter().position(|it| it.iter().any(|it| own.contains(it)))
            {
                own.extend(names.swap_remove(place));
            }
            names.push(own);
        }
        let numbers = (0u32..)
            .zip(&names)
            .flat_map(|(number, names)| names.iter().map(move |name| (name.clone(), number)));
        HostNumbers { numbers: numbers.collect(), next: names.len() as u32 }
    }

    /// The number of the instance with this host name.
    pub(crate) fn number(&mut self, host: &str) -> u32 {
        if let Some(number) = self.numbers.get(host) {
            return *number;
        }
        let number = self.next;
        self.next += 1;
        self.numbers.insert(host.to_owned(), number);
        number
    }
}

//! Finds groups of states (records of accounts) that may affect each other at any time of a sweep. Two states
//! are in one group if they share an address, if both are about one Server account (its own record, or that of a
//! Cloud row that lists it), or if a link connects their accounts. A group may have several people, but a person
//! is never in two groups. The count of a group depends only on the states in the group.

use foldhash::{HashMap, HashMapExt};

use super::super::Ledger;
use super::history::{CloudHistory, ServerHistory, StateGroupIx};
use crate::error::Result;
use crate::model::{
    AddressKey, HostIx, Indexed, KeyId, ListIndex, Member, MemberRef, RowKind, SourceFamily,
    list_indices, part,
};
use crate::people::DisjointSets;
use crate::store::LinkedAccount;

list_indices! {
    /// A state, by its number among the states of all sources. The states are numbered one source after another.
    AnyStateIx;
    /// A Cloud account that a link is about: an index of [`Joined::ends`].
    EndIx;
    /// An instance, by a number that all of its host names share.
    InstanceNumber;
}

/// Finds the group of each state (records that may affect each other), and stores it in the histories.
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
        keys: Indexed::new(),
        members: HashMap::new(),
        bare: HashMap::new(),
        linked: HashMap::new(),
        of_link: HashMap::new(),
        ends: Indexed::new(),
    };
    for (source, identity) in ledger.links.cloud_identities() {
        if joined.of_link.contains_key(identity) {
            continue;
        }
        let end = joined.ends.push(None);
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

    let mut groups: Indexed<AnyStateIx, StateGroupIx> = Indexed::filled(NO_GROUP, next);
    let mut count = 0;
    for state in groups.indices() {
        let root = joined.sets.root(state);
        if groups[root] == NO_GROUP {
            groups[root] = StateGroupIx::at(count);
            count += 1;
        }
        groups[state] = groups[root];
    }
    let mut rest: &[StateGroupIx] = &groups;
    let cloud = cloud.values_mut().map(|history| &mut history.states);
    for states in cloud.chain(server.values_mut().map(|history| &mut history.states)) {
        let (own, others) = rest.split_at(states.len());
        states.set_groups(own.to_vec().into(), count);
        rest = others;
    }
    Ok(())
}

/// Puts states (records of accounts) together that may affect each other.
struct Joined<'l, 'h> {
    sets: DisjointSets<AnyStateIx>,
    hosts: HostNumbers,
    /// For each address key, the first state that has the address; `NOBODY` if no state with it was added yet.
    keys: Indexed<KeyId, AnyStateIx>,
    /// The first state that is about a Server account, by host and id.
    members: HashMap<(InstanceNumber, MemberRef<'h>), AnyStateIx>,
    /// The first state of a Cloud row that lists an id without a host, by the id.
    bare: HashMap<Member, AnyStateIx>,
    /// The Cloud accounts that links name, by the identity in the link and by every identity that the account
    /// had later.
    linked: HashMap<String, Vec<EndIx>>,
    /// The Cloud account that a link is about, by the identity that the link names.
    of_link: HashMap<&'l str, EndIx>,
    /// For each Cloud account that a link names, its first Cloud row; `None` if no row of the account was added
    /// yet.
    ends: Indexed<EndIx, Option<AnyStateIx>>,
}

/// The index that stands for no state.
const NOBODY: AnyStateIx = AnyStateIx::NONE;
/// The value that stands for the group of a state that has no group yet.
const NO_GROUP: StateGroupIx = StateGroupIx::NONE;

impl<'h> Joined<'_, 'h> {
    /// Adds the rows of a Cloud source and joins them with related states. Their states are numbered from
    /// `first` on. Returns the number after the last state.
    fn take_cloud(&mut self, first: usize, history: &'h CloudHistory) -> usize {
        let hosts: Indexed<HostIx, InstanceNumber> =
            history.part.hosts.iter().map(|host| self.hosts.number(host)).collect();
        let mut next = first;
        for row in &history.part.rows {
            let state = AnyStateIx::at(next);
            self.take_addresses(state, part(&history.part.addresses, &row.addresses));
            for (host, member) in history.listed(row) {
                match host {
                    Some(host) => self.take_member(state, hosts[*host], member),
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
            next += 1;
        }
        next
    }

    /// Adds the accounts of an instance and joins them with related states. Their states are numbered from
    /// `first` on. Returns the number after the last state.
    fn take_server(
        &mut self,
        first: usize,
        host: InstanceNumber,
        history: &'h ServerHistory,
    ) -> usize {
        let mut next = first;
        for account in &history.part.accounts {
            let state = AnyStateIx::at(next);
            self.take_addresses(state, part(&history.part.addresses, &account.addresses));
            self.take_member(state, host, &account.member);
            next += 1;
        }
        next
    }

    fn take_addresses(&mut self, state: AnyStateIx, addresses: &[AddressKey]) {
        for address in addresses {
            // Keys are numbered without gaps and nearly all of them occur. So a list with one position for each
            // key wastes little memory.
            self.keys.reach(address.key, NOBODY);
            let first = &mut self.keys[address.key];
            if *first == NOBODY {
                *first = state;
            }
            self.sets.join(*first, state);
        }
    }

    fn take_member(&mut self, state: AnyStateIx, host: InstanceNumber, member: &'h Member) {
        let known = *self.members.entry((host, member.by_ref())).or_insert(state);
        self.sets.join(known, state);
    }

    fn take_bare(&mut self, state: AnyStateIx, member: Member) {
        let known = *self.bare.entry(member).or_insert(state);
        self.sets.join(known, state);
    }

    /// Joins the states with an id that is listed without a host to the states with this id on every instance.
    /// Such an id may belong to any instance that appears during a sweep.
    fn join_bare(&mut self) {
        if self.bare.is_empty() {
            return;
        }
        let bare: HashMap<MemberRef<'_>, AnyStateIx> =
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

    /// One of the states (records) of the account that a link names; `None` if the account has none.
    fn end(&mut self, named: &LinkedAccount) -> Option<AnyStateIx> {
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

/// The numbers of instances. All host names that an instance ever has get the same number.
pub(crate) struct HostNumbers {
    numbers: HashMap<String, InstanceNumber>,
    /// The number of instances that have got a number so far.
    count: usize,
}

impl HostNumbers {
    /// Numbers the instances of the ledger. All declared names of an instance get the same number.
    pub(crate) fn new(ledger: &Ledger<'_>) -> HostNumbers {
        let mut names: Vec<Vec<String>> = Vec::new();
        for known in ledger.instances() {
            let mut own =
                ledger.known_as.ever_aliases_of(SourceFamily::Instance, &known.source.name);
            own.push(known.source.name.clone());
            // Two instances that share a name get the same number.
            while let Some(at) = names.iter().position(|it| it.iter().any(|it| own.contains(it))) {
                own.extend(names.swap_remove(at));
            }
            names.push(own);
        }
        let numbers = InstanceNumber::below(names.len())
            .zip(&names)
            .flat_map(|(number, names)| names.iter().map(move |name| (name.clone(), number)));
        HostNumbers { numbers: numbers.collect(), count: names.len() }
    }

    /// The number of the instance with this host name. A host name that is new gets a new number.
    pub(crate) fn number(&mut self, host: &str) -> InstanceNumber {
        if let Some(number) = self.numbers.get(host) {
            return *number;
        }
        let number = InstanceNumber::at(self.count);
        self.count += 1;
        self.numbers.insert(host.to_owned(), number);
        number
    }
}

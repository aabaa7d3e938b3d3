//! Searches the store's image (derived columns) for related states. A state is a record of an account. Two
//! states are related if they share an address, if both are about one Server account (its own record, or that of
//! a Cloud row that lists it), or if a link connects their accounts. `sweep::groups` uses the same relations for
//! all people; this search is for a few of many.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::crowds::Crowd;
use super::entries::{EntryOwner, EntrySearch};
use crate::email;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::ledger::moment::Moment;
use crate::ledger::sweep::{CloudHistory, Histories, HostNumbers, InstanceNumber, ServerHistory};
use crate::model::{Account, KeyId, Member, SourceKind, StateId};
use crate::store::{Holding, LinkedAccount, Owner, Place};

/// A lookup that finds this many states (records) ends the search, because reading everybody is then quicker.
pub(super) const FEW_STATES: usize = 50_000;

/// One of the two accounts of a link.
#[derive(PartialEq, Eq, Hash)]
enum End {
    /// A Cloud account, by the number of its source and its identity.
    Cloud(i64, String),
    /// A Server account, by the number of its instance and its id.
    Server(InstanceNumber, Member),
}

/// A search for the states (records of accounts) that are related to some states.
pub(super) struct Search<'l, 'a> {
    pub(crate) ledger: &'l Ledger<'a>,
    hosts: HostNumbers,
    /// The host names that Cloud rows list, by the number of their instance.
    listed: HashMap<InstanceNumber, Vec<String>>,
    /// The sources in force of each instance, by the number of the instance.
    instances: HashMap<InstanceNumber, Vec<i64>>,
    sources: HashMap<i64, InForce>,
    links: HashMap<End, Vec<&'l LinkedAccount>>,
    found: HashSet<StateId>,
    open: Vec<StateId>,
    keys: HashSet<KeyId>,
    members: HashSet<(Option<InstanceNumber>, String)>,
    /// Is the search for evidence? If so, it also follows Cloud rows that once listed a Server account.
    evidence: bool,
    /// The greatest number of states (records) that the search may find. Above this number, reading everybody is
    /// quicker.
    most: usize,
    /// The states that belong to a crowd: they are known to have too many related states.
    crowd: Crowd,
    /// The employee directories in force; `None` if there is none, or if the search is not for evidence.
    entries: Option<EntrySearch<'l>>,
    /// Was the search given up, or has it found too many states (records)?
    too_many: bool,
}

/// A source that is in force at the instants of the search.
struct InForce {
    /// The number of the instance; `None` for an enterprise.
    host: Option<InstanceNumber>,
    /// The points of the source's time line at which its snapshots in force were taken, one for each instant of
    /// the search.
    places: Vec<Place>,
    /// From this point of the time line up to the first of `places`, none of the states that were looked at
    /// begins or ends.
    same_from: Place,
}

impl<'l, 'a> Search<'l, 'a> {
    /// A search among the states (records) that are in force at these moments. `None` if accounts cannot be
    /// looked up by their identities.
    pub fn new(ledger: &'l Ledger<'a>, scenes: &[Moment<'_>]) -> Result<Option<Search<'l, 'a>>> {
        if ledger.store.has_odd_ids()? {
            return Ok(None);
        }
        let mut hosts = HostNumbers::new(ledger);
        let mut sources: HashMap<i64, InForce> = HashMap::new();
        let several = ledger.of_several_names();
        for snapshot in scenes.iter().flat_map(|scene| &scene.in_force) {
            // If the files of a source came under several names, the history under each name is incomplete.
            if several.contains(&snapshot.source_id) {
                return Ok(None);
            }
            let is_cloud = snapshot.source.kind == SourceKind::Cloud;
            if !is_cloud && ledger.store.has_accounts_without_id(snapshot.source_id)? {
                return Ok(None);
            }
            let host = (!is_cloud).then(|| hosts.number(&snapshot.source.name));
            let source = sources.entry(snapshot.source_id);
            let new = InForce { host, places: Vec::new(), same_from: Place::FIRST };
            source.or_insert(new).places.push(snapshot.place);
        }
        let mut listed: HashMap<InstanceNumber, Vec<String>> = HashMap::new();
        for host in ledger.store.hosts_listed()? {
            listed.entry(hosts.number(&host)).or_default().push(host);
        }
        let mut instances: HashMap<InstanceNumber, Vec<i64>> = HashMap::new();
        for (id, source) in &sources {
            if let Some(host) = source.host {
                instances.entry(host).or_default().push(*id);
            }
        }
        let mut links: HashMap<End, Vec<&LinkedAccount>> = HashMap::new();
        for [one, other] in ledger.links.all() {
            for (end, named) in [(one, other), (other, one)] {
                for end in ends(ledger, &mut hosts, end)? {
                    links.entry(end).or_default().push(named);
                }
            }
        }
        let (found, open) = (HashSet::new(), Vec::new());
        let (keys, members) = (HashSet::new(), HashSet::new());
        Ok(Some(Search {
            ledger,
            hosts,
            listed,
            instances,
            sources,
            links,
            found,
            open,
            keys,
            members,
            evidence: false,
            most: FEW_STATES,
            crowd: Crowd::default(),
            entries: None,
            too_many: false,
        }))
    }

    /// A search for the accounts that affect evidence (counting.md section 5). It also follows Cloud rows that
    /// once listed a Server account, and accounts that share an entry of an employee directory. `None` if
    /// accounts cannot be looked up by their identities.
    pub fn for_evidence(
        ledger: &'l Ledger<'a>,
        scene: &Moment<'_>,
        crowd: Crowd,
    ) -> Result<Option<Search<'l, 'a>>> {
        let search = Search::new(ledger, std::slice::from_ref(scene))?;
        // Finding one account takes as long as reading several, so a search that finds many is not worth its
        // time.
        let most = usize::try_from(scene.accounts() / 8).unwrap_or(FEW_STATES);
        let most = most.clamp(1000, FEW_STATES);
        let entries = EntrySearch::at(ledger, scene.at)?;
        Ok(search.map(|search| Search { evidence: true, most, crowd, entries, ..search }))
    }

    /// The numbers of the sources in force, each with a flag that says whether the source is an instance.
    pub fn sources(&self) -> Vec<(i64, bool)> {
        self.sources.iter().map(|(source, it)| (*source, it.host.is_some())).collect()
    }

    /// For each source, its number and two points of its time line between which none of the states that were
    /// looked at begins or ends.
    pub fn same(&self) -> impl Iterator<Item = (i64, Place, Place)> {
        self.sources.iter().filter_map(|(source, it)| {
            Some((*source, it.same_from, it.places.iter().min().copied()?))
        })
    }

    pub fn found(&self) -> &HashSet<StateId> {
        &self.found
    }

    /// The number of states (records) that were found.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Adds states (records) from which the search starts.
    pub fn start(&mut self, states: Vec<StateId>) {
        self.found.extend(&states);
        self.open.extend(states);
    }

    /// Ends the search without a result: everybody must be read instead.
    pub fn give_up(&mut self) {
        self.too_many = true;
    }

    /// The states (records) that are in force at only one of two moments, and possibly some that are in force at
    /// both.
    pub fn turned(&self, scenes: &[Moment<'_>]) -> Result<Vec<StateId>> {
        let mut turned = Vec::new();
        for snapshot in scenes.iter().flat_map(|scene| &scene.in_force) {
            let places = &self.sources[&snapshot.source_id].places;
            if let (Some(first), Some(last)) = (places.iter().min(), places.iter().max())
                && snapshot.place == *last
                && first < last
            {
                turned.extend(self.ledger.store.states_turned(
                    snapshot.source_id,
                    *first,
                    *last,
                )?);
            }
        }
        Ok(turned)
    }

    /// Finds all states (records) that are related to those found so far, directly or through others. Returns
    /// `false` if they are too many.
    pub fn follow(&mut self) -> Result<bool> {
        while let Some(state) = self.open.pop() {
            if self.too_many {
                return Ok(false);
            }
            self.follow_state(state)?;
        }
        Ok(!self.too_many)
    }

    fn follow_state(&mut self, state: StateId) -> Result<()> {
        let store = self.ledger.store;
        let keys = store.keys_of(state)?;
        for key in &keys {
            self.follow_key(*key)?;
        }
        let owner = store.owner_of(state)?;
        let host = self.sources.get(&owner.source_id).and_then(|source| source.host);
        self.follow_entries(state, &owner, &keys)?;
        match (host, Account::id_of_identity(&owner.identity)) {
            (Some(_), Some(id)) => self.follow_member(host, id)?,
            (Some(_), None) => self.follow_identity(&owner.identity)?,
            (None, _) => {
                let listed = store.listed_of(state)?;
                if self.evidence {
                    self.follow_once_listed(&owner)?;
                }
                for (host, id) in &listed {
                    let host = (!host.is_empty()).then(|| self.hosts.number(host));
                    self.follow_member(host, id)?;
                }
                // A Cloud row that lists no ids may stand for a Server account of which only the login or
                // address is known.
                if listed.is_empty() {
                    self.follow_identity(&owner.identity)?;
                }
                let others = self.links.get(&End::Cloud(owner.source_id, owner.identity));
                self.follow_links(&others.cloned().unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Finds the accounts that share an entry of an employee directory with the account of this state (record).
    fn follow_entries(&mut self, state: StateId, owner: &Owner, keys: &[KeyId]) -> Result<()> {
        let store = self.ledger.store;
        let Some(entries) = &mut self.entries else { return Ok(()) };
        let source = self.ledger.sources.iter().find(|known| known.id == owner.source_id);
        let instance = source.map(|known| &known.source).filter(|it| it.kind.is_instance());
        let owner = match instance {
            Some(instance) => {
                let login = email::login_key(&store.called(state)?.login);
                EntryOwner::Server(&instance.name, login)
            }
            None => EntryOwner::Cloud(&owner.identity),
        };
        let known = entries.known_with(&owner, keys)?;
        self.too_many |= known.is_unknown;
        for key in known.keys {
            self.follow_key(key)?;
        }
        for login in known.cloud_logins {
            for (source, _) in self.sources().into_iter().filter(|(_, is_instance)| !is_instance) {
                self.follow_known(source, &Account::identity_of_login(&login))?;
            }
        }
        for login in known.server_logins {
            let holding = store.holding_login(&login, FEW_STATES)?;
            self.take_of(holding, true);
        }
        Ok(())
    }

    /// Finds the Server accounts that the rows of a Cloud account have ever listed. Such a listing is evidence
    /// that GitHub once merged the accounts.
    fn follow_once_listed(&mut self, row: &Owner) -> Result<()> {
        for (host, id) in self.ledger.store.listed_ever(row)? {
            let host = (!host.is_empty()).then(|| self.hosts.number(&host));
            self.follow_member(host, &id)?;
        }
        Ok(())
    }

    /// Finds the states (records) that have an address with this key.
    pub fn follow_key(&mut self, key: KeyId) -> Result<()> {
        if !self.too_many && self.keys.insert(key) {
            let holding = self.ledger.store.holding_key(key, FEW_STATES)?;
            self.take(holding);
        }
        Ok(())
    }

    /// Finds a Server account by its id and by any current or former host name of its instance.
    pub fn follow_account(&mut self, host: &str, id: &str) -> Result<()> {
        let host = self.hosts.number(host);
        self.follow_member(Some(host), id)
    }

    /// Finds a Server account by host and id, and the Cloud rows that list it. Rows that list the id without a
    /// host are included, because it may belong to any instance.
    pub fn follow_member(&mut self, host: Option<InstanceNumber>, id: &str) -> Result<()> {
        if !self.members.insert((host, id.to_owned())) {
            return Ok(());
        }
        let store = self.ledger.store;
        let identity = Account::identity_of_id(id);
        let mut holding: Vec<Holding> = Vec::new();
        for source in of_host(&self.instances, host) {
            holding.extend(store.holding_account(*source, &identity)?);
        }
        for name in of_host(&self.listed, host) {
            holding.extend(store.holding_listed(name, id)?);
        }
        holding.extend(store.holding_listed("", id)?);
        if self.evidence {
            self.follow_rows_that_listed(&holding)?;
        }
        self.take(holding);
        let member = Member::new(id);
        let others: Vec<&LinkedAccount> = match host {
            Some(number) => {
                self.links.get(&End::Server(number, member)).cloned().unwrap_or_default()
            }
            // An id that is listed without a host may belong to any instance.
            None => {
                let meant = self
                    .links
                    .iter()
                    .filter(|(end, _)| matches!(end, End::Server(_, of) if *of == member));
                meant.flat_map(|(_, others)| others).copied().collect()
            }
        };
        self.follow_links(&others)
    }

    /// Finds the Cloud accounts whose rows ever listed an account, also under the logins that they had later.
    fn follow_rows_that_listed(&mut self, listing: &[Holding]) -> Result<()> {
        let is_cloud = |it: &&Holding| {
            self.sources.get(&it.source_id).is_some_and(|source| source.host.is_none())
        };
        let mut states: Vec<StateId> =
            listing.iter().filter(is_cloud).map(|it| it.span.state).collect();
        states.sort_unstable();
        states.dedup();
        for state in states {
            let owner = self.ledger.store.owner_of(state)?;
            for name in self.ledger.names_since(owner.source_id, &owner.identity)? {
                self.follow_known(owner.source_id, &name)?;
            }
        }
        Ok(())
    }

    /// Finds the records of the account with this identity in a source.
    pub fn follow_known(&mut self, source: i64, identity: &str) -> Result<()> {
        let holding = self.ledger.store.holding_account(source, identity)?;
        self.take(holding);
        Ok(())
    }

    /// Finds the records of the accounts with this identity in any source.
    pub fn follow_identity(&mut self, identity: &str) -> Result<()> {
        let sources: Vec<i64> = self.sources.keys().copied().collect();
        for source in sources {
            self.follow_known(source, identity)?;
        }
        Ok(())
    }

    /// Finds the accounts in `others`, which links connect with accounts that were found.
    fn follow_links(&mut self, others: &[&LinkedAccount]) -> Result<()> {
        for other in others {
            match (other, Account::id_of_identity(other.identity())) {
                (LinkedAccount::Server { host, .. }, Some(id)) => {
                    let host = self.hosts.number(host);
                    self.follow_member(Some(host), id)?;
                }
                (LinkedAccount::Cloud { source_id, identity }, _) => {
                    for name in self.ledger.names_since(*source_id, identity)? {
                        self.follow_identity(&name)?;
                    }
                }
                _ => self.follow_identity(other.identity())?,
            }
        }
        Ok(())
    }

    /// Adds the states (records) in `holding` that are in force at an instant of the search: only those of
    /// instances, or only those of Cloud.
    pub fn take_of(&mut self, mut holding: Vec<Holding>, instances: bool) {
        self.too_many |= holding.len() >= FEW_STATES;
        holding.retain(|it| {
            self.sources.get(&it.source_id).is_some_and(|it| it.host.is_some() == instances)
        });
        self.take(holding);
    }

    /// Adds the states (records) in `holding` that are in force at an instant of the search.
    pub fn take(&mut self, holding: Vec<Holding>) {
        self.too_many |= holding.len() >= FEW_STATES || self.found.len() > self.most;
        for Holding { span, source_id } in holding {
            let Some(source) = self.sources.get_mut(&source_id) else { continue };
            for turn in [span.from, span.to] {
                if source.places.iter().all(|place| turn <= *place) {
                    source.same_from = source.same_from.max(turn);
                }
            }
            let holds = source.places.iter().any(|place| span.from <= *place && *place < span.to);
            self.too_many |= holds && self.crowd.contains(&span.state);
            if holds && self.found.insert(span.state) {
                self.open.push(span.state);
            }
        }
    }

    /// The records of all accounts that were found, with the spans in which they were in force.
    pub fn histories(&self) -> Result<Histories> {
        let store = self.ledger.store;
        store.want(self.found.iter().copied())?;
        let (mut cloud, mut server) = (HashMap::new(), HashMap::new());
        for (source, in_force) in &self.sources {
            if in_force.host.is_none() {
                cloud.insert(*source, CloudHistory::of(store.cloud_part_wanted(*source)?));
            } else {
                server.insert(*source, ServerHistory::of(store.server_part_wanted(*source)?));
            }
        }
        Ok(Histories { cloud, server })
    }
}

/// The values of one instance, or those of all instances if `host` is `None`.
fn of_host<T>(
    by_host: &HashMap<InstanceNumber, Vec<T>>,
    host: Option<InstanceNumber>,
) -> impl Iterator<Item = &T> {
    let one = host.and_then(|host| by_host.get(&host)).into_iter();
    let all = host.is_none().then(|| by_host.values()).into_iter().flatten();
    one.chain(all).flatten()
}

/// The accounts that one end of a link may mean. A Cloud account is included under the identity that the link
/// names and under every identity that it had later.
fn ends(ledger: &Ledger<'_>, hosts: &mut HostNumbers, named: &LinkedAccount) -> Result<Vec<End>> {
    Ok(match named {
        LinkedAccount::Cloud { source_id, identity } => {
            let names = ledger.names_since(*source_id, identity)?;
            names.into_iter().map(|name| End::Cloud(*source_id, name)).collect()
        }
        LinkedAccount::Server { host, .. } => vec![End::Server(hosts.number(host), named.member())],
    })
}

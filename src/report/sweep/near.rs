//! Two instants compared by looking only at those of whom something is said otherwise, and at
//! whoever has to do with them: found by the database's indexes, so that it takes as long as there
//! are changes, however many people there are. It needs both instants counted already, and nothing
//! but accounts to differ between them (`setting`); else there is no short way.

use std::rc::Rc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::super::moment::{Ledger, Moment};
use super::super::parts::Parts;
use super::super::stored::{Hosts as Listed, Scene};
use super::groups::Hosts;
use super::history::{CloudHistory, ServerHistory};
use super::setting::Setting;
use super::{Focus, Histories};
use crate::error::Result;
use crate::model::{Account, CloudPart, Instant, Member, ServerPart, SourceKind};
use crate::store::{Holding, Named, Place, SnapshotFacts};

/// More states than this are read quicker all together.
const FEW_STATES: usize = 50_000;

/// The moments at two instants with only those people of whom something is said otherwise, and what
/// is consumed in all at each; `None` if there is no short way.
///
/// # Errors
/// If the database cannot be read.
pub(in crate::report) fn moments_near<'l>(
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
    let [before, after] = [&scenes[0], &scenes[1]].map(|scene| Setting::of(ledger, scene));
    if !before.is_like(&after) {
        return Ok(None);
    }
    let Some(mut search) = Search::new(ledger, &scenes)? else { return Ok(None) };
    let seeds = search.turned(&scenes)?;
    if !search.follow(seeds)? {
        return Ok(None);
    }
    let histories = search.histories()?;
    let moment = |at, listed| ledger.moment_of(at, only, &Near { histories: &histories, listed });
    let consumed = [opening.count.consumed(), closing.count.consumed()];
    Ok(Some((moment(from, &opening.hosts)?, moment(to, &closing.hosts)?, consumed)))
}

/// The accounts that were found, among rows that list these hosts in all.
struct Near<'n> {
    histories: &'n Histories,
    listed: &'n Listed,
}

impl Parts for Near<'_> {
    fn hosts(&self, cloud: &SnapshotFacts) -> Result<Vec<Box<str>>> {
        Scene(self.listed).hosts(cloud)
    }

    fn cloud(&self, cloud: &SnapshotFacts) -> Result<Rc<CloudPart>> {
        let (hosts, place) = (self.hosts(cloud)?, cloud.place);
        let history = self.histories.cloud.get(&cloud.source_id);
        let part = history.map(|it| it.part_listing(hosts, place, Focus::Everybody));
        Ok(Rc::new(part.unwrap_or_default()))
    }

    fn server(&self, server: &SnapshotFacts) -> Result<Rc<ServerPart>> {
        let history = self.histories.server.get(&server.source_id);
        let part = history.map(|it| it.part_at(server.place, Focus::Everybody));
        Ok(Rc::new(part.unwrap_or_default()))
    }
}

/// An end of a link.
#[derive(PartialEq, Eq, Hash)]
enum End {
    /// Of a Cloud source, by its number and the identity.
    Cloud(i64, String),
    /// Of an instance, by its number and the id.
    Server(u32, Member),
}

/// Looks for states that have to do with each other, as `groups` has it.
struct Search<'l, 'a> {
    ledger: &'l Ledger<'a>,
    hosts: Hosts,
    /// Every host that Cloud rows list, by the number of its instance.
    listed: Vec<(u32, String)>,
    sources: HashMap<i64, InForce>,
    links: HashMap<End, Vec<&'l Named>>,
    found: HashSet<i64>,
    open: Vec<i64>,
    keys: HashSet<u32>,
    members: HashSet<(Option<u32>, String)>,
}

/// A source that is in force at the instants.
struct InForce {
    /// The number of the instance; `None`: it is a Cloud report.
    host: Option<u32>,
    /// Where it stands at each.
    places: Vec<Place>,
}

impl<'l, 'a> Search<'l, 'a> {
    /// A search among what is in force at these moments; `None` where who is who cannot be looked up.
    fn new(ledger: &'l Ledger<'a>, scenes: &[Moment<'_>]) -> Result<Option<Search<'l, 'a>>> {
        if ledger.store.has_odd_ids()? {
            return Ok(None);
        }
        let mut hosts = Hosts::new(ledger);
        let mut sources: HashMap<i64, InForce> = HashMap::new();
        for snapshot in scenes.iter().flat_map(|scene| &scene.in_force) {
            let is_cloud = snapshot.source.kind == SourceKind::Cloud;
            if !is_cloud && ledger.store.has_accounts_without_id(snapshot.source_id)? {
                return Ok(None);
            }
            let host = (!is_cloud).then(|| hosts.number(&snapshot.source.name));
            let source = sources.entry(snapshot.source_id);
            source.or_insert(InForce { host, places: Vec::new() }).places.push(snapshot.place);
        }
        let mut listed = Vec::new();
        for host in ledger.store.hosts_listed()? {
            listed.push((hosts.number(&host), host));
        }
        let mut links: HashMap<End, Vec<&Named>> = HashMap::new();
        for [one, other] in ledger.links.all() {
            links.entry(end(&mut hosts, one)).or_default().push(other);
            links.entry(end(&mut hosts, other)).or_default().push(one);
        }
        let (found, open) = (HashSet::new(), Vec::new());
        let (keys, members) = (HashSet::new(), HashSet::new());
        Ok(Some(Search { ledger, hosts, listed, sources, links, found, open, keys, members }))
    }

    /// The states that hold at one of two moments and not at the other, and some that do at both.
    fn turned(&self, scenes: &[Moment<'_>]) -> Result<Vec<i64>> {
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

    /// Finds whoever has to do with these states; says whether they are few.
    fn follow(&mut self, states: Vec<i64>) -> Result<bool> {
        self.found.extend(&states);
        self.open = states;
        while let Some(state) = self.open.pop() {
            if self.found.len() > FEW_STATES || !self.follow_state(state)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn follow_state(&mut self, state: i64) -> Result<bool> {
        let store = self.ledger.store;
        for key in store.keys_of(state)? {
            if self.keys.insert(key) {
                let holding = store.holding_key(key, FEW_STATES)?;
                if holding.len() == FEW_STATES {
                    return Ok(false);
                }
                self.take(holding);
            }
        }
        let owner = store.owner_of(state)?;
        let host = self.sources.get(&owner.source_id).and_then(|source| source.host);
        match (host, Account::id_of_identity(&owner.identity)) {
            (Some(_), Some(id)) => self.follow_member(host, id)?,
            (Some(_), None) => self.follow_identity(&owner.identity)?,
            (None, _) => {
                let listed = store.listed_of(state)?;
                for (host, id) in &listed {
                    let host = (!host.is_empty()).then(|| self.hosts.number(host));
                    self.follow_member(host, id)?;
                }
                // A row about a Server account of which nothing tells an id.
                if listed.is_empty() {
                    self.follow_identity(&owner.identity)?;
                }
                let others = self.links.get(&End::Cloud(owner.source_id, owner.identity));
                self.follow_links(&others.cloned().unwrap_or_default())?;
            }
        }
        Ok(true)
    }

    /// A Server account, and the rows that list it: by a host, and by its bare id, which may be that
    /// of any instance.
    fn follow_member(&mut self, host: Option<u32>, id: &str) -> Result<()> {
        if !self.members.insert((host, id.to_owned())) {
            return Ok(());
        }
        let store = self.ledger.store;
        let identity = Account::identity_of_id(id);
        let instances = self.sources.iter().filter(|(_, source)| source.host.is_some());
        let meant = instances.filter(|(_, source)| host.is_none() || source.host == host);
        let mut holding: Vec<Holding> = Vec::new();
        for source in meant.map(|(source, _)| *source) {
            holding.extend(store.holding_account(source, &identity)?);
        }
        let names = self.listed.iter().filter(|(number, _)| host.is_none_or(|it| it == *number));
        for (_, name) in names {
            holding.extend(store.holding_listed(name, id)?);
        }
        holding.extend(store.holding_listed("", id)?);
        self.take(holding);
        let member = Member::new(id);
        let meant = self.links.iter().filter(|(end, _)| match end {
            End::Server(number, of) => *of == member && host.is_none_or(|it| it == *number),
            End::Cloud(..) => false,
        });
        let others: Vec<&Named> = meant.flat_map(|(_, others)| others).copied().collect();
        self.follow_links(&others)
    }

    /// Whoever has this identity in any source.
    fn follow_identity(&mut self, identity: &str) -> Result<()> {
        let sources: Vec<i64> = self.sources.keys().copied().collect();
        for source in sources {
            let holding = self.ledger.store.holding_account(source, identity)?;
            self.take(holding);
        }
        Ok(())
    }

    /// The accounts at the other ends of links.
    fn follow_links(&mut self, others: &[&Named]) -> Result<()> {
        for other in others {
            match (other, Account::id_of_identity(other.identity())) {
                (Named::Server { host, .. }, Some(id)) => {
                    let host = self.hosts.number(host);
                    self.follow_member(Some(host), id)?;
                }
                _ => self.follow_identity(other.identity())?,
            }
        }
        Ok(())
    }

    /// Takes in those that hold at one of the instants.
    fn take(&mut self, holding: Vec<Holding>) {
        for Holding { span, source_id } in holding {
            let places = self.sources.get(&source_id).map_or(&[][..], |source| &source.places);
            let holds = places.iter().any(|place| span.from <= *place && *place < span.to);
            if holds && self.found.insert(span.state) {
                self.open.push(span.state);
            }
        }
    }

    /// What was found, to be asked by place.
    fn histories(&self) -> Result<Histories> {
        let store = self.ledger.store;
        store.want(self.found.iter().copied())?;
        let (mut cloud, mut server) = (HashMap::new(), HashMap::new());
        for (source, in_force) in &self.sources {
            let spans = store.spans_wanted(*source)?;
            if in_force.host.is_none() {
                cloud.insert(*source, CloudHistory::of(store.cloud_part_wanted(*source)?, &spans));
            } else {
                let part = store.server_part_wanted(*source)?;
                server.insert(*source, ServerHistory::of(part, &spans));
            }
        }
        Ok(Histories { cloud, server })
    }
}

fn end(hosts: &mut Hosts, named: &Named) -> End {
    match named {
        Named::Cloud { source_id, identity } => End::Cloud(*source_id, identity.clone()),
        Named::Server { host, .. } => End::Server(hosts.number(host), named.member()),
    }
}

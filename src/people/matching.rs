//! Matches Server accounts with Cloud accounts, forms groups, and attaches accounts to seats (counting.md section
//! 4).

use super::accounts::{Participants, Repeated, server_accounts};
use super::by_key::ByKey;
use super::links::LinkEffects;
use super::listing::Listing;
use super::many::Many;
use super::participant::{AccountOrigin, Participant, ShortList};
use crate::beside::both;
use crate::model::{
    AccountIx, AddressKind, GroupIx, Indexed, InstanceIx, KeyId, ListIndex, Member, Population,
    RowIx, RowKind, Standing,
};

/// The rule that matched an account. The rules are tried in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchRule {
    /// Rule 0: a declared link says that GitHub has matched the two accounts (counting.md section 8).
    Manual,
    /// Rule a: the primary address is a Cloud account's SAML NameID (documented by GitHub).
    SamlNameId,
    /// Rule b: the primary address is one of a Cloud account's verified addresses (documented by GitHub).
    VerifiedEmail,
    /// Rule c: the row of a Cloud account in the Cloud report lists the Server account.
    Reported,
}

impl MatchRule {
    /// The name of the rule in JSON.
    pub fn name(self) -> &'static str {
        match self {
            MatchRule::Manual => "manual",
            MatchRule::SamlNameId => "saml_name_id",
            MatchRule::VerifiedEmail => "verified_email",
            MatchRule::Reported => "reported",
        }
    }
}

/// A group: Server accounts of one person, which share an address or a Cloud row (counting.md section 4,
/// "Groups").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The accounts of the group, sorted by host and id.
    pub accounts: ShortList<AccountIx>,
    /// The best rule that matches an account of the group. `None` means that the group is unmatched and takes a
    /// seat of its own.
    pub rule: Option<MatchRule>,
}

/// The Server accounts of an enterprise, and the Cloud accounts with which they are matched.
#[derive(Debug, Clone)]
pub struct Matching {
    /// The Server accounts that take part in counting.
    pub accounts: Indexed<AccountIx, Participant>,
    /// The number of Server accounts that take no part in counting.
    pub not_counted: u64,
    /// The rule that matched each account. If no rule matched the account itself, this is the rule of the
    /// best-matched account in its group.
    pub rule: Indexed<AccountIx, Option<MatchRule>>,
    /// Did a rule match the account itself, and not only its group?
    pub own_match: Indexed<AccountIx, bool>,
    /// The Cloud row to which each matched account is attached.
    pub attached: Indexed<AccountIx, Option<RowIx>>,
    /// The groups of Server accounts of one person, in the order of their first accounts.
    pub groups: Indexed<GroupIx, Group>,
    /// For each account, whether the row of any Cloud report in force lists it.
    pub listed: Indexed<AccountIx, bool>,
    /// Does a match rest on a Cloud report that is newer than the instance's own file?
    pub server_snapshot_older: bool,
    /// The instances on which several accounts have the same primary address.
    pub repeated: Vec<Repeated>,
    /// The effects that declared links have on matching and evidence.
    pub(super) links: LinkEffects,
}

/// Matches the Server accounts of an enterprise with its Cloud accounts.
pub fn resolve(population: &Population) -> Matching {
    let Participants { accounts, not_counted, same_row, repeated } = server_accounts(population);
    let links = LinkEffects::new(population, &accounts);
    let first = first_of_keys(&accounts);
    let (groups, matched) = both(
        accounts.len(),
        || groups(population, &accounts, &first, &same_row),
        || Matched::of(population, &accounts, &first, &links),
    );
    let Matched { own_match, listed, server_snapshot_older } = matched;
    let mut matching = Matching {
        groups,
        repeated,
        own_match: own_match.iter().map(Option::is_some).collect(),
        rule: own_match.iter().map(|found| found.map(|found| found.rule)).collect(),
        attached: own_match.iter().map(|found| found.map(|found| found.row)).collect(),
        not_counted,
        listed,
        server_snapshot_older,
        links,
        accounts,
    };
    matching.carry_groups();
    matching
}

/// The match of each account by itself, before the rule that a whole group is matched together.
struct Matched {
    own_match: Vec<Option<Match>>,
    listed: Indexed<AccountIx, bool>,
    server_snapshot_older: bool,
}

impl Matched {
    fn of(
        population: &Population,
        accounts: &Indexed<AccountIx, Participant>,
        first: &ByKey<AccountIx>,
        links: &LinkEffects,
    ) -> Matched {
        let mut matcher = Matcher::new(population, accounts, first, links);
        let own_match =
            accounts.enumerated().map(|(index, it)| matcher.match_of(index, it)).collect();
        let listed =
            accounts.enumerated().map(|(index, it)| matcher.is_listed(index, it)).collect();
        let server_snapshot_older = matcher.server_snapshot_older;
        Matched { own_match, listed, server_snapshot_older }
    }
}

impl Matching {
    /// Extends matches to groups: if any account of a group is matched, the whole group is. Accounts that match
    /// no rule themselves are attached where the best-matched account of the group is (by rule, then host, then
    /// id).
    fn carry_groups(&mut self) {
        for group in self.groups.iter_mut() {
            // Accounts are sorted by host and id, so the first account with the best rule is the best-matched
            // one.
            let matched = group.accounts.iter().filter_map(|&account| {
                let rule = self.rule[account]?;
                Some((rule, account))
            });
            let Some((rule, best)) = matched.min_by_key(|(rule, _)| *rule) else { continue };
            group.rule = Some(rule);
            for &account in &group.accounts {
                if self.rule[account].is_none() {
                    self.rule[account] = Some(rule);
                    self.attached[account] = self.attached[best];
                }
            }
        }
    }

    /// For each Cloud row, whether at least one Server account is attached to it.
    pub fn merged_rows(&self, population: &Population) -> Indexed<RowIx, bool> {
        let mut merged = Indexed::filled(false, population.cloud.len());
        for row in self.attached.iter().flatten() {
            merged[*row] = true;
        }
        merged
    }
}

/// The sort key of a Server account: the host, compared by bytes, then the id, compared by number.
pub(super) fn place<'p>(
    population: &'p Population,
    account: &'p Participant,
) -> (&'p str, &'p Member) {
    let host = match account.instance {
        Some(instance) => &population.instances[instance].host,
        None => "unknown",
    };
    (host, &account.member)
}

fn first_of_keys(accounts: &Indexed<AccountIx, Participant>) -> ByKey<AccountIx> {
    let mut first = ByKey::new(accounts);
    for (index, account) in accounts.enumerated() {
        for key in &account.keys {
            if first.get(*key).is_none() {
                first.insert(*key, index);
            }
        }
    }
    first
}

/// The value that stands for a group in the case of an account that has no group yet.
const NO_GROUP: GroupIx = GroupIx::NONE;

/// Groups the accounts: accounts that share an address or that one Cloud row lists are one group.
fn groups(
    population: &Population,
    accounts: &Indexed<AccountIx, Participant>,
    first: &ByKey<AccountIx>,
    same_row: &[(AccountIx, AccountIx)],
) -> Indexed<GroupIx, Group> {
    let mut sets = DisjointSets::new(accounts.len());
    for (index, account) in accounts.enumerated() {
        for first in account.keys.iter().filter_map(|key| first.get(*key)) {
            sets.join(first, index);
        }
    }
    for (a, b) in same_row {
        sets.join(*a, *b);
    }
    let mut of_root: Indexed<AccountIx, GroupIx> = Indexed::filled(NO_GROUP, accounts.len());
    let mut groups: Indexed<GroupIx, Group> = Indexed::new();
    for account in accounts.indices() {
        let root = sets.root(account);
        if of_root[root] == NO_GROUP {
            of_root[root] = groups.push(Group { accounts: ShortList::new(), rule: None });
        }
        groups[of_root[root]].accounts.push(account);
    }
    for group in groups.iter_mut() {
        group.accounts.sort_by(|&a, &b| {
            place(population, &accounts[a]).cmp(&place(population, &accounts[b]))
        });
    }
    groups
}

#[derive(Debug, Clone, Copy)]
struct Match {
    rule: MatchRule,
    row: RowIx,
}

/// The Cloud accounts, arranged for the lookups that matching needs.
struct Matcher<'p> {
    population: &'p Population,
    links: &'p LinkEffects,
    /// The Cloud accounts that take a seat, by the key of their NameID.
    by_name_id: Many,
    /// The Cloud accounts that take a seat, by the key of a verified address.
    by_verified: Many,
    listing: Listing,
    server_snapshot_older: bool,
}

impl<'p> Matcher<'p> {
    /// Arranges the Cloud accounts. `first` maps each address key to the first Server account that has it. Cloud
    /// addresses with other keys cannot match and are skipped.
    fn new(
        population: &'p Population,
        accounts: &Indexed<AccountIx, Participant>,
        first: &ByKey<AccountIx>,
        links: &'p LinkEffects,
    ) -> Matcher<'p> {
        let none = ByKey::new(accounts);
        let (mut by_name_id, mut by_verified) = (Many::new(none.clone()), Many::new(none));
        let by_address = || {
            // Rows are added in reverse order, because the row that is added last is found first. So the first
            // row by login is found first.
            for index in population.cloud.indices().rev() {
                let row = &population.cloud[index];
                if !is_cloud_seat(population, index) {
                    continue;
                }
                for address in population.addresses(&row.addresses) {
                    let map = match address.kind {
                        AddressKind::NameId => &mut by_name_id,
                        AddressKind::Verified => &mut by_verified,
                        _ => continue,
                    };
                    if first.get(address.key).is_some() {
                        map.add(address.key, index);
                    }
                }
            }
        };
        let (listing, ()) =
            both(population.listed_in_all(), || Listing::new(population, accounts), by_address);
        Matcher {
            population,
            links,
            by_name_id,
            by_verified,
            listing,
            server_snapshot_older: false,
        }
    }

    /// The Cloud rows that list an account. If the account is known only from Cloud rows, the row in
    /// [`AccountOrigin::Cloud`] is included.
    fn listing(
        &self,
        index: AccountIx,
        account: &Participant,
    ) -> impl Iterator<Item = RowIx> + Clone {
        let origin = match account.origin {
            AccountOrigin::Cloud(row) => Some(row),
            AccountOrigin::Own(_) => None,
        };
        self.listing.rows(index).chain(origin)
    }

    /// Does a Cloud row in force list this very account?
    fn is_listed(&self, index: AccountIx, account: &Participant) -> bool {
        self.listing(index, account).next().is_some()
    }

    /// The rule that matches the account by itself, and the Cloud row to which the account is attached. Of
    /// several matching rows, the row that lists the account is chosen; if there is none, the first row by login.
    fn match_of(&mut self, index: AccountIx, account: &Participant) -> Option<Match> {
        let links = self.links;
        let declared = links.matched(index).iter().copied();
        let declared = declared.filter(|row| is_cloud_seat(self.population, *row));
        let unlisted = |row: RowIx| self.listing(index, account).all(|it| it != row);
        if let Some(row) = declared.min_by_key(|row| (unlisted(*row), *row)) {
            return Some(Match { rule: MatchRule::Manual, row });
        }
        for rule in [MatchRule::SamlNameId, MatchRule::VerifiedEmail] {
            if let Some(row) = self.by_address(index, account, rule) {
                return Some(Match { rule, row });
            }
        }
        let row = self.reported(index, account)?;
        Some(Match { rule: MatchRule::Reported, row })
    }

    /// The Cloud account that one of the account's addresses matches by rule a or b. A million rows and a
    /// million accounts may share an address, so the number of declared links bounds how many rows are looked at
    /// for each key.
    fn by_address(
        &self,
        index: AccountIx,
        account: &Participant,
        rule: MatchRule,
    ) -> Option<RowIx> {
        let (map, kind) = match rule {
            MatchRule::SamlNameId => (&self.by_name_id, AddressKind::NameId),
            _ => (&self.by_verified, AddressKind::Verified),
        };
        let (population, links) = (self.population, self.links);
        let is_denied = |row: RowIx| links.are_not_matched(index, row);
        let listing = self.listing(index, account).filter(|row| {
            let addresses = &population.cloud[*row].addresses;
            let mut keys = population.keys(addresses, kind);
            is_cloud_seat(population, *row) && keys.any(|key| account.keys.contains(&key))
        });
        if let Some(row) = self.first(listing.filter(|row| !is_denied(*row))) {
            return Some(row);
        }
        // Normally the first row of a key matches. Only a declared link about this account can exclude it.
        let of_key = |key: &KeyId| map.get(*key).find(|row| !is_denied(*row));
        self.first(account.keys.iter().filter_map(of_key))
    }

    /// The first row by login. The indices of rows are in the order of logins.
    fn first(&self, rows: impl Iterator<Item = RowIx>) -> Option<RowIx> {
        rows.min()
    }

    /// The Cloud row that matches by rule c: the row of a Cloud account lists this very account, and the row's
    /// list of Server addresses contains the account's address or is empty. If the list lacks the address, the
    /// instance's file must be the older one.
    fn reported(&mut self, index: AccountIx, account: &Participant) -> Option<RowIx> {
        let (mut matched, mut by_older_file) = (None, None);
        for row in self.listing(index, account) {
            if !is_cloud_seat(self.population, row) || self.links.are_not_matched(index, row) {
                continue;
            }
            let addresses = &self.population.cloud[row].addresses;
            let mut keys = self.population.keys(addresses, AddressKind::Server).peekable();
            // In rule c, an address that another account of the instance has too counts like any other address.
            let is_address = |key| account.keys.contains(&key) || account.has_repeated(key);
            let has_address = !account.keys.is_empty() || account.repeated.is_some();
            if keys.peek().is_none() || keys.any(is_address) {
                matched = self.first(matched.into_iter().chain([row]));
            } else if has_address
                && matches!(account.origin, AccountOrigin::Own(_))
                && file_is_older(self.population, account.instance)
            {
                by_older_file = self.first(by_older_file.into_iter().chain([row]));
            }
        }
        self.server_snapshot_older |= by_older_file.is_some();
        self.first(matched.into_iter().chain(by_older_file))
    }
}

/// Was the instance's snapshot in force taken no later than the last sync of its host? If no sync is known, the
/// time of the Cloud snapshot counts as the time of the sync. The answer is yes if the instance is not known or
/// has no snapshot.
pub fn file_is_older(population: &Population, instance: Option<InstanceIx>) -> bool {
    let Some(instance) = instance else { return true };
    let instance = &population.instances[instance];
    let last_sync = instance.last_sync.or(population.cloud_taken_at);
    match (instance.standing, last_sync) {
        // A `server-as-synced` snapshot is as old as the last sync, if the time of that sync is known.
        (Standing::AsSynced(_), _) if instance.last_sync.is_some() => true,
        (Standing::Own(taken_at) | Standing::AsSynced(taken_at), Some(last_sync)) => {
            taken_at <= last_sync
        }
        _ => true,
    }
}

/// Is this row a Cloud account that takes a seat? Only such rows can match Server accounts.
pub(super) fn is_cloud_seat(population: &Population, row: RowIx) -> bool {
    let row = &population.cloud[row];
    row.row == RowKind::Cloud && population.takes_seat(row)
}

/// Disjoint sets of items, such as the accounts of each person. Sets can be joined, but not split.
pub struct DisjointSets<I> {
    parent: Indexed<I, I>,
}

impl<I: ListIndex + Ord> DisjointSets<I> {
    /// Makes `size` items, each in a set of its own.
    pub fn new(size: usize) -> DisjointSets<I> {
        DisjointSets { parent: I::below(size).collect() }
    }

    /// The smallest item in the set of an item. It represents the set.
    pub fn root(&mut self, mut item: I) -> I {
        while self.parent[item] != item {
            let grandparent = self.parent[self.parent[item]];
            self.parent[item] = grandparent;
            item = grandparent;
        }
        item
    }

    /// Joins the sets of two items.
    pub fn join(&mut self, a: I, b: I) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        self.parent[high] = low;
    }
}

//! Finds the causes of the difference between the number of licenses that a Cloud report states and the number that
//! oneseat computes (counting.md section 7).
//!
//! The report counts its rows; oneseat counts Cloud seats and unmatched Server groups. Each Server-only row is
//! paired with at most one unmatched group. Every row and every group without a partner has a cause of its own, so
//! the sum is right by construction.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::accounts::only_instance;
use super::{AccountOrigin, Matching};
use crate::model::{
    AccountIx, AddressKind, CloudRow, GroupIx, InstanceIx, KeyId, Member, Population, RowIx,
    RowKind, Standing,
};

/// A cause of the difference between reported and computed licenses. The order is that of counting.md section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A Server-only row whose accounts are now part of another seat, because they were matched after the
    /// report.
    MatchedSince,
    /// Server accounts that the report has merged into a Cloud account but that no longer match any Cloud
    /// account.
    UnmatchedSince,
    /// Server accounts that no Cloud row lists.
    NeverSynced,
    /// A Server-only row whose accounts are gone or suspended.
    GoneOrSuspended,
    /// A Server-only row of an instance that is retired or belongs to another enterprise.
    RetiredInstance,
    /// Invitations that take no license under the billing model.
    InvitationNotCounted,
    /// Cloud rows that take no license: Visual Studio subscribers without an account.
    RowWithoutLicense,
    /// Cloud rows that the report repeats.
    RowRepeated,
    /// Licenses that the reported number counts but for which the file has no row.
    RowMissing,
}

impl Cause {
    /// All causes, in the order of counting.md section 7.
    pub const ALL: [Cause; 9] = [
        Cause::MatchedSince,
        Cause::UnmatchedSince,
        Cause::NeverSynced,
        Cause::GoneOrSuspended,
        Cause::RetiredInstance,
        Cause::InvitationNotCounted,
        Cause::RowWithoutLicense,
        Cause::RowRepeated,
        Cause::RowMissing,
    ];

    /// The name of the cause in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Cause::MatchedSince => "matched-since-sync",
            Cause::UnmatchedSince => "unmatched-since-sync",
            Cause::NeverSynced => "never-synced",
            Cause::GoneOrSuspended => "gone-or-suspended",
            Cause::RetiredInstance => "retired-instance",
            Cause::InvitationNotCounted => "invitation-not-counted",
            Cause::RowWithoutLicense => "row-without-license",
            Cause::RowRepeated => "row-repeated",
            Cause::RowMissing => "row-missing",
        }
    }
}

/// The Cloud row or the group of Server accounts that a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whom {
    /// A row of the Cloud report.
    Row(RowIx),
    /// An unmatched group of Server accounts.
    Group(GroupIx),
}

/// One step of the bridge: a signed number of licenses, and the rows and groups that cause it, if they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BridgeStep {
    /// The number of licenses that the step adds to the reported number; negative if it takes licenses away.
    pub licenses: i64,
    /// The Cloud rows and groups that cause the step.
    pub whom: Vec<Whom>,
}

impl BridgeStep {
    fn add(&mut self, licenses: i64, whom: Whom) {
        self.licenses += licenses;
        self.whom.push(whom);
    }
}

/// The steps from the number of licenses that a report states to the number that oneseat computes. A difference
/// that remains after the steps is unexplained. `repeated` is the number of rows in the report beyond the distinct
/// rows.
pub fn bridge(
    population: &Population,
    matching: &Matching,
    reported: i64,
    repeated: u64,
) -> HashMap<Cause, BridgeStep> {
    let mut steps: HashMap<Cause, BridgeStep> =
        Cause::ALL.into_iter().map(|cause| (cause, BridgeStep::default())).collect();
    let mut step = |cause: Cause, licenses: i64, whom: Whom| {
        steps.entry(cause).or_default().add(licenses, whom);
    };
    for (row, cause) in rows_without_seat(population) {
        step(cause, -1, Whom::Row(row));
    }
    for (cause, licenses, whom) in Laid::new(population, matching).differences() {
        step(cause, licenses, whom);
    }
    rows_and_total(&mut steps, population.cloud.len() as i64, reported, repeated as i64);
    steps
}

fn rows_without_seat(population: &Population) -> impl Iterator<Item = (RowIx, Cause)> {
    population.cloud.enumerated().filter_map(|(index, row)| match row.row {
        RowKind::ServerOnly | RowKind::DirectoryEntry => None,
        RowKind::VisualStudioOnly | RowKind::Server => Some((index, Cause::RowWithoutLicense)),
        RowKind::Cloud | RowKind::Invited => {
            (!population.takes_seat(row)).then_some((index, Cause::InvitationNotCounted))
        }
    })
}

/// Finds out from the reported number whether it counts repeated rows and Visual Studio rows (counting.md
/// section 7). If it does not, these rows cause no difference. Licenses that it counts beyond all rows are
/// missing from the file.
fn rows_and_total(
    steps: &mut HashMap<Cause, BridgeStep>,
    distinct: i64,
    reported: i64,
    repeated: i64,
) {
    let subscribers = -steps.entry(Cause::RowWithoutLicense).or_default().licenses;
    let less = distinct + repeated - reported;
    let (counts_repeated, counts_subscribers) = match less {
        _ if less == repeated + subscribers => (false, false),
        _ if less == repeated => (false, true),
        _ if less == subscribers => (true, false),
        _ => (true, true),
    };
    if counts_repeated {
        steps.entry(Cause::RowRepeated).or_default().licenses -= repeated;
    }
    if !counts_subscribers {
        steps.insert(Cause::RowWithoutLicense, BridgeStep::default());
    }
    steps.entry(Cause::RowMissing).or_default().licenses -= (-less).max(0);
}

/// Pairs the Server-only rows of the Cloud report with the unmatched groups that oneseat counts.
struct Laid<'p> {
    population: &'p Population,
    matching: &'p Matching,
    only_instance: Option<InstanceIx>,
    by_id: HashMap<(Option<InstanceIx>, &'p Member), AccountIx>,
    by_key: HashMap<KeyId, Vec<AccountIx>>,
    /// The group of each unmatched account.
    group_of: HashMap<AccountIx, GroupIx>,
}

impl<'p> Laid<'p> {
    fn new(population: &'p Population, matching: &'p Matching) -> Laid<'p> {
        let mut by_id = HashMap::new();
        let mut by_key: HashMap<KeyId, Vec<AccountIx>> = HashMap::new();
        for (number, account) in matching.accounts.enumerated() {
            by_id.insert((account.instance, &account.member), number);
            for key in account.primary_keys() {
                by_key.entry(key).or_default().push(number);
            }
        }
        let mut group_of = HashMap::new();
        for (group, it) in matching.groups.enumerated().filter(|(_, it)| it.rule.is_none()) {
            group_of.extend(it.accounts.iter().map(|account| (*account, group)));
        }
        let only_instance = only_instance(population);
        Laid { population, matching, only_instance, by_id, by_key, group_of }
    }

    fn differences(&self) -> Vec<(Cause, i64, Whom)> {
        let mut found = Vec::new();
        let mut covered: HashSet<GroupIx> = HashSet::new();
        let mut listed_by_server_only: HashSet<GroupIx> = HashSet::new();
        let rows = self.population.cloud.enumerated();
        for (index, row) in rows.filter(|(_, row)| row.row == RowKind::ServerOnly) {
            let accounts = self.accounts_of(index, row);
            let groups: Vec<GroupIx> =
                accounts.iter().filter_map(|it| self.group_of.get(it).copied()).collect();
            listed_by_server_only.extend(&groups);
            if let Some(group) = groups.iter().find(|group| !covered.contains(group)) {
                covered.insert(*group);
                continue;
            }
            let cause = match (accounts.is_empty(), self.is_elsewhere(row)) {
                (false, _) => Cause::MatchedSince,
                (true, true) => Cause::RetiredInstance,
                (true, false) => Cause::GoneOrSuspended,
            };
            found.push((cause, -1, Whom::Row(index)));
        }
        let unmatched = self.matching.groups.enumerated().filter(|(_, it)| it.rule.is_none());
        for (group, it) in unmatched.filter(|(group, _)| !covered.contains(group)) {
            let listed = it.accounts.iter().any(|it| self.matching.listed[*it]);
            let cause = match listed || listed_by_server_only.contains(&group) {
                true => Cause::UnmatchedSince,
                false => Cause::NeverSynced,
            };
            found.push((cause, 1, Whom::Group(group)));
        }
        found
    }

    /// The accounts that take part in counting and belong to a Cloud row: the accounts that the row lists or, if
    /// the row has no ids, the accounts with an address of the row.
    fn accounts_of(&self, index: RowIx, row: &CloudRow) -> Vec<AccountIx> {
        let listed = self.population.listed(row).filter_map(|it| {
            self.by_id.get(&(it.instance.or(self.only_instance), it.member)).copied()
        });
        let mut accounts: Vec<AccountIx> = listed.collect();
        if row.listed.is_empty() {
            let keys = self.population.keys(&row.addresses, AddressKind::Server);
            accounts.extend(keys.filter_map(|key| self.by_key.get(&key)).flatten());
            let of_row = self.matching.accounts.enumerated();
            accounts.extend(
                of_row
                    .filter(|(_, it)| it.origin == AccountOrigin::Cloud(index))
                    .map(|(number, _)| number),
            );
            accounts.sort_unstable();
            accounts.dedup();
        }
        accounts
    }

    /// Are all instances that a row lists retired, or counted in another enterprise?
    fn is_elsewhere(&self, row: &CloudRow) -> bool {
        let mut instances =
            self.population.listed(row).map(|it| it.instance.or(self.only_instance)).peekable();
        instances.peek().is_some()
            && instances.all(|instance| {
                instance
                    .is_some_and(|it| self.population.instances[it].standing == Standing::Absent)
            })
    }
}

//! The moment: the snapshots in force at an instant and, for each enterprise, the compact records of its
//! accounts and their matches (counting.md section 1). `population` assembles the compact records.

use std::collections::HashSet;

use super::assign::{Assigned, There};
use super::parts::{PartSource, WholeLedger};
use super::{Asked, Ledger};
use crate::error::Result;
use crate::model::{
    AccountIx, AddressKind, Instant, LinkEnd, Population, RowIx, RowKind, Source, SourceKind,
    Standing, StateId,
};
use crate::people::{
    self, AccountName, AccountOrigin, Count, Finding, LinkedBefore, Matching, Seat, SeatOf,
};
use crate::store::{Merged, SnapshotFacts};

/// The snapshots in force at an instant, and the enterprises with their people.
pub struct Moment<'l> {
    pub at: Instant,
    /// The snapshots in force, ordered by the kind and name of their sources.
    pub in_force: Vec<&'l SnapshotFacts>,
    /// The missing sources: sources that have no snapshot in force, although a snapshot of their kind can come into
    /// force. If the question names an enterprise, only the sources of that enterprise are listed.
    pub missing: Vec<Source>,
    /// The enterprises that the question covers. Each enterprise is counted by itself.
    pub enterprises: Vec<Enterprise<'l>>,
    /// Instances that belong to no enterprise, although several enterprises exist.
    pub unassigned: Vec<String>,
}

/// The values of a moment that do not depend on accounts, such as its snapshots in force.
pub(super) struct Frame<'l> {
    pub at: Instant,
    /// The snapshots in force, ordered by the kind and name of their sources.
    pub in_force: Vec<&'l SnapshotFacts>,
    /// For each instance, the enterprise that it belongs to at the instant.
    pub assigned: Assigned,
    /// The sources that have no snapshot in force, which become [`Moment::missing`].
    pub missing: Vec<Source>,
}

/// One enterprise at an instant, with its accounts and their matches.
pub struct Enterprise<'l> {
    /// The name of the enterprise; `None` for instances without an enterprise.
    pub name: Option<String>,
    /// The enterprise's Cloud snapshot in force, if there is one.
    pub cloud: Option<&'l SnapshotFacts>,
    /// The compact records of the enterprise's accounts.
    pub population: Population,
    /// The match of each Server account with a Cloud account, as far as there is one.
    pub matching: Matching,
}

impl Moment<'_> {
    /// Does this moment (an instant with its people) cover a source? It covers the enterprises in `enterprises`,
    /// and their instances except absent ones ([`Standing::Absent`]).
    pub fn counts(&self, source: &Source) -> bool {
        self.enterprises.iter().any(|enterprise| match source.kind {
            kind if kind.is_enterprise() => enterprise.name.as_ref() == Some(&source.name),
            _ => enterprise.population.instances.iter().any(|instance| {
                *instance.host == *source.name && instance.standing != Standing::Absent
            }),
        })
    }

    /// The number of accounts in the snapshots in force.
    pub(crate) fn accounts(&self) -> u64 {
        self.in_force.iter().filter_map(|snapshot| snapshot.accounts).sum()
    }

    /// The time of the last sync of an instance with Cloud, if it is known.
    pub fn last_synced(&self, source: &Source) -> Option<Instant> {
        let instances = self.enterprises.iter().flat_map(|it| &it.population.instances);
        let mut ours = instances.filter(|_| source.kind.is_instance());
        ours.find(|instance| {
            *instance.host == *source.name && instance.standing != Standing::Absent
        })?
        .last_sync
    }
}

impl Enterprise<'_> {
    /// The stored state (record) from which a Server account is known: its own, or that of the Cloud row that
    /// lists the account.
    pub fn state_of(&self, account: AccountIx) -> StateId {
        match self.matching.accounts[account].origin {
            AccountOrigin::Own(index) => self.population.server[index].state,
            AccountOrigin::Cloud(row) => self.population.cloud[row].state,
        }
    }

    /// The Server account at one end of a link. `None` if that end is a Cloud account, or if the account does not
    /// take part in counting.
    pub fn account(&self, end: &LinkEnd) -> Option<AccountIx> {
        let LinkEnd::Server { instance, member } = end else { return None };
        let mut accounts = self.matching.accounts.enumerated();
        let found = accounts.find(|(_, it)| it.instance == *instance && it.member == *member);
        found.map(|(number, _)| number)
    }

    /// The host of a Server account, or `unknown` if the instance of the account is not known.
    pub fn host_of(&self, account: AccountIx) -> &str {
        match self.matching.accounts[account].instance {
            Some(instance) => &self.population.instances[instance].host,
            None => "unknown",
        }
    }

    /// The values by which a seat is recognized at another instant (counting.md section 6), such as its
    /// accounts.
    pub fn name_of(&self, seat: &SeatOf) -> Seat {
        let account_name = |account: &AccountIx| {
            let it = &self.matching.accounts[*account];
            let host = self.host_of(*account).to_owned();
            AccountName { enterprise: self.name.clone(), host, member: it.member.clone() }
        };
        let identity = |row: RowIx| self.population.identity(row).to_owned();
        let name_id = |row: RowIx| {
            let addresses = &self.population.cloud[row].addresses;
            self.population.keys(addresses, AddressKind::NameId).next()
        };
        Seat {
            cloud: seat.row.map(|row| (self.name.clone(), identity(row))),
            name_id: seat.row.and_then(name_id),
            accounts: seat.accounts.iter().map(account_name).collect(),
        }
    }

    /// The counts of the enterprise's seats.
    pub fn count(&self) -> Count {
        people::count(&self.population, &self.matching)
    }
}

impl Ledger<'_> {
    /// The moment (an instant with everybody in it) that a question is about.
    ///
    /// # Errors
    /// The errors of [`Ledger::asked`].
    pub(crate) fn ask(&self, asked: &Asked) -> Result<Moment<'_>> {
        self.moment(self.asked(asked)?, asked.enterprise.as_deref())
    }

    /// The moment of an instant: everybody who is there, with all accounts. `only` names the enterprise; `None`
    /// means all enterprises.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn moment(&self, at: Instant, only: Option<&str>) -> Result<Moment<'_>> {
        self.moment_of(at, only, &WholeLedger(self))
    }

    /// The moment of an instant, with the accounts that `parts` provides: all of them, or only some.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn moment_of(
        &self,
        at: Instant,
        only: Option<&str>,
        parts: &dyn PartSource,
    ) -> Result<Moment<'_>> {
        let frame = self.frame(at, only, parts)?;
        self.moment_in(&frame, only, parts)
    }

    /// The values of a moment that do not depend on accounts, such as its snapshots in force. Only hosts are
    /// read from `parts`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn frame(
        &self,
        at: Instant,
        only: Option<&str>,
        parts: &dyn PartSource,
    ) -> Result<Frame<'_>> {
        let in_force = self.in_force(at);
        let assigned = self.assign(at, &in_force, parts)?;
        let missing = self.missing(at, only, &in_force, &assigned, parts)?;
        Ok(Frame { at, in_force, assigned, missing })
    }

    /// Makes a moment from its values without accounts (`frame`) and the accounts that `parts` provides.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn moment_in<'l>(
        &'l self,
        frame: &Frame<'l>,
        only: Option<&str>,
        parts: &dyn PartSource,
    ) -> Result<Moment<'l>> {
        let Frame { at, in_force, assigned, missing } = frame;
        let there = There { at: *at, assigned, in_force, parts };
        let mut enterprises = Vec::new();
        for (name, hosts) in &assigned.enterprises {
            if only.is_some_and(|only| name.as_deref() != Some(only)) {
                continue;
            }
            let cloud = in_force.iter().copied().find(|snapshot| {
                snapshot.source.kind == SourceKind::Cloud
                    && Some(&snapshot.source.name) == name.as_ref()
            });
            let population = self.population(&there, name.as_deref(), cloud, hosts)?;
            let matching = people::resolve(&population);
            enterprises.push(Enterprise { name: name.clone(), cloud, population, matching });
        }
        let unassigned = if only.is_some() { &[][..] } else { &assigned.unassigned };
        for host in unassigned {
            let alone = HashSet::from([host.clone()]);
            let population = self.population(&there, None, None, &alone)?;
            let matching = people::resolve(&population);
            enterprises.push(Enterprise { name: None, cloud: None, population, matching });
        }
        Ok(Moment {
            at: *at,
            in_force: in_force.clone(),
            missing: missing.clone(),
            enterprises,
            unassigned: unassigned.to_vec(),
        })
    }

    /// The findings about people of an enterprise who would take two licenses (counting.md section 5, directory.md
    /// section 3).
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn findings(&self, at: Instant, enterprise: &Enterprise<'_>) -> Result<Vec<Finding>> {
        let linked_before = self.linked_before(at, enterprise)?;
        let Enterprise { population, matching, .. } = enterprise;
        self.with_texts(at, enterprise, |texts| {
            people::findings(population, matching, &linked_before, texts)
        })
    }

    /// For each unmatched Server account, the Cloud accounts that listed it in a Cloud snapshot that is or was in
    /// force (counting.md section 5, linked-before). Only Cloud accounts that still take a seat are included.
    pub(crate) fn linked_before(
        &self,
        at: Instant,
        enterprise: &Enterprise<'_>,
    ) -> Result<LinkedBefore> {
        let mut linked = LinkedBefore::default();
        let Enterprise { population, matching, .. } = enterprise;
        let history: Vec<&SnapshotFacts> = self
            .valid()
            .filter(|snapshot| {
                snapshot.taken_at <= at
                    && snapshot.source.kind == SourceKind::Cloud
                    && Some(&snapshot.source.name) == enterprise.name.as_ref()
            })
            .collect();
        let name = enterprise.name.as_deref().unwrap_or_default();
        // The Cloud account may have been renamed since the snapshot that listed the Server account.
        let seat = |merged: &Merged| -> Result<Option<RowIx>> {
            let identity = self.later_name(name, &merged.identity, merged.seen, at)?;
            let Some(row) = population.row_of(&identity) else { return Ok(None) };
            let it = &population.cloud[row];
            Ok((it.row == RowKind::Cloud && population.takes_seat(it)).then_some(row))
        };
        let only_instance = people::only_instance(population);
        let aliases = self.aliases(at);
        let mut asked: Vec<(AccountIx, &str, String)> = Vec::new();
        for group in matching.groups.iter().filter(|group| group.rule.is_none()) {
            for &number in &group.accounts {
                let account = &matching.accounts[number];
                let id = account.member.to_string();
                if let Some(instance) = account.instance {
                    let host = &population.instances[instance].host;
                    asked.push((number, host, id.clone()));
                    let aliases = aliases.iter().filter(|(_, name)| ***name == **host);
                    asked.extend(aliases.map(|(alias, _)| (number, alias.as_str(), id.clone())));
                }
                // A Cloud row may list an id without a host. Such an id belongs to the only instance or, if there
                // are several instances, to the host `unknown`.
                if account.instance == only_instance {
                    asked.push((number, "", id));
                }
            }
        }
        let accounts: Vec<(&str, &str)> =
            asked.iter().map(|(_, host, id)| (*host, id.as_str())).collect();
        let merged = self.store.merged_into(&history, &accounts)?;
        for ((number, _, _), merged) in asked.iter().zip(merged) {
            let mut rows: Vec<RowIx> = Vec::new();
            for row in merged.iter().filter_map(|it| seat(it).transpose()) {
                let row = row?;
                if !rows.contains(&row) {
                    rows.push(row);
                }
            }
            if !rows.is_empty() {
                linked.entry(*number).or_default().extend(rows);
            }
        }
        Ok(linked)
    }
}

//! Assembles the people that `explain` prints, as the counting decided about them: each seat with all of its
//! accounts, and each account that takes no seat.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use super::history::{self, Line};
use super::person_shown::PersonShown;
use super::places::ExplainIndexes;
use super::told::{AccountDetails, AccountTold};
use crate::error::Result;
use crate::ledger::Seed;
use crate::ledger::{Enterprise, Ledger, Moment};
use crate::model::{
    Account, AccountIx, AddressKind, GroupIx, RowIx, RowKind, ServerIx, SourceKind,
};
use crate::people::{self, AccountOrigin, EvidenceTexts, Finding, LinkedBefore};
use crate::report::absent;
use crate::report::duplicates::{self, Duplicate, FindingSide, Findings, Mark, Together};
use crate::report::who::{Sought, Unit};
use crate::store::{AccountRef, SnapshotFacts, StateSpan};

/// What `explain` prints as one person: a seat, or an account that takes no seat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    /// A Cloud seat, by its row in the report.
    Cloud(RowIx),
    /// A seat that consists of Server accounts only, by its group.
    Group(GroupIx),
    /// A Cloud row that takes no seat.
    Row(RowIx),
    /// A Server account that the counting leaves out, such as a suspended one.
    NotCounted(ServerIx),
}

/// The people to whom the accounts belong that the user asked about. `is_whole` says that the moment has all
/// people and not only some. `is_stated` says that the files have all fields by which accounts are matched.
pub(super) fn people(
    ledger: &Ledger<'_>,
    (moment, is_whole): (&Moment<'_>, bool),
    only: Option<&str>,
    sought: &Sought,
    is_stated: bool,
) -> Result<Vec<PersonShown>> {
    let mut people = Vec::new();
    let everybody = Everybody::of(moment);
    for (index, enterprise) in moment.enterprises.iter().enumerate() {
        let units = sought.in_force.iter().filter(|(its, _)| *its == index);
        let places = ExplainIndexes::new(enterprise);
        let subjects: BTreeSet<Subject> =
            units.flat_map(|(_, unit)| subjects(enterprise, &places, *unit)).collect();
        if subjects.is_empty() {
            continue;
        }
        // The matches that earlier Cloud reports listed are read once, however many people are printed.
        let linked = ledger.linked_before(moment.at, enterprise)?;
        let all_sides = OnceCell::new();
        people.extend(ledger.with_texts(moment.at, enterprise, |texts| {
            let findings =
                people::findings(&enterprise.population, &enterprise.matching, &linked, texts)?;
            let assembler = Assembler {
                ledger,
                moment,
                is_whole,
                only,
                is_stated,
                enterprise,
                findings: &findings,
                sides: Findings::new(enterprise, &findings),
                linked: &linked,
                texts,
                teller: AccountDetails::new(ledger, moment.at, enterprise, &places),
                places: &places,
                everybody: &everybody,
                index,
                all_sides: &all_sides,
            };
            subjects.iter().map(|it| assembler.person(it)).collect::<Result<Vec<PersonShown>>>()
        })?);
    }
    for known in &sought.gone {
        people.extend(gone(ledger, moment, known)?);
    }
    Ok(people)
}

/// The accounts from which a search must start that is to find everybody in the findings connected with these
/// accounts. A finding that is connected with no other adds nobody, because the moment already has everybody
/// whom it is about.
pub(super) fn seeds_of_findings(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    sought: &Sought,
) -> Result<Vec<Seed>> {
    let mut seeds = Vec::new();
    for (index, enterprise) in moment.enterprises.iter().enumerate() {
        let units = sought.in_force.iter().filter(|(its, _)| *its == index);
        let places = ExplainIndexes::new(enterprise);
        let sides: BTreeSet<FindingSide> = units
            .flat_map(|(_, unit)| subjects(enterprise, &places, *unit))
            .filter_map(|subject| match subject {
                Subject::Cloud(row) | Subject::Row(row) => Some(FindingSide::Row(row)),
                Subject::Group(group) => Some(FindingSide::Group(group)),
                Subject::NotCounted(_) => None,
            })
            .collect();
        if sides.is_empty() {
            continue;
        }
        let all = ledger.findings(moment.at, enterprise)?;
        let findings = Findings::new(enterprise, &all);
        let hanging = sides.iter().map(|side| findings.hanging_together(*side));
        let several = hanging.filter(|it| it.len() > 1);
        seeds.extend(several.flat_map(|indices| findings.seeds(&indices)));
    }
    Ok(seeds)
}

/// The findings about one seat, together with all findings that are connected with them.
struct Doubles {
    together: Together,
    /// The index of the finding about the seat that is printed first.
    own: usize,
    /// The indices of all findings that are about the seat, even if only as a candidate.
    named: BTreeSet<usize>,
}

impl Doubles {
    fn own(&self) -> Option<Duplicate> {
        let mut items = self.together.items.iter();
        items.find(|(index, _)| *index == self.own).map(|(_, item)| item.clone())
    }

    /// The findings that are about the seat, even if only as a candidate. The finding with the index `own`
    /// comes first.
    fn named(&self) -> Vec<Duplicate> {
        let items = self.together.items.iter();
        let others = items.filter(|(index, _)| *index != self.own && self.named.contains(index));
        self.own().into_iter().chain(others.map(|(_, item)| item.clone())).collect()
    }
}

/// The seats to which an account belongs. If the account takes no seat, the account itself.
fn subjects(enterprise: &Enterprise<'_>, places: &ExplainIndexes<'_>, unit: Unit) -> Vec<Subject> {
    let Enterprise { population, matching, .. } = enterprise;
    let of_account = |number: AccountIx| match matching.attached[number] {
        Some(row) => Some(Subject::Cloud(row)),
        None => places.group_of(number).map(Subject::Group),
    };
    match unit {
        Unit::Row(row) => {
            let it = &population.cloud[row];
            if population.takes_seat(it) {
                return vec![Subject::Cloud(row)];
            }
            if it.row != RowKind::ServerOnly {
                return vec![Subject::Row(row)];
            }
            // A Server-only row of the Cloud report is no seat by itself: it stands for the Server accounts
            // that it lists.
            let accounts = places.of_row(row);
            let found: Vec<Subject> = accounts.into_iter().filter_map(of_account).collect();
            if found.is_empty() { vec![Subject::Row(row)] } else { found }
        }
        Unit::Own(index) => match places.of_own(index) {
            Some(number) => of_account(number).into_iter().collect(),
            None => vec![Subject::NotCounted(index)],
        },
        Unit::Listed(number) => of_account(number).into_iter().collect(),
    }
}

struct Assembler<'a, 'w> {
    ledger: &'w Ledger<'w>,
    moment: &'a Moment<'a>,
    /// Whether the moment has all people, and not only those who share an address or a name with the accounts
    /// that the user asked about.
    is_whole: bool,
    /// The enterprise that the user named; `None` for all enterprises.
    only: Option<&'a str>,
    /// Whether the files have all fields by which accounts are matched.
    is_stated: bool,
    enterprise: &'a Enterprise<'a>,
    findings: &'a [Finding],
    sides: Findings<'a>,
    linked: &'a LinkedBefore,
    texts: &'a EvidenceTexts<'a>,
    teller: AccountDetails<'a>,
    places: &'a ExplainIndexes<'a>,
    everybody: &'w Everybody<'w>,
    /// The position of the enterprise among the enterprises of the moment.
    index: usize,
    /// All findings of the enterprise, made from all people. They are worked out only when `explain` cannot do
    /// without them.
    all_sides: &'a OnceCell<Findings<'w>>,
}

/// A moment with all people of all enterprises, and the findings in it. They are worked out only when they are
/// needed, since that takes long.
struct Everybody<'w> {
    moment: OnceCell<Moment<'w>>,
    /// For each enterprise, its findings.
    findings: Vec<OnceCell<Vec<Finding>>>,
}

impl Everybody<'_> {
    /// A value in which nothing is worked out yet. It has one cell for the findings of each enterprise of
    /// `moment`.
    fn of(moment: &Moment<'_>) -> Self {
        let findings = moment.enterprises.iter().map(|_| OnceCell::new()).collect();
        Everybody { moment: OnceCell::new(), findings }
    }
}

impl<'w> Assembler<'_, 'w> {
    fn person(&self, subject: &Subject) -> Result<PersonShown> {
        let matching = &self.enterprise.matching;
        let (row, accounts): (Option<RowIx>, Vec<AccountIx>) = match subject {
            Subject::Cloud(row) => (Some(*row), self.attached(*row)),
            Subject::Group(group) => (None, matching.groups[*group].accounts.to_vec()),
            Subject::Row(row) => (Some(*row), Vec::new()),
            Subject::NotCounted(_) => (None, Vec::new()),
        };
        let mut told: Vec<AccountTold> = Vec::new();
        if let Some(row) = row {
            told.push(AccountTold::clone(&*self.teller.row(row)?));
        }
        for number in &accounts {
            told.push(self.teller.account(*number)?);
        }
        if let Subject::NotCounted(index) = subject {
            told.push(self.teller.not_counted(*index)?);
        }
        let (seat, mut reason) = self.decision(subject, &told);
        if !self.is_stated && matches!(subject, Subject::Group(_)) {
            reason.push_str(", as far as the files state it");
        }
        let group = match subject {
            Subject::Group(group) => Some(*group),
            _ => None,
        };
        let near = match group {
            Some(group) => self.near_misses(group)?,
            None => Vec::new(),
        };
        let doubles = self.doubles(row, group)?;
        Ok(PersonShown {
            seat,
            takes_license: seat != "none",
            reason,
            github_says: self.github_says(subject, &accounts)?,
            accounts: told,
            near_misses: near,
            duplicate: doubles.as_ref().and_then(Doubles::own),
            duplicates: doubles.as_ref().map(Doubles::named).unwrap_or_default(),
            together: doubles.map(|it| it.together),
            history: self.history(subject, row, &accounts)?,
            entries: Vec::new(),
            earlier_entries: Vec::new(),
        })
    }

    /// The findings about a seat, given by its row or its group, and all findings that are connected with them.
    /// `None` if no finding is about the seat.
    fn doubles(&self, row: Option<RowIx>, group: Option<GroupIx>) -> Result<Option<Doubles>> {
        let side = group.map(FindingSide::Group).or(row.map(FindingSide::Row));
        let (Some(side), Some(own)) = (side, self.finding(row, group)) else { return Ok(None) };
        let hanging = self.sides.hanging_together(side);
        let named: BTreeSet<usize> =
            hanging.iter().copied().filter(|it| self.sides.is_about(*it, side)).collect();
        let enterprise = self.enterprise;
        let (ledger, at, only) = (self.ledger, self.moment.at, self.only);
        if self.is_whole || self.sides.stand_apart(&hanging) {
            let together = self.sides.told(ledger, at, only, (&hanging, own))?;
            return Ok(Some(Doubles { together, own, named }));
        }
        // The fixes of these findings depend on other findings, so all people must be counted.
        let Some(sides) = self.sides_of_everybody()? else { return Ok(None) };
        let in_whole = |index: &usize| sides.same_as(&Mark::of(enterprise, &self.findings[*index]));
        let Some(own) = in_whole(&own) else { return Ok(None) };
        let named = named.iter().filter_map(in_whole).collect();
        let Some(side) = sides.side(own) else { return Ok(None) };
        let hanging = sides.hanging_together(side);
        let together = sides.told(ledger, at, only, (&hanging, own))?;
        Ok(Some(Doubles { together, own, named }))
    }

    /// All findings of the enterprise. All people are counted for that, but only once, however many of them are
    /// printed.
    fn sides_of_everybody(&self) -> Result<Option<&Findings<'w>>> {
        let (ledger, at, everybody) = (self.ledger, self.moment.at, self.everybody);
        let whole = made_once(&everybody.moment, || ledger.moment(at, self.only))?;
        let same = whole.enterprises.iter().find(|it| it.name == self.enterprise.name);
        let (Some(whole), Some(all)) = (same, everybody.findings.get(self.index)) else {
            return Ok(None);
        };
        let all = made_once(all, || ledger.findings(at, whole))?;
        Ok(Some(self.all_sides.get_or_init(|| Findings::new(whole, all))))
    }

    fn attached(&self, row: RowIx) -> Vec<AccountIx> {
        let attached = self.enterprise.matching.attached.enumerated();
        attached.filter(|(_, its)| **its == Some(row)).map(|(number, _)| number).collect()
    }

    fn decision(&self, subject: &Subject, told: &[AccountTold]) -> (&'static str, String) {
        let first = told.first().map(|it| it.why.clone()).unwrap_or_default();
        match subject {
            Subject::Cloud(_) => match told.len() {
                0 | 1 => ("cloud_only", first),
                2 => (
                    "cloud_and_server",
                    format!("one license: {first}, and a Server account is part of it"),
                ),
                many => (
                    "cloud_and_server",
                    format!(
                        "one license: {first}, and {} Server accounts are part of it",
                        many - 1
                    ),
                ),
            },
            Subject::Group(_) => (
                "server_only",
                match told.len() {
                    0 | 1 => "no Cloud account has its address as NameID or verified address, and \
                              no report lists it as merged: a license of its own"
                        .to_owned(),
                    many => format!(
                        "{many} Server accounts share an address that no Cloud account has as \
                         NameID or verified: one license of their own"
                    ),
                },
            ),
            Subject::Row(_) | Subject::NotCounted(_) => ("none", first),
        }
    }

    /// The index of the finding with the highest confidence about a seat. Among findings of equal confidence,
    /// one about the seat itself comes before one that names the seat as a candidate.
    fn finding(&self, row: Option<RowIx>, group: Option<GroupIx>) -> Option<usize> {
        let on = |account: AccountIx| group.is_some() && self.places.group_of(account) == group;
        let nearness = |it: &Finding| match row {
            _ if group.is_some() && it.group == group => Some(0),
            Some(row) if [it.own, it.invitation, it.second].contains(&Some(row)) => Some(1),
            _ if it.others.iter().any(|other| on(*other)) => Some(2),
            Some(row) if it.candidates.contains(&row) => Some(3),
            _ => None,
        };
        let all = self.findings.iter().enumerate();
        let named = all.filter_map(|(index, it)| Some((it.confidence, nearness(it)?, index)));
        named.min().map(|(_, _, index)| index)
    }

    fn near_misses(&self, group: GroupIx) -> Result<Vec<duplicates::Proof>> {
        let Enterprise { population, matching, .. } = self.enterprise;
        let evidence = people::near_misses(population, matching, self.linked, self.texts, group)?;
        duplicates::proofs(self.ledger, self.enterprise, &evidence)
    }

    /// What the Cloud report in force states about the person, in a sentence; `None` if there is no report.
    fn github_says(&self, subject: &Subject, accounts: &[AccountIx]) -> Result<Option<String>> {
        let Some(cloud) = self.enterprise.cloud else { return Ok(None) };
        let at = cloud.taken_at;
        let population = &self.enterprise.population;
        let said = match subject {
            Subject::Cloud(row) | Subject::Row(row) => {
                let it = &population.cloud[*row];
                let stored = self.ledger.record(it.state)?;
                let record = stored.read()?;
                let text = |name: &str| record.get(name).and_then(|value| value.text());
                let mut said = vec![match it.row {
                    RowKind::Cloud => "a Cloud account".to_owned(),
                    RowKind::ServerOnly => "a Server person without a Cloud account".to_owned(),
                    RowKind::VisualStudioOnly => "a Visual Studio subscriber only".to_owned(),
                    _ => "an invitation by e-mail".to_owned(),
                }];
                said.extend(text("license_type").map(|it| format!("license type {it}")));
                let listed: Vec<String> = population
                    .listed(it)
                    .map(|listed| {
                        let host = listed.instance.map(|it| &*population.instances[it].host);
                        host.map_or(listed.member.to_string(), |host| {
                            format!("{host}:{}", listed.member)
                        })
                    })
                    .collect();
                said.push(match listed.as_slice() {
                    [] if absent::lacks(self.ledger, cloud, absent::MERGED)? => {
                        "which Server accounts are merged is not stated".to_owned()
                    }
                    [] => "no Server account merged".to_owned(),
                    listed => format!("merged Server accounts {}", listed.join(", ")),
                });
                said.extend(text("total_user_accounts").map(|it| match it {
                    "1" => "1 account in all".to_owned(),
                    many => format!("{many} accounts in all"),
                }));
                said.join(", ")
            }
            Subject::Group(_) => {
                let listed = accounts.iter().any(|it| self.enterprise.matching.listed[*it]);
                match listed {
                    true => "a report lists these accounts without a Cloud account".to_owned(),
                    false if absent::lacks(self.ledger, cloud, absent::MERGED)? => {
                        "which Server accounts GitHub knows is not stated".to_owned()
                    }
                    false => "no report has listed any of these accounts yet".to_owned(),
                }
            }
            Subject::NotCounted(_) => return Ok(None),
        };
        Ok(Some(format!("{said} (report of {at})")))
    }

    fn history(
        &self,
        subject: &Subject,
        row: Option<RowIx>,
        accounts: &[AccountIx],
    ) -> Result<Vec<Line>> {
        let population = &self.enterprise.population;
        let mut known: BTreeSet<AccountRef> = BTreeSet::new();
        let of_row = |row: RowIx| {
            let identity = population.identity(row).to_owned();
            self.enterprise.cloud.map(|cloud| AccountRef { source_id: cloud.source_id, identity })
        };
        known.extend(row.and_then(of_row));
        let sources = OnceCell::new();
        let own = |index: ServerIx| {
            let account = &population.server[index];
            let host = &*population.instances[account.instance].host;
            let identity = Account::identity_of_member(&account.member);
            let sources = sources.get_or_init(|| self.sources_of_hosts());
            let its = sources.get(host).cloned().unwrap_or_default().into_iter();
            its.map(move |source_id| AccountRef { source_id, identity: identity.clone() })
        };
        for number in accounts {
            match self.enterprise.matching.accounts[*number].origin {
                AccountOrigin::Own(index) => known.extend(own(index)),
                AccountOrigin::Cloud(row) => known.extend(of_row(row)),
            }
        }
        if let Subject::NotCounted(index) = subject {
            known.extend(own(*index));
        }
        history::lines(self.ledger, self.moment.at, &known)
    }
}

impl Assembler<'_, '_> {
    /// The ids of the sources of each instance, by the host name that the instance has at the as-of instant. An
    /// instance that was renamed has several sources.
    fn sources_of_hosts(&self) -> HashMap<String, Vec<i64>> {
        let mut sources: HashMap<String, Vec<i64>> = HashMap::new();
        for it in self.ledger.instances() {
            let host = self.ledger.host(&it.source.name, self.moment.at);
            sources.entry(host.to_owned()).or_default().push(it.id);
        }
        sources
    }
}

/// The value in a cell. If the cell is empty, `make` computes the value first.
fn made_once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}

/// An account that is in no snapshot in force, with the last state that it had. `None` if the account first
/// appeared after the as-of instant.
fn gone(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    known: &AccountRef,
) -> Result<Option<PersonShown>> {
    let lines = history::lines(ledger, moment.at, &BTreeSet::from([known.clone()]))?;
    let Some(last) = lines.last() else { return Ok(None) };
    let source = ledger.sources.iter().find(|it| it.id == known.source_id);
    let Some(source) = source.map(|known| &known.source) else { return Ok(None) };
    let history = ledger.store.history(known)?;
    // Snapshots that were taken after the as-of instant do not count, so states that began with them do not
    // count either.
    let before =
        |snapshot: &&SnapshotFacts| snapshot.source == *source && snapshot.taken_at <= moment.at;
    let snapshots: Vec<&SnapshotFacts> = ledger.valid().filter(before).collect();
    let held = |it: &&StateSpan| snapshots.iter().any(|snapshot| it.in_snapshot(snapshot));
    let Some(state) = history.iter().rev().find(held).map(|it| it.state) else { return Ok(None) };
    let stored = ledger.record(state)?;
    let record = stored.read()?;
    let account = crate::model::account_of(source.kind, &record);
    let emails = account.addresses.iter().filter(|it| it.kind != AddressKind::Server);
    let told = AccountTold {
        kind: if source.kind == SourceKind::Cloud { "cloud" } else { "server" },
        source: source.name.clone(),
        login: Some(account.login.to_string()).filter(|login| !login.is_empty()),
        id: Account::id_of_identity(&known.identity).map(str::to_owned),
        name: account.name.as_ref().map(ToString::to_string).filter(|name| !name.is_empty()),
        emails: emails
            .map(|it| super::told::Email { email: it.text.trim().to_owned(), kind: it.kind.name() })
            .collect(),
        counted: false,
        why: format!("in no snapshot in force: {} since {}", last.change, last.from),
        matched: None,
    };
    Ok(Some(PersonShown {
        seat: "none",
        takes_license: false,
        reason: told.why.clone(),
        github_says: None,
        accounts: vec![told],
        near_misses: Vec::new(),
        duplicate: None,
        duplicates: Vec::new(),
        together: None,
        history: lines,
        entries: Vec::new(),
        earlier_entries: Vec::new(),
    }))
}

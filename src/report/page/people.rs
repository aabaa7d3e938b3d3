//! The people of a page: every seat, with what a table of people shows and searches. It assumes that the answers
//! that it is given were made of the same ledger for the same instant.

use std::collections::{HashMap, HashSet};

use super::asked::PeopleShown;
use super::pseudonyms::Pseudonyms;
use crate::email;
use crate::error::Result;
use crate::ledger::{Enterprise, Ledger, Moment, stored_record};
use crate::model::{AccountIx, RowIx, SourceKind, StateId, account_of};
use crate::people::{self, MatchRule, SeatOf};
use crate::report::concerned::Concerned;
use crate::report::duplicates::Duplicates;
use crate::report::reclaim::Reclaim;
use crate::report::seat_tables::{MANY, kind_of, seat_id};
use crate::report::seats::organizations_in;
use crate::table::{AccountLine, Distinct, PeopleList, PersonLine};

/// The reasons of `reclaim` for which a seat is idle.
pub(super) const IDLE: [&str; 2] = ["dormant", "never-signed-in"];

/// What the answers say of a seat.
#[derive(Default)]
struct Told {
    words: Vec<&'static str>,
    findings: Vec<u32>,
}

/// What the answers say of the seats of an enterprise, by Cloud row and by Server account.
#[derive(Default)]
struct ToldOf {
    rows: HashMap<RowIx, Told>,
    accounts: HashMap<AccountIx, Told>,
}

impl ToldOf {
    fn add(&mut self, about: &Concerned, words: &[&'static str], finding: Option<u32>) {
        let rows = about.rows.iter().map(|row| (Some(*row), None));
        let accounts = about.accounts.iter().map(|account| (None, Some(*account)));
        for (row, account) in rows.chain(accounts) {
            let told = match (row, account) {
                (Some(row), _) => self.rows.entry(row).or_default(),
                (_, Some(account)) => self.accounts.entry(account).or_default(),
                (None, None) => continue,
            };
            told.words.extend(words);
            told.findings.extend(finding);
        }
    }

    /// What is said of a seat, each word and each finding once.
    fn of(&self, seat: &SeatOf) -> Told {
        let row = seat.row.and_then(|row| self.rows.get(&row));
        let accounts = seat.accounts.iter().filter_map(|account| self.accounts.get(account));
        let mut told = Told::default();
        for it in row.into_iter().chain(accounts) {
            told.words.extend(&it.words);
            told.findings.extend(&it.findings);
        }
        let mut seen = HashSet::new();
        told.words.retain(|word| seen.insert(*word));
        told.findings.sort_unstable();
        told.findings.dedup();
        told
    }
}

/// What the record of an account states.
#[derive(Default, Clone)]
struct Stated {
    login: Option<String>,
    name: Option<String>,
    addresses: Vec<String>,
    organizations: Option<Vec<String>>,
}

/// The lists that repeat from person to person.
#[derive(Default)]
struct Lists {
    enterprises: Distinct<String>,
    /// Organizations by their names in lower case.
    organizations: Distinct<String>,
    /// Of the spellings of an organization, the one that comes first by bytes.
    spelled: HashMap<String, String>,
    hosts: Distinct<String>,
    words: Distinct<&'static str>,
    organization_lists: Distinct<Option<Vec<u32>>>,
    host_lists: Distinct<Vec<u32>>,
    word_lists: Distinct<Vec<u32>>,
}

/// Lists the people at an instant, by login.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn list(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    shown: PeopleShown,
    names: Option<&Pseudonyms>,
    duplicates: &Duplicates,
    reclaim: &Reclaim,
) -> Result<PeopleList> {
    if shown == PeopleShown::None {
        return Ok(PeopleList::default());
    }
    let mut told: HashMap<String, ToldOf> = HashMap::new();
    for (index, finding) in duplicates.outlines().enumerate() {
        let mut words = vec![finding.confidence];
        words.extend(finding.codes.first());
        words.push(finding.actor);
        let of = told.entry(finding.about.enterprise.clone()).or_default();
        of.add(finding.about, &words, Some(index as u32));
    }
    for (reason, about) in reclaim.reasons() {
        told.entry(about.enterprise.clone()).or_default().add(about, &[reason], None);
    }
    let mut lists = Lists::default();
    let mut people = Vec::new();
    let nothing = ToldOf::default();
    for enterprise in &moment.enterprises {
        let told = told.get(&Concerned::key_of(enterprise)).unwrap_or(&nothing);
        let mut seats = people::seats(&enterprise.population, &enterprise.matching);
        if shown == PeopleShown::Findings {
            let is_wanted = |it: &Told| {
                !it.findings.is_empty() || it.words.iter().any(|word| IDLE.contains(word))
            };
            seats.retain(|seat| is_wanted(&told.of(seat)));
        }
        for some in seats.chunks(MANY) {
            let stated = stated(ledger, enterprise, some)?;
            people.extend(some.iter().map(|seat| {
                let person = person(enterprise, seat, &stated, told.of(seat), &mut lists);
                match names {
                    Some(names) => hidden(person, names.of_seat(enterprise, seat)),
                    None => person,
                }
            }));
        }
    }
    people.sort_by_cached_key(|it: &PersonLine| {
        (it.login.is_none(), it.login.as_deref().map(email::login_key), it.seat.clone())
    });
    Ok(lists.into_list(people))
}

/// A person under a pseudonym, without everything that names them.
fn hidden(person: PersonLine, pseudonym: Option<&str>) -> PersonLine {
    let accounts = person.accounts.into_iter();
    PersonLine {
        seat: pseudonym.unwrap_or_default().to_owned(),
        login: pseudonym.map(str::to_owned),
        name: None,
        addresses: Vec::new(),
        accounts: accounts.map(|it| AccountLine { login: None, id: None, ..it }).collect(),
        ..person
    }
}

/// Reads the records of the accounts of some seats.
fn stated(
    ledger: &Ledger<'_>,
    enterprise: &Enterprise<'_>,
    seats: &[SeatOf],
) -> Result<HashMap<StateId, Stated>> {
    let mut kinds: HashMap<StateId, SourceKind> = HashMap::new();
    for seat in seats {
        let row = seat.row.map(|row| enterprise.population.cloud[row].state);
        kinds.extend(row.map(|state| (state, SourceKind::Cloud)));
        for account in &seat.accounts {
            kinds.insert(enterprise.state_of(*account), enterprise.kind_of(*account));
        }
    }
    let states: Vec<StateId> = kinds.keys().copied().collect();
    let mut stated = HashMap::with_capacity(states.len());
    ledger.store.records_of(&states, &mut |state, fields, content| {
        let record = stored_record(fields, content)?;
        let kind = kinds.get(&state).copied().unwrap_or(SourceKind::Cloud);
        let account = account_of(kind, &record);
        let addresses = account.addresses.iter().map(|it| it.text.trim().to_owned());
        stated.insert(
            state,
            Stated {
                login: Some(account.login.to_string()).filter(|it| !it.is_empty()),
                name: account.name.as_ref().map(|it| it.trim().to_owned()),
                addresses: addresses.filter(|it| !it.is_empty()).collect(),
                organizations: match kind {
                    SourceKind::Cloud => organizations_in(&record),
                    _ => None,
                },
            },
        );
        Ok(())
    })?;
    Ok(stated)
}

fn person(
    enterprise: &Enterprise<'_>,
    seat: &SeatOf,
    stated: &HashMap<StateId, Stated>,
    told: Told,
    lists: &mut Lists,
) -> PersonLine {
    let own = seat.row.and_then(|row| stated.get(&enterprise.population.cloud[row].state));
    let is_own = |account: AccountIx| enterprise.kind_of(account) != SourceKind::Cloud;
    let of = |account: AccountIx| stated.get(&enterprise.state_of(account));
    let mut addresses: Vec<String> = Vec::new();
    let mut keys = HashSet::new();
    let all = own.into_iter().chain(seat.accounts.iter().filter_map(|it| of(*it)));
    for address in all.flat_map(|it| &it.addresses) {
        if keys.insert(email::key(address)) {
            addresses.push(address.clone());
        }
    }
    let accounts: Vec<AccountLine> = seat
        .accounts
        .iter()
        .map(|account| AccountLine {
            host: lists.hosts.position(enterprise.host_of(*account).to_owned()) as u32,
            // The record of a Cloud row names the Cloud account, not the Server accounts that it lists.
            login: of(*account).filter(|_| is_own(*account)).and_then(|it| it.login.clone()),
            id: Some(enterprise.matching.accounts[*account].member.to_string())
                .filter(|id| !id.is_empty()),
            rule: enterprise.matching.rule[*account].map(MatchRule::name),
        })
        .collect();
    let first = seat.accounts.first().filter(|it| seat.row.is_none() && is_own(**it));
    let shown = own.or_else(|| first.and_then(|it| of(*it)));
    let login = shown.and_then(|it| it.login.clone());
    let mut hosts: Vec<u32> = accounts.iter().map(|it| it.host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    let name = enterprise.name.clone();
    PersonLine {
        seat: seat_id(enterprise, seat, login.as_deref()),
        kind: kind_of(seat),
        enterprise: name.map(|name| lists.enterprises.position(name) as u32),
        name: shown.and_then(|it| it.name.clone()).filter(|name| !name.is_empty()),
        login,
        addresses,
        organizations: lists.organizations(own.and_then(|it| it.organizations.as_ref())),
        hosts: lists.host_lists.position(hosts),
        words: lists.words(&told.words),
        accounts,
        findings: told.findings,
    }
}

impl Lists {
    fn organizations(&mut self, names: Option<&Vec<String>>) -> usize {
        let list = names.map(|names| {
            let mut list: Vec<u32> = Vec::new();
            for name in names {
                let key = name.to_lowercase();
                let spelling = self.spelled.entry(key.clone()).or_insert_with(|| name.clone());
                if *name < *spelling {
                    spelling.clone_from(name);
                }
                list.push(self.organizations.position(key) as u32);
            }
            list.sort_unstable();
            list
        });
        self.organization_lists.position(list)
    }

    fn words(&mut self, words: &[&'static str]) -> usize {
        let list = words.iter().map(|word| self.words.position(word) as u32).collect();
        self.word_lists.position(list)
    }

    /// The list of the people, in which organizations and instances have their alphabetical order.
    fn into_list(self, people: Vec<PersonLine>) -> PeopleList {
        let (organizations, of_organization) = in_order(self.organizations.into_values());
        let (hosts, of_host) = in_order(self.hosts.into_values());
        let moved = |list: Vec<u32>, to: &[u32]| {
            let mut list: Vec<u32> =
                list.into_iter().filter_map(|it| to.get(it as usize).copied()).collect();
            list.sort_unstable();
            list
        };
        let people = people.into_iter().map(|mut person| {
            for account in &mut person.accounts {
                account.host = of_host.get(account.host as usize).copied().unwrap_or_default();
            }
            person
        });
        let organizations = organizations.into_iter();
        PeopleList {
            people: people.collect(),
            organizations: organizations
                .map(|key| self.spelled.get(&key).cloned().unwrap_or(key))
                .collect(),
            hosts,
            enterprises: self.enterprises.into_values(),
            words: self.words.into_values().into_iter().map(str::to_owned).collect(),
            organization_lists: self
                .organization_lists
                .into_values()
                .into_iter()
                .map(|list| list.map(|list| moved(list, &of_organization)))
                .collect(),
            host_lists: self
                .host_lists
                .into_values()
                .into_iter()
                .map(|list| moved(list, &of_host))
                .collect(),
            word_lists: self.word_lists.into_values(),
        }
    }
}

/// Texts in alphabetical order, and for each position before the position after.
fn in_order(texts: Vec<String>) -> (Vec<String>, Vec<u32>) {
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by(|a, b| texts[*a].cmp(&texts[*b]));
    let mut after = vec![0; texts.len()];
    for (place, before) in order.iter().enumerate() {
        after[*before] = place as u32;
    }
    let sorted = order.into_iter().map(|at| texts[at].clone()).collect();
    (sorted, after)
}

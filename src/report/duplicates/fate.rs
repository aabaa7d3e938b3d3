//! What became of the accounts of findings that ended, and whether the end of a finding freed a license.

use foldhash::{HashMap, HashSet};

use super::since::Mark;
use crate::ledger::{Enterprise, Moment};
use crate::model::{AccountIx, Member};
use crate::people::{Group, MatchRule};

/// A Server account by its host and its identity on that host.
type AccountAt = (String, Member);

/// How a finding ended, in words, and whether that freed a license.
pub(super) type Fate = (&'static str, bool);

/// The accounts of findings that have ended, as these accounts are at the as-of instant.
pub(super) struct Fates<'m, 'l> {
    moment: &'m Moment<'l>,
    /// Each account, with the position of its enterprise in the moment and its position in that enterprise.
    accounts: HashMap<AccountAt, (usize, AccountIx)>,
    /// The group of each account in `accounts`.
    groups: HashMap<(usize, AccountIx), &'m Group>,
}

impl<'m, 'l> Fates<'m, 'l> {
    /// Looks up the accounts of the findings that `marks` identify.
    pub fn new(moment: &'m Moment<'l>, marks: &[&Mark]) -> Fates<'m, 'l> {
        let wanted: HashSet<&AccountAt> = marks.iter().flat_map(|mark| mark.accounts()).collect();
        let (mut accounts, mut groups) = (HashMap::default(), HashMap::default());
        for (index, enterprise) in moment.enterprises.iter().enumerate() {
            for group in &enterprise.matching.groups {
                for number in &group.accounts {
                    let account = account(enterprise, *number);
                    if wanted.contains(&account) {
                        accounts.entry(account).or_insert((index, *number));
                        groups.insert((index, *number), group);
                    }
                }
            }
        }
        Fates { moment, accounts, groups }
    }

    /// How a finding ended. The first of its accounts that still exists decides.
    pub fn of(&self, mark: &Mark) -> Fate {
        let places = mark.accounts().iter().filter_map(|account| self.accounts.get(account));
        match places.min() {
            Some(&(enterprise, number)) => self.of_account(mark, enterprise, number),
            None if mark.accounts().is_empty() => self.of_cloud(mark),
            None => ("the Server account takes no license any more", true),
        }
    }

    /// How a finding ended that was about Cloud seats and no Server account.
    fn of_cloud(&self, mark: &Mark) -> Fate {
        let takes_seat = |(enterprise, identity): &(Option<String>, String)| {
            let mut enterprises = self.moment.enterprises.iter();
            let population = enterprises.find(|it| it.name == *enterprise).map(|it| &it.population);
            population.is_some_and(|population| {
                let row = population.row_of(identity);
                row.is_some_and(|row| population.takes_seat(&population.cloud[row]))
            })
        };
        match (mark.on_cloud().is_some_and(takes_seat), mark.rows().iter().any(takes_seat)) {
            (true, true) => {
                ("no evidence connects the two seats any more; both still take a license", false)
            }
            _ if mark.is_of_invitation() => ("the invitation is gone", true),
            _ => ("one of the two Cloud accounts takes no license any more", true),
        }
    }

    fn of_account(&self, mark: &Mark, index: usize, number: AccountIx) -> Fate {
        let enterprise = &self.moment.enterprises[index];
        let is_other = |number: &AccountIx| mark.others().contains(&account(enterprise, *number));
        let group = self.groups.get(&(index, number));
        match enterprise.matching.rule[number] {
            Some(MatchRule::SamlNameId) => ("matched by the SAML NameID", true),
            Some(MatchRule::VerifiedEmail) => ("matched by a verified address", true),
            Some(MatchRule::Reported) => ("GitHub has merged the Server account", true),
            Some(MatchRule::Manual) => (
                "a link declares that GitHub has merged the Server \
                                         account",
                true,
            ),
            None if group.is_some_and(|group| group.accounts.iter().any(is_other)) => {
                ("both Server accounts have one address now", true)
            }
            None => (
                "no evidence ties the Server account to another seat any more; it still takes a license",
                false,
            ),
        }
    }
}

fn account(enterprise: &Enterprise<'_>, number: AccountIx) -> AccountAt {
    let member = enterprise.matching.accounts[number].member.clone();
    (enterprise.host_of(number).to_owned(), member)
}

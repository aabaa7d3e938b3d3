//! What has become of those whom findings were about that are there no more, and whether that has
//! freed a license.

use foldhash::{HashMap, HashSet};

use super::since::Mark;
use crate::ledger::{Enterprise, Moment};
use crate::model::Member;
use crate::people::{Group, MatchRule};

/// An account by host and id.
type AccountAt = (String, Member);

/// What is told of an end, and whether it freed a license.
pub(super) type Fate = (&'static str, bool);

/// The accounts of findings that are gone, at the instant at which they are.
pub(super) struct Fates<'m, 'l> {
    moment: &'m Moment<'l>,
    /// Enterprise and number of each account.
    accounts: HashMap<AccountAt, (usize, u32)>,
    /// The group of each account, by enterprise and number.
    groups: HashMap<(usize, u32), &'m Group>,
}

impl<'m, 'l> Fates<'m, 'l> {
    /// Finds the accounts that these findings were about.
    pub fn new(moment: &'m Moment<'l>, marks: &[&Mark]) -> Fates<'m, 'l> {
        let wanted: HashSet<&AccountAt> = marks.iter().flat_map(|mark| mark.accounts()).collect();
        let (mut accounts, mut groups) = (HashMap::default(), HashMap::default());
        for (place, enterprise) in moment.enterprises.iter().enumerate() {
            for group in &enterprise.matching.groups {
                for number in &group.accounts {
                    let account = account(enterprise, *number);
                    if wanted.contains(&account) {
                        accounts.entry(account).or_insert((place, *number));
                        groups.insert((place, *number), group);
                    }
                }
            }
        }
        Fates { moment, accounts, groups }
    }

    /// What has become of those whom a finding was about: of the first account that is still there.
    pub fn of(&self, mark: &Mark) -> Fate {
        let places = mark.accounts().iter().filter_map(|account| self.accounts.get(account));
        match places.min() {
            Some(&(enterprise, number)) => self.of_account(mark, enterprise, number),
            None if mark.accounts().is_empty() => ("the invitation is gone", true),
            None => ("the Server account takes no license any more", true),
        }
    }

    fn of_account(&self, mark: &Mark, place: usize, number: u32) -> Fate {
        let enterprise = &self.moment.enterprises[place];
        let is_other = |number: &u32| mark.others().contains(&account(enterprise, *number));
        let group = self.groups.get(&(place, number));
        match enterprise.matching.rule[number as usize] {
            Some(MatchRule::SamlNameId) => ("matched by the SAML NameID", true),
            Some(MatchRule::VerifiedEmail) => ("matched by a verified address", true),
            Some(MatchRule::Reported) => ("GitHub has merged it", true),
            Some(MatchRule::Manual) => ("a link says that GitHub has merged it", true),
            None if group.is_some_and(|group| group.accounts.iter().any(is_other)) => {
                ("both Server accounts have one address now", true)
            }
            None => ("no longer alike, or the other seat is gone; it still takes a license", false),
        }
    }
}

fn account(enterprise: &Enterprise<'_>, number: u32) -> AccountAt {
    let member = enterprise.matching.accounts[number as usize].member.clone();
    (enterprise.host_of(number).to_owned(), member)
}

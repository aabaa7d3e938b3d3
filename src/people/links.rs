//! The effects of declared links on accounts that take part in counting (counting.md section 8): who is matched,
//! and who is one person or two.

use foldhash::{HashMap, HashSet};

use super::participant::Participant;
use crate::model::{AccountIx, Indexed, InstanceIx, LinkEnd, LinkSays, Member, Population, RowIx};

/// The declared links, arranged by the accounts and Cloud rows that they name.
#[derive(Debug, Clone, Default)]
pub struct LinkEffects {
    /// For each account, the Cloud rows with which GitHub is declared to have matched it.
    matched: HashMap<AccountIx, Vec<RowIx>>,
    /// Pairs of an account and a Cloud row that GitHub is declared not to match.
    not_matched: HashSet<(AccountIx, RowIx)>,
    /// Pairs of an account and a Cloud row that are declared to be one person.
    one_person: Vec<(AccountIx, RowIx)>,
    /// Pairs of Server accounts that are declared to be one person, the smaller index first.
    one_server_person: Vec<(AccountIx, AccountIx)>,
    /// Pairs of an account and a Cloud row that are declared to be two people.
    apart: HashSet<(AccountIx, RowIx)>,
    /// Pairs of Server accounts that are declared to be two people, in both orders.
    accounts_apart: HashSet<(AccountIx, AccountIx)>,
    /// Pairs of Cloud rows that are declared to be two people, in both orders. One row of each pair is an
    /// invitation.
    rows_apart: HashSet<(RowIx, RowIx)>,
    /// The accounts of which a declaration says that they and some other account belong to two people.
    set_apart: HashSet<AccountIx>,
}

impl LinkEffects {
    /// Arranges the links of a population. A link of an account that takes no part in counting is left out.
    pub(super) fn new(
        population: &Population,
        accounts: &Indexed<AccountIx, Participant>,
    ) -> LinkEffects {
        let mut links = LinkEffects::default();
        if population.links.is_empty() {
            return links;
        }
        let named: HashMap<(Option<InstanceIx>, &Member), AccountIx> = accounts
            .enumerated()
            .map(|(index, account)| ((account.instance, &account.member), index))
            .collect();
        let account =
            |instance: Option<InstanceIx>, member: &Member| named.get(&(instance, member)).copied();
        for link in &population.links {
            match &link.ends {
                [LinkEnd::Cloud(row), LinkEnd::Server { instance, member }]
                | [LinkEnd::Server { instance, member }, LinkEnd::Cloud(row)] => {
                    if let Some(account) = account(*instance, member) {
                        links.with_cloud(link.says, account, *row);
                    }
                }
                [
                    LinkEnd::Server { instance, member },
                    LinkEnd::Server { instance: its, member: other },
                ] => {
                    let pair = (account(*instance, member), account(*its, other));
                    if let (Some(one), Some(other)) = pair {
                        links.between_servers(link.says, one, other);
                    }
                }
                [LinkEnd::Cloud(one), LinkEnd::Cloud(other)] => {
                    if matches!(link.says, LinkSays::Apart | LinkSays::NotMatched) {
                        links.rows_apart.extend([(*one, *other), (*other, *one)]);
                    }
                }
            }
        }
        links
    }

    fn with_cloud(&mut self, says: LinkSays, account: AccountIx, row: RowIx) {
        match says {
            LinkSays::Matched => self.matched.entry(account).or_default().push(row),
            LinkSays::OnePerson => self.one_person.push((account, row)),
            LinkSays::Apart | LinkSays::NotMatched => {
                self.apart.insert((account, row));
                self.set_apart.insert(account);
                if says == LinkSays::NotMatched {
                    self.not_matched.insert((account, row));
                }
            }
            LinkSays::Nothing => {}
        }
    }

    fn between_servers(&mut self, says: LinkSays, one: AccountIx, other: AccountIx) {
        match says {
            LinkSays::Matched | LinkSays::OnePerson => {
                self.one_server_person.push((one.min(other), one.max(other)));
            }
            LinkSays::Apart | LinkSays::NotMatched => {
                self.accounts_apart.extend([(one, other), (other, one)]);
                self.set_apart.extend([one, other]);
            }
            LinkSays::Nothing => {}
        }
    }

    pub(super) fn matched(&self, account: AccountIx) -> &[RowIx] {
        self.matched.get(&account).map_or(&[], Vec::as_slice)
    }

    /// Does a declaration say that GitHub does not match this account with this Cloud row?
    pub(super) fn are_not_matched(&self, account: AccountIx, row: RowIx) -> bool {
        !self.not_matched.is_empty() && self.not_matched.contains(&(account, row))
    }

    pub(super) fn one_person(&self) -> &[(AccountIx, RowIx)] {
        &self.one_person
    }

    pub(super) fn one_server_person(&self) -> &[(AccountIx, AccountIx)] {
        &self.one_server_person
    }

    /// Does a declaration say that an account and a Cloud row belong to two people?
    pub(super) fn are_apart(&self, account: AccountIx, row: RowIx) -> bool {
        !self.apart.is_empty() && self.apart.contains(&(account, row))
    }

    /// Does a declaration say that two Server accounts belong to two people?
    pub(super) fn accounts_are_apart(&self, one: AccountIx, other: AccountIx) -> bool {
        !self.accounts_apart.is_empty() && self.accounts_apart.contains(&(one, other))
    }

    /// Does a declaration say that an invitation and a Cloud account belong to two people?
    pub(super) fn rows_are_apart(&self, one: RowIx, other: RowIx) -> bool {
        !self.rows_apart.is_empty() && self.rows_apart.contains(&(one, other))
    }

    /// Does a declaration say that this account and some other account belong to two people?
    pub(super) fn is_set_apart(&self, account: AccountIx) -> bool {
        !self.set_apart.is_empty() && self.set_apart.contains(&account)
    }

    /// The number of pairs of an account and a Cloud row that are declared to be two people.
    pub(super) fn pairs_apart(&self) -> usize {
        self.apart.len()
    }
}

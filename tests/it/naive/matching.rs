//! The Server accounts of one person, and their Cloud account (counting.md section 4). It may assume accounts
//! as `server` returns them. It must not count, and knows nothing about evidence.

use super::cloud::Row;
use super::directory;
use super::follow::Accounts;
use super::force::{Party, Question};
use super::links::Says;
use super::server::{Account, AccountId};
use std::collections::BTreeSet;

/// The rules in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    Manual,
    SamlNameId,
    VerifiedEmail,
    Reported,
}

/// The Cloud seat to which a Server account is attached (its index into the party's rows), and the rule.
#[derive(Clone, Copy, Debug)]
pub struct Attachment {
    pub rule: Rule,
    pub row: usize,
}

/// Server accounts that count as one: their indexes into the list of accounts, and for a matched group the
/// attachments beside them.
pub struct Group {
    pub members: Vec<usize>,
    pub attachments: Option<Vec<Attachment>>,
}

/// The data needed to match the accounts of one party.
pub struct Matching<'a> {
    pub question: &'a Question<'a>,
    pub party: &'a Party,
    pub accounts: &'a [Account],
    /// For each row, the accounts that it lists.
    pub listed: &'a [BTreeSet<AccountId>],
    /// For each row, whether it is a Cloud account that takes a seat.
    pub seats: &'a [bool],
    /// The enterprise's Cloud accounts through their renames.
    pub followed: Option<&'a Accounts>,
    /// The entries of each employee directory in force.
    pub directories: &'a [Vec<directory::Entry>],
}

impl Matching<'_> {
    /// Section 4, "Groups": the accounts that take part, grouped and attached.
    pub fn groups(&self, warnings: &mut BTreeSet<&'static str>) -> Vec<Group> {
        let groups = self.grouped();
        groups.into_iter().map(|members| self.attach_group(members, warnings)).collect()
    }

    /// Section 4, "Groups": accounts with the same e, and accounts known only through the same Cloud row, are
    /// one group. An account with neither is a group of its own.
    fn grouped(&self) -> Vec<Vec<usize>> {
        let taking_part = (0..self.accounts.len()).filter(|place| self.accounts[*place].takes_part);
        let mut groups: Vec<Vec<usize>> = taking_part.map(|place| vec![place]).collect();
        while let Some((one, other)) = self.joinable(&groups) {
            let joined = groups.remove(other);
            groups[one].extend(joined);
        }
        for group in &mut groups {
            group.sort_by_key(|place| self.accounts[*place].id.clone());
            self.note_group(group);
        }
        groups.sort_by_key(|group| self.accounts[group[0]].id.clone());
        groups
    }

    /// Two groups that are one, in their order.
    fn joinable(&self, groups: &[Vec<usize>]) -> Option<(usize, usize)> {
        for one in 0..groups.len() {
            for other in one + 1..groups.len() {
                let pairs =
                    groups[one].iter().flat_map(|a| groups[other].iter().map(move |b| (*a, *b)));
                if pairs.into_iter().any(|(a, b)| self.same_e(a, b) || self.same_row(a, b)) {
                    return Some((one, other));
                }
            }
        }
        None
    }

    fn same_e(&self, a: usize, b: usize) -> bool {
        !self.accounts[a].e.is_disjoint(&self.accounts[b].e)
    }

    fn same_row(&self, a: usize, b: usize) -> bool {
        let known_through = &self.accounts[a].known_through;
        !known_through.is_disjoint(&self.accounts[b].known_through)
    }

    /// Section 4, "If any account of a group is matched, the whole group is", and "Attachment".
    fn attach_group(&self, members: Vec<usize>, warnings: &mut BTreeSet<&'static str>) -> Group {
        let seen = self.question.seen;
        let own: Vec<Option<Attachment>> =
            members.iter().map(|place| self.attachment(&self.accounts[*place], warnings)).collect();
        // The members are in the order of host and id, so the first one at the best rule is the best-matched.
        let best = own.iter().flatten().min_by_key(|attachment| attachment.rule).copied();
        let attachments: Option<Vec<Attachment>> =
            best.map(|best| own.iter().map(|attachment| attachment.unwrap_or(best)).collect());
        if let (Some(best), Some(attachments)) = (best, &attachments) {
            if own.iter().any(Option::is_none) {
                seen.saw("group: carries a member that matches no rule");
                let equals = own.iter().flatten().filter(|other| other.rule == best.rule);
                if equals.into_iter().any(|other| other.row != best.row) {
                    seen.saw("tie: best-matched members attached to different seats");
                }
            }
            if attachments.iter().any(|attachment| attachment.row != best.row) {
                seen.saw("group: attached to several seats");
            }
        }
        Group { members, attachments }
    }

    /// Section 4: the first of the rules that has a candidate.
    fn attachment(
        &self,
        account: &Account,
        warnings: &mut BTreeSet<&'static str>,
    ) -> Option<Attachment> {
        let rules = [Rule::Manual, Rule::SamlNameId, Rule::VerifiedEmail, Rule::Reported];
        let (rule, candidates) = rules
            .into_iter()
            .map(|rule| (rule, self.candidates(account, rule, warnings)))
            .find(|(_, candidates)| !candidates.is_empty())?;
        self.note_rule(account, rule);
        let row = self.choose(account, &candidates)?;
        if rule == Rule::Manual && candidates.len() > 1 {
            self.question.seen.saw("tie: several rows linked as matched");
        }
        if self.said_of(account, row) == Says::TwoPeople {
            self.question.seen.saw("rule: matches although denied as evidence");
        }
        Some(Attachment { rule, row })
    }

    /// The Cloud accounts that take a seat and meet the rule for this account.
    fn candidates(
        &self,
        account: &Account,
        rule: Rule,
        warnings: &mut BTreeSet<&'static str>,
    ) -> Vec<usize> {
        (0..self.party.rows.len())
            .filter(|place| self.seats[*place])
            .filter(|place| {
                let row = &self.party.rows[*place];
                let said = self.said_of(account, *place);
                if rule != Rule::Manual && said == Says::NotMatched {
                    self.note_not_matched(account, *place, rule);
                    return false;
                }
                match rule {
                    Rule::Manual => said == Says::Matched,
                    Rule::SamlNameId => row.name_id.iter().any(|key| account.e.contains(key)),
                    Rule::VerifiedEmail => !row.verified.is_disjoint(&account.e),
                    Rule::Reported => {
                        self.listed[*place].contains(&account.id)
                            && self.reported(account, row, warnings)
                    }
                }
            })
            .collect()
    }

    /// Section 4c, for a row that lists the account.
    fn reported(
        &self,
        account: &Account,
        row: &Row,
        warnings: &mut BTreeSet<&'static str>,
    ) -> bool {
        let seen = self.question.seen;
        if row.server_addresses.is_empty() {
            seen.saw("reported: the row's list is empty");
            return true;
        }
        // The row's list is searched for a repeated address as if it were e.
        let mut asked = account.e.clone();
        asked.extend(account.repeated.clone());
        if asked.is_empty() {
            seen.saw("not reported: no e, and the row's list is not empty");
            return false;
        }
        if !row.server_addresses.is_disjoint(&asked) {
            seen.saw(match account.repeated {
                Some(_) => "reported: the row's list contains the repeated address",
                None => "reported: the row's list contains e",
            });
            return true;
        }
        if account.taken_at.is_none() {
            seen.saw("not reported: known only through Cloud rows, and the list lacks its address");
            return false;
        }
        let last_sync = self.question.last_sync(self.party, &account.id.0);
        seen.saw(match last_sync {
            Some(_) => "last sync: by a sync status",
            None => "last sync: by the Cloud snapshot",
        });
        let taken_at = match last_sync {
            Some(_) if account.as_synced => last_sync,
            _ => account.taken_at,
        };
        let last_sync = last_sync.or(self.party.cloud_taken_at);
        if taken_at > last_sync {
            seen.saw("not reported: the address has changed since the last sync");
            return false;
        }
        seen.saw(match account.as_synced {
            true => "reported: an as-synced file is not newer",
            false if taken_at == last_sync => "reported: our file is as old as the last sync",
            false => "reported: our file is older than the last sync",
        });
        if account.repeated.is_some() {
            seen.saw("reported: our file is older, a repeated address");
        }
        warnings.insert("server-snapshot-older");
        true
    }

    /// Section 4, "Attachment": of several candidates of its rule, the one whose row lists the account, else
    /// the first by login.
    fn choose(&self, account: &Account, candidates: &[usize]) -> Option<usize> {
        let by_login = |place: &usize| self.party.rows[*place].login.to_lowercase();
        let lists = |place: &usize| self.listed[*place].contains(&account.id);
        let listing = candidates.iter().copied().filter(lists).min_by_key(by_login);
        let first = candidates.iter().copied().min_by_key(by_login);
        if candidates.len() > 1 {
            self.question.seen.saw(match listing {
                Some(_) if candidates.iter().all(lists) => {
                    "tie: several candidates whose rows list it, first by login"
                }
                Some(_) => "tie: several candidates, the one whose row lists it",
                None => "tie: several candidates, first by login",
            });
        }
        listing.or(first)
    }

    fn note_rule(&self, account: &Account, rule: Rule) {
        let seen = self.question.seen;
        let mut quiet = BTreeSet::new();
        seen.saw(match rule {
            Rule::Manual => "rule: manual",
            Rule::SamlNameId => "rule: saml_name_id",
            Rule::VerifiedEmail => "rule: verified_email",
            Rule::Reported => "rule: reported",
        });
        if rule == Rule::SamlNameId
            && !self.candidates(account, Rule::VerifiedEmail, &mut quiet).is_empty()
        {
            seen.saw("rule: saml_name_id before verified_email");
        }
        if rule == Rule::Manual {
            if !self.candidates(account, Rule::SamlNameId, &mut quiet).is_empty() {
                seen.saw("rule: manual before saml_name_id");
            }
            if !self.candidates(account, Rule::VerifiedEmail, &mut quiet).is_empty() {
                seen.saw("rule: manual before verified_email");
            }
        }
        if rule != Rule::Reported && self.listed.iter().any(|listed| listed.contains(&account.id)) {
            seen.saw(match rule {
                Rule::Manual => "rule: manual, listed by a Cloud row",
                _ => "rule: an address before reported",
            });
        }
    }

    /// Notes a row that would meet the rule if it were not declared as not matched.
    fn note_not_matched(&self, account: &Account, place: usize, rule: Rule) {
        let row = &self.party.rows[place];
        let seen = self.question.seen;
        match rule {
            Rule::SamlNameId if row.name_id.iter().any(|key| account.e.contains(key)) => {
                seen.saw("not matched: declared so, against saml_name_id");
            }
            Rule::VerifiedEmail if !row.verified.is_disjoint(&account.e) => {
                seen.saw("not matched: declared so, against verified_email");
            }
            Rule::Reported if self.listed[place].contains(&account.id) => {
                seen.saw("not matched: declared so, against reported");
            }
            _ => {}
        }
    }

    fn note_group(&self, group: &[usize]) {
        let seen = self.question.seen;
        for a in group {
            for b in group.iter().filter(|b| a < b) {
                let same_host = self.accounts[*a].id.0 == self.accounts[*b].id.0;
                let through_row = |place: usize| !self.accounts[place].known_through.is_empty();
                seen.saw(match (self.same_e(*a, *b), self.same_row(*a, *b)) {
                    (true, false) if through_row(*a) != through_row(*b) => {
                        "group: an account and a Cloud row's accounts, same e"
                    }
                    (true, false) if same_host => "group: same e on one instance",
                    (true, false) => "group: same e on several instances",
                    (_, true) if same_host => "group: one Cloud row, one instance",
                    (_, true) => "group: one Cloud row, several instances",
                    (false, false) => "group: joined through a third account",
                });
            }
        }
    }
}

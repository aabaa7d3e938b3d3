//! Finds the Cloud rows that list each Server account (counting.md section 2, "Server ids in Cloud rows").

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use super::accounts::only_instance;
use super::alike::{Buckets, Hasher};
use super::participant::Participant;
use crate::model::{AccountIx, Indexed, InstanceIx, ListIndex, Member, Population, RowIx, part};

/// The Cloud rows in force that list Server accounts, by account.
pub(super) struct Listing {
    /// The accounts that Cloud rows list: the hash of the account, the account, and the row that lists it.
    listed: Buckets<(u64, Listed, RowIx)>,
    /// For each account, the range of the rows that list it in `listed`.
    of_account: Indexed<AccountIx, Range<u32>>,
}

/// An account that a Cloud row lists, as two numbers that are quickly compared.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    /// The instance, and whether the id is a text. The value is 0 without an instance, else twice the index of
    /// the instance plus two. One is added if the id is a text.
    instance: u32,
    /// The id if it is a number, else the number that stands for the text.
    id: u64,
}

impl Listing {
    /// Finds the Cloud rows that list each of these accounts.
    pub fn new(population: &Population, accounts: &[Participant]) -> Listing {
        let only_instance = only_instance(population);
        let mut texts: HashMap<&Member, u64> = HashMap::new();
        let hasher = Hasher::default();
        let hash = |it: &Listed| hasher.of_number(it.id ^ u64::from(it.instance).rotate_right(20));
        let mut listed = Vec::with_capacity(population.listed_in_all());
        for (index, row) in population.cloud.enumerated() {
            for it in population.listed(row) {
                let text = |member| {
                    let next = texts.len() as u64;
                    Some(*texts.entry(member).or_insert(next))
                };
                let it = Listed::of(it.instance.or(only_instance), it.member, text);
                listed.extend(it.map(|it| (hash(&it), it, index)));
            }
        }
        let listed = Buckets::of(&listed, |(hash, ..)| *hash);
        let of_account = accounts.iter().map(|account| {
            let text = |member| texts.get(member).copied();
            let Some(wanted) = Listed::of(account.instance, &account.member, text) else {
                return 0..0;
            };
            let range = listed.range(hash(&wanted));
            let own = part(listed.all(), &range);
            let before = own.iter().take_while(|(_, it, _)| *it != wanted).count();
            let rows = own[before..].iter().take_while(|(_, it, _)| *it == wanted).count();
            let start = range.start + before as u32;
            start..start + rows as u32
        });
        let of_account = of_account.collect();
        Listing { listed, of_account }
    }

    /// The Cloud rows in force that list a Server account.
    pub fn rows(&self, account: AccountIx) -> impl Iterator<Item = RowIx> + Clone {
        part(self.listed.all(), &self.of_account[account]).iter().map(|(.., row)| *row)
    }
}

impl Listed {
    /// Expresses an account as two numbers. `text` returns the number that stands for an id that is a text.
    fn of<'m>(
        instance: Option<InstanceIx>,
        member: &'m Member,
        text: impl FnOnce(&'m Member) -> Option<u64>,
    ) -> Option<Listed> {
        let instance = instance.map_or(0, |instance| 2 * instance.number() + 2);
        match member {
            Member::Number(id) => Some(Listed { instance, id: *id }),
            other => Some(Listed { instance: instance + 1, id: text(other)? }),
        }
    }
}

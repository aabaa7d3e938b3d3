//! Finds the seats that one entry of an employee directory knows: same-directory-entry (directory.md section 2).
//! An account belongs to an entry by an address or by a login that only this entry of the directory has and that
//! names no role. Entries that know one seat alone are left out.

use std::cmp::Ordering;

use super::Evidence;
use super::entries::{DirectoryEntryIx, EntriesInForce};
use super::finding::InDirectory;
use super::texts::EvidenceTexts;
use super::unmatched::{Kind, Unmatched, UnmatchedIx};
use super::words::{local_part, names_a_role};
use crate::code::EvidenceCode;
use crate::model::{
    AccountIx, AddressKind, Grouped, Indexed, KeyId, ListIndex, Population, RowIx, RowKind,
    list_indices,
};

list_indices! {
    /// An entry that knows several seats: an index of [`SharedEntries::snapshots`].
    SharedEntryIx;
}

/// A Cloud account or an invitation that an entry knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct SharedRow {
    pub row: RowIx,
    /// The key of the address by which the entry knows the account; `None` if it knows the login.
    pub key: Option<KeyId>,
    /// The key, if GitHub compares the address and the directory calls it primary.
    primary: Option<KeyId>,
    pub is_invited: bool,
}

/// A Server account of an unmatched group that an entry knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct SharedAccount {
    pub group: UnmatchedIx,
    pub account: AccountIx,
    /// The key of the address by which the entry knows the account; `None` if it knows the login.
    pub key: Option<KeyId>,
}

/// The entries of all directories in force that know several seats.
pub(super) struct SharedEntries {
    /// The number of the directory's snapshot, for each entry.
    snapshots: Indexed<SharedEntryIx, i64>,
    rows: Grouped<SharedEntryIx, SharedRow>,
    accounts: Grouped<SharedEntryIx, SharedAccount>,
    /// The entries of each Server account, sorted by account, each with the key of the account's address.
    of_accounts: Vec<(AccountIx, SharedEntryIx, Option<KeyId>)>,
}

impl SharedEntries {
    /// Expects that `texts` has the texts of all keys of the population, unless there is no directory.
    pub fn of(
        population: &Population,
        unmatched: &Unmatched,
        texts: &EvidenceTexts<'_>,
    ) -> SharedEntries {
        let mut shared = SharedEntries {
            snapshots: Indexed::new(),
            rows: Grouped::default(),
            accounts: Grouped::default(),
            of_accounts: Vec::new(),
        };
        for directory in texts.entries {
            let accounts = Accounts { population, unmatched, directory };
            let several = accounts.entries_of_several();
            let text = |key: Option<KeyId>| key.map(|key| texts.keys.key_text(key));
            let mut members: Vec<Member> = Vec::new();
            accounts.each(|member| {
                let is_role = || text(member.key).is_some_and(|it| names_a_role(local_part(it)));
                if several[member.entry] && !is_role() {
                    members.push(member);
                }
            });
            members.sort_by(|a, b| a.order(b).then_with(|| text(a.key).cmp(&text(b.key))));
            for members in members.chunk_by(|one, next| one.entry == next.entry) {
                shared.add(population, directory.snapshot, members);
            }
        }
        shared.of_accounts.sort_unstable();
        shared
    }

    /// Adds an entry, if its members are several seats. Of the addresses by which it knows an account, the first
    /// stands for all of them.
    fn add(&mut self, population: &Population, snapshot: i64, members: &[Member]) {
        let accounts = || members.chunk_by(|one, next| one.side == next.side).map(|own| own[0]);
        let seats = accounts().map(|member| match member.side {
            Side::Server(group, _) => Side::Server(group, AccountIx::NONE),
            side => side,
        });
        let mut seats: Vec<Side> = seats.collect();
        seats.dedup();
        if seats.len() < 2 {
            return;
        }
        let entry = self.snapshots.push(snapshot);
        for Member { side, rank, key, .. } in accounts() {
            match side {
                Side::Server(group, account) => {
                    self.of_accounts.push((account, entry, key));
                    self.accounts.push(SharedAccount { group, account, key });
                }
                Side::Cloud(row) => {
                    let primary = key.filter(|_| rank == Rank::ComparedPrimary);
                    let is_invited = population.cloud[row].row == RowKind::Invited;
                    self.rows.push(SharedRow { row, key, primary, is_invited });
                }
            }
        }
        self.rows.end();
        self.accounts.end();
    }

    /// The entries that know several seats.
    pub fn indices(&self) -> impl Iterator<Item = SharedEntryIx> + use<> {
        self.snapshots.indices()
    }

    /// The Cloud accounts and invitations that an entry knows, sorted by login.
    pub fn rows(&self, entry: SharedEntryIx) -> &[SharedRow] {
        self.rows.of(entry)
    }

    /// The unmatched Server accounts that an entry knows, in the order of groups.
    pub fn accounts(&self, entry: SharedEntryIx) -> &[SharedAccount] {
        self.accounts.of(entry)
    }

    /// The entries that know a Server account, each with the key of the address by which it does.
    pub fn of_account(
        &self,
        account: AccountIx,
    ) -> impl Iterator<Item = (SharedEntryIx, Option<KeyId>)> {
        let start = self.of_accounts.partition_point(|(its, ..)| *its < account);
        let own = self.of_accounts[start..].iter().take_while(move |(its, ..)| *its == account);
        own.map(|(_, entry, key)| (*entry, *key))
    }

    /// The evidence that a Server account and a Cloud account or an invitation are in one entry.
    pub fn with_row(
        &self,
        entry: SharedEntryIx,
        (account, key): (AccountIx, Option<KeyId>),
        row: &SharedRow,
    ) -> Evidence {
        Evidence {
            row: Some(row.row),
            account: Some(account),
            key,
            cloud_key: row.key,
            directory: self.directory(entry, row.primary),
            ..Evidence::of(EvidenceCode::SameDirectoryEntry)
        }
    }

    /// The evidence that two Server accounts are in one entry.
    pub fn between(
        &self,
        entry: SharedEntryIx,
        (account, key): (AccountIx, Option<KeyId>),
        (other, other_key): (AccountIx, Option<KeyId>),
    ) -> Evidence {
        Evidence {
            account: Some(account),
            other: Some(other),
            key,
            cloud_key: other_key,
            directory: self.directory(entry, None),
            ..Evidence::of(EvidenceCode::SameDirectoryEntry)
        }
    }

    /// The evidence that two Cloud seats are in one entry.
    pub fn on_cloud(
        &self,
        entry: SharedEntryIx,
        first: &SharedRow,
        second: &SharedRow,
    ) -> Evidence {
        Evidence {
            row: Some(first.row),
            second: Some(second.row),
            key: second.key,
            cloud_key: first.key,
            directory: self.directory(entry, None),
            ..Evidence::of(EvidenceCode::SameDirectoryEntry)
        }
    }

    fn directory(&self, entry: SharedEntryIx, primary: Option<KeyId>) -> Option<InDirectory> {
        Some(InDirectory { snapshot: self.snapshots[entry], primary })
    }
}

/// The side on which an entry knows an account. The order is that of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Server(UnmatchedIx, AccountIx),
    Cloud(RowIx),
}

/// The kind of text by which an entry knows an account; the kind that answers prefer comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// An address of a Cloud account that GitHub compares and that the directory calls primary.
    ComparedPrimary,
    /// The primary address of a Server account, the NameID of a Cloud account, or the address of an invitation.
    First,
    /// Another address of a Server account, or a verified address of a Cloud account.
    Other,
    VisualStudio,
    Login,
}

/// An account that an entry knows by one text.
#[derive(Debug, Clone, Copy)]
struct Member {
    entry: DirectoryEntryIx,
    side: Side,
    rank: Rank,
    key: Option<KeyId>,
}

impl Member {
    fn order(&self, other: &Member) -> Ordering {
        (self.entry, self.side, self.rank).cmp(&(other.entry, other.side, other.rank))
    }
}

/// The accounts of a population that a directory may know.
struct Accounts<'a> {
    population: &'a Population,
    unmatched: &'a Unmatched,
    directory: &'a EntriesInForce,
}

impl Accounts<'_> {
    /// For each entry, whether it knows several seats, role words included.
    fn entries_of_several(&self) -> Indexed<DirectoryEntryIx, bool> {
        // The first seat of each entry, as a number: even for Server seats, odd for Cloud seats.
        let mut first: Indexed<DirectoryEntryIx, u32> =
            Indexed::filled(u32::MAX, self.directory.count);
        let mut several = Indexed::filled(false, self.directory.count);
        self.each(|member| {
            let seat = match member.side {
                Side::Server(group, _) => 2 * group.number(),
                Side::Cloud(row) => 2 * row.number() + 1,
            };
            let first = &mut first[member.entry];
            match *first {
                u32::MAX => *first = seat,
                first => several[member.entry] |= first != seat,
            }
        });
        several
    }

    /// Calls `each` for every account of an entry and every text by which the entry knows the account.
    fn each(&self, mut each: impl FnMut(Member)) {
        let Accounts { population, unmatched, directory } = self;
        for group in unmatched.indices() {
            for (account, keys) in unmatched.with_keys(group) {
                let side = Side::Server(group, account);
                for &(key, kind) in keys {
                    let rank = match kind {
                        Kind::Primary => Rank::First,
                        Kind::Secondary => Rank::Other,
                        Kind::Repeated => continue,
                    };
                    if let Some(holder) = directory.of_keys.get(key) {
                        each(Member { entry: holder.entry, side, rank, key: Some(key) });
                    }
                }
                if let Some(entry) = directory.of_accounts.get(&account) {
                    each(Member { entry: *entry, side, rank: Rank::Login, key: None });
                }
            }
        }
        for (index, row) in population.cloud.enumerated() {
            if !population.takes_seat(row) {
                continue;
            }
            let side = Side::Cloud(index);
            for address in population.addresses(&row.addresses) {
                let rank = match (row.row, address.kind) {
                    (RowKind::Invited, AddressKind::Invitation)
                    | (RowKind::Cloud, AddressKind::NameId) => Rank::First,
                    (RowKind::Cloud, AddressKind::Verified) => Rank::Other,
                    (RowKind::Cloud, AddressKind::VisualStudio) => Rank::VisualStudio,
                    _ => continue,
                };
                if let Some(holder) = directory.of_keys.get(address.key) {
                    let is_compared = row.row == RowKind::Cloud && rank != Rank::VisualStudio;
                    let rank = match holder.is_primary && is_compared {
                        true => Rank::ComparedPrimary,
                        false => rank,
                    };
                    each(Member { entry: holder.entry, side, rank, key: Some(address.key) });
                }
            }
            if let (RowKind::Cloud, Some(entry)) = (row.row, directory.of_row(index)) {
                each(Member { entry, side, rank: Rank::Login, key: None });
            }
        }
    }
}

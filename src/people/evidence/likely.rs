//! Finds likely evidence: same-login, plus-tag, other-domain, saml-username and invited-by-email (counting.md
//! section 5). Only groups that are unmatched and have no certain evidence are tested. So none of their addresses
//! is an address of a Cloud account, except for an address that is repeated on its instance and proves nothing.

use std::ops::Range;

use super::candidates::Candidates;
use super::key_set::KeySet;
use super::one_to_one::{Candidate, Claims};
use super::side_by_side;
use super::takers::{AddressIx, HolderIx, TakerAccountIx, Takers};
use super::texts::Strings;
use super::words::{is_noreply_domain, names_a_role, parts, without_shortcode, without_tag};
use crate::code::EvidenceCode;
use crate::model::{Account, AddressKind, KeyId, ListIndex, Population, RowIx, RowKind};
use crate::people::alike::{Alike, AlikeIx, Hasher};

/// The unmatched groups to test, arranged for lookups by login and by address.
struct Known<'t, 'l> {
    takers: &'t Takers<'t>,
    /// The logins of the groups' accounts, in the form in which logins are compared; empty for an unknown login.
    own_logins: &'l Strings,
    hasher: Hasher,
    /// The accounts of the groups, by the hash of their login.
    logins: Alike<TakerAccountIx>,
    /// The addresses of the groups, by the hash of their local part.
    local_parts: Alike<AddressIx>,
    /// The addresses of the groups, by the hash of the address without its `+tag`.
    untagged: Alike<AddressIx>,
}

/// A text that accounts of some groups have, such as a login. It connects the groups with candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    /// A login, represented by the first account that has it.
    Login(AlikeIx),
    /// A local part, represented by the first address that has it.
    LocalPart(AlikeIx),
    /// An address without its `+tag`, represented by the first address that equals it once its own `+tag` is
    /// removed.
    Untagged(AlikeIx),
    /// An address as a whole.
    Address(AddressIx),
}

/// A connection between the groups that have a text and the Cloud accounts that have an address key.
struct Hit {
    key: KeyId,
    code: EvidenceCode,
    slot: Slot,
}

/// A connection between the groups that have a text and a candidate (a Cloud account or an invitation).
type Tie = (EvidenceCode, Slot, Candidate);

/// The candidates that likely evidence names, for each group. A group with more than `most` candidates has none.
pub(super) fn claims<'t>(
    population: &Population,
    (takers, logins): (&'t Takers<'t>, &Strings),
    candidates: &Candidates<'_>,
    most: usize,
) -> Claims<'t> {
    let known = Known::new(takers, logins);
    let mut ties = known.by_login(population);
    known.by_address(candidates, &mut ties);
    known.invited(population, &mut ties);
    ties.sort_unstable();
    let mut claims = Claims::new(takers.len(), population.cloud.len(), takers.words(), most);
    for tied in ties.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (code, slot, _) = tied[0];
        let holders = takers.standing(&mut known.holders(slot));
        claims.tie(code, &holders, tied.iter().map(|(_, _, candidate)| *candidate));
    }
    claims
}

impl<'t, 'l> Known<'t, 'l> {
    fn new(takers: &'t Takers<'t>, own_logins: &'l Strings) -> Known<'t, 'l> {
        let hasher = Hasher::default();
        let mut of_accounts = Vec::new();
        for (account, holder) in takers.accounts().enumerated() {
            let login = own_logins.get(takers.holder(*holder).account);
            if !login.is_empty() && !names_a_role(login) {
                of_accounts.push((hasher.of((login, "")), account));
            }
        }
        let logins = Alike::new(&of_accounts);
        drop(of_accounts);
        let mut hashes = Vec::new();
        let mut of_addresses = |hash: &dyn Fn(&str, &str) -> u64| {
            let addresses = takers.addresses().enumerated().filter_map(|(address, key)| {
                let (local, domain) = parts(takers.text(*key))?;
                Some((hash(local, domain), address))
            });
            hashes.clear();
            hashes.extend(addresses);
            Alike::new(&hashes)
        };
        let local_parts = of_addresses(&|local, _| hasher.of((local, "")));
        let untagged = of_addresses(&|local, domain| hasher.of((without_tag(local), domain)));
        Known { takers, own_logins, hasher, logins, local_parts, untagged }
    }

    fn login(&self, account: TakerAccountIx) -> &'l str {
        self.own_logins.get(self.takers.holder(self.takers.accounts()[account]).account)
    }

    fn address(&self, address: AddressIx) -> Option<(&'t str, &'t str)> {
        parts(self.takers.text(self.takers.addresses()[address]))
    }

    fn with_login(&self, login: &str) -> Option<Slot> {
        let hash = self.hasher.of((login, ""));
        self.logins.find(hash, |it| self.login(it) == login).map(Slot::Login)
    }

    fn with_local_part(&self, local: &str) -> Option<Slot> {
        let is_it = |it| self.address(it).is_some_and(|its| its.0 == local);
        self.local_parts.find(self.hasher.of((local, "")), is_it).map(Slot::LocalPart)
    }

    fn with_untagged(&self, (local, domain): (&str, &str)) -> Option<Slot> {
        let local = without_tag(local);
        let is_it =
            |it| self.address(it).is_some_and(|its| without_tag(its.0) == local && its.1 == domain);
        self.untagged.find(self.hasher.of((local, domain)), is_it).map(Slot::Untagged)
    }

    /// The accounts and addresses of groups that have this text.
    fn holders(&self, slot: Slot) -> Vec<HolderIx> {
        let mut holders: Vec<HolderIx> = Vec::new();
        match slot {
            Slot::Login(first) => {
                let mut same = self.logins.from(first).peekable();
                let login = same.peek().map_or("", |it| self.login(*it));
                let same = same.filter(|it| self.login(*it) == login);
                holders.extend(same.map(|it| self.takers.accounts()[it]));
            }
            Slot::LocalPart(first) => {
                let mut same = self.local_parts.from(first).peekable();
                let local = |it: AddressIx| self.address(it).map(|its| its.0);
                let its = same.peek().and_then(|it| local(*it));
                for it in same.filter(|it| local(*it) == its) {
                    holders.extend(self.takers.of_address(it));
                }
            }
            Slot::Untagged(first) => {
                let mut same = self.untagged.from(first).peekable();
                let bare = |it: AddressIx| self.address(it).map(|its| (without_tag(its.0), its.1));
                let its = same.peek().and_then(|it| bare(*it));
                for it in same.filter(|it| bare(*it) == its) {
                    holders.extend(self.takers.of_address(it));
                }
            }
            Slot::Address(address) => holders.extend(self.takers.of_address(address)),
        }
        holders
    }

    /// Connects Cloud accounts with the groups that have an account with the same login. The Cloud login is
    /// compared with and without its `_shortcode`.
    fn by_login(&self, population: &Population) -> Vec<Tie> {
        let look = |(): &mut (), rows: Range<usize>, ties: &mut Vec<Tie>| {
            for index in rows {
                let index = RowIx::at(index);
                let row = &population.cloud[index];
                if row.row != RowKind::Cloud || !population.takes_seat(row) {
                    continue;
                }
                let login = Account::login_of_identity(population.identity(index));
                let logins = login.into_iter().chain(login.and_then(without_shortcode));
                for slot in logins.filter_map(|login| self.with_login(login)) {
                    let candidate = Candidate { row: index, key: None };
                    ties.push((EvidenceCode::SameLogin, slot, candidate));
                }
            }
        };
        let blocks = side_by_side::blocks(population.cloud.len());
        blocks.flat_map(|block| side_by_side::find(block, || (), look)).collect()
    }

    /// Connects Cloud accounts with the groups that have a similar address, or a login like the NameID of the
    /// Cloud account.
    fn by_address(&self, candidates: &Candidates<'_>, ties: &mut Vec<Tie>) {
        let look = |(): &mut (), slots: Range<usize>, hits: &mut Vec<Hit>| {
            for (key, is_name_id) in slots.filter_map(|slot| candidates.key_at(slot)) {
                self.hits(key, is_name_id, hits);
            }
        };
        let blocks = side_by_side::blocks(candidates.slots());
        let hits: Vec<Hit> =
            blocks.flat_map(|block| side_by_side::find(block, || (), look)).collect();
        let keys: KeySet = hits.iter().map(|hit| hit.key).collect();
        let rows = candidates.rows_of(&keys);
        for Hit { key, code, slot } in hits {
            let of_name_id = code == EvidenceCode::SamlUsername;
            let rows = rows.get(key).iter().copied();
            let rows = rows.filter(|row| !of_name_id || candidates.is_name_id(*row, key));
            ties.extend(rows.map(|row| (code, slot, Candidate { row, key: Some(key) })));
        }
    }

    /// Collects the connections between an address key of Cloud accounts and the groups that have a similar
    /// address or login.
    fn hits(&self, key: KeyId, is_name_id: bool, hits: &mut Vec<Hit>) {
        let text = self.takers.text(key);
        let address = parts(text);
        if address.is_some_and(|(_, domain)| is_noreply_domain(domain)) {
            return;
        }
        let local = address.map_or(text, |(local, _)| local);
        let mut hit = |code, slot| hits.push(Hit { key, code, slot });
        let with_local_part = self.with_local_part(local);
        if is_name_id {
            let slots = self.with_login(local).into_iter().chain(with_local_part);
            slots.for_each(|slot| hit(EvidenceCode::SamlUsername, slot));
        }
        let Some(address) = address else { return };
        if let Some(slot) = with_local_part {
            hit(EvidenceCode::OtherDomain, slot);
        }
        if let Some(slot) = self.with_untagged(address) {
            hit(EvidenceCode::PlusTag, slot);
        }
    }

    /// Connects invitations with the groups that have the address of the invitation.
    fn invited(&self, population: &Population, ties: &mut Vec<Tie>) {
        let rows = population.cloud.enumerated();
        let invited =
            rows.filter(|(_, row)| row.row == RowKind::Invited && population.takes_seat(row));
        let invited = invited.flat_map(|(index, row)| {
            let keys = population.keys(&row.addresses, AddressKind::Invitation);
            keys.map(move |key| (key, index))
        });
        let mut invited: Vec<(KeyId, RowIx)> = invited.collect();
        if invited.is_empty() {
            return;
        }
        invited.sort_unstable();
        for (address, key) in self.takers.addresses().enumerated() {
            let from = invited.partition_point(|(its, _)| its < key);
            let own = invited[from..].iter().take_while(|(its, _)| its == key);
            ties.extend(own.map(|(_, row)| {
                let candidate = Candidate { row: *row, key: Some(*key) };
                (EvidenceCode::InvitedByEmail, Slot::Address(address), candidate)
            }));
        }
    }
}

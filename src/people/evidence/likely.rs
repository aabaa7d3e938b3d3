//! Likely evidence: same-login, plus-tag, other-domain, saml-username, invited-by-email
//! (counting.md section 5). A group that takes part has no address that is an address of a Cloud
//! account, else it were matched or certain; so equal texts here are never the same address, but for
//! one that is repeated on its instance and proves nothing more.

use std::borrow::Cow;

use super::one_to_one::{Candidate, Claims, Holder, Join};
use super::texts::Texts;
use super::words::{is_noreply_domain, names_a_role, parts, tells_a_person, without_shortcode};
use super::words::{local_part, without_tag};
use super::{EvidenceCode, Taker, Words, compared};
use crate::model::{Account, AddressKind, CloudRow, Population, RowKind};

/// The groups that take part, by what they can be known by.
struct Likely<'t> {
    texts: &'t Texts,
    logins: Join<&'t str>,
    untagged: Join<Cow<'t, str>>,
    local_parts: Join<&'t str>,
    usernames: Join<&'t str>,
    invited: Join<u32>,
}

/// Who names whom by likely evidence.
pub(super) fn claims<'t>(
    population: &Population,
    takers: &[Taker],
    words: Words<'t>,
) -> Claims<'t> {
    let texts = words.texts;
    let mut likely = Likely {
        texts,
        logins: Join::new(),
        untagged: Join::new(),
        local_parts: Join::new(),
        usernames: Join::new(),
        invited: Join::new(),
    };
    for (taker, groups) in (0u32..).zip(takers) {
        for (rank, (account, keys)) in (0u32..).zip(&groups.accounts) {
            let apart = words.links.is_set_apart(*account);
            let holder =
                Holder { taker, rank, account: *account, key: None, apart, repeated: false };
            likely.hold(holder, keys, groups.repeated);
        }
    }
    let mut claims = Claims::new(takers.len(), words);
    for (index, row) in (0u32..).zip(&population.cloud) {
        if population.takes_seat(row) {
            likely.meet(population, index, row, &mut claims);
        }
    }
    likely.logins.settle(EvidenceCode::SameLogin, &mut claims);
    likely.untagged.settle(EvidenceCode::PlusTag, &mut claims);
    likely.local_parts.settle(EvidenceCode::OtherDomain, &mut claims);
    likely.usernames.settle(EvidenceCode::SamlUsername, &mut claims);
    likely.invited.settle(EvidenceCode::InvitedByEmail, &mut claims);
    claims
}

impl Likely<'_> {
    fn hold(&mut self, holder: Holder, keys: &[u32], repeated: Option<u32>) {
        let texts = self.texts;
        let login = texts.logins.get(holder.account);
        if !login.is_empty() && !names_a_role(login) {
            self.usernames.hold(login, holder, texts);
            self.logins.hold(login, holder, texts);
        }
        for &key in keys {
            let address = texts.keys.get(key);
            if !tells_a_person(address) {
                continue;
            }
            let holder = Holder { key: Some(key), repeated: repeated == Some(key), ..holder };
            self.invited.hold(key, holder, texts);
            if let Some((local, _)) = parts(address) {
                self.untagged.hold(untagged(address), holder, texts);
                self.local_parts.hold(local, holder, texts);
                self.usernames.hold(local, holder, texts);
            }
        }
    }

    fn meet(
        &mut self,
        population: &Population,
        index: u32,
        row: &CloudRow,
        claims: &mut Claims<'_>,
    ) {
        if row.row == RowKind::Invited {
            for key in population.keys(&row.addresses, AddressKind::Invitation) {
                if let Some(slot) = self.invited.find(&key) {
                    claims.meet(slot, Candidate { row: index, key: Some(key) });
                }
            }
            return;
        }
        let by_login = Candidate { row: index, key: None };
        if let Some(login) = Account::login_of_identity(population.identity(index)) {
            for login in [Some(login), without_shortcode(login)].into_iter().flatten() {
                if let Some(slot) = self.logins.find(login) {
                    claims.meet(slot, by_login);
                }
            }
        }
        for address in compared(population, row) {
            let candidate = Candidate { row: index, key: Some(address.key) };
            self.meet_address(address.kind, candidate, claims);
        }
    }

    fn meet_address(&mut self, kind: AddressKind, candidate: Candidate, claims: &mut Claims<'_>) {
        let text = candidate.key.map_or("", |key| self.texts.keys.get(key));
        let address = parts(text);
        if address.is_some_and(|(_, domain)| is_noreply_domain(domain)) {
            return;
        }
        if kind == AddressKind::NameId
            && let Some(slot) = self.usernames.find(local_part(text))
        {
            claims.meet(slot, candidate);
        }
        let Some((local, _)) = address else { return };
        if let Some(slot) = self.local_parts.find(local) {
            claims.meet(slot, candidate);
        }
        if let Some(slot) = self.untagged.find(&*untagged(text)) {
            claims.meet(slot, candidate);
        }
    }
}

/// An address without its `+tag`.
fn untagged(address: &str) -> Cow<'_, str> {
    match parts(address) {
        Some((local, domain)) if without_tag(local) != local => {
            Cow::Owned(format!("{}@{domain}", without_tag(local)))
        }
        _ => Cow::Borrowed(address),
    }
}

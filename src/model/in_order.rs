//! Sorts the compact records of a snapshot: Cloud rows by identity, Server accounts by id.

use super::account::identity;
use super::{CloudPart, Indexed, ListIndex, ServerPart, StateIx};

impl CloudPart {
    /// The indices of the Cloud rows in the order of their identities. Rows with equal identities keep their
    /// order.
    pub fn order(&self) -> Vec<StateIx> {
        let beginnings: Indexed<StateIx, u128> =
            self.rows.iter().map(|row| beginning(self.identity(row))).collect();
        let mut order: Vec<(u64, StateIx)> =
            beginnings.enumerated().map(|(state, it)| ((it >> 64) as u64, state)).collect();
        radsort::sort_by_key(&mut order, |(first, _)| *first);
        let alike = order.chunk_by_mut(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1);
        for alike in alike {
            // These rows have equal upper halves of the numbers that `beginning` returns, so the lower halves
            // decide the order.
            alike.iter_mut().for_each(|it| it.0 = beginnings[it.1] as u64);
            alike.sort_unstable_by(|(next, a), (its, b)| {
                let identity = |state: &StateIx| self.identity(&self.rows[state.position()]);
                next.cmp(its).then_with(|| (identity(a), a).cmp(&(identity(b), b)))
            });
        }
        order.into_iter().map(|(_, state)| state).collect()
    }
}

/// How many letters of an identity the function `beginning` encodes in its number.
const LETTERS: usize = 20;

/// The beginning of an identity as a number: the kind of the identity, then its first letters with six bits
/// each. Two identities with different numbers have the order of their numbers. Nearly all identities that
/// consist of the letters of logins have different numbers. Numbers lie next to each other in memory, so they
/// are sorted faster than texts.
fn beginning(identity: &str) -> u128 {
    // The prefixes of identities (such as `id:`), sorted by bytes.
    let kinds = [identity::ADDRESS, identity::CONTENT, identity::ID, identity::LOGIN];
    let kind = kinds.iter().position(|kind| identity.starts_with(kind));
    let (kind, rest) = match kind {
        Some(kind) => (2 * kind + 1, &identity.as_bytes()[kinds[kind].len()..]),
        // An identity without a known prefix comes before, between or after the identities of the known kinds,
        // by its bytes.
        None => (2 * kinds.iter().filter(|kind| **kind < identity).count(), &[][..]),
    };
    let mut number = kind as u128;
    let mut left = LETTERS;
    for byte in rest.iter().take(LETTERS) {
        let (code, is_alone) = letter(*byte);
        (number, left) = (number << 6 | u128::from(code), left - 1);
        // If several bytes have this code, the following bytes cannot decide the order, so the number ends here.
        if !is_alone {
            break;
        }
    }
    number << (6 * left)
}

/// The six-bit code of a byte of an identity, and whether no other byte has this code. The codes have the order
/// of the bytes. Code 0 means that there is no letter.
fn letter(byte: u8) -> (u8, bool) {
    match byte {
        ..b'-' => (1, false),
        b'-'..=b'9' => (byte - b'-' + 2, true),
        b':'..=b'?' => (15, false),
        b'@' => (16, true),
        b'A'..=b'^' => (17, false),
        b'_' => (18, true),
        b'`' => (19, true),
        b'a'..=b'z' => (byte - b'a' + 20, true),
        b'{'.. => (46, false),
    }
}

impl ServerPart {
    /// The indices of the Server accounts in the order of their ids. Accounts with equal ids keep their order.
    pub fn order(&self) -> Vec<StateIx> {
        let mut order: Vec<StateIx> = StateIx::below(self.accounts.len()).collect();
        let member = |state: StateIx| &self.accounts[state.position()].member;
        order.sort_unstable_by(|a, b| (member(*a), a).cmp(&(member(*b), b)));
        order
    }
}

/// Rearranges a list into the order of the indices in `order`.
pub fn arrange<T: Clone>(items: &mut Vec<T>, order: &[StateIx]) {
    if !order.is_sorted() {
        *items = order.iter().map(|state| items[state.position()].clone()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CloudRow, Roles, RowKind, StateId};

    #[test]
    fn letters_stand_in_the_order_of_bytes() {
        let codes: Vec<(u8, bool)> = (0..=u8::MAX).map(letter).collect();
        assert!(
            codes.is_sorted_by_key(|(code, _)| *code)
                && codes.iter().all(|it| (1..64).contains(&it.0))
        );
        for (code, is_alone) in &codes {
            let same = codes.iter().filter(|(other, _)| other == code).count();
            assert_eq!(*is_alone, same == 1, "{code}");
        }
    }

    #[test]
    fn rows_stand_by_identity_and_tell_where_they_stood() {
        let identities = [
            "login:ada-of-the-longer-names-b",
            "login:ada-of-the-longer-names-a",
            "id:7",
            "login:ada",
            "login:ada\0",
            "login:ada",
            "",
            "login:ada-of-the-longer-names",
            "login:ada-of-the-longer",
            "login:b#z",
            "login:b$a",
            "login:bü",
            "login:bé",
            "login:b",
            "address:ada@corp.example",
            "content:00#0",
            "abc",
            "b",
            "d",
            "ident",
            "login",
            "z",
        ];
        let mut text = String::new();
        let row = |(state, identity): (StateId, &&str)| {
            let from = text.len();
            text.push_str(identity);
            CloudRow {
                state,
                row: RowKind::Cloud,
                roles: Roles::Held,
                visual_studio: false,
                identity: from..text.len(),
                addresses: 0..0,
                listed: 0..0,
            }
        };
        let rows: Vec<CloudRow> =
            StateId::below(identities.len()).zip(&identities).map(row).collect();
        let mut part = CloudPart { rows, identities: text.into(), ..CloudPart::default() };
        let order = part.order();
        arrange(&mut part.rows, &order);
        let mut expected: Vec<StateIx> = StateIx::below(identities.len()).collect();
        expected.sort_by_key(|state| identities[state.position()]);
        assert_eq!(order, expected);
        let states: Vec<StateId> = part.rows.iter().map(|row| row.state).collect();
        let expected: Vec<StateId> = expected.iter().map(|it| StateId::at(it.position())).collect();
        assert_eq!(states, expected);
    }
}

//! Compact records in the order in which they are handed out: rows by identity, accounts by id.

use super::{CloudPart, ServerPart};

impl CloudPart {
    /// The places of the rows in order of their identities, equal ones as they stand.
    pub fn order(&self) -> Vec<u32> {
        // The first letters tell nearly all identities apart, and lie side by side.
        let first = |identity: &str| {
            let mut first = [0; 16];
            let length = identity.len().min(first.len());
            first[..length].copy_from_slice(&identity.as_bytes()[..length]);
            u128::from_be_bytes(first)
        };
        let rows = (0u32..).zip(&self.rows);
        let mut order: Vec<(u128, u32)> =
            rows.map(|(place, row)| (first(self.identity(row)), place)).collect();
        order.sort_unstable_by(|(a_first, a), (b_first, b)| {
            let identity = |place: u32| self.identity(&self.rows[place as usize]);
            a_first.cmp(b_first).then_with(|| (identity(*a), a).cmp(&(identity(*b), b)))
        });
        order.into_iter().map(|(_, place)| place).collect()
    }
}

impl ServerPart {
    /// The places of the accounts in order of their ids, equal ones as they stand.
    pub fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.accounts.len() as u32).collect();
        let member = |place: u32| &self.accounts[place as usize].member;
        order.sort_unstable_by(|a, b| (member(*a), a).cmp(&(member(*b), b)));
        order
    }
}

/// Puts at each place the item that stands at the place which `order` names, where every place is
/// named once.
pub fn arrange<T>(items: &mut [T], order: &[u32]) {
    let mut order = order.to_vec();
    for start in 0..items.len() {
        let mut place = start;
        loop {
            let from = order[place] as usize;
            // A place is done once it names itself.
            order[place] = place as u32;
            if from == start {
                break;
            }
            items.swap(place, from);
            place = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CloudRow, Roles, RowKind};

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
        ];
        let mut text = String::new();
        let row = |(state, identity): (i64, &&str)| {
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
        let rows: Vec<CloudRow> = (0..).zip(&identities).map(row).collect();
        let mut part = CloudPart { rows, identities: text.into(), ..CloudPart::default() };
        let order = part.order();
        arrange(&mut part.rows, &order);
        let mut expected: Vec<u32> = (0..8).collect();
        expected.sort_by_key(|place| identities[*place as usize]);
        assert_eq!(order, expected);
        let states: Vec<i64> = part.rows.iter().map(|row| row.state).collect();
        assert_eq!(states, expected.into_iter().map(i64::from).collect::<Vec<_>>());
    }
}

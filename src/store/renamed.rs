//! Reads which Cloud accounts had a NameID, and when. If two logins have the same NameID one after the other, the
//! second login continues the account of the first (counting.md section 6).

use std::collections::BTreeSet;

use super::parts::bit;
use super::{Place, Store};
use crate::error::Result;
use crate::model::{AddressKind, KeyId, ListIndex, RowKind};

/// A span of time of a Cloud account that has had a certain NameID at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameIdHolder {
    /// The number that identifies the source in the database.
    pub source_id: i64,
    /// The identity of the account in its source, such as its login.
    pub identity: String,
    /// The point of the source's time line at which the span begins.
    pub from: Place,
    /// The point of the source's time line at which the span ends; the span does not contain it.
    pub to: Place,
    /// Whether the account has the certain NameID in this span of time.
    pub has_it: bool,
}

impl Store {
    /// All spans of time of every Cloud account that has ever had the NameID with the key `key`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn name_id_holders(&self, key: KeyId) -> Result<Vec<NameIdHolder>> {
        let (image, key) = (self.image()?, key.number());
        let states = image.states();
        let is_cloud = |place: &usize| states.row(*place) == Some(RowKind::Cloud);
        let has_it = |place: usize| {
            states
                .keys(place)
                .any(|(own, kinds)| own == key && kinds & bit(AddressKind::NameId) != 0)
        };
        let with_key = image.with_key(key).into_iter().map(ListIndex::position);
        let holders: BTreeSet<u32> = with_key
            .filter(|place| is_cloud(place) && has_it(*place))
            .map(|place| states.accounts[place])
            .collect();
        let mut found = Vec::new();
        for account in holders {
            let own = image.of_account(account).into_iter();
            let own = own.map(ListIndex::position);
            for place in own.filter(is_cloud) {
                let identity = image.identity_of_few(&self.connection, place)?;
                for held in image.times.of(states, place) {
                    found.push(NameIdHolder {
                        source_id: held.source,
                        identity: identity.to_string(),
                        from: Place::from_number(held.from),
                        to: Place::from_number(held.to),
                        has_it: has_it(place),
                    });
                }
            }
        }
        Ok(found)
    }

    /// The keys of all NameIDs that a Cloud account has ever had.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn name_ids_of(&self, source_id: i64, identity: &str) -> Result<Vec<KeyId>> {
        let image = self.image()?;
        let states = image.states();
        let Some(account) = image.account(&self.connection, source_id, identity)? else {
            return Ok(Vec::new());
        };
        let own = image.of_account(account).into_iter().map(ListIndex::position);
        let own = own.filter(|place| states.row(*place) == Some(RowKind::Cloud));
        let keys = own.flat_map(|place| states.keys(place));
        let keys = keys.filter(|(_, kinds)| kinds & bit(AddressKind::NameId) != 0);
        Ok(keys
            .map(|(key, _)| KeyId::of_number(key))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect())
    }
}

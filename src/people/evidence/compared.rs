//! Defines which texts and address keys of Server accounts and of Cloud accounts evidence compares.

use crate::model::{AddressKey, AddressKind, CloudRow, KeyId, Population, StoredWords};
use crate::people::links::LinkEffects;
use crate::people::{AccountOrigin, Participant};

/// The texts that likely and possible evidence compares, and the links that exclude evidence.
#[derive(Clone, Copy)]
pub(super) struct Words<'t> {
    pub(super) keys: &'t dyn StoredWords,
    pub(super) links: &'t LinkEffects,
}

/// The keys of a Server account's non-primary addresses: those in the snapshot of its instance, and those that
/// Cloud has synced. An address that two accounts of the instance have is left out.
pub(super) fn secondary_keys(
    population: &Population,
    account: &Participant,
) -> impl Iterator<Item = KeyId> {
    let (addresses, synced) = match account.origin {
        AccountOrigin::Own(index) => (
            &population.server[index].addresses,
            population.synced_addresses.get(&index).map_or(&[][..], Vec::as_slice),
        ),
        AccountOrigin::Cloud(_) => (&(0..0), &[][..]),
    };
    let keys = population.keys(addresses, AddressKind::Secondary).chain(synced.iter().copied());
    keys.filter(|key| !account.has_repeated(*key))
}

/// The keys of all addresses of a Server account that likely and possible evidence compares. A primary address
/// that another account of the instance has too is included.
pub fn alike_keys(population: &Population, account: &Participant) -> impl Iterator<Item = KeyId> {
    all_keys(population, account).chain(account.repeated)
}

/// The keys of all addresses of a Server account, without a primary address that another account of the instance
/// has too.
fn all_keys(population: &Population, account: &Participant) -> impl Iterator<Item = KeyId> {
    account.keys.iter().copied().chain(secondary_keys(population, account))
}

/// The addresses of a Cloud account that evidence compares: the NameID and the verified addresses. A key that is
/// both is returned once, as the NameID.
pub fn compared(population: &Population, row: &CloudRow) -> impl Iterator<Item = AddressKey> {
    let addresses = population.addresses(&row.addresses);
    let name_id = addresses.iter().find(|it| it.kind == AddressKind::NameId);
    addresses.iter().copied().filter(move |it| match it.kind {
        AddressKind::NameId => true,
        AddressKind::Verified => name_id.is_none_or(|name_id| name_id.key != it.key),
        _ => false,
    })
}

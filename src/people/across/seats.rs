//! The seats of several enterprises as one list, with the values that evidence compares: the keys of their
//! addresses, and their logins. A seat has the addresses of its Cloud account, and those of its Server accounts.

use crate::model::{
    Account, AccountIx, AddressKind, Indexed, KeyId, ListIndex, Population, RowIx, RowKind,
    StoredWords, list_indices,
};
use crate::name::NameHash;
use crate::people::{AccountOrigin, Matching, SeatOf, Strings, alike_keys, without_shortcode};

list_indices! {
    /// A seat among the seats of all enterprises that are compared: first all seats of the first enterprise, then
    /// those of the second one, and so on.
    AcrossIx;
    /// An enterprise among those that are compared: an index of [`AcrossSeats::sides`].
    SideIx;
    /// A seat among the seats of its own enterprise: an index of [`AcrossSide::seats`].
    OwnSeatIx;
}

/// An enterprise whose seats are compared with those of other enterprises.
pub struct AcrossSide<'p> {
    /// The accounts and Cloud rows of the enterprise.
    pub population: &'p Population,
    /// The matches between the Server accounts and the Cloud accounts of the enterprise.
    pub matching: &'p Matching,
    /// The seats of the enterprise: Cloud seats in the order of their rows, then unmatched groups.
    pub seats: Indexed<OwnSeatIx, SeatOf>,
    /// The logins of the Server accounts of unmatched groups, in the form in which logins are compared. If a
    /// directory has logins on instances, the logins of merged accounts too.
    pub logins: Strings,
}

/// The seats of all enterprises that are compared.
pub struct AcrossSeats<'p> {
    /// The enterprises, in the order in which answers list them.
    pub sides: Indexed<SideIx, AcrossSide<'p>>,
    /// For each enterprise, the index after its last seat in the list of all seats.
    ends: Indexed<SideIx, AcrossIx>,
}

/// Flag: the address is a NameID or a verified address, or it is an address of a Server account.
pub(super) const IDENTITY: u8 = 1;
/// Flag: the address is the Visual Studio sign-in address on a Cloud account's row.
pub(super) const VISUAL_STUDIO: u8 = 2;
/// Flag: the address acts as the primary address of a Server account.
pub(super) const PRIMARY: u8 = 4;
/// Flag: an e-mail invitation went to the address.
pub(super) const INVITED: u8 = 8;
/// Flag: the seat has the address, but the address is no evidence about a person.
pub(super) const HELD: u8 = 16;

impl<'p> AcrossSeats<'p> {
    /// Makes one list of the seats of several enterprises.
    pub fn new(sides: Vec<AcrossSide<'p>>) -> AcrossSeats<'p> {
        let mut end = 0;
        let ends = sides.iter().map(|side| {
            end += side.seats.len();
            AcrossIx::at(end)
        });
        AcrossSeats { ends: ends.collect(), sides: sides.into() }
    }

    /// The number of seats of all enterprises together.
    pub fn count(&self) -> usize {
        self.ends.last().map_or(0, |end| end.position())
    }

    /// The enterprise that a seat belongs to.
    pub fn side_of(&self, seat: AcrossIx) -> SideIx {
        SideIx::at(self.ends.partition_point(|end| *end <= seat))
    }

    /// The index of the first seat of an enterprise in the list of all seats, as a number.
    fn first_of(&self, side: SideIx) -> u32 {
        let before = side.position().checked_sub(1).map(SideIx::at);
        before.map_or(0, |before| self.ends[before].number())
    }

    /// The seat with this index in the list of all seats, with its enterprise.
    pub fn seat(&self, seat: AcrossIx) -> (&AcrossSide<'p>, &SeatOf) {
        let side = self.side_of(seat);
        let own = OwnSeatIx::of_number(seat.number() - self.first_of(side));
        let side = &self.sides[side];
        (side, &side.seats[own])
    }

    /// All seats of an enterprise, each with its index in the list of all seats.
    pub fn seats_of(&self, side: SideIx) -> impl Iterator<Item = (AcrossIx, &SeatOf)> {
        let first = self.first_of(side);
        let seats = self.sides[side].seats.enumerated();
        seats.map(move |(own, seat)| (AcrossIx::of_number(first + own.number()), seat))
    }

    /// The seat that the Cloud account of a row takes; `None` if it takes none.
    pub fn seat_of_row(&self, side: SideIx, row: RowIx) -> Option<AcrossIx> {
        let seats: &[SeatOf] = &self.sides[side].seats;
        let clouds = seats.partition_point(|seat| seat.row.is_some());
        let own = seats[..clouds].binary_search_by_key(&Some(row), |seat| seat.row).ok()?;
        Some(AcrossIx::of_number(self.first_of(side) + OwnSeatIx::at(own).number()))
    }

    /// The seat that a Server account belongs to.
    pub fn seat_of_account(&self, side: SideIx, account: AccountIx) -> Option<AcrossIx> {
        match self.sides[side].matching.attached.get(account)? {
            Some(row) => self.seat_of_row(side, *row),
            None => {
                let mut seats = self.seats_of(side).filter(|(_, seat)| seat.row.is_none());
                seats.find(|(_, seat)| seat.accounts.contains(&account)).map(|(seat, _)| seat)
            }
        }
    }

    /// The keys of the addresses of a seat by which an entry of a directory may be found.
    pub fn keys_of(&self, side: SideIx, seat: &SeatOf) -> impl Iterator<Item = KeyId> {
        let addresses = self.addresses(side, seat).into_iter();
        let known = addresses.filter(|(_, uses)| uses & (IDENTITY | VISUAL_STUDIO | INVITED) != 0);
        known.map(|(key, _)| key)
    }

    /// The keys of a seat's addresses, each with flags for the uses of the address. A key may occur more than
    /// once.
    pub(super) fn addresses(&self, side: SideIx, seat: &SeatOf) -> Vec<(KeyId, u8)> {
        let AcrossSide { population, matching, .. } = &self.sides[side];
        let mut keys = Vec::new();
        if let Some(row) = seat.row {
            for address in population.addresses(&population.cloud[row].addresses) {
                let uses = match address.kind {
                    AddressKind::NameId | AddressKind::Verified => IDENTITY,
                    AddressKind::VisualStudio => VISUAL_STUDIO,
                    AddressKind::Invitation => INVITED,
                    // The Server addresses on a Cloud row belong to the Server accounts that it lists, which are
                    // added below.
                    _ => continue,
                };
                keys.push((address.key, uses));
            }
        }
        for account in seat.accounts.iter().map(|account| &matching.accounts[*account]) {
            keys.extend(alike_keys(population, account).map(
                |key| match account.keys.contains(&key) {
                    true => (key, IDENTITY | PRIMARY),
                    false if account.has_repeated(key) => (key, HELD),
                    false => (key, IDENTITY),
                },
            ));
        }
        keys
    }

    /// The login of a seat's Cloud account, in the form in which logins are compared.
    pub fn cloud_login(&self, side: SideIx, seat: &SeatOf) -> Option<&'p str> {
        let population = self.sides[side].population;
        let row = seat.row.filter(|row| population.cloud[*row].row == RowKind::Cloud)?;
        Account::login_of_identity(population.identity(row))
    }

    /// The logins by which a seat is compared: that of its Cloud account, also without the managed-user suffix; or
    /// those of its Server accounts, if it has no Cloud account.
    pub(super) fn logins<'s>(
        &'s self,
        side: SideIx,
        seat: &'s SeatOf,
    ) -> impl Iterator<Item = &'s str> {
        let cloud = self.cloud_login(side, seat);
        let own = seat.accounts.iter().filter(|_| seat.row.is_none());
        let own = own.map(move |account| self.sides[side].logins.get(*account));
        let logins = cloud.into_iter().chain(cloud.and_then(without_shortcode)).chain(own);
        logins.filter(|login| !login.is_empty())
    }

    /// The display names by which a seat is compared: that of its Cloud account, or those of its Server accounts, if
    /// it has no Cloud account.
    pub(super) fn names<'s>(
        &'s self,
        side: SideIx,
        seat: &'s SeatOf,
        words: &'s dyn StoredWords,
    ) -> impl Iterator<Item = NameHash> {
        let AcrossSide { population, matching, .. } = &self.sides[side];
        let row = seat.row.map(|row| &population.cloud[row]);
        let cloud = row.filter(|row| row.row == RowKind::Cloud).map(|row| row.state);
        let own = seat.accounts.iter().filter(|_| seat.row.is_none());
        let own = own.filter_map(|account| match matching.accounts[*account].origin {
            AccountOrigin::Own(index) => Some(population.server[index].state),
            AccountOrigin::Cloud(_) => None,
        });
        cloud.into_iter().chain(own).filter_map(|state| words.name(state))
    }
}

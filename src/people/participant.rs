//! A Server account that takes part in counting. `accounts` finds out which ones do.

use smallvec::SmallVec;

use crate::model::{InstanceIx, KeyId, Member, RowIx, ServerIx};

/// The origin of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountOrigin {
    /// The instance's own snapshot.
    Own(ServerIx),
    /// The first Cloud row that lists the account.
    Cloud(RowIx),
}

/// A list of indices, most often one or two, which fit in place.
pub type ShortList<I> = SmallVec<[I; 4]>;

/// A Server account that takes part.
#[derive(Debug, Clone)]
pub struct Participant {
    /// The snapshot or the row from which the account is known.
    pub origin: AccountOrigin,
    /// Its instance; `None` is the host `unknown`.
    pub instance: Option<InstanceIx>,
    /// Its id on the instance.
    pub member: Member,
    /// The keys that act as its primary address. An account from an own snapshot has at most one. An
    /// account that only Cloud knows has all Server addresses of its rows.
    pub keys: ShortList<KeyId>,
    /// The key of its primary address, if another account of the instance has the same one. It proves
    /// nothing and is not among `keys` (counting.md section 4).
    pub repeated: Option<KeyId>,
}

impl Participant {
    /// The keys of its primary addresses, whether or not they prove anything.
    pub fn primary_keys(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().copied().chain(self.repeated)
    }

    /// Is this the primary address that another account of the instance has too?
    pub fn has_repeated(&self, key: KeyId) -> bool {
        self.repeated == Some(key)
    }
}

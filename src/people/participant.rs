//! A Server account that takes part in counting. `accounts` finds the accounts that take part.

use smallvec::SmallVec;

use crate::model::{InstanceIx, KeyId, Member, RowIx, ServerIx};

/// The file from which a Server account is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountOrigin {
    /// The account is known from a snapshot of its instance.
    Own(ServerIx),
    /// Cloud rows that list the account. This is the first of them.
    Cloud(RowIx),
}

/// A list of indices. Most lists have one or two entries, which need no separate allocation.
pub type ShortList<I> = SmallVec<[I; 4]>;

/// A Server account that takes part in counting.
#[derive(Debug, Clone)]
pub struct Participant {
    /// The snapshot or the Cloud row from which the account is known.
    pub origin: AccountOrigin,
    /// The instance of the account; `None` means the host `unknown`.
    pub instance: Option<InstanceIx>,
    /// The id of the account on its instance.
    pub member: Member,
    /// The keys that act as the account's primary address. An account from a snapshot of its instance has at most
    /// one. An account that only Cloud rows list has all Server addresses of these rows.
    pub keys: ShortList<KeyId>,
    /// The key of the account's primary address, if another account of the instance has the same one. Such an
    /// address proves nothing and is not among `keys` (counting.md section 4).
    pub repeated: Option<KeyId>,
}

impl Participant {
    /// The keys of the account's primary addresses, whether or not they prove anything.
    pub fn primary_keys(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().copied().chain(self.repeated)
    }

    /// Is this key the account's primary address, and does another account of the instance have it too?
    pub fn has_repeated(&self, key: KeyId) -> bool {
        self.repeated == Some(key)
    }
}

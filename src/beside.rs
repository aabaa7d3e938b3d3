//! Two things at once.

use std::thread::{Builder, ScopedJoinHandle};

/// For fewer items a thread of its own is no gain.
const MANY: usize = 4 * 1024;

/// Does one thing on a thread of its own, where there are many items to be looked at and the system
/// gives one, and the other here.
pub fn both<A: Send, B>(
    items: usize,
    beside: impl Fn() -> A + Sync,
    here: impl FnOnce() -> B,
) -> (A, B) {
    if items < MANY {
        return (beside(), here());
    }
    std::thread::scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, &beside);
        let here = here();
        let joined = thread.map_or_else(|_| Ok(beside()), ScopedJoinHandle::join);
        (joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)), here)
    })
}

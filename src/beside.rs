//! Runs two computations in parallel.

use std::thread::{Builder, ScopedJoinHandle};

/// The number of items below which a second thread gains nothing.
const MANY: usize = 4 * 1024;

/// Runs the function `beside` on a second thread, while the function `here` runs on the calling thread. If there
/// are few items, or if the system starts no thread, one function runs after the other.
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

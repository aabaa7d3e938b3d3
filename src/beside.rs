//! Two things at once.

use std::thread::{Builder, ScopedJoinHandle};

/// Does one thing on a thread of its own, where the system gives one, and the other here.
pub fn both<A: Send, B>(beside: impl Fn() -> A + Sync, here: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, &beside);
        let here = here();
        let joined = thread.map_or_else(|_| Ok(beside()), ScopedJoinHandle::join);
        (joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)), here)
    })
}

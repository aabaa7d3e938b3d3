//! A clock on which every wait counts as time that has passed, even if nothing really slept.
//!
//! The caller provides the present instant and the function that sleeps. So a test can wait for an hour without
//! a delay, and the clock still shows that the hour has passed.

use std::cell::Cell;
use std::time::Duration;

use crate::model::Instant;

/// A clock that begins at an instant that the caller states. It also waits.
pub struct Clock<'c> {
    present: Instant,
    begun: std::time::Instant,
    /// How much longer the waits were than the time that was really slept. In a test this is all of the
    /// waiting.
    skipped: Cell<Duration>,
    waited: Cell<Duration>,
    sleep: &'c dyn Fn(Duration),
}

impl<'c> Clock<'c> {
    /// A clock that begins at the instant `present`, and that waits by calling `sleep`.
    pub fn new(present: Instant, sleep: &'c dyn Fn(Duration)) -> Clock<'c> {
        let begun = std::time::Instant::now();
        Clock { present, begun, skipped: Cell::default(), waited: Cell::default(), sleep }
    }

    /// The present instant. All waits count as time that has passed.
    pub fn now(&self) -> Instant {
        let gone = self.begun.elapsed() + self.skipped.get();
        self.present.plus_seconds(i64::try_from(gone.as_secs()).unwrap_or(i64::MAX))
    }

    /// Waits for the time `how_long`.
    pub fn sleep(&self, how_long: Duration) {
        let before = self.begun.elapsed();
        (self.sleep)(how_long);
        let slept = self.begun.elapsed().saturating_sub(before);
        self.skipped.set(self.skipped.get() + how_long.saturating_sub(slept));
        self.waited.set(self.waited.get() + how_long);
    }

    /// How long the clock has waited in total.
    pub fn waited(&self) -> Duration {
        self.waited.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_is_not_slept_is_gone_all_the_same() {
        let sleep = |_| {};
        let clock = Clock::new(Instant::default(), &sleep);
        clock.sleep(Duration::from_secs(3600));
        assert_eq!(clock.now().unix(), 3600);
        assert_eq!(clock.waited().as_secs(), 3600);
    }
}

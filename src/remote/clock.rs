//! A clock that counts every wait as time that has passed.
//!
//! The caller provides the present instant and the function that sleeps. So a test can wait for an hour without
//! a delay, and the clock still shows that the hour has passed.

use std::cell::Cell;
use std::time::Duration;

use crate::model::Instant;

/// A clock that starts at an instant that the caller provides.
pub struct Clock<'c> {
    present: Instant,
    begun: std::time::Instant,
    /// The total length of the waits that were not really slept. In a test, these are all waits.
    skipped: Cell<Duration>,
    waited: Cell<Duration>,
    sleep: &'c dyn Fn(Duration),
}

impl<'c> Clock<'c> {
    /// A clock that starts at `present` and waits with `sleep`.
    pub fn new(present: Instant, sleep: &'c dyn Fn(Duration)) -> Clock<'c> {
        let begun = std::time::Instant::now();
        Clock { present, begun, skipped: Cell::default(), waited: Cell::default(), sleep }
    }

    /// The present instant, with all waits included.
    pub fn now(&self) -> Instant {
        let gone = self.begun.elapsed() + self.skipped.get();
        self.present.plus_seconds(i64::try_from(gone.as_secs()).unwrap_or(i64::MAX))
    }

    /// Waits for this length of time.
    pub fn sleep(&self, how_long: Duration) {
        let before = self.begun.elapsed();
        (self.sleep)(how_long);
        let slept = self.begun.elapsed().saturating_sub(before);
        self.skipped.set(self.skipped.get() + how_long.saturating_sub(slept));
        self.waited.set(self.waited.get() + how_long);
    }

    /// The total length of all waits.
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

//! The time, as it goes on while something is waited for.
//!
//! Whoever runs the program hands in the present and how to sleep; so a test can wait an hour in no
//! time, and everything that reckons with the time afterwards still sees the hour gone.

use std::cell::Cell;
use std::time::Duration;

use crate::model::Instant;

/// A clock that begins at the present and goes on.
pub struct Clock<'c> {
    present: Instant,
    begun: std::time::Instant,
    /// What was slept in less time than asked for: in a test, all of it.
    skipped: Cell<Duration>,
    waited: Cell<Duration>,
    sleep: &'c dyn Fn(Duration),
}

impl<'c> Clock<'c> {
    /// A clock that shows this now, and that waits like this.
    pub fn new(present: Instant, sleep: &'c dyn Fn(Duration)) -> Clock<'c> {
        let begun = std::time::Instant::now();
        Clock { present, begun, skipped: Cell::default(), waited: Cell::default(), sleep }
    }

    /// The present.
    pub fn now(&self) -> Instant {
        let gone = self.begun.elapsed() + self.skipped.get();
        self.present.plus_seconds(i64::try_from(gone.as_secs()).unwrap_or(i64::MAX))
    }

    /// Waits.
    pub fn sleep(&self, how_long: Duration) {
        let before = self.begun.elapsed();
        (self.sleep)(how_long);
        let slept = self.begun.elapsed().saturating_sub(before);
        self.skipped.set(self.skipped.get() + how_long.saturating_sub(slept));
        self.waited.set(self.waited.get() + how_long);
    }

    /// How long has been waited in all.
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

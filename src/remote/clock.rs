//! The time, which goes on during waits.
//!
//! The caller provides the present instant and the function that sleeps. A test can therefore wait an hour in
//! no time, and all later readings of the clock still include that hour.

use std::cell::Cell;
use std::time::Duration;

use crate::model::Instant;

/// A clock that starts at a present instant.
pub struct Clock<'c> {
    present: Instant,
    begun: std::time::Instant,
    /// The part of the waits that was not really slept; in a test, all of them.
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

    /// Waits this long.
    pub fn sleep(&self, how_long: Duration) {
        let before = self.begun.elapsed();
        (self.sleep)(how_long);
        let slept = self.begun.elapsed().saturating_sub(before);
        self.skipped.set(self.skipped.get() + how_long.saturating_sub(slept));
        self.waited.set(self.waited.get() + how_long);
    }

    /// The total of all waits.
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

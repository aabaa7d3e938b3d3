//! Runs a check over random values, the same on every machine. `ONESEAT_CASES` and `ONESEAT_SEED` ask for more
//! and for others, and `ONESEAT_SHRINK` sets how long to look for a smaller failure. It must not know what is
//! drawn or checked.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestError, TestRng, TestRunner};

/// The number of cases asked for.
pub fn cases(default: u32) -> u32 {
    number("ONESEAT_CASES").unwrap_or(default)
}

/// Checks this many values. A failure reports the description of the smallest failing value that can be found.
pub fn for_random<T: std::fmt::Debug>(
    drawn: &impl Strategy<Value = T>,
    cases: u32,
    describe: impl Fn(&T) -> String,
    check: impl Fn(&T) -> TestCaseResult,
) {
    let seed = number("ONESEAT_SEED").unwrap_or(1);
    let mut seed_bytes = [0; 32];
    seed_bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let max_shrink_iters = number("ONESEAT_SHRINK").unwrap_or(20_000);
    let config = Config { cases, failure_persistence: None, max_shrink_iters, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed_bytes));
    match runner.run(drawn, |value| check(&value)) {
        Ok(()) => {}
        Err(TestError::Abort(reason)) => panic!("of {cases} cases with seed {seed}: {reason}"),
        Err(TestError::Fail(reason, smallest)) => {
            panic!("of {cases} cases with seed {seed}: {reason}\n{}", describe(&smallest))
        }
    }
}

fn number(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

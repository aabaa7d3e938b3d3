//! Decides how long to wait for a rate limit, as GitHub documents it ("Rate limits for the REST API",
//! "Exceeding the rate limit"). A reply with status 403 or 429 can report a rate limit. `Retry-After` states
//! how long to wait; else, if `x-ratelimit-remaining` is 0, `x-ratelimit-reset` states the end of the limit;
//! else the wait is at least a minute and grows each time. Server instances send none of these headers. All
//! functions in this file are pure, except for `jitter`.

use std::time::Duration;

use crate::model::Instant;

/// What a reply says about rate limits: its status and some of its headers.
#[derive(Debug, Default, Clone)]
pub struct LimitHeaders {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`: seconds, or a date.
    pub retry_after: Option<String>,
    /// The header `x-ratelimit-remaining`: the number of requests that are left.
    pub remaining: Option<String>,
    /// The header `x-ratelimit-reset`: seconds since 1970.
    pub reset: Option<String>,
    /// The header `Date`: the present time by the host's clock.
    pub date: Option<String>,
    /// Is a rate limit mentioned in the body of the reply?
    pub body_says_so: bool,
}

/// A rate limit that a reply reports, with the time to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Wait as long as the header `Retry-After` says.
    RetryAfter(Duration),
    /// Wait until GitHub renews the quota of requests.
    Reset(Duration),
    /// Wait for a time that the client chooses, because no header states it.
    Unstated,
}

/// How long the client first waits for a rate limit that states no duration.
const UNSTATED: Duration = Duration::from_secs(60);

/// The rate limit that a reply reports; `None` if it reports none. A plain status 403 means a missing
/// permission and no rate limit.
pub fn limit(said: &LimitHeaders, now: Instant) -> Option<Limit> {
    let exhausted = said.remaining.as_deref().map(str::trim) == Some("0");
    let limited = match said.status {
        429 => true,
        403 => exhausted || said.retry_after.is_some() || said.body_says_so,
        // GraphQL reports its rate limit in a reply with status 200.
        200 => said.body_says_so,
        _ => false,
    };
    if !limited {
        return None;
    }
    // The time by the host's clock is used if the reply states it, because the clock of this machine may be
    // wrong.
    let now = said.date.as_deref().and_then(http_date).unwrap_or(now.unix());
    let until = |at: i64| Duration::from_secs(u64::try_from(at.saturating_sub(now)).unwrap_or(0));
    if let Some(text) = said.retry_after.as_deref().map(str::trim) {
        let seconds = text.parse().ok().map(Duration::from_secs);
        if let Some(wait) = seconds.or_else(|| http_date(text).map(until)) {
            return Some(Limit::RetryAfter(wait));
        }
    }
    let reset = said.reset.as_deref().and_then(|text| text.trim().parse::<i64>().ok());
    match reset {
        // The wait is one second longer than stated. The end of the limit comes in whole seconds, and a request
        // must not come too early.
        Some(reset) if exhausted => Some(Limit::Reset(until(reset.saturating_add(1)))),
        _ => Some(Limit::Unstated),
    }
}

/// How long to wait for a rate limit that states no duration: a minute, doubled each time, plus up to a quarter
/// of that. `time` says how often such a limit came before, and `jitter`, a number from 0 to 1, decides about
/// the added quarter, so that many clients do not return together.
pub fn unstated(time: u32, jitter: f64) -> Duration {
    grown(UNSTATED, time, jitter)
}

/// How long to wait after a fault: a second, doubled each time, plus up to a quarter of that. `time` says how
/// often a fault came before, and `jitter`, from 0 to 1, decides about the added quarter.
pub fn after_fault(time: u32, jitter: f64) -> Duration {
    grown(Duration::from_secs(1), time, jitter)
}

fn grown(first: Duration, time: u32, jitter: f64) -> Duration {
    let doubled = first.saturating_mul(2u32.saturating_pow(time.min(16)));
    doubled.saturating_add(doubled.mul_f64(jitter.clamp(0.0, 1.0) / 4.0))
}

/// A random number from 0 to 1.
pub fn jitter() -> f64 {
    // If the system has no random number to give, all clients wait equally long. This is no reason to stop.
    f64::from(getrandom::u32().unwrap_or(0)) / f64::from(u32::MAX)
}

fn http_date(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc2822(text.trim()).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, headers: [Option<&str>; 3], body_says_so: bool) -> LimitHeaders {
        let [retry_after, remaining, reset] = headers.map(|it| it.map(str::to_owned));
        LimitHeaders { status, retry_after, remaining, reset, date: None, body_says_so }
    }

    #[test]
    fn the_documented_rules_in_their_order() {
        let now = Instant::from_unix(1_000_000).expect("an instant");
        let seconds = Duration::from_secs;
        for (said, expected) in [
            (
                said(429, [Some("7"), Some("0"), Some("1000500")], false),
                Some(Limit::RetryAfter(seconds(7))),
            ),
            (said(403, [Some("7"), None, None], false), Some(Limit::RetryAfter(seconds(7)))),
            (said(403, [None, Some("0"), Some("1000030")], false), Some(Limit::Reset(seconds(31)))),
            (said(429, [None, Some("0"), Some("1")], false), Some(Limit::Reset(seconds(0)))),
            (said(403, [None, Some("4999"), Some("1000030")], true), Some(Limit::Unstated)),
            (said(403, [None, Some("4999"), Some("1000030")], false), None),
            (said(403, [None, None, None], false), None),
            (said(429, [None, None, None], false), Some(Limit::Unstated)),
            (said(429, [Some("soon"), None, None], false), Some(Limit::Unstated)),
            (
                said(429, [Some("99999999999999999999999"), None, None], false),
                Some(Limit::Unstated),
            ),
            (said(200, [None, Some("0"), Some("1000030")], true), Some(Limit::Reset(seconds(31)))),
            (said(200, [None, Some("0"), Some("1000030")], false), None),
            (said(500, [Some("7"), None, None], true), None),
        ] {
            assert_eq!(limit(&said, now), expected, "{said:?}");
        }
    }

    #[test]
    fn the_time_over_there_counts() {
        let mut said = said(429, [None, Some("0"), Some("784111787")], false);
        said.date = Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned());
        assert_eq!(limit(&said, Instant::default()), Some(Limit::Reset(Duration::from_secs(11))));
        said.retry_after = Some("Sun, 06 Nov 1994 08:49:57 GMT".to_owned());
        let wait = Limit::RetryAfter(Duration::from_secs(20));
        assert_eq!(limit(&said, Instant::default()), Some(wait));
    }

    #[test]
    fn waits_grow() {
        assert_eq!(unstated(0, 0.0), Duration::from_secs(60));
        assert_eq!(unstated(2, 1.0), Duration::from_secs(300));
        assert_eq!(after_fault(1, 0.0), Duration::from_secs(2));
        assert!(unstated(u32::MAX, 1.0) < Duration::from_secs(10_000_000));
    }
}

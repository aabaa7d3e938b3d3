//! Sends a request to a host, and repeats it until there is an answer or a final failure. It waits for rate
//! limits, retries a few times after faults, and sends the token to no other host.

use std::cell::Cell;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};

use super::address::{Base, link, page_number};
use super::clock::Clock;
use super::limits::{self, Limit, LimitHeaders};
use super::refusal::{self, RefusalSubject};
use super::token::Token;
use super::transport::{Reply, Transport, Trouble, shown_host};
use crate::error::{Error, Result, quoted};
use crate::model::Instant;
use crate::table::counted;

/// How often a request is sent at most if a fault, such as a lost connection, follows each time.
const ATTEMPTS: u32 = 4;

/// How often the client waits at most, for one answer, because of rate limits without a stated duration.
const UNSTATED_LIMITS: u32 = 5;

/// How often the client waits at most, for one answer, because of any rate limits.
const LIMITS: u32 = 20;

/// How many redirects one request follows at most.
const REDIRECTS: u32 = 5;

/// The length, in bytes, that a page of JSON may have at most.
const LONGEST_PAGE: u64 = 256 * 1024 * 1024;

/// The length, in bytes, that a report may have at most.
const LONGEST_REPORT: u64 = 2 * 1024 * 1024 * 1024;

/// Is told the progress of a fetch, to show it to the user. An implementation must not fail.
pub trait Talk {
    /// Called before a page is requested. `pages` is the number of pages that have been fetched, and `of` is
    /// the number of all pages if it is known.
    fn asking(&self, what: &str, pages: u64, of: Option<u64>);
    /// Called before a wait of the length `how_long`, until the instant `until`, for the reason `why`.
    fn waiting(&self, why: &str, how_long: Duration, until: Instant);
    /// Called with a note about the fetch. The fetch goes on.
    fn note(&self, text: &str);
    /// Called when the fetch has ended.
    fn end(&self);
}

/// In which header a request sends the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// The header `Authorization: Bearer` with the token.
    Bearer,
    /// The header `Authorization: Basic`, with a user name and with the token as the password.
    Basic(String),
}

/// What all requests to a host have in common.
pub struct Settings {
    /// The base URL of the host.
    pub base: Base,
    /// The token for the host.
    pub token: Token,
    /// The version of GitHub's API that requests ask for (`X-GitHub-Api-Version`); `None` if they ask for none.
    pub api_version: Option<String>,
    /// The permissions that a token needs, in words for a hint.
    pub rights: &'static str,
    /// What else may be wrong if the host answers with 404, in words for a hint.
    pub else_wrong: &'static str,
    /// How long the client may wait in total: for rate limits, and for reports that the host is still making.
    pub max_wait: Duration,
}

/// Why a request got no answer, and what follows from it.
#[derive(Debug)]
pub struct Failure {
    /// The error that is reported to the user.
    pub error: Error,
    /// Did the host understand the request and refuse it (403, 404)?
    pub refused: bool,
    /// May the request succeed later? If so, the pages that were fetched already are kept, so that the fetch
    /// can be resumed.
    pub passing: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, refused: false, passing: false }
    }
}

impl Failure {
    fn passing(error: Error) -> Failure {
        Failure { error, refused: false, passing: true }
    }
}

/// The kind of answer that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// JSON from GitHub's REST or GraphQL API.
    Json,
    /// JSON in the form that SCIM prescribes, with the users of an identity provider.
    Scim,
    /// A report of an instance: a table, which the instance makes on request.
    Report,
}

impl Media {
    fn is_json(self) -> bool {
        self != Media::Report
    }

    /// The value of the header `Accept` with which the request asks for this kind of answer.
    fn accept(self) -> &'static str {
        match self {
            Media::Json => "application/vnd.github+json, application/json",
            Media::Scim => "application/scim+json, application/json",
            Media::Report => "text/csv, */*",
        }
    }
}

/// One request: what to ask for, and how.
pub struct Ask<'a> {
    /// The URL of the request.
    pub address: &'a str,
    /// The body of a POST request; `None` for a GET request.
    pub body: Option<&'a [u8]>,
    /// The name of the answer in messages, such as "the consumed licenses of octo-corp".
    pub what: &'a str,
    /// The kind of answer that is asked for.
    pub media: Media,
    /// In which header the request sends the token.
    pub login: &'a Authorization,
}

/// An answer from the host.
pub struct Response {
    /// The HTTP status: 200, or 202 for a report that the host is still making.
    pub status: u16,
    pub body: Vec<u8>,
    /// The URL of the next page, from the `Link` header; `None` if there is no next page.
    pub next: Option<String>,
    /// The number of all pages; `None` if the `Link` header does not state it.
    pub pages: Option<u64>,
}

/// Sends requests to a host.
pub struct Client<'c> {
    transport: Transport,
    settings: Settings,
    /// The clock, by which ends of limits are measured and with which the client waits.
    pub clock: &'c Clock<'c>,
    /// Is told the progress of the fetch.
    pub talk: &'c dyn Talk,
    requests: Cell<u64>,
}

impl<'c> Client<'c> {
    /// A client for one host.
    pub fn new(
        transport: Transport,
        settings: Settings,
        clock: &'c Clock<'c>,
        talk: &'c dyn Talk,
    ) -> Client<'c> {
        Client { transport, settings, clock, talk, requests: Cell::default() }
    }

    /// The URL to which the host's requests are sent.
    pub fn base(&self) -> &Base {
        &self.settings.base
    }

    /// How many requests were sent so far.
    pub fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// The permissions that a token needs, in words for a hint.
    pub fn rights(&self) -> &'static str {
        self.settings.rights
    }

    /// A text from the host without the token. The host may have repeated the token in it.
    pub fn scrub(&self, text: &str) -> String {
        self.settings.token.scrub(text)
    }

    /// The same error, without the token in any of its texts.
    #[must_use]
    pub fn scrub_error(&self, error: Error) -> Error {
        self.settings.token.scrub_error(error)
    }

    /// Is the token contained in these bytes, as it is or encoded?
    pub fn is_repeated_in(&self, bytes: &[u8]) -> bool {
        self.settings.token.is_in(bytes)
    }

    /// The error that an answer contains the token, so that it must not be stored.
    pub fn repeats(&self) -> Error {
        let host = self.settings.base.host();
        Error::remote(format!("the answer of {host} repeats the token; nothing of it is kept"))
            .hint("make a new token, and check which program answers at this address")
    }

    /// Sends a request, and repeats it until there is an answer.
    ///
    /// # Errors
    /// The reason why there is no answer, as [`crate::error::ErrorKind::Remote`].
    pub fn ask(&self, ask: &Ask<'_>) -> Result<Response, Failure> {
        let (mut faults, mut limited, mut unstated) = (0, 0, 0);
        loop {
            let fault = match self.once(ask) {
                Ok(reply) => {
                    if let Some(limit) = self.limit(ask, &reply) {
                        limited += 1;
                        unstated += u32::from(limit == Limit::Unstated);
                        self.wait_for(limit, limited, unstated, ask)?;
                        continue;
                    }
                    match self.judge(ask, reply)? {
                        Judged::Answer(answer) => return Ok(answer),
                        Judged::Fault(error) => error,
                    }
                }
                Err(Trouble::Lasting(error)) => return Err(error.into()),
                Err(Trouble::Passing(error)) => error,
            };
            faults += 1;
            let wait = limits::after_fault(faults - 1, limits::jitter());
            if faults == ATTEMPTS || self.is_too_long(wait) {
                let told = format!("{} (requested {})", fault.message, counted(faults, "time"));
                let mut error = Error { message: told, ..fault };
                if error.hints.is_empty() {
                    error = error.hint("try again later: the fault may pass");
                }
                return Err(Failure::passing(error));
            }
            self.rest(wait, &fault.to_string());
        }
    }

    /// Waits for some time, unless the total of all waits would exceed its limit.
    ///
    /// # Errors
    /// If the total of all waits would become too long.
    pub fn wait(&self, how_long: Duration, why: &str) -> Result<(), Failure> {
        if self.is_too_long(how_long) {
            let until = self.until(how_long);
            let (seconds, most) = (how_long.as_secs(), self.settings.max_wait.as_secs());
            let error = Error::remote(format!(
                "{why}: the wait would be {seconds} s, until {until}; the total wait is at most {most} s"
            ));
            return Err(Failure::passing(error.hint(format!(
                "try again after {until}, or allow a longer wait: --max-wait {}m",
                (self.clock.waited() + how_long).as_secs() / 60 + 1
            ))));
        }
        self.rest(how_long, why);
        Ok(())
    }

    fn rest(&self, how_long: Duration, why: &str) {
        self.talk.waiting(&self.scrub(why), how_long, self.until(how_long));
        self.clock.sleep(how_long);
    }

    fn until(&self, how_long: Duration) -> Instant {
        self.clock.now().plus_seconds(i64::try_from(how_long.as_secs()).unwrap_or(i64::MAX))
    }

    fn is_too_long(&self, wait: Duration) -> bool {
        self.clock.waited().saturating_add(wait) > self.settings.max_wait
    }

    fn wait_for(
        &self,
        limit: Limit,
        limited: u32,
        unstated: u32,
        ask: &Ask<'_>,
    ) -> Result<(), Failure> {
        let host = self.settings.base.host();
        let why = match limit {
            Limit::Reset(_) => format!("the rate limit of {host} is used up"),
            _ => format!("{host} wants fewer requests (rate limit)"),
        };
        if limited > LIMITS || unstated > UNSTATED_LIMITS {
            let times = limited - 1;
            let told =
                format!("{why}; {} was requested again {}", ask.what, counted(times, "time"));
            return Err(Failure::passing(
                Error::remote(told)
                    .hint("try again in an hour, and use this token for nothing else"),
            ));
        }
        let wait = match limit {
            // A limit may state a wait of zero seconds. The client then waits a second, because it would
            // otherwise send requests as fast as the network allows.
            Limit::RetryAfter(wait) | Limit::Reset(wait) => wait.max(Duration::from_secs(1)),
            Limit::Unstated => limits::unstated(unstated - 1, limits::jitter()),
        };
        self.wait(wait, &why)
    }

    fn limit(&self, ask: &Ask<'_>, reply: &Reply) -> Option<Limit> {
        let said = LimitHeaders {
            status: reply.status,
            retry_after: reply.header("retry-after"),
            remaining: reply.header("x-ratelimit-remaining"),
            reset: reply.header("x-ratelimit-reset"),
            date: reply.header("date"),
            body_says_so: speaks_of_a_limit(ask, reply),
        };
        limits::limit(&said, self.clock.now())
    }

    /// Sends the request once, and follows redirects that stay on the host.
    fn once(&self, ask: &Ask<'_>) -> std::result::Result<Reply, Trouble> {
        let secret = self.settings.token.secret();
        let authorization = match ask.login {
            Authorization::Bearer => format!("Bearer {secret}"),
            Authorization::Basic(user) => {
                format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{secret}")))
            }
        };
        let accept = ask.media.accept();
        let mut headers = vec![("authorization", authorization.as_str()), ("accept", accept)];
        if let (Some(version), true) = (&self.settings.api_version, ask.media.is_json()) {
            headers.push(("x-github-api-version", version));
        }
        let most = if ask.media.is_json() { LONGEST_PAGE } else { LONGEST_REPORT };
        let mut address = ask.address.to_owned();
        for _ in 0..=REDIRECTS {
            if !self.settings.base.owns(&address) {
                return Err(Trouble::Lasting(self.leads_away(&address)));
            }
            self.requests.set(self.requests.get() + 1);
            let reply = self.transport.ask(&address, &headers, ask.body, most)?;
            // The body of a success is written to disk, and the URL of a redirect is requested, so neither may
            // contain the token. Other replies are only shown, with the token removed.
            let kept = (200..400).contains(&reply.status);
            if kept && reply.parts().any(|part| self.is_repeated_in(part)) {
                return Err(Trouble::Lasting(self.repeats()));
            }
            let redirects = matches!(reply.status, 301 | 302 | 303 | 307 | 308);
            let location = reply.header("location").filter(|_| redirects);
            let Some(location) = location else { return Ok(reply) };
            address = match self.settings.base.resolve(&location) {
                Some(address) if ask.body.is_none() => address,
                _ => {
                    let told = format!(
                        "{} sends a redirect that cannot be followed",
                        self.settings.base.host()
                    );
                    let hint = "check the address: a redirect must lead to a valid address, and a posted request follows no redirect";
                    return Err(Trouble::Lasting(Error::remote(told).hint(hint)));
                }
            };
        }
        let told = format!("{} redirects too often", self.settings.base.host());
        Err(Trouble::Lasting(Error::remote(told).hint("check the address that is fetched from")))
    }

    fn leads_away(&self, address: &str) -> Error {
        let (host, other) = (self.settings.base.host(), shown_host(&self.scrub(address)));
        Error::remote(format!("{host} redirects to another host: {other}"))
            .hint("the token was not sent there, and no request was sent to that host")
            .hint("if that host is the right one, name its address: `fetch cloud --api-url`, `fetch server --url`, or api_url and url in the configuration")
    }

    /// Decides what a reply is that reports no rate limit: an answer, a fault that may pass, or a final
    /// failure.
    fn judge(&self, ask: &Ask<'_>, reply: Reply) -> Result<Judged, Failure> {
        let about = RefusalSubject {
            what: ask.what,
            host: self.settings.base.host(),
            rights: self.settings.rights,
            else_wrong: self.settings.else_wrong,
            version: self.settings.api_version.as_deref(),
        };
        let fault = |text: String| Ok(Judged::Fault(Error::remote(text)));
        let host = about.host;
        match reply.status {
            500..=599 | 408 => {
                let said = refusal::said(&reply.body).map(|it| quoted(&self.scrub(&it)));
                let said = said.map(|it| format!(": {it}")).unwrap_or_default();
                return fault(format!("{host} answers {}{said}", reply.status));
            }
            200 => {}
            202 if !ask.media.is_json() => {}
            status => {
                let error = refusal::refused(&about, &self.settings.token, &reply);
                let refused = matches!(status, 403 | 404);
                return Err(Failure { error, refused, passing: false });
            }
        }
        if refusal::is_web_page(&reply) && reply.status == 200 {
            return Err(refusal::web_page(&about).into());
        }
        if ask.media.is_json() {
            if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&reply.body) {
                let place = format!("line {}, column {}", error.line(), error.column());
                return fault(format!("the answer of {host} is not valid JSON ({place})"));
            }
        } else if reply.status == 200 && reply.body.trim_ascii().is_empty() {
            return fault(format!("the answer of {host} is empty"));
        }
        let links = reply.headers("link");
        let pages = link(&links, "last").as_deref().and_then(page_number);
        let next = link(&links, "next");
        Ok(Judged::Answer(Response { status: reply.status, body: reply.body, next, pages }))
    }
}

enum Judged {
    Answer(Response),
    /// An error that may pass. The request is sent again.
    Fault(Error),
}

/// Does the body of a reply report a rate limit? GitHub reports secondary rate limits with status 403 or 429
/// and a message. GraphQL reports its rate limit with status 200.
fn speaks_of_a_limit(ask: &Ask<'_>, reply: &Reply) -> bool {
    match reply.status {
        403 | 429 => refusal::said(&reply.body).is_some_and(|said| {
            let said = said.to_lowercase();
            said.contains("rate limit") || said.contains("abuse detection")
        }),
        200 if ask.body.is_some() => {
            let answer: Option<serde_json::Value> = serde_json::from_slice(&reply.body).ok();
            let errors = answer.as_ref().and_then(|it| it.get("errors")?.as_array());
            errors.into_iter().flatten().any(|it| it["type"] == "RATE_LIMITED")
        }
        _ => false,
    }
}

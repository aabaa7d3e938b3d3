//! The answers that an instance gives about itself, and the URLs to fetch them from (formats.md sections 5 and
//! 6).

use std::time::Duration;

use super::address::path_part;
use super::client::{Ask, Authorization, Client, Failure, Media, Response};
use super::look::Seen;
use super::spool::Spools;
use super::walk::{Answered, Pages, WalkRequest, walk};
use crate::error::{Error, Result};

/// How long an instance may take to make a report before the fetch gives up.
const REPORT: Duration = Duration::from_secs(30 * 60);

/// How long to wait before a report is requested again: the first time, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));

/// One of the answers that an instance gives about itself.
pub struct ServerAnswer {
    /// The name of the answer in the configuration and in output.
    pub name: &'static str,
    about: &'static str,
    path: &'static str,
    /// Is the answer a report? An instance makes a report on request, which takes time.
    report: bool,
    /// Is the answer optional? If so, a missing permission is no error but a warning.
    pub optional: bool,
    /// The input format of the answer.
    pub format: &'static str,
    file: (&'static str, &'static str),
}

/// All answers of an instance, in the order in which they are fetched.
pub const SERVER_ANSWERS: [ServerAnswer; 2] = [
    ServerAnswer {
        name: "all-users",
        about: "the report on all users",
        path: "/stafftools/reports/all_users.csv",
        report: true,
        optional: false,
        format: "server-users-csv",
        file: ("all_users", "csv"),
    },
    ServerAnswer {
        name: "license",
        about: "the license",
        path: "/api/v3/enterprise/settings/license",
        report: false,
        optional: true,
        format: "server-license-json",
        file: ("license", "json"),
    },
];

impl ServerAnswer {
    /// Fetches the answer from an instance. `user` is the login of the token's owner, because reports are
    /// requested with a user name and the token.
    ///
    /// # Errors
    /// The reason why the answer cannot be fetched.
    pub fn fetch(
        &self,
        client: &Client<'_>,
        (host, user): (&str, &str),
        spools: &Spools,
    ) -> Result<Answered, Failure> {
        let login =
            if self.report { Authorization::Basic(user.to_owned()) } else { Authorization::Bearer };
        let address = client.base().join(self.path);
        let name = path_part(&host.replace(':', "_"));
        let asked = WalkRequest {
            spools,
            spool: format!("server-{name}-{}", self.name),
            file: (format!("{}-{name}", self.file.0), self.file.1),
            accept_moved: false,
        };
        walk(client, &Single { answer: self, host, address, login }, &asked)
    }
}

/// An answer that consists of one page.
struct Single<'s> {
    answer: &'s ServerAnswer,
    host: &'s str,
    address: String,
    login: Authorization,
}

impl Pages for Single<'_> {
    fn what(&self) -> String {
        format!("{} of {}", self.answer.about, self.host)
    }

    fn first(&self) -> String {
        self.address.clone()
    }

    fn ask(&self, client: &Client<'_>, _: Option<&str>) -> Result<Response, Failure> {
        let what = self.what();
        let media = if self.answer.report { Media::Report } else { Media::Json };
        let ask =
            Ask { address: &self.address, body: None, what: &what, media, login: &self.login };
        let begun = client.clock.now();
        let mut wait = AGAIN.0;
        loop {
            let answer = client.ask(&ask)?;
            if answer.status == 200 {
                // The answer consists of one page, even if a header names a next one.
                return Ok(Response { next: None, ..answer });
            }
            let waited = client.clock.now().unix() - begun.unix();
            if waited > i64::try_from(REPORT.as_secs()).unwrap_or(i64::MAX) {
                let error = Error::remote(format!(
                    "{} is still being made after {} minutes (202)",
                    what,
                    waited / 60
                ));
                return Err(error
                    .hint("try again later: the instance keeps the report once it is made")
                    .into());
            }
            client.wait(wait, &format!("{} is still making {what}", client.base().host()))?;
            wait = (wait * 2).min(AGAIN.1);
        }
    }

    fn look(&self, _: &[u8]) -> Seen {
        Seen::default()
    }
}

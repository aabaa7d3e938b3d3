//! The errors that a host refused a request, each with a hint. Texts of the host are shown without the token,
//! because the host may have repeated it.

use super::token::Token;
use super::transport::Reply;
use crate::error::{Error, quoted};

/// The request that was refused: what it asked for, and what hints need to know.
pub struct RefusalSubject<'a> {
    /// What the request asked for, in words, such as "the consumed licenses of octo-corp".
    pub what: &'a str,
    pub host: &'a str,
    /// The permissions that a token needs, in words for a hint.
    pub rights: &'a str,
    /// What else may be wrong if the host answers with 404, in words for a hint.
    pub else_wrong: &'a str,
    /// The version of GitHub's API that the request asked for; `None` if it asked for none.
    pub version: Option<&'a str>,
}

/// The error that a host refused a request, by the status of its reply.
pub fn refused(about: &RefusalSubject<'_>, token: &Token, reply: &Reply) -> Error {
    let RefusalSubject { what, host, rights, else_wrong, version } = about;
    let said = said(&reply.body).map(|it| format!(": {}", quoted(&token.scrub(&it))));
    let said = said.unwrap_or_default();
    let version = version.unwrap_or("none");
    let told = |text: String| Error::remote(format!("{text}{said}"));
    match reply.status {
        401 => told(format!("{host} does not know the token (401)"))
            .hint(format!("the token of {} is wrong, has expired or was revoked", token.from))
            .hint(format!("make a new token: {rights}")),
        403 => {
            let error = told(format!("the token has no access to {what} (403)"));
            let error = match reply.header("x-github-sso") {
                Some(sso) if sso.contains("required") => error.hint(
                    "authorize the token for single sign-on: Settings, Developer settings, Personal access tokens, Configure SSO",
                ),
                _ => error,
            };
            error.hint(format!("the token needs {rights}"))
        }
        404 => told(format!("{host} does not show {what} (404)"))
            .hint(format!("this often means \"not permitted\": the token needs {rights}"))
            .hint(*else_wrong),
        410 => told(format!("{host} no longer provides {what} in this version (410)")).hint(format!(
            "API version {version} has ended: use a newer oneseat, or name another version with api_version in the configuration"
        )),
        400 if said.to_lowercase().contains("version") => {
            told(format!("{host} does not support this API version (400)"))
                .hint(format!("{version} was requested: name another version with api_version in the configuration"))
        }
        407 => told(format!("a proxy before {host} requires a log-in (407)"))
            .hint("put the user and the password of the proxy into HTTPS_PROXY"),
        status => told(format!("{host} answers {status} instead of {what}"))
            .hint("check the address and the name, or try again later"),
    }
}

/// The error that a host sent a web page in place of data.
pub fn web_page(about: &RefusalSubject<'_>) -> Error {
    let RefusalSubject { what, host, rights, .. } = about;
    Error::remote(format!("{host} sends a web page instead of {what}"))
        .hint(format!("this is most likely a log-in page, because the token was not accepted: it needs {rights}"))
        .hint("or the address is that of the web interface or of a proxy: check it (`fetch cloud --api-url`, `fetch server --url`, api_url and url in the configuration) and HTTPS_PROXY")
}

/// Is the reply a web page?
pub fn is_web_page(reply: &Reply) -> bool {
    let html = reply.header("content-type").is_some_and(|it| it.contains("text/html"));
    html || reply.body.trim_ascii_start().starts_with(b"<")
}

/// The error message in an answer of GitHub, which SCIM calls `detail`; `None` if the answer has no message.
pub fn said(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let message = answer.get("message").or(answer.get("detail"))?.as_str()?.trim();
    (!message.is_empty()).then(|| message.to_owned())
}

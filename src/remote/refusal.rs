//! What a refusal means, each with its own way out. The texts of the other side are shown without
//! the token, should they repeat it.

use super::token::Token;
use super::transport::Reply;
use crate::error::{Error, quoted};

/// What is asked for, as far as a refusal needs it.
pub struct RefusalSubject<'a> {
    /// In words: `the consumed licenses of octo-corp`.
    pub what: &'a str,
    /// The host.
    pub host: &'a str,
    /// What a token must be able to do.
    pub rights: &'a str,
    /// What may be wrong where the host knows no such thing.
    pub else_wrong: &'a str,
    /// The version of the interface that was asked for.
    pub version: Option<&'a str>,
}

/// The error for a status that is no answer.
pub fn refused(about: &RefusalSubject<'_>, token: &Token, reply: &Reply) -> Error {
    let RefusalSubject { what, host, rights, else_wrong, version } = about;
    let said = said(&reply.body).map(|it| format!(": {}", quoted(&token.scrub(&it))));
    let said = said.unwrap_or_default();
    let version = version.unwrap_or("none");
    let told = |text: String| Error::remote(format!("{text}{said}"));
    match reply.status {
        401 => told(format!("{host} does not know the token (401)"))
            .hint(format!("the token of {} is wrong, has expired or was revoked", token.from))
            .hint(format!("make a new one: {rights}")),
        403 => {
            let error = told(format!("the token may not have {what} (403)"));
            let error = match reply.header("x-github-sso") {
                Some(sso) if sso.contains("required") => error.hint(
                    "the enterprise wants the token authorized for single sign-on: Settings, Developer settings, Personal access tokens, Configure SSO",
                ),
                _ => error,
            };
            error.hint(format!("it takes {rights}"))
        }
        404 => told(format!("{host} does not show {what} (404)"))
            .hint(format!("often that means \"not permitted\": it takes {rights}"))
            .hint(*else_wrong),
        410 => told(format!("{host} no longer gives {what} in this version (410)")).hint(format!(
            "version {version} of the interface has ended: a newer oneseat knows the next one, or name it with api_version in the configuration"
        )),
        400 if said.to_lowercase().contains("version") => {
            told(format!("{host} does not speak this version of the interface (400)"))
                .hint(format!("{version} was asked for: name another with api_version in the configuration"))
        }
        407 => told(format!("a proxy before {host} wants a log-in (407)"))
            .hint("name user and password in HTTPS_PROXY"),
        status => told(format!("{host} answers {status} where {what} should be"))
            .hint("look at the address and the name; ask again later"),
    }
}

/// The error for a page for people where data should be.
pub fn web_page(about: &RefusalSubject<'_>) -> Error {
    let RefusalSubject { what, host, rights, .. } = about;
    Error::remote(format!("{host} sends a web page instead of {what}"))
        .hint(format!("most likely a log-in page: the token is not taken there; it takes {rights}"))
        .hint("or the address is that of the web interface or of a proxy: look at it (`fetch cloud --api-url`, `fetch server --url`, api_url and url in the configuration) and at HTTPS_PROXY")
}

/// Is it a page for people?
pub fn is_web_page(reply: &Reply) -> bool {
    let html = reply.header("content-type").is_some_and(|it| it.contains("text/html"));
    html || reply.body.trim_ascii_start().starts_with(b"<")
}

/// What an error answer of GitHub says.
pub fn said(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let message = answer.get("message")?.as_str()?.trim();
    (!message.is_empty()).then(|| message.to_owned())
}

//! Refuses error answers that were saved as if they were data, from GitHub and from the services around it. The
//! text of an error answer is quoted only if it begins with a known sentence of GitHub, since any other text
//! may contain personal data.

use serde_json::Value;

use super::outline::Outline;
use crate::error::{Error, quoted};

/// Beginnings of GitHub's error sentences. They contain no personal data, so they may be quoted.
const KNOWN: [&str; 17] = [
    "API rate limit exceeded",
    "Bad credentials",
    "Forbidden",
    "Must have admin rights",
    "Must have push access",
    "Not Found",
    "Problems parsing JSON",
    "Requires authentication",
    "Resource not accessible by integration",
    "Resource not accessible by personal access token",
    "Resource protected by organization SAML enforcement",
    "Server Error",
    "Something went wrong while executing your query",
    "Validation Failed",
    "You have exceeded a secondary rate limit",
    "Your token has not been granted the required scopes",
    "You have triggered an abuse detection mechanism",
];

/// The error that a file is an error answer whose text is `told`. Its message is `sentence`, followed by the
/// beginning of `told` if that is a known sentence of GitHub. The whole text is printed with `-v` only, since
/// it may be personal data.
pub fn error_answer(sentence: &str, told: &str) -> Error {
    match KNOWN.into_iter().find(|known| told.starts_with(known)) {
        Some(known) => Error::input(format!("{sentence}: {}", quoted(known))),
        None if told.is_empty() => Error::input(sentence),
        None => Error::input(sentence).found(told),
    }
}

/// The error that a file is an error answer that was saved as data; `None` if it is none.
pub fn of(text: &[u8], outline: &Outline) -> Option<Error> {
    let has = |wanted: &str| outline.has_key(wanted);
    if has("users") || outline.keys.is_empty() {
        return None;
    }
    let told = |paths: &[&str]| {
        let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
        let mut answer = values.next().and_then(Result::ok).unwrap_or_default();
        while let Some(first) = answer.get_mut(0) {
            answer = first.take();
        }
        let text = |path: &&str| match answer.pointer(path)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        paths.iter().find_map(text).unwrap_or_default()
    };
    let only = |known: &[&str]| outline.keys.iter().all(|key| known.contains(&key.as_str()));
    if has("message") && (has("documentation_url") || has("status") || only(&["message"])) {
        let status = status(&told(&["/status"]));
        let message = told(&["/message"]);
        let sentence = match KNOWN.iter().any(|known| message.starts_with(known)) {
            true => "this is an error response from GitHub".to_owned(),
            false => format!("this is an error response from GitHub{status}"),
        };
        return Some(error_answer(&sentence, &message).hint(github_hint(&message)));
    }
    let again = "check the token and its rights, then send the request again";
    if has("errorCode") && has("errorSummary") {
        return Some(
            error_answer("this is an error response from Okta", &told(&["/errorSummary"]))
                .hint(again),
        );
    }
    let scim = has("schemas") && (has("detail") || has("status") || has("scimType"));
    if scim && !has("userName") && !has("Resources") {
        let sentence = format!("this is a SCIM error response{}", status(&told(&["/status"])));
        return Some(error_answer(&sentence, &told(&["/detail"])).hint(again));
    }
    let in_error = |key: &str| outline.within("error", key) || outline.within("odata.error", key);
    if in_error("code") && in_error("message") {
        let message = told(&["/error/message", "/odata.error/message/value"]);
        let sentence = "this is an error response from Microsoft (Graph or Azure)";
        return Some(error_answer(sentence, &message).hint(again));
    }
    if has("error") && (has("error_description") || only(&["error", "message", "code", "status"])) {
        let sentence = "this is an error response, not a report";
        return Some(error_answer(sentence, &told(&["/error_description", "/error"])).hint(again));
    }
    let asked = ["ownerInfo", "userAccounts", "enterpriseServerInstallations"];
    let answered = asked.into_iter().any(|key| outline.answers(key));
    if has("errors") && outline.within("errors", "message") && !answered {
        let message = told(&["/errors/0/message"]);
        return Some(
            error_answer("this is an error response from GraphQL", &message)
                .hint(github_hint(&message)),
        );
    }
    None
}

/// The text ` (status 404)` for a status code such as `404`; empty for any other text.
fn status(told: &str) -> String {
    let is_status = told.len() == 3 && told.bytes().all(|byte| byte.is_ascii_digit());
    if is_status { format!(" (status {told})") } else { String::new() }
}

fn github_hint(told: &str) -> &'static str {
    if told.contains("rate limit") || told.starts_with("You have triggered") {
        return "wait until the limit is over, then ask again";
    }
    "check the token's scopes and the name of the enterprise, then download the report again"
}

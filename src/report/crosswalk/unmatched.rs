//! A Visual Studio subscription that matches no account, as `oneseat crosswalk` prints it, with the request
//! that would assign it to the proposed account.

use crate::table::{CellKind, Columns};
use serde::Serialize;

/// A Visual Studio subscription that matches no account, in the answer of `oneseat crosswalk`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct UnmatchedSubscription {
    pub(super) enterprise: String,
    pub(super) email: String,
    pub(super) name: Option<String>,
    pub(super) subscription_id: Option<String>,
    pub(super) account: Option<Proposed>,
    pub(super) confidence: Option<&'static str>,
    pub(super) reason: String,
    pub(super) body: Option<Body>,
    pub(super) level: Option<String>,
    pub(super) request: Option<AssignmentRequest>,
}

impl UnmatchedSubscription {
    pub(super) const COLUMNS: Columns = &[
        ("enterprise", CellKind::Text),
        ("email", CellKind::Text),
        ("name", CellKind::Text),
        ("subscription_id", CellKind::Text),
        ("account", CellKind::Object(Proposed::COLUMNS)),
        ("confidence", CellKind::Text),
        ("reason", CellKind::Text),
        ("body", CellKind::Object(Body::COLUMNS)),
        ("level", CellKind::Text),
        ("request", CellKind::Object(AssignmentRequest::COLUMNS)),
    ];
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Proposed {
    pub(super) login: String,
    pub(super) name: Option<String>,
}

impl Proposed {
    pub(super) const COLUMNS: Columns = &[("login", CellKind::Text), ("name", CellKind::Text)];
}

/// The subscriber's sign-in address, and the login of the account that is proposed for the subscription.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Body {
    pub(super) visual_studio_subscription_email: String,
    pub(super) username: String,
}

impl Body {
    pub(super) const COLUMNS: Columns =
        &[("visual_studio_subscription_email", CellKind::Text), ("username", CellKind::Text)];
}

/// The request to GitHub that would assign a subscription to the account proposed for it. oneseat never sends
/// it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AssignmentRequest {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Assignment,
}

impl AssignmentRequest {
    pub(super) const COLUMNS: Columns = &[
        ("method", CellKind::Text),
        ("path", CellKind::Text),
        ("body", CellKind::Object(Assignment::COLUMNS)),
    ];
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Assignment {
    pub(super) user_identifier: String,
}

impl Assignment {
    pub(super) const COLUMNS: Columns = &[("user_identifier", CellKind::Text)];
}

impl AssignmentRequest {
    pub(super) fn assigning(enterprise: &str, id: &str, login: &str) -> AssignmentRequest {
        AssignmentRequest {
            method: "PUT",
            path: format!(
                "/enterprises/{}/visual-studio-subscriptions/{}",
                escaped(enterprise),
                escaped(id)
            ),
            body: Assignment { user_identifier: login.to_owned() },
        }
    }
}

/// The text percent-encoded, so that it can be one segment of the path of a URL.
fn escaped(part: &str) -> String {
    let mut text = String::new();
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

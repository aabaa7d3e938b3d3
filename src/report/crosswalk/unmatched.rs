//! A subscription that matches no account, as it is printed, with the request that would assign it.

use serde::Serialize;

/// A subscription that matches no account.
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

#[derive(Debug, Clone, Serialize)]
pub(super) struct Proposed {
    pub(super) login: String,
    pub(super) name: Option<String>,
}

/// The subscriber's sign-in name and the account.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Body {
    pub(super) visual_studio_subscription_email: String,
    pub(super) username: String,
}

/// The request that would assign the subscription to the account.
#[derive(Debug, Clone, Serialize)]
pub(super) struct AssignmentRequest {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Assignment,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Assignment {
    pub(super) user_identifier: String,
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

/// A segment of a path, percent-encoded.
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

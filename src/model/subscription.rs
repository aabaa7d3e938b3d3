//! The contents of a `visual-studio` snapshot (formats.md sections 3 and 7): subscriptions, from the
//! portal's list or from the answers of the API, and whether each one brings a license.

use std::collections::HashMap;

use serde_json::Value;

use super::{DateOrder, Instant};
use crate::email;

/// The names that the column with the sign-in address may have, reduced to letters in lower case. If a file has
/// several of these columns, the name that comes first in this list decides.
pub const SIGN_IN: [&str; 8] = [
    "visualstudiosubscriptionemail",
    "signinemailaddress",
    "signinemail",
    "assignedtoemailaddress",
    "email",
    "emailaddress",
    "signin",
    "upn",
];

/// The names that the column with the end of a subscription may have, reduced to letters in lower case.
const EXPIRES: [&str; 4] = ["expirationdateutc", "expirationdate", "expires", "expirydate"];

/// A Visual Studio subscription, which may bring a GitHub Enterprise license.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subscription {
    /// The id of the subscription; `None` if the file does not state it.
    pub id: Option<String>,
    /// The sign-in address of the subscriber; `None` if the subscription is unassigned.
    pub address: Option<String>,
    /// The name of the subscriber.
    pub name: Option<String>,
    /// The level of the subscription, for instance `Visual Studio Enterprise with GitHub Enterprise`.
    pub level: Option<String>,
    /// The status of the subscription, for instance `Assigned`.
    pub status: Option<String>,
    /// The login of the account that GitHub has matched with the subscription, if the file states it.
    pub username: Option<String>,
    /// The end of the subscription; `None` if it is not stated or cannot be read.
    pub expires: Option<Instant>,
}

/// The reason why a subscription brings no license.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Nobody is assigned to the subscription.
    Unassigned,
    /// The level of the subscription does not include GitHub Enterprise.
    Level,
    /// The subscription has expired or is disabled.
    Ended,
}

impl Subscription {
    /// The reason why the subscription brings no license at an instant; `None` if it brings a license. A
    /// subscription whose level and status are not stated, as in the API's answer, also brings a license.
    pub fn without(&self, at: Instant) -> Option<Without> {
        let status = folded(self.status.as_deref());
        if status == "unassigned" || self.address.as_deref().and_then(email::key).is_none() {
            return Some(Without::Unassigned);
        }
        if self.level.is_some() && !folded(self.level.as_deref()).contains("with github enterprise")
        {
            return Some(Without::Level);
        }
        let over = matches!(status.as_str(), "expired" | "disabled");
        let over = over || self.expires.is_some_and(|expires| expires < at);
        over.then_some(Without::Ended)
    }

    /// The text that identifies the subscription: its id, else its address and its level. `None` if the
    /// subscription has neither an id nor an address.
    fn key(&self) -> Option<String> {
        let address = self.address.as_deref().and_then(email::key);
        match (&self.id, address) {
            (Some(id), _) => Some(format!("id {}", id.to_lowercase())),
            (None, Some(key)) => Some(format!("{key} {}", folded(self.level.as_deref()))),
            (None, None) => None,
        }
    }

    /// Fills values that this subscription lacks from another row of the same subscription.
    fn fill(&mut self, other: Subscription) {
        let fill = |mine: &mut Option<String>, theirs: Option<String>| {
            *mine = mine.take().or(theirs);
        };
        fill(&mut self.id, other.id);
        fill(&mut self.address, other.address);
        fill(&mut self.name, other.name);
        fill(&mut self.level, other.level);
        fill(&mut self.status, other.status);
        fill(&mut self.username, other.username);
        self.expires = self.expires.or(other.expires);
    }
}

/// A text in lower case, with single blanks between its words.
fn folded(text: Option<&str>) -> String {
    let words: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// The letters of a column's name, in lower case.
pub fn letters_of(column: &str) -> String {
    column.chars().filter(char::is_ascii_alphabetic).map(|it| it.to_ascii_lowercase()).collect()
}

/// The text of a record in the first column that has one of these names and is not empty. A number counts as a
/// text.
fn text_of(record: &Value, names: &[&str]) -> Option<String> {
    let record = record.as_object()?;
    names.iter().find_map(|name| {
        let mut values = record.iter().filter(|(column, _)| letters_of(column) == *name);
        values.find_map(|(_, value)| match value {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    })
}

/// The end of a Visual Studio subscription, as the text in its row.
pub fn expiry_of(record: &Value) -> Option<String> {
    text_of(record, &EXPIRES)
}

/// The subscriptions in the facts of a snapshot, in the order of the facts. Two rows are one subscription
/// if they share an id or, without ids, an address and a level.
pub fn subscriptions(facts: &Value) -> Vec<Subscription> {
    let lists = facts.as_object().into_iter().flat_map(|facts| facts.values());
    let rows: Vec<&Value> = lists.filter_map(Value::as_array).flatten().collect();
    let order = DateOrder::of(rows.iter().filter_map(|row| expiry_of(row)));
    let mut found: Vec<Subscription> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for row in rows.into_iter().filter(|row| row.is_object()) {
        let subscription = Subscription {
            // A word of absence is not an id. Rows with such a word in place of an id are different
            // subscriptions.
            id: text_of(row, &["subscriptionid", "subscriptionguid", "guid"])
                .filter(|id| email::key(id).is_some()),
            address: text_of(row, &SIGN_IN),
            name: text_of(row, &["subscribername", "name"]).or_else(|| full_name(row)),
            level: text_of(row, &["subscriptionlevel", "level"]),
            status: text_of(row, &["subscriptionstatus"]),
            username: text_of(row, &["username"]),
            expires: expiry_of(row).and_then(|text| order.end(&text)),
        };
        let known = subscription.key().and_then(|key| {
            let next = found.len();
            let place = *places.entry(key).or_insert(next);
            found.get_mut(place)
        });
        match known {
            Some(known) => known.fill(subscription),
            None => found.push(subscription),
        }
    }
    found
}

/// The name of the subscriber, made from the columns of the first and the last name, which the portal's
/// template has.
fn full_name(row: &Value) -> Option<String> {
    let parts = [text_of(row, &["firstname"]), text_of(row, &["lastname"])];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DayMeans;

    #[test]
    fn what_brings_a_license() {
        let at = Instant::parse("2026-10-01", DayMeans::End).expect("a time");
        let ada = |level: Option<&str>, status: Option<&str>, expires: Option<&str>| {
            let told = Subscription {
                address: Some("ada@corp.example".to_owned()),
                level: level.map(str::to_owned),
                status: status.map(str::to_owned),
                expires: expires.and_then(|it| Instant::parse(it, DayMeans::End)),
                ..Subscription::default()
            };
            told.without(at)
        };
        let github = Some("Visual Studio Enterprise with GitHub Enterprise");
        assert_eq!(ada(None, None, None), None);
        assert_eq!(ada(github, Some("Assigned"), Some("2026-10-01")), None);
        assert_eq!(
            ada(Some("VISUAL STUDIO Professional  with GitHub Enterprise - Monthly"), None, None),
            None
        );
        assert_eq!(ada(Some("Visual Studio Enterprise"), None, None), Some(Without::Level));
        assert_eq!(ada(github, Some(" expired"), None), Some(Without::Ended));
        assert_eq!(ada(github, Some("Disabled"), None), Some(Without::Ended));
        assert_eq!(ada(github, Some("Assigned"), Some("2026-09-30")), Some(Without::Ended));
        assert_eq!(ada(github, Some("Unassigned"), None), Some(Without::Unassigned));
    }

    #[test]
    fn two_subscriptions_of_one_person_are_two() {
        let facts = serde_json::json!({"subscribers": [
            {"Email": "Ada@corp.example", "Subscription Level": "A with GitHub Enterprise", "Subscription GUID": "1"},
            {"Email": "ada@corp.example", "Subscription Level": "B with GitHub Enterprise", "Subscription GUID": "2"},
            {"Email": "", "Subscription Level": "A", "Subscription GUID": "3"},
            {"Email": "eve@corp.example", "Subscription Level": "A"},
            {"Email": "EVE@corp.example", "Subscription Level": "a", "Subscriber Name": "Eve"},
            {"Email": "eve@corp.example", "Subscription Level": "B"},
            null, 7,
        ]});
        let found = subscriptions(&facts);
        assert_eq!(found.len(), 5);
        assert_eq!((found[2].address.as_deref(), found[3].name.as_deref()), (None, Some("Eve")));
    }
}

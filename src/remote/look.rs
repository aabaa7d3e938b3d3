//! Finds out from single pages whether a list changed while its pages were fetched: by the totals that a page
//! states, and by the entries of the list in it. From a damaged page nothing is read, and that is no error
//! here. The readers of `import` refuse the page later, and name its line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// What a page shows of a list: the totals that it states, and the entries in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The totals that the page states, each with its name.
    pub totals: Vec<(String, String)>,
    /// A hash for each entry of the list in this page. An entry is recognized by it on another page.
    pub members: Vec<[u8; 16]>,
}

type Members<'p> = BTreeMap<Cow<'p, str>, &'p RawValue>;

/// Looks at a page that is an object with totals and one list. `lists` has the keys that the list may have, and
/// `key` is the field that identifies an entry. If that field is missing or empty, the entry is identified by
/// all of its fields.
pub fn at_list(page: &[u8], lists: &[&str], key: &str) -> Seen {
    let Some(object) = parsed::<Members<'_>>(page) else { return Seen::default() };
    let totals = object.iter().filter(|(name, _)| name.starts_with("total_"));
    let totals = totals.map(|(name, value)| (name.to_string(), value.get().to_owned()));
    let lists = object.iter().filter(|(name, _)| lists.contains(&&***name));
    let items =
        lists.filter_map(|(_, list)| serde_json::from_str::<Vec<&RawValue>>(list.get()).ok());
    let members = items.flatten().map(|item| member(item.get(), key));
    Seen { totals: totals.collect(), members: members.collect() }
}

/// Looks at a page of SCIM users. The total of a page without users is ignored, because some hosts state 0
/// behind the end of the list.
pub fn at_scim(page: &[u8]) -> Seen {
    let Some(object) = parsed::<Members<'_>>(page) else { return Seen::default() };
    let value = |key: &str| {
        let mut members = object.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key));
        members.next().map(|(_, value)| value.get())
    };
    let users = value("Resources").and_then(|list| serde_json::from_str(list).ok());
    let users: Vec<&RawValue> = users.unwrap_or_default();
    let total = value("totalResults").filter(|_| !users.is_empty());
    let total = total.map(|it| ("totalResults".to_owned(), it.trim_matches('"').to_owned()));
    let members = users.iter().map(|user| member(user.get(), "id"));
    Seen { totals: total.into_iter().collect(), members: members.collect() }
}

/// Looks at a GraphQL page with the accounts of a Server installation.
pub fn at_installation(page: &[u8]) -> Seen {
    #[derive(Deserialize)]
    struct PageOutline<'p> {
        #[serde(borrow)]
        data: Data<'p>,
    }
    #[derive(Deserialize)]
    struct Data<'p> {
        #[serde(borrow)]
        node: Node<'p>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Node<'p> {
        #[serde(borrow)]
        user_accounts: AccountsPage<'p>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct AccountsPage<'p> {
        total_count: Option<u64>,
        #[serde(borrow, default)]
        nodes: Vec<&'p RawValue>,
    }
    let Some(answer) = parsed::<PageOutline<'_>>(page) else { return Seen::default() };
    let accounts = answer.data.node.user_accounts;
    let total = accounts.total_count.map(|total| ("totalCount".to_owned(), total.to_string()));
    let members = accounts.nodes.iter().map(|node| member(node.get(), "remoteUserId"));
    Seen { totals: total.into_iter().collect(), members: members.collect() }
}

fn parsed<'p, T: Deserialize<'p>>(page: &'p [u8]) -> Option<T> {
    serde_json::from_slice(page).ok()
}

/// The hash by which an entry of a list is recognized on another page.
fn member(text: &str, key: &str) -> [u8; 16] {
    let value = parsed::<Members<'_>>(text.as_bytes()).and_then(|it| Some(it.get(key)?.get()));
    let named = value.filter(|value| !matches!(*value, "\"\"" | "null"));
    let told = named.map_or_else(|| text.to_owned(), str::to_lowercase);
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::hash(told.as_bytes()).as_bytes()[..16]);
    short
}

/// Do two answers have the same content, apart from the order of keys and lists? GitHub returns some lists in
/// another order each time.
pub fn say_the_same(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    let value = |page| serde_json::from_slice::<Value>(page).ok().map(sorted);
    matches!((value(one), value(other)), (Some(one), Some(other)) if one == other)
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(sorted).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, value)| (key, sorted(value)));
            let mut members: Map<String, Value> = members.collect();
            members.sort_keys();
            Value::Object(members)
        }
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_members_of_a_page() {
        let look = |page: &str| at_list(page.as_bytes(), &["users"], "github_com_login");
        let seen = look(
            r#"{"total_seats_consumed": 3, "users": [{"github_com_login": "A"}, {"github_com_login": "a"},
                {"github_com_login": "", "x": 1}, {"github_com_login": "", "x": 2}]}"#,
        );
        assert_eq!(seen.totals, [("total_seats_consumed".to_owned(), "3".to_owned())]);
        assert_eq!(seen.members.len(), 4);
        assert_eq!(seen.members[0], seen.members[1], "logins are the same in any case");
        assert_ne!(seen.members[2], seen.members[3], "who has no login is told apart by the rest");
        for page in
            ["", "[]", "{\"users\": 7}", "{\"users\": [7, null, {\"github_com_login\": 7}]}"]
        {
            look(page);
        }
        let seen = at_installation(
            br#"{"data":{"node":{"userAccounts":{"totalCount":2,"nodes":[{"remoteUserId":"7"}]}}}}"#,
        );
        assert_eq!((seen.totals.len(), seen.members.len()), (1, 1));
        assert_eq!(at_installation(b"{\"data\":{\"node\":null}}"), Seen::default());
        let seen =
            at_scim(br#"{"totalResults":"2","resources":[{"id":"A"},{"id":"a"},{"id":"b"}]}"#);
        assert_eq!(seen.totals, [("totalResults".to_owned(), "2".to_owned())]);
        assert!(seen.members.len() == 3 && seen.members[1] != seen.members[2]);
        assert_eq!(at_scim(br#"{"totalResults":0,"Resources":[]}"#), Seen::default());
        for page in ["", "[]", "{\"Resources\": 7}", "{\"Resources\": [7, null, {\"id\": 7}]}"] {
            at_scim(page.as_bytes());
        }
    }

    #[test]
    fn the_order_of_lists_says_nothing() {
        assert!(say_the_same(br#"{"a":[1,2],"b":"x"}"#, br#"{"b":"x","a":[2,1]}"#));
        assert!(!say_the_same(br#"{"a":[1,2]}"#, br#"{"a":[1,3]}"#));
        assert!(!say_the_same(b"a,b", b"a,c"));
    }
}

//! The sentences about people with seats in several enterprises (directory.md section 4): they name the account of a
//! seat that has the login, the name or the address, and not just the first account of the seat.

use serde_json::{Value, json};

use crate::across::{User, cloud, does, user};
use crate::common::Place;

/// An instance with one account.
struct Instance {
    host: &'static str,
    account: Value,
}

fn account(id: u64, login: &str, name: &str, secondary: &[&str]) -> Value {
    let mut emails = vec![json!({"email": "one@y.example", "primary": true})];
    emails.extend(secondary.iter().map(|it| json!({"email": it, "primary": false})));
    json!({"user_id": id, "login": login, "name": name, "suspended": false, "emails": emails})
}

/// The sentences of the evidence that ties a Cloud account of one enterprise to the only seat on the instances of
/// another one.
fn told(ada: &User, instances: &[Instance]) -> Vec<String> {
    let place = Place::new();
    cloud(&place, "classic", "2026-01-05T08:00:00Z", std::slice::from_ref(ada));
    cloud(&place, "managed", "2026-01-05T08:00:00Z", &[user("bob_corp", "")]);
    for Instance { host, account } in instances {
        let export = json!({"instance": {"server_id": host, "host_name": host, "version": "3.17.2"},
            "users": [account]});
        let file = place.write("s.json", export.to_string().as_bytes()).display().to_string();
        does(&place, &["import", &file, "--taken-at", "2026-01-06T08:00:00Z"]);
        does(&place, &["sources", "set", host, "--enterprise", "managed"]);
    }
    let answer = place.json(&["across"]);
    let items = answer["items"].as_array().expect("items");
    let [item] = items.as_slice() else { panic!("one item: {answer:#}") };
    assert_eq!(item["seats"][1]["host"], "a.corp.example", "{item:#}");
    let evidence = item["evidence"].as_array().expect("evidence").iter();
    evidence.map(|it| it["detail"].as_str().expect("a sentence").to_owned()).collect()
}

#[test]
fn sentences_name_the_account_that_is_alike() {
    let both = |second: Value| {
        let first = account(1, "zed", "Somebody Else", &[]);
        [("a.corp.example", first), ("b.corp.example", second)]
            .map(|(host, account)| Instance { host, account })
    };
    let ada = user("ada", "ada@x.example").named("Ada L");
    let of_seat = "b.corp.example:5 (of the seat of a.corp.example:1)";
    assert_eq!(
        told(&ada, &both(account(5, "ada", "A.", &[]))),
        [format!(
            "classic:ada and {of_seat} have the same login, apart from a managed-user suffix"
        )]
    );
    assert_eq!(
        told(&ada, &both(account(5, "al", "L, Ada", &[]))),
        [format!("classic:ada and {of_seat} have the same display name: Ada L")]
    );
    assert_eq!(
        told(&ada, &both(account(5, "al", "A.", &["ada@x.example"]))),
        [format!(
            "ada@x.example is the NameID of classic:ada and an address on Server of {of_seat}"
        )]
    );
}

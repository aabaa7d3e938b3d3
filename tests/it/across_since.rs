//! Since when somebody has had seats in several enterprises (directory.md section 4): `since` tells the same story as
//! the answers about earlier instants, whatever began or ended the seat.

use serde_json::{Value, json};

use crate::across::{DAY, cloud, does, import_rows, pair, server, user};
use crate::common::Place;

const HOST: &str = "ghes.corp.example";

/// The beginnings of an item's seats, each with the enterprise, and of the item itself.
fn begun(place: &Place) -> (Vec<(String, Value)>, Value) {
    let answer = place.json(&["across"]);
    let items = answer["items"].as_array().expect("items");
    let [item] = items.as_slice() else { panic!("one item: {answer:#}") };
    let seats = item["seats"].as_array().expect("seats").iter();
    let seats =
        seats.map(|it| (it["enterprise"].as_str().unwrap().to_owned(), it["since"].clone()));
    (seats.collect(), item["since"].clone())
}

fn expect(place: &Place, expected: [(&str, &str); 2], since: &str) {
    let expected = expected.map(|(enterprise, since)| (enterprise.to_owned(), json!(since)));
    assert_eq!(begun(place), (expected.to_vec(), json!(since)));
    // An instant before, nobody had seats in two enterprises; from then on, somebody has.
    let people = |at: &str| place.json(&["across", "--as-of", at])["summary"]["people"].clone();
    assert_eq!(people(since), 1);
    let before = place.json(&[
        "query",
        "SELECT datetime(:since, '-1 second') AS it",
        "--param",
        &format!("since={since}"),
    ]);
    let before = before[0]["it"].as_str().expect("a time").replace(' ', "T") + "Z";
    assert_eq!(people(&before), 0, "at {before}");
}

/// The row of a Cloud account all of whose roles are pending.
fn pending(login: &str, name_id: &str) -> Value {
    let mut row = user(login, name_id).row();
    row["github_com_enterprise_roles"] = json!(["Pending invitation"]);
    row["github_com_member_roles"] = json!([]);
    row
}

#[test]
fn a_billing_model_begins_a_seat() {
    let place = Place::new();
    cloud(&place, "classic", "2026-01-05T08:00:00Z", &[user("ada", "a@x.example")]);
    let rows = [pending("ada_corp", "a@x.example"), user("bob_corp", "").row()];
    import_rows(&place, "managed", "2026-01-06T08:00:00Z", &rows);
    import_rows(&place, "managed", "2026-02-06T08:00:00Z", &rows);
    does(&place, &["sources", "set", "managed", "--billing-model", "metered"]);
    let volume = ["--billing-model", "volume", "--from", "2026-01-20"];
    does(&place, &[&["sources", "set", "managed"], &volume[..]].concat());
    let begin = "2026-01-20T00:00:00Z";
    expect(&place, [("classic", "2026-01-05T08:00:00Z"), ("managed", begin)], begin);
}

/// An enterprise with a Cloud account, and an instance whose account has the same address.
fn with_instance(at: &[&str]) -> Place {
    let place = Place::new();
    cloud(&place, "classic", "2026-01-05T08:00:00Z", &[user("ada", "a@x.example")]);
    cloud(&place, "managed", "2026-01-05T08:00:00Z", &[user("bob_corp", "")]);
    for at in at {
        server(&place, HOST, at, &[("7", "al", "a@x.example", false)]);
    }
    place
}

#[test]
fn a_restored_instance_begins_its_seats_anew() {
    let place = with_instance(&["2026-01-06T08:00:00Z", "2026-03-06T08:00:00Z"]);
    does(&place, &["sources", "set", HOST, "--enterprise", "managed"]);
    does(&place, &["sources", "retire", HOST, "--from", "2026-02-01"]);
    does(&place, &["sources", "restore", HOST, "--from", "2026-02-20"]);
    let begin = "2026-02-20T00:00:00Z";
    expect(&place, [("classic", "2026-01-05T08:00:00Z"), ("managed", begin)], begin);
}

#[test]
fn an_instance_that_comes_into_an_enterprise_begins_its_seats_there() {
    let place = with_instance(&["2026-01-06T08:00:00Z", "2026-03-06T08:00:00Z"]);
    does(&place, &["sources", "set", HOST, "--enterprise", "classic"]);
    does(&place, &["sources", "set", HOST, "--enterprise", "managed", "--from", "2026-02-10"]);
    let begin = "2026-02-10T00:00:00Z";
    expect(&place, [("classic", "2026-01-05T08:00:00Z"), ("managed", begin)], begin);
}

#[test]
fn an_account_that_only_a_report_lists_has_a_beginning() {
    let place = Place::new();
    cloud(&place, "classic", "2026-01-05T08:00:00Z", &[user("ada", "a@x.example")]);
    let listed = json!({
        "github_com_user": false, "enterprise_server_user": true,
        "visual_studio_subscription_user": false, "license_type": "Enterprise",
        "enterprise_server_user_ids": [format!("{HOST}:7")],
        "enterprise_server_primary_emails": ["a@x.example"],
    });
    let bob = user("bob_corp", "").row();
    import_rows(&place, "managed", "2026-01-06T08:00:00Z", std::slice::from_ref(&bob));
    for at in ["2026-02-06T08:00:00Z", "2026-03-06T08:00:00Z"] {
        import_rows(&place, "managed", at, &[bob.clone(), listed.clone()]);
    }
    let begin = "2026-02-06T08:00:00Z";
    expect(&place, [("classic", "2026-01-05T08:00:00Z"), ("managed", begin)], begin);
    // A file of the instance goes on with the seat.
    server(&place, HOST, "2026-03-07T08:00:00Z", &[("7", "al", "a@x.example", false)]);
    expect(&place, [("classic", "2026-01-05T08:00:00Z"), ("managed", begin)], begin);
}

/// A Cloud account that takes over the seat of a Server account goes on with it.
#[test]
fn a_merged_account_had_the_seat_before() {
    let place = with_instance(&["2026-01-06T08:00:00Z", "2026-03-06T08:00:00Z"]);
    does(&place, &["sources", "set", HOST, "--enterprise", "managed"]);
    let with_al = [user("bob_corp", ""), user("al_corp", "a@x.example")];
    cloud(&place, "managed", "2026-04-05T08:00:00Z", &with_al);
    let answer = place.json(&["across"]);
    assert_eq!(answer["items"][0]["seats"][1]["kind"], "cloud_and_server", "{answer:#}");
    let begin = "2026-01-06T08:00:00Z";
    expect(&place, [("classic", "2026-01-05T08:00:00Z"), ("managed", begin)], begin);
    // And the other way round: the seat goes on without the Cloud account.
    cloud(&place, "managed", "2026-05-05T08:00:00Z", &[user("bob_corp", "")]);
    expect(&place, [("classic", "2026-01-05T08:00:00Z"), ("managed", begin)], begin);
}

/// An address that comes later ties the seats later, but the seats were there before.
#[test]
fn an_account_without_an_address_is_the_same_account() {
    let place = pair(&[user("ada", "a@x.example")], &[user("zoe_corp", "")]);
    cloud(&place, "managed", "2026-04-05T08:00:00Z", &[user("zoe_corp", "a@x.example")]);
    let (seats, since) = begun(&place);
    assert_eq!(seats[1].1, DAY);
    assert_eq!(since, DAY);
}

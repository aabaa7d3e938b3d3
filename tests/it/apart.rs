//! Two findings may compete for one address: then the fix for one person depends on the other. `explain` must
//! state the same fixes as `duplicates`, whether or not they compete.

use serde_json::{Value, json};

use crate::common::Place;

const AT: &str = "2026-03-02T08:00:00Z";
const HEADER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,\
                      org_memberships,dormant?,last_active,raw_login,2fa_enabled?\n";

/// Ann and Ben each have an account on an instance, under an address that Cloud does not know. The arguments
/// are their addresses on Cloud.
fn ledger(ann: &[&str], ben: &[&str]) -> Place {
    let place = Place::new();
    let user = |login: &str, verified: &[&str]| {
        json!({
            "github_com_login": login, "github_com_user": true, "license_type": "Enterprise",
            "github_com_verified_domain_emails": verified, "enterprise_server_user_ids": [],
            "enterprise_server_primary_emails": [], "total_user_accounts": 1,
        })
    };
    let users = [user("ann-arber", ann), user("ben-bower", ben), user("cy", &["cy@corp.example"])];
    let cloud = json!({"total_seats_consumed": 3, "total_seats_purchased": 9, "users": users});
    let server = HEADER.to_owned()
        + ",1,ann-arber,home1@else.example,user,false,,,,,false,,,\n\
           ,2,ben-bower,home2@else.example,user,false,,,,,false,,,\n";
    for (file, text, source) in [
        ("cloud.json", cloud.to_string(), ["--enterprise", "corp"]),
        ("users.csv", server, ["--host", "ghes.corp.example"]),
    ] {
        let file = place.write(file, text.as_bytes()).display().to_string();
        place.json(&["import", &file, source[0], source[1], "--taken-at", AT]);
    }
    place
}

/// The fixes for each finding in `duplicates`, after a check that `explain` states the same ones.
fn fixes(place: &Place) -> Vec<String> {
    let answer = place.json(&["duplicates"]);
    let items = answer["items"].as_array().expect("items");
    let of_item = |item: &Value| {
        let side = &item["server_accounts"][0];
        let login = side["login"].as_str().expect("a login");
        let by_id = format!("ghes.corp.example:{}", side["id"].as_str().expect("an id"));
        for who in [login, &by_id, side["primary_email"].as_str().expect("an address")] {
            let told = place.json(&["explain", who]);
            let people = told["people"].as_array().expect("people");
            assert!(people.iter().any(|it| it["duplicate"] == *item), "{who}: {told:#}");
        }
        item["fix"]["action"].as_str().expect("an action").to_owned()
    };
    assert_eq!(items.len(), 2, "{answer:#}");
    items.iter().map(of_item).collect()
}

#[test]
fn an_address_that_two_could_have_is_given_to_one() {
    let both = "a@corp.example";
    let place = ledger(&[both, "ann@corp.example"], &[both, "ben@corp.example"]);
    let fixes = fixes(&place);
    let (first, second) = (&fixes[0], &fixes[1]);
    assert!(first.contains(both) && !second.contains(both), "{first}; {second}");
    assert!(second.contains("ben@corp.example"), "{second}");
}

#[test]
fn those_with_addresses_of_their_own_stand_apart() {
    let place = ledger(&["ann@corp.example"], &["ben@corp.example"]);
    let fixes = fixes(&place);
    assert!(fixes[0].contains("ann@corp.example"), "{fixes:?}");
    assert!(fixes[1].contains("ben@corp.example"), "{fixes:?}");
}

//! Seats of several enterprises that a link declares to be two people's (directory.md section 4): a third seat that is
//! like both of them goes to neither, in whatever order their names are.

use crate::across::{DAY, User, cloud, directory, does, expect, user};
use crate::common::Place;

/// One user in each of these enterprises.
fn with_users(users: &[(&str, User)]) -> Place {
    let place = Place::new();
    for (enterprise, user) in users {
        cloud(&place, enterprise, DAY, std::slice::from_ref(user));
    }
    place
}

fn deny(place: &Place, one: &str, other: &str) {
    does(place, &["links", "deny", one, other, "--reason", "two people"]);
}

#[test]
fn a_third_seat_with_the_address_of_two_people_is_nobodys() {
    let named = |login: &str| user(login, "it@x.example");
    // The third seat comes before both, between them, and after both.
    let enterprises = ["a", "b", "c"];
    for third in 0..3 {
        let place = with_users(&enterprises.map(|name| (name, named(&format!("{name}1")))));
        expect(&place, &["certain a:a1+b:b1+c:c1 same-identity"], "before the denial");
        let accounts = enterprises.map(|name| format!("{name}:{name}1"));
        let two: Vec<&String> = (0..3).filter(|at| *at != third).map(|at| &accounts[at]).collect();
        deny(&place, two[0], two[1]);
        expect(&place, &[], "after the denial");
        // Somebody knows whose it is.
        does(&place, &["links", "add", &accounts[third], two[0], "--reason", "asked"]);
        let mut both = [accounts[third].as_str(), two[0].as_str()];
        both.sort_unstable();
        let declared = format!("certain {} declared", both.join("+"));
        expect(&place, &[&declared], "declared");
    }
}

#[test]
fn a_third_seat_in_the_entry_of_two_people_is_nobodys() {
    let place = with_users(&[
        ("a", user("a1", "a@x.example")),
        ("b", user("b1", "b@x.example")),
        ("c", user("c1", "c@x.example")),
    ]);
    directory(&place, "hr", DAY, &[("1", &["a@x.example", "b@x.example", "c@x.example"])]);
    expect(&place, &["certain a:a1+b:b1+c:c1 same-directory-entry"], "before the denial");
    deny(&place, "a:a1", "b:b1");
    expect(&place, &[], "after the denial");
}

#[test]
fn a_seat_between_two_people_is_tied_to_neither() {
    // c1 has an address in common with a1, and another one with b1. d1 is the person of c1, whoever that is, and e1
    // that of a1.
    for third in ["c", "A"] {
        let place = with_users(&[
            ("a", user("a1", "p@x.example").verified("s@x.example")),
            ("b", user("b1", "q@x.example")),
            (third, user("c1", "p@x.example").verified("q@x.example").verified("r@x.example")),
            ("d", user("d1", "r@x.example")),
            ("e", user("e1", "s@x.example")),
        ]);
        deny(&place, "a:a1", "b:b1");
        let own = match third {
            "A" => "certain A:c1+d:d1 same-identity",
            _ => "certain c:c1+d:d1 same-identity",
        };
        let mut expected = vec![own, "certain a:a1+e:e1 same-identity"];
        expected.sort_unstable();
        expect(&place, &expected, third);
    }
}

#[test]
fn an_equal_login_ties_nobody_to_two_people() {
    let place =
        with_users(&[("a", user("ada", "")), ("b", user("ada_b", "")), ("c", user("ada_c", ""))]);
    expect(&place, &["likely a:ada+b:ada_b+c:ada_c same-login"], "before the denial");
    deny(&place, "a:ada", "b:ada_b");
    expect(&place, &[], "after the denial");
}

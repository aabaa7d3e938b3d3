//! A planted migration: people move from a classic enterprise to one with managed users over a year. `across` is held
//! against the truth: whom it finds, how sure it is, and the tail by month.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::across::{directory, does, import_rows};
use crate::common::Place;

/// A person of the planted enterprises, by number.
struct Person(usize);

/// The number of people in the classic enterprise. Some of them move.
const PEOPLE: usize = 400;

impl Person {
    /// The month, from 2 on, in which the person gets an account among the managed users; `None`: never.
    fn moves(&self) -> Option<usize> {
        (!self.0.is_multiple_of(5)).then_some(2 + self.0 % 10)
    }

    /// The month from which the person has no classic account: some months after the move, or never.
    fn leaves(&self) -> Option<usize> {
        self.moves().filter(|_| !self.0.is_multiple_of(3)).map(|moved| moved + 1 + self.0 % 4)
    }

    fn is_classic(&self, month: usize) -> bool {
        self.leaves().is_none_or(|left| month < left)
    }

    fn is_managed(&self, month: usize) -> bool {
        self.moves().is_some_and(|moved| moved <= month)
    }

    /// The way in which the two accounts can be known to be one person's.
    fn kind(&self) -> usize {
        self.0 / 5 % 6
    }

    fn classic_login(&self) -> String {
        format!("p{}-x", self.0)
    }

    fn managed_login(&self) -> String {
        match self.kind() {
            // The same login, and an address that only the directory knows to be the same person's.
            0 | 1 => format!("p{}-x_octo", self.0),
            // Another login.
            _ => format!("q{}y_octo", self.0),
        }
    }

    fn old_address(&self) -> String {
        format!("p{}@old.example", self.0)
    }

    fn new_address(&self) -> String {
        match self.kind() {
            2 | 3 => self.old_address(),
            _ => format!("first.last{}@new.example", self.0),
        }
    }

    fn row(&self, login: &str, name_id: &str, verified: &[String]) -> Value {
        json!({"github_com_login": login, "github_com_name": format!("Person {}", self.0),
            "github_com_user": true, "license_type": "Enterprise",
            "github_com_saml_name_id": name_id, "github_com_verified_domain_emails": verified,
            "github_com_member_roles": ["o:Member"], "github_com_enterprise_roles": ["Member"],
            "enterprise_server_user_ids": [], "enterprise_server_primary_emails": []})
    }

    fn classic(&self) -> Value {
        // Of every third person, the classic report has the address as a verified one only.
        let old = self.old_address();
        match self.0 % 3 {
            0 => self.row(&self.classic_login(), &format!("u{}", self.0), &[old]),
            _ => self.row(&self.classic_login(), &old, &[]),
        }
    }

    fn managed(&self) -> Value {
        self.row(&self.managed_login(), &self.new_address(), &[])
    }

    /// Is the person known by certain evidence?
    fn is_certain(&self) -> bool {
        (2..=4).contains(&self.kind())
    }

    /// Does the directory have both addresses?
    fn is_in_directory(&self) -> bool {
        self.kind() == 4
    }
}

/// People who are somebody else than their login or name suggests: in the managed enterprise only.
fn decoys() -> Vec<Value> {
    let decoy = |number: usize| {
        // Each has the login of somebody who has another login there, and that is known by certain evidence.
        let login = format!("p{}-x_octo", 5 * (6 * number + 2) + 1);
        Person(10_000 + number).row(&login, &format!("decoy{number}@new.example"), &[])
    };
    (0..10).map(decoy).collect()
}

#[test]
fn a_migration_is_found_and_its_tail_by_month() {
    let place = Place::new();
    let people: Vec<Person> = (0..PEOPLE).map(Person).collect();
    for month in 1..=12 {
        let at = format!("2025-{month:02}-15T08:00:00Z");
        let classic = people.iter().filter(|it| it.is_classic(month)).map(Person::classic);
        import_rows(&place, "classic", &at, &classic.collect::<Vec<_>>());
        let managed = people.iter().filter(|it| it.is_managed(month)).map(Person::managed);
        let first = Person(9_999).row("first_octo", "first@new.example", &[]);
        let others = if month < 3 { Vec::new() } else { decoys() };
        let managed = managed.chain([first]).chain(others);
        import_rows(&place, "managed", &at, &managed.collect::<Vec<_>>());
    }
    let entries: Vec<(String, Vec<String>)> = people
        .iter()
        .filter(|it| it.is_in_directory())
        .map(|it| (it.0.to_string(), vec![it.new_address(), it.old_address()]))
        .collect();
    let addresses: Vec<Vec<&str>> =
        entries.iter().map(|(_, own)| own.iter().map(String::as_str).collect()).collect();
    let entries: Vec<(&str, &[&str])> =
        entries.iter().zip(&addresses).map(|((id, _), own)| (id.as_str(), &own[..])).collect();
    directory(&place, "hr", "2025-01-01T08:00:00Z", &entries);

    let planted = |month: usize| -> Vec<&Person> {
        people.iter().filter(|it| it.is_classic(month) && it.is_managed(month)).collect()
    };
    let mut tail = Vec::new();
    for month in [3, 6, 9, 12] {
        let answer = place.json(&["across", "--as-of", &format!("2025-{month:02}-15T08:00:00Z")]);
        let truth: BTreeMap<BTreeSet<String>, &Person> = planted(month)
            .into_iter()
            .map(|it| (BTreeSet::from([it.classic_login(), it.managed_login()]), it))
            .collect();
        let mut right: BTreeMap<&str, usize> = BTreeMap::new();
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for item in answer["items"].as_array().expect("items") {
            let logins: BTreeSet<String> = item["seats"]
                .as_array()
                .expect("seats")
                .iter()
                .map(|seat| seat["login"].as_str().expect("a login").to_owned())
                .collect();
            let confidence = item["confidence"].as_str().expect("a confidence");
            *found.entry(confidence).or_default() += 1;
            let Some(person) = truth.get(&logins) else { continue };
            *right.entry(confidence).or_default() += 1;
            assert_eq!(confidence == "certain", person.is_certain(), "{item:#}");
            // The second seat began with the move.
            let moved = person.moves().expect("a month");
            assert_eq!(item["since"], format!("2025-{moved:02}-15T08:00:00Z"), "{item:#}");
        }
        let of = |map: &BTreeMap<&str, usize>, it: &str| map.get(it).copied().unwrap_or_default();
        let certain = truth.values().filter(|it| it.is_certain()).count();
        let likely = truth.values().filter(|it| it.kind() < 2).count();
        assert!(certain > 10 && likely > 5, "{certain} {likely}");
        // Precision and recall of certain: 1.00.
        assert_eq!((of(&right, "certain"), of(&found, "certain")), (certain, certain));
        // Of likely: at least 0.95.
        let at_least = |part: usize, whole: usize| part * 100 >= whole * 95;
        assert!(at_least(of(&right, "likely"), of(&found, "likely")), "precision: {found:?}");
        assert!(at_least(of(&right, "likely"), likely), "recall: {right:?} of {likely}");
        let number = |key: &str| answer["summary"][key].as_u64().expect("a number") as usize;
        assert_eq!(number("seats") - number("extra_seats"), number("people"));
        assert_eq!(number("people"), certain + of(&found, "likely"));
        tail.push((format!("2025-{month:02}"), number("people"), number("extra_seats")));
    }
    // By month, the same numbers: the months before the migration are 0, and the last one is that of today.
    let by_month =
        place.json(&["across", "--by", "month", "--from", "2025-01-01"])["by_period"].clone();
    let points = by_month.as_array().expect("points");
    assert_eq!(points.len(), 12);
    assert_eq!(points[0], json!({"at": "2025-01-31T23:59:59Z", "people": 0, "extra_seats": 0}));
    assert_eq!(points[11]["at"], "2025-12-15T08:00:00Z");
    for (month, people, extra) in tail {
        let at = |it: &&Value| it["at"].as_str().is_some_and(|at| at.starts_with(&month));
        let point = points.iter().find(at).expect("the month");
        assert_eq!((&point["people"], &point["extra_seats"]), (&json!(people), &json!(extra)));
    }
    // Declarations and files do not change what has been.
    does(&place, &["sources", "set", "managed", "--billing-model", "emu"]);
    let again = place.json(&["across", "--by", "month", "--from", "2025-01-01"]);
    assert_eq!(again["by_period"], by_month);
}

//! Kept counts. They answer, they equal what is counted, and they are ignored as soon as an import or a
//! declaration may change them, or their line is damaged. `trends` checks that a trend from kept counts is the
//! counted trend, over random histories, and `sweeps` checks it with changing settings.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::Value;

use crate::common::Place;

/// A small database of the demo.
fn demo() -> Place {
    let place = Place::new();
    let folder = place.path("demo").display().to_string();
    let ran =
        place.run(&["demo", "--people", "60", "--days", "40", "--every", "10", folder.as_str()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    std::fs::copy(place.path("demo/oneseat.db"), place.path("oneseat.db")).expect("a copy");
    place
}

fn open(place: &Place) -> Connection {
    Connection::open(place.path("oneseat.db")).expect("the database")
}

fn lines(place: &Place) -> (u64, u64) {
    let sql = "SELECT count(*), count(doubles) FROM stored_counts";
    open(place).query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("counts")
}

/// Changes a line and computes its hash as the store does, so that a false line can be put in.
fn forge(place: &Place, at: &str, change: impl Fn(&mut Value)) {
    let connection = open(place);
    let sql = "SELECT count_id, at, enterprise, inputs, counts, doubles FROM stored_counts
               WHERE at = unixepoch(?1)";
    let (number, instant, enterprise, inputs, counts, doubles) = connection
        .query_row(sql, [at], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, Vec<u8>>(3)?,
                row.get::<_, String>(4)?,
                row.get::<_, Option<String>>(5)?,
            ))
        })
        .expect("a line");
    let mut counts: Value = serde_json::from_str(&counts).expect("JSON");
    change(&mut counts);
    let counts = counts.to_string();
    let mut hasher = blake3::Hasher::new();
    let add = |piece: &str, hasher: &mut blake3::Hasher| {
        hasher.update(&(piece.len() as u64).to_le_bytes());
        hasher.update(piece.as_bytes());
    };
    add(&number.to_string(), &mut hasher);
    add(&instant.to_string(), &mut hasher);
    add(&enterprise, &mut hasher);
    hasher.update(&inputs);
    add(&counts, &mut hasher);
    add(&format!("{doubles:?}"), &mut hasher);
    let hash = hasher.finalize().as_bytes().to_vec();
    let sql = "UPDATE stored_counts SET counts = ?1, line_hash = ?2 WHERE count_id = ?3";
    assert_eq!(connection.execute(sql, (counts, hash, number)).expect("changed"), 1);
}

#[test]
fn what_is_kept_answers_and_verify_counts_again() {
    let place = demo();
    let (consumption, trend) = (place.json(&["consumption"]), place.json(&["trend"]));
    assert_eq!(lines(&place), (0, 0), "a small enterprise is counted as quickly as read");
    let told = place.json(&["recount"]);
    // Counted at every instant at which an answer may change, also where only a directory was taken.
    let first = trend["points"][0]["at"].as_str().expect("an instant");
    let snapshots = place.json(&["snapshots"]);
    let instants = snapshots["items"].as_array().expect("items").iter();
    let instants = instants.filter_map(|it| it["taken_at"].as_str()).filter(|at| *at >= first);
    let instants = instants.collect::<BTreeSet<_>>().len() as u64;
    let points = trend["points"].as_array().expect("points").len();
    assert!(instants > points as u64);
    assert_eq!((lines(&place), told["instants"].as_u64()), ((instants, 1), Some(instants)));
    assert_eq!(place.json(&["consumption"]), consumption);
    assert_eq!(place.json(&["trend"]), trend);
    assert_eq!(place.run(&["verify"]).code, 0);

    let at = consumption["as_of"].as_str().expect("an instant");
    forge(&place, at, |counts| counts["count"]["cloud_only"] = 4711.into());
    let forged = place.json(&["consumption"]);
    assert_eq!(forged["seats"]["cloud_only"], 4711, "the kept counts answer");
    assert_eq!(place.json(&["trend"])["points"][points - 1]["cloud_only"], 4711);
    let verified = place.run(&["verify", "--json"]);
    assert_eq!(verified.code, 1);
    let verified: Value = serde_json::from_str(&verified.stdout).expect("JSON");
    assert_eq!(verified["findings"][0]["code"], "stored-count");
    place.json(&["recount"]);
    assert_eq!(place.json(&["consumption"]), consumption);
    assert_eq!(place.run(&["verify"]).code, 0);
}

#[test]
fn a_damaged_line_never_answers() {
    let place = demo();
    let consumption = place.json(&["consumption"]);
    place.json(&["recount"]);
    let sql =
        "UPDATE stored_counts SET counts = replace(counts, '\"cloud_only\":', '\"cloud_only\":1')";
    assert!(open(&place).execute(sql, []).expect("changed") > 0);
    assert_eq!(place.json(&["consumption"]), consumption);
    assert_eq!(place.run(&["verify"]).code, 1);
}

#[test]
fn what_is_imported_or_declared_sets_it_aside() {
    let place = demo();
    let first = place.json(&["consumption"]);
    let (points, at) = (place.json(&["trend"]), first["as_of"].as_str().expect("an instant"));
    let early = points["points"][0]["at"].as_str().expect("an instant").to_owned();
    let early_then = place.json(&["consumption", "--as-of", &early]);
    let newest = first["reported"]["snapshot"].to_string();
    let steps: [&[&str]; 4] = [
        &["sources", "retire", "ghes1.octo-corp.example", "--from", at],
        &["sources", "set", "octo-corp", "--billing-model", "metered", "--from", at],
        &["snapshots", "void", &newest, "--reason", "a mistake"],
        &["snapshots", "restore", &newest],
    ];
    let mut seen = vec![first.to_string()];
    for step in steps {
        place.json(&["recount"]);
        let ran = place.run(step);
        assert_eq!(ran.code, 0, "{step:?}: {}", ran.stderr);
        let kept = place.json(&["consumption"]);
        open(&place).execute("DELETE FROM stored_counts", []).expect("nothing is kept");
        assert_eq!(kept, place.json(&["consumption"]), "after {step:?}");
        seen.push(kept.to_string());
    }
    seen.sort();
    seen.dedup();
    assert!(seen.len() > 2, "the steps change the answer");
    assert_eq!(place.json(&["consumption", "--as-of", &early]), early_then, "no outdated count");
}

#[test]
fn who_cannot_write_is_answered_all_the_same() {
    let place = demo();
    let consumption = place.json(&["consumption"]);
    let mut connection = open(&place);
    let writing = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate);
    let writing = writing.expect("the write lock");
    let ran = place.run(&["recount"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot be stored"), "{}", ran.stderr);
    assert_eq!(place.json(&["consumption"]), consumption);
    writing.rollback().expect("the lock given back");
    assert_eq!(place.run(&["recount"]).code, 0);
}

//! The past rewritten by a forger who may write the file and knows this program (`forger`). Whatever the forger
//! computes again, a head that was noted beforehand finds it. The table of docs/auditor.md lists what is found
//! without a head, and this test checks that table.

mod counts;
mod forger;

use serde_json::{Value, json};

use crate::common::Place;
use crate::verify::{head, ledger, verify};
use forger::{Changed, Forger};

/// One way of rewriting the past.
struct Way {
    /// The description in docs/auditor.md.
    name: &'static str,
    /// Whether it is found without a head.
    found_without: bool,
    rewrite: fn(&Forger),
}

/// A rewriting of the journal that fits the tables is found only with a head.
const WAYS: [Way; 16] = [
    Way {
        name: "a person is taken out of every report, and the lines of its snapshots say so",
        found_without: false,
        rewrite: |forger| {
            let changed = forger.remove("ann");
            forger.change(|entry| changed.iter().for_each(|it| say(it, entry)));
        },
    },
    Way {
        name: "a report states another number of licenses",
        found_without: false,
        rewrite: |forger| {
            forger.sql("UPDATE stored_snapshots SET purchased = 1000 WHERE snapshot_id = 1", 1);
            forger.change(|entry| set(entry, "snapshot", 1, "purchased", json!(1000)));
        },
    },
    Way {
        name: "a snapshot was voided for another reason",
        found_without: false,
        rewrite: |forger| {
            forger.sql("UPDATE voidings SET reason = 'another' WHERE voiding_id = 1", 1);
            let commitment = forger.commitment("voidings", ("voiding_id", 1), &["reason"]);
            forger.change(|entry| set(entry, "voiding", 1, "commitment", commitment.clone()));
        },
    },
    Way {
        name: "an enterprise was declared to pay otherwise",
        found_without: false,
        rewrite: |forger| {
            forger.sql("UPDATE declarations SET value = 'volume' WHERE what = 'billing-model'", 1);
            forger.change(|entry| {
                if entry["what"] == "billing-model" {
                    entry["value"] = json!("volume");
                }
            });
        },
    },
    Way {
        name: "a link is of another account",
        found_without: false,
        rewrite: |forger| {
            forger.sql("UPDATE links SET a_account = 'login:zoe' WHERE link_id = 1", 1);
            let columns = ["a_account", "b_account", "reason"];
            let commitment = forger.commitment("links", ("link_id", 1), &columns);
            forger.change(|entry| set(entry, "link", 1, "commitment", commitment.clone()));
        },
    },
    Way {
        name: "a saved question has another statement",
        found_without: false,
        rewrite: |forger| {
            forger
                .sql("UPDATE saved_questions SET statement = 'SELECT 1' WHERE question_id = 3", 1);
            let columns = ["name", "statement"];
            let commitment = forger.commitment("saved_questions", ("question_id", 3), &columns);
            forger.change(|entry| set(entry, "question", 3, "commitment", commitment.clone()));
        },
    },
    Way {
        name: "a line is taken out with its row, and what comes after it gets other numbers",
        found_without: false,
        rewrite: |forger| {
            forger.sql("DELETE FROM links WHERE link_id = 2", 1);
            forger.sql("UPDATE links SET link_id = link_id - 1 WHERE link_id > 2", 2);
            let mut entries = forger.entries();
            entries.retain(|entry| entry["link"] != 2);
            for entry in &mut entries {
                if let Some(link) = entry["link"].as_i64().filter(|link| *link > 2) {
                    entry["link"] = json!(link - 1);
                }
            }
            forger.rewrite(&entries);
        },
    },
    Way {
        name: "a line is put in between with a row, and what comes after it gets other numbers",
        found_without: false,
        rewrite: |forger| {
            let rows = forger.number("SELECT count(*) FROM declarations");
            forger
                .sql("UPDATE declarations SET declaration_id = -1 - declaration_id", rows as usize);
            forger.sql("UPDATE declarations SET declaration_id = -declaration_id", rows as usize);
            forger.sql(
                "INSERT INTO declarations
                 SELECT 1, source_id, what, 'metered', valid_from, declared_at, reason, salt
                 FROM declarations WHERE declaration_id = 2",
                1,
            );
            let mut entries = forger.entries();
            for entry in &mut entries {
                if let Some(number) = entry["declaration"].as_i64() {
                    entry["declaration"] = json!(number + 1);
                }
            }
            let at = entries.iter().position(|entry| entry["declaration"] == 2).expect("a line");
            let mut more = entries[at].clone();
            (more["declaration"], more["value"]) = (json!(1), json!("metered"));
            entries.insert(at, more);
            forger.rewrite(&entries);
        },
    },
    Way {
        name: "a command was given at another time",
        found_without: false,
        rewrite: |forger| {
            forger.sql(
                "UPDATE voidings SET declared_at = unixepoch('2026-11-22T11:59:00Z')
                        WHERE voiding_id = 1",
                1,
            );
            forger.change(|entry| set(entry, "voiding", 1, "at", json!("2026-11-22T11:59:00Z")));
        },
    },
    Way {
        name: "two lines change places",
        found_without: false,
        rewrite: |forger| {
            let mut entries = forger.entries();
            let at = entries.iter().position(|it| it["command"] == "question").expect("a line");
            let other = entries.iter().position(|it| it["command"] == "declare").expect("a line");
            entries.swap(at, other);
            // Its number among the questions changes.
            let moved: Vec<i64> = entries.iter().filter_map(|it| it["question"].as_i64()).collect();
            forger.sql("UPDATE saved_questions SET question_id = -question_id", moved.len());
            for (now, before) in (1..).zip(&moved) {
                forger.sql(
                    &format!("UPDATE saved_questions SET question_id = {now} WHERE question_id = -{before}"),
                    1,
                );
            }
            let mut next = 0;
            for entry in entries.iter_mut().filter(|it| it["command"] == "question") {
                next += 1;
                entry["question"] = json!(next);
            }
            forger.rewrite(&entries);
        },
    },
    Way {
        name: "the newest lines are cut off with their rows (so does an older copy)",
        found_without: false,
        rewrite: |forger| {
            let mut entries = forger.entries();
            let newest = entries.pop().expect("a line");
            let number = newest["declaration"].as_i64().expect("the rename");
            forger.sql(&format!("DELETE FROM declarations WHERE declaration_id = {number}"), 1);
            forger.rewrite(&entries);
        },
    },
    Way {
        name: "what stands in the journal alone: why a short report was taken",
        found_without: false,
        rewrite: |forger| {
            forger.change(|entry| {
                if entry["command"] == "import" {
                    entry["evidence"]["short"] = Value::Null;
                }
            });
        },
    },
    Way {
        name: "a second line tells of something again",
        found_without: true,
        rewrite: |forger| second_lines(forger, |forger, entry| forger.append(entry)),
    },
    Way {
        name: "such a line in another form (a key twice, another letter case)",
        found_without: true,
        rewrite: |forger| {
            second_lines(forger, |forger, entry| {
                let text = entry.to_string();
                let again = text.replacen("{\"command\"", "{\"Command\"", 1);
                forger.append_text(&again);
            });
        },
    },
    Way {
        name: "a row that no line tells of, or a line with a number out of turn",
        found_without: true,
        rewrite: |forger| {
            forger.sql(
                "INSERT INTO voidings SELECT 0, 1, 1, 'never', declared_at, salt FROM voidings
                 WHERE voiding_id = 1",
                1,
            );
            let mut entry = forger.entry("voiding", 1);
            entry["commitment"] = forger.commitment("voidings", ("voiding_id", 0), &["reason"]);
            entry["voiding"] = json!(0);
            (entry["command"], entry["snapshot"]) = (json!("void"), json!(1));
            forger.append(&entry);
        },
    },
    Way {
        name: "tables without the journal, or the journal without the tables",
        found_without: true,
        rewrite: |forger| {
            forger.remove("ann");
        },
    },
];

/// Writes the changed values of a snapshot into the line of its import.
fn say(changed: &Changed, entry: &mut Value) {
    if entry["command"] == "import" && entry["snapshot"] == changed.snapshot {
        entry["content_hash"] = json!(changed.content_hash);
        entry["accounts"] = json!(changed.accounts);
        entry["states"] = changed.states.clone();
    }
}

fn set(entry: &mut Value, kind: &str, number: i64, key: &str, value: Value) {
    if entry[kind] == number && (kind != "snapshot" || entry["command"] == "import") {
        entry[key] = value;
    }
}

/// Removes a person from every report, and adds a second line for each of its snapshots.
fn second_lines(forger: &Forger, append: fn(&Forger, &Value)) {
    for changed in forger.remove("ann") {
        let mut entry = forger.entry("snapshot", changed.snapshot);
        say(&changed, &mut entry);
        append(forger, &entry);
    }
}

#[test]
fn every_way_is_found_with_a_head_and_the_table_says_what_is_found_without() {
    let original = ledger();
    let noted = head(&original);
    let file = std::fs::read(original.path("oneseat.db")).expect("the database");
    let page = include_str!("../../../docs/auditor.md");
    let mut wrong = Vec::new();
    for Way { name, found_without, rewrite } in WAYS {
        let place = Place::new();
        place.write("oneseat.db", &file);
        rewrite(&Forger::at(&place));
        let (code, answer) = verify(&place, &["--head", &noted]);
        if code != 1 || answer["ok"] != false {
            wrong.push(format!("{name}: not found with a head: {answer}"));
        }
        let (code, answer) = verify(&place, &[]);
        if code != i32::from(found_without) {
            wrong.push(format!("{name}: without a head exit code {code}: {answer}"));
        }
        let cell = if found_without { "found" } else { "not found" };
        let row = format!("| {name} | found | {cell} |");
        if !page.contains(&row) {
            wrong.push(format!("docs/auditor.md has no row {row}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// After the noted head, a second line contradicts a line before it.
#[test]
fn a_second_line_is_found_of_each_kind_and_the_first_counts() {
    let original = ledger();
    let noted = head(&original);
    let file = std::fs::read(original.path("oneseat.db")).expect("the database");
    for (kind, number, table, column, key, value) in [
        ("snapshot", 1, "stored_snapshots", "purchased", "snapshot_id", json!(1000)),
        ("voiding", 1, "voidings", "reason", "voiding_id", json!("another")),
        ("declaration", 1, "declarations", "value", "declaration_id", json!("volume")),
        ("link", 1, "links", "reason", "link_id", json!("another")),
        ("question", 3, "saved_questions", "statement", "question_id", json!("SELECT 1")),
    ] {
        let place = Place::new();
        place.write("oneseat.db", &file);
        let forger = Forger::at(&place);
        let mut entry = forger.entry(kind, number);
        let was = std::mem::replace(&mut entry[column], value.clone());
        assert_ne!(was, value, "{kind}");
        forger.append(&entry);
        let lines = forger.entries().len();
        let (code, answer) = verify(&place, &["--head", &noted]);
        assert_eq!(code, 1, "{answer}");
        let told = format!("journal: line {lines} introduces {kind} {number} again");
        assert_eq!(answer["findings"], json!([{"code": "journal", "message": told}]), "{kind}");
        let text = value.to_string().replace('"', "'");
        forger.sql(&format!("UPDATE {table} SET {column} = {text} WHERE {key} = {number}"), 1);
        let (code, answer) = verify(&place, &["--head", &noted]);
        assert_eq!(code, 1, "{answer}");
        let found = answer["findings"][1]["message"].as_str().expect("a message");
        let told =
            format!("{table}.{column} of row {number} differs from the value in the journal");
        let committed = format!(
            "{table} of row {number}: the commitment in the journal's line does not match "
        );
        assert!(
            found == told || (found.starts_with(&committed) && found.contains(column)),
            "the first counts: {answer}"
        );
    }
}

#[test]
fn what_a_line_may_say_is_held() {
    let original = ledger();
    let file = std::fs::read(original.path("oneseat.db")).expect("the database");
    let lines = Forger::at(&original).entries().len() + 1;
    let at = "2026-11-22T12:00:00Z";
    for (text, told) in [
        (
            format!(r#"{{"command":"forget","at":"{at}","snapshot":1}}"#),
            "names no command that writes",
        ),
        (format!(r#"{{"command":"import","at":"{at}"}}"#), "names no snapshot"),
        (
            format!(r#"{{"command":"void","at":"{at}","voiding":99,"snapshot":1,"reason":null}}"#),
            "introduces voiding 99, but the next number is 5",
        ),
        (
            format!(r#"{{"command":"void","at":"{at}","voiding":5,"snapshot":77,"reason":null}}"#),
            "names a snapshot that no line before it introduces",
        ),
        (
            format!(r#"{{"command":"question","at":"{at}","question":1,"question":4}}"#),
            "is not as this program writes it",
        ),
        (format!(r#"{{"at":"{at}","command":"void"}}"#), "is not as this program writes it"),
        (r#"{"command":"void","at":"2026-11-22"}"#.to_owned(), "is not as this program writes it"),
        (format!(r#"{{ "command":"void","at":"{at}"}}"#), "is not as this program writes it"),
    ] {
        let place = Place::new();
        place.write("oneseat.db", &file);
        Forger::at(&place).append_text(&text);
        let (code, answer) = verify(&place, &[]);
        assert_eq!(code, 1, "{text}");
        let first = answer["findings"][0]["message"].as_str().expect("a message");
        assert!(
            first.contains(&format!("line {lines} ")) && first.ends_with(told),
            "{text}: {first}"
        );
    }
}

/// A forger can do what commands do. That is no rewriting, and `verify --head` reports that it came after the
/// head.
#[test]
fn what_was_appended_as_a_command_does_is_told_beside_a_head() {
    let place = ledger();
    let noted = head(&place);
    let (_, answer) = verify(&place, &["--head", &noted]);
    assert_eq!(answer["notes"], json!([]));
    let forger = Forger::at(&place);
    forger.sql(
        "INSERT INTO voidings SELECT 5, 1, 1, 'forged', declared_at, salt FROM voidings
         WHERE voiding_id = 1",
        1,
    );
    let mut entry = forger.entry("voiding", 1);
    (entry["voiding"], entry["snapshot"]) = (json!(5), json!(1));
    entry["commitment"] = forger.commitment("voidings", ("voiding_id", 5), &["reason"]);
    forger.append(&entry);
    let (code, answer) = verify(&place, &["--head", &noted]);
    assert_eq!(code, 0, "{answer}");
    let note = "1 line of the journal was written after the head that --head names: `oneseat journal` shows it";
    assert_eq!(answer["notes"][0], json!(note));
}

/// What `verify` accepts in databases of earlier versions must be in the record.
#[test]
fn an_address_an_identity_and_a_login_are_what_the_record_says() {
    let original = ledger();
    let noted = head(&original);
    let file = std::fs::read(original.path("oneseat.db")).expect("the database");
    for sql in [
        "UPDATE addresses SET text = '' WHERE text = lower(text)",
        "UPDATE addresses SET text = '' WHERE text <> lower(text)",
        "UPDATE addresses SET text = upper(text) WHERE text = lower(text)",
        "UPDATE addresses SET text = lower(text) WHERE text <> lower(text)",
        "UPDATE addresses SET key = lower(text)",
        "UPDATE states SET account = 'login:null' WHERE login = 'bob'",
        "UPDATE states SET account = 'id:none' WHERE account = 'id:7'",
        "UPDATE states SET login = 'n/a' WHERE login = 'cho'",
        "INSERT INTO stored_memberships SELECT max(row_id) + 1, 'member', '', ''
         FROM stored_memberships",
        "INSERT INTO addresses SELECT max(row_id) + 1, 1, 'eve@corp.example', 'null' FROM addresses",
        "INSERT INTO addresses SELECT max(row_id) + 1, 1, 'null', NULL FROM addresses",
    ] {
        let place = Place::new();
        let file = place.write("oneseat.db", &file);
        let connection = rusqlite::Connection::open(file).expect("the database");
        connection.execute_batch(sql).expect(sql);
        assert!(connection.total_changes() > 0, "{sql}");
        drop(connection);
        let (code, answer) = verify(&place, &["--head", &noted]);
        assert_eq!(
            (code, &answer["findings"][0]["code"]),
            (1, &json!("derived")),
            "{sql}: {answer}"
        );
    }
}

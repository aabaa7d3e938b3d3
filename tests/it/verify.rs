//! `oneseat verify` finds every change that bypasses the program. For every table and column of the file, plain
//! SQL changes one value. Rows are deleted and inserted, and the journal is rewritten.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

use crate::common::Place;

/// The number of rows that are changed in each table, spread over it.
const ROWS: usize = 4;
/// Words of closed sets, so that the table may accept a changed word.
const WORDS: [&str; 7] = ["cloud", "server", "alias", "enterprise", "now", "apart", "nothing"];

/// The columns whose only value the table itself lays down.
const PINNED: [(&str, &str); 1] = [("digest_keys", "key_id")];

/// A table of the file and its columns.
struct Table {
    name: String,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    nullable: bool,
    key: bool,
}

/// A database in which every table has rows. Formats alternate, accounts change, go and come back, snapshots
/// are voided, restored and replaced, and sources have declarations.
pub fn ledger() -> Place {
    let place = Place::new();
    let user = |login: &str, organization: &str, ids: &[&str]| {
        json!({
            "github_com_login": login, "github_com_name": "Ann", "github_com_user": true,
            "github_com_verified_domain_emails": ["Ann@corp.example", "ann@else.example"],
            "github_com_member_roles": [format!("{organization}:Member"), "beta/repo:Collaborator"],
            "github_com_enterprise_roles": ["Member"], "enterprise_server_user_ids": ids,
            "enterprise_server_primary_emails": ["ann@corp.example"],
            "license_type": "Enterprise", "shoe_size": 42,
        })
    };
    let cloud = |users: Vec<Value>| {
        let answer = json!({"total_seats_consumed": users.len(), "total_seats_purchased": 9, "users": users});
        answer.to_string()
    };
    let csv = "github_com_login,github_com_name,license_type,github_com_saml_name_id,github_com_member_roles\n\
               ann,Ann,Visual Studio subscription,ann@corp.example,alpha:Owner\nbob,,Enterprise,,\n";
    let header = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
                  last_active,raw_login,2fa_enabled?\n";
    let users = format!(
        "{header},7,ann,ANN@corp.example,user,false,,,,,false,,,\n,8,cho,,user,true,,,,,false,,,\n"
    );
    let export = json!({
        "instance": {"server_id": "6c1c", "host_name": "ghes.corp.example"},
        "users": [{"user_id": 7, "login": "anna", "emails": [
            {"email": "x@corp.example", "primary": true}, {"email": "Y@corp.example", "primary": false}]}],
    });
    let ann = user("ann", "alpha", &["ghes.corp.example:7"]);
    let ann_later = user("ann", "gamma", &["ghes.corp.example:7", "12"]);
    let bob = user("bob", "alpha", &[]);
    let files = [
        ("1.json", cloud(vec![ann.clone(), bob.clone()]), "2026-03-01", ""),
        ("2.json", cloud(vec![ann_later.clone()]), "2026-03-03", ""),
        ("3.csv", csv.to_owned(), "2026-03-02", ""),
        ("4.json", cloud(vec![ann, bob.clone()]), "2026-03-04", ""),
        ("5.json", cloud(vec![bob.clone(), ann_later.clone()]), "2026-03-04", "--replace"),
        (
            "6.json",
            cloud(vec![bob.clone(), bob, ann_later]),
            "2026-03-05",
            "--accept-short=because",
        ),
        ("7.csv", users, "2026-03-01", "--host=ghes.corp.example"),
        ("8.json", export.to_string(), "2026-03-02", ""),
    ];
    for (name, text, day, option) in files {
        let file = place.write(name, text.as_bytes()).display().to_string();
        let mut words = vec!["import", &file, "--taken-at", day];
        words.extend(
            Some("--enterprise=corp").filter(|_| !option.contains("host") && name != "8.json"),
        );
        words.extend(Some(option).filter(|option| !option.is_empty()));
        done(&place, &words);
    }
    // A directory, twice: the second time the person whose account has become known is filled in.
    let entry = |number: u32| {
        json!({"id": format!("e{number}"), "accountEnabled": number != 2,
            "userPrincipalName": format!("person{number}@corp.example"),
            "mail": if number == 1 { "ann@corp.example" } else { "bea@corp.example" }})
    };
    let directory = json!([entry(1), entry(2), entry(3)]).to_string();
    let file = place.write("9.json", directory.as_bytes()).display().to_string();
    done(&place, &["import", &file, "--directory", "entra", "--taken-at", "2026-03-01"]);
    let bea = json!({"github_com_login": "bea", "github_com_user": true,
        "github_com_verified_domain_emails": ["bea@corp.example"]});
    let file = place.write("10.json", cloud(vec![bea]).as_bytes()).display().to_string();
    done(&place, &["import", &file, "--enterprise", "other", "--taken-at", "2026-03-01"]);
    let file = place.path("9.json").display().to_string();
    done(&place, &["import", &file, "--directory", "entra", "--taken-at", "2026-03-01"]);
    done(&place, &["questions", "add", "how-many", "SELECT count(*) FROM seats"]);
    done(&place, &["questions", "remove", "how-many"]);
    done(&place, &["questions", "add", "who", "SELECT login FROM accounts"]);
    done(&place, &["snapshots", "void", "2", "--reason", "a mistake"]);
    done(&place, &["snapshots", "restore", "2"]);
    done(&place, &["snapshots", "void", "3", "--reason", "a mistake"]);
    done(&place, &["sources", "set", "corp", "--billing-model", "emu", "--from", "2026-03-02"]);
    let link = |words: &[&str]| {
        done(&place, &[&["links"], words, &["ghes.corp.example:7", "--reason", "asked"]].concat());
    };
    link(&["add", "bob"]);
    link(&["deny", "bob", "--from", "2026-03-02"]);
    link(&["remove", "bob"]);
    link(&["add", "ann", "--matched-by-github"]);
    done(&place, &["sources", "rename", "ghes.corp.example", "ghes1.corp.example"]);
    done(&place, &["recount"]);
    place
}

fn done(place: &Place, words: &[&str]) {
    let ran = place.run(words);
    assert_eq!(ran.code, 0, "{words:?}: {}", ran.stderr);
}

pub fn verify(place: &Place, words: &[&str]) -> (i32, Value) {
    let ran = place.run(&[&["verify", "--json"], words].concat());
    let answer = serde_json::from_str(&ran.stdout).unwrap_or_default();
    (ran.code, answer)
}

pub fn head(place: &Place) -> String {
    let (code, answer) = verify(place, &[]);
    assert_eq!(code, 0, "{answer}");
    answer["head"].as_str().expect("a head").to_owned()
}

/// The database's file, open for any change.
fn open(file: &Path) -> Connection {
    let connection = Connection::open(file).expect("the database");
    connection.pragma_update(None, "foreign_keys", false).expect("no foreign keys");
    connection
}

fn tables(connection: &Connection) -> Vec<Table> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(sql).expect("tables");
    let names = statement.query_map([], |row| row.get(0)).expect("tables");
    let names: Vec<String> = names.collect::<rusqlite::Result<_>>().expect("names");
    let columns = |name: &str| {
        let sql = "SELECT name, \"notnull\" = 0 AND pk = 0, pk > 0 FROM pragma_table_info(?1)";
        let mut statement = connection.prepare(sql).expect("columns");
        let columns = statement.query_map([name], |row| {
            Ok(Column { name: row.get(0)?, nullable: row.get(1)?, key: row.get(2)? })
        });
        columns.expect("columns").collect::<rusqlite::Result<_>>().expect("columns")
    };
    names.into_iter().map(|name| Table { columns: columns(&name), name }).collect()
}

/// Some rows of a table, from its beginning to its end.
fn some_rows(connection: &Connection, table: &Table) -> Vec<Vec<Cell>> {
    let mut statement =
        connection.prepare(&format!("SELECT * FROM {}", table.name)).expect("a table");
    let width = table.columns.len();
    let rows = statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect());
    let rows: Vec<Vec<Cell>> = rows.expect("rows").collect::<rusqlite::Result<_>>().expect("rows");
    assert!(!rows.is_empty(), "{} has no rows to change", table.name);
    let chosen: BTreeSet<usize> =
        (0..ROWS).map(|turn| turn * (rows.len() - 1) / (ROWS - 1)).collect();
    chosen.into_iter().map(|at| rows[at].clone()).collect()
}

/// Other values for a cell. The table decides which of them it accepts.
fn others(cell: &Cell) -> Vec<Cell> {
    match cell {
        Cell::Null => vec![Cell::Integer(1), Cell::Text("x".into()), Cell::Blob(vec![1; 16])],
        Cell::Integer(number) => [number.wrapping_neg(), 1, 0]
            .into_iter()
            .chain([1, -1, 1_000_000].into_iter().filter_map(|step| number.checked_add(step)))
            .filter(|other| other != number)
            .map(Cell::Integer)
            .collect(),
        Cell::Real(number) => vec![Cell::Real(number + 1.0)],
        Cell::Text(text) => {
            let words = WORDS.into_iter().filter(|word| word != text).map(str::to_owned);
            std::iter::once(format!("{text} ")).chain(words).map(Cell::Text).collect()
        }
        Cell::Blob(bytes) => {
            let mut flipped = bytes.clone();
            if let Some(last) = flipped.last_mut() {
                *last ^= 1;
            }
            vec![Cell::Blob(flipped)]
        }
    }
}

/// The condition that holds for one row only, and its parameters from number 2 on.
fn this_row(table: &Table) -> String {
    let columns = table.columns.iter().enumerate();
    let equal = columns.map(|(at, column)| format!("{} IS ?{}", column.name, at + 2));
    equal.collect::<Vec<_>>().join(" AND ")
}

/// Changes one value, and returns whether the table accepted it.
fn change(connection: &Connection, table: &Table, row: &[Cell], at: usize, to: &Cell) -> bool {
    let (name, column) = (&table.name, &table.columns[at].name);
    let sql = format!("UPDATE {name} SET {column} = ?1 WHERE {}", this_row(table));
    let cells = std::iter::once(to).chain(row);
    connection.execute(&sql, params_from_iter(cells)).is_ok_and(|rows| rows == 1)
}

/// A verified original, and a copy that is damaged again and again.
struct Spoilt {
    original: Vec<u8>,
    place: Place,
}

impl Spoilt {
    fn of(place: &Place) -> Spoilt {
        let original = std::fs::read(place.path("oneseat.db")).expect("the database");
        Spoilt { original, place: Place::new() }
    }

    /// Damages a fresh copy. Returns what `verify` does not find, if anything could be damaged.
    fn missed(
        &self,
        table: &str,
        spoil: impl Fn(&Connection) -> bool,
    ) -> Option<Result<(), String>> {
        let file = self.place.write("oneseat.db", &self.original);
        let connection = open(&file);
        if !spoil(&connection) {
            return None;
        }
        connection.close().expect("the database closed");
        let (code, answer) = verify(&self.place, &[]);
        let findings = answer["findings"].as_array().cloned().unwrap_or_default();
        let messages = findings.iter().filter_map(|finding| finding["message"].as_str());
        let is_word = |text: &str| {
            text.split(|it: char| !it.is_alphanumeric() && it != '_').any(|it| it == table)
        };
        if code == 1 && answer["ok"] == false && messages.clone().any(is_word) {
            return Some(Ok(()));
        }
        let messages: Vec<&str> = messages.collect();
        Some(Err(format!("exit code {code}, findings {messages:?}")))
    }
}

#[test]
fn every_column_is_covered_and_nothing_else() {
    let place = ledger();
    let (code, answer) = verify(&place, &["--coverage"]);
    assert_eq!((code, &answer["ok"]), (0, &json!(true)), "{answer}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let coverage = answer["coverage"].as_array().expect("the coverage");
    let covered: BTreeSet<(String, String)> =
        coverage.iter().map(|it| (text(&it["table"]), text(&it["column"]))).collect();
    assert!(coverage.iter().all(|it| !text(&it["protected_by"]).is_empty()));
    let tables = tables(&open(&place.path("oneseat.db")));
    let columns = tables.into_iter().flat_map(|table| {
        let name = table.name;
        table.columns.into_iter().map(move |column| (name.clone(), column.name))
    });
    assert_eq!(covered, columns.collect());
}

#[test]
fn a_changed_value_is_found_in_every_column() {
    let place = ledger();
    let spoilt = Spoilt::of(&place);
    let connection = open(&place.path("oneseat.db"));
    let mut missed = Vec::new();
    for table in tables(&connection) {
        for row in some_rows(&connection, &table) {
            for (at, column) in table.columns.iter().enumerate() {
                if PINNED.contains(&(&table.name, &column.name)) {
                    continue;
                }
                let spoil =
                    |to: &Cell| spoilt.missed(&table.name, |it| change(it, &table, &row, at, to));
                let mut found: Vec<_> =
                    others(&row[at]).iter().find_map(spoil).into_iter().collect();
                assert!(!found.is_empty(), "{}.{} takes no other value", table.name, column.name);
                if column.nullable && row[at] != Cell::Null {
                    found.extend(spoil(&Cell::Null));
                }
                missed.extend(
                    found.into_iter().filter_map(Result::err).map(|why| {
                        format!("{}.{} of {:?}: {why}", table.name, column.name, row[at])
                    }),
                );
            }
        }
    }
    assert!(missed.is_empty(), "{} changes are not found:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn deleted_and_inserted_rows_are_found_in_every_table() {
    let place = ledger();
    let spoilt = Spoilt::of(&place);
    let connection = open(&place.path("oneseat.db"));
    let mut missed = Vec::new();
    for table in tables(&connection) {
        for row in some_rows(&connection, &table) {
            let delete =
                format!("DELETE FROM {} WHERE ?1 IS NULL AND {}", table.name, this_row(&table));
            let deleted = spoilt.missed(&table.name, |it| {
                let cells = std::iter::once(&Cell::Null).chain(&row);
                it.execute(&delete, params_from_iter(cells)).is_ok_and(|rows| rows == 1)
            });
            let deleted = deleted.expect("a row to delete");
            // Kept values may be deleted, because they are computed again when needed.
            let kept_only = ["stored_counts", "image", "image_form"].contains(&table.name.as_str());
            assert!(!kept_only || deleted.is_err(), "what is not kept is no finding");
            missed.extend(
                deleted
                    .err()
                    .filter(|_| !kept_only)
                    .map(|why| format!("{:?} deleted from {}: {why}", row, table.name)),
            );
            // A table whose key is pinned has one row, and takes no other.
            if PINNED.iter().any(|(pinned, _)| *pinned == table.name) {
                continue;
            }
            let inserted = spoilt.missed(&table.name, |it| insert_another(it, &table, &row));
            let inserted = inserted.unwrap_or_else(|| panic!("{} takes no other row", table.name));
            missed.extend(
                inserted.err().map(|why| format!("{:?} inserted into {}: {why}", row, table.name)),
            );
        }
    }
    assert!(missed.is_empty(), "{} changes are not found:\n{}", missed.len(), missed.join("\n"));
}

/// Inserts a copy of a row with another key, and with other values where they must be unique.
fn insert_another(connection: &Connection, table: &Table, row: &[Cell]) -> bool {
    let places: Vec<String> = (1..=row.len()).map(|at| format!("?{at}")).collect();
    let sql = format!("INSERT INTO {} VALUES ({})", table.name, places.join(", "));
    let inserted = |row: &[Cell]| connection.execute(&sql, params_from_iter(row)).is_ok();
    let mut keyed = row.to_vec();
    let key = table.columns.iter().position(|column| column.key).expect("a key");
    keyed[key] = others(&row[key]).pop().expect("another value");
    if inserted(&keyed) {
        return true;
    }
    (0..row.len()).filter(|at| *at != key).any(|at| {
        others(&row[at]).into_iter().any(|other| {
            let mut row = keyed.clone();
            row[at] = other;
            inserted(&row)
        })
    })
}

#[test]
fn a_head_is_found_until_the_journal_is_rewritten() {
    let place = ledger();
    let noted = head(&place);
    for day in 10..20 {
        let answer = json!({"total_seats_consumed": 1,
            "users": [{"github_com_login": format!("user-{day}"), "github_com_user": true}]});
        let file = place.write("later.json", answer.to_string().as_bytes()).display().to_string();
        let day = format!("2026-03-{day}");
        done(&place, &["import", &file, "--enterprise", "corp", "--taken-at", &day]);
    }
    assert_ne!(head(&place), noted, "imports move the head");
    let (code, answer) = verify(&place, &["--head", &noted]);
    assert_eq!(code, 0, "{answer}");
    let (code, answer) = verify(&place, &["--head", &noted.to_uppercase()]);
    assert_eq!(code, 0, "{answer}");

    // The reason of a voiding before the noted head is changed, in its table and in the journal, and all hashes
    // from there on are computed again.
    let connection = open(&place.path("oneseat.db"));
    let changed =
        connection.execute("UPDATE voidings SET reason = 'another' WHERE voiding_id = 1", []);
    assert_eq!(changed, Ok(1));
    let salt: Vec<u8> = connection
        .query_row("SELECT salt FROM voidings WHERE voiding_id = 1", [], |row| row.get(0))
        .expect("a salt");
    let said = json!({"reason": "another"}).to_string();
    let commitment =
        blake3::Hasher::new().update(&salt).update(said.as_bytes()).finalize().to_hex().to_string();
    rewrite_journal(&connection, |entry| {
        if entry["voiding"] == json!(1) {
            entry["commitment"] = json!(commitment);
        }
    });
    connection.close().expect("the database closed");
    let (code, answer) = verify(&place, &[]);
    assert_eq!(
        code, 0,
        "without a head, a whole journal that fits the books is believed: {answer}"
    );
    let (code, answer) = verify(&place, &["--head", &noted]);
    assert_eq!((code, &answer["ok"]), (1, &json!(false)), "{answer}");
    assert_eq!(answer["findings"][0]["code"], "head", "{answer}");
}

/// Changes entries and computes the chain of hashes again.
fn rewrite_journal(connection: &Connection, change: impl Fn(&mut Value)) {
    let mut statement =
        connection.prepare("SELECT line, entry FROM journal ORDER BY line").expect("a journal");
    let lines = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("lines");
    let lines: Vec<(i64, String)> = lines.collect::<rusqlite::Result<_>>().expect("lines");
    let mut previous = [0; 32];
    for (line, entry) in lines {
        let mut entry: Value = serde_json::from_str(&entry).expect("JSON");
        change(&mut entry);
        let entry = entry.to_string();
        let hash =
            *blake3::Hasher::new().update(&previous).update(entry.as_bytes()).finalize().as_bytes();
        let sql = "UPDATE journal SET entry = ?2, previous = ?3, hash = ?4 WHERE line = ?1";
        let changed = connection.execute(sql, (line, &entry, previous, hash));
        assert_eq!(changed, Ok(1));
        previous = hash;
    }
}

#[test]
fn a_cut_journal_is_found_by_its_head() {
    let place = ledger();
    let noted = head(&place);
    let connection = open(&place.path("oneseat.db"));
    let cut = "DELETE FROM journal WHERE line = (SELECT max(line) FROM journal);
               DELETE FROM declarations WHERE declaration_id = (SELECT max(declaration_id) FROM declarations);";
    connection.execute_batch(cut).expect("a shorter journal");
    connection.close().expect("the database closed");
    assert_eq!(verify(&place, &[]).0, 0, "a short journal is no finding");
    assert_eq!(verify(&place, &["--head", &noted]).0, 1, "the line with the noted head is gone");
}

#[test]
fn a_shortened_head_is_a_wrong_command_line_and_foreign_tables_are_noted() {
    let place = Place::new();
    let cloud = r#"{"users": [{"github_com_login": "ada", "github_com_user": true}]}"#;
    let file = place.write("cloud.json", cloud.as_bytes()).display().to_string();
    place.json(&["import", &file, "--enterprise", "corp"]);
    let head = place.json(&["verify"])["head"].as_str().expect("a head").to_owned();
    for wrong in [&head[..12], "", &head[..63], "z".repeat(64).as_str()] {
        let ran = place.run(&["verify", "--head", wrong]);
        assert_eq!(ran.code, 2, "{wrong}");
        assert!(!ran.stderr.contains("backup"), "{wrong}: {}", ran.stderr);
    }
    let written = format!("{head}\n");
    assert_eq!(place.run(&["verify", "--head", &written]).code, 0, "as `$(cat …)` leaves it");
    let connection = rusqlite::Connection::open(place.path("oneseat.db")).expect("the file");
    connection.execute_batch("CREATE TABLE my_notes (note TEXT)").expect("a table");
    drop(connection);
    let answer = place.json(&["verify"]);
    assert_eq!(answer["ok"], serde_json::json!(true));
    assert!(answer["notes"][0].as_str().expect("a note").contains("my_notes"), "{answer:#}");
}

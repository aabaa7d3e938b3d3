//! The schema of a new database, as `schema/current.sql` shows it to readers: what the migrations add up to.
//! `ONESEAT_BLESS=1` writes the present schema; read the difference before you commit it.

use rusqlite::Connection;

use crate::common::Place;

const HEADER: &str = "\
-- The schema of a new database: what the migrations add up to. The public views are in views.sql.
-- To read, not to run. `ONESEAT_BLESS=1 cargo test schema` writes this file.
";

/// The statements of a new database: each table with its indexes, by name, and then the views of the
/// migrations. The public views are left out, because `schema/views.sql` has them.
fn statements() -> Vec<String> {
    let place = Place::new();
    assert_eq!(place.run(&["import", "/dev/null"]).code, 3);
    let connection = Connection::open(place.path("oneseat.db")).expect("a database");
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL \
               ORDER BY type = 'view', tbl_name, type = 'index', name";
    let mut statement = connection.prepare(sql).expect("the schema");
    let statements = statement.query_map([], |row| row.get(0)).expect("statements");
    statements.collect::<rusqlite::Result<_>>().expect("texts")
}

#[test]
fn the_current_schema_is_written_down() {
    let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let public = std::fs::read_to_string(schema.join("views.sql")).expect("the public views");
    let mut text = HEADER.to_owned();
    for statement in statements().iter().filter(|statement| !public.contains(statement.as_str())) {
        text.push_str(&format!("\n{statement};\n"));
    }
    let file = schema.join("current.sql");
    if std::env::var_os("ONESEAT_BLESS").is_some() {
        std::fs::write(&file, &text).expect("writable");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), text);
}

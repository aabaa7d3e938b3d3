//! Inserts many rows with each SQL statement, because starting and ending a statement takes longer than inserting
//! a short row.

use rusqlite::{CachedStatement, Connection, ToSql};

/// The numbers of rows that one INSERT statement may insert. The statement for 64 rows is used as long as there
/// are enough rows, then the smaller statements.
const ROWS: [usize; 3] = [64, 8, 1];

/// The description of a table into which one statement inserts many rows.
pub struct BulkTable {
    /// The name of the table.
    pub name: &'static str,
    /// All columns of the table, in the order in which the values of a row are added.
    pub columns: &'static [&'static str],
}

/// Binds values to the parameters of a statement, one after another.
pub struct RowValues<'s, 'c> {
    statement: &'s mut CachedStatement<'c>,
    bound: usize,
}

impl RowValues<'_, '_> {
    /// Binds the value of the row's next column to the statement.
    pub fn add(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.bound += 1;
        self.statement.raw_bind_parameter(self.bound, value)
    }
}

/// Inserts rows into a table. The rows should belong at the end of the table, so that they change few pages. SQLite
/// copies every page that the statement changes, to be able to undo the whole statement.
pub fn insert<T>(
    connection: &Connection,
    table: &BulkTable,
    mut rows: &[T],
    add: impl Fn(&mut RowValues<'_, '_>, &T) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let into = format!("INSERT INTO {} ({})", table.name, table.columns.join(", "));
    for size in ROWS {
        if rows.len() < size {
            continue;
        }
        let sql = format!("{into} VALUES {}", vec![row.as_str(); size].join(", "));
        let mut statement = connection.prepare_cached(&sql)?;
        while let Some((now, rest)) = rows.split_at_checked(size) {
            let mut values = RowValues { statement: &mut statement, bound: 0 };
            now.iter().try_for_each(|row| add(&mut values, row))?;
            statement.raw_execute()?;
            rows = rest;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_inserted_whatever_their_number() {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch("CREATE TABLE t (a INTEGER, b TEXT)").expect("a table");
        let table = BulkTable { name: "t", columns: &["a", "b"] };
        let mut expected = 0;
        for count in [0, 1, 7, 8, 9, 63, 64, 65, 64 * 2 + 8 + 3] {
            let rows: Vec<usize> = (0..count).collect();
            let add = |values: &mut RowValues<'_, '_>, row: &usize| {
                values.add(*row as i64)?;
                values.add(row.to_string())
            };
            insert(&connection, &table, &rows, add).expect("inserted");
            expected += count;
        }
        let sql = "SELECT count(*) FROM t WHERE CAST(a AS TEXT) = b";
        let found: usize = connection.query_row(sql, [], |row| row.get(0)).expect("a number");
        assert_eq!(found, expected);
    }
}

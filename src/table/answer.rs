//! The trait of all answers: an answer states the columns of its rows with their kinds, its rows, and its page
//! (the answer as people see it). This file also turns the rows into cells, one row after another, for the
//! formats that print rows. JSON output does not use these cells.

use serde::Serialize;
use serde_json::{Map, Value};

use super::cells::{self, MemberVisitor, members};
use super::columns::Columns;
use super::{Cell, Page, RowSink};
use crate::error::{Error, Result};

/// An answer to a question. It serializes to its JSON and describes itself to people.
pub trait Answer: Serialize {
    /// The JSON key of the answer's list. CSV and the other row formats print one line per element of it. `None`
    /// means that the answer is one line (interface.md section 1).
    const LIST: Option<&'static str>;

    /// The columns of every row; they do not depend on the data. A key of a row that is not among the columns
    /// appears in JSON only.
    const COLUMNS: Columns;

    /// Passes the rows to the visitor in their order: the elements of the list, or the answer itself if it has
    /// no list. An answer may add rows with the same columns before and after the list, for facts that the list
    /// alone does not show (interface.md section 3, `reconcile`).
    ///
    /// # Errors
    /// Any error of the visitor.
    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()>;

    /// A sentence below the rows, for answers whose rows alone could be misunderstood.
    fn said_below(&self) -> Option<String> {
        None
    }

    /// Sentences about conditions that change the answer, such as a known-on instant or a billing model
    /// (interface.md section 1).
    fn rests_on(&self) -> Vec<String> {
        Vec::new()
    }

    /// The answer as people see it: a headline, tables and sentences.
    fn page(&self) -> Page;
}

/// Receives the rows of an answer one by one.
pub trait RowVisitor {
    /// Receives the next row of the answer.
    ///
    /// # Errors
    /// If the row cannot be used, or if the output cannot be written.
    fn row<T: Serialize>(&mut self, row: &T) -> Result<()>;

    /// Receives several rows of the answer in their order.
    ///
    /// # Errors
    /// The same as for [`RowVisitor::row`].
    fn all<T: Serialize>(&mut self, rows: &[T]) -> Result<()> {
        rows.iter().try_for_each(|row| self.row(row))
    }
}

/// Sends the rows of an answer to a sink as cells, with dotted column names such as `source.kind`. `stamp` has
/// further columns, each with one cell for all rows. A column of `stamp` that the answer has too is left out.
///
/// # Errors
/// [`crate::error::ErrorKind::Bug`] if a row does not have the form that its columns declare; any error of the
/// sink.
pub fn send_rows<A: Answer>(
    answer: &A,
    stamp: &[(&'static str, Cell)],
    sink: &mut dyn RowSink,
) -> Result<()> {
    let is_new = |name: &str| A::COLUMNS.iter().all(|(column, _)| *column != name);
    let stamp = || stamp.iter().filter(|(name, _)| is_new(name));
    let mut names = cells::names(A::COLUMNS);
    names.extend(stamp().map(|(name, _)| (*name).to_owned()));
    sink.columns(&names)?;
    answer.rows(&mut Sent {
        stamp: &stamp().map(|(_, cell)| cell.clone()).collect::<Vec<_>>(),
        columns: A::COLUMNS,
        sink,
    })
}

/// A visitor that sends each row to a sink as cells.
struct Sent<'s> {
    columns: Columns,
    stamp: &'s [Cell],
    sink: &'s mut dyn RowSink,
}

impl RowVisitor for Sent<'_> {
    fn row<T: Serialize>(&mut self, row: &T) -> Result<()> {
        let mut cells = cells::cells(row, self.columns).map_err(not_json)?;
        cells.extend_from_slice(self.stamp);
        self.sink.row(cells)
    }
}

/// The members of an answer's JSON object. The list of the answer may be long, so its value is replaced by null.
///
/// # Errors
/// [`crate::error::ErrorKind::Bug`] if the members cannot be represented as JSON.
pub fn outline<A: Answer>(answer: &A) -> Result<Map<String, Value>> {
    struct Outline(Option<&'static str>, Map<String, Value>);
    impl MemberVisitor for Outline {
        fn member<T: Serialize + ?Sized>(
            &mut self,
            name: &str,
            value: &T,
        ) -> serde_json::Result<()> {
            let is_list = self.0 == Some(name);
            let value = if is_list { Value::Null } else { serde_json::to_value(value)? };
            self.1.insert(name.to_owned(), value);
            Ok(())
        }
    }
    let mut outline = Outline(A::LIST, Map::new());
    members(answer, &mut outline).map_err(not_json)?;
    Ok(outline.1)
}

/// The error for an answer that cannot be written as JSON.
pub fn not_json(error: serde_json::Error) -> Error {
    Error::bug("an answer cannot be written as JSON").caused_by(error)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use rust_decimal::Decimal;

    use crate::model::{DayMeans, Instant};
    use crate::table::{CellKind, Table};

    const SIDE: Columns = &[("at", CellKind::Instant), ("names", CellKind::List)];

    struct Given(Vec<Value>);

    impl Serialize for Given {
        fn serialize<S: serde::Serializer>(
            &self,
            serializer: S,
        ) -> std::result::Result<S::Ok, S::Error> {
            json!({"before": {"at": "0.00"}, "items": self.0, "after": null}).serialize(serializer)
        }
    }

    impl Answer for Given {
        const LIST: Option<&'static str> = Some("items");
        const COLUMNS: Columns = &[
            ("text", CellKind::Text),
            ("side", CellKind::Object(SIDE)),
            ("amount", CellKind::Money),
            ("whole", CellKind::Whole),
            ("truth", CellKind::Truth),
        ];

        fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
            visitor.all(&self.0)
        }

        fn page(&self) -> Page {
            Page::default()
        }
    }

    fn table(rows: Value, stamp: &[(&'static str, Cell)]) -> Result<Table> {
        let mut table = Table::default();
        let rows = rows.as_array().cloned().unwrap_or_default();
        send_rows(&Given(rows), stamp, &mut table)?;
        Ok(table)
    }

    #[test]
    fn the_declared_kind_decides_what_a_cell_is() {
        let day = "2026-06-30T00:00:00Z";
        let rows = json!([
            {"text": day, "side": {"at": day, "names": ["a", null, {"b": "c", "d": null, "e": [1, true]}]},
             "amount": "1.50", "whole": 7, "truth": true, "undeclared": 1},
            {"truth": 1, "whole": u64::MAX, "amount": "much", "side": null, "text": 5},
        ]);
        let table = table(rows, &[]).expect("rows of this form");
        assert_eq!(table.columns, ["text", "side.at", "side.names", "amount", "whole", "truth"]);
        let at = Instant::parse(day, DayMeans::Start).expect("an instant");
        assert_eq!(
            table.rows[0],
            [
                day.into(),
                Cell::Instant(at),
                "a; ; c 1; true".into(),
                Cell::Decimal(Decimal::new(150, 2)),
                Cell::Integer(7),
                Cell::Truth(true),
            ]
        );
        let texts = ["5", "much", "18446744073709551615", "1"].map(Cell::from);
        let [text, amount, whole, truth] = texts;
        assert_eq!(table.rows[1], [text, Cell::Absent, Cell::Absent, amount, whole, truth]);
    }

    #[test]
    fn a_stamp_does_not_replace_a_column() {
        let stamp = [("text", "stamped".into()), ("as_of", "now".into())];
        let table = table(json!([{"text": "own"}, {}]), &stamp).expect("rows of this form");
        assert_eq!(table.columns.last().map(String::as_str), Some("as_of"));
        assert_eq!(table.rows[0].len(), table.columns.len());
        assert_eq!((&table.rows[0][0], &table.rows[1][0]), (&"own".into(), &Cell::Absent));
        assert_eq!(table.rows[1].last(), Some(&"now".into()));
    }

    #[test]
    fn what_is_no_object_is_refused_as_one() {
        for row in [json!({"side": "text"}), json!({"side": [1]}), json!(1)] {
            assert!(table(json!([row]), &[]).is_err(), "{row}");
        }
    }

    #[test]
    fn an_outline_has_everything_but_the_list() {
        let outline = outline(&Given(vec![json!({"text": "a"})])).expect("an object");
        let expected = json!({"before": {"at": "0.00"}, "items": null, "after": null});
        assert_eq!(Value::Object(outline), expected);
    }
}

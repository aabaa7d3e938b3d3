//! The end of the license that a Cloud row states (counting.md section 3). A row with an ended license still
//! takes a seat, because the report lists the people who are charged. The answer warns about such rows.

use super::{DateColumn, DateOrder, Instant, Record, Value};
use crate::email;

/// The fields of a Cloud row that state the end of a license. Reports of enterprises with data residency have these
/// fields.
pub const LICENSE_FIELDS: [&str; 2] = ["ghe_license_active", "ghe_license_end_date"];

/// The last instant of the license in a Cloud row; `None` if the row states none. For a license that is marked
/// as inactive, the result is the first second of 1970. A date without a time of day means the last second of
/// that day. `order` is the order of day and month in the license dates of all rows.
pub fn license_ends(record: &Record<'_>, order: DateOrder) -> Option<Instant> {
    let [active, _] = LICENSE_FIELDS.map(|field| record.get(field));
    if active.and_then(Value::truth) == Some(false) {
        return Some(Instant::default());
    }
    order.end(license_end_text(record)?)
}

/// The date on which the license in a Cloud row ends, as received.
pub fn license_end_text<'r>(record: &'r Record<'_>) -> Option<&'r str> {
    let [_, field] = LICENSE_FIELDS;
    let text = record.get(field)?.text()?.trim();
    (!text.is_empty() && email::word_of_absence(text).is_none()).then_some(text)
}

/// Adds the date of the license end in a Cloud row to those of other rows, to find the order of day and month.
pub fn add_license_end(record: &Record<'_>, column: &mut DateColumn) {
    if let Some(text) = license_end_text(record) {
        column.add(text);
    }
}

/// Does the Cloud row state that its license has ended before this instant?
pub fn license_has_ended(record: &Record<'_>, order: DateOrder, at: Instant) -> bool {
    license_ends(record, order).is_some_and(|end| end < at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DayMeans;

    #[test]
    fn what_is_not_stated_has_not_ended() {
        let at = Instant::parse("2026-03-02T08:00:00Z", DayMeans::Start).unwrap_or_default();
        for (fields, content, expected) in [
            (r#"["ghe_license_active"]"#, "[false]", true),
            (r#"["ghe_license_active"]"#, r#"["False"]"#, true),
            (r#"["ghe_license_active"]"#, "[true]", false),
            (r#"["ghe_license_active"]"#, "[null]", false),
            (r#"["ghe_license_active"]"#, r#"[""]"#, false),
            (r#"["ghe_license_end_date"]"#, r#"["2026-03-01"]"#, true),
            (r#"["ghe_license_end_date"]"#, r#"["2026-03-02"]"#, false),
            (r#"["ghe_license_end_date"]"#, r#"["2026-03-02T07:59:59Z"]"#, true),
            (r#"["ghe_license_end_date"]"#, r#"["2026-03-02 08:00:00 UTC"]"#, false),
            (r#"["ghe_license_end_date"]"#, r#"["some day"]"#, false),
            (r#"["ghe_license_end_date"]"#, r#"["n/a"]"#, false),
            (r#"["ghe_license_end_date"]"#, r#"["8/16/23"]"#, true),
            (r#"["ghe_license_end_date"]"#, r#"["16.8.2023"]"#, true),
            (r#"["ghe_license_end_date"]"#, r#"["8/16/2027"]"#, false),
            (r#"["ghe_license_end_date"]"#, r#"["8/6/23"]"#, false),
            (r#"["ghe_license_active","ghe_license_end_date"]"#, r#"[true,"2026-01-01"]"#, true),
            (r#"["license_type"]"#, r#"["Enterprise"]"#, false),
        ] {
            let record = Record::from_stored(fields, content).expect("a record");
            let mut column = DateColumn::default();
            add_license_end(&record, &mut column);
            let ended = license_has_ended(&record, column.order(), at);
            assert_eq!(ended, expected, "{fields} {content}");
        }
    }
}

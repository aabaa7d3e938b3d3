//! Whether a Cloud row says that its license has ended (counting.md section 3): it counts all the
//! same, for the report lists who is charged, and the answer says so.

use super::{DayMeans, Instant, Record, Value};

/// The fields that say it; reports of enterprises with data residency have them.
pub const LICENSE_FIELDS: [&str; 2] = ["ghe_license_active", "ghe_license_end_date"];

/// The last instant of the row's license, if it says one: of one that is not active any more the
/// first instant that there is. A date alone ends with its last second.
pub fn license_ends(record: &Record<'_>) -> Option<Instant> {
    let [active, end] = LICENSE_FIELDS.map(|field| record.get(field));
    if active.and_then(Value::truth) == Some(false) {
        return Some(Instant::default());
    }
    let end = end.and_then(Value::text)?;
    Instant::parse(end, DayMeans::End).or_else(|| Instant::parse_answer(end))
}

/// Does the row say that its license has ended by then?
pub fn license_has_ended(record: &Record<'_>, at: Instant) -> bool {
    license_ends(record).is_some_and(|end| end < at)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (r#"["ghe_license_active","ghe_license_end_date"]"#, r#"[true,"2026-01-01"]"#, true),
            (r#"["license_type"]"#, r#"["Enterprise"]"#, false),
        ] {
            let record = Record::from_stored(fields, content).expect("a record");
            assert_eq!(license_has_ended(&record, at), expected, "{fields} {content}");
        }
    }
}

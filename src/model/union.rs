//! Unites different Cloud rows of one identity, row by row (counting.md section 2, "Identity of a Cloud row").
//! Lists are united; of single values, the last one that is not empty counts.
//!
//! A file may hold a million rows with one login. So the time to add a row must depend on the size of that row
//! only, never on the rows before it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::field::{is_absent, is_set};
use super::record::{Field, Record, Value};

/// The rows of one identity that were united so far.
#[derive(Debug)]
pub struct Union {
    fields: BTreeMap<String, FieldAgreement>,
}

/// The value of one field in the union of the rows.
#[derive(Debug)]
enum FieldAgreement {
    /// A single value, or the list of only one row.
    Once(Value<'static>),
    /// The united items of several lists, each with the number of times that it occurs in the union.
    Together(BTreeMap<String, usize>),
}

impl Union {
    /// Begins a union with its first row.
    pub fn of(record: &Record<'_>) -> Union {
        let fields = record.fields().iter().map(|field| {
            (
                field.name.clone().into_owned(),
                FieldAgreement::Once(field.value.clone().into_owned()),
            )
        });
        Union { fields: fields.collect() }
    }

    /// Unites a later row with the rows before it.
    pub fn add(&mut self, later: &Record<'_>) {
        for field in later.fields() {
            // A word of absence counts as an empty value, which does not change the union.
            if field.value.text().is_some_and(|text| is_absent(&field.name, text)) {
                continue;
            }
            match self.fields.get_mut(field.name.as_ref()) {
                Some(said) => said.add(&field.value, is_set(&field.name)),
                None => {
                    let said = FieldAgreement::Once(field.value.clone().into_owned());
                    self.fields.insert(field.name.clone().into_owned(), said);
                }
            }
        }
    }

    /// A quick check: may a row equal the union so far? `false` means that it certainly does not. After `true`,
    /// the caller must compare the two.
    pub fn may_be(&self, record: &Record<'_>) -> bool {
        self.fields.len() == record.fields().len()
            && record.fields().iter().all(|field| match self.fields.get(field.name.as_ref()) {
                Some(FieldAgreement::Together(items)) => items.len() <= field.value.items().len(),
                Some(FieldAgreement::Once(_)) => true,
                None => false,
            })
    }

    /// The union of the rows as one record.
    pub fn record(&self) -> Record<'static> {
        let fields = self.fields.iter().map(|(name, said)| Field {
            name: Cow::Owned(name.clone()),
            value: match said {
                FieldAgreement::Once(value) => value.clone(),
                FieldAgreement::Together(items) => {
                    let items = items.iter().flat_map(|(item, count)| {
                        std::iter::repeat_n(Cow::Owned(item.clone()), *count)
                    });
                    Value::List(items.collect())
                }
            },
        });
        Record::of_sorted(fields.collect())
    }
}

impl FieldAgreement {
    fn add(&mut self, later: &Value<'_>, set: bool) {
        // A text of white space counts as a value in this rule, because only values that are empty as received
        // are ignored.
        let nothing = match later {
            Value::Text(text) => text.is_empty(),
            other => other.is_empty(),
        };
        if nothing {
            return;
        }
        let lists =
            |earlier: &Value<'_>| matches!((earlier, later), (Value::List(_), Value::List(_)));
        match self {
            FieldAgreement::Together(items)
                if !items.is_empty() && (set || matches!(later, Value::List(_))) =>
            {
                unite(items, later);
            }
            FieldAgreement::Once(earlier) if !earlier.is_empty() && (set || lists(earlier)) => {
                let mut items = BTreeMap::new();
                for item in earlier.items() {
                    *items.entry(item.to_owned()).or_default() += 1;
                }
                unite(&mut items, later);
                *self = FieldAgreement::Together(items);
            }
            _ => *self = FieldAgreement::Once(later.clone().into_owned()),
        }
    }
}

/// Adds each item of a later list that the union does not have yet.
fn unite(items: &mut BTreeMap<String, usize>, later: &Value<'_>) {
    for item in later.items() {
        items.entry(item.to_owned()).or_insert(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::tests::record;

    fn united(rows: &[&str]) -> String {
        let mut union = Union::of(&record(rows[0]));
        for row in &rows[1..] {
            union.add(&record(row));
        }
        union.record().to_json()
    }

    #[test]
    fn a_repeated_row_unites_lists_and_takes_later_scalars_that_are_not_empty() {
        let rows = [
            r#"{"github_com_name":"Ada","github_com_saml_name_id":"old","github_com_member_roles":["a"]}"#,
            r#"{"github_com_name":"","github_com_saml_name_id":"new","github_com_member_roles":["b","a"]}"#,
        ];
        assert_eq!(
            united(&rows),
            r#"{"github_com_member_roles":["a","b"],"github_com_name":"Ada","github_com_saml_name_id":"new"}"#
        );
    }

    #[test]
    fn a_word_of_absence_takes_nothing_back() {
        let rows = [
            r#"{"github_com_name":"Ada","github_com_saml_name_id":"old","license_type":"x"}"#,
            r#"{"github_com_name":"n/a","github_com_saml_name_id":"NULL","license_type":"n/a"}"#,
            r#"{"github_com_name":"Null"}"#,
        ];
        assert_eq!(
            united(&rows),
            r#"{"github_com_name":"Null","github_com_saml_name_id":"old","license_type":"n/a"}"#
        );
    }

    #[test]
    fn a_set_unites_texts_too_and_another_list_gives_way_to_a_text() {
        let rows = [
            r#"{"github_com_member_roles":"c, a","tags":["x"]}"#,
            r#"{"github_com_member_roles":["b"],"tags":["y","x"]}"#,
            r#"{"github_com_member_roles":null,"tags":[],"new":1}"#,
        ];
        assert_eq!(
            united(&rows),
            r#"{"github_com_member_roles":["a","b","c"],"new":1,"tags":["x","y"]}"#
        );
        let text = united(&[rows[0], rows[1], r#"{"tags":"z"}"#]);
        assert_eq!(text, r#"{"github_com_member_roles":["a","b","c"],"tags":"z"}"#);
    }

    #[test]
    fn what_says_all_of_it_may_be_it_and_what_says_less_is_not() {
        let (one, other) =
            (r#"{"github_com_member_roles":["a"]}"#, r#"{"github_com_member_roles":["b"]}"#);
        let mut union = Union::of(&record(one));
        union.add(&record(other));
        assert!(union.may_be(&record(r#"{"github_com_member_roles":["a","b"]}"#)));
        assert!(!union.may_be(&record(one)));
    }
}

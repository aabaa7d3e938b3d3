//! The facts of the licenses of Server instances: how many licenses were purchased, and when they end
//! (formats.md section 6).

use serde_json::Value;

use crate::code::WarningCode;
use crate::error::Result;
use crate::ledger::{Enterprise, Ledger, Moment};
use crate::model::{DayMeans, Instant, Source, SourceKind, Standing};
use crate::store::SnapshotFacts;
use crate::table::counted;
use crate::warning::{Warning, WarningSubject};

/// When the license of an instance ends, as far as the imported facts tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The license is perpetual.
    Never,
    /// The last instant at which the license is valid.
    At(Instant),
    /// The facts state the end in a form that cannot be read.
    Unreadable,
    /// License facts were imported, but they do not state the end.
    NotStated,
    /// No license facts were imported for the instance.
    NotImported,
}

/// When the license of an instance ends, according to its newest license facts that were taken not later than
/// the moment.
///
/// # Errors
/// If the database cannot be read.
pub fn expiry(ledger: &Ledger<'_>, moment: &Moment<'_>, instance: &Source) -> Result<Expiry> {
    let taken = ledger.taken_of(SourceKind::ServerLicense, &instance.name, moment.at).iter();
    let newest = taken.max_by_key(|it| (it.taken_at, !it.partial, it.place));
    let Some(newest) = newest else { return Ok(Expiry::NotImported) };
    Ok(expiry_in(&ledger.store.facts(newest.id)?, newest.taken_at))
}

/// When a Server license ends, according to one file of facts (formats.md section 6). A date without a time
/// means the last second of that day. A number of days counts from `said_at`, the instant at which the facts
/// were taken.
fn expiry_in(facts: &Value, said_at: Instant) -> Expiry {
    let said = |key: &str| facts.get(key).filter(|value| !value.is_null());
    if said("perpetual").and_then(Value::as_bool) == Some(true) {
        return Expiry::Never;
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let stated = said("expire_at").or_else(|| said("expireAt")).map(text);
    if let Some(stated) = stated.filter(|stated| !stated.trim().is_empty()) {
        let stated = stated.trim();
        let at = Instant::parse(stated, DayMeans::End).or_else(|| Instant::parse_answer(stated));
        return at.map_or(Expiry::Unreadable, Expiry::At);
    }
    let Some(days) = said("days_until_expiration").map(text) else { return Expiry::NotStated };
    let at = days.trim().parse::<i64>().ok().and_then(|days| {
        Instant::from_unix(said_at.unix().checked_add(days.checked_mul(86_400)?)?)
    });
    at.map_or(Expiry::Unreadable, Expiry::At)
}

/// For each instance of an enterprise, its newest license facts that were taken not later than the moment and
/// that state how many licenses were purchased. The newest come first; facts of one instant are sorted by host.
fn statements<'l>(
    ledger: &'l Ledger<'_>,
    moment: &Moment<'_>,
    enterprise: &Enterprise<'_>,
) -> Vec<&'l SnapshotFacts> {
    let present =
        enterprise.population.instances.iter().filter(|it| it.standing != Standing::Absent);
    let newest = present.filter_map(|instance| {
        let of_instance =
            ledger.taken_of(SourceKind::ServerLicense, &instance.host, moment.at).iter();
        of_instance.max_by_key(|snapshot| (snapshot.taken_at, !snapshot.partial, snapshot.place))
    });
    let mut newest: Vec<&SnapshotFacts> = newest.filter(|it| it.purchased.is_some()).collect();
    newest.sort_by_key(|it| (std::cmp::Reverse(it.taken_at), &it.source.name));
    newest
}

/// The number of licenses purchased, according to the newest license facts of any instance of an enterprise;
/// `None` if none are known.
pub fn purchased(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    enterprise: &Enterprise<'_>,
) -> Option<i64> {
    statements(ledger, moment, enterprise).first()?.purchased
}

/// Warnings that the license of an instance states another number of licenses than the number that counts as
/// purchased. Each warning names both numbers.
pub fn disagreements(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    purchased: impl Fn(&Enterprise<'_>) -> Option<i64>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for enterprise in &moment.enterprises {
        let Some(purchased) = purchased(enterprise) else { continue };
        for license in statements(ledger, moment, enterprise) {
            let Some(seats) = license.purchased.filter(|seats| *seats != purchased) else {
                continue;
            };
            warnings.push(Warning {
                code: WarningCode::PurchasedDisagrees,
                message: format!(
                    "the license of {} states {} as of {}, but {} counted as purchased",
                    license.source.name,
                    counted(seats, "seat"),
                    license.taken_at,
                    if purchased == 1 { "1 is".to_owned() } else { format!("{purchased} are") }
                ),
                about: Some(WarningSubject::Source(license.source.clone())),
            });
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn licenses_end_as_their_facts_say() {
        let said_at = Instant::parse("2026-03-02", DayMeans::Start).expect("a day");
        let at = |text: &str| Expiry::At(Instant::parse(text, DayMeans::End).expect("a time"));
        for (facts, expected) in [
            (json!({"expire_at": "2016/02/06 12:41:52 -0600"}), at("2016-02-06T18:41:52Z")),
            (json!({"expire_at": "2021-02-28T23:59:59.000-08:00"}), at("2021-03-01T07:59:59Z")),
            (json!({"expireAt": "2021-02-28T23:59:59-08:00"}), at("2021-03-01T07:59:59Z")),
            (json!({"expire_at": "2021-03-01T07:59:59Z"}), at("2021-03-01T07:59:59Z")),
            (json!({"expire_at": "2021-03-01T07:59:59.999Z"}), at("2021-03-01T07:59:59Z")),
            (json!({"expire_at": "2026-03-31"}), at("2026-03-31T23:59:59Z")),
            (json!({"expire_at": "2016-01-01", "perpetual": true}), Expiry::Never),
            (json!({"expire_at": "2016-01-01", "perpetual": false}), at("2016-01-01")),
            (json!({"expire_at": null, "days_until_expiration": 3}), at("2026-03-05T00:00:00Z")),
            (json!({"expire_at": "", "days_until_expiration": "3"}), at("2026-03-05T00:00:00Z")),
            (json!({"expire_at": "next spring"}), Expiry::Unreadable),
            (json!({"days_until_expiration": i64::MAX}), Expiry::Unreadable),
            (json!({"seats": 5}), Expiry::NotStated),
        ] {
            assert_eq!(expiry_in(&facts, said_at), expected, "{facts}");
        }
    }
}

//! The trend against `consumption`, over random histories. Each point is the consumption as of its instant.
//! Calendar periods have no gaps and end at their last second. A peak is the highest value at the end of a
//! round of files, including the value carried in, and the first of equals (counting.md section 9).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate};
use serde_json::{Value, json};

use crate::random_history::files::instant;
use crate::random_history::ledger::Ledger;
use crate::random_history::{History, for_random_histories};

const CASES: u32 = 60;
const DAY: i64 = 86_400;
/// In a longer list of points, those near a change and a sample of the others are compared.
const ALL_POINTS: usize = 30;

/// The option for a round, and its length.
const ROUNDS: [(Option<&str>, i64); 4] =
    [(None, 6 * 3600), (Some("0"), 0), (Some("6h"), 6 * 3600), (Some("3d"), 3 * DAY)];

/// A calendar period: its first second, and that of the next one.
type Period = (i64, i64);

#[test]
fn every_point_is_the_consumption_of_its_instant() {
    let (points, asked) = (Cell::new(0), Cell::new(0));
    for_random_histories(CASES, |history| {
        let ledger = Ledger::told(history, 0)?;
        let known = Known::of(history, &ledger)?;
        // First counted, then kept.
        for kept in [false, true] {
            if kept {
                ledger.ask_raw(&["recount"]);
            }
            for (from, to) in spans(history) {
                for by in ["snapshot", "day", "week", "month", "quarter", "year"] {
                    let round = ROUNDS[(asked.get() + usize::from(kept)) % ROUNDS.len()];
                    points.set(points.get() + known.check(by, from, to, round)?);
                    asked.set(asked.get() + 1);
                }
            }
        }
        Ok(())
    });
    eprintln!("{} points of {} trends", points.get(), asked.get());
    assert!(points.get() > 10 * asked.get() / 6, "there are points to compare");
}

/// All of time, and spans that begin and end anywhere.
fn spans(history: &History) -> Vec<(Option<i64>, Option<i64>)> {
    let instants = history.instants();
    let (first, last) = (instants[0], instants[instants.len() - 1]);
    let middle = instants[instants.len() / 2];
    vec![
        (None, None),
        (Some((first + last) / 2), None),
        (None, Some(middle)),
        (Some(first - 3 * DAY), Some(last + 40 * DAY)),
        (Some(middle), Some(last - 1)),
    ]
}

/// A database, and what is known about it.
struct Known<'l> {
    ledger: &'l Ledger,
    /// The instants at which a snapshot can have come into force.
    valid: Vec<i64>,
    /// The instants from which a declaration holds.
    said: Vec<i64>,
    /// Consumption at every instant at which it may change.
    changes: Vec<(i64, u64)>,
    consumption: RefCell<BTreeMap<i64, Value>>,
}

impl<'l> Known<'l> {
    fn of(history: &History, ledger: &'l Ledger) -> Result<Known<'l>, String> {
        let voided = history.voided();
        let mut instants = history.instants();
        instants.extend(history.said_from());
        instants.sort_unstable();
        instants.dedup();
        let valid = history.snapshots.iter().filter(|it| !it.partial && !voided.contains(&it.key));
        let mut valid: Vec<i64> = valid.map(|it| it.taken_at).collect();
        valid.sort_unstable();
        valid.dedup();
        let mut known = Known {
            ledger,
            valid,
            said: history.said_from(),
            changes: Vec::new(),
            consumption: RefCell::default(),
        };
        for at in instants {
            if let Some(answer) = known.consumption_at(at)? {
                known.changes.push((at, answer["consumed"].as_u64().unwrap_or_default()));
            }
        }
        Ok(known)
    }

    fn consumption_at(&self, at: i64) -> Result<Option<Value>, String> {
        if let Some(known) = self.consumption.borrow().get(&at) {
            return Ok(Some(known.clone()));
        }
        let answer = self.ledger.json(&["consumption", "--as-of", &instant(at)])?;
        if let Some(answer) = &answer {
            self.consumption.borrow_mut().insert(at, answer.clone());
        }
        Ok(answer)
    }

    /// Checks a trend, and returns the number of its points.
    fn check(
        &self,
        by: &str,
        from: Option<i64>,
        to: Option<i64>,
        (round, seconds): (Option<&str>, i64),
    ) -> Result<usize, String> {
        let (from_text, to_text) = (from.map(instant), to.map(instant));
        let mut words = vec!["trend", "--by", by];
        words.extend(from_text.iter().flat_map(|text| ["--from", text]));
        words.extend(to_text.iter().flat_map(|text| ["--to", text]));
        words.extend(round.iter().flat_map(|text| ["--round", text]));
        let asked = words.join(" ");
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            let code = self.ledger.ask_raw(&words).0;
            return if code == 2 { Ok(0) } else { Err(format!("{asked} gives {code}")) };
        }
        let answer = self.ledger.json(&words)?;
        let (Some(first), Some(last)) = (self.valid.first(), self.valid.last()) else {
            return answer.map_or(Ok(0), |_| Err(format!("{asked} has an answer")));
        };
        let (start, end) = (from.unwrap_or(*first), to.unwrap_or(*last));
        if start > end {
            return Ok(0);
        }
        if end < *first {
            return answer.map_or(Ok(0), |_| Err(format!("{asked} has an answer")));
        }
        let answer = answer.ok_or_else(|| format!("{asked} has no answer"))?;
        let points = answer["points"].as_array().cloned().unwrap_or_default();
        if answer["round_seconds"] != seconds {
            return Err(format!("{asked} says rounds of {}", answer["round_seconds"]));
        }
        let mut periods: Vec<Period> = match by {
            "snapshot" => {
                let within = self.valid.iter().filter(|at| (start..=end).contains(*at));
                within.map(|at| (*at, *at + 1)).collect()
            }
            by => calendar(by, start.max(*first), end.min(*last)),
        };
        // No point is after the period of the newest snapshot. The span may begin in it.
        periods.retain(|(begins, _)| begins <= last);
        let ends: Vec<Value> = periods.iter().map(|period| json!(instant(period.1 - 1))).collect();
        let told: Vec<Value> = points.iter().map(|point| point["at"].clone()).collect();
        if ends != told {
            return Err(format!("{asked} has points at {told:?}, expected {ends:?}"));
        }
        // Only the end of the question cuts a round.
        let of_question = self.round_ends(end, seconds);
        let limit = periods.last().map_or(end, |(_, next)| next - 1);
        let of_points =
            if by == "snapshot" { of_question.clone() } else { self.round_ends(limit, seconds) };
        for (index, (point, period)) in points.iter().zip(&periods).enumerate() {
            let peak = match by {
                "snapshot" if !of_points.contains(&period.0) => Value::Null,
                _ => self.peak(&of_points, period.0, period.1 - 1),
            };
            let taken = self.valid.iter().any(|at| (period.0..period.1).contains(at));
            if (point["snapshots"] != 0) != taken {
                return Err(format!("{asked}: {point}: were snapshots taken? {taken}"));
            }
            let ends_within =
                by != "snapshot" && (period.0..period.1).contains(last) && *last < period.1 - 1;
            if point["unfinished"] != ends_within {
                return Err(format!("{asked}: {point}: do the data end within? {ends_within}"));
            }
            if point["peak"] != peak {
                return Err(format!("{asked}: {point} should have the peak {peak}"));
            }
            let near = self.changes.iter().any(|(at, _)| (period.1 - at).abs() < 2 * DAY);
            if near || points.len() <= ALL_POINTS || index.is_multiple_of(9) {
                self.compare(&asked, point, period.1 - 1)?;
            }
        }
        let peak = match periods.is_empty() {
            true => Value::Null,
            false => self.peak(&of_question, start.max(*first), end),
        };
        if answer["peak"] != peak {
            return Err(format!("{asked} has the peak {}, expected {peak}", answer["peak"]));
        }
        Ok(points.len())
    }

    /// Checks that a point is the consumption as of its instant.
    fn compare(&self, asked: &str, point: &Value, at: i64) -> Result<(), String> {
        let answer = self.consumption_at(at)?.ok_or("a point without consumption")?;
        let expected = json!({
            "at": answer["as_of"],
            "consumed": answer["consumed"],
            "purchased": answer["purchased"],
            "reported": answer["reported"]["consumed"],
            "cloud_only": answer["seats"]["cloud_only"],
            "cloud_and_server": answer["seats"]["cloud_and_server"],
            "server_only": answer["seats"]["server_only"],
            "peak": point["peak"],
            "sources_missing": answer["sources_missing"],
            "sources_new": point["sources_new"],
            "snapshots": point["snapshots"],
            "unfinished": point["unfinished"],
        });
        if *point == expected {
            return Ok(());
        }
        Err(format!("{asked} has the point\n{point}\nbut the consumption then is\n{expected}"))
    }

    /// The ends of the rounds, for a question that ends then.
    fn round_ends(&self, limit: i64, seconds: i64) -> Vec<i64> {
        let mut rounds: Vec<(i64, i64)> = Vec::new();
        for &at in self.valid.iter().filter(|at| **at <= limit) {
            match rounds.last_mut() {
                Some((begins, ends)) if at - *begins < seconds => *ends = at,
                _ => rounds.push((at, at)),
            }
        }
        let mut ends: Vec<i64> = rounds.iter().map(|(_, ends)| *ends).collect();
        let first = rounds.first().map(|(begins, _)| *begins);
        for &said in self.said.iter().filter(|at| **at <= limit) {
            let alone = !rounds.iter().any(|(begins, ends)| (*begins..=*ends).contains(&said));
            if first.is_some_and(|first| first < said) && alone {
                ends.push(said);
            }
        }
        ends.sort_unstable();
        ends
    }

    /// The highest value at one of these ends within a span. The value carried in counts from the span's first
    /// second on.
    fn peak(&self, ends: &[i64], from: i64, to: i64) -> Value {
        let value = |at: i64| self.changes.iter().rfind(|it| it.0 <= at).map(|it| it.1);
        let carried = ends.iter().rfind(|at| **at <= from).and_then(|at| value(*at));
        let within = ends.iter().filter(|at| (from + 1..=to).contains(*at));
        let within = within.filter_map(|at| Some((*at, value(*at)?)));
        let seen = carried.map(|value| (from, value)).into_iter().chain(within);
        let highest = seen.reduce(|best, new| if new.1 > best.1 { new } else { best });
        highest
            .map_or(Value::Null, |(at, consumed)| json!({"at": instant(at), "consumed": consumed}))
    }
}

/// The periods from the one in which a span begins to the one in which it ends.
fn calendar(by: &str, from: i64, to: i64) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    let mut first_day = None;
    // Day by day: a period begins where its name changes.
    let mut day = from - from.rem_euclid(DAY) - 400 * DAY;
    while periods.last().is_none_or(|last| last.1 <= to) {
        let name = period_name(by, day);
        if first_day.as_ref().is_some_and(|(known, _)| *known != name) {
            let (_, start) = first_day.take().unwrap_or_default();
            if day > from {
                periods.push((start, day));
            }
        }
        first_day.get_or_insert((name, day));
        day += DAY;
    }
    periods
}

fn period_name(by: &str, midnight: i64) -> (i32, u32) {
    let day: NaiveDate = DateTime::from_timestamp(midnight, 0).expect("a time").date_naive();
    match by {
        "day" => (day.year(), day.ordinal()),
        "week" => (day.iso_week().year(), day.iso_week().week()),
        "month" => (day.year(), day.month()),
        "quarter" => (day.year(), day.month0() / 3),
        _ => (day.year(), 0),
    }
}

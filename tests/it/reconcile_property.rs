//! `reconcile` adds up over random enterprises (counting.md section 7): reported + lines + unexplained =
//! computed, which is what `consumption` states. Every cause has its line, its sign and its people. Nothing is
//! unexplained unless the total is below the rows, whichever of them it counts. `ONESEAT_CASES` and
//! `ONESEAT_SEED` ask for more and for others.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use serde_json::Value;

use crate::common::Place;
use crate::counting_property::{Question, description, import, questions};
use crate::naive::cloud::{Row, RowKind, rows};
use crate::naive::coverage::Seen as Occurred;
use crate::naive::{BillingModel, Imported, Kind, Setting};
use crate::random_enterprise::files::instant;
use crate::random_enterprise::{Features, RandomEnterprise, random_enterprise, runner};

const CASES: u32 = 60;
/// In this many cases, every cause must occur this often. In fewer cases, the counts are only printed.
const COVERED: (u32, u64) = (1000, 20);
/// 2023-11-14T22:13:20Z, before any snapshot.
const LONG_AGO: i64 = 1_700_000_000;
/// The causes in their order, the sign of each, and the people that it names.
const CAUSES: [(&str, i64, People); 9] = [
    ("matched-since-sync", -1, People::Each),
    ("unmatched-since-sync", 1, People::Each),
    ("never-synced", 1, People::Each),
    ("gone-or-suspended", -1, People::Each),
    ("retired-instance", -1, People::Each),
    ("invitation-not-counted", -1, People::AtLeast),
    ("row-without-license", -1, People::AtLeast),
    ("row-repeated", -1, People::Some),
    ("row-missing", -1, People::Nobody),
];

/// The people that a line names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum People {
    /// One for each license.
    Each,
    /// One for each license. For some, it is not known whether the total includes them.
    AtLeast,
    /// Everybody with several rows, who may be fewer people than rows.
    Some,
    /// The report does not say.
    Nobody,
}

/// The number of times that each cause occurred.
type Seen = BTreeMap<&'static str, u64>;

#[test]
fn every_reconciliation_adds_up() {
    let seen = RefCell::new(Seen::new());
    let cases = runner::cases(CASES);
    let enterprises = with_other_totals();
    runner::for_random(&enterprises, cases, description, |enterprise| {
        let place = Place::new();
        import(&place, enterprise)?;
        for question in questions(enterprise) {
            match &question.enterprise {
                Some(name) => {
                    of_one(&place, enterprise, question.at, name, &mut seen.borrow_mut())?;
                }
                None => is_the_sum(&place, enterprise, &question)?,
            }
        }
        Ok(())
    });
    let seen = seen.into_inner();
    eprintln!("{seen:#?}");
    let least = if cases < COVERED.0 { 0 } else { COVERED.1 };
    for what in CAUSES.map(|(cause, ..)| cause).iter().chain(&["unexplained", "explained"]) {
        let times = seen.get(what).copied().unwrap_or_default();
        assert!(times >= least, "{what} occurred {times} times");
    }
}

/// Random enterprises whose reports state a total near the number of their distinct rows: more, fewer, or none.
fn with_other_totals() -> impl Strategy<Value = RandomEnterprise> {
    let more = prop_oneof![4 => Just(Some(0)), 3 => (1..4i64).prop_map(Some), 3 => (-3..0i64).prop_map(Some), 1 => Just(None)];
    let retired = weighted(0.3, any::<Index>());
    (random_enterprise(Features::all()), vec(more, 8), retired).prop_map(
        |(mut enterprise, more, retired)| {
            for (snapshot, more) in enterprise.snapshots.iter_mut().zip(more) {
                let it = &mut snapshot.imported;
                if matches!(it.kind, Kind::Cloud { .. }) {
                    let rows = rows(&it.content, &Default::default()).len() as i64;
                    it.totals = more.map(|more| ((rows + more).max(0), 20));
                }
            }
            if let Some(which) = retired {
                retire(&mut enterprise, which);
            }
            enterprise
        },
    )
}

/// Retires one of the instances before any snapshot, whatever the reports list.
fn retire(enterprise: &mut RandomEnterprise, which: Index) {
    let hosts: Vec<&String> =
        enterprise.snapshots.iter().filter_map(|it| host(&it.imported)).collect();
    if hosts.is_empty() {
        return;
    }
    let host = (*which.get(&hosts)).clone();
    enterprise.settings.say(Some(LONG_AGO), Setting::Retired { name: host });
    // Links are drawn for the accounts that exist.
    enterprise.settings.links.clear();
}

fn host(imported: &Imported) -> Option<&String> {
    match &imported.kind {
        Kind::Server { host } => Some(host),
        _ => None,
    }
}

/// The answer, if a report states a total.
fn reconcile(place: &Place, at: i64, only: Option<&str>) -> Result<Option<Value>, TestCaseError> {
    let at = instant(at);
    let mut question = vec!["reconcile", "--as-of", &at, "--json"];
    question.extend(only.iter().flat_map(|name| ["--enterprise", name]));
    let ran = place.run(&question);
    match ran.code {
        0 => Ok(serde_json::from_str(&ran.stdout).ok()),
        7 => Ok(None),
        code => Err(TestCaseError::fail(format!("{question:?} gives {code}: {}", ran.stderr))),
    }
}

fn of_one(
    place: &Place,
    enterprise: &RandomEnterprise,
    at: i64,
    name: &str,
    seen: &mut Seen,
) -> TestCaseResult {
    // Without a report in force, a total is no starting point.
    let stated = stated(enterprise, at, name);
    let stated = stated.filter(|(taken_at, _)| whole(enterprise, *taken_at, name).is_some());
    // A retired enterprise has no report in force.
    let retired = |at: i64| enterprise.settings.retired(name, at, &Occurred::default());
    let stated = stated.filter(|(taken_at, _)| !retired(*taken_at));
    let Some(answer) = reconcile(place, at, Some(name))? else {
        prop_assert!(stated.is_none(), "{} states a total by {}", name, instant(at));
        return Ok(());
    };
    let (taken_at, total) = stated.ok_or(TestCaseError::fail(format!("no total: {answer:#}")))?;
    prop_assert_eq!(&answer["as_of"], &instant(taken_at));
    prop_assert_eq!(number(&answer["reported"]), total);
    let then = instant(taken_at);
    let consumption = place.json(&["consumption", "--as-of", &then, "--enterprise", name]);
    prop_assert_eq!(&answer["computed"], &consumption["consumed"]);
    let lines = checked_lines(&answer)?;
    let never_synced = number(&consumption["server_only_never_synced"]);
    prop_assert!(lines["never-synced"] <= never_synced, "{:#}", answer);
    let rows = InForce::at(enterprise, taken_at, name);
    // The total decides whether it counts repeated rows and Visual Studio rows.
    let InForce { distinct, repeated, subscribers, .. } = rows;
    let less = distinct + repeated - total;
    let (counts_repeated, counts_subscribers) = if less == repeated + subscribers {
        (false, false)
    } else if less == repeated {
        (false, true)
    } else {
        (true, less != subscribers)
    };
    let repeated = if counts_repeated { repeated } else { 0 };
    let subscribers = if counts_subscribers { subscribers } else { 0 };
    let missing = (total - distinct - rows.repeated).max(0);
    prop_assert_eq!(lines["row-repeated"], -repeated, "{:#}", answer);
    prop_assert_eq!(lines["row-without-license"], -subscribers, "{:#}", answer);
    prop_assert_eq!(lines["row-missing"], -missing, "{:#}", answer);
    // Something stays unexplained only if the total is below the rows and fits no way of counting them.
    let fits = !counts_repeated || !counts_subscribers;
    let unexplained = number(&answer["unexplained"]);
    prop_assert_eq!(unexplained, if fits { 0 } else { less.max(0) }, "{:#}", answer);
    let uncounted = distinct - rows.subscribers - rows.licenses;
    let explained = repeated + subscribers + missing + uncounted;
    prop_assert_eq!(unexplained, rows.licenses + explained - total, "{:#}", answer);
    for (cause, licenses) in &lines {
        *seen.entry(cause).or_default() += u64::from(*licenses != 0);
    }
    let explained = if unexplained == 0 { "explained" } else { "unexplained" };
    *seen.entry(explained).or_default() += 1;
    Ok(())
}

/// The nine lines in their order, each with its sign, and its people as far as they are known.
fn checked_lines(answer: &Value) -> Result<BTreeMap<&'static str, i64>, TestCaseError> {
    let told = answer["lines"].as_array().cloned().unwrap_or_default();
    prop_assert_eq!(told.len(), CAUSES.len(), "{:#}", answer);
    let mut lines = BTreeMap::new();
    for ((cause, sign, people), line) in CAUSES.into_iter().zip(&told) {
        prop_assert_eq!(&line["cause"], cause, "{:#}", answer);
        let licenses = number(&line["licenses"]);
        prop_assert!(licenses * sign >= 0, "{}: {:#}", cause, answer);
        let named = line["people"].as_array().map_or(0, Vec::len) as i64;
        let fits = match people {
            People::Each => named == licenses.abs(),
            People::AtLeast => named >= licenses.abs() && (named == 0) == (licenses == 0),
            People::Some => named <= licenses.abs() && (named == 0) == (licenses == 0),
            People::Nobody => named == 0,
        };
        prop_assert!(fits, "{}: {:#}", cause, answer);
        lines.insert(cause, licenses);
    }
    let sum: i64 = lines.values().sum();
    let (reported, computed) = (number(&answer["reported"]), number(&answer["computed"]));
    prop_assert_eq!(reported + sum + number(&answer["unexplained"]), computed, "{:#}", answer);
    Ok(lines)
}

/// Without `--enterprise` the answer is the sum.
fn is_the_sum(place: &Place, enterprise: &RandomEnterprise, question: &Question) -> TestCaseResult {
    let Some(all) = reconcile(place, question.at, None)? else { return Ok(()) };
    checked_lines(&all)?;
    let mut each = Vec::new();
    // Includes enterprises with only a partial report, which states a total as well.
    let names = enterprise.snapshots.iter().filter_map(|snapshot| match &snapshot.imported {
        Imported { kind: Kind::Cloud { enterprise }, taken_at, .. } if *taken_at <= question.at => {
            Some(enterprise)
        }
        _ => None,
    });
    for name in names.collect::<BTreeSet<_>>() {
        each.extend(reconcile(place, question.at, Some(name))?);
    }
    let pointers = (0..CAUSES.len()).map(|line| format!("/lines/{line}/licenses"));
    let pointers = pointers.chain(["/reported", "/computed", "/unexplained"].map(str::to_owned));
    for pointer in pointers {
        let of = |answer: &Value| answer.pointer(&pointer).map_or(0, number);
        prop_assert_eq!(of(&all), each.iter().map(of).sum::<i64>(), "{}: {:#}", pointer, all);
    }
    Ok(())
}

/// The newest total that a report states by then, and its instant.
fn stated(enterprise: &RandomEnterprise, at: i64, name: &str) -> Option<(i64, i64)> {
    let stated = reports(enterprise, at, name).filter_map(|it| Some((it, it.totals?.0)));
    // Of two reports of one instant, the complete one counts.
    let newest = stated.max_by_key(|(it, _)| (it.taken_at, !it.partial));
    newest.map(|(it, total)| (it.taken_at, total))
}

fn reports<'e>(
    enterprise: &'e RandomEnterprise,
    at: i64,
    name: &str,
) -> impl Iterator<Item = &'e Imported> {
    let kind = Kind::Cloud { enterprise: name.to_owned() };
    let imported = enterprise.snapshots.iter().map(|snapshot| &snapshot.imported);
    imported.filter(move |it| it.kind == kind && !it.voided && it.taken_at <= at)
}

/// The report in force.
fn whole<'e>(enterprise: &'e RandomEnterprise, at: i64, name: &str) -> Option<&'e Imported> {
    let whole = reports(enterprise, at, name).filter(|it| !it.partial);
    whole.max_by_key(|it| it.taken_at)
}

/// The report in force at an instant, in numbers.
#[derive(Default)]
struct InForce {
    distinct: i64,
    repeated: i64,
    /// Distinct rows of Visual Studio subscribers without an account.
    subscribers: i64,
    /// Distinct rows that take a license.
    licenses: i64,
}

impl InForce {
    fn at(enterprise: &RandomEnterprise, at: i64, name: &str) -> InForce {
        let Some(report) = whole(enterprise, at, name) else { return InForce::default() };
        let distinct = rows(&report.content, &Default::default());
        let written = report.content.as_array().map_or(0, Vec::len);
        let model = enterprise.settings.model(name, at, &Occurred::default()).unwrap_or_default();
        let takes = |row: &&Row| match row.kind {
            RowKind::ServerOnly => true,
            RowKind::VisualStudioOnly => false,
            RowKind::CloudAccount => model == BillingModel::Volume || !row.pending,
            RowKind::InvitedByEmail => model == BillingModel::Volume,
        };
        let of_kind = |kind| distinct.iter().filter(|row| row.kind == kind).count() as i64;
        InForce {
            distinct: distinct.len() as i64,
            repeated: (written - distinct.len()) as i64,
            subscribers: of_kind(RowKind::VisualStudioOnly),
            licenses: distinct.iter().filter(takes).count() as i64,
        }
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

//! The growth of each job, with people and with days.
//!
//! What it is: each job at several sizes, with its exponent: the slope of a straight line through the
//! logarithms of time (or CPU) over those of the size, by least squares. 1 is linear. At small sizes the start
//! of a process takes most of the time, which hides growth, so the exponent of the last step, between the two
//! greatest sizes, stands beside it. All jobs are in one table. Must not: mix figures of different builds.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::Result;
use crate::data::{Base, Day, date};
use crate::history::{diff, touched};
use crate::house::{self, House, OURS, remove_database};
use crate::measure::Figure;
use crate::program::Asked;
use crate::questions::{Explained, copy, slowest};
use crate::report::{Report, bytes, count, seconds};
use crate::rounds::{Rounds, figure};

/// The number of changes on the day that is compared across numbers of people.
const CHANGES: u32 = 100;

/// One job at several sizes.
struct Series {
    job: String,
    /// The highest exponent allowed.
    limit: f64,
    points: Vec<(u32, Point)>,
}

enum Point {
    Figure(Figure),
    Bytes(u64),
}

/// All jobs, in the order of their first figure.
#[derive(Default)]
struct Jobs(Vec<Series>);

impl Jobs {
    fn add(&mut self, job: &str, size: u32, figure: Figure) {
        self.point(job, 1.1, size, Point::Figure(figure));
    }

    fn point(&mut self, job: &str, limit: f64, size: u32, point: Point) {
        match self.0.iter_mut().find(|series| series.job == job) {
            Some(series) => series.points.push((size, point)),
            None => {
                self.0.push(Series { job: job.to_owned(), limit, points: vec![(size, point)] });
            }
        }
    }

    /// Jobs that only ask. Without a round before the newest, there is no `since`.
    fn ask(
        &mut self,
        (house, base): (&House, &Base),
        database: &Path,
        size: u32,
        round_before: bool,
    ) -> Result<()> {
        let ours = [house.ours(database)];
        let ask = |asked: &Asked| ours[0].ask(Rounds::warm(house), asked);
        for question in ["consumption", "trend"] {
            let asked = Asked::of(&[question]);
            let anew = ask(&asked.clone().anew())?;
            self.add(&format!("`{question}`, counted anew"), size, anew);
            ours[0].recount()?;
            self.add(&format!("`{question}`, asked again"), size, ask(&asked)?);
        }
        if round_before {
            let since = ask(&Asked::of(&["duplicates", "--since", "previous"]))?;
            self.add("`duplicates`, with `since`", size, since);
        }
        self.add("`verify`", size, ask(&Asked::of(&["verify"]))?);
        let explained = Explained::of(base)?;
        let jobs = [
            ("`explain LOGIN`", explained.by_login),
            ("`explain ADDRESS`", explained.by_address),
            ("`explain` of a name nobody has", explained.nobody),
        ];
        for (job, asked) in jobs {
            let (_, turns) = slowest(house, &ours, job, &asked)?;
            let slowest = figure(&turns, job, OURS).cloned().unwrap_or_default();
            self.add(job, size, slowest);
        }
        self.point("file", 1.1, size, Point::Bytes(house::size(database)));
        Ok(())
    }

    fn print(&self, with: &str, report: &mut Report) {
        for series in &self.0 {
            report.row(series.row(with));
        }
    }
}

impl Series {
    fn row(&self, with: &str) -> Vec<String> {
        // A run that was stopped gives no exponent to trust.
        let stopped = self.points.iter().any(|(_, point)| point.is_stopped());
        let points = self.points.iter();
        let points = points.map(|(at, it)| format!("{}: {}", count((*at).into()), it.text()));
        let mut row = vec![self.job.clone(), with.to_owned()];
        row.push(points.collect::<Vec<_>>().join("; "));
        let time = exponent(&self.curve(Point::value));
        let last = self.curve(Point::value);
        let last = exponent(&last[last.len().saturating_sub(2)..]);
        let show = |exponent: Option<f64>| {
            exponent.map_or_else(|| "–".to_owned(), |it| format!("{it:.2}"))
        };
        row.extend([show(time), show(exponent(&self.curve(Point::cpu))), show(last)]);
        row.push(format!("≤ {}", self.limit));
        let met = time.map(|it| if it <= self.limit && !stopped { "met" } else { "MISSED" });
        row.push(met.unwrap_or("not measured").to_owned());
        row
    }

    fn curve(&self, value: fn(&Point) -> Option<f64>) -> Vec<(f64, f64)> {
        let points = self.points.iter();
        points.filter_map(|(size, point)| Some((f64::from(*size), value(point)?))).collect()
    }
}

impl Point {
    fn is_stopped(&self) -> bool {
        matches!(self, Point::Figure(figure) if figure.is_stopped())
    }

    fn text(&self) -> String {
        match self {
            Point::Figure(figure) if figure.is_stopped() => {
                format!("stopped after {}", seconds(figure.time()))
            }
            Point::Figure(figure) => seconds(figure.time()),
            Point::Bytes(size) => bytes(*size),
        }
    }

    fn value(&self) -> Option<f64> {
        match self {
            Point::Figure(figure) => positive(figure.time()),
            Point::Bytes(size) => Some(*size as f64),
        }
    }

    fn cpu(&self) -> Option<f64> {
        match self {
            Point::Figure(figure) => positive(figure.cpu()),
            Point::Bytes(_) => None,
        }
    }
}

/// A time with a logarithm.
fn positive(time: Duration) -> Option<f64> {
    Some(time.as_secs_f64()).filter(|it| *it > 0.0)
}

/// The slope of the logarithms, by least squares; `None` for fewer than two sizes.
fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    let points: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let number = points.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / number;
    let (x, y) = (mean(|it| it.0), mean(|it| it.1));
    let above: f64 = points.iter().map(|it| (it.0 - x) * (it.1 - y)).sum();
    let below: f64 = points.iter().map(|it| (it.0 - x).powi(2)).sum();
    (below > 0.0).then(|| above / below)
}

/// Both ways of growing, in one table.
pub fn run(house: &House, report: &mut Report) -> Result<()> {
    let head = [
        "job",
        "grows with",
        "at each size",
        "exponent of time",
        "of CPU",
        "of time, last step",
        "goal",
        "",
    ];
    let people = house.options.growth_history_people();
    let title = format!(
        "Growth with people in Cloud, and with days of {} people (medians)",
        count(people.into())
    );
    report.table(title, head.map(str::to_owned).to_vec());
    by_people(house, report)?;
    by_days(house, people, report)
}

/// A few days at each number of people.
fn by_people(house: &House, report: &mut Report) -> Result<()> {
    let mut jobs = Jobs::default();
    let runs = house.options.runs().min(3);
    let database = house.folder.join("growth.db");
    let ours = house.ours(&database);
    for people in house.options.growth_people() {
        eprintln!("house: growth, {people} people");
        let base = Base::make(house, people)?;
        let files = base.day(Day::number(0))?;
        let first = Figure::of(runs, || {
            remove_database(&database)?;
            ours.import(&files)
        })?;
        jobs.add("first import", people, first);
        let mut next = Figure::default();
        for day in 1..=runs {
            next.runs.push(ours.import(&base.day(Day::number(day))?)?);
        }
        jobs.add("the next day, 0.2 % changed", people, next);
        ours.import(&base.day(Day::number(runs + 2))?)?;
        let between = ours.import(&base.day(Day::number(runs + 1))?)?;
        jobs.add("a day put between", people, Figure { runs: vec![between] });
        let few = Day { number: runs + 3, touched: Some(CHANGES.min(touched(people))) };
        ours.import(&base.day(few)?)?;
        ours.recount()?;
        let job = "`diff` of neighboring days, 0.2 % changed";
        jobs.add(job, people, diff(house, &database, runs + 1, runs + 2)?);
        let figure = diff(house, &database, runs + 2, runs + 3)?;
        // The reading may grow with the depth of the file's trees, but not with their width.
        let job = format!("`diff` of neighboring days, {CHANGES} accounts changed");
        jobs.point(&job, 0.3, people, Point::Figure(figure));
        jobs.ask((house, &base), &database, people, true)?;
        remove_database(&database)?;
    }
    jobs.print("people", report);
    report.note(format!(
        "With people: at most {runs} runs of each import, one of a day put between."
    ));
    Ok(())
}

/// One history that grows. At each number of days everything is asked.
fn by_days(house: &House, people: u32, report: &mut Report) -> Result<()> {
    let runs = house.options.runs();
    let base = Base::make(house, people)?;
    let database = house.folder.join("growth.db");
    remove_database(&database)?;
    let ours = house.ours(&database);
    let mut jobs = Jobs::default();
    let mut sizes = house.options.growth_days();
    sizes.sort_unstable();
    let import = |day: u32| ours.import(&base.day(Day::number(day))?);
    let (mut day, mut making) = (0, Duration::ZERO);
    for days in sizes.iter().copied() {
        eprintln!("house: growth, {days} days");
        // The day in the middle of the new ones is held back, and imported at the end.
        let held = (days >= day + 10).then_some(day + (days - day) / 2);
        let began = Instant::now();
        while day < days {
            if held != Some(day) {
                import(day)?;
            }
            day += 1;
        }
        making += began.elapsed();
        if let Some(held) = held {
            let files = base.day(Day::number(held))?;
            let between = Figure::of(runs, || {
                let copy = copy(&database, "copy.db")?;
                let run = house.ours(&copy).import(&files)?;
                remove_database(&copy)?;
                Ok(run)
            })?;
            jobs.add("a day put between", days, between);
            ours.import(&files)?;
        }
        jobs.ask((house, &base), &database, days, days > 1)?;
        if days > 1 {
            let middle = date(days / 2).to_string();
            let asked = Asked::of(&["consumption", "--as-of", &middle]).anew();
            let figure = ours.ask(Rounds::warm(house), &asked)?;
            jobs.add("`consumption`, in the middle, counted anew", days, figure);
            ours.recount()?;
            let figure = diff(house, &database, days - 2, days - 1)?;
            jobs.add("`diff` of neighboring days", days, figure);
        }
        let next = (0..runs).map(|more| import(day + more)).collect::<Result<_>>()?;
        jobs.add("the next day", days, Figure { runs: next });
        day += runs;
    }
    remove_database(&database)?;
    jobs.print("days", report);
    report.note(format!(
        "To make the history of {} days, four files a day that differ in 0.2 % of their rows, each \
         imported by a process of its own, took {}.",
        count(sizes.last().copied().unwrap_or_default().into()),
        seconds(making)
    ));
    Ok(())
}

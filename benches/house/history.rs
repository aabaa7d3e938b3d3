//! The jobs of a history of daily snapshots.
//!
//! What it is: the second table of figures. The history is built one day at a time, as it would
//! grow; some days are held back and put in later. On its last day not 0.2 % but a hundred accounts
//! change, for `diff`. May assume: nothing but the house. Must not: keep the files of more than
//! one day.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::data::{Base, Day, date};
use crate::house::{self, House, remove_database};
use crate::measure::Figure;
use crate::one_day::{copy, ordinal, slowest_day};
use crate::options::Job;
use crate::report::{Goal, Report, bytes, count};

const JOBS: [Job; 6] =
    [Job::Consumption, Job::Trend, Job::Diff, Job::Between, Job::File, Job::Verify];

/// The size at which the goals are stated.
const PEOPLE: u32 = 100_000;

struct History<'a> {
    house: &'a House,
    base: Base,
    people: u32,
    days: u32,
    database: PathBuf,
    /// The database as it was after the first day.
    first: PathBuf,
}

/// Measures what is asked for.
pub fn run(house: &House, report: &mut Report) -> Result<()> {
    if !house.options.wants_any(&JOBS) {
        return Ok(());
    }
    let (people, days) = (house.options.history_people(), house.options.days);
    let database = house.folder.join(format!("history-{people}-{days}.db"));
    let first = database.with_extension("first.db");
    let base = Base::make(house, people)?;
    let history = History { house, base, people, days, database, first };
    let (cloud, server) = history.base.accounts();
    report.begin(format!(
        "A history of {} daily snapshots: {} rows of Cloud, {} accounts on 3 instances",
        count(days.into()),
        count(cloud),
        count(server)
    ));
    let whole = history.database.with_extension("whole");
    if house.options.wants(Job::Between) || !whole.exists() {
        if whole.exists() {
            std::fs::remove_file(&whole)?;
        }
        history.build(report)?;
        std::fs::write(whole, "")?;
    } else {
        report.note("The history is that of an earlier run.".to_owned());
    }
    history.ask(report)
}

impl History<'_> {
    /// Imports day after day, then the days held back.
    fn build(&self, report: &mut Report) -> Result<()> {
        remove_database(&self.database)?;
        remove_database(&self.first)?;
        let runs = self.house.options.runs;
        // With fewer days the days held back would be neighbors of one another.
        let held: Vec<u32> = match self.days >= 2 * (runs + 1) {
            true => (1..=runs).map(|part| part * self.days / (runs + 1)).collect(),
            false => Vec::new(),
        };
        let [mut floor, mut next, mut between] = [const { Figure { runs: Vec::new() } }; 3];
        for day in (0..self.days).filter(|day| !held.contains(day)) {
            let files = self.base.day(self.day(day))?;
            // The days right before the last one, which is another kind of day.
            let measured = day > 0 && day + 1 < self.days && day + 1 + runs >= self.days;
            if measured {
                floor.runs.push(self.house.floor(&files, false)?);
            }
            let run = self.house.import(&self.database, &files)?;
            if measured {
                next.runs.push(run);
            }
            if day == 0 {
                copy(&self.database, "first.db")?;
            }
            if day % 50 == 49 {
                eprintln!("house:   {} days", day + 1);
            }
        }
        if next.runs.is_empty() {
            report.note("Too few days for a next day.".to_owned());
            return Ok(());
        }
        report.figure("parse and hash, a day", "floor", &floor, Vec::new());
        let goal = Goal::times(&next, 1.5, &floor, "parse and hash");
        report.figure("the next day, after all these", "oneseat", &next, vec![goal]);
        for day in held {
            let files = self.base.day(self.day(day))?;
            between.runs.push(self.house.import(&self.database, &files)?);
        }
        if between.runs.is_empty() {
            report.note("Too few days to put one between.".to_owned());
        } else {
            let goal = Goal::times(&between, 2.0, &next, "the next day");
            report.figure("a day put between two others", "oneseat", &between, vec![goal]);
        }
        Ok(())
    }

    fn day(&self, number: u32) -> Day {
        let last = number > 0 && number + 1 == self.days;
        Day { number, touched: last.then(|| touched(self.people)) }
    }

    fn ask(&self, report: &mut Report) -> Result<()> {
        let wants = |job| self.house.options.wants(job);
        if wants(Job::File) {
            let [first, last] = [&self.first, &self.database].map(|file| house::size(file));
            report.value("file after one day", bytes(first), Vec::new());
            let limit = 1.6 * first as f64;
            let wanted = format!("≤ 1.6 × the file after one day = {}", bytes(limit as u64));
            let goal = Goal::at_most(last as f64, limit, wanted);
            report.value(&format!("file after {} days", self.days), bytes(last), vec![goal]);
        }
        if wants(Job::Consumption) {
            self.consumption(report)?;
        }
        if wants(Job::Trend) {
            let figure = self.house.ask_anew(&self.database, &["trend"])?;
            let goal = self.goal(&figure, 0.2, "from the spans");
            report.figure("`trend`, every snapshot, counted anew", "oneseat", &figure, vec![goal]);
            let figure = self.house.ask(&self.database, &["trend"])?;
            let goal = self.goal(&figure, 0.05, "stored");
            report.figure("`trend`, every snapshot, asked again", "oneseat", &figure, vec![goal]);
        }
        if wants(Job::Diff) && self.days >= 3 {
            self.diff(report)?;
        }
        if wants(Job::Verify) {
            self.verify(report)?;
        }
        Ok(())
    }

    fn consumption(&self, report: &mut Report) -> Result<()> {
        let mut told = |job: &str, figure: &Figure| {
            let goal = self.goal(figure, 0.06, "");
            report.figure(job, "oneseat", figure, vec![goal]);
        };
        let newest = self.house.ask_anew(&self.database, &["consumption"])?;
        told("`consumption`, newest, counted anew", &newest);
        let newest = self.house.ask(&self.database, &["consumption"])?;
        told("`consumption`, newest, asked again", &newest);
        let (day, figure) = slowest_day(self.house, &self.database, self.days - 1)?;
        let job = "`consumption`, slowest of five days";
        told(&format!("{job} (the {}), counted anew", ordinal(day)), &figure);
        Ok(())
    }

    fn goal(&self, figure: &Figure, limit: f64, when: &str) -> Goal {
        Goal::seconds(figure, limit, PEOPLE, self.people, when)
    }

    /// The same number of changes among a tenth of the people: that it takes as long is the goal.
    fn diff(&self, report: &mut Report) -> Result<()> {
        let last = self.days - 1;
        self.house.recount(&self.database)?;
        let usual = diff(self.house, &self.database, last - 2, last - 1)?;
        report.figure("`diff` of neighboring days, 0.2 % changed", "oneseat", &usual, Vec::new());
        let fewer = self.people / 10;
        let small = self.house.folder.join("tenth.db");
        remove_database(&small)?;
        let base = Base::make(self.house, fewer)?;
        let changes = touched(self.people);
        self.house.import(&small, &base.day(Day::number(0))?)?;
        let next = Day { number: 1, touched: Some(changes) };
        self.house.import(&small, &base.day(next)?)?;
        self.house.recount(&small)?;
        let tenth = diff(self.house, &small, 0, 1)?;
        remove_database(&small)?;
        let job = format!("`diff` of neighboring days, {changes} accounts changed");
        let among = format!("{job}, among {}", count(fewer.into()));
        report.figure(&among, "oneseat", &tenth, Vec::new());
        let figure = diff(self.house, &self.database, last - 1, last)?;
        let goal = Goal::times(&figure, 2.0, &tenth, "that among a tenth of the people");
        report.figure(&job, "oneseat", &figure, vec![goal]);
        Ok(())
    }

    /// What is linear in states takes so many times longer as there are more states; half as much
    /// again is left for what must be done once per snapshot, which is nothing beside states.
    fn verify(&self, report: &mut Report) -> Result<()> {
        let first = self.house.ask(&self.first, &["verify"])?;
        let last = self.house.ask(&self.database, &["verify"])?;
        let [few, many] = [&self.first, &self.database].map(|file| states(self.house, file));
        let growth = many? as f64 / few? as f64;
        report.figure("`verify` after one day", "oneseat", &first, Vec::new());
        let times = (150.0 * growth).round() / 100.0;
        let of = format!(
            "`verify` after one day (1.5 × {growth:.2} times the states; {} times the snapshots)",
            self.days
        );
        let goal = Goal::times(&last, times, &first, &of);
        report.figure(&format!("`verify` after {} days", self.days), "oneseat", &last, vec![goal]);
        Ok(())
    }
}

/// The number of changes on the last day: the same for all sizes that have room for it.
pub fn touched(people: u32) -> u32 {
    (people / 20).clamp(1, 100)
}

/// `diff` between two days.
pub fn diff(house: &House, database: &Path, from: u32, to: u32) -> Result<Figure> {
    let [from, to] = [from, to].map(|day| date(day).to_string());
    house.ask(database, &["diff", &from, &to])
}

/// How many states of accounts a database holds, by the public table.
fn states(house: &House, database: &Path) -> Result<u64> {
    let sql = "SELECT count(*) AS states FROM account_history";
    let answer = house.answer(database, &["query", sql, "--format", "csv"])?;
    let last = answer.lines().last().unwrap_or_default();
    Ok(last.trim().parse()?)
}

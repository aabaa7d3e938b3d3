//! The jobs of a history of daily snapshots.
//!
//! What it is: the second table of figures. The history is built one day at a time, as in real use, and some
//! days are held back and imported later. On its last day a hundred accounts change instead of 0.2 %, for
//! `diff`. May assume: nothing but the house. Must not: keep the files of more than one day.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::data::{Base, Day, date};
use crate::house::{self, House, OURS, remove_database};
use crate::measure::Figure;
use crate::older;
use crate::one_day::ordinal;
use crate::options::Job;
use crate::program::{Asked, Stored};
use crate::questions::{self, ask, copy, slowest, tell_slowest};
use crate::report::{Goal, Report, count};
use crate::rounds::{Rounds, Turn, figure, tell};

const JOBS: [Job; 6] =
    [Job::Consumption, Job::Trend, Job::Diff, Job::Between, Job::File, Job::Verify];

/// The size for which the goals are stated.
const PEOPLE: u32 = 100_000;

struct History<'a> {
    house: &'a House,
    base: Base,
    people: u32,
    days: u32,
    stored: Vec<Stored<'a>>,
}

/// Measures the jobs that were asked for.
pub fn run(house: &House, report: &mut Report) -> Result<()> {
    if !house.options.wants_any(&JOBS) {
        return Ok(());
    }
    let (people, days) = (house.options.history_people(), house.options.days());
    let stored = house.stored(&house.folder.join(format!("history-{people}-{days}.db")));
    let base = Base::make(house, people)?;
    let history = History { house, base, people, days, stored };
    let (cloud, server) = history.base.accounts();
    report.begin(format!(
        "A history of {} daily snapshots: {} rows of Cloud, {} accounts on 3 instances",
        count(days.into()),
        count(cloud),
        count(server)
    ));
    let whole = |it: &Stored<'_>| it.database.with_extension("whole");
    if house.options.wants(Job::Between) || !history.stored.iter().all(|it| whole(it).exists()) {
        for it in &history.stored {
            remove_database(&it.database)?;
            remove_database(&first(it))?;
            if whole(it).exists() {
                std::fs::remove_file(whole(it))?;
            }
        }
        history.build(report)?;
        for it in &history.stored {
            std::fs::write(whole(it), "")?;
        }
    } else {
        report.note("The history is that of an earlier run.".to_owned());
    }
    history.ask(report)
}

/// The copy of the database after the first day.
fn first(stored: &Stored<'_>) -> PathBuf {
    stored.database.with_extension("first.db")
}

impl History<'_> {
    /// Imports day after day, then the days held back. Each program imports each day in turn.
    fn build(&self, report: &mut Report) -> Result<()> {
        let runs = self.house.options.runs();
        // With fewer days, the days held back would be neighbors.
        let held: Vec<u32> = match self.days >= 2 * (runs + 1) {
            true => (1..=runs).map(|part| part * self.days / (runs + 1)).collect(),
            false => Vec::new(),
        };
        let mut floor = Figure::default();
        let mut next = vec![Figure::default(); self.stored.len()];
        let mut between = next.clone();
        for day in (0..self.days).filter(|day| !held.contains(day)) {
            let files = self.base.day(self.day(day))?;
            // The days right before the last one, which has other changes.
            let measured = day > 0 && day + 1 < self.days && day + 1 + runs >= self.days;
            if measured {
                floor.runs.push(self.house.floor(&files, false)?);
            }
            for (it, next) in self.stored.iter().zip(&mut next) {
                let run = it.import(&files)?;
                next.runs.extend(measured.then_some(run));
                if day == 0 {
                    copy(&it.database, "first.db")?;
                }
            }
            if day % 50 == 49 {
                eprintln!("house:   {} days", day + 1);
            }
        }
        for day in held {
            let files = self.base.day(self.day(day))?;
            for (it, between) in self.stored.iter().zip(&mut between) {
                between.runs.push(it.import(&files)?);
            }
        }
        if next[0].runs.is_empty() {
            report.note("Too few days for a next day.".to_owned());
            return Ok(());
        }
        report.figure("parse and hash, a day", "floor", &floor, Vec::new());
        let goal = Goal::times(&next[0], 1.3, &floor, "parse and hash");
        self.tell_each(report, "the next day, after all these", &next, goal);
        if between[0].runs.is_empty() {
            report.note("Too few days to put one between.".to_owned());
        } else {
            let goal = Goal::times(&between[0], 2.0, &next[0], "the next day");
            self.tell_each(report, "a day put between two others", &between, goal);
        }
        Ok(())
    }

    fn tell_each(&self, report: &mut Report, job: &str, figures: &[Figure], goal: Goal) {
        let mut goal = Some(goal);
        for (it, figure) in self.stored.iter().zip(figures) {
            report.figure(job, it.program.by, figure, goal.take().into_iter().collect());
        }
    }

    fn day(&self, number: u32) -> Day {
        let last = number > 0 && number + 1 == self.days;
        Day { number, touched: last.then(|| touched(self.people)) }
    }

    fn ask(&self, report: &mut Report) -> Result<()> {
        let wants = |job| self.house.options.wants(job);
        if wants(Job::File) {
            let size = house::size(&first(&self.stored[0]));
            let ours = house::size(&self.stored[0].database);
            let one = self.stored.iter();
            let one: Vec<Stored<'_>> =
                one.map(|it| Stored { program: it.program, database: first(it) }).collect();
            older::tell_files(report, "file after one day", &one, Vec::new());
            let goal = Goal::share(ours, 1.6, size, "the file after one day");
            let job = format!("file after {} days", self.days);
            older::tell_files(report, &job, &self.stored, vec![goal]);
        }
        if wants(Job::Consumption) {
            self.consumption(report)?;
        }
        if wants(Job::Trend) {
            let asked = Asked::of(&["trend"]);
            let goal = |it: &Figure| Some(self.goal(it, 0.15, "from the spans"));
            let job = "`trend`, every snapshot, counted anew";
            self.question(report, job, &asked.clone().anew(), goal)?;
            let goal = |it: &Figure| Some(self.goal(it, 0.05, "stored"));
            self.question(report, "`trend`, every snapshot, asked again", &asked, goal)?;
        }
        if wants(Job::Diff) && self.days >= 3 {
            self.diff(report)?;
        }
        if wants(Job::Verify) {
            self.verify(report)?;
        }
        Ok(())
    }

    fn question(
        &self,
        report: &mut Report,
        job: &str,
        asked: &Asked,
        goal: impl FnOnce(&Figure) -> Option<Goal>,
    ) -> Result<()> {
        ask(self.house, report, (&self.stored, &[]), (job, asked, None), goal)
    }

    fn consumption(&self, report: &mut Report) -> Result<()> {
        let asked = Asked::of(&["consumption"]);
        let anew = |it: &Figure| Some(self.goal(it, 0.15, "from the spans"));
        let job = "`consumption`, newest, counted anew";
        self.question(report, job, &asked.clone().anew(), anew)?;
        let again = |it: &Figure| Some(self.goal(it, 0.06, "where counts are stored"));
        self.question(report, "`consumption`, newest, asked again", &asked, again)?;
        let days = questions::five_days(self.days - 1);
        let on = questions::consumption_on(days);
        let job = "`consumption`, slowest of five days";
        let slow = slowest(self.house, &self.stored, job, &on)?;
        let name = |day: usize| format!("{job} (the {}), counted anew", ordinal(days[day]));
        tell_slowest(report, slow, name, |it| self.goal(it, 0.15, "from the spans"));
        Ok(())
    }

    fn goal(&self, figure: &Figure, limit: f64, when: &str) -> Goal {
        Goal::seconds(figure, limit, PEOPLE, self.people, when)
    }

    /// The goal: the same number of changes among a tenth of the people takes as long.
    fn diff(&self, report: &mut Report) -> Result<()> {
        let (last, ours) = (self.days - 1, &self.stored[0]);
        let fewer = self.people / 10;
        let small = self.house.ours(&self.house.folder.join("tenth.db"));
        remove_database(&small.database)?;
        let base = Base::make(self.house, fewer)?;
        let changes = touched(self.people);
        small.import(&base.day(Day::number(0))?)?;
        small.import(&base.day(Day { number: 1, touched: Some(changes) })?)?;
        ours.recount()?;
        small.recount()?;
        let usual = "`diff` of neighboring days, 0.2 % changed";
        let job = format!("`diff` of neighboring days, {changes} accounts changed");
        let among = format!("{job}, among {}", count(fewer.into()));
        let asked = [days(last - 2, last - 1), days(0, 1), days(last - 1, last)];
        let mut turns = [
            ours.asks(usual, &asked[0]),
            small.asks(&among, &asked[1]),
            ours.asks(&job, &asked[2]),
        ];
        Rounds::warm(self.house).hold(&mut turns)?;
        let goal = |it| {
            let tenth = figure(&turns, &among, OURS)?;
            Some(Goal::times(it, 2.0, tenth, "that among a tenth of the people"))
        };
        let goals = figure(&turns, &job, OURS).and_then(goal).into_iter().collect();
        tell(report, &turns, &job, goals);
        remove_database(&small.database)
    }

    /// Work that is linear in states takes as many times longer as there are more states. A margin of half as
    /// much again is for work once per snapshot, which is nothing beside the states.
    fn verify(&self, report: &mut Report) -> Result<()> {
        let ours = &self.stored[0];
        let one = self.house.ours(&first(ours));
        let growth = states(ours)? as f64 / states(&one)? as f64;
        let after_one = "`verify` after one day";
        let job = format!("`verify` after {} days", self.days);
        let asked = Asked::of(&["verify"]);
        let mut turns: Vec<Turn<'_>> = vec![one.asks(after_one, &asked)];
        turns.extend(self.stored.iter().map(|it| it.asks(&job, &asked)));
        Rounds::warm(self.house).hold(&mut turns)?;
        let times = (150.0 * growth).round() / 100.0;
        let of = format!(
            "{after_one} (1.5 × {growth:.2} times the states; {} times the snapshots)",
            self.days
        );
        let goal = |it| Some(Goal::times(it, times, figure(&turns, after_one, OURS)?, &of));
        let goals = figure(&turns, &job, OURS).and_then(goal).into_iter().collect();
        tell(report, &turns, &job, goals);
        Ok(())
    }
}

/// The number of changes on the last day, the same for all sizes that have room for it.
pub fn touched(people: u32) -> u32 {
    (people / 20).clamp(1, 100)
}

fn days(from: u32, to: u32) -> Asked {
    let [from, to] = [from, to].map(|day| date(day).to_string());
    Asked::of(&["diff", &from, &to])
}

/// `diff` between two days.
pub fn diff(house: &House, database: &Path, from: u32, to: u32) -> Result<Figure> {
    house.ours(database).ask(Rounds::warm(house), &days(from, to))
}

/// The number of account states in a database, by the public table.
fn states(stored: &Stored<'_>) -> Result<u64> {
    let sql = "SELECT count(*) AS states FROM account_history";
    let answer = stored.program.answer(&stored.database, &["query", sql, "--format", "csv"])?;
    let last = answer.lines().last().unwrap_or_default();
    Ok(last.trim().parse()?)
}

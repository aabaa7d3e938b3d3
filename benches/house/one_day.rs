//! The jobs of one day: a first import, the days right after it, and questions.
//!
//! What it is: the first table of figures. May assume: nothing but the house. Must not: compare what was not
//! measured in the same rounds.

use std::cell::RefCell;
use std::path::PathBuf;

use crate::Result;
use crate::data::{Base, Day};
use crate::directories;
use crate::house::{House, OURS, remove_database};
use crate::measure::Figure;
use crate::older;
use crate::options::Job;
use crate::peers::{self, DUCKDB, Peer};
use crate::program::{Asked, Stored};
use crate::questions::{self, Explained, ask, slowest, tell_slowest};
use crate::report::{Goal, Report, bytes, count};
use crate::rounds::{Rounds, Turn, figure, tell};

const JOBS: [Job; 10] = [
    Job::Import,
    Job::NextDay,
    Job::Consumption,
    Job::Matching,
    Job::Duplicates,
    Job::Directory,
    Job::Explain,
    Job::Verify,
    Job::Migration,
    Job::Peers,
];

/// The size for which the goals are stated.
const PEOPLE: u32 = 1_000_000;

const HALF: &str = "parse and hash";
const FLOOR: &str = "parse, hash and insert";
const FIRST: &str = "first import";

struct OneDay<'a> {
    house: &'a House,
    base: Base,
    people: u32,
    stored: Vec<Stored<'a>>,
    peers: Vec<Peer<'a>>,
}

/// Measures the jobs that were asked for.
pub fn run(house: &House, report: &mut Report) -> Result<()> {
    if !house.options.wants_any(&JOBS) {
        return Ok(());
    }
    let people = house.options.people();
    let base = Base::make(house, people)?;
    let (cloud, server) = base.accounts();
    report.begin(format!(
        "One day: {} rows of Cloud, {} accounts on 3 instances",
        count(cloud),
        count(server)
    ));
    let wants = |job| house.options.wants(job);
    let peers = if wants(Job::Peers) { peers::found(house, report) } else { Vec::new() };
    let stored = house.stored(&house.folder.join(format!("one-day-{people}.db")));
    let one = OneDay { house, base, people, stored, peers };
    let made = one.stored.iter().all(|it| mark(it).exists());
    let build = wants(Job::Import) || wants(Job::NextDay) || !made;
    if build {
        for it in &one.stored {
            remove_database(&it.database)?;
            if mark(it).exists() {
                std::fs::remove_file(mark(it))?;
            }
        }
    } else {
        report.note("The databases are those of an earlier run.".to_owned());
    }
    one.first_import(build, report)?;
    if build {
        let later = if wants(Job::NextDay) { house.options.runs() } else { 0 };
        one.next_days(later, report)?;
        for it in &one.stored {
            std::fs::write(mark(it), later.to_string())?;
        }
    }
    older::tell_schemas(report, &one.stored);
    one.ask(report)?;
    one.peers.iter().try_for_each(Peer::clear)
}

/// A file which states that a database is complete, and how many days came after its first.
fn mark(stored: &Stored<'_>) -> PathBuf {
    stored.database.with_extension("days")
}

impl OneDay<'_> {
    /// The floors, the new program, an older one and the peers, in turn.
    fn first_import(&self, build: bool, report: &mut Report) -> Result<()> {
        let files = self.base.day(Day::number(0))?;
        let measured = self.house.options.wants(Job::Import);
        let mut turns = Vec::new();
        if measured {
            for (job, insert) in [(HALF, false), (FLOOR, true)] {
                let (house, files) = (self.house, &files);
                let run = move || house.floor(files, insert);
                turns.push(Turn::new(job, "floor", run).every_round());
            }
        }
        for it in self.stored.iter().filter(|_| build) {
            if measured {
                turns.push(it.takes(FIRST, || {
                    remove_database(&it.database)?;
                    it.first_import(&files)
                }));
            } else {
                it.first_import(&files)?;
            }
        }
        turns.extend(self.peers.iter().map(|peer| peer.imports(&files)));
        Rounds::cold(self.house).hold(&mut turns)?;
        let goals = self.import_goals(&turns);
        tell(report, &turns, FIRST, goals);
        if measured {
            older::tell_files(report, "file after it", &self.stored, Vec::new());
        }
        self.peers.iter().for_each(|peer| peer.tell_file(report));
        Ok(())
    }

    fn import_goals(&self, turns: &[Turn<'_>]) -> Vec<Goal> {
        let (Some(import), Some(floor)) =
            (figure(turns, FIRST, OURS), figure(turns, FLOOR, "floor"))
        else {
            return Vec::new();
        };
        let (cloud, server) = self.base.accounts();
        let memory = 64e6 + 80.0 * (cloud + server) as f64;
        let duckdb = match figure(turns, FIRST, DUCKDB) {
            Some(duckdb) => Goal::faster(import, 8.0, duckdb, DUCKDB),
            None => Goal::unmeasured("≥ 8 × faster than DuckDB", "no import by DuckDB"),
        };
        vec![
            Goal::times(import, 2.0, floor, "the floor with one table"),
            duckdb,
            Goal::at_most(import.peak() as f64, memory, format!("peak ≤ {}", bytes(memory as u64))),
        ]
    }

    /// The days after the first. Each round is another day.
    fn next_days(&self, days: u32, report: &mut Report) -> Result<()> {
        if days == 0 {
            return Ok(());
        }
        let (floor, job) = ("parse and hash, the next day", "the next day, 0.2 % changed");
        let files = RefCell::new(self.base.day(Day::number(0))?);
        let parse = || self.house.floor(&files.borrow(), false);
        let mut turns = vec![Turn::new(floor, "floor", parse).every_round()];
        for it in &self.stored {
            turns.push(it.takes(job, || it.import(&files.borrow())).every_round());
        }
        Rounds::cold(self.house).hold_after(&mut turns, |round| {
            *files.borrow_mut() = self.base.day(Day::number(round + 1))?;
            Ok(())
        })?;
        let goal = |import| {
            let floor = figure(&turns, floor, "floor")?;
            Some(Goal::times(import, 1.3, floor, "parse and hash"))
        };
        let goals = figure(&turns, job, OURS).and_then(goal).into_iter().collect();
        tell(report, &turns, job, goals);
        Ok(())
    }

    fn ask(&self, report: &mut Report) -> Result<()> {
        let wants = |job| self.house.options.wants(job);
        let newest: u32 = std::fs::read_to_string(mark(&self.stored[0]))?.trim().parse()?;
        self.consumption(newest, report)?;
        if wants(Job::Matching) {
            let job = "one point of `trend`: matching alone, counted anew";
            let asked = questions::one_point(newest);
            let goal = |it: &Figure| Some(self.goal(it, 0.25, ""));
            ask(self.house, report, (&self.stored, &[]), (job, &asked, None), goal)?;
        }
        self.duplicates(newest, report)?;
        if wants(Job::Directory) {
            directories::run(self.house, &self.base, &self.stored[0], self.people, report)?;
        }
        if wants(Job::Explain) {
            self.explain(newest, report)?;
        }
        if wants(Job::Verify) {
            let job = format!("`verify` after {} days", newest + 1);
            let goal = |it: &Figure| Some(self.goal(it, 10.0, ""));
            let asked = Asked::of(&["verify"]);
            ask(self.house, report, (&self.stored, &[]), (&job, &asked, None), goal)?;
        }
        if wants(Job::Migration) {
            let goal = |it: &Figure| self.goal(it, 20.0, "");
            older::migration(self.house, &self.stored, goal, report)?;
        }
        Ok(())
    }

    fn consumption(&self, newest: u32, report: &mut Report) -> Result<()> {
        let asked = Asked::of(&["consumption"]);
        let (job, anew) = ("`consumption`, newest, counted anew", asked.clone().anew());
        let all = (self.if_wanted(Job::Consumption), &self.peers[..]);
        let goal = |it: &Figure| Some(self.goal(it, 1.0, "with the numbers of duplicates"));
        ask(self.house, report, all, (job, &anew, Some("consumption")), goal)?;
        if !self.house.options.wants(Job::Consumption) {
            return Ok(());
        }
        let kept = |it: &Figure| Some(self.goal(it, 0.1, "where counts are stored"));
        let job = "`consumption`, newest, asked again";
        ask(self.house, report, (&self.stored, &[]), (job, &asked, None), kept)?;
        let days = questions::five_days(newest);
        let on = questions::consumption_on(days);
        let job = "`consumption`, slowest of five days";
        let slow = slowest(self.house, &self.stored, job, &on)?;
        let name = |day: usize| format!("{job} (the {}), counted anew", ordinal(days[day]));
        tell_slowest(report, slow, name, |it| self.goal(it, 1.0, "from the spans"));
        Ok(())
    }

    /// With `since`, the findings at the newest instant are compared with the round before it.
    fn duplicates(&self, newest: u32, report: &mut Report) -> Result<()> {
        let mut arguments = vec!["duplicates"];
        let mut job = "`duplicates`, all evidence".to_owned();
        if newest > 0 {
            arguments.extend(["--since", "previous"]);
            job = format!("{job}, with `since`, history of {} days", newest + 1);
        }
        let goal = |it: &Figure| match newest {
            0 => Some(Goal::unmeasured("≤ 2.00 s, with `since`", "one day has none before it")),
            _ => Some(self.goal(it, 2.0, "")),
        };
        let asked = Asked::of(&arguments);
        let all = (self.if_wanted(Job::Duplicates), &self.peers[..]);
        ask(self.house, report, all, (&job, &asked, Some("duplicates")), goal)?;
        arguments.push("--json");
        let asked = Asked::of(&arguments);
        let ours = (self.if_wanted(Job::Duplicates), &[][..]);
        ask(self.house, report, ours, ("`duplicates --json`, the same", &asked, None), |_| None)
    }

    fn explain(&self, newest: u32, report: &mut Report) -> Result<()> {
        let explained = Explained::of(&self.base)?;
        let days = format!("history of {} days", newest + 1);
        let jobs = [
            (format!("`explain LOGIN`, slowest of five people, {days}"), explained.by_login, 0.1),
            (
                format!("`explain ADDRESS`, slowest of five people, {days}"),
                explained.by_address,
                0.1,
            ),
            (
                format!("`explain` of a name nobody has, slowest of four, {days}"),
                explained.nobody,
                0.2,
            ),
        ];
        for (job, asked, limit) in jobs {
            let slow = slowest(self.house, &self.stored, &job, &asked)?;
            let goal =
                |it: &Figure| Goal::seconds(it, limit, self.people, self.people, "at any size");
            tell_slowest(report, slow, |_| job.clone(), goal);
        }
        Ok(())
    }

    fn if_wanted(&self, job: Job) -> &[Stored<'_>] {
        if self.house.options.wants(job) { &self.stored } else { &[] }
    }

    fn goal(&self, figure: &Figure, limit: f64, when: &str) -> Goal {
        Goal::seconds(figure, limit, PEOPLE, self.people, when)
    }
}

/// `1st day`, `22nd day`, for a number that begins with 0.
pub fn ordinal(day: u32) -> String {
    let number = day + 1;
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

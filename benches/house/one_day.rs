//! The jobs of one day: a first import, the days right after it, and questions.
//!
//! What it is: the first table of figures. May assume: nothing but the house. Must not: compare
//! what was not measured in the same run.

use std::path::{Path, PathBuf};

use crate::data::{Base, Day, date};
use crate::house::{House, remove_database};
use crate::measure::Figure;
use crate::options::Job;
use crate::report::{Goal, Report, bytes, count};
use crate::{Result, house, peers};

const JOBS: [Job; 6] =
    [Job::Import, Job::NextDay, Job::Consumption, Job::Duplicates, Job::Explain, Job::Peers];

/// The size at which the goals are stated.
const PEOPLE: u32 = 1_000_000;

/// Measures what is asked for.
pub fn run(house: &House, report: &mut Report) -> Result<()> {
    if !house.options.wants_any(&JOBS) {
        return Ok(());
    }
    let people = house.options.people;
    let base = Base::make(house, people)?;
    let (cloud, server) = base.accounts();
    report.begin(format!(
        "One day: {} rows of Cloud, {} accounts on 3 instances",
        count(cloud),
        count(server)
    ));
    let database = house.folder.join(format!("one-day-{people}.db"));
    let days = database.with_extension("days");
    let wants = |job| house.options.wants(job);
    if wants(Job::Import) || wants(Job::NextDay) || !days.exists() {
        remove_database(&database)?;
        first_import(house, &base, &database, report)?;
        let later = if wants(Job::NextDay) { house.options.runs } else { 0 };
        next_days(house, &base, &database, later, report)?;
        std::fs::write(&days, later.to_string())?;
    } else {
        report.note("The database is that of an earlier run.".to_owned());
    }
    let newest: u32 = std::fs::read_to_string(&days)?.trim().parse()?;
    if wants(Job::Consumption) {
        consumption(house, &database, newest, people, report)?;
    }
    if wants(Job::Duplicates) {
        let figure = house.ask(&database, &["duplicates"])?;
        let goal = Goal::seconds(&figure, 2.5, PEOPLE, people, "");
        let job = format!("`duplicates`, all evidence, history of {} days", newest + 1);
        report.figure(&job, "oneseat", &figure, vec![goal]);
        let figure = house.ask(&database, &["duplicates", "--json"])?;
        report.figure("`duplicates --json`", "oneseat", &figure, Vec::new());
    }
    if wants(Job::Explain) {
        let figure = slowest_explain(house, &base, &database)?;
        let goal = Goal::seconds(&figure, 0.1, people, people, "at any size");
        let job = format!("`explain WHO`, slowest of five people, history of {} days", newest + 1);
        report.figure(&job, "oneseat", &figure, vec![goal]);
    }
    if wants(Job::Peers) {
        peers::run(house, &base, report)?;
    }
    Ok(())
}

/// The first import and the floor, in turns, so that both have the same weather.
fn first_import(house: &House, base: &Base, database: &Path, report: &mut Report) -> Result<()> {
    let files = base.day(Day::number(0))?;
    if !house.options.wants(Job::Import) {
        house.import(database, &files)?;
        return Ok(());
    }
    let [mut half, mut floor, mut import] = [const { Figure { runs: Vec::new() } }; 3];
    for _ in 0..house.options.runs {
        half.runs.push(house.floor(&files, false)?);
        floor.runs.push(house.floor(&files, true)?);
        remove_database(database)?;
        import.runs.push(house.import(database, &files)?);
    }
    let (cloud, server) = base.accounts();
    let memory = 64e6 + 150.0 * (cloud + server) as f64;
    let goals = vec![
        Goal::times(&import, 3.0, &floor, "the floor"),
        Goal::at_most(import.peak() as f64, memory, format!("peak ≤ {}", bytes(memory as u64))),
    ];
    report.figure("parse and hash", "floor", &half, Vec::new());
    report.figure("parse, hash and insert", "floor", &floor, Vec::new());
    report.figure("first import", "oneseat", &import, goals);
    report.value("file after it", bytes(house::size(database)), Vec::new());
    Ok(())
}

/// The days after the first: each run is another day.
fn next_days(
    house: &House,
    base: &Base,
    database: &Path,
    days: u32,
    report: &mut Report,
) -> Result<()> {
    if days == 0 {
        return Ok(());
    }
    let [mut floor, mut import] = [const { Figure { runs: Vec::new() } }; 2];
    for day in 1..=days {
        let files = base.day(Day::number(day))?;
        floor.runs.push(house.floor(&files, false)?);
        import.runs.push(house.import(database, &files)?);
    }
    report.figure("parse and hash, the next day", "floor", &floor, Vec::new());
    let goal = Goal::times(&import, 1.5, &floor, "parse and hash");
    report.figure("the next day, 0.2 % changed", "oneseat", &import, vec![goal]);
    Ok(())
}

fn consumption(
    house: &House,
    database: &Path,
    newest: u32,
    people: u32,
    report: &mut Report,
) -> Result<()> {
    let mut told = |job: &str, figure: &Figure, limit, when| {
        let goal = Goal::seconds(figure, limit, PEOPLE, people, when);
        report.figure(job, "oneseat", figure, vec![goal]);
    };
    let figure = house.ask_anew(database, &["consumption"])?;
    told("`consumption`, newest, counted anew", &figure, 1.0, "from the spans");
    let figure = house.ask(database, &["consumption"])?;
    told("`consumption`, newest, asked again", &figure, 0.1, "where counts are stored");
    let (day, figure) = slowest_day(house, database, newest)?;
    let job = format!("`consumption`, slowest of five days (the {}), counted anew", ordinal(day));
    told(&job, &figure, 1.0, "from the spans");
    let figure = house.ask(database, &["consumption", "--as-of", &date(day).to_string()])?;
    told("the same, asked again", &figure, 0.1, "where counts are stored");
    Ok(())
}

/// Of five days of the history the one on which `consumption` takes longest to count.
pub fn slowest_day(house: &House, database: &Path, newest: u32) -> Result<(u32, Figure)> {
    let mut slowest: Option<(u32, Figure)> = None;
    for part in 0..5 {
        let day = newest * part / 4;
        let date = date(day).to_string();
        let asked = ["consumption", "--as-of", &date];
        let figure = house.ask_anew_within(house.budget() / 5, database, &asked)?;
        if slowest.as_ref().is_none_or(|(_, other)| figure.time() > other.time()) {
            slowest = Some((day, figure));
        }
    }
    slowest.ok_or_else(|| "no day".into())
}

/// Of a few people from all over the file, one of them doubled, the one whose `explain` takes
/// longest. Somebody else may stand in their place by now; then their past is explained.
pub fn slowest_explain(house: &House, base: &Base, database: &Path) -> Result<Figure> {
    let mut slowest = Figure::default();
    for login in base.logins(4)? {
        let budget = house.budget() / 5;
        let figure = house.ask_within(budget, database, &["explain", &login])?;
        if figure.time() > slowest.time() {
            slowest = figure;
        }
    }
    Ok(slowest)
}

/// A copy of a database, to be changed and thrown away.
pub fn copy(database: &Path, ending: &str) -> Result<PathBuf> {
    if house::size(database) != database.metadata()?.len() {
        return Err("the last import has left something outside of the database".into());
    }
    let copy = database.with_extension(ending);
    remove_database(&copy)?;
    std::fs::copy(database, &copy)?;
    Ok(copy)
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

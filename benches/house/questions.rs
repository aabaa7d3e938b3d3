//! Questions, put to all programs in turn.
//!
//! What it is: a question for this program, an older oneseat and, where SQL can express it, the peers; and the
//! slowest of several questions. May assume: the databases exist. Must not: set a goal.

use std::path::Path;

use crate::Result;
use crate::data::{Base, date};
use crate::house::{House, OURS};
use crate::measure::Figure;
use crate::peers::Peer;
use crate::program::{Asked, Stored};
use crate::report::{Goal, Report};
use crate::rounds::{Rounds, Turn, figure, tell};

/// The exit code when nobody has the name.
const NOBODY: i32 = 7;

/// Asks all programs, and reports the figures with the goals of this one. `stored` is empty if only the peers
/// are asked.
pub fn ask(
    house: &House,
    report: &mut Report,
    (stored, peers): (&[Stored<'_>], &[Peer<'_>]),
    (job, asked, in_sql): (&str, &Asked, Option<&'static str>),
    goal: impl FnOnce(&Figure) -> Option<Goal>,
) -> Result<()> {
    let mut turns: Vec<Turn<'_>> = stored.iter().map(|it| it.asks(job, asked)).collect();
    if let Some(question) = in_sql {
        turns.extend(peers.iter().map(|peer| peer.asks(question)));
    }
    Rounds::warm(house).hold(&mut turns)?;
    let goals = figure(&turns, job, OURS).and_then(goal).into_iter().collect();
    tell(report, &turns, job, goals);
    Ok(())
}

/// The number of the question that takes this program longest, of several, and the turns of all programs.
pub fn slowest<'t>(
    house: &House,
    stored: &'t [Stored<'_>],
    job: &str,
    questions: &'t [Asked],
) -> Result<(usize, Vec<Turn<'t>>)> {
    let mut slowest: Option<(usize, Vec<Turn<'t>>)> = None;
    let rounds = Rounds::warm(house).shared(u32::try_from(questions.len())?);
    for (number, asked) in questions.iter().enumerate() {
        let mut turns: Vec<Turn<'_>> = stored.iter().map(|it| it.asks(job, asked)).collect();
        rounds.hold(&mut turns)?;
        let ours = |turns: &[Turn<'_>]| figure(turns, job, OURS).map(Figure::time);
        if slowest.as_ref().is_none_or(|(_, other)| ours(&turns) > ours(other)) {
            slowest = Some((number, turns));
        }
    }
    slowest.ok_or_else(|| format!("{job}: nothing to ask").into())
}

/// Reports the slowest of several questions, under a name made of its number.
pub fn tell_slowest(
    report: &mut Report,
    (number, mut turns): (usize, Vec<Turn<'_>>),
    job: impl FnOnce(usize) -> String,
    goal: impl FnOnce(&Figure) -> Goal,
) {
    let job = job(number);
    turns.iter_mut().for_each(|turn| turn.job.clone_from(&job));
    let goals = figure(&turns, &job, OURS).map(goal).into_iter().collect();
    tell(report, &turns, &job, goals);
}

/// Five days of a history, the first and the newest among them.
pub fn five_days(newest: u32) -> [u32; 5] {
    [0, 1, 2, 3, 4].map(|part| newest * part / 4)
}

/// `consumption` on each of these days, counted anew.
pub fn consumption_on(days: [u32; 5]) -> Vec<Asked> {
    let on = |day| Asked::of(&["consumption", "--as-of", &date(day).to_string()]).anew();
    days.map(on).to_vec()
}

/// One point of `trend`: that of the Cloud report of a day, counted anew.
pub fn one_point(day: u32) -> Asked {
    let at = format!("{}T06:00:00Z", date(day));
    Asked::of(&["trend", "--from", &at, "--to", &at]).anew()
}

/// People to explain: from all over the file, and one who takes two licenses. If another person has taken their
/// place, their past is explained.
pub struct Explained {
    pub by_login: Vec<Asked>,
    pub by_address: Vec<Asked>,
    /// Names and addresses that nobody has. Some are one slip from one that somebody has.
    pub nobody: Vec<Asked>,
}

impl Explained {
    pub fn of(base: &Base) -> Result<Explained> {
        let explain = |who: &str| Asked::of(&["explain", who]);
        let people = base.people(4)?;
        let addresses: Vec<&str> = people.iter().filter_map(|it| it.address.as_deref()).collect();
        let mut nobody =
            vec!["nobody-has-this-name".to_owned(), "nobody.has@this.example".to_owned()];
        nobody.extend(addresses.iter().take(1).map(|address| format!("q{address}")));
        nobody.extend(people.iter().take(1).map(|it| format!("{}q", it.login)));
        Ok(Explained {
            by_login: people.iter().map(|it| explain(&it.login)).collect(),
            by_address: addresses.into_iter().map(explain).collect(),
            nobody: nobody.iter().map(|it| explain(it).ends_with(NOBODY)).collect(),
        })
    }
}

/// A copy of a database, to be changed and deleted.
pub fn copy(database: &Path, ending: &str) -> Result<std::path::PathBuf> {
    if crate::house::size(database) != database.metadata()?.len() {
        return Err("the last import has left something outside of the database".into());
    }
    let copy = database.with_extension(ending);
    crate::house::remove_database(&copy)?;
    std::fs::copy(database, &copy)?;
    Ok(copy)
}

//! Jobs done in turn: one run by each who takes part, then the next round.
//!
//! What it is: the way in which everything that is compared is measured, so that what else the
//! machine does meanwhile hits all alike. May assume: a job leaves everything as the next run of it
//! needs it. Must not: know what is run.

use std::time::Duration;

use crate::Result;
use crate::house::House;
use crate::measure::{Figure, Run};
use crate::report::{Goal, Report};

/// One who takes part, and the runs so far.
pub struct Turn<'a> {
    pub job: String,
    pub by: String,
    pub figure: Figure,
    /// Why a guest takes no further part.
    failed: Option<String>,
    every_round: bool,
    guest: bool,
    run: Box<dyn FnMut() -> Result<Run> + 'a>,
}

impl<'a> Turn<'a> {
    pub fn new(
        job: impl Into<String>,
        by: impl Into<String>,
        run: impl FnMut() -> Result<Run> + 'a,
    ) -> Turn<'a> {
        let (job, by, run) = (job.into(), by.into(), Box::new(run));
        Turn {
            job,
            by,
            run,
            figure: Figure::default(),
            failed: None,
            every_round: false,
            guest: false,
        }
    }

    /// It has a run in every round, however long that takes: a goal is a ratio to it.
    pub fn every_round(self) -> Turn<'a> {
        Turn { every_round: true, ..self }
    }

    /// Not ours: if it fails, this is told, and the others go on.
    pub fn guest(self) -> Turn<'a> {
        Turn { guest: true, ..self }
    }

    /// One run; none by a guest that fails.
    fn take(&mut self) -> Result<Option<Run>> {
        match (self.run)() {
            Ok(run) => Ok(Some(run)),
            Err(error) if self.guest => {
                self.failed = Some(error.to_string());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn is_due(&self, rounds: u32, budget: Duration) -> bool {
        if self.failed.is_some() || self.figure.is_stopped() {
            return false;
        }
        let runs = &self.figure.runs;
        let gone: Duration = runs.iter().map(|run| run.time).sum();
        let wanted = runs.is_empty() || self.every_round || gone < budget;
        runs.len() < rounds as usize && wanted
    }
}

/// How rounds are held.
#[derive(Clone, Copy)]
pub struct Rounds {
    pub rounds: u32,
    /// Who has taken this long in all takes no further part, unless in every round.
    pub budget: Duration,
    /// Each has a run before the first round that does not count, so that files are in memory. What
    /// takes a good part of the budget is not run for nothing: it counts.
    pub warm: bool,
}

impl Rounds {
    /// For what writes.
    pub fn cold(house: &House) -> Rounds {
        Rounds { rounds: house.options.runs(), budget: house.budget(), warm: false }
    }

    /// For what asks.
    pub fn warm(house: &House) -> Rounds {
        Rounds { warm: true, ..Rounds::cold(house) }
    }

    /// Where so many questions share one budget.
    pub fn shared(self, among: u32) -> Rounds {
        Rounds { budget: self.budget / among.max(1), ..self }
    }

    pub fn hold(self, turns: &mut [Turn<'_>]) -> Result<()> {
        self.hold_after(turns, |_| Ok(()))
    }

    /// The same; something is prepared before each round.
    pub fn hold_after(
        self,
        turns: &mut [Turn<'_>],
        mut prepare: impl FnMut(u32) -> Result<()>,
    ) -> Result<()> {
        for turn in turns.iter_mut().filter(|_| self.warm) {
            let run = turn.take()?;
            turn.figure.runs.extend(run.filter(|run| run.time > self.budget / 10));
        }
        for round in 0..self.rounds {
            if !turns.iter().any(|turn| turn.is_due(self.rounds, self.budget)) {
                break;
            }
            prepare(round)?;
            for turn in turns.iter_mut().filter(|turn| turn.is_due(self.rounds, self.budget)) {
                let run = turn.take()?;
                turn.figure.runs.extend(run);
            }
        }
        Ok(())
    }
}

/// The figure of a job by somebody whose name begins so; none if there is no run of it.
pub fn figure<'t>(turns: &'t [Turn<'_>], job: &str, by: &str) -> Option<&'t Figure> {
    let turn = turns.iter().find(|turn| turn.job == job && turn.by.starts_with(by))?;
    Some(&turn.figure).filter(|figure| !figure.runs.is_empty())
}

/// Tells all figures; the goals are those of our own program.
pub fn tell(report: &mut Report, turns: &[Turn<'_>], job: &str, goals: Vec<Goal>) {
    let mut goals = Some(goals);
    for turn in turns {
        if !turn.figure.runs.is_empty() {
            let ours = turn.job == job && turn.by == crate::house::OURS;
            let goals = if ours { goals.take() } else { None };
            report.figure(&turn.job, &turn.by, &turn.figure, goals.unwrap_or_default());
        }
        if let Some(error) = &turn.failed {
            // What it said may name folders, which are nobody's business in what is published.
            eprintln!("house: {}: {}: {error}", turn.job, turn.by);
            let runs = turn.figure.runs.len();
            let note = format!("{}: {} failed after {runs} runs", turn.job, turn.by);
            report.note(format!("{note}; what it said went to standard error."));
        }
    }
}

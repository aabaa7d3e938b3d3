//! Jobs in turn: each participant has one run, then the next round begins.
//!
//! What it is: the way to measure everything that is compared, so that other work on the machine hits all
//! alike. May assume: a job leaves everything as the next run of it needs it. Must not: know what is run.

use std::time::Duration;

use crate::Result;
use crate::house::House;
use crate::measure::{Figure, Run};
use crate::report::{Goal, Report};

/// A participant, and its runs so far.
pub struct Turn<'a> {
    pub job: String,
    pub by: String,
    pub figure: Figure,
    /// The reason why a guest takes no further part.
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

    /// It runs in every round, however long that takes, because a goal is a ratio to it.
    pub fn every_round(self) -> Turn<'a> {
        Turn { every_round: true, ..self }
    }

    /// A program of others: if it fails, the failure is reported and the others go on.
    pub fn guest(self) -> Turn<'a> {
        Turn { guest: true, ..self }
    }

    /// One run; `None` for a guest that fails.
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

/// The rules of the rounds.
#[derive(Clone, Copy)]
pub struct Rounds {
    pub rounds: u32,
    /// The total time after which a participant takes no further part, unless it runs in every round.
    pub budget: Duration,
    /// Each participant has a run before the first round that does not count, so that files are in memory. If
    /// it takes a large part of the budget, it counts.
    pub warm: bool,
}

impl Rounds {
    /// The rounds of a job that writes.
    pub fn cold(house: &House) -> Rounds {
        Rounds { rounds: house.options.runs(), budget: house.budget(), warm: false }
    }

    /// The rounds of a job that asks.
    pub fn warm(house: &House) -> Rounds {
        Rounds { warm: true, ..Rounds::cold(house) }
    }

    /// The rounds of one of this many questions that share a budget.
    pub fn shared(self, among: u32) -> Rounds {
        Rounds { budget: self.budget / among.max(1), ..self }
    }

    pub fn hold(self, turns: &mut [Turn<'_>]) -> Result<()> {
        self.hold_after(turns, |_| Ok(()))
    }

    /// The same, with a preparation before each round.
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

/// The figure of a job for the participant whose name begins with `by`; `None` without a run.
pub fn figure<'t>(turns: &'t [Turn<'_>], job: &str, by: &str) -> Option<&'t Figure> {
    let turn = turns.iter().find(|turn| turn.job == job && turn.by.starts_with(by))?;
    Some(&turn.figure).filter(|figure| !figure.runs.is_empty())
}

/// Reports all figures. The goals are this program's.
pub fn tell(report: &mut Report, turns: &[Turn<'_>], job: &str, goals: Vec<Goal>) {
    let mut goals = Some(goals);
    for turn in turns {
        if !turn.figure.runs.is_empty() {
            let ours = turn.job == job && turn.by == crate::house::OURS;
            let goals = if ours { goals.take() } else { None };
            report.figure(&turn.job, &turn.by, &turn.figure, goals.unwrap_or_default());
        }
        if let Some(error) = &turn.failed {
            // The message may name folders, which must not be published.
            eprintln!("house: {}: {}: {error}", turn.job, turn.by);
            let runs = turn.figure.runs.len();
            let note = format!("{}: {} failed after {runs} runs", turn.job, turn.by);
            report.note(format!("{note}; what it said went to standard error."));
        }
    }
}

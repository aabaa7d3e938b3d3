//! The states to judge: for every command in turn, every prefix of its steps, and beside each a state that
//! lacks some of what is not yet settled.
//!
//! What it is: the choice, the workers, and the table. One seed always makes the same choice, but what the
//! program writes differs slightly (names of temporary files, salts). Must not: judge.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::disk::{Ignored, Model, Settled, WAYS, Way};
use crate::judge::{Judge, State};
use crate::scene::Scenario;
use crate::{Options, Result};

/// This many wrong states are reported and kept. The others are counted.
const TOLD: usize = 20;

/// A run ends when this many choices for each command in turn have found no new state.
const TIRED: usize = 60;

/// The progress is reported after this many states.
const PROGRESS: usize = 1000;

/// When to stop.
pub struct Limits {
    pub states: usize,
    pub time: Option<Duration>,
}

/// A moment, and what happens to changes that are not settled.
#[derive(Clone, Copy)]
struct Choice {
    scenario: usize,
    act: usize,
    at: usize,
    model: Model,
    way: Way,
    seed: u64,
}

/// The results for the states of a command.
#[derive(Clone, Default)]
pub struct Row {
    states: usize,
    prefixes: usize,
    ordered: usize,
    weak: usize,
    at_syncs: usize,
    before: usize,
    after: usize,
    between: usize,
    wrong: usize,
}

/// The result of a run.
#[derive(Default)]
pub struct Outcome {
    pub states: usize,
    pub wrong: usize,
    rows: BTreeMap<(usize, usize), Row>,
    ways: BTreeMap<Way, usize>,
}

/// The sequence of choices.
struct Choices {
    random: ChaCha8Rng,
    turn: usize,
    /// For each command: its scenario, its number, the moments at its syncs, all others, and the remaining
    /// prefixes.
    acts: Vec<Moments>,
    prefix: bool,
}

struct Moments {
    scenario: usize,
    act: usize,
    at_syncs: Vec<usize>,
    all: Vec<usize>,
    prefixes: Vec<usize>,
}

impl Choices {
    fn of(scenarios: &[Scenario], seed: u64, prefixes_too: bool) -> Choices {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut acts = Vec::new();
        for (scenario, it) in scenarios.iter().enumerate() {
            for (act, steps) in it.acts.iter().map(|act| act.steps.clone()).enumerate() {
                let all: Vec<usize> = (steps.start + 1..=steps.end).collect();
                // Right before a sync, the most changes are open. Right after it, everything that it has
                // settled must be there.
                let is_at_sync =
                    |at: &&usize| it.history.is_sync(**at) || it.history.is_sync(**at - 1);
                let at_syncs = all.iter().filter(is_at_sync).copied().collect();
                let mut prefixes = if prefixes_too { all.clone() } else { Vec::new() };
                prefixes.shuffle(&mut random);
                acts.push(Moments { scenario, act, at_syncs, all, prefixes });
            }
        }
        Choices { random, turn: 0, acts, prefix: false }
    }

    fn next(&mut self) -> Choice {
        let turn = self.turn % self.acts.len();
        self.turn += 1;
        if turn == 0 {
            self.prefix = !self.prefix;
        }
        let moments = &mut self.acts[turn];
        let random = &mut self.random;
        let seed = random.random();
        let (scenario, act) = (moments.scenario, moments.act);
        if let Some(at) = moments.prefixes.pop_if(|_| self.prefix) {
            return Choice { scenario, act, at, model: Model::Weak, way: Way::Through, seed };
        }
        let near = random.random_bool(0.6) && !moments.at_syncs.is_empty();
        let among = if near { &moments.at_syncs } else { &moments.all };
        let at = among[random.random_range(0..among.len())];
        let model = if random.random_bool(0.4) { Model::Ordered } else { Model::Weak };
        // In two of three cases, any part of the changes, sector by sector, or of their names.
        let way = match random.random_range(0..6) {
            0..3 => Way::Some,
            3 => Way::SomeNames,
            _ => WAYS[random.random_range(1..WAYS.len())],
        };
        Choice { scenario, act, at, model, way, seed }
    }
}

/// The state that all workers share.
struct Shared<'s> {
    scenarios: &'s [Scenario],
    settled: Vec<[Settled; 2]>,
    judge: &'s Judge<'s>,
    options: &'s Options,
    limits: &'s Limits,
    begun: Instant,
    /// Whether faults are reported, or only counted because there must be some.
    tells: bool,
    choices: Mutex<Choices>,
    known: Mutex<Known>,
    outcome: Mutex<Outcome>,
}

/// The states that were judged, and the number of choices in a row without a new one.
#[derive(Default)]
struct Known {
    states: HashSet<(usize, usize, [u8; 32])>,
    in_vain: usize,
}

/// Judges states until there are enough.
pub fn run(
    scenarios: &[Scenario],
    judge: &Judge<'_>,
    options: &Options,
    ignored: Ignored,
    limits: &Limits,
) -> Result<Outcome> {
    let settled = |it: &Scenario| {
        [Model::Ordered, Model::Weak].map(|model| it.history.settled(model, ignored))
    };
    let shared = Shared {
        scenarios,
        settled: scenarios.iter().map(settled).collect(),
        judge,
        options,
        limits,
        begun: Instant::now(),
        tells: ignored == options.ignore_syncs,
        // What a killed process leaves is right even if nothing is synced.
        choices: Mutex::new(Choices::of(scenarios, options.seed, ignored == Ignored::Nothing)),
        known: Mutex::default(),
        outcome: Mutex::default(),
    };
    std::thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> =
            (0..options.workers.max(1)).map(|_| scope.spawn(|| shared.work())).collect();
        for worker in workers {
            worker.join().map_err(|_| "a worker panicked")??;
        }
        Ok(())
    })?;
    Ok(shared.outcome.into_inner().unwrap_or_else(PoisonError::into_inner))
}

impl Shared<'_> {
    fn work(&self) -> Result<()> {
        loop {
            // A run that must find a fault gets the time to find one.
            let wrong = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).wrong;
            let may_end = self.tells || wrong > 0;
            if may_end && self.limits.time.is_some_and(|time| self.begun.elapsed() > time) {
                return Ok(());
            }
            {
                let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                let acts: usize = self.scenarios.iter().map(|it| it.acts.len()).sum();
                if known.states.len() >= self.limits.states || known.in_vain > acts * TIRED {
                    return Ok(());
                }
            }
            let choice = self.choices.lock().unwrap_or_else(PoisonError::into_inner).next();
            self.one(choice)?;
        }
    }

    fn one(&self, choice: Choice) -> Result<()> {
        let Choice { scenario: number, act, at, model, way, seed } = choice;
        let scenario = &self.scenarios[number];
        let settled = &self.settled[number][usize::from(model == Model::Weak)];
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let disk = scenario.history.cut(at, settled, model, way, &mut random);
        // What may be there depends on the command, and on whether it has answered.
        let answered = usize::from(scenario.acts[act].answered < at);
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if !known.states.insert((number, 2 * act + answered, disk.hash())) {
                known.in_vain += 1;
                return Ok(());
            }
            known.in_vain = 0;
        }
        let repeat = self.tells && seed % self.options.repeat.max(1) == 0;
        let judged = self.judge.judge(scenario, &disk, at, repeat)?;
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.states += 1;
        if self.tells && outcome.states.is_multiple_of(PROGRESS) {
            eprintln!("power: {} states, {} wrong", outcome.states, outcome.wrong);
        }
        *outcome.ways.entry(way).or_default() += 1;
        let row = outcome.rows.entry((number, act)).or_default();
        row.states += 1;
        match (way, model) {
            (Way::Through, _) => row.prefixes += 1,
            (_, Model::Ordered) => row.ordered += 1,
            (_, Model::Weak) => row.weak += 1,
        }
        row.at_syncs +=
            usize::from(scenario.history.is_sync(at) || scenario.history.is_sync(at - 1));
        match judged {
            Ok(State::Before) => row.before += 1,
            Ok(State::After) => row.after += 1,
            Ok(State::Between) => row.between += 1,
            Err(wrong) => {
                row.wrong += 1;
                outcome.wrong += 1;
                let count = outcome.wrong;
                if self.tells && count <= TOLD {
                    let (name, act) = (&scenario.name, &scenario.acts[act].name);
                    let after = at - scenario.acts[choice.act].steps.start;
                    let of = scenario.acts[choice.act].steps.len();
                    eprintln!(
                        "power: WRONG: {name}, {act}, after step {after} of {of}, {model:?}, \
                         {way:?}, seed {seed}: {wrong}"
                    );
                    if let Some(keep) = &self.options.keep {
                        put(keep, count, &disk)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn put(keep: &Path, number: usize, disk: &crate::disk::Disk) -> Result<()> {
    let folder = keep.join(format!("wrong-{number}"));
    std::fs::create_dir_all(&folder)?;
    disk.put(&folder)
}

/// Prints the table.
pub fn print(scenarios: &[Scenario], outcome: &Outcome) {
    let columns = [
        "command",
        "steps",
        "syncs",
        "states",
        "prefixes",
        "ordered",
        "weak",
        "at a sync",
        "as before",
        "as after",
        "between",
        "wrong",
    ];
    println!("\n| {} |\n|{}", columns.join(" | "), " --- |".repeat(columns.len()));
    let mut all = Row::default();
    let line = |name: &str, steps: usize, syncs: usize, row: &Row| {
        let counts = [
            steps,
            syncs,
            row.states,
            row.prefixes,
            row.ordered,
            row.weak,
            row.at_syncs,
            row.before,
            row.after,
            row.between,
            row.wrong,
        ];
        println!("| {name} | {} |", counts.map(|it| it.to_string()).join(" | "));
    };
    let (mut all_steps, mut all_syncs) = (0, 0);
    for (number, scenario) in scenarios.iter().enumerate() {
        for (index, act) in scenario.acts.iter().enumerate() {
            let row = outcome.rows.get(&(number, index)).cloned().unwrap_or_default();
            let syncs = act.steps.clone().filter(|step| scenario.history.is_sync(*step)).count();
            line(&act.name, act.steps.len(), syncs, &row);
            all_steps += act.steps.len();
            all_syncs += syncs;
            all.add(&row);
        }
    }
    line("all", all_steps, all_syncs, &all);
    let ways: Vec<String> =
        outcome.ways.iter().map(|(way, count)| format!("{way:?} {count}")).collect();
    println!("\nWhat became of what was not settled: {}.", ways.join(", "));
}

impl Row {
    fn add(&mut self, other: &Row) {
        let Row { states, prefixes, ordered, weak, at_syncs, before, after, between, wrong } =
            other;
        self.states += states;
        self.prefixes += prefixes;
        self.ordered += ordered;
        self.weak += weak;
        self.at_syncs += at_syncs;
        self.before += before;
        self.after += after;
        self.between += between;
        self.wrong += wrong;
    }
}

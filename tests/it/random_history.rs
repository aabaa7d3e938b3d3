//! Random histories for property tests: snapshots of one or two enterprises and up to two instances over a few
//! instants. They are drawn from small pools of changing accounts, so that states recur, accounts vanish and
//! come back, logins change under one id, and formats alternate. It may make only what the importer accepts in
//! each of its orders of arrival. It must not know what the right answers are.

pub mod files;
mod imported;
pub mod ledger;
mod pools;

use std::collections::BTreeSet;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

pub use files::Format;
use pools::Walk;

const ENTERPRISES: [&str; 2] = ["corp", "labs"];
pub const HOSTS: [&str; 2] = ["ghes2.corp.example", "ghes1.corp.example"];
/// 2025-01-15T08:00:00Z.
const FIRST_INSTANT: i64 = 1_736_928_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// The distance to the next instant: mostly days, now and then months.
const STEPS: [i64; 8] = [HOUR, DAY, DAY, 2 * DAY, 7 * DAY, 7 * DAY, 30 * DAY, 100 * DAY];
/// The number of orders of arrival of a history.
pub const ARRIVALS: usize = 3;

/// The source of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Enterprise(&'static str),
    Instance(&'static str),
}

impl Origin {
    pub fn name(self) -> &'static str {
        match self {
            Origin::Enterprise(name) | Origin::Instance(name) => name,
        }
    }
}

/// A snapshot, with the format and options of its file.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Stands for the snapshot's number, which depends on the order of arrival.
    pub key: usize,
    pub origin: Origin,
    pub taken_at: i64,
    pub format: Format,
    /// The accounts in no format: Cloud's user objects, or the objects of a license export.
    pub accounts: Vec<Value>,
    /// A row that the file repeats with another membership.
    pub twice: Option<usize>,
    /// Consumed and purchased, as stated.
    pub totals: Option<(i64, i64)>,
    pub partial: bool,
    /// The snapshot of the same source and instant that this one replaces.
    pub replaces: Option<usize>,
    /// Its rank in each order of arrival.
    arrivals: [u32; ARRIVALS],
}

/// A command that runs after all files have arrived.
#[derive(Clone, Debug)]
pub enum Afterwards {
    Void(usize),
    Restore(usize),
    /// A command that names a source.
    Say(&'static str, Vec<String>),
}

/// Snapshots in the order of time, and the commands that follow.
#[derive(Clone, Debug)]
pub struct History {
    pub seed: u64,
    pub snapshots: Vec<Snapshot>,
    pub afterwards: Vec<Afterwards>,
}

impl History {
    pub fn random(seed: u64) -> History {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let origins = origins(&mut rng);
        let hosts: Vec<&'static str> = origins
            .iter()
            .filter(|origin| matches!(origin, Origin::Instance(_)))
            .map(|origin| origin.name())
            .collect();
        let mut history = History { seed, snapshots: Vec::new(), afterwards: Vec::new() };
        let mut walks: Vec<(Origin, Walk)> = origins
            .iter()
            .map(|origin| (*origin, Walk::new(pools::pool(&mut rng, *origin, &hosts))))
            .collect();
        for at in instants(&mut rng) {
            for (origin, walk) in &mut walks {
                if history.snapshots.is_empty() || rng.random_bool(0.65) {
                    let accounts = walk.next(&mut rng);
                    history.take(&mut rng, *origin, at, accounts, walk);
                }
            }
        }
        history.order_replacements();
        history.void_and_say(&mut rng);
        history
    }

    /// Adds a snapshot, and now and then others of the same source and instant.
    fn take(
        &mut self,
        rng: &mut ChaCha8Rng,
        origin: Origin,
        at: i64,
        accounts: Vec<Value>,
        walk: &Walk,
    ) {
        let partial = rng.random_bool(0.08);
        let mut last = self.add(rng, origin, at, accounts, partial);
        while !partial && rng.random_bool(0.15) {
            let other = walk.other(rng);
            let replacement = self.add(rng, origin, at, other, false);
            if self.at(replacement).says_the_same_as(self.at(last)) {
                self.snapshots.pop();
                break;
            }
            self.at_mut(replacement).replaces = Some(last);
            last = replacement;
        }
        while rng.random_bool(0.12) {
            let other = walk.other(rng);
            let beside = self.add(rng, origin, at, other, true);
            let (others, new) = self.snapshots.split_at(self.snapshots.len() - 1);
            let same = |it: &Snapshot| it.key != beside && new[0].says_the_same_as(it);
            if others.iter().any(same) {
                self.snapshots.pop();
                break;
            }
        }
    }

    fn add(
        &mut self,
        rng: &mut ChaCha8Rng,
        origin: Origin,
        taken_at: i64,
        accounts: Vec<Value>,
        partial: bool,
    ) -> usize {
        let key = self.snapshots.last().map_or(1, |last| last.key + 1);
        let format = Format::random(rng, origin, &accounts);
        let rows = accounts.len() as i64;
        // Without accounts, only its totals identify the answer.
        let states_totals = format == Format::CloudJson && (rows == 0 || rng.random_bool(0.7));
        let short = if partial { -20..2 } else { 0..2 };
        let totals = states_totals
            .then(|| ((rows - rng.random_range(short)).max(0), rng.random_range(3..25)));
        let twice = (matches!(origin, Origin::Enterprise(_)) && rng.random_bool(0.15))
            .then(|| accounts.iter().position(pools::is_cloud_account))
            .flatten();
        let arrivals = std::array::from_fn(|_| rng.random());
        self.snapshots.push(Snapshot {
            key,
            origin,
            taken_at,
            format,
            accounts,
            twice,
            totals,
            partial,
            replaces: None,
            arrivals,
        });
        key
    }

    /// Moves a replacement after the snapshot that it replaces, in every order of arrival.
    fn order_replacements(&mut self) {
        let pairs: Vec<(usize, usize)> =
            self.snapshots.iter().filter_map(|it| Some((it.replaces?, it.key))).collect();
        for arrival in 0..ARRIVALS {
            for (earlier, later) in &pairs {
                let (first, second) =
                    (self.at(*earlier).arrivals[arrival], self.at(*later).arrivals[arrival]);
                // The loop follows the chain in its order, so each link is corrected once.
                self.at_mut(*later).arrivals[arrival] = second.max(first.saturating_add(1));
            }
        }
    }

    fn void_and_say(&mut self, rng: &mut ChaCha8Rng) {
        let replaced: BTreeSet<usize> =
            self.snapshots.iter().filter_map(|it| it.replaces).collect();
        let mut done = Vec::new();
        for snapshot in &self.snapshots {
            if replaced.contains(&snapshot.key) {
                continue;
            }
            if let (Some(original), true) = (snapshot.replaces, rng.random_bool(0.3)) {
                done.extend([Afterwards::Void(snapshot.key), Afterwards::Restore(original)]);
            } else if rng.random_bool(0.15) {
                done.push(Afterwards::Void(snapshot.key));
                if rng.random_bool(0.5) {
                    done.push(Afterwards::Restore(snapshot.key));
                }
            }
        }
        self.afterwards = done;
        let instants = self.instants();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let origins: BTreeSet<Origin> = self.snapshots.iter().map(|it| it.origin).collect();
        for origin in origins {
            let from = files::instant(*instants.choose(rng).unwrap_or(&FIRST_INSTANT));
            let name = origin.name();
            let mut say = |said: &[&str]| self.afterwards.push(Afterwards::Say(name, words(said)));
            match origin {
                Origin::Enterprise(_) if rng.random_bool(0.25) => {
                    let model = *["metered", "emu"].choose(rng).unwrap_or(&"emu");
                    say(&["set", name, "--billing-model", model, "--from", &from]);
                }
                Origin::Instance(_) if rng.random_bool(0.15) => {
                    say(&["retire", name, "--from", &from]);
                }
                Origin::Instance(_) if rng.random_bool(0.2) => {
                    say(&["set", name, "--enterprise", ENTERPRISES[0], "--accept-new", "bought"]);
                }
                _ => {}
            }
            if rng.random_bool(0.1) {
                say(&["rename", name, &format!("new-{name}")]);
            }
        }
    }

    pub fn at(&self, key: usize) -> &Snapshot {
        self.snapshots.iter().find(|it| it.key == key).expect("a snapshot of the history")
    }

    fn at_mut(&mut self, key: usize) -> &mut Snapshot {
        self.snapshots.iter_mut().find(|it| it.key == key).expect("a snapshot of the history")
    }

    /// The snapshots in one of the orders of arrival.
    pub fn arrival(&self, number: usize) -> Vec<&Snapshot> {
        let mut order: Vec<&Snapshot> = self.snapshots.iter().collect();
        order.sort_by_key(|it| (it.arrivals[number], it.key));
        order
    }

    /// The instants at which snapshots were taken, in order.
    pub fn instants(&self) -> Vec<i64> {
        let instants: BTreeSet<i64> = self.snapshots.iter().map(|it| it.taken_at).collect();
        instants.into_iter().collect()
    }

    /// The history without one of its snapshots and those that it replaces; `None` if another one depends on
    /// it.
    fn without(&self, key: usize) -> Option<History> {
        let mut smaller = self.clone();
        smaller.snapshots.retain(|it| it.key != key);
        if self.snapshots.iter().any(|it| it.replaces == Some(key)) {
            return None;
        }
        let concerns = |it: &Afterwards| match it {
            Afterwards::Void(other) | Afterwards::Restore(other) => {
                *other == key || self.at(key).replaces == Some(*other)
            }
            Afterwards::Say(name, _) => {
                smaller.snapshots.iter().all(|it| it.origin.name() != *name)
            }
        };
        smaller.afterwards.retain(|it| !concerns(it));
        Some(smaller)
    }

    /// Every history that has one part less.
    fn smaller(&self) -> Vec<History> {
        let mut smaller: Vec<History> =
            self.snapshots.iter().rev().filter_map(|it| self.without(it.key)).collect();
        for (index, done) in self.afterwards.iter().enumerate() {
            if matches!(done, Afterwards::Say(..) | Afterwards::Restore(_)) {
                let mut without = self.clone();
                without.afterwards.remove(index);
                smaller.push(without);
            }
        }
        for (index, snapshot) in self.snapshots.iter().enumerate() {
            for account in (0..snapshot.accounts.len()).filter(|_| snapshot.twice.is_none()) {
                let mut without = self.clone();
                without.snapshots[index].accounts.remove(account);
                without.snapshots[index].totals = None;
                smaller.push(without);
            }
        }
        smaller.retain(|it| !it.snapshots.is_empty() && it.is_acceptable());
        smaller
    }

    /// The importer accepts nothing twice, and takes a report in which everybody is suspended for an incomplete
    /// one.
    fn is_acceptable(&self) -> bool {
        let all = &self.snapshots;
        let twice = |a: &Snapshot, b: &Snapshot| {
            let may = !a.partial && !b.partial && b.replaces != Some(a.key);
            a.says_the_same_as(b) && !may
        };
        let pairs = all.iter().enumerate();
        let mut pairs = pairs.flat_map(|(at, a)| all[at + 1..].iter().map(move |b| (a, b)));
        let recognizable = |it: &Snapshot| {
            let nothing = it.accounts.is_empty() && it.totals.is_none();
            !(nothing && it.format == Format::CloudJson) && it.format.can_say(&it.accounts)
        };
        !pairs.any(|(a, b)| twice(a, b)) && all.iter().all(recognizable)
    }
}

/// One or two enterprises and up to two instances; at least one source.
fn origins(rng: &mut ChaCha8Rng) -> Vec<Origin> {
    let enterprises = if rng.random_bool(0.3) { 2 } else { usize::from(rng.random_bool(0.95)) };
    let instances = rng.random_range(usize::from(enterprises == 0)..=HOSTS.len());
    let enterprises = ENTERPRISES[..enterprises].iter().map(|name| Origin::Enterprise(name));
    enterprises.chain(HOSTS[..instances].iter().map(|host| Origin::Instance(host))).collect()
}

/// Three to eight instants; some at the edges of days.
fn instants(rng: &mut ChaCha8Rng) -> Vec<i64> {
    let mut at = FIRST_INSTANT + rng.random_range(0..200 * DAY);
    let mut instants = Vec::new();
    for _ in 0..rng.random_range(3..=8) {
        instants.push(match rng.random_range(0..8) {
            0 => at - at % DAY,
            1 => at - at % DAY + DAY - 1,
            _ => at,
        });
        at += STEPS.choose(rng).unwrap_or(&DAY) + rng.random_range(0..HOUR);
    }
    instants.sort_unstable();
    instants.dedup();
    instants
}

impl Snapshot {
    fn says_the_same_as(&self, other: &Snapshot) -> bool {
        self.origin == other.origin
            && self.taken_at == other.taken_at
            && self.totals == other.totals
            && self.records() == other.records()
    }
}

/// Checks many histories. A failure reports the smallest failing history that can be found.
pub fn for_random_histories(cases: u32, check: impl Fn(&History) -> Result<(), String>) {
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let cases = number("ONESEAT_CASES").unwrap_or(u64::from(cases));
    let first = number("ONESEAT_SEED").unwrap_or(1);
    for seed in first..first + cases {
        let history = History::random(seed);
        let Err(mut why) = check(&history) else { continue };
        let mut smallest = history;
        while let Some((smaller, reason)) =
            smallest.smaller().into_iter().find_map(|it| check(&it).err().map(|why| (it, why)))
        {
            (smallest, why) = (smaller, reason);
        }
        panic!("the history of ONESEAT_SEED={seed}, made smaller: {why}\n{smallest}");
    }
}

/// The number of histories asked for.
pub fn cases(default: u32) -> u32 {
    std::env::var("ONESEAT_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(default)
}

impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for snapshot in &self.snapshots {
            let (name, bytes) = snapshot.file();
            let args = snapshot.arguments().join(" ");
            let arrivals = (0..ARRIVALS).map(|number| {
                self.arrival(number).iter().position(|it| it.key == snapshot.key).unwrap_or(0) + 1
            });
            let arrivals: Vec<usize> = arrivals.collect();
            writeln!(f, "\n{name} {args}, arrives as {arrivals:?}")?;
            writeln!(f, "{}", String::from_utf8_lossy(&bytes))?;
        }
        self.afterwards.iter().try_for_each(|done| writeln!(f, "{done:?}"))
    }
}

//! The people of the demo enterprise over the whole history. Each person has a number, the slot.
//!
//! This file decides how many slots there are and when their people arrive, and makes the life and the name of
//! the person in a slot. It may assume options that `schedule` accepts. It must not keep anything for each
//! slot, so that a million people take no memory.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::account::Day;
use super::life::{Arrival, Life};
use super::names::DemoName;

/// The people of the demo enterprise: those at the company on the first day, those who left before, and those
/// who are hired later.
pub struct DemoPeople {
    present: u64,
    former: u64,
    hired: u64,
    days: Day,
    seed: u64,
    has_second_enterprise: bool,
    /// The random number generator. Each person's life is drawn from a copy of it, which is set to a stream of
    /// the person's own.
    random: ChaCha8Rng,
}

/// A person of the demo: a number, a name and a life.
#[derive(Clone)]
pub struct Person {
    pub slot: u64,
    /// The name, from which logins and addresses are spelled.
    pub identity: DemoName,
    pub life: Life,
}

impl DemoPeople {
    /// The people of an enterprise with `people` people on the first of `days` days. Each week, 0.3 % of that
    /// number are hired.
    pub fn new(people: u32, days: Day, seed: u64) -> Self {
        let present = u64::from(people);
        let weeks_in_thousandths = days.unsigned_abs().saturating_sub(1) * 1_000 / 7;
        DemoPeople {
            present,
            former: present / 25,
            hired: (3 * present).saturating_mul(weeks_in_thousandths) / 1_000_000,
            days,
            seed,
            has_second_enterprise: false,
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The same people in a demo with a second enterprise: some of them move there in the last year.
    pub fn with_second_enterprise(self) -> Self {
        DemoPeople { has_second_enterprise: true, ..self }
    }

    /// Whether the demo has a second enterprise, to which people move.
    pub fn has_second_enterprise(&self) -> bool {
        self.has_second_enterprise
    }

    /// The name of the person with the number `slot`.
    pub fn name(&self, slot: u64) -> DemoName {
        DemoName::of(slot, self.seed)
    }

    /// How many people are at the company on the first day.
    pub fn present(&self) -> u64 {
        self.present
    }

    /// All people, those who left and those who are hired later included, in an order that never changes.
    pub fn people(&self) -> impl Iterator<Item = Person> + '_ {
        (0..self.present + self.former + self.hired).map(|slot| self.person(slot))
    }

    /// The person with the number `slot`.
    pub fn person(&self, slot: u64) -> Person {
        let mut random = self.random.clone();
        random.set_stream(slot);
        let arrival = if slot < self.present {
            Arrival::Present
        } else if slot < self.present + self.former {
            Arrival::Former
        } else {
            Arrival::Hired(random.random_range(1..self.days.max(2)))
        };
        let life = Life::draw(&mut random, arrival, self.days).with_stranger(slot);
        let life = match self.has_second_enterprise {
            true => life.with_second_enterprise(slot, self.days),
            false => life,
        };
        Person { slot, identity: self.name(slot), life }
    }
}

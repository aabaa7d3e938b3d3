//! The writers, each at a source of its own, so that it is known what holds there and when.

use std::process::Output;
use std::time::Duration;

use serde_json::Value;

use crate::enterprise::{FIRST_DAY, accounts, cloud_accounts, cloud_file, date, host, server_file};
use crate::{House, Result};

/// The operations of a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Imports one day after another, every second one after the day that follows it.
    Days,
    /// The same for Cloud.
    CloudDays,
    /// Voids the newest snapshot and restores it.
    Void,
    /// Replaces the newest snapshot with other content.
    Replace,
    /// Links two accounts and removes the link.
    Link,
}

pub struct Writer {
    pub job: Job,
    /// The number of its instance.
    pub number: usize,
}

/// An operation that was acknowledged.
#[derive(Clone, Debug)]
pub struct Event {
    pub begun: Duration,
    pub ended: Duration,
    /// The snapshot in force at its source from then on.
    pub in_force: Option<i64>,
    /// The snapshot that it stored, and the licenses in it.
    pub stored: Option<(i64, u64)>,
    /// The number of lines in the journal.
    pub lines: u64,
}

/// The operations of a writer, and their times.
pub struct Written {
    pub job: Job,
    pub source: String,
    pub events: Vec<Event>,
}

/// All eight writers.
pub fn all() -> Vec<Writer> {
    let jobs = [
        Job::Days,
        Job::Days,
        Job::Days,
        Job::Days,
        Job::CloudDays,
        Job::Void,
        Job::Replace,
        Job::Link,
    ];
    jobs.into_iter().enumerate().map(|(number, job)| Writer { job, number }).collect()
}

impl Writer {
    /// Writes until the time is up.
    pub fn go_on(&self, house: &House, until: Duration) -> Result<Written> {
        let source = if self.job == Job::CloudDays { "corp".to_owned() } else { host(self.number) };
        let mut written = Written { job: self.job, source, events: Vec::new() };
        let mut round = 0;
        let mut newest: Option<(u32, i64)> = None;
        while house.now() < until {
            self.once(house, round, &mut newest, &mut written.events)?;
            round += 1;
        }
        Ok(written)
    }

    fn once(
        &self,
        house: &House,
        round: u32,
        newest: &mut Option<(u32, i64)>,
        events: &mut Vec<Event>,
    ) -> Result<()> {
        match self.job {
            Job::Days | Job::CloudDays => {
                // 2, 1, 4, 3, …
                let day = FIRST_DAY + if round.is_multiple_of(2) { round + 2 } else { round };
                let id = self.import(house, day, false, &[], events)?;
                if newest.is_none_or(|(newest, _)| day > newest) {
                    *newest = Some((day, id));
                }
            }
            Job::Replace => {
                let id =
                    self.import(house, FIRST_DAY + 1, round % 2 == 1, &["--replace"], events)?;
                *newest = Some((FIRST_DAY + 1, id));
                // The void of the first one has a line of its own.
                if let Some(event) = events.last_mut().filter(|_| round > 0) {
                    event.lines = 2;
                }
            }
            Job::Void if round == 0 => {
                let id = self.import(house, FIRST_DAY + 1, false, &[], events)?;
                *newest = Some((FIRST_DAY + 1, id));
            }
            Job::Void => {
                let id = newest.map_or(0, |(_, id)| id);
                let number = id.to_string();
                let words: &[&str] = match round % 2 {
                    1 => &["snapshots", "void", &number, "--reason", "to see"],
                    _ => &["snapshots", "restore", &number],
                };
                self.did(house, words, events)?;
                if let Some(event) = events.last_mut() {
                    // The first day's snapshot, by the order of import.
                    event.in_force = Some(if round % 2 == 1 { self.number as i64 + 2 } else { id });
                }
                return Ok(());
            }
            Job::Link => {
                let account = format!("{}:1", host(self.number));
                let from = date(FIRST_DAY + 1);
                let words: &[&str] = match round % 2 {
                    0 => &["links", "add", "c1", &account, "--reason", "asked", "--from", &from],
                    _ => &["links", "remove", "c1", &account, "--reason", "asked", "--from", &from],
                };
                self.did(house, words, events)?;
            }
        }
        if let (Some(event), Some((_, id))) = (events.last_mut(), newest) {
            event.in_force = Some(*id);
        }
        Ok(())
    }

    /// Imports a file, and returns the number of the snapshot.
    fn import(
        &self,
        house: &House,
        day: u32,
        other: bool,
        more: &[&str],
        events: &mut Vec<Event>,
    ) -> Result<i64> {
        let (file, licenses, source) = match self.job {
            Job::CloudDays => {
                (cloud_file(house, day)?, cloud_accounts(day), "--enterprise=corp".to_owned())
            }
            _ => {
                let file = server_file(house, self.number, day, other)?;
                (file, accounts(self.number, day, other), format!("--host={}", host(self.number)))
            }
        };
        let (name, taken_at) = (file.display().to_string(), format!("--taken-at={}", date(day)));
        let words = [&["import", "--json", &name, &taken_at, &source], more].concat();
        let ran = self.did(house, &words, events)?;
        std::fs::remove_file(file)?;
        let answer: Value = serde_json::from_slice(&ran.stdout).unwrap_or_default();
        let item = &answer["items"][0];
        match (item["status"].as_str(), item["snapshot"].as_i64()) {
            (Some("stored"), Some(id)) => {
                if let Some(event) = events.last_mut() {
                    event.stored = Some((id, licenses));
                }
                Ok(id)
            }
            _ => Err(format!("{words:?}: {answer}").into()),
        }
    }

    /// Runs a command that must succeed.
    fn did(&self, house: &House, words: &[&str], events: &mut Vec<Event>) -> Result<Output> {
        let begun = house.now();
        let ran = house.run(words)?;
        let ended = house.now();
        if ran.status.code() != Some(0) {
            house.wrong(format!("{words:?}: {ran:?}"));
            return Err("a writer was refused".into());
        }
        events.push(Event { begun, ended, in_force: None, stored: None, lines: 1 });
        Ok(ran)
    }
}

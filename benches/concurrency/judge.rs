//! Judges the answers: each must be that of some moment between its beginning and its end, and everything that
//! was acknowledged must be stored.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::Connection;

use crate::enterprise::Base;
use crate::readers::{Read, Seen, Told};
use crate::writers::{Event, Job, Written};
use crate::{House, Result};

struct Truth<'t> {
    written: &'t [Written],
    /// The licenses of each snapshot.
    licenses: HashMap<i64, u64>,
    base: &'t Base,
}

pub fn judge(house: &House, base: &Base, written: &[Written], read: &[Read]) -> Result<()> {
    let stored = written.iter().flat_map(|it| &it.events).filter_map(|event| event.stored);
    let truth =
        Truth { written, licenses: base.licenses.iter().copied().chain(stored).collect(), base };
    print(written, read);
    for reader in read {
        for seen in &reader.seen {
            if let Err(wrong) = truth.judge(seen) {
                house.wrong(format!("{:?} at {:?}: {wrong}", reader.reader, seen.begun));
            }
        }
    }
    truth.everything_is_there(house)
}

impl Truth<'_> {
    fn judge(&self, seen: &Seen) -> std::result::Result<(), String> {
        let events = || self.written.iter().flat_map(|it| &it.events);
        let stored = |event: &&Event| event.stored.is_some();
        let before =
            events().filter(stored).filter(|event| event.ended <= seen.begun).count() as u64;
        let after =
            events().filter(stored).filter(|event| event.begun <= seen.ended).count() as u64;
        let possible = self.base.snapshots + before..=self.base.snapshots + after;
        let within = |count: u64| match possible.contains(&count) {
            true => Ok(()),
            false => Err(format!("{count} snapshots, when there were {possible:?}")),
        };
        match &seen.told {
            Told::Right => Ok(()),
            Told::Verified(count) => within(*count),
            Told::Snapshots(list) => {
                within(list.len() as u64)?;
                let wrong =
                    list.iter().find(|(id, accounts)| self.licenses.get(id) != Some(accounts));
                let lost = events()
                    .filter(|event| event.ended <= seen.begun)
                    .filter_map(|event| event.stored)
                    .find(|it| !list.contains(it));
                match (wrong, lost) {
                    (None, None) => Ok(()),
                    other => Err(format!("wrong and lost snapshots: {other:?}")),
                }
            }
            Told::Accounts(list) => list.iter().try_for_each(|(source, accounts)| {
                let possible = self.possible(source, seen);
                let counts: Vec<u64> =
                    possible.iter().filter_map(|id| self.licenses.get(id).copied()).collect();
                match counts.contains(accounts) {
                    true => Ok(()),
                    false => {
                        Err(format!("{source} has {accounts} accounts, possible are {counts:?}"))
                    }
                }
            }),
            Told::Consumption { consumed, linked, sources } => {
                let mut sum = 0;
                for (source, snapshot) in sources {
                    let possible = self.possible(source, seen);
                    if !possible.contains(snapshot) {
                        return Err(format!(
                            "{source} of snapshot {snapshot}, possible are {possible:?}"
                        ));
                    }
                    sum += self.licenses.get(snapshot).ok_or("an unknown snapshot")?;
                }
                if sources.len() != self.base.licenses.len() || *consumed != sum - linked {
                    return Err(format!(
                        "{consumed} licenses, its {} snapshots mean {sum}, {linked} linked",
                        sources.len()
                    ));
                }
                let links =
                    self.written.iter().filter(|it| it.job == Job::Link).flat_map(|it| &it.events);
                let (before, after) = window(links.collect(), seen);
                // The first operation adds, the next one removes.
                let counts: Vec<u64> = (before..=after).map(|done| done as u64 % 2).collect();
                match counts.contains(linked) {
                    true => Ok(()),
                    false => Err(format!("{linked} linked, possible are {counts:?}")),
                }
            }
        }
    }

    /// The snapshots that can have been in force at a source.
    fn possible(&self, source: &str, seen: &Seen) -> Vec<i64> {
        let written = self.written.iter().filter(|it| it.source == source && it.job != Job::Link);
        let events: Vec<&Event> = written.flat_map(|it| &it.events).collect();
        // By the order of import: Cloud, then the instances.
        let number =
            source.strip_prefix("ghes").and_then(|it| it.split('.').next()?.parse::<i64>().ok());
        let first = number.map_or(1, |number| number + 2);
        let (before, after) = window(events.clone(), seen);
        let mut possible: Vec<i64> = Vec::new();
        for done in before..=after {
            possible.push(match done {
                0 => first,
                done => events[done - 1].in_force.unwrap_or(first),
            });
        }
        possible
    }

    /// Checks at the end that everything acknowledged is in the database.
    fn everything_is_there(&self, house: &House) -> Result<()> {
        let database = house.path("oneseat.db");
        let verified = house.run(&["verify"])?;
        if !verified.status.success() {
            house.wrong(format!("verify: {verified:?}"));
        }
        let connection = Connection::open(database)?;
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
        let events = || self.written.iter().flat_map(|it| &it.events);
        let lines = self.base.lines + events().map(|event| event.lines).sum::<u64>();
        let snapshots =
            self.base.snapshots + events().filter(|it| it.stored.is_some()).count() as u64;
        let found = (
            count("SELECT count(*) FROM journal")?,
            count("SELECT count(*) FROM stored_snapshots")?,
        );
        if found != (lines, snapshots) {
            house.wrong(format!(
                "acknowledged: {lines} lines, {snapshots} snapshots; found: {found:?}"
            ));
        }
        for (id, accounts) in &self.licenses {
            let sql = "SELECT accounts FROM stored_snapshots WHERE snapshot_id = ?1";
            let found: u64 = connection.query_row(sql, [id], |row| row.get(0))?;
            if found != *accounts {
                house.wrong(format!("snapshot {id} has {found} accounts, not {accounts}"));
            }
        }
        println!(
            "\n{lines} acknowledged lines of the journal, {} found; {snapshots} snapshots, {} found",
            found.0, found.1
        );
        Ok(())
    }
}

/// The number of operations that were done for certain when the question was asked, and the number that can
/// have been done when it was answered.
fn window(events: Vec<&Event>, seen: &Seen) -> (usize, usize) {
    let before = events.iter().filter(|event| event.ended <= seen.begun).count();
    let after = events.iter().filter(|event| event.begun <= seen.ended).count();
    (before, after)
}

fn print(written: &[Written], read: &[Read]) {
    println!(
        "\n### Writers and readers at once\n\n| who | operations | median | slowest of 100 | longest |\n| --- | --- | --- | --- | --- |"
    );
    let line = |who: String, times: Vec<Duration>| {
        let mut times = times;
        times.sort();
        let at = |share: f64| {
            let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
            let time = times.get(place).copied().unwrap_or_default();
            format!("{:.0} ms", time.as_secs_f64() * 1000.0)
        };
        println!("| {who} | {} | {} | {} | {} |", times.len(), at(0.5), at(0.99), at(1.0));
    };
    let of = |events: &[Event]| events.iter().map(|it| it.ended - it.begun).collect::<Vec<_>>();
    for writer in written {
        line(format!("writes: {:?}", writer.job), of(&writer.events));
    }
    let asked = |seen: &[Seen]| seen.iter().map(|it| it.ended - it.begun).collect::<Vec<_>>();
    for reader in read {
        line(format!("asks: {:?}", reader.reader), asked(&reader.seen));
    }
    line("all writers".to_owned(), written.iter().flat_map(|it| of(&it.events)).collect());
    line("all readers".to_owned(), read.iter().flat_map(|it| asked(&it.seen)).collect());
}

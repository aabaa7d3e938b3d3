//! The readers, and their answers.

use std::process::Output;
use std::time::Duration;

use serde_json::Value;

use crate::enterprise::{Base, FIRST_DAY, date};
use crate::{House, Result};

/// The question of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Consumption,
    AsOf,
    KnownOn,
    Trend,
    Verify,
    Query,
    Snapshots,
}

/// All eight readers.
pub const ALL: [Reader; 8] = [
    Reader::Consumption,
    Reader::Consumption,
    Reader::AsOf,
    Reader::KnownOn,
    Reader::Trend,
    Reader::Verify,
    Reader::Query,
    Reader::Snapshots,
];

/// An answer, and the time when it was asked for.
pub struct Seen {
    pub begun: Duration,
    pub ended: Duration,
    pub told: Told,
}

/// The part of an answer that is judged when everything written is known.
pub enum Told {
    /// The licenses, the licenses that a link saves, and the snapshot of each source.
    Consumption { consumed: u64, linked: u64, sources: Vec<(String, i64)> },
    /// The number of accounts of each source, and their snapshot.
    Accounts(Vec<(String, u64)>),
    /// The number of snapshots.
    Snapshots(Vec<(i64, u64)>),
    /// The number of verified snapshots.
    Verified(u64),
    /// Judged already.
    Right,
}

pub struct Read {
    pub reader: Reader,
    pub seen: Vec<Seen>,
}

impl Reader {
    /// Asks until the time is up.
    pub fn go_on(self, house: &House, base: &Base, until: Duration) -> Result<Read> {
        let mut read = Read { reader: self, seen: Vec::new() };
        while house.now() < until {
            let begun = house.now();
            let ran = self.ask(house, base)?;
            let ended = house.now();
            if ran.status.code() != Some(0) {
                house.wrong(format!("{self:?}: {ran:?}"));
                continue;
            }
            match self.told(base, &ran) {
                Some(told) => read.seen.push(Seen { begun, ended, told }),
                None => house.wrong(format!("{self:?}: {ran:?}")),
            }
        }
        Ok(read)
    }

    fn ask(self, house: &House, base: &Base) -> Result<Output> {
        let day = date(FIRST_DAY);
        let sql = "SELECT source, count(*) AS accounts FROM accounts \
                   WHERE source_kind IN ('cloud', 'server') GROUP BY source";
        let words: Vec<&str> = match self {
            Reader::Consumption => vec!["consumption"],
            Reader::AsOf => vec!["consumption", "--as-of", &day],
            Reader::KnownOn => vec!["consumption", "--known-on", &base.known_on],
            Reader::Trend => vec!["trend"],
            Reader::Verify => vec!["verify"],
            Reader::Query => vec!["query", sql],
            Reader::Snapshots => vec!["snapshots", "list"],
        };
        house.run(&[words.as_slice(), &["--json"]].concat())
    }

    /// `None` if the answer is wrong, whatever was written.
    fn told(self, base: &Base, ran: &Output) -> Option<Told> {
        let answer: Value = serde_json::from_slice(&ran.stdout).ok()?;
        match self {
            Reader::Consumption => {
                let list = answer["sources"].as_array()?;
                let source =
                    |it: &Value| Some((it["name"].as_str()?.to_owned(), it["snapshot"].as_i64()?));
                Some(Told::Consumption {
                    consumed: answer["consumed"].as_u64()?,
                    linked: answer["matched_by"]["manual"].as_u64()?,
                    sources: list.iter().map(source).collect::<Option<_>>()?,
                })
            }
            Reader::AsOf => (ran.stdout == base.as_of).then_some(Told::Right),
            Reader::KnownOn => (ran.stdout == base.as_known).then_some(Told::Right),
            Reader::Trend => {
                let first: Value = serde_json::from_slice(&base.as_of).ok()?;
                let points = answer["points"].as_array()?;
                (points.first()?["consumed"] == first["consumed"]).then_some(Told::Right)
            }
            Reader::Verify => (answer["ok"] == true)
                .then_some(Told::Verified(answer["snapshots_checked"].as_u64()?)),
            Reader::Query => {
                let row = |it: &Value| {
                    Some((it["source"].as_str()?.to_owned(), it["accounts"].as_u64()?))
                };
                Some(Told::Accounts(answer.as_array()?.iter().map(row).collect::<Option<_>>()?))
            }
            Reader::Snapshots => {
                let row = |it: &Value| Some((it["id"].as_i64()?, it["accounts"].as_u64()?));
                let list = answer["items"].as_array()?;
                Some(Told::Snapshots(list.iter().map(row).collect::<Option<_>>()?))
            }
        }
    }
}

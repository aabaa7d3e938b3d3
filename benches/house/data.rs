//! The files that are measured with: the demo's for the first day, derived ones for the others.
//!
//! What it is: where they lie, how many rows they have, and what day they are of. May assume: the
//! demo writes one record per line. Must not: hold a file in memory (see `measure`).

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

use crate::derive::{self, Kind};
use crate::house::House;
use crate::{Result, measure};

/// The first day; ten years on is still the past, so no date lies in the future.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2016, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

/// The date of a day by its number.
pub fn date(day: u32) -> NaiveDate {
    FIRST_DAY.checked_add_days(Days::new(day.into())).unwrap_or(NaiveDate::MAX)
}

/// A day and what has changed on it.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    pub number: u32,
    /// Not 0.2 % of all, but this many Cloud rows were changed since the day before.
    pub touched: Option<u32>,
}

impl Day {
    pub fn number(number: u32) -> Day {
        Day { number, touched: None }
    }
}

/// The files of the first day.
pub struct Base {
    sources: Vec<Source>,
    place: PathBuf,
}

struct Source {
    kind: Kind,
    path: PathBuf,
    /// Whose name must be given, because the file does not tell it.
    host: Option<String>,
    rows: u64,
}

/// The files of one day, in the order of import. Derived ones are deleted with this value.
pub struct DayFiles {
    pub files: Vec<DayFile>,
    derived: bool,
}

pub struct DayFile {
    pub path: PathBuf,
    pub host: Option<String>,
}

impl Drop for DayFiles {
    fn drop(&mut self) {
        if self.derived {
            for file in &self.files {
                // Nothing is lost if it stays.
                let _left = std::fs::remove_file(&file.path);
            }
        }
    }
}

impl Base {
    /// Makes the files of the first day, or finds those of an earlier run.
    pub fn make(house: &House, people: u32) -> Result<Base> {
        let folder = house.folder.join(format!("demo-{people}"));
        let whole = folder.join("whole");
        if !whole.exists() {
            eprintln!("house: making the files of {people} people");
            let (people, end) = (people.to_string(), FIRST_DAY.to_string());
            let mut demo = house.oneseat(&house.folder.join("unused.db"), &["demo"]);
            demo.arg(&folder).args(["--people", &people, "--days", "1", "--end", &end]);
            measure::run(demo.arg("--files-only"))?;
            File::create(&whole)?;
        }
        let mut sources = Vec::new();
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(kind) = Kind::of(&name) else { continue };
            let host = name.split_once("-all_users").map(|(host, _)| host.to_owned());
            let rows = rows(&path, kind)?;
            sources.push(Source { kind, path, host, rows });
        }
        // Server first, then Cloud: as they are taken in the morning.
        sources.sort_by(|a, b| {
            (a.kind == Kind::Cloud, &a.path).cmp(&(b.kind == Kind::Cloud, &b.path))
        });
        if sources.len() != 4 {
            return Err(format!("the demo wrote {} snapshots, not 4", sources.len()).into());
        }
        Ok(Base { sources, place: house.folder.join("day") })
    }

    /// Accounts in all files of a day: Cloud's rows, and Server's.
    pub fn accounts(&self) -> (u64, u64) {
        let of = |cloud: bool| {
            let kinds = self.sources.iter().filter(|it| (it.kind == Kind::Cloud) == cloud);
            kinds.map(|it| it.rows).sum()
        };
        (of(true), of(false))
    }

    /// The files of a day.
    pub fn day(&self, day: Day) -> Result<DayFiles> {
        let mut files = DayFiles { files: Vec::new(), derived: day.number > 0 };
        for source in &self.sources {
            let path = self.path(source, day);
            if day.number > 0 {
                std::fs::create_dir_all(&self.place)?;
                derive::derive(source.kind, &source.path, &path, day, source.rows)?;
            }
            files.files.push(DayFile { path, host: source.host.clone() });
        }
        Ok(files)
    }

    fn path(&self, source: &Source, day: Day) -> PathBuf {
        if day.number == 0 {
            return source.path.clone();
        }
        let name = source.path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.replace(&FIRST_DAY.to_string(), &date(day.number).to_string());
        self.place.join(name)
    }

    /// Logins of so many Cloud accounts from all over the file, and of somebody who is doubled.
    pub fn logins(&self, count: u32) -> Result<Vec<String>> {
        let mut logins = Vec::new();
        let Some(cloud) = self.sources.iter().find(|it| it.kind == Kind::Cloud) else {
            return Ok(logins);
        };
        let step = cloud.rows / u64::from(count + 1);
        let mut lines = Lines::open(&cloud.path)?;
        let mut row = 0;
        while let Some(line) = lines.next()? {
            row += 1;
            let due = step * (logins.len() as u64 + 1);
            let login = derive::text(line, b"\"github_com_login\":\"");
            if row > due && logins.len() < count as usize && !login.is_empty() {
                logins.push(String::from_utf8_lossy(login).into_owned());
            }
        }
        let mut truth = Lines::open(&cloud.path.with_file_name("truth.ndjson"))?;
        while let Some(line) = truth.next()? {
            let login = derive::text(line, b"\"cloud_login\":\"");
            if derive::text(line, b"\"truth\":\"") == b"double" && !login.is_empty() {
                logins.push(String::from_utf8_lossy(login).into_owned());
                break;
            }
        }
        Ok(logins)
    }
}

fn rows(path: &Path, kind: Kind) -> Result<u64> {
    let mut lines = Lines::open(path)?;
    let mut rows = 0;
    while let Some(line) = lines.next()? {
        rows += u64::from(kind.is_record(line));
    }
    Ok(rows)
}

/// The lines of a file, one at a time.
pub struct Lines {
    file: BufReader<File>,
    line: Vec<u8>,
}

impl Lines {
    pub fn open(path: &Path) -> Result<Lines> {
        let file = BufReader::with_capacity(256 * 1024, File::open(path)?);
        Ok(Lines { file, line: Vec::new() })
    }

    /// The next line, with its end.
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        self.line.clear();
        let read = self.file.read_until(b'\n', &mut self.line)?;
        Ok((read > 0).then_some(&self.line))
    }
}

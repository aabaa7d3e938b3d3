//! The files that are measured with: the demo's for the first day, derived ones for the others.
//!
//! What it is: their paths, their numbers of rows, and their days. May assume: the demo writes one record per
//! line. Must not: hold a file in memory (see `measure`).

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

use crate::derive::{self, Kind};
use crate::house::House;
use crate::{Result, measure};

/// The first day. Ten years later is still in the past, so no date lies in the future.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2016, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

/// The date of a day by its number.
pub fn date(day: u32) -> NaiveDate {
    FIRST_DAY.checked_add_days(Days::new(day.into())).unwrap_or(NaiveDate::MAX)
}

/// A day and the changes on it.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    pub number: u32,
    /// This many Cloud rows have changed since the day before, instead of 0.2 % of all rows.
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
    /// The host for the command line, if the file does not name it.
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

/// A list of an employee directory.
pub struct List {
    pub directory: &'static str,
    pub path: PathBuf,
    /// The configuration that names the columns of the list.
    pub config: PathBuf,
}

impl Drop for DayFiles {
    fn drop(&mut self) {
        if self.derived {
            for file in &self.files {
                // It does no harm if the file stays.
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
            let mut demo = house.ours.command(&house.folder.join("unused.db"), &["demo"]);
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
        // Server first, then Cloud, in the order in which they are taken in the morning.
        sources.sort_by(|a, b| {
            (a.kind == Kind::Cloud, &a.path).cmp(&(b.kind == Kind::Cloud, &b.path))
        });
        if sources.len() != 4 {
            return Err(format!("the demo wrote {} snapshots, not 4", sources.len()).into());
        }
        Ok(Base { sources, place: house.folder.join("day") })
    }

    /// The lists of employee directories of the first day, each with the name of its directory.
    pub fn lists(&self) -> Result<Vec<List>> {
        let folder = self.sources.first().and_then(|it| it.path.parent()).ok_or("no files")?;
        let mut lists = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for (start, directory) in [("entra-", "entra"), ("hr-", "hr")] {
                if name.starts_with(start) {
                    let (path, config) = (path.clone(), folder.join("config.toml"));
                    lists.push(List { directory, path, config });
                }
            }
        }
        lists.sort_by_key(|it| it.directory);
        if lists.len() != 2 {
            return Err(format!("the demo wrote {} lists of employees, not 2", lists.len()).into());
        }
        Ok(lists)
    }

    /// The accounts in all files of a day: Cloud's rows, and Server's.
    pub fn accounts(&self) -> (u64, u64) {
        let of = |cloud: bool| {
            let kinds = self.sources.iter().filter(|it| (it.kind == Kind::Cloud) == cloud);
            kinds.map(|it| it.rows).sum()
        };
        (of(true), of(false))
    }

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

    /// This many Cloud people from all over the file, and one who takes two licenses.
    pub fn people(&self, count: u32) -> Result<Vec<Person>> {
        let mut people = Vec::new();
        let Some(cloud) = self.sources.iter().find(|it| it.kind == Kind::Cloud) else {
            return Ok(people);
        };
        let doubled = doubled(&cloud.path.with_file_name("truth.ndjson"))?;
        let step = cloud.rows / u64::from(count + 1);
        let (mut row, mut chosen) = (0, 0);
        let mut lines = Lines::open(&cloud.path)?;
        while let Some(line) = lines.next()? {
            row += 1;
            let login = derive::text(line, b"\"github_com_login\":\"");
            let address = derive::text(line, b"\"github_com_saml_name_id\":\"");
            let is_doubled = doubled.as_deref() == Some(login);
            if login.is_empty() || !is_doubled && address.is_empty() {
                continue;
            }
            let due = chosen < count && row > step * u64::from(chosen + 1);
            if due || is_doubled {
                chosen += u32::from(due);
                let [login, address] = [login, address].map(String::from_utf8_lossy);
                let address = Some(address.into_owned()).filter(|it| !it.is_empty());
                people.push(Person { login: login.into_owned(), address });
            }
        }
        Ok(people)
    }
}

/// A person in Cloud.
pub struct Person {
    pub login: String,
    /// `None` if an account of a person with two licenses has no NameID.
    pub address: Option<String>,
}

/// The Cloud login of the first person who takes two licenses, by the demo's truth.
fn doubled(truth: &Path) -> Result<Option<Vec<u8>>> {
    let mut truth = Lines::open(truth)?;
    while let Some(line) = truth.next()? {
        let login = derive::text(line, b"\"cloud_login\":\"");
        if derive::text(line, b"\"truth\":\"") == b"double" && !login.is_empty() {
            return Ok(Some(login.to_vec()));
        }
    }
    Ok(None)
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

    /// The next line, with its line break.
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        self.line.clear();
        let read = self.file.read_until(b'\n', &mut self.line)?;
        Ok((read > 0).then_some(&self.line))
    }
}

//! The output of the house: figures, and the goal beside each.
//!
//! What it is: lines of a table, and their Markdown. May assume: nothing about what was measured. Must not:
//! measure, or leave a goal out because it is missed.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::Result;
use crate::house::House;
use crate::machine;
use crate::measure::Figure;

/// The time that the start of a process may take, in seconds, where a goal is scaled down.
const START: f64 = 0.01;

/// The goal of a figure.
pub struct Goal {
    /// The goal in words.
    wanted: String,
    /// The measured value divided by the goal, which is met up to 1; or the reason why that is not known.
    ratio: std::result::Result<f64, String>,
    /// The same by CPU, which other work on the machine disturbs less.
    by_cpu: Option<f64>,
}

impl Goal {
    /// At most this number.
    pub fn at_most(measured: f64, limit: f64, wanted: String) -> Goal {
        Goal { wanted, ratio: Ok(measured / limit), by_cpu: None }
    }

    /// At most this many times a size measured in the same run.
    pub fn share(measured: u64, times: f64, base: u64, of: &str) -> Goal {
        let limit = times * base as f64;
        let wanted = format!("≤ {times} × {of} = {}", bytes(limit as u64));
        Goal::at_most(measured as f64, limit, wanted)
    }

    /// A goal with nothing to compare, and the reason.
    pub fn unmeasured(wanted: impl Into<String>, why: impl Into<String>) -> Goal {
        Goal { wanted: wanted.into(), ratio: Err(why.into()), by_cpu: None }
    }

    /// This many times faster than another program in the same rounds.
    pub fn faster(measured: &Figure, times: f64, than: &Figure, whom: &str) -> Goal {
        let ratio = |of: fn(&Figure) -> Duration| {
            of(measured).as_secs_f64() * times / of(than).as_secs_f64()
        };
        let limit = than.time().div_f64(times);
        let wanted = format!("≥ {times} × faster than {whom}: ≤ {}", seconds(limit));
        Goal { wanted, ratio: Ok(ratio(Figure::time)), by_cpu: Some(ratio(Figure::cpu)) }
    }

    /// At most this many times something measured in the same run.
    pub fn times(measured: &Figure, times: f64, base: &Figure, of: &str) -> Goal {
        let limit = base.time().mul_f64(times);
        let ratio = |of: fn(&Figure) -> Duration| {
            of(measured).as_secs_f64() / of(base).mul_f64(times).as_secs_f64()
        };
        let wanted = format!("≤ {times} × {of} = {}", seconds(limit));
        Goal { wanted, ratio: Ok(ratio(Figure::time)), by_cpu: Some(ratio(Figure::cpu)) }
    }

    /// At most this many seconds for a number of people. For another number the goal is scaled in proportion,
    /// and says so. It is never below the start of a process.
    pub fn seconds(measured: &Figure, limit: f64, at: u32, people: u32, when: &str) -> Goal {
        let mut scaled = limit * f64::from(people) / f64::from(at);
        if scaled < limit {
            scaled = scaled.max(START.min(limit));
        }
        let mut wanted = format!("≤ {}", seconds(Duration::from_secs_f64(scaled)));
        if at != people {
            let whole = seconds(Duration::from_secs_f64(limit));
            let _infallible = write!(wanted, " ({whole} at {}, in proportion)", count(at.into()));
        }
        if !when.is_empty() {
            let _infallible = write!(wanted, ", {when}");
        }
        let ratio = |time: Duration| time.as_secs_f64() / scaled;
        let by_cpu = Some(ratio(measured.cpu()));
        Goal { wanted, ratio: Ok(ratio(measured.time())), by_cpu }
    }
}

/// Tables under headings, in the order in which they were measured.
pub struct Report {
    head: String,
    sections: Vec<Section>,
}

struct Section {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

const FIGURES: [&str; 10] = [
    "job",
    "by",
    "time (fastest to slowest)",
    "CPU",
    "peak memory",
    "runs",
    "goal",
    "measured ÷ goal",
    "by CPU",
    "",
];

impl Report {
    pub fn new(house: &House) -> Report {
        let now = chrono::Local::now().format("%Y-%m-%d");
        let program = match &house.options.binary {
            Some(_) => "another oneseat (`--binary`)".to_owned(),
            None => format!("oneseat at commit {}", machine::commit()),
        };
        let mut head = format!(
            "{now}, {program}; {}; load before the first job {}.",
            machine::machine(),
            machine::load()
        );
        if !house.options.full {
            head.push_str(" Not at full size (`--full`): mostly the start of processes.");
        }
        if let Some(nothing) = machine::nothing() {
            let _infallible = write!(
                head,
                " A process that does nothing takes {} and {} here.",
                seconds(nothing.time),
                bytes(nothing.peak)
            );
        }
        Report { head, sections: Vec::new() }
    }

    /// Begins a table of figures.
    pub fn begin(&mut self, title: String) {
        self.table(title, FIGURES.map(str::to_owned).to_vec());
    }

    /// Begins a table.
    pub fn table(&mut self, title: String, head: Vec<String>) {
        eprintln!("house: {title}");
        self.sections.push(Section { title, head, rows: Vec::new(), notes: Vec::new() });
    }

    /// Adds a figure with its goals.
    pub fn figure(&mut self, job: &str, by: &str, figure: &Figure, goals: Vec<Goal>) {
        let stopped = if figure.is_stopped() { "stopped after " } else { "" };
        let range = format!(
            "{stopped}{} ({} to {})",
            seconds(figure.time()),
            seconds(figure.fastest()),
            seconds(figure.slowest())
        );
        let cells =
            [range, seconds(figure.cpu()), bytes(figure.peak()), figure.runs.len().to_string()];
        self.rows(job, by, cells, goals);
    }

    /// Adds a value that is no figure of a process, such as the size of a file.
    pub fn value(&mut self, job: &str, by: &str, value: String, goals: Vec<Goal>) {
        self.rows(job, by, [value, String::new(), String::new(), String::new()], goals);
    }

    fn rows(&mut self, job: &str, by: &str, cells: [String; 4], goals: Vec<Goal>) {
        let mut goals = goals.into_iter().map(|goal| {
            let by_cpu = goal.by_cpu.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            match goal.ratio {
                Ok(ratio) => {
                    let met = if ratio <= 1.0 { "met" } else { "MISSED" };
                    [goal.wanted, format!("{ratio:.2}"), by_cpu, met.to_owned()]
                }
                Err(why) => [goal.wanted, String::new(), by_cpu, format!("not measured: {why}")],
            }
        });
        let first = goals.next().unwrap_or_default();
        let row = [job.to_owned(), by.to_owned()].into_iter().chain(cells).chain(first);
        self.row(row.collect());
        for goal in goals {
            let row = [format!("{job}, the same"), by.to_owned()].into_iter();
            self.row(row.chain([const { String::new() }; 4]).chain(goal).collect());
        }
    }

    /// Adds any row to the current table, and prints it at once, because the next one may take long.
    pub fn row(&mut self, row: Vec<String>) {
        eprintln!("house:   {}", row.join(" | "));
        if let Some(section) = self.sections.last_mut() {
            section.rows.push(row);
        }
    }

    /// Adds a note to the current table.
    pub fn note(&mut self, note: String) {
        eprintln!("house:   {note}");
        if let Some(section) = self.sections.last_mut() {
            section.notes.push(note);
        }
    }

    /// Everything, as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("{}\n", self.head);
        for section in &self.sections {
            let _infallible = write!(text, "\n### {}\n\n", section.title);
            for (number, row) in section.rows.iter().enumerate() {
                if number == 0 {
                    let head = &section.head;
                    let _infallible = writeln!(text, "| {} |", head.join(" | "));
                    let _infallible = writeln!(text, "|{}", " --- |".repeat(head.len()));
                }
                let _infallible = writeln!(text, "| {} |", row.join(" | "));
            }
            for note in &section.notes {
                let _infallible = write!(text, "\n{note}\n");
            }
        }
        text
    }
}

/// Writes a text into its part of `benches/RESULTS.md`. The other part stays.
pub fn write(house: &House, text: &str) -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/RESULTS.md");
    let name = if house.options.growth { "growth" } else { "jobs" };
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->\n"));
    let old = std::fs::read_to_string(&file)?;
    let parts = old.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or("benches/RESULTS.md has lost the marks of its parts")?;
    std::fs::write(&file, format!("{before}{begin}\n{text}\n{end}{after}"))?;
    Ok(())
}

/// A time, with as many digits as are significant.
pub fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        long if long >= 10.0 => format!("{long:.1} s"),
        some if some >= 1.0 => format!("{some:.2} s"),
        short => format!("{:.1} ms", short * 1_000.0),
    }
}

/// A size in millions of bytes.
pub fn bytes(size: u64) -> String {
    format!("{:.1} MB", size as f64 / 1e6)
}

/// A number with thousands separators.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

//! Answers of a host that was made to do harm. Whatever comes over the wire, `fetch` ends, stores nothing or a
//! complete answer, and reveals no token, and the next fetch from a sound host succeeds.
//!
//! What it is: a host on the loopback that sends bytes, and the table of its ways to answer (`WAYS`). Each is
//! met at the second page, once and forever, and at the first request forever. Whole processes, real waits,
//! many at a time. May assume: a Unix system with `/proc`. Must not: judge the text of a refusal, except that
//! it is one of the known exit codes with a hint.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use crate::Result;
use crate::wire::{self, Then, WAYS, Way};

/// The token of every run, which must never come out.
pub const TOKEN: &str = "ghp_Sesam0effneDich7fuerNiemanden";

/// The exit codes that a fetch may have: stored; not permitted, or nothing there; a refused answer; a host that
/// cannot be asked.
const CODES: [i32; 5] = [0, 2, 3, 6, 7];

/// The number of people in the sound answers.
const PEOPLE: usize = 250;
const PER_PAGE: usize = 100;

#[derive(Args)]
pub struct Options {
    /// The number of fetches at a time, which mostly wait.
    #[arg(long, default_value_t = 16)]
    threads: usize,
    /// Seconds after which a fetch that has not ended is stopped, and counts as a fault.
    #[arg(long, default_value_t = 180)]
    limit: u64,
    /// Peak memory in MiB above which a fetch counts as a fault.
    #[arg(long, default_value_t = 512)]
    memory: u64,
    /// At most this many of the ways, evenly spread; 0 for all.
    #[arg(long, default_value_t = 0)]
    ways: usize,
    /// Another oneseat to test.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// When a way is met.
#[derive(Clone, Copy)]
enum When {
    SecondOnce,
    FromSecond,
    Always,
}

impl When {
    const ALL: [When; 3] = [When::SecondOnce, When::FromSecond, When::Always];

    fn hits(self, number: usize) -> bool {
        match self {
            When::SecondOnce => number == 1,
            When::FromSecond => number >= 1,
            When::Always => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            When::SecondOnce => "the second request",
            When::FromSecond => "from the second on",
            When::Always => "every request",
        }
    }
}

/// The result of one fetch.
struct Met {
    code: Option<i32>,
    seconds: f64,
    memory: u64,
    wrong: Vec<String>,
}

/// Runs all of them; `false` if a promise did not hold.
pub fn run(options: &Options) -> Result<bool> {
    let built = || PathBuf::from(env!("CARGO_BIN_EXE_oneseat"));
    let program = options.binary.clone().unwrap_or_else(built);
    let step = if options.ways == 0 { 1 } else { WAYS.len().div_ceil(options.ways) };
    let ways = WAYS.iter().step_by(step);
    let all: Vec<(&'static Way, When)> =
        ways.flat_map(|way| When::ALL.map(|when| (way, when))).collect();
    let (next, met) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                while let Some((way, when)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = meet(&program, way, *when, options)
                        .unwrap_or_else(|error| unmet(&error.to_string()));
                    if let Ok(mut met) = met.lock() {
                        met.push((way.name, *when, outcome));
                    }
                }
            });
        }
    });
    let met = met.into_inner()?;
    report(&met, begun.elapsed());
    Ok(met.len() == all.len() && met.iter().all(|(_, _, met)| met.wrong.is_empty()))
}

fn unmet(error: &str) -> Met {
    Met { code: None, seconds: 0.0, memory: 0, wrong: vec![error.to_owned()] }
}

fn report(met: &[(&str, When, Met)], elapsed: Duration) {
    println!("### Answers of a host that was made to do harm\n");
    println!("| ended with | fetches |\n| --- | --- |");
    let mut codes: Vec<Option<i32>> = met.iter().map(|(_, _, it)| it.code).collect();
    codes.sort_unstable();
    for same in codes.chunk_by(|one, next| one == next) {
        let code = same[0].map_or("no exit code".to_owned(), |code| code.to_string());
        println!("| {code} | {} |", same.len());
    }
    let most = |of: &dyn Fn(&Met) -> f64| met.iter().map(|it| of(&it.2)).fold(0.0, f64::max);
    let wrong: usize = met.iter().filter(|it| !it.2.wrong.is_empty()).count();
    println!(
        "\n{} fetches, the longest {:.1} s, the most memory {:.0} MiB; {wrong} wrong, {:.0} s",
        met.len(),
        most(&|it| it.seconds),
        most(&|it| it.memory as f64 / 1024.0),
        elapsed.as_secs_f64()
    );
    for (name, when, it) in met {
        for wrong in &it.wrong {
            eprintln!("safety: WRONG: {name}, {}: {wrong}", when.name());
        }
    }
}

/// Fetches from a host with this way, and then from a sound one into the same database.
fn meet(program: &Path, way: &'static Way, when: When, options: &Options) -> Result<Met> {
    let folder = tempfile::Builder::new().prefix("servers-").tempdir()?;
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "[enterprise.corp]\nfetch = [\"consumed-licenses\"]\n")?;
    let place = folder.path().join("place");
    std::fs::create_dir(&place)?;
    let begun = Instant::now();
    let host = Host::start(Some((way, when)))?;
    let (ran, memory) = fetch(program, &place, &config, &host.url, options)?;
    drop(host);
    let (seconds, mut wrong) = (begun.elapsed().as_secs_f64(), Vec::new());
    let code = ran.code;
    match code {
        None => wrong.push("it did not end in time, or was ended by a signal".to_owned()),
        Some(code) if !CODES.contains(&code) => {
            wrong.push(format!("it ended with {code}: {}", ran.told));
        }
        Some(code) if code != 0 && !ran.told.contains("hint: ") => {
            wrong.push(format!("no way out is told: {}", ran.told));
        }
        Some(_) => {}
    }
    if memory > options.memory * 1024 {
        wrong.push(format!("{memory} KiB of memory"));
    }
    if let Some(what) = telling(&ran.told) {
        wrong.push(format!("the token is told, {what}"));
    }
    wrong.extend(left_in(&place, &place)?);
    let stored = accounts(program, &place);
    if code == Some(0) && stored != Some(PEOPLE) || code != Some(0) && stored.is_some() {
        wrong.push(format!("ended with {code:?} and stored {stored:?} accounts"));
    }
    let sound = Host::start(None)?;
    let (again, _) = fetch(program, &place, &config, &sound.url, options)?;
    if again.code != Some(0) || accounts(program, &place) != Some(PEOPLE) {
        wrong.push(format!("then a sound host: {:?} {}", again.code, again.told));
    }
    Ok(Met { code, seconds, memory, wrong })
}

struct Ran {
    code: Option<i32>,
    told: String,
}

/// One fetch: how it ended, and its peak memory in KiB.
fn fetch(
    program: &Path,
    place: &Path,
    config: &Path,
    url: &str,
    options: &Options,
) -> Result<(Ran, u64)> {
    let mut child = Command::new(program)
        .args(["fetch", "cloud", "--enterprise", "corp", "--timeout", "1s", "--max-wait", "3s"])
        .args(["--api-url", url, "--config"])
        .arg(config)
        .env_clear()
        .env("GH_TOKEN", TOKEN)
        .env("HOME", place)
        .env("ONESEAT_DB", place.join("oneseat.db"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let said: Vec<_> = [child.stdout.take().map(boxed), child.stderr.take().map(boxed)]
        .into_iter()
        .flatten()
        .map(|mut pipe| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let _read = pipe.read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            })
        })
        .collect();
    let (code, memory) = wait(&mut child, Duration::from_secs(options.limit))?;
    let told = said.into_iter().filter_map(|it| it.join().ok()).collect::<Vec<_>>().concat();
    Ok((Ran { code, told }, memory))
}

fn boxed(pipe: impl std::io::Read + Send + 'static) -> Box<dyn std::io::Read + Send> {
    Box::new(pipe)
}

fn wait(child: &mut Child, limit: Duration) -> Result<(Option<i32>, u64)> {
    let (begun, mut memory) = (Instant::now(), 0);
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let most = status.unwrap_or_default();
        let most = most.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let most = most.and_then(|it| it.trim().trim_end_matches(" kB").parse::<u64>().ok());
        memory = memory.max(most.unwrap_or_default());
        if let Some(status) = child.try_wait()? {
            return Ok((status.code(), memory));
        }
        if begun.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok((None, memory));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The form in which a text contains the token, if it does.
fn telling(text: &str) -> Option<&'static str> {
    let forms = [
        ("as it is", wire::plain()),
        ("percent-encoded", wire::percent()),
        ("in base64", wire::base64()),
    ];
    forms.into_iter().find(|(_, form)| text.contains(form.as_str())).map(|(name, _)| name)
}

/// What a fetch must not leave: anything temporary, and the token in any file.
fn left_in(folder: &Path, place: &Path) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let shown = path.strip_prefix(place)?.display().to_string();
        let name = path.file_name().map(|it| it.to_string_lossy().into_owned());
        if name.is_some_and(|name| name.starts_with(".oneseat-")) {
            wrong.push(format!("{shown} is left"));
        }
        if path.is_dir() {
            wrong.extend(left_in(&path, place)?);
        } else if let Some(what) = telling(&String::from_utf8_lossy(&std::fs::read(&path)?)) {
            wrong.push(format!("the token is in {shown}, {what}"));
        }
    }
    Ok(wrong)
}

/// The number of accounts in the newest snapshot; `None` if there is none. The database must be sound.
fn accounts(program: &Path, place: &Path) -> Option<usize> {
    let database = place.join("oneseat.db");
    if !database.exists() {
        return None;
    }
    let ask =
        |words: &[&str]| Command::new(program).arg("--db").arg(&database).args(words).output();
    let verified = ask(&["verify"]).ok()?;
    if !matches!(verified.status.code(), Some(0 | 7)) {
        // A number that no test expects.
        return Some(usize::MAX);
    }
    let answer = ask(&["snapshots", "--json"]).ok()?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.stdout).ok()?;
    let items = answer["items"].as_array()?;
    items.iter().rev().find_map(|it| usize::try_from(it["accounts"].as_u64()?).ok())
}

/// A host that answers until it is dropped.
struct Host {
    url: String,
    ended: Arc<AtomicBool>,
}

impl Host {
    fn start(fault: Option<(&'static Way, When)>) -> Result<Host> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let (ended, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (own, until) = (url.clone(), Arc::clone(&ended));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if until.load(Ordering::Relaxed) {
                    break;
                }
                let (url, asked, until) = (own.clone(), Arc::clone(&asked), Arc::clone(&until));
                let Ok(stream) = stream else { continue };
                std::thread::spawn(move || {
                    // The client may disconnect at any time.
                    let _gone = serve(stream, &url, &asked, fault, &until);
                });
            }
        });
        Ok(Host { url, ended })
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // A connection, so that the host looks at its flag.
        let _knock = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

fn serve(
    mut stream: TcpStream,
    url: &str,
    asked: &AtomicUsize,
    fault: Option<(&Way, When)>,
    ended: &AtomicBool,
) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut path = None;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            path = path.or_else(|| line.split(' ').nth(1).map(str::to_owned));
        }
        let path = path.unwrap_or_default();
        let number = asked.fetch_add(1, Ordering::Relaxed);
        match fault.filter(|(_, when)| when.hits(number)) {
            None => stream.write_all(&sound(&path, url))?,
            Some((way, _)) => {
                stream.write_all(&(way.bytes)(url, &sound(&path, url)))?;
                match way.then {
                    Then::Stay => {}
                    Then::Close => return Ok(()),
                    Then::Stall => {
                        while !ended.load(Ordering::Relaxed) {
                            std::thread::sleep(Duration::from_millis(50));
                        }
                        return Ok(());
                    }
                    Then::Again(bytes, pause) => {
                        let bytes = bytes();
                        while !ended.load(Ordering::Relaxed) {
                            stream.write_all(&bytes)?;
                            std::thread::sleep(pause);
                        }
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// A sound page.
fn sound(path: &str, url: &str) -> Vec<u8> {
    let number = |name: &str| {
        let (_, query) = path.split_once('?')?;
        query.split('&').find_map(|it| it.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
    };
    let (page, size) = (number("page").unwrap_or(1), number("per_page").unwrap_or(PER_PAGE));
    let from = page.saturating_sub(1) * size;
    let people = (from..PEOPLE.min(from + size)).map(wire::person);
    let body = json!({"total_seats_consumed": PEOPLE, "total_seats_purchased": 1000,
        "users": people.collect::<Vec<_>>()});
    let next = (from + size < PEOPLE).then(|| {
        let path = path.split('?').next().unwrap_or_default();
        format!("link: <{url}{path}?per_page={size}&page={}>; rel=\"next\"\r\n", page + 1)
    });
    wire::answer("200 OK", &next.unwrap_or_default(), body.to_string().as_bytes())
}

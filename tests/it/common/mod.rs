//! A hermetic environment for the program: a folder and a database of its own, run in-process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use oneseat::model::{DayMeans, Instant};
use oneseat::{Machine, World};

/// The present time of every test.
pub const NOW: &str = "2026-11-22T12:00:00Z";

/// A folder that is removed when the test ends.
pub struct Place {
    folder: tempfile::TempDir,
}

/// The result of one run.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder, last changed in the present of the tests: a report without a time of its
    /// own takes the file's.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a file in the temporary folder");
        let file = std::fs::File::options().write(true).open(&path).expect("the file");
        let now = Instant::parse(NOW, DayMeans::End).expect("a time").unix();
        let now = UNIX_EPOCH + Duration::from_secs(now.try_into().expect("after 1970"));
        file.set_modified(now).expect("its own file");
        path
    }

    /// Runs the program on the folder's database.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        self.run_with(arguments, b"", NOW)
    }

    /// Runs the program on a terminal of this width without colors, and returns what the terminal shows.
    pub fn run_on_a_terminal<S: AsRef<OsStr>>(&self, arguments: &[S], width: u16) -> String {
        let mut all: Vec<OsString> = vec!["oneseat".into(), "--color".into(), "never".into()];
        all.extend(["--db".into(), self.path("oneseat.db").into()]);
        all.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
        let mut out = Vec::new();
        oneseat::run(
            all,
            &mut World {
                stdin: &mut || Box::new(std::io::empty()),
                out: &mut out,
                err: &mut std::io::sink(),
                width: Some(width),
                err_is_terminal: false,
                now: Instant::parse(NOW, DayMeans::End).expect("a time"),
                machine: &TestMachine::default(),
            },
        );
        String::from_utf8(out).expect("UTF-8 on standard output")
    }

    /// Runs the program with this standard input, at this time.
    pub fn run_with<S: AsRef<OsStr>>(&self, arguments: &[S], stdin: &[u8], now: &str) -> Ran {
        self.run_on(&TestMachine::default(), arguments, stdin, now)
    }

    /// Runs the program on this machine.
    pub fn run_on<S: AsRef<OsStr>>(
        &self,
        machine: &TestMachine,
        arguments: &[S],
        stdin: &[u8],
        now: &str,
    ) -> Ran {
        let mut all: Vec<OsString> = vec!["oneseat".into(), "--db".into()];
        all.push(self.path("oneseat.db").into());
        all.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let stdin = stdin.to_vec();
        let code = oneseat::run(
            all,
            &mut World {
                stdin: &mut || Box::new(std::io::Cursor::new(stdin.clone())),
                out: &mut out,
                err: &mut err,
                width: None,
                err_is_terminal: false,
                now: Instant::parse(now, DayMeans::End).expect("a time"),
                machine,
            },
        );
        Ran {
            code: i32::from(code),
            stdout: String::from_utf8(out).expect("UTF-8 on standard output"),
            stderr: String::from_utf8(err).expect("UTF-8 on standard error"),
        }
    }

    /// Runs a command that must succeed, and returns its JSON.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let ran = self.run(&all);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
        serde_json::from_str(&ran.stdout).expect("JSON on standard output")
    }
}

/// A machine with only these environment variables. Its waits take no time.
#[derive(Default)]
pub struct TestMachine {
    pub variables: BTreeMap<String, String>,
    /// The waits that the program asked for.
    pub slept: RefCell<Vec<Duration>>,
}

impl Machine for TestMachine {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn variable_names(&self) -> Vec<String> {
        self.variables.keys().cloned().collect()
    }

    fn sleep(&self, how_long: Duration) {
        self.slept.borrow_mut().push(how_long);
    }
}

/// The folder of golden files.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every command of the program's list that only asks, with these words in place of the names in capitals
/// (`WHO`, `FROM`, `TO`, `FILE`).
pub fn questions(words: &[(&str, &str)]) -> Vec<Vec<String>> {
    let of_data = |word: String| {
        words.iter().find(|(name, _)| *name == word).map_or(word, |(_, it)| (*it).to_owned())
    };
    let questions = oneseat::COMMANDS.iter().flat_map(|command| command.about.questions);
    let questions: Vec<Vec<String>> = questions
        .map(|line| shlex::split(line).expect("closed quotes").into_iter().map(of_data).collect())
        .collect();
    assert!(questions.len() > 30, "the questions are found: {}", questions.len());
    questions
}

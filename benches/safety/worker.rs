//! One process of the flips. It flips, asks, compares and puts the byte back, flip after flip, and prints one
//! line for the result of each.
//!
//! What it is: the part that may hang, abort or take all memory; the process that started it watches. May
//! assume: the folder is its own. Must not: stop at a panic of the program, which is a result.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use clap::Args;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::Result;
use crate::subject::{self, Answers};

#[derive(Args)]
pub struct Options {
    /// The sound database.
    pub database: PathBuf,
    /// A folder for this worker alone.
    pub folder: PathBuf,
    #[arg(long)]
    pub seed: u64,
    #[arg(long)]
    pub from: u64,
    #[arg(long)]
    pub to: u64,
    /// Flip in the write-ahead log; `verify` then gets the newest head.
    #[arg(long)]
    pub log: bool,
}

pub struct Flip {
    pub offset: usize,
    /// The value that is XORed into the byte.
    pub mask: u8,
}

/// The flip with a number: any byte of the file, half of the time one bit of it, and otherwise any other value.
pub fn flip(seed: u64, number: u64, length: usize) -> Flip {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    let offset = random.random_range(0..length);
    let mask = match random.random() {
        true => 1 << random.random_range(0..8),
        false => random.random_range(1..=255),
    };
    Flip { offset, mask }
}

/// The result of a flip, in one word.
fn judge(sound: &Answers, found: &Answers) -> String {
    let promised = |code: &u8| matches!(code, 0 | 1 | 4 | 7);
    let others = found.others.iter().map(|(code, _)| code);
    if let Some(code) = others.chain([&found.verify.0]).find(|code| !promised(code)) {
        return format!("code-{code}");
    }
    match found.verify.0 {
        4 | 7 => "refused".to_owned(),
        1 => "verify".to_owned(),
        _ if found == sound => "right".to_owned(),
        _ => {
            let differ = sound.others.iter().zip(&found.others).position(|(a, b)| a != b);
            format!("wrong-{}", differ.map_or("verify".to_owned(), |at| at.to_string()))
        }
    }
}

/// Runs the flips in a range of numbers, and prints `begin N` and `end N WORD` for each.
pub fn run(options: &Options) -> Result<bool> {
    std::panic::set_hook(Box::new(|_| {}));
    let name = if options.log { "oneseat.db-wal" } else { "oneseat.db" };
    let file = std::fs::read(&options.database)?;
    let log = std::fs::read(options.database.with_file_name("oneseat.db-wal")).ok();
    let log = log.filter(|_| options.log);
    let put = |flip: Option<&Flip>| -> Result<PathBuf> {
        put(&options.folder, name, &file, log.as_deref(), flip)
    };
    let head = match options.log {
        true => Some(subject::head(&put(None)?)?),
        false => None,
    };
    let sound = subject::ask(&put(None)?, head.as_deref());
    let length = log.as_ref().map_or(file.len(), Vec::len);
    let mut out = std::io::stdout().lock();
    for number in options.from..options.to {
        writeln!(out, "begin {number}")?;
        out.flush()?;
        let flip = flip(options.seed, number, length);
        let database = put(Some(&flip))?;
        let found = catch_unwind(AssertUnwindSafe(|| subject::ask(&database, head.as_deref())));
        let mut word = found.map_or("panic".to_owned(), |found| judge(&sound, &found));
        if word == "right" && std::fs::read(&database)? != flipped(&file, &flip, options.log) {
            word = "mended".to_owned();
        }
        writeln!(out, "end {number} {word}")?;
        out.flush()?;
    }
    Ok(true)
}

/// The database's own file with the flip, unless the flip is in the log.
fn flipped(file: &[u8], flip: &Flip, log: bool) -> Vec<u8> {
    let mut bytes = file.to_vec();
    if !log {
        bytes[flip.offset] ^= flip.mask;
    }
    bytes
}

/// Writes only the database into the folder, with the flip.
fn put(
    folder: &Path,
    name: &str,
    file: &[u8],
    log: Option<&[u8]>,
    flip: Option<&Flip>,
) -> Result<PathBuf> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for (each, bytes) in [("oneseat.db", Some(file)), ("oneseat.db-wal", log)] {
        let Some(bytes) = bytes else { continue };
        let mut bytes = bytes.to_vec();
        if let Some(flip) = flip.filter(|_| each == name) {
            bytes[flip.offset] ^= flip.mask;
        }
        std::fs::write(folder.join(each), bytes)?;
    }
    Ok(folder.join("oneseat.db"))
}

//! The recorder, `record.c`. It is compiled at the start of the campaign, runs the program that ships, and
//! writes down what it does to the disk.
//!
//! May assume: Linux, `cc`, and the right to trace a process that one has started (ptrace). Must not: leave
//! anything out in silence; a call that is not understood is an error.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::Result;

/// An action of the program, in the record's own terms: paths as they were, files by their numbers.
#[derive(Debug)]
pub enum Event {
    Write {
        inode: u64,
        offset: usize,
        bytes: Vec<u8>,
    },
    Cut {
        inode: u64,
        size: usize,
    },
    Sync {
        inode: u64,
    },
    Create {
        inode: u64,
        path: PathBuf,
    },
    Folder {
        inode: u64,
        path: PathBuf,
    },
    Delete {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    /// Something was written to standard output.
    Answer,
}

/// The compiled recorder.
pub struct Recorder {
    program: PathBuf,
    record: PathBuf,
}

impl Recorder {
    pub fn build(folder: &Path) -> Result<Recorder> {
        let program = folder.join("record");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/power/record.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-o"]).arg(&program).arg(source);
        let ran = compiler.output().map_err(|error| format!("cc: {error}"))?;
        if !ran.status.success() {
            return Err(format!("cc: {}", String::from_utf8_lossy(&ran.stderr)).into());
        }
        Ok(Recorder { program, record: folder.join("events") })
    }

    /// Runs a program in a folder, and returns what it did below that folder. It may be killed after it has
    /// answered.
    pub fn run(
        &self,
        folder: &Path,
        program: &Path,
        words: &[String],
        killed: bool,
    ) -> Result<(Output, Vec<Event>)> {
        let _none = std::fs::remove_file(&self.record);
        let mut command = Command::new(&self.program);
        command.arg(folder).arg(&self.record).arg(program).args(words).current_dir(folder);
        if killed {
            command.env("RECORD_KILL", "1");
        }
        let ran = command.stdin(Stdio::null()).output()?;
        Ok((ran, events(&std::fs::read(&self.record)?)?))
    }
}

/// Reads a record.
fn events(mut record: &[u8]) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    while !record.is_empty() {
        let end = record.iter().position(|byte| *byte == b'\n').ok_or("a record without an end")?;
        let line = std::str::from_utf8(&record[..end])?;
        record = &record[end + 1..];
        let fields: Vec<&str> = line.split('\t').collect();
        let path = |text: &str| PathBuf::from(text);
        events.push(match fields.as_slice() {
            ["write", inode, offset, length] => {
                let (bytes, rest) =
                    record.split_at_checked(length.parse()?).ok_or("a record that is cut")?;
                record = rest;
                let bytes = bytes.to_vec();
                Event::Write { inode: inode.parse()?, offset: offset.parse()?, bytes }
            }
            ["cut", inode, size] => Event::Cut { inode: inode.parse()?, size: size.parse()? },
            ["sync", inode] => Event::Sync { inode: inode.parse()? },
            ["create", inode, at] => Event::Create { inode: inode.parse()?, path: path(at) },
            ["folder", inode, at] => Event::Folder { inode: inode.parse()?, path: path(at) },
            ["delete", at] => Event::Delete { path: path(at) },
            ["rename", from, to] => Event::Rename { from: path(from), to: path(to) },
            ["link", from, to] => Event::Link { from: path(from), to: path(to) },
            ["answer", _length] => Event::Answer,
            _ => return Err(format!("not understood: {line}").into()),
        });
    }
    Ok(events)
}

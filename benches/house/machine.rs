//! The machine and the commit of a measurement.
//!
//! What it is: processor, memory, kernel and load as the system reports them, and the commit. May assume:
//! nothing; what cannot be read is reported as unknown. Must not: reveal names of hosts, users or folders.

use std::process::Command;

use crate::measure::Run;
use crate::report::bytes;

/// One line about the machine.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown CPU".to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok())
        .map_or_else(|| "unknown memory".to_owned(), |kilobytes| bytes(kilobytes * 1024));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // The text after the number names the builder.
    let kernel = kernel.trim().split('-').next().unwrap_or_default().to_owned();
    format!("{cores} cores of {model}, {memory} of memory, {} {kernel}", std::env::consts::OS)
}

/// The load of the machine: a figure taken on a busy one is too high.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|it| !it.is_empty()).unwrap_or("unknown").to_owned()
}

/// The commit that is checked out, and whether something was changed since.
pub fn commit() -> String {
    let git = |arguments: &[&str]| {
        let ran = Command::new("git")
            .arg("-C")
            .arg(env!("CARGO_MANIFEST_DIR"))
            .args(arguments)
            .output()
            .ok()?;
        ran.status.success().then(|| String::from_utf8_lossy(&ran.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let program = ["status", "--porcelain", "--", "src", "schema", "Cargo.toml", "Cargo.lock"];
    match git(&program) {
        Some(changed) if changed.is_empty() => commit,
        _ => format!("{commit}, changed since"),
    }
}

/// The measurement of a process that does nothing, as a check on the measuring itself.
pub fn nothing() -> Option<Run> {
    crate::measure::run(&mut Command::new("true")).ok()
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

//! A hundred thousand people, fetched and imported by the built program. The figures are printed, not asserted.

use std::time::{Duration, Instant};

use super::interrupted::begin;
use super::{enterprise, spool_is_gone};
use crate::common::Place;

/// The peak memory of a process in KiB, where the system reports it.
fn memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn a_hundred_thousand_people() {
    let place = Place::new();
    let host = enterprise(100_000, |_, _| None);
    let begun = Instant::now();
    let mut child = begin(&place, &host.url);
    let mut most = None;
    while child.try_wait().expect("a child").is_none() {
        most = most.max(memory(child.id()));
        std::thread::sleep(Duration::from_millis(5));
    }
    let elapsed = begun.elapsed();
    let output = child.wait_with_output().expect("its output");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let item = &answer["items"][0];
    let (requests, bytes) = (host.count(), &item["bytes"]);
    println!("{requests} requests, {bytes} bytes, {elapsed:.1?}, {most:?} KiB at most");
    assert_eq!((requests, &item["pages"]), (1000, &1000.into()));
    assert_eq!(item["import"]["complete"], true);
    let consumption = place.json(&["consumption"]);
    assert_eq!(consumption["consumed"], 100_000);
    assert_eq!(consumption["available"], 10_000);
    assert_eq!(consumption["reported"]["consumed"], 100_000);
    assert!(spool_is_gone(&place));
}

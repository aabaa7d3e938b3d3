//! Every golden file cut, flipped and spliced. It is refused with exit code 3 and a message that names it, or
//! it is read. It is never stored in part, and nothing panics. The random numbers are seeded; `ONESEAT_MANGLED`
//! asks for more.

use proptest::prelude::RngExt;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::common::Place;
use crate::golden::golden_files;

#[test]
fn a_mangled_file_is_refused_or_read() {
    let times = std::env::var("ONESEAT_MANGLED").ok().and_then(|text| text.parse().ok());
    let times: usize = times.unwrap_or(6);
    let files: Vec<(String, Vec<u8>)> = golden_files()
        .into_iter()
        .map(|(_, path)| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(path).expect("readable"))
        })
        .collect();
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let (mut refused, mut read) = (0, 0);
    let place = Place::new();
    let imports = ["--enterprise", "corp", "--taken-at", "2026-03-02", "--partial", "--json"];
    for (name, bytes) in &files {
        for _ in 0..times {
            let (_, other) = &files[random.random_range(0..files.len())];
            let mangled = mangle(bytes, other, &mut random);
            let file = place.write(name, &mangled).display().to_string();
            let mut command = vec!["import", file.as_str()];
            command.extend(imports);
            // The command line names the instance unless the file names several.
            if !name.contains("instances") {
                command.extend(["--host", "ghes.corp.example"]);
            }
            command.push("--dry-run");
            let ran = place.run(&command);
            let shown = String::from_utf8_lossy(&mangled);
            match ran.code {
                0 => read += 1,
                3 => {
                    refused += 1;
                    assert!(ran.stderr.contains(name.as_str()), "{}\n{shown}", ran.stderr);
                    assert!(ran.stderr.contains("hint: "), "{}\n{shown}", ran.stderr);
                }
                code => panic!("{name} gives {code}: {}\n{shown}", ran.stderr),
            }
        }
    }
    eprintln!("{refused} refused, {read} read");
    assert!(refused > 50 && read > 20, "{refused} refused, {read} read");
}

/// One to three changes to a file.
fn mangle(bytes: &[u8], other: &[u8], random: &mut TestRng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.random_range(1..=3) {
        let length = bytes.len().max(1);
        let at = random.random_range(0..length).min(bytes.len());
        let to = (at + random.random_range(0..40)).min(bytes.len());
        match random.random_range(0..6) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            3 => {
                let from = random.random_range(0..=other.len());
                let end = (from + random.random_range(0..200)).min(other.len());
                drop(bytes.splice(at..to, other[from..end].iter().copied()));
            }
            4 => {
                let again = bytes[at..to].to_vec();
                drop(bytes.splice(at..at, again));
            }
            _ => {
                let signs = b"\0\"',;:{}[]\n\r\\\xff\xef-9eE.";
                let sign = signs[random.random_range(0..signs.len())];
                bytes.insert(at, sign);
            }
        }
    }
    bytes
}

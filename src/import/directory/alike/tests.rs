//! Every golden file of a directory, written in other ways, gives the same people: in other encodings, with
//! other line ends, delimiters, letter cases and orders, in other arrangements of pages, and folded anywhere.

use std::io::{Read, Write};
use std::path::Path;

use base64::Engine;
use serde_json::Value;

use super::tests::{golden_files, mapping_of, said};
use super::{read, recognize};
use crate::error::Result;
use crate::import::Input;
use crate::import::sheet::delimiter;

/// A way to write a file anew; `None` where the file cannot be written in this way.
type Rewrite = fn(&str) -> Option<Vec<u8>>;

/// What a file says, with its letter case and the order of its lists folded: columns may have been renamed in
/// letter case, and put in another order.
fn told(bytes: &[u8], path: &Path) -> Result<String> {
    let mapping = mapping_of(path);
    let stream = Box::new(std::io::Cursor::new(bytes.to_vec()));
    let input = Input::new("list".to_owned(), stream)?;
    let reader = recognize(&input, mapping.as_ref())?.expect("a directory");
    let mut said = said(&read(reader, &mut [input], mapping.as_ref())?);
    let warnings = said["warnings"].as_array_mut().expect("warnings");
    // These are about the bytes, which differ.
    let of_bytes =
        |it: &str| ["encoding-guessed", "no-line-end"].iter().any(|code| it.starts_with(code));
    warnings.retain(|it| !it.as_str().is_some_and(of_bytes));
    let left_out = said["left_out"].as_array_mut().expect("names");
    left_out.iter_mut().for_each(|it| *it = it.to_string().to_lowercase().into());
    left_out.sort_by_key(ToString::to_string);
    left_out.dedup();
    for entry in said["entries"].as_array_mut().expect("entries") {
        if let Some(addresses) = entry.get_mut("addresses").and_then(Value::as_array_mut) {
            addresses.sort_by_key(ToString::to_string);
        }
    }
    Ok(said.to_string().to_lowercase())
}

/// The text of a file; `None` if it is not UTF-8, which a reader notices only cell by cell.
fn decoded(path: &Path) -> Option<String> {
    let mut text = String::new();
    let mut input = Input::open(path).expect("a golden file");
    input.reader().read_to_string(&mut text).ok()?;
    Some(text.trim_start_matches('\u{feff}').to_owned())
}

fn with_mark(text: &str) -> Option<Vec<u8>> {
    Some(["\u{feff}", text].concat().into_bytes())
}

fn in_utf16(text: &str) -> Option<Vec<u8>> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    Some(units.flat_map(u16::to_le_bytes).collect())
}

fn with_crlf(text: &str) -> Option<Vec<u8>> {
    Some(text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes())
}

fn compressed(text: &str) -> Option<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(text.as_bytes()).ok()?;
    writer.finish().ok()
}

/// The cells of a table.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text.as_bytes()))
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    rows.collect()
}

fn table(rows: &[Vec<String>], delimiter: u8) -> Option<Vec<u8>> {
    let mut writer =
        csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).expect("a row"));
    writer.into_inner().ok()
}

fn with_semicolons(text: &str) -> Option<Vec<u8>> {
    table(&rows(text), b';')
}

fn with_tabs(text: &str) -> Option<Vec<u8>> {
    table(&rows(text), b'\t')
}

fn columns_backwards(text: &str) -> Option<Vec<u8>> {
    let mut rows = rows(text);
    rows.iter_mut().for_each(|row| row.reverse());
    table(&rows, b',')
}

fn header_in_capitals(text: &str) -> Option<Vec<u8>> {
    let mut rows = rows(text);
    let header = rows.first_mut()?;
    header.iter_mut().for_each(|cell| *cell = cell.to_uppercase());
    table(&rows, b',')
}

/// The JSON values of a file, one after another.
fn values(text: &str) -> Option<Vec<Value>> {
    serde_json::Deserializer::from_str(text).into_iter().collect::<std::result::Result<_, _>>().ok()
}

fn as_an_array(text: &str) -> Option<Vec<u8>> {
    serde_json::to_vec(&values(text)?).ok()
}

fn one_after_another(text: &str) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for value in values(text)? {
        match value {
            Value::Array(items) => all.extend(items),
            other => all.push(other),
        }
    }
    // An empty list has nothing to write one after another.
    let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
    (!lines.is_empty()).then(|| lines.join("\n").into_bytes())
}

fn over_many_lines(text: &str) -> Option<Vec<u8>> {
    let all = values(text)?;
    let texts: Vec<String> =
        all.iter().map(|value| serde_json::to_string_pretty(value).expect("JSON")).collect();
    Some(texts.join("\n").into_bytes())
}

/// Keys as PowerShell writes them.
fn keys_in_capitals(text: &str) -> Option<Vec<u8>> {
    fn renamed(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.into_iter().map(|(key, value)| {
                    let (first, rest) = key.split_at(key.chars().next().map_or(0, char::len_utf8));
                    (first.to_uppercase() + rest, renamed(value))
                });
                Value::Object(members.collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(renamed).collect()),
            other => other,
        }
    }
    let all: Vec<Value> = values(text)?.into_iter().map(renamed).collect();
    let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
    Some(lines.join("\n").into_bytes())
}

/// The lines of an LDIF file, unfolded.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix(' '), lines.last_mut()) {
            (Some(rest), Some(before)) => before.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Folds every line after each seven bytes, in the middle of characters too.
fn folded_often(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for line in unfolded(text) {
        for (at, part) in line.as_bytes().chunks(7).enumerate() {
            if at > 0 {
                bytes.extend(b"\n ");
            }
            bytes.extend(part);
        }
        bytes.push(b'\n');
    }
    Some(bytes)
}

fn each_attribute(text: &str, write: impl Fn(&str, &str) -> String) -> Option<Vec<u8>> {
    let lines = unfolded(text).into_iter().map(|line| match line.split_once(": ") {
        Some((name, value)) if !line.starts_with('#') && !name.contains(':') => write(name, value),
        _ => line,
    });
    Some(lines.map(|line| line + "\n").collect::<String>().into_bytes())
}

fn all_in_base64(text: &str) -> Option<Vec<u8>> {
    let encoded = |value: &str| base64::engine::general_purpose::STANDARD.encode(value);
    each_attribute(text, |name, value| format!("{name}:: {}", encoded(value)))
}

fn names_in_capitals(text: &str) -> Option<Vec<u8>> {
    each_attribute(text, |name, value| format!("{}: {value}", name.to_uppercase()))
}

const OF_ALL: [(&str, Rewrite); 4] = [
    ("with a byte order mark", with_mark),
    ("in UTF-16", in_utf16),
    ("with CRLF", with_crlf),
    ("compressed", compressed),
];

const OF_TABLES: [(&str, Rewrite); 4] = [
    ("with semicolons", with_semicolons),
    ("with tabs", with_tabs),
    ("with its columns backwards", columns_backwards),
    ("with its header in capitals", header_in_capitals),
];

const OF_JSON: [(&str, Rewrite); 4] = [
    ("as an array", as_an_array),
    ("one after another", one_after_another),
    ("over many lines", over_many_lines),
    ("with its keys in capitals", keys_in_capitals),
];

const OF_LDIF: [(&str, Rewrite); 3] = [
    ("folded often", folded_often),
    ("all in base64", all_in_base64),
    ("with names in capitals", names_in_capitals),
];

#[test]
fn a_golden_file_written_in_another_way_gives_the_same_people() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (format, path) in golden_files() {
        let Some(text) = decoded(&path) else { continue };
        let expected = told(text.as_bytes(), &path).expect("people");
        let own: &[(&str, Rewrite)] = match format {
            "ldif" => &OF_LDIF,
            _ if format.ends_with("-json") => &OF_JSON,
            _ => &OF_TABLES,
        };
        for (how, rewrite) in OF_ALL.iter().chain(own) {
            // A row above the header has other cells than the columns.
            let titled = format == "mapped-csv" && !rows(&text).iter().all(|it| it.len() == 3);
            if titled && (how.contains("header") || how.contains("columns")) {
                continue;
            }
            let Some(bytes) = rewrite(&text) else { continue };
            tried += 1;
            let found = told(&bytes, &path).unwrap_or_else(|error| error.report(true));
            if found != expected {
                wrong.push(format!("{} {how}: {found}\nis not {expected}", path.display()));
            }
        }
    }
    assert!(tried > 250, "{tried} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_million_folds_are_read() {
    let mut text = b"dn: CN=Ada\nmail: ada@corp.example\ndescription: ".to_vec();
    text.extend(b"\n a".repeat(1_000_000));
    text.extend(b"\n\ndn: CN=Bea\nmail: b\xc3\n \xa4@corp.example\n");
    let input = Input::new("list".to_owned(), Box::new(std::io::Cursor::new(text)));
    let mut inputs = [input.expect("an input")];
    let reader = recognize(&inputs[0], None).expect("one reader").expect("a directory");
    let read = read(reader, &mut inputs, None).expect("two people");
    let second = read.entries.get(1).expect("the second person");
    assert_eq!(second.addresses, ["b\u{e4}@corp.example"]);
}

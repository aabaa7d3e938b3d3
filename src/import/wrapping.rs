//! Recognizes, by the first bytes of a file, whether a report is wrapped in something else: an archive, a
//! workbook, HTTP headers, terminal colors or the output of a shell (formats.md section 8). Wrapped reports are
//! not read. The refusal names the wrapping, and says how to get the report out of it.

use memchr::memmem;

use crate::error::Error;

/// What a report is wrapped in, such as an archive, with the message and the hint of the error that refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapping {
    what: String,
    hint: &'static str,
    /// The names of the files in an archive. They may be personal data, so they are printed with `-v` only.
    inside: Option<String>,
}

/// The first bytes of files that a report may be wrapped in, each with the message and the hint of the error.
const BEGINNINGS: [(&[u8], &str, &str); 18] = [
    (
        b"%PDF-",
        "this is a PDF",
        "get the report itself: CSV or JSON, as `oneseat formats` lists it",
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "this is an old Office document (xls, doc or msg)",
        WORKBOOK,
    ),
    (
        b"7z\xbc\xaf\x27\x1c",
        "this is a 7z archive",
        "unpack it (7z x FILE), and import what is in it",
    ),
    (b"Rar!\x1a\x07", "this is a RAR archive", "unpack it, and import what is in it"),
    (
        b"BZh",
        "this is compressed with bzip2",
        "unpack it (bunzip2 FILE); gzip and zstd are read as they are",
    ),
    (
        b"\xfd7zXZ\x00",
        "this is compressed with xz",
        "unpack it (unxz FILE); gzip and zstd are read as they are",
    ),
    (
        b"\x04\x22\x4d\x18",
        "this is compressed with lz4",
        "unpack it (unlz4 FILE); gzip and zstd are read as they are",
    ),
    (b"\x1f\x8b", "this is compressed twice", "unpack it once (gunzip FILE), and import that"),
    (
        b"\x28\xb5\x2f\xfd",
        "this is compressed twice",
        "unpack it once (unzstd FILE), and import that",
    ),
    (
        b"SQLite format 3\x00",
        "this is an SQLite database",
        "import a report; name a database of oneseat with --db",
    ),
    (
        b"PAR1",
        "this is a Parquet file",
        "get the report itself: CSV or JSON, as `oneseat formats` lists it",
    ),
    (
        b"\x89PNG\r\n\x1a\n",
        "this is a picture",
        "get the report itself: CSV or JSON, as `oneseat formats` lists it",
    ),
    (
        b"\xff\xd8\xff",
        "this is a picture",
        "get the report itself: CSV or JSON, as `oneseat formats` lists it",
    ),
    (
        b"{\\rtf",
        "this is a text document (RTF)",
        "save the report as plain text, or download it again",
    ),
    (
        b"version https://git-lfs.github.com/spec/",
        "this is a pointer of Git LFS, not the file that it stands for",
        "get the file itself: git lfs pull",
    ),
    (
        b"-----BEGIN PGP MESSAGE-----",
        "this file is encrypted (PGP)",
        "decrypt the file, and import the result",
    ),
    (
        b"-----BEGIN PKCS7-----",
        "this file is encrypted (PKCS #7)",
        "decrypt the file, and import the result",
    ),
    (
        b"age-encryption.org/v1",
        "this file is encrypted (age)",
        "decrypt the file, and import the result",
    ),
];

const WORKBOOK: &str = "open it and save the sheet with the report as CSV UTF-8, or download the CSV \
    again: a spreadsheet may have changed ids, dates and leading zeros";

/// Header names by which an answer is recognized that was saved with `curl -i` or `gh api -i`, even without its
/// status line.
const HEADERS: [&str; 14] = [
    "access-control-allow-origin",
    "access-control-expose-headers",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "etag",
    "link",
    "server",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
];

const NO_HEADERS: &str = "save the answer without its headers: leave off -i (curl, gh api) or -v";

impl Wrapping {
    /// What the first bytes of a file show it to be wrapped in; `None` if it is not wrapped. The bytes may be
    /// raw or already decoded.
    pub fn of(head: &[u8]) -> Option<Wrapping> {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        if head.starts_with(b"PK") && head.get(2..4).is_some_and(is_zip) {
            return Some(archive("ZIP", &zip_names(head), "unzip FILE"));
        }
        if head.get(257..262) == Some(b"ustar") {
            return Some(archive("tar", &tar_names(head), "tar -xf FILE"));
        }
        let beginning = BEGINNINGS.iter().find(|(begins, ..)| head.starts_with(begins));
        if let Some((_, what, hint)) = beginning {
            return Some(Wrapping::new(*what, hint));
        }
        let text = String::from_utf8_lossy(&text[..text.len().min(4096)]).into_owned();
        in_headers(&text).or_else(|| of_a_shell(&text)).or_else(|| colored(head))
    }

    /// The error that refuses a file with this wrapping.
    pub fn refusal(&self) -> Error {
        let error = Error::input(self.what.clone()).hint(self.hint);
        match &self.inside {
            Some(inside) => error.found(inside),
            None => error,
        }
    }

    fn new(what: impl Into<String>, hint: &'static str) -> Wrapping {
        Wrapping { what: what.into(), hint, inside: None }
    }
}

/// Whether the bytes behind `PK` begin a file in a ZIP archive, an empty ZIP archive, or one volume of a split
/// archive.
fn is_zip(signature: &[u8]) -> bool {
    matches!(signature, b"\x03\x04" | b"\x05\x06" | b"\x07\x08")
}

/// The wrapping of an archive: what it is, the files in it, and how to unpack it.
fn archive(kind: &str, names: &[String], unpack: &'static str) -> Wrapping {
    let any = |test: &dyn Fn(&str) -> bool| names.iter().any(|name| test(name));
    let office = match () {
        () if any(&|name| name.starts_with("xl/")) => Some("an Excel workbook"),
        () if any(&|name| name.starts_with("word/")) => Some("a Word document"),
        () if any(&|name| name.ends_with(".iwa")) => Some("a Numbers workbook"),
        () if any(&|name| name == "content.xml" || name == "mimetype") => {
            Some("an OpenDocument workbook")
        }
        () if any(&|name| name == "[Content_Types].xml") => Some("an Office document (xlsx, docx)"),
        () => None,
    };
    if let Some(office) = office {
        return Wrapping::new(format!("this is {office}, not a table of text"), WORKBOOK);
    }
    let mut inside: Vec<&str> = names.iter().filter_map(|name| shown(name)).collect();
    inside.sort_unstable();
    inside.dedup();
    let what = match inside.as_slice() {
        [] => format!("this is a {kind} archive"),
        inside => format!("this is a {kind} archive; in it: {}", inside.join(", ")),
    };
    let hint = match unpack {
        "unzip FILE" => "unpack it (unzip FILE), and import what is in it",
        _ => "unpack it (tar -xf FILE), and import what is in it",
    };
    let inside = (!names.is_empty()).then(|| names.join(", "));
    Wrapping { what, hint, inside }
}

/// What a message shows about a file in an archive: its name if that is a report of GitHub's, else only its
/// type, since a name may be personal data.
fn shown(name: &str) -> Option<&'static str> {
    const REPORTS: [&str; 4] =
        ["all_users.csv", "active_users.csv", "dormant_users.csv", "suspended_users.csv"];
    const KINDS: [(&str, &str); 8] = [
        (".csv", "a file of the kind csv"),
        (".json", "a file of the kind json"),
        (".ndjson", "a file of the kind ndjson"),
        (".jsonl", "a file of the kind jsonl"),
        (".gz", "a file of the kind gz"),
        (".xlsx", "a file of the kind xlsx"),
        (".txt", "a file of the kind txt"),
        (".html", "a file of the kind html"),
    ];
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    if let Some(report) = REPORTS.into_iter().find(|report| name == *report) {
        return Some(report);
    }
    if name.starts_with("consumed_licenses-") {
        return Some("the license report (consumed_licenses-…)");
    }
    KINDS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| *kind)
}

/// The names of the files in the beginning of a ZIP archive.
fn zip_names(head: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for at in memmem::find_iter(head, b"PK\x03\x04") {
        let Some(&[low, high]) = head.get(at + 26..at + 28) else { break };
        let length = usize::from(u16::from_le_bytes([low, high]));
        let Some(name) = head.get(at + 30..at + 30 + length) else { break };
        names.push(String::from_utf8_lossy(name).into_owned());
    }
    names
}

/// The names of the files in the beginning of a tar archive.
fn tar_names(head: &[u8]) -> Vec<String> {
    let blocks = head.chunks(512).filter(|block| block.get(257..262) == Some(b"ustar"));
    let name = |block: &[u8]| {
        let name = block.get(..100).unwrap_or_default();
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        String::from_utf8_lossy(&name[..end]).into_owned()
    };
    blocks.map(name).collect()
}

/// Recognizes HTTP headers before an answer, as `curl -i`, `gh api -i`, `curl -v` and recordings save them.
fn in_headers(text: &str) -> Option<Wrapping> {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().trim_end();
    let first = first.trim_start_matches("< ");
    if let Some(status) = first.strip_prefix("HTTP/") {
        let status = status.split(' ').nth(1).unwrap_or_default();
        let is_number = status.len() == 3 && status.bytes().all(|it| it.is_ascii_digit());
        let failed = is_number && !status.starts_with(['1', '2']);
        let what = match failed {
            true => format!("HTTP headers stand before an answer with the status {status}"),
            false => "HTTP headers stand before the answer".to_owned(),
        };
        return Some(Wrapping::new(what, NO_HEADERS));
    }
    let second = lines.next().unwrap_or_default().trim_end();
    let asks = matches!(second, "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD");
    let recorded = matches!(first, "http" | "https") && asks;
    let talks = first.starts_with("> GET ") || first.starts_with("*   Trying ");
    if recorded || talks || first.starts_with("* Host ") {
        return Some(Wrapping::new(
            "this is a recording of an HTTP exchange, with its headers before the answer",
            "save the answer alone, without the request and the headers (curl without -v and -i)",
        ));
    }
    let is_header = |line: &str| {
        let name = line.split_once(": ").map(|(name, _)| name.to_ascii_lowercase());
        name.is_some_and(|name| {
            HEADERS.contains(&name.as_str())
                || name.starts_with("x-ratelimit-")
                || name.starts_with("x-github-")
        })
    };
    let before = text.lines().take_while(|line| !line.trim().is_empty());
    (is_header(first) && before.filter(|line| is_header(line)).count() >= 2)
        .then(|| Wrapping::new("HTTP headers stand before the answer", NO_HEADERS))
}

/// Recognizes text that a shell or a script printed in place of a report.
fn of_a_shell(text: &str) -> Option<Wrapping> {
    const AS_JSON: &str = "write the object as JSON, with all of its levels: ConvertTo-Json \
        -Depth 10; or save the answer as it came";
    let first = text.lines().next().unwrap_or_default().trim();
    let begins = first.trim_start_matches('"').to_ascii_lowercase();
    if begins.starts_with("#type ") || begins == "#type" {
        return Some(Wrapping::new(
            "the first line is the #TYPE line of PowerShell, and the header is below it",
            "remove that line, or write the table with Export-Csv -NoTypeInformation",
        ));
    }
    if begins.strip_prefix("sep=").is_some_and(|rest| rest.trim_end_matches('"').len() <= 1) {
        return Some(Wrapping::new(
            "the first line is a spreadsheet's sep= line, and the header is below it",
            "remove that line",
        ));
    }
    if first.starts_with("@{") {
        let what = "this is the text that PowerShell prints for an object, not JSON";
        return Some(Wrapping::new(what, AS_JSON));
    }
    let of_answer = text.lines().filter(|line| {
        let name = line.split_once(" : ").map(|(name, _)| name.trim());
        matches!(name, Some("StatusCode" | "StatusDescription" | "RawContent" | "Content"))
    });
    if of_answer.count() >= 2 {
        return Some(Wrapping::new(
            "this is the text that PowerShell prints about an answer, not the answer itself",
            "save the answer with Invoke-WebRequest -OutFile FILE, or write its .Content",
        ));
    }
    let inner = text.trim_start_matches(['[', '{', ' ', '\n', '\r', '\t']);
    let opens = text.starts_with(['[', '{']);
    if opens && inner.starts_with('\'') {
        return Some(Wrapping::new(
            "this is the text that Python prints for a value, not JSON",
            "write the value with json.dump, or save the answer as it came",
        ));
    }
    if text.starts_with("\"{\\\"") || text.starts_with("\"[{\\\"") {
        return Some(Wrapping::new(
            "this is JSON within a JSON string",
            "unwrap the JSON once: jq -r . FILE; or save the answer as it came",
        ));
    }
    if first.starts_with("+--") || first.starts_with("┌─") {
        let what = "this is a table drawn for people to read, not CSV or JSON";
        return Some(Wrapping::new(
            what,
            "write the table as CSV or JSON, or save the answer as it came",
        ));
    }
    None
}

/// Recognizes terminal colors: outside of strings in JSON, or at the very beginning of a table.
fn colored(head: &[u8]) -> Option<Wrapping> {
    const HINT: &str =
        "write the file without colors: CLICOLOR_FORCE=0 and NO_COLOR=1 for gh, -M for jq";
    let colored = || Some(Wrapping::new("the file contains terminal colors", HINT));
    let text = head.trim_ascii_start();
    if text.starts_with(b"\x1b[") {
        return colored();
    }
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return None;
    }
    let (mut in_text, mut escaped) = (false, false);
    for pair in text.windows(2) {
        match pair[0] {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            0x1b if !in_text && pair[1] == b'[' => return colored(),
            _ => {}
        }
    }
    None
}

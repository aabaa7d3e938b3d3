//! Describes a file that no reader recognizes, for the error that refuses it.

use super::outline::{Outline, OutlineKind};
use super::readers::nearest;
use crate::error::{Error, quoted};

/// The keys under which some programs wrap each row of an answer, with the command that takes the rows out.
const WRAPPERS: [(&str, &str); 7] = [
    ("json", "jq '[.. | .json? // empty]'"),
    ("_source", "jq '[.. | ._source? // empty]'"),
    ("event", "jq '[.. | .event? // empty]'"),
    ("data", "jq '.data'"),
    ("body", "jq '.body'"),
    ("result", "jq '.result'"),
    ("value", "jq '.value'"),
];

impl Outline {
    /// The error that no reader recognizes the file. It says what the file looks like.
    pub fn why_unknown(self) -> Error {
        let formats = "`oneseat formats` lists the files that are read";
        match self.kind {
            OutlineKind::Told(error) => error,
            OutlineKind::Empty => Error::input("the file is empty").hint(
                "while GitHub prepares a report, it responds with status 202 and no content: request the report again in a minute",
            ),
            OutlineKind::Html => Error::input("this is a web page, not a report").hint(
                "this is most likely a log-in page: download the file again with a valid session or token",
            ),
            OutlineKind::Xml => Error::input("this is XML, and no report is XML").hint(
                "the file is most likely the answer to an expired link, or a workbook: get the \
                    report again, as CSV or JSON",
            ),
            OutlineKind::Binary(line) => {
                Error::input(format!("this is not text: there is a NUL byte on line {line}"))
                    .hint("the file is damaged, or it is not a report: download it again")
            }
            OutlineKind::Json | OutlineKind::Table => self.why_no_format().hint(formats),
        }
    }

    /// The error that a table or JSON has no known format. It quotes only names that some format has, and only
    /// if there are at least two of them, because any other name may be personal data.
    fn why_no_format(&self) -> Error {
        let known = self.known_names();
        let is_table = matches!(self.kind, OutlineKind::Table);
        if self.has_rows_under_keys() {
            // Only the known keys of wrapping programs are quoted, since any other key may be personal data.
            let wrapper = self.keys.iter().find_map(|key| {
                WRAPPERS.into_iter().find(|(known, _)| self.keys.len() <= 3 && key == known)
            });
            if let Some((key, unwrap)) = wrapper {
                return Error::input(format!("the rows of the file are nested in {}", quoted(key)))
                    .hint(format!("unwrap the rows: {unwrap} FILE"));
            }
            return Error::input(
                "the rows of the file stand under keys of their own, not in a list",
            )
            .found(&self.keys.join(", "))
            .hint("save the answer as it came, or make a list of it: jq '[.[]]' FILE");
        }
        let what = if is_table { "columns" } else { "keys" };
        if known.len() >= 2 {
            let shown: Vec<String> = known.iter().take(8).map(|name| quoted(name)).collect();
            let more = if known.len() > shown.len() { ", …" } else { "" };
            let error = Error::input(format!(
                "no known format has these {what}; the file has {}{more}",
                shown.join(", ")
            ));
            return match nearest(&known, is_table) {
                Some(reader) => error.hint(format!(
                    "the nearest format is {}, which is {}",
                    reader.format(),
                    reader.recognised_by()
                )),
                None => error,
            };
        }
        if is_table {
            return Error::input(
                "no known format has such a first line: it has fewer than two known names of columns",
            )
            .found(&self.header.join(", "))
            .hint("a table begins with the names of its columns: download the complete file");
        }
        if self.keys.is_empty() && self.has_others {
            return Error::input("no known format is a list of texts or numbers")
                .hint("save the answer as it came; from PowerShell with ConvertTo-Json -Depth 10");
        }
        if self.keys.is_empty() {
            return Error::input("no known format begins like this file");
        }
        Error::input("no known format has such an object: it has fewer than two known keys")
            .found(&self.keys.join(", "))
    }
}

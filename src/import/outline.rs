//! The outline of a file's beginning: enough to recognize the format, or to describe a file that no reader
//! recognizes. `neighbors` and `refusal` recognize files that are refused by name.

use super::json_stream::JsonStream;
use super::{is_known_name, neighbors, refusal, sheet};
use crate::error::{Error, Result, quoted};

/// The names and the kind of content at the beginning of a file.
#[derive(Debug, Default)]
pub struct Outline {
    /// The keys of the first JSON object, as far as the beginning shows them.
    pub keys: Vec<String>,
    /// The keys of the objects in `users`.
    pub user_keys: Vec<String>,
    /// Whether `users` is an empty list.
    pub users_is_empty: bool,
    /// Whether `users` is a string.
    pub users_is_text: bool,
    /// The keys within `data`, `enterprise`, `ownerInfo` and `node`, which wrap the content of a GraphQL
    /// answer.
    pub answer_keys: Vec<String>,
    /// The keys within `properties`, if the answer is wrapped as a JSON Schema.
    pub property_keys: Vec<String>,
    /// The cells of the first line, if the file is a table.
    pub header: Vec<String>,
    /// The number of columns that hold only roles and that no format has: the membership report has one per
    /// organization.
    pub role_columns: usize,
    /// The keys of objects directly within the first one, each with its parent key.
    inner: Vec<(String, String)>,
    /// The keys at deeper levels.
    deep: Vec<String>,
    /// Whether the first object has a member, or the first list an element, that is neither an object nor a
    /// list.
    has_others: bool,
    kind: OutlineKind,
}

/// The objects that wrap a GraphQL answer.
pub const WRAPPINGS: [&str; 4] = ["data", "enterprise", "ownerInfo", "node"];

/// The keys under which programs wrap rows or an answer, each with the command that unwraps it.
const WRAPPERS: [(&str, &str); 7] = [
    ("json", "jq '[.. | .json? // empty]'"),
    ("_source", "jq '[.. | ._source? // empty]'"),
    ("event", "jq '[.. | .event? // empty]'"),
    ("data", "jq '.data'"),
    ("body", "jq '.body'"),
    ("result", "jq '.result'"),
    ("value", "jq '.value'"),
];

/// The depth to which objects are searched.
const DEEPEST: usize = 16;

#[derive(Debug, Default)]
enum OutlineKind {
    #[default]
    Empty,
    Json,
    Html,
    Xml,
    /// A file that is recognized as something other than a report, with its refusal.
    Told(Error),
    /// Binary data, with the line of the first NUL byte.
    Binary(usize),
    Table,
}

impl Outline {
    /// The outline of the first bytes of a file.
    pub fn of(head: &[u8]) -> Outline {
        let text = head.trim_ascii_start();
        let mut outline = Outline::default();
        let nul = head.iter().position(|byte| *byte == 0);
        outline.kind = match text {
            [] => OutlineKind::Empty,
            [b'{' | b'[', ..] => {
                outline.look_at_json(text);
                OutlineKind::Json
            }
            [b'<', ..] if is_xml(text) => OutlineKind::Xml,
            [b'<', ..] => OutlineKind::Html,
            _ if nul.is_some() => {
                let before = &head[..nul.unwrap_or_default()];
                OutlineKind::Binary(1 + before.iter().filter(|byte| **byte == b'\n').count())
            }
            _ => {
                outline.header = sheet::header_cells(text);
                outline.role_columns = role_columns(text, &outline.header);
                OutlineKind::Table
            }
        };
        let known = refusal::of(text, &outline).or_else(|| neighbors::of(text, &outline));
        if let Some(error) = known {
            outline.kind = OutlineKind::Told(error);
        }
        outline
    }

    /// Whether the first JSON object has this key.
    pub fn has_key(&self, key: &str) -> bool {
        self.keys.iter().any(|it| it == key)
    }

    /// Whether an answer that is wrapped as a JSON Schema has this key.
    pub fn has_property(&self, key: &str) -> bool {
        self.property_keys.iter().any(|it| it == key)
    }

    /// Whether a GraphQL answer has this key.
    pub fn answers(&self, key: &str) -> bool {
        self.answer_keys.iter().any(|it| it == key)
    }

    /// Whether an object under the key `parent` of the first object has this key.
    pub fn within(&self, parent: &str, key: &str) -> bool {
        self.inner.iter().any(|(above, it)| above == parent && it == key)
    }

    /// All names: the columns of a table, or the keys of a JSON answer at every depth.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let inner = self.inner.iter().map(|(_, key)| key);
        let all = self.header.iter().chain(&self.keys).chain(inner).chain(&self.deep);
        all.map(String::as_str)
    }

    /// Walks through the first object that has a key, and stops where the beginning of the file ends.
    fn look_at_json(&mut self, text: &[u8]) {
        let mut stream = JsonStream::new(text, "");
        let _ends_with_the_beginning = self.look_for_object(&mut stream, 0);
    }

    fn look_for_object(&mut self, stream: &mut JsonStream<&[u8]>, depth: usize) -> Result<()> {
        while self.keys.is_empty()
            && let Some(byte) = stream.peek()?
        {
            match byte {
                b'{' => self.look_at_object(stream, &mut Vec::new())?,
                b'[' if depth < DEEPEST => {
                    stream.take_sign(b'[')?;
                    let mut first = true;
                    while self.keys.is_empty() && stream.next_member(b']', &mut first)? {
                        match stream.peek()? {
                            Some(b'{' | b'[') => self.look_for_object(stream, depth + 1)?,
                            _ => {
                                self.has_others = true;
                                stream.value()?;
                            }
                        }
                    }
                }
                _ => {
                    stream.value()?;
                }
            }
            if depth > 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    fn look_at_object(
        &mut self,
        stream: &mut JsonStream<&[u8]>,
        path: &mut Vec<String>,
    ) -> Result<()> {
        stream.take_sign(b'{')?;
        let mut first = true;
        while stream.next_member(b'}', &mut first)? {
            let key = stream.key()?;
            self.note(path, &key);
            path.push(key);
            self.look_at_value(stream, path, 0)?;
            path.pop();
        }
        Ok(())
    }

    fn look_at_value(
        &mut self,
        stream: &mut JsonStream<&[u8]>,
        path: &mut Vec<String>,
        lists: usize,
    ) -> Result<()> {
        let is_users = path.len() == 1 && path.first().is_some_and(|key| key == "users");
        match stream.peek()? {
            Some(b'{') if path.len() < DEEPEST => self.look_at_object(stream, path),
            Some(b'[') if lists + path.len() < DEEPEST => {
                stream.take_sign(b'[')?;
                let mut first = true;
                while stream.next_member(b']', &mut first)? {
                    self.look_at_value(stream, path, lists + 1)?;
                }
                self.users_is_empty |= is_users && lists == 0 && first;
                Ok(())
            }
            sign => {
                self.users_is_text |= is_users && lists == 0 && sign == Some(b'"');
                self.has_others |= path.len() == 1 && lists == 0;
                stream.value().map(drop)
            }
        }
    }

    /// Records a key by its position.
    fn note(&mut self, path: &[String], key: &str) {
        match path {
            [] => {
                self.keys.push(key.to_owned());
                if key == "enterpriseServerInstallations" {
                    self.answer_keys.push(key.to_owned());
                }
                return;
            }
            [parent] => {
                match parent.as_str() {
                    "users" => self.user_keys.push(key.to_owned()),
                    "properties" => self.property_keys.push(key.to_owned()),
                    _ => {}
                }
                self.inner.push((parent.clone(), key.to_owned()));
            }
            _ => self.deep.push(key.to_owned()),
        }
        if path.iter().all(|above| WRAPPINGS.contains(&above.as_str())) {
            self.answer_keys.push(key.to_owned());
        }
    }

    /// Whether the file can be a report. An empty file, a web page, XML, an error answer, binary data and
    /// any other recognized file cannot, whatever format the user names.
    pub fn is_report(&self) -> bool {
        matches!(self.kind, OutlineKind::Json | OutlineKind::Table)
    }

    /// The names that some format has, each once: of the columns, or of the first object and the objects
    /// directly within it.
    pub fn known_names(&self) -> Vec<&str> {
        let inner = self.inner.iter().map(|(_, key)| key);
        let mut known: Vec<&str> = Vec::new();
        for name in self.header.iter().chain(&self.keys).chain(inner) {
            if is_known_name(name) && !known.contains(&name.as_str()) {
                known.push(name);
            }
        }
        known
    }

    /// The error for a file that no reader recognizes.
    pub fn why_unknown(self) -> Error {
        let formats = "`oneseat formats` lists the files that are read";
        match self.kind {
            OutlineKind::Told(error) => error,
            OutlineKind::Empty => Error::input("the file is empty").hint(
                "while GitHub prepares a report, it responds with status 202 and no content: request the report again in a minute",
            ),
            OutlineKind::Html => Error::input("this is an HTML page, not a report").hint(
                "this is most likely a log-in page: download the file again with a valid session or token",
            ),
            OutlineKind::Xml => Error::input("this is XML, and no report is XML").hint(
                "most likely the answer to a link that has expired, or a workbook: get the report \
                 again, as CSV or JSON",
            ),
            OutlineKind::Binary(line) => {
                Error::input(format!("this is not text: there is a NUL byte on line {line}"))
                    .hint("the file is damaged, or it is not a report: download it again")
            }
            OutlineKind::Json | OutlineKind::Table => self.why_no_format().hint(formats),
        }
    }

    /// The error for a table or for JSON of no known format. It quotes only known names, and only if there
    /// are at least two, because any other name may be personal data.
    fn why_no_format(&self) -> Error {
        let known = self.known_names();
        let is_table = matches!(self.kind, OutlineKind::Table);
        if self.has_rows_under_keys() {
            // Only keys that programs write are quoted; any other may be personal data.
            let wrapper = self.keys.iter().find_map(|key| {
                WRAPPERS.into_iter().find(|(known, _)| self.keys.len() <= 3 && key == known)
            });
            if let Some((key, unwrap)) = wrapper {
                return Error::input(format!("its rows are nested in {}", quoted(key)))
                    .hint(format!("unwrap them: {unwrap} FILE"));
            }
            return Error::input("its rows stand under keys of their own, not in a list")
                .found(&self.keys.join(", "))
                .hint("save the answer as it came, or make a list of it: jq '[.[]]' FILE");
        }
        let what = if is_table { "columns" } else { "keys" };
        if known.len() >= 2 {
            let shown: Vec<String> = known.iter().take(8).map(|name| quoted(name)).collect();
            let more = if known.len() > shown.len() { ", …" } else { "" };
            let error = Error::input(format!(
                "no known format has these {what}; it has {}{more}",
                shown.join(", ")
            ));
            return match super::nearest(&known, is_table) {
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
                "no known format has such a first line: fewer than two known names of columns",
            )
            .found(&self.header.join(", "))
            .hint("a table begins with the names of its columns: download the complete file");
        }
        if self.keys.is_empty() && self.has_others {
            return Error::input("no known format is a list of texts or numbers")
                .hint("save the answer as it came; from PowerShell with ConvertTo-Json -Depth 10");
        }
        if self.keys.is_empty() {
            return Error::input("no known format begins like this");
        }
        Error::input("no known format has such an object: fewer than two known names of keys")
            .found(&self.keys.join(", "))
    }

    /// Whether the first object holds objects with the fields of a row, under keys of their own.
    pub fn has_rows_under_keys(&self) -> bool {
        let rows = self.inner.iter().filter(|(_, key)| is_known_name(key));
        !self.has_others && !self.keys.iter().any(|key| is_known_name(key)) && rows.count() >= 2
    }
}

fn is_xml(text: &[u8]) -> bool {
    let begins = String::from_utf8_lossy(&text[..text.len().min(2048)]).to_ascii_lowercase();
    let is_page = ["<html", "<!doctype html", "<head", "<body", "<script"];
    begins.starts_with("<?xml") && !is_page.iter().any(|tag| begins.contains(tag))
}

/// The number of columns in the first rows of a table that hold only roles and that no format has.
fn role_columns(text: &[u8], header: &[String]) -> usize {
    const ROLES: [&str; 8] = [
        "admin",
        "billing manager",
        "collaborator",
        "direct member",
        "member",
        "outside collaborator",
        "owner",
        "unaffiliated",
    ];
    // Words in the names of columns that somebody added to describe a row.
    const OWN: [&str; 7] =
        ["access", "level", "membership", "permission", "role", "status", "type"];
    let is_own = |name: &str| OWN.iter().any(|word| name.to_lowercase().contains(word));
    let rows = sheet::first_rows(text);
    let is_role = |cell: &str| ROLES.contains(&cell.trim().to_lowercase().as_str());
    let holds_roles = |(at, name): &(usize, &String)| {
        let mut cells =
            rows.iter().filter_map(|row| row.get(*at)).filter(|it| !it.trim().is_empty());
        let of_all = cells.clone().all(|cell| is_role(cell));
        !is_own(name) && !is_known_name(name) && of_all && cells.next().is_some()
    };
    header.iter().enumerate().filter(holds_roles).count()
}

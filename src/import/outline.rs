//! What the beginning of a file shows: enough to recognise its format, and to say what it is
//! where no reader does.

use super::json_stream::JsonStream;
use super::sheet;
use crate::error::{Error, quoted};

/// What a file begins with.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The keys of the first JSON object, as far as the beginning shows them.
    pub keys: Vec<String>,
    /// The keys of the first object in its `users`.
    pub user_keys: Vec<String>,
    /// Is `users` a list of nobody?
    pub users_is_empty: bool,
    /// Is `users` a text?
    pub users_is_text: bool,
    /// The keys within `data`, `enterprise`, `ownerInfo` and `node`, where a GraphQL answer has
    /// what was asked for.
    pub answer_keys: Vec<String>,
    /// The keys within `properties`, where an answer is wrapped as a JSON Schema.
    pub property_keys: Vec<String>,
    /// The cells of the first line, where the file is a table.
    pub header: Vec<String>,
    kind: Kind,
}

/// What a GraphQL answer is wrapped in.
pub const WRAPPINGS: [&str; 4] = ["data", "enterprise", "ownerInfo", "node"];

#[derive(Debug, Default, Clone, PartialEq, Eq)]
enum Kind {
    #[default]
    Empty,
    Json,
    Html,
    /// A REST error saved as data, with its message.
    Refusal(String),
    /// With the line of the first NUL byte.
    Binary(usize),
    Table,
}

impl Outline {
    /// The outline of a file's beginning.
    pub fn of(head: &[u8]) -> Outline {
        let text = head.trim_ascii_start();
        let mut outline = Outline::default();
        let nul = head.iter().position(|byte| *byte == 0);
        outline.kind = match text {
            [] => Kind::Empty,
            [b'{' | b'[', ..] => {
                outline.look_at_json(text);
                Kind::Json
            }
            [b'<', ..] => Kind::Html,
            _ if nul.is_some() => {
                let before = &head[..nul.unwrap_or_default()];
                Kind::Binary(1 + before.iter().filter(|byte| **byte == b'\n').count())
            }
            _ => {
                outline.header = sheet::header_cells(text);
                Kind::Table
            }
        };
        if let Some(message) = refusal(text, &outline.keys) {
            outline.kind = Kind::Refusal(message);
        }
        outline
    }

    /// Does the first JSON object have this key?
    pub fn has_key(&self, key: &str) -> bool {
        self.keys.iter().any(|it| it == key)
    }

    /// Walks through the first object as far as the beginning goes; where it ends, so does this.
    fn look_at_json(&mut self, text: &[u8]) {
        let mut stream = JsonStream::new(text, "");
        while let Ok(Some(b'[')) = stream.peek() {
            if stream.take_sign(b'[').is_err() {
                return;
            }
        }
        let _ends_with_the_beginning = self.look_at_object(&mut stream);
    }

    /// Does an answer that is wrapped as a JSON Schema have this key?
    pub fn has_property(&self, key: &str) -> bool {
        self.property_keys.iter().any(|it| it == key)
    }

    /// Does a GraphQL answer have this key?
    pub fn answers(&self, key: &str) -> bool {
        self.answer_keys.iter().any(|it| it == key)
    }

    /// Walks through the wrappings of a GraphQL answer.
    fn look_at_answer(&mut self, stream: &mut JsonStream<&[u8]>) -> crate::error::Result<()> {
        stream.take_sign(b'{')?;
        let mut first = true;
        while stream.next_member(b'}', &mut first)? {
            let key = stream.key()?;
            let wraps = WRAPPINGS.contains(&key.as_str());
            self.answer_keys.push(key);
            if wraps && stream.peek()? == Some(b'{') {
                self.look_at_answer(stream)?;
            } else {
                stream.value()?;
            }
        }
        Ok(())
    }

    fn look_at_object(&mut self, stream: &mut JsonStream<&[u8]>) -> crate::error::Result<()> {
        stream.take_sign(b'{')?;
        let mut first = true;
        while stream.next_member(b'}', &mut first)? {
            let key = stream.key()?;
            let users = key == "users";
            let wraps = WRAPPINGS.contains(&key.as_str());
            let properties = key == "properties";
            if key == "enterpriseServerInstallations" {
                self.answer_keys.push(key.clone());
            }
            self.keys.push(key);
            match stream.peek()? {
                Some(b'{') if wraps => self.look_at_answer(stream)?,
                Some(b'{') if properties => {
                    let (value, _) = stream.json()?;
                    let members = value.as_object().into_iter().flatten();
                    self.property_keys.extend(members.map(|(key, _)| key.clone()));
                }
                Some(b'"') if users => {
                    self.users_is_text = true;
                    stream.value()?;
                }
                Some(b'[') if users => {
                    (self.user_keys, self.users_is_empty) = first_object_keys(stream)?;
                }
                _ => {
                    stream.value()?;
                }
            }
        }
        Ok(())
    }

    /// Is this a report at all? What is empty, a web page, an error answer or no text is none, in
    /// whatever format somebody says that it is.
    pub fn is_report(&self) -> bool {
        matches!(self.kind, Kind::Json | Kind::Table)
    }

    /// What to tell of a file that no reader recognises.
    pub fn why_unknown(&self) -> Error {
        let formats = "`oneseat formats` lists the files that are read";
        match &self.kind {
            Kind::Empty => Error::input("the file is empty").hint(
                "a report that GitHub is still making answers 202 with nothing: ask again in a minute",
            ),
            Kind::Html => Error::input("this is a web page, not a report").hint(
                "most likely a log-in page: download the file again with a valid session or token",
            ),
            Kind::Refusal(message) => {
                Error::input(format!("this is an error answer of GitHub: {}", quoted(message)))
                    .hint("look at the token's rights and the name of the enterprise, then ask again")
            }
            Kind::Binary(line) => {
                Error::input(format!("this is no text: there is a NUL byte on line {line}"))
                    .hint("the file is damaged, or no report at all: get it again")
            }
            Kind::Json if self.keys.is_empty() => {
                Error::input("no known format begins like this").hint(formats)
            }
            Kind::Json => unknown("these keys", &self.keys).hint(formats),
            Kind::Table => unknown("this header", &self.header).hint(formats),
        }
    }
}

/// `{"message": …, "documentation_url": …}` saved as data.
fn refusal(text: &[u8], keys: &[String]) -> Option<String> {
    let has = |wanted: &str| keys.iter().any(|key| key == wanted);
    if !has("message") || !(has("documentation_url") || has("status")) || has("users") {
        return None;
    }
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<serde_json::Value>();
    let answer = values.next()?.ok()?;
    Some(answer.get("message")?.as_str()?.to_owned())
}

/// The keys of the first object in a list, and whether nothing is in the list.
fn first_object_keys(stream: &mut JsonStream<&[u8]>) -> crate::error::Result<(Vec<String>, bool)> {
    stream.take_sign(b'[')?;
    let mut keys = Vec::new();
    let mut first = true;
    let mut empty = true;
    while stream.next_member(b']', &mut first)? {
        empty = false;
        let (bytes, _) = stream.value()?;
        if keys.is_empty()
            && let Ok(object) =
                serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes)
        {
            keys.extend(object.into_iter().map(|(key, _)| key));
        }
    }
    Ok((keys, empty))
}

/// Names of columns or keys that no format has. An address among them says that they are no names
/// but somebody's data: a table without its header.
fn unknown(what: &str, names: &[String]) -> Error {
    match names.iter().find(|name| name.contains('@')) {
        Some(address) => Error::input(format!("no known format has {what}: it is data already"))
            .found(address)
            .hint("a table begins with the names of its columns: get the whole file"),
        None => Error::input(format!("no known format has {what}: {}", list(names))),
    }
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| quoted(name)).collect();
    if names.len() > SHOWN {
        shown.push("…".into());
    }
    shown.join(", ")
}

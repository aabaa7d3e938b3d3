//! The outline of a file: what its first bytes show. It is enough to recognize the format of the file, or to
//! describe a file that no reader recognizes. `look` builds outlines, and `unknown` describes files of no known
//! format.

use super::format_names::is_known_name;
use super::json_stream::JsonStream;
use crate::error::{Error, Result};

/// What the first bytes of a file show: the names of its columns or keys, and what kind of content it has.
#[derive(Debug, Default)]
pub struct Outline {
    /// The keys of the first JSON object, as far as they are among the first bytes of the file.
    pub keys: Vec<String>,
    /// The keys of the objects in the list `users`.
    pub user_keys: Vec<String>,
    /// Whether `users` is an empty list.
    pub users_is_empty: bool,
    /// Whether `users` is a string.
    pub users_is_text: bool,
    /// The keys within `data`, `enterprise`, `ownerInfo` and `node`, which wrap the content of a GraphQL
    /// answer.
    pub answer_keys: Vec<String>,
    /// The keys within `properties`, where an answer that is wrapped as a JSON Schema has its content.
    pub property_keys: Vec<String>,
    /// The cells of the first line if the file is a table; else empty.
    pub header: Vec<String>,
    /// The number of columns that hold nothing but roles and that no format knows. The membership report has
    /// such a column for each organization.
    pub role_columns: usize,
    /// The keys of the objects directly within the first object, each with the key that holds the object.
    pub(super) inner: Vec<(String, String)>,
    /// The keys of objects that are nested deeper than those in `inner`.
    deep: Vec<String>,
    /// Whether the first object has a member, or the first list an element, that is neither an object nor a
    /// list. Rows under keys of their own are then impossible.
    pub(super) has_others: bool,
    pub(super) kind: OutlineKind,
}

/// The keys of the objects that wrap the content of a GraphQL answer.
pub const WRAPPINGS: [&str; 4] = ["data", "enterprise", "ownerInfo", "node"];

/// How deep objects and lists are searched for keys.
const DEEPEST: usize = 16;

#[derive(Debug, Default)]
pub(super) enum OutlineKind {
    #[default]
    Empty,
    Json,
    Html,
    Xml,
    /// A file that is recognized as something other than a report, with the error that says what it is.
    Told(Error),
    /// Binary data, with the line of the first NUL byte.
    Binary(usize),
    Table,
}

impl Outline {
    /// Whether the first JSON object has this key.
    pub fn has_key(&self, key: &str) -> bool {
        self.keys.iter().any(|it| it == key)
    }

    /// Whether the content within `properties`, where a JSON Schema wraps an answer, has this key.
    pub fn has_property(&self, key: &str) -> bool {
        self.property_keys.iter().any(|it| it == key)
    }

    /// Whether the content of a GraphQL answer has this key.
    pub fn answers(&self, key: &str) -> bool {
        self.answer_keys.iter().any(|it| it == key)
    }

    /// Whether the first object has, under the key `parent`, an object with the key `key`.
    pub fn within(&self, parent: &str, key: &str) -> bool {
        self.inner.iter().any(|(above, it)| above == parent && it == key)
    }

    /// The keys of the objects directly within the first object, each after the key that holds the object.
    pub(super) fn inner_keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inner.iter().map(|(parent, key)| (parent.as_str(), key.as_str()))
    }

    /// All names in the outline: the columns of a table, or the keys of JSON at every depth.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let inner = self.inner.iter().map(|(_, key)| key);
        let all = self.header.iter().chain(&self.keys).chain(inner).chain(&self.deep);
        all.map(String::as_str)
    }

    /// Collects the keys of the first object that has any. The search ends where the first bytes of the file
    /// end.
    pub(super) fn look_at_json(&mut self, text: &[u8]) {
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

    /// Adds a key to the lists of this outline to which it belongs, by its depth and the keys of the objects
    /// around it.
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

    /// Whether the file may be a report. A report is a table or JSON. An empty file, a web page, XML, an error
    /// answer, binary data and files that are recognized as something else are no reports, whatever format the
    /// user names.
    pub fn is_report(&self) -> bool {
        matches!(self.kind, OutlineKind::Json | OutlineKind::Table)
    }

    /// The names in the outline that some format has, each once. They are columns of a table, or keys of the
    /// first object and of the objects directly within it.
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

    /// Whether the first object has the rows as objects under keys of their own, instead of in a list.
    pub fn has_rows_under_keys(&self) -> bool {
        let rows = self.inner.iter().filter(|(_, key)| is_known_name(key));
        !self.has_others && !self.keys.iter().any(|key| is_known_name(key)) && rows.count() >= 2
    }
}

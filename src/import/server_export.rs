//! Reads Server's "Export license usage" as JSON (formats.md section 4): the facts about the instance, and its
//! users. The users are a list or, by default, a text that is encrypted so that only GitHub can read it.

use std::collections::HashSet;
use std::io::Read;

use super::alike::Records;
use super::format_names::{EXPORTED_INSTANCE, EXPORTED_USER};
use super::json_stream::{JsonStream, twice};
use super::values::ValueCheck;
use super::{FileFacts, Input, Outline, Reader, Sink, server_values};
use crate::code::WarningCode;
use crate::error::{Error, Result};
use crate::model::{Host, SourceKind, names_an_account};

/// The warning about an export whose users are encrypted.
const ENCRYPTED: &str = "the users in this export are encrypted and only GitHub can read them; the \
    instance's facts are stored and no count changes. Its users come from the site-admin report \
    /stafftools/reports/all_users.csv, from the GraphQL answer about enterpriseServerInstallations, \
    or from an unencrypted export";

/// Reads the export of the license usage of an instance.
pub struct ServerExport;

impl Reader for ServerExport {
    fn format(&self) -> &'static str {
        "server-license-usage-json"
    }

    fn about(&self) -> &'static str {
        "Server: \"Export license usage\", or `ghe-license usage`"
    }

    fn recognised_by(&self) -> &'static str {
        "JSON with instance, or with server_id or host_name beside users"
    }

    fn obtained_from(&self) -> &'static str {
        "the instance's License page, Export license usage; ghe-license usage -y -o FILE"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Server
    }

    fn may_name_instance(&self) -> bool {
        true
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        if outline.has_key("total_seats_consumed") {
            return false;
        }
        let flat = ["server_id", "host_name"].into_iter().any(|key| outline.has_key(key));
        let users = outline.has_key("users") || outline.users_is_text;
        let within = EXPORTED_INSTANCE.into_iter().any(|key| outline.within("instance", key));
        (outline.has_key("instance") && (users || within)) || (flat && users)
    }

    fn knows(&self, field: &str) -> bool {
        EXPORTED_USER.contains(&field) || EXPORTED_INSTANCE.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        let mut export = Export::new(input, sink, None);
        export.object()?;
        if !export.users_skipped {
            return export.finish();
        }
        // The users come before the host name in the file, and the records need the host. So the file is read a
        // second time.
        let host = export.host();
        let name = input.name().to_owned();
        let Some(again) = input.again() else {
            return Err(Error::input("the users come before the host name in this stream")
                .at(&name, None)
                .hint("name the instance with --host, or import the export from a file"));
        };
        let host = host.ok_or_else(|| no_host(&name))?;
        let mut again = again?;
        let mut export = Export::new(&mut again, sink, Some(host));
        export.object()?;
        export.finish()
    }
}

/// The hint for an export with content that no instance writes, as far as is known.
const AGAIN: &str =
    "export the license usage again; if the error persists, report it to the oneseat project";

/// Whether a JSON string may be encrypted: it is base64 in either alphabet, possibly with line breaks, and
/// longer than a word.
fn is_base64(text: &[u8]) -> bool {
    let Ok(text) = serde_json::from_slice::<String>(text) else { return false };
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    let signs = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r'));
    signs.clone().count() >= SHORTEST_ENCRYPTED && signs.into_iter().all(sign)
}

/// The number of base64 characters that an encrypted list has at least. A shorter text cannot hold one block of
/// a cipher.
const SHORTEST_ENCRYPTED: usize = 16;

fn no_host(name: &str) -> Error {
    Error::input("the export does not name its instance")
        .at(name, None)
        .hint("name the instance with --host HOST")
}

enum Users {
    NotYet,
    Listed,
    Encrypted,
}

struct Export<'s, R> {
    name: String,
    stream: JsonStream<R>,
    sink: &'s mut dyn Sink,
    records: Records,
    facts: FileFacts,
    known_host: Option<Host>,
    users: Users,
    users_skipped: bool,
}

impl<'s> Export<'s, ()> {
    fn new(
        input: &mut Input,
        sink: &'s mut dyn Sink,
        known_host: Option<Host>,
    ) -> Export<'s, impl Read + use<>> {
        Export {
            name: input.name().to_owned(),
            stream: JsonStream::new(input.reader(), input.name()),
            sink,
            records: Records::new(input.is_read_strictly()),
            facts: FileFacts::default(),
            known_host,
            users: Users::NotYet,
            users_skipped: false,
        }
    }
}

impl<R: Read> Export<'_, R> {
    fn object(&mut self) -> Result<()> {
        self.stream.take_sign(b'{')?;
        let mut first = true;
        let mut keys = HashSet::new();
        while self.stream.next_member(b'}', &mut first)? {
            let key = self.stream.key()?;
            if !keys.insert(key.clone()) {
                return Err(twice(&key).at(&self.name, Some(self.stream.line())));
            }
            match key.as_str() {
                "users" => self.users()?,
                _ => {
                    let (value, _) = self.stream.json()?;
                    match (key.as_str(), value) {
                        ("instance", serde_json::Value::Object(facts)) => {
                            self.facts.facts.extend(facts);
                        }
                        (_, value) => {
                            self.facts.facts.insert(key, value);
                        }
                    }
                }
            }
        }
        match self.stream.peek()? {
            None => Ok(()),
            Some(_) => Err(Error::input("more data follows the end of the export")
                .at(&self.name, Some(self.stream.line()))
                .hint("import each export as a separate file")),
        }
    }

    /// The host that the caller states. If it states none, the host that the export states.
    fn host(&self) -> Option<Host> {
        let named = ["host_name", "hostname", "host"].into_iter();
        let stated =
            named.filter_map(|key| self.facts.facts.get(key)?.as_str()).find_map(Host::new);
        self.known_host.clone().or(stated)
    }

    fn users(&mut self) -> Result<()> {
        match self.stream.peek()? {
            Some(b'"') => {
                let (text, line) = self.stream.value()?;
                if !is_base64(text) {
                    return Err(Error::input("users is a text that is not encrypted")
                        .at(&self.name, Some(line))
                        .hint(AGAIN));
                }
                self.users = Users::Encrypted;
                Ok(())
            }
            Some(b'[') if self.host().is_none() && !self.sink.needs_no_host() => {
                self.users_skipped = true;
                self.stream.take_sign(b'[')?;
                let mut first = true;
                while self.stream.next_member(b']', &mut first)? {
                    self.stream.value()?;
                }
                Ok(())
            }
            Some(b'[') => self.listed_users(),
            _ => {
                let value = self.stream.json()?.0.to_string();
                Err(Error::input("users are neither a list nor an encrypted text")
                    .found(&value)
                    .at(&self.name, Some(self.stream.line()))
                    .hint(AGAIN))
            }
        }
    }

    fn listed_users(&mut self) -> Result<()> {
        self.sink.source(SourceKind::Server, self.host())?;
        self.users = Users::Listed;
        self.stream.take_sign(b'[')?;
        let mut first = true;
        let mut values = ValueCheck::of(&self.name, server_values::rule);
        while self.stream.next_member(b']', &mut first)? {
            if self.stream.peek()? == Some(b'n') {
                self.stream.value()?;
                continue;
            }
            let mut next = self.records.next(&mut self.stream, &self.name)?;
            values.look(&mut next)?;
            if !names_an_account(SourceKind::Server, &next.record) {
                return Err(Error::input("a user has neither id nor login")
                    .at(&self.name, Some(next.line))
                    .hint(AGAIN));
            }
            self.sink.record(next.record)?;
        }
        self.facts.noted.merge(values.noted);
        Ok(())
    }

    fn finish(mut self) -> Result<FileFacts> {
        match self.users {
            Users::Listed => {}
            Users::Encrypted | Users::NotYet => {
                let host = self.host();
                if host.is_none() && !self.sink.needs_no_host() {
                    return Err(no_host(&self.name));
                }
                self.sink.source(SourceKind::ServerInfo, host)?;
                self.facts.notes.push((WarningCode::UsersEncrypted, ENCRYPTED.to_owned()));
            }
        }
        Ok(self.facts)
    }
}

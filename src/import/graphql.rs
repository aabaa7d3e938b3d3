//! Reads the GraphQL answer about `enterpriseServerInstallations` (formats.md section 3). The answer lists the
//! Server accounts as Cloud knows them, with all addresses of each account, and states which address is primary.
//!
//! One file may describe several instances. It may hold several pages of the list of instances and of each list
//! of accounts, in any order. Accounts are streamed. If the accounts of an instance come before its host name,
//! they are held in memory until the name arrives.

use std::borrow::Cow;
use std::io::Read;

use serde_json::Value as Json;

use super::alike::Next;
use super::facts::truth_of;
use super::format_names::{GRAPHQL_ACCOUNT, GRAPHQL_INSTALLATION};
use super::json_stream::JsonStream;
use super::outline::WRAPPINGS;
use super::record_json::record;
use super::refusal::error_answer;
use super::values::ValueCheck;
use super::{FileFacts, Input, Outline, Reader, Sink, server_values};
use crate::error::{Error, Result};
use crate::model::{Field, Host, Record, SourceKind, Value, names_an_account};

/// Reads the GraphQL answer about the Server installations of an enterprise.
pub struct Installations;

impl Reader for Installations {
    fn format(&self) -> &'static str {
        "graphql-server-installations"
    }

    fn about(&self) -> &'static str {
        "Cloud: the GraphQL answer about enterpriseServerInstallations and their userAccounts"
    }

    fn recognised_by(&self) -> &'static str {
        "JSON with data.enterprise.ownerInfo.enterpriseServerInstallations"
    }

    fn obtained_from(&self) -> &'static str {
        "POST /graphql with enterprise(slug:){ownerInfo{enterpriseServerInstallations{…}}}, as an enterprise owner"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::ServerAsSynced
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        outline.answers("enterpriseServerInstallations")
            || (outline.has_key("data")
                && (outline.answers("ownerInfo") || outline.answers("userAccounts")))
    }

    fn knows(&self, field: &str) -> bool {
        GRAPHQL_ACCOUNT.contains(&field) || GRAPHQL_INSTALLATION.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        let name = input.name().to_owned();
        let mut stream = JsonStream::new(input.reader(), &name);
        let mut answer =
            GraphqlAnswer { name: &name, sink, file: FileFacts::default(), instances: 0 };
        while let Some(first) = stream.peek()? {
            if first == b'[' {
                each(&mut stream, |stream| answer.wrapping(stream))?;
            } else {
                answer.wrapping(&mut stream)?;
            }
        }
        if answer.instances == 0 {
            return Err(Error::input("the answer names no instance").at(&name, None).hint(
                "run the query as an owner of the enterprise, with a token that has \
                    read:enterprise: nobody else sees the instances",
            ));
        }
        Ok(answer.file)
    }
}

struct GraphqlAnswer<'s> {
    name: &'s str,
    sink: &'s mut dyn Sink,
    /// The facts about the whole file: whether the first and the last page of the list of instances are in it.
    file: FileFacts,
    instances: usize,
}

impl GraphqlAnswer<'_> {
    /// Reads an object around the list of instances. It is under the key `data`, `enterprise`, `ownerInfo` or
    /// `node`.
    fn wrapping<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<()> {
        members(stream, |key, stream| match (key, stream.peek()?) {
            ("enterpriseServerInstallations", Some(b'{')) => self.installations(stream),
            ("node", Some(b'{')) => self.installation(stream),
            ("errors", _) => {
                let (errors, line) = stream.json()?;
                let told = errors.pointer("/0/message").and_then(Json::as_str);
                match told {
                    None => Ok(()),
                    Some(told) => Err(error_answer("the answer reports an error", told)
                        .at(self.name, Some(line))
                        .hint("check the token's scopes, then run the query again")),
                }
            }
            ("message", Some(b'"')) => {
                let (told, line) = stream.json()?;
                let told = told.as_str().unwrap_or_default();
                Err(error_answer("a page is an error response from GitHub", told)
                    .at(self.name, Some(line))
                    .hint("download that page again"))
            }
            (key, Some(b'{')) if WRAPPINGS.contains(&key) => self.wrapping(stream),
            _ => stream.value().map(drop),
        })
    }

    fn installations<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<()> {
        let mut connection = FileFacts::default();
        nodes(stream, &mut connection, self.name, |stream| self.installation(stream))?;
        // The `totalCount` of the list of instances is no number of accounts, so only the list's paging is
        // kept.
        self.file.merge(FileFacts { paging: connection.paging, ..FileFacts::default() });
        Ok(())
    }

    fn installation<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<()> {
        let mut host = None;
        let mut said = FileFacts::default();
        let mut early: Option<(Vec<u8>, u64)> = None;
        let mut accounts = false;
        let line = stream.line();
        members(stream, |key, stream| {
            match (key, stream.peek()?) {
                ("hostName", _) => host = stream.json()?.0.as_str().and_then(Host::new),
                ("userAccounts", Some(b'{')) => {
                    accounts = true;
                    if host.is_some() || self.sink.needs_no_host() {
                        self.accounts(stream, host.clone(), &mut said)?;
                    } else {
                        let (bytes, line) = stream.value()?;
                        early = Some((bytes.to_owned(), line));
                    }
                }
                ("userAccounts", _) => drop(stream.value()?),
                (key, _) => {
                    let (value, _) = stream.json()?;
                    said.facts.insert(key.to_owned(), value);
                }
            }
            Ok(())
        })?;
        if host.is_none() && !self.sink.needs_no_host() {
            return Err(Error::input("an installation has no host name")
                .at(self.name, Some(line))
                .hint("request hostName in the query; if the file has only one instance, name it with --host"));
        }
        if !accounts {
            return Err(Error::input("an installation has no userAccounts")
                .at(self.name, Some(line))
                .hint(
                    "request userAccounts in the query, and run it as an owner of the enterprise",
                ));
        }
        if let Some((bytes, line)) = early {
            let mut stream = JsonStream::new(bytes.as_slice(), self.name).at_line(line);
            self.accounts(&mut stream, host.clone(), &mut said)?;
        }
        self.instances += 1;
        self.sink.facts(said);
        Ok(())
    }

    fn accounts<R: Read>(
        &mut self,
        stream: &mut JsonStream<R>,
        host: Option<Host>,
        said: &mut FileFacts,
    ) -> Result<()> {
        self.sink.source(SourceKind::ServerAsSynced, host)?;
        let mut cut = None;
        let mut page = FileFacts::default();
        let mut values = ValueCheck::of(self.name, synced_rule);
        nodes(stream, &mut page, self.name, |stream| {
            let (bytes, line) = stream.value()?;
            let (record, more) = account(bytes, line, self.name)?;
            let mut next = Next { record, line, is_alike: false };
            values.look(&mut next)?;
            if !names_an_account(SourceKind::ServerAsSynced, &next.record) {
                return Err(Error::input("an account has neither remoteUserId nor login")
                    .at(self.name, Some(line))
                    .hint("make sure that the query requests both fields, then run it again"));
            }
            if more && cut.is_none() {
                cut = Some(format!(
                    "line {line}: an account has more addresses than the answer lists"
                ));
            }
            self.sink.record(next.record)
        })?;
        page.not_whole = cut;
        page.noted = values.noted;
        said.merge(page.as_page());
        Ok(())
    }
}

/// The rule for a field of an account in the GraphQL answer. The field `id` has no rule, because it is Cloud's
/// own id and not the account's id on the instance.
fn synced_rule(field: &str) -> Option<super::field_rule::FieldRule> {
    if field == "id" { None } else { server_values::rule(field) }
}

/// The record of one account, with its addresses as a plain list. The second value tells whether the account
/// has more addresses on another page.
fn account<'b>(bytes: &'b [u8], line: u64, name: &str) -> Result<(Record<'b>, bool)> {
    let account = record(bytes, line, name)?;
    let (mut more, mut wrong) = (false, None);
    let fields = account.fields().iter().cloned().map(|field| match (&*field.name, field.value) {
        ("emails", Value::Json(text)) => {
            let connection: Json = serde_json::from_str(&text).unwrap_or_default();
            let list = check_page_info(connection.get("pageInfo").unwrap_or(&Json::Null)).and_then(
                |next| {
                    more = next;
                    plain_list(connection)
                },
            );
            let value = match list {
                Ok(list) => Value::Json(list),
                Err(what) => {
                    wrong = Some(what);
                    Value::Null
                }
            };
            Field { name: Cow::Borrowed("emails"), value }
        }
        (_, value) => Field { name: field.name, value },
    });
    // The keys are those of a valid record, so none of them is there twice.
    let record = Record::new(fields.collect()).unwrap_or_default();
    if let Some(what) = wrong {
        return Err(not_as_given(&format!("emails of an account: {what}"), name, line));
    }
    Ok((record, more))
}

/// The nodes of a connection within an account (its addresses) as a JSON list in canonical form, sorted by the
/// text of the nodes.
fn plain_list(mut connection: Json) -> std::result::Result<String, &'static str> {
    let mut list: Vec<Json> = Vec::new();
    if let Json::Array(items) = connection {
        list = items;
    } else {
        let listed = ["nodes", "edges"].map(|member| connection.get(member));
        if listed.iter().flatten().any(|it| !it.is_array() && !it.is_null()) {
            return Err("nodes or edges is not a list");
        }
        if !listed.iter().flatten().any(|it| it.is_array()) {
            return Err("neither nodes nor edges is a list");
        }
        for (member, node) in [("nodes", None), ("edges", Some("node"))] {
            let items = connection.get_mut(member).and_then(Json::as_array_mut);
            for item in items.into_iter().flatten() {
                let item = match node {
                    Some(node) => item.get_mut(node).map(Json::take).unwrap_or_default(),
                    None => item.take(),
                };
                if !item.is_null() && !list.contains(&item) {
                    list.push(item);
                }
            }
        }
    }
    list.sort_by_cached_key(Json::to_string);
    Ok(Json::Array(list).to_string())
}

/// Whether `pageInfo` states that another page follows. Its flags may be written as strings.
///
/// # Errors
/// A description of the fault, if `pageInfo` cannot be read. A single page must not count as the whole
/// connection.
fn check_page_info(info: &Json) -> std::result::Result<bool, &'static str> {
    if !info.is_null() && !info.is_object() {
        return Err("pageInfo is not an object");
    }
    let mut next = false;
    for key in ["hasNextPage", "hasPreviousPage"] {
        let stated = info.get(key).unwrap_or(&Json::Null);
        let truth = truth_of(stated);
        if truth.is_none() && !stated.is_null() {
            return Err("a flag in pageInfo is neither true nor false");
        }
        next |= key == "hasNextPage" && truth == Some(true);
    }
    Ok(next)
}

fn not_as_given(what: &str, name: &str, line: u64) -> Error {
    Error::input(what)
        .at(name, Some(line))
        .hint("save the answer as it came; from PowerShell with ConvertTo-Json -Depth 20")
}

/// Calls `node` for each node of a GraphQL connection. The nodes are in `nodes` or in `edges`, and nulls are
/// skipped. A connection without any list is refused, because it must not count as an empty one.
fn nodes<R: Read>(
    stream: &mut JsonStream<R>,
    said: &mut FileFacts,
    name: &str,
    mut node: impl FnMut(&mut JsonStream<R>) -> Result<()>,
) -> Result<()> {
    let mut listed = false;
    let line = stream.line();
    members(stream, |key, stream| match (key, stream.peek()?) {
        ("nodes", Some(b'[')) => {
            listed = true;
            each(stream, |stream| match stream.peek()? {
                Some(b'{') => node(stream),
                _ => only_null(stream, name, "an element of nodes is not an object"),
            })
        }
        ("edges", Some(b'[')) => {
            listed = true;
            each(stream, |stream| match stream.peek()? {
                Some(b'{') => members(stream, |key, stream| match (key, stream.peek()?) {
                    ("node", Some(b'{')) => node(stream),
                    ("node", _) => only_null(stream, name, "the node of an edge is not an object"),
                    _ => stream.value().map(drop),
                }),
                _ => only_null(stream, name, "an element of edges is not an object"),
            })
        }
        ("nodes" | "edges", _) => only_null(stream, name, "nodes or edges is not a list"),
        ("pageInfo", _) => {
            let (info, line) = stream.json()?;
            check_page_info(&info).map_err(|what| not_as_given(what, name, line))?;
            said.paging.add(&info);
            Ok(())
        }
        ("totalCount", _) => {
            let total = stream.json()?.0.as_i64();
            said.merge(FileFacts { total, ..FileFacts::default() });
            Ok(())
        }
        _ => stream.value().map(drop),
    })?;
    if listed {
        return Ok(());
    }
    Err(not_as_given("a connection has no list, neither in nodes nor in edges", name, line))
}

/// Skips a null. Any other value is refused with the message `what`.
fn only_null<R: Read>(stream: &mut JsonStream<R>, name: &str, what: &str) -> Result<()> {
    match stream.json()? {
        (Json::Null, _) => Ok(()),
        (_, line) => Err(not_as_given(what, name, line)),
    }
}

/// Calls `member` for each member of a JSON object.
fn members<R: Read>(
    stream: &mut JsonStream<R>,
    mut member: impl FnMut(&str, &mut JsonStream<R>) -> Result<()>,
) -> Result<()> {
    stream.take_sign(b'{')?;
    let mut first = true;
    while stream.next_member(b'}', &mut first)? {
        let key = stream.key()?;
        member(&key, stream)?;
    }
    Ok(())
}

/// Calls `item` for each item of a JSON array.
fn each<R: Read>(
    stream: &mut JsonStream<R>,
    mut item: impl FnMut(&mut JsonStream<R>) -> Result<()>,
) -> Result<()> {
    stream.take_sign(b'[')?;
    let mut first = true;
    while stream.next_member(b']', &mut first)? {
        item(stream)?;
    }
    Ok(())
}

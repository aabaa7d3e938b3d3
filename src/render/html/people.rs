//! The people of a page: the first of them as rows, and all that are embedded as data for the script.

use serde_json::{Value, json};

use super::document::Document;
use super::embedded;
use super::frame::Embedded;
use super::links::Links;
use super::markup::{Markup, command, escaped, for_fragment, text, unknown};
use super::parts::PageParts;
use super::words::{actor, code, kind};
use crate::error::Result;
use crate::table::{PeopleList, PersonLine, grouped};

/// The number of people on one page of the table.
const ROWS: usize = 100;

/// The most people that are embedded as they are; more are packed.
const PLAIN: usize = 5_000;

/// The parts of the list of organizations that are no names.
const PARTS: [&str; 4] =
    ["(several organizations)", "(no organization)", "(Server only)", "(not stated)"];

/// The people of a page.
pub(super) struct PeopleSection {
    /// The first people as rows.
    pub rows: Vec<[Markup; 6]>,
    /// The number of people that are embedded, in words.
    pub found: String,
    /// What is left out, and the command that lists it.
    pub note: Markup,
    pub command: Markup,
    /// The values of the filters, each with its name.
    pub kinds: Vec<(String, String)>,
    pub organizations: Vec<(String, String)>,
    pub hosts: Vec<(String, String)>,
    pub findings: Vec<(String, String)>,
    pub data: Vec<Embedded>,
    pub is_empty: bool,
    /// Whether there are more people than rows.
    pub has_more: bool,
}

/// The people of a page.
pub(super) fn people_section(asked: &PageParts<'_>) -> Result<PeopleSection> {
    let (people, links) = (asked.people, Links::of(asked));
    let total = asked.document.number("people.total").unwrap_or_default();
    let embedded = people.people.len();
    let same = |names: &[String]| -> Vec<(String, String)> {
        names.iter().map(|it| (it.clone(), crate::error::printable(it))).collect()
    };
    let mut organizations = same(&people.organizations);
    organizations.extend(same(&PARTS.map(str::to_owned)));
    let mut findings: Vec<(String, String)> =
        people.words.iter().map(|word| (word.clone(), word_shown(word))).collect();
    findings.sort_by_key(|(word, name)| (rank(word), name.clone()));
    let mut note = String::new();
    if embedded as i64 != total {
        note = format!(
            "{} of {} people are on this page; {} lists all.",
            grouped(embedded as u64),
            asked.document.figure("people.total"),
            command(&links.command("export seats"))
        );
    }
    Ok(PeopleSection {
        rows: people.people.iter().take(ROWS).map(|it| row(people, it)).collect(),
        found: match embedded {
            1 => "1 person".to_owned(),
            many => format!("{} people", grouped(many as u64)),
        },
        note: Markup(note),
        command: command(&links.command("export seats")),
        kinds: ["cloud_only", "cloud_and_server", "server_only"]
            .iter()
            .map(|it| ((*it).to_owned(), kind(it).to_owned()))
            .collect(),
        organizations,
        hosts: same(&people.hosts),
        findings,
        data: if embedded == 0 { Vec::new() } else { vec![data(people, &asked.document)?] },
        is_empty: embedded == 0,
        has_more: embedded > ROWS,
    })
}

/// Words from this place on are filters, and stand in no column.
const HIDDEN: usize = 50;

/// The place of a word in the list of findings: confidences first, reasons of `reclaim`, then the rest.
fn rank(word: &str) -> usize {
    const FIRST: [&str; 6] =
        ["certain", "likely", "possible", "dormant", "never-signed-in", "pending-invitation"];
    match word {
        "server-admin"
        | "identity-admin"
        | "visual-studio-admin"
        | "owner"
        | "user"
        | "server-only" => HIDDEN,
        word => FIRST.iter().position(|it| *it == word).unwrap_or(FIRST.len()),
    }
}

/// A word of a finding for people.
fn word_shown(word: &str) -> String {
    match word {
        "server-admin" | "identity-admin" | "visual-studio-admin" | "owner" | "user" => {
            format!("fixed by: {}", actor(word))
        }
        "dormant" => "idle".to_owned(),
        "server-only" => "on Server only, not idle".to_owned(),
        other => code(other),
    }
}

/// The row of a person.
fn row(list: &PeopleList, person: &PersonLine) -> [Markup; 6] {
    let login = match &person.login {
        Some(login) => text(login),
        None => unknown("no login"),
    };
    let names = |all: &[String], positions: &[u32]| -> Vec<String> {
        positions.iter().filter_map(|it| all.get(*it as usize)).map(|it| text(it).0).collect()
    };
    let organizations = list.organization_lists.get(person.organizations);
    let organizations = match organizations.and_then(Option::as_ref) {
        Some(of) => Markup(names(&list.organizations, of).join(", ")),
        None => Markup::nothing(),
    };
    let hosts = list.host_lists.get(person.hosts).map_or(&[][..], Vec::as_slice);
    let words = list.word_lists.get(person.words).map_or(&[][..], Vec::as_slice);
    let words = words.iter().filter_map(|it| list.words.get(*it as usize));
    let words = words.filter(|it| rank(it) < HIDDEN).map(|it| word_shown(it));
    [
        Markup(format!("<a href=\"#person?seat={}\">{login}</a>", for_fragment(&person.seat))),
        person.name.as_deref().map_or_else(Markup::nothing, text),
        Markup(kind(person.kind).to_owned()),
        organizations,
        Markup(names(&list.hosts, hosts).join(", ")),
        Markup(escaped(&words.collect::<Vec<_>>().join(", "))),
    ]
}

/// The people as columns, and the findings that they have.
fn data(list: &PeopleList, page: &Document<'_>) -> Result<Embedded> {
    let people = &list.people;
    let usual = |person: &PersonLine| {
        let enterprise = person.enterprise.and_then(|it| list.enterprises.get(it as usize));
        format!(
            "cloud:{}:{}",
            enterprise.map(String::as_str).unwrap_or_default(),
            person.login.as_deref().unwrap_or_default()
        )
    };
    let column = |value: &dyn Fn(&PersonLine) -> Value| -> Value {
        Value::Array(people.iter().map(value).collect())
    };
    let rules = ["manual", "saml_name_id", "verified_email", "reported"];
    let account = |person: &PersonLine| {
        let accounts = person.accounts.iter().map(|it| {
            let rule = it.rule.and_then(|rule| rules.iter().position(|known| *known == rule));
            // A login that is that of the person is not repeated.
            let login = if it.login == person.login { json!(0) } else { json!(it.login) };
            json!([it.host, login, it.id, rule])
        });
        Value::Array(accounts.collect())
    };
    let words: Vec<Value> =
        list.words.iter().map(|word| json!([word, word_shown(word), rank(word)])).collect();
    let kinds = ["cloud_only", "cloud_and_server", "server_only"];
    let value = json!({
        "enterprises": list.enterprises,
        "organizations": list.organizations,
        "hosts": list.hosts,
        "words": words,
        "rules": rules,
        "kinds": kinds.map(|it| json!([it, kind(it)])),
        "organizationLists": list.organization_lists,
        "hostLists": list.host_lists,
        "wordLists": list.word_lists,
        // The id of a Cloud seat follows from the enterprise and the login.
        "seat": column(&|it| if it.seat == usual(it) { json!(0) } else { json!(it.seat) }),
        "kind": column(&|it| json!(kinds.iter().position(|kind| *kind == it.kind))),
        "enterprise": column(&|it| json!(it.enterprise)),
        "login": column(&|it| json!(it.login)),
        "name": column(&|it| json!(it.name)),
        "addresses": column(&|it| json!(it.addresses)),
        "organization": column(&|it| json!(it.organizations)),
        "host": column(&|it| json!(it.hosts)),
        "word": column(&|it| json!(it.words)),
        "accounts": column(&account),
        "findings": column(&|it| json!(it.findings)),
        "items": items(page, people),
    });
    let packed = people.len() > PLAIN;
    let text = if packed { embedded::packed(&value)? } else { embedded::json(&value)? };
    Ok(Embedded { id: "people-data", packed, text: Markup(text) })
}

/// The findings that the people have; the others are null.
fn items(page: &Document<'_>, people: &[PersonLine]) -> Vec<Value> {
    let all = page.list("duplicates.items");
    let mut is_wanted = vec![false; all.len()];
    for finding in people.iter().flat_map(|it| &it.findings) {
        if let Some(wanted) = is_wanted.get_mut(*finding as usize) {
            *wanted = true;
        }
    }
    let item = |item: &Value| {
        let list = |key: &str| item.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let of = |it: &Value, key: &str| it.get(key).cloned().unwrap_or_default();
        let evidence = list("evidence").into_iter().map(|it| {
            let name = it.get("code").and_then(Value::as_str).unwrap_or_default();
            json!([code(name), of(&it, "detail")])
        });
        let fixes = list("fixes").into_iter().map(|it| {
            let name = it.get("actor").and_then(Value::as_str).unwrap_or_default();
            json!([actor(name), of(&it, "action")])
        });
        json!([
            of(item, "confidence"),
            of(item, "nearest_miss"),
            evidence.collect::<Vec<Value>>(),
            fixes.collect::<Vec<Value>>(),
            of(item, "since"),
        ])
    };
    let items = all.iter().zip(is_wanted);
    items.map(|(it, wanted)| if wanted { item(it) } else { Value::Null }).collect()
}

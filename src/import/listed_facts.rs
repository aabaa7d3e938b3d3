//! Reads small answers of Cloud that hold one list: Visual Studio subscriptions in both published forms, and
//! cost centers (formats.md section 3). The whole answer is kept as facts. A file may also have the elements of
//! the list alone, one after another or in an array: `--jq` writes such files, and GitHub answers a request
//! about a single element like that.

use serde_json::{Map, Value, json};

use super::facts::{Noted, truth_of};
use super::format_names::{
    COST_CENTERS_FIELDS, COST_CENTERS_LISTS, VISUAL_STUDIO_FIELDS, VISUAL_STUDIO_LISTS,
};
use super::{FileFacts, Input, Outline, Reader, Sink, whole};
use crate::code::WarningCode;
use crate::email;
use crate::error::{Error, Result};
use crate::model::{CENTERS_ALONE, ResourceKind, SourceKind};
use crate::table::agreeing;

/// A format whose answers hold one list of objects.
pub struct ListedFacts {
    format: &'static str,
    about: &'static str,
    recognised_by: &'static str,
    obtained_from: &'static str,
    kind: SourceKind,
    /// The keys under which an answer may hold the list.
    lists: &'static [&'static str],
    /// The keys that an element of the list may have, and the keys beside the list.
    fields: &'static [&'static str],
    /// The fields of an element whose value must be a string or a number, because the element is identified by
    /// them.
    texts: &'static [&'static str],
    /// The fields that identify an element. Every element must have at least one of them.
    naming: &'static [&'static str],
    /// Whether an object with these keys is an element without the list around it.
    stands_alone: fn(&[&str]) -> bool,
    /// Where elements without a list around them are kept in the facts: under the first key a single element,
    /// under the second key several.
    alone: [&'static str; 2],
    /// The warnings about all elements of a file.
    notes: fn(&[Value]) -> Vec<(WarningCode, String)>,
    /// Counts the words in one element that stand for an absent value, and the values of the wrong type.
    look: fn(&Map<String, Value>, &mut Noted),
}

/// The format of the answer to `GET /enterprises/{enterprise}/visual-studio-subscriptions`.
pub const VISUAL_STUDIO: ListedFacts = ListedFacts {
    format: "cloud-visual-studio-json",
    about: "Cloud: the Visual Studio subscriptions of an enterprise",
    recognised_by: "JSON with visual_studio_subscriptions or visual_studio_subscription_assignments, \
                    or subscriptions one by one, with subscription_id and an address",
    obtained_from: "GET /enterprises/{enterprise}/visual-studio-subscriptions",
    kind: SourceKind::VisualStudio,
    lists: &VISUAL_STUDIO_LISTS,
    fields: &VISUAL_STUDIO_FIELDS,
    texts: &[
        "email",
        "subscriptionId",
        "subscription_id",
        "username",
        "visual_studio_subscription_email",
    ],
    naming: &[
        "email",
        "subscriptionId",
        "subscription_id",
        "username",
        "visual_studio_subscription_email",
    ],
    stands_alone: is_subscription,
    alone: ["visual_studio_subscriptions", "visual_studio_subscriptions"],
    notes: |_| Vec::new(),
    look: look_at_subscription,
};

/// The format of the answer to `GET /enterprises/{enterprise}/settings/billing/cost-centers`.
pub const COST_CENTERS: ListedFacts = ListedFacts {
    format: "cloud-cost-centers-json",
    about: "Cloud: the cost centers of an enterprise and what each contains",
    recognised_by: "JSON with costCenters, or cost centers one by one, with name and resources",
    obtained_from: "GET /enterprises/{enterprise}/settings/billing/cost-centers",
    kind: SourceKind::CostCenters,
    lists: &COST_CENTERS_LISTS,
    fields: &COST_CENTERS_FIELDS,
    texts: &["id", "name"],
    naming: &["id", "name"],
    stands_alone: is_cost_center,
    alone: [CENTERS_ALONE, "costCenters"],
    notes: notes_on_centers,
    look: look_at_center,
};

/// Whether an object with the keys `keys` is a Visual Studio subscription. A row of a Cloud report may have the
/// address of a subscription too, so one key is not enough, and an object with a key that only Cloud reports
/// have is no subscription.
pub(super) fn is_subscription(keys: &[&str]) -> bool {
    let has = |wanted: &[&str]| wanted.iter().filter(|it| keys.contains(it)).count();
    let telling = has(&["subscription_id", "subscriptionId", "manual_match"]);
    let beside = has(&["visual_studio_subscription_email", "email", "username"]);
    let foreign = keys.iter().any(|key| {
        ["github_com_", "enterprise_server_", "license_type", "users", "total_seats"]
            .iter()
            .any(|it| key.starts_with(it))
    });
    let shared = keys.contains(&"visual_studio_subscription_email") && keys.contains(&"username");
    !foreign && (telling > 0 && telling + beside > 1 || shared)
}

/// Whether an object with the keys `keys` is a cost center.
fn is_cost_center(keys: &[&str]) -> bool {
    let has = |key: &str| keys.contains(&key);
    let beside = ["id", "state", "azure_subscription", "ai_credit_pool_enabled"];
    has("name") && has("resources") && beside.into_iter().any(has)
}

/// Counts the words in a Visual Studio subscription that stand for an absent value, and the values of the wrong
/// type.
fn look_at_subscription(members: &Map<String, Value>, noted: &mut Noted) {
    for field in ["visual_studio_subscription_email", "email", "subscription_id", "subscriptionId"]
    {
        let word = members.get(field).and_then(Value::as_str).and_then(email::word_of_absence);
        if let Some(word) = word {
            noted.absent_word(field, word);
        }
    }
    let word = members.get("username").and_then(Value::as_str).and_then(email::nothing_named);
    if let Some(word) = word {
        noted.absent_word("username", word);
    }
    let flag = members.get("manual_match").filter(|it| !it.is_null() && truth_of(it).is_none());
    if let Some(other) = flag {
        noted.field_type("manual_match", type_of(other));
    }
}

/// Counts the values of the wrong type in a cost center. Such values are treated as absent.
fn look_at_center(members: &Map<String, Value>, noted: &mut Noted) {
    let is_text = |value: &Value| value.is_null() || value.is_string();
    if let Some(other) = members.get("state").filter(|it| !is_text(it)) {
        noted.field_type("state", type_of(other));
    }
    let resources = members.get("resources").and_then(Value::as_array);
    for resource in resources.into_iter().flatten().filter(|it| !it.is_null()) {
        let Value::Object(of_resource) = resource else {
            noted.field_type("resources", type_of(resource));
            continue;
        };
        for (field, told) in [("type", "resources.type"), ("name", "resources.name")] {
            if let Some(other) = of_resource.get(field).filter(|it| !is_text(it)) {
                noted.field_type(told, type_of(other));
            }
        }
    }
}

/// The warnings that cost centers have unknown states or types of resource. They state numbers only, because
/// the values may be personal data.
fn notes_on_centers(centers: &[Value]) -> Vec<(WarningCode, String)> {
    let state = |center: &Value| center.get("state").and_then(Value::as_str).map(str::to_owned);
    let known = ["active", "deleted", "archived"];
    let states = centers.iter().filter_map(state);
    let states = states.filter(|it| !known.iter().any(|known| it.eq_ignore_ascii_case(known)));
    let lists = centers.iter().filter_map(|center| center.get("resources")?.as_array());
    let types = lists.flatten().filter_map(|resource| resource.get("type"));
    let types = types
        .filter(|it| ResourceKind::of(it.as_str().unwrap_or_default()) == ResourceKind::Unknown);
    let mut notes = Vec::new();
    if let states @ 1.. = states.count() {
        let told = format!(
            "{} a state other than active, deleted and archived, which does not count as active",
            agreeing(states as u64, "cost center", ["has", "have"])
        );
        notes.push((WarningCode::StateUnknown, told));
    }
    if let types @ 1.. = types.count() {
        let told = format!(
            "{} a type other than User, Team, Org and Repo: such a resource is kept, but assigns \
                nobody to its cost center",
            agreeing(types as u64, "resource", ["has", "have"])
        );
        notes.push((WarningCode::ResourceTypeUnknown, told));
    }
    notes
}

impl Reader for ListedFacts {
    fn format(&self) -> &'static str {
        self.format
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn recognised_by(&self) -> &'static str {
        self.recognised_by
    }

    fn obtained_from(&self) -> &'static str {
        self.obtained_from
    }

    fn kind(&self) -> SourceKind {
        self.kind
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        let keys: Vec<&str> = outline.keys.iter().map(String::as_str).collect();
        self.lists.iter().any(|list| outline.has_key(list))
            || (self.stands_alone)(&keys)
            || (self.kind == SourceKind::CostCenters && keys == [LOOK_UP])
    }

    fn knows(&self, field: &str) -> bool {
        self.lists.contains(&field) || self.fields.contains(&field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        let name = input.name().to_owned();
        sink.source(self.kind, None)?;
        let (mut said, mut alone, mut all) = (FileFacts::default(), Vec::new(), Vec::new());
        for (page, line) in whole::pages(input)? {
            // An array of pages may contain nulls, which are skipped.
            if page.is_null() {
                continue;
            }
            let Value::Object(members) = page else { return Err(self.no_list(&name, line)) };
            let keys: Vec<&str> = members.keys().map(String::as_str).collect();
            let lists = self.lists.iter().any(|list| members.contains_key(*list));
            if !lists && (self.stands_alone)(&keys) {
                // A cost center without its list must have an id. Otherwise it would be unknown which stored
                // cost center the file changes (formats.md section 3).
                if self.alone[0] == CENTERS_ALONE && members.get("id").is_none_or(Value::is_null) {
                    return Err(without_id().at(&name, Some(line)));
                }
                (self.look)(&members, &mut said.noted);
                alone.push(self.element(Value::Object(members), alone.len(), &name, line)?);
                continue;
            }
            let (of_page, elements) = self.page(members, &name, line)?;
            all.extend(elements);
            said.merge(of_page.as_page());
        }
        if !alone.is_empty() {
            let key = self.alone[usize::from(alone.len() > 1)].to_owned();
            all.extend(alone.iter().cloned());
            let mut bare = FileFacts { records: alone.len() as u64, ..FileFacts::default() };
            bare.facts.insert(key, json!(alone));
            said.merge(bare);
        }
        said.notes.extend((self.notes)(&all));
        Ok(said)
    }
}

impl ListedFacts {
    /// Splits a page into the elements of its list and the facts that stand beside the list.
    fn page(
        &self,
        members: Map<String, Value>,
        name: &str,
        line: u64,
    ) -> Result<(FileFacts, Vec<Value>)> {
        if self.kind == SourceKind::CostCenters && members.contains_key(LOOK_UP) {
            return Err(look_up().at(name, Some(line)));
        }
        let mut of_page = FileFacts::default();
        let mut list = None;
        for (key, value) in members {
            match value {
                Value::Array(items) if self.lists.contains(&key.as_str()) => {
                    list = Some((key, items));
                }
                value if key == "total_count" => of_page.total = whole_number(&value),
                value => {
                    of_page.facts.insert(key, value);
                }
            }
        }
        let Some((key, items)) = list else { return Err(self.no_list(name, line)) };
        let items = items.into_iter().filter(|item| !item.is_null()).enumerate();
        let elements: Vec<Value> =
            items.map(|(at, item)| self.element(item, at, name, line)).collect::<Result<_>>()?;
        let members = elements.iter().filter_map(Value::as_object);
        members.for_each(|it| (self.look)(it, &mut of_page.noted));
        of_page.records = elements.len() as u64;
        of_page.facts.insert(key, json!(elements));
        Ok((of_page, elements))
    }

    /// Returns an element of the list, after checking that it is an object and that the fields that identify it
    /// have the right types.
    fn element(&self, item: Value, at: usize, name: &str, line: u64) -> Result<Value> {
        let wrong = |what: String| {
            Err(Error::input(what)
                .at(name, Some(line))
                .hint("download the complete response again, as GitHub sends it; if the error persists, report it to the oneseat project"))
        };
        let number = at + 1;
        let Value::Object(members) = &item else {
            let kind = type_of(&item);
            return wrong(format!(
                "element {number} of {} is {kind}, not an object",
                self.lists[0]
            ));
        };
        for field in self.texts {
            match members.get(*field) {
                None | Some(Value::Null | Value::String(_) | Value::Number(_)) => {}
                Some(other) => {
                    let kind = type_of(other);
                    let list = self.lists[0];
                    return wrong(format!(
                        "{field} of element {number} of {list} is {kind}, not a text"
                    ));
                }
            }
        }
        if !self.naming.iter().any(|field| members.get(*field).is_some_and(|it| !it.is_null())) {
            return wrong(format!(
                "element {number} of {} has none of the fields that identify it: {}",
                self.lists[0],
                self.naming.join(", ")
            ));
        }
        match members.get("resources").filter(|_| self.kind == SourceKind::CostCenters) {
            None | Some(Value::Null | Value::Array(_)) => Ok(item),
            Some(other) => {
                let kind = type_of(other);
                wrong(format!("resources of cost center {number} is {kind}, not a list"))
            }
        }
    }

    fn no_list(&self, name: &str, line: u64) -> Error {
        Error::input(format!("a page has no list of objects called {}", self.lists[0]))
            .at(name, Some(line))
            .hint(
                "download that page again; if the error persists, report it to the oneseat project",
            )
    }
}

/// The error that the file is a single cost center without an id.
fn without_id() -> Error {
    Error::input(
        "the file has a single cost center without an id, so nobody can know which cost \
        center it changes",
    )
    .hint("get the list of cost centers: gh api /enterprises/NAME/settings/billing/cost-centers")
}

/// The key by which the look-up answer is recognized: it states the cost center of one user, team, organization
/// or repository.
const LOOK_UP: &str = "memberships";

/// The error that the file is the look-up answer about one resource, which does not list the cost centers.
fn look_up() -> Error {
    Error::input(
        "this is the answer about one user, team, organization or repository (memberships): it \
            names the cost center of that resource only",
    )
    .hint("get the list of cost centers: gh api /enterprises/NAME/settings/billing/cost-centers")
}

/// The whole number that a JSON value states, as a number or as a string; `None` for any other value.
fn whole_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The type of a JSON value in words, for messages.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

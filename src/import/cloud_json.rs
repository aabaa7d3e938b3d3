//! Reads Cloud's answer to `GET /enterprises/{enterprise}/consumed-licenses` (formats.md section 1) in every
//! arrangement: one page, one object with all users, an array of pages, pages one after another, one user per
//! line, or an array of users.

use std::collections::HashSet;

use super::alike::Records;
use super::cloud_rows::CloudRowCheck;
use super::json_stream::{JsonStream, twice};
use super::refusal::error_answer;
use super::{FileFacts, Input, Outline, Reader, Sink};
use crate::error::{Error, Result};
use crate::model::{SourceKind, is_known_cloud_field};

/// Reads the answer `consumed-licenses` of Cloud in JSON.
pub struct CloudJson;

impl Reader for CloudJson {
    fn format(&self) -> &'static str {
        "cloud-consumed-licenses-json"
    }

    fn about(&self) -> &'static str {
        "Cloud: GET /enterprises/{enterprise}/consumed-licenses, pages in any arrangement"
    }

    fn recognised_by(&self) -> &'static str {
        "JSON with both totals, or users with github_com_login and more, pages in any arrangement"
    }

    fn obtained_from(&self) -> &'static str {
        "GET /enterprises/{enterprise}/consumed-licenses, for instance gh api --paginate"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Cloud
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        let keys: Vec<&str> = outline.keys.iter().map(String::as_str).collect();
        // A Visual Studio subscription has some keys in common with a user of this answer. It must not be taken
        // for one.
        if super::listed_facts::is_subscription(&keys) {
            return false;
        }
        let totals = ["total_seats_consumed", "total_seats_purchased"];
        let totals = totals.into_iter().filter(|total| outline.has_key(total)).count();
        let names = || outline.keys.iter().chain(&outline.user_keys);
        let known = |key: &&String| *key != "github_com_login" && is_known_cloud_field(key);
        let has_rows = names().any(|key| key == "github_com_login");
        totals == 2
            || totals == 1 && outline.has_key("users")
            || has_rows && (totals > 0 || names().any(|key| known(&key)))
            // GitHub requires none of the keys, so an object whose only key is an empty `users` is still this
            // answer. A Server export with an empty `users` always has other keys too, with facts about its
            // instance.
            || (outline.users_is_empty && outline.keys == ["users"])
    }

    fn knows(&self, field: &str) -> bool {
        is_known_cloud_field(field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        sink.source(SourceKind::Cloud, None)?;
        let mut answer = CloudPage {
            name: input.name().to_owned(),
            stream: JsonStream::new(input.reader(), input.name()),
            facts: FileFacts::default(),
            records: Records::new(input.is_read_strictly()),
            rows: CloudRowCheck::of(input.name()),
            sink,
        };
        while answer.stream.peek()?.is_some() {
            answer.page_or_user_or_array()?;
        }
        answer.facts.noted = answer.rows.end(None, true)?;
        Ok(answer.facts)
    }
}

fn is_user_key(key: &str) -> bool {
    key.starts_with("github_com_") || is_known_cloud_field(key)
}

struct CloudPage<'s, R> {
    name: String,
    stream: JsonStream<R>,
    facts: FileFacts,
    records: Records,
    rows: CloudRowCheck,
    sink: &'s mut dyn Sink,
}

impl<R: std::io::Read> CloudPage<'_, R> {
    fn page_or_user_or_array(&mut self) -> Result<()> {
        if self.stream.peek()? != Some(b'[') {
            return self.page_or_user();
        }
        self.stream.take_sign(b'[')?;
        let mut first = true;
        while self.stream.next_member(b']', &mut first)? {
            self.page_or_user()?;
        }
        Ok(())
    }

    /// Reads a page of the answer, or a single user. The first key that only pages or only users have decides
    /// which of the two the object is. An array of pages or users may contain nulls, which are skipped.
    fn page_or_user(&mut self) -> Result<()> {
        if self.stream.peek()? == Some(b'n') {
            return self.stream.value().map(drop);
        }
        let is_user = self.stream.peek_keys(|key| match key {
            "total_seats_consumed" | "total_seats_purchased" | "users" => Some(false),
            key => is_user_key(key).then_some(true),
        })?;
        if is_user == Some(true) { self.user() } else { self.page() }
    }

    fn page(&mut self) -> Result<()> {
        let line = self.stream.line();
        let wrong =
            |what: &str, hint: &str| Err(Error::input(what).at(&self.name, Some(line)).hint(hint));
        match self.stream.peek()? {
            Some(b'[') => {
                return wrong(
                    "the list holds another list where a page or a user belongs",
                    "join the lists: jq 'add' FILE; or save the pages as they came",
                );
            }
            Some(b'0'..=b'9') => {
                return wrong(
                    "a number follows the answer",
                    "the number is most likely the status that curl -w writes: save the answer \
                        alone, without -w",
                );
            }
            _ => {}
        }
        self.stream.take_sign(b'{')?;
        let line = self.stream.line();
        let (mut consumed, mut purchased) = (None, None);
        let mut first = true;
        let mut keys = HashSet::new();
        while self.stream.next_member(b'}', &mut first)? {
            let key = self.stream.key()?;
            if !keys.insert(key.clone()) {
                return Err(twice(&key).at(&self.name, Some(self.stream.line())));
            }
            match key.as_str() {
                "total_seats_consumed" => consumed = self.total(&key)?,
                "total_seats_purchased" => purchased = self.total(&key)?,
                "users" => self.users()?,
                _ => self.other(key)?,
            }
        }
        let is_page = |key: &String| {
            ["total_seats_consumed", "total_seats_purchased", "users"].contains(&key.as_str())
        };
        if !keys.iter().any(is_page) {
            return Err(Error::input(
                "an object in the file is neither a page of GitHub's answer nor a user",
            )
            .at(&self.name, Some(line))
            .hint(
                "the object is most likely an error answer among the pages: download the \
                    answer again",
            ));
        }
        self.facts.add_page(consumed, purchased);
        Ok(())
    }

    /// Reads a total of a page: a number, or a number written as a string. A null or an empty string means that
    /// the page states no total.
    fn total(&mut self, key: &str) -> Result<Option<i64>> {
        let name = self.name.clone();
        let (bytes, line) = self.stream.value()?;
        let text = String::from_utf8_lossy(bytes);
        let digits = text.trim_matches('"').trim();
        if digits == "null" || digits.is_empty() {
            return Ok(None);
        }
        // A JSON number has neither a plus sign nor a leading zero, and a total is never negative. Anything
        // else is refused.
        let is_number = digits.bytes().all(|it| it.is_ascii_digit())
            && (digits.len() == 1 || !digits.starts_with('0'));
        let number = digits.parse().ok().filter(|_| is_number);
        number.map(Some).ok_or_else(|| {
            Error::input(format!("{key} is not a whole number"))
                .found(digits)
                .at(&name, Some(line))
                .hint("download the file again; if the error persists, report it to the oneseat project")
        })
    }

    fn users(&mut self) -> Result<()> {
        if self.stream.peek()? == Some(b'n') {
            self.stream.value()?;
            return Ok(());
        }
        if self.stream.peek()? == Some(b'{') {
            return self.no_list();
        }
        self.stream.take_sign(b'[')?;
        let mut first = true;
        while self.stream.next_member(b']', &mut first)? {
            if self.stream.peek()? == Some(b'[') {
                let what = "the list users holds another list where a user belongs";
                let hint = "join the lists: jq '.users |= add' FILE";
                return Err(Error::input(what).at(&self.name, Some(self.stream.line())).hint(hint));
            }
            self.user()?;
        }
        Ok(())
    }

    /// The error that an object stands where the list of users belongs. PowerShell may have wrapped the list in
    /// an object, or the object may be a single user.
    fn no_list(&mut self) -> Result<()> {
        let line = self.stream.line();
        let wrapped = self.stream.peek_keys(|key| {
            ["value", "Count"]
                .contains(&key)
                .then_some(true)
                .or_else(|| is_user_key(key).then_some(false))
        })?;
        let hint = match wrapped {
            Some(true) => {
                "PowerShell wrapped the list (value, Count): unwrap it with jq '.users |= .value' \
                    FILE, or write the answer with ConvertTo-Json -Depth 10 -InputObject"
            }
            Some(false) => "make the single user a list: jq '.users |= [.]' FILE",
            None => "save the answer as it came",
        };
        Err(Error::input("the field users is an object, not a list of users")
            .at(&self.name, Some(line))
            .hint(hint))
    }

    /// Reads one element of the list of users. A null in the list is skipped.
    fn user(&mut self) -> Result<()> {
        if self.stream.peek()? == Some(b'n') {
            return self.stream.value().map(drop);
        }
        let mut next = self.records.next(&mut self.stream, &self.name)?;
        self.rows.look(&mut next)?;
        self.sink.record(next.record)
    }

    /// Handles a key of a page that is none of the answer's: its value is kept as a fact. An error answer is
    /// refused, and so is a user where a page belongs.
    fn other(&mut self, key: String) -> Result<()> {
        let (value, line) = self.stream.json()?;
        if is_user_key(&key) {
            return Err(Error::input(format!(
                "a page has the field {key}, which only a row has"
            ))
            .at(&self.name, Some(line))
            .hint(
                "import the complete response, or the rows alone, without the totals beside them",
            ));
        }
        if key == "message" {
            let told = value.as_str().unwrap_or_default();
            return Err(error_answer("a page is an error response from GitHub", told)
                .at(&self.name, Some(line))
                .hint("download that page again"));
        }
        self.facts.facts.insert(key, value);
        Ok(())
    }
}

//! Reads people from LDIF (directory.md section 1): exports of Active Directory (ldifde) and of other LDAP
//! servers, and the output of ldapsearch. `ldif_lines` splits the file into lines; this file interprets the
//! attributes.
//!
//! A value that is given as a URL is never fetched, and a reference to another server is never followed.

use std::hash::BuildHasher;

use encoding_rs::WINDOWS_1252;
use foldhash::{HashMap, HashMapExt, HashSet};

use super::addresses::{add_addresses, first_address};
use super::ldif_lines::{LdifLine, LdifLines, LdifValue};
use super::list::{DirectoryList, ValuePlace, more_stated};
use super::reader::{Beginning, DirectoryReader};
use super::truths::CONTROL;
use super::values::{self, add_text};
use crate::code::WarningCode;
use crate::error::{Error, Result};
use crate::import::Input;
use crate::model::{DirectoryEntry, DirectoryMapping, Instant};

/// The reader of LDIF files.
pub struct Ldif;

impl DirectoryReader for Ldif {
    fn format(&self) -> &'static str {
        "ldif"
    }

    fn about(&self) -> &'static str {
        "LDAP or Active Directory: the people, as LDIF"
    }

    fn recognised_by(&self) -> &'static str {
        "dn: lines (RFC 2849)"
    }

    fn obtained_from(&self) -> &'static str {
        "ldifde -f FILE; ldapsearch -E pr=1000/noprompt '(objectClass=user)' > FILE"
    }

    fn recognizes(&self, beginning: &Beginning) -> bool {
        beginning.is_ldif()
    }

    fn read(
        &self,
        input: &mut Input,
        _mapping: Option<&DirectoryMapping>,
        list: &mut DirectoryList,
    ) -> Result<()> {
        let name = input.name().to_owned();
        list.value_place = ValuePlace::Attributes;
        let mut lines = LdifLines::new(input.reader(), &name);
        let mut file = LdifFile {
            list,
            record: None,
            additions: Vec::new(),
            entries: 0,
            ids: HashSet::default(),
            guessed: 0,
        };
        while let Some(line) = lines.next_line()? {
            let taken = file.take(line);
            taken.map_err(|error| error.at(&name, Some(lines.line())))?;
            if let Some(record) = file.record.as_mut().filter(|record| record.line == 0) {
                record.line = lines.line();
            }
        }
        file.end_record().map_err(|error| error.at(&name, Some(lines.line())))?;
        file.finish(&name)?;
        if !lines.has_line_end() {
            let told = "the last line has no line end: if the file was cut there, its last value is cut off, \
                and entries may be missing";
            list.warn(WarningCode::NoLineEnd, told);
        }
        Ok(())
    }
}

/// The attributes of one LDIF record that oneseat uses.
#[derive(Default)]
struct LdifRecord {
    dn: String,
    /// The line of the `dn`, from 1.
    line: u64,
    change: Change,
    classes: Vec<String>,
    mail: Vec<String>,
    proxies: Vec<String>,
    principals: Vec<String>,
    accounts: Vec<String>,
    guid: Option<String>,
    uuid: Option<String>,
    enabled: Option<bool>,
    locked: Option<bool>,
    expires: Option<Instant>,
    display_name: Option<String>,
    common_name: Option<String>,
    manager: Option<String>,
    department: Option<String>,
}

/// Whether an LDIF record is an entry or a change to an entry.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// The record is an entry.
    #[default]
    Entry,
    /// The record is a change, and its next line must name an operation, such as `add`.
    Operation,
    /// The record is a change, and its next lines are values that it adds.
    Values,
}

/// The state of reading one LDIF file, record by record.
struct LdifFile<'l> {
    list: &'l mut DirectoryList,
    record: Option<Box<LdifRecord>>,
    /// The records that add values to entries.
    additions: Vec<LdifRecord>,
    /// The number of entries read so far, whether or not they are people.
    entries: u64,
    /// The ids of the entries that have ended, as hashes.
    ids: HashSet<u64>,
    /// The number of values that are not valid UTF-8.
    guessed: u64,
}

impl LdifFile<'_> {
    /// Takes the next line of the file.
    fn take(&mut self, line: LdifLine<'_>) -> Result<()> {
        match line {
            LdifLine::Blank => self.end_record(),
            LdifLine::Comment(text) => {
                self.comment(text);
                Ok(())
            }
            LdifLine::Dash => match &mut self.record {
                Some(record) if record.change != Change::Entry => {
                    record.change = Change::Operation;
                    Ok(())
                }
                _ => Err(outside()),
            },
            LdifLine::Attribute(name, value) if name.eq_ignore_ascii_case("dn") => {
                self.end_record()?;
                let dn = self.text(value)?.unwrap_or_default();
                self.record = Some(Box::new(LdifRecord { dn, ..LdifRecord::default() }));
                self.entries += 1;
                Ok(())
            }
            LdifLine::Attribute(name, value) => self.attribute(name, value),
        }
    }

    /// Reads a comment. A comment that ldapsearch writes may state the number of entries, or name a reference
    /// to another server.
    fn comment(&mut self, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let text = text.trim();
        self.list.facts.references += u64::from(text.starts_with("refldap"));
        if let Some(value) = text.strip_prefix("pagedresults:") {
            self.page(value);
        }
        let number = text.strip_prefix("numEntries:").and_then(|it| it.trim().parse::<u64>().ok());
        // An entry may still be open, since no empty line need stand before the comment.
        let open = self.record.as_ref().filter(|record| record.change == Change::Entry);
        let open = open.is_some_and(|record| !self.ids.contains(&self.hash_of(record)));
        let there = self.ids.len() as u64 + u64::from(open);
        if let Some(number) = number.filter(|number| *number > there) {
            let repeated = self.entries > there;
            self.list.cut(|| more_stated("# numEntries", number, there, repeated));
        }
    }

    /// Reads the line that ldapsearch writes at the end of a page. If entries follow on a next page, the line has
    /// a cookie.
    fn page(&mut self, value: &str) {
        let Some((_, cookie)) = value.split_once("cookie=") else { return };
        match cookie.trim().is_empty() {
            true => self.list.last_cookies += 1,
            false => self.list.cookies += 1,
        }
    }

    fn attribute(&mut self, name: &str, value: LdifValue<'_>) -> Result<()> {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        // The last lines that ldapsearch prints may follow an entry without an empty line between them.
        if is("result")
            && let Some(text) = self.text(value)?
            && let Some(code) = text.split_whitespace().next().and_then(|it| it.parse::<u64>().ok())
        {
            if code != 0 {
                self.list.cut(|| format!("ldapsearch ended with result: {code}"));
            }
            return Ok(());
        }
        if is("pagedresults") {
            let value = self.text(value)?.unwrap_or_default();
            self.page(&value);
            return Ok(());
        }
        let Some(mut record) = self.record.take() else {
            self.list.facts.references += u64::from(is("ref"));
            let known = ["version", "ref", "search", "control"];
            return if known.into_iter().any(is) { Ok(()) } else { Err(outside()) };
        };
        let taken = self.take_attribute(&mut record, name, value);
        self.record = Some(record);
        taken
    }

    /// Stores one attribute in its record.
    fn take_attribute(
        &mut self,
        record: &mut LdifRecord,
        name: &str,
        value: LdifValue<'_>,
    ) -> Result<()> {
        let lower = name.to_ascii_lowercase();
        if record.change == Change::Operation {
            if lower == "add" {
                record.change = Change::Values;
                return Ok(());
            }
            return Err(changes());
        }
        match lower.as_str() {
            "changetype" => {
                match self.text(value)?.unwrap_or_default().to_ascii_lowercase().as_str() {
                    "add" => {}
                    "modify" => {
                        record.change = Change::Operation;
                        self.entries -= 1;
                    }
                    _ => return Err(changes()),
                }
            }
            "objectclass" => record.classes.extend(self.text(value)?),
            "mail" => record.mail.extend(self.text(value)?),
            "proxyaddresses" => record.proxies.extend(self.text(value)?),
            "userprincipalname" => record.principals.extend(self.text(value)?),
            "samaccountname" | "uid" => record.accounts.extend(self.text(value)?),
            "objectguid" => {
                record.guid =
                    value.bytes()?.and_then(|bytes| values::guid(&bytes)).or(record.guid.take());
            }
            "entryuuid" => record.uuid = self.text(value)?.or(record.uuid.take()),
            "useraccountcontrol" => {
                if let Some(text) = self.text(value)? {
                    record.enabled = values::is_enabled(&text);
                    self.list.truths.count(CONTROL, record.enabled.is_some());
                }
            }
            "nsaccountlock" | "logindisabled" => {
                let locked = self.text(value)?.and_then(|text| values::truth(&text));
                record.locked = record.locked.max(locked);
            }
            "isdeleted" => {
                // FALSE does not say that the account is active.
                if self.text(value)?.and_then(|text| values::truth(&text)) == Some(true) {
                    record.locked = Some(true);
                }
            }
            "accountexpires" => {
                let text = self.text(value)?;
                let expires = self.expires(text, values::account_expires);
                record.expires = earliest(record.expires, expires);
            }
            "shadowexpire" => {
                let text = self.text(value)?;
                let expires = self.expires(text, values::shadow_expires);
                record.expires = earliest(record.expires, expires);
            }
            "displayname" => record.display_name = self.text(value)?.or(record.display_name.take()),
            "cn" => record.common_name = self.text(value)?.or(record.common_name.take()),
            "manager" => record.manager = self.text(value)?.or(record.manager.take()),
            "department" => record.department = self.text(value)?.or(record.department.take()),
            _ => self.list.leave_out(name),
        }
        Ok(())
    }

    /// The time at which an account expires. A text that cannot be read is counted.
    fn expires(
        &mut self,
        text: Option<String>,
        read: fn(&str) -> Option<Option<Instant>>,
    ) -> Option<Instant> {
        let read = read(&text?);
        self.list.dates_unread += u64::from(read.is_none());
        read.flatten()
    }

    /// The text of a value; `None` if it is empty or a word of absence. A value that is not valid UTF-8 is read
    /// as Windows-1252, as the cells of a table are.
    fn text(&mut self, value: LdifValue<'_>) -> Result<Option<String>> {
        let Some(bytes) = value.bytes()? else { return Ok(None) };
        let text = match String::from_utf8(bytes.into_owned()) {
            Ok(text) => text,
            Err(error) => {
                self.guessed += 1;
                WINDOWS_1252.decode_without_bom_handling(error.as_bytes()).0.into_owned()
            }
        };
        Ok(values::text(&text).map(str::to_owned))
    }

    /// Ends the current record, if there is one, and adds its person to the list.
    fn end_record(&mut self) -> Result<()> {
        let Some(record) = self.record.take() else { return Ok(()) };
        if record.change != Change::Entry {
            let adds = [&record.mail, &record.proxies, &record.principals, &record.accounts];
            if adds.into_iter().any(|values| !values.is_empty()) {
                self.additions.push(*record);
            }
            return Ok(());
        }
        let hash = self.hash_of(&record);
        self.ids.insert(hash);
        let mut entry = DirectoryEntry::default();
        let unread = add_names(&mut entry, &record);
        let is_person = values::is_person(record.classes.iter().map(String::as_str));
        if !is_person.unwrap_or(!entry.addresses.is_empty()) {
            self.list.facts.not_people += 1;
            let dn = self.list.other_dns.hasher().hash_one(compared_dn(&record.dn));
            self.list.other_dns.insert(dn);
            return Ok(());
        }
        self.list.addresses_unread += unread;
        let dn = Some(record.dn).filter(|dn| !dn.is_empty());
        let Some(id) = record.guid.or(record.uuid).or_else(|| dn.clone()) else {
            return Err(Error::input("the entry above has neither an id nor a name").hint(
                "export the list again with its ids: without an id, entries cannot be told apart",
            ));
        };
        entry.id = id;
        entry.active = match (record.enabled, record.locked) {
            (Some(false), _) | (_, Some(true)) => Some(false),
            (enabled, locked) => enabled.or(locked.map(|locked| !locked)),
        };
        entry.expires = record.expires;
        entry.manager = record.manager;
        entry.unit = record.department;
        entry.name = record.display_name.or(record.common_name);
        entry.dn = dn;
        self.list.rows.push(&entry);
        Ok(())
    }

    /// A hash of the id of a record.
    fn hash_of(&self, record: &LdifRecord) -> u64 {
        let id = record.guid.as_ref().or(record.uuid.as_ref());
        let dn = || record.dn.to_lowercase();
        self.ids.hasher().hash_one(id.map_or_else(dn, |id| id.to_owned()))
    }

    /// Ends the file: adds the values of the change records to their entries, and warns of values that are not
    /// UTF-8.
    ///
    /// # Errors
    /// If the entry of a change record is missing.
    fn finish(self, file: &str) -> Result<()> {
        let mut additions: HashMap<String, Vec<LdifRecord>> = HashMap::new();
        for record in self.additions {
            additions.entry(compared_dn(&record.dn)).or_default().push(record);
        }
        let mut found: HashSet<String> = HashSet::default();
        if !additions.is_empty() {
            let rows = &mut self.list.rows;
            for at in 0..rows.len() {
                let dn = rows.dn(at).map(compared_dn).unwrap_or_default();
                let Some(records) = additions.get(&dn) else { continue };
                let Some(mut row) = rows.get(at) else { continue };
                let unread = records.iter().map(|record| add_names(&mut row, record));
                self.list.addresses_unread += unread.sum::<u64>();
                rows.set(at, &row);
                found.insert(dn);
            }
        }
        let others = &self.list.other_dns;
        let is_lost =
            |dn: &String| !found.contains(dn) && !others.contains(&others.hasher().hash_one(dn));
        let lost = additions.iter().filter(|(dn, _)| is_lost(dn));
        if let Some(line) = lost.flat_map(|(_, records)| records).map(|it| it.line).min() {
            return Err(Error::input(
                "the record is a change to an entry that the file does not have",
            )
            .at(file, Some(line))
            .hint(ENTRIES_THEMSELVES));
        }
        if self.guessed > 0 {
            let told = format!(
                "values that are not UTF-8, and are read as Windows-1252: {}",
                self.guessed
            );
            self.list.warn(WarningCode::EncodingGuessed, told);
        }
        Ok(())
    }
}

/// A distinguished name as it is compared: in lower case, without blanks around its commas and equals signs.
fn compared_dn(dn: &str) -> String {
    let mut compared = String::with_capacity(dn.len());
    let mut is_escaped = false;
    let mut after_sign = true;
    for letter in dn.trim_end().chars().flat_map(char::to_lowercase) {
        let is_sign = matches!(letter, ',' | '=') && !is_escaped;
        if letter == ' ' && after_sign && !is_escaped {
            continue;
        }
        if is_sign {
            let bare = compared.trim_end_matches(' ').len();
            compared.truncate(bare);
        }
        compared.push(letter);
        after_sign = is_sign;
        is_escaped = letter == '\\' && !is_escaped;
    }
    compared
}

/// Adds the addresses and sign-in names of an LDIF record to an entry. Returns the number of addresses that cannot
/// be read.
fn add_names(entry: &mut DirectoryEntry, record: &LdifRecord) -> u64 {
    let mut unread = 0;
    for text in record.mail.iter().chain(&record.proxies) {
        unread += add_addresses(entry, text);
    }
    if entry.primary.is_none() {
        entry.primary = record.mail.iter().find_map(|text| first_address(text));
    }
    for principal in &record.principals {
        unread += add_addresses(entry, principal);
        add_text(&mut entry.sign_ins, principal);
    }
    record.accounts.iter().for_each(|account| add_text(&mut entry.sign_ins, account));
    unread
}

fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    [one, other].into_iter().flatten().min()
}

/// The refusal of a line that belongs to no LDIF entry.
fn outside() -> Error {
    Error::input("the line belongs to no entry")
        .hint("the beginning of the file is missing, or the file was edited: export it again")
}

/// The refusal of an LDIF change record that does more than add values.
fn changes() -> Error {
    Error::input("the record is a change to an entry, and may remove values")
        .hint(ENTRIES_THEMSELVES)
}

/// What to do about change records.
const ENTRIES_THEMSELVES: &str =
    "export the entries themselves (ldifde -f FILE, ldapsearch), not their changes";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguished_names_are_compared_without_blanks_and_case() {
        for (one, other, same) in [
            ("CN=Ada,OU=People", "cn = ada , ou=PEOPLE ", true),
            ("CN=Ada Lovelace,OU=X", "CN=AdaLovelace,OU=X", false),
            (r"CN=Lovelace\, Ada,OU=X", r"cn=lovelace\, ada, ou=x", true),
            (r"CN=Lovelace\, Ada,OU=X", r"CN=Lovelace\,Ada,OU=X", false),
        ] {
            assert_eq!(compared_dn(one) == compared_dn(other), same, "{one} {other}");
        }
    }
}

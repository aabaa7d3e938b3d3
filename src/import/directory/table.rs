//! Reads the tables of people that directories export as CSV. A format is a value that assigns a meaning to
//! columns; those values are in `tables`. This file reads the rows.

use std::collections::BTreeMap;

use super::addresses::{add_addresses, first_address};
use super::dates::{DateCells, DateMeaning, no_date};
use super::list::DirectoryList;
use super::names::HeaderNames;
use super::reader::{Beginning, DirectoryReader};
use super::truths::{CONTROL_HINT, no_value_says};
use super::values::{self, add_text, pieces};
use crate::code::WarningCode;
use crate::error::{Error, Result, quoted};
use crate::import::Input;
use crate::import::sheet::{Sheet, delimiter};
use crate::model::{DirectoryEntry, DirectoryMapping, EntryDates};

/// Folded names of columns with one meaning. Where a single value is wanted, earlier names come first.
pub type ColumnNames = &'static [&'static str];

/// A column that a table of a format must have: the folded names of which one must be there, and a name as a program
/// writes it.
pub type NeededColumn = (&'static [&'static str], &'static str);

/// A format of directory tables: its names, and its columns by meaning.
#[derive(Clone, Copy)]
pub struct TableFormat {
    /// The name of the format.
    pub format: &'static str,
    /// A description of the files of this format, in one line.
    pub about: &'static str,
    /// The feature by which a file of this format is recognized.
    pub recognised_by: &'static str,
    /// How to get a file of this format.
    pub obtained_from: &'static str,
    /// Whether a table with this header has this format.
    pub recognizes: fn(&HeaderNames) -> bool,
    /// The columns that a table must have, for messages. A format with several generations has several sets. The
    /// first column of a set shows that a table may have this format.
    pub needs: &'static [&'static [NeededColumn]],
    /// How to get the same people in a form without a faulty delimiter, for the hint on such a row.
    pub instead: &'static str,
    /// The columns of the id. The first of them with a cell that is not empty counts.
    pub id: ColumnNames,
    /// Whether the id may be a GUID, which has several written forms.
    pub id_is_guid: bool,
    /// The columns of the distinguished name.
    pub dn: ColumnNames,
    /// The columns of addresses.
    pub addresses: ColumnNames,
    /// The columns of proxy addresses, which have a prefix such as `SMTP:`.
    pub proxies: ColumnNames,
    /// The columns of the primary address. They count only if no proxy address is marked as primary.
    pub primary: ColumnNames,
    /// The columns of the names that a person signs in with.
    pub sign_ins: ColumnNames,
    /// The columns of the display name.
    pub name: ColumnNames,
    /// The columns of the given name and the family name, which are used where there is no display name.
    pub full_name: ColumnNames,
    /// The columns of the manager.
    pub manager: ColumnNames,
    /// The columns of the department.
    pub unit: ColumnNames,
    /// The columns of truth values, each with the meaning of a true cell: the account is active, or it is not.
    pub truths: &'static [(&'static str, bool)],
    /// The columns of a status, with the function that interprets its words.
    pub status: Option<(ColumnNames, StatusWords)>,
    /// Whether the table may have `userAccountControl`, `accountExpires` and `objectClass` in the forms of
    /// Active Directory.
    pub has_directory_values: bool,
    /// The columns of the time at which a person left.
    pub left: ColumnNames,
    /// The columns of the time at which an account was deleted. Whoever has such a time is inactive and has left then.
    pub deleted: ColumnNames,
    /// Whether a status is that of people who left, if the format has one. The time at which a person left then counts only
    /// for people with this status, and a long list without any of them is suspicious.
    pub gone: Option<fn(&str) -> bool>,
    /// The columns of the time at which an account expires.
    pub expires: ColumnNames,
}

/// Interprets a word of a status. The outer `None` means that the word is unknown, the inner `None` that the
/// word does not say whether the person is active.
pub type StatusWords = fn(&str) -> Option<Option<bool>>;

/// A format without any columns, from which the formats take the members that they do not set.
pub const NO_COLUMNS: TableFormat = TableFormat {
    format: "",
    about: "",
    recognised_by: "",
    obtained_from: "",
    recognizes: |_| false,
    needs: &[],
    instead: "",
    id: &[],
    id_is_guid: false,
    dn: &[],
    addresses: &[],
    proxies: &[],
    primary: &[],
    sign_ins: &[],
    name: &[],
    full_name: &[],
    manager: &[],
    unit: &[],
    truths: &[],
    status: None,
    has_directory_values: false,
    left: &[],
    deleted: &[],
    gone: None,
    expires: &[],
};

impl DirectoryReader for TableFormat {
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

    fn recognizes(&self, beginning: &Beginning) -> bool {
        (self.recognizes)(beginning.header())
    }

    fn read(
        &self,
        input: &mut Input,
        _mapping: Option<&DirectoryMapping>,
        list: &mut DirectoryList,
    ) -> Result<()> {
        let (name, delimiter) = (input.name().to_owned(), delimiter(input.head()));
        let mut sheet = Sheet::below(input.reader(), delimiter, &name, 0)?;
        let header = HeaderNames::of(sheet.header());
        let mut columns =
            TableColumns::of(self, &header).map_err(|error| error.at(&name, sheet.line()))?;
        let header_line = sheet.line();
        let is_recognized = (self.recognizes)(&header);
        let lacks_addresses = columns.addresses.is_empty() && columns.proxies.is_empty();
        if lacks_addresses && !is_recognized {
            return Err(self.without_addresses(is_recognized).at(&name, sheet.line()));
        }
        header.beside(&columns.used()).for_each(|column| list.leave_out(column));
        let width = sheet.header().len();
        while sheet.next_of_any_width()? {
            if lacks_addresses {
                return Err(self.without_addresses(is_recognized).at(&name, header_line));
            }
            if columns.id.is_empty() {
                return Err(self.without_id(&header).at(&name, header_line));
            }
            if sheet.row().len() > width {
                return Err(Error::input("the row has more cells than the header has names")
                    .at(&name, sheet.line())
                    .hint(format!(
                        "a delimiter stands within a cell that has no quotes: {}",
                        self.instead
                    )));
            }
            let row = columns.row(self, sheet.whole_row()?, list);
            let row = row.map_err(|error| error.at(&name, sheet.line()))?;
            row.iter().for_each(|row| list.rows.push(row));
        }
        columns.finish(list, &header, &name)?;
        note_on_sheet(&sheet, list);
        Ok(())
    }
}

impl TableFormat {
    /// The refusal of a table that lacks these columns. The error names no file yet.
    pub fn lacks(&self, columns: &[&str]) -> Error {
        let noun = if columns.len() == 1 { "column" } else { "columns" };
        let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let names = names.join(" and ");
        let message = format!("the table lacks the {noun} {names} that {} needs", self.format);
        let way = format!("export the list again with the {noun}: {}", self.obtained_from);
        Error::input(message).hint(way)
    }

    /// The refusal of a table without a column of ids.
    fn without_id(&self, header: &HeaderNames) -> Error {
        let needed = self.needs.iter().flat_map(|set| set.iter());
        let is_id = |column: &&NeededColumn| {
            column.0.iter().all(|name| self.id.contains(name)) && !header.has_any(column.0)
        };
        match needed.copied().find(|column| is_id(&column)) {
            Some((_, written)) => self.lacks(&[written]),
            None => self.lacks(&self.id[..self.id.len().min(1)]),
        }
    }

    /// The refusal of a table without any column of addresses: nobody in it could be found. The error names no
    /// line yet. `is_recognized` is whether the table has the columns by which this format is recognized.
    fn without_addresses(&self, is_recognized: bool) -> Error {
        let wanted = quoted(self.addresses.first().copied().unwrap_or_default());
        let error = Error::input(format!(
            "the table has no column {wanted}, and no other column with addresses of {}",
            self.format
        ));
        match is_recognized {
            true => error.hint(format!("export the list again with it: {}", self.obtained_from)),
            false => error.hint(format!(
                "this is no {}: leave --input-format out, so that the columns show the format",
                self.format
            )),
        }
    }
}

/// Adds the warnings about repeated headers and about the end of a table.
pub fn note_on_sheet<R: std::io::Read>(sheet: &Sheet<R>, list: &mut DirectoryList) {
    if sheet.headers_repeated() > 0 {
        let told =
            format!("lines that repeat the header and are skipped: {}", sheet.headers_repeated());
        list.warn(WarningCode::HeaderRepeated, told);
    }
    if let Some((code, told)) = sheet.note_on_end() {
        list.warn(code, told);
    }
}

/// A column that states whether people are active.
struct ActiveColumn {
    place: usize,
    says: StatusWords,
    /// The hint for a column in which no cell can be read.
    hint: &'static str,
    /// The number of cells that are not empty.
    filled: u64,
    read: u64,
}

/// The columns of one table by their meaning, each as its index in a row.
struct TableColumns {
    id: Vec<usize>,
    dn: Vec<usize>,
    addresses: Vec<usize>,
    proxies: Vec<usize>,
    primary: Vec<usize>,
    sign_ins: Vec<usize>,
    name: Vec<usize>,
    full_name: Vec<usize>,
    manager: Vec<usize>,
    unit: Vec<usize>,
    account_expires: Vec<usize>,
    /// The numbers of cells with an expiry that can be read, and that cannot.
    expiries: (u64, u64),
    classes: Vec<usize>,
    mailboxes: Vec<usize>,
    active: Vec<ActiveColumn>,
    dates: Vec<(usize, DateCells)>,
    /// The columns of dates that are those of a deletion.
    deleted: Vec<usize>,
    /// The columns with cells that hold the name of a type, each with the number of these cells.
    printed: BTreeMap<usize, u64>,
}

impl TableColumns {
    fn of(format: &TableFormat, header: &HeaderNames) -> Result<TableColumns> {
        let of_directory = |names: ColumnNames| match format.has_directory_values {
            true => header.places(names),
            false => Ok(Vec::new()),
        };
        let mut active = Vec::new();
        let column = |place, says| ActiveColumn { place, says, hint: ENGLISH, filled: 0, read: 0 };
        let control = of_directory(&["useraccountcontrol"])?;
        active.extend(
            control
                .into_iter()
                .map(|place| ActiveColumn { hint: CONTROL_HINT, ..column(place, is_enabled) }),
        );
        for (name, means) in format.truths {
            let says: StatusWords = if *means { is_true } else { is_false };
            active.extend(header.places(&[*name])?.into_iter().map(|place| column(place, says)));
        }
        if let Some((names, says)) = format.status {
            active.extend(header.places(names)?.into_iter().map(|place| column(place, says)));
        }
        let mut dates = Vec::new();
        for (names, meaning) in [
            (format.left, DateMeaning::Left),
            (format.deleted, DateMeaning::Left),
            (format.expires, DateMeaning::Expires),
        ] {
            let places = header.places(names)?.into_iter();
            dates.extend(
                places.map(|place| (place, DateCells::new(header.written(place), meaning))),
            );
        }
        Ok(TableColumns {
            id: header.places(format.id)?,
            dn: header.places(format.dn)?,
            addresses: header.places(format.addresses)?,
            proxies: header.places(format.proxies)?,
            primary: header.places(format.primary)?,
            sign_ins: header.places(format.sign_ins)?,
            name: header.places(format.name)?,
            full_name: header.places(format.full_name)?,
            manager: header.places(format.manager)?,
            unit: header.places(format.unit)?,
            account_expires: of_directory(&["accountexpires"])?,
            expiries: (0, 0),
            classes: of_directory(&["objectclass"])?,
            mailboxes: header.places(&["recipienttypedetails"])?,
            active,
            dates,
            deleted: header.places(format.deleted)?,
            printed: BTreeMap::new(),
        })
    }

    /// The indexes of all columns that are used.
    fn used(&self) -> Vec<usize> {
        let lists = [
            &self.id,
            &self.dn,
            &self.addresses,
            &self.proxies,
            &self.primary,
            &self.sign_ins,
            &self.name,
            &self.full_name,
            &self.manager,
            &self.unit,
            &self.account_expires,
            &self.classes,
            &self.mailboxes,
        ];
        let places = lists.into_iter().flatten().copied();
        let places = places.chain(self.active.iter().map(|column| column.place));
        places.chain(self.dates.iter().map(|(place, _)| *place)).collect()
    }

    /// The person in a row; `None` if the row is about something else, such as a computer.
    fn row(
        &mut self,
        format: &TableFormat,
        row: &csv::StringRecord,
        list: &mut DirectoryList,
    ) -> Result<Option<DirectoryEntry>> {
        let cell = |place: usize| row.get(place).unwrap_or_default();
        let text = |place: &usize| {
            values::text(cell(*place)).filter(|text| !values::is_printed_text(text))
        };
        let first = |places: &[usize]| places.iter().find_map(text);
        let owned = |places: &[usize]| first(places).map(str::to_owned);
        let is_no_person = |place: &usize| values::is_person(pieces(cell(*place))) == Some(false);
        let is_mailbox = |place: &usize| values::is_mailbox_of_nobody(cell(*place));
        if self.classes.first().is_some_and(is_no_person)
            || self.mailboxes.first().is_some_and(is_mailbox)
        {
            list.facts.not_people += 1;
            return Ok(None);
        }
        let Some(id) = first(&self.id) else {
            return Err(Error::input("the row has no id").hint(
                "export the list again with its ids: without an id, entries cannot be told apart",
            ));
        };
        if values::is_scientific(id) {
            return Err(scientific_id());
        }
        let id = match format.id_is_guid {
            true => values::guid(id.as_bytes()).unwrap_or_else(|| id.to_owned()),
            false => id.to_owned(),
        };
        let mut entry = DirectoryEntry { id, ..DirectoryEntry::default() };
        for place in self.addresses.iter().chain(&self.proxies) {
            list.addresses_unread += add_addresses(&mut entry, cell(*place));
        }
        self.note_printed(row);
        if entry.primary.is_none() {
            entry.primary = self.primary.iter().find_map(|place| first_address(cell(*place)));
        }
        let sign_ins = self.sign_ins.iter().filter_map(text);
        sign_ins.for_each(|name| add_text(&mut entry.sign_ins, name));
        entry.name = owned(&self.name).or_else(|| {
            let parts = self.full_name.iter().filter_map(text);
            let name = parts.collect::<Vec<_>>().join(" ");
            (!name.is_empty()).then_some(name)
        });
        entry.manager = owned(&self.manager);
        entry.unit = owned(&self.unit);
        let mut is_unknown = false;
        entry.active = self.active.iter_mut().fold(None, |active, column| {
            let says = column.truth(cell(column.place));
            is_unknown |= says.is_none();
            match (active, says.flatten()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (one, other) => one.or(other),
            }
        });
        list.words_unknown += u64::from(is_unknown && entry.active.is_none());
        let expires = first(&self.account_expires).map(values::account_expires);
        self.expiries.0 += u64::from(expires.flatten().is_some());
        self.expiries.1 += u64::from(expires == Some(None));
        entry.expires = expires.flatten().flatten();
        entry.dn = owned(&self.dn);
        let mut words = self.active.iter().map(|column| cell(column.place));
        let is_gone = format.gone.map(|is_gone| words.any(is_gone));
        if let Some(is_gone) = is_gone {
            list.has_okta_status |= !self.active.is_empty();
            list.deprovisioned += u64::from(is_gone);
        }
        let mut own = EntryDates { expires: entry.expires, ..EntryDates::default() };
        for (place, dates) in &mut self.dates {
            if is_gone != Some(false)
                && dates.add(cell(*place), &mut own, list.rows.len())?
                && self.deleted.contains(place)
            {
                entry.active = Some(false);
            }
        }
        (entry.left, entry.expires) = (own.left, own.expires);
        Ok(Some(entry))
    }

    /// Counts the cells of a row that hold the name of a type in place of their values.
    fn note_printed(&mut self, row: &csv::StringRecord) {
        let lists = self.addresses.iter().chain(&self.proxies);
        let texts = [&self.dn, &self.name, &self.full_name, &self.manager, &self.unit];
        let lists = lists.map(|place| (place, values::is_printed_object as fn(&str) -> bool));
        let texts = texts.into_iter().flatten();
        let texts = texts.map(|place| (place, values::is_printed_text as fn(&str) -> bool));
        for (place, is_printed) in lists.chain(texts) {
            if row.get(*place).is_some_and(is_printed) {
                *self.printed.entry(*place).or_default() += 1;
            }
        }
    }

    /// Ends the table: reads the dates that only the whole column could explain, and refuses columns whose
    /// cells cannot be read.
    fn finish(self, list: &mut DirectoryList, header: &HeaderNames, name: &str) -> Result<()> {
        for (place, cells) in self.printed {
            list.note_printed(header.written(place), cells);
        }
        for column in &self.active {
            if column.filled > 0 && column.read == 0 {
                let called = quoted(header.written(column.place));
                return Err(no_value_says("cell", &format!("the column {called}"))
                    .at(name, None)
                    .hint(column.hint));
            }
        }
        let (read, unread) = self.expiries;
        if let (Some(place), true) = (self.account_expires.first(), read == 0 && unread > 0) {
            return Err(no_date(header.written(*place)).at(name, None));
        }
        list.dates_unread += unread;
        for (_, dates) in self.dates {
            list.dates_unread += dates.finish(&mut list.rows, name)?;
        }
        Ok(())
    }
}

impl ActiveColumn {
    /// Whether a cell states that the person is active. The outer `None` means that its word is unknown. Counts the
    /// cell, and whether it could be read.
    fn truth(&mut self, cell: &str) -> Option<Option<bool>> {
        if cell.trim().is_empty() {
            return Some(None);
        }
        let says = (self.says)(cell);
        self.filled += 1;
        self.read += u64::from(says.is_some());
        says
    }
}

const ENGLISH: &str = "set the interface to English, and export the list again";

fn is_enabled(cell: &str) -> Option<Option<bool>> {
    values::is_enabled(cell).map(Some)
}

fn is_true(cell: &str) -> Option<Option<bool>> {
    values::truth(cell).map(Some)
}

fn is_false(cell: &str) -> Option<Option<bool>> {
    values::truth(cell).map(|truth| Some(!truth))
}

/// The refusal of an id that a spreadsheet has turned into scientific form. The error names no line yet.
pub fn scientific_id() -> Error {
    Error::input("the id is a number in scientific form, so its digits are lost").hint(
        "a spreadsheet has changed the id: export the list again, and do not save it with a spreadsheet",
    )
}

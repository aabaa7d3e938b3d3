//! Reads a table of employees whose columns the configuration names (directory.md section 1), such as an export
//! of an HR system. This reader never guesses what a column means.

use super::addresses::{add_addresses, first_address, names_address};
use super::dates::{DateCells, DateMeaning};
use super::list::{DirectoryList, WordsMet};
use super::names::{HeaderNames, folded};
use super::reader::{Beginning, DirectoryReader};
use super::table::{note_on_sheet, scientific_id};
use super::values::{self, add_text};
use crate::email;
use crate::error::{Error, Result, quoted};
use crate::import::Input;
use crate::import::sheet::Sheet;
use crate::model::{DirectoryEntry, DirectoryMapping, EntryDates, Host};

/// The number of rows, from the top of the table, among which the header is looked for.
const TITLES: usize = 20;

/// The reader of tables whose columns the configuration names.
pub struct MappedTable;

impl DirectoryReader for MappedTable {
    fn format(&self) -> &'static str {
        "mapped-csv"
    }

    fn about(&self) -> &'static str {
        "any table of employees whose columns the configuration names"
    }

    fn recognised_by(&self) -> &'static str {
        "CSV with all columns that [directory.NAME] of the configuration maps"
    }

    fn obtained_from(&self) -> &'static str {
        "an export of the HR system"
    }

    fn recognizes(&self, _beginning: &Beginning) -> bool {
        false
    }

    fn read(
        &self,
        input: &mut Input,
        mapping: Option<&DirectoryMapping>,
        list: &mut DirectoryList,
    ) -> Result<()> {
        let name = input.name().to_owned();
        let Some(mapping) = mapping else {
            return Err(Error::input("the configuration maps no columns of this table")
                .at(&name, None)
                .hint("name its columns in [directory.NAME] of the configuration"));
        };
        let (above, delimiter) =
            header_of(input.head(), mapping).map_err(|error| error.at(&name, None))?;
        let mut sheet = Sheet::below(input.reader(), delimiter, &name, above)?;
        let header = HeaderNames::of(sheet.header());
        let mut columns =
            MappedColumns::of(mapping, &header).map_err(|error| error.at(&name, sheet.line()))?;
        header.beside(&columns.used()).for_each(|column| list.leave_out(column));
        list.facts.skipped += above as u64;
        if let Some(active) = &mapping.active {
            list.words.get_or_insert_with(|| WordsMet {
                column: active.column.clone(),
                active: 0,
                inactive: 0,
                made_inactive: 0,
                must_be_met: !active.is.is_empty(),
                may_be_met: active.is.is_empty(),
            });
        }
        while sheet.next_of_any_width()? {
            // A row of totals has neither an address nor a login, and may have fewer cells than the header.
            if !columns.names_somebody(sheet.row()) {
                list.facts.skipped += 1;
                list.nameless += 1;
                continue;
            }
            let row = columns.row(mapping, &header, sheet.whole_row()?, list);
            list.rows.push(&row.map_err(|error| error.at(&name, sheet.line()))?);
        }
        for (_, dates) in columns.dates {
            list.dates_unread += dates.finish(&mut list.rows, &name)?;
        }
        note_on_sheet(&sheet, list);
        Ok(())
    }
}

/// The number of rows above the header, and the delimiter of the table. The header is the first row that has
/// all columns that the configuration maps.
fn header_of(head: &[u8], mapping: &DirectoryMapping) -> Result<(usize, u8)> {
    let wanted = mapping.columns();
    let mut nearest: Option<Vec<&str>> = None;
    for delimiter in [b',', b';', b'\t'] {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(head);
        let rows = reader.byte_records().take(TITLES).map_while(std::result::Result::ok);
        for (above, row) in rows.enumerate() {
            let names: Vec<String> =
                row.iter().map(|cell| folded(&String::from_utf8_lossy(cell))).collect();
            let is_missing = |column: &&str| !names.contains(&folded(column));
            let missing: Vec<&str> = wanted.iter().copied().filter(is_missing).collect();
            if missing.is_empty() {
                return Ok((above, delimiter));
            }
            if nearest.as_ref().is_none_or(|nearest| missing.len() < nearest.len()) {
                nearest = Some(missing);
            }
        }
    }
    let Some(mut missing) = nearest else { return Err(Error::input("the file is empty")) };
    missing.dedup();
    let missing: Vec<String> = missing.into_iter().map(quoted).collect();
    Err(Error::input(format!(
        "the table lacks columns that the configuration maps: {}",
        missing.join(", ")
    ))
    .hint(
        "export the list again with these columns, or name its own columns in [directory.NAME] \
        of the configuration",
    ))
}

/// The mapped columns of one table, each as its index in a row.
struct MappedColumns {
    id: usize,
    emails: Vec<usize>,
    logins: Vec<usize>,
    server_logins: Vec<(Host, usize)>,
    active: Option<usize>,
    manager: Option<usize>,
    unit: Option<usize>,
    dates: Vec<(usize, DateCells)>,
}

impl MappedColumns {
    fn of(mapping: &DirectoryMapping, header: &HeaderNames) -> Result<MappedColumns> {
        let place = |column: &str| match header.places(&[folded(column).as_str()])?.first() {
            Some(place) => Ok(*place),
            None => Err(Error::input(format!("the table has no column {}", quoted(column)))),
        };
        let places = |columns: &[String]| {
            columns.iter().map(|column| place(column)).collect::<Result<Vec<usize>>>()
        };
        let optional = |column: &Option<String>| column.as_deref().map(place).transpose();
        let mut dates = Vec::new();
        for (column, meaning) in
            [(&mapping.left, DateMeaning::Left), (&mapping.hired, DateMeaning::Hired)]
        {
            if let Some(column) = column {
                dates.push((place(column)?, DateCells::new(column, meaning)));
            }
        }
        let server_logins = mapping.server_logins.iter();
        Ok(MappedColumns {
            id: place(&mapping.id)?,
            emails: places(&mapping.emails)?,
            logins: places(&mapping.logins)?,
            server_logins: server_logins
                .map(|(host, column)| Ok((host.clone(), place(column)?)))
                .collect::<Result<_>>()?,
            active: mapping.active.as_ref().map(|active| place(&active.column)).transpose()?,
            manager: optional(&mapping.manager)?,
            unit: optional(&mapping.unit)?,
            dates,
        })
    }

    fn used(&self) -> Vec<usize> {
        let lists = self.emails.iter().chain(&self.logins).copied();
        let single = [Some(self.id), self.active, self.manager, self.unit];
        lists
            .chain(self.server_logins.iter().map(|(_, place)| *place))
            .chain(single.into_iter().flatten())
            .chain(self.dates.iter().map(|(place, _)| *place))
            .collect()
    }

    /// Whether a row has an address or a login in the mapped columns.
    fn names_somebody(&self, row: &csv::StringRecord) -> bool {
        let cell = |place: &usize| row.get(*place).unwrap_or_default();
        let logins = self.logins.iter().chain(self.server_logins.iter().map(|(_, place)| place));
        self.emails.iter().any(|place| names_address(cell(place)))
            || logins.map(cell).any(|it| values::text(it).is_some())
            || self.emails.iter().chain(&self.logins).any(|it| values::is_printed_object(cell(it)))
    }

    fn row(
        &mut self,
        mapping: &DirectoryMapping,
        header: &HeaderNames,
        row: &csv::StringRecord,
        list: &mut DirectoryList,
    ) -> Result<DirectoryEntry> {
        let cell = |place: usize| row.get(place).unwrap_or_default();
        let text = |place: Option<usize>| {
            place.and_then(|place| values::text(cell(place))).map(str::to_owned)
        };
        for place in self.used() {
            if values::is_printed_object(cell(place)) {
                return Err(Error::input(format!(
                    "the column {} holds the name of a type in place of its values",
                    quoted(header.written(place))
                ))
                .hint("write its values with -join \";\" in Select-Object, and export again"));
            }
        }
        let id = email::trimmed(cell(self.id));
        if email::word_of_absence(id).is_some() || id.is_empty() {
            return Err(Error::input(format!(
                "the row has no id in the column {}",
                quoted(&mapping.id)
            ))
            .hint(
                "look at the line, and add its id: without an id, entries cannot be told apart",
            ));
        }
        if values::is_scientific(id) {
            return Err(scientific_id());
        }
        let mut entry = DirectoryEntry { id: id.to_owned(), ..DirectoryEntry::default() };
        for place in &self.emails {
            list.addresses_unread += add_addresses(&mut entry, cell(*place));
        }
        let first = self.emails.first().and_then(|place| first_address(cell(*place)));
        entry.primary = entry.primary.or(first);
        for place in &self.logins {
            values::logins(cell(*place)).for_each(|it| add_text(&mut entry.logins, it));
        }
        for (host, place) in &self.server_logins {
            for login in values::logins(cell(*place)).filter_map(values::text) {
                entry.server_logins.push((host.clone(), login.to_owned()));
            }
        }
        entry.manager = text(self.manager);
        entry.unit = text(self.unit);
        if let (Some(place), Some(words)) = (self.active, &mapping.active) {
            entry.active = words.truth_of(cell(place));
            let is_unknown = entry.active.is_none() && !cell(place).trim().is_empty();
            list.words_unknown += u64::from(is_unknown);
            if let Some(met) = &mut list.words {
                met.active += u64::from(entry.active == Some(true));
                met.inactive += u64::from(entry.active == Some(false));
                let is_guessed = words.not.is_empty() && entry.active == Some(false);
                met.made_inactive += u64::from(is_guessed);
            }
        }
        let mut own = EntryDates::default();
        for (place, dates) in &mut self.dates {
            dates.add(cell(*place), &mut own, list.rows.len())?;
        }
        (entry.left, entry.hired) = (own.left, own.hired);
        Ok(entry)
    }
}

//! Reads Cloud's license report as CSV (formats.md section 2), with the headers of every generation of the
//! report.

use std::borrow::Cow;

use super::cloud_rows::{CloudRowCheck, check_columns};
use super::format_names::normalized;
use super::sheet::{Sheet, delimiter};
use super::{FileFacts, Input, Outline, Reader, Sink};
use crate::code::WarningCode;
use crate::error::{Error, Result};
use crate::model::{SourceKind, Value, is_known_cloud_field, is_set, split_cell};

/// Reads the license report of Cloud in CSV.
pub struct CloudCsv;

impl Reader for CloudCsv {
    fn format(&self) -> &'static str {
        "cloud-license-report-csv"
    }

    fn about(&self) -> &'static str {
        "Cloud: the license report, consumed_licenses-ENTERPRISE-….csv"
    }

    fn recognised_by(&self) -> &'static str {
        "CSV with github_com_login (GitHub com login, GitHub login) or Handle or email"
    }

    fn obtained_from(&self) -> &'static str {
        "the enterprise's Licensing page, Download report: consumed_licenses-ENTERPRISE-….csv"
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Cloud
    }

    fn recognizes(&self, outline: &Outline) -> bool {
        let has = |wanted: &str| outline.header.iter().any(|cell| normalized(cell) == wanted);
        // Whether the columns tell the four kinds of Cloud row apart is not checked here: `check_columns`
        // checks it when the file is read, and its error names the missing column.
        let known = |cell: &String| {
            let name = normalized(cell);
            name != "github_com_login" && is_known_cloud_field(&name)
        };
        has("github_com_login") && outline.header.iter().any(known)
            || has("handle_or_email") && has("license_type")
    }

    fn knows(&self, field: &str) -> bool {
        is_known_cloud_field(field)
    }

    fn read(&self, input: &mut Input, sink: &mut dyn Sink) -> Result<FileFacts> {
        sink.source(SourceKind::Cloud, None)?;
        let (name, delimiter) = (input.name().to_owned(), delimiter(input.head()));
        let is_there = |wanted: &str| {
            let cells = super::sheet::header_cells(input.head());
            cells.iter().any(|cell| normalized(cell) == wanted)
        };
        let both_roles = is_there("github_com_enterprise_roles");
        let old = is_there("handle_or_email");
        let has_role_columns = Outline::of(input.head()).role_columns > 0;
        let mut sheet = Sheet::open(input.reader(), delimiter, &name, |cell| {
            match OLD_COLUMNS.iter().find(|(name, _)| old && normalized(cell) == *name) {
                Some((_, field)) => (*field).to_owned(),
                None => column(cell, both_roles),
            }
        })?
        .of_columns(is_column);
        let columns = sheet.header().to_vec();
        if !columns.iter().any(|column| is_known_cloud_field(column)) {
            return Err(Error::input("no column has a name that the license report has")
                .at(&name, sheet.line())
                .hint("check that this is the right file, or leave --input-format out"));
        }
        check_columns(&name, sheet.line(), columns.iter().map(String::as_str))?;
        let mut rows = CloudRowCheck::of(&name);
        sheet.each_record(|_, mut next| {
            rows.look(&mut next)?;
            next.record.values_mut().for_each(|(name, value)| make_list(name, value));
            sink.record(next.record)
        })?;
        let mut said = FileFacts {
            noted: rows.end(columns.last(), sheet.has_line_end())?,
            ..FileFacts::default()
        };
        said.noted.headers_repeated(sheet.headers_repeated());
        said.notes.extend(sheet.note_on_end());
        if is_membership_report(&name) || has_role_columns {
            said.notes.push((WarningCode::MembershipReport, MEMBERSHIP_REPORT.to_owned()));
        }
        Ok(said)
    }
}

/// The columns of license reports before mid-2022 whose names have changed, each with the field that holds its
/// values today.
const OLD_COLUMNS: [(&str, &str); 5] = [
    ("name", "github_com_name"),
    ("handle_or_email", "github_com_login"),
    ("profile_link", "github_com_profile"),
    ("member_roles", "github_com_member_roles"),
    ("enterprise_role", "github_com_enterprise_roles"),
];

const MEMBERSHIP_REPORT: &str = "by its name or its columns, this is the membership report, which \
    has the columns of the license report and also lists people who take no license: import the \
    license report instead";

/// Whether a file is named like the membership report, `export-ENTERPRISE-UNIXTIME.csv`, possibly with a
/// compression suffix.
fn is_membership_report(name: &str) -> bool {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let Some((stem, _)) = name.strip_prefix("export-").and_then(|rest| rest.split_once(".csv"))
    else {
        return false;
    };
    let time = stem.rsplit('-').next().unwrap_or_default();
    time.len() == 10 && time.bytes().all(|byte| byte.is_ascii_digit())
}

/// Makes a list of a cell that belongs to a list field, even if the cell has one item or none.
fn make_list<'r>(name: &str, value: &mut Value<'r>) {
    if !is_set(name) {
        return;
    }
    if let Value::Text(Cow::Borrowed(cell)) = value {
        let cell: &'r str = cell;
        let mut items: Vec<Cow<'r, str>> = split_cell(cell).map(Cow::Borrowed).collect();
        items.sort_unstable();
        *value = Value::List(items);
    }
}

/// The field that a column of the header stands for: the normalized name if that is a known field, otherwise
/// the header as written.
fn column(cell: &str, both_roles: bool) -> String {
    let name = normalized(cell);
    let name = match name.as_str() {
        "github_com_enterprise_role" if !both_roles => "github_com_enterprise_roles".to_owned(),
        "github_com_member_role" => "github_com_member_roles".to_owned(),
        _ => name,
    };
    if is_known_cloud_field(&name) { name } else { cell.to_owned() }
}

/// Whether any generation of the license report has a column with this header.
fn is_column(cell: &str) -> bool {
    let name = normalized(cell);
    is_known_cloud_field(&name) || OLD_COLUMNS.iter().any(|(old, _)| *old == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_every_generation() {
        for (cell, expected) in [
            ("github_com_login", "github_com_login"),
            ("GitHub com login", "github_com_login"),
            ("GitHub login", "github_com_login"),
            ("GitHub com saml name", "github_com_saml_name_id"),
            ("GitHub com saml name ID", "github_com_saml_name_id"),
            ("GitHub com enterprise role", "github_com_enterprise_roles"),
            ("Visual studio subscription email", "visual_studio_subscription_email"),
            ("Ghe license active", "ghe_license_active"),
            ("Favourite colour", "Favourite colour"),
        ] {
            assert_eq!(column(cell, false), expected);
        }
        assert_eq!(column("github_com_enterprise_role", true), "github_com_enterprise_role");
    }
}

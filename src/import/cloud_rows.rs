//! Checks that a file is a Cloud report (formats.md section 1): it has logins, and it states for each row
//! whether there is a Cloud account. Without that statement, nobody can decide which seat a row takes.

use std::collections::BTreeMap;

use super::alike::Next;
use super::facts::Noted;
use super::field_rule::{AbsenceWords, FieldForm, FieldRule};
use super::list_text::Items;
use super::values::ValueCheck;
use crate::code::WarningCode;
use crate::error::{Error, Result};
use crate::model::{DateOrder, LICENSE_FIELDS, Record, Value, license_end_text};
use crate::table::counted;

/// The hint for a file in which some fields were picked and others left out. It names the fields by which the
/// four kinds of Cloud row are told apart.
const ALL_OF_IT: &str = "import the complete response or report; if you pick fields (--jq, Select), pick at \
    least github_com_login, github_com_user, enterprise_server_user, enterprise_server_user_ids";

/// Checks the rows of a Cloud report as they are read.
pub struct CloudRowCheck {
    file: String,
    values: ValueCheck,
    places: Places,
    /// Whether any row read so far has the field `github_com_login`.
    has_logins: bool,
    /// Whether any row read so far shows whether it has a Cloud account.
    says_account: bool,
    /// Whether any row read so far has the field `github_com_user`.
    has_flag: bool,
    /// The row number and the line of the first row of the old form, used in reports before mid-2022: it has a
    /// Cloud account, but no field `github_com_user`.
    of_old: Option<(u64, u64)>,
    /// Whether any row read so far has a field that states whether there is a Server account.
    says_server: bool,
    /// The dates on which licenses end, spelled as in the file, each with its number of rows.
    license_ends: BTreeMap<String, u64>,
    /// The row number and the line of the first row whose kind would follow from a field that no row read so
    /// far has.
    untold: Option<(u64, u64)>,
}

/// The positions, within a record, of the fields that tell the four kinds of Cloud row apart. Records with
/// equal field names have equal positions.
#[derive(Default)]
struct Places {
    login: Option<usize>,
    user: Option<usize>,
    server_user: Option<usize>,
    server_ids: Option<usize>,
    subscriber: Option<usize>,
    license_type: Option<usize>,
    license_end: Option<usize>,
    roles: [Option<usize>; 3],
}

impl Places {
    fn of(record: &Record<'_>) -> Places {
        let place = |name: &str| record.fields().iter().position(|field| field.name == name);
        Places {
            login: place("github_com_login"),
            user: place("github_com_user"),
            server_user: place("enterprise_server_user"),
            server_ids: place("enterprise_server_user_ids"),
            subscriber: place("visual_studio_subscription_user"),
            license_type: place("license_type"),
            license_end: place(LICENSE_FIELDS[1]),
            roles: ROLES.map(place),
        }
    }
}

impl CloudRowCheck {
    /// A check for the rows of a Cloud report. `file` is its name in messages.
    pub fn of(file: &str) -> CloudRowCheck {
        CloudRowCheck {
            file: file.to_owned(),
            values: ValueCheck::of(file, rule),
            places: Places::default(),
            has_logins: false,
            says_account: false,
            has_flag: false,
            of_old: None,
            says_server: false,
            license_ends: BTreeMap::new(),
            untold: None,
        }
    }

    /// Checks the next row.
    ///
    /// # Errors
    /// If a value on which identity or matching rests cannot be read, or if the row does not show whether there
    /// is a Cloud account.
    pub fn look(&mut self, next: &mut Next<'_>) -> Result<()> {
        self.values.look(next)?;
        let Next { record, line, .. } = &*next;
        if self.values.has_new_names() {
            self.places = Places::of(record);
        }
        let (line, places) = (*line, &self.places);
        if places.license_end.is_some()
            && let Some(end) = license_end_text(record)
        {
            match self.license_ends.get_mut(end) {
                Some(number) => *number += 1,
                None => drop(self.license_ends.insert(end.to_owned(), 1)),
            }
        }
        let value = |place: Option<usize>| Some(&record.fields().get(place?)?.value);
        self.has_logins |= places.login.is_some();
        self.says_server |= places.server_user.is_some() || places.server_ids.is_some();
        let truth = |place| value(place).and_then(Value::truth);
        let login = value(places.login).and_then(Value::text).unwrap_or_default();
        let is_address = login.contains('@');
        let filled = |place| value(place).is_some_and(|value| !value.is_empty());
        // Reports before mid-2022 have no field `github_com_user`; a license type beside roles shows a Cloud
        // account there. A row with an empty `github_com_user` is not from one of these reports.
        let has_flag = places.user.is_some();
        self.has_flag |= has_flag;
        let of_old = !has_flag
            && places.license_type.is_some()
            && places.roles.iter().any(Option::is_some)
            && (filled(places.license_type) || places.roles.into_iter().any(filled));
        let stated = truth(places.user);
        self.says_account |= stated.is_some() || of_old;
        // Every Cloud account has a login that is no address. A row whose login is empty or an address
        // therefore has no Cloud account.
        let may_be = !login.trim().is_empty() && !is_address;
        let is_elsewhere = truth(places.server_user) == Some(true)
            || filled(places.server_ids)
            || truth(places.subscriber) == Some(true);
        let is_told = match login.trim().is_empty() {
            true => is_elsewhere,
            false if has_flag => false,
            false => of_old || is_address,
        };
        if stated.is_none() && !is_told {
            return Err(self.no_flag(self.values.row(), line));
        }
        if stated.is_none() && may_be && self.of_old.is_none() {
            self.of_old = Some((self.values.row(), line));
        }
        let account = stated.unwrap_or(may_be);
        let told =
            account || is_address || truth(places.subscriber) == Some(true) || self.says_server;
        if !told && self.untold.is_none() {
            self.untold = Some((self.values.row(), line));
        }
        Ok(())
    }

    fn no_flag(&self, row: u64, line: u64) -> Error {
        Error::input(format!(
            "row {row} does not say whether there is a Cloud account: the field github_com_user is \
             missing or empty"
        ))
        .at(&self.file, Some(line))
        .hint(ALL_OF_IT)
    }

    /// Ends the check and returns what was noted about all rows. `last_column` is the last column of a table,
    /// and `has_line_end` says whether the table ends with a line end. Without a line end, the table may have
    /// been cut within its last cell.
    ///
    /// # Errors
    /// If the file lacks a field that tells the kinds of row apart, if only some accounts have
    /// `github_com_user`, or if the table was cut within its last cell.
    pub fn end(self, last_column: Option<&String>, has_line_end: bool) -> Result<Noted> {
        self.values.check_end(last_column, has_line_end)?;
        if self.values.row() > 0 && !self.has_logins {
            return Err(Error::input("the rows have no field github_com_login")
                .at(&self.file, None)
                .hint(ALL_OF_IT));
        }
        if self.values.row() > 0 && !self.says_account {
            return Err(Error::input(
                "no row says whether there is a Cloud account: the field github_com_user is missing",
            )
            .at(&self.file, None)
            .hint(ALL_OF_IT));
        }
        if let Some((row, line)) = self.of_old.filter(|_| self.has_flag) {
            return Err(self.no_flag(row, line));
        }
        match self.untold {
            Some((row, line)) if !self.says_server => Err(Error::input(format!(
                "row {row} has no Cloud account and no address, and nothing says whether it has a \
                 Server account: the fields enterprise_server_user and enterprise_server_user_ids \
                 are missing"
            ))
            .at(&self.file, Some(line))
            .hint(ALL_OF_IT)),
            _ => {
                let mut noted = self.values.noted;
                for (code, message) in notes_on_license_ends(&self.license_ends) {
                    noted.told(code, message, LICENSE_FIELDS[1]);
                }
                Ok(noted)
            }
        }
    }
}

/// The warnings that end dates of licenses are ambiguous or cannot be read. Such a date counts as not stated
/// (formats.md section 2).
fn notes_on_license_ends(ends: &BTreeMap<String, u64>) -> Vec<(WarningCode, String)> {
    let order = DateOrder::of(ends.keys().cloned());
    let (mut ambiguous, mut unread) = (0, 0);
    for (text, number) in ends.iter().filter(|(text, _)| order.end(text).is_none()) {
        let of_the_column = order == DateOrder::Unknown
            && DateOrder::of([text.clone()].into_iter()) != DateOrder::Iso;
        *(if of_the_column { &mut ambiguous } else { &mut unread }) += number;
    }
    let mut notes = Vec::new();
    if ambiguous > 0 {
        let told = format!(
            "the dates in the column do not show which number is the month, so the end of the \
                license counts as not stated in {}",
            counted(ambiguous, "row")
        );
        notes.push((WarningCode::DateAmbiguous, told));
    }
    if unread > 0 {
        let told = format!(
            "the date cannot be read, so the end of the license counts as not stated in {}",
            counted(unread, "row")
        );
        notes.push((WarningCode::DateUnknown, told));
    }
    notes
}

/// The fields that hold roles. In reports without `github_com_user`, one of them beside `license_type` shows
/// that a row has a Cloud account.
const ROLES: [&str; 3] =
    ["github_com_enterprise_roles", "github_com_enterprise_role", "github_com_member_roles"];

/// Refuses a table whose columns do not tell the four kinds of Cloud row apart. `line` is the line of the
/// header.
///
/// # Errors
/// If no column holds the login, or no column states whether there is a Cloud account.
pub fn check_columns<'c>(
    file: &str,
    line: Option<u64>,
    columns: impl Iterator<Item = &'c str> + Clone,
) -> Result<()> {
    let has = |wanted: &str| columns.clone().any(|column| column == wanted);
    let tells_by_roles = has("license_type") && ROLES.into_iter().any(has);
    let missing = if !has("github_com_login") {
        "github_com_login"
    } else if !has("github_com_user") && !tells_by_roles {
        "github_com_user"
    } else {
        return Ok(());
    };
    Err(Error::input(format!("the report has no column {missing}")).at(file, line).hint(ALL_OF_IT))
}

/// The rule for the values of a known field of a Cloud report; `None` for an unknown field.
fn rule(field: &str) -> Option<FieldRule> {
    use AbsenceWords::{Address, Kept, Name};
    use FieldForm::{List, Number, Text, Truth};
    Some(match field {
        "github_com_login" => FieldRule::telling(Text, Name),
        "github_com_name" => FieldRule::other(Text, Name),
        "github_com_user" | "enterprise_server_user" | "visual_studio_subscription_user" => {
            FieldRule::telling(Truth, Address)
        }
        "github_com_saml_name_id" | "visual_studio_subscription_email" => {
            FieldRule::telling(Text, Address)
        }
        "enterprise_server_user_ids" => FieldRule::telling(List(Items::Ids), Address),
        "github_com_verified_domain_emails"
        | "enterprise_server_primary_emails"
        | "enterprise_server_emails" => FieldRule::telling(List(Items::Addresses), Address),
        "github_com_member_roles" => FieldRule::telling(List(Items::Pairs), Name),
        "github_com_enterprise_roles" | "github_com_enterprise_role" => {
            FieldRule::telling(List(Items::Words), Name)
        }
        "github_com_orgs_with_pending_invites" => FieldRule::other(List(Items::Words), Name),
        "enterprise_server_advanced_security_user_ids"
        | "enterprise_server_code_security_user_ids"
        | "enterprise_server_secret_protection_user_ids" => {
            FieldRule::other(List(Items::Words), Address)
        }
        "github_com_two_factor_auth"
        | "ghe_license_active"
        | "github_com_advanced_security_license_user"
        | "github_com_code_security_license_user"
        | "github_com_secret_protection_license_user" => FieldRule::other(Truth, Kept),
        "total_user_accounts" => FieldRule::other(Number, Kept),
        "ghe_license_start_date" | "ghe_license_end_date" => FieldRule::other(Text, Address),
        "github_com_cost_center"
        | "github_com_profile"
        | "github_com_two_factor_auth_required_by_date"
        | "license_type"
        | "license_status"
        | "visual_studio_license_status" => FieldRule::other(Text, Kept),
        _ => return None,
    })
}

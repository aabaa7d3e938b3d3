//! Fields that an imported file lacks. Their values are unknown, and an answer that needs these values says
//! that they are unknown (formats.md section 1, "A field that is absent is not a field that is empty").

use crate::code::WarningCode;
use crate::error::Result;
use crate::ledger::{Ledger, Moment};
use crate::model::SourceKind;
use crate::store::SnapshotFacts;
use crate::warning::{Warning, WarningSubject};

/// The names that one field has in different formats. A file has the field if it contains any of these names.
type FieldTest = &'static [&'static str];

/// The fields of a Cloud report by which Server accounts are matched with Cloud accounts.
const CLOUD: [FieldTest; 4] = [
    &["github_com_saml_name_id"],
    &["github_com_verified_domain_emails"],
    &["enterprise_server_user_ids"],
    &["enterprise_server_primary_emails", "enterprise_server_emails"],
];

/// The field of a Cloud row that lists a person's organizations.
pub(super) const ORGANIZATIONS: FieldTest = &["github_com_member_roles"];

/// The field of a Cloud row that states a person's roles, and which of them are pending.
pub(super) const ROLES: FieldTest = &["github_com_enterprise_roles", "github_com_enterprise_role"];

/// The field of a Cloud row that states the type of its license.
pub(super) const LICENSE_TYPE: FieldTest = &["license_type"];

/// The field of a Cloud row that lists the Server accounts that GitHub has merged into the row's account.
pub(super) const MERGED: FieldTest = &["enterprise_server_user_ids"];

/// The field of a Server file that states the address of an account, by which the account is matched.
const SERVER: [FieldTest; 1] = [&["email", "primary_email", "emails"]];

/// The warnings about absent fields: one for each field that matching needs and that the file of a snapshot in
/// force lacks.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn warnings(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    for snapshot in moment.in_force.iter().filter(|it| moment.counts(&it.source)) {
        let wanted: &[FieldTest] = match snapshot.source.kind {
            SourceKind::Cloud => &CLOUD,
            _ => &SERVER,
        };
        for said in wanted {
            if lacks(ledger, snapshot, said)? {
                warnings.push(Warning {
                    code: WarningCode::FieldAbsent,
                    message: format!(
                        "the snapshot of {} taken at {} has no field {}, so matches that depend on \
                         this field are not known",
                        snapshot.source,
                        snapshot.taken_at,
                        said.join(" or ")
                    ),
                    about: Some(WarningSubject::Source(snapshot.source.clone())),
                });
            }
        }
    }
    Ok(warnings)
}

/// Does the warning say that a file lacks a field?
pub(super) fn is_of_absence(warning: &Warning) -> bool {
    warning.code == WarningCode::FieldAbsent
}

/// Are there records in the snapshot, and do all of them lack the field `said` under each of its names?
///
/// # Errors
/// If the database cannot be read.
pub(super) fn lacks(
    ledger: &Ledger<'_>,
    snapshot: &SnapshotFacts,
    said: FieldTest,
) -> Result<bool> {
    let telling = match snapshot.source.kind {
        SourceKind::Cloud => "github_com_login",
        _ => "login",
    };
    // A form is the set of field names that a stored record has. Usually every form in the database has the
    // field `said`, and then the records of the snapshot need not be read.
    let all_forms = ledger.store.forms()?;
    let mut of_kind = all_forms.iter().filter(|form| form.iter().any(|field| field == telling));
    Ok(of_kind.any(|form| !says(form, said)) && !states(ledger, snapshot, said)?)
}

/// Does any record of the snapshot have the field `said`, under any of its names? The answer is also yes if the
/// snapshot has no records.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn states(
    ledger: &Ledger<'_>,
    snapshot: &SnapshotFacts,
    said: FieldTest,
) -> Result<bool> {
    let forms = ledger.store.forms_of(snapshot)?;
    Ok(forms.is_empty() || forms.iter().any(|form| says(form, said)))
}

fn says(form: &[String], said: FieldTest) -> bool {
    said.iter().any(|field| form.iter().any(|it| it == field))
}

//! Fields that a file does not have: what would have stood in them is not known, and an answer
//! that rests on them says so (formats.md section 1, "A field that is absent is not a field that
//! is empty").

use super::consumption::Warning;
use crate::error::Result;
use crate::ledger::{Ledger, Moment};
use crate::model::SourceKind;
use crate::store::SnapshotFacts;

/// Something that a file says in a field of one of these names.
type FieldTest = &'static [&'static str];

/// The code of the warning.
const FIELD_ABSENT: &str = "field-absent";

/// By what Cloud accounts are matched and compared.
const CLOUD: [FieldTest; 4] = [
    &["github_com_saml_name_id"],
    &["github_com_verified_domain_emails"],
    &["enterprise_server_user_ids"],
    &["enterprise_server_primary_emails", "enterprise_server_emails"],
];

/// Where a Cloud row says in which organizations somebody is.
pub(super) const ORGANIZATIONS: FieldTest = &["github_com_member_roles"];

/// Where a Cloud row says which roles somebody has, and which of them are pending.
pub(super) const ROLES: FieldTest = &["github_com_enterprise_roles", "github_com_enterprise_role"];

/// Where a Cloud row says of what kind its license is.
pub(super) const LICENSE_TYPE: FieldTest = &["license_type"];

/// Where a Cloud row says which Server accounts GitHub has merged into it.
pub(super) const MERGED: FieldTest = &["enterprise_server_user_ids"];

/// Where a Server account has its address.
const SERVER: [FieldTest; 1] = [&["email", "primary_email", "emails"]];

/// What to warn of at a moment: the fields that a file in force lacks and matching rests on.
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
                    code: FIELD_ABSENT,
                    message: format!(
                        "{} of {} has no field {}: what it would have said is not stated, and who \
                         matches by it is not known",
                        snapshot.source,
                        snapshot.taken_at,
                        said.join(" or ")
                    ),
                });
            }
        }
    }
    Ok(warnings)
}

/// Is a warning one of fields that a file does not have?
pub(super) fn is_of_absence(warning: &Warning) -> bool {
    warning.code == FIELD_ABSENT
}

/// Has no record of a snapshot a field of one of these names?
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
    // Mostly every form of record has the field, and no snapshot need be looked at.
    let all_forms = ledger.store.forms()?;
    let mut of_kind = all_forms.iter().filter(|form| form.iter().any(|field| field == telling));
    Ok(of_kind.any(|form| !says(form, said)) && !states(ledger, snapshot, said)?)
}

/// Does a snapshot say something in a field of one of these names? One without records says all
/// that there is.
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

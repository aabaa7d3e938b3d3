//! Fields that a file does not have: what would have stood in them is not known, and an answer
//! that rests on them says so (formats.md section 1, "A field that is absent is not a field that
//! is empty").

use super::consumption::Warning;
use super::moment::{Ledger, Moment};
use crate::error::Result;
use crate::model::SourceKind;
use crate::store::SnapshotFacts;

/// Something that a file says in a field of one of these names.
type Said = &'static [&'static str];

/// By what Cloud accounts are matched and compared.
const CLOUD: [Said; 4] = [
    &["github_com_saml_name_id"],
    &["github_com_verified_domain_emails"],
    &["enterprise_server_user_ids"],
    &["enterprise_server_primary_emails", "enterprise_server_emails"],
];

/// Where a Cloud row says in which organizations somebody is.
pub(super) const ORGANIZATIONS: Said = &["github_com_member_roles"];

/// Where a Server account has its address.
const SERVER: [Said; 1] = [&["email", "primary_email", "emails"]];

/// What to warn of at a moment: the fields that a file in force lacks and matching rests on.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn warnings(ledger: &Ledger<'_>, moment: &Moment<'_>) -> Result<Vec<Warning>> {
    let mut warnings = Vec::new();
    // Mostly every form of record has all the fields, and no snapshot need be looked at.
    let all_forms = ledger.store.forms()?;
    for snapshot in moment.in_force.iter().filter(|it| moment.counts(&it.source)) {
        let (telling, wanted): (_, &[Said]) = match snapshot.source.kind {
            SourceKind::Cloud => ("github_com_login", &CLOUD),
            _ => ("login", &SERVER),
        };
        let of_kind = |form: &&Vec<String>| form.iter().any(|field| field == telling);
        let lacking = |said: &&Said| all_forms.iter().filter(of_kind).any(|form| !says(form, said));
        let lacking: Vec<&Said> = wanted.iter().filter(lacking).collect();
        if lacking.is_empty() {
            continue;
        }
        let forms = ledger.store.forms_of(snapshot)?;
        for said in lacking {
            if !forms.is_empty() && !forms.iter().any(|form| says(form, said)) {
                warnings.push(Warning {
                    code: "field-absent",
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

/// Does a snapshot say something in a field of one of these names? One without records says all
/// that there is.
///
/// # Errors
/// If the database cannot be read.
pub(super) fn states(ledger: &Ledger<'_>, snapshot: &SnapshotFacts, said: Said) -> Result<bool> {
    let forms = ledger.store.forms_of(snapshot)?;
    Ok(forms.is_empty() || forms.iter().any(|form| says(form, said)))
}

fn says(form: &[String], said: Said) -> bool {
    said.iter().any(|field| form.iter().any(|it| it == field))
}

//! What the licenses of Server instances say of the seats bought (formats.md section 6).

use super::consumption::Warning;
use super::moment::{Enterprise, Ledger, Moment};
use crate::model::{SourceKind, Standing};
use crate::store::SnapshotFacts;

/// The newest statement of each instance of an enterprise that is not after the moment, the newest
/// first; of equally new ones by host.
fn statements<'l>(
    ledger: &'l Ledger<'_>,
    moment: &Moment<'_>,
    enterprise: &Enterprise<'_>,
) -> Vec<&'l SnapshotFacts> {
    let present =
        enterprise.population.instances.iter().filter(|it| it.standing != Standing::Absent);
    let newest = present.filter_map(|instance| {
        let of_instance =
            ledger.taken_of(SourceKind::ServerLicense, &instance.host, moment.at).iter();
        of_instance.max_by_key(|snapshot| (snapshot.taken_at, !snapshot.partial, snapshot.place))
    });
    let mut newest: Vec<&SnapshotFacts> = newest.filter(|it| it.purchased.is_some()).collect();
    newest.sort_by_key(|it| (std::cmp::Reverse(it.taken_at), &it.source.name));
    newest
}

/// The seats that the newest license of an enterprise's instances states.
pub fn purchased(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    enterprise: &Enterprise<'_>,
) -> Option<i64> {
    statements(ledger, moment, enterprise).first()?.purchased
}

/// Where licenses and what counts as purchased say different things, both are shown.
pub fn disagreements(
    ledger: &Ledger<'_>,
    moment: &Moment<'_>,
    counted: impl Fn(&Enterprise<'_>) -> Option<i64>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for enterprise in &moment.enterprises {
        let Some(counted) = counted(enterprise) else { continue };
        for license in statements(ledger, moment, enterprise) {
            let Some(seats) = license.purchased.filter(|seats| *seats != counted) else { continue };
            warnings.push(Warning {
                code: "purchased-disagrees",
                message: format!(
                    "the license of {} states {seats} seats as of {}, {counted} are counted as \
                     purchased",
                    license.source.name, license.taken_at
                ),
            });
        }
    }
    warnings
}

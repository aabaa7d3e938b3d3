//! Random settings: billing models, enterprises of instances, retirements, their ends, and other names of
//! instances, each from some day on or always. It may make only what the program accepts. It must not know
//! which of them count.

use super::{DAY, ENTERPRISES, FIRST_INSTANT, Features, HOSTS, OTHER_NAMES, Snapshot};
use crate::naive::coverage::Seen;
use crate::naive::settings::Said;
use crate::naive::{BillingModel, Imported, Kind, Setting, Settings};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

const MODELS: [BillingModel; 3] = [BillingModel::Volume, BillingModel::Metered, BillingModel::Emu];
/// An enterprise that never has a report.
const WITHOUT_REPORT: &str = "plant";

/// The day from which a setting holds. Mostly always, unless the features include days.
fn from(days: bool) -> impl Strategy<Value = Option<i64>> {
    let instant = (0..4i64).prop_map(|half| FIRST_INSTANT + (half - 1) * DAY / 2);
    weighted(0.6, instant).prop_map(move |from| from.filter(|_| days))
}

fn host() -> impl Strategy<Value = String> + Clone {
    select(&HOSTS[..]).prop_map(str::to_owned)
}

fn enterprise() -> impl Strategy<Value = String> + Clone {
    select(&ENTERPRISES[..]).prop_map(str::to_owned)
}

/// Settings in the order of declaration, as far as the features include them.
pub fn drawn(features: Features) -> impl Strategy<Value = Vec<Said>> {
    let weight = |feature: bool, weight: u32| weight * u32::from(feature);
    let days = features.later_settings;
    let other_name = (0..HOSTS.len()).prop_map(|place| (HOSTS[place], OTHER_NAMES[place]));
    let owner = prop_oneof![
        4 => enterprise(),
        weight(features.named_enterprises, 2) => Just(WITHOUT_REPORT.to_owned()),
    ];
    let setting = prop_oneof![
        1 => Just(None),
        weight(features.billing_models, 3) => (enterprise(), select(&MODELS[..]))
            .prop_map(|(enterprise, model)| Some(Setting::Model { enterprise, model })),
        weight(features.enterprises || features.named_enterprises, 3) => (host(), owner)
            .prop_map(|(host, enterprise)| Some(Setting::Belongs { host, enterprise })),
        weight(features.retirement, if days { 10 } else { 2 }) => host().prop_map(|name| Some(Setting::Retired { name })),
        weight(features.retirement && days, 1) =>
            enterprise().prop_map(|name| Some(Setting::Retired { name })),
        weight(features.retirement && features.taken_back, 14) =>
            prop_oneof![3 => host(), 1 => enterprise()].prop_map(|name| Some(Setting::InUse { name })),
        weight(features.other_names, 6) => other_name.clone().prop_map(|(host, alias)| {
            Some(Setting::Alias { host: host.to_owned(), alias: alias.to_owned() })
        }),
        weight(features.other_names, 3) => other_name.clone().prop_map(|(host, earlier)| {
            Some(Setting::Renamed { host: host.to_owned(), earlier: earlier.to_owned() })
        }),
        weight(features.other_names, 5) => other_name.prop_map(|(host, alias)| {
            Some(Setting::NoAlias { host: host.to_owned(), alias: alias.to_owned() })
        }),
    ];
    let said =
        (setting, from(days)).prop_map(|(setting, from)| Some(Said { from, setting: setting? }));
    let most = if days || features.other_names { 13 } else { 3 };
    prop_oneof![1 => Just(Vec::new()), 4 => vec(said, 1..=most)]
        .prop_map(|said| said.into_iter().flatten().collect())
}

/// The settings that the program accepts, in their order.
pub fn acceptable(drawn: Vec<Said>, snapshots: &[Snapshot]) -> Settings {
    let mut settings = Settings::default();
    for mut said in drawn {
        let known = |kind: Kind| snapshots.iter().any(|snapshot| snapshot.imported.kind == kind);
        let reported = |name: &String| known(Kind::Cloud { enterprise: name.clone() });
        let instance = |name: &String| known(Kind::Server { host: name.clone() });
        let accepted = match &said.setting {
            Setting::Model { enterprise, .. } => reported(enterprise),
            Setting::Belongs { host, enterprise } => {
                instance(host) && (reported(enterprise) || enterprise == WITHOUT_REPORT)
            }
            Setting::Retired { name } => {
                // A retirement has a day, which may be after the first reports.
                let later = settings.said.len() as i64 % 2;
                said.from.get_or_insert(FIRST_INSTANT + later * DAY);
                instance(name) || reported(name)
            }
            Setting::InUse { name } => is_retired(&settings, name),
            Setting::Alias { host, alias } => {
                instance(host) && !goes_by(&settings, alias) && unites(&settings, &said, snapshots)
            }
            Setting::Renamed { host, earlier } => {
                // A rename has no day.
                said.from = None;
                // The new name must not be taken.
                !snapshots.iter().any(|it| it.imported.kind.host() == Some(host))
                    && instance(earlier)
                    && !goes_by(&settings, earlier)
                    && unites(&settings, &said, snapshots)
            }
            Setting::NoAlias { alias, .. } => {
                // The rules do not state whose a file is that came under a name before the rename, if the name
                // is given back from before that file on.
                let renamed = settings.said.iter().any(|it| {
                    matches!(&it.setting, Setting::Renamed { earlier, .. } if earlier == alias)
                });
                let from = said.from.unwrap_or(i64::MIN);
                let file = |it: &Snapshot| {
                    it.imported.kind.host() == Some(alias) && it.imported.taken_at >= from
                };
                goes_by(&settings, alias) && !(renamed && snapshots.iter().any(file))
            }
        };
        if accepted {
            settings.said.push(said);
        }
    }
    settings
}

/// Whether there is a retirement to take back.
fn is_retired(settings: &Settings, name: &String) -> bool {
    let about = settings.said.iter().rev().find(|said| match &said.setting {
        Setting::Retired { name: its } | Setting::InUse { name: its } => its == name,
        _ => false,
    });
    about.is_some_and(|said| matches!(said.setting, Setting::Retired { .. }))
}

/// Whether a name is an alias or earlier name of an instance, and was not given back.
fn goes_by(settings: &Settings, name: &str) -> bool {
    let about = settings.said.iter().rev().find(|said| match &said.setting {
        Setting::Alias { alias, .. } | Setting::NoAlias { alias, .. } => alias == name,
        Setting::Renamed { earlier, .. } => earlier == name,
        _ => false,
    });
    about.is_some_and(|said| !matches!(said.setting, Setting::NoAlias { .. }))
}

/// Whether an instance would still have at most one snapshot at an instant, with all names that are ever
/// declared.
fn unites(settings: &Settings, said: &Said, snapshots: &[Snapshot]) -> bool {
    let mut all = settings.clone();
    all.said.retain(|said| !matches!(said.setting, Setting::NoAlias { .. }));
    all.said.push(Said { from: None, setting: said.setting.clone() });
    let place = |imported: &Imported| {
        let host = imported.kind.host()?;
        let host = all.instance(host, imported.taken_at, &Seen::default());
        Some((imported.kind.of(host), imported.taken_at))
    };
    let places: Vec<_> =
        snapshots.iter().filter_map(|snapshot| place(&snapshot.imported)).collect();
    (0..places.len()).all(|one| !places[one + 1..].contains(&places[one]))
}

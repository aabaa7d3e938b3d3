//! Random snapshots of an enterprise's sources, in a form that the importer accepts. It must not know more than
//! that about accounts.

use super::accounts;
use super::changes::{self, Ids};
use super::{DAY, FIRST_INSTANT, Features, HOSTS, OTHER_NAMES, Pools, Snapshot};
use crate::naive::{self, Imported, Kind};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// The status and the error of a last sync.
const SYNC_OUTCOMES: [(&str, &str); 4] =
    [("success", ""), ("failure", "timed out"), ("failure", "refused"), ("pending", "")];

/// A few snapshots in any order of time. Many of them have nearly the same accounts as an earlier one of their
/// source.
pub fn snapshots(
    features: Features,
    enterprises: &'static [&'static str],
    pools: Pools,
) -> impl Strategy<Value = Vec<Snapshot>> {
    let renames = if features.renames { 0.85 } else { 0.0 };
    let ids = prop_oneof![
        5 => Just(Ids::All),
        5 * u32::from(features.without_ids) => Just(Ids::Some),
        5 * u32::from(features.without_ids) => Just(Ids::None),
    ];
    let synced = prop::bool::weighted(0.65);
    // Like the previous one, or like the first.
    let similar = weighted(0.72, prop::bool::weighted(0.75));
    let changes = (similar, prop::bool::weighted(renames), ids, synced);
    let snapshot = (snapshot(features, enterprises, pools), changes).boxed();
    let snapshots = prop_oneof![1 => vec(snapshot.clone(), 1..=2), 6 => vec(snapshot, 4..=9)];
    snapshots.prop_map(move |drawn| {
        // One in eight enterprises has this many.
        let unlisted = features.renames && drawn.len() == 7;
        let mut snapshots: Vec<Snapshot> = Vec::new();
        // The snapshots before the ids are removed, so that later ones have them.
        let mut with_ids: Vec<Imported> = Vec::new();
        for (mut snapshot, (similar, renamed, ids, synced)) in drawn {
            let new = &mut snapshot.imported;
            let kind = known_kind(&new.kind);
            let mut earlier = with_ids.iter().filter(|earlier| known_kind(&earlier.kind) == kind);
            let earlier = match similar {
                Some(true) => earlier.next_back(),
                Some(false) => earlier.next(),
                None => None,
            };
            if let Some(earlier) = earlier {
                let content = changes::at_another_time(&earlier.content, &new.content);
                new.content = content;
                if renamed {
                    changes::rename(&mut new.content, new.kind.host().is_some());
                }
            }
            // A sync would list the accounts of a renamed row again, and they would match it.
            let unlisted = renamed && snapshots.len() % 2 == 1;
            if let (Kind::Cloud { .. }, true) = (&new.kind, synced && !unlisted) {
                for instance in &with_ids {
                    if let Some(host) = instance.kind.host() {
                        changes::synced(&mut new.content, host, &instance.content);
                    }
                }
            }
            with_ids.push(new.clone());
            if matches!(new.kind, Kind::Server { .. }) {
                changes::without_ids(&mut new.content, ids);
            }
            snapshots.push(snapshot);
        }
        if unlisted {
            list_and_rename(&mut snapshots);
        }
        snapshots
    })
}

/// Gives the first enterprise a Cloud account that its earliest report lists with an account of an instance.
/// Later reports list it under another login, without an account.
fn list_and_rename(snapshots: &mut [Snapshot]) {
    let all = || snapshots.iter().map(|snapshot| &snapshot.imported);
    let host = all().find_map(|it| matches!(it.kind, Kind::Server { .. }).then(|| it.kind.clone()));
    let of_cloud = |it: &&Imported| matches!(it.kind, Kind::Cloud { .. });
    let enterprise = all().find(of_cloud).map(|it| it.kind.clone());
    let (Some(instance), Some(enterprise)) = (host, enterprise) else { return };
    let reports = all().filter(|it| it.kind == enterprise);
    let Some(earliest) = reports.map(|it| it.taken_at).min() else { return };
    for Imported { kind, taken_at, content, .. } in snapshots.iter_mut().map(|it| &mut it.imported)
    {
        let Some(accounts) = content.as_array_mut() else { continue };
        if *kind == instance {
            accounts.push(changes::unlisted());
        } else if *kind == enterprise {
            let listed = instance.host().filter(|_| *taken_at == earliest);
            accounts.push(changes::renamed(listed.map(String::as_str)));
        }
    }
}

/// The kind of source, with the present name of the instance.
fn known_kind(kind: &Kind) -> Kind {
    let other = |host: &String| OTHER_NAMES.iter().position(|name| name == host);
    match kind.host().and_then(other) {
        Some(place) => kind.of(HOSTS[place].to_owned()),
        None => kind.clone(),
    }
}

fn snapshot(
    features: Features,
    enterprises: &'static [&'static str],
    pools: Pools,
) -> impl Strategy<Value = Snapshot> {
    let enterprise = select(enterprises);
    let other = if features.other_names { 0.25 } else { 0.0 };
    let host = (0..pools.hosts.max(1), prop::bool::weighted(other))
        .prop_map(|(place, other)| if other { OTHER_NAMES[place] } else { HOSTS[place] })
        .boxed();
    let instances = u32::from(pools.hosts > 0);
    let as_synced = instances * u32::from(features.as_synced);
    let source = prop_oneof![
        5 => cloud(enterprise.clone(), pools),
        7 * instances => server(host.clone(), pools),
        instances => host.clone().prop_map(|host| (Kind::ServerInfo { host: host.to_owned() }, json!([]), None)),
        3 * as_synced => as_synced_server(host, pools),
        5 * u32::from(features.sync_status) => sync_status(enterprise, other),
    ];
    let partial = prop::bool::weighted(0.12);
    let voided = prop::bool::weighted(0.1);
    (source, 0..3i64, partial, voided, any::<bool>()).prop_map(
        move |(source, day, partial, voided, csv)| {
            let (kind, content, totals) = source;
            let imported = Imported {
                taken_at: FIRST_INSTANT + day * DAY,
                partial: partial
                    && !matches!(kind, Kind::ServerInfo { .. } | Kind::SyncStatus { .. }),
                voided: voided && features.voided,
                kind,
                content,
                totals,
            };
            Snapshot { imported, csv }
        },
    )
}

/// A source, the content of its snapshot, and the totals that it states.
type Said = (Kind, Value, Option<(i64, i64)>);

/// A Cloud report. `acceptable` makes sure that its total is not above the number of its rows.
fn cloud(
    enterprise: impl Strategy<Value = &'static str>,
    pools: Pools,
) -> impl Strategy<Value = Said> {
    let totals = weighted(0.6, (1..13i64, 10..20i64));
    (enterprise, accounts::users(pools), totals).prop_map(|(enterprise, users, totals)| {
        let enterprise = enterprise.to_owned();
        (Kind::Cloud { enterprise }, users, totals)
    })
}

fn server(host: impl Strategy<Value = &'static str>, pools: Pools) -> impl Strategy<Value = Said> {
    (host, accounts::server_accounts(pools)).prop_map(|(host, accounts)| {
        let host = host.to_owned();
        (Kind::Server { host }, json!(accounts), None)
    })
}

/// An instance as the GraphQL answer lists it, without suspensions.
fn as_synced_server(
    host: impl Strategy<Value = &'static str>,
    pools: Pools,
) -> impl Strategy<Value = Said> {
    (host, accounts::server_accounts(pools)).prop_map(|(host, mut accounts)| {
        let host = host.to_owned();
        for account in accounts.iter_mut().filter_map(Value::as_object_mut) {
            account.remove("suspended");
        }
        (Kind::ServerAsSynced { host }, json!(accounts), None)
    })
}

fn sync_status(
    enterprise: impl Strategy<Value = &'static str>,
    other: f64,
) -> impl Strategy<Value = Said> {
    let outcome = (0..6i64, select(&SYNC_OUTCOMES[..])).prop_map(|(half_days, (status, error))| {
        let date = FIRST_INSTANT + (half_days - 1) * DAY / 2;
        json!({"date": date, "status": status, "error": error})
    });
    let outcomes = vec(weighted(0.8, outcome), HOSTS.len());
    let names = (outcomes, prop::bool::weighted(other));
    (enterprise, names).prop_map(|(enterprise, (outcomes, other))| {
        let enterprise = enterprise.to_owned();
        let mut instances = Vec::new();
        for (place, outcome) in outcomes.into_iter().enumerate() {
            if let Some(mut instance) = outcome {
                instance["hostname"] = json!(if other { OTHER_NAMES[place] } else { HOSTS[place] });
                instances.push(instance);
            }
        }
        (Kind::SyncStatus { enterprise }, json!(instances), None)
    })
}

/// The snapshots that the importer accepts: for one source and instant at most one partial snapshot and one
/// that is neither partial nor voided, after the voided one, and nothing twice. Each of them is complete.
pub fn acceptable(snapshots: Vec<Snapshot>) -> Vec<Snapshot> {
    let mut accepted: Vec<Snapshot> = Vec::new();
    for mut snapshot in snapshots {
        state_at_most_the_rows(&mut snapshot.imported);
        as_its_file_can_say(&mut snapshot);
        let new = &snapshot.imported;
        let refused = accepted.iter().map(|earlier| &earlier.imported).any(|earlier| {
            let same_place = earlier.kind == new.kind && earlier.taken_at == new.taken_at;
            same_place
                && !earlier.voided
                && (earlier.partial == new.partial || says(earlier) == says(new))
        });
        if !refused {
            accepted.push(snapshot);
        }
    }
    accepted
}

/// The content of a snapshot without the order and the repeats of its rows.
fn says(snapshot: &Imported) -> Vec<String> {
    let mut rows: Vec<String> = match snapshot.kind {
        Kind::Cloud { .. } => {
            let rows = naive::cloud::rows(&snapshot.content, &Default::default());
            rows.iter().map(|row| format!("{row:?}")).collect()
        }
        _ => snapshot.content.as_array().into_iter().flatten().map(Value::to_string).collect(),
    };
    rows.sort();
    rows
}

/// A Cloud report that states more than its distinct rows would be incomplete, which only a partial one may be.
fn state_at_most_the_rows(cloud: &mut Imported) {
    if let (Some((consumed, _)), false) = (&mut cloud.totals, cloud.partial) {
        let rows = naive::cloud::rows(&cloud.content, &Default::default()).len();
        *consumed = (*consumed).min(rows as i64);
    }
}

/// A site-admin report has primary addresses only, and no names. If every account is dormant or suspended, the
/// importer would not accept it as complete, so it is written as an export.
fn as_its_file_can_say(snapshot: &mut Snapshot) {
    let Some(accounts) = snapshot.imported.content.as_array_mut() else {
        return;
    };
    let all = |flag: &str| accounts.iter().all(|account| account[flag] == json!(true));
    let instance = matches!(snapshot.imported.kind, Kind::Server { .. });
    let ids = accounts.iter().filter(|account| account["id"].is_u64()).count();
    // The console's report has no ids, and does not state who is dormant.
    let of_one_kind = ids == 0 || ids == accounts.len();
    snapshot.csv = of_one_kind && snapshot.csv;
    snapshot.csv = snapshot.csv && instance && !all("dormant") && !all("suspended");
    if snapshot.csv {
        accounts.iter_mut().for_each(|account| account["name"] = Value::Null);
        for emails in accounts.iter_mut().filter_map(|account| account["emails"].as_array_mut()) {
            emails.retain(|email| email["primary"] == json!(true));
        }
    }
}

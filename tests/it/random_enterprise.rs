//! Random small enterprises for property tests: drawn from tiny pools of hosts, ids, logins and addresses, so that
//! collisions, ties and every rule of counting.md happen often, and writable as files of the real formats. It may
//! make only what the importer accepts; it must not know what the right answer is.

mod accounts;
pub mod files;
mod links;
pub mod runner;
mod snapshots;

use crate::naive::coverage::Needs;
use crate::naive::{BillingModel, Imported, Kind, Settings};
use proptest::collection::btree_map;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

/// In an order of bytes that is neither that of their numbers nor that of this list.
const HOSTS: [&str; 3] = ["ghes2.corp.example", "ghes1.corp.example", "ghes10.corp.example"];
const ENTERPRISES: [&str; 2] = ["corp", "labs"];
const BILLING_MODELS: [BillingModel; 3] =
    [BillingModel::Volume, BillingModel::Metered, BillingModel::Emu];
/// 2026-03-02T08:00:00Z; the snapshots are taken a day apart.
const FIRST_INSTANT: i64 = 1_772_438_400;
const DAY: i64 = 86_400;

/// Which features a random enterprise uses beyond one enterprise under volume billing with reports, exports and
/// encrypted exports: switched on one by one as the program learns them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    pub voided: bool,
    pub billing_models: bool,
    pub as_synced: bool,
    pub sync_status: bool,
    pub retirement: bool,
    pub enterprises: bool,
    pub links: bool,
}

impl Features {
    /// Everything that counting.md sections 1 to 5 and 8 know.
    pub fn all() -> Features {
        Features {
            voided: true,
            billing_models: true,
            as_synced: true,
            sync_status: true,
            retirement: true,
            enterprises: true,
            links: true,
        }
    }

    /// Whether something that needs this can occur.
    pub fn include(self, needs: Needs) -> bool {
        match needs {
            Needs::Nothing => true,
            Needs::Voided => self.voided,
            Needs::BillingModels => self.billing_models,
            Needs::AsSynced => self.as_synced,
            Needs::SyncStatus => self.sync_status,
            Needs::Retirement => self.retirement,
            Needs::Enterprises => self.enterprises,
            Needs::Links => self.links,
        }
    }
}

/// A snapshot and whether its file is the CSV report of its kind (else it is JSON).
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub imported: Imported,
    pub csv: bool,
}

/// Snapshots in the order in which they are imported, and what is set afterwards.
#[derive(Clone, Debug)]
pub struct RandomEnterprise {
    pub snapshots: Vec<Snapshot>,
    pub settings: Settings,
}

impl RandomEnterprise {
    /// The snapshots as the naive implementation takes them.
    pub fn imported(&self) -> Vec<Imported> {
        self.snapshots.iter().map(|snapshot| snapshot.imported.clone()).collect()
    }

    /// The instants worth asking for: those of the snapshots and one after all, where there is an answer.
    pub fn instants(&self) -> Vec<i64> {
        let mut instants: BTreeSet<i64> =
            self.snapshots.iter().map(|snapshot| snapshot.imported.taken_at).collect();
        instants.extend(instants.last().map(|last| last + DAY / 2));
        instants.into_iter().filter(|at| !self.sources_in_force(*at).is_empty()).collect()
    }

    /// The enterprises with a snapshot in force at an instant.
    pub fn enterprises_in_force(&self, at: i64) -> BTreeSet<String> {
        let sources = self.sources_in_force(at).into_iter();
        sources
            .filter_map(|kind| match kind {
                Kind::Cloud { enterprise } => Some(enterprise),
                _ => None,
            })
            .collect()
    }

    fn sources_in_force(&self, at: i64) -> BTreeSet<Kind> {
        let retired =
            |host: &str| self.settings.retired_from.get(host).is_some_and(|from| *from <= at);
        let imported = self.snapshots.iter().map(|snapshot| &snapshot.imported);
        imported
            .filter(|snapshot| snapshot.taken_at <= at && !snapshot.partial && !snapshot.voided)
            .map(|snapshot| snapshot.kind.clone())
            .filter(|kind| match kind {
                Kind::Cloud { .. } => true,
                Kind::Server { host } | Kind::ServerAsSynced { host } => !retired(host),
                Kind::ServerInfo { .. } | Kind::SyncStatus { .. } => false,
            })
            .collect()
    }
}

/// How wide the pools are from which one enterprise is drawn.
#[derive(Clone, Copy, Debug)]
struct Pools {
    hosts: usize,
    addresses: usize,
    /// Whether its reports name no instance.
    bare_ids: bool,
}

fn pools() -> impl Strategy<Value = Pools> {
    let hosts = prop_oneof![1 => Just(0), 6 => Just(1), 4 => Just(2), 2 => Just(3)];
    let addresses = prop_oneof![1 => Just(2), 1 => Just(4), 2 => Just(accounts::ADDRESSES.len())];
    (hosts, addresses, prop::bool::weighted(0.35)).prop_map(|(hosts, addresses, bare_ids)| Pools {
        hosts,
        addresses,
        bare_ids,
    })
}

/// Any random enterprise with these features.
pub fn random_enterprise(features: Features) -> impl Strategy<Value = RandomEnterprise> {
    let enterprises = prop_oneof![3 => Just(1), 2 * u32::from(features.enterprises) => Just(2)];
    (enterprises, pools())
        .prop_flat_map(move |(enterprises, pools)| {
            let enterprises = &ENTERPRISES[..enterprises];
            let snapshots = snapshots::snapshots(features, enterprises, pools);
            (snapshots, settings(features), links::drawn(features.links))
        })
        .prop_map(|(snapshots, settings, drawn)| {
            let snapshots = snapshots::acceptable(snapshots);
            let settings = about_known_sources(settings, &snapshots);
            let mut enterprise = RandomEnterprise { snapshots, settings };
            enterprise.settings.links = links::acceptable(&enterprise, drawn);
            enterprise
        })
}

/// Billing models, retirements and the enterprises of instances, as far as the features include them.
fn settings(features: Features) -> impl Strategy<Value = Settings> {
    let up_to = |most: usize, feature: bool| 0..=most * usize::from(feature);
    let enterprise = || select(&ENTERPRISES[..]).prop_map(str::to_owned);
    let host = || select(&HOSTS[..]).prop_map(str::to_owned);
    let instant = (0..3i64).prop_map(|day| FIRST_INSTANT + day * DAY);
    let settings = (
        btree_map(enterprise(), select(&BILLING_MODELS[..]), up_to(2, features.billing_models)),
        btree_map(host(), enterprise(), up_to(1, features.enterprises)),
        btree_map(host(), instant, up_to(1, features.retirement)),
    );
    settings.prop_map(|(billing_model, enterprise_of_host, retired_from)| Settings {
        billing_model,
        enterprise_of_host,
        retired_from,
        links: Vec::new(),
    })
}

/// Settings name sources that are there.
fn about_known_sources(mut settings: Settings, snapshots: &[Snapshot]) -> Settings {
    let known = |kind: Kind| snapshots.iter().any(|snapshot| snapshot.imported.kind == kind);
    let enterprise = |name: &String| known(Kind::Cloud { enterprise: name.clone() });
    let instance = |name: &String| known(Kind::Server { host: name.clone() });
    settings.billing_model.retain(|name, _| enterprise(name));
    settings.retired_from.retain(|host, _| instance(host));
    settings.enterprise_of_host.retain(|host, owner| instance(host) && enterprise(owner));
    settings
}

//! Random small enterprises for property tests. They are drawn from tiny pools of hosts, ids, logins and
//! addresses, so that collisions, ties and every rule of counting.md happen often, and they can be written as
//! files of the real formats. It may make only what the importer accepts. It must not know what the right
//! answer is.

mod accounts;
mod changes;
pub mod directories;
pub mod files;
mod links;
pub mod runner;
mod said;
mod snapshots;

use crate::naive::coverage::Needs;
use crate::naive::{Imported, Kind, Setting, Settings};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Their byte order is neither that of their numbers nor that of this list.
const HOSTS: [&str; 3] = ["ghes2.corp.example", "ghes1.corp.example", "ghes10.corp.example"];
/// Aliases of these hosts, or instances of their own.
const OTHER_NAMES: [&str; 3] = ["old2.corp.example", "old1.corp.example", "old10.corp.example"];
const ENTERPRISES: [&str; 2] = ["corp", "labs"];
/// 2026-03-02T08:00:00Z. The snapshots are taken a day apart.
const FIRST_INSTANT: i64 = 1_772_438_400;
const DAY: i64 = 86_400;

/// The features of a random enterprise, beyond one enterprise under volume billing with reports, exports and
/// encrypted exports. Each is switched on when the program supports it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    pub voided: bool,
    pub billing_models: bool,
    pub as_synced: bool,
    pub sync_status: bool,
    pub retirement: bool,
    pub enterprises: bool,
    pub links: bool,
    /// One primary address on two accounts of an instance.
    pub repeated: bool,
    /// Words of absence.
    pub absence: bool,
    /// Server files without ids, or with some.
    pub without_ids: bool,
    /// Aliases and earlier names of instances.
    pub other_names: bool,
    /// Settings that begin on a day, several about one thing, and settings that are taken back.
    pub later_settings: bool,
    /// Retirements that are taken back.
    pub taken_back: bool,
    /// Enterprises that only a setting names.
    pub named_enterprises: bool,
    /// Cloud accounts that get another login, and Server accounts that get another id.
    pub renames: bool,
    /// Rows that state when their license ends.
    pub license_end: bool,
    /// Employee directories.
    pub directories: bool,
}

impl Features {
    /// Everything in counting.md sections 1 to 6 and 8, and in directory.md section 2.
    pub fn all() -> Features {
        Features {
            voided: true,
            billing_models: true,
            as_synced: true,
            sync_status: true,
            retirement: true,
            enterprises: true,
            links: true,
            repeated: true,
            absence: true,
            without_ids: true,
            other_names: true,
            later_settings: true,
            taken_back: true,
            named_enterprises: true,
            renames: true,
            license_end: true,
            directories: true,
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
            Needs::Repeated => self.repeated,
            Needs::Absence => self.absence,
            Needs::WithoutIds => self.without_ids,
            Needs::OtherNames => self.other_names,
            Needs::LaterSettings => self.later_settings,
            Needs::TakenBack => self.taken_back,
            Needs::NamedEnterprises => self.named_enterprises,
            Needs::Renames => self.renames,
            Needs::LicenseEnd => self.license_end,
            Needs::Directories => self.directories,
        }
    }
}

/// A snapshot, and whether its file is the CSV report of its kind (otherwise it is JSON).
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub imported: Imported,
    pub csv: bool,
}

/// Snapshots in the order of import, and the settings declared afterwards.
#[derive(Clone, Debug)]
pub struct RandomEnterprise {
    pub snapshots: Vec<Snapshot>,
    pub settings: Settings,
}

impl RandomEnterprise {
    /// The snapshots in the form of the naive implementation.
    pub fn imported(&self) -> Vec<Imported> {
        self.snapshots.iter().map(|snapshot| snapshot.imported.clone()).collect()
    }

    /// The instants worth asking for: those of the snapshots, one after all of them, and those from which a
    /// declaration holds.
    pub fn instants(&self) -> Vec<i64> {
        let mut instants: BTreeSet<i64> =
            self.snapshots.iter().map(|snapshot| snapshot.imported.taken_at).collect();
        instants.extend(instants.last().map(|last| last + DAY / 2));
        let (first, last) = (instants.first().copied(), instants.last().copied());
        let said = self.settings.said.iter().filter_map(|said| said.from);
        let said: Vec<i64> = said.filter(|at| Some(*at) > first && Some(*at) < last).collect();
        instants.extend(said);
        instants.into_iter().filter(|at| !self.sources_in_force(*at).is_empty()).collect()
    }

    /// The enterprises that a report or a setting ever names.
    pub fn enterprises(&self) -> BTreeSet<String> {
        let reported = self.snapshots.iter().filter_map(|snapshot| match &snapshot.imported {
            Imported { kind: Kind::Cloud { enterprise }, voided: false, .. } => Some(enterprise),
            _ => None,
        });
        let set = self.settings.said.iter().filter_map(|said| match &said.setting {
            Setting::Belongs { enterprise, .. } | Setting::Model { enterprise, .. } => {
                Some(enterprise)
            }
            _ => None,
        });
        reported.chain(set).cloned().collect()
    }

    /// Whether there is ever a report or a sync status of this enterprise, or of any.
    pub fn has_report(&self, of: Option<&String>) -> bool {
        self.snapshots.iter().any(|snapshot| match &snapshot.imported.kind {
            Kind::Cloud { enterprise } | Kind::SyncStatus { enterprise } => {
                of.is_none_or(|of| of == enterprise)
            }
            _ => false,
        })
    }

    fn sources_in_force(&self, at: i64) -> BTreeSet<Kind> {
        let imported = self.snapshots.iter().map(|snapshot| &snapshot.imported);
        imported
            .filter(|snapshot| snapshot.taken_at <= at && !snapshot.partial && !snapshot.voided)
            .map(|snapshot| snapshot.kind.clone())
            .filter(Kind::holds_accounts)
            .collect()
    }
}

/// The sizes of the pools from which one enterprise is drawn.
#[derive(Clone, Copy, Debug)]
struct Pools {
    hosts: usize,
    addresses: usize,
    /// Whether its reports name no instance.
    bare_ids: bool,
    repeated: bool,
    absence: bool,
    other_names: bool,
    license_end: bool,
}

fn pools(features: Features) -> impl Strategy<Value = Pools> {
    let hosts = prop_oneof![1 => Just(0), 6 => Just(1), 4 => Just(2), 2 => Just(3)];
    let addresses = prop_oneof![1 => Just(2), 1 => Just(4), 2 => Just(accounts::ADDRESSES.len())];
    let drawn = (hosts, addresses, prop::bool::weighted(0.35));
    drawn.prop_map(move |(hosts, addresses, bare_ids)| Pools {
        hosts,
        addresses,
        bare_ids,
        repeated: features.repeated,
        absence: features.absence,
        other_names: features.other_names,
        license_end: features.license_end,
    })
}

/// Any random enterprise with these features.
pub fn random_enterprise(features: Features) -> impl Strategy<Value = RandomEnterprise> {
    let enterprises = prop_oneof![3 => Just(1), 2 * u32::from(features.enterprises) => Just(2)];
    (enterprises, pools(features))
        .prop_flat_map(move |(enterprises, pools)| {
            let enterprises = &ENTERPRISES[..enterprises];
            let snapshots = snapshots::snapshots(features, enterprises, pools);
            let directories = directories::drawn(features.directories);
            (
                snapshots,
                directories,
                said::drawn(features),
                links::drawn(features.links, features.directories),
            )
        })
        .prop_map(|(mut snapshots, directories, said, drawn)| {
            directories::put_among(&mut snapshots, directories);
            let snapshots = snapshots::acceptable(snapshots);
            let settings = said::acceptable(said, &snapshots);
            let mut enterprise = RandomEnterprise { snapshots, settings };
            enterprise.settings.links = links::acceptable(&enterprise, drawn);
            enterprise
        })
}

//! `oneseat reclaim`: lists the seats that could be freed, and who has to act (interface.md section 3). The
//! answer has three parts: Server-only seats whose accounts are all idle or have never signed in, pending
//! invitations, and all other Server-only seats by instance. A Cloud report states no activity, so a seat
//! with a Cloud account is never listed as idle.

use serde::Serialize;

use super::activity::{Activity, activity};
use super::basis::{Billing, billing, billing_told, known_on_told};
use super::concerned::Concerned;
use crate::error::Result;
use crate::ledger::{Asked, Enterprise, Ledger};
use crate::model::{
    AccountIx, BillingModel, Instant, Record, RowKind, SourceKind, Standing, account_of,
    compare_ids,
};
use crate::store::{AccountRef, SnapshotFacts};
use crate::table::{Answer, Cell, CellKind, Columns, Page, RowVisitor, Table, counted, grouped};

/// The answer of `oneseat reclaim`.
#[derive(Debug, Clone, Serialize)]
pub struct Reclaim {
    schema: &'static str,
    as_of: Instant,
    known_on: Option<Instant>,
    /// The billing model of each enterprise.
    #[serde(skip)]
    billing: Vec<Billing>,
    idle_days: i64,
    summary: Summary,
    /// The instances whose files state no activity. It is unknown which of their accounts are idle.
    activity_not_stated: Vec<String>,
    items: Vec<Reclaimable>,
}

/// The number of seats that could be freed, for each reason.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Summary {
    /// The number of dormant seats; `None` if no file states who is dormant.
    dormant: Option<u64>,
    /// The number of seats whose accounts have never signed in; `None` if no file states who has never signed
    /// in.
    never_signed_in: Option<u64>,
    pending_invitation: u64,
    server_only: u64,
}

/// A seat that could be freed.
#[derive(Debug, Clone, Serialize)]
struct Reclaimable {
    reason: &'static str,
    kind: &'static str,
    host: Option<String>,
    id: Option<String>,
    login: Option<String>,
    name: Option<String>,
    email: Option<String>,
    /// The latest activity of any account of the seat; `None` if no file states one.
    last_active: Option<Instant>,
    /// The instant from which the invitation has been in every report; `None` for a Server seat.
    since: Option<Instant>,
    accounts: u64,
    fix: Fix,
    /// Two facts: whether a file states if an account of the seat is dormant, and whether a file states if an
    /// account of the seat has ever signed in.
    #[serde(skip)]
    states: (bool, bool),
    /// The accounts whose seat could be freed.
    #[serde(skip)]
    about: Concerned,
}

impl Reclaimable {
    const COLUMNS: Columns = &[
        ("reason", CellKind::Text),
        ("kind", CellKind::Text),
        ("host", CellKind::Text),
        ("id", CellKind::Text),
        ("login", CellKind::Text),
        ("name", CellKind::Text),
        ("email", CellKind::Text),
        ("last_active", CellKind::Instant),
        ("since", CellKind::Instant),
        ("accounts", CellKind::Whole),
        ("fix", CellKind::Object(Fix::COLUMNS)),
    ];
}

#[derive(Debug, Clone, Serialize)]
struct Fix {
    actor: &'static str,
    action: String,
}

impl Fix {
    const COLUMNS: Columns = &[("actor", CellKind::Text), ("action", CellKind::Text)];
}

/// The reasons for which a seat is listed, in the order of the answer.
const REASONS: [&str; 4] = ["dormant", "never-signed-in", "pending-invitation", "server-only"];

/// Answers the command `reclaim`. `idle` is the time without activity, in seconds, after which an account is
/// dormant.
///
/// # Errors
/// [`crate::error::ErrorKind::Nothing`] if no snapshot is in force at the as-of instant; another error if the
/// database cannot be read.
pub fn reclaim(ledger: &Ledger<'_>, asked: &Asked, idle: i64) -> Result<Reclaim> {
    let moment = ledger.ask(asked)?;
    let at = moment.at;
    let mut items = Vec::new();
    for enterprise in &moment.enterprises {
        let seeker = Seeker { ledger, enterprise, at, idle };
        seeker.server_only(&mut items)?;
        seeker.invitations(&mut items)?;
    }
    items.sort_by(|a, b| {
        let rank = |it: &Reclaimable| REASONS.iter().position(|reason| *reason == it.reason);
        let id = |it: &Reclaimable| it.id.clone().unwrap_or_default();
        (rank(a), &a.host)
            .cmp(&(rank(b), &b.host))
            .then_with(|| compare_ids(&id(a), &id(b)))
            .then_with(|| (&a.login, &a.email).cmp(&(&b.login, &b.email)))
    });
    let count = |reason: &str| items.iter().filter(|it| it.reason == reason).count() as u64;
    let on_server = || items.iter().filter(|it| it.host.is_some());
    let stated = |number: u64, states: fn(&Reclaimable) -> bool| {
        // Without any Server-only seat nobody can be idle, so the number is known to be 0.
        (on_server().next().is_none() || on_server().any(states)).then_some(number)
    };
    let dormant = stated(count("dormant"), |it| it.states.0);
    let never_signed_in = stated(count("never-signed-in"), |it| it.states.1);
    let mut hosts: Vec<&String> = on_server().filter_map(|it| it.host.as_ref()).collect();
    hosts.sort();
    hosts.dedup();
    hosts.retain(|host| !on_server().any(|it| it.host.as_ref() == Some(host) && it.states.0));
    let activity_not_stated = hosts.into_iter().cloned().collect();
    Ok(Reclaim {
        schema: "oneseat.reclaim/1",
        as_of: at,
        known_on: ledger.known_on,
        billing: billing(&moment),
        idle_days: idle / 86_400,
        summary: Summary {
            dormant,
            never_signed_in,
            pending_invitation: count("pending-invitation"),
            server_only: count("server-only"),
        },
        activity_not_stated,
        items,
    })
}

struct Seeker<'a> {
    ledger: &'a Ledger<'a>,
    enterprise: &'a Enterprise<'a>,
    at: Instant,
    idle: i64,
}

impl Seeker<'_> {
    fn server_only(&self, items: &mut Vec<Reclaimable>) -> Result<()> {
        let matching = &self.enterprise.matching;
        for group in matching.groups.iter().filter(|group| group.rule.is_none()) {
            let mut activities = Vec::new();
            let mut item: Option<Reclaimable> = None;
            for &number in &group.accounts {
                let account = &matching.accounts[number];
                let host = self.enterprise.host_of(number).to_owned();
                let id = Some(account.member.to_string()).filter(|id| !id.is_empty());
                let stored = self.ledger.record(self.enterprise.state_of(number))?;
                let record = stored.read()?;
                let kind = self.enterprise.kind_of(number);
                let own = kind.is_instance();
                let meaning = account_of(kind, &record);
                if own {
                    activities.push(activity(&record));
                } else {
                    let (never, states) = (false, (false, false));
                    activities.push(Activity { dormant: None, never, last_active: None, states });
                }
                let email = match account.primary_keys().next() {
                    Some(key) => Some(self.ledger.store.key_text(key)?),
                    None => None,
                };
                item.get_or_insert_with(|| Reclaimable {
                    reason: "server-only",
                    kind: "server",
                    host: Some(host),
                    id,
                    login: Some(meaning.login.to_string()).filter(|it| own && !it.is_empty()),
                    name: meaning.name.as_ref().map(ToString::to_string).filter(|_| own),
                    email,
                    last_active: None,
                    since: None,
                    accounts: group.accounts.len() as u64,
                    fix: Fix { actor: "server-admin", action: String::new() },
                    states: (false, false),
                    about: Concerned {
                        enterprise: Concerned::key_of(self.enterprise),
                        rows: Vec::new(),
                        accounts: vec![number],
                    },
                });
            }
            let Some(mut item) = item else { continue };
            let read_at = self.read_at(&group.accounts);
            item.last_active = activities.iter().filter_map(|it| it.last_active).max();
            item.reason = self.reason(&activities, read_at);
            item.states =
                (activities.iter().any(|it| it.states.0), activities.iter().any(|it| it.states.1));
            let who = item.login.clone().or_else(|| item.id.clone()).unwrap_or_default();
            let host = item.host.clone().unwrap_or_default();
            let all =
                if group.accounts.len() > 1 { ", and this person's other accounts" } else { "" };
            item.fix.action = match item.reason {
                "server-only" => format!(
                    "if {who} on {host} has a Cloud account, make the address of the Cloud account \
                     primary on {host}; otherwise suspend {who}{all}, unless the account is needed"
                ),
                _ => format!("suspend {who} on {host}{all}"),
            };
            items.push(item);
        }
        Ok(())
    }

    /// The instant at which the newest file with these accounts was taken. Activity after that instant is
    /// unknown.
    fn read_at(&self, accounts: &[AccountIx]) -> Instant {
        let population = &self.enterprise.population;
        let instances = accounts.iter().filter_map(|number| {
            let instance = self.enterprise.matching.accounts[*number].instance?;
            match population.instances[instance].standing {
                Standing::Own(at) | Standing::AsSynced(at) => Some(at),
                Standing::CloudOnly | Standing::Absent => None,
            }
        });
        instances.max().map_or(self.at, |at| at.min(self.at))
    }

    fn reason(&self, activities: &[Activity], read_at: Instant) -> &'static str {
        let idle = |it: &Activity| match it.last_active {
            Some(at) => read_at.unix() - at.unix() > self.idle,
            None => it.dormant == Some(true),
        };
        if activities.iter().all(|it| it.never) {
            "never-signed-in"
        } else if activities.iter().all(|it| it.never || idle(it)) {
            "dormant"
        } else {
            "server-only"
        }
    }

    /// Adds the invitations by e-mail and the Cloud accounts with only pending roles, if they take a license.
    fn invitations(&self, items: &mut Vec<Reclaimable>) -> Result<()> {
        let population = &self.enterprise.population;
        let Some(cloud) = self.enterprise.cloud else { return Ok(()) };
        let rows = population.cloud.enumerated();
        for (index, row) in rows.filter(|(_, row)| population.takes_seat(row)) {
            let invited = row.row == RowKind::Invited;
            let pending = row.row == RowKind::Cloud && row.roles == crate::model::Roles::Pending;
            if !invited && !pending {
                continue;
            }
            let stored = self.ledger.record(row.state)?;
            let record = stored.read()?;
            let account = account_of(SourceKind::Cloud, &record);
            let login = account.login.to_string();
            let since = self.first_seen(cloud, population.identity(index))?;
            let action = match (invited, self.enterprise.population.billing) {
                (true, BillingModel::Volume) if login.is_empty() => {
                    "cancel the invitation without an address, or have it accepted".to_owned()
                }
                (true, BillingModel::Volume) => {
                    format!("cancel the invitation to {login}, or have it accepted")
                }
                _ => format!("cancel the invitations to {login}, or have them accepted"),
            };
            let places = pending_organizations(&record);
            let action = match places.is_empty() {
                true => action,
                false => format!("{action} (organizations: {})", places.join(", ")),
            };
            let email = account.addresses.first().map(|it| it.text.trim().to_owned());
            items.push(Reclaimable {
                reason: "pending-invitation",
                kind: "cloud",
                host: None,
                id: None,
                login: Some(login).filter(|login| !login.is_empty()),
                name: account.name.as_ref().map(ToString::to_string).filter(|it| !it.is_empty()),
                email,
                last_active: None,
                since,
                accounts: 1,
                fix: Fix { actor: "owner", action },
                states: (false, false),
                about: Concerned {
                    enterprise: Concerned::key_of(self.enterprise),
                    rows: vec![index],
                    accounts: Vec::new(),
                },
            });
        }
        Ok(())
    }

    /// The instant of the first snapshot in the unbroken series of snapshots, up to the as-of instant, that
    /// all contain this Cloud row.
    fn first_seen(&self, cloud: &SnapshotFacts, identity: &str) -> Result<Option<Instant>> {
        let known = AccountRef { source_id: cloud.source_id, identity: identity.to_owned() };
        let history = self.ledger.store.history(&known)?;
        let mut snapshots: Vec<&SnapshotFacts> =
            self.ledger.valid().filter(|it| it.source_id == cloud.source_id).collect();
        snapshots.retain(|it| it.taken_at <= self.at);
        let run = snapshots
            .iter()
            .rev()
            .take_while(|snapshot| history.iter().any(|held| held.in_snapshot(snapshot)));
        Ok(run.last().map(|snapshot| snapshot.taken_at))
    }
}

/// The organizations that have invited the account and whose invitations are pending. Each organization can
/// cancel only its own invitation.
fn pending_organizations(record: &Record<'_>) -> Vec<String> {
    let listed = record.get("github_com_orgs_with_pending_invites").map(|value| value.items());
    let mut names: Vec<String> =
        listed.unwrap_or_default().iter().map(|name| name.trim().to_owned()).collect();
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names
}

impl Reclaim {
    /// Each seat that could be freed: the reason, and the accounts of the seat.
    pub(super) fn reasons(&self) -> impl Iterator<Item = (&'static str, &Concerned)> {
        self.items.iter().map(|item| (item.reason, &item.about))
    }
}

impl Answer for Reclaim {
    const LIST: Option<&'static str> = Some("items");
    const COLUMNS: Columns = Reclaimable::COLUMNS;

    fn rows(&self, visitor: &mut impl RowVisitor) -> Result<()> {
        visitor.all(&self.items)
    }

    fn rests_on(&self) -> Vec<String> {
        known_on_told(self.known_on).into_iter().chain(billing_told(&self.billing)).collect()
    }

    fn page(&self) -> Page {
        let mut by_instance =
            Table::new(&["Instance", "Dormant", "Never signed in", "Server only"]);
        let mut hosts: Vec<&String> = self.items.iter().filter_map(|it| it.host.as_ref()).collect();
        hosts.sort();
        hosts.dedup();
        for host in hosts {
            let of_host = || self.items.iter().filter(|it| it.host.as_ref() == Some(host));
            let count = |reason: &str| of_host().filter(|it| it.reason == reason).count() as u64;
            let or_unknown =
                |reason: &str, states: fn(&Reclaimable) -> bool| match of_host().any(states) {
                    true => Cell::from(count(reason)),
                    false => "not stated".into(),
                };
            by_instance.rows.push(vec![
                host.as_str().into(),
                or_unknown("dormant", |it| it.states.0),
                or_unknown("never-signed-in", |it| it.states.1),
                count("server-only").into(),
            ]);
        }
        let mut table =
            Table::new(&["Reason", "Who", "Where", "Last active", "Since", "What to do"]);
        for item in self.items.iter().filter(|it| it.reason != "server-only") {
            let who = item.login.clone().or_else(|| item.id.clone()).or_else(|| item.email.clone());
            table.rows.push(vec![
                item.reason.into(),
                who.into(),
                item.host.clone().unwrap_or_else(|| "Cloud".to_owned()).into(),
                item.last_active.map(|at| at.to_string()).into(),
                item.since.map(|at| at.to_string()).into(),
                item.fix.action.as_str().into(),
            ]);
        }
        let Summary { dormant, never_signed_in, pending_invitation, server_only } = self.summary;
        // The files state the last activity of some dormant accounts, and of others only that they are
        // dormant.
        let said =
            self.items.iter().filter(|it| it.reason == "dormant" && it.last_active.is_none());
        let said = said.count() as u64;
        let freed = dormant.unwrap_or(0) + never_signed_in.unwrap_or(0) + pending_invitation;
        let dormant = match dormant {
            Some(dormant) => {
                let idle = dormant.saturating_sub(said);
                let idle =
                    format!("{} dormant for {}", grouped(idle), counted(self.idle_days, "day"));
                match said {
                    0 => idle,
                    said => format!("{idle}, {} reported as dormant", grouped(said)),
                }
            }
            None => "who is dormant is not stated".to_owned(),
        };
        let never = match never_signed_in {
            Some(never) => format!("{} never signed in", grouped(never)),
            None => "who never signed in is not stated".to_owned(),
        };
        let mut closing = vec![format!(
            "{} could be freed at once: {dormant}, {never}, {}. {} on Server only; `oneseat \
             duplicates` says which of these people have a Cloud account. `--json` lists all.",
            counted(freed, "seat"),
            counted(pending_invitation, "invitation"),
            match server_only {
                1 => "1 more seat is".to_owned(),
                many => format!("{} more seats are", grouped(many)),
            }
        )];
        if !self.activity_not_stated.is_empty() {
            closing.push(format!(
                "! The files of {} state no activity, so it is not known which of their accounts are idle.",
                self.activity_not_stated.join(", ")
            ));
        }
        let tables = [by_instance, table].into_iter().filter(|table| !table.rows.is_empty());
        Page {
            headline: format!("Seats that could be freed, as of {}", self.as_of),
            tables: tables.collect(),
            closing,
        }
    }
}

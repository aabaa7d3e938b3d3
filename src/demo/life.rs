//! The life of one person at the demo company, and the accounts that follow from it on any day.
//!
//! A life is a pure function of the seed and the person's number (slot). So nothing is stored for each person,
//! and the accounts of any day can be computed. This file may assume that the stream of random numbers belongs
//! to this slot alone. It must not look at other slots. It must not draw random numbers after the life is made,
//! so that the same day always gives the same accounts.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::account::{
    CloudAccount, CloudPresence, Day, DemoAddress, DemoInstance, DemoLogin, DemoServerAccount,
    ManagedUser, SlotAccounts,
};
use super::event::{Event, Phase, Planned, SHARES, SLOTS_PER_STRANGER, STRANGERS};
use super::migration::{Migration, managed_name_id, managed_stranger};
use super::traits::{Trait, Traits};

/// How long before the first day of the history an event may have begun that is still open on that day, in
/// days.
const LOOKBACK: Day = 400;
/// An employee with a Server account has an event once in this many days, on average. Since an event stays open
/// for some time, about one person in 25 takes two licenses on any day.
const DAYS_BETWEEN_EVENTS: Day = 1_500;
const DAYS_UNTIL_LEAVING: Day = 2_800;
const DAYS_UNTIL_MOVING: Day = 3_500;
const DAYS_UNTIL_RENAMING: Day = 9_000;
const DAYS_UNTIL_DORMANT: Day = 6_000;
/// The number of days after which an invitation expires, as GitHub documents it.
const INVITATION: Day = 7;
/// How many days pass before invitations that have expired are sent again.
const INVITED_AGAIN: Day = 28;
/// How many days before the end of the history expired invitations are sent again for the last time.
const INVITED_LAST: Day = 2;
/// How long an instance keeps a suspended account before its admins delete it, in days.
const KEPT_SUSPENDED: Day = 240;
/// How long a person stays dormant, in days.
const DORMANCY: Day = 200;

/// What a number of the demo stands for: an employee, another kind of person, or a service account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// An employee with a Cloud account, and perhaps with Server accounts.
    Employee,
    /// A person with accounts on Server only.
    ServerOnly,
    /// An outside collaborator, who has access to single repositories on Cloud.
    OutsideCollaborator,
    /// A person who leaves e-mail invitations unanswered for a long time. Some weeks after an invitation has
    /// expired, it is sent again, as a script of an owner that invites all newcomers would do.
    Invited,
    /// A Visual Studio subscriber who has never used GitHub.
    SubscriptionOnly,
    /// A service account on Server.
    ServiceAccount,
}

/// When a person came to the company: before the history of the demo, or within it.
#[derive(Clone, Copy, Debug)]
pub enum Arrival {
    /// The person is at the company on the first day of the history.
    Present,
    /// The person left before the first day of the history. A Server account of theirs may still exist,
    /// suspended or forgotten.
    Former,
    /// The person is hired on this day of the history.
    Hired(Day),
}

/// The life of one person: the days on which something happens, and the traits. It is small, and is computed
/// again whenever it is needed.
#[derive(Clone, Debug)]
pub struct Life {
    pub kind: SlotKind,
    pub hired: Day,
    /// Whether a Visual Studio subscription belongs to the person's Cloud account.
    pub subscriber: bool,
    /// Two random numbers that select the person's department: before and after a move to another department.
    departments: (u64, u64),
    moved: Option<Day>,
    /// The properties of the person that never change.
    pub traits: Traits,
    renamed: Option<Day>,
    dormant_from: Option<Day>,
    /// The first day on which the person is no longer at the company; `None` if the person does not leave.
    pub left: Option<Day>,
    cloud_until: Option<Day>,
    server_until: Option<Day>,
    accepts_invitation: Option<Day>,
    /// A day on which expired invitations are sent again. They are sent again every [`INVITED_AGAIN`] days.
    invited_again: Day,
    instances: [Option<DemoInstance>; 2],
    planned: Option<Planned>,
    /// The move of the person to the second enterprise; `None` if the person does not move.
    pub migration: Option<Migration>,
    /// The day on which a stranger with the person's login appears in the second enterprise; `None` if there is
    /// none.
    managed_stranger: Option<Day>,
}

impl Life {
    /// Draws the life of one person at random, for a history of `days` days.
    pub fn draw(rng: &mut ChaCha8Rng, arrival: Arrival, days: Day) -> Self {
        let kind = draw_kind(rng);
        let hired = match arrival {
            Arrival::Hired(day) => day,
            Arrival::Present | Arrival::Former => -rng.random_range(LOOKBACK + 30..3_000),
        };
        let left = match arrival {
            Arrival::Former => Some(-rng.random_range(1..LOOKBACK)),
            Arrival::Present | Arrival::Hired(_) if kind == SlotKind::ServiceAccount => None,
            Arrival::Present | Arrival::Hired(_) => {
                first_time(rng, hired.max(0) + 1, days, DAYS_UNTIL_LEAVING)
            }
        };
        let traits = Traits::of(rng.random());
        let instances = draw_instances(rng, kind);
        let mut life = Life {
            kind,
            hired,
            subscriber: rng.random_ratio(6, 100),
            departments: (rng.random(), rng.random()),
            moved: first_time(rng, hired.max(-LOOKBACK), days, DAYS_UNTIL_MOVING),
            traits,
            renamed: first_time(rng, hired.max(-LOOKBACK) + 30, days, DAYS_UNTIL_RENAMING),
            dormant_from: first_time(rng, hired.max(-DORMANCY) + 60, days, DAYS_UNTIL_DORMANT),
            left,
            cloud_until: left.map(|day| day + rng.random_range(2..30)),
            server_until: left.map(|day| day + suspension_delay(rng)),
            accepts_invitation: draw_acceptance(rng, kind, arrival, days),
            invited_again: days - 1 - INVITED_LAST,
            instances,
            planned: None,
            migration: None,
            managed_stranger: None,
        };
        if kind == SlotKind::Employee && instances[0].is_some() {
            life.plan_event(rng, days);
        }
        life
    }

    /// The accounts of the person that exist on `day`, and those of others that go with them.
    pub fn accounts_on(&self, day: Day) -> SlotAccounts {
        let mut accounts = self.uneventful_accounts(day);
        if let Some(planned) = &self.planned {
            planned.apply(day, &mut accounts);
        }
        let moved_until = self.migration.and_then(|migration| migration.until);
        if is_past(self.cloud_until, day) || is_past(moved_until, day) {
            accounts.cloud = None;
        }
        if is_past(self.server_until.map(|suspended| suspended + KEPT_SUSPENDED), day) {
            accounts.servers.clear();
        } else if is_past(self.server_until, day) {
            accounts.servers.iter_mut().for_each(|server| server.suspended = true);
        }
        accounts.servers.retain(|server| server.created <= day);
        accounts
    }

    /// Adds a stranger who resembles the person, if the person's number selects that. The person must be an
    /// employee without an event. No random number is drawn.
    pub fn with_stranger(mut self, slot: u64) -> Self {
        let (turn, place) = (slot / SLOTS_PER_STRANGER, slot % SLOTS_PER_STRANGER);
        let kinds = STRANGERS.len() as u64;
        let kind = usize::try_from(turn % kinds).ok().and_then(|turn| STRANGERS.get(turn));
        if let Some(&event) = kind
            && place == SLOTS_PER_STRANGER - 1
            && self.kind == SlotKind::Employee
            && self.planned.is_none()
        {
            let from = self.hired.max(-LOOKBACK) + 30;
            self.planned = Some(Planned { event, from, until: Day::MAX });
        }
        self
    }

    /// Adds what a second enterprise brings to an employee without an event: the person may move there, or a
    /// stranger there may have the person's login. No random number is drawn.
    pub fn with_second_enterprise(mut self, slot: u64, days: Day) -> Self {
        let may_move = self.kind == SlotKind::Employee
            && self.planned.is_none()
            && self.accepts_invitation.is_none();
        if may_move {
            self.managed_stranger = managed_stranger(slot, self.hired, days);
            self.migration = Migration::of(self.traits, self.hired, days)
                .filter(|_| self.managed_stranger.is_none())
                .filter(|migration| self.left.is_none_or(|left| migration.from < left));
        }
        self
    }

    /// The account in the second enterprise on `day`: the person's or a stranger's; `None` if there is none.
    pub fn managed_user_on(&self, day: Day) -> Option<ManagedUser> {
        if is_past(self.managed_stranger, day) {
            return Some(ManagedUser { name_id: DemoAddress::Supplier, is_strangers: true });
        }
        let is_there = is_past(self.migration.map(|migration| migration.from), day)
            && !is_past(self.cloud_until, day);
        is_there.then(|| ManagedUser { name_id: managed_name_id(self.traits), is_strangers: false })
    }

    /// Whether the person is a contractor of a partner company. Contractors have accounts on Server only.
    pub fn is_from_partner(&self) -> bool {
        self.kind == SlotKind::ServerOnly && self.traits.number(Trait::FromPartner, 10) < 3
    }

    /// Whether the person has an account of their own on this instance at some time, events apart.
    pub fn is_on(&self, instance: DemoInstance) -> bool {
        self.instances.contains(&Some(instance))
    }

    /// The event that has happened by `day`, repaired or not; `None` if none has happened.
    pub fn past_event(&self, day: Day) -> Option<Planned> {
        self.planned.filter(|planned| planned.phase(day) != Phase::Before)
    }

    /// The day from which the company employs the person: the day of the hire, or the day on which a contractor
    /// becomes an employee.
    pub fn employed(&self) -> Day {
        match self.planned {
            Some(Planned { event: Event::ContractorHired, from, .. }) => from.max(self.hired),
            _ => self.hired,
        }
    }

    /// The event that has happened and is not repaired on `day`; `None` if there is none.
    pub fn open_event(&self, day: Day) -> Option<Planned> {
        self.planned.filter(|planned| planned.phase(day) == Phase::Open)
    }

    /// The number that selects the person's department on `day`.
    pub fn department_on(&self, day: Day) -> u64 {
        if is_past(self.moved, day) { self.departments.1 } else { self.departments.0 }
    }

    /// The day of the person's last visit; `None` if the person is not dormant on `day`.
    pub fn dormant_since(&self, day: Day) -> Option<Day> {
        let from = self.dormant_from?;
        (from..from + DORMANCY).contains(&day).then_some(from - 90)
    }

    /// Whether an invitation to a second organization is pending on `day`.
    pub fn has_pending_invitation(&self, day: Day) -> bool {
        let is_fresh = day < self.hired + INVITATION;
        let fresh = is_fresh && self.traits.number(Trait::FreshInvitation, 4) == 0;
        fresh
            || (self.is_invited_again(day)
                && self.traits.number(Trait::StandingInvitation, 100) == 0)
    }

    /// Whether an invitation that nobody answers is pending on `day`. It is not pending between its expiry and
    /// the day on which it is sent again.
    fn is_invited_again(&self, day: Day) -> bool {
        (day - self.invited_again).rem_euclid(INVITED_AGAIN) < INVITATION
    }

    fn days_until_server_account(&self) -> Day {
        i64::try_from(self.traits.number(Trait::DaysUntilServerAccount, 14)).unwrap_or(0)
    }

    fn plan_event(&mut self, rng: &mut ChaCha8Rng, days: Day) {
        let event = draw_event(rng);
        // A life has at most one event. In a long history, the day of the event is drawn from a longer span, so
        // that events are rarer but still happen until the end.
        let span = DAYS_BETWEEN_EVENTS.max(days + LOOKBACK);
        let from = self.hired.max(-LOOKBACK) + rng.random_range(0..span);
        let until = from + open_for(rng);
        if from >= days {
            return;
        }
        match event {
            Event::AcquiredDomain => self.instances = [Some(DemoInstance::Ghes3), None],
            Event::SecondInstanceLate => self.instances[1] = None,
            Event::VisualStudioSignIn => self.subscriber = true,
            _ => {}
        }
        self.planned = Some(Planned { event, from, until });
    }

    fn uneventful_accounts(&self, day: Day) -> SlotAccounts {
        if day < self.hired {
            return SlotAccounts::default();
        }
        SlotAccounts {
            cloud: self.uneventful_cloud(day),
            servers: self
                .instances
                .iter()
                .flatten()
                .map(|&at| self.uneventful_server(at, day))
                .collect(),
        }
    }

    fn uneventful_cloud(&self, day: Day) -> Option<CloudPresence> {
        let not_accepted = self.accepts_invitation.is_some_and(|accepted| day < accepted);
        match self.kind {
            SlotKind::ServerOnly | SlotKind::ServiceAccount => None,
            SlotKind::SubscriptionOnly => {
                Some(CloudPresence::SubscriptionOnly(DemoAddress::VisualStudio))
            }
            SlotKind::Employee if not_accepted => {
                Some(CloudPresence::Invitation(DemoAddress::Work))
            }
            SlotKind::Invited if not_accepted => {
                self.is_invited_again(day).then_some(CloudPresence::Invitation(DemoAddress::Work))
            }
            SlotKind::OutsideCollaborator => Some(CloudPresence::Account(CloudAccount {
                name_id: None,
                verified: None,
                verified_alias: None,
                ..self.employee_account(day)
            })),
            SlotKind::Employee | SlotKind::Invited => {
                Some(CloudPresence::Account(self.employee_account(day)))
            }
        }
    }

    fn employee_account(&self, day: Day) -> CloudAccount {
        let renames_cloud = self.traits.number(Trait::RenamesCloud, 2) == 0;
        let login = if renames_cloud && is_past(self.renamed, day) {
            DemoLogin::Renamed
        } else {
            DemoLogin::Plain
        };
        let coverage = self.traits.number(Trait::CloudAddresses, 100);
        CloudAccount {
            login,
            name_id: (coverage >= 8).then_some(DemoAddress::Work),
            verified: (coverage < 90).then_some(DemoAddress::Work),
            verified_alias: (coverage % 10 == 9).then_some(DemoAddress::PersonnelNumber),
            married_name: false,
        }
    }

    fn uneventful_server(&self, instance: DemoInstance, day: Day) -> DemoServerAccount {
        let is_service = self.kind == SlotKind::ServiceAccount;
        let from_partner = self.is_from_partner();
        let renames_server = self.traits.number(Trait::RenamesCloud, 2) == 1;
        let login = match instance {
            _ if is_service => DemoLogin::JenkinsBot,
            _ if renames_server && is_past(self.renamed, day) => DemoLogin::Renamed,
            DemoInstance::Ghes2 if self.traits.number(Trait::DirectoryLogin, 10) < 6 => {
                DemoLogin::Personnel
            }
            _ => DemoLogin::Plain,
        };
        let primary = match (is_service, from_partner) {
            (true, _) => DemoAddress::Mailbox,
            (false, true) => DemoAddress::Partner,
            (false, false) => DemoAddress::Work,
        };
        let has_plant_address =
            instance == DemoInstance::Ghes3 && self.traits.number(Trait::PlantAddress, 5) == 0;
        DemoServerAccount {
            instance,
            extra: is_service,
            login,
            primary,
            secondary: has_plant_address.then_some(DemoAddress::Plant),
            married_name: false,
            suspended: false,
            created: self.hired + 1 + self.days_until_server_account(),
        }
    }
}

fn is_past(event: Option<Day>, day: Day) -> bool {
    event.is_some_and(|event| event <= day)
}

fn draw_kind(rng: &mut ChaCha8Rng) -> SlotKind {
    match rng.random_range(0..1_000_u32) {
        0..75 => SlotKind::ServerOnly,
        75..110 => SlotKind::OutsideCollaborator,
        110..116 => SlotKind::Invited,
        116..121 => SlotKind::SubscriptionOnly,
        121..133 => SlotKind::ServiceAccount,
        _ => SlotKind::Employee,
    }
}

fn draw_instances(rng: &mut ChaCha8Rng, kind: SlotKind) -> [Option<DemoInstance>; 2] {
    let first = match rng.random_range(0..100_u32) {
        0..45 => DemoInstance::Ghes1,
        45..78 => DemoInstance::Ghes2,
        _ => DemoInstance::Ghes3,
    };
    let second = match first {
        DemoInstance::Ghes1 => DemoInstance::Ghes2,
        DemoInstance::Ghes2 => DemoInstance::Ghes3,
        DemoInstance::Ghes3 => DemoInstance::Ghes1,
    };
    let draw = rng.random_range(0..100_u32);
    let count = match kind {
        SlotKind::OutsideCollaborator | SlotKind::SubscriptionOnly => 0,
        SlotKind::ServiceAccount => 1,
        SlotKind::ServerOnly | SlotKind::Invited => 1 + u32::from(draw < 8),
        SlotKind::Employee => u32::from(draw < 62) + u32::from(draw < 6),
    };
    [(count > 0).then_some(first), (count > 1).then_some(second)]
}

/// Draws the day on which the person accepts an invitation; `None` if there is no invitation to accept. Some
/// invitations stay open for much of the history, and some newly hired people take a few days.
fn draw_acceptance(
    rng: &mut ChaCha8Rng,
    kind: SlotKind,
    arrival: Arrival,
    days: Day,
) -> Option<Day> {
    match (kind, arrival) {
        (SlotKind::Invited, _) => Some(rng.random_range(0..2 * days + 180)),
        (SlotKind::Employee, Arrival::Hired(day)) if rng.random_ratio(3, 10) => {
            Some(day + rng.random_range(3..8))
        }
        _ => None,
    }
}

/// Draws how many days after a person has left their Server accounts are suspended. It is mostly 0, but some
/// accounts are forgotten for months.
fn suspension_delay(rng: &mut ChaCha8Rng) -> Day {
    if rng.random_ratio(12, 100) { rng.random_range(60..420) } else { 0 }
}

/// Draws how many days pass before somebody repairs the effect of an event: mostly weeks or months, sometimes
/// about a year.
fn open_for(rng: &mut ChaCha8Rng) -> Day {
    if rng.random_ratio(85, 100) {
        rng.random_range(14..200)
    } else {
        rng.random_range(200..LOOKBACK)
    }
}

fn draw_event(rng: &mut ChaCha8Rng) -> Event {
    let mut left = rng.random_range(0..SHARES.iter().map(|&(_, share)| share).sum());
    for &(event, share) in SHARES {
        if left < share {
            return event;
        }
        left -= share;
    }
    Event::Marriage
}

/// Draws the first day in `from..until` on which something happens that happens once in `mean` days; `None` if
/// it does not happen in that time. Only whole numbers are used: logarithms may differ in the last digit
/// between machines, and then so would the demo's files.
fn first_time(rng: &mut ChaCha8Rng, from: Day, until: Day, mean: Day) -> Option<Day> {
    const BLOCK: Day = 90;
    let mut start = from;
    while start < until {
        if rng.random_range(0..mean) < BLOCK {
            let day = start + rng.random_range(0..BLOCK);
            return (day < until).then_some(day);
        }
        start += BLOCK;
    }
    None
}

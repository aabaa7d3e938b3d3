//! The events in a person's life that make one person look like two, or two people look like one, and what the
//! events do to the accounts.
//!
//! This is the only file that states how accounts differ, in each phase of an event, from those of a life
//! without events. It may assume that the accounts passed in are an employee's, with the person's own Server
//! account first. It must not draw random numbers, decide when an event happens (`life` does that), or know how
//! accounts are written.

use super::account::{
    CloudAccount, CloudPresence, Day, DemoAddress, DemoInstance, DemoLogin, DemoServerAccount,
    SlotAccounts,
};

/// An event in a person's life at the demo company. A person has at most one event.
///
/// While one of the events up to `UnverifiedAddress` is open, the person takes two licenses. The events after
/// `UnverifiedAddress` are decoys: they look like a duplicate and are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The person marries. Cloud has the new name at once. Server keeps the old primary address, and gets the new
    /// address as a secondary one. The repair makes the new address primary on Server.
    Marriage,
    /// A colleague from the acquired company gets an account on that company's instance. The primary address is
    /// at that company's domain, and the work address is secondary. The repair makes the work address primary on
    /// Server.
    AcquiredDomain,
    /// A contractor who had only a Server account, under the partner's address, is hired and gets a Cloud
    /// account. The repair makes the work address primary on Server.
    ContractorHired,
    /// The Cloud account becomes a managed user. It gets a new login and a NameID that is the personnel number,
    /// and loses its verified addresses. The repair makes the work address the NameID in the identity provider.
    ManagedUserMigration,
    /// The person opens the Server account with a typing error in the address. The repair makes the work address
    /// primary on Server.
    TypoAtSignUp,
    /// The person gets another account, on an instance whose directory writes addresses as `last.first`. The
    /// repair makes the work address primary on that instance.
    SecondInstanceLate,
    /// The Server account's primary address gets a `+ghes` tag. The repair takes the tag off.
    PlusTag,
    /// The Visual Studio sign-in address becomes the Server account's primary address. The repair makes the work
    /// address primary again.
    VisualStudioSignIn,
    /// A person who had only a Server account gets a Cloud account with neither a NameID nor a verified address.
    /// The repair is that the person verifies the work address on Cloud.
    UnverifiedAddress,
    /// Decoy: the team has two service accounts with one address. The two accounts take one seat and are nobody's
    /// duplicate. The event ends when they are suspended.
    SharedMailbox,
    /// Decoy: a relative with the same name has a Server account. The relatives are two people with two seats.
    /// The event ends when the relative's account is suspended.
    FatherAndSon,
    /// Decoy: a supplier's employee has a Server account, with the login that this person has on Cloud. The event
    /// never ends.
    StrangersLogin,
    /// Decoy: a supplier's employee with the same name has a Server account. The address of that account has the
    /// same local part as this person's, at the supplier's domain. The event never ends.
    StrangersAddress,
    /// Decoy: a colleague has a Server account, with an address that has one letter more than this person's. The
    /// event never ends.
    StrangersSlip,
}

/// The events that are drawn at random, each with its share in percent.
pub const SHARES: &[(Event, u32)] = &[
    (Event::Marriage, 15),
    (Event::AcquiredDomain, 14),
    (Event::ContractorHired, 8),
    (Event::ManagedUserMigration, 12),
    (Event::TypoAtSignUp, 10),
    (Event::SecondInstanceLate, 12),
    (Event::PlusTag, 8),
    (Event::VisualStudioSignIn, 7),
    (Event::UnverifiedAddress, 4),
    (Event::SharedMailbox, 6),
    (Event::FatherAndSon, 4),
];

/// The events in which a stranger resembles a person, although they are two people. One person in
/// [`SLOTS_PER_STRANGER`] can have one. It depends on the person's number, so that no random number is drawn
/// for it.
pub const STRANGERS: &[Event] =
    &[Event::StrangersLogin, Event::StrangersAddress, Event::StrangersSlip];

/// One person in this many has a stranger who resembles them. The person must be an employee without any other
/// event.
pub const SLOTS_PER_STRANGER: u64 = 1_000;

impl Event {
    /// Whether the event only looks like a duplicate, although nobody takes two licenses.
    pub fn is_decoy(self) -> bool {
        matches!(self, Event::SharedMailbox | Event::FatherAndSon) || STRANGERS.contains(&self)
    }

    /// The name of the event in `truth.ndjson`.
    pub fn name(self) -> &'static str {
        match self {
            Event::Marriage => "marriage",
            Event::AcquiredDomain => "acquired-domain",
            Event::ContractorHired => "contractor-hired",
            Event::ManagedUserMigration => "managed-user-migration",
            Event::TypoAtSignUp => "typo-at-sign-up",
            Event::SecondInstanceLate => "second-instance-late",
            Event::PlusTag => "plus-tag",
            Event::VisualStudioSignIn => "visual-studio-sign-in",
            Event::UnverifiedAddress => "unverified-address",
            Event::SharedMailbox => "shared-mailbox",
            Event::FatherAndSon => "father-and-son",
            Event::StrangersLogin => "strangers-login",
            Event::StrangersAddress => "strangers-address",
            Event::StrangersSlip => "strangers-slip",
        }
    }
}

/// How far an event has come on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The event has not happened yet.
    Before,
    /// The event has happened, and nobody has repaired its effect yet.
    Open,
    /// The effect of the event has been repaired.
    Repaired,
}

/// The event of a person and its days: from `from` on it has happened, and from `until` on it is repaired.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    pub event: Event,
    /// The first day on which the event has happened.
    pub from: Day,
    /// The first day on which the event's effect is repaired.
    pub until: Day,
}

impl Planned {
    pub fn phase(&self, day: Day) -> Phase {
        if day < self.from {
            Phase::Before
        } else if day < self.until {
            Phase::Open
        } else {
            Phase::Repaired
        }
    }

    /// Changes the accounts of a life without an event, as they would be on `day`, into those with this event.
    pub fn apply(&self, day: Day, accounts: &mut SlotAccounts) {
        let phase = self.phase(day);
        match self.event {
            Event::Marriage => marry(phase, accounts),
            Event::AcquiredDomain => {
                self.opened_under(day, DemoAddress::Plant, Some(DemoAddress::Work), accounts);
            }
            Event::ContractorHired => be_employed(phase, accounts),
            Event::ManagedUserMigration => become_managed(phase, accounts),
            Event::TypoAtSignUp => self.opened_under(day, DemoAddress::Slip, None, accounts),
            Event::SecondInstanceLate => self.open_second_account(day, accounts),
            Event::PlusTag => changed_to(phase, DemoAddress::PlusTag, accounts),
            Event::VisualStudioSignIn => changed_to(phase, DemoAddress::VisualStudio, accounts),
            Event::UnverifiedAddress => join_unverified(phase, accounts),
            Event::SharedMailbox => {
                let bots = [
                    (DemoInstance::Ghes1, DemoLogin::JenkinsBot),
                    (DemoInstance::Ghes2, DemoLogin::DeployBot),
                ];
                for (instance, login) in bots {
                    self.open_extra_account(phase, instance, login, DemoAddress::Mailbox, accounts);
                }
            }
            Event::FatherAndSon => {
                self.open_extra_account(
                    phase,
                    DemoInstance::Ghes3,
                    DemoLogin::Junior,
                    DemoAddress::Junior,
                    accounts,
                );
                // The relatives share a private address, so the directory lists it for both of them.
                if let Some(own) = accounts.servers.last_mut().filter(|own| own.extra) {
                    own.secondary = Some(DemoAddress::Family);
                }
            }
            Event::StrangersLogin => {
                self.open_strangers(day, DemoLogin::Plain, DemoAddress::Supplier, accounts);
            }
            Event::StrangersAddress => {
                self.open_strangers(
                    day,
                    DemoLogin::External,
                    DemoAddress::SuppliersNamesake,
                    accounts,
                );
            }
            Event::StrangersSlip => {
                self.open_strangers(day, DemoLogin::External, DemoAddress::Neighbor, accounts);
            }
        }
    }

    /// Adds a stranger's account on an instance on which the person has no account. If the person has one on
    /// every instance, nothing is added.
    fn open_strangers(
        &self,
        day: Day,
        login: DemoLogin,
        primary: DemoAddress,
        accounts: &mut SlotAccounts,
    ) {
        let is_free = |instance: &DemoInstance| {
            accounts.servers.iter().all(|server| server.instance != *instance)
        };
        let all = [DemoInstance::Ghes1, DemoInstance::Ghes2, DemoInstance::Ghes3];
        if let Some(instance) = all.into_iter().find(is_free) {
            self.open_extra_account(self.phase(day), instance, login, primary, accounts);
        }
    }

    /// Adds the person's first Server account, on the day of the event, with a primary address that the Cloud
    /// account does not have. The repair makes the work address primary.
    fn opened_under(
        &self,
        day: Day,
        address: DemoAddress,
        secondary: Option<DemoAddress>,
        accounts: &mut SlotAccounts,
    ) {
        let phase = self.phase(day);
        if phase == Phase::Before {
            accounts.servers.clear();
        }
        let Some(own) = accounts.servers.first_mut() else {
            return;
        };
        own.created = self.from;
        if phase == Phase::Open {
            own.primary = address;
            own.secondary = secondary;
        } else {
            own.secondary = Some(address);
        }
    }

    fn open_second_account(&self, day: Day, accounts: &mut SlotAccounts) {
        let Some(&own) = accounts.servers.first() else {
            return;
        };
        let (primary, secondary) = match self.phase(day) {
            Phase::Before => return,
            Phase::Open => (DemoAddress::LastFirst, None),
            Phase::Repaired => (DemoAddress::Work, Some(DemoAddress::LastFirst)),
        };
        let instance = match own.instance {
            DemoInstance::Ghes1 => DemoInstance::Ghes3,
            DemoInstance::Ghes2 => DemoInstance::Ghes1,
            DemoInstance::Ghes3 => DemoInstance::Ghes2,
        };
        accounts.servers.push(DemoServerAccount {
            instance,
            primary,
            secondary,
            created: self.from,
            ..own
        });
    }

    fn open_extra_account(
        &self,
        phase: Phase,
        instance: DemoInstance,
        login: DemoLogin,
        primary: DemoAddress,
        accounts: &mut SlotAccounts,
    ) {
        if phase == Phase::Before {
            return;
        }
        accounts.servers.push(DemoServerAccount {
            instance,
            extra: true,
            login,
            primary,
            secondary: None,
            married_name: false,
            suspended: phase == Phase::Repaired,
            created: self.from,
        });
    }
}

fn marry(phase: Phase, accounts: &mut SlotAccounts) {
    if phase == Phase::Before {
        return;
    }
    if let Some(cloud) = accounts.cloud_account_mut() {
        cloud.name_id = cloud.name_id.map(|_| DemoAddress::Married);
        cloud.verified = cloud.verified.map(|_| DemoAddress::Married);
        cloud.married_name = true;
    }
    for server in &mut accounts.servers {
        let renamed = phase == Phase::Repaired;
        (server.primary, server.secondary) = if renamed {
            (DemoAddress::Married, Some(DemoAddress::Work))
        } else {
            (DemoAddress::Work, Some(DemoAddress::Married))
        };
        server.married_name = renamed;
    }
}

/// Gives the person's first Server account another primary address while the event is not repaired. The repair
/// gives the old one back.
fn changed_to(phase: Phase, address: DemoAddress, accounts: &mut SlotAccounts) {
    if let Some(own) = accounts.servers.first_mut()
        && phase == Phase::Open
    {
        own.primary = address;
        own.secondary = None;
    }
}

fn be_employed(phase: Phase, accounts: &mut SlotAccounts) {
    if phase == Phase::Before {
        accounts.cloud = None;
    }
    if phase != Phase::Repaired {
        for server in &mut accounts.servers {
            server.primary = DemoAddress::Partner;
            server.secondary = None;
        }
    }
}

fn become_managed(phase: Phase, accounts: &mut SlotAccounts) {
    if phase == Phase::Before {
        return;
    }
    if let Some(cloud) = accounts.cloud_account_mut() {
        let name_id = match phase {
            Phase::Repaired => DemoAddress::Work,
            Phase::Before | Phase::Open => DemoAddress::PersonnelNumber,
        };
        *cloud = CloudAccount {
            login: DemoLogin::Managed,
            name_id: Some(name_id),
            verified: None,
            verified_alias: None,
            ..*cloud
        };
    }
}

fn join_unverified(phase: Phase, accounts: &mut SlotAccounts) {
    match (phase, &mut accounts.cloud) {
        (Phase::Before, cloud) => *cloud = None,
        (Phase::Open, Some(CloudPresence::Account(cloud))) => {
            cloud.name_id = None;
            cloud.verified = None;
            cloud.verified_alias = None;
        }
        (Phase::Repaired, Some(CloudPresence::Account(cloud))) => {
            cloud.name_id = None;
            cloud.verified = Some(DemoAddress::Work);
        }
        (Phase::Open | Phase::Repaired, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENED: Day = 10;
    const REPAIRED: Day = 20;

    fn uneventful() -> SlotAccounts {
        let cloud = CloudAccount {
            login: DemoLogin::Plain,
            name_id: Some(DemoAddress::Work),
            verified: Some(DemoAddress::Work),
            verified_alias: None,
            married_name: false,
        };
        let server = DemoServerAccount {
            instance: DemoInstance::Ghes1,
            extra: false,
            login: DemoLogin::Plain,
            primary: DemoAddress::Work,
            secondary: None,
            married_name: false,
            suspended: false,
            created: 0,
        };
        SlotAccounts { cloud: Some(CloudPresence::Account(cloud)), servers: vec![server] }
    }

    fn after(event: Event, day: Day) -> SlotAccounts {
        let mut accounts = uneventful();
        Planned { event, from: OPENED, until: REPAIRED }.apply(day, &mut accounts);
        accounts
    }

    /// Whether the person has a Cloud account, and a Server account of their own that does not match it.
    fn is_doubled(accounts: &SlotAccounts) -> bool {
        let Some(CloudPresence::Account(cloud)) = accounts.cloud else {
            return false;
        };
        accounts.servers.iter().any(|server| !server.extra && !cloud.matches(server.primary))
    }

    fn all() -> impl Iterator<Item = Event> {
        SHARES.iter().map(|&(event, _)| event).chain(STRANGERS.iter().copied())
    }

    #[test]
    fn shares_are_hundredths_and_name_each_event_once() {
        assert_eq!(SHARES.iter().map(|&(_, share)| share).sum::<u32>(), 100);
        for (place, (event, _)) in SHARES.iter().enumerate() {
            assert!(SHARES.iter().skip(place + 1).all(|(other, _)| other != event));
        }
    }

    #[test]
    fn an_open_event_doubles_the_person_unless_it_is_a_decoy() {
        for event in all() {
            assert!(!is_doubled(&after(event, OPENED - 1)), "{event:?} before");
            assert_eq!(is_doubled(&after(event, OPENED)), !event.is_decoy(), "{event:?} first day");
            assert_eq!(is_doubled(&after(event, REPAIRED - 1)), !event.is_decoy(), "{event:?}");
            assert!(!is_doubled(&after(event, REPAIRED)), "{event:?} repaired");
        }
    }

    #[test]
    fn every_event_has_a_name_of_its_own() {
        let names: std::collections::HashSet<&str> = all().map(Event::name).collect();
        assert_eq!(names.len(), all().count());
    }

    #[test]
    fn a_decoy_brings_accounts_that_are_not_the_persons_own() {
        for event in all().filter(|event| event.is_decoy()) {
            let extra = after(event, OPENED).servers.into_iter().filter(|server| server.extra);
            assert!(extra.count() >= 1, "{event:?}");
            assert!(
                after(event, REPAIRED)
                    .servers
                    .iter()
                    .all(|server| server.extra == server.suspended)
            );
        }
    }
}

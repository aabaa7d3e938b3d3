//! What the two employee directories of the demo company know of a person on one day. One is the identity
//! provider (Entra ID), the other is the HR system.
//!
//! This file decides who is listed, with which addresses and logins, and until when. It may assume that
//! addresses of different slots (people) differ. It must not spell texts or write files. Contractors who are no
//! guests are in no list.

use super::account::{Day, DemoAddress, DemoInstance, DemoLogin, DemoServerAccount};
use super::event::{Event, Planned};
use super::life::SlotKind;
use super::population::Person;
use super::traits::Trait;

/// How long the identity provider keeps a disabled user before it deletes the user, in days.
const KEPT_DISABLED: Day = 180;
/// How long the identity provider keeps a guest who left before it deletes the guest, in days.
const KEPT_GUEST: Day = 14;
/// How long the HR system lists a person who left, in days.
const KEPT_TERMINATED: Day = 730;

/// The entry that one directory has for a person.
#[derive(Clone, Debug)]
pub struct DemoListing {
    /// The addresses in the entry. The first one is the primary address.
    pub addresses: Vec<DemoAddress>,
    /// The login on Cloud, if the entry states it; else `None`.
    pub cloud_login: Option<DemoLogin>,
    /// The login on the instance whose users sign in with the personnel number, if the entry states it; else
    /// `None`.
    pub server_login: Option<(DemoInstance, DemoLogin)>,
    /// Whether the person still works at the company, as far as the directory knows.
    pub is_active: bool,
    /// Whether the entry has the double name that the person took when they married.
    pub married_name: bool,
    /// Whether the person is a guest, from another company.
    pub is_guest: bool,
}

impl DemoListing {
    /// The person's entry at the identity provider on `day`; `None` if there is none. For some people who left,
    /// the identity provider learns late that they did.
    pub fn in_entra(person: &Person, day: Day) -> Option<DemoListing> {
        let life = &person.life;
        let is_guest = life.is_from_partner();
        let is_listed = match life.kind {
            SlotKind::ServerOnly if is_guest => life.traits.number(Trait::Guest, 2) == 0,
            SlotKind::OutsideCollaborator | SlotKind::ServiceAccount => false,
            _ => true,
        };
        let disabled = life.left.map(|left| left + late_disabling(person));
        let kept = if is_guest { KEPT_GUEST } else { KEPT_DISABLED };
        if !is_listed || day < life.employed() || disabled.is_some_and(|off| day >= off + kept) {
            return None;
        }
        let mut listing = DemoListing::of_employee(person, day);
        listing.is_active = disabled.is_none_or(|off| day < off);
        listing.is_guest = is_guest;
        if is_guest {
            listing.addresses = vec![DemoAddress::Partner];
            return Some(listing);
        }
        listing.addresses.push(DemoAddress::PersonnelNumber);
        if life.subscriber {
            listing.addresses.push(DemoAddress::VisualStudio);
        }
        let event = life.past_event(day).map(|planned| planned.event);
        let lists_aliases = life.traits.number(Trait::ListsAliases, 10) < 9;
        if lists_aliases
            && (event == Some(Event::SecondInstanceLate)
                || life.traits.number(Trait::ListsLastFirst, 8) == 0)
        {
            listing.addresses.push(DemoAddress::LastFirst);
        }
        let is_from_plant = life.traits.number(Trait::PlantAddress, 5) == 0;
        if lists_aliases
            && life.is_on(DemoInstance::Ghes3)
            && (event == Some(Event::AcquiredDomain) || is_from_plant)
        {
            listing.addresses.push(DemoAddress::Plant);
        }
        if event == Some(Event::SharedMailbox) {
            listing.addresses.push(DemoAddress::Mailbox);
        }
        Some(listing)
    }

    /// The person's entry in the HR system on `day`; `None` if there is none. The HR system lists employees
    /// only. It may have the login on Cloud that a person stated when hired, but no login that the person took
    /// later.
    pub fn in_hr(person: &Person, day: Day) -> Option<DemoListing> {
        let life = &person.life;
        let is_employed = match life.kind {
            SlotKind::OutsideCollaborator | SlotKind::ServiceAccount => false,
            SlotKind::ServerOnly => !life.is_from_partner(),
            _ => true,
        };
        let is_deleted = life.left.is_some_and(|left| day >= left + KEPT_TERMINATED);
        if !is_employed || day < life.employed() || is_deleted {
            return None;
        }
        let mut listing = DemoListing::of_employee(person, day);
        listing.is_active = life.left.is_none_or(|left| day < left);
        let has_login =
            life.kind == SlotKind::Employee && life.traits.number(Trait::LoginInHr, 5) < 3;
        listing.cloud_login = has_login.then_some(DemoLogin::Plain);
        listing.server_login = Some((DemoInstance::Ghes2, DemoLogin::Personnel));
        Some(listing)
    }

    /// Whether the entry has the login of one of the Server accounts, or an address that the demo's files show
    /// for it.
    pub fn names_one_of(&self, servers: &[DemoServerAccount]) -> bool {
        servers.iter().any(|server| {
            // Only the report of the instance `Ghes3` has second addresses. For other instances, no file shows
            // them.
            let secondary = server.secondary.filter(|_| server.instance == DemoInstance::Ghes3);
            self.addresses.contains(&server.primary)
                || secondary.is_some_and(|address| self.addresses.contains(&address))
                || self.server_login == Some((server.instance, server.login))
        })
    }

    /// Whether the entry has the login of an account on Cloud, or one of its addresses.
    pub fn names_cloud(&self, addresses: &[Option<DemoAddress>], login: Option<DemoLogin>) -> bool {
        addresses.iter().flatten().any(|address| self.addresses.contains(address))
            || (login.is_some() && self.cloud_login == login)
    }

    /// The part of an employee's entry that is the same in both directories.
    fn of_employee(person: &Person, day: Day) -> DemoListing {
        let event = person.life.past_event(day).map(|planned| planned.event);
        let is_married = event == Some(Event::Marriage);
        let mut addresses = vec![DemoAddress::Work];
        if is_married {
            addresses.insert(0, DemoAddress::Married);
        }
        if event == Some(Event::FatherAndSon) {
            addresses.push(DemoAddress::Family);
        }
        DemoListing {
            addresses,
            cloud_login: None,
            server_login: None,
            is_active: true,
            married_name: is_married,
            is_guest: false,
        }
    }
}

/// How many days after a person has left the identity provider disables the account.
fn late_disabling(person: &Person) -> Day {
    match person.life.traits.number(Trait::LateDisabling, 100) {
        days @ 5..25 => i64::try_from(days).unwrap_or(0),
        _ => 0,
    }
}

/// Somebody whom the directories list because of a person, although the demo has no number for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// A relative who has the same name as the person and shares the person's private address.
    Relative,
    /// A colleague whose address has one letter more than the person's.
    Colleague,
    /// The mailbox of a service account, which the identity provider lists as a user who was never enabled.
    Mailbox,
}

impl Beside {
    /// Whom the directories list on `day` because of a person, and whether that entry is active; `None` if
    /// nobody.
    pub fn of(person: &Person, day: Day) -> Option<(Beside, bool)> {
        if person.life.kind == SlotKind::ServiceAccount {
            return (day >= person.life.hired).then_some((Beside::Mailbox, false));
        }
        let Planned { event, until, .. } = person.life.past_event(day)?;
        match event {
            Event::FatherAndSon => Some((Beside::Relative, day < until)),
            Event::StrangersSlip => Some((Beside::Colleague, true)),
            _ => None,
        }
    }

    /// The addresses in the entry. The first one is the primary address.
    pub fn addresses(self) -> &'static [DemoAddress] {
        match self {
            Beside::Relative => &[DemoAddress::Junior, DemoAddress::Family],
            Beside::Colleague => &[DemoAddress::Neighbor],
            Beside::Mailbox => &[DemoAddress::Mailbox],
        }
    }
}

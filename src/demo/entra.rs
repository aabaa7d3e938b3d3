//! The users of the demo company's identity provider, as a table that the portal of Entra ID downloads.
//!
//! This file writes one table for each day on which directories are exported. `listing` decides who is listed,
//! and with which addresses. It must not hold more than one person in memory.

use std::io::{self, Write};

use super::account::{Day, DemoAddress};
use super::event::Event;
use super::listing::{Beside, DemoListing};
use super::names::entry;
use super::population::{DemoPeople, Person};

const HEADER: [&str; 11] = [
    "userPrincipalName",
    "displayName",
    "surname",
    "mail",
    "givenName",
    "id",
    "userType",
    "jobTitle",
    "department",
    "accountEnabled",
    "alternateEmailAddress",
];

const DEPARTMENTS: &[&str] = &[
    "Engineering",
    "Platform",
    "Data",
    "Mobile",
    "Security",
    "Sales Tools",
    "Research",
    "Plant IT",
];

/// Whether a user is the person or somebody else. It makes the ids of users that go with one person differ.
#[derive(Clone, Copy)]
enum UserOf {
    Person = 1,
    Other = 2,
}

/// Writes the table of all users as it is on one day.
pub fn write<W: Write>(out: &mut W, population: &DemoPeople, day: Day) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(HEADER)?;
    // A mailbox may belong to this person and to the next one in the list. The portal shows its address for
    // both.
    let mut shared: Option<String> = None;
    for person in population.people() {
        if let Some(listing) = DemoListing::in_entra(&person, day) {
            let mut aliases: Vec<String> =
                listing.addresses.iter().skip(1).map(text(&person)).collect();
            aliases.extend(shared.take());
            csv.write_record(user(&person, &listing, &aliases, day))?;
        }
        if person.life.past_event(day).is_some_and(|it| it.event == Event::SharedMailbox) {
            shared = Some(person.identity.address(DemoAddress::Mailbox));
        }
        if let Some((beside, is_active)) = Beside::of(&person, day) {
            csv.write_record(other(&person, beside, is_active, day))?;
        }
    }
    csv.flush()
}

/// The department in which a person works on a day.
pub fn department(person: &Person, day: Day) -> &'static str {
    entry(DEPARTMENTS, person.life.department_on(day))
}

fn text(person: &Person) -> impl Fn(&DemoAddress) -> String + '_ {
    |address| person.identity.address(*address)
}

/// A user as a row of the table. Most employees sign in with the personnel number, and a guest with a name that
/// is made from the address at the other company.
fn user(person: &Person, listing: &DemoListing, aliases: &[String], day: Day) -> [String; 11] {
    let identity = &person.identity;
    let mail = listing.addresses.first().map(text(person)).unwrap_or_default();
    let sign_in = if listing.is_guest {
        format!("{}#EXT#@octocorp.onmicrosoft.example", mail.replace('@', "_"))
    } else {
        identity.address(DemoAddress::PersonnelNumber)
    };
    let aliases: Vec<&str> =
        aliases.iter().map(String::as_str).filter(|alias| *alias != sign_in).collect();
    [
        sign_in,
        identity.display_name(listing.married_name),
        identity.surname(listing.married_name),
        mail,
        identity.given_name().to_owned(),
        id(person.slot, UserOf::Person),
        if listing.is_guest { "Guest" } else { "Member" }.to_owned(),
        String::new(),
        department(person, day).to_owned(),
        truth_value(listing.is_active),
        aliases.join(";"),
    ]
}

fn other(person: &Person, beside: Beside, is_active: bool, day: Day) -> [String; 11] {
    let identity = &person.identity;
    let addresses: Vec<String> = beside.addresses().iter().map(text(person)).collect();
    let mail = addresses.first().cloned().unwrap_or_default();
    let (name, surname, given_name) = match beside {
        Beside::Mailbox => (format!("CI {}", person.slot), String::new(), String::new()),
        Beside::Relative | Beside::Colleague => (
            identity.display_name(false),
            identity.surname(false),
            identity.given_name().to_owned(),
        ),
    };
    [
        mail.clone(),
        name,
        surname,
        mail,
        given_name,
        id(person.slot, UserOf::Other),
        "Member".to_owned(),
        String::new(),
        department(person, day).to_owned(),
        truth_value(is_active),
        addresses.get(1..).unwrap_or_default().join(";"),
    ]
}

fn id(slot: u64, of: UserOf) -> String {
    format!("0c70c0de-000{}-4000-8000-{slot:012x}", of as u8)
}

/// The text for a truth value, spelled as the portal spells it.
fn truth_value(is_so: bool) -> String {
    if is_so { "True" } else { "False" }.to_owned()
}

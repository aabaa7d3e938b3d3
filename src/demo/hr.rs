//! The employees of the demo company, as its HR system exports them: a table whose columns no program can know
//! in advance.
//!
//! This file writes one table for each day on which directories are exported, and the configuration that says
//! what its columns mean. `listing` decides who is listed. It must not hold more than one person in memory.

use std::io::{self, Write};

use super::account::{Day, DemoAddress, DemoInstance};
use super::listing::{Beside, DemoListing};
use super::names::entry;
use super::population::{DemoPeople, Person};
use super::schedule::Schedule;
use super::traits::Trait;

const HEADER: [&str; 10] = [
    "Employee ID",
    "Name",
    "Work Email",
    "Alias",
    "GitHub",
    "Status",
    "Hire Date",
    "Termination Date",
    "Manager Email",
    "Cost Center",
];

const COST_CENTERS: &[&str] =
    &["CC-1010", "CC-1020", "CC-1030", "CC-1040", "CC-2010", "CC-3010", "CC-4010", "CC-5010"];

/// How many people of the demo have the same manager.
const TEAM: u64 = 12;

/// The configuration file that tells oneseat what the columns of the HR system's table mean.
pub fn configuration() -> String {
    format!(
        r#"# The columns of the employee table that the HR system of the demo exports:
# oneseat import hr-employees-….csv --directory hr --config config.toml
[directory.hr]
id = "Employee ID"
emails = ["Work Email", "Alias"]
logins = ["GitHub"]
# On this instance people sign in with their personnel number.
server_logins = {{ "{}" = "Employee ID" }}
active = {{ column = "Status", is = ["Active", "On leave"], not = ["Terminated"] }}
hired = "Hire Date"
left = "Termination Date"
manager = "Manager Email"
unit = "Cost Center"
"#,
        DemoInstance::Ghes2.host()
    )
}

/// Writes the table of all employees as it is on one day.
pub fn write<W: Write>(
    out: &mut W,
    population: &DemoPeople,
    schedule: &Schedule,
    day: Day,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(HEADER)?;
    for person in population.people() {
        if let Some(listing) = DemoListing::in_hr(&person, day) {
            csv.write_record(employee(&person, &listing, (population, schedule), day)?)?;
        }
        match Beside::of(&person, day) {
            None | Some((Beside::Mailbox, _)) => {}
            Some((beside, is_active)) => {
                csv.write_record(other(&person, beside, is_active, schedule, day)?)?;
            }
        }
    }
    csv.flush()
}

fn employee(
    person: &Person,
    listing: &DemoListing,
    (population, schedule): (&DemoPeople, &Schedule),
    day: Day,
) -> io::Result<[String; 10]> {
    let Person { identity, life, slot } = person;
    let addresses: Vec<String> =
        listing.addresses.iter().map(|address| identity.address(*address)).collect();
    let left = life.left.filter(|left| *left <= day);
    let on_leave = life.traits.number(Trait::OnLeave, 50) == 0;
    let manager = slot - slot % TEAM;
    Ok([
        identity.personnel_number(),
        identity.display_name(listing.married_name),
        addresses.first().cloned().unwrap_or_default(),
        addresses.get(1..).unwrap_or_default().join("; "),
        listing.cloud_login.map(|login| identity.login(login)).unwrap_or_default(),
        match (listing.is_active, on_leave) {
            (false, _) => "Terminated",
            (true, true) => "On leave",
            (true, false) => "Active",
        }
        .to_owned(),
        date(schedule, life.employed())?,
        left.map(|left| date(schedule, left)).transpose()?.unwrap_or_default(),
        if manager == *slot {
            String::new()
        } else {
            population.name(manager).address(DemoAddress::Work)
        },
        cost_center(person, day),
    ])
}

fn other(
    person: &Person,
    beside: Beside,
    is_active: bool,
    schedule: &Schedule,
    day: Day,
) -> io::Result<[String; 10]> {
    let identity = &person.identity;
    let addresses: Vec<String> =
        beside.addresses().iter().map(|address| identity.address(*address)).collect();
    let planned = person.life.past_event(day);
    let left = planned.filter(|planned| planned.until <= day).map(|planned| planned.until);
    Ok([
        format!("b{}", 100_000 + person.slot),
        identity.display_name(false),
        addresses.first().cloned().unwrap_or_default(),
        addresses.get(1..).unwrap_or_default().join("; "),
        String::new(),
        if is_active { "Active" } else { "Terminated" }.to_owned(),
        planned.map(|it| date(schedule, it.from)).transpose()?.unwrap_or_default(),
        left.map(|left| date(schedule, left)).transpose()?.unwrap_or_default(),
        String::new(),
        cost_center(person, day),
    ])
}

fn cost_center(person: &Person, day: Day) -> String {
    entry(COST_CENTERS, person.life.department_on(day)).to_owned()
}

fn date(schedule: &Schedule, day: Day) -> io::Result<String> {
    Ok(schedule.second_of(day, 0)?.format("%Y-%m-%d").to_string())
}

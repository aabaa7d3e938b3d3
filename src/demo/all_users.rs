//! The site-admin report `all_users.csv` of a Server instance of the demo, a table with fourteen columns.

use std::io::{self, Write};

use super::account::{Day, DemoInstance};
use super::instance_users::InstanceUser;
use super::json::JsonWriter;
use super::names::capitalized;
use super::population::DemoPeople;
use super::schedule::Schedule;
use super::traits::Trait;

const HEADER: [&str; 14] = [
    "created_at",
    "id",
    "login",
    "email",
    "role",
    "suspended?",
    "last_logged_ip",
    "repos",
    "ssh_keys",
    "org_memberships",
    "dormant?",
    "last_active",
    "raw_login",
    "2fa_enabled?",
];

/// Writes the report of all users of one instance as it is on one day.
pub fn write<W: Write>(
    out: &mut W,
    population: &DemoPeople,
    schedule: &Schedule,
    instance: DemoInstance,
    day: Day,
) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(HEADER)?;
    csv.write_record(ghost(schedule)?)?;
    for user in InstanceUser::all(population, instance, day) {
        csv.write_record(record(&user, schedule, day)?)?;
    }
    csv.flush()
}

/// The row of `ghost`, the account that stands for deleted users on every instance.
fn ghost(schedule: &Schedule) -> io::Result<[String; 14]> {
    let created = utc_text(schedule, -3_100, 0)?;
    let cells = ["10", "ghost", "", "user", "false", "", "0", "0", "0", "true", "", "", "false"];
    let mut record: [String; 14] = Default::default();
    record[0] = created;
    for (cell, text) in record.iter_mut().skip(1).zip(cells) {
        text.clone_into(cell);
    }
    Ok(record)
}

fn record(user: &InstanceUser, schedule: &Schedule, day: Day) -> io::Result<[String; 14]> {
    let life = &user.person.life;
    let dormant_since = life.dormant_since(day).filter(|&since| since > user.account.created);
    let never_signed_in = life.traits.number(Trait::NeverSignedIn, 100) == 0 && !user.account.extra;
    let last_active = match dormant_since {
        _ if never_signed_in => "never".to_owned(),
        Some(since) => {
            utc_text(schedule, since, life.traits.number(Trait::LastActiveSecond, 86_400))?
        }
        // In a real report, this cell changes each time the user visits the instance. It is empty here, so that
        // the reports of two days differ only by what happened in between.
        None => String::new(),
    };
    Ok([
        utc_text(schedule, user.account.created, life.traits.number(Trait::CreatedSecond, 86_400))?,
        user.id().to_string(),
        user.login(),
        spelled_email(user),
        if user.is_site_admin() { "admin" } else { "user" }.to_owned(),
        user.account.suspended.to_string(),
        if never_signed_in { String::new() } else { address_in_network(user) },
        life.traits.number(Trait::Repositories, 40).to_string(),
        life.traits.number(Trait::SshKeys, 4).to_string(),
        (1 + life.traits.number(Trait::ServerOrganizations, 3)).to_string(),
        (never_signed_in || dormant_since.is_some()).to_string(),
        last_active,
        raw_login(user)?,
        (life.traits.number(Trait::TwoFactor, 100) >= 4).to_string(),
    ])
}

/// The primary address as the report spells it. Some people typed capital letters, which the license sync
/// ignores.
fn spelled_email(user: &InstanceUser) -> String {
    let text = user.email();
    if user.person.life.traits.number(Trait::CapitalizedEmail, 30) == 0 {
        capitalized(&text)
    } else {
        text
    }
}

fn address_in_network(user: &InstanceUser) -> String {
    let life = &user.person.life;
    format!(
        "10.{}.{}.{}",
        life.traits.number(Trait::Subnet, 64),
        life.traits.number(Trait::Network, 256),
        1 + life.traits.number(Trait::NetworkHost, 254)
    )
}

/// The login that the company's directory stated when the user signed in. It is empty for accounts that the
/// instance itself manages.
fn raw_login(user: &InstanceUser) -> io::Result<String> {
    if user.account.extra || user.person.life.traits.number(Trait::LocalSignIn, 3) == 0 {
        return Ok(String::new());
    }
    let number = user.person.identity.personnel_number();
    let mut text = Vec::new();
    let mut object = JsonWriter::begin(&mut text)?;
    object.text("uid", &number)?;
    object.text("dn", &format!("uid={number},ou=people,dc=octo-corp,dc=example"))?;
    object.end()?;
    String::from_utf8(text).map_err(io::Error::other)
}

fn utc_text(schedule: &Schedule, day: Day, second: u64) -> io::Result<String> {
    let instant = schedule.second_of(day, second)?;
    Ok(instant.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}

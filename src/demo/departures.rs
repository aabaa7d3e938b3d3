//! Writes the lines of `truth.ndjson` about people who left the company and still have a seat, and about people
//! with seats in both enterprises, on the last day of the demo.
//!
//! All lines of the file are made from the people's lives, not from the snapshot files. This module must not
//! know the rules by which oneseat finds a leaver.

use std::io::{self, Write};

use super::account::{CloudPresence, Day, DemoAddress, DemoLogin, DemoServerAccount};
use super::consumed_licenses::{ENTERPRISE, SECOND_ENTERPRISE};
use super::json::{JsonWriter, list};
use super::listing::DemoListing;
use super::population::{DemoPeople, Person};
use super::schedule::{Schedule, SnapshotDay};
use super::sync::{Row, rows};
use super::truth_values::{date, write_servers};

/// A seat that a person really has on the last day of the demo.
struct TrueSeat {
    enterprise: &'static str,
    /// The login on Cloud, or the address of an invitation; `None` for a seat with accounts on Server only.
    login: Option<String>,
    /// The addresses of the account or invitation on Cloud.
    addresses: Vec<Option<DemoAddress>>,
    /// The kind of the login on Cloud.
    login_kind: Option<DemoLogin>,
    servers: Vec<DemoServerAccount>,
}

/// Writes a line for each seat of a person who left the company, and for each person with seats in both
/// enterprises. `has_directories` says whether the demo also writes the lists of employee directories.
pub fn write<W: Write>(
    out: &mut W,
    population: &DemoPeople,
    schedule: &Schedule,
    has_directories: bool,
) -> io::Result<()> {
    let Some(SnapshotDay { day, .. }) = schedule.snapshot_days().last() else {
        return Ok(());
    };
    for person in population.people() {
        let left = person.life.left.filter(|left| *left <= day);
        let managed = person.life.managed_user_on(day);
        if left.is_none() && managed.is_none() {
            continue;
        }
        let mut seats = own_seats(&person, schedule, day);
        let is_stranger = managed.is_some_and(|it| it.is_strangers);
        if let Some(managed) = managed {
            seats.push(TrueSeat {
                enterprise: SECOND_ENTERPRISE,
                login: Some(person.identity.login(DemoLogin::SecondEnterprise)),
                addresses: vec![Some(managed.name_id)],
                login_kind: Some(DemoLogin::SecondEnterprise),
                servers: Vec::new(),
            });
        }
        if let Some(left) = left {
            // In the second enterprise, the seat is a stranger's who has the person's login.
            let own = seats.iter().filter(|it| !is_stranger || it.enterprise == ENTERPRISE);
            for seat in own {
                write_left(out, (&person, left), seat, (schedule, day), has_directories)?;
            }
        }
        if managed.is_some() && seats.len() > 1 {
            write_both(out, &person, &seats, (schedule, is_stranger))?;
        }
    }
    Ok(())
}

/// The person's own seats in the first enterprise. Seats of services and relatives are left out.
fn own_seats(person: &Person, schedule: &Schedule, day: Day) -> Vec<TrueSeat> {
    let rows = rows(person, schedule, SnapshotDay { day, synced: day });
    let sign_in = person.life.subscriber.then_some(DemoAddress::VisualStudio);
    let empty = || TrueSeat {
        enterprise: ENTERPRISE,
        login: None,
        addresses: Vec::new(),
        login_kind: None,
        servers: Vec::new(),
    };
    let seats = rows.into_iter().filter_map(|row| match row {
        Row::Account(account, servers) => Some(TrueSeat {
            login: Some(person.identity.login(account.login)),
            addresses: vec![account.name_id, account.verified, account.verified_alias, sign_in],
            login_kind: Some(account.login),
            servers,
            ..empty()
        }),
        Row::Invitation(address) => Some(TrueSeat {
            login: Some(person.identity.address(address)),
            addresses: vec![Some(address)],
            ..empty()
        }),
        Row::ServerOnly(_, servers) if servers.iter().all(|server| server.extra) => None,
        Row::ServerOnly(_, servers) => Some(TrueSeat { servers, ..empty() }),
        Row::SubscriptionOnly(_) => None,
    });
    seats.collect()
}

/// Writes the line about one seat of a person who left. In the line, `listed` says whether any list of an
/// employee directory has an address or a login of the seat, and `enabled` whether the person is still active
/// at the identity provider on the last day.
fn write_left<W: Write>(
    out: &mut W,
    (person, left): (&Person, Day),
    seat: &TrueSeat,
    (schedule, day): (&Schedule, Day),
    has_directories: bool,
) -> io::Result<()> {
    let names_seat = |listing: &DemoListing| {
        listing.names_cloud(&seat.addresses, seat.login_kind) || listing.names_one_of(&seat.servers)
    };
    let is_listed = |day| {
        let lists = [DemoListing::in_entra(person, day), DemoListing::in_hr(person, day)];
        lists.iter().flatten().any(names_seat)
    };
    let listed = has_directories && schedule.directory_days().any(|it| is_listed(it.day));
    let enabled = has_directories
        && DemoListing::in_entra(person, day).is_some_and(|it| it.is_active && names_seat(&it));
    let mut line = JsonWriter::begin(out)?;
    line.text("truth", "left")?;
    line.text("left", &date(schedule, left)?)?;
    line.number("days", (day - left).unsigned_abs())?;
    line.flag("listed", listed)?;
    line.flag("enabled", enabled)?;
    write_seat_keys(&mut line, person, seat)?;
    line.end()?;
    out.write_all(b"\n")
}

fn write_both<W: Write>(
    out: &mut W,
    person: &Person,
    seats: &[TrueSeat],
    (schedule, is_stranger): (&Schedule, bool),
) -> io::Result<()> {
    let cloud = person.life.accounts_on(schedule.last_day()).cloud;
    let event = match (is_stranger, cloud) {
        (true, _) => "strangers-managed-login",
        (false, Some(CloudPresence::Account(_))) => "account-kept",
        (false, _) => "server-account-kept",
    };
    let since = person.life.migration.map_or(person.life.hired, |migration| migration.from);
    let mut line = JsonWriter::begin(out)?;
    line.text("truth", "both-enterprises")?;
    line.text("event", event)?;
    line.flag("one_person", !is_stranger)?;
    line.text("since", &date(schedule, since)?)?;
    list(line.key("seats")?, seats, |out, seat| {
        let mut object = JsonWriter::begin(out)?;
        write_seat_keys(&mut object, person, seat)?;
        object.end()
    })?;
    line.end()?;
    out.write_all(b"\n")
}

fn write_seat_keys<W: Write>(
    object: &mut JsonWriter<'_, W>,
    person: &Person,
    seat: &TrueSeat,
) -> io::Result<()> {
    object.text("enterprise", seat.enterprise)?;
    object.optional("cloud_login", seat.login.as_deref())?;
    write_servers(object.key("server_accounts")?, person, &seat.servers)
}

//! Writes `truth.ndjson`: the people who take two licenses on the last day of the demo, and those who only seem
//! to.
//!
//! The first line of the file has the totals. Then comes one line for each duplicate and each decoy (somebody
//! who only seems to be a duplicate) that the demo has planted and that is open on the last day. The lines are
//! made from the people's lives, not from the snapshot files. This module may assume that `sync` gives the rows
//! that GitHub would have if every instance were synced on the last day. It must not know the rules by which
//! oneseat finds a duplicate: two values count as alike if a person who sees all the files would call them so.

use std::collections::HashMap;
use std::io::{self, Write};

use super::account::{CloudAccount, Day, DemoAddress, DemoInstance, DemoLogin, DemoServerAccount};
use super::json::JsonWriter;
use super::life::SlotKind;
use super::listing::DemoListing;
use super::population::{DemoPeople, Person};
use super::schedule::{Schedule, SnapshotDay};
use super::sync::{Row, rows};
use super::traits::Trait;
use super::truth_values::{date, write_servers};

/// The name of the file with the truth. No pattern by which people name reports should match it.
pub const FILE_NAME: &str = "truth.ndjson";

/// What has the second license, beside Server accounts that match nothing.
enum Other {
    Cloud(CloudAccount),
    Invitation(DemoAddress),
    Servers(Vec<DemoServerAccount>),
}

/// A line of `truth.ndjson` about two licenses that belong, or only seem to belong, to one person.
struct Entry<'a> {
    /// Whether the two licenses really are one person's. If not, two people have them.
    is_double: bool,
    event: &'static str,
    since: Day,
    person: &'a Person,
    servers: &'a [DemoServerAccount],
    /// The other person with the same name, if the line is about two namesakes; else `None`.
    namesake: Option<&'a Person>,
    other: Option<&'a Other>,
}

/// For each display name on Cloud: the number of one person who has it, and how many people have it.
type Names = HashMap<String, (u64, u64)>;

/// Writes the lines about people who take two licenses, or only seem to. `has_directories` says whether the
/// demo also writes the lists of employee directories.
pub fn write<W: Write>(
    out: &mut W,
    population: &DemoPeople,
    schedule: &Schedule,
    has_directories: bool,
) -> io::Result<()> {
    let Some(SnapshotDay { day, .. }) = schedule.snapshot_days().last() else {
        return Ok(());
    };
    let at_once = SnapshotDay { day, synced: day };
    let (mut names, mut people, mut seats) = (Names::new(), 0_u64, 0_u64);
    for person in population.people() {
        let rows: Vec<Row> = rows(&person, schedule, at_once);
        let taken = rows.iter().filter(|row| row.takes_seat()).count();
        seats += taken as u64;
        people += u64::from(taken > 0);
        for row in rows {
            if let Row::Account(account, _) = row {
                let name = person.identity.display_name(account.married_name);
                names.entry(name).or_insert((person.slot, 0)).1 += 1;
            }
        }
    }
    let namesakes = names.values().filter(|(_, count)| *count > 1).map(|(_, count)| count).sum();
    let mut first = JsonWriter::begin(out)?;
    first.text("schema", "oneseat.demo-truth/1")?;
    first.text("as_of", &date(schedule, day)?)?;
    first.number("people", people)?;
    first.number("seats", seats)?;
    first.number("namesakes", namesakes)?;
    first.end()?;
    out.write_all(b"\n")?;
    let context = Truth { population, schedule, day, names, has_directories };
    for person in population.people() {
        context.write_person(out, &person, rows(&person, schedule, at_once))?;
    }
    Ok(())
}

struct Truth<'a> {
    population: &'a DemoPeople,
    schedule: &'a Schedule,
    day: Day,
    names: Names,
    has_directories: bool,
}

impl Truth<'_> {
    fn write_person<W: Write>(
        &self,
        out: &mut W,
        person: &Person,
        rows: Vec<Row>,
    ) -> io::Result<()> {
        let mut cloud = None;
        let (mut own, mut extra) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Row::Account(account, _) => cloud = Some(Other::Cloud(account)),
                Row::Invitation(address) => cloud = Some(Other::Invitation(address)),
                Row::SubscriptionOnly(_) => {}
                Row::ServerOnly(_, mut servers) => {
                    servers.sort_by_key(|server| (server.instance.host(), server.id(person.slot)));
                    let is_extra = servers.iter().all(|server| server.extra);
                    if is_extra { extra.push(servers) } else { own.push(servers) }
                }
            }
        }
        own.sort_by_key(|servers| place(person, servers));
        let open = person.life.open_event(self.day);
        // A person without a seat on Cloud should take one license all the same: that of the first Server seat.
        // Only the further Server seats are too many.
        let first = if cloud.is_none() && !own.is_empty() { Some(own.remove(0)) } else { None };
        let other = match (cloud, &first) {
            (None, Some(servers)) => Some(Other::Servers(servers.clone())),
            (cloud, _) => cloud,
        };
        for servers in &own {
            let unanswered = matches!(&other, Some(Other::Invitation(address))
                if servers.iter().any(|server| server.primary == *address));
            let (event, since) = match open.filter(|open| !open.event.is_decoy() && !unanswered) {
                Some(open) => (open.event.name(), open.from),
                None if unanswered => ("invitation-unanswered", person.life.hired),
                None => ("none", person.life.hired),
            };
            let other = other.as_ref();
            let entry =
                Entry { is_double: true, event, since, person, servers, namesake: None, other };
            self.write_entry(out, &entry)?;
        }
        for servers in &extra {
            let decoy = open.filter(|open| open.event.is_decoy());
            let (event, since) = match decoy {
                _ if person.life.kind == SlotKind::ServiceAccount => {
                    ("service-account", person.life.hired)
                }
                Some(open) => (open.event.name(), open.from),
                None => ("service-account", person.life.hired),
            };
            let other = other.as_ref();
            let entry =
                Entry { is_double: false, event, since, person, servers, namesake: None, other };
            self.write_entry(out, &entry)?;
        }
        match (first, other) {
            (Some(servers), Some(Other::Servers(_))) => self.write_namesake(out, person, &servers),
            _ => Ok(()),
        }
    }

    /// Writes a line about a person with a license on Server only, if somebody else with a Cloud account has
    /// the same display name.
    fn write_namesake<W: Write>(
        &self,
        out: &mut W,
        person: &Person,
        servers: &[DemoServerAccount],
    ) -> io::Result<()> {
        let married = servers.first().is_some_and(|server| server.married_name);
        let Some(&(slot, _)) = self.names.get(&person.identity.display_name(married)) else {
            return Ok(());
        };
        let namesake = self.population.person(slot);
        let rows = rows(&namesake, self.schedule, SnapshotDay { day: self.day, synced: self.day });
        let account = rows.into_iter().find_map(|row| match row {
            Row::Account(account, _) => Some(Other::Cloud(account)),
            _ => None,
        });
        let entry = Entry {
            is_double: false,
            event: "namesake",
            since: person.life.hired,
            person,
            servers,
            namesake: Some(&namesake),
            other: account.as_ref(),
        };
        self.write_entry(out, &entry)
    }

    fn write_entry<W: Write>(&self, out: &mut W, entry: &Entry<'_>) -> io::Result<()> {
        let theirs = entry.namesake.unwrap_or(entry.person);
        let identity = &theirs.identity;
        let (mut login, mut invitation, mut others) = (None, None, &[][..]);
        match entry.other {
            Some(Other::Cloud(account)) => login = Some(identity.login(account.login)),
            Some(Other::Invitation(address)) => invitation = Some(identity.address(*address)),
            Some(Other::Servers(servers)) => others = servers,
            None => {}
        }
        let alike = self.alike(entry);
        let mut line = JsonWriter::begin(out)?;
        line.text("truth", if entry.is_double { "double" } else { "decoy" })?;
        line.text("event", entry.event)?;
        line.text("since", &date(self.schedule, entry.since)?)?;
        line.flag("one_person", entry.is_double)?;
        write_servers(line.key("server_accounts")?, entry.person, entry.servers)?;
        line.optional("cloud_login", login.as_deref())?;
        line.optional("invitation", invitation.as_deref())?;
        write_servers(line.key("other_server_accounts")?, entry.person, others)?;
        let latest = self.schedule.snapshot_days().last();
        line.flag("still_merged", entry.is_double && self.was_merged(entry, latest))?;
        line.flag("visible", !alike.is_empty())?;
        line.texts("alike", &alike.iter().map(|&it| it.to_owned()).collect::<Vec<_>>())?;
        line.end()?;
        out.write_all(b"\n")
    }

    /// Which kinds of values of the two licenses a person would call alike who sees all the files.
    fn alike(&self, entry: &Entry<'_>) -> Vec<&'static str> {
        let Some(other) = entry.other else {
            return Vec::new();
        };
        let ours = Shown::of_servers(entry.person, entry.servers);
        let theirs = Shown::of_other(entry.namesake.unwrap_or(entry.person), other);
        let mut alike = ours.alike(&theirs);
        if entry.is_double
            && matches!(other, Other::Cloud(_))
            && self.was_merged(entry, self.schedule.snapshot_days())
        {
            alike.push("merged-before");
        }
        if self.has_directories && self.is_in_one_entry(entry, other) {
            alike.push("directory-entry");
        }
        alike
    }

    /// Whether one entry of an employee directory has an address or a login of each of the two licenses.
    fn is_in_one_entry(&self, entry: &Entry<'_>, other: &Other) -> bool {
        if entry.namesake.is_some() {
            return false;
        }
        let other_is_in = |listing: &DemoListing| match other {
            Other::Cloud(account) => {
                let sign_in = entry.person.life.subscriber.then_some(DemoAddress::VisualStudio);
                let own = [account.name_id, account.verified, account.verified_alias, sign_in];
                listing.names_cloud(&own, Some(account.login))
            }
            Other::Invitation(address) => listing.names_cloud(&[Some(*address)], None),
            Other::Servers(servers) => listing.names_one_of(servers),
        };
        let directories = [
            DemoListing::in_entra(entry.person, self.day),
            DemoListing::in_hr(entry.person, self.day),
        ];
        directories
            .iter()
            .flatten()
            .any(|listing| listing.names_one_of(entry.servers) && other_is_in(listing))
    }

    /// Whether one of the Cloud reports has a Server account of the line in the row of the person's Cloud
    /// account. If even the last report has it, GitHub does not know yet that the two accounts no longer match.
    fn was_merged(
        &self,
        entry: &Entry<'_>,
        reports: impl IntoIterator<Item = SnapshotDay>,
    ) -> bool {
        let is_it = |server: &DemoServerAccount| {
            entry.servers.iter().any(|own| {
                (own.instance, own.id(entry.person.slot))
                    == (server.instance, server.id(entry.person.slot))
            })
        };
        reports.into_iter().any(|snapshot| {
            rows(entry.person, self.schedule, snapshot).iter().any(|row| match row {
                Row::Account(_, merged) => merged.iter().any(is_it),
                _ => false,
            })
        })
    }
}

/// The logins, addresses and names that the demo's files show for one of two licenses. They are compared with
/// those of the other.
#[derive(Default)]
struct Shown {
    logins: Vec<String>,
    addresses: Vec<String>,
    names: Vec<String>,
}

impl Shown {
    fn of_servers(person: &Person, servers: &[DemoServerAccount]) -> Shown {
        let mut shown = Shown::default();
        for server in servers {
            // Only the report of the instance `Ghes3` has display names and second addresses.
            let tells_all = server.instance == DemoInstance::Ghes3;
            let secondary = server.secondary.filter(|_| tells_all);
            shown.logins.push(person.identity.login(server.login));
            let addresses = [Some(server.primary), secondary].into_iter().flatten();
            shown.addresses.extend(addresses.map(|address| person.identity.address(address)));
            let is_service = matches!(server.login, DemoLogin::JenkinsBot | DemoLogin::DeployBot);
            if tells_all && !is_service {
                shown.names.push(person.identity.display_name(server.married_name));
            }
        }
        shown
    }

    fn of_other(person: &Person, other: &Other) -> Shown {
        let identity = &person.identity;
        match other {
            Other::Servers(servers) => Shown::of_servers(person, servers),
            Other::Invitation(address) => {
                Shown { addresses: vec![identity.address(*address)], ..Shown::default() }
            }
            Other::Cloud(account) => {
                let managed = (account.login == DemoLogin::Managed).then_some(DemoLogin::Plain);
                let logins = [Some(account.login), managed].into_iter().flatten();
                let sign_in = person.life.subscriber.then_some(DemoAddress::VisualStudio);
                let addresses =
                    [account.name_id, account.verified, account.verified_alias, sign_in];
                let is_named = person.life.traits.number(Trait::NamelessProfile, 100) >= 15;
                Shown {
                    logins: logins.map(|login| identity.login(login)).collect(),
                    addresses: addresses
                        .into_iter()
                        .flatten()
                        .map(|address| identity.address(address))
                        .collect(),
                    names: is_named
                        .then(|| identity.display_name(account.married_name))
                        .into_iter()
                        .collect(),
                }
            }
        }
    }

    fn alike(&self, other: &Shown) -> Vec<&'static str> {
        let addresses = |alike: fn(&str, &str) -> bool| {
            let theirs = &other.addresses;
            self.addresses.iter().any(|own| theirs.iter().any(|their| alike(own, their)))
        };
        let is_username = |logins: &[String], addresses: &[String]| {
            addresses.iter().any(|address| logins.iter().any(|login| login == local_part(address)))
        };
        let shared = |own: &[String], theirs: &[String]| own.iter().any(|it| theirs.contains(it));
        let signs = [
            ("address", addresses(|own, their| own == their)),
            ("login", shared(&self.logins, &other.logins)),
            (
                "local-part",
                addresses(|own, their| own != their && untagged(own) == untagged(their)),
            ),
            (
                "username",
                is_username(&self.logins, &other.addresses)
                    || is_username(&other.logins, &self.addresses),
            ),
            ("near-address", addresses(is_a_slip)),
            ("same-words", addresses(has_same_words)),
            ("name", shared(&self.names, &other.names)),
        ];
        signs.into_iter().filter_map(|(sign, is_so)| is_so.then_some(sign)).collect()
    }
}

fn local_part(address: &str) -> &str {
    address.split('@').next().unwrap_or_default()
}

fn untagged(address: &str) -> &str {
    local_part(address).split('+').next().unwrap_or_default()
}

/// Whether two addresses differ, before the `@`, only by two neighboring letters that are swapped or by one
/// more letter.
fn is_a_slip(one: &str, other: &str) -> bool {
    let (one, other) = (local_part(one).as_bytes(), local_part(other).as_bytes());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let start = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (&short[start..], &long[start..]);
    match (short, long) {
        (rest, [_, longer @ ..]) if rest == longer => true,
        ([a, b, rest @ ..], [c, d, other @ ..]) => a == d && b == c && rest == other,
        _ => false,
    }
}

fn has_same_words(one: &str, other: &str) -> bool {
    let words = |address: &str| {
        let mut words: Vec<String> =
            local_part(address).split(['.', '-']).map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    local_part(one) != local_part(other) && words(one) == words(other)
}

fn place(person: &Person, servers: &[DemoServerAccount]) -> (&'static str, u64) {
    let places = servers.iter().map(|server| (server.instance.host(), server.id(person.slot)));
    places.min().unwrap_or_default()
}

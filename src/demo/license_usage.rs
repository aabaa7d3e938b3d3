//! The license usage export of a Server instance of the demo: facts about the instance, and its users without
//! encryption.
//!
//! This file writes one export for each snapshot day of the instance whose file shows all addresses of a user.
//! It needs to know nothing about matching. It must not list the account `ghost`, because the real export
//! leaves it out.

use std::io::{self, Write};

use super::account::{Day, DemoAddress, DemoInstance, DemoLogin};
use super::instance_users::InstanceUser;
use super::json::{JsonWriter, list};
use super::population::DemoPeople;
use super::schedule::Schedule;
use super::traits::Trait;

/// The versions of Server that the instance runs one after another, each for half a year.
const VERSIONS: &[&str] = &["3.15.4", "3.16.2", "3.17.1", "3.18.3"];
const DAYS_PER_VERSION: Day = 182;

/// Writes the license usage export of one instance as it is on one day.
pub fn write<W: Write>(
    out: &mut W,
    population: &DemoPeople,
    schedule: &Schedule,
    instance: DemoInstance,
    day: Day,
) -> io::Result<()> {
    let mut export = JsonWriter::begin(out)?;
    write_instance(export.key("instance")?, instance, day)?;
    let users = InstanceUser::all(population, instance, day);
    list(export.key("users")?, users, |out, user| write_user(out, &user, schedule))?;
    export.end()
}

fn write_instance<W: Write>(out: &mut W, instance: DemoInstance, day: Day) -> io::Result<()> {
    let release = usize::try_from(day.div_euclid(DAYS_PER_VERSION)).unwrap_or(0);
    let version = VERSIONS.get(release).or(VERSIONS.last()).copied().unwrap_or_default();
    let mut object = JsonWriter::begin(out)?;
    object.text("server_id", "5f0c3d7e-2b64-4c1a-9d38-7a1e6b0f4c92")?;
    object.text("host_name", instance.host())?;
    object.flag("http_only", false)?;
    object.text("version", version)?;
    object.text("public_key", "demo-key-without-use")?;
    object.texts("features", &["license_usage_sync".to_owned(), "server_statistics".to_owned()])?;
    object.end()
}

fn write_user<W: Write>(out: &mut W, user: &InstanceUser, schedule: &Schedule) -> io::Result<()> {
    let life = &user.person.life;
    let created = schedule
        .second_of(user.account.created, life.traits.number(Trait::CreatedSecond, 86_400))?;
    out.write_all(b"\n")?;
    let mut object = JsonWriter::begin(out)?;
    object.number("id", user.id())?;
    object.text("login", &user.login())?;
    object.optional("name", display_name(user).as_deref())?;
    let addresses = [(Some(user.account.primary), true), (user.account.secondary, false)];
    let addresses =
        addresses.into_iter().filter_map(|(address, primary)| Some((address?, primary)));
    list(object.key("emails")?, addresses, |out, (address, primary)| {
        write_email(out, user, address, primary)
    })?;
    object.flag("suspended", user.account.suspended)?;
    object.flag("site_admin", user.is_site_admin())?;
    object.text("created_at", &created.format("%Y-%m-%dT%H:%M:%SZ").to_string())?;
    object.end()
}

fn write_email<W: Write>(
    out: &mut W,
    user: &InstanceUser,
    address: DemoAddress,
    primary: bool,
) -> io::Result<()> {
    let mut object = JsonWriter::begin(out)?;
    object.text("email", &user.person.identity.address(address))?;
    object.flag("primary", primary)?;
    object.end()
}

/// The display name of an account. A service account has none. A relative's account has the person's own,
/// because both people have the same name.
fn display_name(user: &InstanceUser) -> Option<String> {
    let is_service = matches!(user.account.login, DemoLogin::JenkinsBot | DemoLogin::DeployBot);
    (!is_service).then(|| user.person.identity.display_name(user.account.married_name))
}

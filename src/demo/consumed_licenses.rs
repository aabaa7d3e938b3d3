//! The consumed licenses of the demo's Cloud enterprise, as one answer of the REST API with all users.
//!
//! This file writes one report for each snapshot day. It goes through the people twice, to count the seats and to
//! write the rows, and may assume that they come in the same order both times. It must not decide which accounts
//! are merged: `sync` does that.

use std::io::{self, Write};

use super::account::{CloudAccount, Day, DemoAddress, DemoLogin, DemoServerAccount, ManagedUser};
use super::json::{JsonWriter, list};
use super::life::SlotKind;
use super::names::{capitalized, entry};
use super::population::{DemoPeople, Person};
use super::schedule::{Schedule, SnapshotDay};
use super::sync::{Row, rows};
use super::traits::Trait;

/// The short name of the demo's enterprise.
pub const ENTERPRISE: &str = "octo-corp";
/// The short name of the demo's second enterprise, which has managed users only.
pub const SECOND_ENTERPRISE: &str = "octo-corp-emu";

const ORGANIZATIONS: &[&str] =
    &["eng", "platform", "data", "mobile", "security", "sales-tools", "research", "plant-it"];
const REPOSITORIES: &[&str] = &["eng/sdk", "mobile/app", "data/pipelines", "platform/docs"];

/// How many days pass before more licenses are purchased.
const CONTRACT_ROUND: Day = 240;

/// Writes the report of consumed licenses on one snapshot day.
pub fn write<W: Write>(
    out: &mut W,
    population: &DemoPeople,
    schedule: &Schedule,
    snapshot: SnapshotDay,
) -> io::Result<()> {
    let all_rows = || {
        population.people().flat_map(|person| {
            let rows = rows(&person, schedule, snapshot);
            rows.into_iter().map(move |row| (person.clone(), row))
        })
    };
    let consumed = all_rows().filter(|(_, row)| row.takes_seat()).count() as u64;
    let mut report = JsonWriter::begin(out)?;
    report.number("total_seats_consumed", consumed)?;
    report.number("total_seats_purchased", purchased(population.present(), snapshot.day))?;
    list(report.key("users")?, all_rows(), |out, (person, row)| {
        write_user(out, &User::of(&person, row, snapshot.day))
    })?;
    report.end()
}

/// Writes the report of consumed licenses of the second enterprise on one snapshot day.
pub fn write_managed<W: Write>(
    out: &mut W,
    population: &DemoPeople,
    snapshot: SnapshotDay,
) -> io::Result<()> {
    let managed = || {
        population
            .people()
            .filter_map(|person| Some((person.life.managed_user_on(snapshot.day)?, person)))
    };
    let mut report = JsonWriter::begin(out)?;
    report.number("total_seats_consumed", managed().count() as u64)?;
    report.number("total_seats_purchased", (population.present() * 7 / 10).next_multiple_of(10))?;
    list(report.key("users")?, managed(), |out, (account, person)| {
        write_user(out, &User::managed(&person, account, snapshot.day))
    })?;
    report.end()
}

/// The number of purchased licenses on a day. In the beginning it is seven percent above the number of people
/// on the first day, and each purchase adds three percent of that number.
fn purchased(people: u64, day: Day) -> u64 {
    let rounds = day.div_euclid(CONTRACT_ROUND).unsigned_abs();
    (people * (107 + 3 * rounds)).div_ceil(100).next_multiple_of(10)
}

/// A user in the report of consumed licenses. It has exactly the keys that real answers have.
#[derive(Default)]
struct User {
    login: String,
    name: Option<String>,
    server_ids: Vec<String>,
    has_cloud_account: bool,
    is_subscriber: bool,
    profile: Option<String>,
    member_roles: Vec<String>,
    enterprise_roles: Vec<String>,
    verified_emails: Vec<String>,
    saml_name_id: Option<String>,
    pending_organizations: Vec<String>,
    two_factor: Option<bool>,
    server_emails: Vec<String>,
    subscription_status: Option<&'static str>,
    subscription_email: Option<String>,
}

impl User {
    fn of(person: &Person, row: Row, day: Day) -> Self {
        match row {
            Row::Account(account, merged) => User::with_account(person, &account, &merged, day),
            Row::ServerOnly(address, servers) => User {
                server_ids: server_ids(person, &servers),
                server_emails: vec![person.identity.address(address)],
                ..User::default()
            },
            Row::Invitation(address) => User {
                login: person.identity.address(address),
                enterprise_roles: vec!["Pending invitation".to_owned()],
                pending_organizations: vec![organization(person, day).to_owned()],
                ..User::default()
            },
            Row::SubscriptionOnly(address) => User {
                is_subscriber: true,
                subscription_status: Some("Pending Invitation"),
                subscription_email: Some(person.identity.address(address)),
                ..User::default()
            },
        }
    }

    fn with_account(
        person: &Person,
        account: &CloudAccount,
        merged: &[DemoServerAccount],
        day: Day,
    ) -> Self {
        let Person { identity, life, .. } = person;
        let login = identity.login(account.login);
        let mut server_emails: Vec<String> =
            merged.iter().map(|server| identity.address(server.primary)).collect();
        server_emails.dedup();
        let pending = life.has_pending_invitation(day).then(|| second_organization(person));
        User {
            name: (life.traits.number(Trait::NamelessProfile, 100) >= 15)
                .then(|| identity.display_name(account.married_name)),
            server_ids: server_ids(person, merged),
            has_cloud_account: true,
            is_subscriber: life.subscriber,
            profile: Some(format!("https://github.com/{login}")),
            login,
            member_roles: member_roles(person, day),
            enterprise_roles: enterprise_roles(person, pending.is_some()),
            verified_emails: verified_emails(person, account, day),
            saml_name_id: account.name_id.map(|address| spelled_name_id(person, address)),
            pending_organizations: pending.into_iter().map(str::to_owned).collect(),
            two_factor: Some(life.traits.number(Trait::TwoFactor, 100) >= 4),
            server_emails,
            subscription_status: life.subscriber.then_some("Matched to Cloud"),
            subscription_email: life
                .subscriber
                .then(|| identity.address(DemoAddress::VisualStudio)),
        }
    }

    /// The user of the second enterprise, who is a managed user. The identity provider states a name for every
    /// user. If the user is a stranger with the person's login, the name is not the person's.
    fn managed(person: &Person, account: ManagedUser, day: Day) -> Self {
        let Person { identity, life, .. } = person;
        let login = identity.login(DemoLogin::SecondEnterprise);
        User {
            name: (!account.is_strangers).then(|| identity.display_name(false)),
            has_cloud_account: true,
            profile: Some(format!("https://github.com/{login}")),
            login,
            member_roles: vec![format!("{}:Member", organization(person, day))],
            enterprise_roles: vec!["Member".to_owned()],
            saml_name_id: Some(identity.address(account.name_id)),
            two_factor: Some(life.traits.number(Trait::TwoFactor, 100) >= 4),
            ..User::default()
        }
    }

    fn total_accounts(&self) -> u64 {
        self.server_ids.len() as u64 + u64::from(self.has_cloud_account)
    }
}

fn write_user<W: Write>(out: &mut W, user: &User) -> io::Result<()> {
    // Each user is on a line of its own, so that ordinary tools can compare the files of two days.
    out.write_all(b"\n")?;
    let mut object = JsonWriter::begin(out)?;
    object.text("github_com_login", &user.login)?;
    object.optional("github_com_name", user.name.as_deref())?;
    object.texts("enterprise_server_user_ids", &user.server_ids)?;
    object.flag("github_com_user", user.has_cloud_account)?;
    object.flag("enterprise_server_user", !user.server_ids.is_empty())?;
    object.flag("visual_studio_subscription_user", user.is_subscriber)?;
    let license = if user.is_subscriber { "Visual Studio subscription" } else { "Enterprise" };
    object.text("license_type", license)?;
    object.optional("github_com_profile", user.profile.as_deref())?;
    object.texts("github_com_member_roles", &user.member_roles)?;
    object.texts("github_com_enterprise_roles", &user.enterprise_roles)?;
    object.texts("github_com_verified_domain_emails", &user.verified_emails)?;
    object.optional("github_com_saml_name_id", user.saml_name_id.as_deref())?;
    object.texts("github_com_orgs_with_pending_invites", &user.pending_organizations)?;
    match user.two_factor {
        Some(enabled) => object.flag("github_com_two_factor_auth", enabled)?,
        None => object.optional("github_com_two_factor_auth", None)?,
    }
    object.texts("enterprise_server_primary_emails", &user.server_emails)?;
    object.optional("visual_studio_license_status", user.subscription_status)?;
    object.optional("visual_studio_subscription_email", user.subscription_email.as_deref())?;
    object.number("total_user_accounts", user.total_accounts())?;
    object.end()
}

fn server_ids(person: &Person, servers: &[DemoServerAccount]) -> Vec<String> {
    servers
        .iter()
        .map(|server| format!("{}:{}", server.instance.host(), server.id(person.slot)))
        .collect()
}

fn organization(person: &Person, day: Day) -> &'static str {
    entry(ORGANIZATIONS, person.life.department_on(day))
}

/// The second organization of a person. It stays the same when the person moves to another department.
fn second_organization(person: &Person) -> &'static str {
    entry(ORGANIZATIONS, person.life.traits.number(Trait::SecondOrganization, 1_000))
}

fn is_owner(person: &Person) -> bool {
    person.life.traits.number(Trait::OrganizationOwner, 100) == 0
}

fn member_roles(person: &Person, day: Day) -> Vec<String> {
    if person.life.kind == SlotKind::OutsideCollaborator {
        let repository = entry(REPOSITORIES, person.life.department_on(day));
        return vec![format!("{repository}:Collaborator")];
    }
    let own = organization(person, day);
    let role = if is_owner(person) { "Owner" } else { "Member" };
    let mut roles = vec![format!("{own}:{role}")];
    let second = second_organization(person);
    let in_second = person.life.traits.number(Trait::InSecondOrganization, 4) == 0
        && !person.life.has_pending_invitation(day);
    if in_second && second != own {
        roles.push(format!("{second}:Member"));
    }
    roles
}

fn enterprise_roles(person: &Person, has_pending_invitation: bool) -> Vec<String> {
    let mut roles = Vec::new();
    if person.life.kind == SlotKind::OutsideCollaborator {
        roles.push("Outside collaborator");
    } else {
        if is_owner(person) && person.life.traits.number(Trait::EnterpriseOwner, 5) == 0 {
            roles.push("Owner");
        }
        roles.push("Member");
    }
    if has_pending_invitation {
        roles.push("Pending invitation");
    }
    roles.into_iter().map(str::to_owned).collect()
}

/// The addresses of a Cloud account in the verified domain. Their order changes each month, because it also
/// differs between two downloads of a real report.
fn verified_emails(person: &Person, account: &CloudAccount, day: Day) -> Vec<String> {
    let mut emails: Vec<String> = [account.verified, account.verified_alias]
        .into_iter()
        .flatten()
        .map(|address| person.identity.address(address))
        .collect();
    if (day / 30 + i64::from(person.life.subscriber)) % 2 == 0 {
        emails.reverse();
    }
    emails
}

/// The SAML NameID as the report spells it. Some identity providers keep capital letters, which the license sync
/// ignores.
fn spelled_name_id(person: &Person, address: DemoAddress) -> String {
    let text = person.identity.address(address);
    if person.life.traits.number(Trait::CapitalizedNameId, 20) == 0 {
        capitalized(&text)
    } else {
        text
    }
}

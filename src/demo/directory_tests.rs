//! Tests of the lists of the employee directories, of the second enterprise, and of the truth about both, on whole
//! generated enterprises.
//!
//! The tests call the real writers, and must not repeat the arithmetic of the modules under test.

use std::collections::{HashMap, HashSet};
use std::io;

use chrono::NaiveDate;
use serde_json::Value;

use super::account::{Day, DemoAddress, DemoLogin};
use super::event::Event;
use super::life::SlotKind;
use super::population::DemoPeople;
use super::schedule::{Schedule, SnapshotDay};
use super::{consumed_licenses, departures, entra, hr, truth};

struct Company {
    population: DemoPeople,
    schedule: Schedule,
}

type Rows = Vec<HashMap<String, String>>;

fn rows_of(bytes: &[u8]) -> io::Result<Rows> {
    let mut reader = csv::Reader::from_reader(bytes);
    let rows = reader.deserialize().collect::<Result<Rows, _>>()?;
    Ok(rows)
}

fn lines_of(bytes: &[u8]) -> io::Result<Vec<Value>> {
    let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
}

impl Company {
    fn new(people: u32, days: u32, every: u32) -> io::Result<Company> {
        let end = NaiveDate::from_ymd_opt(2026, 11, 2).unwrap_or_default();
        let schedule = Schedule::new(end, days, every)?;
        Ok(Company { population: DemoPeople::new(people, schedule.days, 1), schedule })
    }

    fn with_second_enterprise(self) -> Company {
        Company { population: self.population.with_second_enterprise(), ..self }
    }

    fn entra(&self, day: Day) -> io::Result<Rows> {
        let mut bytes = Vec::new();
        entra::write(&mut bytes, &self.population, day)?;
        rows_of(&bytes)
    }

    fn hr(&self, day: Day) -> io::Result<Rows> {
        let mut bytes = Vec::new();
        hr::write(&mut bytes, &self.population, &self.schedule, day)?;
        rows_of(&bytes)
    }

    fn truth(&self, has_directories: bool) -> io::Result<Vec<Value>> {
        let mut bytes = Vec::new();
        truth::write(&mut bytes, &self.population, &self.schedule, has_directories)?;
        departures::write(&mut bytes, &self.population, &self.schedule, has_directories)?;
        lines_of(&bytes)
    }

    /// The users in the report of the second enterprise.
    fn managed(&self, day: Day) -> io::Result<Vec<Value>> {
        let mut bytes = Vec::new();
        let snapshot = SnapshotDay { day, synced: day };
        consumed_licenses::write_managed(&mut bytes, &self.population, snapshot)?;
        let report: Value = serde_json::from_slice(&bytes)?;
        let users = report["users"].as_array().cloned().unwrap_or_default();
        assert_eq!(report["total_seats_consumed"], users.len());
        Ok(users)
    }
}

/// All addresses in the rows of a list, each with the id of its row.
fn addresses(rows: &Rows, id: &str, columns: [&str; 3]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for row in rows {
        let cells = columns.iter().filter_map(|column| row.get(*column));
        let own: HashSet<&str> = cells.flat_map(|cell| cell.split(';')).map(str::trim).collect();
        all.extend(
            own.into_iter()
                .filter(|it| it.contains('@'))
                .map(|address| (address.to_owned(), row.get(id).cloned().unwrap_or_default())),
        );
    }
    all
}

const ENTRA: [&str; 3] = ["userPrincipalName", "mail", "alternateEmailAddress"];
const HR: [&str; 3] = ["Work Email", "Alias", "Alias"];

#[test]
fn ids_are_unique_and_only_shared_addresses_stand_in_two_entries() -> io::Result<()> {
    let company = Company::new(6_000, 360, 30)?;
    let lists = [(company.entra(359)?, "id", ENTRA), (company.hr(359)?, "Employee ID", HR)];
    for (rows, id, columns) in lists {
        let ids: HashSet<&String> = rows.iter().filter_map(|row| row.get(id)).collect();
        assert_eq!(ids.len(), rows.len());
        let mut entries: HashMap<String, Vec<String>> = HashMap::new();
        for (address, id) in addresses(&rows, id, columns) {
            entries.entry(address).or_default().push(id);
        }
        let shared: Vec<&str> = entries
            .iter()
            .filter(|(_, ids)| ids.len() > 1)
            .map(|(address, _)| address.as_str())
            .collect();
        let family = shared.iter().filter(|it| it.ends_with("@home.example")).count();
        let mailboxes = shared.iter().filter(|it| it.starts_with("ci-")).count();
        assert!(family > 0, "{shared:?}");
        assert_eq!(mailboxes > 0, id == "id", "{shared:?}");
        assert_eq!(family + mailboxes, shared.len(), "{shared:?}");
    }
    Ok(())
}

#[test]
fn contractors_are_in_no_list_and_some_are_guests() -> io::Result<()> {
    let company = Company::new(4_000, 30, 30)?;
    let (entra, hr) = (company.entra(29)?, company.hr(29)?);
    let known: HashSet<String> =
        [addresses(&entra, "id", ENTRA), addresses(&hr, "Employee ID", HR)]
            .concat()
            .into_iter()
            .map(|(address, _)| address)
            .collect();
    let (mut unlisted, mut guests) = (0, 0);
    for person in company.population.people() {
        let life = &person.life;
        let address = |it| person.identity.address(it);
        if life.kind == SlotKind::OutsideCollaborator {
            assert!(!known.contains(&address(DemoAddress::Work)));
            unlisted += 1;
        }
        if life.is_from_partner() && life.left.is_none() && life.hired <= 29 {
            let is_guest = known.contains(&address(DemoAddress::Partner));
            unlisted += usize::from(!is_guest);
            guests += usize::from(is_guest);
        }
    }
    assert!(unlisted > 50 && guests > 10, "{unlisted} unlisted, {guests} guests");
    assert!(entra.iter().filter(|row| row["userType"] == "Guest").count() >= guests);
    Ok(())
}

#[test]
fn somebody_who_married_has_both_names_in_both_lists() -> io::Result<()> {
    let company = Company::new(4_000, 360, 30)?;
    let (entra, hr) = (company.entra(359)?, company.hr(359)?);
    let mut seen = 0;
    for person in company.population.people() {
        let married = person.life.past_event(359).is_some_and(|it| it.event == Event::Marriage);
        if !married || person.life.left.is_some() {
            continue;
        }
        let [new, old] =
            [DemoAddress::Married, DemoAddress::Work].map(|it| person.identity.address(it));
        let of_entra = entra.iter().find(|row| row["mail"] == new);
        let of_hr = hr.iter().find(|row| row["Work Email"] == new);
        assert!(of_entra.is_some_and(|row| row["alternateEmailAddress"].contains(&old)), "{new}");
        assert!(of_hr.is_some_and(|row| row["Alias"].contains(&old)), "{new}");
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
    Ok(())
}

#[test]
fn whoever_left_is_terminated_at_once_and_disabled_and_deleted_later() -> io::Result<()> {
    let company = Company::new(6_000, 240, 30)?;
    let (mut late, mut deleted) = (0, 0);
    let lists = [company.entra(239)?, company.hr(239)?];
    for person in company.population.people() {
        let Some(left) = person.life.left.filter(|left| (0..=239).contains(left)) else { continue };
        let number = person.identity.personnel_number();
        let Some(of_hr) = lists[1].iter().find(|row| row["Employee ID"] == number) else {
            continue;
        };
        assert_eq!(of_hr["Status"], "Terminated");
        let date = company.schedule.second_of(left, 0)?.format("%Y-%m-%d").to_string();
        assert_eq!(of_hr["Termination Date"], date);
        let sign_in = person.identity.address(DemoAddress::PersonnelNumber);
        match lists[0].iter().find(|row| row["userPrincipalName"] == sign_in) {
            None => deleted += 1,
            Some(row) if row["accountEnabled"] == "True" => late += 1,
            Some(row) => assert_eq!(row["accountEnabled"], "False"),
        }
    }
    assert!(late > 0 && deleted > 50, "{late} late, {deleted} deleted");
    let active = lists[1].iter().filter(|row| row["Status"] == "Active").count();
    assert!(active > 1_000, "{active}");
    Ok(())
}

#[test]
fn the_truth_names_every_leaver_with_a_seat_and_nobody_else() -> io::Result<()> {
    let company = Company::new(3_000, 360, 30)?;
    let truth = company.truth(true)?;
    let left: Vec<&Value> = truth.iter().filter(|line| line["truth"] == "left").collect();
    assert!(left.len() > 20, "{}", left.len());
    assert!(left.iter().any(|line| line["listed"] == false));
    assert!(left.iter().any(|line| line["enabled"] == true));
    let logins: HashSet<&str> =
        left.iter().filter_map(|line| line["cloud_login"].as_str()).collect();
    let expected: HashSet<String> = company
        .population
        .people()
        .filter(|person| person.life.left.is_some_and(|left| left <= 359))
        .filter_map(|person| {
            let accounts = person.life.accounts_on(359);
            match accounts.cloud? {
                super::account::CloudPresence::Account(it) => Some(person.identity.login(it.login)),
                _ => None,
            }
        })
        .collect();
    assert_eq!(logins, expected.iter().map(String::as_str).collect());
    assert!(truth.iter().all(|line| line["truth"] != "both-enterprises"));
    Ok(())
}

#[test]
fn aliases_in_a_list_are_alike_only_if_there_is_a_list() -> io::Result<()> {
    let company = Company::new(3_000, 90, 30)?;
    let in_one_entry = |lines: &[Value], kind: &str| {
        lines
            .iter()
            .filter(|line| line["truth"] == kind)
            .filter(|line| line["alike"].to_string().contains("directory-entry"))
            .count()
    };
    let (with, without) = (company.truth(true)?, company.truth(false)?);
    assert!(in_one_entry(&with, "double") > 40);
    assert_eq!(in_one_entry(&without, "double"), 0);
    let doubles = with.iter().filter(|line| line["truth"] == "double").count();
    assert!(in_one_entry(&with, "double") < doubles, "no directory knows everything");
    assert!(without.iter().all(|line| line["listed"] != true));
    Ok(())
}

#[test]
fn people_move_into_the_second_enterprise_over_a_year() -> io::Result<()> {
    let company = Company::new(4_000, 730, 7)?.with_second_enterprise();
    let sizes: Vec<usize> = [300, 450, 600, 729]
        .into_iter()
        .map(|day| company.managed(day).map(|users| users.len()))
        .collect::<io::Result<_>>()?;
    assert!(sizes.is_sorted() && sizes[0] < 10 && sizes[3] > 500, "{sizes:?}");
    let users = company.managed(729)?;
    assert!(users.iter().all(|user| {
        let login = user["github_com_login"].as_str().unwrap_or_default();
        login.ends_with("_octoemu") && user["github_com_saml_name_id"].is_string()
    }));
    let truth = company.truth(true)?;
    let both: Vec<&Value> =
        truth.iter().filter(|line| line["truth"] == "both-enterprises").collect();
    let of = |event: &str| both.iter().filter(|line| line["event"] == event).count();
    assert!(of("account-kept") > 50, "{}", both.len());
    assert!(of("server-account-kept") > 50, "{}", both.len());
    assert!((1..6).contains(&of("strangers-managed-login")));
    for line in both {
        let is_stranger = line["event"] == "strangers-managed-login";
        assert_eq!(line["one_person"] == true, !is_stranger);
        assert!(line["seats"].as_array().is_some_and(|seats| seats.len() > 1), "{line}");
    }
    Ok(())
}

#[test]
fn a_second_enterprise_leaves_people_who_do_not_move_as_they_were() -> io::Result<()> {
    let one = Company::new(1_000, 200, 10)?;
    let two = Company::new(1_000, 200, 10)?.with_second_enterprise();
    let (mut same, mut moved) = (0, 0);
    for (before, after) in one.population.people().zip(two.population.people()) {
        let accounts =
            |person: &super::population::Person| format!("{:?}", person.life.accounts_on(199));
        match after.life.migration {
            None => assert_eq!(accounts(&before), accounts(&after)),
            Some(_) => moved += 1,
        }
        same += usize::from(accounts(&before) == accounts(&after));
        assert_eq!(before.identity.login(DemoLogin::Plain), after.identity.login(DemoLogin::Plain));
    }
    assert!(moved > 100 && same > 600, "{moved} moved, {same} the same");
    Ok(())
}

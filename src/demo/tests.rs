//! Tests of the demo's files, on whole generated enterprises.
//!
//! The tests call the real writers. They may assume that the files of a small enterprise fit in memory. They must
//! not repeat the arithmetic of the modules under test.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use chrono::NaiveDate;
use serde_json::Value;

use super::account::DemoInstance;
use super::event::{SLOTS_PER_STRANGER, STRANGERS};
use super::population::{DemoPeople, Person};
use super::schedule::{Schedule, SnapshotDay};
use super::sync::{Row, rows};
use super::{
    DemoFile, DemoOptions, DemoSource, all_users, consumed_licenses, license_usage, truth,
    write_files,
};

const WEEKS: u32 = 60;

struct Demo {
    population: DemoPeople,
    schedule: Schedule,
}

impl Demo {
    fn weekly(people: u32, weeks: u32) -> io::Result<Demo> {
        Demo::new(people, weeks * 7 + 1, 7)
    }

    fn new(people: u32, days: u32, every: u32) -> io::Result<Demo> {
        let schedule = Schedule::new(last_day(), days, every)?;
        Ok(Demo { population: DemoPeople::new(people, schedule.days, 1), schedule })
    }

    fn cloud_report(&self, snapshot: SnapshotDay) -> io::Result<Value> {
        let mut bytes = Vec::new();
        consumed_licenses::write(&mut bytes, &self.population, &self.schedule, snapshot)?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn users_csv(&self, instance: DemoInstance, day: i64) -> io::Result<Vec<csv::StringRecord>> {
        let mut bytes = Vec::new();
        all_users::write(&mut bytes, &self.population, &self.schedule, instance, day)?;
        Ok(csv::Reader::from_reader(bytes.as_slice()).records().collect::<Result<_, _>>()?)
    }

    fn users_json(&self, day: i64) -> io::Result<Value> {
        let mut bytes = Vec::new();
        let third = DemoInstance::Ghes3;
        license_usage::write(&mut bytes, &self.population, &self.schedule, third, day)?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn truth(&self) -> io::Result<Vec<Value>> {
        let mut bytes = Vec::new();
        truth::write(&mut bytes, &self.population, &self.schedule, true)?;
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
    }

    fn rows_on(&self, person: &Person, snapshot: SnapshotDay) -> Vec<Row> {
        rows(person, &self.schedule, snapshot)
    }
}

fn last_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 2).unwrap_or_default()
}

fn users(report: &Value) -> &[Value] {
    report["users"].as_array().map_or(&[], Vec::as_slice)
}

fn texts<'a>(user: &'a Value, key: &str) -> Vec<&'a str> {
    user[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Whether the person has a Cloud account, and a Server account of their own that GitHub does not match to it.
fn is_doubled(rows: &[Row]) -> bool {
    let has_cloud = rows.iter().any(|row| matches!(row, Row::Account(..)));
    let has_own = rows.iter().any(|row| match row {
        Row::ServerOnly(_, servers) => servers.iter().any(|server| !server.extra),
        _ => false,
    });
    has_cloud && has_own
}

/// A folder for the files of one test. It is removed when the test ends.
struct TestDirectory(PathBuf);

impl TestDirectory {
    fn new(name: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("oneseat-demo-{}-{name}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(TestDirectory(path))
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        // If the folder cannot be removed, it stays in the temporary folder of the system. That is no failure
        // of the test.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn options() -> DemoOptions {
    DemoOptions {
        people: 300,
        days: 1,
        every: 1,
        end: last_day(),
        seed: 1,
        has_second_enterprise: false,
        has_directories: true,
    }
}

fn write(name: &str, days: u32, every: u32, seed: u64) -> io::Result<Vec<(DemoFile, Vec<u8>)>> {
    let directory = TestDirectory::new(name)?;
    let options = DemoOptions { people: 300, days, every, seed, ..options() };
    let mut files = Vec::new();
    write_files(&directory.0, &options, &mut |file| {
        let bytes = fs::read(&file.path)?;
        files.push((file, bytes));
        Ok(())
    })?;
    Ok(files)
}

#[test]
fn the_same_options_give_the_same_bytes_and_another_seed_does_not() -> io::Result<()> {
    let contents = |name: &str, seed| -> io::Result<Vec<Vec<u8>>> {
        Ok(write(name, 30, 10, seed)?.into_iter().map(|(_, bytes)| bytes).collect())
    };
    let first = contents("bytes-1", 5)?;
    assert_eq!(first.len(), 3 * 4 - 1, "the third instance misses the first day");
    assert!(first == contents("bytes-2", 5)?);
    assert!(first != contents("bytes-3", 6)?);
    Ok(())
}

#[test]
fn one_day_gives_one_snapshot_of_each_source() -> io::Result<()> {
    let files = write("single", 1, 1, 1)?;
    let names: Vec<_> = files
        .iter()
        .filter_map(|(file, _)| file.path.file_name()?.to_str().map(str::to_owned))
        .collect();
    assert_eq!(
        names,
        [
            "ghes1.octo-corp.example-all_users-2026-11-02T05-00-00Z.csv",
            "ghes2.octo-corp.example-all_users-2026-11-02T05-10-00Z.csv",
            "ghes3.plant.example-license-usage-2026-11-02T05-20-00Z.json",
            "consumed_licenses-octo-corp-2026-11-02T06-00-00Z.json",
        ]
    );
    let cloud = DemoSource::Cloud { enterprise: "octo-corp".to_owned() };
    let last = files.last().map(|(file, _)| (file.taken_at, file.origin.clone()));
    assert_eq!(last, Some((1_793_599_200, cloud)));
    assert!(files.is_sorted_by_key(|(file, _)| file.taken_at));
    Ok(())
}

#[test]
fn an_error_from_the_caller_stops_the_writing() -> io::Result<()> {
    let directory = TestDirectory::new("stop")?;
    let options = DemoOptions { people: 10, days: 50, every: 1, ..options() };
    let mut calls = 0;
    let result = write_files(&directory.0, &options, &mut |_| {
        calls += 1;
        Err(io::Error::other("enough"))
    });
    assert!(result.is_err());
    assert_eq!(calls, 1);
    Ok(())
}

#[test]
fn totals_are_those_of_the_rows() -> io::Result<()> {
    let demo = Demo::weekly(400, WEEKS)?;
    for snapshot in demo.schedule.snapshot_days() {
        let report = demo.cloud_report(snapshot)?;
        let seats = users(&report)
            .iter()
            .filter(|user| {
                user["github_com_user"] == true
                    || user["enterprise_server_user"] == true
                    || user["github_com_login"] != ""
            })
            .count();
        assert_eq!(report["total_seats_consumed"], seats);
        assert!(users(&report).len() >= seats);
        for user in users(&report) {
            let accounts = texts(user, "enterprise_server_user_ids").len()
                + usize::from(user["github_com_user"] == true);
            assert_eq!(user["total_user_accounts"], accounts, "{user}");
        }
    }
    Ok(())
}

#[test]
fn no_address_login_or_id_stands_in_two_rows() -> io::Result<()> {
    let demo = Demo::weekly(6_000, 4)?;
    for snapshot in demo.schedule.snapshot_days() {
        let report = demo.cloud_report(snapshot)?;
        let mut seen = HashSet::new();
        // An invitation may have gone to somebody whose Server account has that very address.
        let is_invitation =
            |user: &&Value| user["github_com_user"] == false && user["github_com_login"] != "";
        for user in users(&report).iter().filter(|user| !is_invitation(user)) {
            let mut own: HashSet<String> = HashSet::new();
            own.extend(user["github_com_saml_name_id"].as_str().map(str::to_lowercase));
            own.extend(user["github_com_login"].as_str().map(str::to_owned));
            let lists = [
                "github_com_verified_domain_emails",
                "enterprise_server_primary_emails",
                "enterprise_server_user_ids",
            ];
            for key in lists {
                own.extend(texts(user, key).into_iter().map(str::to_lowercase));
            }
            own.remove("");
            for text in own {
                assert!(seen.insert(text.clone()), "{text} twice");
            }
        }
    }
    Ok(())
}

#[test]
fn every_server_account_that_was_synced_stands_in_the_cloud_report() -> io::Result<()> {
    let demo = Demo::weekly(500, WEEKS)?;
    let Some(snapshot) = demo.schedule.snapshot_days().last() else {
        return Ok(());
    };
    let report = demo.cloud_report(snapshot)?;
    let reported: HashSet<&str> =
        users(&report).iter().flat_map(|user| texts(user, "enterprise_server_user_ids")).collect();
    let mut expected = HashSet::new();
    for instance in [DemoInstance::Ghes1, DemoInstance::Ghes2] {
        let records = demo.users_csv(instance, snapshot.synced)?;
        assert_eq!(records.iter().filter(|record| &record[2] == "ghost").count(), 1);
        let counted =
            records.iter().filter(|record| &record[5] == "false" && &record[2] != "ghost");
        expected.extend(counted.map(|record| format!("{}:{}", instance.host(), &record[1])));
    }
    let export = demo.users_json(snapshot.synced)?;
    let counted = users(&export).iter().filter(|user| user["suspended"] == false);
    expected.extend(counted.map(|user| format!("{}:{}", DemoInstance::Ghes3.host(), user["id"])));
    assert_eq!(reported, expected.iter().map(String::as_str).collect());
    Ok(())
}

#[test]
fn the_site_admin_report_is_a_whole_population() -> io::Result<()> {
    let demo = Demo::weekly(400, WEEKS)?;
    for snapshot in demo.schedule.snapshot_days() {
        let records = demo.users_csv(DemoInstance::Ghes1, snapshot.day)?;
        let ids: HashSet<&str> = records.iter().map(|record| &record[1]).collect();
        let logins: HashSet<&str> = records.iter().map(|record| &record[2]).collect();
        assert_eq!((ids.len(), logins.len()), (records.len(), records.len()));
        for column in [5, 10] {
            let yes = records.iter().filter(|record| &record[column] == "true").count();
            assert!((1..records.len() / 3).contains(&yes), "{yes} of {}", records.len());
        }
    }
    Ok(())
}

#[test]
fn about_one_person_in_25_is_doubled_at_any_time() -> io::Result<()> {
    let demo = Demo::new(10_000, 730, 91)?;
    for snapshot in demo.schedule.snapshot_days() {
        let doubled = demo
            .population
            .people()
            .filter(|person| is_doubled(&demo.rows_on(person, snapshot)))
            .count();
        assert!((200..560).contains(&doubled), "{doubled} on day {}", snapshot.day);
    }
    Ok(())
}

#[test]
fn a_million_people_would_have_seven_server_accounts_for_ten_people() -> io::Result<()> {
    let demo = Demo::new(20_000, 1, 1)?;
    let accounts: usize = demo
        .population
        .people()
        .map(|person| {
            person.life.accounts_on(0).servers.iter().filter(|own| !own.suspended).count()
        })
        .sum();
    assert!((13_000..15_000).contains(&accounts), "{accounts}");
    Ok(())
}

#[test]
fn a_fix_on_server_merges_in_the_next_cloud_report() -> io::Result<()> {
    let demo = Demo::weekly(2_000, WEEKS)?;
    let snapshots: Vec<SnapshotDay> = demo.schedule.snapshot_days().collect();
    let doubled_on = |person: &Person, snapshot| is_doubled(&demo.rows_on(person, snapshot));
    let fixed_one_snapshot_later = demo.population.people().any(|person| {
        snapshots.windows(2).any(|pair| match *pair {
            [before, after] => {
                let if_synced_at_once = SnapshotDay { synced: before.day, ..before };
                doubled_on(&person, before)
                    && !doubled_on(&person, if_synced_at_once)
                    && !doubled_on(&person, after)
            }
            _ => false,
        })
    });
    assert!(fixed_one_snapshot_later);
    Ok(())
}

#[test]
fn few_accounts_change_from_one_day_to_the_next() -> io::Result<()> {
    let demo = Demo::new(20_000, 100, 1)?;
    let rows_of = |day| -> io::Result<HashSet<String>> {
        let mut rows = HashSet::new();
        for instance in [DemoInstance::Ghes1, DemoInstance::Ghes2] {
            let host = instance.host();
            let records = demo.users_csv(instance, day)?;
            rows.extend(records.iter().map(|record| format!("{host} {record:?}")));
        }
        let report = demo.cloud_report(SnapshotDay { day, synced: day - 1 })?;
        rows.extend(users(&report).iter().map(Value::to_string));
        Ok(rows)
    };
    let (today, tomorrow) = (rows_of(70)?, rows_of(71)?);
    let changed = tomorrow.difference(&today).count();
    let per_thousand = changed * 1_000 / tomorrow.len();
    assert!((1..4).contains(&per_thousand), "{changed} of {}", tomorrow.len());
    Ok(())
}

#[test]
fn the_truth_has_every_license_too_many_and_knows_which_event_planted_it() -> io::Result<()> {
    let demo = Demo::weekly(4_000, WEEKS)?;
    let Some(SnapshotDay { day, .. }) = demo.schedule.snapshot_days().last() else {
        return Ok(());
    };
    let truth = demo.truth()?;
    let doubles: Vec<&Value> = truth.iter().filter(|line| line["one_person"] == true).collect();
    let with_account = doubles.iter().filter(|line| line["cloud_login"].is_string()).count();
    let at_once = SnapshotDay { day, synced: day };
    let expected: usize = demo
        .population
        .people()
        .map(|person| demo.rows_on(&person, at_once))
        .filter(|rows| is_doubled(rows))
        .map(|rows| {
            rows.iter()
                .filter(|row| matches!(row, Row::ServerOnly(_, own) if !own[0].extra))
                .count()
        })
        .sum();
    assert_eq!(with_account, expected);
    assert!(doubles.iter().all(|line| line["event"] != "none"));
    assert!(doubles.iter().any(|line| line["visible"] == false));
    let seats: u64 = truth.first().and_then(|line| line["seats"].as_u64()).unwrap_or_default();
    assert_eq!(demo.cloud_report(at_once)?["total_seats_consumed"], seats);
    Ok(())
}

#[test]
fn strangers_stand_beside_few_and_beside_nobody_in_a_small_demo() {
    let names: HashSet<&str> = STRANGERS.iter().map(|event| event.name()).collect();
    let strangers = |people: u32| -> Vec<u64> {
        let population = DemoPeople::new(people, 730, 1);
        let is_beside = |person: &Person| {
            person.life.open_event(729).is_some_and(|open| names.contains(open.event.name()))
        };
        population.people().filter(is_beside).map(|person| person.slot).collect()
    };
    assert!(strangers(400).is_empty());
    let many = strangers(20_000);
    assert!((5..25).contains(&many.len()), "{many:?}");
    assert!(many.iter().all(|slot| slot % SLOTS_PER_STRANGER == SLOTS_PER_STRANGER - 1));
}

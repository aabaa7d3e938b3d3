//! An enterprise whose files have a known number of licenses: nobody has two accounts, unless a link declares
//! it.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{House, Result};

/// The number of instances, one for each writer. The writer of Cloud has none.
pub const HOSTS: usize = 8;

/// The first day of all sources.
pub const FIRST_DAY: u32 = 0;

pub fn host(number: usize) -> String {
    format!("ghes{number}.corp.example")
}

/// A day by its number.
pub fn date(day: u32) -> String {
    let first = chrono::NaiveDate::from_ymd_opt(2016, 1, 1).unwrap_or_default();
    (first + chrono::Days::new(day.into())).to_string()
}

/// The number of accounts on an instance on a day; `other` content has another number.
pub fn accounts(host: usize, day: u32, other: bool) -> u64 {
    20 + (u64::from(day) * 7 + host as u64 * 3) % 13 + if other { 5 } else { 0 }
}

/// The number of Cloud accounts on a day.
pub fn cloud_accounts(day: u32) -> u64 {
    30 + u64::from(day) % 7
}

pub fn server_file(house: &House, number: usize, day: u32, other: bool) -> Result<PathBuf> {
    let mut text = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,\
                    org_memberships,dormant?,last_active,raw_login,2fa_enabled?\n"
        .to_owned();
    for id in 1..=accounts(number, day, other) {
        // A third of them change every day.
        let login =
            if id % 3 == 0 { format!("h{number}u{id}d{day}") } else { format!("h{number}u{id}") };
        text.push_str(&format!(",{id},{login},u{id}@h{number}.example,user,false,,,,,false,,,\n"));
    }
    let path = house.path(&format!("h{number}-{day}-{other}.csv"));
    std::fs::write(&path, text)?;
    Ok(path)
}

pub fn cloud_file(house: &House, day: u32) -> Result<PathBuf> {
    let user = |number: u64| {
        json!({
            "github_com_login": format!("c{number}"), "github_com_name": format!("Day {}", if number.is_multiple_of(3) { day } else { 0 }),
            "github_com_user": true, "github_com_verified_domain_emails": [format!("c{number}@cloud.example")],
            "github_com_member_roles": ["alpha:Member"], "github_com_enterprise_roles": ["Member"],
            "enterprise_server_user_ids": [], "enterprise_server_primary_emails": [], "license_type": "Enterprise",
        })
    };
    let users: Vec<Value> = (1..=cloud_accounts(day)).map(user).collect();
    let answer =
        json!({"total_seats_consumed": users.len(), "total_seats_purchased": 500, "users": users});
    let path = house.path(&format!("cloud-{day}.json"));
    std::fs::write(&path, answer.to_string())?;
    Ok(path)
}

/// The state before the writers and readers begin.
pub struct Base {
    /// The number of lines in the journal.
    pub lines: u64,
    /// The number of snapshots.
    pub snapshots: u64,
    /// An instant at which all of it was known.
    pub known_on: String,
    /// The answer as of the first day, and as known then.
    pub as_of: Vec<u8>,
    pub as_known: Vec<u8>,
    /// The licenses of each snapshot.
    pub licenses: Vec<(i64, u64)>,
}

/// Imports the first day of all sources, and a second one of the source whose snapshot will be voided.
pub fn begin(house: &House) -> Result<Base> {
    let mut licenses = Vec::new();
    let mut import = |words: &[&str], count: u64| -> Result<()> {
        let ran = house.run(&[&["import", "--json"], words].concat())?;
        let answer: Value = serde_json::from_slice(&ran.stdout)?;
        let id = answer["items"][0]["snapshot"].as_i64();
        licenses.push((id.ok_or_else(|| format!("{words:?}: {ran:?}"))?, count));
        Ok(())
    };
    let day = format!("--taken-at={}", date(FIRST_DAY));
    let cloud = cloud_file(house, FIRST_DAY)?.display().to_string();
    import(&[&cloud, &day, "--enterprise=corp"], cloud_accounts(FIRST_DAY))?;
    for number in 0..HOSTS {
        let file = server_file(house, number, FIRST_DAY, false)?.display().to_string();
        import(
            &[&file, &day, &format!("--host={}", host(number))],
            accounts(number, FIRST_DAY, false),
        )?;
    }
    // Everything imported so far is known by this second, and nothing else is imported within it.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let known_on = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let day = date(FIRST_DAY);
    let ask = |words: &[&str]| -> Result<Vec<u8>> {
        let ran = house.run(&[&["consumption", "--json"], words].concat())?;
        if ran.status.success() { Ok(ran.stdout) } else { Err(format!("{ran:?}").into()) }
    };
    let count = licenses.len() as u64;
    let as_of = ask(&["--as-of", &day])?;
    let answer: Value = serde_json::from_slice(&as_of)?;
    let meant: u64 = licenses.iter().map(|(_, licenses)| licenses).sum();
    if answer["consumed"].as_u64() != Some(meant) {
        return Err(format!("the files mean {meant} licenses: {answer}").into());
    }
    Ok(Base {
        lines: count,
        snapshots: count,
        as_known: ask(&["--known-on", &known_on])?,
        as_of,
        known_on,
        licenses,
    })
}

//! Many processes begin at the same moment: on no database, and on one with an older schema.

use std::path::Path;
use std::process::{Child, Stdio};

use rusqlite::Connection;

use crate::enterprise::{HOSTS, date, host, server_file};
use crate::{House, Result};

pub fn run(house: &House, races: u32) -> Result<()> {
    println!(
        "\n### Races\n\n| race | rounds | processes | ended well |\n| --- | --- | --- | --- |"
    );
    let (mut made, mut migrated) = (0, 0);
    for round in 0..races {
        made += first_import(house, round)?;
        migrated += migration(house, round)?;
    }
    let all = races as usize * HOSTS;
    println!("| to make the database, by its first import | {races} | {all} | {made} |");
    println!("| to migrate it | {races} | {all} | {migrated} |");
    Ok(())
}

/// Eight first imports at once, all of which must be stored.
fn first_import(house: &House, round: u32) -> Result<usize> {
    let folder = house.path("race");
    std::fs::create_dir(&folder)?;
    let database = folder.join("oneseat.db");
    let day = format!("--taken-at={}", date(0));
    let files: Vec<String> = (0..HOSTS)
        .map(|number| Ok(server_file(house, number, 0, false)?.display().to_string()))
        .collect::<Result<_>>()?;
    let begin = |(number, file): (usize, &String)| -> Result<Child> {
        let host = format!("--host={}", host(number));
        let mut command = house.command(&database, &["import", file, &day, &host]);
        Ok(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?)
    };
    let running: Vec<Child> = files.iter().enumerate().map(begin).collect::<Result<_>>()?;
    let well = ended_well(house, "first import", round, running)?;
    let connection = Connection::open(&database)?;
    let sql = "SELECT count(*) FROM stored_snapshots";
    let stored: usize = connection.query_row(sql, [], |row| row.get(0))?;
    drop(connection);
    if stored != HOSTS {
        house.wrong(format!("first import, round {round}: {stored} of {HOSTS} stored"));
    }
    verified(house, &database, round)?;
    std::fs::remove_dir_all(folder)?;
    Ok(well)
}

/// Eight questions at once to a database with the first schema. All must be answered, and one copy must be
/// kept.
fn migration(house: &House, round: u32) -> Result<usize> {
    let folder = house.path("race");
    std::fs::create_dir(&folder)?;
    let database = folder.join("oneseat.db");
    let dump = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/databases/v1.sql");
    let connection = Connection::open(&database)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.execute_batch(&std::fs::read_to_string(dump)?)?;
    drop(connection);
    let begin = |_| -> Result<Child> {
        let mut command = house.command(&database, &["consumption"]);
        Ok(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?)
    };
    let running: Vec<Child> = (0..HOSTS).map(begin).collect::<Result<_>>()?;
    let well = ended_well(house, "migration", round, running)?;
    let mut copies = 0;
    for entry in std::fs::read_dir(&folder)? {
        copies += usize::from(entry?.file_name().to_string_lossy().contains(".schema-"));
    }
    if copies != 1 {
        house.wrong(format!("migration, round {round}: {copies} copies"));
    }
    verified(house, &database, round)?;
    std::fs::remove_dir_all(folder)?;
    Ok(well)
}

fn ended_well(house: &House, race: &str, round: u32, running: Vec<Child>) -> Result<usize> {
    let mut well = 0;
    for child in running {
        let ran = child.wait_with_output()?;
        match ran.status.success() {
            true => well += 1,
            false => house.wrong(format!("{race}, round {round}: {ran:?}")),
        }
    }
    Ok(well)
}

fn verified(house: &House, database: &Path, round: u32) -> Result<()> {
    let ran = house.command(database, &["verify"]).output()?;
    if !ran.status.success() {
        house.wrong(format!("round {round}: {ran:?}"));
    }
    Ok(())
}

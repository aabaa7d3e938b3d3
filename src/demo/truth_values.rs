//! The values that lines of several kinds in `truth.ndjson` have: accounts on Server, and dates.
//!
//! This file must not know which lines there are.

use std::io::{self, Write};

use super::account::{Day, DemoServerAccount};
use super::json::{JsonWriter, list};
use super::population::Person;
use super::schedule::Schedule;

/// Writes a JSON list of Server accounts, each with its host, its id and its login.
pub fn write_servers<W: Write>(
    out: &mut W,
    person: &Person,
    servers: &[DemoServerAccount],
) -> io::Result<()> {
    list(out, servers, |out, server| {
        let mut object = JsonWriter::begin(out)?;
        object.text("host", server.instance.host())?;
        object.text("id", &server.id(person.slot).to_string())?;
        object.text("login", &person.identity.login(server.login))?;
        object.end()
    })
}

/// The date of a day of the demo, as JSON has it: `2026-06-29`.
pub fn date(schedule: &Schedule, day: Day) -> io::Result<String> {
    Ok(schedule.second_of(day, 0)?.format("%Y-%m-%d").to_string())
}

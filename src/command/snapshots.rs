//! The command `oneseat snapshots`, which lists, shows, exports, voids and restores snapshots.

use std::io::Write;

use clap::{Args, Subcommand};

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::KnownOnArgs;
use super::world::World;
use crate::error::{Error, Result, quoted};
use crate::model::{Instant, Record};
use crate::render;
use crate::report;
use crate::store::{Knowledge, Store};

/// List, show, export, void or restore the imported snapshots.
///
/// Example: oneseat snapshots void 12 --reason "exported from the wrong instance"
#[derive(Args)]
pub struct SnapshotsArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    known_on: KnownOnArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Subcommand)]
enum Action {
    /// List every snapshot.
    ///
    /// Example: oneseat snapshots list --format csv -o snapshots.csv
    List {
        #[command(flatten)]
        known_on: KnownOnArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show one snapshot, with its hashes.
    ///
    /// Example: oneseat snapshots show 12
    Show {
        /// The number of the snapshot.
        #[arg(value_name = "ID", value_parser = number)]
        id: i64,
        #[command(flatten)]
        known_on: KnownOnArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Write all records of a snapshot, with every field of the file, as JSON or NDJSON.
    ///
    /// A record is one account, subscription, cost center or instance. Unknown fields are included. In JSON, the
    /// key `facts` holds the values that the file states outside its records. NDJSON has one record on each line,
    /// and no facts.
    ///
    /// Example: oneseat snapshots export 12 --format ndjson -o accounts.ndjson
    Export {
        /// The number of the snapshot.
        #[arg(value_name = "ID", value_parser = number)]
        id: i64,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Take a snapshot out of force; its content is kept.
    ///
    /// Example: oneseat snapshots void 12 --reason "exported from the wrong instance"
    Void {
        /// The number of the snapshot; of several snapshots, either all are voided or none.
        #[arg(value_name = "ID", value_parser = number, required = true)]
        ids: Vec<i64>,
        /// Record this reason for voiding.
        #[arg(long, value_name = "TEXT", required = true)]
        reason: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Put a voided snapshot back into force.
    ///
    /// Example: oneseat snapshots restore 12 --reason "it was the right instance after all"
    Restore {
        /// The number of the snapshot; of several snapshots, either all are restored or none.
        #[arg(value_name = "ID", value_parser = number, required = true)]
        ids: Vec<i64>,
        /// Record this reason for restoring.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// The number of a snapshot in a text, with or without `#`.
fn number(text: &str) -> Result<i64> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    digits.parse().map_err(|_| Error::usage(format!("invalid snapshot number: {}", quoted(text))))
}

impl Command for SnapshotsArgs {
    const ABOUT: About = About {
        name: "snapshots",
        group: "The books",
        database: Database::Asks,
        questions: &["snapshots", "snapshots list", "snapshots show 1", "snapshots export 1"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let mut store = Store::open(&global.database()?)?;
        let newest = KnownOnArgs::default();
        let (known_on, only, output) = match &self.action {
            None => (&self.known_on, None, &self.output),
            Some(Action::List { known_on, output }) => (known_on, None, output),
            Some(Action::Show { id, known_on, output }) => (known_on, Some(vec![*id]), output),
            Some(Action::Export { id, output }) => return export(&store, *id, output, world),
            Some(Action::Void { ids, reason, output }) => {
                void(&mut store, ids, true, Some(reason), world.now)?;
                (&newest, Some(ids.clone()), output)
            }
            Some(Action::Restore { ids, reason, output }) => {
                void(&mut store, ids, false, reason.as_deref(), world.now)?;
                (&newest, Some(ids.clone()), output)
            }
        };
        let answer = report::snapshots(&store, known_on.known_on, only.as_deref())?;
        output.print(&answer, global, world)?;
        Ok(0)
    }

    fn goes_by_the_clock(&self) -> bool {
        self.writes()
    }
}

impl SnapshotsArgs {
    /// Whether the command writes into the database, rather than only showing snapshots.
    pub(super) fn writes(&self) -> bool {
        matches!(self.action, Some(Action::Void { .. } | Action::Restore { .. }))
    }
}

/// Voids or restores the snapshots `ids`: all of them or, if one cannot be, none.
fn void(
    store: &mut Store,
    ids: &[i64],
    voided: bool,
    reason: Option<&str>,
    now: Instant,
) -> Result<()> {
    let import = store.begin(now)?;
    for &id in ids {
        if import.is_voided(id)? == voided {
            let standing = if voided { "already voided" } else { "not voided" };
            return Err(Error::usage(format!("snapshot #{id} is {standing}")));
        }
        if let (false, Some(rival)) = (voided, import.rival(id)?) {
            return Err(Error::usage(format!(
                "snapshot #{id} cannot be restored, because snapshot #{rival} of the same source and instant \
                 is not voided"
            ))
            .hint(format!("void #{rival} first: oneseat snapshots void {rival} --reason …")));
        }
        import.void(id, voided, reason)?;
    }
    import.commit()
}

/// Writes the records of one snapshot as JSON or NDJSON. A snapshot may have a million records, so they are
/// written one by one.
fn export(store: &Store, id: i64, output: &OutputArgs, world: &mut World<'_>) -> Result<u8> {
    let lines = match output.format_name() {
        "ndjson" => true,
        "json" | "table" => false,
        other => {
            return Err(Error::usage(format!("an export can be json or ndjson, not {other}")).hint(
                "add --format ndjson: accounts may have different fields, so they make no table",
            ));
        }
    };
    let all = store.snapshots(Knowledge::ALL)?;
    let snapshot = all.iter().find(|snapshot| snapshot.id == id).ok_or_else(|| {
        Error::nothing(format!("there is no snapshot #{id}"))
            .hint("`oneseat snapshots` lists the snapshots")
    })?;
    let said = report::said_beside(store, snapshot)?;
    let terminal = output.is_on_terminal(world);
    let put = |out: &mut dyn Write, json: &str| {
        let json = if terminal { render::json_for_terminal(json) } else { json.into() };
        put(out, &json)
    };
    output.stream(world, &mut |out| {
        if !lines {
            put(out, &format!("{{\"schema\":\"oneseat.export/1\",\"snapshot\":{id},\"items\":["))?;
        }
        let mut first = true;
        for record in &said.records {
            let comma = if lines || std::mem::replace(&mut first, false) { "" } else { "," };
            let (before, after) = if lines { ("", "\n") } else { ("\n", "") };
            put(out, &format!("{comma}{before}{record}{after}"))?;
        }
        store.each_record(snapshot, &mut |fields, content| {
            let record = Record::from_stored(fields, content)
                .map_err(|error| Error::database("a stored record is damaged").caused_by(error))?;
            if !lines && !std::mem::replace(&mut first, false) {
                put(out, ",")?;
            }
            put(out, if lines { "" } else { "\n" })?;
            put(out, &record.to_json())?;
            put(out, if lines { "\n" } else { "" })
        })?;
        if lines { Ok(()) } else { put(out, &format!("\n],\"facts\":{}}}\n", said.beside)) }
    })?;
    Ok(0)
}

fn put(out: &mut dyn Write, text: &str) -> Result<()> {
    let written = out.write_all(text.as_bytes());
    written.map_err(|error| Error::output("the output cannot be written").caused_by(error))
}

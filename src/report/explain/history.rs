//! What happened to an account, in dated lines: when it appeared, what changed, when it was gone
//! and when it came back. Only snapshots that are or were in force speak.

use std::collections::BTreeSet;

use serde::Serialize;

use super::change;
use crate::error::Result;
use crate::model::{Account, Instant, SourceKind};
use crate::report::moment::Ledger;
use crate::report::renames::Named;
use crate::report::seat::read;
use crate::store::{Held, Known, SnapshotFacts};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    /// The first snapshot that says so.
    pub from: Instant,
    /// The first snapshot that says something else; `None`: it still holds.
    pub to: Option<Instant>,
    /// `SOURCE:ID` or `ENTERPRISE:LOGIN`.
    pub account: String,
    /// What happened.
    pub change: String,
    /// The number of the snapshot that says so.
    pub snapshot: i64,
}

/// The lines about these accounts up to an instant, in order of time.
pub(super) fn lines(
    ledger: &Ledger<'_>,
    at: Instant,
    accounts: &BTreeSet<Known>,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for known in accounts {
        let Some(source) = ledger.sources.iter().find(|it| it.id == known.source_id) else {
            continue;
        };
        let snapshots = ledger.valid().filter(|it| it.source_id == known.source_id);
        let snapshots: Vec<&SnapshotFacts> = snapshots.filter(|it| it.taken_at <= at).collect();
        let names = match source.source.kind {
            SourceKind::Cloud => ledger.names(&source.source.name, &known.identity, at)?,
            _ => vec![Named { identity: known.identity.clone(), from: None, to: None }],
        };
        let mut called = Vec::new();
        for named in names {
            let identity = named.identity.clone();
            let name = Account::id_of_identity(&identity)
                .or_else(|| Account::login_of_identity(&identity))
                .unwrap_or("?");
            let account = format!("{}:{name}", source.source.name);
            let known = Known { source_id: known.source_id, identity };
            called.push(Called { named, account, history: ledger.store.history(&known)? });
        }
        lines.extend(of_account(ledger, &called, source.source.kind, &snapshots)?);
    }
    lines.sort_by(|a, b| (a.from, &a.account).cmp(&(b.from, &b.account)));
    Ok(lines)
}

/// An account under one of the names that it has had.
struct Called {
    named: Named,
    account: String,
    history: Vec<Held>,
}

fn of_account(
    ledger: &Ledger<'_>,
    called: &[Called],
    kind: SourceKind,
    snapshots: &[&SnapshotFacts],
) -> Result<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut last, mut now): (Option<i64>, Option<i64>) = (None, None);
    for (number, snapshot) in snapshots.iter().enumerate() {
        let called = called.iter().find(|it| it.named.holds(snapshot.taken_at));
        let held = called.and_then(|it| it.history.iter().find(|held| held.in_snapshot(snapshot)));
        let state = held.map(|held| held.state);
        if state == now {
            continue;
        }
        let as_synced =
            if kind == SourceKind::ServerAsSynced { ", as Cloud has synced it" } else { "" };
        let change = match (last, now, state) {
            (None, _, Some(_)) if number == 0 => {
                Some(format!("there in the first snapshot{as_synced}"))
            }
            (None, _, Some(_)) => Some(format!("appears{as_synced}")),
            (_, Some(_), None) => Some("gone".to_owned()),
            (Some(last), None, Some(state)) => Some(match told(ledger, kind, last, state)? {
                Some(change) => format!("back: {change}"),
                None => "back".to_owned(),
            }),
            (Some(last), Some(_), Some(state)) => told(ledger, kind, last, state)?,
            (_, None, None) => None,
        };
        now = state;
        last = state.or(last);
        let Some(change) = change else { continue };
        if let Some(line) = lines.last_mut() {
            line.to = Some(snapshot.taken_at);
        }
        let account = called.map(|it| it.account.clone()).unwrap_or_default();
        let from = snapshot.taken_at;
        lines.push(Line { from, to: None, account, change, snapshot: snapshot.id });
    }
    Ok(lines)
}

/// What is different between two states; nothing, if only the format is.
fn told(ledger: &Ledger<'_>, kind: SourceKind, before: i64, after: i64) -> Result<Option<String>> {
    let before = ledger.store.record_texts(before)?;
    let after = ledger.store.record_texts(after)?;
    Ok(change::told(kind, &read(&before.0, &before.1)?, &read(&after.0, &after.1)?))
}

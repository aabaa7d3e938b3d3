//! The history of an account in dated lines: when the account appeared, what changed, when it left and when it
//! came back. Only snapshots that are or were in force count.

use std::collections::BTreeSet;

use serde::Serialize;

use super::change;
use crate::email;
use crate::error::Result;
use crate::ledger::IdentitySpan;
use crate::ledger::Ledger;
use crate::model::{Account, Instant, Source, SourceKind, StateId};
use crate::store::{AccountRef, SnapshotFacts, StateSpan};

/// A line of an account's history: one change, and the time for which it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    /// The instant of the first snapshot with this change.
    pub from: Instant,
    /// The instant of the next change of the account; `None` if there is no later change.
    pub to: Option<Instant>,
    /// The account, written as `HOST:ID` or `ENTERPRISE:LOGIN`.
    pub account: String,
    pub change: String,
    /// The number of the first snapshot with this change.
    pub snapshot: i64,
}

/// The lines of the history of all `accounts` up to the instant `at`, in order of time.
pub(super) fn lines(
    ledger: &Ledger<'_>,
    at: Instant,
    accounts: &BTreeSet<AccountRef>,
) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let mut told = BTreeSet::new();
    for known in accounts {
        let Some(source) = ledger.sources.iter().find(|it| it.id == known.source_id) else {
            continue;
        };
        // A source may have had several names, and its files may be stored under each of them. The history of
        // an account is printed only once, whichever name it was found under.
        let Source { kind, name } = &source.source;
        let meant = ledger.known_as.canonical(kind.family(), name, at);
        if !told.insert((*kind, meant, &known.identity)) {
            continue;
        }
        let snapshots =
            ledger.valid().filter(|it| it.source.kind == *kind && it.source.name == meant);
        let snapshots: Vec<&SnapshotFacts> = snapshots.filter(|it| it.taken_at <= at).collect();
        let names = match kind {
            SourceKind::Cloud => ledger.names(meant, &known.identity, at)?,
            _ => vec![IdentitySpan { identity: known.identity.clone(), from: None, to: None }],
        };
        let mut then: Vec<Then> = vec![Then::default(); snapshots.len()];
        for named in names {
            let name = Account::id_of_identity(&named.identity)
                .or_else(|| Account::login_of_identity(&named.identity))
                .unwrap_or("?");
            let account = format!("{meant}:{name}");
            let known = AccountRef { source_id: known.source_id, identity: named.identity.clone() };
            let states = states(ledger, &known, &snapshots)?;
            let named_then = |snapshot: &SnapshotFacts| named.holds(snapshot.taken_at);
            for ((then, snapshot), state) in then.iter_mut().zip(&snapshots).zip(states) {
                if then.account.is_empty() && named_then(snapshot) {
                    *then = Then { state, account: account.clone() };
                }
            }
        }
        lines.extend(of_account(ledger, *kind, &snapshots, &then)?);
    }
    lines.sort_by(|a, b| (a.from, &a.account).cmp(&(b.from, &b.account)));
    Ok(lines)
}

/// An account in one snapshot: its stored state, and the login or id that the snapshot gives it.
#[derive(Clone, Default)]
struct Then {
    state: Option<StateId>,
    account: String,
}

/// The state of an account in each of the snapshots of its source. If a file has no ids, the account is
/// recognized in it by its login.
fn states(
    ledger: &Ledger<'_>,
    known: &AccountRef,
    snapshots: &[&SnapshotFacts],
) -> Result<Vec<Option<StateId>>> {
    let mut sources: Vec<i64> = snapshots.iter().map(|it| it.source_id).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut held: Vec<(i64, StateSpan)> = Vec::new();
    for &source_id in &sources {
        let known = AccountRef { source_id, identity: known.identity.clone() };
        held.extend(ledger.store.history(&known)?.into_iter().map(|it| (source_id, it)));
    }
    let mut logins = BTreeSet::new();
    if Account::id_of_identity(&known.identity).is_some() {
        for (_, it) in &held {
            logins.insert(email::login_key(&ledger.store.called(it.state)?.login));
        }
    }
    for login in logins.iter().filter(|login| !login.is_empty()) {
        let called = ledger.store.accounts_with_login(login)?;
        let called = called.into_iter().filter(|it| sources.contains(&it.source_id));
        let (with_id, without): (Vec<AccountRef>, Vec<AccountRef>) =
            called.partition(|it| Account::id_of_identity(&it.identity).is_some());
        let is_only = with_id.iter().all(|it| it.identity == known.identity);
        for without in without {
            for it in ledger.store.history(&without)? {
                // If several accounts had the login at different times, the file itself shows which of them it
                // means.
                let means = |file: &&&SnapshotFacts| {
                    file.source_id == without.source_id && it.in_snapshot(file)
                };
                for file in snapshots.iter().filter(means) {
                    if is_only
                        || ledger.id_of_login(file, login)?.as_deref()
                            == Account::id_of_identity(&known.identity)
                    {
                        let place = file.place.number();
                        let held_then = StateSpan { from_place: place, to_place: place + 1, ..it };
                        held.push((without.source_id, held_then));
                    }
                }
            }
        }
    }
    let state = |snapshot: &&SnapshotFacts| {
        let mut held = held.iter();
        let found = held.find(|(id, it)| *id == snapshot.source_id && it.in_snapshot(snapshot));
        found.map(|(_, it)| it.state)
    };
    Ok(snapshots.iter().map(state).collect())
}

fn of_account(
    ledger: &Ledger<'_>,
    kind: SourceKind,
    snapshots: &[&SnapshotFacts],
    then: &[Then],
) -> Result<Vec<Line>> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut last, mut now): (Option<StateId>, Option<StateId>) = (None, None);
    for (number, (snapshot, Then { state, account })) in snapshots.iter().zip(then).enumerate() {
        let state = *state;
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
        let account = account.clone();
        let from = snapshot.taken_at;
        lines.push(Line { from, to: None, account, change, snapshot: snapshot.id });
    }
    Ok(lines)
}

/// The differences between two stored states of an account, in words; `None` if nothing differs that the
/// formats of both can state.
fn told(
    ledger: &Ledger<'_>,
    kind: SourceKind,
    before: StateId,
    after: StateId,
) -> Result<Option<String>> {
    let (before, after) = (ledger.record(before)?, ledger.record(after)?);
    Ok(change::told(kind, &before.read()?, &after.read()?))
}

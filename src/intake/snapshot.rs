//! Checks one snapshot of a file, and then writes or refuses it.

use super::answer::{ImportItem, StatedTotals, Status};
use super::completeness::{self, Completeness};
use super::doubt::Suspect;
use super::incoming_file::IncomingFile;
use super::origin;
use super::origin::TakenAt;
use super::request::{Asker, Request};
use super::sink::Begun;
use crate::code::{RefusalCode, WarningCode};
use crate::error::{Error, Result};
use crate::import;
use crate::model::Source;
use crate::store::{Changes, CompletenessFacts, Import, NewSnapshot, Stored};
use crate::warning::WarningSubject;

/// Checks a snapshot and writes it, or finds that it is stored already. What was written is kept only if all
/// snapshots of the file are accepted.
pub fn take_in(
    arrival: &IncomingFile<'_>,
    written: &Import<'_>,
    begun: Begun<'_>,
    item: &mut ImportItem,
) -> Result<()> {
    let Begun {
        named, source, guessed, snapshot, facts, rows, unknown, unknown_set, stated, ..
    } = begun;
    item.source = Some(source.clone());
    let Some(snapshot) = snapshot else {
        item.status = Status::Unchanged;
        return Ok(());
    };
    if named != source {
        let message =
            format!("{} is known as {}, which is the source of the file", named.name, source.name);
        item.warn_of(WarningCode::KnownAs, message, WarningSubject::Source(source.clone()));
    }
    let rows = rows + facts.records;
    item.rows = Some(rows);
    item.reported = StatedTotals::of(&facts);
    for (code, message) in &facts.notes {
        item.warn(*code, message.clone());
    }
    for (code, message, field) in facts.noted.warnings() {
        match field {
            Some(field) => item.warn_of(code, message, WarningSubject::Named(field)),
            None => item.warn(code, message),
        }
    }
    let reader = arrival.reader;
    let beside = import::fields_of(&facts.facts, reader).into_iter();
    let beside = beside.filter(|field| !reader.knows(field) && !unknown_set.contains(field));
    for field in unknown.iter().cloned().chain(beside) {
        let message = "a field that is not known yet; it is kept".to_owned();
        item.warn_of(WarningCode::UnknownField, message, WarningSubject::Named(field));
    }
    for login in snapshot.repeated() {
        let message = "a row occurs twice with different content; the two are united".to_owned();
        item.warn_of(WarningCode::RowRepeated, message, WarningSubject::Person(login.to_owned()));
    }
    let holds_accounts = source.kind.holds_accounts();
    let accounts = snapshot.neighbors().accounts();
    item.accounts = holds_accounts.then_some(accounts);
    if guessed && holds_accounts {
        let shared = snapshot.neighbors().shared()?;
        origin::check_guess(shared, accounts, &source, arrival.reader.kind(), &item.called)?;
    }
    if facts.list_moved {
        item.warn(
            WarningCode::ListMoved,
            "the pages state different totals: the list changed while it was paged".into(),
        );
    }
    if holds_accounts && accounts == 0 {
        item.warn(WarningCode::Empty, "the file has no accounts".into());
    }
    // A record that is on two pages counts once, even for kinds of source without accounts.
    let counted = if holds_accounts { accounts } else { facts.distinct_records() };
    let completeness = Completeness::of(counted, &facts, holds_accounts);
    let short = check_whole(arrival, &snapshot, &completeness, holds_accounts, item)?;
    let books = written.in_books()?;
    let same_instant = books
        .iter()
        .find(|it| !it.partial && it.source == source && it.taken_at == arrival.taken_at.instant);
    let says_so = stated.is_some_and(|host| host.as_str() == named.name);
    let suspect =
        Suspect { arrival, written, snapshot: &snapshot, source: &source, says_so, books: &books };
    let short = short.or(suspect.judge(item)?);

    let paged = facts.pages > 0;
    let evidence = CompletenessFacts {
        distinct_rows: counted,
        total: completeness.stated(),
        pages: paged.then_some(facts.pages),
        pages_with_totals: paged.then_some(facts.pages_with_totals),
        short: short.clone(),
        ..CompletenessFacts::default()
    };
    let finished = snapshot.finish(&Stored {
        taken_at_from: arrival.taken_at.from,
        format: arrival.reader.format(),
        file: &item.file_names(arrival.files),
        sha256: item.sha256.as_deref().unwrap_or_default(),
        rows,
        consumed: facts.consumed,
        purchased: facts.purchased,
        evidence: &evidence,
        complete: item.complete,
        partial: arrival.request.partial,
        accepted_short: short.as_ref().and(arrival.request.accept_short),
        facts: &facts.stored(),
        warnings: &item.warnings_json(),
    })?;
    item.changes = holds_accounts.then_some(finished.changes);
    // A stored snapshot with the same bytes is taken for the same snapshot in two cases: the time of the new
    // file is only guessed, or the times are equal and the stored one came under another name of the source.
    let same_bytes = books.iter().rev().find(|it| {
        let same_time = it.taken_at == arrival.taken_at.instant;
        it.source == source
            && Some(&it.sha256) == item.sha256.as_ref()
            && (arrival.taken_at.guessed() || (same_time && !it.partial))
    });
    if let Some(known) = finished.same.or(same_bytes.map(|it| it.id)) {
        item.status = Status::Unchanged;
        item.snapshot = Some(known);
        if finished.same.is_none() {
            // The time of the new file is only guessed, so the time of the stored snapshot is reported.
            if let Some((at, from)) = written.taken_at(known)? {
                item.taken_at = Some(at);
                item.taken_at_from = origin::FROM.into_iter().find(|known| from == *known);
            }
            item.warnings.retain(|warning| warning.code != WarningCode::TimeGuessed);
        }
        item.changes =
            holds_accounts.then_some(Changes { unchanged: accounts, ..Changes::default() });
        return Ok(());
    }
    if let (Some(known), false) = (same_instant, arrival.request.partial) {
        replace((arrival.request, arrival.taken_at), written, &source, known.id, item)?;
    }
    item.status = if arrival.request.dry_run { Status::DryRun } else { Status::Stored };
    item.snapshot = (!arrival.request.dry_run).then_some(finished.snapshot);
    Ok(())
}

/// Why the snapshot is incomplete, or much smaller than the one before it, if the user accepted that; `None` if
/// it is neither.
///
/// # Errors
/// If the snapshot is incomplete or much smaller and the request does not accept that.
fn check_whole(
    arrival: &IncomingFile<'_>,
    snapshot: &NewSnapshot<'_>,
    completeness: &Completeness,
    holds_accounts: bool,
    item: &mut ImportItem,
) -> Result<Option<String>> {
    item.complete = completeness.complete();
    if let Some((code, message)) = completeness.warning() {
        item.warn(code, message);
    }
    let neighbors = snapshot.neighbors();
    let accounts = neighbors.accounts();
    if neighbors.accounts_after().is_some_and(|after| holds_accounts && after * 2 < accounts) {
        item.warn(
            WarningCode::NeighborShrinks,
            "the next snapshot has less than half of the accounts of this one".into(),
        );
    }
    let short = completeness.refusal().or_else(|| {
        let before = neighbors.accounts_before().filter(|_| holds_accounts)?;
        completeness::shrinks(before, accounts)
    });
    match (short, arrival.request.partial, arrival.request.accept_short) {
        (Some(short), false, None) => Err(Error::input(short)
            .code(RefusalCode::Incomplete)
            .at(&item.called, None)
            .hint("download the complete report, with all of its pages")
            .hint(match arrival.request.asker {
                Asker::Rehearse => "--accept-short REASON counts it as it is",
                Asker::Import | Asker::Fetch => "--partial stores it without ever counting it; --accept-short REASON counts it as it is",
            })),
        (short, ..) => Ok(short),
    }
}

/// The hint for files of one command that may be the pages of one list.
pub(super) const PAGES_TOGETHER: &str =
    "if the files of this command are pages of one list, give them together with --pages";

/// Makes room for a new snapshot: voids the stored one of the same source and instant if the user permitted it,
/// and otherwise refuses the new one.
pub(super) fn replace(
    (request, taken_at): (&Request<'_>, TakenAt),
    written: &Import<'_>,
    source: &Source,
    known: i64,
    item: &mut ImportItem,
) -> Result<()> {
    if request.replace {
        item.replaced = Some(known);
        return written.void(known, true, Some("replaced by a later import"));
    }
    let error = Error::input(format!(
        "{source} has another snapshot taken at {}, with other content: #{known}",
        taken_at.instant
    ))
    .code(RefusalCode::OtherContent)
    .at(&item.called, None);
    let is_of_command = request.stored.contains(&known);
    // A guessed time is no reason to void another snapshot, so `--replace` is not hinted at.
    Err(error.hint(match (request.asker, taken_at.guessed()) {
        (Asker::Import, _) if is_of_command => PAGES_TOGETHER.to_owned(),
        (Asker::Import, true) => {
            "the time of the file is only guessed: state it with --taken-at".to_owned()
        }
        (Asker::Import, false) => "--replace voids the stored snapshot first".to_owned(),
        (Asker::Fetch | Asker::Rehearse, _) => format!(
            "run the command again a second later, or void that snapshot: oneseat snapshots void \
                {known} --reason …"
        ),
    }))
}

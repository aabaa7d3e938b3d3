//! Reads a file on a thread of its own, ahead of the thread that writes to the database, since parsing and
//! hashing take as long as writing. If the system cannot start a thread, one thread does both.
//!
//! The writing thread receives the events of the reader in order, with the records in batches. The first error
//! ends the import of the file. Memory holds only a few batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, ScopedJoinHandle};

use super::sink::Intake;
use crate::error::{Error, Result};
use crate::import::{FileFacts, Input, Reader, Sink};
use crate::model::{Host, Record, SourceKind};
use crate::store::{Looker, RecordBatch};

/// The number of events that may wait for the writing thread.
const WAITING: usize = 2;

/// One call of a reader to its sink, as the writing thread receives it.
enum ReaderEvent {
    Source(SourceKind, Option<Host>),
    Records(RecordBatch),
    Facts(FileFacts),
}

/// Reads a file and passes its sources and records to an intake. Returns the facts about the whole file.
///
/// # Errors
/// The error of the reader or of the intake, whichever comes first.
pub fn read(
    reader: &dyn Reader,
    input: &mut Input,
    needs_no_host: bool,
    intake: &mut Intake<'_>,
) -> Result<FileFacts> {
    let mostly_new = Arc::new(AtomicBool::new(false));
    let looker = intake.looker(&mostly_new)?;
    let beside = std::thread::scope(|scope| {
        let (sender, said) = sync_channel(WAITING);
        let input = &mut *input;
        let reading = Builder::new().spawn_scoped(scope, move || {
            // Sending fails only after the writing thread has stopped at an error. The caller reports the error
            // of the writing thread, and never this one.
            let say =
                |said| sender.send(said).map_err(|_| Error::bug("the writing thread has stopped"));
            say_all(reader, input, needs_no_host, looker, say)
        });
        Some(hear_all(said, reading.ok()?, intake, &mostly_new))
    });
    let Some(read) = beside else {
        let looker = intake.looker(&mostly_new)?;
        let say = |said| hear(said, intake, &mostly_new);
        return say_all(reader, input, needs_no_host, looker, say);
    };
    read
}

/// Passes the events of a reader on another thread to the intake.
fn hear_all(
    said: Receiver<ReaderEvent>,
    reading: ScopedJoinHandle<'_, Result<FileFacts>>,
    intake: &mut Intake<'_>,
    mostly_new: &AtomicBool,
) -> Result<FileFacts> {
    // An error ends this loop and drops the receiver, so the reader's next event cannot be sent and the reader
    // stops.
    for said in said {
        hear(said, intake, mostly_new)?;
    }
    reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn hear(said: ReaderEvent, intake: &mut Intake<'_>, mostly_new: &AtomicBool) -> Result<()> {
    match said {
        ReaderEvent::Source(kind, host) => intake.source(kind, host)?,
        ReaderEvent::Records(mut batch) => {
            let new = intake.records(&mut batch)?;
            mostly_new.store(2 * new > batch.len(), Ordering::Relaxed);
        }
        ReaderEvent::Facts(facts) => intake.facts(facts),
    }
    Ok(())
}

/// Reads a file and hands its events to `say`.
fn say_all(
    reader: &dyn Reader,
    input: &mut Input,
    needs_no_host: bool,
    looker: Looker,
    say: impl FnMut(ReaderEvent) -> Result<()>,
) -> Result<FileFacts> {
    let (kind, batch) = (reader.kind(), RecordBatch::default());
    let mut ahead = Ahead { say, needs_no_host, looker, kind, batch, failed: None };
    let facts = reader.read(input, &mut ahead);
    // If the reader fails, the records before its error are still sent, since an error in one of them is
    // reported first.
    let handed_on = ahead.hand_on();
    ahead.failed.map_or(handed_on, Err).and(facts)
}

/// The sink of a reader on its own thread. It passes everything on as events.
struct Ahead<S> {
    say: S,
    needs_no_host: bool,
    looker: Looker,
    /// The kind of the current source.
    kind: SourceKind,
    batch: RecordBatch,
    /// An error in a method that cannot return one. `say_all` returns it.
    failed: Option<Error>,
}

impl<S: FnMut(ReaderEvent) -> Result<()>> Ahead<S> {
    fn hand_on(&mut self) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        (self.say)(ReaderEvent::Records(batch))
    }
}

impl<S: FnMut(ReaderEvent) -> Result<()>> Sink for Ahead<S> {
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()> {
        self.hand_on()?;
        self.kind = kind;
        (self.say)(ReaderEvent::Source(kind, host))
    }

    fn needs_no_host(&self) -> bool {
        self.needs_no_host
    }

    fn record(&mut self, record: Record<'_>) -> Result<()> {
        self.looker.look(self.kind, &record, &mut self.batch);
        if self.batch.is_full() { self.hand_on() } else { Ok(()) }
    }

    fn facts(&mut self, facts: FileFacts) {
        let told = self.hand_on().and_then(|()| (self.say)(ReaderEvent::Facts(facts)));
        self.failed = self.failed.take().or(told.err());
    }
}

//! Reads a file on a thread of its own while another thread writes to the database, because parsing and hashing
//! take as long as writing. If the system cannot start a thread, one thread does both.
//!
//! The reader's calls arrive at the writing thread as events, in order, with the records in batches. The first
//! error ends the import of the file. Memory holds only a few batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, ScopedJoinHandle};

use super::sink::Intake;
use crate::error::{Error, Result};
use crate::import::{FileFacts, Input, Reader, Sink};
use crate::model::{Host, Record, SourceKind};
use crate::store::{Looker, RecordBatch};

/// How many events may wait for the writing thread. The reader pauses when there are more, so memory is
/// bounded.
const WAITING: usize = 2;

/// One call that a reader makes to its sink, in the form in which it is sent to the writing thread.
enum ReaderEvent {
    Source(SourceKind, Option<Host>),
    Records(RecordBatch),
    Facts(FileFacts),
}

/// Reads a file, and gives its sources and records to an intake on the way. Returns the facts about the whole
/// file.
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
            // Sending fails only if the writing thread has stopped at an error. The caller reports that
            // thread's error, so the one made here is never seen.
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

/// Gives the events of a reader, which runs on another thread, to the intake.
fn hear_all(
    said: Receiver<ReaderEvent>,
    reading: ScopedJoinHandle<'_, Result<FileFacts>>,
    intake: &mut Intake<'_>,
    mostly_new: &AtomicBool,
) -> Result<FileFacts> {
    // If an event causes an error, the loop ends and the receiver is dropped. The reader then cannot send its
    // next event and stops too.
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

/// Reads a file, and calls `say` with each event.
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
    // Records that come before an error of the reader are sent all the same, because an error in one of them
    // must be reported first.
    let handed_on = ahead.hand_on();
    ahead.failed.map_or(handed_on, Err).and(facts)
}

/// The sink that a reader uses on its own thread. It sends everything on as events.
struct Ahead<S> {
    say: S,
    needs_no_host: bool,
    looker: Looker,
    /// The kind of the source that the reader named last.
    kind: SourceKind,
    batch: RecordBatch,
    /// An error that occurred in a method without a result. `say_all` returns it later.
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

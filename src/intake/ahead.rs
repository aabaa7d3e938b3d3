//! Reads a file on a thread of its own, ahead of the one that writes to the database: parsing and
//! hashing take as long as writing does.
//!
//! What the reader says comes to the writing thread in the same order, records a batch at a time,
//! and whatever goes wrong first is the error. No more than a few batches are in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use super::sink::Intake;
use crate::error::{Error, Result};
use crate::import::{FileFacts, Input, Reader, Sink};
use crate::model::{Host, Record, SourceKind};
use crate::store::{Batch, Looker};

/// How many messages may wait.
const WAITING: usize = 2;

/// What a reader says.
enum Said {
    Source(SourceKind, Option<Host>),
    Records(Batch),
    Facts(FileFacts),
}

/// Reads a file into an intake; gives what holds for the whole file.
///
/// # Errors
/// What the reader says, or the intake, whichever comes first.
pub fn read(
    reader: &dyn Reader,
    input: &mut Input,
    needs_no_host: bool,
    intake: &mut Intake<'_>,
) -> Result<FileFacts> {
    let mostly_new = Arc::new(AtomicBool::new(false));
    let looker = Looker::new(Arc::clone(&mostly_new))?;
    std::thread::scope(|scope| {
        let (sender, said) = sync_channel(WAITING);
        let reading = scope.spawn(move || {
            let kind = reader.kind();
            let mut ahead = Ahead { sender, needs_no_host, looker, kind, batch: Batch::default() };
            let facts = reader.read(input, &mut ahead);
            // Records before an error are looked at too: theirs may be the earlier one.
            ahead.hand_on().and(facts)
        });
        // Once this loop is left with an error, nobody listens, and the reader stops.
        for said in said {
            match said {
                Said::Source(kind, host) => intake.source(kind, host)?,
                Said::Records(mut batch) => {
                    let new = intake.records(&mut batch)?;
                    mostly_new.store(2 * new > batch.len(), Ordering::Relaxed);
                }
                Said::Facts(facts) => intake.facts(facts),
            }
        }
        reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Takes what the reader reads, and hands it on.
struct Ahead {
    sender: SyncSender<Said>,
    needs_no_host: bool,
    looker: Looker,
    /// Of the source last named.
    kind: SourceKind,
    batch: Batch,
}

impl Ahead {
    fn hand_on(&mut self) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.say(Said::Records(batch))
    }

    fn say(&self, said: Said) -> Result<()> {
        // The error that stopped the other thread is the one that is told.
        self.sender.send(said).map_err(|_| Error::bug("nobody writes what is read"))
    }
}

impl Sink for Ahead {
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()> {
        self.hand_on()?;
        self.kind = kind;
        self.say(Said::Source(kind, host))
    }

    fn needs_no_host(&self) -> bool {
        self.needs_no_host
    }

    fn record(&mut self, record: Record<'_>) -> Result<()> {
        self.looker.look(self.kind, &record, &mut self.batch);
        if self.batch.is_full() { self.hand_on() } else { Ok(()) }
    }

    fn facts(&mut self, facts: FileFacts) {
        // If nobody listens, the next record or the end of the file tells.
        let _told = self.hand_on().and_then(|()| self.say(Said::Facts(facts)));
    }
}

//! Where the records of a file go: decides the source once, then hands each record to the store.

use std::path::PathBuf;

use super::{Known, Request, origin};
use crate::error::{Error, Result};
use crate::import::{Reader, Sink};
use crate::model::{Host, Instant, Record, Source, SourceKind};
use crate::store::{Import, NewSnapshot};

/// Takes the records of one snapshot.
pub struct Intake<'i> {
    import: &'i Import<'i>,
    request: &'i Request<'i>,
    files: &'i [PathBuf],
    taken_at: Instant,
    known: &'i Known,
    reader: &'static dyn Reader,
    begun: Option<Begun<'i>>,
    rows: u64,
    /// The names of the fields of the last record, so that only new ones are looked at.
    fields: Vec<String>,
    unknown: Vec<String>,
}

struct Begun<'i> {
    snapshot: NewSnapshot<'i>,
    source: Source,
    guessed: bool,
}

impl<'i> Intake<'i> {
    /// A sink for one snapshot.
    pub fn new(
        import: &'i Import<'i>,
        request: &'i Request<'i>,
        files: &'i [PathBuf],
        taken_at: Instant,
        known: &'i Known,
        reader: &'static dyn Reader,
    ) -> Intake<'i> {
        Intake {
            import,
            request,
            files,
            taken_at,
            known,
            reader,
            begun: None,
            rows: 0,
            fields: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// The snapshot, its source, whether that was guessed, the number of records, and the names of
    /// unknown fields.
    ///
    /// # Errors
    /// If the reader never said whose word the file is.
    pub fn into_parts(self) -> Result<(NewSnapshot<'i>, Source, bool, u64, Vec<String>)> {
        let begun = self.begun.ok_or_else(|| Error::bug("a reader did not name its source"))?;
        Ok((begun.snapshot, begun.source, begun.guessed, self.rows, self.unknown))
    }

    fn note_fields(&mut self, record: &Record<'_>) {
        let names = record.fields().iter().map(|field| &field.name);
        if self.fields.len() == record.fields().len() && names.clone().eq(self.fields.iter()) {
            return;
        }
        self.fields = names.map(|name| name.to_string()).collect();
        for name in &self.fields {
            if !self.reader.knows(name) && !self.unknown.contains(name) {
                self.unknown.push(name.clone());
            }
        }
    }
}

impl Sink for Intake<'_> {
    fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()> {
        if let Some(begun) = &self.begun {
            return if begun.source.kind == kind {
                Ok(())
            } else {
                Err(Error::input("the pages are of different kinds").hint("import them one by one"))
            };
        }
        let (source, guessed) =
            origin::source(kind, host, self.request, self.files, self.known.of(kind))?;
        let snapshot = self.import.snapshot(&source, self.taken_at)?;
        self.begun = Some(Begun { snapshot, source, guessed });
        Ok(())
    }

    fn needs_no_host(&self) -> bool {
        self.request.host.is_some()
    }

    fn record(&mut self, record: Record<'_>) -> Result<()> {
        self.rows += 1;
        self.note_fields(&record);
        match &mut self.begun {
            Some(begun) => begun.snapshot.put(&record),
            None => Err(Error::bug("a reader gave a record before its source")),
        }
    }
}

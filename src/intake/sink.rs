//! Where the records of a file go: finds the source that each belongs to, and hands it to the store.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{KnownNames, Request, origin};
use crate::error::{Error, Result, quoted};
use crate::import::{FileFacts, Input, Reader};
use crate::model::{Host, Instant, Source, SourceKind};
use crate::store::{Batch, Import, Looker, NewSnapshot, Shape};

/// Takes the records of one file, or of the pages of one answer.
pub struct Intake<'i> {
    import: &'i Import<'i>,
    request: &'i Request<'i>,
    files: &'i [PathBuf],
    taken_at: Instant,
    known: &'i KnownNames,
    reader: &'static dyn Reader,
    begun: Vec<Begun<'i>>,
    /// The one whose records come now.
    current: usize,
    /// Sources whose records are passed over.
    skipped: &'i [Source],
    /// How far the file is read, for the progress, and how many records have come in all.
    read: Arc<AtomicU64>,
    records: u64,
}

/// A snapshot that is being taken in.
pub struct Begun<'i> {
    /// Whose word it is, as it is named.
    pub named: Source,
    /// The source that this name means.
    pub source: Source,
    /// The name that was given back for it, and whose it was.
    pub given_back: Option<(String, String)>,
    /// Was that guessed?
    pub guessed: bool,
    /// What is written of it; `None` if it is passed over.
    pub snapshot: Option<NewSnapshot<'i>>,
    /// What the file says of this source beside its records.
    pub facts: FileFacts,
    /// How many records have come.
    pub rows: u64,
    /// The names of fields that the reader does not know.
    pub unknown: Vec<String>,
    /// The same, to be looked up: a file may have as many as it has bytes.
    pub unknown_set: HashSet<String>,
    /// The host as the file names it.
    pub stated: Option<Host>,
    /// The form of the last record, so that only new ones are looked at.
    shape: Option<Arc<Shape>>,
}

impl<'i> Intake<'i> {
    /// A sink for the snapshots of one file; those of `skipped` sources are passed over.
    pub fn new(
        import: &'i Import<'i>,
        request: &'i Request<'i>,
        files: &'i [PathBuf],
        taken_at: Instant,
        (known, reader): (&'i KnownNames, &'static dyn Reader),
        skipped: &'i [Source],
    ) -> Intake<'i> {
        let (begun, current) = (Vec::new(), 0);
        Intake {
            import,
            request,
            files,
            taken_at,
            known,
            reader,
            begun,
            current,
            skipped,
            read: Arc::default(),
            records: 0,
        }
    }

    /// Who looks at the records before they come here; what is mostly new may change as they come.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn looker(&self, mostly_new: &Arc<AtomicBool>) -> Result<Looker> {
        self.import.looker(mostly_new)
    }

    /// The records that follow come from this file.
    pub fn begin_file(&mut self, input: &Input) {
        self.read = input.bytes_read();
        self.request.progress.begin(input.name(), input.size());
    }

    /// What has been taken in, in the order in which the file names the sources.
    ///
    /// # Errors
    /// If the reader never said whose word the file is.
    pub fn into_begun(self) -> Result<Vec<Begun<'i>>> {
        if self.begun.is_empty() {
            return Err(Error::bug("a reader did not name its source"));
        }
        Ok(self.begun)
    }

    fn begin(&mut self, named: Source, guessed: bool, stated: Option<Host>) -> Result<()> {
        let given_back = self.give_back(&named)?;
        let source = self.import.meant(&named, self.taken_at)?;
        let snapshot = match self.skipped.contains(&source) {
            true => None,
            false => Some(self.import.snapshot(&named, self.taken_at)?),
        };
        self.begun.push(Begun {
            named,
            source,
            given_back,
            guessed,
            snapshot,
            facts: FileFacts::default(),
            rows: 0,
            unknown: Vec::new(),
            unknown_set: HashSet::default(),
            stated,
            shape: None,
        });
        Ok(())
    }

    /// A name that means another source is that of a new one from now on, if that is what whoever
    /// gives it says.
    fn give_back(&self, named: &Source) -> Result<Option<(String, String)>> {
        let request = self.request;
        let is_given = match named.kind.is_instance() {
            true => !request.hosts.is_empty(),
            false => request.enterprise.is_some(),
        };
        if request.accept_new.is_none() || !is_given {
            return Ok(None);
        }
        let whose = self.import.meant(named, self.taken_at)?;
        if whose == *named {
            return Ok(None);
        }
        self.import.give_back(named, Some(self.taken_at))?;
        Ok(Some((named.name.clone(), whose.name)))
    }
}

impl Begun<'_> {
    fn note_fields(&mut self, shape: &Arc<Shape>, reader: &dyn Reader) {
        if self.shape.as_ref().is_some_and(|last| Arc::ptr_eq(last, shape)) {
            return;
        }
        for name in &shape.names {
            if !reader.knows(name) && !self.unknown_set.contains(name) {
                self.unknown_set.insert(name.clone());
                self.unknown.push(name.clone());
            }
        }
        self.shape = Some(Arc::clone(shape));
    }
}

impl Intake<'_> {
    /// The records that follow are of this source.
    ///
    /// # Errors
    /// If the source cannot be told.
    pub fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()> {
        if let Some(other) = self.begun.iter().find(|begun| begun.source.kind != kind) {
            return Err(Error::input(format!(
                "the pages are of different kinds: {} and {}",
                other.source.kind.name(),
                kind.name()
            ))
            .hint("import them one by one"));
        }
        if let (Some(known), None) = (self.begun.first(), &host)
            && known.stated.is_none()
        {
            return Ok(());
        }
        let (source, guessed) =
            origin::source(kind, host.clone(), self.request, self.files, self.known.of(kind))?;
        let Some(place) = self.begun.iter().position(|begun| begun.named == source) else {
            self.current = self.begun.len();
            return self.begin(source, guessed, host);
        };
        if let (Some(one), Some(other)) = (&self.begun[place].stated, &host)
            && one != other
        {
            let (one, other) = (quoted(one.as_str()), quoted(other.as_str()));
            return Err(Error::input(format!("the file is of several instances: {one}, {other}"))
                .hint("leave --host out: the file names its instances itself"));
        }
        self.current = place;
        Ok(())
    }

    /// Takes the next records of the source last named; gives how many say something new.
    ///
    /// # Errors
    /// If they cannot be stored.
    pub fn records(&mut self, batch: &mut Batch) -> Result<usize> {
        let Some(begun) = self.begun.get_mut(self.current) else {
            return Err(Error::bug("a reader gave a record before its source"));
        };
        begun.rows += batch.len() as u64;
        self.records += batch.len() as u64;
        self.request.progress.reached(self.read.load(Ordering::Relaxed), self.records);
        for shape in batch.shapes() {
            begun.note_fields(shape, self.reader);
        }
        match &mut begun.snapshot {
            Some(snapshot) => snapshot.put(batch),
            None => Ok(0),
        }
    }

    /// What the file says of the source last named beside its records.
    pub fn facts(&mut self, facts: FileFacts) {
        if let Some(begun) = self.begun.get_mut(self.current) {
            begun.facts.merge(facts);
        }
    }
}

//! Assigns the records of a file to their sources and hands them to the store.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::known_names::KnownNames;
use super::origin;
use super::request::Request;
use crate::error::{Error, Result, quoted};
use crate::import::{FileFacts, Input, Reader};
use crate::model::{Host, Instant, Source, SourceFamily, SourceKind};
use crate::store::{Import, Looker, NewSnapshot, RecordBatch, Shape};

/// Receives the records of one file, or of the pages of one answer.
pub struct Intake<'i> {
    import: &'i Import<'i>,
    request: &'i Request<'i>,
    files: &'i [PathBuf],
    taken_at: Instant,
    known: &'i KnownNames,
    reader: &'static dyn Reader,
    begun: Vec<Begun<'i>>,
    /// The index, in `begun`, of the source to which the current records belong.
    current: usize,
    /// The sources whose records are ignored.
    skipped: &'i [Source],
    /// The number of bytes of the current file read so far, for the progress.
    read: Arc<AtomicU64>,
    records: u64,
}

/// A snapshot whose records are arriving.
pub struct Begun<'i> {
    /// The source under the name that the user or the file states.
    pub named: Source,
    /// The source that the stated name means, which differs if the name is an alias.
    pub source: Source,
    /// A name that meant another source until this import gave it to a new source, and the name of that other
    /// source.
    pub given_back: Option<(String, String)>,
    /// Whether the source was guessed.
    pub guessed: bool,
    /// The snapshot that is being written; `None` if its records are ignored.
    pub snapshot: Option<NewSnapshot<'i>>,
    /// The facts that the file states about this source beside its records.
    pub facts: FileFacts,
    /// The number of records of this source so far.
    pub rows: u64,
    /// The names of the fields that the reader does not know.
    pub unknown: Vec<String>,
    /// The names in `unknown`, as a set for fast look-up, since a file may have very many.
    pub unknown_set: HashSet<String>,
    /// The host that the file names for this source.
    pub stated: Option<Host>,
    /// The field names of the last record. Only records with other field names are searched for unknown fields.
    shape: Option<Arc<Shape>>,
}

impl<'i> Intake<'i> {
    /// A sink for the snapshots of one file. The records of the `skipped` sources are ignored.
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

    /// A looker, which prepares the records for this intake on another thread. `mostly_new` states whether most
    /// records are new. The value may change while the records arrive.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn looker(&self, mostly_new: &Arc<AtomicBool>) -> Result<Looker> {
        self.import.looker(mostly_new)
    }

    /// States that the records that follow come from this file.
    pub fn begin_file(&mut self, input: &Input) {
        self.read = input.bytes_read();
        self.request.progress.begin(input.name(), input.size());
    }

    /// The snapshots, in the order in which the file names their sources.
    ///
    /// # Errors
    /// If the reader never named a source.
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

    /// Gives a name that means another source, such as an alias, to a new source. This happens only if the user
    /// stated the name and accepted a new source. Returns the name, and the name of the other source.
    fn give_back(&self, named: &Source) -> Result<Option<(String, String)>> {
        let request = self.request;
        let is_given = match named.kind.family() {
            SourceFamily::Instance => !request.hosts.is_empty(),
            SourceFamily::Enterprise => request.enterprise.is_some(),
            SourceFamily::Directory => false,
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
    /// States that the records that follow belong to this source.
    ///
    /// # Errors
    /// If the source cannot be determined, or the file has sources that must not be imported together.
    pub fn source(&mut self, kind: SourceKind, host: Option<Host>) -> Result<()> {
        if let Some(other) = self.begun.iter().find(|begun| begun.source.kind != kind) {
            return Err(Error::input(format!(
                "the pages are from sources of different kinds: {} and {}",
                other.source.kind.name(),
                kind.name()
            ))
            .hint("import the pages of each kind with a command of their own"));
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
            return Err(Error::input(format!("the file names several instances: {one}, {other}"))
                .hint("leave --host out: the file names its instances itself"));
        }
        self.current = place;
        Ok(())
    }

    /// Receives the next records of the current source. Returns the number of records that are new or changed.
    ///
    /// # Errors
    /// If the records cannot be stored.
    pub fn records(&mut self, batch: &mut RecordBatch) -> Result<usize> {
        let Some(begun) = self.begun.get_mut(self.current) else {
            return Err(Error::bug("a reader returned a record before it stated a source"));
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

    /// Receives the facts that the file states about the current source beside its records.
    pub fn facts(&mut self, facts: FileFacts) {
        if let Some(begun) = self.begun.get_mut(self.current) {
            begun.facts.merge(facts);
        }
    }
}

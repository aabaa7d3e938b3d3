//! Assigns the records of a file to the sources that the file names, and hands them to the store.

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

/// Receives the records of one file, or of several files with the pages of one answer, and writes them.
pub struct Intake<'i> {
    import: &'i Import<'i>,
    request: &'i Request<'i>,
    files: &'i [PathBuf],
    taken_at: Instant,
    known: &'i KnownNames,
    reader: &'static dyn Reader,
    begun: Vec<Begun<'i>>,
    /// The index, in `begun`, of the source that the reader named last.
    current: usize,
    /// The sources whose records need not be written, because their snapshots are stored already.
    skipped: &'i [Source],
    /// How many bytes of the current file were read, for the display of progress.
    read: Arc<AtomicU64>,
    records: u64,
}

/// A snapshot that is being written while its records arrive.
pub struct Begun<'i> {
    /// The source by the name that the user or the file states. The name may be an alias.
    pub named: Source,
    /// The source itself: `named`, but by its current name if the stated one is an alias.
    pub source: Source,
    /// A name that was an alias of another source until this import gave it to a new source, and the name of
    /// that other source.
    pub given_back: Option<(String, String)>,
    /// Whether the source is guessed and must still be confirmed.
    pub guessed: bool,
    /// The snapshot that is being written; `None` if the records of the source are ignored.
    pub snapshot: Option<NewSnapshot<'i>>,
    /// What the file states about this source beside its records.
    pub facts: FileFacts,
    /// How many records of this source have arrived.
    pub rows: u64,
    /// The names of fields that the format is not known to have.
    pub unknown: Vec<String>,
    /// The names in `unknown` once more, as a set, because a file may have very many and each is looked up.
    pub unknown_set: HashSet<String>,
    /// The host that the file states for this source; `None` if it states none.
    pub stated: Option<Host>,
    /// The field names of the last record. Only when they change are unknown fields looked for.
    shape: Option<Arc<Shape>>,
}

impl<'i> Intake<'i> {
    /// An intake for the snapshots of one file. The records of the sources in `skipped` are ignored.
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

    /// Makes a looker: it prepares records on another thread for being written here. `mostly_new` says whether
    /// most records are new, which may change while they arrive.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn looker(&self, mostly_new: &Arc<AtomicBool>) -> Result<Looker> {
        self.import.looker(mostly_new)
    }

    /// Says that the next records come from the file `input`.
    pub fn begin_file(&mut self, input: &Input) {
        self.read = input.bytes_read();
        self.request.progress.begin(input.name(), input.size());
    }

    /// The snapshots of the file, in the order in which it names their sources.
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

    /// Gives a name that is an alias of another source to a new source. This happens only if the user stated
    /// the name and accepted a new source. Returns the name and the other source's name; `None` if nothing was
    /// given.
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
    /// Says that the next records belong to the source of this kind and host.
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

    /// Writes the next records of the current source. Returns how many of them are new or changed.
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

    /// Adds what the file states about the current source beside its records.
    pub fn facts(&mut self, facts: FileFacts) {
        if let Some(begun) = self.begun.get_mut(self.current) {
            begun.facts.merge(facts);
        }
    }
}

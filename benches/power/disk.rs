//! The possible contents of a disk after a loss of power.
//!
//! What it is: a [`History`] of changes to a folder (bytes of files, names in folders, and which of them each
//! sync has settled), and [`History::cut`], which returns one state that the disk may hold when the power goes
//! after this many steps. Settled changes are on the disk. For the others, a [`Way`] states which are there and
//! which are lost. May assume: a sector of 512 bytes is written completely or not at all. Must not: know the
//! program.
//!
//! Two models of file systems:
//!
//! - [`Model::Ordered`], as ext4 with ordered data: names change in their order, and any sync settles
//!   everything before it. A file grows only together with its bytes.
//! - [`Model::Weak`]: only the sync of its folder settles a name, and names that are not settled are lost in
//!   any combination. The size of a file and its bytes are lost separately (zeroes are read, as on xfs).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::Result;
use crate::record::Event;

/// The unit that a disk writes completely or not at all, in bytes.
const SECTOR: usize = 512;

/// The step of a change that no sync settles.
const NEVER: usize = usize::MAX;

/// A file or a folder. The first is the root folder.
type Node = usize;

/// A name in a folder.
type Name = (Node, String);

const ROOT: Node = 0;

/// A change, or a sync.
enum Step {
    Write {
        node: Node,
        offset: usize,
        bytes: Vec<u8>,
    },
    Cut {
        node: Node,
        size: usize,
    },
    /// A new file, a new folder or a second name.
    Give {
        name: Name,
        node: Node,
    },
    Remove {
        name: Name,
        node: Node,
    },
    Move {
        from: Name,
        to: Name,
        node: Node,
    },
    Sync {
        node: Node,
    },
    Answer,
}

/// The initial content of a folder, and the changes to it.
#[derive(Default)]
pub struct History {
    /// The names and the bytes at the start.
    base: BTreeMap<Name, Node>,
    bytes: Vec<Vec<u8>>,
    folders: BTreeSet<Node>,
    steps: Vec<Step>,
    // During the recording: the present names, and the node of each file number.
    root: PathBuf,
    names: BTreeMap<Name, Node>,
    numbers: HashMap<u64, Node>,
}

/// A model of file systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    Ordered,
    Weak,
}

/// The syncs to ignore. With any of these, the campaign must find wrong states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Ignored {
    #[default]
    Nothing,
    /// Those of files.
    Files,
    /// Those of folders.
    Folders,
    All,
}

/// What happens to changes that are not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// All are there, as after a kill of the process.
    Through,
    /// None is there.
    Lost,
    /// Names and cuts are there, but no bytes: new files are empty.
    NamesOnly,
    /// Bytes are there, but no names.
    BytesOnly,
    /// Names and sizes are there, with zeroes for the bytes (like lost bytes, where sizes go with them).
    SizesOnly,
    /// All but one are there.
    AllButOne,
    /// Only the last one is there.
    LastOnly,
    /// All bytes are there, and some of the names.
    SomeNames,
    /// Some are there, sector by sector.
    Some,
}

pub const WAYS: [Way; 9] = [
    Way::Through,
    Way::Lost,
    Way::NamesOnly,
    Way::BytesOnly,
    Way::SizesOnly,
    Way::AllButOne,
    Way::LastOnly,
    Way::SomeNames,
    Way::Some,
];

/// For each step, the step from which on it is settled.
pub struct Settled(Vec<usize>);

/// A state of a disk.
pub struct Disk {
    names: BTreeMap<Name, Node>,
    bytes: Vec<Vec<u8>>,
    folders: BTreeSet<Node>,
}

impl History {
    /// A history that begins with the content of a folder.
    pub fn of(folder: &Path) -> Result<History> {
        let mut history = History { root: folder.to_owned(), ..History::default() };
        history.new_node(std::fs::metadata(folder)?.ino(), true);
        history.take_in(folder, ROOT)?;
        history.base = history.names.clone();
        Ok(history)
    }

    fn take_in(&mut self, folder: &Path, within: Node) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            let node = self.new_node(metadata.ino(), metadata.is_dir());
            self.names.insert((within, entry.file_name().to_string_lossy().into_owned()), node);
            match metadata.is_dir() {
                true => self.take_in(&entry.path(), node)?,
                false => self.bytes[node] = std::fs::read(entry.path())?,
            }
        }
        Ok(())
    }

    fn new_node(&mut self, number: u64, folder: bool) -> Node {
        let node = self.bytes.len();
        self.bytes.push(Vec::new());
        // The number of a deleted file may be used again.
        self.numbers.insert(number, node);
        if folder {
            self.folders.insert(node);
        }
        node
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Continues with the recorded events.
    pub fn record(&mut self, events: Vec<Event>) -> Result<()> {
        for event in events {
            let step = self.step(event)?;
            self.steps.push(step);
        }
        Ok(())
    }

    fn step(&mut self, event: Event) -> Result<Step> {
        Ok(match event {
            Event::Write { inode, offset, bytes } => {
                Step::Write { node: self.numbered(inode)?, offset, bytes }
            }
            Event::Cut { inode, size } => Step::Cut { node: self.numbered(inode)?, size },
            Event::Sync { inode } => Step::Sync { node: self.numbered(inode)? },
            Event::Create { inode, path } => self.give(&path, inode, false)?,
            Event::Folder { inode, path } => self.give(&path, inode, true)?,
            Event::Delete { path } => {
                let name = self.name(&path)?;
                let node = self.names.remove(&name).ok_or("what was deleted was not there")?;
                Step::Remove { name, node }
            }
            Event::Rename { from, to } => {
                let (from, to) = (self.name(&from)?, self.name(&to)?);
                let node = self.names.remove(&from).ok_or("what was renamed was not there")?;
                self.names.insert(to.clone(), node);
                Step::Move { from, to, node }
            }
            Event::Link { from, to } => {
                let (from, name) = (self.name(&from)?, self.name(&to)?);
                let node = *self.names.get(&from).ok_or("what was linked was not there")?;
                self.names.insert(name.clone(), node);
                Step::Give { name, node }
            }
            Event::Answer => Step::Answer,
        })
    }

    fn numbered(&self, inode: u64) -> Result<Node> {
        self.numbers.get(&inode).copied().ok_or_else(|| "a file that nobody has made".into())
    }

    fn give(&mut self, path: &Path, inode: u64, folder: bool) -> Result<Step> {
        let name = self.name(path)?;
        let node = self.new_node(inode, folder);
        self.names.insert(name.clone(), node);
        Ok(Step::Give { name, node })
    }

    fn name(&self, path: &Path) -> Result<Name> {
        let below = path.strip_prefix(&self.root)?;
        let mut parts: Vec<String> =
            below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let last = parts.pop().ok_or("the folder itself was changed")?;
        let mut within = ROOT;
        for part in parts {
            within = *self.names.get(&(within, part)).ok_or("a folder that nobody has made")?;
        }
        Ok((within, last))
    }

    /// Checks that the record is complete: after all steps the content is that of the folder.
    pub fn is_whole(&self, model: Model, random: &mut ChaCha8Rng) -> Result<()> {
        let settled = self.settled(model, Ignored::Nothing);
        let disk = self.cut(self.len(), &settled, model, Way::Through, random);
        let mut files = BTreeSet::new();
        self.compare(&self.root, ROOT, &disk, &mut files)?;
        if let Some(name) = disk.names.keys().find(|name| !files.contains(*name)) {
            return Err(format!("the record has {}, and it is not there", name.1).into());
        }
        Ok(())
    }

    fn compare(
        &self,
        folder: &Path,
        within: Node,
        disk: &Disk,
        found: &mut BTreeSet<Name>,
    ) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = (within, entry.file_name().to_string_lossy().into_owned());
            let Some(node) = disk.names.get(&name) else {
                return Err(format!("{} is not in the record", entry.path().display()).into());
            };
            if entry.metadata()?.is_dir() {
                self.compare(&entry.path(), *node, disk, found)?;
            } else if !name.1.ends_with("-shm") && std::fs::read(entry.path())? != disk.bytes[*node]
            {
                return Err(format!("{} has other bytes", entry.path().display()).into());
            }
            found.insert(name);
        }
        Ok(())
    }

    /// The steps at which the steps are settled.
    pub fn settled(&self, model: Model, ignored: Ignored) -> Settled {
        let counts = |node: &Node| match ignored {
            Ignored::Nothing => true,
            Ignored::Files => self.folders.contains(node),
            Ignored::Folders => !self.folders.contains(node),
            Ignored::All => false,
        };
        // From the end: the next sync of each node, and the next one at all.
        let mut next: HashMap<Node, usize> = HashMap::new();
        let mut any = NEVER;
        let mut settled = vec![NEVER; self.steps.len()];
        for (index, step) in self.steps.iter().enumerate().rev() {
            let of = |node: &Node| next.get(node).copied().unwrap_or(NEVER);
            let named = |names: &[&Name]| match model {
                Model::Ordered => any,
                Model::Weak => names.iter().map(|name| of(&name.0)).min().unwrap_or(NEVER),
            };
            settled[index] = match step {
                Step::Sync { node } if counts(node) => {
                    next.insert(*node, index);
                    any = index;
                    index
                }
                Step::Sync { .. } | Step::Answer => index,
                Step::Write { node, .. } => of(node),
                Step::Cut { node, .. } if model == Model::Ordered => any.min(of(node)),
                Step::Cut { node, .. } => of(node),
                Step::Give { name, .. } | Step::Remove { name, .. } => named(&[name]),
                Step::Move { from, to, .. } => named(&[from, to]),
            };
        }
        Settled(settled)
    }

    /// Whether the step is a sync.
    pub fn is_sync(&self, step: usize) -> bool {
        matches!(self.steps.get(step), Some(Step::Sync { .. }))
    }

    /// The first answer at or after a step.
    pub fn answer_in(&self, steps: std::ops::Range<usize>) -> Option<usize> {
        let mut steps = steps;
        steps.find(|step| matches!(self.steps.get(*step), Some(Step::Answer)))
    }

    /// A state that the disk may hold when the power goes after this many steps.
    pub fn cut(
        &self,
        at: usize,
        settled: &Settled,
        model: Model,
        way: Way,
        random: &mut ChaCha8Rng,
    ) -> Disk {
        let is_settled = |index: usize| settled.0[index] < at;
        let is_name = |step: &Step| {
            matches!(step, Step::Give { .. } | Step::Remove { .. } | Step::Move { .. })
        };
        let open: Vec<usize> = (0..at).filter(|index| !is_settled(*index)).collect();
        let one = if open.is_empty() { 0 } else { open[random.random_range(0..open.len())] };
        let last = open.last().copied().unwrap_or_default();
        // How many of the changes are there, and how many of these are torn.
        let share = [0.1, 0.5, 0.9][random.random_range(0..3)];
        let torn = [0.0, 0.3, 1.0][random.random_range(0..3)];
        // Where names go in order: the step up to which they are there.
        let names_to = match way {
            Way::Lost | Way::BytesOnly => 0,
            Way::Some | Way::SomeNames => random.random_range(0..=at),
            Way::LastOnly | Way::AllButOne | Way::Through | Way::NamesOnly | Way::SizesOnly => at,
        };
        let mut chosen = |index: usize, ordered: bool, of_names: bool| -> bool {
            if model == Model::Ordered && ordered {
                return index < names_to;
            }
            match way {
                Way::Through => true,
                Way::Lost => false,
                Way::NamesOnly | Way::SizesOnly => ordered,
                Way::BytesOnly => !of_names,
                Way::AllButOne => index != one,
                Way::LastOnly => index == last,
                Way::SomeNames => !of_names || random.random_bool(0.5),
                Way::Some => random.random_bool(share),
            }
        };
        let keeps: Vec<bool> = (0..at)
            .map(|index| {
                let step = &self.steps[index];
                let of_names = is_name(step);
                let ordered = of_names || matches!(step, Step::Cut { .. });
                is_settled(index) || chosen(index, ordered, of_names)
            })
            .collect();
        let mut disk = Disk {
            names: self.base.clone(),
            bytes: self.bytes.clone(),
            folders: self.folders.clone(),
        };
        // As the program saw them: a sector holds what was in memory.
        let mut live: HashMap<Node, Vec<u8>> = HashMap::new();
        for (index, step) in self.steps[..at].iter().enumerate() {
            let keep = keeps[index];
            match step {
                Step::Write { node, .. } | Step::Cut { node, .. } => {
                    let seen = live.get_mut(node);
                    if is_settled(index) && seen.is_none() {
                        step.happens_to(&mut disk.bytes[*node]);
                        continue;
                    }
                    let seen = live.entry(*node).or_insert_with(|| disk.bytes[*node].clone());
                    let before = seen.len();
                    step.happens_to(seen);
                    let on_disk = &mut disk.bytes[*node];
                    match step {
                        Step::Write { offset, bytes, .. } if keep => {
                            let torn = way == Way::Some && !is_settled(index) && torn > 0.0;
                            let parts = *offset..offset + bytes.len();
                            write_back(on_disk, seen, parts, model, |_| {
                                !torn || random.random_bool(0.5)
                            });
                        }
                        // A shorter file does not grow.
                        Step::Cut { size, .. } if keep && *size < before => on_disk.truncate(*size),
                        Step::Cut { size, .. } if keep => on_disk.resize(*size, 0),
                        _ => {}
                    }
                }
                Step::Give { name, node } if keep => {
                    disk.names.insert(name.clone(), *node);
                }
                Step::Remove { name, node } if keep && disk.names.get(name) == Some(node) => {
                    disk.names.remove(name);
                }
                Step::Move { from, to, node } if keep => {
                    if disk.names.get(from) == Some(node) {
                        disk.names.remove(from);
                    }
                    disk.names.insert(to.clone(), *node);
                }
                _ => {}
            }
        }
        if model == Model::Weak && matches!(way, Way::SizesOnly | Way::Some) {
            // In the order of their numbers, because a hash map has none.
            let live: BTreeMap<Node, Vec<u8>> = live.into_iter().collect();
            for (node, seen) in live {
                if way == Way::SizesOnly || random.random_bool(0.25) {
                    disk.bytes[node].resize(seen.len(), 0);
                }
            }
        }
        disk
    }
}

impl Step {
    /// Changes the bytes of a file.
    fn happens_to(&self, file: &mut Vec<u8>) {
        match self {
            Step::Write { offset, bytes, .. } => {
                let end = offset + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*offset..end].copy_from_slice(bytes);
            }
            Step::Cut { size, .. } => file.resize(*size, 0),
            _ => {}
        }
    }
}

/// Writes the chosen sectors from memory to the disk.
fn write_back(
    disk: &mut Vec<u8>,
    seen: &[u8],
    part: std::ops::Range<usize>,
    model: Model,
    mut chosen: impl FnMut(usize) -> bool,
) {
    let first = part.start / SECTOR * SECTOR;
    for start in (first..part.end).step_by(SECTOR) {
        let end = (start + SECTOR).min(seen.len());
        // Where a file grows only with its bytes, there is never a hole.
        if !chosen(start) || start >= end || model == Model::Ordered && start > disk.len() {
            continue;
        }
        if disk.len() < end {
            disk.resize(end, 0);
        }
        disk[start..end].copy_from_slice(&seen[start..end]);
    }
}

impl Disk {
    /// The hash of a state, which shows whether it was there before.
    pub fn hash(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        let mut seen = BTreeSet::new();
        self.walk(ROOT, &PathBuf::new(), &mut |path, node| {
            hasher.update(path.as_os_str().as_encoded_bytes());
            let bytes = self.bytes.get(node).map_or(&[][..], Vec::as_slice);
            hasher.update(&[
                0,
                u8::from(self.folders.contains(&node)),
                u8::from(seen.insert(node)),
            ]);
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
            Ok(())
        })
        .unwrap_or_default();
        *hasher.finalize().as_bytes()
    }

    fn walk(
        &self,
        within: Node,
        at: &Path,
        each: &mut impl FnMut(&Path, Node) -> Result<()>,
    ) -> Result<()> {
        let from = (within, String::new());
        for (name, node) in self.names.range(from..).take_while(|(name, _)| name.0 == within) {
            let path = at.join(&name.1);
            each(&path, *node)?;
            if self.folders.contains(node) {
                self.walk(*node, &path, each)?;
            }
        }
        Ok(())
    }

    /// Writes the files into an existing folder.
    pub fn put(&self, folder: &Path) -> Result<()> {
        let mut made: HashMap<Node, PathBuf> = HashMap::new();
        self.walk(ROOT, &PathBuf::new(), &mut |path, node| {
            let place = folder.join(path);
            if self.folders.contains(&node) {
                std::fs::create_dir(&place)?;
            } else if let Some(first) = made.get(&node) {
                std::fs::hard_link(first, &place)?;
            } else {
                let mut options = std::fs::OpenOptions::new();
                let mut file = options.write(true).create_new(true).mode(0o600).open(&place)?;
                std::io::Write::write_all(&mut file, &self.bytes[node])?;
                made.insert(node, place);
            }
            Ok(())
        })
    }

    /// The bytes of a file and the number of its names; `None` if it does not exist.
    pub fn file(&self, path: &Path) -> Option<(&[u8], usize)> {
        let mut node = ROOT;
        for part in path {
            node = *self.names.get(&(node, part.to_string_lossy().into_owned()))?;
        }
        let names = self.names.values().filter(|it| **it == node).count();
        (!self.folders.contains(&node)).then(|| (self.bytes[node].as_slice(), names))
    }

    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let walked = self.walk(ROOT, &PathBuf::new(), &mut |path, node| {
            if !self.folders.contains(&node) {
                files.push(path.to_owned());
            }
            Ok(())
        });
        walked.unwrap_or_default();
        files
    }
}

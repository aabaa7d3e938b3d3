//! The purpose of each byte of a SQLite file, by the published file format.
//!
//! What it is: a map from offsets to regions, with the table or index that a page belongs to. May assume: a
//! sound file, without auto-vacuum. Must not: use SQLite, whose judgment is on trial.

use std::collections::BTreeMap;

use crate::Result;

/// The purpose of a byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Region {
    /// A field of the file's header.
    Header(&'static str),
    /// An empty page, or the list of them.
    FreePage,
    /// A byte between the pointers and the cells of a page, in a free block, or in the rest of an overflow
    /// page.
    Unused(&'static str),
    /// The header of a page.
    PageHeader(String),
    /// The pointer to a cell.
    Pointer(String),
    /// A cell, or the part of it on an overflow page.
    Cell(String),
    /// In a record, the type of the column that is the row's number. It states NULL, and SQLite does not read
    /// it as long as it states a length of zero.
    Placeholder(String),
}

/// Offset, length and name of the header's fields (<https://sqlite.org/fileformat2.html>).
const HEADER: [(usize, usize, &str); 21] = [
    (0, 16, "magic"),
    (16, 2, "page size"),
    (18, 1, "write version"),
    (19, 1, "read version"),
    (20, 1, "reserved space"),
    (21, 3, "payload fractions"),
    (24, 4, "file change counter"),
    (28, 4, "number of pages"),
    (32, 4, "first free page"),
    (36, 4, "number of free pages"),
    (40, 4, "schema cookie"),
    (44, 4, "schema format"),
    (48, 4, "default cache size"),
    (52, 4, "largest root page"),
    (56, 4, "text encoding"),
    (60, 4, "user version"),
    (64, 4, "incremental vacuum"),
    (68, 4, "application id"),
    (72, 20, "reserved for expansion"),
    (92, 4, "version-valid-for"),
    (96, 4, "SQLite's version"),
];

struct Map<'f> {
    file: &'f [u8],
    size: usize,
    regions: Vec<Option<Region>>,
}

/// A table or an index.
pub struct Root {
    pub name: String,
    /// The column that is the row's number, if there is one.
    pub number: Option<usize>,
}

/// The regions of a file. The caller passes the root pages of tables and indexes.
pub fn regions(file: &[u8], roots: &BTreeMap<u32, Root>) -> Result<Vec<Region>> {
    let size = usize::from(u16::from_be_bytes([file[16], file[17]]));
    let size = if size == 1 { 65536 } else { size };
    if file[20] != 0 {
        return Err("pages with reserved space are not understood".into());
    }
    let mut map = Map { file, size, regions: vec![None; file.len()] };
    for (at, length, name) in HEADER {
        map.mark(at, at + length, &Region::Header(name));
    }
    map.tree(1, &Root { name: "sqlite_schema".to_owned(), number: None })?;
    for (page, root) in roots {
        map.tree(*page, root)?;
    }
    map.free_pages();
    let left = map.regions.iter().filter(|region| region.is_none()).count();
    if left > 0 {
        return Err(format!("{left} bytes of the file are of no use that is known").into());
    }
    Ok(map.regions.into_iter().flatten().collect())
}

impl Map<'_> {
    fn mark(&mut self, from: usize, to: usize, region: &Region) {
        for byte in &mut self.regions[from..to] {
            *byte = Some(region.clone());
        }
    }

    fn number(&self, at: usize, length: usize) -> usize {
        self.file[at..at + length].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    }

    /// A number in SQLite's variable-length form, and the offset after it.
    fn varint(&self, mut at: usize) -> (u64, usize) {
        let mut number = 0u64;
        for turn in 0..9 {
            let byte = self.file[at];
            at += 1;
            if turn == 8 {
                return (number << 8 | u64::from(byte), at);
            }
            number = number << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                break;
            }
        }
        (number, at)
    }

    fn tree(&mut self, page: u32, root: &Root) -> Result<()> {
        let name = &root.name;
        let start = (page as usize - 1) * self.size;
        let at = if page == 1 { 100 } else { start };
        let kind = self.file[at];
        let inner = matches!(kind, 2 | 5);
        if !matches!(kind, 2 | 5 | 10 | 13) {
            return Err(format!("page {page} of {name} has the kind {kind}").into());
        }
        let head = if inner { 12 } else { 8 };
        let cells = self.number(at + 3, 2);
        let content = match self.number(at + 5, 2) {
            0 => 65536,
            content => content,
        };
        // Bytes in no cell and no free block are fragments.
        self.mark(start + content, start + self.size, &Region::Unused("fragments"));
        self.mark(at, at + head, &Region::PageHeader(name.to_owned()));
        let pointers = at + head;
        self.mark(pointers, pointers + 2 * cells, &Region::Pointer(name.to_owned()));
        let gap = Region::Unused("the gap before the cells of a page");
        self.mark(pointers + 2 * cells, start + content, &gap);
        let mut block = self.number(at + 1, 2);
        while block != 0 {
            let length = self.number(start + block + 2, 2);
            // Its first four bytes have the offset of the next one, and its length.
            let links = Region::PageHeader(format!("{name} (free blocks)"));
            self.mark(start + block, start + block + 4, &links);
            let rest = (start + block + 4, start + block + length);
            self.mark(rest.0, rest.1, &Region::Unused("free blocks"));
            block = self.number(start + block, 2);
        }
        for cell in 0..cells {
            let cell = start + self.number(pointers + 2 * cell, 2);
            if inner {
                self.tree(self.number(cell, 4) as u32, root)?;
            }
            self.cell(cell, kind, root);
        }
        if inner {
            self.tree(self.number(at + 8, 4) as u32, root)?;
        }
        Ok(())
    }

    fn cell(&mut self, cell: usize, kind: u8, root: &Root) {
        let region = Region::Cell(root.name.clone());
        let mut at = cell + if matches!(kind, 2 | 5) { 4 } else { 0 };
        if kind == 5 {
            let (_, end) = self.varint(at);
            return self.mark(cell, end, &region);
        }
        let (payload, end) = self.varint(at);
        at = end;
        if kind == 13 {
            at = self.varint(at).1;
        }
        let payload = payload as usize;
        let most = if kind == 13 { self.size - 35 } else { (self.size - 12) * 64 / 255 - 23 };
        if payload <= most {
            // A cell takes at least four bytes.
            self.mark(cell, (at + payload).max(cell + 4), &region);
            return self.placeholder(at, kind, root);
        }
        let least = (self.size - 12) * 32 / 255 - 23;
        let here = least + (payload - least) % (self.size - 4);
        let here = if here <= most { here } else { least };
        self.mark(cell, at + here + 4, &region);
        self.placeholder(at, kind, root);
        let mut next = self.number(at + here, 4);
        let mut left = payload - here;
        while next != 0 {
            let page = (next - 1) * self.size;
            let taken = left.min(self.size - 4);
            self.mark(page, page + 4 + taken, &region);
            let rest = Region::Unused("the rest of an overflow page");
            self.mark(page + 4 + taken, page + self.size, &rest);
            left -= taken;
            next = self.number(page, 4);
        }
    }

    /// Marks the type of the column that is the row's number, in a record's header.
    fn placeholder(&mut self, record: usize, kind: u8, root: &Root) {
        let (13, Some(column)) = (kind, root.number) else { return };
        let (_, mut at) = self.varint(record);
        for _ in 0..column {
            at = self.varint(at).1;
        }
        self.mark(at, at + 1, &Region::Placeholder(root.name.clone()));
    }

    fn free_pages(&mut self) {
        let mut trunk = self.number(32, 4);
        while trunk != 0 {
            let page = (trunk - 1) * self.size;
            self.mark(page, page + self.size, &Region::FreePage);
            for leaf in 0..self.number(page + 4, 4) {
                let leaf = (self.number(page + 8 + 4 * leaf, 4) - 1) * self.size;
                self.mark(leaf, leaf + self.size, &Region::FreePage);
            }
            trunk = self.number(page, 4);
        }
    }
}

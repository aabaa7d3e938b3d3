//! How far an import is, told to whoever wants to show it. Nothing here draws: whether there is a
//! terminal to draw on is known to `command` only.

/// Is told how far an import is. It must not fail, and never touches results.
pub trait Progress {
    /// A file is being read, of so many bytes where that is known.
    fn begin(&self, file: &str, bytes: Option<u64>);

    /// So many bytes of it have been read as they lie on disk, and so many accounts have come.
    fn reached(&self, bytes: u64, accounts: u64);

    /// All has been read; what is left is to compare and to store.
    fn storing(&self);

    /// The file is done with, stored or not.
    fn end(&self);
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _file: &str, _bytes: Option<u64>) {}
    fn reached(&self, _bytes: u64, _accounts: u64) {}
    fn storing(&self) {}
    fn end(&self) {}
}

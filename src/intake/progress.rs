//! Reports the progress of an import. This file must not draw anything, since only `command` knows whether
//! there is a terminal.

/// Receives the progress of an import. An implementation must not fail and must not change any result.
pub trait Progress {
    /// The reading of a file begins. `bytes` is the size of the file, if it is known.
    fn begin(&self, file: &str, bytes: Option<u64>);

    /// The number of bytes read so far, before decompression, and the number of accounts so far.
    fn reached(&self, bytes: u64, accounts: u64);

    /// The file has been read, and the comparing and storing begin.
    fn storing(&self);

    /// The work on the file has ended, whether or not it was stored.
    fn end(&self);
}

/// Ignores the progress of an import.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _file: &str, _bytes: Option<u64>) {}
    fn reached(&self, _bytes: u64, _accounts: u64) {}
    fn storing(&self) {}
    fn end(&self) {}
}

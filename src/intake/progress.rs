//! Reports the progress of an import to whoever shows it. Nothing here draws: only `command` knows whether
//! there is a terminal.

/// Receives the progress of an import. It must not fail, and never changes results.
pub trait Progress {
    /// Reading of a file begins; `bytes` is its size, if it is known.
    fn begin(&self, file: &str, bytes: Option<u64>);

    /// The bytes read so far, as they lie on disk, and the accounts so far.
    fn reached(&self, bytes: u64, accounts: u64);

    /// Reading has ended; comparing and storing begin.
    fn storing(&self);

    /// The work on the file has ended, whether it was stored or not.
    fn end(&self);
}

/// Ignores the progress.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _file: &str, _bytes: Option<u64>) {}
    fn reached(&self, _bytes: u64, _accounts: u64) {}
    fn storing(&self) {}
    fn end(&self) {}
}

//! How the progress of an import is reported. Nothing is drawn here, because only `command` knows whether there
//! is a terminal.

/// Is told the progress of an import. An implementation must not fail, and must not change any result.
pub trait Progress {
    /// The reading of a file begins. `bytes` is the size of the file; `None` if it is not known.
    fn begin(&self, file: &str, bytes: Option<u64>);

    /// How far the reading has come: the number of bytes before decompression, and the number of accounts.
    fn reached(&self, bytes: u64, accounts: u64);

    /// The file was read to its end, and comparing and storing begin.
    fn storing(&self);

    /// The work on the file is over, whether it was stored or not.
    fn end(&self);
}

/// Receives the progress of an import and shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _file: &str, _bytes: Option<u64>) {}
    fn reached(&self, _bytes: u64, _accounts: u64) {}
    fn storing(&self) {}
    fn end(&self) {}
}

//! A file that is being imported, with what is known before it is read.

use std::path::PathBuf;

use super::origin::TakenAt;
use super::request::Request;
use crate::import::Reader;

/// A file that is being imported, or the pages of one answer, with what is known before they are read.
pub(super) struct IncomingFile<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) files: &'r [PathBuf],
    pub(super) taken_at: TakenAt,
    pub(super) reader: &'static dyn Reader,
}

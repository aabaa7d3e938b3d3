//! A file on its way in, and what is known before it is read.

use std::path::PathBuf;

use super::origin::TakenAt;
use super::request::Request;
use crate::import::Reader;

/// A file, or the pages of one answer, and what is known before it is read.
pub(super) struct IncomingFile<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) files: &'r [PathBuf],
    pub(super) taken_at: TakenAt,
    pub(super) reader: &'static dyn Reader,
}

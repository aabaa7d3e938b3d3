//! The result of `oneseat verify`: the promises that do not hold, and the notes.

use std::collections::BTreeMap;

use crate::code::VerifyCode;
use crate::model::Instant;

/// A promise about the stored data that `oneseat verify` found broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The stable code of the finding.
    pub code: VerifyCode,
    /// A description of the fault, with the table, the column and the row.
    pub message: String,
}

/// The result of `oneseat verify`: what was checked, and what is wrong.
#[derive(Debug, Default)]
pub struct Verified {
    /// The hash of the journal's newest line, in hexadecimal digits; `None` if the journal is empty.
    pub head: Option<String>,
    /// The number of lines in the journal.
    pub lines: i64,
    /// The time of each line of the journal, by the clock of the command that wrote it.
    pub times: Vec<Instant>,
    /// The number of journal lines after the line whose hash the user named; `None` if the user named no hash,
    /// or no line has it.
    pub written_since: Option<i64>,
    /// The number of snapshots that were checked.
    pub snapshots: u64,
    /// The promises about the stored data that do not hold.
    pub broken: Vec<Broken>,
    /// Notes about facts that are not findings, for example foreign objects or a missing image.
    pub notes: Vec<String>,
    /// For each code of a finding, the number of findings that were not listed.
    left_off: BTreeMap<VerifyCode, u64>,
}

/// The greatest number of findings with one code that are kept. There is a limit because a database can be
/// damaged everywhere.
const TOLD: usize = 100;

impl Verified {
    pub(in crate::store) fn broken(&mut self, code: VerifyCode, message: String) {
        if self.broken.iter().filter(|broken| broken.code == code).count() < TOLD {
            self.broken.push(Broken { code, message });
        } else {
            *self.left_off.entry(code).or_default() += 1;
        }
    }

    /// Adds a note for each code of which some findings were not listed, with their number.
    pub(super) fn note_what_is_left_off(&mut self) {
        for (code, more) in std::mem::take(&mut self.left_off) {
            self.notes.push(format!(
                "{code}: the first {TOLD} findings are listed; number of findings left out: {more}"
            ));
        }
    }
}

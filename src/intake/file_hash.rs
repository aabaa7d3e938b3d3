//! The hash by which an imported file is recognized: the SHA-256 of its bytes as received.

use crate::import::{self, Input};

/// The SHA-256 of the bytes of a file. For several files with the pages of one answer, it is the SHA-256 of
/// their sorted digests, one per line, so that the order of the pages does not matter.
pub fn sha256(inputs: &[Input]) -> String {
    let mut digests: Vec<String> = inputs.iter().map(Input::sha256).collect();
    if let [only] = digests.as_slice() {
        return only.clone();
    }
    digests.sort();
    import::sha256_of(&digests.join("\n"))
}

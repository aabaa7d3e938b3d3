//! A database on a disk that is mounted to be read only: a backup, a snapshot of a disk, evidence.
//!
//! SQLite shares its write-ahead log through a file beside the database, which cannot be made there.
//! Where nothing is in the log, the database is whole by itself, and nobody can change it: SQLite is
//! told so.

use std::io::ErrorKind;
use std::path::Path;

/// The name by which SQLite takes the file as it is; `None` where it can be written, or where it is
/// not whole without its log.
pub(super) fn unchanging(path: &Path) -> Option<String> {
    let written = std::fs::OpenOptions::new().append(true).open(path);
    if written.err()?.kind() != ErrorKind::ReadOnlyFilesystem {
        return None;
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return None;
    }
    let mut name = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => name.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => name.push(char::from(*byte)),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(name + "?immutable=1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_written_may_change() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert_eq!(unchanging(file.path()), None);
        assert_eq!(unchanging(Path::new("/nowhere/at all")), None);
    }
}

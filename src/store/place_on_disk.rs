//! Finds out which users may read the files of the database, and which file system these files are on. This code
//! does not open the database, because the database may be damaged or missing.

use crate::error::Error;
use crate::private_file;
use std::path::{Path, PathBuf};

/// The name suffix of the file that states when the database was last verified.
pub(super) const VERIFIED: &str = "-verified";

/// The suffixes of the names of the database itself (none) and of the files beside it: SQLite's own files, the
/// spool of an interrupted fetch, and the last result of `verify`.
const BESIDE: [&str; 6] = ["", "-wal", "-shm", "-journal", "-spool", VERIFIED];

/// The types of network file systems, by their names on Linux. SQLite's locks and its write-ahead log need
/// shared memory, which these file systems do not provide.
const FAR_AWAY: [&str; 19] = [
    "9p",
    "afs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "fuse.ceph",
    "fuse.davfs2",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "glusterfs",
    "lustre",
    "nfs",
    "nfs4",
    "ncpfs",
    "smb3",
    "smbfs",
];

/// The absolute path of a file. SQLite gets the absolute path because it gives some relative names a special
/// meaning (`:memory:`, `file:…`).
pub(super) fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

/// The path of a file beside the database: the path of the database with the suffix `end`.
pub(super) fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// The permission bits of a file; `None` if there is no file, or the system has no permission bits.
pub fn mode(path: &Path) -> Option<u32> {
    private_file::mode(&std::fs::metadata(path).ok()?)
}

/// The database and the files beside it that users other than the owner may read or write, each with its
/// permission bits.
pub fn wide_files(database: &Path) -> Vec<(PathBuf, u32)> {
    let files = BESIDE.iter().map(|end| beside(database, end));
    let modes = files.filter_map(|file| mode(&file).map(|mode| (file, mode)));
    modes.filter(|(_, mode)| private_file::is_open_to_others(*mode)).collect()
}

/// The type of the file system that a path is on, as Linux names it; `None` on other systems.
pub fn file_system(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    // A file that does not exist yet will be on the file system of its folder, or of the nearest folder that
    // exists.
    let there = path.ancestors().find_map(|path| std::fs::canonicalize(path).ok());
    of_mounts(&mounts, &there.or_else(|| std::fs::canonicalize(".").ok())?)
}

/// Is this the type of a network file system?
pub fn is_far_away(file_system: &str) -> bool {
    FAR_AWAY.contains(&file_system)
}

/// The type of the innermost mounted file system that contains a path. If several are mounted at one point, the
/// last one counts.
fn of_mounts(mounts: &str, path: &Path) -> Option<String> {
    let mounts = mounts.lines().filter_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let point = unescaped(mount.split(' ').nth(4)?);
        let depth = Path::new(&point).components().count();
        path.starts_with(&point).then_some((depth, kind.split(' ').next()?))
    });
    mounts.max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind.to_owned())
}

/// Decodes white space and backslashes, which Linux writes in octal in its list of mounts, for example `\040`.
fn unescaped(text: &str) -> String {
    let named = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    named.into_iter().fold(text.to_owned(), |text, (octal, plain)| text.replace(octal, plain))
}

pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn cannot_make(path: &Path, error: std::io::Error) -> Error {
    Error::database("the file cannot be created")
        .of_file(path)
        .caused_by(error)
        .hint("name a path that you can write to with --db FILE or ONESEAT_DB")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home/shared\\040work rw,relatime master:3 - nfs4 filer:/export rw,vers=4.2
31 22 0:41 / /mnt rw - tmpfs tmpfs rw
32 22 0:42 / /mnt rw - fuse.sshfs me@far: rw
";

    #[test]
    fn the_innermost_and_the_last_mount_counts() {
        let of = |path: &str| of_mounts(MOUNTS, Path::new(path)).unwrap_or_default();
        assert_eq!(of("/home/oneseat.db"), "ext4");
        assert_eq!(of("/home/shared work/oneseat.db"), "nfs4");
        assert_eq!(of("/home/shared works/oneseat.db"), "ext4");
        assert_eq!(of("/mnt/a/b"), "fuse.sshfs");
        assert!(is_far_away("nfs4") && is_far_away("fuse.sshfs") && !is_far_away("ext4"));
    }
}

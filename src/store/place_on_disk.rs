//! Where the database lies: who else may read its files, and on what kind of file system. Nothing
//! here opens the database; it may be damaged, or not there.

use std::path::{Path, PathBuf};

/// What stands beside a database, by the end of its name: SQLite's own files, the spool of an
/// interrupted fetch, and what `verify` found last.
const BESIDE: [&str; 6] = ["", "-wal", "-shm", "-journal", "-spool", super::verified::BESIDE];

/// File systems that lie on another machine, as Linux names them. SQLite's locks and its
/// write-ahead log rest on shared memory, which they do not have.
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

/// The name by which SQLite is given a file: some names are none to it (`:memory:`, `file:…`).
pub(super) fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

/// A name beside the database that ends so.
pub(super) fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// The permission bits of a file, where the system has them.
pub fn mode(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).ok().map(|metadata| metadata.permissions().mode() & 0o7777)
    }
    #[cfg(not(unix))]
    {
        let _no_modes = path;
        None
    }
}

/// The database and the files beside it that others than their owner may read or write, each with
/// its mode.
pub fn wide_files(database: &Path) -> Vec<(PathBuf, u32)> {
    let files = BESIDE.iter().map(|end| beside(database, end));
    let modes = files.filter_map(|file| mode(&file).map(|mode| (file, mode)));
    modes.filter(|(_, mode)| mode & 0o077 != 0).collect()
}

/// The kind of file system that a path lies on, as Linux names it; `None` elsewhere.
pub fn file_system(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    // What is not there yet will be where its folder is.
    let there = path.ancestors().find_map(|path| std::fs::canonicalize(path).ok());
    of_mounts(&mounts, &there.or_else(|| std::fs::canonicalize(".").ok())?)
}

/// Does a file system of this kind lie on another machine?
pub fn is_far_away(file_system: &str) -> bool {
    FAR_AWAY.contains(&file_system)
}

/// The kind of the innermost mount that a path lies below; of several at one place the last.
fn of_mounts(mounts: &str, path: &Path) -> Option<String> {
    let mounts = mounts.lines().filter_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let point = unescaped(mount.split(' ').nth(4)?);
        let depth = Path::new(&point).components().count();
        path.starts_with(&point).then_some((depth, kind.split(' ').next()?))
    });
    mounts.max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind.to_owned())
}

/// Blanks and their kin stand in octal: `\040`.
fn unescaped(text: &str) -> String {
    let named = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    named.into_iter().fold(text.to_owned(), |text, (octal, plain)| text.replace(octal, plain))
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

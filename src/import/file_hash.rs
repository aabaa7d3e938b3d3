//! Computes the SHA-256 of a file's bytes as received. For a large file, a separate thread hashes while reading
//! continues. The thread ends at the end of the file.

use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use sha2::{Digest, Sha256};

/// The number of bytes after which a separate thread takes over the hashing.
const LARGE: usize = 1024 * 1024;

/// The number of pieces of a file that may wait to be hashed.
const WAITING: usize = 4;

/// The hash of the bytes of a file read so far. Clones share one hash.
#[derive(Clone, Default)]
pub struct FileHash(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// The hash of all bytes, or of the bytes before the hashing thread started.
    hashed: Sha256,
    /// The number of bytes hashed without the separate thread.
    here: usize,
    /// The channel to the hashing thread, and the thread. `None` while no thread is hashing.
    away: Option<(SyncSender<Vec<u8>>, JoinHandle<Sha256>)>,
}

impl FileHash {
    /// The hash in hexadecimal digits. Ends the hashing thread, if there is one.
    pub fn sha256(&self) -> String {
        let mut state = self.lock();
        state.come_back();
        hex(&state.hashed.clone().finalize())
    }

    fn add(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if bytes.is_empty() {
            state.come_back();
        } else if let Some((sender, _)) = &state.away {
            // Sending fails only after a panic of the hashing thread, and `come_back` raises that panic again.
            drop(sender.send(bytes.to_vec()));
        } else {
            state.hashed.update(bytes);
            state.here += bytes.len();
            if state.here >= LARGE {
                state.go_away();
            }
        }
    }

    /// Locks the hash even if the lock is poisoned: a panic in another thread leaves the hash intact.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Moves the hashing to a separate thread. If the system cannot start a thread, this thread goes on
    /// hashing.
    fn go_away(&mut self) {
        let (sender, pieces) = sync_channel::<Vec<u8>>(WAITING);
        let mut hashed = self.hashed.clone();
        let thread = Builder::new().name("sha256".to_owned()).spawn(move || {
            pieces.iter().for_each(|piece| hashed.update(&piece));
            hashed
        });
        self.here = 0;
        self.away = thread.ok().map(|thread| (sender, thread));
    }

    fn come_back(&mut self) {
        let Some((sender, thread)) = self.away.take() else { return };
        drop(sender);
        let hashed = thread.join();
        self.hashed = hashed.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    }
}

/// A reader that hashes all bytes read through it.
pub struct Hashing<R> {
    /// The stream from which the bytes are read.
    pub inner: R,
    /// The hash of the bytes read so far.
    pub hash: FileHash,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.add(&buffer[..count]);
        Ok(count)
    }
}

/// The SHA-256 of a text, in hexadecimal digits.
pub fn sha256_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hashed_is_what_was_read() {
        let text = "ada".repeat(LARGE);
        let hash = FileHash::default();
        assert_eq!(hash.sha256(), sha256_of(""));
        let mut stream = Hashing { inner: text.as_bytes(), hash: hash.clone() };
        let mut read = 0;
        for part in [1000, LARGE, 7, LARGE] {
            stream.read_exact(&mut vec![0; part]).expect("readable");
            read += part;
            assert_eq!(hash.sha256(), sha256_of(&text[..read]));
        }
        io::copy(&mut stream, &mut io::sink()).expect("readable");
        assert!(hash.lock().away.is_none(), "the thread ends with the file");
        assert_eq!(hash.sha256(), sha256_of(&text));
    }
}

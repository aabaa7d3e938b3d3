//! Computes the SHA-256 of a file's bytes as received. For a large file, a separate thread hashes while reading
//! continues. The thread ends at the end of the file.

use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use sha2::{Digest, Sha256};

/// The number of bytes from which a file is hashed on a thread of its own.
const LARGE: usize = 1024 * 1024;

/// How many pieces of a file may wait for the hashing thread. Reading pauses when there are more, so memory is
/// bounded.
const WAITING: usize = 4;

/// The SHA-256 of those bytes of a file that have been read so far. Clones of this value share one hash.
#[derive(Clone, Default)]
pub struct FileHash(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// The hash of all bytes so far or, once a separate thread hashes, of the bytes before it started.
    hashed: Sha256,
    /// The number of bytes that were hashed without a separate thread.
    here: usize,
    /// The channel to the hashing thread, with the thread. `None` while there is no hashing thread.
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
            // Sending fails only if the hashing thread has panicked. `come_back` raises that panic again.
            drop(sender.send(bytes.to_vec()));
        } else {
            state.hashed.update(bytes);
            state.here += bytes.len();
            if state.here >= LARGE {
                state.go_away();
            }
        }
    }

    /// Locks the hash. A panic in another thread leaves the hash intact, so a poisoned lock is no error.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Starts a separate thread that hashes all bytes from now on. If the system cannot start a thread, hashing
    /// goes on in this one.
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

/// A stream that passes on the bytes of another stream and hashes them.
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

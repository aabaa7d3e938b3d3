//! SHA-256 of a file's bytes as received. That of a large file is worked out on a thread of its own,
//! so that reading goes on meanwhile; it ends with the file.

use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use sha2::{Digest, Sha256};

/// A file of so many bytes is large.
const LARGE: usize = 1024 * 1024;

/// How many pieces of it may wait to be hashed.
const WAITING: usize = 4;

/// The hash of what has been read of a file so far.
#[derive(Clone, Default)]
pub struct FileHash(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Of everything, or of what came before the thread.
    hashed: Sha256,
    /// How many bytes have been hashed without a thread.
    here: usize,
    /// The thread that goes on, and how it gets what comes.
    away: Option<(SyncSender<Vec<u8>>, JoinHandle<Sha256>)>,
}

impl FileHash {
    /// The hash, in hexadecimal digits.
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
            // The thread takes whatever comes until the sender is gone.
            drop(sender.send(bytes.to_vec()));
        } else {
            state.hashed.update(bytes);
            state.here += bytes.len();
            if state.here >= LARGE {
                state.go_away();
            }
        }
    }

    /// Nobody panics while hashing; if somebody did, the hash is as good as before.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Goes on with a thread; here, if the system gives none.
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

/// Passes bytes on and hashes them.
pub struct Hashing<R> {
    /// Where they come from.
    pub inner: R,
    /// Their hash.
    pub hash: FileHash,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.add(&buffer[..count]);
        Ok(count)
    }
}

/// SHA-256 of a text, in hexadecimal digits.
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

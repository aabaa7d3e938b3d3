//! How an image was obtained, and whether a damaged one was met.

/// How an image was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Came {
    /// The stored image was read.
    Kept,
    /// No usable image is stored.
    Missing,
    /// The stored image is damaged.
    Damaged,
}

thread_local! {
    static DAMAGED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Remembers that a damaged image was met.
pub(in crate::store) fn note(came: Came) {
    if came == Came::Damaged {
        DAMAGED.set(true);
    }
}

/// Was a damaged image met since the last call? The command that runs warns about it once.
pub fn met_damage() -> bool {
    DAMAGED.replace(false)
}

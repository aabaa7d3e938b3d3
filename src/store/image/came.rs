//! Records how the image was obtained, and whether a damaged image was found.

/// Whether the image (the columns derived from all rows) was read or had to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Came {
    /// The image that is stored in the database was read.
    Kept,
    /// The image was made from the rows, because no usable image is stored.
    Missing,
    /// The image was made from the rows, because the stored image is damaged.
    Damaged,
}

thread_local! {
    static DAMAGED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Remembers that a damaged image was found, so that the command can warn about it once. Does nothing unless
/// `came` is `Came::Damaged`.
pub(in crate::store) fn note(came: Came) {
    if came == Came::Damaged {
        DAMAGED.set(true);
    }
}

/// Whether a damaged image was found since the last call of this function. If so, the command prints one warning
/// about the damage.
pub fn met_damage() -> bool {
    DAMAGED.replace(false)
}

//! Finds the first byte of a text that JSON must escape. The search takes eight bytes at a time, because most
//! texts have no such byte.

/// The position, at or after `at`, of the first byte that a JSON text must escape: a quote, a backslash or a
/// control character.
pub fn first_escaped(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?.iter();
    rest.clone().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).map(|found| at + found)
}

/// Finds the first of eight bytes that JSON must escape, and sets the highest bit of that byte in the result.
/// The result is 0 if there is none. The highest bits of later bytes have no meaning.
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = 0x80 * ONES;
    let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quote = is_zero(word ^ (b'"' as u64 * ONES));
    let backslash = is_zero(word ^ (b'\\' as u64 * ONES));
    let control = word.wrapping_sub(0x20 * ONES) & !word;
    (quote | backslash | control) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_them_is_found_wherever_it_stands() {
        for length in 0..20 {
            for place in 0..=length {
                for byte in 0..=255u8 {
                    let mut text = vec![b'a'; length];
                    text.insert(place, byte);
                    for behind in ["", "\u{80}", "\"12345678", "\\\n"] {
                        let text = [text.as_slice(), behind.as_bytes()].concat();
                        let first = text.iter().position(|it| matches!(it, b'"' | b'\\' | ..0x20));
                        assert_eq!(first_escaped(&text, 0), first, "{byte} at {place} of {length}");
                        assert_eq!(first_escaped(&text, 100), None);
                    }
                }
            }
        }
        assert_eq!(first_escaped("äöü名前ö\"".as_bytes(), 0), Some(14));
    }
}

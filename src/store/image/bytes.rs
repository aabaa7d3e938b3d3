//! Writes columns of numbers as bytes and reads them again. The bytes are little-endian and have no padding.

use std::mem::size_of;

/// The error for bytes that are no columns as this program writes them: the bytes are cut off, or they hold an
/// impossible value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadColumns;

/// A number of a fixed length that a column of the image can hold.
pub trait Number: Copy {
    /// Appends the bytes of the number, the lowest first.
    fn put(self, bytes: &mut Vec<u8>);
    /// Reads the number from `bytes`, which must be exactly as long as the number.
    fn get(bytes: &[u8]) -> Self;
}

macro_rules! number {
    ($($kind:ty),*) => {$(
        impl Number for $kind {
            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
            fn get(bytes: &[u8]) -> $kind {
                let mut own = [0; size_of::<$kind>()];
                own.copy_from_slice(bytes);
                <$kind>::from_le_bytes(own)
            }
        }
    )*};
}

number!(u8, u16, u32, u64, i64);

/// Appends the bytes of a column of numbers.
pub fn put<N: Number>(bytes: &mut Vec<u8>, column: &[N]) {
    bytes.reserve(size_of_val(column));
    column.iter().for_each(|number| number.put(bytes));
}

/// Appends a count as a number of 32 bits.
pub fn put_count(bytes: &mut Vec<u8>, count: usize) {
    (count as u32).put(bytes);
}

/// Reads columns from the front of a slice of bytes.
pub struct ColumnReader<'b>(&'b [u8]);

impl<'b> ColumnReader<'b> {
    /// A reader that begins at the first byte of `bytes`.
    pub fn of(bytes: &'b [u8]) -> ColumnReader<'b> {
        ColumnReader(bytes)
    }

    pub fn bytes(&mut self, count: usize) -> Result<&'b [u8], BadColumns> {
        let (own, rest) = self.0.split_at_checked(count).ok_or(BadColumns)?;
        self.0 = rest;
        Ok(own)
    }

    pub fn one<N: Number>(&mut self) -> Result<N, BadColumns> {
        Ok(N::get(self.bytes(size_of::<N>())?))
    }

    /// Reads a count that was written as a number of 32 bits.
    pub fn count(&mut self) -> Result<usize, BadColumns> {
        Ok(self.one::<u32>()? as usize)
    }

    /// Reads a column of `count` numbers and appends it to `column`.
    pub fn column<N: Number>(
        &mut self,
        count: usize,
        column: &mut Vec<N>,
    ) -> Result<(), BadColumns> {
        let length = count.checked_mul(size_of::<N>()).ok_or(BadColumns)?;
        let bytes = self.bytes(length)?;
        column.extend(bytes.chunks_exact(size_of::<N>()).map(N::get));
        Ok(())
    }

    /// Checks that all bytes were read, because leftover bytes mean damage.
    pub fn end(self) -> Result<(), BadColumns> {
        if self.0.is_empty() { Ok(()) } else { Err(BadColumns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_as_they_were_put_and_no_further() {
        let mut bytes = Vec::new();
        put_count(&mut bytes, 2);
        put(&mut bytes, &[1u16, 65_535]);
        put(&mut bytes, &[u64::MAX, 0]);
        put(&mut bytes, &[i64::MIN]);
        let mut reader = ColumnReader::of(&bytes);
        assert_eq!(reader.count(), Ok(2));
        let (mut short, mut long, mut signed) = (vec![7u16], Vec::new(), Vec::new());
        assert_eq!(reader.column(2, &mut short), Ok(()));
        assert_eq!(reader.column(2, &mut long), Ok(()));
        assert_eq!(reader.column(1, &mut signed), Ok(()));
        assert_eq!((short, long, signed), (vec![7, 1, 65_535], vec![u64::MAX, 0], vec![i64::MIN]));
        assert_eq!(reader.one::<u8>(), Err(BadColumns));
        assert_eq!(ColumnReader::of(&bytes).end(), Err(BadColumns));
        assert_eq!(
            ColumnReader::of(&bytes).column(usize::MAX, &mut Vec::<u64>::new()),
            Err(BadColumns)
        );
    }
}

//! Computes the evidence hash of one record, and the content hash of the multiset of all records of a snapshot
//! (architecture.md section 2, "Evidence hashes").
//!
//! The hash of the multiset is LtHash with BLAKE3. Each record hash is expanded to 1,024 numbers of 16 bits. The
//! sum keeps, for each of the 1,024 positions, the total of these numbers modulo 65,536. Adding or removing a
//! record adds or subtracts its numbers, so the hash of a snapshot follows from the hash of another snapshot and
//! the changes between them. To find another multiset with the same sums, an attacker must solve a lattice
//! problem; a birthday attack is not enough.

const NUMBERS: usize = 1024;

/// The evidence hash of one record: BLAKE3 over the salt, the names of the fields and the values of the record.
pub fn record_hash(salt: &[u8; 16], fields: &str, content: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(salt);
    hasher.update(fields.as_bytes());
    hasher.update(&[0]);
    hasher.update(content.as_bytes());
    *hasher.finalize().as_bytes()
}

/// The LtHash sum over a multiset of record hashes.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentSum(Box<[u16; NUMBERS]>);

impl Default for ContentSum {
    fn default() -> Self {
        ContentSum(Box::new([0; NUMBERS]))
    }
}

impl ContentSum {
    /// Reads a stored sum; `None` if the number of bytes is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Option<ContentSum> {
        if bytes.len() != 2 * NUMBERS {
            return None;
        }
        let mut sum = ContentSum::default();
        for (number, pair) in sum.0.iter_mut().zip(bytes.chunks_exact(2)) {
            *number = u16::from_le_bytes([pair[0], pair[1]]);
        }
        Some(sum)
    }

    /// The bytes of the sum, as they are stored in the database.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Adds the hash of one record to the sum.
    pub fn add(&mut self, record_hash: &[u8]) {
        self.combine(record_hash, u16::wrapping_add);
    }

    /// Adds all record hashes of another sum to this sum.
    pub fn add_all(&mut self, other: &ContentSum) {
        for (number, more) in self.0.iter_mut().zip(other.0.iter()) {
            *number = number.wrapping_add(*more);
        }
    }

    /// Removes the hash of one record from the sum.
    pub fn remove(&mut self, record_hash: &[u8]) {
        self.combine(record_hash, u16::wrapping_sub);
    }

    fn combine(&mut self, record_hash: &[u8], operation: impl Fn(u16, u16) -> u16) {
        let mut stretched = [0u8; 2 * NUMBERS];
        let mut hasher = blake3::Hasher::new();
        hasher.update(record_hash);
        hasher.finalize_xof().fill(&mut stretched);
        for (number, pair) in self.0.iter_mut().zip(stretched.chunks_exact(2)) {
            *number = operation(*number, u16::from_le_bytes([pair[0], pair[1]]));
        }
    }

    /// The content hash of a snapshot: BLAKE3 over the bytes of the sum.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.to_bytes()).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_what_was_added_can_be_removed() {
        let records: Vec<[u8; 32]> =
            (0..5).map(|n| record_hash(&[n; 16], "[\"a\"]", "[1]")).collect();
        let mut forward = ContentSum::default();
        let mut backward = ContentSum::default();
        records.iter().for_each(|record| forward.add(record));
        records.iter().rev().for_each(|record| backward.add(record));
        assert!(forward == backward);
        let all = forward.hash();
        let mut twice = forward.clone();
        twice.add_all(&backward);
        records.iter().for_each(|record| twice.remove(record));
        assert_eq!(twice.hash(), all);
        forward.remove(&records[2]);
        assert_ne!(forward.hash(), all);
        forward.add(&records[2]);
        assert_eq!(forward.hash(), all);
        assert!(ContentSum::from_bytes(&forward.to_bytes()).is_some_and(|read| read == forward));
        assert!(ContentSum::from_bytes(b"short").is_none());
    }
}

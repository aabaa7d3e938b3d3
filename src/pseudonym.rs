//! Pseudonyms: the only place where they are made. A pseudonym stands for a person and stays the same as long as the
//! key does. Whoever has the key can make the pseudonyms of all names that they know; without it nobody can.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The number of bytes of a key.
pub const KEY_BYTES: usize = 32;

/// The number of characters of a pseudonym after `p-`.
const LETTERS: usize = 12;

/// The text with which every hashed text begins, so that the key may serve nothing else.
const CONTEXT: &[u8] = b"oneseat/person/1\0";

/// The key from which pseudonyms are made.
#[derive(Clone)]
pub struct PseudonymKey([u8; KEY_BYTES]);

impl PseudonymKey {
    /// The key of these bytes; `None` if they are too few or too many.
    pub fn from_bytes(bytes: &[u8]) -> Option<PseudonymKey> {
        bytes.try_into().ok().map(PseudonymKey)
    }

    /// The pseudonym of a person: `p-` and twelve letters and digits. `enterprise` is the name of the enterprise, and
    /// `identity` what identifies the person in it.
    pub fn pseudonym(&self, enterprise: &str, identity: &str) -> String {
        // A key of any length is accepted, so there is no error.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(CONTEXT);
        mac.update(enterprise.as_bytes());
        mac.update(b"\0");
        mac.update(identity.as_bytes());
        let mut letters = BASE32_NOPAD.encode(&mac.finalize().into_bytes()).to_ascii_lowercase();
        letters.truncate(LETTERS);
        format!("p-{letters}")
    }
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_that_of_the_key_the_enterprise_and_the_person() {
        let key = PseudonymKey::from_bytes(&[7; KEY_BYTES]).expect("a key");
        let one = key.pseudonym("octo-corp", "login:mona");
        assert_eq!(one.len(), 14);
        assert!(one.starts_with("p-") && one[2..].bytes().all(|it| it.is_ascii_alphanumeric()));
        assert_eq!(one, key.pseudonym("octo-corp", "login:mona"));
        assert_ne!(one, key.pseudonym("octo-corp2", "login:mona"));
        assert_ne!(one, key.pseudonym("octo-corp", "login:mona2"));
        let other = PseudonymKey::from_bytes(&[8; KEY_BYTES]).expect("a key");
        assert_ne!(one, other.pseudonym("octo-corp", "login:mona"));
        assert!(PseudonymKey::from_bytes(&[7; 31]).is_none());
        assert_eq!(format!("{key:?}"), "PseudonymKey");
    }
}

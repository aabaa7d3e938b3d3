//! Addresses and their keys: the only place in the program where keys are made.
//!
//! GitHub compares addresses; oneseat compares keys (counting.md section 2). The text as received
//! is kept beside the key by whoever stores it.

/// The key of an address: full Unicode lower case of the text without leading and trailing
/// White_Space, nothing else folded. Empty is no key (counting.md section 2).
pub fn key(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    Some(lower_case(trimmed))
}

/// A login as it is compared: without regard to letter case (counting.md section 2).
pub fn login_key(login: &str) -> String {
    lower_case(login.trim())
}

fn lower_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_documented_examples() {
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../fixtures/examples/keys.json"))
                .expect("keys.json is JSON");
        assert!(cases.len() >= 13);
        for case in cases {
            let text = case["text"].as_str().expect("a text");
            assert_eq!(key(text).as_deref(), case["key"].as_str(), "{text:?}");
        }
    }
}

//! A token, the secret by which GitHub knows the user. It is written only into the header of a request. The
//! type has no `Display`, and its `Debug` does not show the token.

use super::secret::Secret;
use crate::error::{Error, Result};

/// The length, in bytes, that a token may have at most. GitHub's tokens have 40 to 300 characters.
pub(super) const LONGEST: u64 = 8192;

/// A token, the secret by which GitHub knows the user. `Debug` shows it as `Token(…)`.
#[derive(Clone)]
pub struct Token {
    secret: String,
    /// The forms in which a text may repeat the token.
    forms: Secret,
    /// Where the token comes from, for messages: the name of a variable, a command or a file.
    pub from: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Makes a token of a text. White space around it is removed.
    ///
    /// # Errors
    /// If the text is empty, or has characters that a header must not have. The message does not show the text.
    pub fn new(text: &str, from: &str) -> Result<Token> {
        let secret = text.trim();
        let wrong = |what: &str| Err(Error::remote(format!("{from} provides {what}")));
        if secret.is_empty() {
            return wrong("no token: the text is empty");
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong(
                "an invalid token: the token has spaces, or characters that no token has",
            );
        }
        let forms = Secret::new(secret, None);
        Ok(Token { secret: secret.to_owned(), forms, from: from.to_owned() })
    }

    /// The same token, which also recognizes the Basic log-in of the user `user` in an answer.
    #[must_use]
    pub fn of_user(self, user: &str) -> Token {
        Token { forms: Secret::new(&self.secret, Some(user)), ..self }
    }

    /// The text of the token. Only the header of a request may contain it.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// A text without the token, in whatever form the text repeats it. A short token may be a common word, and
    /// a gap would reveal which; so the whole text is replaced.
    pub fn scrub(&self, text: &str) -> String {
        if Secret::occurs_by_chance(&self.secret) && text.contains(&self.secret) {
            return "(not shown: it may repeat the token)".to_owned();
        }
        self.forms.scrub(text)
    }

    /// The same error, without the token in its message, its causes and its hints.
    #[must_use]
    pub fn scrub_error(&self, error: Error) -> Error {
        let has = |text: &str| self.forms.is_in(text.as_bytes());
        let causes = error.causes();
        let source = match causes.iter().any(|cause| has(cause)) {
            true => Some(self.forms.scrub(&causes.join(": ")).into()),
            false => error.source,
        };
        Error {
            message: self.forms.scrub(&error.message),
            place: error.place.map(|mut place| {
                place.file = self.forms.scrub(&place.file);
                place
            }),
            value: error.value.map(|value| self.forms.scrub(&value)),
            hints: error.hints.iter().map(|hint| self.forms.scrub(hint)).collect(),
            source,
            ..error
        }
    }

    /// Is the token contained in these bytes, in any form? A short token may be there by chance, so only a
    /// log-in with it counts.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.is_in(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let token = Token::new("ghp_a-secret-of-somebody", "GH_TOKEN").expect("a token");
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(token.scrub("bad: ghp_a-secret-of-somebody!"), "bad: (token)!");
        let short = Token::new("a", "GH_TOKEN").expect("a token");
        assert!(!short.is_in(b"an answer") && token.is_in(b"it is ghp_a-secret-of-somebody"));
        assert!(!short.scrub("a bad thing").contains("bad"));
        let below = std::io::Error::other("said ghp_a%2Dsecret-of-somebody");
        let error = Error::remote("ghp_a-secret-of-somebody").caused_by(below);
        let error = token.scrub_error(error.hint("Z2hwX2Etc2VjcmV0LW9mLXNvbWVib2R5").found("x"));
        assert_eq!(error.message, "(token)");
        assert_eq!(
            (error.causes(), error.hints),
            (vec!["said (token)".into()], vec!["(token)".into()])
        );
        for text in ["", "two words", "caf\u{e9}"] {
            let told = Token::new(text, "GH_TOKEN").expect_err("no token").report(true);
            assert!(text.is_empty() || !told.contains(text), "{told}");
        }
    }
}

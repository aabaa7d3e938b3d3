//! Tokens: where they come from, and that they appear only in the one header that needs them. They never come
//! from arguments. The type has no `Display`, and its `Debug` reveals nothing.

use std::io::Read;
use std::path::Path;

use super::secret::Secret;
use super::token_command;
use crate::error::{Error, Result};
use crate::model::TokenFrom;

/// The maximum length of a token, in bytes. GitHub's tokens have 40 to 300 characters.
pub(super) const LONGEST: u64 = 8192;

/// A token. `Debug` shows it as `Token(…)`.
#[derive(Clone)]
pub struct Token {
    secret: String,
    /// The forms in which an answer may repeat it.
    forms: Secret,
    /// Its origin, for messages: the name of a variable, a command or a file.
    pub from: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// The token in a text, without surrounding white space.
    ///
    /// # Errors
    /// If the text is empty or cannot be in a header. The message does not show it.
    pub fn new(text: &str, from: &str) -> Result<Token> {
        let secret = text.trim();
        let wrong = |what: &str| Err(Error::remote(format!("{from} gives {what}")));
        if secret.is_empty() {
            return wrong("no token: it is empty");
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("an invalid token: it has spaces, or characters that no token has");
        }
        let forms = Secret::new(secret, None);
        Ok(Token { secret: secret.to_owned(), forms, from: from.to_owned() })
    }

    /// The same token for a user, so that the Basic log-in is recognized as well.
    #[must_use]
    pub fn of_user(self, user: &str) -> Token {
        Token { forms: Secret::new(&self.secret, Some(user)), ..self }
    }

    /// The token itself, only for the header of a request.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// A text with the token removed, in whatever form it is there. If the token is so short that removing it
    /// would reveal it, the whole text is replaced.
    pub fn scrub(&self, text: &str) -> String {
        if Secret::occurs_by_chance(&self.secret) && text.contains(&self.secret) {
            return "(not shown: it may repeat the token)".to_owned();
        }
        self.forms.scrub(text)
    }

    /// An error with the token removed from its message, its causes and its hints.
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

    /// Do these bytes contain the token, in any form? A short token, which may occur by chance, is found only
    /// as part of a log-in.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.is_in(bytes)
    }
}

/// `ONESEAT_TOKEN_<NAME>`: the name in capitals, with `_` for everything but letters and digits.
pub fn environment_name(name: &str) -> String {
    let letter = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' };
    format!("ONESEAT_TOKEN_{}", name.chars().map(letter).collect::<String>())
}

/// Finds the token of an enterprise or an instance.
pub struct Tokens<'t> {
    /// Reads an environment variable.
    pub variable: &'t dyn Fn(&str) -> Option<String>,
}

impl Tokens<'_> {
    /// The token of an enterprise or an instance. The order is: its own environment variable, the
    /// configuration, and, if `general` allows it, `GH_TOKEN` and `GITHUB_TOKEN`.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Remote`] if there is none, or if the command or the file yields none.
    pub fn find(&self, name: &str, from: Option<&TokenFrom>, general: bool) -> Result<Token> {
        let own = environment_name(name);
        if let Some(text) = self.set(&own) {
            return Token::new(&text, &own);
        }
        match from {
            Some(TokenFrom::Command(words)) => return token_command::token(words),
            Some(TokenFrom::File(file)) => return of_file(file),
            None => {}
        }
        for variable in ["GH_TOKEN", "GITHUB_TOKEN"].into_iter().filter(|_| general) {
            if let Some(text) = self.set(variable) {
                return Token::new(&text, variable);
            }
        }
        let ways = if general { format!("{own}, GH_TOKEN or GITHUB_TOKEN") } else { own };
        Err(Error::remote(format!("there is no token for {name}"))
            .hint(format!("set {ways} in the environment"))
            .hint("or name a token_command or a token_file for it in the configuration file"))
    }

    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|text| !text.trim().is_empty())
    }
}

/// The token in a file, which must be readable by its owner only.
fn of_file(file: &Path) -> Result<Token> {
    let name = file.display().to_string();
    let failed = |error: std::io::Error| {
        Error::remote("the token file cannot be read").at(&name, None).caused_by(error)
    };
    // Checked before it is opened, because opening a pipe could wait forever.
    if !std::fs::metadata(file).map_err(failed)?.is_file() {
        return Err(Error::remote("the token file is not a regular file").at(&name, None));
    }
    let opened = std::fs::File::open(file).map_err(failed)?;
    let metadata = opened.metadata().map_err(failed)?;
    if let Some(mode) = open_to_others(&metadata) {
        return Err(Error::remote(format!(
            "the token file can be read by others: mode {mode:04o}"
        ))
        .at(&name, None)
        .hint(format!("chmod 600 {name}, and make a new token: somebody may have read it")));
    }
    let mut text = String::new();
    opened.take(LONGEST).read_to_string(&mut text).map_err(failed)?;
    Token::new(&text, &name)
}

/// The mode of a file to which anybody but its owner has rights.
#[cfg(unix)]
fn open_to_others(metadata: &std::fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_for_one_goes_before_what_is_said_for_all() {
        let variable = |name: &str| match name {
            "GH_TOKEN" => Some("general".to_owned()),
            "ONESEAT_TOKEN_OCTO_CORP" => Some("own\n".to_owned()),
            "GITHUB_TOKEN" => Some("second".to_owned()),
            _ => None,
        };
        let tokens = Tokens { variable: &variable };
        let command = TokenFrom::Command(vec!["echo".into(), "printed".into()]);
        let secret = |name: &str, from: Option<&TokenFrom>, general| {
            tokens.find(name, from, general).map(|it| it.secret().to_owned()).ok()
        };
        assert_eq!(secret("octo-corp", Some(&command), true).as_deref(), Some("own"));
        assert_eq!(secret("corp", Some(&command), true).as_deref(), Some("printed"));
        assert_eq!(secret("corp", None, true).as_deref(), Some("general"));
        assert_eq!(secret("ghes.corp.example", None, false), None);
    }

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

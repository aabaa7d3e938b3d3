//! Tokens: where they may come from, and that they come out nowhere but in the one header that
//! needs them. Never from arguments; the type has neither `Display` nor a telling `Debug`.

use std::io::Read;
use std::path::Path;

use super::secret::Secret;
use super::token_command;
use crate::error::{Error, Result};
use crate::model::TokenFrom;

/// No token is longer: those of GitHub have 40 to 300 characters.
pub(super) const LONGEST: u64 = 8192;

/// A secret. It is shown as `Token(…)`.
#[derive(Clone)]
pub struct Token {
    secret: String,
    /// The forms in which others may repeat it.
    forms: Secret,
    /// Where it came from, for messages: the name of a variable, a command or a file.
    pub from: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A token of a text, without the line's end.
    ///
    /// # Errors
    /// If it is empty or cannot stand in a header; the message does not show it.
    pub fn new(text: &str, from: &str) -> Result<Token> {
        let secret = text.trim();
        let wrong = |what: &str| Err(Error::remote(format!("{from} gives {what}")));
        if secret.is_empty() {
            return wrong("no token: it is empty");
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("what is no token: it has spaces, or characters that no token has");
        }
        let forms = Secret::new(secret, None);
        Ok(Token { secret: secret.to_owned(), forms, from: from.to_owned() })
    }

    /// The same, where a user makes a log-in of it.
    #[must_use]
    pub fn of_user(self, user: &str) -> Token {
        Token { forms: Secret::new(&self.secret, Some(user)), ..self }
    }

    /// The secret itself, for the header of a request only.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// A text of others without the secret, should they repeat it in whatever form. Where the secret
    /// is so short that taking it out would tell it, all of the text goes.
    pub fn scrub(&self, text: &str) -> String {
        if Secret::occurs_by_chance(&self.secret) && text.contains(&self.secret) {
            return "(not shown: it may repeat the token)".to_owned();
        }
        self.forms.scrub(text)
    }

    /// An error without the secret, whoever put it there: in its sentence, its causes, its hints.
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
            value: error.value.map(|value| self.forms.scrub(&value)),
            hints: error.hints.iter().map(|hint| self.forms.scrub(hint)).collect(),
            source,
            ..error
        }
    }

    /// Does this repeat the secret, in whatever form? One so short that it stands in any answer is
    /// looked for only as a log-in has it.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.is_in(bytes)
    }
}

/// `ONESEAT_TOKEN_<NAME>`: the name in capitals, all but letters and digits as `_`.
pub fn environment_name(name: &str) -> String {
    let letter = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' };
    format!("ONESEAT_TOKEN_{}", name.chars().map(letter).collect::<String>())
}

/// Finds tokens.
pub struct Tokens<'t> {
    /// The environment.
    pub variable: &'t dyn Fn(&str) -> Option<String>,
}

impl Tokens<'_> {
    /// The token for an enterprise or an instance: what is said for it alone goes before what is
    /// said for all; the environment goes before the configuration. `general`: may `GH_TOKEN` and
    /// `GITHUB_TOKEN` be meant for it?
    ///
    /// # Errors
    /// [`crate::error::Kind::Remote`] if there is none, or what is named does not give one.
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

/// The token in a file that nobody else can read.
fn of_file(file: &Path) -> Result<Token> {
    let name = file.display().to_string();
    let failed = |error: std::io::Error| {
        Error::remote("the token file cannot be read").at(&name, None).caused_by(error)
    };
    // Looked at before it is opened: a pipe would be waited for without end.
    if !std::fs::metadata(file).map_err(failed)?.is_file() {
        return Err(Error::remote("the token file is no file").at(&name, None));
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

/// The mode of a file that anybody but its owner has rights to.
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

//! Finds the token of an enterprise or an instance in the environment, in the output of a command, or in a
//! file. A token never comes from the arguments of the command line.

use std::io::Read;
use std::path::Path;

use super::token::{LONGEST, Token};
use super::token_command;
use crate::error::{Error, Result};
use crate::model::TokenFrom;
use crate::private_file;

/// Finds the token for an enterprise or an instance.
pub struct Tokens<'t> {
    /// Returns the value of an environment variable.
    pub variable: &'t dyn Fn(&str) -> Option<String>,
}

impl Tokens<'_> {
    /// Finds the token for the enterprise or instance `name`. It is looked for in this order: in the
    /// environment variable for this name, where the configuration says (`from`), and, if `general` allows it,
    /// in `GH_TOKEN` and `GITHUB_TOKEN`.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Remote`] if there is no token, or if the command or the file has none.
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
            .hint("or name a token_command or a token_file in the configuration file"))
    }

    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|text| !text.trim().is_empty())
    }
}

/// The environment variable with the token for one enterprise or instance: `ONESEAT_TOKEN_<NAME>`. The name is
/// in capitals, and everything but letters and digits becomes `_`.
pub fn environment_name(name: &str) -> String {
    let letter = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' };
    format!("ONESEAT_TOKEN_{}", name.chars().map(letter).collect::<String>())
}

/// The token in a file. The file must be readable for its owner only.
fn of_file(file: &Path) -> Result<Token> {
    let name = file.display().to_string();
    let failed = |error: std::io::Error| {
        Error::remote("the token file cannot be read").at(&name, None).caused_by(error)
    };
    // Opening a pipe could wait forever. So the path is first checked to be a regular file.
    if !std::fs::metadata(file).map_err(failed)?.is_file() {
        return Err(Error::remote("the token file is not a regular file").at(&name, None));
    }
    let opened = std::fs::File::open(file).map_err(failed)?;
    let metadata = opened.metadata().map_err(failed)?;
    let mode = private_file::mode(&metadata).map(|mode| mode & 0o777);
    if let Some(mode) = mode.filter(|mode| private_file::is_open_to_others(*mode)) {
        return Err(Error::remote(format!(
            "the token file can be read by others: mode {mode:04o}"
        ))
        .at(&name, None)
        .hint(format!(
            "run chmod 600 {name}, and make a new token: somebody may have read this one"
        )));
    }
    let mut text = String::new();
    opened.take(LONGEST).read_to_string(&mut text).map_err(failed)?;
    Token::new(&text, &name)
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
}

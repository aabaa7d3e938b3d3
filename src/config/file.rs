//! Reads the text of the configuration file, and says what is wrong with it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::directory::RawDirectory;
use super::settings::{Config, Configured};
use crate::error::{Error, Result, quoted};
use crate::model::{Host, TokenFrom, parse_long_age, parse_percent};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    check: Check,
    #[serde(default)]
    privacy: Privacy,
    #[serde(default)]
    enterprise: BTreeMap<String, RawEntry>,
    #[serde(default)]
    host: BTreeMap<String, RawEntry>,
    #[serde(default)]
    directory: BTreeMap<String, RawDirectory>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Check {
    max_age: Option<String>,
    min_available: Option<i64>,
    max_use: Option<String>,
    max_duplicates: Option<Levels>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Privacy {
    key_file: Option<String>,
}

/// The value of `max_duplicates`: a single bound, or a list of bounds.
#[derive(Deserialize)]
#[serde(untagged)]
enum Levels {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    api_url: Option<String>,
    url: Option<String>,
    token_command: Option<Words>,
    token_file: Option<String>,
    ca_file: Option<String>,
    user: Option<String>,
    api_version: Option<String>,
    fetch: Option<Vec<String>>,
    scim: Option<String>,
    accept_new: Option<String>,
    max_age: Option<String>,
}

/// The value of `token_command`: a list of words, or one line that is split at its blanks.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    Line(String),
    List(Vec<String>),
}

/// Reads the text of the configuration file called `name`. `path` makes a path of a text in the file, which may
/// begin with `~/`.
pub fn parse(text: &str, name: &str, path: &dyn Fn(&str) -> PathBuf) -> Result<Config> {
    let file: File = toml::from_str(text)
        .map_err(|error| unquoted(text, name).unwrap_or_else(|| wrong(text, name, &error)))?;
    let age = |text: &Option<String>| text.as_deref().map(parse_long_age).transpose();
    let at = |error: Error| error.at(name, None);
    let place = |(key, said): (String, RawEntry), cloud: bool| {
        let table = if cloud { "enterprise" } else { "host" };
        place(key, said, cloud, path)
            .map_err(|error| error.at(&format!("{name}: [{table}.…]"), None))
    };
    Ok(Config {
        max_age: age(&file.check.max_age).map_err(at)?,
        min_available: file.check.min_available,
        max_use: file.check.max_use.as_deref().map(parse_percent).transpose().map_err(at)?,
        max_duplicates: match file.check.max_duplicates {
            None => Vec::new(),
            Some(Levels::One(level)) => vec![level],
            Some(Levels::Several(levels)) => levels,
        },
        privacy_key_file: file.privacy.key_file.as_deref().map(path),
        enterprises: file
            .enterprise
            .into_iter()
            .map(|it| place(it, true))
            .collect::<Result<_>>()?,
        hosts: file.host.into_iter().map(|it| place(it, false)).collect::<Result<_>>()?,
        directories: file
            .directory
            .into_iter()
            .map(|(key, said)| said.checked(key).map_err(at))
            .collect::<Result<_>>()?,
    })
}

fn place(
    key: String,
    said: RawEntry,
    cloud: bool,
    path: &dyn Fn(&str) -> PathBuf,
) -> Result<Configured> {
    let name = match cloud {
        true => key,
        false => match Host::new(&key) {
            Some(host) => host.as_str().to_owned(),
            None => return Err(Error::usage(format!("invalid host name: {}", quoted(&key)))),
        },
    };
    let of = |what: &str| Error::usage(format!("{}: {what}", quoted(&name)));
    let url = match (said.api_url, said.url, cloud) {
        (Some(_), _, false) => return Err(of("an instance has the key url, not api_url")),
        (_, Some(_), true) => return Err(of("an enterprise has the key api_url, not url")),
        (api_url, url, _) => api_url.or(url),
    };
    let token = match (said.token_command, said.token_file) {
        (Some(_), Some(_)) => return Err(of("has both token_command and token_file; name one")),
        (Some(Words::Line(line)), None) if line.contains(['"', '\'', '\\', '$', '|', '`']) => {
            return Err(of("token_command is run without a shell")
                .hint("write its words as a list: [\"program\", \"argument\"]"));
        }
        (Some(Words::Line(line)), None) => {
            Some(TokenFrom::Command(line.split_whitespace().map(str::to_owned).collect()))
        }
        (Some(Words::List(words)), None) => Some(TokenFrom::Command(words)),
        (None, Some(file)) => Some(TokenFrom::File(path(&file))),
        (None, None) => None,
    };
    if token == Some(TokenFrom::Command(Vec::new())) {
        return Err(of("token_command is empty"));
    }
    if said.user.is_some() && cloud {
        return Err(of("only an instance has the key user"));
    }
    let max_age = said.max_age.as_deref().map(parse_long_age).transpose()?;
    Ok(Configured {
        url,
        token,
        ca_file: said.ca_file.as_deref().map(path),
        user: said.user,
        api_version: said.api_version,
        fetch: said.fetch,
        scim: said.scim,
        accept_new: said.accept_new,
        max_age,
        name,
    })
}

/// The error that the name of a host or an enterprise has dots but no quotes; `None` if there is no such name.
/// TOML takes each part of it for a table within another table.
fn unquoted(text: &str, name: &str) -> Option<Error> {
    let tables: toml::Table = toml::from_str(text).ok()?;
    for kind in ["host", "enterprise"] {
        let places = tables.get(kind).and_then(toml::Value::as_table);
        for (first, mut said) in places.into_iter().flatten() {
            let mut parts = vec![first.as_str()];
            while let Some((part, within)) = only_table(said) {
                parts.push(part);
                said = within;
            }
            if parts.len() > 1 {
                let whole = parts.join(".");
                let error = Error::usage(format!("[{kind}.{whole}] is a table within a table"));
                return Some(
                    error
                        .at(name, None)
                        .hint(format!("put a name with dots in quotes: [{kind}.\"{whole}\"]")),
                );
            }
        }
    }
    None
}

/// The first table within a TOML value, and its name; `None` if the value has no table.
fn only_table(value: &toml::Value) -> Option<(&str, &toml::Value)> {
    let mut members = value.as_table()?.iter().filter(|(_, member)| member.is_table());
    let (name, member) = members.next()?;
    Some((name.as_str(), member))
}

/// The error that the configuration file is invalid, with the number of the line. The message of the TOML
/// library is not used, because it would print the line, which may contain a secret.
fn wrong(text: &str, name: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| before.matches('\n').count() as u64 + 1);
    let told = without_values(error.message());
    let error = Error::usage(told.clone()).at(name, line);
    if told.contains("`token`") {
        return error.hint(
            "a token does not belong in the configuration: name a token_command, or a token_file of mode 0600, and make a new token if others could read this one",
        );
    }
    error
}

/// The first line of a message of the TOML library, without the values in double quotes, which may be secret.
fn without_values(message: &str) -> String {
    let parts: Vec<&str> = message.lines().next().unwrap_or_default().split('"').collect();
    match parts.as_slice() {
        [first, .., last] => format!("{first}\"…\"{last}"),
        _ => parts.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        parse(text, "config.toml", &|path| PathBuf::from("/etc").join(path))
    }

    #[test]
    fn a_whole_configuration() {
        let config = read(
            "[check]\nmax_age = \"36h\"\n\
             [enterprise.octo-corp]\napi_url = \"https://api.octo.ghe.com\"\n\
             token_command = \"gh auth token\"\nfetch = [\"consumed-licenses\"]\nmax_age = \"8d\"\n\
             [host.\"GHES1.corp.example\"]\ntoken_file = \"token\"\nuser = \"audit\"\n",
        )
        .expect("a configuration");
        assert_eq!(config.max_age, Some(129_600));
        let corp = config.enterprise("Octo-Corp").expect("the enterprise");
        let words = ["gh", "auth", "token"].map(str::to_owned).to_vec();
        assert_eq!(corp.token, Some(TokenFrom::Command(words)));
        assert_eq!(corp.max_age, Some(691_200));
        let host = config.host("ghes1.corp.example").expect("the instance");
        assert_eq!(host.token, Some(TokenFrom::File("/etc/token".into())));
        assert_eq!(read("").expect("nothing"), Config::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_without_values() {
        for (text, told) in [
            ("[check]\nmax_agee = \"1d\"\n", "config.toml:2: unknown field `max_agee`"),
            ("\n[enterprise.a]\ntoken = \"ghp_secret\"\n", "config.toml:3: unknown field `token`"),
            ("[enterprise.a]\nfetch = \"ghp_secret\"\n", "config.toml:2: invalid type"),
            ("[enterprise.a]\ntoken_file = 'ghp_secret\n", "config.toml:2:"),
            ("[enterprise.a]\ntoken_command = \"echo 'ghp_secret'\"", "without a shell"),
            ("[enterprise.a]\nuser = \"ghp_secret\"", "only an instance has the key user"),
            ("[host.a]\napi_url = \"ghp_secret\"", "an instance has the key url"),
            ("[host.\"\"]\n", "invalid host name"),
            ("[check]\nmax_age = \"soon\"\n", "invalid age"),
            ("[check]\nmax_use = \"most\"\n", "invalid percentage"),
            ("[host.ghes1.corp.example]\nuser = 'ghp_secret'\n", "[host.\"ghes1.corp.example\"]"),
            ("[enterprise.my.corp]\ntoken_file = 'ghp_secret'\n", "[enterprise.\"my.corp\"]"),
            ("[host.a.b]\n[host.a.c]\n", "[host.\"a.b\"]"),
            ("host.a.example.user = 'ghp_secret'\n", "[host.\"a.example\"]"),
        ] {
            let report = read(text).expect_err(text).report(true);
            assert!(report.contains(told), "{text}: {report}");
            assert!(!report.contains("ghp_secret"), "{report}");
        }
    }
}

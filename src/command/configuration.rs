//! `oneseat config`, and the path of the configuration file.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::check::configured_levels;
use super::list::{About, Command, Database};
use super::{Global, OutputArgs, World};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::intake::{self, Choice};
use crate::remote::{Tokens, check_ca_file};
use crate::report::{ConfigAnswer, ConfigPlace};

/// The option that names the configuration file.
#[derive(Args)]
pub struct ConfigArgs {
    /// Read this configuration file [default: oneseat/config.toml in your configuration directory].
    #[arg(long, value_name = "FILE", env = "ONESEAT_CONFIG", global = true)]
    config: Option<PathBuf>,
}

/// An example of the file, for the help.
const SAMPLE: &str = "\
It is TOML:

  [check]
  max_age = \"8d\"

  [enterprise.corp]
  token_command = [\"gh\", \"auth\", \"token\"]

  [host.\"ghes.corp.example\"]
  user = \"audit\"
  token_file = \"ghes.token\"";

/// Check the configuration file: what to fetch, where the tokens are, and how old snapshots may be.
///
/// The file is $XDG_CONFIG_HOME/oneseat/config.toml, or ~/.config/oneseat/config.toml.
///
/// Example: oneseat config check
#[derive(Args)]
#[command(after_long_help = SAMPLE)]
pub struct ConfigurationArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Subcommand)]
enum Action {
    /// Show what the file means, and find every token, without a request to GitHub; exit with 1 if there is a
    /// problem, such as a missing token.
    ///
    /// Example: oneseat config check --json
    Check {
        #[command(flatten)]
        output: OutputArgs,
    },
}

impl Command for ConfigurationArgs {
    const ABOUT: About =
        About { name: "config", group: "Take in", database: Database::No, questions: &[] };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let Action::Check { output } = &self.action;
        let Some((path, config)) = find_config(&self.config, world)? else {
            return Err(Error::usage("there is no configuration file").hint(
                match path_of(world) {
                    Some(path) => {
                        format!("it would be {}; or name one with --config", path.display())
                    }
                    None => "name one with --config".to_owned(),
                },
            ));
        };
        configured_levels(&config)?;
        let enterprise = global.enterprise.as_deref();
        let places = intake::places(&config, &Choice { enterprise, ..Choice::default() })?;
        let machine = world.machine;
        let tokens = Tokens { variable: &|name| machine.variable(name) };
        let said = places.iter().map(|place| {
            let token = tokens.find(&place.name, place.token.as_ref(), place.general_token);
            let of = match place.kind {
                intake::Where::Cloud => config.enterprise(&place.name),
                intake::Where::Server => config.host(&place.name),
            };
            ConfigPlace {
                kind: place.kind.name(),
                name: place.name.clone(),
                url: place.base.join(""),
                fetch: place.wanted_names(),
                max_age_seconds: of.and_then(|it| it.max_age).or(config.max_age),
                token_from: token.as_ref().ok().map(|token| token.from.clone()),
                problem: problem(place.ca_file.as_deref(), token.err()),
            }
        });
        let answer = ConfigAnswer::new(path.display().to_string(), said.collect());
        output.print(&answer, global, world)?;
        Ok(u8::from(!answer.is_ok()))
    }
}

/// What is wrong with the certificate authorities and the token of a fetch target.
fn problem(ca_file: Option<&Path>, token: Option<Error>) -> Option<String> {
    let certificates = ca_file.and_then(|file| check_ca_file(file).err());
    let certificates = certificates.map(|error| {
        format!("ca_file {}", [vec![error.to_string()], error.causes()].concat().join(": "))
    });
    let problems: Vec<String> =
        certificates.into_iter().chain(token.map(|error| error.to_string())).collect();
    (!problems.is_empty()).then(|| problems.join("; "))
}

/// The configuration and its path; `None` if no file is named and there is none at the usual path.
///
/// # Errors
/// If the file cannot be read or is wrong; if the named file does not exist.
pub fn read_config(arguments: &ConfigArgs, world: &World<'_>) -> Result<Option<(PathBuf, Config)>> {
    find_config(arguments, world).map_err(|error| {
        error.hint(
            "`oneseat config check` says what the configuration means; docs/fetching.md has an example",
        )
    })
}

fn find_config(arguments: &ConfigArgs, world: &World<'_>) -> Result<Option<(PathBuf, Config)>> {
    let named = arguments.config.clone();
    let usual = || path_of(world).filter(|path| path.exists());
    let Some(path) = named.or_else(usual) else { return Ok(None) };
    let home = world.machine.variable("HOME");
    let config = Config::read(&path, home.as_deref().map(Path::new))?;
    Ok(Some((path, config)))
}

/// Whether there is a configuration file.
pub fn config_exists(arguments: &ConfigArgs, world: &World<'_>) -> bool {
    let path = arguments.config.clone().or_else(|| path_of(world));
    path.is_some_and(|path| path.exists())
}

/// The usual path of the file, by the XDG rules.
fn path_of(world: &World<'_>) -> Option<PathBuf> {
    let from = |name: &str| world.machine.variable(name).map(PathBuf::from);
    let folder = from("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let folder = folder.or_else(|| Some(from("HOME")?.join(".config")));
    let folder = folder.or_else(|| from("APPDATA"))?;
    Some(folder.join("oneseat").join("config.toml"))
}

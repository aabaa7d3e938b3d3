//! The command `oneseat config`, which checks the configuration file.

use std::path::Path;

use clap::{Args, Subcommand};

use super::check::configured_levels;
use super::config_file::{ConfigArgs, find_config, path_of};
use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::world::World;
use crate::config::ConfiguredDirectory;
use crate::error::{Error, Result};
use crate::intake::{self, Choice};
use crate::model::SourceKind;
use crate::remote::{Tokens, check_ca_file};
use crate::report::{ConfigAnswer, ConfigPlace};

/// A sample of a configuration file, printed at the end of the long help.
const SAMPLE: &str = "\
The configuration file is TOML:

  [check]
  max_age = \"8d\"

  [enterprise.corp]
  token_command = [\"gh\", \"auth\", \"token\"]

  [host.\"ghes.corp.example\"]
  user = \"audit\"
  token_file = \"ghes.token\"

  [directory.hr]
  id = \"Employee ID\"
  emails = [\"Work Email\"]
  active = { column = \"Status\", is = [\"Active\"] }
  max_age = \"8d\"";

/// Check the configuration file: what to fetch, where the tokens are, and how old snapshots may be.
///
/// The configuration file is $XDG_CONFIG_HOME/oneseat/config.toml, or ~/.config/oneseat/config.toml.
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
    /// Show what the configuration file means, and find every token, without a request to GitHub; exit with 1 if
    /// there is a problem, such as a missing token.
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
                        format!(
                            "write the file {}, or name another one with --config FILE",
                            path.display()
                        )
                    }
                    None => "name a file with --config FILE".to_owned(),
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
                url: Some(place.base.join("")),
                fetch: place.wanted_names(),
                max_age_seconds: of.and_then(|it| it.max_age).or(config.max_age),
                token_from: token.as_ref().ok().map(|token| token.from.clone()),
                columns: Vec::new(),
                keeps_all: None,
                problem: problem(place.ca_file.as_deref(), token.err()),
            }
        });
        // A directory belongs to no enterprise, so it is left out if `--enterprise` names one.
        let directories = config.directories.iter().filter(|_| enterprise.is_none());
        let directories = directories.map(|it| directory(it, config.max_age));
        let said = said.chain(directories).collect();
        let answer = ConfigAnswer::new(path.display().to_string(), said);
        output.print(&answer, global, world)?;
        Ok(u8::from(!answer.is_ok()))
    }
}

/// What the configuration file says about an employee directory, as `config check` prints it.
fn directory(said: &ConfiguredDirectory, max_age: Option<i64>) -> ConfigPlace {
    let columns = said.mapping.as_ref().map(|mapping| mapping.columns());
    let columns = columns.unwrap_or_default();
    ConfigPlace {
        kind: SourceKind::Directory.name(),
        name: said.name.clone(),
        url: None,
        fetch: Vec::new(),
        max_age_seconds: said.max_age.or(max_age),
        token_from: None,
        columns: columns.into_iter().map(str::to_owned).collect(),
        keeps_all: Some(said.keeps_all),
        problem: None,
    }
}

/// What is wrong with the token of an enterprise or an instance, and with its file of certificate authorities,
/// in one text; `None` if nothing is wrong.
fn problem(ca_file: Option<&Path>, token: Option<Error>) -> Option<String> {
    let certificates = ca_file.and_then(|file| check_ca_file(file).err());
    let certificates = certificates.map(|error| {
        format!("ca_file {}", [vec![error.to_string()], error.causes()].concat().join(": "))
    });
    let problems: Vec<String> =
        certificates.into_iter().chain(token.map(|error| error.to_string())).collect();
    (!problems.is_empty()).then(|| problems.join("; "))
}

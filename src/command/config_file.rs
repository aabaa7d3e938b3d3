//! The option `--config`, the usual path of the configuration file, and the reading of that file.

use std::path::{Path, PathBuf};

use clap::Args;

use super::world::World;
use crate::config::Config;
use crate::error::Result;

/// The option that names the configuration file.
#[derive(Args)]
pub struct ConfigArgs {
    /// Read this configuration file [default: oneseat/config.toml in your configuration directory].
    #[arg(long, value_name = "FILE", env = "ONESEAT_CONFIG", global = true)]
    config: Option<PathBuf>,
}

/// The path of the configuration file, and its settings. `None` if the option `--config` names no file and
/// there is none at the usual path.
///
/// # Errors
/// If the configuration file cannot be read or is not valid; if the option names a file that does not exist.
pub fn read_config(arguments: &ConfigArgs, world: &World<'_>) -> Result<Option<(PathBuf, Config)>> {
    find_config(arguments, world).map_err(|error| {
        error.hint(
            "run `oneseat config check` to see what is wrong; docs/fetching.md has an example",
        )
    })
}

pub(super) fn find_config(
    arguments: &ConfigArgs,
    world: &World<'_>,
) -> Result<Option<(PathBuf, Config)>> {
    let named = arguments.config.clone();
    let usual = || path_of(world).filter(|path| path.exists());
    let Some(path) = named.or_else(usual) else { return Ok(None) };
    let home = world.machine.variable("HOME");
    let config = Config::read(&path, home.as_deref().map(Path::new))?;
    Ok(Some((path, config)))
}

/// Whether the configuration file exists: the one that `--config` names or, without this option, the one at the
/// usual path.
pub fn config_exists(arguments: &ConfigArgs, world: &World<'_>) -> bool {
    let path = arguments.config.clone().or_else(|| path_of(world));
    path.is_some_and(|path| path.exists())
}

/// The usual path of the configuration file, by the XDG rules; `None` if the environment names no folder for
/// it.
pub(super) fn path_of(world: &World<'_>) -> Option<PathBuf> {
    let from = |name: &str| world.machine.variable(name).map(PathBuf::from);
    let folder = from("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let folder = folder.or_else(|| Some(from("HOME")?.join(".config")));
    let folder = folder.or_else(|| from("APPDATA"))?;
    Some(folder.join("oneseat").join("config.toml"))
}

//! The command `oneseat doctor`, which prints facts for a bug report.

use clap::Args;

use super::config_file::{ConfigArgs, config_exists};
use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database, THE_PROGRAM};
use super::world::World;
use crate::error::Result;
use crate::report::{self, Surroundings};

/// The environment variables that change what the program does. Those with tokens (`ONESEAT_TOKEN…`) are not
/// among them.
const VARIABLES: [&str; 13] = [
    "ONESEAT_DB",
    "ONESEAT_CONFIG",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "NO_PROXY",
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "NO_COLOR",
    "TMPDIR",
    "SQLITE_TMPDIR",
];

/// The beginning of the names of all environment variables that contain tokens. The rest of such a name is a
/// host or an enterprise, so `oneseat doctor` prints only how many of them there are.
const TOKEN: &str = "ONESEAT_TOKEN";

/// Print one page of facts for a bug report: versions, sizes, numbers; no names, no addresses.
///
/// The command reads the database as it is and changes nothing. If the database cannot be read, the command
/// prints the page all the same and exits with 4.
///
/// Example: oneseat doctor --format markdown
#[derive(Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for DoctorArgs {
    const ABOUT: About = About {
        name: "doctor",
        group: THE_PROGRAM,
        database: Database::Asks,
        questions: &["doctor"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let machine = world.machine;
        let set = VARIABLES.iter().filter(|name| machine.variable(name).is_some());
        let mut environment: Vec<String> = set.map(|name| (*name).to_owned()).collect();
        let names = machine.variable_names();
        let tokens = names.iter().filter(|name| name.starts_with(TOKEN)).count();
        if tokens > 0 {
            environment.push(format!("{TOKEN}… ({tokens})"));
        }
        let surroundings = Surroundings {
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            environment,
            configuration: config_exists(&self.config, world),
            width: world.width,
            standard_error_is_terminal: world.err_is_terminal,
        };
        let (answer, looked) = report::doctor(&global.database()?, surroundings);
        self.output.print(&answer, global, world)?;
        looked.map(|()| 0)
    }
}

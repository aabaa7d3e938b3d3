//! `oneseat sources`.

use clap::{Args, Subcommand};

use super::{Global, KnownOnArgs, OutputArgs, World, start};
use crate::error::{Error, Result, quoted};
use crate::model::{BillingModel, Host, Instant, SourceKind};
use crate::report;
use crate::store::{Declaration, Declared, Store};

/// The enterprises and instances: list them, and declare what files do not say.
///
/// Example: oneseat sources set corp --billing-model metered
#[derive(Args)]
pub struct SourcesArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    known_on: KnownOnArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Subcommand)]
enum Action {
    /// Every source.
    List {
        #[command(flatten)]
        known_on: KnownOnArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Declare something of a source.
    Set(SetArgs),
    /// Give a source another name; an instance is still known by its old one.
    Rename {
        /// The name now.
        #[arg(value_name = "A")]
        from: String,
        /// The new name.
        #[arg(value_name = "B")]
        to: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// From an instant on, a source takes no part any more.
    Retire {
        /// The source.
        name: String,
        /// From when on: RFC 3339, or a date, which is its first second.
        #[arg(long, value_name = "T", required = true, value_parser = start)]
        from: Instant,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Args)]
struct SetArgs {
    /// The source.
    name: String,
    /// How the enterprise pays: volume, metered or emu. It decides whether invitations count.
    #[arg(long, value_name = "MODEL", value_parser = ["volume", "metered", "emu"])]
    billing_model: Option<String>,
    /// Another host name of the instance.
    #[arg(long, value_name = "HOST")]
    alias: Option<String>,
    /// From when on it holds [default: always].
    #[arg(long, value_name = "T", value_parser = start)]
    from: Option<Instant>,
    #[command(flatten)]
    output: OutputArgs,
}

impl SourcesArgs {
    /// Does what is asked.
    pub fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let (known_on, output) = match &self.action {
            None => (self.known_on.known_on, &self.output),
            Some(Action::List { known_on, output }) => (known_on.known_on, output),
            Some(Action::Set(set)) => {
                set.declare(global, world)?;
                (None, &set.output)
            }
            Some(Action::Rename { from, to, output }) => {
                rename(from, to, global, world)?;
                (None, output)
            }
            Some(Action::Retire { name, from, output }) => {
                declare(name, Declared::Retired, "true", Some(*from), global, world, |_| true)?;
                (None, output)
            }
        };
        let store = Store::open(&global.database()?)?;
        output.print(&report::sources(&store, known_on)?, global, world)?;
        Ok(0)
    }
}

impl SetArgs {
    fn declare(&self, global: &Global, world: &mut World<'_>) -> Result<()> {
        // The global option says here which enterprise the instance belongs to.
        let enterprise = global.enterprise.as_ref();
        let mut said = false;
        if let Some(model) = &self.billing_model {
            BillingModel::from_name(model)
                .ok_or_else(|| Error::usage(format!("no billing model: {}", quoted(model))))?;
            let cloud = |kind| kind == SourceKind::Cloud;
            declare(&self.name, Declared::BillingModel, model, self.from, global, world, cloud)?;
            said = true;
        }
        if let Some(enterprise) = enterprise {
            let what = Declared::Enterprise;
            declare(
                &self.name,
                what,
                enterprise,
                self.from,
                global,
                world,
                SourceKind::is_instance,
            )?;
            said = true;
        }
        if let Some(alias) = &self.alias {
            let host = Host::new(alias)
                .ok_or_else(|| Error::usage(format!("no host name: {}", quoted(alias))))?;
            let what = Declared::Alias;
            let is = SourceKind::is_instance;
            declare(&self.name, what, host.as_str(), self.from, global, world, is)?;
            said = true;
        }
        if said {
            return Ok(());
        }
        Err(Error::usage("nothing is said of the source")
            .hint("say --billing-model MODEL, --enterprise NAME or --alias HOST"))
    }
}

/// Declares something of every source of this name and of the right kind.
fn declare(
    name: &str,
    what: Declared,
    value: &str,
    valid_from: Option<Instant>,
    global: &Global,
    world: &mut World<'_>,
    right: impl Fn(SourceKind) -> bool,
) -> Result<()> {
    let mut store = Store::open(&global.database()?)?;
    let import = store.begin(world.now)?;
    let mut sources = import.sources_named(name)?;
    sources.retain(|(_, kind)| right(*kind));
    if sources.is_empty() {
        return Err(Error::usage(format!("this cannot be said of {}", quoted(name)))
            .hint("billing models are of enterprises; enterprises and aliases are of instances"));
    }
    for (source_id, _) in sources {
        let value = value.to_owned();
        import.declare(&Declaration { source_id, what, value, valid_from })?;
    }
    import.commit()
}

fn rename(from: &str, to: &str, global: &Global, world: &mut World<'_>) -> Result<()> {
    let mut store = Store::open(&global.database()?)?;
    let import = store.begin(world.now)?;
    let sources = import.sources_named(from)?;
    let taken = import.sources_named(to).unwrap_or_default();
    if sources.iter().any(|(_, kind)| taken.iter().any(|(_, other)| other == kind)) {
        return Err(Error::usage(format!("there is a source {} already", quoted(to)))
            .hint("for another host name of one instance: oneseat sources set NAME --alias HOST"));
    }
    for (source_id, kind) in sources {
        let value = match (kind.is_instance(), Host::new(to)) {
            (true, Some(host)) => host.as_str().to_owned(),
            (false, _) if !to.trim().is_empty() => to.trim().to_owned(),
            _ => return Err(Error::usage(format!("no name: {}", quoted(to)))),
        };
        let what = Declared::Name;
        import.declare(&Declaration { source_id, what, value, valid_from: None })?;
    }
    import.commit()
}

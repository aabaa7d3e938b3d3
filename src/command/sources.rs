//! The command `oneseat sources`, which lists the enterprises, instances and employee directories, and declares
//! settings about them.

use clap::{Args, Subcommand};

use super::global::Global;
use super::output::OutputArgs;
use super::spec::{About, Command, Database};
use super::times::{KnownOnArgs, start};
use super::world::World;
use crate::error::{Error, Result, printable, quoted};
use crate::intake::near_names;
use crate::model::{Host, Instant, SourceFamily, SourceKind};
use crate::report;
use crate::store::{Declaration, Declared, Import, Store};

/// List the enterprises, instances and directories, and declare what the files do not state.
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
    /// List every source.
    ///
    /// Example: oneseat sources list
    List {
        #[command(flatten)]
        known_on: KnownOnArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Declare the billing model, the enterprise or an alias of a source.
    ///
    /// Example: oneseat sources set corp --billing-model metered --from 2026-01-01
    Set(SetArgs),
    /// Give a source another name; files may still use the old name of an instance.
    ///
    /// Example: oneseat sources rename ghes-old.corp.example ghes1.corp.example
    Rename {
        /// The present name of the source.
        #[arg(value_name = "A")]
        from: String,
        /// The new name of the source.
        #[arg(value_name = "B")]
        to: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// End the retirement of a source, so that the source counts again.
    ///
    /// Example: oneseat sources restore ghes2.corp.example --from 2026-06-01
    Restore {
        /// The name of the source.
        name: String,
        /// End the retirement at this instant: a time in RFC 3339, or a date, which means its first second
        /// [default: undo the retirement from its beginning].
        #[arg(long, value_name = "T", value_parser = start)]
        from: Option<Instant>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Retire a source, so that it does not count from an instant on.
    ///
    /// Example: oneseat sources retire ghes2.corp.example --from 2026-04-01
    Retire {
        /// The name of the source.
        name: String,
        /// Begin the retirement at this instant: a time in RFC 3339, or a date, which means its first second.
        #[arg(long, value_name = "T", required = true, value_parser = start)]
        from: Instant,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Args)]
struct SetArgs {
    /// The name of the source.
    name: String,
    /// Set how the enterprise pays: volume, metered or emu. This decides whether invitations count.
    #[arg(long, value_name = "MODEL", value_parser = ["volume", "metered", "emu"])]
    billing_model: Option<String>,
    /// Add another host name of the instance; files and reports with that name are about this instance.
    #[arg(long, value_name = "HOST")]
    alias: Option<String>,
    /// Give up an alias, or an earlier name, of the source, so that another source can have this name.
    #[arg(long, value_name = "NAME", conflicts_with = "alias")]
    no_alias: Option<String>,
    /// Accept an enterprise name that no source has yet; the value is the reason.
    #[arg(long, value_name = "REASON")]
    accept_new: Option<String>,
    /// Make the declaration valid from this instant on: a time in RFC 3339, or a date, which means its first second
    /// [default: always].
    #[arg(long, value_name = "T", value_parser = start)]
    from: Option<Instant>,
    #[command(flatten)]
    output: OutputArgs,
}

impl Command for SourcesArgs {
    const ABOUT: About = About {
        name: "sources",
        group: "The books",
        database: Database::Asks,
        questions: &["sources", "sources list"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        // The answer is read through the connection that wrote the declaration. So it can be printed even if
        // the disk is full by then.
        let mut store = Store::open(&global.database()?)?;
        let (known_on, output) = match &self.action {
            None => (self.known_on.known_on, &self.output),
            Some(Action::List { known_on, output }) => (known_on.known_on, output),
            Some(Action::Set(set)) => {
                let made = set.declare(&mut store, global, world.now)?;
                tell(&report::said_of(&store, &made)?, global, world);
                (None, &set.output)
            }
            Some(Action::Rename { from, to, output }) => {
                rename(&mut store, from, to, world.now)?;
                (None, output)
            }
            Some(Action::Retire { name, from, output }) => {
                let said: DeclarationKind = (Declared::Retired, "true".to_owned(), |_| true);
                let made =
                    declare(&mut store, name, None, &[said], (Some(*from), None), world.now)?;
                tell(&report::said_of(&store, &made)?, global, world);
                (None, output)
            }
            Some(Action::Restore { name, from, output }) => {
                let made = restore(&mut store, name, *from, world.now)?;
                tell(&report::said_of(&store, &made)?, global, world);
                (None, output)
            }
        };
        output.print(&report::sources(&store, known_on)?, global, world)?;
        Ok(0)
    }

    fn asks_of_enterprise(&self) -> bool {
        // With `oneseat sources set`, `--enterprise` names the enterprise to which an instance belongs. It may
        // be a new one, so it is not checked here.
        !matches!(self.action, Some(Action::Set(_)))
    }

    fn goes_by_the_clock(&self) -> bool {
        self.writes()
    }
}

impl SourcesArgs {
    /// Whether the command writes into the database, rather than only listing sources.
    pub(super) fn writes(&self) -> bool {
        !matches!(self.action, None | Some(Action::List { .. }))
    }
}

/// Prints notes about a declaration to standard error, unless `-q` is set.
pub(super) fn tell(sentences: &[String], global: &Global, world: &mut World<'_>) {
    for sentence in sentences.iter().filter(|_| !global.quiet) {
        // The answer is printed even if the notes cannot be written to standard error.
        let _closed = writeln!(world.err, "oneseat: note: {}", printable(sentence));
    }
}

/// A declaration to make about a source: what it declares, its value, and whether a kind of source can have it.
type DeclarationKind = (Declared, String, fn(SourceKind) -> bool);

impl SetArgs {
    /// Makes the declarations that the options of `oneseat sources set` state, and returns them.
    fn declare(
        &self,
        store: &mut Store,
        global: &Global,
        now: Instant,
    ) -> Result<Vec<Declaration>> {
        let mut said: Vec<DeclarationKind> = Vec::new();
        if let Some(model) = &self.billing_model {
            said.push((Declared::BillingModel, model.clone(), |kind| kind == SourceKind::Cloud));
        }
        // With `oneseat sources set`, the global option `--enterprise` names the enterprise to which the
        // instance belongs.
        if let Some(enterprise) = &global.enterprise {
            said.push((Declared::Enterprise, enterprise.clone(), SourceKind::is_instance));
        }
        if let Some(alias) = &self.alias {
            let host = Host::new(alias)
                .ok_or_else(|| Error::usage(format!("invalid host name: {}", quoted(alias))))?;
            said.push((Declared::Alias, host.as_str().to_owned(), SourceKind::is_instance));
        }
        if said.is_empty() && self.no_alias.is_none() {
            return Err(Error::usage("there is nothing to declare").hint(
                "add --billing-model MODEL, --enterprise NAME, --alias HOST or --no-alias NAME",
            ));
        }
        let new = (self.from, self.accept_new.as_deref());
        declare(store, &self.name, self.no_alias.as_deref(), &said, new, now)
    }
}

/// Takes a name from a source that is known by it, so that another source can have the name.
fn give_back(import: &Import<'_>, source: &str, name: &str, from: Option<Instant>) -> Result<()> {
    let sources = import.sources_named(source)?;
    let known_as = import.known_as()?;
    let mut given = false;
    for family in SourceFamily::ALL {
        let plain = Host::new(name).filter(|_| family == SourceFamily::Instance);
        let plain = plain.map_or_else(|| name.to_owned(), |host| host.as_str().to_owned());
        for source_id in known_as.claimants(family, &plain) {
            if sources.iter().any(|(id, _)| *id == source_id) {
                import.declare(&Declaration::given_back(source_id, &plain, from))?;
                given = true;
            }
        }
    }
    if !given {
        return Err(Error::usage(format!(
            "the source {} has no other name {}",
            quoted(source),
            quoted(name)
        ))
        .hint("`oneseat sources` lists the other names of each source"));
    }
    import.check_instants("giving the name back")
}

/// Takes the name `no_alias` from its source, if it is set, and makes declarations about every source called
/// `name` whose kind can have them. Returns the declarations. If a step fails, nothing is stored.
fn declare(
    store: &mut Store,
    name: &str,
    no_alias: Option<&str>,
    said: &[DeclarationKind],
    (valid_from, accept_new): (Option<Instant>, Option<&str>),
    now: Instant,
) -> Result<Vec<Declaration>> {
    let mut made = Vec::new();
    let import = store.begin(now)?;
    if let Some(alias) = no_alias {
        give_back(&import, name, alias, valid_from)?;
    }
    let sources = import.sources_to_declare(name)?;
    for (what, value, right) in said {
        let of_kind: Vec<i64> =
            sources.iter().filter(|(_, kind)| right(*kind)).map(|(id, _)| *id).collect();
        if of_kind.is_empty() {
            return Err(Error::usage(format!(
                "no source with the name {} can have this declaration",
                quoted(name)
            ))
            .hint(
                "declare a billing model for an enterprise, and an enterprise or an alias for an \
                 instance; an employee directory has none of these",
            ));
        }
        if *what == Declared::Enterprise && accept_new.is_none() {
            check_enterprise(&import.enterprises()?, value)?;
        }
        for source_id in of_kind {
            let (what, value) = (*what, value.clone());
            let declaration = Declaration { source_id, what, value, valid_from };
            import.declare_for(&declaration, accept_new)?;
            made.push(declaration);
        }
    }
    import.check_instants("the alias")?;
    import.commit()?;
    Ok(made)
}

/// Ends the retirement of the sources called `name`. It is an error if none of them is retired.
fn restore(
    store: &mut Store,
    name: &str,
    from: Option<Instant>,
    now: Instant,
) -> Result<Vec<Declaration>> {
    let retired = report::sources_retired(store)?;
    let import = store.begin(now)?;
    let sources = import.sources_to_declare(name)?;
    if !sources.iter().any(|(id, _)| retired.contains(id)) {
        return Err(Error::usage(format!("{} is not retired", quoted(name))).hint(
            "`oneseat sources` lists the retired sources, with the time of each retirement",
        ));
    }
    let mut made = Vec::new();
    for (source_id, _) in sources {
        let (what, value) = (Declared::Retired, "false".to_owned());
        let declaration = Declaration { source_id, what, value, valid_from: from };
        import.declare(&declaration)?;
        made.push(declaration);
    }
    import.commit()?;
    Ok(made)
}

/// Refuses an enterprise that is not known. While no enterprise is known at all, any name is accepted.
fn check_enterprise(known: &[String], name: &str) -> Result<()> {
    if known.is_empty() || known.iter().any(|it| it == name) {
        return Ok(());
    }
    let near = near_names(name, known.iter().map(String::as_str));
    Err(Error::usage(format!("there is no enterprise {}", quoted(name)))
        .hint(format!("did you mean {}?", near.join(", ")))
        .hint("if the enterprise is a new one, add --accept-new REASON"))
}

fn rename(store: &mut Store, from: &str, to: &str, now: Instant) -> Result<()> {
    let import = store.begin(now)?;
    let sources = import.sources_to_declare(from)?;
    let taken = import.sources_named(to).unwrap_or_default();
    let taken: Vec<_> = taken.into_iter().filter(|it| !sources.contains(it)).collect();
    if sources.iter().any(|(_, kind)| taken.iter().any(|(_, other)| other == kind)) {
        return Err(Error::usage(format!("there is a source {} already", quoted(to))).hint(
            "if both names are host names of one instance: oneseat sources set NAME --alias HOST",
        ));
    }
    for (source_id, kind) in sources {
        let value = match (kind.is_instance(), Host::new(to)) {
            (true, Some(host)) => host.as_str().to_owned(),
            (false, _) if !to.trim().is_empty() => to.trim().to_owned(),
            _ => return Err(Error::usage(format!("invalid name: {}", quoted(to)))),
        };
        let what = Declared::Name;
        import.declare(&Declaration { source_id, what, value, valid_from: None })?;
    }
    import.check_instants("the new name")?;
    import.commit()
}

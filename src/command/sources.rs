//! `oneseat sources`.

use clap::{Args, Subcommand};

use super::list::{About, Command, Database};
use super::{Global, KnownOnArgs, OutputArgs, World, start};
use crate::error::{Error, Result, printable, quoted};
use crate::intake::near_names;
use crate::model::{Host, Instant, SourceKind};
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
    ///
    /// Example: oneseat sources list
    List {
        #[command(flatten)]
        known_on: KnownOnArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Declare something of a source.
    ///
    /// Example: oneseat sources set corp --billing-model metered --from 2026-01-01
    Set(SetArgs),
    /// Give a source another name; an instance is still known by its old one.
    ///
    /// Example: oneseat sources rename ghes-old.corp.example ghes1.corp.example
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
    /// End a retirement: the source takes part again.
    ///
    /// Example: oneseat sources restore ghes2.corp.example --from 2026-06-01
    Restore {
        /// The source.
        name: String,
        /// From when on: RFC 3339, or a date, which is its first second [default: from the beginning
        /// of the retirement].
        #[arg(long, value_name = "T", value_parser = start)]
        from: Option<Instant>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// From an instant on, a source takes no part any more.
    ///
    /// Example: oneseat sources retire ghes2.corp.example --from 2026-04-01
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
    /// Another host name of the instance: files and reports that name it are this one's.
    #[arg(long, value_name = "HOST")]
    alias: Option<String>,
    /// Give a name back: an alias, or the name before a rename, is that of another source again.
    #[arg(long, value_name = "NAME", conflicts_with = "alias")]
    no_alias: Option<String>,
    /// Take the name of an enterprise that nobody has yet, for this reason.
    #[arg(long, value_name = "REASON")]
    accept_new: Option<String>,
    /// From when on it holds [default: always].
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
        // One connection for what is said and for the answer: what is stored is told of, even where the
        // disk is full by then.
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
                let made = declare(&mut store, name, &[said], (Some(*from), None), world.now)?;
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
        // `sources set` says which enterprise an instance belongs to.
        !matches!(self.action, Some(Action::Set(_)))
    }

    fn goes_by_the_clock(&self) -> bool {
        self.writes()
    }
}

impl SourcesArgs {
    /// Does it write?
    pub(super) fn writes(&self) -> bool {
        !matches!(self.action, None | Some(Action::List { .. }))
    }
}

/// Says what is to be known of something that was declared.
pub(super) fn tell(sentences: &[String], global: &Global, world: &mut World<'_>) {
    for sentence in sentences.iter().filter(|_| !global.quiet) {
        // Talk: nobody is told where standard error is closed.
        let _closed = writeln!(world.err, "oneseat: note: {}", printable(sentence));
    }
}

/// Something to declare: what, the value, and of which kinds of source it can be said.
type DeclarationKind = (Declared, String, fn(SourceKind) -> bool);

impl SetArgs {
    /// Declares all that is said, or nothing of it.
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
        // The global option says here which enterprise the instance belongs to.
        if let Some(enterprise) = &global.enterprise {
            said.push((Declared::Enterprise, enterprise.clone(), SourceKind::is_instance));
        }
        if let Some(alias) = &self.alias {
            let host = Host::new(alias)
                .ok_or_else(|| Error::usage(format!("no host name: {}", quoted(alias))))?;
            said.push((Declared::Alias, host.as_str().to_owned(), SourceKind::is_instance));
        }
        if said.is_empty() && self.no_alias.is_none() {
            return Err(Error::usage("nothing is said of the source").hint(
                "say --billing-model MODEL, --enterprise NAME, --alias HOST or --no-alias NAME",
            ));
        }
        if let Some(name) = &self.no_alias {
            give_back(store, &self.name, name, self.from, now)?;
        }
        let new = (self.from, self.accept_new.as_deref());
        declare(store, &self.name, &said, new, now)
    }
}

/// Gives a name back that a source is known by.
fn give_back(
    store: &mut Store,
    source: &str,
    name: &str,
    from: Option<Instant>,
    now: Instant,
) -> Result<()> {
    let import = store.begin(now)?;
    let sources = import.sources_named(source)?;
    let known_as = import.known_as()?;
    let mut given = false;
    for is_instance in [true, false] {
        let plain = Host::new(name).filter(|_| is_instance);
        let plain = plain.map_or_else(|| name.to_owned(), |host| host.as_str().to_owned());
        for source_id in known_as.claimants(is_instance, &plain) {
            if sources.iter().any(|(id, _)| *id == source_id) {
                import.declare(&Declaration::given_back(source_id, &plain, from))?;
                given = true;
            }
        }
    }
    if !given {
        return Err(Error::usage(format!("{} is not known as {}", quoted(source), quoted(name)))
            .hint("`oneseat sources` lists the other names of each"));
    }
    import.check_instants("giving the name back")?;
    import.commit()
}

/// Declares things of every source of this name, each of those of the right kind; gives what was
/// declared.
fn declare(
    store: &mut Store,
    name: &str,
    said: &[DeclarationKind],
    (valid_from, accept_new): (Option<Instant>, Option<&str>),
    now: Instant,
) -> Result<Vec<Declaration>> {
    let mut made = Vec::new();
    let import = store.begin(now)?;
    let sources = import.sources_to_declare(name)?;
    for (what, value, right) in said {
        let of_kind: Vec<i64> =
            sources.iter().filter(|(_, kind)| right(*kind)).map(|(id, _)| *id).collect();
        if of_kind.is_empty() {
            return Err(Error::usage(format!("this cannot be said of {}", quoted(name))).hint(
                "billing models are of enterprises; enterprises and aliases are of instances",
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

/// Ends a retirement; what is not retired has none to end.
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
        return Err(Error::usage(format!("{} is not retired", quoted(name)))
            .hint("`oneseat sources` says which are, and from when on"));
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

/// Holds that an enterprise is there, or none at all is.
fn check_enterprise(known: &[String], name: &str) -> Result<()> {
    if known.is_empty() || known.iter().any(|it| it == name) {
        return Ok(());
    }
    let near = near_names(name, known.iter().map(String::as_str));
    Err(Error::usage(format!("there is no enterprise {}", quoted(name)))
        .hint(format!("did you mean {}?", near.join(", ")))
        .hint("--accept-new REASON takes a name that is new"))
}

fn rename(store: &mut Store, from: &str, to: &str, now: Instant) -> Result<()> {
    let import = store.begin(now)?;
    let sources = import.sources_to_declare(from)?;
    let taken = import.sources_named(to).unwrap_or_default();
    let taken: Vec<_> = taken.into_iter().filter(|it| !sources.contains(it)).collect();
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
    import.check_instants("the new name")?;
    import.commit()
}

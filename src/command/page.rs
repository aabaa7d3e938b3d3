//! The command `oneseat page`, which writes one HTML file that people look at.

use clap::Args;
use clap::builder::PossibleValue;

use super::check::bounds_of;
use super::config_file::{ConfigArgs, read_config};
use super::global::Global;
use super::output::OutputArgs;
use super::privacy::pseudonym_key;
use super::spec::{About, Command, Database};
use super::times::{AsOfArgs, start_of_span};
use super::world::World;
use crate::config::Config;
use crate::error::Result;
use crate::ledger::{AsOf, Asked};
use crate::render::{self, PageShown};
use crate::report::{self, PageAnswer, PageAsked, PeopleShown};

/// Write one page that people look at: the figures, charts, findings and people of an instant, in one HTML file.
///
/// The file opens from disk, sends nothing anywhere and prints. Every figure on it is that of a command, which the
/// page names. Without --output it is oneseat-DATE.html in the current folder, with the date of the answer; `-o -`
/// writes it to standard output. The format is HTML unless --format or the name of the file says another. Anybody who has the file can read the names on it.
///
/// Example: oneseat page --as-of 2026-06-30 -o licenses.html
#[derive(Args)]
pub struct PageArgs {
    #[command(flatten)]
    as_of: AsOfArgs,
    /// Begin the trend at this instant: RFC 3339, a date (its first second), 7d, 2w or 3m (that long before
    /// latest), or previous [default: the first snapshot].
    #[arg(long, value_name = "T", value_parser = start_of_span)]
    from: Option<AsOf>,
    /// Embed these people. With auto, all people up to 100,000; beyond that, those with a finding or an idle seat.
    #[arg(long, value_enum, value_name = "WHO", default_value = "auto")]
    people: Who,
    /// Show people under pseudonyms, without names, logins and addresses; needs the key that `oneseat privacy
    /// new-key` makes.
    #[arg(long)]
    pseudonyms: bool,
    /// Give the page this title.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// The people that a page embeds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Auto,
    All,
    Findings,
    None,
}

impl clap::ValueEnum for Who {
    fn value_variants<'a>() -> &'a [Self] {
        &[Who::Auto, Who::All, Who::Findings, Who::None]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Who::Auto => "auto",
            Who::All => "all",
            Who::Findings => "findings",
            Who::None => "none",
        }))
    }
}

impl From<Who> for PeopleShown {
    fn from(who: Who) -> PeopleShown {
        match who {
            Who::Auto => PeopleShown::Auto,
            Who::All => PeopleShown::All,
            Who::Findings => PeopleShown::Findings,
            Who::None => PeopleShown::None,
        }
    }
}

impl Command for PageArgs {
    const ABOUT: About = About {
        name: "page",
        group: "Hand on",
        database: Database::Asks,
        questions: &["page -o -"],
    };

    fn run(&self, global: &Global, world: &mut World<'_>) -> Result<u8> {
        let config = read_config(&self.config, world)?.map(|(_, it)| it).unwrap_or_default();
        let bounds = bounds_of(&config)?;
        let pseudonyms = if self.pseudonyms { Some(pseudonym_key(&config)?) } else { None };
        let asked = global.asked(&self.as_of);
        let answer = global.ask(asked.known_on, |ledger| {
            let from = self.from.map(|it| ledger.end_of_span(it, asked.enterprise.as_deref()));
            let asked = PageAsked {
                from: from.transpose()?,
                asked: asked.clone(),
                bounds,
                people: self.people.into(),
                pseudonyms,
            };
            report::page(ledger, &asked)
        })?;
        let output = self.output.for_page(&file_name(&answer));
        if output.format_name() == "html" {
            let html = html(&answer, global, self.title.as_deref(), self.pseudonyms)?;
            output.print_bytes(&html, global, world)?;
        } else {
            output.print(&answer, global, world)?;
        }
        Ok(0)
    }
}

/// The name of the file that a page gets without `--output`.
pub fn file_name(answer: &PageAnswer) -> String {
    let day = answer.as_of.day().map(|day| day.to_string()).unwrap_or_default();
    format!("oneseat-{day}.html")
}

/// A page as HTML.
///
/// # Errors
/// [`crate::error::ErrorKind::Bug`] if the page cannot be made.
pub fn html(
    answer: &PageAnswer,
    global: &Global,
    title: Option<&str>,
    pseudonyms: bool,
) -> Result<Vec<u8>> {
    render::page(&PageShown {
        title: title.unwrap_or("GitHub Enterprise licenses"),
        enterprise: global.enterprise.as_deref(),
        json: &answer.json,
        people: &answer.list,
        pseudonyms,
    })
}

/// The question of a page as of the newest snapshot, without options.
pub fn usual_page(asked: Asked) -> Result<PageAsked> {
    Ok(PageAsked {
        asked,
        from: None,
        bounds: bounds_of(&Config::default())?,
        people: PeopleShown::Auto,
        pseudonyms: None,
    })
}

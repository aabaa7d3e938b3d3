//! What is to be fetched, and from where: the command line and the configuration, brought together.

use std::path::PathBuf;

use crate::config::{self, Config};
use crate::error::{Error, Result, quoted};
use crate::import as formats;
use crate::model::{Host, TokenFrom};
use crate::remote::{Base, CLOUD_ANSWERS, CloudAnswer, SERVER_ANSWERS, ServerAnswer};

/// The version of Cloud's interface that this program was built against.
const API_VERSION: &str = "2022-11-28";

/// The name of the GraphQL answer about installations and their accounts.
const SERVER_ACCOUNTS: &str = "server-accounts";

/// Whose answers are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// An enterprise on GitHub.com or ghe.com.
    Cloud,
    /// An instance.
    Server,
}

impl Where {
    /// `cloud` or `server`.
    pub fn name(self) -> &'static str {
        match self {
            Where::Cloud => "cloud",
            Where::Server => "server",
        }
    }
}

/// What is wanted from a place.
#[derive(Clone, Copy)]
pub enum What {
    /// A REST answer of Cloud.
    Cloud(&'static CloudAnswer),
    /// An answer of an instance.
    Server(&'static ServerAnswer),
    /// The Server accounts as Cloud knows them.
    ServerAccounts,
}

impl What {
    /// The name, as the configuration writes it.
    pub fn name(&self) -> &'static str {
        match self {
            What::Cloud(answer) => answer.name,
            What::Server(answer) => answer.name,
            What::ServerAccounts => SERVER_ACCOUNTS,
        }
    }

    /// Are the answers accounts? Otherwise they stand beside them.
    pub fn holds_accounts(&self) -> bool {
        let format = match self {
            What::Cloud(answer) => answer.format,
            What::Server(answer) => answer.format,
            What::ServerAccounts => return true,
        };
        formats::by_name(format).is_ok_and(|reader| reader.kind().holds_accounts())
    }

    /// Is a refusal only a warning?
    pub fn optional(&self) -> bool {
        match self {
            What::Cloud(answer) => answer.optional,
            What::Server(answer) => answer.optional,
            What::ServerAccounts => false,
        }
    }
}

/// Where to fetch from, and what.
pub struct FetchTarget {
    /// Cloud or Server.
    pub kind: Where,
    /// The enterprise's short name, or the host name of the instance.
    pub name: String,
    /// Where its answers begin.
    pub base: Base,
    /// What is wanted, in order.
    pub wanted: Vec<What>,
    /// Where the configuration says that its token is.
    pub token: Option<TokenFrom>,
    /// May `GH_TOKEN` and `GITHUB_TOKEN` be meant for it?
    pub general_token: bool,
    /// Whose token it is.
    pub user: Option<String>,
    /// Further authorities to trust.
    pub ca_file: Option<PathBuf>,
    /// `X-GitHub-Api-Version`; Server instances are asked for none unless somebody says one.
    pub api_version: Option<String>,
    /// Why it is something new, although it looks like another one.
    pub accept_new: Option<String>,
}

impl FetchTarget {
    /// What a token for it must be able to do.
    pub fn rights(&self) -> &'static str {
        match self.kind {
            Where::Cloud => {
                "a classic personal access token with the scope read:enterprise (or manage_billing:enterprise) of an owner or billing manager of the enterprise"
            }
            Where::Server => {
                "a personal access token with the scope site_admin (for the license: read:enterprise) of a site administrator"
            }
        }
    }

    /// What may be wrong where it shows nothing.
    pub fn else_wrong(&self) -> &'static str {
        match self.kind {
            Where::Cloud => {
                "or the name is wrong: it is the one in the address, github.com/enterprises/NAME"
            }
            Where::Server => {
                "or the host is another one, or its version of GitHub Enterprise Server has no such page"
            }
        }
    }

    /// What is wanted, by name.
    pub fn wanted_names(&self) -> Vec<&'static str> {
        self.wanted.iter().map(What::name).collect()
    }
}

/// What the command line asks for.
#[derive(Default)]
pub struct Choice<'c> {
    /// `cloud` or `server`; `None`: all that the configuration names.
    pub kind: Option<Where>,
    /// The enterprise.
    pub enterprise: Option<&'c str>,
    /// The instance.
    pub host: Option<&'c str>,
    /// Where its answers begin.
    pub url: Option<&'c str>,
    /// Whose token it is.
    pub user: Option<&'c str>,
    /// Further authorities to trust.
    pub ca_file: Option<PathBuf>,
    /// Fetch the Server accounts as Cloud knows them as well.
    pub server_accounts: bool,
}

/// The places to fetch from, in the order in which they are fetched.
///
/// # Errors
/// [`crate::error::Kind::Usage`] if nothing is named, or something that cannot be.
pub fn places(config: &Config, choice: &Choice<'_>) -> Result<Vec<FetchTarget>> {
    let mut found = Vec::new();
    match choice.kind {
        Some(Where::Cloud) => {
            let name = choice.enterprise.ok_or_else(|| {
                Error::usage("nothing says which enterprise").hint("name it with --enterprise NAME")
            })?;
            let said = config.enterprise(name).cloned();
            found.push(cloud(&said.unwrap_or_else(|| named(name)), choice)?);
        }
        Some(Where::Server) => {
            let name = choice.host.ok_or_else(|| {
                Error::usage("nothing says which instance").hint("name it with --host HOST")
            })?;
            let host = Host::new(name);
            let host =
                host.ok_or_else(|| Error::usage(format!("no host name: {}", quoted(name))))?;
            let said = config.host(host.as_str()).cloned();
            let mut place = server(&said.unwrap_or_else(|| named(host.as_str())), choice)?;
            // Somebody names one instance and runs it with one token: that is the one meant. With
            // several places it would carry the token for GitHub.com to another host.
            place.general_token = true;
            found.push(place);
        }
        None => {
            let ours = |place: &&config::Configured| {
                choice.enterprise.is_none_or(|name| place.name.eq_ignore_ascii_case(name))
            };
            for place in config.enterprises.iter().filter(ours) {
                found.push(cloud(place, choice)?);
            }
            // Who names an enterprise wants that.
            for place in config.hosts.iter().filter(|_| choice.enterprise.is_none()) {
                found.push(server(place, choice)?);
            }
        }
    }
    Ok(found)
}

fn named(name: &str) -> config::Configured {
    config::Configured { name: name.to_owned(), ..config::Configured::default() }
}

fn cloud(said: &config::Configured, choice: &Choice<'_>) -> Result<FetchTarget> {
    let slug = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    if said.name.is_empty() || !said.name.chars().all(slug) {
        return Err(Error::usage(format!("no name of an enterprise: {}", quoted(&said.name)))
            .hint("it is the short one in the address: github.com/enterprises/NAME"));
    }
    let url = choice.url.or(said.url.as_deref()).unwrap_or("https://api.github.com");
    let base = Base::new(url)?;
    if let Some(subdomain) = base.host().strip_suffix(".ghe.com")
        && !subdomain.starts_with("api.")
    {
        return Err(Error::usage(format!("{} is for people", base.host()))
            .hint(format!("its answers are at https://api.{subdomain}.ghe.com")));
    }
    if base.host() == "github.com" {
        return Err(Error::usage("github.com is for people").hint(
            "its answers are at https://api.github.com, which is usual and need not be said",
        ));
    }
    let usual = CLOUD_ANSWERS.iter().map(What::Cloud);
    let all = usual.clone().chain([What::ServerAccounts]).collect();
    let mut wanted = wanted(said, usual.collect(), all)?;
    let has_accounts = wanted.iter().any(|it| matches!(it, What::ServerAccounts));
    if choice.server_accounts && !has_accounts {
        wanted.push(What::ServerAccounts);
    }
    let version = said.api_version.clone().unwrap_or_else(|| API_VERSION.to_owned());
    Ok(FetchTarget {
        kind: Where::Cloud,
        name: said.name.clone(),
        base,
        wanted,
        token: said.token.clone(),
        general_token: true,
        user: None,
        ca_file: choice.ca_file.clone().or_else(|| said.ca_file.clone()),
        api_version: Some(version),
        accept_new: said.accept_new.clone(),
    })
}

fn server(said: &config::Configured, choice: &Choice<'_>) -> Result<FetchTarget> {
    let usual = format!("https://{}", said.name);
    let url = choice.url.or(said.url.as_deref()).unwrap_or(&usual);
    let all: Vec<What> = SERVER_ANSWERS.iter().map(What::Server).collect();
    Ok(FetchTarget {
        kind: Where::Server,
        name: said.name.clone(),
        base: Base::new(url)?,
        wanted: wanted(said, all.clone(), all)?,
        token: said.token.clone(),
        general_token: false,
        user: choice.user.map(str::to_owned).or_else(|| said.user.clone()),
        ca_file: choice.ca_file.clone().or_else(|| said.ca_file.clone()),
        api_version: said.api_version.clone(),
        accept_new: said.accept_new.clone(),
    })
}

/// What the configuration wants of a place, or what is usual.
fn wanted(said: &config::Configured, usual: Vec<What>, all: Vec<What>) -> Result<Vec<What>> {
    let Some(names) = &said.fetch else { return Ok(usual) };
    let mut wanted = Vec::new();
    for name in names {
        let Some(what) = all.iter().find(|what| what.name() == name) else {
            let known: Vec<&str> = all.iter().map(What::name).collect();
            return Err(Error::usage(format!(
                "{} has nothing called {} to fetch",
                quoted(&said.name),
                quoted(name)
            ))
            .hint(format!("there are: {}", known.join(", "))));
        };
        wanted.push(*what);
    }
    Ok(wanted)
}

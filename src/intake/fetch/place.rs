//! Finds out from the command line and the configuration which enterprises and instances (targets) to fetch
//! from, and which answers to fetch from each.

use std::path::PathBuf;

use crate::config::{self, Config};
use crate::error::{Error, Result, quoted};
use crate::import as formats;
use crate::model::{Host, TokenFrom};
use crate::remote::{Base, CLOUD_ANSWERS, CloudAnswer, SERVER_ANSWERS, ScimUsers, ServerAnswer};

/// The version of Cloud's REST API for which this program was written.
const API_VERSION: &str = "2022-11-28";

/// The name of the answer with the Server accounts as Cloud knows them. It is a GraphQL answer.
const SERVER_ACCOUNTS: &str = "server-accounts";

/// What a target of `fetch` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// An enterprise on GitHub.com or ghe.com.
    Cloud,
    /// An instance of Server.
    Server,
}

impl Where {
    /// The name of the kind in answers: `cloud` or `server`.
    pub fn name(self) -> &'static str {
        match self {
            Where::Cloud => "cloud",
            Where::Server => "server",
        }
    }
}

/// One of GitHub's answers that can be fetched from an enterprise or an instance.
#[derive(Clone, Copy)]
pub enum What {
    /// A REST answer of Cloud.
    Cloud(&'static CloudAnswer),
    /// An answer of an instance.
    Server(&'static ServerAnswer),
    /// The accounts of Server instances as Cloud knows them, from the last sync.
    ServerAccounts,
    /// The SCIM users of an enterprise or of an instance, which are an employee directory.
    ScimUsers,
}

impl What {
    /// The name of the answer, as the configuration writes it.
    pub fn name(&self) -> &'static str {
        match self {
            What::Cloud(answer) => answer.name,
            What::Server(answer) => answer.name,
            What::ServerAccounts => SERVER_ACCOUNTS,
            What::ScimUsers => ScimUsers::NAME,
        }
    }

    /// Whether the answer holds accounts. Answers without accounts are fetched later, so that they are never
    /// older than the accounts.
    pub fn holds_accounts(&self) -> bool {
        let format = match self {
            What::Cloud(answer) => answer.format,
            What::Server(answer) => answer.format,
            What::ServerAccounts => return true,
            What::ScimUsers => return false,
        };
        formats::by_name(format).is_ok_and(|reader| reader.kind().holds_accounts())
    }
}

/// The employee directory that is made of the SCIM users of an enterprise or an instance.
pub struct ScimDirectory {
    /// The name of the directory.
    pub name: String,
    /// Whether the user asked for it on the command line. If only the configuration names it, a token without
    /// the right to it is no error but a warning.
    pub required: bool,
}

/// An enterprise or an instance to fetch from, with the answers to fetch from it.
pub struct FetchTarget {
    /// Whether the target is an enterprise or an instance.
    pub kind: Where,
    /// The short name of the enterprise, or the host name of the instance.
    pub name: String,
    /// The beginning of the URL of every request to the target.
    pub base: Base,
    /// The answers to fetch from the target, in this order.
    pub wanted: Vec<What>,
    /// Where to get the token for the target; `None` if the configuration does not say it.
    pub token: Option<TokenFrom>,
    /// Whether the token in `GH_TOKEN` or `GITHUB_TOKEN` may be sent to the target.
    pub general_token: bool,
    /// The login of the token's owner; `None` if none is stated.
    pub user: Option<String>,
    /// A file with further certificate authorities to trust.
    pub ca_file: Option<PathBuf>,
    /// The value of the header `X-GitHub-Api-Version`. To an instance, the header is sent only if the
    /// configuration states a version.
    pub api_version: Option<String>,
    /// The user's reason for storing a snapshot as that of a new source although it resembles another source's.
    pub accept_new: Option<String>,
    /// The employee directory that is made of the target's SCIM users; `None` if these are not fetched.
    pub scim: Option<ScimDirectory>,
}

impl FetchTarget {
    /// The rights that a token needs for the target, in words for a hint.
    pub fn rights(&self) -> &'static str {
        match (self.kind, &self.scim) {
            (Where::Cloud, None) => {
                "a classic personal access token with the scope read:enterprise (or manage_billing:enterprise) of an owner or billing manager of the enterprise"
            }
            (Where::Cloud, Some(_)) => {
                "a classic personal access token with the scope read:enterprise (for the SCIM users also scim:enterprise) of an owner of the enterprise"
            }
            (Where::Server, None) => {
                "a personal access token with the scope site_admin (for the license: read:enterprise) of a site administrator"
            }
            (Where::Server, Some(_)) => {
                "a classic personal access token with the scope site_admin (for the license: read:enterprise; for the SCIM users: scim:enterprise, or admin:enterprise before version 3.17) of a site administrator"
            }
        }
    }

    /// Whether it is no error but a warning if the token has no right to the answer.
    pub fn is_optional(&self, what: &What) -> bool {
        match what {
            What::Cloud(answer) => answer.optional,
            What::Server(answer) => answer.optional,
            What::ServerAccounts => false,
            What::ScimUsers => self.scim.as_ref().is_none_or(|scim| !scim.required),
        }
    }

    /// What else may be wrong if the target denies an answer or does not have it, in words for a hint.
    pub fn else_wrong(&self) -> &'static str {
        match self.kind {
            Where::Cloud => {
                "or the name is wrong: use the short name of the enterprise, as in github.com/enterprises/NAME"
            }
            Where::Server => {
                "or the host is wrong, or its version of GitHub Enterprise Server does not provide this answer"
            }
        }
    }

    /// The names of the answers to fetch from the target.
    pub fn wanted_names(&self) -> Vec<&'static str> {
        self.wanted.iter().map(What::name).collect()
    }
}

/// What the command line says about the targets of a fetch.
#[derive(Default)]
pub struct Choice<'c> {
    /// Whether to fetch from an enterprise or from an instance; `None` for all targets that the configuration
    /// names.
    pub kind: Option<Where>,
    /// The short name of the enterprise to fetch from; `None` if the user named none.
    pub enterprise: Option<&'c str>,
    /// The host name of the instance to fetch from; `None` if the user named none.
    pub host: Option<&'c str>,
    /// The URL of the target's API; `None` for the usual one.
    pub url: Option<&'c str>,
    /// The login of the token's owner; `None` if the user stated none.
    pub user: Option<&'c str>,
    /// A file with further certificate authorities to trust; `None` if the user named none.
    pub ca_file: Option<PathBuf>,
    /// Whether to fetch also the accounts of Server instances as Cloud knows them.
    pub server_accounts: bool,
    /// The name of the directory that is made of the SCIM users; `None` if these are not fetched.
    pub scim: Option<&'c str>,
}

/// The enterprises and instances to fetch from, in this order.
///
/// # Errors
/// [`crate::error::ErrorKind::Usage`] if the command line names no target, or if a name or a URL is invalid.
pub fn places(config: &Config, choice: &Choice<'_>) -> Result<Vec<FetchTarget>> {
    let mut found = Vec::new();
    match choice.kind {
        Some(Where::Cloud) => {
            let name = choice.enterprise.ok_or_else(|| {
                Error::usage("no enterprise is named").hint("name it with --enterprise NAME")
            })?;
            let said = config.enterprise(name).cloned();
            found.push(cloud(&said.unwrap_or_else(|| named(name)), choice)?);
        }
        Some(Where::Server) => {
            let name = choice.host.ok_or_else(|| {
                Error::usage("no instance is named").hint("name it with --host HOST")
            })?;
            let host = Host::new(name);
            let host =
                host.ok_or_else(|| Error::usage(format!("invalid host name: {}", quoted(name))))?;
            let said = config.host(host.as_str()).cloned();
            let mut place = server(&said.unwrap_or_else(|| named(host.as_str())), choice)?;
            // A user who names one instance and sets a general token (`GH_TOKEN`) means it for that instance.
            // With several targets, a token for GitHub.com might be sent to another host.
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
            // If the user names an enterprise, nothing is fetched from instances.
            for place in config.hosts.iter().filter(|_| choice.enterprise.is_none()) {
                found.push(server(place, choice)?);
            }
        }
    }
    check_directories(&found)?;
    Ok(found)
}

/// Refuses two targets whose SCIM users would make one employee directory. Each list of users would make the
/// people of the other list look like leavers.
fn check_directories(places: &[FetchTarget]) -> Result<()> {
    let mut known: Vec<(String, &str)> = Vec::new();
    for place in places {
        let Some(scim) = &place.scim else { continue };
        let directory = scim.name.to_lowercase();
        if let Some((_, other)) = known.iter().find(|(name, _)| *name == directory) {
            return Err(Error::usage(format!(
                "the SCIM users of {} and of {} are both named {}",
                quoted(other),
                quoted(&place.name),
                quoted(&scim.name)
            ))
            .hint("name a directory of its own for each of them"));
        }
        known.push((directory, &place.name));
    }
    Ok(())
}

/// The employee directory that is made of a target's SCIM users, by the command line or else the configuration.
fn scim(said: &config::Configured, choice: &Choice<'_>) -> Result<Option<ScimDirectory>> {
    let Some(name) = choice.scim.or(said.scim.as_deref()) else { return Ok(None) };
    let (name, required) = (name.trim().to_owned(), choice.scim.is_some());
    if name.is_empty() {
        return Err(Error::usage(format!(
            "the name of the directory of {} is empty",
            quoted(&said.name)
        ))
        .hint("name the directory that the SCIM users are, as in --scim idp or scim = \"idp\""));
    }
    Ok(Some(ScimDirectory { name, required }))
}

fn named(name: &str) -> config::Configured {
    config::Configured { name: name.to_owned(), ..config::Configured::default() }
}

fn cloud(said: &config::Configured, choice: &Choice<'_>) -> Result<FetchTarget> {
    let slug = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    if said.name.is_empty() || !said.name.chars().all(slug) {
        return Err(Error::usage(format!("invalid enterprise name: {}", quoted(&said.name)))
            .hint("the name is the short one in the address: github.com/enterprises/NAME"));
    }
    let url = choice.url.or(said.url.as_deref()).unwrap_or("https://api.github.com");
    let base = Base::new(url)?;
    if let Some(subdomain) = base.host().strip_suffix(".ghe.com")
        && !subdomain.starts_with("api.")
    {
        return Err(Error::usage(format!("{} is the site for people, not the API", base.host()))
            .hint(format!("the API is at https://api.{subdomain}.ghe.com")));
    }
    if base.host() == "github.com" {
        return Err(Error::usage("github.com is the site for people, not the API")
            .hint("the API is at https://api.github.com, which is the default"));
    }
    let usual = CLOUD_ANSWERS.iter().map(What::Cloud);
    let all = usual.clone().chain([What::ServerAccounts]).collect();
    let mut wanted = wanted(said, usual.collect(), all)?;
    let has_accounts = wanted.iter().any(|it| matches!(it, What::ServerAccounts));
    if choice.server_accounts && !has_accounts {
        wanted.push(What::ServerAccounts);
    }
    let scim = scim(said, choice)?;
    wanted.extend(scim.is_some().then_some(What::ScimUsers));
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
        scim,
    })
}

fn server(said: &config::Configured, choice: &Choice<'_>) -> Result<FetchTarget> {
    let usual = format!("https://{}", said.name);
    let url = choice.url.or(said.url.as_deref()).unwrap_or(&usual);
    let all: Vec<What> = SERVER_ANSWERS.iter().map(What::Server).collect();
    let mut wanted = wanted(said, all.clone(), all)?;
    let scim = scim(said, choice)?;
    wanted.extend(scim.is_some().then_some(What::ScimUsers));
    Ok(FetchTarget {
        kind: Where::Server,
        name: said.name.clone(),
        base: Base::new(url)?,
        wanted,
        token: said.token.clone(),
        general_token: false,
        user: choice.user.map(str::to_owned).or_else(|| said.user.clone()),
        ca_file: choice.ca_file.clone().or_else(|| said.ca_file.clone()),
        api_version: said.api_version.clone(),
        accept_new: said.accept_new.clone(),
        scim,
    })
}

/// The answers to fetch from a target: those that the configuration lists. If it lists none, the usual ones.
fn wanted(said: &config::Configured, usual: Vec<What>, all: Vec<What>) -> Result<Vec<What>> {
    let Some(names) = &said.fetch else { return Ok(usual) };
    let mut wanted = Vec::new();
    for name in names {
        let Some(what) = all.iter().find(|what| what.name() == name) else {
            let known: Vec<&str> = all.iter().map(What::name).collect();
            let error = Error::usage(format!(
                "{} has no answer called {} to fetch",
                quoted(&said.name),
                quoted(name)
            ));
            return Err(match name == ScimUsers::NAME {
                true => {
                    error.hint("the SCIM users are fetched by a key of their own: scim = \"NAME\"")
                }
                false => error.hint(format!("its answers are: {}", known.join(", "))),
            });
        };
        wanted.push(*what);
    }
    Ok(wanted)
}

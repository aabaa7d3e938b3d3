//! The Server accounts as Cloud knows them, fetched with GraphQL: first the installations, then the accounts of
//! each, page by page, with every address (formats.md section 3). The spool keeps the answers to the second
//! query, which the reader knows. If an account has more addresses than an answer holds, the others are
//! requested and added to it.

use serde_json::{Value, json};

use super::address::path_part;
use super::client::{Ask, Authorization, Client, Failure, Response};
use super::look::{Seen, at_installation};
use super::spool::Spools;
use super::walk::{Answered, Pages, WalkRequest, walk};
use crate::error::{Error, Result, quoted};

const INSTALLATIONS: &str = "query($slug: String!, $after: String) { enterprise(slug: $slug) { \
    ownerInfo { enterpriseServerInstallations(first: 100, after: $after) { \
    pageInfo { hasNextPage endCursor } nodes { id hostName isConnected } } } } }";

const ACCOUNTS: &str = "query($id: ID!, $after: String) { node(id: $id) { \
    ... on EnterpriseServerInstallation { id hostName customerName isConnected createdAt updatedAt \
    userAccounts(first: 100, after: $after) { totalCount \
    pageInfo { hasNextPage endCursor } nodes { id remoteUserId login profileName \
    isSiteAdmin remoteCreatedAt emails(first: 100) { pageInfo { hasNextPage endCursor } \
    nodes { email isPrimary } } } } } } }";

const ADDRESSES: &str = "query($id: ID!, $after: String) { node(id: $id) { \
    ... on EnterpriseServerUserAccount { emails(first: 100, after: $after) { \
    pageInfo { hasNextPage endCursor } nodes { email isPrimary } } } } }";

/// More pages than any enterprise has of installations, or any account of addresses.
const MOST: usize = 1000;

/// An installation, as Cloud knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    id: String,
    /// The host name.
    pub host: String,
    connected: bool,
}

/// The installations of an enterprise, one for each host name, in GitHub's order.
///
/// # Errors
/// The reason why they do not come.
pub fn installations(client: &Client<'_>, enterprise: &str) -> Result<Vec<Installation>, Failure> {
    let what = format!("the Server installations of {enterprise}");
    client.talk.asking(&what, 0, None);
    let mut found: Vec<Installation> = Vec::new();
    let mut after = Value::Null;
    for _ in 0..MOST {
        let variables = json!({"slug": enterprise, "after": after});
        let (_, answer) = ask(client, INSTALLATIONS, &variables, &what)?;
        let connection =
            &answer["data"]["enterprise"]["ownerInfo"]["enterpriseServerInstallations"];
        let Some(nodes) = connection["nodes"].as_array() else {
            return Err(not_shown(client, &what));
        };
        for node in nodes {
            let (Some(id), Some(host)) = (node["id"].as_str(), node["hostName"].as_str()) else {
                continue;
            };
            let connected = node["isConnected"] == true;
            let new = Installation { id: id.to_owned(), host: host.to_lowercase(), connected };
            match found.iter_mut().find(|it| it.host == new.host) {
                // An instance that was connected again is listed twice. The connected installation counts.
                Some(known) if new.connected && !known.connected => *known = new,
                Some(_) => {}
                None => found.push(new),
            }
        }
        match next(connection) {
            Some(cursor) => after = Value::String(cursor),
            None => return Ok(found),
        }
    }
    Err(no_end(&what).into())
}

/// The error about pages that never end.
fn no_end(what: &str) -> Error {
    Error::remote(format!("{what} have no end"))
        .hint("the host names a next page again and again: look at the address, and ask later")
}

impl Installation {
    /// Fetches the accounts of the installation.
    ///
    /// # Errors
    /// The reason why they do not come.
    pub fn fetch(
        &self,
        client: &Client<'_>,
        enterprise: &str,
        spools: &Spools,
        accept_moved: bool,
    ) -> Result<Answered, Failure> {
        let name = path_part(&self.host.replace(':', "_"));
        let asked = WalkRequest {
            spools,
            spool: format!("cloud-{}-server-accounts-{name}", path_part(enterprise)),
            file: (format!("server-accounts-{name}"), "json"),
            accept_moved,
        };
        walk(client, self, &asked)
    }
}

impl Pages for Installation {
    fn what(&self) -> String {
        format!("the accounts of {} as Cloud knows them", self.host)
    }

    fn first(&self) -> String {
        format!("graphql {}", self.id)
    }

    fn ask(&self, client: &Client<'_>, page: Option<&str>) -> Result<Response, Failure> {
        let what = self.what();
        let variables = json!({"id": self.id, "after": page});
        let (answer, mut value) = ask(client, ACCOUNTS, &variables, &what)?;
        if !value["data"]["node"]["userAccounts"]["nodes"].is_array() {
            return Err(not_shown(client, &what));
        }
        let mut body = answer.body;
        let accounts = &mut value["data"]["node"]["userAccounts"];
        let (next_page, total) = (next(accounts), accounts["totalCount"].as_u64());
        let mut more = false;
        for account in accounts["nodes"].as_array_mut().into_iter().flatten() {
            more |= complete_addresses(client, account, &what)?;
        }
        if more {
            body = value.to_string().into_bytes();
        }
        let pages = total.map(|total| total.div_ceil(100));
        Ok(Response { body, next: next_page, pages, ..answer })
    }

    fn look(&self, page: &[u8]) -> Seen {
        at_installation(page)
    }
}

/// Requests the addresses for which an answer had no room. Returns whether there were any.
fn complete_addresses(
    client: &Client<'_>,
    account: &mut Value,
    what: &str,
) -> Result<bool, Failure> {
    let mut more = false;
    let id = account["id"].clone();
    for _ in 0..MOST {
        let Some(cursor) = next(&account["emails"]) else { return Ok(more) };
        let (_, mut answer) = ask(client, ADDRESSES, &json!({"id": id, "after": cursor}), what)?;
        let page = answer["data"]["node"]["emails"].take();
        let (Some(known), Some(rest)) =
            (account["emails"]["nodes"].as_array_mut(), page["nodes"].as_array())
        else {
            return Err(not_shown(client, what));
        };
        known.extend(rest.iter().cloned());
        account["emails"]["pageInfo"] = page["pageInfo"].clone();
        more = true;
    }
    Err(no_end(&format!("{what}: the addresses of an account")).into())
}

/// The cursor of the next page of a connection, if there is one.
fn next(connection: &Value) -> Option<String> {
    let info = &connection["pageInfo"];
    let cursor = info["endCursor"].as_str().filter(|_| info["hasNextPage"] == true);
    cursor.map(str::to_owned)
}

fn ask(
    client: &Client<'_>,
    query: &str,
    variables: &Value,
    what: &str,
) -> Result<(Response, Value), Failure> {
    let address = client.base().join("/graphql");
    let body = json!({"query": query, "variables": variables}).to_string();
    let body = Some(body.as_bytes());
    let login = Authorization::Bearer;
    let answer = client.ask(&Ask { address: &address, body, what, json: true, login: &login })?;
    let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let told = value["errors"][0]["message"].as_str();
    match told {
        None => Ok((answer, value)),
        Some(told) => {
            let kind = value["errors"][0]["type"].as_str().unwrap_or_default();
            let told = quoted(&client.scrub(told));
            let error =
                Error::remote(format!("{} does not provide {what}: {told}", client.base().host()))
                    .hint(format!("the token needs {}", client.rights()));
            let refused = matches!(kind, "FORBIDDEN" | "NOT_FOUND" | "INSUFFICIENT_SCOPES");
            Err(Failure { error, refused, passing: false })
        }
    }
}

/// The error for an answer that lacks what was requested: that is how GitHub answers if a permission is
/// missing.
fn not_shown(client: &Client<'_>, what: &str) -> Failure {
    let error = Error::remote(format!("{} does not show {what}", client.base().host()))
        .hint("only an owner of the enterprise sees them")
        .hint(format!("the token needs {}", client.rights()));
    Failure { error, refused: true, passing: false }
}

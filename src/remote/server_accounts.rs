//! Fetches the accounts of Server instances as Cloud knows them, with GraphQL (formats.md section 3). A first
//! query lists the Server installations of an enterprise. A second one fetches the accounts of one
//! installation, page by page; its answers are stored for a reader of `import`. If an account has more
//! addresses than fit into an answer, a third query fetches the others, and they are added to the answer.

use serde_json::{Value, json};

use super::address::path_part;
use super::client::{Ask, Authorization, Client, Failure, Media, Response};
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

/// How many pages a list may have at most: the installations of an enterprise, or the addresses of an account.
/// A real list has far fewer, so a longer one never ends.
const MOST: usize = 1000;

/// A Server instance that is connected to an enterprise, as Cloud knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    id: String,
    /// The host name of the instance.
    pub host: String,
    connected: bool,
}

/// The Server installations of an enterprise in GitHub's order, one for each host name.
///
/// # Errors
/// The reason why the installations cannot be fetched.
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
                // GitHub lists an instance twice if it was connected a second time. The one that is connected
                // now is used.
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

/// The error that the pages of a list never end.
fn no_end(what: &str) -> Error {
    Error::remote(format!("the pages of {what} never end"))
        .hint("check the address that is fetched from, or try again later: the host names a next page again and again")
}

impl Installation {
    /// Fetches the accounts of the installation.
    ///
    /// # Errors
    /// The reason why the accounts cannot be fetched.
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

/// Fetches the addresses of an account that did not fit into the answer, and adds them to it. Returns whether
/// there were any.
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
    Err(no_end(&format!("the addresses of one account ({what})")).into())
}

/// The cursor with which the next page of a GraphQL list is requested; `None` if there is no next page.
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
    let answer =
        client.ask(&Ask { address: &address, body, what, media: Media::Json, login: &login })?;
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

/// The error that an answer lacks the data that was asked for. GitHub answers like this if the token lacks a
/// permission.
fn not_shown(client: &Client<'_>, what: &str) -> Failure {
    let error = Error::remote(format!("{} does not show {what}", client.base().host()))
        .hint("use a token of an enterprise owner: only an owner of the enterprise sees the Server accounts")
        .hint(format!("the token needs {}", client.rights()));
    Failure { error, refused: true, passing: false }
}

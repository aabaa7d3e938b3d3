//! Fetches the users that an identity provider has created by SCIM, in an enterprise of managed users or on an
//! instance (directory.md section 1). Each request states the number of its first user in the list
//! (`startIndex`, counted from 1), so no header states where the next page is.

use std::cell::RefCell;
use std::collections::HashSet;

use super::address::path_part;
use super::client::{Ask, Authorization, Client, Failure, Media, Response};
use super::look::{Seen, at_scim};
use super::spool::Spools;
use super::walk::{Answered, Pages, WalkRequest, walk};

/// How many users one request asks for.
const PAGE: u64 = 100;

/// The SCIM users of an enterprise or of an instance.
pub struct ScimUsers<'s> {
    /// The short name of the enterprise, or the host name of the instance.
    name: &'s str,
    path: String,
    /// The name of the folder in which fetched pages are stored until the list is complete.
    spool: String,
    /// What else may be wrong if the host refuses the request, in words for a hint.
    else_wrong: &'static str,
}

impl<'s> ScimUsers<'s> {
    /// The name of the answer in output and in the configuration.
    pub const NAME: &'static str = "scim-users";

    /// The input format of the answer.
    pub const FORMAT: &'static str = "scim-users-json";

    /// The SCIM users of an enterprise.
    pub fn of_enterprise(enterprise: &'s str) -> ScimUsers<'s> {
        let name = path_part(enterprise);
        ScimUsers {
            name: enterprise,
            path: format!("/scim/v2/enterprises/{name}/Users"),
            spool: format!("cloud-{name}-{}", Self::NAME),
            else_wrong: "only an enterprise of managed users has SCIM users",
        }
    }

    /// The SCIM users of an instance.
    pub fn of_instance(host: &'s str) -> ScimUsers<'s> {
        let name = path_part(&host.replace(':', "_"));
        ScimUsers {
            name: host,
            path: "/api/v3/scim/v2/Users".to_owned(),
            spool: format!("server-{name}-{}", Self::NAME),
            else_wrong: "only an instance on which SCIM is turned on has SCIM users",
        }
    }

    /// Fetches the list of SCIM users.
    ///
    /// # Errors
    /// The reason why the users cannot be fetched.
    pub fn fetch(
        &self,
        client: &Client<'_>,
        spools: &Spools,
        accept_moved: bool,
    ) -> Result<Answered, Failure> {
        let pages = ScimPages {
            users: self,
            list: client.base().join(&self.path),
            known: RefCell::new(HashSet::new()),
        };
        let name = path_part(&self.name.replace(':', "_"));
        let asked = WalkRequest {
            spools,
            spool: self.spool.clone(),
            file: (format!("{}-{name}", Self::NAME), "json"),
            accept_moved,
        };
        walk(client, &pages, &asked)
    }
}

/// The pages of the list of SCIM users. A page is named by the number of its first user in the list.
struct ScimPages<'p> {
    users: &'p ScimUsers<'p>,
    /// The URL of the list, without the parameters that choose a page.
    list: String,
    /// Hashes of the users on the pages so far. They show a page that only repeats users.
    known: RefCell<HashSet<[u8; 16]>>,
}

impl ScimPages<'_> {
    fn address(&self, start: u64) -> String {
        format!("{}?startIndex={start}&count={PAGE}", self.list)
    }
}

impl Pages for ScimPages<'_> {
    fn what(&self) -> String {
        format!("the SCIM users of {}", self.users.name)
    }

    fn first(&self) -> String {
        self.address(1)
    }

    /// Requests a page. The list ends with a page that has no users or no new ones, whatever total it states.
    /// It also ends with a page that is not full and reaches the total. Whether the list is complete is judged
    /// by the reader of the file.
    fn ask(&self, client: &Client<'_>, page: Option<&str>) -> Result<Response, Failure> {
        let start: u64 = page.and_then(|it| it.parse().ok()).unwrap_or(1);
        let what = self.what();
        let asked = client.ask(&Ask {
            address: &self.address(start),
            body: None,
            what: &what,
            media: Media::Scim,
            login: &Authorization::Bearer,
        });
        let answer = asked.map_err(|failure| match failure.refused {
            true => Failure { error: failure.error.hint(self.users.else_wrong), ..failure },
            false => failure,
        })?;
        let seen = at_scim(&answer.body);
        let total = seen.totals.first().and_then(|(_, total)| total.parse::<u64>().ok());
        let pages = total.map(|total| total.div_ceil(PAGE));
        if page.is_none() {
            self.known.borrow_mut().clear();
        } else if !seen.members.is_empty()
            && seen.members.iter().all(|it| self.known.borrow().contains(it))
        {
            // The host repeats users instead of ending the list. They are left out, because the reader would
            // count them again.
            let body = without_users(total, start);
            return Ok(Response { body, next: None, pages, ..answer });
        }
        let count = seen.members.len() as u64;
        let end = start.saturating_sub(1).saturating_add(count);
        let goes_on = count >= PAGE || count > 0 && total.is_none_or(|total| end < total);
        let next = goes_on.then(|| end.saturating_add(1).to_string());
        Ok(Response { next, pages, ..answer })
    }

    fn look(&self, page: &[u8]) -> Seen {
        let seen = at_scim(page);
        self.known.borrow_mut().extend(&seen.members);
        seen
    }
}

/// The body of a page of the list that has no users.
fn without_users(total: Option<u64>, start: u64) -> Vec<u8> {
    let mut page = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "startIndex": start,
        "itemsPerPage": 0,
        "Resources": [],
    });
    if let Some(total) = total {
        page["totalResults"] = total.into();
    }
    page.to_string().into_bytes()
}

//! Fetches the users that an identity provider has created by SCIM: those of an enterprise of managed users, or
//! those of an instance. The format of the answer is described in directory.md section 1. A request names the
//! place of its first user in the list (`startIndex`, counted from 1), so no header names the next page.

use std::cell::RefCell;
use std::collections::HashSet;

use super::address::path_part;
use super::client::{Ask, Authorization, Client, Failure, Media, Response};
use super::look::{Seen, at_scim};
use super::spool::Spools;
use super::walk::{Answered, Pages, WalkRequest, walk};

/// The number of users that are requested at a time.
const PAGE: u64 = 100;

/// The SCIM users of an enterprise or of an instance.
pub struct ScimUsers<'s> {
    /// The short name of the enterprise, or the host name of the instance.
    name: &'s str,
    path: String,
    /// The name of the spool.
    spool: String,
    /// A hint about what else may be wrong if the host refuses the request.
    else_wrong: &'static str,
}

impl<'s> ScimUsers<'s> {
    /// The name of the answer in output.
    pub const NAME: &'static str = "scim-users";

    /// The input format of the answer.
    pub const FORMAT: &'static str = "scim-users-json";

    /// The users of an enterprise.
    pub fn of_enterprise(enterprise: &'s str) -> ScimUsers<'s> {
        let name = path_part(enterprise);
        ScimUsers {
            name: enterprise,
            path: format!("/scim/v2/enterprises/{name}/Users"),
            spool: format!("cloud-{name}-{}", Self::NAME),
            else_wrong: "only an enterprise of managed users has SCIM users",
        }
    }

    /// The users of an instance.
    pub fn of_instance(host: &'s str) -> ScimUsers<'s> {
        let name = path_part(&host.replace(':', "_"));
        ScimUsers {
            name: host,
            path: "/api/v3/scim/v2/Users".to_owned(),
            spool: format!("server-{name}-{}", Self::NAME),
            else_wrong: "only an instance on which SCIM is turned on has SCIM users",
        }
    }

    /// Fetches the users.
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

/// The pages of the users. The place of a page's first user in the list is its cursor.
struct ScimPages<'p> {
    users: &'p ScimUsers<'p>,
    /// The URL of the list, without the place and the number of the requested users.
    list: String,
    /// The users on the pages so far.
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

    /// Requests a page. The list ends with a page that has no users, or no users that are new, whatever its
    /// total says. It also ends with a page that is not full and reaches the total. The reader judges later
    /// whether the list is complete.
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
            // The host repeats users, whatever it is asked for. The reader would count them again.
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

/// A page of the list without users.
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

//! The answers of Cloud about an enterprise, and the URLs to fetch them from (formats.md sections 1 and 3).

use super::address::path_part;
use super::client::{Ask, Authorization, Client, Failure, Media, Response};
use super::look::{Seen, at_list};
use super::spool::Spools;
use super::walk::{Answered, Pages, WalkRequest, walk};
use crate::error::Result;

/// One of the answers that Cloud gives about an enterprise.
pub struct CloudAnswer {
    /// The name of the answer in the configuration and in output.
    pub name: &'static str,
    /// What the answer is, in words for messages, such as "the consumed licenses".
    about: &'static str,
    /// The path of the answer's URL below `/enterprises/{enterprise}/`.
    path: &'static str,
    /// Is the answer divided into pages of 100 entries?
    paged: bool,
    /// The keys that the list in a page may have, and the field by which an entry of the list is recognized on
    /// another page.
    lists: (&'static [&'static str], &'static str),
    /// The input format of the answer.
    pub format: &'static str,
    /// With what the name of a file with the answer begins.
    file: &'static str,
    /// Is the answer optional? If so, a missing permission is no error but a warning.
    pub optional: bool,
}

/// All answers of Cloud, in the order in which they are fetched.
pub const CLOUD_ANSWERS: [CloudAnswer; 4] = [
    CloudAnswer {
        name: "consumed-licenses",
        about: "the consumed licenses",
        path: "consumed-licenses",
        paged: true,
        lists: (&["users"], "github_com_login"),
        format: "cloud-consumed-licenses-json",
        file: "consumed_licenses",
        optional: false,
    },
    CloudAnswer {
        name: "license-sync-status",
        about: "the license sync status",
        path: "license-sync-status",
        paged: false,
        lists: (&[], ""),
        format: "cloud-license-sync-status",
        file: "license-sync-status",
        optional: false,
    },
    CloudAnswer {
        name: "cost-centers",
        about: "the cost centers",
        path: "settings/billing/cost-centers",
        paged: false,
        lists: (&["costCenters", "cost_centers"], "id"),
        format: "cloud-cost-centers-json",
        file: "cost-centers",
        optional: true,
    },
    CloudAnswer {
        name: "visual-studio-subscriptions",
        about: "the Visual Studio subscriptions",
        path: "visual-studio-subscriptions",
        paged: true,
        // A person may have several subscriptions, so no single field identifies one: all fields together do.
        lists: (&["visual_studio_subscriptions", "visual_studio_subscription_assignments"], ""),
        format: "cloud-visual-studio-json",
        file: "visual-studio-subscriptions",
        optional: true,
    },
];

impl CloudAnswer {
    /// Fetches the answer for an enterprise.
    ///
    /// # Errors
    /// The reason why the answer cannot be fetched.
    pub fn fetch(
        &self,
        client: &Client<'_>,
        enterprise: &str,
        spools: &Spools,
        accept_moved: bool,
    ) -> Result<Answered, Failure> {
        let paged = if self.paged { "?per_page=100" } else { "" };
        let path = format!("/enterprises/{}/{}{paged}", path_part(enterprise), self.path);
        let pages = Listed { answer: self, enterprise, first: client.base().join(&path) };
        let name = path_part(enterprise);
        let asked = WalkRequest {
            spools,
            spool: format!("cloud-{name}-{}", self.name),
            file: (format!("{}-{name}", self.file), "json"),
            accept_moved,
        };
        walk(client, &pages, &asked)
    }
}

/// The pages of one answer. The `Link` header of each page has the URL of the next one.
struct Listed<'l> {
    answer: &'l CloudAnswer,
    enterprise: &'l str,
    first: String,
}

impl Pages for Listed<'_> {
    fn what(&self) -> String {
        format!("{} of {}", self.answer.about, self.enterprise)
    }

    fn first(&self) -> String {
        self.first.clone()
    }

    fn ask(&self, client: &Client<'_>, page: Option<&str>) -> Result<Response, Failure> {
        let address = page.unwrap_or(&self.first);
        let what = self.what();
        client.ask(&Ask {
            address,
            body: None,
            what: &what,
            media: Media::Json,
            login: &Authorization::Bearer,
        })
    }

    fn look(&self, page: &[u8]) -> Seen {
        let (lists, key) = self.answer.lists;
        at_list(page, lists, key)
    }
}

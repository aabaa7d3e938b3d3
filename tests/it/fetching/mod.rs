//! Fetching from a host on the loopback that plays GitHub, faults included. The program computes with real
//! waits, but its sleeps are skipped (`TestMachine`).

mod answers;
mod configured;
mod fault_table;
mod faults;
mod forms;
pub mod host;
mod interrupted;
mod many;
mod scheduled;
mod scim;
mod secrets;
mod whole;

use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{NOW, Place, Ran, TestMachine};
use host::{Host, Reply, Request};

/// The token of every test, which must never come out.
pub const TOKEN: &str = "ghp_Sesam0effneDich7fuerNiemanden";

/// An enterprise with this many people, in the form of its REST answer.
pub struct Enterprise {
    pub people: Vec<Value>,
    pub purchased: u64,
}

impl Enterprise {
    pub fn of(count: usize) -> Enterprise {
        let person = |number: usize| {
            json!({
                "github_com_login": format!("user-{number:06}"), "github_com_name": format!("User {number}"),
                "github_com_user": true, "enterprise_server_user": false, "visual_studio_subscription_user": false,
                "license_type": "enterprise", "github_com_profile": format!("https://github.com/user-{number:06}"),
                "github_com_member_roles": ["data:Member", "eng:Member"], "github_com_enterprise_roles": ["Member"],
                "github_com_verified_domain_emails": [format!("user{number}@corp.example")],
                "github_com_saml_name_id": format!("user{number}@corp.example"),
                "github_com_orgs_with_pending_invites": [], "github_com_two_factor_auth": true,
                "enterprise_server_user_ids": [], "enterprise_server_primary_emails": [], "total_user_accounts": 1,
            })
        };
        Enterprise { people: (0..count).map(person).collect(), purchased: 110_000 }
    }

    /// A page of the consumed licenses, with its `Link` header.
    pub fn page(&self, request: &Request, url: &str) -> Reply {
        let page: usize = request.query("page").map_or(1, |it| it.parse().expect("a number"));
        let size: usize = request.query("per_page").map_or(30, |it| it.parse().expect("a number"));
        let last = self.people.len().div_ceil(size).max(1);
        let users: Vec<&Value> = self.people.iter().skip((page - 1) * size).take(size).collect();
        let body = json!({
            "total_seats_consumed": self.people.len(), "total_seats_purchased": self.purchased, "users": users,
        });
        let path = request.path.split('?').next().unwrap_or_default();
        let to = |number: usize, relation: &str| {
            format!("<{url}{path}?per_page={size}&page={number}>; rel=\"{relation}\"")
        };
        let reply = Reply::json(&body);
        match page < last {
            true => reply.with("link", format!("{}, {}", to(page + 1, "next"), to(last, "last"))),
            false => reply,
        }
    }
}

/// An enterprise's answers to requests other than for its licenses.
pub fn beside(request: &Request) -> Reply {
    if request.is("/license-sync-status") {
        let last_sync = json!({"date": "2026-11-20T00:00:00Z", "status": "success", "error": ""});
        return Reply::json(&json!({"server_instances": [
            {"server_id": "1", "hostname": "ghes.corp.example", "last_sync": last_sync},
        ]}));
    }
    if request.is("/cost-centers") {
        return Reply::json(&json!({"costCenters": [
            {"id": "1", "name": "R&D", "state": "active", "resources": [{"type": "User", "name": "user-000001"}]},
        ]}));
    }
    if request.is("/visual-studio-subscriptions") {
        return Reply::json(&json!({"total_count": 0, "visual_studio_subscriptions": []}));
    }
    Reply::error(404, "Not Found")
}

/// Answers for an enterprise of this many people. An answer of `fault` takes precedence.
pub fn enterprise(
    count: usize,
    fault: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
) -> Host {
    let enterprise = Enterprise::of(count);
    Host::start(move |request, number| {
        if let Some(fault) = fault(request, number) {
            return fault;
        }
        match request.is("/consumed-licenses") {
            true => {
                let host = request.header("host").expect("a host").to_owned();
                enterprise.page(request, &format!("http://{host}"))
            }
            false => beside(request),
        }
    })
}

/// A machine whose environment has the token.
pub fn machine() -> TestMachine {
    let mut machine = TestMachine::default();
    machine.variables.insert("GH_TOKEN".to_owned(), TOKEN.to_owned());
    machine
}

/// The total of the waits that the program asked for.
pub fn slept(machine: &TestMachine) -> Duration {
    machine.slept.borrow().iter().sum()
}

/// A configuration for the consumed licenses only, so that a fault occurs once.
pub fn licenses_only(place: &Place) -> String {
    let config = "[enterprise.corp]\nfetch = [\"consumed-licenses\"]\n";
    place.write("config.toml", config.as_bytes()).display().to_string()
}

/// Fetches the consumed licenses of the enterprise `corp` from a host.
pub fn fetch(place: &Place, machine: &TestMachine, url: &str, more: &[&str]) -> Ran {
    fetch_at(place, machine, url, more, NOW)
}

pub fn fetch_at(place: &Place, machine: &TestMachine, url: &str, more: &[&str], now: &str) -> Ran {
    let config = licenses_only(place);
    let mut words =
        vec!["fetch", "cloud", "--enterprise", "corp", "--api-url", url, "--config", &config];
    words.extend(more);
    place.run_on(machine, &words, b"", now)
}

/// The JSON of a run.
pub fn answer(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|_| panic!("JSON: {} {}", ran.stdout, ran.stderr))
}

/// The number of accounts in the newest snapshot of accounts; `None` if there is none.
pub fn stored(place: &Place) -> Option<u64> {
    if !place.path("oneseat.db").exists() {
        return None;
    }
    let snapshots = place.json(&["snapshots"]);
    let items = snapshots["items"].as_array().expect("a list");
    items.iter().rev().find_map(|it| it["accounts"].as_u64())
}

/// Whether no part of a fetch is left on disk.
pub fn spool_is_gone(place: &Place) -> bool {
    !place.path("oneseat.db-spool").exists()
}

//! The SCIM users of an enterprise and of an instance, which become an employee directory.

use serde_json::{Value, json};

use super::host::{Host, Reply, Request};
use super::{Enterprise, TOKEN, answer, machine, spool_is_gone};
use crate::common::{NOW, Place, Ran, TestMachine};

const USERS: &str = "/scim/v2/enterprises/corp/Users";

/// A SCIM user, whose address is that of the enterprise's user with the same number.
fn user(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": format!("id-{number}"),
        "userName": format!("anna{number}@corp.example"), "active": number % 10 != 3,
        "emails": [{"value": format!("anna{number}@corp.example"), "primary": true}],
        "meta": {"resourceType": "User", "location": format!("https://api.github.com{USERS}/id-{number}")},
    })
}

/// A list response with these users.
fn list(users: Vec<Value>, start: usize, total: usize) -> Reply {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": total,
        "startIndex": start, "itemsPerPage": users.len(), "Resources": users,
    });
    Reply::json(&body).with("content-type", "application/scim+json")
}

fn start(request: &Request) -> usize {
    request.query("startIndex").expect("a start").parse().expect("a number")
}

/// The page of this many users that a request asks for, with a total that the host states.
fn page(request: &Request, there: usize, total: usize) -> Reply {
    let (start, count) = (start(request), request.query("count").expect("a count"));
    let end = there.min(start - 1 + count.parse::<usize>().expect("a number"));
    list((start - 1..end.max(start - 1)).map(user).collect(), start, total)
}

/// An enterprise of 150 people, whose SCIM users come from `scim`. A user's own name would be a role word.
fn managed(scim: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Host {
    let people = Enterprise::of(150).people;
    let renamed = |person: &Value| person.to_string().replace("\"user", "\"anna");
    let people = people.iter().map(|it| serde_json::from_str(&renamed(it)).expect("JSON"));
    let managed = Enterprise { people: people.collect(), purchased: 200 };
    Host::start(move |request, _| match request.path.starts_with(USERS) {
        true => scim(request),
        false => {
            let host = request.header("host").expect("a host");
            managed.page(request, &format!("http://{host}"))
        }
    })
}

fn fetched(place: &Place, machine: &TestMachine, host: &Host, more: &[&str], now: &str) -> Ran {
    let config = super::licenses_only(place);
    let words = ["fetch", "cloud", "--enterprise", "corp", "--api-url", &host.url];
    let words = [&words[..], &["--config", &config], more].concat();
    place.run_on(machine, &words, b"", now)
}

/// The requests for SCIM users that a host received.
fn asked(host: &Host) -> Vec<String> {
    let asked = host.asked().into_iter().filter(|it| it.is("/Users"));
    asked.map(|it| it.path).collect()
}

#[test]
fn all_pages_become_a_directory_and_the_second_fetch_brings_nothing_new() {
    let (place, machine) = (Place::new(), machine());
    let host = managed(|request| page(request, 150, 150));
    let saved = place.path("saved").display().to_string();
    let ran = fetched(&place, &machine, &host, &["--scim", "idp", "--save", &saved], NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "corp: consumed-licenses: 150 new (150 accounts); scim-users of idp: 150 new (150 entries)\n"
    );
    assert_eq!(asked(&host), [1, 101].map(|start| format!("{USERS}?startIndex={start}&count=100")));
    for request in host.asked().iter().filter(|it| it.is("/Users")) {
        assert_eq!(request.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
        assert!(request.header("accept").is_some_and(|it| it.contains("application/scim+json")));
    }
    assert!(spool_is_gone(&place));
    let leavers = place.json(&["leavers"]);
    assert_eq!(leavers["directories"][0]["name"], "idp");
    assert_eq!(leavers["directories"][0]["complete"], true);
    assert_eq!(leavers["summary"]["left"], 15, "{leavers}");
    assert_eq!(leavers["summary"]["unknown"], 0);

    // An hour later, with the name in another letter case. Like accounts, a list in which nothing changed is a
    // snapshot all the same. At the same instant it is none.
    let later = "2026-11-22T13:00:00Z";
    let ran = fetched(&place, &machine, &host, &["--scim", "IdP"], later);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.ends_with("; scim-users of idp: nothing changed (150 entries)\n"),
        "{}",
        ran.stdout
    );
    let ran = fetched(&place, &machine, &host, &["--scim", "idp", "--json"], later);
    let item = answer(&ran)["items"][1].clone();
    assert_eq!((&item["answer"], &item["status"]), (&json!("scim-users"), &json!("unchanged")));
    assert_eq!((&item["pages"], &item["import"]["format"]), (&json!(2), &json!("scim-users-json")));
    assert_eq!(item["import"]["source"]["name"], "idp");
    assert_eq!(place.json(&["leavers"])["summary"]["left"], 15);

    // The kept file is what a person would have downloaded.
    let kept = place.path("saved/scim-users-corp-2026-11-22T12-00-00Z.json");
    let again = place.json(&["import", &kept.display().to_string(), "--directory", "idp"]);
    assert_eq!(again["items"][0]["status"], "unchanged");
}

#[test]
fn a_total_that_lies_ends_the_walk_and_is_judged() {
    // A total that is too great, from a host that ends its list and from one that repeats its first page.
    for repeats in [false, true] {
        let (place, machine) = (Place::new(), machine());
        let host = managed(move |request| match repeats {
            false => page(request, 150, 400),
            true => list((0..100).map(user).collect(), 1, 150),
        });
        let ran = fetched(&place, &machine, &host, &["--scim", "idp"], NOW);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        let there = if repeats { "150 entries, but the files have 100" } else { "400 entries" };
        assert!(ran.stderr.contains(&format!("totalResults states {there}")), "{}", ran.stderr);
        assert!(ran.stdout.contains("scim-users: refused") || ran.stdout.contains("idp: refused"));
        assert_eq!(asked(&host).len(), if repeats { 2 } else { 3 });
        assert_eq!(place.run(&["leavers"]).code, 7, "no directory is stored");
        let ran =
            fetched(&place, &machine, &host, &["--scim", "idp", "--accept-short", "known"], NOW);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    // A total that is too small.
    let (place, machine) = (Place::new(), machine());
    let host = managed(|request| page(request, 200, 100));
    let ran = fetched(&place, &machine, &host, &["--scim", "idp"], NOW);
    assert!(ran.stdout.contains("200 new (200 entries)"), "{} {}", ran.stdout, ran.stderr);
    assert_eq!(asked(&host).len(), 3, "the last page has nobody");
    // Nobody at all, and a page that states no total where the list has ended.
    let (place, machine) = (Place::new(), self::machine());
    let host = managed(|request| match start(request) {
        201 => list(Vec::new(), 201, 0),
        _ => page(request, 200, 200),
    });
    let ran = fetched(&place, &machine, &host, &["--scim", "idp"], NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (place, machine) = (Place::new(), self::machine());
    let host = managed(|request| page(request, 0, 0));
    let ran = fetched(&place, &machine, &host, &["--scim", "idp"], NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("the list has nobody"), "{}", ran.stderr);
}

#[test]
fn a_list_that_changes_is_requested_again() {
    let (place, machine) = (Place::new(), machine());
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let host = managed(move |request| {
        let order = std::sync::atomic::Ordering::SeqCst;
        let earlier =
            if start(request) == 1 { tries.fetch_add(1, order) } else { tries.load(order) - 1 };
        page(request, 150, if earlier == 0 && start(request) > 1 { 151 } else { 150 })
    });
    let ran = fetched(&place, &machine, &host, &["--scim", "idp"], NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("totalResults was 150 and is now 151"), "{}", ran.stderr);
    assert_eq!(asked(&host).len(), 4);
}

#[test]
fn an_interrupted_list_goes_on_and_a_limit_is_waited_for() {
    let (place, machine) = (Place::new(), machine());
    let requests = std::sync::atomic::AtomicUsize::new(0);
    let host = managed(move |request| {
        let number = requests.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        match (start(request), number) {
            (101, 1) => Reply::error(429, "slow down").with("retry-after", 7),
            (201, 3..=6) => Reply::error(502, "Bad Gateway"),
            _ => page(request, 250, 250),
        }
    });
    let ran = fetched(&place, &machine, &host, &["--scim", "idp"], NOW);
    assert_eq!(ran.code, 6, "{}", ran.stderr);
    assert!(ran.stderr.contains("the 2 pages fetched so far are kept"), "{}", ran.stderr);
    assert!(super::slept(&machine) >= std::time::Duration::from_secs(7));
    let ran =
        fetched(&place, &machine, &host, &["--scim", "idp", "--json"], "2026-11-22T12:05:00Z");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let item = answer(&ran)["items"][1].clone();
    assert_eq!((&item["pages"], &item["resumed_pages"]), (&json!(3), &json!(2)));
    assert_eq!(item["import"]["accounts"], 250);
}

#[test]
fn a_refusal_is_an_error_by_the_option_and_a_warning_by_the_configuration() {
    for status in [403, 404] {
        let host = managed(move |_| {
            let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
            let detail = format!("Not for {TOKEN}");
            let body = json!({"schemas": [schema], "status": status.to_string(), "detail": detail});
            Reply::new(status, body.to_string())
        });
        let (place, machine) = (Place::new(), machine());
        let ran = fetched(&place, &machine, &host, &["--scim", "idp"], NOW);
        assert_eq!(ran.code, 6, "{}", ran.stderr);
        assert!(ran.stderr.contains("the SCIM users of corp"), "{}", ran.stderr);
        assert!(ran.stderr.contains("scim:enterprise"), "{}", ran.stderr);
        assert!(ran.stderr.contains("enterprise of managed users"), "{}", ran.stderr);
        assert!(!ran.stderr.contains(TOKEN) && ran.stderr.contains("Not for"), "{}", ran.stderr);
        assert_eq!(
            ran.stdout,
            "corp: consumed-licenses: 150 new (150 accounts); scim-users: failed\n"
        );

        let place = Place::new();
        let config = format!(
            "[enterprise.corp]\napi_url = \"{}\"\nfetch = [\"consumed-licenses\"]\nscim = \"idp\"\n",
            host.url
        );
        let config = place.write("managed.toml", config.as_bytes()).display().to_string();
        let ran = place.run_on(&machine, &["fetch", "--config", &config, "--json"], b"", NOW);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("warning: "), "{}", ran.stderr);
        let item = answer(&ran)["items"][1].clone();
        assert_eq!(
            (&item["answer"], &item["status"]),
            (&json!("scim-users"), &json!("not-permitted"))
        );
    }
}

#[test]
fn what_is_no_list_of_users_is_refused() {
    for body in [
        json!({}),
        json!({"users": []}),
        json!({"value": [{"id": "1", "userPrincipalName": "a@x.example"}]}),
    ] {
        let (place, machine) = (Place::new(), machine());
        let sent = body.clone();
        let host = managed(move |_| Reply::json(&sent));
        let ran = fetched(&place, &machine, &host, &["--scim", "idp"], NOW);
        assert_eq!(ran.code, 3, "{body}: {} {}", ran.stdout, ran.stderr);
        assert!(!ran.stderr.contains("--directory"), "{body}: {}", ran.stderr);
        assert_eq!(place.run(&["leavers"]).code, 7, "no directory is stored");
    }
}

#[test]
fn an_instance_has_its_users_below_its_own_path() {
    let (place, mut machine) = (Place::new(), machine());
    machine.variables.insert("ONESEAT_TOKEN_GHES_CORP_EXAMPLE".to_owned(), TOKEN.to_owned());
    let host = Host::start(|request, _| match request.path.starts_with("/api/v3/scim/v2/Users?") {
        true => page(request, 100, 100),
        false => Reply::error(404, "Not Found"),
    });
    let config = format!(
        "[directory.idp]\nkeep = \"all\"\n[host.\"ghes.corp.example\"]\nurl = \"{}\"\nfetch = [\"license\"]\nscim = \"idp\"\n",
        host.url
    );
    let config = place.write("instance.toml", config.as_bytes()).display().to_string();
    let words = ["fetch", "server", "--host", "ghes.corp.example", "--config", &config];
    let ran = place.run_on(&machine, &words, b"", NOW);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    assert_eq!(
        ran.stdout,
        "ghes.corp.example: license: not permitted; scim-users of idp: 100 new (100 entries)\n"
    );
    // Without the configuration, the option says the same. An instance without SCIM is no failure of the rest.
    let words = ["fetch", "server", "--host", "ghes.corp.example", "--url", &host.url, "--json"];
    let ran = place.run_on(&machine, &[&words[..], &["--scim", "ghes"]].concat(), b"", NOW);
    let statuses: Vec<Value> = answer(&ran)["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["status"].clone())
        .collect();
    assert_eq!(
        (ran.code, statuses),
        (6, vec![json!("failed"), json!("not-permitted"), json!("stored")])
    );
}

#[test]
fn a_name_is_needed_and_belongs_to_one_place() {
    let (place, machine) = (Place::new(), machine());
    let host = managed(|request| page(request, 1, 1));
    let ran = fetched(&place, &machine, &host, &["--scim", " "], NOW);
    assert_eq!((ran.code, host.count()), (2, 0), "{}", ran.stderr);
    for (text, told) in [
        (
            "[enterprise.a]\nscim = \"idp\"\n[host.\"b.example\"]\nscim = \"IdP\"\n",
            "are both named",
        ),
        ("[enterprise.a]\nfetch = [\"scim-users\"]\n", "scim = \"NAME\""),
        ("[enterprise.a]\nscim = \"\"\n", "is empty"),
    ] {
        let config = place.write("wrong.toml", text.as_bytes()).display().to_string();
        let ran = place.run_on(&machine, &["fetch", "--config", &config], b"", NOW);
        assert_eq!(ran.code, 2, "{text}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(told) && ran.stderr.contains("hint: "),
            "{text}: {}",
            ran.stderr
        );
    }
}

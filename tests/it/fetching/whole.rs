//! Fetches without faults: from Cloud by REST and GraphQL, and from an instance.

use serde_json::{Value, json};

use super::host::{Host, Reply, Request};
use super::{TOKEN, answer, beside, enterprise, fetch, fetch_at, machine, spool_is_gone, stored};
use crate::common::{NOW, Place};

const LATER: &str = "2026-11-29T12:00:00Z";

#[test]
fn all_that_an_enterprise_answers_is_taken_in() {
    let (place, machine) = (Place::new(), machine());
    let host = enterprise(250, |_, _| None);
    let saved = place.path("saved").display().to_string();
    let words =
        ["fetch", "cloud", "--enterprise", "corp", "--api-url", &host.url, "--save", &saved];
    let ran = place.run_on(&machine, &words, b"", NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "corp: consumed-licenses: 250 new (250 accounts); license-sync-status: 1 record; \
         cost-centers: 1 record; visual-studio-subscriptions: 0 records\n"
    );
    let database = place.path("oneseat.db").display().to_string();
    let undo = format!("undo: oneseat --db {database} snapshots void 1 2 3 4 --reason …\n");
    assert_eq!(ran.stderr, undo, "nothing but the undo line");
    assert_eq!(place.json(&["consumption"])["consumed"], 250);
    assert_eq!(host.count(), 6, "three pages and three answers");
    for request in host.asked() {
        let header = |name| request.header(name).unwrap_or_default().to_owned();
        assert_eq!(header("authorization"), format!("Bearer {TOKEN}"));
        assert_eq!(header("x-github-api-version"), "2022-11-28");
        assert_eq!(header("user-agent"), concat!("oneseat/", env!("CARGO_PKG_VERSION")));
        assert!(header("accept-encoding").contains("gzip"));
        assert!(request.path.starts_with("/enterprises/corp/"));
    }
    assert!(spool_is_gone(&place));
    // The kept file is what a person would have downloaded: its name has the time and the enterprise.
    let kept = place.path("saved/consumed_licenses-corp-2026-11-22T12-00-00Z.json");
    let again = place.json(&["import", &kept.display().to_string()]);
    assert_eq!(again["items"][0]["status"], "unchanged");
    assert_eq!(std::fs::read_dir(place.path("saved")).expect("a folder").count(), 4);
}

#[test]
fn the_line_says_what_changed_and_that_nothing_did() {
    let (place, machine) = (Place::new(), machine());
    let host = enterprise(120, |_, _| None);
    assert_eq!(fetch(&place, &machine, &host.url, &[]).code, 0);
    let ran = fetch_at(&place, &machine, &host.url, &[], LATER);
    let database = place.path("oneseat.db").display().to_string();
    let undo = format!("undo: oneseat --db {database} snapshots void 2 --reason …\n");
    assert_eq!((ran.code, ran.stderr), (0, undo));
    assert_eq!(ran.stdout, "corp: consumed-licenses: nothing changed (120 accounts)\n");
    let more = enterprise(123, |_, _| None);
    let ran = fetch_at(&place, &machine, &more.url, &["--dry-run"], "2026-11-30T12:00:00Z");
    assert_eq!(
        ran.stdout, "corp: consumed-licenses: would be stored, 3 new (123 accounts)\n",
        "{}",
        ran.stderr
    );
    assert_eq!(place.json(&["snapshots"])["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_the_token_may_not_have_is_a_warning_where_it_need_not() {
    let (place, machine) = (Place::new(), machine());
    let host = enterprise(30, |request, _| match () {
        () if request.is("/cost-centers") => Some(Reply::error(403, "Must have admin rights")),
        () if request.is("/visual-studio-subscriptions") => Some(Reply::error(404, "Not Found")),
        () => None,
    });
    let words = ["fetch", "cloud", "--enterprise", "corp", "--api-url", &host.url, "--json"];
    let ran = place.run_on(&machine, &words, b"", NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("warning: the token has no access to the cost centers of corp (403)")
    );
    let answer = answer(&ran);
    let became: Vec<&Value> =
        answer["items"].as_array().expect("a list").iter().map(|it| &it["status"]).collect();
    assert_eq!(became, ["stored", "stored", "not-permitted", "not-permitted"]);
}

/// GraphQL answers about two installations: one with 150 accounts, one of which has 130 addresses, and one
/// without accounts.
fn graphql(request: &Request) -> Reply {
    let asked: Value = serde_json::from_str(&request.body).expect("JSON");
    let (query, variables) = (asked["query"].as_str().expect("a query"), &asked["variables"]);
    let page = |has_next: bool, cursor: &str| json!({"hasNextPage": has_next, "endCursor": cursor});
    let email = |number: usize| json!({"email": format!("a{number}@corp.example"), "isPrimary": number == 0});
    if query.contains("enterpriseServerInstallations") {
        let node = |id: &str, host: &str| json!({"id": id, "hostName": host, "isConnected": true});
        let nodes = match variables["after"].as_str() {
            None => vec![node("I1", "ghes1.corp.example")],
            Some(_) => vec![node("I2", "ghes2.corp.example")],
        };
        let info = page(variables["after"].is_null(), "c1");
        let connection = json!({"pageInfo": info, "nodes": nodes});
        return Reply::json(
            &json!({"data": {"enterprise": {"ownerInfo": {"enterpriseServerInstallations": connection}}}}),
        );
    }
    if query.contains("EnterpriseServerUserAccount {") {
        let nodes: Vec<Value> = (100..130).map(email).collect();
        let emails = json!({"pageInfo": page(false, "e2"), "nodes": nodes});
        return Reply::json(&json!({"data": {"node": {"emails": emails}}}));
    }
    let account = |number: usize| {
        let many = number == 7;
        let nodes: Vec<Value> = match many {
            true => (0..100).map(email).collect(),
            false => vec![json!({"email": format!("u{number}@corp.example"), "isPrimary": true})],
        };
        json!({
            "id": format!("A{number}"), "remoteUserId": number.to_string(), "login": format!("u{number}"),
            "profileName": null, "isSiteAdmin": false, "remoteCreatedAt": "2020-01-01T00:00:00Z",
            "emails": {"pageInfo": page(many, "e1"), "nodes": nodes},
        })
    };
    let (host, total) = match variables["id"].as_str() {
        Some("I1") => ("ghes1.corp.example", 150),
        _ => ("ghes2.corp.example", 0),
    };
    let from = if variables["after"].is_null() { 0 } else { 100 };
    let nodes: Vec<Value> = (from..total.min(from + 100)).map(account).collect();
    let accounts = json!({
        "totalCount": total, "pageInfo": page(from + 100 < total, "n1"), "nodes": nodes,
    });
    Reply::json(&json!({"data": {"node": {
        "id": variables["id"], "hostName": host, "customerName": "Corp", "isConnected": true,
        "createdAt": "2020-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "userAccounts": accounts,
    }}}))
}

#[test]
fn server_accounts_come_with_all_their_addresses() {
    let (place, machine) = (Place::new(), machine());
    let host = Host::start(|request, _| match request.method.as_str() {
        "POST" => graphql(request),
        _ => beside(request),
    });
    let config = place.write("c.toml", b"[enterprise.corp]\nfetch = [\"server-accounts\"]\n");
    let config = config.display().to_string();
    let words =
        ["fetch", "cloud", "--enterprise", "corp", "--api-url", &host.url, "--config", &config];
    let ran = place.run_on(&machine, &words, b"", NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "corp: server-accounts of ghes1.corp.example: 150 new (150 accounts); \
         server-accounts of ghes2.corp.example: nothing changed (0 accounts)\n"
    );
    assert!(ran.stderr.contains("[empty]"), "{}", ran.stderr);
    assert_eq!(host.count(), 6, "installations 2, accounts 2 and 1, addresses 1");
    assert!(host.asked().iter().all(|it| it.path == "/graphql"));
    let sql = "SELECT count(*) AS n FROM emails WHERE login = 'u7'";
    let ran = place.run(&["query", sql, "--json"]);
    assert_eq!(
        ran.stdout.split_whitespace().collect::<String>(),
        "[{\"n\":130}]",
        "{}",
        ran.stderr
    );
    assert!(spool_is_gone(&place));
}

#[test]
fn who_is_no_owner_is_told_so() {
    for (reply, told) in [
        (
            json!({"data": {"enterprise": {"ownerInfo": null}}}),
            "only an owner of the enterprise sees",
        ),
        (
            json!({"data": {"enterprise": null}, "errors": [{"type": "NOT_FOUND", "message": "no such enterprise"}]}),
            "\"no such enterprise\"",
        ),
    ] {
        let (place, machine) = (Place::new(), machine());
        let host = Host::start(move |_, _| Reply::json(&reply));
        let config = place.write("c.toml", b"[enterprise.corp]\nfetch = [\"server-accounts\"]\n");
        let config = config.display().to_string();
        let words =
            ["fetch", "cloud", "--enterprise", "corp", "--api-url", &host.url, "--config", &config];
        let ran = place.run_on(&machine, &words, b"", NOW);
        assert_eq!(ran.code, 6, "{}", ran.stderr);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
}

const USERS: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,last_active,raw_login,2fa_enabled?\n\
    2020-01-01 00:00:00 UTC,3,anna,anna@corp.example,user,false,10.0.0.1,1,1,1,false,2026-11-01 00:00:00 UTC,anna,true\n\
    2020-01-01 00:00:00 UTC,4,bert,bert@corp.example,admin,false,10.0.0.1,1,1,1,true,2026-01-01 00:00:00 UTC,bert,true\n";

/// An instance that needs this many requests to make its report.
fn instance(made_after: usize) -> Host {
    Host::start(move |request, number| match () {
        () if !request.is("/all_users.csv") => Reply::json(&json!({
            "seats": 200, "seats_used": 2, "seats_available": 198, "kind": "standard",
            "days_until_expiration": 30, "expire_at": "2026-12-22T00:00:00Z",
        })),
        () if number < made_after => Reply::new(202, ""),
        () => Reply::new(200, USERS).with("content-type", "text/csv"),
    })
}

#[test]
fn an_instance_is_asked_until_its_report_is_made() {
    let (place, machine) = (Place::new(), machine());
    let host = instance(4);
    let words =
        ["fetch", "server", "--host", "GHES.corp.example", "--url", &host.url, "--user", "audit"];
    let ran = place.run_on(&machine, &words, b"", NOW);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout, "ghes.corp.example: all-users: 2 new (2 accounts); license: 1 record\n");
    let slept: Vec<u64> = machine.slept.borrow().iter().map(|it| it.as_secs()).collect();
    assert_eq!(slept, [5, 10, 20, 40]);
    assert!(
        ran.stderr
            .contains("is still making the report on all users of ghes.corp.example: waiting 5 s")
    );
    let asked = host.asked();
    let report = asked.iter().find(|it| it.is("/all_users.csv")).expect("the report");
    assert_eq!(report.path, "/stafftools/reports/all_users.csv");
    // audit:TOKEN, in the form that curl --user sends.
    assert!(report.header("authorization").is_some_and(|it| it.starts_with("Basic YXVkaXQ6Z2hw")));
    let license = asked.last().expect("the license");
    assert_eq!(license.path, "/api/v3/enterprise/settings/license");
    assert_eq!(license.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(stored(&place), Some(2));
}

#[test]
fn a_report_that_is_never_made_is_given_up() {
    let (place, machine) = (Place::new(), machine());
    let host = instance(usize::MAX);
    let words = ["fetch", "server", "--host", "ghes.corp.example", "--url", &host.url];
    let ran = place.run_on(&machine, &words, b"", NOW);
    assert_eq!(ran.code, 6);
    assert!(ran.stderr.contains("is still being made after 3"), "{}", ran.stderr);
    assert!(host.count() < 60, "the wait is bounded: {}", host.count());
    let asked_before = host.count();
    let ran = place.run_on(&machine, &[&words[..], &["--max-wait", "10s"]].concat(), b"", NOW);
    assert_eq!(ran.code, 6);
    assert!(ran.stderr.contains("the total wait is at most 10 s"), "{}", ran.stderr);
    assert_eq!(host.count() - asked_before, 2);
    assert_eq!(stored(&place), None);
    assert!(spool_is_gone(&place));
}

#[test]
fn answers_come_packed() {
    use std::io::Write;
    let (place, machine) = (Place::new(), machine());
    let host = enterprise(100, |request, _| {
        let wire = super::Enterprise::of(100).page(request, "").wire();
        let text = String::from_utf8(wire).expect("text");
        let body = text.split_once("\r\n\r\n").expect("a body").1;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(body.as_bytes()).expect("packed");
        let packed = packed.finish().expect("packed");
        Some(Reply::new(200, packed).with("content-encoding", "gzip"))
    });
    let ran = fetch(&place, &machine, &host.url, &["--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(answer(&ran)["items"][0]["import"]["accounts"], 100);
}

/// On a terminal the progress bar names the page and what it waits for. Needs `script` to provide a terminal.
#[test]
#[cfg(unix)]
fn on_a_terminal_the_bar_says_what_it_waits_for() {
    use std::process::{Command, Stdio};
    let place = Place::new();
    let host = enterprise(500, |_, number| {
        std::thread::sleep(std::time::Duration::from_millis(120));
        (number == 2).then(|| Reply::error(429, "slow down").with("retry-after", 1))
    });
    let config = super::licenses_only(&place);
    let program = env!("CARGO_BIN_EXE_oneseat");
    let line = format!(
        "'{program}' fetch cloud --enterprise corp --api-url {} --config '{config}'",
        host.url
    );
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("GH_TOKEN", TOKEN);
    script.env("ONESEAT_DB", place.path("oneseat.db")).env("TERM", "xterm").env("COLUMNS", "120");
    script.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = script.spawn() else {
        println!("there is no script(1) here");
        return;
    };
    let begun = std::time::Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if begun.elapsed() > std::time::Duration::from_secs(20) {
            child.kill().expect("ended");
            panic!("the fetch hangs on a terminal");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let output = child.wait_with_output().expect("its output");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("(rate limit): waiting 1 s, until "), "{shown}");
    assert!(shown.contains("page 3 of 5") || shown.contains("page 4 of 5"), "{shown}");
    assert!(shown.contains("corp: consumed-licenses: 500 new (500 accounts)"), "{shown}");
}

//! The table of faults: the message, the exit code, and what is stored, which is nothing or a complete
//! snapshot.

use std::time::Duration;

use super::host::{Host, Reply, Request};
use super::{Enterprise, TOKEN, enterprise, fetch, machine, slept, spool_is_gone, stored};
use crate::common::{Place, Ran, TestMachine};

/// The fault comes after the first page, where a half-finished fetch would leave something behind.
const SECOND: usize = 1;

struct Met {
    ran: Ran,
    machine: TestMachine,
    place: Place,
    requests: usize,
}

/// Fetches 250 people from a host with a fault.
fn meet(fault: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Met {
    meet_with(&[], fault)
}

fn meet_with(
    more: &[&str],
    fault: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
) -> Met {
    let (place, machine) = (Place::new(), machine());
    let host = enterprise(250, fault);
    let words = [&["--timeout", "1s"], more].concat();
    let ran = fetch(&place, &machine, &host.url, &words);
    Met { ran, machine, place, requests: host.count() }
}

impl Met {
    fn is_whole(&self, requests: usize) -> &Met {
        assert_eq!(self.ran.code, 0, "{}", self.ran.stderr);
        assert_eq!(stored(&self.place), Some(250));
        assert_eq!(self.requests, requests);
        assert!(spool_is_gone(&self.place));
        self.keeps_the_secret()
    }

    fn fails(&self, code: i32, told: &[&str]) -> &Met {
        assert_eq!(self.ran.code, code, "{}", self.ran.stderr);
        for told in told {
            assert!(self.ran.stderr.contains(told), "{told}: {}", self.ran.stderr);
        }
        assert!(self.ran.stderr.contains("hint: "), "a hint: {}", self.ran.stderr);
        assert_eq!(stored(&self.place), None, "nothing is stored");
        self.keeps_the_secret()
    }

    fn keeps_the_secret(&self) -> &Met {
        assert!(!self.ran.stderr.contains(TOKEN) && !self.ran.stdout.contains(TOKEN));
        self
    }
}

fn at(
    number: usize,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request, usize) -> Option<Reply> {
    move |_, asked| (asked == number).then(&reply)
}

fn always(
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request, usize) -> Option<Reply> {
    move |_, asked| (asked >= SECOND).then(&reply)
}

/// The beginning of a page, sent with the length of the complete one.
pub fn half() -> Vec<u8> {
    let whole = Reply::new(200, "x".repeat(5000)).wire();
    whole[..whole.len() - 2500].to_vec()
}

#[test]
fn a_connection_that_is_refused() {
    let (place, machine) = (Place::new(), machine());
    let url = Host::start(|_, _| Reply::error(500, "")).url.clone();
    let ran = fetch(&place, &machine, &url, &[]);
    Met { ran, machine, place, requests: 0 }
        .fails(6, &["cannot be reached", "refused", "(requested 4 times)"]);
}

#[test]
fn a_connection_that_is_reset_in_mid_body() {
    meet(at(SECOND, || Reply::Reset(half()))).is_whole(4);
    meet(always(|| Reply::Reset(half()))).fails(6, &["ended too early", "(requested 4 times)"]);
}

#[test]
fn a_body_that_stalls() {
    meet(at(SECOND, || Reply::Stall(half()))).is_whole(4);
    let wire = || Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-len".to_vec());
    meet(at(SECOND, wire)).is_whole(4);
}

#[test]
fn truncated_json() {
    let broken = || Reply::new(200, "{\"total_seats_consumed\": 250, \"users\": [{\"github_com_lo");
    meet(at(SECOND, broken)).is_whole(4);
    meet(always(broken)).fails(6, &["is not valid JSON", "(requested 4 times)"]);
}

#[test]
fn a_length_that_is_wrong() {
    // Too long: the host closes early. Too short: the client would take the rest for the next answer.
    meet(at(SECOND, || Reply::Raw(half()))).is_whole(4);
    let short = |request: &Request, number: usize| {
        let wire = Enterprise::of(250).page(request, "").wire();
        let text = String::from_utf8(wire).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let length = body.len();
        let head = head.replace(&format!("length: {length}"), &format!("length: {}", length - 7));
        (number == SECOND).then(|| Reply::Raw(format!("{head}\r\n\r\n{body}").into_bytes()))
    };
    let met = meet(short);
    assert!(met.requests >= 4);
    met.is_whole(met.requests);
}

#[test]
fn errors_of_the_host_that_pass_and_that_do_not() {
    let twice = |_: &Request, number| (1..3).contains(&number).then(|| Reply::error(500, "boom"));
    let met = meet(twice);
    met.is_whole(5);
    assert!(slept(&met.machine) >= Duration::from_secs(3), "one second, then two");
    let met = meet(always(|| {
        Reply::new(502, "<html>Bad gateway</html>").with("content-type", "text/html")
    }));
    met.fails(6, &["answers 502 (requested 4 times)"]);
    assert_eq!(met.requests, 5);
}

#[test]
fn limits() {
    // With a Retry-After header.
    let met = meet(at(SECOND, || Reply::error(429, "slow down").with("retry-after", 7)));
    met.is_whole(4);
    assert_eq!(slept(&met.machine), Duration::from_secs(7));
    assert!(
        met.ran.stderr.contains("(rate limit): waiting 7 s, until 2026-11-22T12:00:0"),
        "{}",
        met.ran.stderr
    );

    // Without a stated wait: a minute, then two.
    let met = meet(|_, number| (1..3).contains(&number).then(|| Reply::error(429, "slow down")));
    met.is_whole(5);
    let slept_for: Vec<u64> = met.machine.slept.borrow().iter().map(Duration::as_secs).collect();
    assert!(
        (60..=75).contains(&slept_for[0]) && (120..=150).contains(&slept_for[1]),
        "{slept_for:?}"
    );

    // A secondary limit: 403 and a message. Remaining is not 0, so the reset does not matter.
    let secondary = || {
        let reply = Reply::error(403, "You have exceeded a secondary rate limit. Please wait.");
        reply.with("x-ratelimit-remaining", 4000).with("x-ratelimit-reset", 1)
    };
    let met = meet(at(SECOND, secondary));
    met.is_whole(4);
    assert!(slept(&met.machine) >= Duration::from_secs(60));

    // The primary limit, with a near reset (2026-11-22T12:00:30Z).
    let primary = || {
        let reply = Reply::error(403, "API rate limit exceeded for user ID 1.");
        reply.with("x-ratelimit-remaining", 0).with("x-ratelimit-reset", 1_795_348_830)
    };
    let met = meet(at(SECOND, primary));
    met.is_whole(4);
    let slept_for = slept(&met.machine).as_secs();
    assert!((25..=31).contains(&slept_for), "{slept_for}");

    // A wait longer than allowed: the fetch gives up at once and stores nothing.
    let met = meet_with(&["--max-wait", "10s"], always(primary));
    met.fails(6, &["is used up", "s, until 2026-11-22T12:00:3", "--max-wait"]);
    assert_eq!(met.requests, 2);

    // A limit that never ends.
    let met = meet_with(&["--max-wait", "9d"], always(|| Reply::error(429, "no")));
    met.fails(6, &["was requested again 5 times"]);
    assert_eq!(met.requests, 7);
}

#[test]
fn refusals_each_with_its_way_out() {
    meet(always(|| Reply::error(401, "Bad credentials"))).fails(
        6,
        &[
            "does not know the token (401): \"Bad credentials\"",
            "the token of GH_TOKEN is wrong",
            "read:enterprise",
        ],
    );
    let met = meet(always(|| Reply::error(403, "Must have admin rights to Repository.")));
    met.fails(
        6,
        &["the token has no access to the consumed licenses of corp (403)", "read:enterprise"],
    );
    assert_eq!(met.requests, 2, "a refusal is not asked again");
    let sso = || {
        Reply::error(403, "Resource protected")
            .with("x-github-sso", "required; url=https://github.com/x")
    };
    meet(always(sso)).fails(6, &["single sign-on"]);
    meet(always(|| Reply::error(404, "Not Found"))).fails(
        6,
        &[
            "does not show the consumed licenses of corp (404)",
            "not permitted",
            "the name is wrong",
        ],
    );
    meet(always(|| Reply::error(410, "Gone")))
        .fails(6, &["(410)", "API version 2022-11-28 has ended", "api_version"]);
    meet(always(|| Reply::error(400, "Unknown API version"))).fails(6, &["(400)", "api_version"]);
    meet(always(|| Reply::error(418, "teapot"))).fails(6, &["answers 418"]);
}

#[test]
fn a_log_in_page() {
    let page = || {
        Reply::new(200, "<!DOCTYPE html><title>Sign in</title>").with("content-type", "text/html")
    };
    let met = meet(always(page));
    met.fails(6, &["sends a web page instead of the consumed licenses of corp", "log-in page"]);
    assert_eq!(met.requests, 2);
}

#[test]
fn a_list_that_moves_between_pages() {
    // A total that changes once: the fetch starts again at the first page.
    let total = |request: &Request, number: usize| {
        let moved = Enterprise { purchased: 7, ..Enterprise::of(250) };
        (number == 2).then(|| moved.page(request, ""))
    };
    let met = meet(total);
    met.is_whole(6);
    assert!(
        met.ran.stderr.contains(
            "changed while the pages were fetched (total_seats_purchased was 110000 and is now 7)"
        ),
        "{}",
        met.ran.stderr
    );

    // A person on two pages, with unchanged totals, each time.
    let twice = |request: &Request, _: usize| {
        let mut moved = Enterprise::of(250);
        moved.people.swap(0, 150);
        (request.query("page") == Some("2")).then(|| {
            let url = format!("http://{}", request.header("host").expect("a host"));
            moved.page(request, &url)
        })
    };
    let met = meet(twice);
    met.fails(
        6,
        &[
            "changed while the pages were fetched: a page repeats 1 of the members of earlier pages",
            "--accept-moved",
        ],
    );
    assert_eq!(met.requests, 6, "three times two pages");
    assert!(spool_is_gone(&met.place));

    // With `--accept-moved` the fetch stores it with a warning. The count shows the missing person.
    let met = meet_with(&["--accept-moved"], twice);
    assert_eq!(met.ran.code, 0, "{}", met.ran.stderr);
    assert!(met.ran.stderr.contains("[list-moved]"), "{}", met.ran.stderr);
    assert_eq!(stored(&met.place), Some(249));
}

#[test]
fn a_redirect_to_another_host_gets_no_token() {
    let other = Host::start(|_, _| Reply::new(200, "{}"));
    let url = format!("{}/elsewhere", other.url);
    for status in [301, 302, 307, 308] {
        let url = url.clone();
        let met = meet(at(SECOND, move || Reply::new(status, "").with("location", &url)));
        met.fails(6, &["redirects to another host", "the token was not sent there"]);
    }
    // The same holds for a next page on another host.
    let next = format!("<{url}>; rel=\"next\"");
    let met = meet(move |request, number| {
        (number == SECOND).then(|| Enterprise::of(250).page(request, "").with("link", &next))
    });
    met.fails(6, &["redirects to another host"]);
    assert_eq!(other.count(), 0, "nothing at all was asked of the other host");

    // A redirect to the same host is followed.
    let met = meet(|request, number| {
        (number == SECOND).then(|| Reply::new(301, "").with("location", request.path.clone()))
    });
    met.is_whole(4);
    // A circle of redirects is not.
    meet(always(|| Reply::new(302, "").with("location", "/x"))).fails(6, &["redirects too often"]);
}

#[test]
fn pages_that_lead_in_a_circle() {
    let met = meet(|request, _| {
        let url = format!("http://{}{}", request.header("host")?, request.path);
        (request.query("page") == Some("2")).then(|| {
            Reply::new(200, "{\"users\": []}").with("link", format!("<{url}>; rel=\"next\""))
        })
    });
    met.fails(6, &["lead in a circle"]);
}

#[test]
fn a_page_that_is_missing_is_no_snapshot() {
    let met = meet(|request, number| {
        (number == 0)
            .then(|| Enterprise::of(250).page(request, "").with("link", "<x>; rel=\"last\""))
    });
    met.fails(
        3,
        &[
            "100 rows for a stated total of 250",
            "--save DIR keeps the answer",
            "error: consumed_licenses-corp-2026",
        ],
    );
    assert!(spool_is_gone(&met.place));
}

#[test]
fn another_answer_than_the_one_asked_for() {
    let sync = || Reply::new(200, "{\"server_instances\": []}");
    meet(move |_, _| Some(sync())).fails(3, &["cloud-license-sync-status", "was requested"]);
    meet(|_, _| Some(Reply::new(200, "{}"))).fails(3, &["no known format"]);
    meet(|_, _| Some(Reply::new(200, "[]"))).fails(3, &["no known format"]);
}

/// A certificate for the loopback, valid in these years.
pub fn certificate(from: i32, until: i32) -> rcgen::CertifiedKey<rcgen::KeyPair> {
    let mut parameters =
        rcgen::CertificateParams::new(["127.0.0.1", "0.0.0.0"].map(str::to_owned)).expect("names");
    parameters.not_before = rcgen::date_time_ymd(from, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(until, 1, 1);
    let signing_key = rcgen::KeyPair::generate().expect("a key");
    let cert = parameters.self_signed(&signing_key).expect("a certificate");
    rcgen::CertifiedKey { cert, signing_key }
}

#[test]
fn certificates() {
    let serve = |request: &Request, _: usize| {
        let url = format!("https://{}", request.header("host").expect("a host"));
        Enterprise::of(250).page(request, &url)
    };
    let secure = |from: i32, until: i32, trusted: bool| {
        let (place, machine) = (Place::new(), machine());
        let certificate = certificate(from, until);
        let file = place.write("ca.pem", certificate.cert.pem().as_bytes()).display().to_string();
        let host = Host::secure(certificate, serve);
        let ca = ["--ca-file", file.as_str()];
        let ran = fetch(&place, &machine, &host.url, if trusted { &ca } else { &[] });
        Met { ran, machine, place, requests: host.count() }
    };
    secure(2020, 4000, true).is_whole(3);
    let met = secure(2020, 4000, false);
    met.fails(6, &["there is no safe connection", "--ca-file"]);
    let met = secure(2010, 2011, true);
    met.fails(6, &["there is no safe connection", "xpired", "have the certificate renewed"]);
    assert_eq!(met.requests, 0, "the token goes nowhere before the certificate holds");
    // A file without a certificate, and plain http to a host other than the machine itself.
    let (place, machine) = (Place::new(), machine());
    let file = place.write("ca.pem", b"nothing").display().to_string();
    let ran = fetch(&place, &machine, "https://127.0.0.1:1", &["--ca-file", &file]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let ran = fetch(&place, &machine, "http://ghes.corp.example", &[]);
    assert!(ran.code == 2 && ran.stderr.contains("unencrypted"), "{}", ran.stderr);
}

#[test]
fn a_proxy_of_the_environment() {
    let proxy = Host::start(|_, _| Reply::new(407, ""));
    let serve = |request: &Request, _: usize| {
        let url = format!("https://{}", request.header("host").expect("a host"));
        Enterprise::of(30).page(request, &url)
    };
    let certificate = certificate(2020, 4000);
    let pem = certificate.cert.pem();
    let host = Host::secure(certificate, serve);
    // The same host under an address that is not the machine's own.
    let url = host.url.replace("127.0.0.1", "0.0.0.0");
    let run = |exceptions: &str, proxy: &str| {
        let (place, mut machine) = (Place::new(), machine());
        let ca = place.write("ca.pem", pem.as_bytes()).display().to_string();
        machine.variables.insert("https_proxy".to_owned(), proxy.to_owned());
        machine.variables.insert("NO_PROXY".to_owned(), exceptions.to_owned());
        fetch(&place, &machine, &url, &["--ca-file", &ca])
    };
    let ran = run("corp.example", &proxy.url);
    assert_eq!((ran.code, host.count()), (6, 0), "{}", ran.stderr);
    assert!(proxy.asked().iter().all(|it| it.method == "CONNECT"), "{:?}", proxy.asked());
    assert!(proxy.count() > 0 && !format!("{:?}", proxy.asked()).contains(TOKEN));
    for exceptions in ["0.0.0.0", "corp.example, 0.0.0.0", "*"] {
        assert_eq!(run(exceptions, &proxy.url).code, 0, "{exceptions}");
    }
    let ran = run("", "gopher://user:secret@x");
    assert!(ran.code == 2 && !ran.stderr.contains("secret"), "{}", ran.stderr);
}

#[test]
fn the_machine_itself_is_asked_through_no_proxy() {
    let proxy = Host::start(|_, _| Reply::new(407, ""));
    let plain = enterprise(30, |_, _| None);
    let certificate = certificate(2020, 4000);
    let pem = certificate.cert.pem();
    let serve = |request: &Request, _: usize| Enterprise::of(30).page(request, "");
    let secure = Host::secure(certificate, serve);
    let by_name = plain.url.replace("127.0.0.1", "localhost");
    for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        for url in [&plain.url, &secure.url, &by_name] {
            let (place, mut machine) = (Place::new(), machine());
            let ca = place.write("ca.pem", pem.as_bytes()).display().to_string();
            machine.variables.insert(name.to_owned(), proxy.url.clone());
            let ran = fetch(&place, &machine, url, &["--ca-file", &ca]);
            assert_eq!(ran.code, 0, "{name} {url}: {}", ran.stderr);
        }
    }
    assert_eq!(proxy.count(), 0, "{:?}", proxy.asked());
}

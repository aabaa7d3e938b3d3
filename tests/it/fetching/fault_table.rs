//! The table of faults on the built program, with real waits. It takes a minute and more, so it is no part of a
//! usual run: `cargo test --release the_table_of_faults -- --ignored --nocapture`

use std::process::{Command, Stdio};
use std::time::Instant;

use super::faults::{certificate, half};
use super::host::{Handler, Host, Reply, Request};
use super::{Enterprise, TOKEN, enterprise, licenses_only, stored};
use crate::common::Place;

type Fault = Box<dyn Fn(&Request, usize) -> Option<Reply> + Send + Sync>;

/// A fault at the second request only.
fn once(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Fault {
    Box::new(move |_, number| (number == 1).then(&reply))
}

fn always(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Fault {
    Box::new(move |_, number| (number >= 1).then(&reply))
}

fn limit(
    status: u16,
    message: &'static str,
    headers: &'static [(&'static str, &'static str)],
) -> Reply {
    let reply = Reply::error(status, message);
    headers.iter().fold(reply, |reply, (name, value)| reply.with(name, value))
}

fn soon() -> Reply {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time");
    let reply = Reply::error(403, "API rate limit exceeded for user ID 1.");
    reply.with("x-ratelimit-remaining", 0).with("x-ratelimit-reset", now.as_secs() + 4)
}

fn moves(twice: bool) -> Fault {
    Box::new(move |request, number| {
        let url = format!("http://{}", request.header("host")?);
        let mut moved = Enterprise::of(250);
        moved.people.swap(0, 150);
        let hit = request.query("page") == Some("2") && (twice || number == 1);
        hit.then(|| moved.page(request, &url))
    })
}

fn faults(elsewhere: String) -> Vec<(&'static str, Fault)> {
    let html = || Reply::new(200, "<html>Sign in</html>").with("content-type", "text/html");
    let wrong_length = || Reply::Raw(half());
    let json = || Reply::new(200, "{\"total_seats_consumed\": 250, \"users\": [{\"gith");
    let redirect = move || Reply::new(302, "").with("location", &elsewhere);
    vec![
        ("none", Box::new(|_, _| None)),
        ("reset in mid-body, once", once(|| Reply::Reset(half()))),
        ("reset in mid-body, for ever", always(|| Reply::Reset(half()))),
        ("stalled body, once", once(|| Reply::Stall(half()))),
        ("stalled body, for ever", always(|| Reply::Stall(half()))),
        ("truncated JSON, once", once(json)),
        ("truncated JSON, for ever", always(json)),
        (
            "500 twice, then fine",
            Box::new(|_, number| (1..3).contains(&number).then(|| Reply::error(500, "boom"))),
        ),
        ("502 for ever", always(|| Reply::new(502, "<html>Bad gateway"))),
        ("429 with Retry-After: 3", once(|| limit(429, "slow down", &[("retry-after", "3")]))),
        ("429 without", once(|| limit(429, "slow down", &[]))),
        (
            "secondary limit",
            once(|| {
                limit(
                    403,
                    "You have exceeded a secondary rate limit.",
                    &[("x-ratelimit-remaining", "4000")],
                )
            }),
        ),
        ("primary limit, reset in 4 s", once(soon)),
        ("primary limit, --max-wait 2s", always(soon)),
        ("401", always(|| Reply::error(401, "Bad credentials"))),
        ("403", always(|| Reply::error(403, "Must have admin rights"))),
        ("404", always(|| Reply::error(404, "Not Found"))),
        ("410", always(|| Reply::error(410, "Gone"))),
        ("HTML log-in page", always(html)),
        ("wrong content length, once", once(wrong_length)),
        ("wrong content length, for ever", always(wrong_length)),
        ("list that moves once", moves(false)),
        ("list that moves for ever", moves(true)),
        ("redirect to another host", always(redirect)),
    ]
}

/// Runs the built program, and returns a line of the table.
fn line(name: &str, url: &str, more: &[&str]) -> String {
    let place = Place::new();
    let config = licenses_only(&place);
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_oneseat"))
        .args(["fetch", "cloud", "--enterprise", "corp", "--api-url", url, "--config", &config])
        .args(["--timeout", "2s"])
        .args(more)
        .env_clear()
        .env("GH_TOKEN", TOKEN)
        .env("ONESEAT_DB", place.path("oneseat.db"))
        .stdin(Stdio::null())
        .output()
        .expect("the program");
    let told = String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).into_owned();
    assert!(!told.contains(TOKEN));
    let stored = stored(&place);
    assert!(matches!(stored, None | Some(250)), "{name}: nothing, or all of it");
    let code = output.status.code().expect("an exit code");
    assert_eq!(code == 0, stored.is_some(), "{name}: {told}");
    let stored = stored.map_or("nothing".to_owned(), |count| format!("{count} accounts"));
    let seconds = begun.elapsed().as_secs_f64();
    let told = told.trim().replace('\n', "\n      ");
    format!("{name}: exit code {code}, {seconds:.1} s, stored: {stored}\n      {told}")
}

#[test]
#[ignore = "it waits for limits as long as they say"]
fn the_table_of_faults() {
    let elsewhere = Host::start(|_, _| Reply::new(200, "{}"));
    let running = faults(format!("{}/x", elsewhere.url)).into_iter().map(|(name, fault)| {
        std::thread::spawn(move || {
            let host = enterprise(250, move |request, number| fault(request, number));
            let more: &[&str] =
                if name.contains("--max-wait") { &["--max-wait", "2s"] } else { &[] };
            let told = line(name, &host.url, more);
            format!("{told}\n      {} requests", host.count())
        })
    });
    let running: Vec<_> = running.collect();
    for thread in running {
        println!("{}", thread.join().expect("a line"));
    }
    assert_eq!(elsewhere.count(), 0, "nothing was asked of the other host");
    println!("{}", line("connection refused", "http://127.0.0.1:1", &[]));
    let place = Place::new();
    let expired = certificate(2010, 2011);
    let ca = place.write("ca.pem", expired.cert.pem().as_bytes()).display().to_string();
    let handler: Box<Handler> = Box::new(|request, _| Enterprise::of(250).page(request, ""));
    let host = Host::secure(expired, move |request, number| handler(request, number));
    println!("{}", line("expired certificate", &host.url, &["--ca-file", &ca]));
    assert_eq!(host.count(), 0);
}

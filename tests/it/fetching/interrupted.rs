//! A fetch that is interrupted by a fault or a kill, and run again. The result is a complete snapshot or none,
//! and at most one page is requested more often than needed.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::host::{Host, Reply, Request};
use super::{
    Enterprise, TOKEN, answer, enterprise, fetch, fetch_at, licenses_only, machine, spool_is_gone,
    stored,
};
use crate::common::Place;

/// Fails at the fifth request and when the same page is requested again, but not in a later run.
fn broken_at_five(request: &Request, number: usize) -> Option<Reply> {
    let _ = request;
    (4..8).contains(&number).then(|| Reply::error(503, "unavailable"))
}

#[test]
fn what_was_interrupted_goes_on_within_ten_minutes() {
    let (place, machine) = (Place::new(), machine());
    let host = enterprise(1000, broken_at_five);
    let ran = fetch(&place, &machine, &host.url, &[]);
    assert_eq!(ran.code, 6);
    assert!(
        ran.stderr.contains("the 4 pages fetched so far are kept for ten minutes"),
        "{}",
        ran.stderr
    );
    assert_eq!(stored(&place), None);
    private(&place);
    let before = host.count();
    let ran = fetch_at(&place, &machine, &host.url, &["--json"], "2026-11-22T12:09:00Z");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(host.count() - before, 1 + 6, "the first page again, and the six that were missing");
    let item = &answer(&ran)["items"][0];
    assert_eq!((&item["pages"], &item["resumed_pages"]), (&10.into(), &4.into()));
    assert_eq!(item["import"]["taken_at"], "2026-11-22T12:00:00Z", "when its first page came");
    assert_eq!(stored(&place), Some(1000));
    assert!(spool_is_gone(&place));
}

#[test]
fn what_is_old_or_no_longer_the_same_begins_again() {
    // Eleven minutes later.
    let (place, machine) = (Place::new(), machine());
    let host = enterprise(1000, broken_at_five);
    assert_eq!(fetch(&place, &machine, &host.url, &[]).code, 6);
    let before = host.count();
    let ran = fetch_at(&place, &machine, &host.url, &["--json"], "2026-11-22T12:11:00Z");
    assert_eq!((ran.code, host.count() - before), (0, 10), "{}", ran.stderr);
    assert_eq!(answer(&ran)["items"][0]["import"]["taken_at"], "2026-11-22T12:11:00Z");

    // Another name on the first page starts the fetch over; another order of a list on it does not.
    for (swapped, requests) in [(true, 7), (false, 10)] {
        let place = Place::new();
        let host = enterprise(1000, move |request, number| {
            let mut changed = Enterprise::of(1000);
            match swapped {
                true => changed.people[0]["github_com_member_roles"].as_array_mut()?.reverse(),
                false => changed.people[0]["github_com_name"] = "Another".into(),
            }
            let url = format!("http://{}", request.header("host")?);
            let later = number >= 8 && request.query("page").is_none();
            later.then(|| changed.page(request, &url)).or_else(|| broken_at_five(request, number))
        });
        assert_eq!(fetch(&place, &machine, &host.url, &[]).code, 6);
        let before = host.count();
        let ran = fetch_at(&place, &machine, &host.url, &[], "2026-11-22T12:01:00Z");
        assert_eq!((ran.code, host.count() - before), (0, requests), "{}", ran.stderr);
        assert_eq!(stored(&place), Some(1000));
    }
}

/// Checks that only the owner can read what is kept, and that the token is not in it.
fn private(place: &Place) {
    let spool = place.path("oneseat.db-spool");
    let mut files = 0;
    for folder in std::fs::read_dir(&spool).expect("the spool").flatten() {
        for file in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
            files += 1;
            let text = std::fs::read(file.path()).expect("a file");
            assert!(!text.windows(TOKEN.len()).any(|it| it == TOKEN.as_bytes()));
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode =
                    |path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
                assert_eq!(mode(file.path()), 0o600, "{}", file.path().display());
                assert_eq!(mode(folder.path()), 0o700);
            }
        }
    }
    assert!(files >= 2, "pages and journal");
}

/// Starts a fetch with the built program.
pub fn begin(place: &Place, url: &str) -> Child {
    let config = licenses_only(place);
    let database = place.path("oneseat.db");
    Command::new(env!("CARGO_BIN_EXE_oneseat"))
        .args([
            "fetch",
            "cloud",
            "--enterprise",
            "corp",
            "--api-url",
            url,
            "--config",
            &config,
            "--json",
        ])
        .env_clear()
        .env("GH_TOKEN", TOKEN)
        .env("ONESEAT_DB", database)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program")
}

/// A slow host, so that a kill hits the fetch in the middle.
fn slow(count: usize) -> Host {
    enterprise(count, |_, _| {
        std::thread::sleep(Duration::from_millis(8));
        None
    })
}

#[test]
fn killed_in_the_middle_and_then_again() {
    const PAGES: usize = 30;
    let host = slow(PAGES * 100);
    for killed_after in [1, 2, 7, 15, 29, 30] {
        let place = Place::new();
        let before = host.count();
        let mut child = begin(&place, &host.url);
        let begun = Instant::now();
        while host.count() - before < killed_after && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        // The snapshot may be complete already if the kill came late.
        assert!(matches!(stored(&place), None | Some(3000)), "a whole snapshot or none");
        let asked = host.count() - before;
        let ran = begin(&place, &host.url).wait_with_output().expect("ended");
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(stored(&place), Some(3000));
        assert!(spool_is_gone(&place));
        let more = host.count() - before - PAGES;
        println!("killed after {asked} requests, {more} more than {PAGES} in all");
        if asked < PAGES {
            // The first page is requested again. The page that was on its way at the kill never arrived, so it
            // is needed.
            assert!(more <= 2, "killed after {asked} requests, {more} more than needed");
        }
    }
}

#[test]
fn one_fetch_at_a_time() {
    let place = Place::new();
    let host = slow(3000);
    let first = begin(&place, &host.url);
    while host.count() < 3 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let ran = fetch(&place, &machine(), &host.url, &[]);
    assert_eq!(ran.code, 6);
    assert!(ran.stderr.contains("another process is fetching"), "{}", ran.stderr);
    assert_eq!(first.wait_with_output().expect("ended").status.code(), Some(0));
    assert_eq!(stored(&place), Some(3000));
}

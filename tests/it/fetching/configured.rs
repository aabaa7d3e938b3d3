//! The configuration file: what it means, its errors, and its effect on `fetch` and `check`.

use serde_json::{Value, json};

use super::host::Host;
use super::{TOKEN, answer, enterprise, machine};
use crate::common::{NOW, Place, TestMachine};

fn configured(text: &str) -> (Place, TestMachine) {
    let (place, mut machine) = (Place::new(), machine());
    std::fs::create_dir_all(place.path("xdg/oneseat")).expect("a folder");
    place.write("xdg/oneseat/config.toml", text.as_bytes());
    let folder = place.path("xdg").display().to_string();
    machine.variables.insert("XDG_CONFIG_HOME".to_owned(), folder);
    (place, machine)
}

#[test]
fn fetch_alone_fetches_all_that_is_named_and_one_failure_stops_no_other() {
    let host = enterprise(120, |_, _| None);
    let gone = Host::start(|_, _| super::Reply::error(401, "Bad credentials"));
    let (place, machine) = configured(&format!(
        "[enterprise.corp]\napi_url = \"{0}\"\n[enterprise.aaa]\napi_url = \"{1}\"\n\
         [enterprise.plant]\napi_url = \"{0}\"\nfetch = [\"consumed-licenses\"]\n\
         accept_new = \"its people are corp's\"\n[host.\"ghes.corp.example\"]\nurl = \"{1}\"\n",
        host.url, gone.url
    ));
    let ran = place.run_on(&machine, &["fetch", "--json"], b"", NOW);
    assert_eq!(ran.code, 6);
    let items = answer(&ran)["items"].clone();
    let told: Vec<String> = items
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| {
            format!("{} {} {}", it["place"]["name"], it["answer"], it["status"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        told,
        [
            "aaa consumed-licenses failed",
            "aaa license-sync-status not-asked",
            "aaa cost-centers not-asked",
            "aaa visual-studio-subscriptions not-asked",
            "corp consumed-licenses stored",
            "corp license-sync-status stored",
            "corp cost-centers stored",
            "corp visual-studio-subscriptions stored",
            "plant consumed-licenses stored",
            "ghes.corp.example null failed",
        ]
    );
    let ran =
        place.run_on(&machine, &["fetch", "--enterprise", "plant"], b"", "2026-11-23T12:00:00Z");
    assert_eq!(
        ran.stdout, "plant: consumed-licenses: nothing changed (120 accounts)\n",
        "{}",
        ran.stderr
    );
}

#[test]
fn config_check_says_what_is_meant_and_finds_every_token() {
    let (place, machine) = configured(
        "[check]\nmax_age = \"2d\"\n[enterprise.corp]\n\
         [enterprise.octo]\napi_url = \"https://api.octo.ghe.com\"\nfetch = [\"consumed-licenses\", \"server-accounts\"]\n\
         token_command = \"echo x\"\nmax_age = \"1d\"\n[host.\"ghes.corp.example\"]\ntoken_file = \"missing\"\n",
    );
    let ran = place.run_on(&machine, &["config", "check", "--json"], b"", NOW);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(!ran.stdout.contains(TOKEN));
    let answer = answer(&ran);
    assert_eq!((&answer["schema"], &answer["ok"]), (&json!("oneseat.config/1"), &json!(false)));
    let item = |number: usize, key: &str| answer["items"][number][key].clone();
    assert_eq!(item(0, "url"), "https://api.github.com");
    assert_eq!(
        (item(0, "token_from"), item(0, "max_age_seconds")),
        (json!("GH_TOKEN"), json!(172_800))
    );
    assert_eq!(
        (item(1, "token_from"), item(1, "max_age_seconds")),
        (json!("the token_command echo"), json!(86_400))
    );
    assert_eq!(item(1, "fetch"), json!(["consumed-licenses", "server-accounts"]));
    assert_eq!(
        (item(2, "url"), item(2, "token_from")),
        (json!("https://ghes.corp.example"), Value::Null)
    );
    assert!(
        item(2, "problem").as_str().expect("a problem").contains("the token file cannot be read")
    );

    let (place, machine) = configured("[enterprise.corp]\n");
    let ran = place.run_on(&machine, &["config", "check"], b"", NOW);
    assert!(
        ran.code == 0 && ran.stdout.contains("Every token was found"),
        "{} {}",
        ran.stdout,
        ran.stderr
    );
}

#[test]
fn what_is_wrong_in_the_file_ends_with_2_and_shows_no_secret() {
    for (text, told) in [
        (
            format!("[enterprise.corp]\ntoken = \"{TOKEN}\"\n"),
            "a token does not belong in the configuration",
        ),
        (
            "[enterprise.corp]\nfetch = [\"licences\"]\n".to_owned(),
            "its answers are: consumed-licenses",
        ),
        (
            "[enterprise.corp]\napi_url = \"https://octo.ghe.com\"\n".to_owned(),
            "https://api.octo.ghe.com",
        ),
        (
            "[enterprise.corp]\napi_url = \"https://github.com\"\n".to_owned(),
            "https://api.github.com",
        ),
        ("[enterprise.\"a/b\"]\n".to_owned(), "invalid enterprise name"),
        ("[enterprise.corp\n".to_owned(), "config.toml:1:"),
        (String::new(), "names no enterprise and no instance"),
    ] {
        let (place, machine) = configured(&text);
        let ran = place.run_on(&machine, &["fetch"], b"", NOW);
        assert_eq!(ran.code, 2, "{text}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(told) && ran.stderr.contains("hint: "),
            "{text}: {}",
            ran.stderr
        );
        assert!(!ran.stderr.contains(TOKEN));
    }
    let place = Place::new();
    let ran = place.run(&["fetch"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("there is no configuration file"),
        "{}",
        ran.stderr
    );
    assert_eq!(place.run(&["config", "check"]).code, 2);
    assert_eq!(place.run(&["fetch", "--config", "nowhere.toml"]).code, 2);
}

#[test]
fn check_goes_by_the_ages_of_the_file() {
    let (place, machine) =
        configured("[check]\nmax_age = \"4w\"\n[enterprise.corp]\nmax_age = \"3d\"\n");
    let page = br#"{"total_seats_consumed": 1, "users": [{"github_com_login": "a", "github_com_user": true}]}"#;
    let file = place.write("c.json", page).display().to_string();
    for name in ["corp", "plant"] {
        let words = ["import", &file, "--enterprise", name, "--taken-at", "2026-11-01"];
        assert_eq!(place.run(&words).code, 0);
    }
    let stale = |more: &[&str]| {
        let words = [&["check", "--as-of", "2026-11-10", "--json"], more].concat();
        let ran = place.run_on(&machine, &words, b"", NOW);
        let findings = answer(&ran)["findings"].clone();
        let findings = findings.as_array().expect("a list").iter();
        let stale = findings.filter(|it| it["code"] == "stale-source");
        stale
            .map(|it| it["source"]["name"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(stale(&[]), ["corp"]);
    assert_eq!(stale(&["--max-age", "1d"]), ["corp", "plant"]);
    assert_eq!(stale(&["--max-age", "9w"]), Vec::<String>::new());
}

#[test]
fn a_file_of_certificates_must_hold_certificates() {
    let sound = super::faults::certificate(2020, 2040).cert.pem();
    let frame = |inside: &str| {
        format!("-----BEGIN CERTIFICATE-----\n{inside}\n-----END CERTIFICATE-----\n")
    };
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned();
    for (text, damaged) in [
        (sound.clone(), false),
        (format!("a comment\n{sound}{sound}"), false),
        (frame("AAAA"), true),
        (frame(""), true),
        (frame("bm90IGEgY2VydGlmaWNhdGU="), true),
        (frame("MAA="), true),
        (sound.replacen("MI", "MA", 1), true),
        (format!("{sound}{}", frame("AAAA")), true),
        (frame("not base64 !"), true),
        (key, true),
        ("nothing".to_owned(), true),
        (String::new(), true),
    ] {
        let (place, mut machine) = configured(
            "[host.\"h.example\"]\nuser = \"a\"\ntoken_command = [\"echo\", \"tokentoken\"]\n\
             ca_file = \"ca.pem\"\n",
        );
        machine.variables.insert("GH_TOKEN".to_owned(), "tokentoken".to_owned());
        place.write("xdg/oneseat/ca.pem", text.as_bytes());
        let ran = place.run_on(&machine, &["config", "check"], b"", NOW);
        assert_eq!(ran.code != 0, damaged, "{text}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(
            ran.stdout.contains("ca_file") || ran.stderr.contains("ca_file"),
            damaged,
            "{text}"
        );
    }
}

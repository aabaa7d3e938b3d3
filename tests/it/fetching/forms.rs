//! A host, or a proxy before it, repeats the token in another form: in bodies, headers, addresses and errors.
//! Nothing of it is printed, kept or stored. A token that is in an answer by chance makes no answer suspect.

use std::path::Path;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, Engine};
use serde_json::{Value, json};

use super::host::{Host, Reply};
use super::{TOKEN, enterprise, fetch, machine, stored};
use crate::common::{NOW, Place, Ran, TestMachine};

/// The text with every character, or some of them, written in another form.
fn each(form: impl Fn(u32) -> String) -> String {
    TOKEN.chars().map(|it| form(it as u32)).collect()
}

fn some(form: impl Fn(u32) -> String) -> String {
    let odd = |(place, it): (usize, char)| match place % 4 {
        2 => form(it as u32),
        _ => it.to_string(),
    };
    TOKEN.chars().enumerate().map(odd).collect()
}

/// The forms of the token that can be in the text of an address, a header or JSON.
fn forms() -> Vec<String> {
    let log_in = BASE64_STANDARD.encode(format!("oneseat:{TOKEN}"));
    vec![
        TOKEN.to_owned(),
        format!("Bearer {TOKEN}"),
        TOKEN.to_lowercase(),
        each(|it| format!("%{it:02X}")),
        some(|it| format!("%{it:02x}")),
        some(|it| format!("%25{it:02X}")),
        some(|it| format!("&#{it};")),
        log_in.clone(),
        log_in.trim_end_matches('=').to_owned(),
        log_in.replace('=', "%3D"),
        format!("Basic {}", BASE64_STANDARD.encode(format!("somebody-else:{TOKEN}"))),
        BASE64_URL_SAFE.encode(format!("{TOKEN}:x-oauth-basic")),
        BASE64_STANDARD.encode(format!("t={TOKEN}&u=1")),
    ]
}

/// Forms that only JSON has.
fn escapes() -> Vec<String> {
    vec![
        each(|it| format!("\\u{it:04x}")),
        each(|it| format!("\\u{it:04X}")),
        some(|it| format!("\\u{it:04X}")),
        some(|it| format!("\\u0025{it:02x}")),
        some(|it| format!("\\\\u{it:04x}")),
    ]
}

/// The traces that a form could leave: the form, the token in it, or the Base64 of its middle.
fn traces(form: &str) -> Vec<Vec<u8>> {
    let middle = |before: &str| {
        let encoded = BASE64_STANDARD.encode(format!("{before}{TOKEN}"));
        encoded.as_bytes()[8..encoded.len() - 8].to_vec()
    };
    let mut traces = vec![form.as_bytes().to_vec(), TOKEN.as_bytes().to_vec()];
    traces.extend(["", "a", "ab", "oneseat:"].map(middle));
    traces.push(TOKEN[..20].to_lowercase().into_bytes());
    traces
}

fn has(bytes: &[u8], form: &str) -> bool {
    let traces = traces(form);
    let lower = bytes.to_ascii_lowercase();
    traces.iter().any(|it| bytes.windows(it.len()).any(|window| window == it))
        || lower.windows(20).any(|window| window == TOKEN[..20].to_lowercase().as_bytes())
}

fn files_with(folder: &Path, form: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, form));
        } else if has(&std::fs::read(&path).expect("a file"), form) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Checks that nothing of the form came out or was stored.
fn is_kept_back(ran: &Ran, place: &Place, form: &str, about: &str) {
    assert_eq!(ran.code, 6, "{about} {form}: {}", ran.stderr);
    assert!(!has(ran.stdout.as_bytes(), form), "{about} {form}: {}", ran.stdout);
    assert!(!has(ran.stderr.as_bytes(), form), "{about} {form}: {}", ran.stderr);
    assert_eq!(files_with(&place.path("."), form), Vec::<String>::new(), "{about}");
    assert_eq!(stored(place), None, "{about} {form}");
}

/// Fetches from a host with this second page.
fn second_page(about: &str, form: &str, reply: impl Fn(&str) -> Reply + Send + Sync + 'static) {
    let (place, machine) = (Place::new(), machine());
    let text = form.to_owned();
    let host = enterprise(250, move |request, number| {
        (number >= 1 && request.is("/consumed-licenses")).then(|| reply(&text))
    });
    let saved = place.path("saved").display().to_string();
    let more = ["-vv", "--save", &saved, "--json", "--max-wait", "1h"];
    let ran = fetch(&place, &machine, &host.url, &more);
    is_kept_back(&ran, &place, form, about);
    assert!(host.count() >= 2, "{about}");
}

/// A page of the consumed licenses with a name in it, as bytes.
fn page(name: &str) -> String {
    let user = json!({"github_com_login": "ann", "github_com_user": true, "github_com_name": "NAME",
        "license_type": "enterprise"});
    json!({"total_seats_consumed": 250, "total_seats_purchased": 300, "users": [user]})
        .to_string()
        .replace("NAME", name)
}

#[test]
fn no_form_of_it_gets_through_in_a_body() {
    for form in forms().into_iter().chain(escapes()) {
        second_page("a name", &form, |form| Reply::new(200, page(form)));
        let key = |form: &str| page("x").replace("github_com_name", &form.replace('"', ""));
        second_page("a key", &form, move |form| Reply::new(200, key(form)));
    }
}

#[test]
fn no_form_of_it_gets_through_in_a_header() {
    for form in forms() {
        for header in ["link", "x-debug-request", "set-cookie", "x-github-sso", "content-location"]
        {
            second_page(header, &form, move |form| {
                let value = match header {
                    "link" => format!("</next?token={form}>; rel=\"next\""),
                    _ => form.to_owned(),
                };
                Reply::new(200, page("Ann")).with(header, value)
            });
        }
        for location in ["/next?a=", "https://evil.example/", "//", "x"] {
            second_page("a redirect", &form, move |form| {
                Reply::new(302, "").with("location", format!("{location}{form}"))
            });
        }
    }
}

#[test]
fn no_form_of_it_gets_through_in_an_error() {
    for form in forms().into_iter().chain(escapes()) {
        for status in [400, 401, 403, 404, 410, 422, 429, 500, 503] {
            second_page("an error", &form, move |form| {
                let body = format!("{{\"message\":\"rate limit of version {form} is it\"}}");
                Reply::new(status, body).with("retry-after", "7200").with("x-echo", "y")
            });
        }
        second_page("GraphQL", &form, |form| {
            Reply::new(200, format!("{{\"errors\":[{{\"message\":\"{form}\"}}]}}"))
        });
    }
}

#[test]
fn pages_that_lead_in_a_circle_do_not_tell_it() {
    for form in forms() {
        let (place, machine) = (Place::new(), machine());
        let text = form.replace(' ', "+");
        let host = Host::start(move |request, number| {
            let here = format!("http://{}/p?z={text}", request.header("host").expect("a host"));
            let users =
                json!([{"github_com_login": format!("u{number}"), "github_com_user": true}]);
            let body =
                json!({"total_seats_consumed": 2, "total_seats_purchased": 9, "users": users});
            Reply::json(&body).with("link", format!("<{here}>; rel=\"next\""))
        });
        let ran = fetch(&place, &machine, &host.url, &["-v"]);
        is_kept_back(&ran, &place, &form, "a circle");
    }
}

const CSV: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,\
    last_active,raw_login,2fa_enabled?\n2020-01-01 00:00:00 UTC,1,LOGIN,a@x.example,user,false,1.1.1.1,0,0,0,false,\
    2020-01-01 00:00:00 UTC,x,true\n";

/// Fetches a report of an instance that answers with these bytes.
fn report(bytes: Vec<u8>, encoding: &'static str, machine: &TestMachine) -> (Ran, Place) {
    let place = Place::new();
    let host = Host::start(move |request, _| match request.is("/all_users.csv") {
        true => Reply::new(200, bytes.clone())
            .with("content-type", "text/csv")
            .with("content-encoding", encoding),
        false => Reply::error(404, "Not Found"),
    });
    let words = ["fetch", "server", "--host", "ghes.corp.example", "--url", &host.url, "-v"];
    let ran = place.run_on(machine, &words, b"", NOW);
    (ran, place)
}

#[test]
fn no_form_of_it_gets_through_in_a_report() {
    use std::io::Write as _;
    let gzip = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).expect("packed");
        packed.finish().expect("packed")
    };
    let wide = |text: &str, big: bool| {
        let bytes = |it: u16| if big { it.to_be_bytes() } else { it.to_le_bytes() };
        let marked = format!("\u{feff}{text}");
        marked.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
    };
    let mut machine = TestMachine::default();
    machine.variables.insert("ONESEAT_TOKEN_GHES_CORP_EXAMPLE".to_owned(), TOKEN.to_owned());
    for form in forms() {
        let text = CSV.replace("LOGIN", &form);
        for (about, bytes, encoding) in [
            ("plain", text.clone().into_bytes(), "identity"),
            ("packed on its way", gzip(text.as_bytes()), "gzip"),
            ("a packed file", gzip(text.as_bytes()), "identity"),
            ("a packed file, packed on its way", gzip(&gzip(text.as_bytes())), "gzip"),
            ("UTF-16", wide(&text, false), "identity"),
            ("UTF-16, the other way", wide(&text, true), "identity"),
        ] {
            let (ran, place) = report(bytes, encoding, &machine);
            // Not all escapes are looked for there: with the line break behind it, it is no UTF-16.
            match about.starts_with("UTF-16") && form.contains(['%', '&']) {
                true => {
                    assert!([3, 6].contains(&ran.code), "{}", ran.stderr);
                    assert_eq!(stored(&place), None);
                }
                false => is_kept_back(&ran, &place, &form, about),
            }
        }
        // The program does not read what is compressed twice.
        let (ran, place) = report(gzip(&gzip(text.as_bytes())), "identity", &machine);
        assert_eq!((ran.code, stored(&place)), (3, None), "{}", ran.stderr);
    }
    let plain = CSV.replace("LOGIN", "ann").into_bytes();
    for (bytes, encoding) in
        [(gzip(&plain), "gzip"), (gzip(&plain), "identity"), (gzip(&gzip(&plain)), "gzip")]
    {
        let (ran, place) = report(bytes, encoding, &machine);
        assert_eq!(ran.code, 0, "accepted without it: {}", ran.stderr);
        assert_eq!(stored(&place), Some(1), "{encoding}");
    }
    let mut cut = gzip(&plain);
    cut.truncate(cut.len() - 9);
    let (ran, place) = report(cut, "identity", &machine);
    assert_eq!((ran.code, stored(&place)), (6, None), "{}", ran.stderr);
}

#[test]
fn a_token_that_stands_in_any_answer_makes_none_suspect() {
    for token in ["a", "user", "enterprise", "Member", "login", "github_com_name", "corp.example"] {
        assert!(token.len() < 16);
        let (place, mut machine) = (Place::new(), TestMachine::default());
        machine.variables.insert("GH_TOKEN".to_owned(), token.to_owned());
        let host = enterprise(250, |_, _| None);
        let ran = fetch(&place, &machine, &host.url, &[]);
        assert_eq!((ran.code, stored(&place)), (0, Some(250)), "{token}: {}", ran.stderr);
        let mut machine = TestMachine::default();
        let name = "ONESEAT_TOKEN_GHES_CORP_EXAMPLE".to_owned();
        machine.variables.insert(name, token.to_owned());
        let (ran, _place) = report(CSV.replace("LOGIN", "ann").into_bytes(), "identity", &machine);
        assert_eq!(ran.code, 0, "{token}: {}", ran.stderr);
        // A host's message with the token is still not shown, and a login with it is kept back.
        let (place, mut machine) = (Place::new(), TestMachine::default());
        machine.variables.insert("GH_TOKEN".to_owned(), token.to_owned());
        let message = format!("the {token}");
        let host = enterprise(1, move |_, _| Some(Reply::error(401, &message)));
        let ran = fetch(&place, &machine, &host.url, &[]);
        assert!(ran.code == 6 && ran.stderr.contains("(not shown"), "{}", ran.stderr);
    }
    let mut machine = TestMachine::default();
    let name = "ONESEAT_TOKEN_GHES_CORP_EXAMPLE".to_owned();
    machine.variables.insert(name, "enterprise".to_owned());
    let log_in = BASE64_STANDARD.encode("oneseat:enterprise");
    let text = CSV.replace("LOGIN", log_in.trim_end_matches('='));
    let (ran, place) = report(text.into_bytes(), "identity", &machine);
    assert_eq!((ran.code, stored(&place)), (6, None), "{}", ran.stderr);
}

#[test]
fn pages_of_an_interruption_that_have_it_are_asked_for_again() {
    let (place, machine) = (Place::new(), machine());
    // The third page fails as often as the first run asks for it.
    let host =
        enterprise(250, |_, number| (2..6).contains(&number).then(|| Reply::error(500, "boom")));
    let ran = fetch(&place, &machine, &host.url, &[]);
    assert!(ran.code == 6 && host.count() == 6, "{}", ran.stderr);
    let spool = place.path("oneseat.db-spool/cloud-corp-consumed-licenses");
    let journal = std::fs::read_to_string(spool.join("journal")).expect("a journal");
    assert_eq!(journal.lines().count(), 3, "{journal}");
    // Another program has put it there, with a valid hash.
    let pages = std::fs::read_to_string(spool.join("pages")).expect("pages");
    let mut lines: Vec<String> = pages.lines().map(str::to_owned).collect();
    lines[1] =
        lines[1].replacen("\"User 1", &format!("\"{}", some(|it| format!("\\u{it:04x}"))), 1);
    std::fs::write(spool.join("pages"), lines.join("\n") + "\n").expect("written");
    let mut told: Vec<Value> =
        journal.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let from = told[2]["from"].as_u64().expect("a place");
    told[2]["to"] = (from + lines[1].len() as u64).into();
    told[2]["hash"] = blake3::hash(lines[1].as_bytes()).to_hex().to_string().into();
    let text: String = told.iter().map(|it| format!("{it}\n")).collect();
    std::fs::write(spool.join("journal"), text).expect("written");
    let ran = fetch(&place, &machine, &host.url, &["--json"]);
    assert_eq!((ran.code, stored(&place)), (0, Some(250)), "{}", ran.stderr);
    assert_eq!(super::answer(&ran)["items"][0]["resumed_pages"], 0);
    assert_eq!(files_with(&place.path("."), TOKEN), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn what_a_token_command_leaves_in_the_background_is_not_waited_for() {
    for script in
        ["sleep 30 & echo TOKEN", "sleep 30 & printf TOKEN", "(sleep 30; echo late) & echo TOKEN"]
    {
        let place = Place::new();
        let script = script.replace("TOKEN", TOKEN);
        let config = format!(
            "[enterprise.corp]\nfetch = [\"consumed-licenses\"]\ntoken_command = [\"sh\", \"-c\", \"{script}\"]\n"
        );
        let config = place.write("c.toml", config.as_bytes()).display().to_string();
        let host = enterprise(30, |_, _| None);
        let begun = std::time::Instant::now();
        let words =
            ["fetch", "cloud", "--enterprise", "corp", "--api-url", &host.url, "--config", &config];
        let ran = place.run_on(&TestMachine::default(), &words, b"", NOW);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
        let asked = host.asked();
        assert_eq!(asked[0].header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    }
}

//! The token never comes out: not in output, errors, spool, saved files or the database, whatever goes wrong
//! and whoever repeats it.

use std::path::Path;

use super::host::Reply;
use super::{TOKEN, enterprise, fetch, machine, stored};
use crate::common::{NOW, Place, TestMachine};

/// The files below a folder that contain the token.
fn has_token(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(has_token(&path));
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            if bytes.windows(TOKEN.len()).any(|it| it == TOKEN.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn whoever_repeats_the_token_is_not_repeated() {
    let repeats: [fn() -> Reply; 8] = [
        || Reply::error(401, &format!("Bad credentials: {TOKEN}")),
        || Reply::error(403, &format!("{TOKEN} may not")),
        || Reply::error(403, &format!("secondary rate limit for {TOKEN}")),
        || Reply::error(500, &format!("boom {TOKEN}")),
        || Reply::new(200, format!("{{\"users\": [], \"echo\": \"{TOKEN}\"}}")),
        || Reply::new(302, "").with("location", format!("https://evil.example/{TOKEN}")),
        || Reply::new(302, "").with("location", format!("https://{TOKEN}.evil.example/")),
        || Reply::new(200, format!("<html>{TOKEN}")),
    ];
    for (which, repeat) in repeats.into_iter().enumerate() {
        let (place, machine) = (Place::new(), machine());
        let host = enterprise(250, move |_, number| (number >= 1).then(repeat));
        let saved = place.path("saved").display().to_string();
        let ran = fetch(&place, &machine, &host.url, &["-v", "--save", &saved, "--json"]);
        assert_eq!(ran.code, 6, "{which}: {}", ran.stderr);
        assert!(!ran.stdout.contains(TOKEN), "{which}: {}", ran.stdout);
        assert!(
            !ran.stderr.to_lowercase().contains(&TOKEN.to_lowercase()),
            "{which}: {}",
            ran.stderr
        );
        assert_eq!(has_token(&place.path(".")), Vec::<String>::new(), "{which}");
        assert_eq!(stored(&place), None);
    }
}

#[test]
fn a_fetch_that_is_well_leaves_no_token() {
    let (place, machine) = (Place::new(), machine());
    let host = enterprise(250, |_, _| None);
    let saved = place.path("saved").display().to_string();
    let ran = fetch(&place, &machine, &host.url, &["-v", "--save", &saved, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains(TOKEN) && !ran.stderr.contains(TOKEN));
    assert_eq!(has_token(&place.path(".")), Vec::<String>::new());
    assert!(
        has_token(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fetching").as_path()).len()
            == 1
    );
}

/// Runs against a host that records the token it received.
fn came_with(
    machine: &TestMachine,
    place: &Place,
    words: &[&str],
) -> (i32, String, Option<String>) {
    let host = enterprise(30, |_, _| None);
    let words: Vec<String> = words.iter().map(|it| it.replace("URL", &host.url)).collect();
    let ran = place.run_on(machine, &words, b"", NOW);
    let came = host.asked().first().and_then(|it| it.header("authorization").map(str::to_owned));
    (ran.code, ran.stderr, came)
}

#[test]
fn where_tokens_come_from() {
    let place = Place::new();
    let token = place.write("token", b"from-a-file\n");
    let config = "[enterprise.corp]\napi_url = \"URL\"\ntoken_file = \"token\"\n\
        [enterprise.other]\ntoken_command = [\"printf\", \"from a command\"]\n\
        [enterprise.third]\ntoken_command = \"echo from-a-command\"\n\
        [enterprise.fourth]\ntoken_command = \"false\"\n[enterprise.fifth]\n\
        token_command = [\"sh\", \"-c\", \"echo from-stderr >&2; exit 3\"]\n\
        [enterprise.sixth]\ntoken_file = \"pipe\"\n[host.\"ghes.corp.example\"]\n";
    let config = place.write("config.toml", config.replace("URL", "http://127.0.0.1:1").as_bytes());
    let config = config.display().to_string();
    let cloud = |name: &'static str| {
        ["fetch", "cloud", "--api-url", "URL", "--enterprise", name, "--config", &config]
            .map(str::to_owned)
    };
    let run = |machine: &TestMachine, name| {
        let words = cloud(name);
        came_with(machine, &place, &words.each_ref().map(String::as_str))
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |mode| {
            std::fs::set_permissions(&token, std::fs::Permissions::from_mode(mode))
                .expect("a mode");
        };
        mode(0o644);
        let (code, told, came) = run(&machine(), "corp");
        assert!(
            code == 6 && told.contains("can be read by others: mode 0644") && came.is_none(),
            "{told}"
        );
        mode(0o600);
        // Reading a pipe would wait forever.
        let pipe = place.path("pipe");
        let made = std::process::Command::new("mkfifo").arg("-m600").arg(&pipe).status();
        assert!(made.expect("mkfifo").success());
        let (code, told, came) = run(&machine(), "sixth");
        assert!(code == 6 && told.contains("is not a regular file") && came.is_none(), "{told}");
    }
    let came = |machine: &TestMachine, name| run(machine, name).2.unwrap_or_default();
    assert_eq!(came(&machine(), "corp"), "Bearer from-a-file");
    let mut own = machine();
    own.variables.insert("ONESEAT_TOKEN_CORP".to_owned(), "its-own".to_owned());
    assert_eq!(came(&own, "corp"), "Bearer its-own");
    assert_eq!(came(&machine(), "third"), "Bearer from-a-command");
    assert_eq!(came(&machine(), "unconfigured"), format!("Bearer {TOKEN}"));
    let mut second = TestMachine::default();
    second.variables.insert("GITHUB_TOKEN".to_owned(), "second".to_owned());
    assert_eq!(came(&second, "unconfigured"), "Bearer second");

    for (machine, name, told) in [
        (machine(), "other", "has spaces"),
        (machine(), "fourth", "the token_command false failed"),
        (machine(), "fifth", "the token_command sh failed"),
        (TestMachine::default(), "unconfigured", "there is no token for unconfigured"),
    ] {
        let (code, text, came) = run(&machine, name);
        assert!(code == 6 && text.contains(told) && came.is_none(), "{name}: {text}");
        assert!(!text.contains("from"), "nothing of the command's output: {text}");
    }

    // The token for GitHub.com does not go to another host only because the configuration names that host.
    let config =
        place.write("h.toml", b"[host.\"ghes.corp.example\"]\nurl = \"http://127.0.0.1:1\"\n");
    let words = ["fetch", "--config", &config.display().to_string()].map(str::to_owned);
    let ran = place.run_on(&machine(), &words, b"", NOW);
    assert!(ran.stderr.contains("set ONESEAT_TOKEN_GHES_CORP_EXAMPLE in"), "{}", ran.stderr);
}

#[test]
fn a_token_is_no_argument() {
    let place = Place::new();
    for words in [["fetch", "--token", TOKEN], ["fetch", "cloud", "--token=x"].map(|it| it)] {
        assert_eq!(place.run(&words).code, 2);
    }
    let url = format!("https://user:{TOKEN}@ghes.corp.example");
    let ran = fetch(&place, &machine(), &url, &[]);
    assert!(ran.code == 2 && !ran.stderr.contains(TOKEN), "{}", ran.stderr);
}

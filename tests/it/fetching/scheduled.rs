//! The configuration and the schedules of docs/fetching.md are valid: each is read by the program that it is
//! for, and its commands are run.

use std::path::PathBuf;
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

use super::host::{Host, Reply};
use super::{TOKEN, beside, enterprise};
use crate::common::{NOW, Place, TestMachine};

/// The code blocks of a language in the page.
fn blocks(language: &str) -> Vec<String> {
    let page = include_str!("../../../docs/fetching.md");
    let begin = format!("```{language}\n");
    let blocks = page.split(begin.as_str()).skip(1);
    blocks.map(|block| block.split("```").next().expect("an end").to_owned()).collect()
}

fn only(language: &str) -> String {
    let blocks = blocks(language);
    assert_eq!(blocks.len(), 1, "{language}");
    blocks[0].clone()
}

#[test]
fn the_configuration_is_read_as_it_is_meant() {
    let place = Place::new();
    let config = place.write("config.toml", only("toml").as_bytes()).display().to_string();
    let ran = place.run_on(
        &TestMachine::default(),
        &["config", "check", "--config", &config, "--json"],
        b"",
        NOW,
    );
    // The tokens are missing, so it ends with 1. The rest is valid.
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let answer = super::answer(&ran);
    let item = |number: usize, key: &str| answer["items"][number][key].clone();
    assert_eq!(item(0, "name"), "corp");
    assert_eq!(item(1, "url"), "https://api.corp-eu.ghe.com");
    assert!(
        item(1, "problem")
            .as_str()
            .expect("a problem")
            .contains("corp-eu.token: the token file cannot be read")
    );
    assert_eq!(
        (item(2, "name"), item(2, "max_age_seconds")),
        ("ghes1.corp.example".into(), 129_600.into())
    );
}

/// A home directory with the program in it, and a configuration that points to the loopback.
fn home(host: &Host) -> Place {
    let place = Place::new();
    for folder in [".cargo/bin", ".config/oneseat", "bin"] {
        std::fs::create_dir_all(place.path(folder)).expect("a folder");
    }
    for program in [".cargo/bin/oneseat", "bin/oneseat"] {
        #[cfg(unix)]
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_oneseat"), place.path(program))
            .expect("a link");
    }
    let config = format!("[enterprise.corp]\napi_url = \"{}\"\n", host.url);
    place.write(".config/oneseat/config.toml", config.as_bytes());
    place
}

/// Runs a line as the shell of a scheduler would.
fn shell(place: &Place, line: &str, more: &[(&str, PathBuf)]) -> (Option<i32>, String) {
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).env_clear().env("PATH", path).env("HOME", place.path("."));
    command.env("GH_TOKEN", TOKEN).envs(more.iter().map(|(name, value)| (name, value)));
    let output = command.output().expect("a shell");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn corp() -> Host {
    enterprise(120, |request, _| {
        let no_instances = serde_json::json!({"pageInfo": {"hasNextPage": false}, "nodes": []});
        let installations = serde_json::json!({"enterpriseServerInstallations": no_instances});
        let answer = serde_json::json!({"data": {"enterprise": {"ownerInfo": installations}}});
        match request.method.as_str() {
            "POST" => Some(Reply::json(&answer)),
            _ if request.is("/license-sync-status") => {
                Some(Reply::new(200, "{\"server_instances\": []}"))
            }
            _ if request.is("/consumed-licenses") => None,
            _ => Some(beside(request)),
        }
    })
}

#[test]
#[cfg(unix)]
fn the_line_of_cron_is_run() {
    let host = corp();
    let place = home(&host);
    let line = only("cron");
    let words: Vec<&str> = line.split_whitespace().collect();
    let field = |field: &str| field == "*" || field.parse::<u8>().is_ok_and(|it| it < 60);
    assert!(words[..5].iter().all(|it| field(it)), "{line}");
    let (code, told) = shell(&place, &words[5..].join(" "), &[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.starts_with("corp: consumed-licenses: 120 new (120 accounts);"), "{told}");
    assert!(place.path(".local/share/oneseat/oneseat.db").exists());
}

#[test]
#[cfg(unix)]
fn the_units_of_systemd_hold() {
    let host = corp();
    let place = home(&host);
    let units = blocks("ini");
    assert_eq!(units.len(), 2);
    let mut files = Vec::new();
    for unit in &units {
        let name = unit.lines().next().expect("a name").rsplit('/').next().expect("a name");
        let unit = unit.replace("%h", &place.path(".").display().to_string());
        files.push(place.write(name, unit.as_bytes()));
    }
    // Where systemd is installed, it checks the units itself.
    let mut verify = Command::new("systemd-analyze");
    verify.env("XDG_RUNTIME_DIR", place.path("."));
    match verify.args(["verify", "--user", "--man=no"]).args(&files).output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            // Without a running manager it cannot check anything, which is no fault of the units.
            let looked = !told.contains("Failed to initialize manager")
                && !told.contains("Failed to connect");
            assert!(!looked || output.status.success(), "{told}");
            println!("systemd-analyze verify: looked {looked}, {told:?}");
        }
        Err(_) => println!("there is no systemd-analyze here"),
    }
    let commands: Vec<&str> =
        units[0].lines().filter_map(|line| line.strip_prefix("ExecStart=")).collect();
    assert_eq!(commands.len(), 2);
    for command in commands {
        let (code, told) = shell(&place, &command.replace("%h", "$HOME"), &[]);
        assert_eq!(code, Some(0), "{command}: {told}");
    }
    let timer = &units[1];
    assert!(
        timer.contains("OnCalendar=*-*-* 06:17:00") && timer.contains("WantedBy=timers.target")
    );
}

#[test]
#[cfg(unix)]
fn the_workflow_is_yaml_and_its_steps_run() {
    let host = corp();
    let place = home(&host);
    let text = only("yaml");
    let workflow = &YamlLoader::load_from_str(&text).expect("YAML")[0];
    assert_eq!(workflow["on"]["schedule"][0]["cron"].as_str(), Some("17 6 * * 1"));
    assert_eq!(workflow["permissions"], Yaml::Hash(yaml_rust2::yaml::Hash::new()));
    let job = &workflow["jobs"]["fetch"];
    assert!(job["env"]["ONESEAT_DB"].as_str().is_some());
    assert_eq!(job["steps"][0]["env"]["GH_TOKEN"].as_str(), Some("${{ secrets.ONESEAT_TOKEN }}"));
    let steps = job["steps"].as_vec().expect("steps");
    let summary = place.write("summary.md", b"");
    let variables =
        [("GITHUB_STEP_SUMMARY", summary.clone()), ("ONESEAT_DB", place.path("actions.db"))];
    for step in steps {
        let (code, told) = shell(&place, step["run"].as_str().expect("a command"), &variables);
        assert_eq!(code, Some(0), "{told}");
    }
    assert!(std::fs::read_to_string(&summary).expect("the summary").contains("| severity |"));
}

#[test]
fn the_commands_of_the_readme_are_commands() {
    let place = Place::new();
    let commands: Vec<String> = blocks("sh")
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.starts_with("oneseat fetch"))
        .collect();
    assert_eq!(commands.len(), 4);
    for command in commands {
        let command = command.split('#').next().expect("a command").trim();
        // Without a token no host is asked: exit code 6 means that the command line was understood, 2 that it
        // was not.
        let mut words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let config = place.write("c.toml", b"[enterprise.corp]\n").display().to_string();
        words.extend(["--config", &config]);
        let ran = place.run_on(&TestMachine::default(), &words, b"", NOW);
        assert_eq!(ran.code, 6, "{command}: {}", ran.stderr);
        assert!(ran.stderr.contains("there is no token"), "{}", ran.stderr);
    }
    for words in [&["fetch"][..], &["fetch", "cloud"], &["fetch", "server"], &["config"]] {
        let help = place.run(&[words, &["--help"]].concat()).stdout;
        assert!(help.contains("Example: oneseat "), "{words:?}: {help}");
    }
}

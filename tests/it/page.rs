//! `oneseat page` and `--format html`: one file that sends nothing anywhere, whose figures are those of the commands,
//! and on which text of the data is only text.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex_lite::Regex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::common::{Place, Ran};

/// The database of a small demo, made once.
fn database() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| {
        let place = Place::new();
        let demo = place.path("demo").display().to_string();
        let ran = place.run(&["demo", &demo, "--people", "80", "--days", "200", "--every", "20"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let last = ran.stdout.trim_end().lines().last().unwrap_or_default();
        let file = last.strip_prefix("Look at it: ").expect("the last line names the page");
        let page = std::fs::read_to_string(file).expect("the page of the demo");
        assert!(page.starts_with("<!doctype html>"), "{}", &page[..40]);
        std::fs::read(place.path("demo/oneseat.db")).expect("the database")
    })
}

/// A place with the demo's data.
fn demo() -> Place {
    let place = Place::new();
    std::fs::write(place.path("oneseat.db"), database()).expect("a database");
    place
}

/// The page on standard output.
fn page(place: &Place, more: &[&str]) -> String {
    let ran = place.run(&[&["page", "-o", "-"], more].concat());
    assert_eq!(ran.code, 0, "{more:?}: {}", ran.stderr);
    ran.stdout
}

/// What stands between two texts.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("{from} is there"));
    rest.split_once(to).unwrap_or_else(|| panic!("{to} is there")).0
}

/// The page without its style, its script and its data.
fn elements(page: &str) -> String {
    let inner =
        Regex::new(r"(?s)(<style>|<script[^>]*>).*?(</style>|</script>)").expect("a pattern");
    inner.replace_all(page, "$1$2").into_owned()
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

#[test]
fn the_policy_names_the_script_and_the_style_and_allows_nothing_else() {
    let place = demo();
    for (more, scripts) in [(&[][..], 1), (&["--people", "none"], 0)] {
        let page = page(&place, more);
        let head = between(&page, "<head>", "<meta charset");
        let policy = between(head, "Content-Security-Policy\" content=\"", "\">");
        assert!(head.trim_start().starts_with("<meta http-equiv"), "the first meta: {head}");
        let hash = |text: &str| {
            let hash = Sha256::digest(text.as_bytes());
            format!("'sha256-{}'", STANDARD.encode(hash))
        };
        let script = match scripts {
            0 => "'none'".to_owned(),
            _ => hash(between(&page, "<script>", "</script>")),
        };
        assert_eq!(page.matches("<script>").count(), scripts);
        let style = hash(between(&page, "<style>", "</style>"));
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; \
                 form-action 'none'"
            )
        );
        let elements = elements(&page);
        let attribute =
            Regex::new(r"<[a-z][^>]*\s(style|on[a-z]+|src|srcset|action)\s*=").expect("a pattern");
        let found: Vec<_> = attribute.find_iter(&elements).map(|it| it.as_str()).collect();
        assert!(found.is_empty(), "{found:?}");
        assert!(!page.contains("https://") && !page.contains("http://"), "an address of a network");
        let links = Regex::new("href=\"([^\"]*)\"").expect("a pattern");
        assert!(links.captures_iter(&elements).all(|it| it[1].starts_with('#')));
    }
}

/// The value of a path in the JSON of the page.
fn at<'j>(json: &'j Value, path: &str) -> &'j Value {
    path.split('.').fold(json, |value, step| match value {
        Value::Array(items) => {
            step.parse().ok().and_then(|it: usize| items.get(it)).unwrap_or(&Value::Null)
        }
        value => value.get(step).unwrap_or(&Value::Null),
    })
}

/// Holds every figure of a page against the JSON, and returns the paths.
fn figures(page: &str, json: &Value) -> BTreeSet<String> {
    let figure =
        Regex::new(r#"(?s)<([a-z]+)([^>]*) data-figure="([^"]+)"([^>]*)>(.*?)</([a-z]+)>"#)
            .expect("a pattern");
    let raw = Regex::new(r#"(?:value|datetime)="([^"]*)""#).expect("a pattern");
    let mut paths = BTreeSet::new();
    for found in figure.captures_iter(page) {
        let path = unescaped(&found[3]);
        let attributes = format!("{}{}", &found[2], &found[4]);
        let shown = unescaped(&found[5]);
        let value = at(json, &path);
        let carried = raw.captures(&attributes).map(|it| unescaped(&it[1]));
        match value {
            Value::Null => assert!(
                carried.is_none() && shown.chars().all(|it| it.is_alphabetic() || it == ' '),
                "{path}: {shown} for null"
            ),
            Value::String(text) => assert_eq!(carried.unwrap_or(shown), *text, "{path}"),
            other => {
                assert_eq!(carried.unwrap_or(shown).replace(',', ""), other.to_string(), "{path}")
            }
        }
        paths.insert(path);
    }
    assert_eq!(page.matches(" data-figure=").count(), figure.find_iter(page).count());
    paths
}

#[test]
fn every_figure_is_that_of_the_json() {
    let place = demo();
    for more in
        [&[][..], &["--as-of", "2026-03-03"], &["--people", "none"], &["--from", "2026-05-01"]]
    {
        let paths =
            figures(&page(&place, more), &place.json(&[&["page", "-o", "-"], more].concat()));
        for path in [
            "as_of",
            "head",
            "consumption.consumed",
            "trend.points.0.consumed",
            "trend.peak.consumed",
            "duplicates.summary.certain",
            "seats.lines.0.seats",
            "movements.movements.joined",
            "reclaim.summary.dormant",
            "sources.0.in_force.taken_at",
            "position",
        ] {
            assert!(paths.contains(path), "{more:?}: {path} of {}", paths.len());
        }
    }
}

#[test]
fn the_parts_are_the_answers_of_the_commands() {
    let place = demo();
    let page = place.json(&["page", "-o", "-"]);
    let at = page["as_of"].as_str().expect("an instant").to_owned();
    let movements = &page["movements"];
    let of = |end: &str| movements[end]["at"].as_str().expect("an instant").to_owned();
    let (from, to) = (of("from"), of("to"));
    let by = page["trend"]["by"].as_str().expect("a period").to_owned();
    for (part, words) in [
        ("consumption", vec!["consumption", "--as-of", &at]),
        ("trend", vec!["trend", "--by", &by, "--to", &at]),
        ("duplicates", vec!["duplicates", "--as-of", &at]),
        ("seats", vec!["seats", "--by", "organization", "--as-of", &at]),
        ("check", vec!["check", "--as-of", &at]),
        ("movements", vec!["diff", &from, &to, "--summary"]),
        ("reclaim", vec!["reclaim", "--as-of", &at]),
    ] {
        let ran = place.run(&[words.as_slice(), &["--json"]].concat());
        let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(page[part], answer, "{part}");
    }
    let snapshots = place.json(&["snapshots"]);
    assert_eq!(page["head"], snapshots["head"]);
    assert_eq!(page["people"]["total"], page["consumption"]["consumed"]);
    let sum = |list: &str| {
        let lines = page["doubles"][list].as_array().expect("a list").iter();
        lines.map(|it| it["findings"].as_u64().expect("a number")).sum::<u64>()
    };
    let all = page["duplicates"]["items"].as_array().expect("a list").len() as u64;
    assert_eq!([sum("by_cause"), sum("by_actor")], [all, all]);
}

#[test]
fn two_pages_of_one_instant_are_equal_byte_by_byte() {
    let place = demo();
    assert_eq!(page(&place, &[]), page(&place, &[]));
    let at = place.json(&["page", "-o", "-"])["as_of"].as_str().expect("an instant").to_owned();
    assert_eq!(page(&place, &[]), page(&place, &["--as-of", &at]));
}

#[test]
fn the_file_has_the_date_of_the_answer_and_is_for_its_owner_only() {
    let place = demo();
    let named = place.path("sub.html").display().to_string();
    let ran = place.run(&["page", "-o", &named]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains(&named), "{}", ran.stderr);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&named).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The JSON behind it, by its extension.
    let json = place.path("page.json").display().to_string();
    assert_eq!(place.run(&["page", "-o", &json]).code, 0);
    let text = std::fs::read_to_string(&json).expect("the file");
    assert!(text.contains("\"oneseat.page/1\""));
}

#[test]
fn a_page_that_cannot_be_written_leaves_nothing() {
    let place = demo();
    let before = listed(&place);
    let file = place.path("no/such/folder/page.html").display().to_string();
    let ran = place.run(&["page", "-o", &file]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    let folder = place.path("").display().to_string();
    assert_eq!(place.run(&["page", "-o", &folder]).code, 5);
    assert_eq!(listed(&place), before);
}

fn listed(place: &Place) -> BTreeSet<String> {
    let entries = std::fs::read_dir(place.path("")).expect("the folder");
    entries.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn an_instant_before_the_first_snapshot_has_no_page() {
    let place = demo();
    assert_eq!(place.run(&["page", "-o", "-", "--as-of", "2001-01-01"]).code, 7);
    assert_eq!(
        place.run(&["page", "-o", "-", "--from", "2030-01-01", "--as-of", "2026-06-29"]).code,
        2
    );
    assert_eq!(Place::new().run(&["page", "-o", "-"]).code, 7);
}

fn cloud(users: &[Value]) -> String {
    let all = users.len();
    json!({"total_seats_consumed": all, "total_seats_purchased": all + 3, "users": users})
        .to_string()
}

fn user(login: &str) -> Value {
    json!({"github_com_login": login, "github_com_name": format!("Name of {login}"),
        "github_com_saml_name_id": format!("{login}@corp.example"), "github_com_user": true,
        "github_com_member_roles": ["alpha:Member"]})
}

/// Imports files, each with its day.
fn imported(files: &[(&str, &str, &str)]) -> Place {
    let place = Place::new();
    for (name, text, day) in files {
        let file = place.write(name, text.as_bytes()).display().to_string();
        let of = if name.starts_with("ghes") {
            ["--host", "ghes1.corp.example"]
        } else {
            ["--enterprise", "corp"]
        };
        let ran = place.run(&["import", &file, "--taken-at", day, of[0], of[1]]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
    }
    place
}

const SERVER: &str = "created_at,id,login,email,role,suspended?,last_logged_ip,repos,ssh_keys,org_memberships,dormant?,last_active,raw_login,2fa_enabled?\n\
    2021-01-01 00:00:00 -0000,7,ann,ann@corp.example,user,false,10.0.0.1,1,1,1,false,2026-01-01 00:00:00 -0000,ann,false\n\
    2021-01-01 00:00:00 -0000,8,bea,bea@else.example,user,true,10.0.0.1,1,1,1,false,2026-01-01 00:00:00 -0000,bea,false\n";

/// Holds the figures of a page of these files against its JSON.
fn checked(place: &Place) -> (String, Value) {
    let (page, json) = (page(place, &[]), place.json(&["page", "-o", "-"]));
    figures(&page, &json);
    (page, json)
}

#[test]
fn few_files_make_a_true_page() {
    let ann = cloud(&[user("ann")]);
    // One snapshot, and no Server.
    let (html, json) = checked(&imported(&[("c.json", &ann, "2026-03-02")]));
    assert_eq!(json["consumption"]["consumed"], 1);
    assert!(html.contains("There is only one snapshot"));
    // No Cloud: nobody knows what was purchased.
    let (html, json) = checked(&imported(&[("ghes.csv", SERVER, "2026-03-02")]));
    assert_eq!(json["consumption"]["purchased"], Value::Null);
    assert!(html.contains("No file states how many licenses were purchased."));
    assert_eq!(json["without_seat"]["total"], 1);
    // Nobody.
    let place = Place::new();
    let file = place.write("c.json", cloud(&[]).as_bytes()).display().to_string();
    let ran = place.run(&["import", &file, "--taken-at", "2026-03-02", "--enterprise", "corp"]);
    if ran.code == 0 {
        let (html, json) = checked(&place);
        assert_eq!(json["people"]["total"], 0);
        assert!(html.contains("Nobody is listed on this page."));
    }
}

#[test]
fn a_gap_of_a_year_is_hatched() {
    let (ann, both) = (cloud(&[user("ann")]), cloud(&[user("ann"), user("bea")]));
    let place = imported(&[("c1.json", &ann, "2025-03-02"), ("c2.json", &both, "2026-03-02")]);
    let (html, json) = checked(&place);
    assert_eq!(json["trend"]["by"], "week");
    assert_eq!(html.matches("class=\"gap\"").count(), 1);
    assert!(html.contains("Hatched: no snapshot was taken for a week or longer."));
    // An instant in the gap: the trend ends there, and knows nothing of what comes after.
    let early = place.json(&["page", "-o", "-", "--as-of", "2026-02-25"]);
    assert_eq!(early["consumption"]["consumed"], 1);
    let points = early["trend"]["points"].as_array().expect("points");
    assert!(points.iter().all(|it| it["consumed"] == 1), "{points:?}");
}

/// A trend ends with the period before, where the period of the instant knows more than the instant.
#[test]
fn a_trend_knows_nothing_later_than_its_page() {
    let (ann, both) = (cloud(&[user("ann")]), cloud(&[user("ann"), user("bea")]));
    let place = imported(&[
        ("c1.json", &ann, "2025-03-02"),
        ("c2.json", &ann, "2026-02-24"),
        ("c3.json", &both, "2026-02-26"),
    ]);
    let json = place.json(&["page", "-o", "-", "--as-of", "2026-02-25"]);
    let points = json["trend"]["points"].as_array().expect("points");
    assert_eq!(points.last().expect("a point")["at"], "2026-02-22T23:59:59Z");
    assert!(points.iter().all(|it| it["consumed"] == 1), "{points:?}");
}

#[test]
fn text_of_the_data_is_only_text() {
    let evil = [
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\u{202e}txet",
        "=HYPERLINK(\"http\")",
        "\u{1b}[2J",
        "&lt;b&gt;",
        "'\"><svg onload=x>",
        "<!--",
    ];
    let users: Vec<Value> = evil.iter().enumerate().map(|(at, text)| json!({
        "github_com_login": format!("u{at}{text}"), "github_com_name": text, "github_com_user": true,
        "github_com_saml_name_id": format!("u{at}{text}@corp.example"),
        "github_com_member_roles": ["alpha:Member"],
    })).chain([user(&"x".repeat(10_000))]).collect();
    let place = imported(&[("c.json", &cloud(&users), "2026-03-02")]);
    let ordinary = imported(&[("c.json", &cloud(&[user("ann")]), "2026-03-02")]);
    let names = |page: &str| {
        let name = Regex::new("<([a-zA-Z!/][a-zA-Z-]*)").expect("a pattern");
        let found = name.captures_iter(page).map(|it| it[1].to_owned());
        found.collect::<BTreeSet<String>>()
    };
    let hostile = page(&place, &["--title", "<script>alert(1)</script>"]);
    assert_eq!(names(&elements(&hostile)), names(&elements(&page(&ordinary, &[]))));
    assert_eq!(hostile.matches("<script").count(), page(&ordinary, &[]).matches("<script").count());
    assert!(!hostile.contains('\u{202e}') && !hostile.contains('\u{1b}'));
    figures(&hostile, &place.json(&["page", "-o", "-"]));
    // The same of any answer as HTML.
    let answer = place.run(&["query", "SELECT * FROM accounts", "--format", "html"]).stdout;
    assert!(answer.contains("&lt;img src=x onerror=alert(1)&gt;"), "{answer}");
    assert!(!answer.contains("<img") && !answer.contains("<script"));
}

#[test]
fn the_sources_put_text_into_a_page_as_text_only() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/html/templates");
    let mut scripts = 0;
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the templates") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        seen += 1;
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "setTimeout(\"",
            ".style",
            "fetch(",
            "XMLHttpRequest",
            "importScripts",
            "javascript:",
        ] {
            let is_style = word == ".style" && path.extension().is_some_and(|it| it == "css");
            assert!(is_style || !text.contains(word), "{} has {word}", path.display());
        }
        if path.extension().is_some_and(|it| it == "html") {
            let attribute = Regex::new(r"\s(style|on[a-z]+)\s*=").expect("a pattern");
            assert!(!attribute.is_match(&text), "{}", path.display());
        }
        if path.extension().is_some_and(|it| it == "js") {
            scripts += text.len();
        }
    }
    assert!(seen >= 7, "the templates are found: {seen}");
    assert!(scripts <= 20 * 1024, "{scripts} bytes of script");
}

#[test]
fn what_is_left_out_is_said() {
    let place = demo();
    let all = place.json(&["page", "-o", "-"]);
    assert_eq!(all["people"]["embedded"], all["people"]["total"]);
    assert_eq!(all["left_out"], json!([]));
    let some = place.json(&["page", "-o", "-", "--people", "findings"]);
    let (embedded, total) = (some["people"]["embedded"].as_u64(), some["people"]["total"].as_u64());
    assert!(embedded > Some(0) && embedded < total, "{}", some["people"]);
    assert_eq!(some["left_out"][0]["what"], "people");
    let command = some["left_out"][0]["command"].as_str().expect("a command");
    assert!(command.starts_with("oneseat export seats --as-of "), "{command}");
    let none = page(&place, &["--people", "none"]);
    let names = place.run(&["export", "seats", "--format", "ndjson"]).stdout;
    for line in names.lines() {
        let seat: Value = serde_json::from_str(line).expect("JSON");
        for key in ["login", "name", "email"] {
            let Some(text) = seat[key].as_str() else { continue };
            assert!(!none.contains(&format!(">{text}<")), "{text}");
        }
    }
    assert!(none.contains("Nobody is listed on this page."));
}

/// The first hundred people stand on the page as rows, and a row leads to a person.
#[test]
fn people_stand_on_the_page_without_a_script() {
    let place = demo();
    let page = page(&place, &[]);
    let section = between(&page, "<section id=\"people\"", "</section>");
    let rows = between(section, "<tbody>", "</tbody>");
    let total = place.json(&["page", "-o", "-"])["people"]["total"].as_u64().expect("a number");
    assert_eq!(rows.matches("<tr>").count() as u64, total.min(100));
    assert_eq!(rows.matches("<a href=\"#person?seat=").count() as u64, total.min(100));
    for name in ["kind", "org", "host", "finding"] {
        assert!(section.contains(&format!("<select name=\"{name}\">")), "{name}");
    }
    assert!(section.contains("<input type=\"search\"") && section.contains("role=\"status\""));
    assert!(page.contains("<figure data-chart=\"trend\">"));
    assert!(
        page.contains("data-series=\"consumed\"") && page.contains("data-series=\"purchased\"")
    );
}

/// A place with a key for pseudonyms, and the option that names its configuration.
fn with_key() -> (Place, [String; 2]) {
    let place = demo();
    let key = place.path("key").display().to_string();
    let ran = place.run(&["privacy", "new-key", &key]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(std::fs::read(&key).expect("the key").len(), 32);
    assert_eq!(place.run(&["privacy", "new-key", &key]).code, 2, "no key is overwritten");
    let config = place.write("config.toml", b"[privacy]\nkey_file = \"key\"\n");
    (place, ["--config".to_owned(), config.display().to_string()])
}

fn pseudonymous(place: &Place, config: &[String; 2], more: &[&str]) -> Ran {
    let [option, file] = config;
    place.run(&[&["page", "-o", "-", "--pseudonyms", option, file], more].concat())
}

#[test]
fn pseudonyms_leave_no_name_anywhere() {
    let (place, config) = with_key();
    let html = pseudonymous(&place, &config, &[]);
    assert_eq!(html.code, 0, "{}", html.stderr);
    let json = pseudonymous(&place, &config, &["--json"]);
    let value: Value = serde_json::from_str(&json.stdout).expect("JSON");
    figures(&html.stdout, &value);
    let mut words = BTreeSet::new();
    for (table, columns) in [("accounts", &["login", "name"][..]), ("emails", &["address", "key"])]
    {
        let ran = place.run(&["query", &format!("SELECT * FROM {table}"), "--format", "ndjson"]);
        for line in ran.stdout.lines() {
            let row: Value = serde_json::from_str(line).expect("JSON");
            words.extend(columns.iter().filter_map(|it| row[*it].as_str()).map(str::to_owned));
        }
    }
    assert!(words.len() > 150, "the names are found: {}", words.len());
    for (what, text) in [("page", &html.stdout), ("JSON", &json.stdout)] {
        let found: Vec<&String> = words.iter().filter(|it| text.contains(it.as_str())).collect();
        assert!(found.is_empty(), "{what}: {found:?}");
    }
    let pseudonym = Regex::new(r"p-[a-z2-7]{12}\b").expect("a pattern");
    let rows = between(&html.stdout, "<section id=\"people\"", "</section>");
    let order: Vec<&str> =
        pseudonym.find_iter(between(rows, "<tbody>", "</tbody>")).map(|it| it.as_str()).collect();
    assert!(order.len() > 50 && order.is_sorted(), "people are listed by pseudonym");
    // The same person has the same pseudonym on another day.
    let early = pseudonymous(&place, &config, &["--as-of", "2026-03-03"]).stdout;
    let all: BTreeSet<&str> = pseudonym.find_iter(&html.stdout).map(|it| it.as_str()).collect();
    let kept = pseudonym.find_iter(&early).filter(|it| all.contains(it.as_str())).count();
    assert!(kept > 50, "{kept} are the same");
}

#[test]
fn small_organizations_have_no_name_under_pseudonyms() {
    let of = |login: &str, organization: &str| {
        let mut user = user(login);
        user["github_com_member_roles"] = json!([format!("{organization}:Member")]);
        user
    };
    let names: Vec<String> = (0..9).map(|it| format!("a{it}")).collect();
    let mut users: Vec<Value> = names.iter().map(|it| of(it, "many")).collect();
    users.extend([of("b1", "tiny"), of("b2", "tiny"), of("c1", "small")]);
    users.extend((0..6).map(|it| of(&format!("d{it}"), "next")));
    let place = imported(&[("c.json", &cloud(&users), "2026-03-02")]);
    let key = place.path("key").display().to_string();
    assert_eq!(place.run(&["privacy", "new-key", &key]).code, 0);
    let config =
        place.write("config.toml", b"[privacy]\nkey_file = \"key\"\n").display().to_string();
    let html = pseudonymous(&place, &["--config".to_owned(), config.clone()], &[]).stdout;
    assert!(!html.contains("tiny") && !html.contains(">small<") && !html.contains("\"small\""));
    // Three people alone would be found by subtraction: the next smallest organization joins them.
    let json = pseudonymous(&place, &["--config".to_owned(), config], &["--json"]).stdout;
    let value: Value = serde_json::from_str(&json).expect("JSON");
    let lines: Vec<(&str, u64)> = value["seats"]["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|it| (it["part"].as_str().expect("a part"), it["seats"].as_u64().expect("a number")))
        .collect();
    assert_eq!(lines, [("many", 9), ("(small groups)", 9)]);
}

#[test]
fn pseudonyms_need_a_key_that_others_cannot_read() {
    let place = demo();
    let config = place.write("config.toml", b"").display().to_string();
    let ran = pseudonymous(&place, &["--config".to_owned(), config], &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("privacy new-key"), "{}", ran.stderr);
    let (place, config) = with_key();
    let key = place.path("key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&key, open).expect("permissions");
        assert_eq!(pseudonymous(&place, &config, &[]).code, 2);
        let own = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&key, own).expect("permissions");
    }
    assert_eq!(pseudonymous(&place, &config, &[]).code, 0);
    std::fs::write(&key, b"too short").expect("a key");
    assert_eq!(pseudonymous(&place, &config, &[]).code, 2);
    std::fs::remove_file(&key).expect("the key");
    assert_eq!(pseudonymous(&place, &config, &[]).code, 2);
}

#[test]
fn any_answer_is_a_page_with_a_table() {
    let place = demo();
    let ran = place.run(&["duplicates", "--format", "html"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let items = place.json(&["duplicates"])["items"].as_array().expect("items").len();
    let rows = between(&ran.stdout, "<tbody>", "</tbody>");
    assert_eq!(rows.matches("<tr>").count(), items);
    assert!(ran.stdout.contains("script-src 'none'"));
    // More than a thousand rows: the rest is data.
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7000) SELECT i, 'x' || i AS x FROM n";
    let html = place.run(&["query", many, "--format", "html"]).stdout;
    assert_eq!(between(&html, "<tbody>", "</tbody>").matches("<tr>").count(), 1_000);
    let packed = between(&html, "id=\"rows-data\" data-packed=\"gzip\">", "</script>");
    let packed = STANDARD.decode(packed).expect("base64");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed[..]), &mut text)
        .expect("gzip");
    let columns: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(columns[0].as_array().expect("a column").len(), 7_000);
    assert_eq!(columns[1][6_999], "x7000");
    let file = place.path("answer.html").display().to_string();
    assert_eq!(place.run(&["consumption", "-o", &file]).code, 0);
    assert!(std::fs::read_to_string(&file).expect("the file").starts_with("<!doctype html>"));
}

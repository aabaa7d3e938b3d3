//! Row forms, widths, and the format that the name of an output file implies.

use serde_json::json;

use crate::common::{NOW, Place, TestMachine};

fn ledger() -> Place {
    let place = Place::new();
    let cloud = json!({"total_seats_consumed": 4, "total_seats_purchased": 12_000, "users": [
        {"github_com_login": "ada", "github_com_user": true},
        {"github_com_login": "ada", "github_com_user": true},
        {"github_com_login": "bob", "github_com_user": true},
        {"github_com_login": "", "visual_studio_subscription_user": true, "github_com_user": false,
         "enterprise_server_user": false, "visual_studio_subscription_email": "eve@vs.example"},
    ]});
    let file = place.write("cloud.json", cloud.to_string().as_bytes()).display().to_string();
    let words = ["import", &file, "--enterprise", "corp", "--taken-at", "2026-11-20T12:00:00Z"];
    place.json(&[&words[..], &["--accept-short", "a test"]].concat());
    place
}

#[test]
fn the_rows_of_a_reconciliation_have_both_ends() {
    let ran = ledger().run(&["reconcile", "--format", "csv"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[1].starts_with("reported,4,"), "{}", ran.stdout);
    // The total equals the rows, so it counts both the repeated row and the subscriber.
    assert!(lines.iter().any(|line| line.starts_with("row-repeated,-1,ada,")), "{}", ran.stdout);
    assert!(lines.iter().any(|line| line.starts_with("row-without-license,-1,")), "{}", ran.stdout);
    assert!(lines[lines.len() - 2].starts_with("unexplained,0,"), "{}", ran.stdout);
    assert!(lines[lines.len() - 1].starts_with("computed,2,"), "{}", ran.stdout);
    let told = ledger().run(&["reconcile", "--format", "ndjson"]).stdout;
    assert!(told.starts_with("{\"cause\":\"reported\""), "{told}");
}

#[test]
fn the_name_of_the_output_file_says_the_format() {
    let place = ledger();
    for (name, begins) in [
        ("a.json", "{\n"),
        ("a.CSV", "as_of,"),
        ("a.tsv", "as_of\t"),
        ("a.ndjson", "{\"schema\""),
        ("a.md", "| as"),
        ("a.xlsx", "PK"),
        ("a.txt", "GitHub Enterprise"),
        ("a", "GitHub Enterprise"),
    ] {
        let file = place.path(name);
        let ran = place.run(&["consumption", "-o", &file.display().to_string()]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let bytes = std::fs::read(&file).expect("the file");
        let text = String::from_utf8_lossy(&bytes);
        let text = text.replacen("schema,", "", 1).replacen("schema\t", "", 1).replacen(
            "schema | ",
            "",
            1,
        );
        assert!(text.starts_with(begins), "{name}: {}", &text[..text.len().min(80)]);
    }
    // An explicit format takes precedence.
    let file = place.path("b.csv").display().to_string();
    assert_eq!(place.run(&["consumption", "-o", &file, "--json"]).code, 0);
    assert!(std::fs::read_to_string(place.path("b.csv")).expect("it").starts_with("{\n"));
}

#[test]
fn options_of_another_format_are_a_wrong_command_line() {
    let place = ledger();
    for words in [
        &["--bom"][..],
        &["--delimiter", ";", "--json"],
        &["--decimal-comma", "--format", "markdown"],
        &["--raw-cells", "--format", "xlsx", "-o", "x.xlsx"],
        &["--stamped"],
        &["--stamped", "--json"],
    ] {
        let ran = place.run(&[&["consumption"], words].concat());
        assert_eq!(ran.code, 2, "{words:?}");
        assert!(ran.stderr.contains(words[0]), "{words:?}: {}", ran.stderr);
    }
    for words in [&["--format", "csv", "--bom"][..], &["--format", "ndjson", "--stamped"]] {
        assert_eq!(place.run(&[&["consumption"], words].concat()).code, 0, "{words:?}");
    }
}

#[test]
fn a_table_that_goes_to_no_terminal_has_a_width() {
    let place = ledger();
    let statement = "SELECT 'a rather long text that takes some room' AS one, \
                     'another one that takes just as much of it' AS two, 2026 AS year, 1234567 AS id";
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let without = place.run(&["query", statement]).stdout;
    assert!(widest(&without) <= 100, "{without}");
    let mut machine = TestMachine::default();
    machine.variables.insert("COLUMNS".to_owned(), "300".to_owned());
    let wide = place.run_on(&machine, &["query", statement], b"", NOW).stdout;
    assert!(widest(&wide) > 100, "{wide}");
    // Years and ids are no quantities.
    assert!(wide.contains("2026") && wide.contains("1234567"), "{wide}");
    assert!(place.run(&["consumption"]).stdout.contains("12,000"));
}

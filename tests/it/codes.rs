//! The codes that answers print, with their meanings: `fixtures/codes.txt`, and section 6 of the interface. Scripts
//! rely on them, so every change is reviewed. `ONESEAT_BLESS=1` writes the present list; read the difference before
//! you commit it.

use oneseat::code::FAMILIES;
use regex_lite::Regex;

use crate::common::fixtures;
use crate::tidy::{code, sources};

const INTERFACE: &str = include_str!("../../docs/interface.md");

#[test]
fn every_code_is_as_it_was() {
    let mut listed = Vec::new();
    for (family, codes) in FAMILIES {
        let codes = codes.iter().map(|(code, meaning)| format!("  {code}:{meaning}\n"));
        listed.push(format!("{family}\n{}", codes.collect::<String>()));
    }
    let listed = listed.join("\n");
    let path = fixtures().join("codes.txt");
    if std::env::var_os("ONESEAT_BLESS").is_some() {
        std::fs::write(&path, &listed).expect("writable");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), listed);
}

#[test]
fn every_code_is_in_the_interface_with_its_meaning() {
    let rows = FAMILIES.iter().flat_map(|(_, codes)| codes.iter());
    let rows = rows.map(|(code, meaning)| format!("| `{code}` |{meaning} |"));
    let missing: Vec<String> =
        rows.filter(|row| !INTERFACE.lines().any(|line| line == row)).collect();
    assert!(missing.is_empty(), "docs/interface.md section 6 lacks:\n{}", missing.join("\n"));
}

/// The name of the variant of a code.
fn variant(code: &str) -> String {
    let words = code.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

#[test]
fn a_code_is_used_by_its_variant_and_every_variant_is_used() {
    let sources: Vec<_> =
        sources().into_iter().filter(|(path, _)| !path.ends_with("src/code.rs")).collect();
    // A code that is a text: a field of that type, or a literal where codes are passed or compared.
    let text = Regex::new(
        r#"\bcode: (Option<)?(&'static str|&str|String)|\bcode(: | == | != |\()"|\b(warn|warn_of|broken|find|look)\(\s*"[a-z-]+","#,
    )
    .expect("a pattern");
    let mut wrong = Vec::new();
    let mut all = String::new();
    for (path, source) in &sources {
        let source = code(path, source);
        for found in text.find_iter(&source) {
            wrong.push(format!("{}: {} is of no family", path.display(), found.as_str()));
        }
        all.push_str(&source);
    }
    for (family, codes) in FAMILIES {
        for (code, _) in *codes {
            let used = Regex::new(&format!(r"\b{family}::{}\b", variant(code))).expect("a pattern");
            if !used.is_match(&all) {
                wrong.push(format!("{family} has {code}, which nothing prints"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_are_recognized_by_their_form() {
    let form = Regex::new("^[a-z]+(-[a-z]+)*$").expect("a pattern");
    for (family, codes) in FAMILIES {
        assert!(!codes.is_empty(), "{family} has codes");
        for (code, meaning) in *codes {
            assert!(form.is_match(code), "{code}: lower case with hyphens");
            assert!(meaning.ends_with('.'), "{code}: a sentence says what it means");
        }
    }
    assert_eq!(variant("log-of-another-file"), "LogOfAnotherFile");
}

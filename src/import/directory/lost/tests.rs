//! People who would be lost, or would count as leavers, because a part of the file is missing or means nothing: such
//! files are refused, or read with a warning that says why.

use super::tests::read_texts;
use crate::code::WarningCode;
use crate::model::{ActiveWords, DirectoryEntry, DirectoryMapping};

/// The refusal of a file.
fn refusal(file: &str, mapping: Option<&DirectoryMapping>) -> String {
    let error = read_texts(&[file.as_bytes()], mapping).expect_err(file);
    error.report(false)
}

/// The messages of the warnings of a file with this code.
fn warnings(file: &str, mapping: Option<&DirectoryMapping>, wanted: WarningCode) -> Vec<String> {
    let read = read_texts(&[file.as_bytes()], mapping).expect(file);
    let all = read.facts.warnings.into_iter();
    all.filter(|(code, _)| *code == wanted).map(|(_, message)| message).collect()
}

#[test]
fn null_in_place_of_a_page_or_an_entry_refuses_the_file() {
    const USER: &str = r#"{"id":"1","userPrincipalName":"a@x.example","otherMails":null}"#;
    for (file, line) in [
        (format!(r#"{{"value":[{USER}]}}"#) + "\nnull", 2),
        (format!("[{{\"value\":[{USER}]}},\n{{\"value\":\nnull}}]"), 3),
        (format!("[[{USER}],\nnull]"), 2),
        (format!("[{USER},\nnull,\n{USER}]"), 2),
        (format!("{{\"value\":[{USER},\nnull]}}"), 2),
    ] {
        let told = refusal(&file, None);
        let expected =
            format!("list:{line}: null is in place of a page or an entry; entries before it: 1");
        assert!(told.contains(&expected), "{told}");
    }
    read_texts(&[USER.as_bytes()], None).expect("a field of an entry may be null");
}

//! Every reader of employee directories, on any bytes; LDIF first, since it has a grammar of its own.
#![no_main]

use std::io::Cursor;

use oneseat::error::ErrorKind;
use oneseat::import::Input;
use oneseat::import::directory::{DIRECTORY_READERS, read, recognize};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let input = || Input::new("fuzz".to_owned(), Box::new(Cursor::new(bytes.to_vec())));
    if let Ok(input) = input() {
        let _reader = recognize(&input, None);
    }
    for reader in DIRECTORY_READERS {
        let result = input().and_then(|input| read(reader, &mut [input], None));
        match result {
            Ok(list) => {
                for (at, entry) in list.entries.iter().enumerate() {
                    assert_eq!(list.entries.id(at), entry.id);
                    assert_eq!(list.entries.best_address(at), entry.best_address());
                }
                assert_eq!(list.entries.iter().count(), list.entries.len());
                assert!(list.facts.rows >= list.entries.len() as u64);
            }
            Err(error) => assert_eq!(error.kind, ErrorKind::Input, "{}", error.report(true)),
        }
    }
});

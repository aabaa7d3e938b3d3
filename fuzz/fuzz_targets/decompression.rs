//! Compressed bytes: as they are, and after the marks of gzip, zstd and UTF-16.
#![no_main]

use std::io::{Cursor, Read};

use oneseat::import::Input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let marks: [&[u8]; 4] = [&[], &[0x1f, 0x8b, 8, 0], &[0x28, 0xb5, 0x2f, 0xfd], &[0xff, 0xfe]];
    for mark in marks {
        let all = [mark, bytes].concat();
        let Ok(mut input) = Input::new("fuzz".to_owned(), Box::new(Cursor::new(all))) else {
            continue;
        };
        let mut buffer = [0; 4096];
        let mut reader = input.reader();
        while let Ok(1..) = reader.read(&mut buffer) {}
    }
});

//! Recognition, then the reader that says yes, on any bytes.
#![no_main]

mod common;

use std::io::Cursor;

use oneseat::import::{Input, Outline, recognize};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let stream = Box::new(Cursor::new(bytes.to_vec()));
    let Ok(input) = Input::new("fuzz".to_owned(), stream) else { return };
    let _why = Outline::of(input.head()).why_unknown().report(true);
    if let Ok(found) = recognize(&input) {
        common::read(bytes, |reader| reader.format() == found.format());
    }
});

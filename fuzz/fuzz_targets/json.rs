//! Every reader of JSON, on any bytes.
#![no_main]

mod common;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    common::read(bytes, |reader| !reader.format().ends_with("-csv"));
});

//! The quick way of reading records against the strict one: any bytes as a file, as what follows a row
//! that is written plainly, and as what that row has behind its first value.
#![no_main]

mod common;

/// The beginning of a file up to its first row's second value, the rest of that row, and the end.
const FRAMES: [[&str; 3]; 2] = [
    [
        r#"{"total_seats_consumed":2,"users":[{"github_com_login":"ada","github_com_user":"#,
        r#"true,"github_com_verified_domain_emails":["a@x.example"],"n":1}"#,
        "]}",
    ],
    [
        r#"{"host_name":"ghes.x.example","users":[{"login":"ada","id":"#,
        r#"7,"emails":[{"email":"a@x.example","primary":true}],"suspended":false}"#,
        "]}",
    ],
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    common::read_both_ways(bytes);
    for [begin, rest, end] in FRAMES.map(|frame| frame.map(str::as_bytes)) {
        let row = &begin[begin.iter().rposition(|byte| *byte == b'{').unwrap_or(0)..];
        common::read_both_ways(&[begin, rest, b",", bytes, end].concat());
        common::read_both_ways(&[begin, rest, b",\n", row, bytes, end].concat());
        common::read_both_ways(&[begin, rest, b",", row, bytes, b",", row, rest, end].concat());
    }
});

//! Answers of a host that was made to do harm, as bytes: heads, lengths, codings, links, bodies.
//!
//! What it is: a table. May assume: the sound answer, which many of them distort. Must not: know who asks, or
//! how it ends.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::servers::TOKEN;

/// What the host does after its bytes.
pub enum Then {
    /// Waits for the next request.
    Stay,
    Close,
    /// Sends nothing more, and keeps the connection.
    Stall,
    /// Sends these bytes again and again, with a pause in between.
    Again(fn() -> Vec<u8>, Duration),
}

/// A way to answer.
pub struct Way {
    pub name: &'static str,
    /// The bytes, from the host's address and the sound answer.
    pub bytes: fn(&str, &[u8]) -> Vec<u8>,
    pub then: Then,
}

/// An answer with the right length.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         {headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A person of the report.
pub fn person(number: usize) -> Value {
    json!({"github_com_login": format!("user-{number:06}"), "github_com_user": true,
        "enterprise_server_user": false, "visual_studio_subscription_user": false,
        "license_type": "enterprise", "github_com_enterprise_roles": ["Member"],
        "github_com_verified_domain_emails": [format!("user{number}@corp.example")],
        "github_com_saml_name_id": format!("user{number}@corp.example"),
        "enterprise_server_user_ids": [], "enterprise_server_primary_emails": []})
}

/// The token itself.
pub fn plain() -> String {
    TOKEN.to_owned()
}

/// The token with every byte percent-encoded.
pub fn percent() -> String {
    TOKEN.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The token alone in the form of Basic authorization.
pub fn base64() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in TOKEN.as_bytes().chunks_exact(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        for place in (0..4).rev() {
            text.push(char::from(LETTERS[(bits >> (6 * place) & 63) as usize]));
        }
    }
    text
}

/// The body of the page.
fn body_of(sound: &[u8]) -> &[u8] {
    let at = sound.windows(4).position(|four| four == b"\r\n\r\n");
    at.map_or(&[], |at| &sound[at + 4..])
}

/// The page with one text replaced.
fn replaced(sound: &[u8], from: &str, to: &str) -> Vec<u8> {
    let body = String::from_utf8_lossy(body_of(sound)).replace(from, to);
    answer("200 OK", "", body.as_bytes())
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let written = packer.write_all(bytes).and_then(|()| packer.finish());
    written.unwrap_or_default()
}

fn error(message: &str) -> Vec<u8> {
    json!({"message": message, "documentation_url": "https://docs.github.com/rest"})
        .to_string()
        .into_bytes()
}

/// A page with this address as the next one.
fn linked(sound: &[u8], to: &str) -> Vec<u8> {
    answer("200 OK", &format!("link: <{to}>; rel=\"next\"\r\n"), body_of(sound))
}

const fn way(name: &'static str, then: Then, bytes: fn(&str, &[u8]) -> Vec<u8>) -> Way {
    Way { name, bytes, then }
}

const NEVER: Duration = Duration::from_millis(0);
const SLOWLY: Duration = Duration::from_millis(300);

pub static WAYS: [Way; 77] = [
    // The status line.
    way("no bytes", Then::Close, |_, _| Vec::new()),
    way("nothing, for ever", Then::Stall, |_, _| Vec::new()),
    way("a status line that never ends", Then::Again(|| vec![b'x'; 65_536], NEVER), |_, _| {
        b"HTTP/1.1 200 ".to_vec()
    }),
    way("no HTTP", Then::Close, |_, _| b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
    way("HTTP 0.9", Then::Close, |_, sound| body_of(sound).to_vec()),
    way("HTTP 2 without being asked", Then::Close, |_, _| {
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec()
    }),
    way("TLS alert", Then::Close, |_, _| b"\x15\x03\x01\x00\x02\x02\x28".to_vec()),
    way("status 000", Then::Close, |_, _| answer("000 None", "", b"{}")),
    way("status 999", Then::Close, |_, _| answer("999 More", "", b"{}")),
    way("a status that is no number", Then::Close, |_, _| answer("OK 200", "", b"{}")),
    way(
        "100 Continue, for ever",
        Then::Again(|| b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), SLOWLY),
        |_, _| Vec::new(),
    ),
    way("101 Switching Protocols", Then::Stay, |_, _| {
        b"HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n".to_vec()
    }),
    way("204 with a body", Then::Close, |_, sound| answer("204 No Content", "", body_of(sound))),
    way("206", Then::Stay, |_, sound| answer("206 Partial Content", "", body_of(sound))),
    way("304", Then::Stay, |_, _| b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()),
    way("400", Then::Stay, |_, _| answer("400 Bad Request", "", &error("no"))),
    way("401", Then::Stay, |_, _| answer("401 Unauthorized", "", &error("Bad credentials"))),
    way("403 with a limit", Then::Stay, |_, _| {
        answer(
            "403 Forbidden",
            "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 99999999999999999999\r\n",
            &error("API rate limit exceeded"),
        )
    }),
    way("404", Then::Stay, |_, _| answer("404 Not Found", "", &error("Not Found"))),
    way("410", Then::Stay, |_, _| answer("410 Gone", "", &error("Gone"))),
    way("418", Then::Stay, |_, _| answer("418 Teapot", "", b"short and stout")),
    way("429, Retry-After of a year", Then::Stay, |_, _| {
        answer("429 Too Many", "retry-after: 31536000\r\n", &error("slow down"))
    }),
    way("429, Retry-After below zero", Then::Stay, |_, _| {
        answer("429 Too Many", "retry-after: -7\r\n", &error("slow down"))
    }),
    way("429, Retry-After of no meaning", Then::Stay, |_, _| {
        answer("429 Too Many", "retry-after: \u{1f600}\r\n", &error("slow down"))
    }),
    way("451", Then::Stay, |_, _| answer("451 Legal", "", b"")),
    way("500", Then::Stay, |_, _| answer("500 Error", "", b"")),
    way("503 in HTML", Then::Stay, |_, _| answer("503 Unavailable", "", b"<html>\x1b[2J</html>")),
    // Redirects and links.
    way("a circle of redirects", Then::Stay, |url, _| {
        answer("302 Found", &format!("location: {url}/enterprises/corp/consumed-licenses\r\n"), b"")
    }),
    way("a redirect to another host", Then::Stay, |_, _| {
        answer("302 Found", "location: http://127.0.0.2:9/\r\n", b"")
    }),
    way("a redirect to a file", Then::Stay, |_, _| {
        answer("301 Moved", "location: file:///etc/passwd\r\n", b"")
    }),
    way("a redirect to nowhere", Then::Stay, |_, _| answer("307 Temporary", "location: \r\n", b"")),
    way("a redirect without a place", Then::Stay, |_, _| answer("308 Permanent", "", b"")),
    way("a redirect with the token", Then::Stay, |url, _| {
        answer("302 Found", &format!("location: {url}/{TOKEN}\r\n"), b"")
    }),
    way("the next page on another host", Then::Stay, |_, sound| {
        linked(sound, "http://127.0.0.2:9/enterprises/corp/consumed-licenses?page=2")
    }),
    way("the next page is this page", Then::Stay, |url, sound| {
        linked(sound, &format!("{url}/enterprises/corp/consumed-licenses?per_page=100"))
    }),
    way("the next page is a file", Then::Stay, |_, sound| linked(sound, "file:///etc/passwd")),
    way("the next page is relative", Then::Stay, |_, sound| linked(sound, "//127.0.0.2/x?page=2")),
    way("the next page with the token", Then::Stay, |url, sound| {
        linked(sound, &format!("{url}/x?access_token={TOKEN}"))
    }),
    way("the next page has no end", Then::Stay, |url, sound| {
        linked(sound, &format!("{url}/{}", "x".repeat(60_000)))
    }),
    way("a link that is none", Then::Stay, |_, sound| {
        answer("200 OK", "link: <<<>;;;,\"\\rel=next\r\n", body_of(sound))
    }),
    way("ten thousand links", Then::Stay, |url, sound| {
        let link = format!("<{url}/x?page=2>; rel=\"last\", ");
        answer("200 OK", &format!("link: {}\r\n", link.repeat(1000)), body_of(sound))
    }),
    // Heads.
    way("a head of 4 MB", Then::Stay, |_, sound| {
        answer("200 OK", &format!("x-much: {}\r\n", "x".repeat(4_000_000)), body_of(sound))
    }),
    way("ten thousand headers", Then::Stay, |_, sound| {
        answer("200 OK", &"x-many: 1\r\n".repeat(10_000), body_of(sound))
    }),
    way("a header without a colon", Then::Close, |_, sound| {
        answer("200 OK", "nothing at all\r\n", body_of(sound))
    }),
    way("a header with a NUL", Then::Close, |_, sound| {
        answer("200 OK", "x-nul: a\0b\r\n", body_of(sound))
    }),
    way("the token in a header", Then::Stay, |_, sound| {
        answer("200 OK", &format!("x-echo: Bearer {TOKEN}\r\n"), body_of(sound))
    }),
    way("the token in a header of an error", Then::Stay, |_, _| {
        answer("400 Bad", &format!("x-github-request-id: {TOKEN}\r\n"), &error("no"))
    }),
    // Lengths and codings.
    way("two lengths", Then::Close, |_, sound| {
        answer("200 OK", "content-length: 5\r\n", body_of(sound))
    }),
    way("a length that is too long", Then::Close, |_, sound| {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
        [head.as_bytes(), body_of(sound)].concat()
    }),
    way("a length of no number", Then::Close, |_, sound| {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n";
        [head.as_bytes(), body_of(sound)].concat()
    }),
    way("a length of 2^64", Then::Stall, |_, sound| {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n";
        [head.as_bytes(), body_of(sound)].concat()
    }),
    way("a length that is cut short", Then::Close, |_, sound| {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 700\r\n\r\n";
        [head.as_bytes(), body_of(sound)].concat()
    }),
    way("chunks of no size", Then::Close, |_, _| {
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n".to_vec()
    }),
    way("a chunk of 2^63", Then::Stall, |_, _| {
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8000000000000000\r\n{".to_vec()
    }),
    way("chunks that never end", Then::Again(|| b"4\r\n    \r\n".repeat(8192), NEVER), |_, _| {
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()
    }),
    way("packed, and it is not", Then::Stay, |_, sound| {
        answer("200 OK", "content-encoding: gzip\r\n", body_of(sound))
    }),
    way("packed by no known way", Then::Stay, |_, sound| {
        answer("200 OK", "content-encoding: br\r\n", body_of(sound))
    }),
    way("packed and cut", Then::Close, |_, sound| {
        let packed = packed(body_of(sound));
        answer("200 OK", "content-encoding: gzip\r\n", &packed[..packed.len() / 2])
    }),
    way("a gigabyte in a megabyte", Then::Stay, |_, _| {
        answer("200 OK", "content-encoding: gzip\r\n", &packed(&vec![b' '; 1 << 28]))
    }),
    way("a token that is packed", Then::Stay, |_, sound| {
        let body = String::from_utf8_lossy(body_of(sound)).replace("user-00000", TOKEN);
        answer("200 OK", "content-encoding: gzip\r\n", &packed(body.as_bytes()))
    }),
    // Time.
    way("a byte now and then", Then::Again(|| b" ".to_vec(), SLOWLY), |_, _| {
        b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n".to_vec()
    }),
    way("half a body, and nothing more", Then::Stall, |_, sound| sound[..sound.len() / 2].to_vec()),
    way("half a body, and the end", Then::Close, |_, sound| sound[..sound.len() / 2].to_vec()),
    way("a body that never ends", Then::Again(|| vec![b' '; 65_536], NEVER), |_, _| {
        b"HTTP/1.1 200 OK\r\n\r\n{\"total_seats_consumed\": 250, \"users\": [".to_vec()
    }),
    // Bodies.
    way("no JSON", Then::Stay, |_, _| answer("200 OK", "", b"<html>Sign in</html>")),
    way("an empty body", Then::Stay, |_, _| answer("200 OK", "", b"")),
    way("null", Then::Stay, |_, _| answer("200 OK", "", b"null")),
    way("an error under 200", Then::Stay, |_, _| answer("200 OK", "", &error("Server Error"))),
    way("users: null", Then::Stay, |_, _| {
        answer("200 OK", "", b"{\"total_seats_consumed\":250,\"users\":null}")
    }),
    way("nobody, and 250 consumed", Then::Stay, |_, _| {
        answer("200 OK", "", b"{\"total_seats_consumed\":250,\"users\":[]}")
    }),
    way("a hundred thousand brackets", Then::Stay, |_, _| {
        answer("200 OK", "", "[".repeat(100_000).as_bytes())
    }),
    way("the same people on every page", Then::Stay, |url, _| {
        let people: Vec<Value> = (0..100).map(person).collect();
        let body = json!({"total_seats_consumed": 250, "users": people}).to_string();
        let next =
            format!("link: <{url}/enterprises/corp/consumed-licenses?page=2>; rel=\"next\"\r\n");
        answer("200 OK", &next, body.as_bytes())
    }),
    way("rubbish behind the page", Then::Stay, |_, sound| {
        answer("200 OK", "", &[body_of(sound), b"]]]]".as_slice()].concat())
    }),
    way("bytes that are no text", Then::Stay, |_, sound| {
        let mut body = body_of(sound).to_vec();
        let middle = body.len() / 2;
        body[middle] = 0xff;
        answer("200 OK", "", &body)
    }),
    way("the token as a name", Then::Stay, |_, sound| replaced(sound, "user-0000", TOKEN)),
    way("the token as a name, percent-encoded", Then::Stay, |_, sound| {
        replaced(sound, "user-0000", &percent())
    }),
    way("the token in an error", Then::Stay, |_, _| {
        answer("422 Unprocessable", "", &error(&format!("bad token {TOKEN}\u{1b}[2J {}", base64())))
    }),
];
